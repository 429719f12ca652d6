/* right: reads with getc from a FILE for each client; SIGPIPE ignored */
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
#include <signal.h>

struct client {
    FILE *in;
    int fd;
    struct client *next;
};

static struct client *list;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

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

/* -1 at the end, or where a line is too long */
static int get_line(FILE *in, char line[1024])
{
    int n = 0, c;
    do {
        c = getc(in);
        if (c == EOF && errno == EINTR && ferror(in)) {
            clearerr(in);
            errno = 0;
            continue;
        }
        if (c == EOF || n == 1024)
            return -1;
        line[n++] = (char)c;
    } while (c != '\n');
    return n;
}

static void *talk(void *argument)
{
    struct client *me = argument;
    char line[1024];
    int n;
    errno = 0;
    while ((n = get_line(me->in, line)) > 0) {
        pthread_mutex_lock(&lock);
        for (struct client *c = list; c; c = c->next)
            if (c != me)
                send_whole(c->fd, line, (size_t)n);
        pthread_mutex_unlock(&lock);
        errno = 0;
    }
    pthread_mutex_lock(&lock);
    for (struct client **c = &list; *c; c = &(*c)->next)
        if (*c == me) {
            *c = me->next;
            break;
        }
    pthread_mutex_unlock(&lock);
    fclose(me->in);
    free(me);
    return NULL;
}

static void run(int door)
{
    signal(SIGPIPE, SIG_IGN);
    for (;;) {
        int fd = accept(door, NULL, NULL);
        if (fd < 0) {
            if (errno == EMFILE)
                usleep(10000);
            continue;
        }
        struct client *c = malloc(sizeof *c);
        if (c)
            *c = (struct client){.fd = fd, .in = fdopen(fd, "r")};
        if (!c || !c->in) {
            close(fd);
            free(c);
            continue;
        }
        pthread_t t;
        pthread_mutex_lock(&lock);
        int failed = pthread_create(&t, NULL, talk, c);
        if (!failed) {
            pthread_detach(t);
            c->next = list;
            list = c;
        }
        pthread_mutex_unlock(&lock);
        if (failed) {
            fclose(c->in);
            free(c);
        }
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
