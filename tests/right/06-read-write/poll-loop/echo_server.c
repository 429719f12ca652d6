/* right: non-blocking sockets around poll, many clients at a time, all in global state */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX = 300, SIZE = 4096 };

static struct pollfd fds[MAX];          /* fds[0] is the listener */
static struct { char b[SIZE]; size_t at, n; } held[MAX];
static nfds_t nfds = 1;

static void drop(nfds_t i)
{
    close(fds[i].fd);
    nfds--;
    fds[i] = fds[nfds];
    held[i] = held[nfds];
}

/* 0 when the client is to be dropped */
static int step(nfds_t i)
{
    ssize_t k;

    if (held[i].n == 0) {
        k = read(fds[i].fd, held[i].b, SIZE);
        if (k == 0)
            return 0;
        if (k < 0)
            return errno == EINTR || errno == EAGAIN;
        held[i].at = 0;
        held[i].n = (size_t)k;
    }
    k = send(fds[i].fd, held[i].b + held[i].at, held[i].n, MSG_NOSIGNAL);
    if (k < 0 && errno != EINTR && errno != EAGAIN)
        return 0;
    if (k > 0) {
        held[i].at += (size_t)k;
        held[i].n -= (size_t)k;
    }
    fds[i].events = held[i].n ? POLLOUT : POLLIN;
    return 1;
}

int main(int argc, char *argv[])
{
    struct sockaddr_in me = {.sin_family = AF_INET, .sin_addr.s_addr = INADDR_ANY};
    int on = 1, port = 0, used = 0;

    if (argc != 2 || sscanf(argv[1], "%*[0-9]%n", &used) == EOF || used == 0 || argv[1][used] ||
        strlen(argv[1]) > 9 || (port = atoi(argv[1])) < 1 || port > 65535)
        return fprintf(stderr, "usage: echo_server PORT\n"), 2;

    me.sin_port = htons((in_port_t)port);
    fds[0].fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (fds[0].fd < 0)
        return perror("socket"), 1;
    if (setsockopt(fds[0].fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0)
        return perror("setsockopt"), 1;
    if (bind(fds[0].fd, (void *)&me, sizeof me) != 0)
        return perror("bind"), 1;
    if (listen(fds[0].fd, 64) != 0)
        return perror("listen"), 1;
    fds[0].events = POLLIN;

    for (;;) {
        if (poll(fds, nfds, -1) < 0) {
            if (errno != EINTR)
                return perror("poll"), 1;
            continue;
        }
        for (nfds_t i = nfds; i-- > 1;)
            if (fds[i].revents && !step(i))
                drop(i);
        if (fds[0].revents && nfds < MAX) {
            int c = accept4(fds[0].fd, NULL, NULL, SOCK_NONBLOCK);
            if (c >= 0) {
                fds[nfds] = (struct pollfd){.fd = c, .events = POLLIN};
                held[nfds].n = 0;
                nfds++;
            }
        }
    }
}
