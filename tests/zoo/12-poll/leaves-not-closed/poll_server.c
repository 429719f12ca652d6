/* zoo: fails descriptors half-closed leaves long-line order slow-reader would-block -- who leaves is forgotten and not closed */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <sys/select.h>

enum { LINE = 1024, MOST = 1 << 20 };

static struct guest {
    char here, leaving, in[LINE], *out;
    size_t in_size, out_size;
} guest[FD_SETSIZE];
static int highest;

static int read_port(const char *s)
{
    char *end;
    if (*s < '0' || *s > '9')
        return 0;
    long n = strtol(s, &end, 10);
    return *end == '\0' && n >= 1 && n <= 65535 ? (int)n : 0;
}

static int open_door(int port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int one = 1, s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (s < 0)
        err(1, "socket");
    if (setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) < 0)
        err(1, "setsockopt");
    if (bind(s, (struct sockaddr *)&a, sizeof a) < 0)
        err(1, "bind");
    if (listen(s, SOMAXCONN) < 0)
        err(1, "listen");
    return s;
}

static void lose(int fd)
{
    free(guest[fd].out);
    memset(&guest[fd], 0, sizeof guest[fd]);
}

/* Nothing is closed while lines are being handed round: a guest that is lost is only marked. */
static void give(int fd, const char *text, size_t size)
{
    struct guest *g = &guest[fd];
    ssize_t n = 0;
    if (g->out_size == 0) {
        n = send(fd, text, size, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return; /* select will say that it can be read, and then it is lost */
        if (n < 0)
            n = 0;
    }
    size -= (size_t)n;
    if (size == 0)
        return;
    if (g->out_size + size > MOST) {
        g->here = 2;
        return;
    }
    g->out = realloc(g->out, g->out_size + size);
    if (!g->out)
        err(1, "realloc");
    memcpy(g->out + g->out_size, text + n, size);
    g->out_size += size;
}

static void round_robin(int from, const char *text, size_t size)
{
    for (int fd = 0; fd <= highest; fd++)
        if (guest[fd].here == 1 && !guest[fd].leaving && fd != from)
            give(fd, text, size);
}

static void hear(int fd)
{
    struct guest *g = &guest[fd];
    ssize_t n = recv(fd, g->in + g->in_size, LINE - g->in_size, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n == 0 && g->out_size > 0) {
        g->leaving = 1;
        return;
    }
    if (n <= 0) {
        lose(fd);
        return;
    }
    g->in_size += (size_t)n;
    char *end;
    while ((end = memchr(g->in, '\n', g->in_size))) {
        size_t size = (size_t)(end - g->in) + 1;
        round_robin(fd, g->in, size);
        g->in_size -= size;
        memmove(g->in, g->in + size, g->in_size);
    }
    if (g->in_size == LINE)
        lose(fd);
}

static void speak(int fd)
{
    struct guest *g = &guest[fd];
    ssize_t n = send(fd, g->out, g->out_size, MSG_NOSIGNAL);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n < 0) {
        lose(fd);
        return;
    }
    g->out_size -= (size_t)n;
    memmove(g->out, g->out + n, g->out_size);
    if (g->out_size == 0 && g->leaving)
        lose(fd);
}

static void open_up(int door)
{
    int fd = accept4(door, NULL, NULL, SOCK_NONBLOCK);
    if (fd < 0)
        return;
    if (fd >= FD_SETSIZE) {
        close(fd);
        return;
    }
    guest[fd].here = 1;
    if (fd > highest)
        highest = fd;
}

static void run(int door)
{
    highest = door;
    for (;;) {
        fd_set in, out;
        FD_ZERO(&in);
        FD_ZERO(&out);
        FD_SET(door, &in);
        for (int fd = 0; fd <= highest; fd++) {
            if (guest[fd].here == 2)
                lose(fd);
            if (guest[fd].here && !guest[fd].leaving)
                FD_SET(fd, &in);
            if (guest[fd].here && guest[fd].out_size)
                FD_SET(fd, &out);
        }
        if (select(highest + 1, &in, &out, NULL, NULL) < 0) {
            if (errno == EINTR)
                continue;
            err(1, "select");
        }
        int most = highest;
        for (int fd = 0; fd <= most; fd++) {
            if (guest[fd].here && FD_ISSET(fd, &out))
                speak(fd);
            if (guest[fd].here == 1 && FD_ISSET(fd, &in))
                hear(fd);
        }
        if (FD_ISSET(door, &in))
            open_up(door);
    }
}

int main(int argc, char **argv)
{
    int port = argc == 2 ? read_port(argv[1]) : 0;
    if (port == 0) {
        fprintf(stderr, "usage: %s PORT\n", argv[0]);
        return 2;
    }
    run(open_door(port));
}
