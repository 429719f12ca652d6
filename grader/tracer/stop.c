/**
 * @file stop.c
 * What each ptrace stop means (ptrace(2), "Stopped states"). The rules that cost somebody a day each:
 * a new task's first stop may come before its parent's event; a signal is handed on only at a true
 * signal-delivery-stop; a group-stop is answered with PTRACE_LISTEN; ESRCH means that the task is
 * dying and its end will come through waitpid(2); a call interrupted under SA_RESTART shows up twice.
 */
#include "tracer/internal.h"

#include <linux/ptrace.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static void resume(pid_t tid, enum __ptrace_request request, int signal)
{
    ptrace(request, tid, NULL, (void *)(long)signal); /* ESRCH: it is dying; waitpid(2) will say so */
}

/** Runs that are followed call by call, until the server is ready. */
static bool is_followed(const struct program *p)
{
    return p->mode == TRACE_UNTIL_READY || p->mode == TRACE_UNTIL_BOUND;
}

void stop_go_on(const struct task *task, int signal)
{
    const struct process *p = task->process;
    bool every_call = p && p->inside && is_followed(p->program);
    if (task->freeze && !task->frozen) /* this stop has used up the one that was asked for (ptrace_stop() in the kernel) */
        ptrace(PTRACE_INTERRUPT, task->tid, NULL, NULL);
    resume(task->tid, task->wants_exit || every_call ? PTRACE_SYSCALL : PTRACE_CONT, signal);
}

/* --- births ------------------------------------------------------------------------------------- */

static bool is_birth(int event)
{
    return event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK || event == PTRACE_EVENT_CLONE;
}

/** At a parent's birth event: the child, joined to its process; NULL if the parent is dying. */
static struct task *join_child(struct tracer *t, const struct task *parent)
{
    unsigned long message = 0;
    if (ptrace(PTRACE_GETEVENTMSG, parent->tid, NULL, &message) < 0)
        return NULL;
    struct task *child = task_find(t, (pid_t)message);
    if (!child)
        child = task_add(t, (pid_t)message);
    if (!child->process)
        task_join(t, child, parent->process);
    if (parent->fault && parent->fault->what == FAULT_HOLD_NEW)
        child->born = parent->fault;
    return child;
}

/* --- letting go ---------------------------------------------------------------------------------------------- */

/** Any stop of a released program's task: detach, handing on a signal that was to be delivered. */
static void detach(struct tracer *t, struct task *task, int status)
{
    if (is_birth(status >> 16)) {
        struct task *child = join_child(t, task); /* its own first stop will detach it, unless it came already */
        if (child && child->held_new)
            detach(t, child, 0);
    }
    int signal = status >> 16 == 0 && WSTOPSIG(status) != (SIGTRAP | 0x80) ? WSTOPSIG(status) : 0;
    resume(task->tid, PTRACE_DETACH, signal);
    task_remove(t, task);
}

/** Lets a program go: @p stopped, which is in a ptrace stop, now; its other tasks at their next stop. */
static void release(struct tracer *t, struct program *program, struct task *stopped)
{
    program->released = true;
    for (size_t i = 0; i < t->tasks; i++) {
        struct task *task = t->task[i];
        if (task == stopped || !task->process || task->process->program != program)
            continue;
        ptrace(PTRACE_INTERRUPT, task->tid, NULL, NULL);
        if (!task->process->inside && program->scaffolds < SCAFFOLD_MAX)
            program->scaffold[program->scaffolds++] = task->process->pid;
    }
    detach(t, stopped, 0);
}

/**
 * LeakSanitizer is about to look for leaks, because the program ends before it was ready. It traces the program itself, from a
 * task that it makes in a way of its own, and gives up if somebody else does.
 */
static bool looks_for_leaks(const struct ptrace_syscall_info *info)
{
    return info->entry.nr == SYS_clone && (info->entry.args[0] & CLONE_UNTRACED);
}

