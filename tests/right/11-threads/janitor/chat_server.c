/* right: a thread beside the others that says every five seconds how many are there */
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

enum { ROOM = 900, LINE = 1024 };

static int seat[ROOM]; /* descriptors; 0 is free */
static pthread_mutex_t seats = PTHREAD_MUTEX_INITIALIZER;

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

static void say(int self, const char *text, size_t size)
{
    pthread_mutex_lock(&seats);
    for (int i = 0; i < ROOM; i++)
        if (seat[i] && i != self)
            send_whole(seat[i], text, size);
    pthread_mutex_unlock(&seats);
}

static void *serve(void *argument)
{
    int self = (int)(long)argument, fd;
    char text[LINE];
    size_t have = 0;
    pthread_mutex_lock(&seats);
    fd = seat[self];
    pthread_mutex_unlock(&seats);
    while (have < LINE) {
        ssize_t n = read(fd, text + have, LINE - have);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        have += (size_t)n;
        char *end;
        while ((end = memchr(text, '\n', have))) {
            size_t size = (size_t)(end - text) + 1;
            say(self, text, size);
            have -= size;
            memmove(text, text + size, have);
        }
    }
    pthread_mutex_lock(&seats);
    seat[self] = 0;
    close(fd);
    pthread_mutex_unlock(&seats);
    return NULL;
}

static int sit_down(int fd)
{
    int found = -1;
    pthread_mutex_lock(&seats);
    for (int i = 0; i < ROOM && found < 0; i++)
        if (!seat[i]) {
            seat[i] = fd;
            found = i;
        }
    pthread_mutex_unlock(&seats);
    return found;
}

static void *tell(void *unused)
{
    for (;;) {
        int here = 0;
        sleep(5);
        pthread_mutex_lock(&seats);
        for (int i = 0; i < ROOM; i++)
            here += seat[i] != 0;
        pthread_mutex_unlock(&seats);
        fprintf(stderr, "%d\n", here);
    }
    return unused;
}

static void run(int door)
{
    pthread_attr_t detached;
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&detached, 128 * 1024);
    for (;;) {
        int fd = accept(door, NULL, NULL);
        if (fd < 0) {
            if (errno == EMFILE || errno == ENFILE)
                usleep(20000);
            continue;
        }
        int i = sit_down(fd);
        pthread_t thread;
        if (i >= 0 && pthread_create(&thread, &detached, serve, (void *)(long)i) == 0)
            continue;
        if (i >= 0) {
            pthread_mutex_lock(&seats);
            seat[i] = 0;
            pthread_mutex_unlock(&seats);
        }
        close(fd);
    }
}

int main(int argc, char **argv)
{
    int port = argc == 2 ? read_port(argv[1]) : 0;
    if (port == 0) {
        fprintf(stderr, "usage: %s PORT\n", argv[0]);
        return 2;
    }
    int door = open_door(port);
    pthread_t teller;
    if (pthread_create(&teller, NULL, tell, NULL) != 0)
        errx(1, "pthread_create");
    run(door);
}
