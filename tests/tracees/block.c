/*
 * block CALL [restart|plain|none [chatty]]: makes one call that blocks and says what came of it.
 *
 * SIGUSR1 has a handler with SA_RESTART (restart), without (plain), or is ignored (none). A chatty one makes calls
 * itself, as handlers do that collect children. stdin ends or gets a byte when the test says so; a
 * connection comes to the port that is printed first.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t handled;
static int chatty;

static void on_usr1(int number)
{
    (void)number;
    int saved = errno;
    if (chatty) {
        while (waitpid(-1, NULL, WNOHANG) > 0) /* handler-wait */
            continue;
        if (write(1, "handler\n", 8) != 8) /* handler-write */
            _exit(80);
    }
    handled++;
    errno = saved;
}

static struct sockaddr_in loopback(void)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    return in;
}

static int listener(int backlog, struct sockaddr_in *in)
{
    socklen_t length = sizeof *in;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    *in = loopback();
    if (fd < 0 || bind(fd, (struct sockaddr *)in, length) < 0 || listen(fd, backlog) < 0 ||
        getsockname(fd, (struct sockaddr *)in, &length) < 0)
        err(81, "listener");
    printf("port %d\n", ntohs(in->sin_port));
    fflush(stdout);
    return fd;
}

/* Both ends of a connection to ourselves. */
static void connection(int *ours, int *theirs)
{
    struct sockaddr_in in;
    int l = listener(4, &in);
    *ours = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(*ours, (struct sockaddr *)&in, sizeof in) < 0)
        err(82, "connect");
    *theirs = accept(l, NULL, NULL);
    if (*theirs < 0)
        err(83, "accept");
}

static long block_read(void)
{
    char byte;
    return read(0, &byte, 1); /* read */
}

static long block_accept(void)
{
    struct sockaddr_in in;
    int l = listener(4, &in);
    return accept(l, NULL, NULL) < 0 ? -1 : 1; /* accept */
}

static long block_accept_restarting(void)
{
    struct sockaddr_in in;
    int l = listener(4, &in);
    int fd;
    while ((fd = accept(l, NULL, NULL)) < 0 && errno == EINTR) /* accept-again */
        continue;
    return fd >= 0;
}

/* The third connection to a queue of one waits for its SYN to be answered. */
static long block_connect(void)
{
    struct sockaddr_in in;
    listener(0, &in);
    for (;;) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(fd, (struct sockaddr *)&in, sizeof in) < 0) /* connect */
            return -1;
    }
}

static long block_recv(void)
{
    int ours, theirs;
    char byte;
    connection(&ours, &theirs);
    return recv(ours, &byte, 1, 0); /* recv */
}

static long block_recv_timed(void)
{
    int ours, theirs;
    char byte;
    struct timeval minute = {.tv_sec = 60};
    connection(&ours, &theirs);
    if (setsockopt(ours, SOL_SOCKET, SO_RCVTIMEO, &minute, sizeof minute) < 0)
        err(84, "setsockopt");
    return recv(ours, &byte, 1, 0); /* recv-timed */
}

/* Nobody reads: the buffers of both ends fill up. */
static long block_write(void)
{
    static char bytes[1 << 20];
    int ours, theirs;
    connection(&ours, &theirs);
    for (;;)
        if (write(theirs, bytes, sizeof bytes) < 0) /* write */
            return -1;
}

static long block_poll(void)
{
    struct pollfd fd = {.fd = 0, .events = POLLIN};
    return poll(&fd, 1, -1); /* poll */
}

static long block_poll_timed(void)
{
    struct pollfd fd = {.fd = 0, .events = POLLIN};
    return poll(&fd, 1, 60000); /* poll-timed */
}

static long block_ppoll(void)
{
    struct pollfd fd = {.fd = 0, .events = POLLIN};
    return ppoll(&fd, 1, NULL, NULL); /* ppoll */
}

static long block_select(void)
{
    fd_set set;
    FD_ZERO(&set);
    FD_SET(0, &set);
    return select(1, &set, NULL, NULL, NULL); /* select */
}

static long block_select_timed(void)
{
    fd_set set;
    struct timeval minute = {.tv_sec = 60};
    FD_ZERO(&set);
    FD_SET(0, &set);
    return select(1, &set, NULL, NULL, &minute); /* select-timed */
}

static long block_epoll(void)
{
    struct epoll_event event = {.events = EPOLLIN};
    int fd = epoll_create1(0);
    if (fd < 0 || epoll_ctl(fd, EPOLL_CTL_ADD, 0, &event) < 0)
        err(85, "epoll");
    return epoll_wait(fd, &event, 1, -1); /* epoll */
}

