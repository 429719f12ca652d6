/* zoo: fails term int finishes -- the last line goes to standard error */
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
#include <sys/signalfd.h>

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

static int listener, signals;
static int served;

static void print_served(void)
{
    printf("served %d\n", served);
    fflush(stdout);
}

/* Reads what signals there are. */
static void read_signals(void)
{
    struct signalfd_siginfo info;
    while (read(signals, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGUSR1) {
            print_served();
        } else if (listener >= 0) {
            close(listener);
            listener = -1;
        }
    }
}

/* Until fd is ready; 0 when the listener is gone meanwhile. */
static int ready(int fd, short events)
{
    for (;;) {
        struct pollfd p[2] = {{.fd = fd, .events = events}, {.fd = signals, .events = POLLIN}};
        int was_listener = fd == listener;
        if (poll(p, 2, -1) < 0 && errno != EINTR)
            return 0;
        if (p[1].revents)
            read_signals();
        if (was_listener && listener < 0)
            return 0;
        if (p[0].revents)
            return 1;
    }
}

static void serve(int conn)
{
    char buf[8192];
    ssize_t n;
    while (ready(conn, POLLIN)) {
        n = recv(conn, buf, sizeof buf, MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (n == 0)
            served++;
        if (n <= 0)
            break;
        for (ssize_t at = 0; at < n;) {
            ssize_t k = send(conn, buf + at, (size_t)(n - at), MSG_DONTWAIT | MSG_NOSIGNAL);
            if (k > 0)
                at += k;
            else if (errno == EAGAIN ? !ready(conn, POLLOUT) : errno != EINTR)
                goto out;
        }
    }
out:
    close(conn);
}

int main(int argc, char **argv)
{
    int port = argc == 2 ? parse_port(argv[1]) : -1;
    if (port < 0) {
        fprintf(stderr, "usage: %s PORT\n", argv[0]);
        return 2;
    }
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (signals < 0)
        fail("signalfd");
    listener = listen_on(port);
    while (listener >= 0) {
        if (!ready(listener, POLLIN))
            continue;
        int conn = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (conn >= 0)
            serve(conn);
    }
    fprintf(stderr, "served %d\n", served);
    return 0;
}
