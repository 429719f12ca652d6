/* zoo: fails usage -- atoi takes what it can and says nothing of the rest */
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
#include <sys/select.h>

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

static volatile sig_atomic_t term, usr1;

static void note(int number)
{
    if (number == SIGUSR1)
        usr1++;
    else
        term = 1;
}

int main(int argc, char **argv)
{
    int port = argc == 2 ? atoi(argv[1]) : -1;
    (void)parse_port;
    if (port < 0) {
        fprintf(stderr, "usage: %s PORT\n", argv[0]);
        return 2;
    }
    struct sigaction sa = {.sa_handler = note};
    sigset_t mask, old;
    sigemptyset(&mask);
    sigaddset(&mask, SIGTERM);
    sigaddset(&mask, SIGINT);
    sigaddset(&mask, SIGUSR1);
    sigprocmask(SIG_BLOCK, &mask, &old);
    sigaction(SIGTERM, &sa, 0);
    sigaction(SIGINT, &sa, 0);
    sigaction(SIGUSR1, &sa, 0);
    signal(SIGPIPE, SIG_IGN);
    setlinebuf(stdout);
    int door = listen_on(port), conn = -1, served = 0;
    fcntl(door, F_SETFL, O_NONBLOCK);
    static char buf[5000];
    size_t from = 0, to = 0;
    while (door >= 0 || conn >= 0) {
        fd_set in, out;
        FD_ZERO(&in);
        FD_ZERO(&out);
        if (conn < 0)
            FD_SET(door, &in);
        else if (from < to)
            FD_SET(conn, &out);
        else
            FD_SET(conn, &in);
        int n = pselect((door > conn ? door : conn) + 1, &in, &out, NULL, NULL, &old);
        while (usr1 > 0) {
            usr1--;
            printf("served %d\n", served);
        }
        if (term && door >= 0) {
            close(door);
            door = -1;
            continue;
        }
        if (n <= 0)
            continue;
        if (conn < 0) {
            conn = accept(door, NULL, NULL);
            if (conn >= 0)
                fcntl(conn, F_SETFL, O_NONBLOCK);
            from = to = 0;
            continue;
        }
        ssize_t k = from < to ? write(conn, buf + from, to - from) : read(conn, buf, sizeof buf);
        if (k < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (from < to && k > 0) {
            from += (size_t)k;
        } else if (k > 0) {
            from = 0;
            to = (size_t)k;
        } else {
            served += k == 0;
            close(conn);
            conn = -1;
        }
    }
    printf("served %d\n", served);
    return 0;
}