static void on_plain_call(struct tracer *t, struct task *task, const struct ptrace_syscall_info *info)
{
    if (info->op == PTRACE_SYSCALL_INFO_ENTRY) {
        if (task->process->inside && looks_for_leaks(info)) {
            release(t, task->process->program, task);
            return;
        }
        task->call = table_find((int)info->entry.nr);
        memcpy(task->argument, info->entry.args, sizeof(task->argument));
        task->event = NULL;
        bool bound = task->process->program->mode == TRACE_UNTIL_BOUND;
        if (task->call && task->process->inside && (task->call->group & (bound ? CALL_BIND : CALL_LISTEN)))
            task->event = call_record(t, task, bound ? FD_DATAGRAM : FD_SOCKET);
        stop_go_on(task, 0);
        return;
    }
    bool ready = task->event != NULL;
    call_finish(task, info->exit.rval, false);
    if (ready && info->exit.rval == 0)
        release(t, task->process->program, task);
    else
        stop_go_on(task, 0);
}

static void on_syscall(struct tracer *t, struct task *task)
{
    struct ptrace_syscall_info info = {0};
    if (ptrace(PTRACE_GET_SYSCALL_INFO, task->tid, (void *)sizeof(info), &info) < 0)
        return; /* dying */
    if (is_followed(task->process->program))
        on_plain_call(t, task, &info);
    else if (info.op == PTRACE_SYSCALL_INFO_EXIT && task->in_call)
        call_leave(t, task, &info);
    else
        stop_go_on(task, 0);
}

/* --- tasks come, execute, go ---------------------------------------------------------------------------- */

/** A new task stands at its first stop, and is known. */
static void begin(struct tracer *t, struct task *child)
{
    struct fault *f = child->born;
    child->born = NULL;
    if (f)
        call_keep(t, child, f);
    else
        stop_go_on(child, 0);
}

static void on_birth(struct tracer *t, struct task *parent)
{
    struct task *child = join_child(t, parent);
    if (child && child->held_new) {
        child->held_new = false;
        begin(t, child);
    }
    stop_go_on(parent, 0);
}

static void start_inside(struct tracer *t, struct task *task)
{
    struct process *p = task->process;
    struct program *program = p->program;
    p->inside = true;
    program->first = p->pid;
    p->descriptors = 0; /* bubblewrap's own are closed or not the program's business */
    process_after_exec(p);
    if (program->own_time)
        time_hide_vdso(task->tid);
    p->image = program->image = image_open(p->pid);
    if (p->image) {
        p->image->file = program->file;
        program->file = -1;
    }
    struct event *e = timeline_add(t->timeline, EVENT_START, program->actor);
    e->pid = p->pid;
    e->tid = task->tid;
}

static void on_exec(struct tracer *t, struct task *task)
{
    unsigned long former = 0;
    if (ptrace(PTRACE_GETEVENTMSG, task->tid, NULL, &former) == 0 && (pid_t)former != task->tid) {
        struct task *old = task_find(t, (pid_t)former); /* a thread executed: it is the leader now */
        if (old)
            task_remove(t, old);
    }
    struct process *p = task->process;
    task_forget_call(t, task);
    if (p->inside) {
        process_after_exec(p);
        p->image = NULL; /* another program: its lines are not the student's */
    } else if (--p->program->execs_left == 0) {
        start_inside(t, task);
        if (p->program->mode == TRACE_UNTIL_EXEC) {
            release(t, p->program, task);
            return;
        }
    }
    stop_go_on(task, 0);
}

/** Bubblewrap and its PID 1 report a signal as 128 + number (bwrap(1)). */
static int program_status(const struct program *program, int status)
{
    if (program->execs > 1 && WIFEXITED(status) && WEXITSTATUS(status) > 128)
        return WEXITSTATUS(status) - 128;
    return status;
}

static void note_end(struct tracer *t, struct program *program, pid_t pid, int status)
{
    struct event *e = timeline_add(t->timeline, EVENT_END, program->actor);
    e->pid = e->tid = pid;
    e->status = status;
    if (program->ended || (program->first && program->first != pid && pid != program->root))
        return;
    program->ended = true;
    program->status = status;
}

static void remember_end(struct tracer *t, pid_t pid, int status)
{
    t->ended = xrealloc(t->ended, (t->ends + 1) * sizeof(t->ended[0]));
    t->ended[t->ends++] = (struct ended){pid, status};
}

static void on_death(struct tracer *t, pid_t tid, int status)
{
    struct task *task = task_find(t, tid);
    if (task && task->process && task->process->inside && task->process->pid == tid) {
        note_end(t, task->process->program, tid, status);
        remember_end(t, tid, status);
    }
    for (size_t i = 0; i < t->programs; i++) {
        struct program *program = t->program[i];
        if (program->root != tid)
            continue;
        program->alive = false;
        if (!program->ended) /* let go, or it never came to run: its scaffold speaks for it */
            note_end(t, program, tid, program_status(program, status));
    }
    if (task)
        task_remove(t, task);
}

