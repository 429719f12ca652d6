/* zoo: fails fork-fails -- -1 is taken for the child: the parent becomes a child of nobody */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int port_of(const char *s)
{
    long n = 0;
    if (*s == '\0' || s[strspn(s, "0123456789")] != '\0')
        return 0;
    for (; *s; s++)
        if ((n = n * 10 + *s - '0') > 65535)
            return 0;
    return (int)n;
}

int main(int argc, char **argv)
{
    struct sockaddr_in a;
    int port, s, c, on = 1;
    char buf[1];

    if (argc != 2 || (port = port_of(argv[1])) == 0) {
        fputs("usage: fork_server PORT\n", stderr);
        exit(2);
    }
    signal(SIGCHLD, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    if ((s = socket(PF_INET, SOCK_STREAM, IPPROTO_TCP)) == -1) {
        perror("socket");
        exit(1);
    }
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    bzero(&a, sizeof(a));
    a.sin_family = AF_INET;
    a.sin_port = htons((unsigned short)port);
    if (bind(s, (struct sockaddr *)&a, sizeof(a)) == -1) {
        perror("bind");
        exit(1);
    }
    if (listen(s, SOMAXCONN) == -1) {
        perror("listen");
        exit(1);
    }
    while (1) {
        if ((c = accept(s, NULL, NULL)) == -1) {
            perror("accept");
            continue;
        }
        switch (fork()) {
        case -1:
        case 0:
            close(s);
            for (;;) {
                ssize_t n = read(c, buf, 1), m;
                if (n == -1 && errno == EINTR)
                    continue;
                if (n != 1)
                    exit(0);
                do
                    m = write(c, buf, 1);
                while (m == -1 && errno == EINTR);
                if (m != 1)
                    exit(1);
            }
        default:
            close(c);
        }
    }
}
