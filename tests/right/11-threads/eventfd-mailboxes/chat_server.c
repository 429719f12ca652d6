/* right: each thread sleeps in poll on its client and on an eventfd, and writes to its own client only */
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
#include <poll.h>
#include <sys/eventfd.h>

enum { LONGEST = 1024 };

struct member {
    int fd, bell;
    char *mail; /* guarded by lock */
    size_t mail_size;
    pthread_mutex_t lock;
    struct member *next;
};

static struct member *members;
static pthread_mutex_t list = PTHREAD_MUTEX_INITIALIZER;

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

static void drop_into(struct member *m, const char *text, size_t size)
{
    uint64_t one = 1;
    pthread_mutex_lock(&m->lock);
    char *more = realloc(m->mail, m->mail_size + size);
    if (more) {
        memcpy(more + m->mail_size, text, size);
        m->mail = more;
        m->mail_size += size;
    }
    pthread_mutex_unlock(&m->lock);
    if (write(m->bell, &one, sizeof one) < 0)
        warn("eventfd");
}

static void distribute(struct member *from, const char *text, size_t size)
{
    pthread_mutex_lock(&list);
    for (struct member *m = members; m; m = m->next)
        if (m != from)
            drop_into(m, text, size);
    pthread_mutex_unlock(&list);
}

/* 0, or -1 when it is gone */
static int send_mail(struct member *m)
{
    uint64_t rings;
    ssize_t n = read(m->bell, &rings, sizeof rings);
    pthread_mutex_lock(&m->lock);
    char *mail = m->mail;
    size_t size = m->mail_size, at = 0;
    m->mail = NULL;
    m->mail_size = 0;
    pthread_mutex_unlock(&m->lock);
    while (at < size) {
        n = send(m->fd, mail + at, size - at, MSG_NOSIGNAL);
        if (n >= 0)
            at += (size_t)n;
        else if (errno == EAGAIN)
            poll(&(struct pollfd){.fd = m->fd, .events = POLLOUT}, 1, -1);
        else if (errno != EINTR)
            break;
    }
    free(mail);
    return at < size ? -1 : 0;
}

static int take(struct member *m, char *text, size_t *have)
{
    ssize_t n = recv(m->fd, text + *have, LONGEST - *have, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (n <= 0)
        return -1;
    *have += (size_t)n;
    for (char *end; (end = memchr(text, '\n', *have));) {
        size_t size = (size_t)(end - text) + 1;
        distribute(m, text, size);
        *have -= size;
        memmove(text, text + size, *have);
    }
    return *have == LONGEST ? -1 : 0;
}

static void *live(void *argument)
{
    struct member *m = argument;
    struct pollfd two[2] = {{.fd = m->fd, .events = POLLIN}, {.fd = m->bell, .events = POLLIN}};
    char text[LONGEST];
    size_t have = 0;
    for (;;) {
        if (poll(two, 2, -1) < 0)
            continue;
        if (two[1].revents && send_mail(m) < 0)
            break;
        if (two[0].revents && take(m, text, &have) < 0)
            break;
    }
    pthread_mutex_lock(&list);
    struct member **at = &members;
    while (*at != m)
        at = &(*at)->next;
    *at = m->next;
    pthread_mutex_unlock(&list);
    send_mail(m);
    close(m->fd);
    close(m->bell);
    pthread_mutex_destroy(&m->lock);
    free(m);
    return NULL;
}

static void admit(int fd)
{
    struct member *m = calloc(1, sizeof *m);
    pthread_t thread;
    if (!m) {
        close(fd);
        return;
    }
    m->fd = fd;
    m->bell = eventfd(0, EFD_NONBLOCK);
    pthread_mutex_init(&m->lock, NULL);
    pthread_mutex_lock(&list);
    int failed = m->bell < 0 || pthread_create(&thread, NULL, live, m) != 0;
    if (!failed) {
        pthread_detach(thread);
        m->next = members;
        members = m;
    }
    pthread_mutex_unlock(&list);
    if (failed) {
        if (m->bell >= 0)
            close(m->bell);
        close(fd);
        free(m);
    }
}

static void run(int door)
{
    for (;;) {
        int fd = accept4(door, NULL, NULL, SOCK_NONBLOCK);
        if (fd >= 0)
            admit(fd);
        else if (errno == EMFILE || errno == ENFILE)
            poll(NULL, 0, 20);
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
