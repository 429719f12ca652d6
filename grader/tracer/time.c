/**
 * @file time.c
 * A program's own time. It goes with the machine's while anything happens; when nothing can happen any more but that
 * a wait ends,
 * it jumps there. So a second takes no second, and whatever clock the program looks at says that it is over.
 *
 * Clocks are read without a system call: the C library finds the kernel's code for it in the vDSO (vdso(7)), to which the
 * auxiliary vector leads. Where that says nothing the library makes the calls, which can be answered.
 */
#include "tracer/internal.h"

#include <elf.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>

#define SECOND INT64_C(1000000000)

static const int64_t GRAIN = SECOND / 20;        /* of a jump: whoever naps for a moment may oversleep so much (nanosleep(2)) */
static const int64_t LONGEST = SECOND * 31536000; /* no wait is longer: sums must fit */
static const int64_t IN_VAIN = SECOND * 60;      /* jumped without anything being read or sent: nothing will change any more */
enum {
    READINGS = 100, /* of the clock, with nothing in between but calls in vain: it waits for time to pass */
    BUSY = 1000,    /* calls in vain, with a timer running: it waits for that */
    NAPS = 5,       /* jumps without anything being read, after which they are no smaller than GRAIN */
    JUMPS = 500,    /* without anything being read: it will never end */
};

int64_t time_now(const struct program *p)
{
    return clock_now() + p->ahead;
}

/* --- clocks --------------------------------------------------------------------------------------------- */

void time_hide_vdso(pid_t tid)
{
    enum { WORDS_MAX = 1 << 16 };
    struct registers r;
    uint64_t word[2];
    int nulls = 0;
    if (arch_get(tid, &r) < 0)
        return;
    /* On the new stack: argc, the arguments, a NULL, the environment, a NULL, then pairs of words up to AT_NULL. */
    uintptr_t at = arch_sp(&r) + sizeof(word[0]);
    for (int i = 0; i < WORDS_MAX && nulls < 2; i++, at += sizeof(word[0])) {
        if (memory_read(tid, at, word, sizeof(word[0])) != sizeof(word[0]))
            return;
        nulls += word[0] == 0;
    }
    for (int i = 0; i < WORDS_MAX; i++, at += sizeof(word)) {
        if (memory_read(tid, at, word, sizeof(word)) != sizeof(word) || word[0] == AT_NULL)
            return;
        if (word[0] != AT_SYSINFO_EHDR)
            continue;
        word[0] = AT_IGNORE;
        memory_write(tid, at, word, sizeof(word[0]));
        return;
    }
}

static bool is_clock_of_time(uint64_t id)
{
    return (int)id >= 0 && (int)id != CLOCK_PROCESS_CPUTIME_ID && (int)id != CLOCK_THREAD_CPUTIME_ID;
}

/** Adds to a time in the program's memory. @p unit: ns in one of its second word. */
static void move_forward(const struct task *task, uint64_t at, int64_t unit)
{
    struct timespec ts; /* a timeval has the same two words */
    if (memory_read(task->tid, (uintptr_t)at, &ts, sizeof(ts)) != sizeof(ts))
        return;
    int64_t ns = ts.tv_nsec * unit + task->process->program->ahead % SECOND;
    ts.tv_sec += task->process->program->ahead / SECOND + ns / SECOND;
    ts.tv_nsec = ns % SECOND / unit;
    memory_put(task->tid, (uintptr_t)at, &ts, sizeof(ts));
}

/** The program looks at its watch, again and again: the peers have had their turns by then. */
static void count_reading(struct program *p)
{
    if (++p->readings <= READINGS || p->in_vain > IN_VAIN)
        return;
    p->ahead += GRAIN;
    p->in_vain += GRAIN;
}

int64_t time_answer(struct task *task, int64_t result)
{
    const uint64_t *a = task->argument;
    struct program *p = task->process->program;
    if (!(task->call->group & CALL_CLOCK) || task->call->number == SYS_futex || !p->own_time || result < 0)
        return result;
    count_reading(p);
    if (strcmp(task->call->name, "time") == 0) {
        result += p->ahead / SECOND;
        if (a[0])
            memory_put(task->tid, (uintptr_t)a[0], &result, sizeof(result));
    } else if (strcmp(task->call->name, "gettimeofday") == 0) {
        move_forward(task, a[0], 1000);
    } else if (is_clock_of_time(a[0])) {
        move_forward(task, a[1], 1);
    }
    return result;
}