static long block_epoll_timed(void)
{
    struct epoll_event event = {.events = EPOLLIN};
    int fd = epoll_create1(0);
    if (fd < 0 || epoll_ctl(fd, EPOLL_CTL_ADD, 0, &event) < 0)
        err(85, "epoll");
    return epoll_wait(fd, &event, 1, 60000); /* epoll-timed */
}

static long block_wait(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        char byte;
        signal(SIGUSR1, SIG_IGN);
        _exit((int)read(0, &byte, 1)); /* wait-child */
    }
    return waitpid(pid, NULL, 0) == pid; /* wait */
}

static long block_vfork(void)
{
    pid_t pid = vfork(); /* vfork */
    if (pid == 0) {
        char byte;
        _exit((int)read(0, &byte, 1));
    }
    return pid > 0;
}

static long block_pause(void)
{
    return pause(); /* pause */
}

static long block_sigsuspend(void)
{
    sigset_t none;
    sigemptyset(&none);
    return sigsuspend(&none); /* sigsuspend */
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static long block_mutex(void)
{
    pthread_mutex_lock(&mutex);
    return pthread_mutex_lock(&mutex); /* mutex */
}

static long block_mutex_timed(void)
{
    struct timespec when;
    clock_gettime(CLOCK_REALTIME, &when);
    when.tv_sec += 60;
    pthread_mutex_lock(&mutex);
    return pthread_mutex_timedlock(&mutex, &when); /* mutex-timed */
}

/* An alarm will end it. */
static long block_alarm(void)
{
    char byte;
    alarm(100);
    return read(0, &byte, 1); /* read-alarm */
}

static long block_spin(void)
{
    for (volatile long i = 0; i >= 0; i++)
        continue;
    return 0;
}

static void *accept_thread(void *unused)
{
    struct sockaddr_in in;
    int l = listener(4, &in);
    (void)unused;
    return accept(l, NULL, NULL) < 0 ? &mutex : NULL; /* accept-thread */
}

static long block_threads(void)
{
    pthread_t thread;
    void *result;
    if (pthread_create(&thread, NULL, accept_thread, NULL) != 0)
        err(86, "pthread_create");
    pthread_join(thread, &result);
    return result == NULL;
}

/* What only a program does that looks at its watch. */
static long block_idle(void)
{
    struct pollfd fd = {.fd = 0, .events = POLLIN};
    for (int i = 0; i < 5; i++)
        poll(&fd, 1, 1);
    return poll(&fd, 1, 60000); /* idle */
}

/* Reads by readv into what is checked to hold nothing else. */
static long block_readv(void)
{
    char a[2] = "", b[2] = "";
    struct iovec io[2] = {{a, 1}, {b, 1}};
    return readv(0, io, 2); /* readv */
}

static const struct {
    const char *name;
    long (*run)(void);
} calls[] = {
    {"read", block_read},
    {"readv", block_readv},
    {"accept", block_accept},
    {"accept-again", block_accept_restarting},
    {"connect", block_connect},
    {"recv", block_recv},
    {"recv-timed", block_recv_timed},
    {"write", block_write},
    {"poll", block_poll},
    {"poll-timed", block_poll_timed},
    {"ppoll", block_ppoll},
    {"select", block_select},
    {"select-timed", block_select_timed},
    {"epoll", block_epoll},
    {"epoll-timed", block_epoll_timed},
    {"wait", block_wait},
    {"vfork", block_vfork},
    {"pause", block_pause},
    {"sigsuspend", block_sigsuspend},
    {"mutex", block_mutex},
    {"mutex-timed", block_mutex_timed},
    {"alarm", block_alarm},
    {"spin", block_spin},
    {"threads", block_threads},
    {"idle", block_idle},
};

static void handle(const char *how)
{
    struct sigaction action = {.sa_handler = on_usr1};
    if (strcmp(how, "none") == 0)
        action.sa_handler = SIG_IGN;
    else if (strcmp(how, "restart") == 0)
        action.sa_flags = SA_RESTART;
    if (sigaction(SIGUSR1, &action, NULL) < 0)
        err(87, "sigaction");
}

int main(int argc, char **argv)
{
    if (argc > 2)
        handle(argv[2]);
    chatty = argc > 3;
    for (size_t i = 0; argc > 1 && i < sizeof calls / sizeof calls[0]; i++) {
        if (strcmp(argv[1], calls[i].name) != 0)
            continue;
        long result = calls[i].run();
        const char *why = result < 0 ? strerrorname_np(errno) : "";
        printf("%s %ld %s after %d signals\n", argv[1], result, why, (int)handled);
        return 0;
    }
    errx(99, "usage: block CALL [restart|plain|none [chatty]]");
}
