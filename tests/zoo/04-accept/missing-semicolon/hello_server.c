/* zoo: fails builds -- a semicolon is missing after the line that reports a failed listen */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static unsigned long get_port(const char *s)
{
    size_t digits = strspn(s, "0123456789");
    unsigned long port;

    if (digits == 0 || s[digits] != '\0')
        return 0;
    errno = 0;
    port = strtoul(s, NULL, 10);
    return errno != 0 || port > 65535 ? 0 : port;
}

int main(int argc, char **argv)
{
    struct sockaddr_in me = { .sin_family = AF_INET, .sin_addr.s_addr = INADDR_ANY };
    unsigned long port;
    int yes = 1;
    int ls;

    if (argc != 2 || (port = get_port(argv[1])) == 0) {
        fprintf(stderr, "Usage: %s PORT\n", argv[0]);
        exit(2);
    }
    me.sin_port = htons((unsigned short)port);

    if ((ls = socket(PF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP)) < 0)
        err(1, "socket");
    if (setsockopt(ls, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) < 0)
        err(1, "setsockopt");
    if (bind(ls, (struct sockaddr *)&me, sizeof me) < 0)
        err(1, "cannot bind to port %lu", port);
    if (listen(ls, SOMAXCONN) < 0)
        err(1, "listen")

    while (1) {
        struct sockaddr_in who;
        socklen_t len = sizeof who;
        const char *p = "Hello World!\n";
        const char *end = p + strlen(p);
        int c = accept4(ls, (struct sockaddr *)&who, &len, SOCK_CLOEXEC);

        if (c < 0) {
            if (errno == EMFILE || errno == ENFILE)
                usleep(20000);
            continue;
        }
        printf("connection from %s:%u\n", inet_ntoa(who.sin_addr), (unsigned)ntohs(who.sin_port));
        fflush(stdout);
        while (p < end) {
            ssize_t n = send(c, p, (size_t)(end - p), MSG_NOSIGNAL);
            if (n >= 0)
                p += n;
            else if (errno != EINTR)
                break;
        }
        close(c);
    }
}
