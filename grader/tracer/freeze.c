/**
 * @file freeze.c
 * A process that is kept from running, as one is that gets no processor for a while: what happens meanwhile
 * meets it all at once. PTRACE_INTERRUPT makes each of its tasks stop (ptrace(2)); the stop is simply not ended. Signals
 * that come in between wait, one of each kind (signal(7), "Queueing and delivery semantics for standard signals").
 */
#include "tracer/internal.h"

#include <errno.h>

static bool is_of(const struct task *task, pid_t pid)
{
    const struct process *p = task->process;
    return p && p->pid == pid && p->inside && !p->program->released;
}

int tracer_freeze(struct tracer *t, pid_t pid)
{
    bool any = false;
    for (size_t i = 0; i < t->tasks; i++) {
        struct task *task = t->task[i];
        if (!is_of(task, pid) || task->freeze)
            continue;
        task->freeze = true;
        any |= ptrace(PTRACE_INTERRUPT, task->tid, NULL, NULL) == 0; /* ESRCH: it is dying */
    }
    return any ? 0 : -ESRCH;
}

bool tracer_is_frozen(const struct tracer *t, pid_t pid)
{
    for (size_t i = 0; i < t->tasks; i++)
        if (is_of(t->task[i], pid) && !t->task[i]->frozen && !t->task[i]->hold)
            return false;
    return true;
}

bool freeze_keeps(struct task *task)
{
    task->frozen = task->freeze;
    return task->frozen;
}

void tracer_thaw(struct tracer *t, pid_t pid)
{
    for (size_t i = 0; i < t->tasks; i++) {
        struct task *task = t->task[i];
        if (!is_of(task, pid))
            continue;
        bool stands = task->frozen;
        task->freeze = task->frozen = false;
        if (stands)
            stop_go_on(task, 0);
    }
}
