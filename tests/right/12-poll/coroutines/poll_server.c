/* right: a coroutine for each client (ucontext), which poll resumes; FIONREAD tells how much to read */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <ucontext.h>
#include <unistd.h>

enum { LONGEST = 1024, MOST = 1024 * 1024 };

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
    int one = 1, s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
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

enum { STACK = 32 * 1024 };
struct task {
    int fd;
    bool leaving, dead, finished;
    short happened;
    ucontext_t context;
    char *stack, *out;
    size_t owed;
    struct task *next;
};
static struct task *tasks, *current;
static ucontext_t loop;

static void yield(void)
{
    swapcontext(&current->context, &loop);
}

static void pay(struct task *t)
{
    ssize_t n = t->owed ? send(t->fd, t->out, t->owed, MSG_NOSIGNAL | MSG_DONTWAIT) : 0;
    if (n > 0)
        memmove(t->out, t->out + n, t->owed -= (size_t)n);
    if (n < 0 && errno != EAGAIN && errno != EINTR)
        t->dead = true;
}

static void owe(struct task *t, const char *text, size_t size)
{
    if (t->owed + size > MOST) {
        t->dead = true;
        return;
    }
    if (!t->out && !(t->out = malloc(MOST))) {
        t->dead = true;
        return;
    }
    memcpy(t->out + t->owed, text, size);
    t->owed += size;
    if (t->owed == size)
        pay(t);
}

static void say(const char *text, size_t size)
{
    for (struct task *t = tasks; t; t = t->next)
        if (t != current && !t->leaving && !t->dead && !t->finished)
            owe(t, text, size);
}

static void live(void)
{
    struct task *me = current;
    char text[LONGEST];
    size_t have = 0;
    while (have < sizeof text && !me->dead) {
        int waiting = 0;
        yield();
        if (me->happened & (POLLOUT | POLLERR))
            pay(me);
        if (me->happened & POLLIN && ioctl(me->fd, FIONREAD, &waiting) == 0 && waiting == 0)
            waiting = 1; /* end of file, or taken away */
        if (me->happened & (POLLERR | POLLHUP))
            waiting = 1;
        if (waiting == 0)
            continue;
        size_t most = sizeof text - have < (size_t)waiting ? sizeof text - have : (size_t)waiting;
        ssize_t n = recv(me->fd, text + have, most, MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (n == 0) {
            me->leaving = true;
            while (me->owed > 0 && !me->dead) {
                yield();
                pay(me);
            }
        }
        if (n <= 0)
            break;
        have += (size_t)n;
        size_t done = 0;
        for (char *end; (end = memchr(text + done, '\n', have - done)); done = (size_t)(end - text) + 1)
            say(text + done, (size_t)(end - text) + 1 - done);
        memmove(text, text + done, have -= done);
    }
    me->finished = true;
}

static void resume(struct task *t, short happened)
{
    t->happened = happened;
    current = t;
    swapcontext(&loop, &t->context);
    current = NULL;
}

static bool greet(int door)
{
    int fd = accept(door, NULL, NULL);
    if (fd < 0)
        return errno == EAGAIN || errno == EINTR || errno == ECONNABORTED;
    struct task *t = calloc(1, sizeof *t);
    if (!t || !(t->stack = malloc(STACK))) {
        free(t);
        close(fd);
        return true;
    }
    t->fd = fd;
    fcntl(fd, F_SETFL, O_NONBLOCK);
    getcontext(&t->context);
    t->context.uc_stack.ss_sp = t->stack;
    t->context.uc_stack.ss_size = STACK;
    t->context.uc_link = &loop;
    makecontext(&t->context, live, 0);
    t->next = tasks;
    tasks = t;
    resume(t, 0); /* to its first yield */
    return true;
}

static void bury(void)
{
    for (struct task **at = &tasks; *at;) {
        struct task *t = *at;
        if (!t->finished && !t->dead) {
            at = &t->next;
            continue;
        }
        *at = t->next;
        close(t->fd);
        free(t->stack);
        free(t->out);
        free(t);
    }
}

static void run(int door)
{
    static struct pollfd fds[20000];
    static struct task *who[20000];
    bool open = true;
    for (;;) {
        nfds_t n = 1;
        fds[0] = (struct pollfd){open ? door : -1, POLLIN, 0};
        for (struct task *t = tasks; t && n < 20000; t = t->next) {
            who[n] = t;
            fds[n++] = (struct pollfd){t->fd, (short)((t->leaving ? 0 : POLLIN) | (t->owed ? POLLOUT : 0)), 0};
        }
        int happened = poll(fds, n, open ? -1 : 100);
        if (happened < 0 && errno != EINTR)
            err(1, "poll");
        open = true;
        for (nfds_t i = 1; happened > 0 && i < n; i++)
            if (fds[i].revents && !who[i]->dead)
                resume(who[i], fds[i].revents);
        if (happened > 0 && fds[0].revents)
            open = greet(door);
        bury();
    }
}
