/**
 * @file restart.c
 * Calls that a signal interrupts (signal(7), "Interruption of system calls and library functions by
 * signal handlers"). The kernel leaves such a call with a code of its own that only tracers see, and decides
 * at the delivery of the signal whether the program gets EINTR or the call is made again. One that is made again is one call, not
 * two, also when the handler makes calls of its own in between: it is parked until the handler returns.
 */
#include "tracer/internal.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>

/* include/linux/errno.h of the kernel. */
enum { ERESTARTSYS = 512, ERESTARTNOINTR = 513, ERESTARTNOHAND = 514, ERESTART_RESTARTBLOCK = 516 };

bool restart_is_code(int64_t result)
{
    return result == -ERESTARTSYS || result == -ERESTARTNOINTR || result == -ERESTARTNOHAND ||
           result == -ERESTART_RESTARTBLOCK;
}

void restart_interrupted(struct task *task, int64_t code)
{
    task->interrupted = true;
    task->restart_code = (int)-code;
}

/** It waits for its handler to return; what the handler calls is on top of it. */
static bool park(struct task *task)
{
    if (task->parked == PARKED_MAX)
        return false;
    task->parking[task->parked++] = (struct parked){
        .call = task->call,
        .event = task->event,
        .cut = task->cut,
        .sp = task->sp,
    };
    memcpy(task->parking[task->parked - 1].argument, task->argument, sizeof(task->argument));
    task->event = NULL;
    task->interrupted = false;
    return true;
}

static void take_back(struct task *task)
{
    const struct parked *p = &task->parking[--task->parked];
    task->call = p->call;
    task->event = p->event;
    task->cut = p->cut;
    task->sp = p->sp;
    memcpy(task->argument, p->argument, sizeof(task->argument));
}

static bool handles(const struct process *p, int signal)
{
    return signal < SIGNALS && (p->handler_set[signal / 64] >> (signal % 64) & 1);
}

static bool restarts(const struct process *p, int signal)
{
    return signal < SIGNALS && (p->handler_restarts[signal / 64] >> (signal % 64) & 1);
}

void restart_settle(struct task *task, int signal)
{
    if (!task->interrupted || !handles(task->process, signal))
        return; /* no handler runs: the call comes back whatever its code */
    bool comes_back = task->restart_code == ERESTARTNOINTR ||
                      (task->restart_code == ERESTARTSYS && restarts(task->process, signal));
    if (!comes_back || !park(task))
        call_finish(task, -EINTR, false);
}

static bool is_same(const struct task *task, int number, const uint64_t argument[6])
{
    return number == task->call->number && memcmp(task->argument, argument, sizeof(task->argument)) == 0;
}

bool restart_find(struct task *task, int number, const uint64_t argument[6], uintptr_t sp)
{
    if (task->interrupted) {
        task->interrupted = false;
        if (number == SYS_restart_syscall || is_same(task, number, argument))
            return true;
        call_finish(task, -EINTR, false); /* by a handler that was set while nobody watched */
    }
    while (task->parked > 0) {
        if (sp < task->parking[task->parked - 1].sp)
            return false; /* a handler's own: it runs below what it interrupted */
        bool same_place = sp == task->parking[task->parked - 1].sp;
        take_back(task);
        if (same_place && is_same(task, number, argument))
            return true;
        call_finish(task, -EINTR, false); /* the handler jumped away: siglongjmp(3) */
    }
    return false;
}

void restart_forget(struct task *task)
{
    task->interrupted = false;
    while (task->parked > 0) {
        take_back(task);
        call_forget(task);
    }
}
