/* zoo: fails race -- SIGINT is handled, but it is left out of the mask */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <sys/epoll.h>

static int parse_port(const char *s)
{
    long port = 0;
    if (*s == '\0')
        return -1;
    for (; *s; s++) {
        if (*s < '0' || *s > '9')
            return -1;
        port = port * 10 + (*s - '0');
        if (port > 65535)
            return -1;
    }
    return port > 0 ? (int)port : -1;
}

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int listen_on(int port)
{
    int on = 1;
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        fail("socket");
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
        fail("setsockopt");
    a.sin_addr.s_addr = htonl(INADDR_ANY);
    if (bind(fd, (struct sockaddr *)&a, sizeof a) < 0)
        fail("bind");
    if (listen(fd, 10) < 0)
        fail("listen");
    return fd;
}

static volatile sig_atomic_t got_stop, got_ask;

static void on_signal(int number, siginfo_t *info, void *context)
{
    (void)info, (void)context;
    if (number == SIGUSR1)
        got_ask = 1;
    else
        got_stop = 1;
}

struct state {
    int ep, door, served;
    sigset_t old;
};

static void handle(struct state *s)
{
    if (got_ask) {
        got_ask = 0;
        fprintf(stdout, "served %d\n", s->served);
        fflush(stdout);
    }
    if (got_stop && s->door >= 0) {
        close(s->door);
        s->door = -1;
    }
}

/* Level-triggered, one descriptor at a time. */
static int await(struct state *s, int fd, uint32_t events)
{
    struct epoll_event e = {.events = events, .data.fd = fd}, out;
    int is_door = fd == s->door, n = 0;
    epoll_ctl(s->ep, EPOLL_CTL_ADD, fd, &e);
    for (;;) {
        handle(s);
        if (is_door && s->door < 0)
            return 0; /* closed: it has left the set by itself */
        n = epoll_pwait(s->ep, &out, 1, -1, &s->old);
        if (n == 1)
            break;
    }
    epoll_ctl(s->ep, EPOLL_CTL_DEL, fd, NULL);
    return 1;
}

static void talk(struct state *s, int fd)
{
    char b[2048];
    for (;;) {
        await(s, fd, EPOLLIN);
        ssize_t n = recv(fd, b, sizeof b, MSG_DONTWAIT), done = 0;
        if (n == -1 && (errno == EAGAIN || errno == EINTR))
            continue;
        s->served += n == 0;
        if (n <= 0)
            return;
        while (done < n) {
            ssize_t k = send(fd, b + done, (size_t)(n - done), MSG_DONTWAIT | MSG_NOSIGNAL);
            if (k == -1 && errno == EAGAIN)
                await(s, fd, EPOLLOUT);
            else if (k == -1 && errno != EINTR)
                return;
            else if (k > 0)
                done += k;
        }
    }
}

int main(int argc, char **argv)
{
    int port = argc == 2 ? parse_port(argv[1]) : -1;
    if (port < 0) {
        fprintf(stderr, "usage: %s PORT\n", argv[0]);
        return 2;
    }
    struct state s = {.served = 0};
    struct sigaction sa = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
    static const int numbers[] = {SIGTERM, SIGINT, SIGUSR1};
    sigset_t block;
    sigemptyset(&block);
    sigaddset(&block, SIGTERM);
    sigaddset(&block, SIGUSR1);
    sigprocmask(SIG_BLOCK, &block, &s.old);
    for (int i = 0; i < 3; i++)
        sigaction(numbers[i], &sa, NULL);
    (void)listen_on;
    int on = 1, off = 0;
    struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_port = htons((unsigned short)port)};
    s.door = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (s.door < 0)
        fail("socket");
    setsockopt(s.door, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    setsockopt(s.door, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(s.door, (struct sockaddr *)&a, sizeof a) < 0)
        fail("bind");
    if (listen(s.door, SOMAXCONN) < 0)
        fail("listen");
    s.ep = epoll_create1(EPOLL_CLOEXEC);
    while (await(&s, s.door, EPOLLIN)) {
        int conn = accept4(s.door, NULL, NULL, SOCK_CLOEXEC);
        if (conn < 0)
            continue;
        talk(&s, conn);
        close(conn);
    }
    printf("served %d\n", s.served);
    return 0;
}
