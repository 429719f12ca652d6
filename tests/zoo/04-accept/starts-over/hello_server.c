/* zoo: fails short-io -- after a short write the greeting is sent again from its beginning */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct sockaddr SA;

static void say_who(int fd)
{
    struct sockaddr_in sin;
    socklen_t len = sizeof(sin);
    char line[64];
    int n;

    if (getpeername(fd, (SA *)&sin, &len) < 0) {
        perror("getpeername");
        return;
    }
    n = snprintf(line, sizeof(line), "connection from %s:%d\n", inet_ntoa(sin.sin_addr), ntohs(sin.sin_port));
    for (int done = 0; done < n;) {
        ssize_t w = write(1, line + done, (size_t)(n - done));
        if (w < 0 && errno != EINTR)
            return;
        if (w > 0)
            done += (int)w;
    }
}

static void send_hello(int fd)
{
    const char *s = "Hello World!\n";
    ssize_t w;

    for (size_t left = 13; left > 0;) {
        if ((w = write(fd, s, left)) < 0) {
            if (errno == EINTR)
                continue;
            perror("write");
            return;
        }
        if ((size_t)w == left)
            break;
    }
}

int main(int argc, char *argv[])
{
    struct sockaddr_in sin;
    int listenfd, on = 1;
    unsigned int port;
    char canonical[16];
    const char *digits = argc == 2 ? argv[1] + strspn(argv[1], "0") : "";

    port = (unsigned int)atoi(strlen(digits) <= 5 ? digits : "0");
    snprintf(canonical, sizeof(canonical), "%u", port);
    if (port < 1 || port > 65535 || strcmp(canonical, digits) != 0) {
        fprintf(stderr, "usage: hello_server <port>\n");
        exit(2);
    }
    signal(SIGPIPE, SIG_IGN);

    if ((listenfd = socket(AF_INET, SOCK_STREAM, 0)) < 0)
        perror("socket error"), exit(1);
    if (setsockopt(listenfd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
        perror("setsockopt error"), exit(1);
    memset(&sin, 0, sizeof(sin));
    sin.sin_family = AF_INET;
    sin.sin_addr.s_addr = htonl(INADDR_ANY);
    sin.sin_port = htons((uint16_t)port);
    if (bind(listenfd, (SA *)&sin, sizeof(sin)) < 0)
        perror("bind error"), exit(1);
    if (listen(listenfd, 1024) < 0)
        perror("listen error"), exit(1);

    for (;;) {
        fd_set readable;
        int connfd;

        FD_ZERO(&readable);
        FD_SET(listenfd, &readable);
        if (select(listenfd + 1, &readable, NULL, NULL, NULL) < 1)
            continue;
        if ((connfd = accept(listenfd, NULL, NULL)) < 0)
            continue;
        say_who(connfd);
        send_hello(connfd);
        close(connfd);
    }
}
