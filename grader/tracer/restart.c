/**
 * @file restart.c
 * Calls that a signal interrupts (signal(7), "Interruption of system calls and library functions by
 * signal handlers"). The kernel leaves such a call with a code of its own that only tracers see, and decides
 * at the delivery of the signal whether the program gets EINTR or the call is made again. One that is made again is one call, not
 * two, also when the handler makes calls of its own in between: it is parked until the handler returns. So is a call that the
 * grader takes back to let a signal come first.
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
        .depth = handler_depth(task),
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

bool restart_take_back(struct task *task, int signal)
{
    if (!park(task))
        return false;
    task->parking[task->parked - 1].before = signal;
    task->in_call = false;
    return true;
}

void restart_settle(struct task *task, int signal)
{
    if (signal >= SIGNALS || !task->process->disposition[signal].handled)
        return; /* no handler runs: the call comes back whatever its code */
    struct parked *top = task->parked > 0 ? &task->parking[task->parked - 1] : NULL;
    if (top && top->before == signal && top->depth == handler_depth(task))
        top->ran = true;
    if (!task->interrupted)
        return;
    bool comes_back = task->restart_code == ERESTARTNOINTR ||
                      (task->restart_code == ERESTARTSYS && task->process->disposition[signal].restarts);
    if (!comes_back || !park(task))
        call_finish(task, -EINTR, false);
}

static bool is_same(const struct task *task, int number, const uint64_t argument[6])
{
    return number == task->call->number && memcmp(task->argument, argument, sizeof(task->argument)) == 0;
}

bool restart_find(struct task *task, int number, const uint64_t argument[6], uintptr_t sp, struct parked *back)
{
    *back = (struct parked){0};
    if (task->interrupted) {
        task->interrupted = false;
        if (number == SYS_restart_syscall || is_same(task, number, argument))
            return true;
        call_finish(task, -EINTR, false); /* by a handler that was set while nobody watched */
    }
    while (task->parked > 0) {
        *back = task->parking[task->parked - 1];
        if (handler_depth(task) > back->depth)
            return false; /* a handler's own */
        take_back(task);
        if (sp == back->sp && is_same(task, number, argument))
            return true;
        call_finish(task, -EINTR, back->before); /* the handler jumped away: siglongjmp(3) */
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
