/* zoo: fails interrupted -- whatever is not more than 0 ends the conversation, and counts */
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

static int write_all(int fd, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t k = write(fd, p, n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            return -1;
        p += k;
        n -= (size_t)k;
    }
    return 0;
}

static int listener;
static atomic_int served, stopping;
static sigset_t set;

static void print_served(void)
{
    printf("served %d\n", atomic_load(&served));
    fflush(stdout);
}

static void *take_signals(void *unused)
{
    int number;
    while (sigwait(&set, &number) == 0) {
        if (number == SIGUSR1) {
            print_served();
            continue;
        }
        atomic_store(&stopping, 1);
        shutdown(listener, SHUT_RDWR); /* wakes accept */
    }
    return unused;
}

static void serve(int conn)
{
    static char buf[65536];
    ssize_t n;
    while ((n = read(conn, buf, sizeof buf)) != 0) {
        if (n < 0)
            n = 0;
        if (n == 0)
            break;
        if (write_all(conn, buf, (size_t)n) < 0)
            break;
    }
    if (n == 0)
        atomic_fetch_add(&served, 1);
    close(conn);
}

int main(int argc, char **argv)
{
    int port = argc == 2 ? parse_port(argv[1]) : -1;
    if (port < 0) {
        fprintf(stderr, "usage: %s PORT\n", argv[0]);
        return 2;
    }
    pthread_t thread;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGUSR1);
    signal(SIGPIPE, SIG_IGN);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    listener = listen_on(port);
    if ((errno = pthread_create(&thread, NULL, take_signals, NULL)) != 0)
        fail("pthread_create");
    while (!atomic_load(&stopping)) {
        int conn = accept(listener, NULL, NULL);
        if (conn >= 0)
            serve(conn);
    }
    print_served();
    return 0;
}
