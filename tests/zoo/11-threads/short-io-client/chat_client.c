/* zoo: fails short-io -- what one write has not taken is forgotten */
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

static int conn;

static void *show(void *nothing)
{
    char bytes[512];
    ssize_t n;
    while ((n = recv(conn, bytes, sizeof bytes, 0)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            fail("recv");
        put(1, bytes, (size_t)n, "stdout");
    }
    return nothing;
}

static void *type(void *nothing)
{
    char bytes[512];
    ssize_t n;
    while ((n = read(0, bytes, sizeof bytes)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            fail("stdin");
        while (send(conn, bytes, (size_t)n, 0) < 0 && errno == EINTR)
            continue;
    }
    shutdown(conn, SHUT_WR);
    return nothing;
}

static int chat(int fd)
{
    pthread_t shower, typist;
    conn = fd;
    if (pthread_create(&shower, NULL, show, NULL) || pthread_create(&typist, NULL, type, NULL)) {
        fprintf(stderr, "pthread_create failed\n");
        return 1;
    }
    pthread_join(shower, NULL);
    pthread_cancel(typist);
    pthread_join(typist, NULL);
    close(conn);
    return 0;
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
