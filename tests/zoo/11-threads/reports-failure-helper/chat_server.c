/* zoo: fails reports-failure -- nobody looks whether the thread that writes to all could be made */
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
#include <semaphore.h>

/* What goes through the pipe: pointers. Whoever reads one owns what it points to. */
struct news {
    enum { CAME, SAID, LEFT } what;
    int fd;
    sem_t *done; /* LEFT: posted when nobody writes to fd any more */
    size_t size;
    char text[1024];
};

static int tube[2];

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

static void publish(int what, int fd, sem_t *done, const char *text, size_t size)
{
    struct news *n = malloc(sizeof *n);
    if (!n)
        err(1, "malloc");
    n->what = what;
    n->fd = fd;
    n->done = done;
    n->size = size;
    memcpy(n->text, text, size);
    while (write(tube[1], &n, sizeof n) < 0) /* a pointer goes in one piece (PIPE_BUF) */
        if (errno != EINTR)
            err(1, "pipe");
}

/* The only one who knows who is in the room, and who writes to them. */
static void *broadcast(void *nothing)
{
    static char here[4096];
    struct news *n;
    for (;;) {
        ssize_t got = read(tube[0], &n, sizeof n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got != sizeof n)
            err(1, "pipe");
        if (n->what == SAID) {
            for (int fd = 0; fd < 4096; fd++)
                if (here[fd] && fd != n->fd)
                    send_whole(fd, n->text, n->size);
        } else {
            here[n->fd] = n->what == CAME;
        }
        if (n->done)
            sem_post(n->done);
        free(n);
    }
    return nothing;
}

static void *listen_to(void *argument)
{
    int fd = *(int *)argument;
    char text[1024];
    size_t have = 0;
    free(argument);
    while (have < sizeof text) {
        ssize_t n = recv(fd, text + have, sizeof text - have, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        have += (size_t)n;
        for (char *end; (end = memchr(text, '\n', have));) {
            size_t size = (size_t)(end - text) + 1;
            publish(SAID, fd, NULL, text, size);
            have -= size;
            memmove(text, text + size, have);
        }
    }
    sem_t done;
    sem_init(&done, 0, 0);
    publish(LEFT, fd, &done, "", 0);
    while (sem_wait(&done) < 0)
        continue;
    sem_destroy(&done);
    close(fd);
    return NULL;
}

static void admit(int fd)
{
    pthread_t thread;
    sem_t done;
    int *own = malloc(sizeof *own);
    if (!own) {
        close(fd);
        return;
    }
    *own = fd;
    publish(CAME, fd, NULL, "", 0);
    if (pthread_create(&thread, NULL, listen_to, own) == 0) {
        pthread_detach(thread);
        return;
    }
    free(own);
    sem_init(&done, 0, 0);
    publish(LEFT, fd, &done, "", 0);
    while (sem_wait(&done) < 0)
        continue;
    sem_destroy(&done);
    close(fd);
}

static void run(int door)
{
    pthread_t thread;
    if (pipe(tube) < 0)
        errx(1, "cannot start");
    pthread_create(&thread, NULL, broadcast, NULL);
    for (;;) {
        int fd = accept(door, NULL, NULL);
        if (fd >= 0)
            admit(fd);
        else if (errno != EINTR && errno != ECONNABORTED)
            usleep(10000);
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
