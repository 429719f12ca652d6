/* zoo: fails memory -- a NUL behind what was read, and no room for it */
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

static int listener = -1;
static volatile sig_atomic_t stopping;
static volatile unsigned served;

/* Only write: the handler may have interrupted anything. */
static void report(int number)
{
    char line[32] = "served ", digits[16];
    int saved = errno, n = 0;
    size_t at = 7;
    unsigned v = served;
    (void)number;
    do
        digits[n++] = (char)('0' + v % 10);
    while ((v /= 10) > 0);
    while (n > 0)
        line[at++] = digits[--n];
    line[at++] = '\n';
    write_all(1, line, at);
    errno = saved;
}

static void stop(int number)
{
    int saved = errno;
    (void)number;
    stopping = 1;
    shutdown(listener, SHUT_RDWR);
    errno = saved;
}

static void serve(int conn)
{
    char buf[33];
    for (;;) {
        ssize_t n = read(conn, buf, sizeof buf);
        if (n < 0 && errno == EINTR)
            continue;
        buf[n] = 0;
        if (n == 0)
            served++;
        if (n <= 0 || write_all(conn, buf, (size_t)n) < 0)
            break;
    }
    close(conn);
}

int main(int argc, char **argv)
{
    int port = argc == 2 ? parse_port(argv[1]) : -1;
    if (port < 0) {
        fprintf(stderr, "usage: %s PORT\n", argv[0]);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    listener = listen_on(port);
    signal(SIGTERM, stop);
    signal(SIGINT, stop);
    signal(SIGUSR1, report);
    while (!stopping) {
        int conn = accept(listener, NULL, NULL);
        if (conn >= 0)
            serve(conn);
        else if (!stopping && errno != EINTR && errno != ECONNABORTED)
            perror("accept");
    }
    report(0);
    return 0;
}
