/* zoo: fails binary -- the answer is printed as a string */
#include "io.h"
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct heap
{
    unsigned char *at;
    size_t n, max;
};

static void quit(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

static void fill(struct heap *h, int fd, const char *what)
{
    ssize_t got;

    do
    {
        if (h->max - h->n < 1000)
        {
            unsigned char *p = realloc(h->at, h->max * 2 + 8000);
            if (p == NULL)
                quit("realloc");
            h->at = p;
            h->max = h->max * 2 + 8000;
        }
        got = readn(fd, h->at + h->n, h->max - h->n);
        if (got == -1)
            quit(what);
        h->n += (size_t)got;
    }
    while (got > 0);
}

static int wait_connected(int fd)
{
    struct pollfd p = {fd, POLLOUT, 0};
    int why = 0;
    socklen_t size = sizeof why;

    while (poll(&p, 1, -1) != 1)
        ;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &size) == -1)
        return -1;
    errno = why;
    return why ? -1 : 0;
}

int main(int argc, char *argv[])
{
    struct addrinfo *list, *p, hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct heap in = {0}, out = {0};
    const char *call = "socket";
    int fd = -1, e, saved = 0;

    if (argc != 3 || argv[2][0] == '\0' ||
        (strspn(argv[2], "0123456789") == strlen(argv[2]) &&
         (strtoul(argv[2], NULL, 10) < 1 || strtoul(argv[2], NULL, 10) > 65535)))
    {
        fprintf(stderr, "usage: %s HOST PORT\n", argv[0]);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    if ((e = getaddrinfo(argv[1], argv[2], &hints, &list)) != 0)
    {
        fprintf(stderr, "%s: %s\n", argv[0], e == EAI_SYSTEM ? strerror(errno) : gai_strerror(e));
        return 1;
    }
    fill(&in, 0, "stdin");
    for (p = list; p != NULL; p = p->ai_next)
    {
        call = "socket";
        fd = socket(p->ai_family, p->ai_socktype, p->ai_protocol);
        saved = errno;
        if (fd == -1)
            continue;
        call = "connect";
        if (connect(fd, p->ai_addr, p->ai_addrlen) == 0 || (errno == EINTR && wait_connected(fd) == 0))
            break;
        saved = errno;
        close(fd);
        fd = -1;
    }
    freeaddrinfo(list);
    if (fd == -1)
    {
        errno = saved;
        quit(call);
    }
    if (writen(fd, in.at, in.n) == -1)
        quit("write");
    free(in.at);
    if (shutdown(fd, SHUT_WR) == -1)
        quit("shutdown");
    fill(&out, fd, "read");
    out.at[out.n] = 0;
    if (close(fd) == -1)
        perror("close");
    if (printf(">%s\n", (char *)out.at) < 0 || fflush(stdout) == EOF)
        quit("stdout");
    free(out.at);
    return 0;
}
