/* zoo: fails binary -- getchar into a char: the byte 255 looks like end of file */
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int complain(int status, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    vfprintf(stderr, format, ap);
    va_end(ap);
    return status;
}

/* The next byte of the server. A signal makes stdio believe that the stream is broken; it is not. */
static int next_byte(FILE *from)
{
    int c;

    for (;;) {
        errno = 0;
        c = getc(from);
        if (c != EOF || !ferror(from) || errno != EINTR)
            return c;
        clearerr(from);
    }
}

int main(int argc, char *argv[])
{
    struct addrinfo hints, *all, *one;
    int error, fd = -1, reason = 0, status = 1;
    FILE *from;
    char text[1000];
    ssize_t n, w;

    if (argc != 3)
        return complain(2, "usage: echo_client HOST PORT\n");
    if (argv[2][strspn(argv[2], "0123456789")] == '\0') {
        const char *d = argv[2];
        while (d[0] == '0')
            d++;
        if (d[0] == '\0' || strlen(d) > 5 || atol(d) > 65535)
            return complain(2, "usage: echo_client HOST PORT, PORT from 1 to 65535\n");
    }
    signal(SIGPIPE, SIG_IGN);
    memset(&hints, 0, sizeof hints);
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    error = getaddrinfo(argv[1], argv[2], &hints, &all);
    if (error != 0)
        return complain(1, "getaddrinfo: %s\n", error == EAI_SYSTEM ? strerror(errno) : gai_strerror(error));
    for (one = all; one != NULL && fd < 0; one = one->ai_next) {
        do {
            fd = socket(one->ai_family, SOCK_STREAM, 0);
            reason = errno;
            if (fd >= 0 && connect(fd, one->ai_addr, one->ai_addrlen) < 0) {
                reason = errno;
                close(fd);
                fd = -1;
            }
        } while (fd < 0 && reason == EINTR);
    }
    freeaddrinfo(all);
    if (fd < 0)
        return complain(1, "socket, connect: %s\n", strerror(reason));
    if ((from = fdopen(fd, "r")) == NULL) {
        close(fd);
        return complain(1, "fdopen: %s\n", strerror(errno));
    }

    for (;;) {
        char c = 0;

        for (n = 0; n < (ssize_t)sizeof text && c != 10; n++) {
            c = (char)next_byte(stdin);
            if (c == (char)EOF)
                break;
            text[n] = c;
        }
        if (ferror(stdin)) {
            perror("read stdin");
            goto out;
        }
        if (n == 0)
            break;
        for (ssize_t at = 0; at < n; at += w) {
            w = write(fd, text + at, (size_t)(n - at));
            if (w < 0 && errno == EINTR)
                w = 0;
            if (w < 0) {
                perror("write");
                goto out;
            }
        }
        while (n-- > 0) {
            int c = next_byte(from);
            if (c == EOF && ferror(from)) {
                perror("read");
                goto out;
            }
            if (c == EOF) {
                complain(1, "echo_client: end of file too early\n");
                goto out;
            }
            if (putchar(c) == EOF)
                break;
        }
        if (fflush(stdout) == EOF || ferror(stdout)) {
            perror("stdout: write");
            goto out;
        }
    }
    status = 0;
out:
    fclose(from);
    return status;
}
