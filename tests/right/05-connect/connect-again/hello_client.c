/* right: an interrupted connect() is called again on the same socket until it says how it went (Linux allows that); the
 * pause is an epoll_wait() on nothing */
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static int open_to(const struct addrinfo *a)
{
    int fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
    if (fd < 0)
        return -1;
    for (;;) {
        if (connect(fd, a->ai_addr, a->ai_addrlen) == 0 || errno == EISCONN)
            return fd;
        if (errno != EINTR && errno != EALREADY) {
            int why = errno;
            close(fd);
            errno = why;
            return -1;
        }
    }
}

int main(int argc, char **argv)
{
    if (argc != 3 || argv[2][0] == '\0') {
    usage:
        fprintf(stderr, "usage: %s HOST PORT\n", argv[0]);
        return 2;
    }
    if (argv[2][strspn(argv[2], "0123456789")] == '\0') {
        errno = 0;
        unsigned long n = strtoul(argv[2], NULL, 10);
        if (errno || n < 1 || n > 65535)
            goto usage;
    }
    signal(SIGPIPE, SIG_IGN);

    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    int rc = strchr("+-", argv[2][0]) ? EAI_SERVICE : getaddrinfo(argv[1], argv[2], &hints, &list);
    if (rc != 0) {
        fprintf(stderr, "%s: %s\n", argv[1], gai_strerror(rc));
        return 1;
    }
    int nothing = epoll_create1(0);
    if (nothing < 0) {
        perror("epoll_create1");
        return 1;
    }
    int fd = -1;
    for (int i = 0; i < 5 && fd < 0; i++) {
        struct epoll_event e;
        while (i > 0 && epoll_wait(nothing, &e, 1, 200) < 0)
            ;
        for (struct addrinfo *a = list; a && fd < 0; a = a->ai_next)
            fd = open_to(a);
    }
    if (fd < 0) {
        perror("socket or connect");
        return 1;
    }
    close(nothing);
    freeaddrinfo(list);

    char buf[512];
    ssize_t n;
    while ((n = read(fd, buf, sizeof(buf))) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            perror("read");
            return 1;
        }
        for (ssize_t at = 0, put; at < n; at += put > 0 ? put : 0) {
            put = write(1, buf + at, (size_t)(n - at));
            if (put < 0 && errno != EINTR) {
                perror("write");
                return 1;
            }
        }
    }
    close(fd);
    return 0;
}
