/* zoo: fails collects no-reset reference -- SO_LINGER with a time of 0, against TIME_WAIT: close sends a reset, and the answer may be lost */
#include "io.h"
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct {
    char *begin, *end, *limit;
} Heap;

static void give_up(int status, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    vfprintf(stderr, format, ap);
    va_end(ap);
    exit(status);
}

static int heap_grow(Heap *h)
{
    size_t used = (size_t)(h->end - h->begin), size = (size_t)(h->limit - h->begin);
    char *p = realloc(h->begin, size * 2);

    if (p == NULL)
        return 0;
    h->begin = p;
    h->end = p + used;
    h->limit = p + size * 2;
    return 1;
}

static int heap_read(Heap *h, int fd)
{
    ssize_t n;

    while (1) {
        if (h->end == h->limit && !heap_grow(h))
            return -1;
        n = read(fd, h->end, (size_t)(h->limit - h->end));
        if (n == 0)
            return 0;
        if (n > 0)
            h->end += n;
        else if (errno != EINTR)
            return -1;
    }
}

static int heap_write(const Heap *h, int fd)
{
    return writen(fd, h->begin, (size_t)(h->end - h->begin)) == -1 ? -1 : 0;
}

static void serve(int fd)
{
    Heap h;

    h.begin = h.end = malloc(2000);
    h.limit = h.begin + 2000;
    if (h.begin == NULL) {
        perror("malloc");
        return;
    }
    if (heap_read(&h, fd) == 0) {
        if (writen(STDOUT_FILENO, ">", 1) == -1 || heap_write(&h, STDOUT_FILENO) == -1 ||
            writen(STDOUT_FILENO, "\n", 1) == -1)
            perror("stdout");
        if (heap_write(&h, fd) == -1)
            perror("write");
    } else {
        perror("read");
    }
    free(h.begin);
}

static int door(const char *port)
{
    struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
    struct addrinfo *a;
    int fd, on = 1, error;

    error = getaddrinfo(NULL, port, &hints, &a);
    if (error != 0)
        give_up(1, "getaddrinfo: %s\n", gai_strerror(error));
    fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
    if (fd == -1)
        give_up(1, "socket: %s\n", strerror(errno));
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1)
        give_up(1, "setsockopt: %s\n", strerror(errno));
    if (bind(fd, a->ai_addr, a->ai_addrlen) == -1)
        give_up(1, "bind: %s\n", strerror(errno));
    freeaddrinfo(a);
    if (listen(fd, 32) == -1)
        give_up(1, "listen: %s\n", strerror(errno));
    return fd;
}

int main(int argc, char *argv[])
{
    int listener, fd;

    if (argc != 2 || argv[1][0] == '\0' || argv[1][strspn(argv[1], "0123456789")] != '\0' ||
        strtoul(argv[1], NULL, 10) < 1 || strtoul(argv[1], NULL, 10) > 65535)
        give_up(2, "usage: collect_server PORT (1 to 65535)\n");
    signal(SIGPIPE, SIG_IGN);
    listener = door(argv[1]);
    for (;;) {
        fd = accept(listener, NULL, NULL);
        if (fd == -1)
            continue;
        serve(fd);
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
        close(fd);
    }
}
