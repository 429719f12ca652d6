/* right: three modules with headers, a thread for each client, openat2 */
#define _GNU_SOURCE
#include "answer.h"
#include "file.h"
#include "request.h"

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* What still comes is read and forgotten: a close() over unread bytes would be a reset. */
static void say_goodbye(int fd)
{
    char junk[4096];

    shutdown(fd, SHUT_WR);
    for (ssize_t n = 1; n > 0 || (n == -1 && errno == EINTR);)
        n = recv(fd, junk, sizeof junk, 0);
}

static void *serve(void *argument)
{
    struct input in = {.fd = (int)(intptr_t)argument};
    struct request r;
    int status;
    bool goes_on = true;

    while (goes_on && (status = request_read(&in, &r)) != 0) {
        goes_on = answer_send(in.fd, &r, status) && !r.close;
        if (r.close)
            say_goodbye(in.fd);
    }
    close(in.fd);
    return NULL;
}

static int open_door(int port, int flags)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((in_port_t)port)};
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | flags, 0);

    if (fd == -1)
        err(1, "socket");
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1)
        err(1, "setsockopt");
    if (bind(fd, (struct sockaddr *)&a, sizeof a) == -1)
        err(1, "bind");
    if (listen(fd, 128) == -1)
        err(1, "listen");
    return fd;
}

static int port_of(const char *s)
{
    int port = 0;

    if (!*s)
        return 0;
    for (; *s; s++) {
        if (!isdigit((unsigned char)*s) || (port = port * 10 + (*s - '0')) > 65535)
            return 0;
    }
    return port;
}

static void on_term(int number)
{
    (void)number;
    _exit(0);
}

int main(int argc, char **argv)
{
    int port = argc == 3 ? port_of(argv[1]) : 0;
    pthread_attr_t attr;

    if (!port) {
        fputs("usage: http_server PORT DIR\n", stderr);
        return 2;
    }
    if (file_root(argv[2]) == -1)
        err(1, "%s", argv[2]);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTERM, on_term);
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    int door = open_door(port, SOCK_CLOEXEC);

    for (;;) {
        pthread_t thread;
        int fd = accept4(door, NULL, NULL, SOCK_CLOEXEC);
        if (fd == -1) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
                nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
            continue;
        }
        if (pthread_create(&thread, &attr, serve, (void *)(intptr_t)fd))
            close(fd);
    }
}
