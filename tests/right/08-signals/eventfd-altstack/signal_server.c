/* right: handlers on a stack of their own, which write to an eventfd */
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
#include <sys/eventfd.h>

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

static int bell, door;
static volatile sig_atomic_t stop, ask;
static long served;

static void ring(int number)
{
    int saved = errno;
    if (number == SIGUSR1)
        ask = 1;
    else
        stop = 1;
    eventfd_write(bell, 1);
    errno = saved;
}

static void heed(void)
{
    eventfd_t n;
    eventfd_read(bell, &n);
    if (ask) {
        ask = 0;
        dprintf(1, "served %ld\n", served);
    }
    if (stop && door >= 0) {
        close(door);
        door = -1;
    }
}

static int wait_two(int fd, short what)
{
    struct pollfd p[2] = {{bell, POLLIN, 0}, {fd, what, 0}};
    if (poll(p, 2, -1) < 1)
        return 0;
    if (p[0].revents) {
        heed();
        return 0;
    }
    return 1;
}

int main(int argc, char **argv)
{
    int port = argc == 2 ? parse_port(argv[1]) : -1;
    if (port < 0) {
        fprintf(stderr, "usage: %s PORT\n", argv[0]);
        return 2;
    }
    static char stack[1 << 15];
    stack_t other = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction sa = {.sa_handler = ring, .sa_flags = SA_ONSTACK | SA_RESTART};
    sigaltstack(&other, NULL);
    bell = eventfd(0, EFD_NONBLOCK);
    if (bell < 0)
        fail("eventfd");
    sigaction(SIGTERM, &sa, 0);
    sigaction(SIGINT, &sa, 0);
    sigaction(SIGUSR1, &sa, 0);
    door = listen_on(port);
    while (door >= 0) {
        if (!wait_two(door, POLLIN))
            continue;
        int conn = accept(door, 0, 0);
        char buf[777];
        ssize_t n = -1, at = 0, k;
        if (conn < 0)
            continue;
        for (;;) {
            if (!wait_two(conn, POLLIN))
                continue;
            n = recv(conn, buf, sizeof buf, 0);
            if (n < 0 && errno == EINTR)
                continue;
            if (n <= 0)
                break;
            for (at = 0; at < n; at += k > 0 ? k : 0) {
                k = send(conn, buf + at, (size_t)(n - at), MSG_NOSIGNAL);
                if (k < 0 && errno != EINTR)
                    break;
            }
            if (at < n)
                break;
        }
        served += n == 0;
        close(conn);
    }
    dprintf(1, "served %ld\n", served);
    exit(0);
}