/** Programs that will be let go: their filters stop only at calls that they shall not make, then or later. */
static void refuse(struct task *task)
{
    struct registers r;
    if (task->process->inside && arch_get(task->tid, &r) == 0)
        arch_skip(task->tid, &r, -ENOSYS); /* as the kernel answers when the tracer has gone: seccomp(2) */
    stop_go_on(task, 0);
}

/** The program that was handed in has to do the work: neither an interpreter nor somebody else's program. */
static bool executes(const struct task *task)
{
    struct registers r;
    uint64_t argument[6];
    if (!task->process->inside || arch_get(task->tid, &r) < 0)
        return false;
    int number = arch_call(&r, argument);
    return number == SYS_execve || number == SYS_execveat;
}

/* --- signals ----------------------------------------------------------------------------------------------- */

static bool stops_jobs(int signal)
{
    return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

/** What a handler notes may be what a program looks for whenever a wait is over: the next ones are not in vain. */
static void forget_idle(struct tracer *t, const struct process *p)
{
    for (size_t i = 0; i < t->tasks; i++)
        if (t->task[i]->process == p)
            t->task[i]->idle_rounds = t->task[i]->expired = 0;
}

static void on_signal(struct tracer *t, struct task *task, int signal)
{
    struct process *p = task->process;
    /* A program may send SIGSTOP to its PID 1, bubblewrap's. The kernel drops it there, unless a tracer
     * hands it on: then nobody would hear of the program's end. */
    if (!p->inside && stops_jobs(signal)) {
        stop_go_on(task, 0);
        return;
    }
    if (p->inside) {
        struct event *e = timeline_add(t->timeline, EVENT_SIGNAL, p->program->actor);
        e->pid = p->pid;
        e->tid = task->tid;
        e->arg[0] = (uint64_t)signal;
        event_text(e, "%s", signal_name(signal));
        struct registers r;
        bool known = arch_get(task->tid, &r) == 0;
        if (known)
            call_record_stack(t, task, e, &r);
        restart_settle(task, signal);
        forget_idle(t, p);
        if (!p->program->own_time)
            timer_rang(p, signal);
        if (known)
            handler_begin(task, signal, arch_sp(&r));
    }
    stop_go_on(task, signal);
}

static void on_event_stop(struct tracer *t, struct task *task, int signal)
{
    if (stops_jobs(signal)) {
        task->halted = true; /* stays stopped, but hears of SIGCONT */
        resume(task->tid, PTRACE_LISTEN, 0);
        return;
    }
    task->halted = false;
    if (!freeze_keeps(task))
        begin(t, task);
}

/* --- the one entry ------------------------------------------------------------------------------------------- */

int stop_handle(struct tracer *t, pid_t tid, int status)
{
    if (WIFEXITED(status) || WIFSIGNALED(status)) {
        on_death(t, tid, status);
        return 0;
    }
    if (!WIFSTOPPED(status))
        return 0;
    struct task *task = task_find(t, tid);
    if (!task) {
        task = task_add(t, tid); /* its parent's event is still to come */
        task->held_new = true;
        return 0;
    }
    if (task->held_new)
        return 0;
    if (task->process->program->released) {
        detach(t, task, status);
        return 0;
    }
    switch (status >> 16) {
    case PTRACE_EVENT_SECCOMP:
        if (task->process->program->mode == TRACE_FILTER && !executes(task))
            call_enter(t, task);
        else
            refuse(task);
        return 0;
    case PTRACE_EVENT_FORK:
    case PTRACE_EVENT_VFORK:
    case PTRACE_EVENT_CLONE:
        on_birth(t, task);
        return 0;
    case PTRACE_EVENT_EXEC:
        on_exec(t, task);
        return 0;
    case PTRACE_EVENT_STOP:
        on_event_stop(t, task, WSTOPSIG(status));
        return 0;
    case 0:
        if (WSTOPSIG(status) == (SIGTRAP | 0x80))
            on_syscall(t, task);
        else
            on_signal(t, task, WSTOPSIG(status));
        return 0;
    default:
        stop_go_on(task, 0);
        return 0;
    }
}
