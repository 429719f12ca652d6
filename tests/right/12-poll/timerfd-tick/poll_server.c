/* right: a timerfd in the epoll set, a tick every five seconds for housekeeping that has nothing to do */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <sys/epoll.h>

#define MAX_LINE 1024
#define MAX_OWED (1024 * 1024)

/* A line is kept once, however many are still to get it. */
struct line {
    int users;
    size_t size;
    char text[];
};

struct item {
    struct line *line;
    struct item *next;
};

struct client {
    int fd;
    struct client *next, **link;
    char in[MAX_LINE];
    size_t in_size;
    struct item *first, **last;
    size_t done, owed;
    int leaving, dead;
    unsigned wants;
};

static struct client *clients, *grave;
static int all;

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

static void drop_first(struct client *c)
{
    struct item *i = c->first;
    c->first = i->next;
    if (!c->first)
        c->last = &c->first;
    c->done = 0;
    if (--i->line->users == 0)
        free(i->line);
    free(i);
}

/* Buried at the end of the round: until then events that are still to come may point to it. */
static void die_later(struct client *c)
{
    if (c->dead)
        return;
    c->dead = 1;
    *c->link = c->next;
    if (c->next)
        c->next->link = c->link;
    c->next = grave;
    grave = c;
}

static void bury(void)
{
    while (grave) {
        struct client *c = grave;
        grave = c->next;
        close(c->fd);
        while (c->first)
            drop_first(c);
        free(c);
    }
}

static void watch(struct client *c)
{
    unsigned wants = (c->leaving ? 0u : (unsigned)EPOLLIN) | (c->first ? (unsigned)EPOLLOUT : 0u);
    struct epoll_event e = {.events = wants, .data.ptr = c};
    if (wants != c->wants && epoll_ctl(all, EPOLL_CTL_MOD, c->fd, &e) < 0)
        die_later(c);
    c->wants = wants;
}

static void flush(struct client *c)
{
    while (c->first) {
        struct line *l = c->first->line;
        ssize_t n = send(c->fd, l->text + c->done, l->size - c->done, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            if (errno != EAGAIN)
                die_later(c);
            return;
        }
        c->done += (size_t)n;
        c->owed -= (size_t)n;
        if (c->done == l->size)
            drop_first(c);
    }
    if (c->leaving)
        die_later(c);
}

static void relay(struct client *from, const char *text, size_t size)
{
    struct line *l = malloc(sizeof *l + size);
    if (!l)
        err(1, "malloc");
    l->users = 1;
    l->size = size;
    memcpy(l->text, text, size);
    for (struct client *c = clients, *next; c; c = next) {
        next = c->next;
        if (c == from || c->leaving)
            continue;
        struct item *i = malloc(sizeof *i);
        if (!i)
            err(1, "malloc");
        *i = (struct item){l, NULL};
        l->users++;
        *c->last = i;
        c->last = &i->next;
        c->owed += size;
        if (c->first == i)
            flush(c);
        if (c->owed > MAX_OWED)
            die_later(c);
        if (!c->dead)
            watch(c);
    }
    if (--l->users == 0)
        free(l);
}

static void take_lines(struct client *c)
{
    size_t start = 0;
    for (size_t i = 0; i < c->in_size; i++)
        if (c->in[i] == '\n') {
            relay(c, c->in + start, i + 1 - start);
            start = i + 1;
        }
    c->in_size -= start;
    memmove(c->in, c->in + start, c->in_size);
    if (c->in_size == MAX_LINE)
        die_later(c);
}

static void hear(struct client *c)
{
    ssize_t n = recv(c->fd, c->in + c->in_size, MAX_LINE - c->in_size, 0);
    if (n > 0) {
        c->in_size += (size_t)n;
        take_lines(c);
    } else if (n == 0 && c->first) {
        c->leaving = 1;
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        die_later(c);
    }
}

static void welcome(int door)
{
    int fd = accept4(door, NULL, NULL, SOCK_NONBLOCK);
    if (fd < 0)
        return;
    struct client *c = calloc(1, sizeof *c);
    if (!c) {
        close(fd);
        return;
    }
    c->fd = fd;
    c->last = &c->first;
    c->wants = EPOLLIN;
    struct epoll_event e = {.events = c->wants, .data.ptr = c};
    if (epoll_ctl(all, EPOLL_CTL_ADD, fd, &e) < 0) {
        close(fd);
        free(c);
        return;
    }
    c->next = clients;
    c->link = &clients;
    if (clients)
        clients->link = &c->next;
    clients = c;
}

static void run(int door)
{
    struct epoll_event events[64], e = {.events = EPOLLIN, .data.ptr = NULL};
    all = epoll_create1(0);
    if (all < 0 || epoll_ctl(all, EPOLL_CTL_ADD, door, &e) < 0)
        err(1, "epoll");
    struct itimerspec often = {{5, 0}, {5, 0}};
    struct epoll_event beat = {.events = EPOLLIN, .data.ptr = &often};
    int tick = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (tick < 0 || timerfd_settime(tick, 0, &often, NULL) < 0 || epoll_ctl(all, EPOLL_CTL_ADD, tick, &beat) < 0)
        err(1, "timerfd");
    for (;;) {
        int n = epoll_wait(all, events, 64, -1);
        if (n < 0 && errno != EINTR)
            err(1, "epoll_wait");
        for (int i = 0; i < n; i++) {
            struct client *c = events[i].data.ptr;
            if (events[i].data.ptr == &often) {
                uint64_t ticks;
                if (read(tick, &ticks, sizeof ticks) < 0 && errno != EAGAIN)
                    err(1, "read");
                continue;
            }
            if (!c) {
                welcome(door);
                continue;
            }
            if (!c->dead && events[i].events & EPOLLOUT)
                flush(c);
            if (!c->dead && c->leaving && events[i].events & (EPOLLERR | EPOLLHUP))
                die_later(c);
            if (!c->dead && !c->leaving && events[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP))
                hear(c);
            if (!c->dead)
                watch(c);
        }
        bury();
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
