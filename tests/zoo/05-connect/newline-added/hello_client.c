/* zoo: fails connects by-name by-service ipv6 next-address retries reads-all reference short-io interrupted -- ends the output with a newline of its own */
#define _GNU_SOURCE
#include <errno.h>
#include <error.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct target {
    const char *host, *service;
};

/* 0 or an errno; a name that is not known ends the program */
static int one_round(const struct target *t, int *fd)
{
    struct addrinfo *found = NULL, hints = {.ai_socktype = SOCK_STREAM};
    int problem = 0;
    int rc = strchr("+- ", t->service[0]) ? EAI_SERVICE
                                          : getaddrinfo(t->host, t->service, &hints, &found);

    if (rc != 0)
        error(1, rc == EAI_SYSTEM ? errno : 0, "%s %s: %s", t->host, t->service, gai_strerror(rc));

    for (struct addrinfo *a = found; a != NULL; a = a->ai_next) {
        *fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
        if (*fd == -1) {
            problem = errno;
            continue;
        }
        problem = connect(*fd, a->ai_addr, a->ai_addrlen) ? errno : 0;
        if (problem == EINTR) {
            struct pollfd p = {.fd = *fd, .events = POLLOUT};
            while (poll(&p, 1, -1) < 1)
                continue;
            getsockopt(*fd, SOL_SOCKET, SO_ERROR, &problem, &(socklen_t){sizeof problem});
        }
        if (problem == 0)
            break;
        close(*fd);
    }
    freeaddrinfo(found);
    return problem;
}

static void copy(int from, int to)
{
    char head[7], tail[500];
    struct iovec parts[2] = {{head, sizeof head}, {tail, sizeof tail}};

    for (;;) {
        ssize_t n = TEMP_FAILURE_RETRY(readv(from, parts, 2));
        if (n == 0)
            return;
        if (n < 0)
            error(1, errno, "readv");
        struct iovec out[2] = {{head, n < 7 ? (size_t)n : 7}, {tail, n < 7 ? 0 : (size_t)n - 7}};
        while (out[0].iov_len + out[1].iov_len > 0) {
            ssize_t k = TEMP_FAILURE_RETRY(writev(to, out, 2));
            if (k < 0)
                error(1, errno, "writev");
            for (int i = 0; i < 2; i++) {
                size_t taken = (size_t)k < out[i].iov_len ? (size_t)k : out[i].iov_len;
                out[i].iov_base = (char *)out[i].iov_base + taken;
                out[i].iov_len -= taken;
                k -= (ssize_t)taken;
            }
        }
    }
}

int main(int argc, char *argv[])
{
    size_t digits = argc == 3 ? strspn(argv[2], "0123456789") : 0;
    int fd = -1, problem;

    if (argc != 3 || (argv[2][digits] == '\0' &&
                      (digits == 0 || strtol(argv[2], NULL, 10) < 1 || strtol(argv[2], NULL, 10) > 65535)))
        error(2, 0, "usage: hello_client HOST PORT");
    signal(SIGPIPE, SIG_IGN);

    const struct target target = {argv[1], argv[2]};
    for (int round = 0; (problem = one_round(&target, &fd)) != 0; ) {
        if (++round == 5)
            error(1, problem, "cannot connect to %s", argv[1]);
        struct timespec rest = {.tv_nsec = 200000000};
        while (nanosleep(&rest, &rest) != 0)
            continue;
    }
    copy(fd, STDOUT_FILENO);
    if (write(STDOUT_FILENO, "\n", 1) != 1)
        error(1, errno, "write");
    close(fd);
    return 0;
}
