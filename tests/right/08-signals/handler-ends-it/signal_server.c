/* right: told to stop while idle, the handler prints with write and calls _exit; both are in the list of signal-safety(7) */
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

static int write_all(int fd, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t k = write(fd, p, n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            return -1;
        p += k;
        n -= (size_t)k;
    }
    return 0;
}

static volatile sig_atomic_t door, busy, stop;
static volatile sig_atomic_t served;

static void say(void)
{
    char line[24] = "served 00000000\n";
    int v = served, n = 1, first = v;
    while (first >= 10) {
        first /= 10;
        n++;
    }
    line[7 + n] = '\n';
    for (int i = n; i > 0; i--, v /= 10)
        line[6 + i] = (char)('0' + v % 10);
    write_all(STDOUT_FILENO, line, (size_t)(8 + n));
}

static void on_usr1(int number)
{
    int saved = errno;
    (void)number;
    say();
    errno = saved;
}

static void on_stop(int number)
{
    int saved = errno;
    (void)number;
    if (!busy) {
        say();
        _exit(0);
    }
    stop = 1;
    close(door);
    errno = saved;
}

/* A client that accept returns in the very moment of the signal goes the way of those that wait in the queue. */
static int take(sigset_t *open, sigset_t *shut)
{
    int conn;
    sigprocmask(SIG_SETMASK, open, NULL);
    conn = accept(door, NULL, NULL);
    sigprocmask(SIG_SETMASK, shut, NULL);
    busy = conn >= 0;
    sigprocmask(SIG_SETMASK, open, NULL);
    return conn;
}

int main(int argc, char **argv)
{
    int port = argc == 2 ? parse_port(argv[1]) : -1;
    if (port < 0) {
        fprintf(stderr, "usage: %s PORT\n", argv[0]);
        return 2;
    }
    struct sigaction sa = {.sa_handler = on_stop, .sa_flags = SA_RESTART};
    sigset_t open, shut;
    sigprocmask(SIG_SETMASK, NULL, &open);
    shut = open;
    sigaddset(&shut, SIGINT);
    sigaddset(&shut, SIGTERM);
    sigaddset(&shut, SIGUSR1);
    sa.sa_mask = shut;
    signal(SIGPIPE, SIG_IGN);
    door = listen_on(port);
    sigaction(SIGINT, &sa, NULL);
    sigaction(SIGTERM, &sa, NULL);
    sa.sa_handler = on_usr1;
    sigaction(SIGUSR1, &sa, NULL);
    for (;;) {
        char buf[2000];
        ssize_t n;
        int conn = take(&open, &shut);
        if (conn < 0)
            continue;
        while ((n = read(conn, buf, sizeof buf)) != 0) {
            if (n < 0 && errno == EINTR)
                continue;
            if (n < 0 || write_all(conn, buf, (size_t)n) < 0)
                break;
        }
        close(conn);
        sigprocmask(SIG_SETMASK, &shut, NULL);
        served += n == 0;
        busy = 0;
        if (stop) {
            say();
            return 0;
        }
        sigprocmask(SIG_SETMASK, &open, NULL);
    }
}
