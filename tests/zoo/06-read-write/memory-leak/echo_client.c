/* zoo: fails memory -- its buffers come from malloc and are never freed */
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "io.h"

#define LEN 2048

static int connect_to(const char *host, const char *port)
{
    struct addrinfo hints, *res, *r;
    int fd = -1, rc, saved = 0;

    memset(&hints, 0, sizeof(hints));
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    rc = getaddrinfo(host, port, &hints, &res);
    if (rc != 0) {
        fprintf(stderr, "getaddrinfo: %s\n", rc == EAI_SYSTEM ? strerror(errno) : gai_strerror(rc));
        return -1;
    }
    for (r = res; r != NULL; r = r->ai_next) {
        do {
            fd = socket(r->ai_family, r->ai_socktype, r->ai_protocol);
            saved = errno;
            if (fd == -1 || connect(fd, r->ai_addr, r->ai_addrlen) == 0)
                break;
            saved = errno;
            close(fd);
            fd = -1;
        } while (saved == EINTR);
        if (fd != -1)
            break;
    }
    freeaddrinfo(res);
    if (fd == -1)
        fprintf(stderr, "could not connect (socket/connect): %s\n", strerror(saved));
    return fd;
}

static int chat(int fd)
{
    ssize_t n, m;

    while (1) {
        char *line = malloc(LEN), *answer = malloc(LEN);
        if (line == NULL || answer == NULL) {
            perror("malloc");
            return 1;
        }
        n = read(0, line, LEN);
        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1) {
            perror("read(stdin)");
            return 1;
        }
        if (n == 0)
            return 0;
        if (writen(fd, line, (size_t)n) == -1) {
            perror("write");
            return 1;
        }
        m = readn(fd, answer, (size_t)n);
        if (m == -1) {
            perror("read");
            return 1;
        }
        if (writen(1, answer, (size_t)m) == -1) {
            perror("write(stdout)");
            return 1;
        }
        if (m < n) {
            fprintf(stderr, "server closed: %zd bytes missing\n", n - m);
            return 1;
        }
    }
}

static int bad_port(const char *p)
{
    if (*p == '\0')
        return 1;
    if (p[strspn(p, "0123456789")] != '\0')
        return 0;
    while (*p == '0')
        p++;
    return *p == '\0' || strlen(p) > 5 || atoi(p) > 65535;
}

int main(int argc, char *argv[])
{
    int fd, status;

    if (argc != 3 || bad_port(argv[2])) {
        fprintf(stderr, "usage: echo_client HOST PORT\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    fd = connect_to(argv[1], argv[2]);
    if (fd == -1)
        return 1;
    status = chat(fd);
    close(fd);
    return status;
}
