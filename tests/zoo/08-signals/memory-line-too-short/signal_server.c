/* zoo: fails memory -- the block for the line has no room for all of it */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <poll.h>

static int parse_port(const char *s)
{
    long port = 0;
    if (*s == '\0')
        return -1;
    for (; *s; s++) {
        if (*s < '0' || *s > '9')
            return -1;
        port = port * 10 + (*s - '0');
        if (port > 65535)
            return -1;
    }
    return port > 0 ? (int)port : -1;
}

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int listen_on(int port)
{
    int on = 1;
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        fail("socket");
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
        fail("setsockopt");
    a.sin_addr.s_addr = htonl(INADDR_ANY);
    if (bind(fd, (struct sockaddr *)&a, sizeof a) < 0)
        fail("bind");
    if (listen(fd, 10) < 0)
        fail("listen");
    return fd;
}

static volatile sig_atomic_t stop, ask;
static int door, served;
static size_t room = sizeof "served";

static void on_signal(int number)
{
    if (number == SIGUSR1)
        ask = 1;
    else
        stop = 1;
}

static void look(void)
{
    if (ask) {
        ask = 0;
        char *line = malloc(room);
        if (line)
            sprintf(line, "served %d\n", served);
        fputs(line ? line : "", stdout);
        free(line);
        fflush(stdout);
    }
    if (stop && door >= 0) {
        close(door);
        door = -1;
    }
}

static int ready(int fd, short events)
{
    struct pollfd p = {fd, events, 0};
    int n = poll(&p, 1, 40);
    look();
    return n > 0;
}

static void serve(int conn)
{
    char buf[10000];
    for (;;) {
        if (!ready(conn, POLLIN))
            continue;
        ssize_t n = recv(conn, buf, sizeof buf, MSG_DONTWAIT);
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (n == 0)
            served++;
        if (n <= 0)
            return;
        for (ssize_t at = 0; at < n;) {
            ssize_t k = send(conn, buf + at, (size_t)(n - at), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (k < 0 && (errno == EINTR || errno == EAGAIN))
                ready(conn, POLLOUT);
            else if (k < 0)
                return;
            else
                at += k;
        }
    }
}

int main(int argc, char **argv)
{
    int port = argc == 2 ? parse_port(argv[1]) : -1;
    if (port < 0) {
        fprintf(stderr, "usage: %s PORT\n", argv[0]);
        return 2;
    }
    struct sigaction sa = {.sa_handler = on_signal};
    sigaction(SIGTERM, &sa, NULL);
    sigaction(SIGINT, &sa, NULL);
    sigaction(SIGUSR1, &sa, NULL);
    door = listen_on(port);
    while (door >= 0) {
        if (!ready(door, POLLIN) || door < 0)
            continue;
        int conn = accept4(door, NULL, NULL, SOCK_NONBLOCK);
        if (conn < 0)
            continue;
        serve(conn);
        close(conn);
    }
    printf("served %d\n", served);
    return 0;
}
