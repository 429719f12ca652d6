/* right: the client has one thread and poll */
#define _GNU_SOURCE
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int usable(const char *s)
{
    if (s[strspn(s, "0123456789")] != '\0')
        return 1;
    return atol(s) >= 1 && atol(s) <= 65535;
}

static void fail(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(1);
}

static int dial(const char *host, const char *port)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list;
    int fd = -1, e = getaddrinfo(host, port, &hints, &list);
    const char *what = "socket";
    if (e) {
        fprintf(stderr, "%s: %s\n", host, gai_strerror(e));
        exit(1);
    }
    for (struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
        if (fd < 0)
            continue;
        what = "connect";
        if (connect(fd, a->ai_addr, a->ai_addrlen) < 0) {
            e = errno;
            close(fd);
            errno = e;
            fd = -1;
        }
    }
    e = errno;
    freeaddrinfo(list);
    errno = e;
    if (fd < 0)
        fail(what);
    return fd;
}

static void put(int fd, const char *bytes, size_t size, const char *what)
{
    while (size > 0) {
        ssize_t n = write(fd, bytes, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            fail(what);
        bytes += n;
        size -= (size_t)n;
    }
}

static ssize_t get(int fd, char *bytes, size_t size)
{
    ssize_t n;
    while ((n = read(fd, bytes, size)) < 0 && errno == EINTR)
        ;
    return n;
}

static int chat(int conn)
{
    struct pollfd both[2] = {{.fd = 0, .events = POLLIN}, {.fd = conn, .events = POLLIN}};
    char bytes[2048];
    for (;;) {
        if (poll(both, 2, -1) < 0) {
            if (errno == EINTR)
                continue;
            fail("poll");
        }
        if (both[0].revents) {
            ssize_t n = get(0, bytes, sizeof bytes);
            if (n < 0)
                fail("stdin");
            if (n > 0)
                put(conn, bytes, (size_t)n, "server");
            else
                both[0].fd = shutdown(conn, SHUT_WR) < 0 ? -1 : -1;
        }
        if (both[1].revents) {
            ssize_t n = get(conn, bytes, sizeof bytes);
            if (n < 0)
                fail("server");
            if (n == 0)
                return 0;
            put(1, bytes, (size_t)n, "stdout");
        }
    }
}

int main(int argc, char **argv)
{
    if (argc != 3 || !usable(argv[2])) {
        fprintf(stderr, "usage: chat_client HOST PORT\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    return chat(dial(argv[1], argv[2]));
}
