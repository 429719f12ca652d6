/* zoo: fails memory -- the text of each address is allocated and never freed */
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

static char *describe(const struct sockaddr_in *who)
{
    char *text = NULL;

    if (asprintf(&text, "%s:%u", inet_ntoa(who->sin_addr), (unsigned)ntohs(who->sin_port)) == -1)
        return NULL;
    return text;
}

static void send_greeting(int conn)
{
    const char *at = "Hello World!\n";

    while (*at != '\0') {
        ssize_t n = send(conn, at, strlen(at), MSG_NOSIGNAL);

        if (n >= 0)
            at += n;
        else if (errno != EINTR)
            return;
    }
}

static void serve(int listener)
{
    struct sockaddr_in who;
    socklen_t size = sizeof who;
    int conn = accept(listener, (struct sockaddr *)&who, &size);
    char *text;

    if (conn == -1)
        return;
    text = describe(&who);
    dprintf(STDOUT_FILENO, "connection from %s\n", text != NULL ? text : "somewhere");
    send_greeting(conn);
    close(conn);
}

int main(int argc, char **argv)
{
    struct sockaddr_in me = { .sin_family = AF_INET, .sin_addr.s_addr = INADDR_ANY };
    unsigned long port = 0;
    int listener, yes = 1;

    if (argc == 2 && argv[1][0] != '\0' && strspn(argv[1], "0123456789") == strlen(argv[1]))
        port = strtoul(argv[1], NULL, 10);
    if (port < 1 || port > 65535) {
        fprintf(stderr, "Usage: %s PORT\n", argv[0]);
        exit(2);
    }
    me.sin_port = htons((unsigned short)port);
    if ((listener = socket(AF_INET, SOCK_STREAM, 0)) < 0)
        err(1, "socket");
    if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) < 0)
        err(1, "setsockopt");
    if (bind(listener, (struct sockaddr *)&me, sizeof me) < 0)
        err(1, "bind");
    if (listen(listener, SOMAXCONN) < 0)
        err(1, "listen");
    for (;;)
        serve(listener);
}
