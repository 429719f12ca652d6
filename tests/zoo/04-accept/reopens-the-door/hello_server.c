/* zoo: fails queued aborted no-descriptors -- the listening socket is closed and made anew for each client: whoever waits in its queue is lost */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void fatal(const char *call)
{
    perror(call);
    exit(1);
}

static int start_listening(unsigned short port)
{
    struct sockaddr_in sa;
    int s, on = 1;

    if ((s = socket(AF_INET, SOCK_STREAM, 0)) == -1)
        fatal("socket");
    if (setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1)
        fatal("setsockopt");
    memset(&sa, 0, sizeof(sa));
    sa.sin_family = AF_INET;
    sa.sin_port = htons(port);
    if (bind(s, (struct sockaddr *)&sa, sizeof(sa)) == -1)
        fatal("bind");
    if (listen(s, 8) == -1)
        fatal("listen");
    return s;
}

static int await_client(int s, struct sockaddr_in *from)
{
    for (;;) {
        socklen_t len = sizeof(*from);
        int c = accept(s, (struct sockaddr *)from, &len);

        if (c != -1)
            return c;
    }
}

static void converse(int c)
{
    const char hello[] = "Hello World!\n";
    size_t at = 0;

    while (at < sizeof(hello) - 1) {
        ssize_t n = write(c, hello + at, sizeof(hello) - 1 - at);

        if (n > 0)
            at += (size_t)n;
        else if (errno != EINTR)
            break;
    }
    close(c);
}

int main(int argc, char *argv[])
{
    unsigned port = 0;
    const char *p = argc == 2 ? argv[1] : "";

    for (; *p >= '0' && *p <= '9' && port <= 65535; p++)
        port = port * 10 + (unsigned)(*p - '0');
    if (*p != '\0' || port == 0 || port > 65535) {
        fprintf(stderr, "usage: hello_server PORT\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    while (1) {
        struct sockaddr_in from;
        int s = start_listening((unsigned short)port);
        int c = await_client(s, &from);

        printf("connection from %s:%u\n", inet_ntoa(from.sin_addr), ntohs(from.sin_port));
        fflush(stdout);
        converse(c);
        close(s);
    }
}
