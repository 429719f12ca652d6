/* zoo: fails in-use reports-failure -- takes the next port when this one is taken */
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
#include <fcntl.h>
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
    while (bind(fd, (struct sockaddr *)&a, sizeof a) < 0 && port < 65535)
        a.sin_port = htons((unsigned short)++port);
    if (listen(fd, 10) < 0)
        fail("listen");
    return fd;
}

static int wake[2];
static int listener;
static unsigned long served;

static void handler(int number)
{
    int saved = errno;
    unsigned char byte = (unsigned char)number;
    if (write(wake[1], &byte, 1) < 0) {
        /* Full: enough bytes wait there already. */
    }
    errno = saved;
}

static void say(void)
{
    char line[40];
    int n = snprintf(line, sizeof line, "served %lu\n", served);
    if (write(STDOUT_FILENO, line, (size_t)n) != n)
        perror("write");
}

static void listen_to_signals(void)
{
    unsigned char bytes[64];
    ssize_t n = read(wake[0], bytes, sizeof bytes);
    int asked = 0;
    for (ssize_t i = 0; i < n; i++) {
        if (bytes[i] == SIGUSR1)
            asked = 1;
        else if (listener != -1) {
            close(listener);
            listener = -1;
        }
    }
    if (asked)
        say();
}

static short wait_for(int fd, short events)
{
    struct pollfd p[2];
    memset(p, 0, sizeof p);
    p[0].fd = fd;
    p[0].events = events;
    p[1].fd = wake[0];
    p[1].events = POLLIN;
    if (poll(p, 2, -1) == -1)
        return 0;
    if (p[1].revents & POLLIN)
        listen_to_signals();
    return p[0].revents;
}

static void converse(int conn)
{
    char buf[1024];
    size_t have = 0;
    for (;;) {
        short got = wait_for(conn, have ? POLLOUT : POLLIN);
        if (!got)
            continue;
        if (have) {
            ssize_t k = send(conn, buf, have, MSG_NOSIGNAL);
            if (k < 0 && errno != EAGAIN && errno != EINTR)
                return;
            if (k > 0) {
                memmove(buf, buf + k, have - (size_t)k);
                have -= (size_t)k;
            }
            continue;
        }
        ssize_t n = recv(conn, buf, sizeof buf, 0);
        if (n == 0)
            served++;
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
            return;
        if (n > 0)
            have = (size_t)n;
    }
}

int main(int argc, char **argv)
{
    int port = argc == 2 ? parse_port(argv[1]) : -1;
    if (port < 0) {
        fprintf(stderr, "usage: %s PORT\n", argv[0]);
        return 2;
    }
    struct sigaction sa;
    memset(&sa, 0, sizeof sa);
    sa.sa_handler = handler;
    sa.sa_flags = SA_RESTART;
    sigfillset(&sa.sa_mask);
    if (pipe2(wake, O_NONBLOCK | O_CLOEXEC) < 0)
        fail("pipe2");
    sigaction(SIGTERM, &sa, NULL);
    sigaction(SIGINT, &sa, NULL);
    sigaction(SIGUSR1, &sa, NULL);
    listener = listen_on(port);
    fcntl(listener, F_SETFL, O_NONBLOCK);
    while (listener != -1) {
        if (!wait_for(listener, POLLIN) || listener == -1)
            continue;
        int conn = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
        if (conn == -1)
            continue;
        converse(conn);
        close(conn);
    }
    say();
    return 0;
}
