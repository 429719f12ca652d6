/* right: line by line with getline and fread on stdio streams; waits for each line's echo before it takes the next */
#define _GNU_SOURCE
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int dial(const char *host, const char *port)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list, *ai;
    int why = getaddrinfo(host, port, &hints, &list), fd = -1, saved = 0;

    if (why) {
        fprintf(stderr, "echo_client: %s\n", why == EAI_SYSTEM ? strerror(errno) : gai_strerror(why));
        exit(1);
    }
    for (ai = list; ai && fd < 0; ai = ai->ai_next) {
        fd = socket(ai->ai_family, ai->ai_socktype, 0);
        if (fd >= 0 && connect(fd, ai->ai_addr, ai->ai_addrlen) < 0) {
            saved = errno;
            close(fd);
            fd = -1;
        } else if (fd < 0) {
            saved = errno;
        }
    }
    freeaddrinfo(list);
    if (fd < 0) {
        fprintf(stderr, "socket or connect: %s\n", strerror(saved));
        exit(1);
    }
    return fd;
}

/* getdelim gives up what it has when a signal comes; these two take a byte at a time and go on. */
static int get(FILE *from)
{
    int c;

    while ((c = getc(from)) == EOF && ferror(from) && errno == EINTR)
        clearerr(from);
    return c;
}

static void send_all(int fd, const char *at, size_t n)
{
    while (n > 0) {
        ssize_t w = send(fd, at, n, MSG_NOSIGNAL);
        if (w < 0 && errno == EINTR)
            continue;
        if (w < 0) {
            perror("send (write)");
            exit(1);
        }
        at += w;
        n -= (size_t)w;
    }
}

int main(int argc, char **argv)
{
    static char line[4000];
    int c = 0;

    if (argc != 3 || !*argv[2] ||
        (strspn(argv[2], "0123456789") == strlen(argv[2]) && (atoll(argv[2]) < 1 || atoll(argv[2]) > 65535))) {
        fputs("usage: echo_client HOST PORT\n", stderr);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    int fd = dial(argv[1], argv[2]);
    FILE *back = fdopen(fd, "r");
    if (!back) {
        perror("fdopen");
        return 1;
    }
    while (c != EOF) {
        size_t n = 0;
        while (n < sizeof line && (c = get(stdin)) != EOF) {
            line[n++] = (char)c;
            if (c == '\n')
                break;
        }
        if (c == EOF && ferror(stdin)) {
            perror("read from stdin");
            return 1;
        }
        send_all(fd, line, n);
        for (size_t i = 0; i < n; i++) {
            int b = get(back);
            if (b == EOF) {
                if (ferror(back))
                    perror("read");
                else
                    fputs("echo_client: the server has closed too early\n", stderr);
                return 1;
            }
            putchar(b);
        }
        if (fflush(stdout) == EOF) {
            perror("write to stdout");
            return 1;
        }
    }
    fclose(back);
    return 0;
}
