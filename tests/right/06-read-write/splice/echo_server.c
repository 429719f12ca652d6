/* right: the bytes never come into the program: splice moves them from the socket into a pipe and back out */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static ssize_t move(int from, int to, size_t most)
{
    ssize_t n;

    while ((n = splice(from, NULL, to, NULL, most, SPLICE_F_MOVE)) == -1 && errno == EINTR)
        ;
    return n;
}

static void conversation(int c)
{
    int p[2];
    ssize_t n = 0, m;

    /* A pipe for each client: nothing of one client can be left over for the next. */
    if (pipe(p) == -1) {
        perror("pipe");
        return;
    }
    while ((n = move(c, p[1], 16384)) > 0) {
        for (; n > 0; n -= m)
            if ((m = move(p[0], c, (size_t)n)) <= 0)
                goto out;
    }
out:
    close(p[0]);
    close(p[1]);
}

int main(int argc, char **argv)
{
    struct sockaddr_in sa;
    struct sigaction ign;
    int ls, one = 1;
    long port;
    char *e;

    if (argc != 2 || strlen(argv[1]) == 0 || strspn(argv[1], "0123456789") != strlen(argv[1]) ||
        (port = strtol(argv[1], &e, 10)) <= 0 || port >= 65536) {
        fputs("usage: echo_server PORT\n", stderr);
        exit(2);
    }
    memset(&ign, 0, sizeof ign);
    ign.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &ign, NULL);
    memset(&sa, 0, sizeof sa);
    sa.sin_family = AF_INET;
    sa.sin_port = htons((uint16_t)port);
    ls = socket(PF_INET, SOCK_STREAM, 0);
    if (ls == -1) {
        perror("socket");
        exit(1);
    }
    setsockopt(ls, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(ls, (struct sockaddr *)&sa, sizeof sa) == -1) {
        perror("bind");
        exit(1);
    }
    if (listen(ls, 10) == -1) {
        perror("listen");
        exit(1);
    }
    for (;;) {
        int c = accept(ls, NULL, NULL);
        if (c == -1)
            continue;
        conversation(c);
        close(c);
    }
}
