/* zoo: fails finishes -- the loop of the conversation looks at the flag too */
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
#include <pthread.h>
#include <stdatomic.h>

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

static int door;
static atomic_uint served;
static atomic_bool stop;

static int echo(int conn);

static int echo(int conn)
{
    char buf[4096], *p;
    ssize_t n = -1, k;
    while (!stop && ((n = recv(conn, buf, sizeof buf, 0)) > 0 || (n < 0 && errno == EINTR)))
        for (p = buf; n > 0; p += k, n -= k)
            if ((k = send(conn, p, (size_t)n, MSG_NOSIGNAL)) < 0) {
                if (errno != EINTR)
                    return 0;
                k = 0;
            }
    return n == 0;
}

static void *work(void *unused)
{
    while (!stop) {
        int conn = accept(door, NULL, NULL);
        if (conn < 0)
            continue;
        if (echo(conn))
            served++;
        close(conn);
    }
    return unused;
}

int main(int argc, char **argv)
{
    int port = argc == 2 ? parse_port(argv[1]) : -1;
    if (port < 0) {
        fprintf(stderr, "usage: %s PORT\n", argv[0]);
        return 2;
    }
    sigset_t set;
    pthread_t worker;
    siginfo_t info;
    sigfillset(&set);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGUSR1);
    door = listen_on(port);
    if (pthread_create(&worker, NULL, work, NULL) != 0)
        return 1;
    while (!stop) {
        int number = sigwaitinfo(&set, &info);
        if (number == SIGINT || number == SIGTERM) {
            stop = 1;
            shutdown(door, SHUT_RD);
        } else if (number == SIGUSR1) {
            printf("served %u\n", served);
            fflush(stdout);
        }
    }
    pthread_join(worker, NULL);
    close(door);
    printf("served %u\n", served);
    return 0;
}
