/* zoo: fails memory -- each client costs a block */
// One process, poll and non-blocking connections, signals by signalfd. daemon(3), then one more fork.
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

enum { CLIENTS = 200, ROOM = 4096 };

struct client {
    int fd;
    size_t from, to;
    bool closing;
    char room[ROOM];
};

static struct client *client[CLIENTS];
static int clients;

static void add_client(int fd)
{
    struct client *c = clients < CLIENTS ? malloc(sizeof *c) : NULL;
    if (!c) {
        close(fd);
        return;
    }
    c->fd = fd;
    c->from = c->to = 0;
    c->closing = false;
    client[clients++] = c;
}

static void drop_client(int i)
{
    close(client[i]->fd);
    client[i] = client[--clients];
    client[clients] = NULL; // or the block is still found there
}

// false: it is over
static bool move(struct client *c)
{
    if (c->from == c->to) {
        ssize_t n = read(c->fd, c->room, ROOM);
        if (n == -1)
            return errno == EINTR || errno == EAGAIN;
        if (n == 0)
            return false;
        c->from = 0;
        c->to = (size_t)n;
    }
    while (c->from < c->to) {
        ssize_t n = write(c->fd, c->room + c->from, c->to - c->from);
        if (n == -1)
            return errno == EINTR || errno == EAGAIN;
        c->from += (size_t)n;
    }
    return true;
}

static void serve(int listener, int signals)
{
    struct pollfd p[CLIENTS + 2];
    struct signalfd_siginfo info;

    for (;;) {
        int n = clients;
        p[0] = (struct pollfd){.fd = listener, .events = POLLIN};
        p[1] = (struct pollfd){.fd = signals, .events = POLLIN};
        for (int i = 0; i < n; i++)
            p[i + 2] = (struct pollfd){.fd = client[i]->fd, .events = client[i]->from < client[i]->to ? POLLOUT : POLLIN};
        if (poll(p, (nfds_t)(n + 2), -1) == -1)
            continue;
        if (p[1].revents && read(signals, &info, sizeof info) == sizeof info && info.ssi_signo == SIGTERM)
            break;
        for (int i = n - 1; i >= 0; i--)
            if (p[i + 2].revents && !move(client[i]))
                drop_client(i);
        if (p[0].revents) {
            int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
            if (fd != -1)
                add_client(fd);
        }
    }
    while (clients > 0)
        drop_client(0);
}

static int listen_on(const char *port)
{
    struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *all;
    int on = 1, fd, error = getaddrinfo(NULL, port, &hints, &all);

    if (error)
        errx(1, "getaddrinfo: %s", gai_strerror(error));
    fd = socket(all->ai_family, all->ai_socktype | SOCK_NONBLOCK, all->ai_protocol);
    if (fd == -1)
        err(1, "socket");
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1)
        err(1, "setsockopt");
    if (bind(fd, all->ai_addr, all->ai_addrlen) == -1)
        err(1, "bind");
    if (listen(fd, 64) == -1)
        err(1, "listen");
    freeaddrinfo(all);
    return fd;
}

int main(int argc, char **argv)
{
    if (argc != 3 || argv[1][strspn(argv[1], "0123456789")] || strlen(argv[1]) == 0 || atol(argv[1]) < 1 ||
        atol(argv[1]) > 65535)
        errx(2, "usage: daemon_server PORT PIDFILE");
    close_range(3, ~0U, 0);

    int listener = listen_on(argv[1]);
    int pid = open(argv[2], O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (pid == -1)
        err(1, "%s", argv[2]);
    if (flock(pid, LOCK_EX | LOCK_NB) == -1)
        err(1, "%s", argv[2]);
    char *path = realpath(argv[2], NULL);

    umask(027);
    if (daemon(0, 0) == -1) {
        warn("daemon");
        unlink(path);
        exit(1);
    }
    if (fork() != 0)
        _exit(0);

    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    int signals = signalfd(-1, &set, 0);

    if (ftruncate(pid, 0) == -1)
        syslog(LOG_ERR, "ftruncate: %m");
    dprintf(pid, "%d\n", getpid());
    openlog("daemon_server", LOG_PID | LOG_NDELAY, LOG_DAEMON);
    syslog(LOG_INFO, "started");
    serve(listener, signals);
    unlink(path);
    free(path);
    syslog(LOG_INFO, "stopped");
    return 0;
}
