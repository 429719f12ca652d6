/* right: seventy threads from the start, which all wait in accept */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WORKERS = 70, LONGEST = 1024 };

static int conn[WORKERS]; /* -1: nobody */
static pthread_mutex_t room = PTHREAD_MUTEX_INITIALIZER;
static int door;

static int read_port(const char *s)
{
    char *end;
    if (*s < '0' || *s > '9')
        return 0;
    long n = strtol(s, &end, 10);
    return *end == '\0' && n >= 1 && n <= 65535 ? (int)n : 0;
}

static int open_door(int port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int one = 1, s = socket(AF_INET, SOCK_STREAM, 0);
    if (s < 0)
        err(1, "socket");
    if (setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) < 0)
        err(1, "setsockopt");
    if (bind(s, (struct sockaddr *)&a, sizeof a) < 0)
        err(1, "bind");
    if (listen(s, SOMAXCONN) < 0)
        err(1, "listen");
    return s;
}

static void send_whole(int fd, const char *text, size_t size)
{
    while (size > 0) {
        ssize_t n = send(fd, text, size, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return; /* whoever reads from it will see that it is gone */
        text += n;
        size -= (size_t)n;
    }
}

static void pass_on(int me, const char *text, size_t size)
{
    pthread_mutex_lock(&room);
    for (int i = 0; i < WORKERS; i++)
        if (i != me && conn[i] >= 0)
            send_whole(conn[i], text, size);
    pthread_mutex_unlock(&room);
}

static void entertain(int me, int fd)
{
    char text[LONGEST];
    size_t have = 0;
    for (;;) {
        ssize_t n = recv(fd, text + have, sizeof text - have, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        have += (size_t)n;
        char *from = text, *end;
        while ((end = memchr(from, '\n', have))) {
            pass_on(me, from, (size_t)(end + 1 - from));
            have -= (size_t)(end + 1 - from);
            from = end + 1;
        }
        if (have == sizeof text)
            return;
        memmove(text, from, have);
    }
}

/* All workers wait at the door; the kernel wakes one. */
static void *work(void *argument)
{
    int me = (int)(long)argument;
    for (;;) {
        int fd = accept(door, NULL, NULL);
        if (fd < 0) {
            if (errno != EINTR && errno != ECONNABORTED)
                usleep(10000);
            continue;
        }
        pthread_mutex_lock(&room);
        conn[me] = fd;
        pthread_mutex_unlock(&room);
        entertain(me, fd);
        pthread_mutex_lock(&room);
        conn[me] = -1;
        pthread_mutex_unlock(&room);
        close(fd);
    }
    return NULL;
}

static void run(int listener)
{
    pthread_t thread;
    door = listener;
    for (int i = 0; i < WORKERS; i++)
        conn[i] = -1;
    for (int i = 1; i < WORKERS; i++)
        if (pthread_create(&thread, NULL, work, (void *)(long)i) != 0)
            errx(1, "pthread_create");
    work(NULL);
}

int main(int argc, char **argv)
{
    int port = argc == 2 ? read_port(argv[1]) : 0;
    if (port == 0) {
        fprintf(stderr, "usage: %s PORT\n", argv[0]);
        return 2;
    }
    run(open_door(port));
}
