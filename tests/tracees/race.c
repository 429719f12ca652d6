/*
 * race MODE: looks at a flag, and waits for its standard input if that is not set. SIGUSR1 sets the flag, and the tests let it
 * come between the look and the call. Says how the wait ended; a mode with the race in it does not end before it gets a byte.
 */
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <unistd.h>

static volatile sig_atomic_t stop;
static int signal_pipe[2];
static sigjmp_buf way_out;
static sigset_t before, usr1;

static void say(const char *text)
{
    if (write(1, text, strlen(text)) < 0) /* say */
        _exit(80);
}

static void on_set(int number)
{
    (void)number;
    stop = 1;
}

static void on_say(int number)
{
    (void)number;
    stop = 1;
    say("handler\n");
}

static void on_print(int number)
{
    (void)number;
    stop = 1;
    printf("printed by %s\n", "the handler"); /* printf */
    fflush(stdout);                           /* fflush */
}

static void on_exit_early(int number)
{
    (void)number;
    exit(7); /* exit */
}

static void on_pipe(int number)
{
    (void)number;
    if (write(signal_pipe[1], "", 1) < 0)
        _exit(81);
}

static void on_jump(int number)
{
    (void)number;
    siglongjmp(way_out, 1);
}

static void on_usr2(int number)
{
    (void)number;
    say("inner\n");
}

static void on_nest(int number)
{
    (void)number;
    say("before\n");
    signal(SIGUSR2, on_usr2);
    raise(SIGUSR2);
    say("after\n");
}

static void arrange(void (*handler)(int), int flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    if (sigaction(SIGUSR1, &action, NULL) < 0)
        err(82, "sigaction");
}

/* The flag is looked at, and then the call is made: in between is the race. */
static void wait_racy(void)
{
    char byte;
    while (!stop) {
        ssize_t n = read(0, &byte, 1); /* read */
        printf("read %zd\n", n);
        if (n == 1)
            break;
    }
}

static void wait_ppoll(void)
{
    struct pollfd fd = {.fd = 0, .events = POLLIN};
    while (!stop)
        printf("ppoll %d\n", ppoll(&fd, 1, NULL, &before)); /* ppoll */
}

static void wait_pselect(void)
{
    fd_set set;
    FD_ZERO(&set);
    FD_SET(0, &set);
    while (!stop)
        printf("pselect %d\n", pselect(1, &set, NULL, NULL, NULL, &before));
}

static void wait_epoll(void)
{
    struct epoll_event event = {.events = EPOLLIN};
    int fd = epoll_create1(0);
    if (fd < 0 || epoll_ctl(fd, EPOLL_CTL_ADD, 0, &event) < 0)
        err(83, "epoll");
    while (!stop)
        printf("epoll %d\n", epoll_pwait(fd, &event, 1, -1, &before));
}

static void wait_two(int other)
{
    struct pollfd fd[2] = {{.fd = 0, .events = POLLIN}, {.fd = other, .events = POLLIN}};
    printf("poll %d\n", poll(fd, 2, -1));
    printf("stdin %d other %d\n", fd[0].revents, fd[1].revents);
}

static void wait_signalfd(void)
{
    wait_two(signalfd(-1, &usr1, 0));
}

static void wait_pipe(void)
{
    wait_two(signal_pipe[0]);
}

static void *take_signal(void *unused)
{
    int number;
    (void)unused;
    sigwait(&usr1, &number);
    on_pipe(number);
    return NULL;
}

static void wait_thread(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, take_signal, NULL) != 0)
        err(84, "pthread_create");
    wait_two(signal_pipe[0]);
    pthread_join(thread, NULL);
}

static void wait_jump(void)
{
    char byte;
    if (sigsetjmp(way_out, 1) == 0)
        printf("read %zd\n", read(0, &byte, 1)); /* left */
    else
        say("jumped\n"); /* jumped */
    printf("read %zd\n", read(0, &byte, 1));
}

static const struct {
    const char *name;
    void (*handler)(int);
    int flags;
    void (*wait)(void);
    int blocked; /* SIGUSR1 is, outside of the wait */
} modes[] = {
    {"racy", on_set, 0, wait_racy, 0},
    {"restart", on_say, SA_RESTART, wait_racy, 0},
    {"stack", on_say, SA_ONSTACK, wait_racy, 0},
    {"once", on_say, (int)SA_RESETHAND, wait_racy, 0},
    {"nest", on_nest, 0, wait_racy, 0},
    {"print", on_print, 0, wait_racy, 0},
    {"exit", on_exit_early, 0, wait_racy, 0},
    {"ignore", SIG_IGN, 0, wait_racy, 0},
    {"default", SIG_DFL, 0, wait_racy, 0},
    {"blocked", on_say, 0, wait_racy, 1},
    {"ppoll", on_set, 0, wait_ppoll, 1},
    {"pselect", on_set, 0, wait_pselect, 1},
    {"epoll", on_set, 0, wait_epoll, 1},
    {"signalfd", SIG_DFL, 0, wait_signalfd, 1},
    {"thread", SIG_DFL, 0, wait_thread, 1},
    {"pipe", on_pipe, 0, wait_pipe, 0},
    {"jump", on_jump, 0, wait_jump, 0},
};

int main(int argc, char **argv)
{
    static char room[1 << 16];
    stack_t other = {.ss_sp = room, .ss_size = sizeof room};
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    if (pipe(signal_pipe) < 0 || sigaltstack(&other, NULL) < 0 || sigprocmask(SIG_SETMASK, NULL, &before) < 0)
        err(85, "prepare");
    for (size_t i = 0; argc > 1 && i < sizeof modes / sizeof modes[0]; i++) {
        if (strcmp(argv[1], modes[i].name) != 0)
            continue;
        arrange(modes[i].handler, modes[i].flags);
        if (modes[i].blocked)
            sigprocmask(SIG_BLOCK, &usr1, NULL);
        modes[i].wait();
        printf("stop %d\n", (int)stop);
        return 0;
    }
    errx(99, "usage: race MODE");
}