void time_note_progress(struct task *task, int64_t result)
{
    struct program *p = task->process->program;
    uint32_t moves = CALL_WRITE | CALL_ACCEPT | CALL_CONNECT | CALL_READ;
    if ((task->call->group & moves) && result >= 0) {
        p->in_vain = 0;
        p->readings = p->busy = 0;
    }
    if ((task->call->group & CALL_READ) && result >= 0)
        p->jumps = 0;
}

/* --- waits ---------------------------------------------------------------------------------------------- */

int64_t time_until(const struct program *p, int64_t moment)
{
    struct timespec date;
    int64_t left = moment - time_now(p);
    clock_gettime(CLOCK_REALTIME, &date);
    int64_t by_date = moment - (date.tv_sec * SECOND + date.tv_nsec + p->ahead);
    int64_t length = (left < 0 ? -left : left) < (by_date < 0 ? -by_date : by_date) ? left : by_date;
    return length > 0 ? length : 1;
}

/** futex(2): how long a thread waits for another one at most; -1: as long as it takes. */
static int64_t futex_length(const struct task *task)
{
    const uint64_t *a = task->argument;
    int operation = (int)a[1] & FUTEX_CMD_MASK;
    bool relative = operation == FUTEX_WAIT;
    struct timespec ts;
    if (!relative && operation != FUTEX_WAIT_BITSET && operation != FUTEX_LOCK_PI)
        return -1;
    if (memory_read(task->tid, (uintptr_t)a[3], &ts, sizeof(ts)) != sizeof(ts) || ts.tv_sec < 0)
        return -1;
    if (ts.tv_sec > LONGEST / SECOND * 200)
        return LONGEST;
    int64_t time = ts.tv_sec * SECOND + ts.tv_nsec;
    return relative ? time : time_until(task->process->program, time);
}

/** It makes calls that change nothing, and a timer runs: it waits without sleeping for that to go off. */
static void count_busy(struct task *task)
{
    struct program *p = task->process->program;
    int64_t first = timer_first(task->process);
    if (++p->busy < BUSY || first == INT64_MAX)
        return;
    int64_t step = first - time_now(p);
    p->ahead += step > 0 ? step : 0;
    p->busy = 0;
    timer_fire(task->process, time_now(p));
}

void time_begin_wait(struct task *task)
{
    const struct call *call = task->call;
    int64_t length = -1;
    if (!task->process->program->own_time)
        return;
    count_busy(task);
    int fd = call->fd >= 0 ? (int)task->argument[call->fd] : -1;
    const struct descriptor *d = fd >= 0 ? process_descriptor(task->process, fd) : NULL;
    if (call->group & (CALL_WAIT | CALL_SLEEP))
        length = sleep_length(task);
    else if (call->number == SYS_futex)
        length = futex_length(task);
    else
        length = sleep_limit(d, call->group & (CALL_READ | CALL_ACCEPT));
    if (length > LONGEST)
        length = LONGEST;
    task->deadline = length >= 0 ? time_now(task->process->program) + length : -1;
}

/** Where the call's time-out is, and the word for "for ever" there; -1: it has none that can be put off. */
static int stretchable(const struct task *task, uint64_t *for_ever)
{
    *for_ever = task->call->timeout == TIMEOUT_MS ? (uint64_t)-1 : 0; /* poll(2), epoll_wait(2); the others take NULL */
    bool puts_off = task->call->timeout == TIMEOUT_MS || task->call->timeout == TIMEOUT_POINTER;
    bool waits = task->process->program->own_time && task->deadline >= 0 && sleep_length(task) != 0;
    return puts_off && waits ? task->call->timeout_at : -1;
}

/** Where in memory stands what a sleep or setsockopt(2) with SO_RCVTIMEO asks for; 0: this call has no such place. */
static uint64_t time_asked_at(const struct task *task)
{
    const uint64_t *a = task->argument;
    bool sets = task->call->effect == EFFECT_OPTION && (int)a[1] == SOL_SOCKET && (int)a[2] == SO_RCVTIMEO;
    if (sets)
        return sleep_option(task) > 0 ? a[3] : 0;
    if (task->call->timeout != TIMEOUT_ALWAYS || !(task->call->group & CALL_SLEEP) || sleep_length(task) <= 0)
        return 0;
    return strcmp(task->call->name, "clock_nanosleep") == 0 ? a[2] : a[0];
}

/** A day more than was asked for is for ever, too. */
static bool stretch_memory(struct task *task)
{
    enum { DAY = 86400 };
    uint64_t at = task->process->program->own_time ? time_asked_at(task) : 0, seconds;
    if (at == 0 || memory_read(task->tid, (uintptr_t)at, &task->stretched_time, sizeof(seconds)) < sizeof(seconds))
        return false;
    seconds = task->stretched_time + DAY;
    task->stretched = memory_write(task->tid, (uintptr_t)at, &seconds, sizeof(seconds)) == 0;
    task->stretched_at = at;
    return true;
}

