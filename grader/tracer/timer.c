/**
 * @file timer.c
 * Timers: alarm(2), setitimer(2), timer_settime(2), timerfd_settime(2).
 *
 * Of a program with a time of its own (time.c), those that send a signal to the process are not set in the kernel at all:
 * they go off when the program's time has come so far. A timerfd is set, and brought forward through a copy of its
 * descriptor. A timer that speaks to a single thread (SIGEV_THREAD_ID, with which the C library makes SIGEV_THREAD) is
 * the kernel's alone and takes its real time. Of other programs, all are the kernel's, and it is noted for how long they
 * are set: a look tells a wait that a timer will end from one that nobody will.
 */
#include "tracer/internal.h"

#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>

#define SECOND INT64_C(1000000000)

/** The slot of a timer; NULL: none, or no room for a new one. */
static struct timer *find_timer(struct process *p, enum timer_kind kind, int id, bool add)
{
    struct timer *unused = NULL;
    for (size_t i = 0; i < TIMERS_MAX; i++) {
        struct timer *timer = &p->timers[i];
        if (timer->kind == kind && timer->id == id)
            return timer;
        if (timer->kind == TIMER_NONE && !unused)
            unused = timer;
    }
    if (!add || !unused)
        return NULL;
    *unused = (struct timer){.kind = kind, .id = id, .signal = SIGALRM};
    return unused;
}

/**
 * A timer's two times, from words in memory: an itimerval (@p unit 1000) or an itimerspec (1). False if they are
 * none.
 */
static bool read_times(const struct task *task, uint64_t at, int64_t unit, int64_t *interval, int64_t *value)
{
    int64_t word[4];
    if (memory_read(task->tid, (uintptr_t)at, word, sizeof(word)) != sizeof(word))
        return false;
    for (int i = 0; i < 4; i++)
        if (word[i] < 0 || word[i] > (i % 2 ? SECOND / unit - 1 : INT64_MAX / SECOND / 4))
            return false;
    *interval = word[0] * SECOND + word[1] * unit;
    *value = word[2] * SECOND + word[3] * unit;
    return true;
}

/** What the program gets of the timer's old setting, at an address that may be 0. */
static void write_times(const struct task *task, uint64_t at, int64_t unit, int64_t interval, int64_t left)
{
    int64_t word[4] = {interval / SECOND, interval % SECOND / unit, left / SECOND, left % SECOND / unit};
    if (at)
        memory_put(task->tid, (uintptr_t)at, word, sizeof(word));
}

static int64_t time_left(const struct task *task, const struct timer *timer)
{
    int64_t left = timer->armed ? timer->deadline - time_now(task->process->program) : 0;
    return left > 0 ? left : timer->armed; /* one that is due is not off yet */
}

static void arm(const struct task *task, struct timer *timer, int64_t interval, int64_t value)
{
    timer->armed = value > 0;
    timer->interval = interval;
    timer->length = interval > 0 && interval < value ? interval : value;
    timer->deadline = time_now(task->process->program) + value;
}

static int64_t take_alarm(struct task *task)
{
    struct timer *timer = find_timer(task->process, TIMER_REAL, 0, true);
    int64_t left = (time_left(task, timer) + SECOND - 1) / SECOND;
    arm(task, timer, 0, (int64_t)(unsigned)task->argument[0] * SECOND);
    return left;
}

static bool take_itimer(struct task *task)
{
    const uint64_t *a = task->argument;
    int64_t interval, value;
    if (a[0] != ITIMER_REAL || !read_times(task, a[1], 1000, &interval, &value))
        return false;
    struct timer *timer = find_timer(task->process, TIMER_REAL, 0, true);
    write_times(task, a[2], 1000, timer->interval, time_left(task, timer));
    arm(task, timer, interval, value);
    return true;
}

static bool take_posix(struct task *task)
{
    const uint64_t *a = task->argument;
    int64_t interval, value;
    struct timer *timer = find_timer(task->process, TIMER_POSIX, (int)a[0], false);
    if (!timer || !read_times(task, a[2], 1, &interval, &value))
        return false;
    write_times(task, a[3], 1, timer->interval, time_left(task, timer));
    arm(task, timer, interval, value > 0 && (a[1] & TIMER_ABSTIME) ? time_until(task->process->program, value) : value);
    return true;
}

bool timer_takes(struct task *task, int64_t *result)
{
    const char *name = task->call->name;
    *result = 0;
    if (!task->process->program->own_time || !(task->call->group & CALL_TIMER))
        return false;
    if (strcmp(name, "alarm") == 0)
        *result = take_alarm(task);
    else if (strcmp(name, "setitimer") == 0)
        return take_itimer(task);
    else if (strcmp(name, "timer_settime") == 0)
        return take_posix(task);
    else
        return false;
    return true;
}

