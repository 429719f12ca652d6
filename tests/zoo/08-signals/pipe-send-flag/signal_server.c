/* zoo: fails pipe -- send without MSG_NOSIGNAL */
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
#include <poll.h>
#include <stdbool.h>

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

static struct { volatile sig_atomic_t quit, count; } wish;
static struct { int door; unsigned n; sigset_t let_in; } me = {.door = -1};

static void wish_quit(int s) { (void)s; wish.quit = 1; }
static void wish_count(int s) { (void)s; wish.count = 1; }
static void tell(void) { printf("served %u\n", me.n); fflush(stdout); }
static void shut(void) { if (me.door >= 0) { close(me.door); me.door = -1; } }
static void grant(void) { if (wish.count) { wish.count = 0; tell(); } if (wish.quit) shut(); }
static bool transient(int e) { return e == EINTR || e == EAGAIN || e == EWOULDBLOCK; }

static bool pass(int fd, short ev)
{
    struct pollfd p = {.fd = fd, .events = ev};
    grant();
    int n = ppoll(&p, 1, NULL, &me.let_in);
    grant();
    return n == 1;
}

static bool put(int fd, const char *b, size_t n)
{
    while (n) {
        ssize_t k = send(fd, b, n, MSG_DONTWAIT);
        if (k < 0 && !transient(errno))
            return false;
        if (k < 0)
            pass(fd, POLLOUT);
        else
            b += k, n -= (size_t)k;
    }
    return true;
}

static bool step(int fd)
{
    char b[256];
    if (!pass(fd, POLLIN))
        return true;
    ssize_t n = recv(fd, b, sizeof b, MSG_DONTWAIT);
    if (n < 0)
        return transient(errno);
    me.n += n == 0;
    return n > 0 && put(fd, b, (size_t)n);
}

static void one(void)
{
    if (!pass(me.door, POLLIN) || me.door < 0)
        return;
    int fd = accept4(me.door, NULL, NULL, SOCK_NONBLOCK);
    if (fd < 0)
        return;
    while (step(fd))
        continue;
    close(fd);
}

static void on(int number, void (*f)(int))
{
    struct sigaction sa = {.sa_handler = f};
    sigaction(number, &sa, NULL);
}

static void arrange(void)
{
    sigset_t s;
    sigemptyset(&s);
    sigaddset(&s, SIGTERM), sigaddset(&s, SIGINT), sigaddset(&s, SIGUSR1);
    sigprocmask(SIG_BLOCK, &s, &me.let_in);
    on(SIGTERM, wish_quit), on(SIGINT, wish_quit), on(SIGUSR1, wish_count);
}

int main(int argc, char **argv)
{
    int port = argc == 2 ? parse_port(argv[1]) : -1;
    if (port < 0) {
        fprintf(stderr, "usage: %s PORT\n", argv[0]);
        return 2;
    }
    arrange();
    me.door = listen_on(port);
    while (me.door >= 0)
        one();
    tell();
    return 0;
}
