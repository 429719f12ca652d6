/* right: leader and follower: who lets somebody in starts the next one who will, and serves its client itself */
#define _GNU_SOURCE
#include <errno.h>
#include <err.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <threads.h>
#include <unistd.h>

enum { LONGEST = 1024 };

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
    int one = 1, s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
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

static int let_in(int door)
{
    for (;;) {
        int fd = accept(door, NULL, NULL);
        if (fd >= 0)
            return fd;
        if (errno != EINTR && errno != ECONNABORTED)
            usleep(100000);
    }
}

__attribute__((unused)) static void send_whole(int fd, const char *text, size_t size)
{
    while (size > 0) {
        ssize_t n = send(fd, text, size, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return;
        text += n;
        size -= (size_t)n;
    }
}

static void run(int door);

int main(int argc, char **argv)
{
    int port = argc == 2 ? read_port(argv[1]) : 0;
    if (port == 0) {
        fprintf(stderr, "usage: %s PORT\n", argv[0]);
        return 2;
    }
    run(open_door(port));
}

struct person { int fd; struct person *next; };
static struct person *people;
static pthread_rwlock_t list = PTHREAD_RWLOCK_INITIALIZER;
static pthread_mutex_t mouth = PTHREAD_MUTEX_INITIALIZER;
static int door;

static void relay(const struct person *from, const char *text, size_t size)
{
    pthread_rwlock_rdlock(&list);
    pthread_mutex_lock(&mouth);
    for (struct person *p = people; p; p = p->next)
        if (p != from)
            send_whole(p->fd, text, size);
    pthread_mutex_unlock(&mouth);
    pthread_rwlock_unlock(&list);
}

static void serve(struct person *p)
{
    char text[LONGEST];
    size_t have = 0;
    while (have < sizeof text) {
        struct iovec io[2] = {{text + have, (sizeof text - have + 1) / 2}};
        io[1] = (struct iovec){text + have + io[0].iov_len, sizeof text - have - io[0].iov_len};
        ssize_t n = readv(p->fd, io, 2);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        have += (size_t)n;
        for (char *end; (end = memchr(text, '\n', have));) {
            size_t size = (size_t)(end - text) + 1;
            relay(p, text, size);
            memmove(text, text + size, have -= size);
        }
    }
    pthread_rwlock_wrlock(&list);
    struct person **at = &people;
    while (*at != p)
        at = &(*at)->next;
    *at = p->next;
    pthread_rwlock_unlock(&list);
    close(p->fd);
}

static void *lead(void *nothing)
{
    pthread_t thread;
    for (;;) {
        struct person me = {let_in(door), NULL};
        pthread_rwlock_wrlock(&list);
        me.next = people;
        people = &me;
        pthread_rwlock_unlock(&list);
        int followed = pthread_create(&thread, NULL, lead, NULL) == 0;
        if (!followed) { /* nobody would let others in: not this client then */
            pthread_rwlock_wrlock(&list);
            struct person **at = &people;
            while (*at != &me)
                at = &(*at)->next;
            *at = me.next;
            pthread_rwlock_unlock(&list);
            close(me.fd);
            continue;
        }
        pthread_detach(thread);
        serve(&me);
        return nothing;
    }
}

static void run(int listener)
{
    door = listener;
    lead(NULL);
    pthread_exit(NULL);
}
