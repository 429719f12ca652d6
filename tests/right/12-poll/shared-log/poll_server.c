/* right: one log of bytes for all, of which each client has spans; blocking connections, MSG_DONTWAIT */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <ucontext.h>
#include <unistd.h>

enum { LONGEST = 1024, MOST = 1024 * 1024 };

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
    int one = 1, s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
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

static void run(int door);

int main(int argc, char **argv)
{
    int port = argc == 2 ? read_port(argv[1]) : 0;
    if (port == 0) {
        fprintf(stderr, "usage: %s PORT\n", argv[0]);
        return 2;
    }
    run(open_door(port));
}

/* Bytes are numbered from the start of the server on. `kept` holds the last ones, up to what the slowest still wants. */
struct span { uint64_t from, to; struct span *next; };
struct client { int fd; bool leaving, dead; size_t have; uint64_t owed; struct span *first, **last; char in[LONGEST]; };
static struct client *client[1000];
static size_t people;
static char *kept;
static uint64_t start, end_of_log;
static size_t room;

static void record(const char *text, size_t size)
{
    uint64_t slowest = end_of_log;
    for (size_t i = 0; i < people; i++)
        if (client[i]->first && client[i]->first->from < slowest)
            slowest = client[i]->first->from;
    if (slowest > start) {
        memmove(kept, kept + (slowest - start), (size_t)(end_of_log - slowest));
        start = slowest;
    }
    if (end_of_log - start + size > room) {
        room = 2 * (size_t)(end_of_log - start + size);
        kept = realloc(kept, room);
        if (!kept)
            err(1, "realloc");
    }
    memcpy(kept + (end_of_log - start), text, size);
    end_of_log += size;
}

static void pay(struct client *c)
{
    while (c->first && !c->dead) {
        struct span *s = c->first;
        ssize_t n = send(c->fd, kept + (s->from - start), (size_t)(s->to - s->from), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            c->dead = errno != EAGAIN;
            return;
        }
        s->from += (uint64_t)n;
        c->owed -= (uint64_t)n;
        if (s->from < s->to)
            continue;
        c->first = s->next;
        if (!c->first)
            c->last = &c->first;
        free(s);
    }
    if (c->leaving)
        c->dead = true;
}

static void owe(struct client *c, size_t size)
{
    struct span *s = c->first;
    while (s && s->next)
        s = s->next;
    bool idle = !s;
    if (s && s->to == end_of_log - size) {
        s->to += size;
    } else {
        s = malloc(sizeof *s);
        if (!s) {
            c->dead = true;
            return;
        }
        *s = (struct span){end_of_log - size, end_of_log, NULL};
        *c->last = s;
        c->last = &s->next;
    }
    c->owed += size;
    if (idle)
        pay(c);
    if (c->owed > MOST)
        c->dead = true;
}

static void hear(struct client *c)
{
    ssize_t n = recv(c->fd, c->in + c->have, sizeof c->in - c->have, MSG_DONTWAIT);
    if (n < 0)
        c->dead = errno != EAGAIN && errno != EINTR;
    if (n == 0) {
        c->leaving = true;
        c->dead = !c->first;
    }
    if (n <= 0)
        return;
    c->have += (size_t)n;
    for (char *end; (end = memchr(c->in, '\n', c->have));) {
        size_t size = (size_t)(end - c->in) + 1;
        record(c->in, size);
        for (size_t i = 0; i < people; i++)
            if (client[i] != c && !client[i]->leaving && !client[i]->dead)
                owe(client[i], size);
        memmove(c->in, c->in + size, c->have -= size);
    }
    if (c->have == sizeof c->in)
        c->dead = true;
}

static void bury(void)
{
    for (size_t i = 0; i < people;) {
        struct client *c = client[i];
        if (!c->dead) {
            i++;
            continue;
        }
        for (struct span *s; (s = c->first);) {
            c->first = s->next;
            free(s);
        }
        close(c->fd);
        free(c);
        client[i] = client[--people];
    }
}

static void run(int door)
{
    static struct pollfd fds[1001];
    bool rests = false;
    for (;;) {
        for (size_t i = 0; i < people; i++)
            fds[i] = (struct pollfd){client[i]->fd, (short)((client[i]->leaving ? 0 : POLLIN) | (client[i]->first ? POLLOUT : 0)), 0};
        fds[people] = (struct pollfd){rests || people == 1000 ? -1 : door, POLLIN, 0};
        int n = poll(fds, people + 1, rests ? 50 : -1);
        if (n < 0 && errno != EINTR)
            err(1, "poll");
        rests = false;
        size_t here = people;
        for (size_t i = 0; n > 0 && i < here; i++) {
            short r = fds[i].revents;
            if (r & (POLLOUT | POLLERR | POLLHUP) && !client[i]->dead && client[i]->first)
                pay(client[i]);
            if (r & (POLLIN | POLLERR | POLLHUP) && !client[i]->dead && !client[i]->leaving)
                hear(client[i]);
        }
        if (n > 0 && fds[here].revents) {
            int fd = accept(door, NULL, NULL);
            struct client *c = fd >= 0 ? calloc(1, sizeof *c) : NULL;
            if (fd < 0)
                rests = errno != EAGAIN && errno != EINTR && errno != ECONNABORTED;
            if (fd >= 0 && !c)
                close(fd);
            if (c) {
                c->fd = fd;
                c->last = &c->first;
                client[people++] = c;
            }
        }
        bury();
    }
}
