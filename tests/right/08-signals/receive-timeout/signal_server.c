/* right: accept and recv with SO_RCVTIMEO: each comes back now and then to look at the flags */
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
#include <sys/time.h>

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

static void set_stop(int n) { (void)n; stop = 1; }
static void set_ask(int n) { (void)n; ask = 1; }

static void look(void)
{
    if (ask) {
        ask = 0;
        printf("served %d\n", served);
        fflush(stdout);
    }
    if (stop && door != -1) {
        close(door);
        door = -1;
    }
}

static int again(void)
{
    look();
    return errno == EINTR || errno == EAGAIN;
}

static int send_everything(int conn, const char *b, ssize_t n)
{
    while (n > 0) {
        ssize_t k = send(conn, b, (size_t)n, MSG_NOSIGNAL);
        if (k < 0 && !again())
            return 0;
        if (k > 0) {
            b += k;
            n -= k;
        }
    }
    return 1;
}

int main(int argc, char **argv)
{
    int port = argc == 2 ? parse_port(argv[1]) : -1;
    if (port < 0) {
        fprintf(stderr, "usage: %s PORT\n", argv[0]);
        return 2;
    }
    struct timeval often = {.tv_usec = 40000};
    struct sigaction sa = {.sa_handler = set_stop};
    sigaction(SIGTERM, &sa, NULL);
    sigaction(SIGINT, &sa, NULL);
    sa.sa_handler = set_ask;
    sigaction(SIGUSR1, &sa, NULL);
    door = listen_on(port);
    setsockopt(door, SOL_SOCKET, SO_RCVTIMEO, &often, sizeof often);
    while (door != -1) {
        int conn = accept(door, NULL, NULL);
        look();
        if (conn < 0)
            continue;
        setsockopt(conn, SOL_SOCKET, SO_RCVTIMEO, &often, sizeof often);
        char b[500];
        ssize_t n;
        while ((n = recv(conn, b, sizeof b, 0)) != 0) {
            if (n < 0 && again())
                continue;
            look();
            if (n < 0 || !send_everything(conn, b, n))
                break;
        }
        served += n == 0;
        close(conn);
    }
    printf("served %d\n", served);
    return 0;
}
