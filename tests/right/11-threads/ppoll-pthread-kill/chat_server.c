/* right: each thread sleeps in ppoll, and is woken by pthread_kill when there is something in its box */
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

struct member { int fd; bool ready; pthread_t thread; struct member *next; char *box; size_t full, room; };
static struct member *members;
static pthread_mutex_t all = PTHREAD_MUTEX_INITIALIZER;
static sigset_t open_mask;

static void wake(int number)
{
    (void)number;
}

static void post(struct member *from, const char *text, size_t size)
{
    pthread_mutex_lock(&all);
    for (struct member *m = members; m; m = m->next) {
        if (m == from)
            continue;
        if (m->full + size > m->room) {
            char *larger = realloc(m->box, 2 * (m->full + size));
            if (!larger)
                continue;
            m->box = larger;
            m->room = 2 * (m->full + size);
        }
        memcpy(m->box + m->full, text, size);
        m->full += size;
        if (m->ready)
            pthread_kill(m->thread, SIGUSR2);
    }
    pthread_mutex_unlock(&all);
}

static void deliver(struct member *m)
{
    pthread_mutex_lock(&all);
    char *box = m->box;
    size_t full = m->full;
    m->box = NULL;
    m->full = m->room = 0;
    pthread_mutex_unlock(&all);
    send_whole(m->fd, box, full);
    free(box);
}

static bool listen_once(struct member *m, char text[LONGEST], size_t *have)
{
    struct pollfd one = {m->fd, POLLIN, 0};
    if (ppoll(&one, 1, NULL, &open_mask) <= 0)
        return true;
    ssize_t n = recv(m->fd, text + *have, LONGEST - *have, MSG_DONTWAIT);
    if (n < 0)
        return errno == EINTR || errno == EAGAIN;
    if (n == 0)
        return false;
    *have += (size_t)n;
    for (char *end; (end = memchr(text, '\n', *have));) {
        size_t size = (size_t)(end - text) + 1;
        post(m, text, size);
        memmove(text, text + size, *have -= size);
    }
    return *have < LONGEST;
}

static void *live(void *argument)
{
    struct member *m = argument;
    char text[LONGEST];
    size_t have = 0;
    pthread_mutex_lock(&all);
    m->thread = pthread_self();
    m->ready = true;
    pthread_mutex_unlock(&all);
    do
        deliver(m);
    while (listen_once(m, text, &have));
    pthread_mutex_lock(&all);
    struct member **at = &members;
    while (*at != m)
        at = &(*at)->next;
    *at = m->next;
    pthread_mutex_unlock(&all);
    deliver(m);
    close(m->fd);
    free(m);
    return NULL;
}

static void run(int door)
{
    struct sigaction action = {.sa_handler = wake};
    sigset_t usr2;
    pthread_t thread;
    sigemptyset(&usr2);
    sigaddset(&usr2, SIGUSR2);
    sigaction(SIGUSR2, &action, NULL);
    pthread_sigmask(SIG_BLOCK, &usr2, &open_mask);
    for (;;) {
        int fd = let_in(door);
        struct member *m = calloc(1, sizeof *m);
        if (!m) {
            close(fd);
            continue;
        }
        m->fd = fd;
        pthread_mutex_lock(&all);
        m->next = members;
        members = m;
        int failed = pthread_create(&thread, NULL, live, m);
        if (failed)
            members = m->next;
        pthread_mutex_unlock(&all);
        if (!failed)
            pthread_detach(thread);
        else {
            free(m);
            close(fd);
        }
    }
}