/** timer_create(2) has made one: what does it do when it goes off? */
static void note_created(struct task *task)
{
    struct sigevent event = {.sigev_signo = SIGALRM, .sigev_notify = SIGEV_SIGNAL};
    const uint64_t *a = task->argument;
    int id;
    if (a[1] && memory_read(task->tid, (uintptr_t)a[1], &event, sizeof(event)) != sizeof(event))
        return;
    if (memory_read(task->tid, (uintptr_t)a[2], &id, sizeof(id)) != sizeof(id))
        return;
    struct timer *timer = event.sigev_notify == SIGEV_SIGNAL ? find_timer(task->process, TIMER_POSIX, id, true) : NULL;
    if (timer)
        *timer = (struct timer){.kind = TIMER_POSIX, .id = id, .signal = event.sigev_signo};
}

/** A timerfd tells its time through a descriptor, which the call names. */
static void note_timerfd(struct task *task)
{
    const uint64_t *a = task->argument;
    int64_t interval, value;
    struct timer *timer = find_timer(task->process, TIMER_FD, (int)a[0], true);
    if (!timer || !read_times(task, a[2], 1, &interval, &value)) {
        task->process->timer |= !task->process->program->own_time;
        return;
    }
    bool date = value > 0 && (a[1] & TFD_TIMER_ABSTIME);
    arm(task, timer, interval, date ? time_until(task->process->program, value) : value);
}

void timer_note(struct task *task, int64_t result)
{
    const char *name = task->call->name;
    if (!(task->call->group & CALL_TIMER) || result < 0)
        return;
    if (strcmp(name, "timer_create") == 0) {
        note_created(task);
    } else if (strcmp(name, "timer_delete") == 0) {
        struct timer *timer = find_timer(task->process, TIMER_POSIX, (int)task->argument[0], false);
        if (timer)
            *timer = (struct timer){0};
    } else if (strcmp(name, "timerfd_settime") == 0) {
        note_timerfd(task);
    } else if (strcmp(name, "timer_settime") == 0 && task->process->program->own_time) {
        task->process->timer = true; /* the kernel's */
    }
}

/** The one that an alarm, setitimer or timer_settime sets, and to what; NULL if it is not known. */
static struct timer *seen(struct task *task, int64_t *interval, int64_t *value)
{
    const char *name = task->call->name;
    const uint64_t *a = task->argument;
    struct process *p = task->process;
    *interval = 0;
    if (strcmp(name, "alarm") == 0) {
        *value = (int64_t)(unsigned)a[0] * SECOND;
        return find_timer(p, TIMER_REAL, 0, true);
    }
    if (strcmp(name, "setitimer") == 0)
        return a[0] == ITIMER_REAL && read_times(task, a[1], 1000, interval, value) ? find_timer(p, TIMER_REAL, 0, true) : NULL;
    if (!read_times(task, a[2], 1, interval, value))
        return NULL;
    if (*value > 0 && (a[1] & TIMER_ABSTIME))
        *value = time_until(p->program, *value);
    return find_timer(p, TIMER_POSIX, (int)a[0], false);
}

void timer_see(struct task *task)
{
    static const char *const setting[] = {"alarm", "setitimer", "timer_settime"};
    int64_t interval, value;
    for (size_t i = 0; i < sizeof(setting) / sizeof(setting[0]); i++) {
        if (strcmp(task->call->name, setting[i]) != 0)
            continue;
        struct timer *timer = seen(task, &interval, &value);
        if (timer)
            arm(task, timer, interval, value);
        else
            task->process->timer = true;
    }
}

void timer_rang(struct process *p, int signal)
{
    for (size_t i = 0; i < TIMERS_MAX; i++) {
        struct timer *timer = &p->timers[i];
        bool signals = timer->kind == TIMER_REAL || timer->kind == TIMER_POSIX;
        if (signals && timer->signal == signal && timer->interval == 0 && timer->deadline <= time_now(p->program))
            timer->armed = false;
    }
}

int64_t timer_length(const struct process *p)
{
    int64_t length = -1;
    for (size_t i = 0; i < TIMERS_MAX; i++) {
        const struct timer *timer = &p->timers[i];
        if (timer->armed && (length < 0 || timer->length < length))
            length = timer->length;
    }
    return length;
}

int64_t timer_first(const struct process *p)
{
    int64_t first = INT64_MAX;
    for (size_t i = 0; i < TIMERS_MAX; i++)
        if (p->timers[i].armed && p->timers[i].deadline < first)
            first = p->timers[i].deadline;
    return first;
}

/** False if this machine does not lend the descriptor, or it is no timer any more: then it goes off in its real time. */
static bool bring_forward(const struct process *p, const struct timer *timer)
{
    struct itimerspec soon = {.it_interval = {timer->interval / SECOND, timer->interval % SECOND}, .it_value = {0, 1}};
    int fd = tracer_borrow(p->pid, timer->id);
    bool done = fd >= 0 && timerfd_settime(fd, 0, &soon, NULL) == 0;
    fd_close(&fd);
    return done;
}

bool timer_fire(struct process *p, int64_t now)
{
    bool any = false;
    for (size_t i = 0; i < TIMERS_MAX; i++) {
        struct timer *timer = &p->timers[i];
        if (!timer->armed || timer->deadline > now)
            continue;
        timer->deadline = now + timer->interval;
        timer->armed = timer->interval > 0;
        if (timer->kind == TIMER_FD)
            any |= bring_forward(p, timer);
        else
            any |= kill(p->pid, timer->signal) == 0;
    }
    return any;
}
