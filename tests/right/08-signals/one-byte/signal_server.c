/* right: byte by byte: slow, and right */
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

static volatile sig_atomic_t door = -1, asked;
static int served;

static void stop(int number)
{
    int saved = errno;
    (void)number;
    if (door >= 0)
        close(door);
    door = -1;
    errno = saved;
}

static void ask(int number)
{
    (void)number;
    asked = 1;
}

static void answer(void)
{
    if (asked) {
        asked = 0;
        printf("served %d\n", served);
        fflush(stdout);
    }
}

static void serve(int conn)
{
    char buf[1];
    for (;;) {
        ssize_t n = read(conn, buf, sizeof buf);
        answer();
        if (n == -1 && errno == EINTR)
            continue;
        if (n == 0)
            served++;
        if (n <= 0 || write_all(conn, buf, (size_t)n))
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
    struct sigaction sa = {.sa_handler = stop};
    signal(SIGPIPE, SIG_IGN);
    sigaddset(&sa.sa_mask, SIGINT);
    sigaddset(&sa.sa_mask, SIGTERM);
    sigaction(SIGINT, &sa, NULL);
    sigaction(SIGTERM, &sa, NULL);
    sa.sa_handler = ask;
    sigaction(SIGUSR1, &sa, NULL);
    door = listen_on(port);
    for (;;) {
        int conn = accept(door, NULL, NULL);
        answer();
        if (conn >= 0)
            serve(conn);
        if (door < 0)
            break;
    }
    printf("served %d\n", served);
    return 0;
}
