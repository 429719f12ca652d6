/**
 * @file sleep.c
 * Sleeps, in whatever way a program takes them: how long, and what the kernel leaves behind when they are
 * over. The grader skips them. A time that the kernel would refuse is no sleep: the program gets its error.
 */
#include "tracer/internal.h"

#include <linux/futex.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>

#define SECOND INT64_C(1000000000)

enum {
    NAPS_SKIPPED = 50, /* in a row; whoever sleeps once more is watching a clock, which no one can skip */
    SLEEPS_MOST = 200, /* in all; a thread among others that has slept so often does so by habit */
};

static const int64_t naps_most = SECOND / 2; /* that a row of them may really last: it may never end */

/** A time in the program's memory: ns, saturated; -1 if it is none. @p unit: ns in one of its second word. */
static int64_t read_time(pid_t tid, uint64_t at, int64_t unit)
{
    struct timespec ts; /* a timeval has the same two words */
    if (memory_read(tid, (uintptr_t)at, &ts, sizeof(ts)) != sizeof(ts))
        return -1;
    if (ts.tv_sec < 0 || ts.tv_nsec < 0)
        return -1;
    if (unit == 1 && ts.tv_nsec >= SECOND) /* select(2) takes any number of microseconds */
        return -1;
    if (ts.tv_sec > INT64_MAX / SECOND / 2 || ts.tv_nsec > INT64_MAX / unit / 2)
        return INT64_MAX;
    return ts.tv_sec * SECOND + ts.tv_nsec * unit;
}

/** Clocks on which clock_nanosleep(2) sleeps by the wall; processor time does not pass by waiting. */
static bool is_wall_clock(uint64_t id)
{
    return (int)id == CLOCK_REALTIME || (int)id == CLOCK_MONOTONIC || (int)id == CLOCK_BOOTTIME ||
           (int)id == CLOCK_TAI;
}

static int64_t clock_sleep_length(const struct task *task)
{
    const uint64_t *a = task->argument;
    int64_t length = read_time(task->tid, a[2], 1);
    struct timespec now;
    if (length < 0 || !is_wall_clock(a[0]) || clock_gettime((clockid_t)(int)a[0], &now) < 0)
        return -1;
    if (!(a[1] & TIMER_ABSTIME) || length == INT64_MAX)
        return length;
    length -= now.tv_sec * SECOND + now.tv_nsec + task->process->program->ahead;
    return length > 0 ? length : 0; /* over already */
}

/** A moment by a clock as a length from now. */
static int64_t length_until(clockid_t clock, int64_t moment)
{
    struct timespec now;
    if (moment < 0 || moment == INT64_MAX || clock_gettime(clock, &now) < 0)
        return moment;
    int64_t left = moment - (now.tv_sec * SECOND + now.tv_nsec);
    return left > 0 ? left : 0;
}

/** futex(2): only the oldest way to wait takes a length. */
static int64_t futex_timeout(pid_t tid, const uint64_t argument[6])
{
    int64_t time = read_time(tid, argument[3], 1);
    if (((int)argument[1] & FUTEX_CMD_MASK) == FUTEX_WAIT)
        return time;
    return length_until((int)argument[1] & FUTEX_CLOCK_REALTIME ? CLOCK_REALTIME : CLOCK_MONOTONIC, time);
}

int64_t sleep_timeout(pid_t tid, const struct call *call, const uint64_t argument[6])
{
    uint64_t time = argument[call->timeout_at];
    if (call->number == SYS_nanosleep)
        return read_time(tid, argument[0], 1);
    if (call->number == SYS_clock_nanosleep)
        return argument[1] & TIMER_ABSTIME ? length_until((clockid_t)(int)argument[0], read_time(tid, argument[2], 1))
                                           : read_time(tid, argument[2], 1);
    if (call->timeout == TIMEOUT_MS)
        return (int)time < 0 ? -1 : (int64_t)(int)time * 1000000;
    if (call->timeout != TIMEOUT_POINTER || time == 0)
        return -1;
    if (call->number == SYS_futex)
        return futex_timeout(tid, argument);
    return read_time(tid, time, strcmp(call->name, "select") == 0 ? 1000 : 1);
}

int64_t sleep_length(const struct task *task)
{
    const struct call *call = task->call;
    if (strcmp(call->name, "clock_nanosleep") == 0)
        return clock_sleep_length(task);
    return sleep_timeout(task->tid, call, task->argument);
}

int64_t sleep_option(const struct task *task)
{
    int64_t length = read_time(task->tid, task->argument[3], 1000);
    return length > 0 ? length : 0; /* socket(7): zero is no time-out */
}

int64_t sleep_limit(const struct descriptor *d, uint32_t group)
{
    int64_t limit = 0;
    if (d && (group & (CALL_READ | CALL_ACCEPT)))
        limit = d->receive_limit;
    else if (d && (group & (CALL_WRITE | CALL_CONNECT)))
        limit = d->send_limit;
    return limit > 0 ? limit : -1;
}

bool sleep_is(const struct task *task)
{
    const struct call *call = task->call;
    bool sleeps = call->group & CALL_SLEEP;
    if (call->shape == SHAPE_POLL)
        sleeps = (unsigned)task->argument[1] == 0; /* nfds_t is cut by the kernel */
    else if (call->shape == SHAPE_SELECT)
        sleeps = (int)task->argument[0] == 0;
    return sleeps && sleep_length(task) >= 0;
}

bool sleep_is_habit(const struct task *task)
{
    return task->process->tasks > 1 && (task->naps > NAPS_SKIPPED || task->sleeps > SLEEPS_MOST);
}

bool sleep_passes(struct task *task)
{
    int64_t length = sleep_length(task);
    if (task->naps == 0)
        task->napped = 0;
    task->naps++;
    task->sleeps++;
    if (sleep_is_habit(task))
        return true;
    if (task->naps <= NAPS_SKIPPED || length > naps_most - task->napped)
        return false;
    task->napped += length;
    return true;
}

void sleep_count(struct task *task, bool expired)
{
    const struct program *p = task->process->program;
    if (task->stirred != p->stirred) /* something was done since, of which it may have seen something */
        task->idle_rounds = task->expired = 0;
    task->stirred = p->stirred;
    if (expired)
        task->expired++;
    else if (sleep_is_habit(task))
        task->idle_rounds++;
}

void sleep_end(const struct task *task)
{
    static const struct timespec nothing;
    bool counts_down = task->call->timeout == TIMEOUT_POINTER &&
                       (task->call->shape == SHAPE_POLL || task->call->shape == SHAPE_SELECT);
    uint64_t time = task->argument[task->call->timeout_at];
    if (counts_down) /* select(2), "C library/kernel differences" */
        memory_put(task->tid, (uintptr_t)time, &nothing, sizeof(nothing));
}

void sleep_clear_sets(const struct task *task)
{
    enum { SETS_MAX = 1024 };
    static const unsigned char empty[SETS_MAX / 8];
    if (task->call->shape != SHAPE_SELECT || task->argument[0] > SETS_MAX)
        return;
    size_t words = ((size_t)task->argument[0] + 63) / 64;
    for (int set = 1; set <= 3; set++)
        if (task->argument[set])
            memory_put(task->tid, (uintptr_t)task->argument[set], empty, words * 8);
}
