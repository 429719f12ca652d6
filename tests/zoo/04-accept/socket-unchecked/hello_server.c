/* zoo: fails reports-failure -- the result of socket is not looked at, so a later call is blamed */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct conversation {
    int fd;
    size_t sent;
};

static const char *const greeting = "Hello World!\n";

static void check(int result, const char *what)
{
    if (result == -1) {
        perror(what);
        exit(1);
    }
}

/* Writes what it can; returns 1 when the conversation is over. */
static int advance(struct conversation *c)
{
    while (greeting[c->sent] != '\0') {
        ssize_t n = write(c->fd, greeting + c->sent, strlen(greeting) - c->sent);

        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1)
            return errno != EAGAIN;
        c->sent += (size_t)n;
    }
    return 1;
}

static void welcome(int epoll, int listener)
{
    struct sockaddr_in peer;
    socklen_t size = sizeof(peer);
    int fd = accept4(listener, (struct sockaddr *)&peer, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    struct conversation *c;

    if (fd == -1)
        return;
    printf("connection from %s:%" PRIu16 "\n", inet_ntoa(peer.sin_addr), ntohs(peer.sin_port));
    fflush(stdout);
    c = calloc(1, sizeof(*c));
    if (c == NULL) {
        close(fd);
        return;
    }
    c->fd = fd;
    struct epoll_event event = { .events = EPOLLOUT, .data.ptr = c };
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == -1) {
        close(fd);
        free(c);
    }
}

int main(int argc, char *argv[])
{
    struct sockaddr_in name;
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = NULL };
    char *end = NULL;
    unsigned long port = 0;
    int on = 1;

    if (argc == 2 && argv[1][0] >= '0' && argv[1][0] <= '9')
        port = strtoul(argv[1], &end, 10);
    if (port == 0 || port > 65535 || *end != '\0') {
        fprintf(stderr, "usage: hello_server PORT\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);

    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    check(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)), "setsockopt");
    memset(&name, 0, sizeof(name));
    name.sin_family = AF_INET;
    name.sin_port = htons((in_port_t)port);
    check(bind(listener, (struct sockaddr *)&name, sizeof(name)), "bind");
    check(listen(listener, 64), "listen");

    int epoll = epoll_create1(EPOLL_CLOEXEC);
    check(epoll, "epoll_create1");
    check(epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event), "epoll_ctl");

    for (;;) {
        int n = epoll_wait(epoll, &event, 1, -1);

        if (n < 1)
            continue;
        struct conversation *c = event.data.ptr;
        if (c == NULL) {
            welcome(epoll, listener);
        } else if (advance(c)) {
            close(c->fd);
            free(c);
        }
    }
}
