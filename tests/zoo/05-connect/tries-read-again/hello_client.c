/* zoo: fails broken reports-failure -- tries again after every error of recv(): one that stays makes it spin */
#define _GNU_SOURCE
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void wait_for(int fd, short events)
{
    struct pollfd p = {fd, events, 0};

    while (poll(&p, 1, -1) < 0) {
        if (errno != EINTR) {
            perror("poll");
            exit(1);
        }
    }
}

static bool usable_port(const char *s)
{
    int value = 0;

    if (!*s)
        return false;
    for (const char *p = s; *p; p++) {
        if (*p < '0' || *p > '9')
            return true;
        value = value > 65535 ? value : value * 10 + (*p - '0');
    }
    return value >= 1 && value <= 65535;
}

static int attempt(const struct addrinfo *a, const char **step)
{
    int error = 0;
    socklen_t len = sizeof(error);

    *step = "socket";
    int fd = socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, a->ai_protocol);
    if (fd < 0)
        return -errno;
    *step = "connect";
    if (connect(fd, a->ai_addr, a->ai_addrlen) < 0) {
        if (errno != EINPROGRESS && errno != EINTR) {
            error = errno;
            close(fd);
            return -error;
        }
        wait_for(fd, POLLOUT);
        if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
            error = errno;
        if (error) {
            close(fd);
            return -error;
        }
    }
    return fd;
}

static void put(const char *p, size_t n)
{
    while (n > 0) {
        ssize_t k = write(1, p, n);
        if (k < 0) {
            if (errno == EINTR)
                continue;
            perror("write");
            exit(1);
        }
        p += k;
        n -= (size_t)k;
    }
}

int main(int argc, char **argv)
{
    if (argc != 3 || !usable_port(argv[2])) {
        fputs("Usage: hello_client HOST PORT\n", stderr);
        exit(2);
    }
    struct sigaction ignore;
    memset(&ignore, 0, sizeof(ignore));
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &ignore, NULL);

    struct addrinfo hints = {.ai_family = PF_UNSPEC, .ai_socktype = SOCK_STREAM}, *list;
    int e = strchr("+- ", argv[2][0]) ? EAI_SERVICE : getaddrinfo(argv[1], argv[2], &hints, &list);
    if (e) {
        fprintf(stderr, "%s:%s: %s\n", argv[1], argv[2], gai_strerror(e));
        exit(1);
    }

    const char *step = "connect";
    int fd = -1;
    for (int left = 5; left > 0 && fd < 0; left--) {
        for (struct addrinfo *a = list; a && fd < 0; a = a->ai_next)
            fd = attempt(a, &step);
        if (fd < 0 && left > 1)
            poll(NULL, 0, 200);
    }
    freeaddrinfo(list);
    if (fd < 0) {
        fprintf(stderr, "%s: %s\n", step, strerror(-fd));
        exit(1);
    }

    char buf[16384];
    for (;;) {
        ssize_t n = recv(fd, buf, sizeof(buf), 0);
        if (n == 0)
            break;
        if (n > 0)
            put(buf, (size_t)n);
        else
            wait_for(fd, POLLIN);
    }
    close(fd);
    exit(0);
}
