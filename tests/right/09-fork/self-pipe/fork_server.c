/* right: the handler writes into a pipe, and epoll looks at both; a table of children */
#define _GNU_SOURCE
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
#include <fcntl.h>
#include <sys/epoll.h>

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

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static int open_door(int port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    int on = 1, s = socket(AF_INET, SOCK_STREAM, 0);
    if (s < 0)
        die("socket");
    if (setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
        die("setsockopt");
    if (bind(s, (struct sockaddr *)&a, sizeof a) < 0)
        die("bind");
    if (listen(s, 64) < 0)
        die("listen");
    return s;
}

static void serve(int c)
{
    char buf[4096];
    for (;;) {
        ssize_t n = recv(c, buf, sizeof buf, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        for (char *p = buf; n > 0;) {
            ssize_t m = send(c, p, (size_t)n, MSG_NOSIGNAL);
            if (m < 0 && errno == EINTR)
                continue;
            if (m < 0)
                return;
            p += m;
            n -= m;
        }
    }
}

enum { ROOM = 4096 };
static int notice[2];
static pid_t child[ROOM];

static void on_child(int sig)
{
    int e = errno;
    (void)sig;
    if (write(notice[1], "", 1) < 0 && errno != EAGAIN)
        abort();
    errno = e;
}

static void forget(pid_t pid)
{
    for (int i = 0; i < ROOM; i++)
        if (child[i] == pid)
            child[i] = 0;
}

static void remember(pid_t pid)
{
    for (int i = 0; i < ROOM; i++)
        if (child[i] == 0) {
            child[i] = pid;
            return;
        }
}

int main(int argc, char *argv[])
{
    int port = argc == 2 ? port_of(argv[1]) : 0;
    if (port == 0) {
        fprintf(stderr, "usage: %s PORT\n", argv[0]);
        return 2;
    }

    if (pipe2(notice, O_NONBLOCK | O_CLOEXEC) < 0)
        die("pipe2");
    struct sigaction sa = {.sa_handler = on_child, .sa_flags = SA_RESTART};
    sigaction(SIGCHLD, &sa, NULL);
    int door = open_door(port);
    fcntl(door, F_SETFL, O_NONBLOCK);
    int ep = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event e = {.events = EPOLLIN, .data.fd = door}, n = {.events = EPOLLIN, .data.fd = notice[0]};
    if (ep < 0 || epoll_ctl(ep, EPOLL_CTL_ADD, door, &e) < 0 || epoll_ctl(ep, EPOLL_CTL_ADD, notice[0], &n) < 0)
        die("epoll");
    for (;;) {
        struct epoll_event got;
        if (epoll_wait(ep, &got, 1, -1) != 1)
            continue;
        if (got.data.fd == notice[0]) {
            char dust[64];
            pid_t pid;
            while (read(notice[0], dust, sizeof dust) > 0)
                ;
            while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
                forget(pid);
            continue;
        }
        int c = accept(door, NULL, NULL);
        if (c < 0)
            continue;
        fcntl(c, F_SETFL, fcntl(c, F_GETFL) & ~O_NONBLOCK);
        pid_t pid = fork();
        if (pid == 0) {
            close(ep);
            close(door);
            close(notice[0]);
            close(notice[1]);
            serve(c);
            _exit(0);
        }
        if (pid > 0)
            remember(pid);
        close(c);
    }
}
