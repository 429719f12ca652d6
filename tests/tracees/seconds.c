/*
 * seconds HOW: lets some seconds pass in one way, and says whether its clocks agree that they have. Untraced it takes as long as
 * it says.
 */
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { LONG = 1000, SHORT = 10, TOGETHER = 40 }; /* seconds; what comes in pieces is no more than passes in vain */

static int sock; /* nothing ever comes there */
static char byte;
static volatile sig_atomic_t came;

static void on_signal(int number)
{
    came = number;
}

static int do_poll(void)
{
    struct pollfd p = {sock, POLLIN, 0};
    return poll(&p, 1, LONG * 1000) == 0 ? LONG : -1;
}

static int do_select(void)
{
    struct timeval left = {LONG, 0};
    fd_set set;
    FD_ZERO(&set);
    FD_SET(sock, &set);
    int n = select(sock + 1, &set, NULL, NULL, &left);
    return n == 0 && left.tv_sec == 0 && !FD_ISSET(sock, &set) ? LONG : -1;
}

static int do_epoll(void)
{
    struct epoll_event event = {.events = EPOLLIN};
    int set = epoll_create1(0);
    if (set < 0 || epoll_ctl(set, EPOLL_CTL_ADD, sock, &event) < 0)
        err(1, "epoll");
    return epoll_wait(set, &event, 1, LONG * 1000) == 0 ? LONG : -1;
}

static int do_sleep(void)
{
    return sleep(LONG) == 0 ? LONG : -1;
}

static int do_option(void)
{
    struct timeval patience = {LONG, 0};
    if (setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) < 0)
        err(1, "setsockopt");
    return patience.tv_sec == LONG && recv(sock, &byte, 1, 0) == -1 && errno == EAGAIN ? LONG : -1;
}

static int do_alarm(void)
{
    alarm(LONG);
    int told = recv(sock, &byte, 1, 0) == -1 && errno == EINTR && came == SIGALRM;
    return told && alarm(7) == 0 && alarm(0) == 7 ? LONG : -1;
}

static int do_itimer(void)
{
    struct itimerval old, every = {{TOGETHER / 4, 0}, {TOGETHER / 4, 0}}, off = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &every, NULL);
    for (int i = 0; i < 4; i++)
        if (recv(sock, &byte, 1, 0) != -1 || errno != EINTR)
            return -1;
    setitimer(ITIMER_REAL, &off, &old);
    return old.it_interval.tv_sec == TOGETHER / 4 ? TOGETHER : -1;
}

static int do_timer(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    struct itimerspec when = {.it_value = {0, 0}};
    timer_t timer;
    clock_gettime(CLOCK_REALTIME, &when.it_value);
    when.it_value.tv_sec += LONG;
    if (timer_create(CLOCK_REALTIME, &event, &timer) < 0 || timer_settime(timer, TIMER_ABSTIME, &when, NULL) < 0)
        err(1, "timer");
    return recv(sock, &byte, 1, 0) == -1 && errno == EINTR && came == SIGUSR1 && timer_delete(timer) == 0 ? LONG : -1;
}

static int do_timerfd(void)
{
    struct itimerspec when = {.it_value = {LONG, 0}};
    uint64_t times;
    int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    if (fd < 0 || timerfd_settime(fd, 0, &when, NULL) < 0)
        err(1, "timerfd");
    return read(fd, &times, sizeof times) == sizeof times && times == 1 ? LONG : -1;
}

static int do_condition(void)
{
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += LONG;
    pthread_mutex_lock(&lock);
    return pthread_cond_timedwait(&condition, &lock, &until) == ETIMEDOUT ? LONG : -1;
}

static int do_naps(void)
{
    struct timespec nap = {0, 10000000};
    time_t end = time(NULL) + SHORT;
    while (time(NULL) < end)
        nanosleep(&nap, NULL);
    return SHORT;
}

static int do_spin(void)
{
    struct timeval start, now;
    gettimeofday(&start, NULL);
    do {
        (void)!recv(sock, &byte, 1, MSG_DONTWAIT);
        gettimeofday(&now, NULL);
    } while (now.tv_sec - start.tv_sec < SHORT);
    return SHORT;
}

static int do_flag(void)
{
    alarm(LONG);
    while (!came)
        (void)!recv(sock, &byte, 1, MSG_DONTWAIT);
    return LONG;
}

/** Two waits of one program: the first to end is the first. */
static int do_both(void)
{
    struct pollfd p = {sock, POLLIN, 0};
    alarm(TOGETHER);
    if (poll(&p, 1, TOGETHER / 2 * 1000) != 0 || came)
        return -1;
    return poll(&p, 1, -1) == -1 && errno == EINTR && came == SIGALRM ? TOGETHER : -1;
}

static const struct {
    const char *name;
    int (*run)(void);
} ways[] = {
    {"poll", do_poll},   {"select", do_select}, {"epoll", do_epoll},     {"sleep", do_sleep},         {"option", do_option},
    {"alarm", do_alarm}, {"itimer", do_itimer}, {"timer", do_timer},     {"timerfd", do_timerfd},     {"condition", do_condition},
    {"naps", do_naps},   {"spin", do_spin},     {"flag", do_flag},       {"both", do_both},
};

int main(int argc, char *argv[])
{
    struct sigaction action = {.sa_handler = on_signal};
    struct timespec start, end, date;
    struct timeval day;
    sigaction(SIGALRM, &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    sock = socket(AF_INET, SOCK_DGRAM, 0);
    if (sock < 0 || bind(sock, (struct sockaddr *)&in, sizeof in) < 0)
        err(1, "socket");
    for (size_t i = 0; argc == 2 && i < sizeof ways / sizeof ways[0]; i++) {
        if (strcmp(argv[1], ways[i].name) != 0)
            continue;
        time_t second = time(NULL);
        clock_gettime(CLOCK_REALTIME, &date);
        clock_gettime(CLOCK_MONOTONIC, &start);
        int asked = ways[i].run();
        clock_gettime(CLOCK_MONOTONIC, &end);
        gettimeofday(&day, NULL);
        second = time(NULL) - second;
        long by_one = end.tv_sec - start.tv_sec, by_other = day.tv_sec - date.tv_sec;
        /* One more than asked is a clock's rounding, or a busy machine's. */
        int agree = by_one >= asked - 1 && by_one <= asked + 30 && by_other >= asked - 1 && by_other <= asked + 30;
        if (asked < 0 || !agree || second < asked - 1 || second > asked + 30)
            printf("asked for %d: %ld, %ld, %ld\n", asked, by_one, by_other, (long)second);
        else
            printf("it is later now\n");
        return 0;
    }
    errx(2, "usage: seconds HOW");
}
