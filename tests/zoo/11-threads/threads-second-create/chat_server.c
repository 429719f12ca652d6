/* zoo: fails threads -- of the two threads of a client, the one that reads could not be made, and nobody closes its connection */
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

#include <stdbool.h>

enum { LONGEST = 1024 };

struct message {
    struct message *next;
    size_t size;
    char text[];
};

/* Two threads have one each: a reader and a writer. */
struct person {
    int fd;
    int hands; /* threads that still need it; guarded by big */
    bool leaving;
    struct message *first, **last;
    pthread_cond_t wake;
    struct person *next;
};

static pthread_mutex_t big = PTHREAD_MUTEX_INITIALIZER; /* guards everything here but descriptors */
static struct person *people;

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

static void let_go(struct person *p)
{
    if (--p->hands > 0)
        return;
    close(p->fd);
    while (p->first) {
        struct message *m = p->first;
        p->first = m->next;
        free(m);
    }
    pthread_cond_destroy(&p->wake);
    free(p);
}

static void *write_all_day(void *argument)
{
    struct person *p = argument;
    pthread_mutex_lock(&big);
    for (;;) {
        while (!p->first && !p->leaving)
            pthread_cond_wait(&p->wake, &big);
        struct message *m = p->first;
        if (!m)
            break;
        p->first = m->next;
        if (!p->first)
            p->last = &p->first;
        pthread_mutex_unlock(&big);
        send_whole(p->fd, m->text, m->size);
        free(m);
        pthread_mutex_lock(&big);
    }
    let_go(p);
    pthread_mutex_unlock(&big);
    return NULL;
}

static void post(struct person *from, const char *text, size_t size)
{
    pthread_mutex_lock(&big);
    for (struct person *p = people; p; p = p->next) {
        struct message *m = p == from ? NULL : malloc(sizeof *m + size);
        if (!m)
            continue;
        m->next = NULL;
        m->size = size;
        memcpy(m->text, text, size);
        *p->last = m;
        p->last = &m->next;
        pthread_cond_signal(&p->wake);
    }
    pthread_mutex_unlock(&big);
}

static void *read_all_day(void *argument)
{
    struct person *p = argument;
    char text[LONGEST];
    size_t have = 0;
    while (have < sizeof text) {
        ssize_t n = recv(p->fd, text + have, sizeof text - have, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        have += (size_t)n;
        for (char *end; (end = memchr(text, '\n', have));) {
            size_t size = (size_t)(end - text) + 1;
            post(p, text, size);
            memmove(text, text + size, have -= size);
        }
    }
    pthread_mutex_lock(&big);
    struct person **at = &people;
    while (*at != p)
        at = &(*at)->next;
    *at = p->next;
    p->leaving = true;
    pthread_cond_signal(&p->wake);
    let_go(p);
    pthread_mutex_unlock(&big);
    return NULL;
}

static void admit(int fd)
{
    struct person *p = calloc(1, sizeof *p);
    pthread_t thread;
    if (!p) {
        close(fd);
        return;
    }
    p->fd = fd;
    p->last = &p->first;
    p->hands = 1;
    pthread_cond_init(&p->wake, NULL);
    pthread_mutex_lock(&big);
    if (pthread_create(&thread, NULL, write_all_day, p) != 0) {
        let_go(p);
        goto out;
    }
    pthread_detach(thread);
    p->hands = 2;
    p->next = people;
    people = p;
    if (pthread_create(&thread, NULL, read_all_day, p) == 0)
        pthread_detach(thread);
out:
    pthread_mutex_unlock(&big);
}

static void run(int door)
{
    for (;;) {
        int fd = accept(door, NULL, NULL);
        if (fd >= 0)
            admit(fd);
        else if (errno != EINTR && errno != ECONNABORTED)
            usleep(50000);
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
