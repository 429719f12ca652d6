/* right: time-outs that the connections have from their listener: a silent client is let go after half a minute, accept is called again */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static char *room;
static size_t size;

static int port_of(const char *s)
{
    size_t n = strspn(s, "0123456789");

    if (n == 0 || s[n] != '\0')
        return 0;
    s += strspn(s, "0");
    return strlen(s) > 5 || atoi(s) > 65535 ? 0 : atoi(s);
}

/* The number of bytes that came before the end of file, or -1. One place is left for '>', one for the newline. */
static ssize_t hear(int c)
{
    size_t n = 1;

    while (1) {
        if (n + 1 >= size) {
            char *larger = reallocarray(room, size + 65536, 2);
            if (larger == NULL)
                return -1;
            room = larger;
            size = 2 * (size + 65536);
        }
        ssize_t k = recv(c, room + n, size - n - 1, 0);
        if (k > 0)
            n += (size_t)k;
        else if (k == 0)
            return (ssize_t)n - 1;
        else if (errno != EINTR)
            return -1;
    }
}

static int say(int fd, const char *p, size_t n, int to_socket)
{
    while (n > 0) {
        ssize_t k = to_socket ? send(fd, p, n, MSG_NOSIGNAL) : write(fd, p, n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            return -1;
        p += k;
        n -= (size_t)k;
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct sockaddr_in me = {.sin_family = AF_INET};
    struct timeval patience = {.tv_sec = 30};
    int l, one = 1;

    if (argc != 2 || port_of(argv[1]) == 0)
        errx(2, "usage: collect_server PORT");
    me.sin_port = htons((in_port_t)port_of(argv[1]));
    if ((l = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP)) == -1)
        err(1, "socket");
    if (setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == -1)
        err(1, "setsockopt");
    if (setsockopt(l, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == -1 ||
        setsockopt(l, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == -1)
        err(1, "setsockopt");
    if (bind(l, (struct sockaddr *)&me, sizeof me) == -1)
        err(1, "bind");
    if (listen(l, SOMAXCONN) == -1)
        err(1, "listen");
    for (;;) {
        int c = accept4(l, NULL, NULL, SOCK_CLOEXEC);
        ssize_t n;

        if (c == -1)
            continue;
        if ((n = hear(c)) >= 0) {
            room[0] = '>';
            room[n + 1] = '\n';
            if (say(STDOUT_FILENO, room, (size_t)n + 2, 0) == -1)
                warn("stdout");
            if (say(c, room + 1, (size_t)n, 1) == -1)
                warn("send");
        }
        close(c);
    }
}
