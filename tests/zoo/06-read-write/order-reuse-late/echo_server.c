/* zoo: fails order in-use -- SO_REUSEADDR is set after bind, which is too late */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int echo_some(int s)
{
    char b[65536], *p = b;
    ssize_t n, w;

    do
        n = recv(s, b, sizeof b, 0);
    while (n < 0 && errno == EINTR);
    if (n <= 0)
        return 0;
    while (n > 0) {
        w = send(s, p, (size_t)n, MSG_NOSIGNAL);
        if (w < 0 && errno == EINTR)
            continue;
        if (w < 0)
            return 0;
        p += w;
        n -= w;
    }
    return 1;
}

int main(int argc, char **argv)
{
    struct sockaddr_in sin = {.sin_family = AF_INET};
    char *end;
    unsigned long port;
    int l, s, yes = 1;

    if (argc != 2 || argv[1][strspn(argv[1], "0123456789")] != '\0' || argv[1][0] == '\0')
        errx(2, "usage: echo_server PORT");
    errno = 0;
    port = strtoul(argv[1], &end, 10);
    if (errno != 0 || port < 1 || port > 65535)
        errx(2, "usage: echo_server PORT (1 to 65535)");
    sin.sin_port = htons((unsigned short)port);
    if ((l = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP)) < 0)
        err(1, "socket");
    if (bind(l, (struct sockaddr *)&sin, sizeof sin) < 0)
        err(1, "bind");
    if (setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) < 0)
        err(1, "setsockopt");
    if (listen(l, SOMAXCONN) < 0)
        err(1, "listen");
    for (;;) {
        if ((s = accept4(l, NULL, NULL, SOCK_CLOEXEC)) < 0) {
            if (errno == EBADF || errno == ENOTSOCK || errno == EINVAL)
                err(1, "accept4");
            continue;
        }
        while (echo_some(s))
            ;
        close(s);
    }
}
