/* right: one byte at a time, in and out, and everything in one loop over two states */
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int fail(const char *call)
{
    perror(call);
    return 1;
}

int main(int argc, char **argv)
{
    struct sockaddr_in any = {.sin_family = AF_INET};
    long port = 0;
    int door, conn = -1, one = 1;

    if (argc == 2 && *argv[1] && strspn(argv[1], "0123456789") == strlen(argv[1]))
        port = strtol(argv[1], NULL, 10);
    if (port < 1 || port > 65535) {
        fputs("usage: echo_server PORT\n", stderr);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    any.sin_port = htons((in_port_t)port);
    if ((door = socket(AF_INET, SOCK_STREAM, 0)) < 0)
        return fail("socket");
    setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(door, (struct sockaddr *)&any, sizeof any) < 0)
        return fail("bind");
    if (listen(door, 5) < 0)
        return fail("listen");

    for (;;) {
        char byte;
        ssize_t n;

        if (conn < 0) {
            conn = accept(door, NULL, NULL);
            if (conn < 0 && (errno == EMFILE || errno == ENFILE))
                sleep(1);
            continue;
        }
        if ((n = read(conn, &byte, 1)) == 1)
            while ((n = write(conn, &byte, 1)) < 0 && errno == EINTR)
                ;
        else if (n < 0 && errno == EINTR)
            continue;
        if (n < 1) {
            close(conn);
            conn = -1;
        }
    }
}
