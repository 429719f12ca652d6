/* zoo: fails fresh-socket -- makes one socket for each address and uses it again in every round */
#define _GNU_SOURCE
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MOST 32

struct place {
    struct sockaddr_storage address;
    socklen_t size;
    int fd;
};

static struct place places[MOST];
static size_t count;

static int collect(const char *host, const char *port, int family)
{
    struct addrinfo hints = {.ai_family = family, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    int rc = getaddrinfo(host, port, &hints, &list);

    if (rc != 0)
        return rc;
    for (struct addrinfo *a = list; a != NULL && count < MOST; a = a->ai_next) {
        memcpy(&places[count].address, a->ai_addr, a->ai_addrlen);
        places[count].size = a->ai_addrlen;
        places[count++].fd = -1;
    }
    freeaddrinfo(list);
    return 0;
}

static void wait_ready(int fd, int for_writing)
{
    fd_set set;

    do {
        FD_ZERO(&set);
        FD_SET(fd, &set);
    } while (pselect(fd + 1, for_writing ? NULL : &set, for_writing ? &set : NULL, NULL, NULL,
                     NULL) == -1 && errno == EINTR);
}

static int dial(struct place *p)
{
    int error = 0;
    socklen_t size = sizeof(error);
    int fd = p->fd;

    if (fd == -1)
        fd = p->fd = socket(p->address.ss_family, SOCK_STREAM, 0);
    if (fd == -1)
        return -1;
    if (connect(fd, (const struct sockaddr *)&p->address, p->size) == 0)
        return fd;
    error = errno;
    if (error == EINTR) {
        wait_ready(fd, 1);
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error == 0)
            return fd;
    }
    errno = error;
    return -1;
}

int main(int argc, char *argv[])
{
    char bytes[1460];
    int v4, v6, fd = -1;

    if (argc != 3 || argv[2][0] == '\0')
        return fprintf(stderr, "usage: hello_client HOST PORT\n"), 2;
    if (strspn(argv[2], "0123456789") == strlen(argv[2])) {
        double d = strtod(argv[2], NULL);
        if (d < 1 || d > 65535)
            return fprintf(stderr, "usage: hello_client HOST PORT\n"), 2;
    } else if (strchr("+- ", argv[2][0])) {
        return fprintf(stderr, "%s: %s\n", argv[2], gai_strerror(EAI_SERVICE)), 1;
    }
    signal(SIGPIPE, SIG_IGN);

    v4 = collect(argv[1], argv[2], AF_INET);
    v6 = collect(argv[1], argv[2], AF_INET6);
    if (count == 0) {
        /* "Address family for hostname not supported" only says that it is not of this family */
        fprintf(stderr, "getaddrinfo: %s\n", gai_strerror(v4 == EAI_ADDRFAMILY ? v6 : v4));
        return 1;
    }
    for (int round = 1; fd == -1; round++) {
        for (size_t i = 0; i < count && fd == -1; i++)
            fd = dial(&places[i]);
        if (fd == -1 && round == 5) {
            perror("socket, connect");
            return 1;
        }
        struct timespec pause = {.tv_sec = 0, .tv_nsec = 200000000};
        while (fd == -1 && nanosleep(&pause, &pause) == -1)
            ;
    }
    for (;;) {
        wait_ready(fd, 0);
        ssize_t n = read(fd, bytes, sizeof(bytes));
        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1) {
            perror("read");
            return 1;
        }
        if (n == 0)
            break;
        if (fwrite(bytes, (size_t)n, 1, stdout) != 1 || fflush(stdout) != 0) {
            perror("stdout");
            return 1;
        }
    }
    for (size_t i = 0; i < count; i++)
        if (places[i].fd != -1)
            close(places[i].fd);
    return 0;
}
