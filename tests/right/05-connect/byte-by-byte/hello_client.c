/* right: reads and prints a byte at a time; the pause is many short ones until the clock has moved on by 200 ms */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static long now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void pass_200_ms(void)
{
    long until = now_ms() + 200;
    while (now_ms() < until)
        usleep(10 * 1000);
}

static int finish_connect(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    int error = 0;
    socklen_t size = sizeof(error);
    while (poll(&p, 1, -1) < 0)
        if (errno != EINTR)
            return errno;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0 ? errno : error;
}

static int attempt(const struct addrinfo *a, int *error)
{
    int fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
    *error = fd < 0 ? errno : 0;
    if (fd < 0)
        return -1;
    if (connect(fd, a->ai_addr, a->ai_addrlen) < 0)
        *error = errno;
    if (*error == EINTR)
        *error = finish_connect(fd);
    if (*error == 0)
        return fd;
    close(fd);
    return -1;
}

int main(int argc, char *argv[])
{
    const char *digits = "0123456789";
    if (argc != 3 || !*argv[2] ||
        (!argv[2][strspn(argv[2], digits)] && (strtol(argv[2], 0, 10) < 1 || strtol(argv[2], 0, 10) > 65535))) {
        fputs("usage: hello_client HOST PORT\n", stderr);
        exit(2);
    }
    signal(SIGPIPE, SIG_IGN);
    struct addrinfo hints, *list, *a;
    memset(&hints, 0, sizeof(hints));
    hints.ai_socktype = SOCK_STREAM;
    int rc = argv[2][0] == '+' ? EAI_SERVICE : getaddrinfo(argv[1], argv[2], &hints, &list);
    if (rc) {
        fprintf(stderr, "getaddrinfo: %s\n", gai_strerror(rc));
        exit(1);
    }
    int fd = -1, error = 0;
    for (int round = 1;; round++) {
        for (a = list; fd < 0 && a; a = a->ai_next)
            fd = attempt(a, &error);
        if (fd >= 0 || round == 5)
            break;
        pass_200_ms();
    }
    freeaddrinfo(list);
    if (fd < 0) {
        fprintf(stderr, "cannot connect: %s\n", strerror(error));
        exit(1);
    }
    for (;;) {
        char c;
        ssize_t n = recv(fd, &c, 1, 0);
        if (n == 0)
            break;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            perror("recv");
            exit(1);
        }
        while ((n = write(STDOUT_FILENO, &c, 1)) != 1)
            if (n < 0 && errno != EINTR) {
                perror("write");
                exit(1);
            }
    }
    close(fd);
    exit(0);
}
