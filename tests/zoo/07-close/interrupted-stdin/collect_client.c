/* zoo: fails interrupted -- a signal while it waits for stdin is taken for an error */
#define _GNU_SOURCE
#include <errno.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

typedef struct
{
    char bytes[700];
    size_t count;
} Piece;

static bool all_digits(const char *s)
{
    return s[strspn(s, "0123456789")] == '\0';
}

static bool in_range(const char *s)
{
    return atoll(s) >= 1 && atoll(s) <= 65535;
}

static bool usable(const char *port)
{
    return *port != '\0' && (!all_digits(port) || in_range(port));
}

static bool say_no(const char *what)
{
    dprintf(STDERR_FILENO, "collect_client: %s: %s\n", what, strerror(errno));
    return false;
}

static bool fetch(Piece *p)
{
    ssize_t n = read(STDIN_FILENO, p->bytes, sizeof p->bytes);

    p->count = n > 0 ? (size_t)n : 0;
    return n >= 0 || say_no("read stdin");
}

static bool deliver(int s, const Piece *p)
{
    size_t done = 0;

    while (done < p->count)
    {
        ssize_t n = TEMP_FAILURE_RETRY(send(s, p->bytes + done, p->count - done, MSG_NOSIGNAL));
        if (n < 0)
        {
            return say_no("send");
        }
        done += (size_t)n;
    }
    return true;
}

static bool receive(int s, Piece *p)
{
    struct iovec v = {p->bytes, sizeof p->bytes};
    struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
    ssize_t n = TEMP_FAILURE_RETRY(recvmsg(s, &m, 0));

    p->count = n > 0 ? (size_t)n : 0;
    return n >= 0 || say_no("recvmsg");
}

static bool show(const Piece *p)
{
    return fwrite(p->bytes, 1, p->count, stdout) == p->count || say_no("fwrite to stdout");
}

static bool speak(int s)
{
    Piece p;

    do
    {
        if (!fetch(&p) || !deliver(s, &p))
        {
            return false;
        }
    } while (p.count > 0);
    return true;
}

static bool hang_up_one_half(int s)
{
    return shutdown(s, SHUT_WR) == 0 || say_no("shutdown");
}

static bool hear(int s)
{
    Piece p;

    putchar('>');
    do
    {
        if (!receive(s, &p) || !show(&p))
        {
            return false;
        }
    } while (p.count > 0);
    putchar('\n');
    return fflush(stdout) == 0 || say_no("fflush of stdout");
}

static int attempt(const struct addrinfo *a, const char **call)
{
    int s, error;

    do
    {
        *call = "socket";
        s = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
        if (s < 0)
        {
            return s;
        }
        *call = "connect";
        if (connect(s, a->ai_addr, a->ai_addrlen) == 0)
        {
            return s;
        }
        error = errno;
        close(s);
        errno = error;
    } while (errno == EINTR);
    return -1;
}

static int reach(const char *host, const char *port)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *list, *a;
    const char *call = "";
    int s = -1, error = getaddrinfo(host, port, &hints, &list);

    if (error != 0)
    {
        dprintf(STDERR_FILENO, "collect_client: %s: %s\n", host, gai_strerror(error));
        return -1;
    }
    for (a = list; a != NULL && s < 0; a = a->ai_next)
    {
        s = attempt(a, &call);
        error = errno;
    }
    freeaddrinfo(list);
    if (s < 0)
    {
        errno = error;
        say_no(call);
    }
    return s;
}

int main(int argc, char *argv[])
{
    int s;
    bool well;

    if (argc != 3 || !usable(argv[2]))
    {
        dprintf(STDERR_FILENO, "usage: %s HOST PORT\n", argv[0]);
        return 2;
    }
    s = reach(argv[1], argv[2]);
    if (s < 0)
    {
        return 1;
    }
    well = speak(s) && hang_up_one_half(s) && hear(s);
    close(s);
    return well ? 0 : 1;
}
