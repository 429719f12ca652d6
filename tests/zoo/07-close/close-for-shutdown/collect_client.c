/* zoo: fails half-close collects binary empty no-reset reference order reports-failure -- close sends the end of file too, but there is no descriptor left to read the answer from */
#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "io.h"

static int dial(const char *host, const char *port)
{
        struct addrinfo want = { .ai_socktype = SOCK_STREAM }, *all, *a;
        int fd = -1, reason = 0, error = getaddrinfo(host, port, &want, &all);

        if (error != 0)
                errx(1, "%s: %s", host, error == EAI_SYSTEM ? strerror(errno) : gai_strerror(error));
        for (a = all; a != NULL && fd == -1; a = a->ai_next) {
                do {
                        reason = 0;
                        if ((fd = socket(a->ai_family, a->ai_socktype, 0)) == -1) {
                                reason = errno;
                        } else if (connect(fd, a->ai_addr, a->ai_addrlen) == -1) {
                                reason = errno;
                                close(fd);
                                fd = -1;
                        }
                } while (reason == EINTR);
        }
        freeaddrinfo(all);
        if (fd == -1) {
                errno = reason;
                err(1, "socket or connect");
        }
        return fd;
}

/* The next byte, or EOF. A signal makes stdio believe that the stream is broken; it is not. */
static int next(FILE *f)
{
        int c;

        do {
                clearerr(f);
                errno = 0;
                c = getc(f);
        } while (c == EOF && ferror(f) && errno == EINTR);
        return c;
}

int main(int argc, char **argv)
{
        char line[3000];
        size_t n = 0;
        FILE *server;
        int fd, c;

        if (argc != 3)
                errx(2, "usage: collect_client HOST PORT");
        if (strspn(argv[2], "0123456789") == strlen(argv[2])) {
                char *p = argv[2] + strspn(argv[2], "0");
                if (*p == '\0' || strlen(p) > 5 || atoi(p) > 65535)
                        errx(2, "usage: collect_client HOST PORT (1 to 65535)");
        }
        signal(SIGPIPE, SIG_IGN);
        fd = dial(argv[1], argv[2]);
        for (;;) {
                if ((c = next(stdin)) != EOF)
                        line[n++] = (char)c;
                if (n == sizeof line || (c == EOF && n > 0)) {
                        if (writen(fd, line, n) == -1)
                                err(1, "write");
                        n = 0;
                }
                if (c == EOF)
                        break;
        }
        if (ferror(stdin))
                err(1, "stdin");
        if (close(fd) == -1)
                err(1, "close");
        if ((server = fdopen(fd, "rb")) == NULL)
                err(1, "fdopen");
        putchar('>');
        while ((c = next(server)) != EOF)
                putchar(c);
        if (ferror(server))
                err(1, "read");
        fclose(server);
        putchar('\n');
        if (fflush(stdout) == EOF || ferror(stdout))
                err(1, "stdout");
        return 0;
}
