/* zoo: fails no-bind -- binds the client to a port of its own, as a server does */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void describe(const struct addrinfo *a, char *to, size_t size)
{
    char ip[INET6_ADDRSTRLEN];
    const void *raw = a->ai_family == AF_INET6
                          ? (const void *)&((struct sockaddr_in6 *)(void *)a->ai_addr)->sin6_addr
                          : (const void *)&((struct sockaddr_in *)(void *)a->ai_addr)->sin_addr;

    snprintf(to, size, "%s", inet_ntop(a->ai_family, raw, ip, sizeof(ip)));
}

static int reach(const struct addrinfo *a)
{
    const int on = 1, size = 65536;
    char where[64];
    int e = 0;

    describe(a, where, sizeof(where));
    fprintf(stderr, "trying %s ...\n", where);

    int s = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
    if (s < 0) {
        perror("  socket");
        return -1;
    }
    struct sockaddr_storage mine = {.ss_family = (sa_family_t)a->ai_family};
    ((struct sockaddr_in *)(void *)&mine)->sin_port = htons(5005); /* sin6_port is in the same place */
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(s, (struct sockaddr *)&mine, a->ai_addrlen) < 0) {
        perror("  bind");
        close(s);
        return -1;
    }
    setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    setsockopt(s, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (connect(s, a->ai_addr, a->ai_addrlen) < 0)
        e = errno;
    if (e == EINTR) {
        socklen_t l = sizeof(e);
        struct pollfd p = {.fd = s, .events = POLLOUT};
        int ready;

        while ((ready = poll(&p, 1, 1000)) == 0 || (ready < 0 && errno == EINTR))
            fprintf(stderr, "  still waiting\n");
        getsockopt(s, SOL_SOCKET, SO_ERROR, &e, &l);
    }
    if (e == 0) {
        fprintf(stderr, "  connected\n");
        return s;
    }
    fprintf(stderr, "  connect: %s\n", strerror(e));
    close(s);
    return -1;
}

int main(int argc, char *argv[])
{
    if (argc != 3) {
    usage:
        fprintf(stderr, "usage: %s HOST PORT\nPORT is 1 to 65535 or a service\n", argv[0]);
        return 2;
    }
    char *rest;
    long number = strtol(argv[2], &rest, 10);
    int sign = argv[2][0] == '+' || argv[2][0] == '-' || argv[2][0] == ' ';
    if (!sign && *rest == '\0' && (number <= 0 || number > 65535))
        goto usage;
    signal(SIGPIPE, SIG_IGN);

    struct addrinfo *list, hints = {.ai_flags = AI_CANONNAME, .ai_socktype = SOCK_STREAM};
    int e = sign ? EAI_SERVICE : getaddrinfo(argv[1], argv[2], &hints, &list);
    if (e != 0) {
        fprintf(stderr, "%s / %s: %s\n", argv[1], argv[2], gai_strerror(e));
        return 1;
    }
    fprintf(stderr, "%s is really %s\n", argv[1], list->ai_canonname);

    int s = -1;
    for (int round = 1; s < 0 && round <= 5; round++) {
        if (round > 1) {
            struct timespec t = {.tv_nsec = 200000000L};
            while (nanosleep(&t, &t) < 0 && errno == EINTR)
                fprintf(stderr, "  interrupted, sleeping on\n");
        }
        fprintf(stderr, "round %d of 5\n", round);
        for (struct addrinfo *a = list; s < 0 && a != NULL; a = a->ai_next)
            s = reach(a);
    }
    freeaddrinfo(list);
    if (s < 0)
        return 1;

    static char b[100 * 1000];
    for (;;) {
        ssize_t n = read(s, b, sizeof(b));
        if (n == 0) {
            fprintf(stderr, "end of file\n");
            close(s);
            return 0;
        }
        if (n < 0 && errno != EINTR) {
            perror("read");
            close(s);
            return 1;
        }
        char *p = b;
        while (n > 0) {
            ssize_t k = write(1, p, (size_t)n);
            if (k < 0 && errno != EINTR) {
                perror("write");
                close(s);
                return 1;
            }
            if (k > 0) {
                n -= k;
                p += k;
            }
        }
    }
}
