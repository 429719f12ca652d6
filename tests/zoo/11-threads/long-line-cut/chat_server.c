/* zoo: fails long-line -- a line that is too long is cut into pieces and relayed */
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

#define LINE 1024

struct guest {
    int fd;
    pthread_t thread;
    pthread_mutex_t pen; /* who writes to it */
    struct guest *next;
};

static struct guest *guests;
static pthread_rwlock_t door_lock = PTHREAD_RWLOCK_INITIALIZER; /* writing: the list changes */

static struct guest *finished;
static pthread_mutex_t finished_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t somebody_finished = PTHREAD_COND_INITIALIZER;

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

static void tell_others(struct guest *self, const char *text, size_t size)
{
    pthread_rwlock_rdlock(&door_lock);
    for (struct guest *g = guests; g; g = g->next) {
        if (g == self)
            continue;
        pthread_mutex_lock(&g->pen);
        send_whole(g->fd, text, size);
        pthread_mutex_unlock(&g->pen);
    }
    pthread_rwlock_unlock(&door_lock);
}

static void unlink_guest(struct guest *self)
{
    pthread_rwlock_wrlock(&door_lock);
    struct guest **at = &guests;
    while (*at != self)
        at = &(*at)->next;
    *at = self->next;
    pthread_rwlock_unlock(&door_lock);
}

static void hear(struct guest *self)
{
    char text[LINE];
    size_t have = 0;
    for (;;) {
        ssize_t n = recv(self->fd, text + have, sizeof text - have, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        have += (size_t)n;
        size_t at = 0;
        for (size_t i = 0; i < have; i++)
            if (text[i] == '\n') {
                tell_others(self, text + at, i + 1 - at);
                at = i + 1;
            }
        have -= at;
        memmove(text, text + at, have);
        if (have == sizeof text) {
            tell_others(self, text, have);
            have = 0;
        }
    }
}

static void *serve(void *argument)
{
    struct guest *self = argument;
    hear(self);
    unlink_guest(self);
    close(self->fd);
    pthread_mutex_lock(&finished_lock);
    self->next = finished;
    finished = self;
    pthread_cond_signal(&somebody_finished);
    pthread_mutex_unlock(&finished_lock);
    return NULL;
}

/* Threads are joined here, and only then is their guest's memory given back. */
static void *reap(void *nothing)
{
    pthread_mutex_lock(&finished_lock);
    for (;;) {
        while (!finished)
            pthread_cond_wait(&somebody_finished, &finished_lock);
        struct guest *g = finished;
        finished = g->next;
        pthread_mutex_unlock(&finished_lock);
        pthread_join(g->thread, NULL);
        pthread_mutex_destroy(&g->pen);
        free(g);
        pthread_mutex_lock(&finished_lock);
    }
    return nothing;
}

static void admit(int fd)
{
    struct guest *g = calloc(1, sizeof *g);
    if (!g) {
        close(fd);
        return;
    }
    g->fd = fd;
    pthread_mutex_init(&g->pen, NULL);
    /* The lock is held until the thread's number is in its place: the thread needs the lock to leave. */
    pthread_rwlock_wrlock(&door_lock);
    g->next = guests;
    guests = g;
    int failed = pthread_create(&g->thread, NULL, serve, g);
    if (failed)
        guests = g->next;
    pthread_rwlock_unlock(&door_lock);
    if (failed) {
        close(fd);
        free(g);
    }
}

static void run(int door)
{
    pthread_t reaper;
    if (pthread_create(&reaper, NULL, reap, NULL))
        errx(1, "pthread_create");
    for (;;) {
        int fd = accept4(door, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0)
            admit(fd);
        else if (errno == EMFILE)
            sleep(1);
    }
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
