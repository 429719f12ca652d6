/* zoo: fails usage -- the port is not looked at at all: getaddrinfo takes 70000 for 4464 and an empty one for nothing */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

static uint8_t ring[65536];
static uint64_t taken, sent, shown;     /* bytes so far; ring[x % sizeof ring] is byte x */

static void quit(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

static bool again(ssize_t n)
{
    return n < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK);
}

static int open_conn(const char *host, const char *service)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list;
    int rc = getaddrinfo(host, service, &hints, &list);
    const char *what = "socket";

    if (rc != 0) {
        fprintf(stderr, "echo_client: %s\n", rc == EAI_SYSTEM ? strerror(errno) : gai_strerror(rc));
        exit(EXIT_FAILURE);
    }
    for (struct addrinfo *ai = list; ai; ai = ai->ai_next) {
        int fd, e;
        do {
            what = "socket";
            fd = socket(ai->ai_family, ai->ai_socktype, ai->ai_protocol);
            if (fd < 0)
                break;
            what = "connect";
            if (connect(fd, ai->ai_addr, ai->ai_addrlen) == 0) {
                freeaddrinfo(list);
                return fd;
            }
            e = errno;
            close(fd);
            errno = e;
        } while (e == EINTR);
    }
    rc = errno;
    freeaddrinfo(list);
    errno = rc;
    quit(what);
    return -1;
}

int main(int argc, char *argv[])
{
    bool input = true;

    if (argc != 3)
        goto usage;

    signal(SIGPIPE, SIG_IGN);
    int fd = open_conn(argv[1], argv[2]);
    if (fcntl(fd, F_SETFL, O_NONBLOCK) == -1)
        quit("fcntl");

    while (input || shown < taken) {
        fd_set r, w;
        FD_ZERO(&r);
        FD_ZERO(&w);
        if (input && taken - shown < sizeof ring)
            FD_SET(STDIN_FILENO, &r);
        if (sent < taken)
            FD_SET(fd, &w);
        FD_SET(fd, &r);
        if (select(fd + 1, &r, &w, NULL, NULL) < 0) {
            if (errno == EINTR)
                continue;
            quit("select");
        }
        if (FD_ISSET(fd, &r)) {
            char back[3000];
            ssize_t n = read(fd, back, sizeof back);
            if (n < 0 && !again(n))
                quit("read");
            if (n == 0) {
                fprintf(stderr, "echo_client: the server closed with bytes owed\n");
                return EXIT_FAILURE;
            }
            for (ssize_t i = 0, k; i < n; i += k) {
                k = write(STDOUT_FILENO, back + i, (size_t)(n - i));
                if (k < 0 && errno != EINTR)
                    quit("write to stdout");
                if (k < 0)
                    k = 0;
            }
            if (n > 0)
                shown += (uint64_t)n;
        }
        if (FD_ISSET(fd, &w)) {
            size_t at = sent % sizeof ring, n = (size_t)(taken - sent);
            if (n > sizeof ring - at)
                n = sizeof ring - at;
            ssize_t k = write(fd, ring + at, n);
            if (k < 0 && !again(k))
                quit("write");
            if (k > 0)
                sent += (uint64_t)k;
        }
        if (FD_ISSET(STDIN_FILENO, &r)) {
            size_t at = taken % sizeof ring, n = (size_t)(sizeof ring - (taken - shown));
            if (n > sizeof ring - at)
                n = sizeof ring - at;
            ssize_t k = read(STDIN_FILENO, ring + at, n);
            if (k < 0 && errno != EINTR)
                quit("read from stdin");
            if (k == 0)
                input = false;
            if (k > 0)
                taken += (uint64_t)k;
        }
    }
    close(fd);
    return EXIT_SUCCESS;

usage:
    fprintf(stderr, "usage: %s HOST PORT\n", argv[0]);
    return 2;
}
