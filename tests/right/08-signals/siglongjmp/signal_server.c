/* right: the handler jumps out of accept: whatever it was about to do, it does not do it any more */
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
#include <setjmp.h>

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

static sigjmp_buf out;
static volatile sig_atomic_t may_jump, stopped;
static volatile int door;
static volatile int conn = -1;
static volatile int served;

static void stop(int number)
{
    int saved = errno;
    (void)number;
    if (!stopped)
        close(door);
    stopped = 1;
    errno = saved;
    if (may_jump && conn < 0)
        siglongjmp(out, 1);
}

static void ask(int number)
{
    int saved = errno, v = served, n = 0;
    char digits[12], line[32];
    (void)number;
    do
        digits[n++] = (char)('0' + v % 10);
    while ((v /= 10) != 0);
    size_t at = strlen(strcpy(line, "served "));
    while (n)
        line[at++] = digits[--n];
    line[at++] = '\n';
    write_all(1, line, at);
    errno = saved;
}

static void serve(void)
{
    char buf[1500];
    for (;;) {
        ssize_t n = read(conn, buf, sizeof buf);
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            served++;
        if (n <= 0 || write_all(conn, buf, (size_t)n) < 0)
            break;
    }
    close(conn);
    conn = -1;
}

int main(int argc, char **argv)
{
    int port = argc == 2 ? parse_port(argv[1]) : -1;
    if (port < 0) {
        fprintf(stderr, "usage: %s PORT\n", argv[0]);
        return 2;
    }
    struct sigaction sa = {.sa_handler = stop, .sa_flags = SA_RESTART};
    signal(SIGPIPE, SIG_IGN);
    door = listen_on(port);
    if (sigsetjmp(out, 1) == 0) {
        sigaction(SIGTERM, &sa, NULL);
        sigaction(SIGINT, &sa, NULL);
        sa.sa_handler = ask;
        sigaction(SIGUSR1, &sa, NULL);
        may_jump = 1;
        while (!stopped) {
            conn = accept(door, NULL, NULL);
            if (conn >= 0)
                serve();
        }
    }
    may_jump = 0;
    printf("served %d\n", served);
    return 0;
}
