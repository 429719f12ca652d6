/**
 * @file handler.c
 * Signal handlers: which a process has set, and which of them run in a task. A handler runs from the delivery of its
 * signal to rt_sigreturn(2), or until it jumps out (siglongjmp(3)); of that jump the kernel hears nothing but the mask
 * that is put back, so it is noticed at the next call.
 */
#include "tracer/internal.h"

#include <signal.h>
#include <sys/ptrace.h>

/* rt_sigaction(2) as the kernel takes it: handler, flags, restorer, mask. */
void handler_set(struct task *task)
{
    struct {
        unsigned long handler, flags;
    } action;
    uint64_t signal = task->argument[0];
    if (signal >= SIGNALS || task->argument[1] == 0)
        return;
    if (memory_read(task->tid, (uintptr_t)task->argument[1], &action, sizeof(action)) != sizeof(action))
        return;
    task->process->disposition[signal] = (struct disposition){
        .handled = action.handler > 1, /* neither SIG_DFL nor SIG_IGN */
        .restarts = action.flags & SA_RESTART,
        .once = action.flags & SA_RESETHAND,
        .elsewhere = action.flags & SA_ONSTACK,
        .nests = action.flags & SA_NODEFER,
    };
}

void handler_begin(struct task *task, int signal, uintptr_t sp)
{
    if (signal <= 0 || signal >= SIGNALS || !task->process->disposition[signal].handled)
        return;
    struct disposition *d = &task->process->disposition[signal];
    if (task->handlers == HANDLERS_MAX)
        task->deeper++;
    else
        task->handler[task->handlers++] = (struct handler){signal, sp, d->elsewhere, d->nests};
    if (d->once)
        *d = (struct disposition){0};
}

void handler_end(struct task *task)
{
    if (task->deeper > 0)
        task->deeper--;
    else if (task->handlers > 0) /* none: it began before anybody watched, or in a parent */
        task->handlers--;
}

/** Whether a signal is blocked in the stopped task; true if the kernel does not tell. */
static bool is_blocked(const struct task *task, int signal)
{
    uint64_t mask; /* the kernel's sigset_t */
    if (ptrace(PTRACE_GETSIGMASK, task->tid, (void *)sizeof(mask), &mask) < 0)
        return true;
    return mask >> (signal - 1) & 1;
}

/** While it runs its frame lies below what it interrupted, and its own signal is blocked. A jump ends at least one of them. */
static bool still_runs(const struct task *task, const struct handler *h, uintptr_t sp)
{
    if (!h->elsewhere && sp >= h->sp)
        return false;
    return h->nests || is_blocked(task, h->signal);
}

void handler_look(struct task *task, uintptr_t sp)
{
    while (task->handlers > 0 && !still_runs(task, &task->handler[task->handlers - 1], sp)) {
        task->handlers--;
        task->deeper = 0; /* a jump leaves the inner ones first */
    }
}

int handler_depth(const struct task *task)
{
    return task->handlers + task->deeper;
}

int handler_signal(const struct task *task)
{
    return task->handlers > 0 ? task->handler[task->handlers - 1].signal : 0;
}
