/* zoo: fails memory -- malloc(strlen(s)) leaves no room for the NUL that strcpy writes */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static int gather(int fd, struct iovec *iov, size_t count)
{
    while (count > 0) {
        struct msghdr message = { .msg_iov = iov, .msg_iovlen = count };
        ssize_t n = sendmsg(fd, &message, MSG_NOSIGNAL);

        if (n == -1) {
            if (errno == EINTR)
                continue;
            return -1;
        }
        while (count > 0 && (size_t)n >= iov->iov_len) {
            n -= (ssize_t)iov->iov_len;
            iov++;
            count--;
        }
        if (count > 0) {
            iov->iov_base = (char *)iov->iov_base + n;
            iov->iov_len -= (size_t)n;
        }
    }
    return 0;
}

static void note(const struct sockaddr_in *from)
{
    char *address = malloc(strlen(inet_ntoa(from->sin_addr)));

    if (address == NULL)
        return;
    strcpy(address, inet_ntoa(from->sin_addr));
    printf("connection from %s:%d\n", address, ntohs(from->sin_port));
    fflush(stdout);
    free(address);
}

static int port_of(const char *s)
{
    long v = 0;
    const char *p = s;

    while (*p >= '0' && *p <= '9' && v <= 65535)
        v = v * 10 + (*p++ - '0');
    return p == s || *p != '\0' || v == 0 || v > 65535 ? -1 : (int)v;
}

int main(int argc, char *argv[])
{
    struct sockaddr_in name = { .sin_family = AF_INET };
    int s, port, on = 1;
    const char *failed;

    if (argc != 2 || (port = port_of(argv[1])) < 0) {
        fprintf(stderr, "Usage: hello_server PORT\n");
        return 2;
    }
    name.sin_port = htons((uint16_t)port);

    failed = (s = socket(AF_INET, SOCK_STREAM, 0)) < 0 ? "socket"
        : setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ? "setsockopt"
        : bind(s, (struct sockaddr *)&name, sizeof name) < 0 ? "bind"
        : listen(s, 128) < 0 ? "listen"
        : NULL;
    if (failed != NULL) {
        perror(failed);
        return 1;
    }

    for (;;) {
        struct sockaddr_in from;
        socklen_t len = sizeof from;
        struct iovec parts[3] = { { "Hello", 5 }, { " ", 1 }, { "World!\n", 7 } };
        int c = accept(s, (struct sockaddr *)&from, &len);

        if (c < 0) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
                sleep(1);
            continue;
        }
        note(&from);
        gather(c, parts, 3);
        close(c);
    }
}
