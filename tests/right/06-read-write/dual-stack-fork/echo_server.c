/* right: a dual-stack IPv6 listener, and a child process for each client, whose zombies nobody makes (SIG_IGN) */
#include "io.h"
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void
die(const char *what)
{
        perror(what);
        exit(1);
}

static int
portnum(const char *s)
{
        long v = 0;
        if (*s == 0)
                return 0;
        while (*s) {
                if (*s < '0' || *s > '9' || v > 65535)
                        return 0;
                v = v * 10 + *s++ - '0';
        }
        return v > 65535 ? 0 : (int)v;
}

static _Noreturn void
child(int c)
{
        static char buf[8192];
        ssize_t n;

        for (;;) {
                n = read(c, buf, sizeof(buf));
                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0 || writen(c, buf, (size_t)n) < 0)
                        break;
        }
        close(c);
        _exit(0);
}

int
main(int argc, char **argv)
{
        struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_ANY_INIT };
        int off = 0, on = 1, port, l, c;

        if (argc != 2 || !(port = portnum(argv[1]))) {
                fprintf(stderr, "usage: %s PORT\n", argv[0]);
                return 2;
        }
        signal(SIGPIPE, SIG_IGN);
        signal(SIGCHLD, SIG_IGN);
        a.sin6_port = htons((in_port_t)port);
        if ((l = socket(AF_INET6, SOCK_STREAM, 0)) == -1)
                die("socket");
        if (setsockopt(l, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) == -1 ||
            setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1)
                die("setsockopt");
        if (bind(l, (struct sockaddr *)&a, sizeof a) == -1)
                die("bind");
        if (listen(l, 128) == -1)
                die("listen");
        while (1) {
                if ((c = accept(l, NULL, NULL)) == -1)
                        continue;
                switch (fork()) {
                case -1:
                        perror("fork");
                        break;
                case 0:
                        close(l);
                        child(c);
                default:
                        break;
                }
                close(c);
        }
}
