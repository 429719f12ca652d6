/* zoo: fails vanished -- send without MSG_NOSIGNAL in a thread */
/* A thread for each client; the main thread waits for signals. The daemon takes the lock, by fcntl(2), and tells the
 * command through a pipe how it went: an errno, and what failed. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

struct report {
    int error;
    char what[32];
};

static int report_fd = -1;

static void report(const char *what, int error)
{
    struct report r = {.error = error};
    strncpy(r.what, what, sizeof r.what - 1);
    if (write(report_fd, &r, sizeof r) != sizeof r)
        _exit(1);
}

static void give_up(const char *what)
{
    report(what, errno);
    _exit(1);
}

static void *talk(void *argument)
{
    int fd = (int)(intptr_t)argument;
    char bytes[1024];
    ssize_t got;

    while ((got = recv(fd, bytes, sizeof bytes, 0)) > 0 || (got == -1 && errno == EINTR)) {
        char *at = bytes;
        while (got > 0) {
            ssize_t sent = send(fd, at, (size_t)got, 0);
            if (sent == -1 && errno == EINTR)
                continue;
            if (sent == -1)
                break;
            at += sent;
            got -= sent;
        }
        if (got > 0)
            break;
    }
    close(fd);
    return NULL;
}

static void *take_clients(void *argument)
{
    int listener = (int)(intptr_t)argument;

    for (;;) {
        pthread_t thread;
        int fd = accept(listener, NULL, NULL);
        if (fd == -1) {
            if (errno != EINTR && errno != ECONNABORTED)
                usleep(50000);
            continue;
        }
        if (pthread_create(&thread, NULL, talk, (void *)(intptr_t)fd) != 0)
            close(fd);
        else
            pthread_detach(thread);
    }
    return NULL;
}

static int open_door(unsigned port)
{
    int one = 1;
    struct sockaddr_in me;
    int fd = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);

    if (fd == -1) {
        perror("socket");
        return -1;
    }
    memset(&me, 0, sizeof me);
    me.sin_family = AF_INET;
    me.sin_port = htons((uint16_t)port);
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == -1) {
        perror("setsockopt");
        return -1;
    }
    if (bind(fd, (void *)&me, sizeof me) == -1) {
        perror("bind");
        return -1;
    }
    if (listen(fd, SOMAXCONN) == -1) {
        perror("listen");
        return -1;
    }
    return fd;
}

static int claim(const char *path)
{
    struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    char number[24];
    int fd = open(path, O_WRONLY | O_CREAT, 0640);

    if (fd == -1)
        give_up(path);
    if (fcntl(fd, F_SETLK, &all) == -1)
        give_up("lock");
    sprintf(number, "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) == -1 || write(fd, number, strlen(number)) == -1)
        give_up("write");
    return fd;
}

static void be_daemon(int listener, const char *path) __attribute__((noreturn));
static void be_daemon(int listener, const char *path)
{
    sigset_t set;
    pthread_t thread;
    struct rlimit limit;
    int number;

    if (setsid() == -1)
        give_up("setsid");
    switch (fork()) {
    case -1:
        give_up("fork");
    case 0:
        break;
    default:
        _exit(0);
    }
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    getrlimit(RLIMIT_NOFILE, &limit);
    for (int fd = 3; fd < (int)limit.rlim_cur; fd++)
        if (fd != listener && fd != report_fd)
            close(fd);
    claim(path);
    if (chdir("/") == -1)
        give_up("chdir");
    umask(S_IWGRP | S_IRWXO);
    openlog("daemon_server", LOG_PID, LOG_DAEMON);
    if (!freopen("/dev/null", "r", stdin) || !freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr))
        give_up("/dev/null");
    if (pthread_create(&thread, NULL, take_clients, (void *)(intptr_t)listener) != 0)
        give_up("pthread_create");
    syslog(LOG_NOTICE, "started");
    report("", 0);
    close(report_fd);
    do
        sigwait(&set, &number);
    while (number != SIGTERM);
    unlink(path);
    syslog(LOG_NOTICE, "stopped");
    _exit(0);
}

int main(int argc, char *argv[])
{
    char path[5000], here[4000], *end = "";
    long port = argc == 3 && argv[1][0] >= '0' && argv[1][0] <= '9' ? strtol(argv[1], &end, 10) : 0;
    int ends[2];
    struct report r;
    ssize_t got;

    if (port < 1 || port > 65535 || *end) {
        fputs("usage: daemon_server PORT PIDFILE\n", stderr);
        return 2;
    }
    if (argv[2][0] == '/') {
        snprintf(path, sizeof path, "%s", argv[2]);
    } else {
        if (!getcwd(here, sizeof here)) {
            perror("getcwd");
            return 1;
        }
        snprintf(path, sizeof path, "%s/%s", here, argv[2]);
    }
    int listener = open_door((unsigned)port);
    if (listener == -1)
        return 1;
    if (pipe(ends) == -1) {
        perror("pipe");
        return 1;
    }
    pid_t child = fork();
    if (child == -1) {
        perror("fork");
        return 1;
    }
    report_fd = ends[1];
    if (child == 0)
        be_daemon(listener, path);
    close(ends[1]);
    do
        got = read(ends[0], &r, sizeof r);
    while (got == -1 && errno == EINTR);
    if (got != sizeof r) {
        fprintf(stderr, "daemon_server: the daemon came to nothing\n");
        return 1;
    }
    if (r.error) {
        fprintf(stderr, "%s: %s\n", r.what, strerror(r.error));
        return 1;
    }
    return 0;
}
