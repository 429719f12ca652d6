/* zoo: fails both-ways reference reports-failure -- what is shown stays in stdio's buffer */
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
#include <stdatomic.h>

static void *type(void *argument)
{
    int conn = *(int *)argument;
    char line[BUFSIZ];
    size_t n = 0;
    int c;
    do {
        errno = 0;
        c = getchar();
        if (c == EOF && ferror(stdin) && errno == EINTR) {
            clearerr(stdin);
            c = 0;
            continue;
        }
        if (c != EOF)
            line[n++] = (char)c;
        else if (n > 0)
            line[n++] = '\n'; /* the last line, too, is a line */
        if (n == sizeof line || c == '\n' || c == EOF) {
            put(conn, line, n, "server");
            n = 0;
        }
    } while (c != EOF);
    if (ferror(stdin))
        fail("stdin");
    shutdown(conn, SHUT_WR);
    return NULL;
}

static int chat(int conn)
{
    static int own;
    pthread_t t;
    char bytes[100];
    ssize_t n;
    own = conn;
    if (pthread_create(&t, NULL, type, &own) != 0)
        fail("pthread_create");
    while ((n = read(conn, bytes, sizeof bytes)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            fail("read");
        if (fwrite(bytes, 1, (size_t)n, stdout) != (size_t)n)
            fail("stdout");
    }
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
