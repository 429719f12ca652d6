/* zoo: fails largest gives-up late refused -- ends after the first line without an answer */
#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static char answer[65600];

static int ask(int fd, const char *line, size_t size)
{
    for (int i = 0; i < 3; i++) {
        if (send(fd, line, size, 0) < 0 && errno == EMSGSIZE)
            return 0;
        for (;;) {
            ssize_t n = recv(fd, answer, sizeof answer, 0);
            if (n < 0)
                break;
            if ((size_t)n == size && memcmp(answer, line, size) == 0)
                return 1;
        }
    }
    return 0;
}

int main(int argc, char *argv[])
{
    struct addrinfo hints = {.ai_socktype = SOCK_DGRAM}, *ai;
    struct timeval second = {1, 0};
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    int bad = 0, e;

    if (argc != 3 || !argv[2][0] ||
        (strspn(argv[2], "0123456789") == strlen(argv[2]) && (atol(argv[2]) < 1 || atol(argv[2]) > 65535))) {
        fprintf(stderr, "usage: %s HOST PORT\n", argv[0]);
        return 2;
    }
    if ((e = getaddrinfo(argv[1], argv[2], &hints, &ai)) != 0)
        errx(1, "%s: %s", argv[1], gai_strerror(e));
    int fd = socket(ai->ai_family, ai->ai_socktype, ai->ai_protocol);
    if (fd < 0)
        err(1, "socket");
    if (connect(fd, ai->ai_addr, ai->ai_addrlen) < 0)
        err(1, "connect");
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second) < 0)
        err(1, "setsockopt");
    freeaddrinfo(ai);
    while ((n = getdelim(&line, &room, '\n', stdin)) > 0) {
        size_t size = (size_t)n - (line[n - 1] == '\n');
        int ok = size <= 65507 && ask(fd, line, size);
        if (ok)
            fwrite(line, 1, size, stdout);
        else
            puts("no answer"), exit(1);
        printf("\n");
        if (fflush(stdout) != 0)
            err(1, "stdout");
        bad |= !ok;
    }
    free(line);
    close(fd);
    return bad;
}
