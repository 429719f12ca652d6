/* zoo: fails vanished -- what a client had sent when it vanished stays, and the next one gets it */
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
#include "io.h"

#define MANY 256

struct guest {
    char *bytes;
    size_t have, size, gone;
    int answering;
};

static struct pollfd fds[MANY];
static struct guest guests[MANY];
static nfds_t used = 1;
static char *spare;
static size_t spare_have, spare_size;

static void forget(nfds_t i)
{
    close(fds[i].fd);
    free(spare);
    spare = guests[i].bytes;
    spare_have = guests[i].answering ? 0 : guests[i].have;
    spare_size = guests[i].size;
    used--;
    fds[i] = fds[used];
    guests[i] = guests[used];
}

static void welcome(void)
{
    int fd = accept4(fds[0].fd, NULL, NULL, SOCK_NONBLOCK);

    if (fd == -1)
        return;
    fds[used] = (struct pollfd){.fd = fd, .events = POLLIN};
    if (spare == NULL && (spare = malloc(spare_size = 4096)) == NULL)
        spare_size = 0;
    guests[used] = (struct guest){.size = spare_size, .bytes = spare, .have = spare_have};
    spare = NULL;
    spare_have = 0;
    used++;
    if (guests[used - 1].bytes == NULL)
        forget(used - 1);
}

static void print_guest(const struct guest *g)
{
    if (writen(1, ">", 1) == -1 || writen(1, g->bytes, g->have) == -1 || writen(1, "\n", 1) == -1)
        perror("stdout");
}

/* What can be done at once for this one; 0 when there is no more to do, now or ever. */
static int go_on(nfds_t i)
{
    struct guest *g = &guests[i];
    ssize_t n;

    if (!g->answering) {
        if (g->have == g->size) {
            char *p = realloc(g->bytes, g->size * 2);
            if (p == NULL)
                return 0;
            g->bytes = p;
            g->size *= 2;
        }
        n = read(fds[i].fd, g->bytes + g->have, g->size - g->have);
        if (n == -1)
            return errno == EINTR || errno == EAGAIN;
        g->have += (size_t)n;
        if (n > 0)
            return 1;
        print_guest(g);
        g->answering = 1;
        fds[i].events = POLLOUT;
    }
    if (g->gone == g->have)
        return 0;
    n = write(fds[i].fd, g->bytes + g->gone, g->have - g->gone);
    if (n == -1)
        return errno == EINTR || errno == EAGAIN;
    g->gone += (size_t)n;
    return g->gone < g->have;
}

static int open_door(int port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((in_port_t)port)};
    const char *step = "socket";
    int yes = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

    if (fd != -1 && (step = "setsockopt", setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes)) == 0 &&
        (step = "bind", bind(fd, (struct sockaddr *)&a, sizeof a)) == 0 && (step = "listen", listen(fd, 128)) == 0)
        return fd;
    perror(step);
    exit(1);
}

int main(int argc, char **argv)
{
    int port = 0;

    for (const char *p = argc == 2 ? argv[1] : "x"; *p; p++) {
        port = *p >= '0' && *p <= '9' && port >= 0 ? port * 10 + (*p - '0') : -1;
        if (port > 65535)
            port = -1;
    }
    if (port <= 0) {
        fprintf(stderr, "usage: collect_server PORT\n");
        exit(2);
    }
    signal(SIGPIPE, SIG_IGN);
    fds[0].fd = open_door(port);
    for (;;) {
        fds[0].events = used < MANY ? POLLIN : 0;
        if (poll(fds, used, -1) == -1)
            continue;
        for (nfds_t i = used; i-- > 1;)
            if (fds[i].revents != 0 && !go_on(i))
                forget(i);
        if (fds[0].revents & POLLIN)
            welcome();
    }
}