void time_stretch(struct task *task)
{
    struct registers r;
    uint64_t for_ever;
    task->stretched_at = 0;
    if (stretch_memory(task))
        return;
    int at = stretchable(task, &for_ever);
    if (at < 0 || arch_get(task->tid, &r) < 0)
        return;
    task->stretched_time = task->argument[at];
    arch_set_argument(&r, at, for_ever);
    task->stretched = arch_set(task->tid, &r) == 0;
}

/** A time in the program's memory: what is left of the wait. @p unit: ns in one of its second word. */
static void write_left(const struct task *task, uint64_t at, int64_t unit)
{
    int64_t left = task->deadline - time_now(task->process->program);
    struct timespec ts = {.tv_sec = left / SECOND, .tv_nsec = left % SECOND / unit};
    if (at && left > 0)
        memory_put(task->tid, (uintptr_t)at, &ts, sizeof(ts));
}

/** A sleep that a signal ends says how much of it is left, but not an absolute one: nanosleep(2), clock_nanosleep(2). */
static void unstretch_memory(const struct task *task, int64_t result)
{
    const uint64_t *a = task->argument;
    memory_write(task->tid, (uintptr_t)task->stretched_at, &task->stretched_time, sizeof(task->stretched_time));
    bool by_clock = strcmp(task->call->name, "clock_nanosleep") == 0;
    if (result < 0 && (task->call->group & CALL_SLEEP) && !(by_clock && (a[1] & TIMER_ABSTIME)))
        write_left(task, by_clock ? a[3] : a[1], 1);
}

void time_unstretch(struct task *task, int64_t result)
{
    struct registers r;
    if (!task->stretched)
        return;
    task->stretched = false;
    if (task->stretched_at) {
        unstretch_memory(task, result);
        return;
    }
    if (arch_get(task->tid, &r) < 0)
        return;
    arch_set_argument(&r, task->call->timeout_at, task->stretched_time);
    arch_set(task->tid, &r);
    /* select(2), "C library/kernel differences": the kernel writes back what is left. */
    if (result > 0 && task->call->shape == SHAPE_SELECT && task->call->timeout == TIMEOUT_POINTER)
        write_left(task, task->stretched_time, strcmp(task->call->name, "select") == 0 ? 1000 : 1);
}

bool time_is_hopeless(const struct program *p)
{
    return p->own_time && (p->in_vain > IN_VAIN || p->jumps > JUMPS);
}

static bool is_of(const struct task *task, const struct program *p)
{
    return task->process && task->process->program == p && task->process->inside;
}

/** When the first wait of a program ends by itself, or its first timer; INT64_MAX: never. */
static int64_t find_first(const struct tracer *t, const struct program *p)
{
    int64_t first = INT64_MAX;
    for (size_t i = 0; i < t->tasks; i++) {
        const struct task *task = t->task[i];
        if (!is_of(task, p))
            continue;
        if (task->in_call && task->deadline >= 0 && task->deadline < first)
            first = task->deadline;
        int64_t timer = timer_first(task->process);
        if (timer < first)
            first = timer;
    }
    return first;
}

/** Ends what is due by now. */
static bool end_waits(struct tracer *t, const struct program *p, int64_t now)
{
    bool any = false;
    for (size_t i = 0; i < t->tasks; i++) {
        struct task *task = t->task[i];
        if (!is_of(task, p))
            continue;
        if (task->in_call && task->deadline >= 0 && task->deadline <= now)
            any |= tracer_expire(t, task->tid) == 0;
        any |= timer_fire(task->process, now);
    }
    return any;
}

bool tracer_pass_time(struct tracer *t)
{
    bool any = false;
    for (size_t i = 0; i < t->programs; i++) {
        struct program *p = t->program[i];
        int64_t first = p->own_time && p->alive && !time_is_hopeless(p) ? find_first(t, p) : INT64_MAX;
        if (first == INT64_MAX)
            continue;
        int64_t step = first - time_now(p);
        if (step < GRAIN && p->jumps >= NAPS)
            step = GRAIN;
        if (step < 0)
            step = 0; /* it was due while others were busy */
        p->ahead += step;
        p->in_vain += step;
        p->jumps++;
        any |= end_waits(t, p, time_now(p));
    }
    return any;
}

int64_t tracer_time_passed(const struct tracer *t, actor_id actor)
{
    for (size_t i = 0; i < t->programs; i++)
        if (t->program[i]->actor == actor)
            return t->program[i]->ahead;
    return 0;
}
