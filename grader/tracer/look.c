/**
 * @file look.c
 * Who is blocked, in what. The kernel tells no tracer that a task has gone to sleep, so this
 * looks: /proc/TID/stat for the state, /proc/TID/syscall for the call, both only of tasks of the
 * programs under test. Looking changes nothing and never blocks.
 */
#include "tracer/internal.h"

#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/** What /proc says of a task. */
struct status {
    char state; /* proc(5): R, S, D, T, t, Z, X */
    uint64_t switches;
    int64_t cpu;   /* ns */
    int64_t delay; /* ns spent waiting for a processor */
};

static bool read_small(const char *format, pid_t pid, pid_t tid, struct buf *b)
{
    char path[96];
    snprintf(path, sizeof(path), format, pid, tid);
    buf_clear(b);
    b->limit = 4096;
    return file_read(path, b) == 0 && b->length > 0;
}

static bool read_status(pid_t pid, pid_t tid, struct status *s)
{
    struct buf b = {0};
    bool ok = read_small("/proc/%d/task/%d/stat", pid, tid, &b);
    const char *after = ok ? strrchr(buf_text(&b), ')') : NULL; /* the name may hold anything */
    unsigned long user = 0, system = 0;
    ok = after && sscanf(after + 1, " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &s->state,
                         &user, &system) == 3;
    static long ticks;
    if (!ticks)
        ticks = sysconf(_SC_CLK_TCK);
    s->cpu = (int64_t)(user + system) * (1000000000 / ticks);
    s->switches = 0;
    s->delay = 0;
    if (ok && read_small("/proc/%d/task/%d/schedstat", pid, tid, &b)) {
        unsigned long long run = 0, delay = 0, slices = 0;
        if (sscanf(buf_text(&b), "%llu %llu %llu", &run, &delay, &slices) == 3)
            s->switches = slices;
        s->delay = (int64_t)delay;
        if ((int64_t)run > s->cpu)
            s->cpu = (int64_t)run; /* finer than clock ticks */
    }
    buf_free(&b);
    return ok;
}

enum { AWAKE = -2 };

/** The number of the call in which a task sleeps, and where, from /proc/TID/syscall: -1 none; AWAKE if it was woken
 * since its state was read. */
static int read_call(struct wait *w, uint64_t argument[6])
{
    struct buf b = {0};
    long number = -1;
    unsigned long a[6] = {0}, sp = 0, pc = 0;
    if (read_small("/proc/%d/task/%d/syscall", w->pid, w->tid, &b) &&
        sscanf(buf_text(&b), "%ld %lx %lx %lx %lx %lx %lx %lx %lx", &number, &a[0], &a[1], &a[2], &a[3],
               &a[4], &a[5], &sp, &pc) < 1)
        number = AWAKE;
    buf_free(&b);
    for (int i = 0; i < 6; i++)
        argument[i] = a[i];
    w->sp = sp;
    w->pc = pc;
    return (int)number;
}

static bool ends_by_itself(const struct call *call, const uint64_t argument[6])
{
    switch (call->timeout) {
    case TIMEOUT_NONE: return false;
    case TIMEOUT_ALWAYS: return true;
    case TIMEOUT_MS: return (int)argument[call->timeout_at] >= 0;
    case TIMEOUT_POINTER: return argument[call->timeout_at] != 0;
    }
    BUG("timeout %d", call->timeout);
}

static struct wait *add_wait(struct tracer *t, struct look *look)
{
    if (!t->look)
        t->look = xcalloc(LOOK_MAX, sizeof(t->look[0]));
    look->task = t->look;
    if (look->tasks == LOOK_MAX)
        return NULL;
    struct wait *w = &t->look[look->tasks++];
    *w = (struct wait){.fd = -1, .length = -1};
    return w;
}

/** Fills in what the task waits for; its state is S (or D in a vfork's parent). */
static void fill_call(struct wait *w, const struct call *call, const uint64_t argument[6])
{
    if (!call)
        return;
    w->call = call->name;
    w->name = decode_name(call, argument);
    w->group = call->group;
    w->fd = call->fd >= 0 ? (int)argument[call->fd] : -1;
    if (!ends_by_itself(call, argument))
        return;
    w->state = TASK_TIMED;
    w->length = sleep_timeout(w->tid, call, argument);
}

static void judge_state(struct wait *w, char state)
{
    if (state == 'T')
        w->state = TASK_HALTED;
    else
        w->state = state == 'S' ? TASK_BLOCKED : TASK_RUNNING;
}

/** A fork that is none sleeps so only for moments, on a lock of the kernel's. */
static bool is_vfork(const struct call *call, const uint64_t argument[6])
{
    return strcmp(call->name, "vfork") == 0 || (strcmp(call->name, "clone") == 0 && (argument[0] & CLONE_VFORK));
}

/** What a sleeping task waits for; @p task may be NULL. */
static void look_at_call(struct wait *w, char state, const struct task *task)
{
    uint64_t argument[6];
    int number = read_call(w, argument);
    if (number == AWAKE) {
        w->state = TASK_RUNNING;
        return;
    }
    const struct call *call = table_find(number);
    if (state == 'D') { /* vfork(2): the parent waits for its child */
        if (!call || !is_vfork(call, argument))
            return;
        w->state = TASK_BLOCKED;
    }
    bool known = task && task->in_call && task->call && (number == SYS_restart_syscall || number == task->call->number);
    if (known)
        fill_call(w, task->call, task->argument); /* what comes back, poll(2) for one; which side splice(2) is on */
    else
        fill_call(w, call, argument);
}

/** The shorter of two lengths, of which -1 is for ever. */
static int64_t shorter(int64_t a, int64_t b)
{
    if (a < 0 || b < 0)
        return a < 0 ? b : a;
    return a < b ? a : b;
}

/** Everything known of a traced task's wait; @p task may be NULL for one that is not traced. False if it has ended. */
static bool look_at(struct tracer *t, struct look *look, pid_t pid, pid_t tid, actor_id actor,
                    const struct task *task)
{
    struct status s;
    if (!read_status(pid, tid, &s) || s.state == 'Z' || s.state == 'X')
        return false;
    struct wait *w = add_wait(t, look);
    if (!w)
        return true;
    w->pid = pid;
    w->tid = tid;
    w->actor = actor;
    w->switches = s.switches;
    look->switches += s.switches;
    look->cpu += s.cpu;
    look->delay += s.delay;
    judge_state(w, s.state);
    if (w->state == TASK_BLOCKED || s.state == 'D')
        look_at_call(w, s.state, task);
    if (!task)
        return true;
    w->own_time = task->process->program->own_time;
    w->hopeless = time_is_hopeless(task->process->program);
    bool naps = task->in_call && sleep_is_habit(task) && sleep_is(task);
    bool news = naps && task->stirred != task->process->program->stirred;
    w->idle_rounds = news ? 0 : task->idle_rounds;
    w->expired = news ? 0 : task->expired;
    if (task->hold) {
        fill_call(w, task->call, task->argument);
        w->state = TASK_HELD;
        w->after = task->hold->what == FAULT_HOLD_AFTER;
        w->event = task->event;
    } else if (task->frozen) {
        w->state = TASK_HELD;
        w->event = task->interrupted ? task->event : NULL;
    } else if (task->halted) {
        w->state = TASK_HALTED;
    } else if (task->in_call || task->interrupted) {
        w->event = task->event;
    }
    if (w->event && !w->event->text)
        decode_exit(w->event, task); /* its text so far: result and data are still to come */
    struct descriptor *d = w->fd >= 0 ? process_descriptor(task->process, w->fd) : NULL;
    w->fd_kind = d ? d->kind : FD_UNKNOWN;
    const struct process *p = task->process;
    bool timer = p->timer || (w->own_time && timer_first(p) != INT64_MAX) || (task->in_call && task->stretched);
    int64_t limit = shorter(sleep_limit(d, w->group), w->own_time ? -1 : timer_length(p));
    if (w->state == TASK_BLOCKED && (timer || limit >= 0)) {
        w->state = TASK_TIMED;
        w->length = timer ? -1 : limit;
    }
    w->personal = w->state == TASK_TIMED && task->in_call && awaited_is_connection(task);
    return true;
}

/* --- programs that are not traced any more: their tree in /proc ------------------------------------- */

/**
 * ThreadSanitizer has a thread of its own, which sleeps and looks around ten times a second. It makes the system call
 * nanosleep itself; glibc's sleeping functions have all made clock_nanosleep of it since 2.31.
 */
static bool is_runtime(const struct wait *w)
{
    return w->state == TASK_TIMED && w->call && strcmp(w->call, "nanosleep") == 0;
}

static void forget_runtime(struct look *look, size_t before)
{
    if (look->tasks == before || !is_runtime(&look->task[before]))
        return;
    look->switches -= look->task[before].switches;
    look->tasks = before;
}

static void look_at_process(struct tracer *t, struct look *look, const struct program *p, pid_t pid)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/task", pid);
    DIR *dir = opendir(path);
    if (!dir)
        return;
    for (struct dirent *entry; (entry = readdir(dir));) {
        size_t before = look->tasks;
        if (entry->d_name[0] == '.')
            continue;
        look_at(t, look, pid, (pid_t)strtol(entry->d_name, NULL, 10), p->actor, NULL);
        forget_runtime(look, before);
    }
    closedir(dir);
}

static void look_at_tree(struct tracer *t, struct look *look, const struct program *p, pid_t pid)
{
    pid_t child[LOOK_MAX];
    if (!tree_is_scaffold(p, pid))
        look_at_process(t, look, p, pid);
    size_t children = tree_children(pid, child, LOOK_MAX);
    for (size_t i = 0; i < children; i++)
        look_at_tree(t, look, p, child[i]);
}

static void count(struct look *look)
{
    for (size_t i = 0; i < look->tasks; i++) {
        switch (look->task[i].state) {
        case TASK_RUNNING: look->running++; break;
        case TASK_BLOCKED: look->blocked++; break;
        case TASK_TIMED: look->timed++; break;
        case TASK_HELD: look->held++; break;
        case TASK_HALTED: look->halted++; break;
        }
    }
}

static bool is_looked_at(const struct task *task)
{
    return task->process && task->process->inside && !task->process->program->released;
}

static bool has_seen(const struct look *look, pid_t pid)
{
    for (size_t i = 0; i < look->tasks; i++)
        if (look->task[i].pid == pid)
            return true;
    return false;
}

/**
 * A process whose known tasks have all ended is on its way out, and its end is still to be told. What keeps it may be a
 * thread of which the tracer never heard: born while another thread called exit(2), it dies too as soon as it has a
 * processor.
 */
static void count_dying(const struct tracer *t, struct look *look)
{
    for (size_t i = 0; i < t->tasks; i++)
        if (is_looked_at(t->task[i]) && !has_seen(look, t->task[i]->process->pid))
            look->running++;
}

void tracer_look(struct tracer *t, struct look *look)
{
    bool any_ended = false;
    *look = (struct look){0};
    for (size_t i = 0; i < t->tasks; i++) {
        const struct task *task = t->task[i];
        if (is_looked_at(task))
            any_ended |= !look_at(t, look, task->process->pid, task->tid, task->process->program->actor, task);
        else if (task->held_new)
            look->running++; /* about to be let go */
    }
    if (any_ended && look->tasks < LOOK_MAX)
        count_dying(t, look);
    for (size_t i = 0; i < t->programs; i++) {
        const struct program *p = t->program[i];
        if (!p->alive)
            continue;
        size_t before = look->tasks;
        if (p->released)
            look_at_tree(t, look, p, p->root);
        if (p->released && look->tasks == before && !p->outlives)
            look->running++; /* it has ended, and its scaffold is about to say so */
        else if (p->execs_left > 0)
            look->running++; /* still the scaffold: on its way to its exec */
    }
    count(look);
}

void tracer_describe_call(const struct wait *w, struct buf *out)
{
    if (w->event && w->event->text)
        buf_puts(out, w->event->text);
    else if (w->fd >= 0)
        buf_printf(out, "%s(%d, ...)", w->name, w->fd);
    else
        buf_printf(out, "%s(...)", w->name);
}

void tracer_describe(const struct wait *w, struct buf *out)
{
    switch (w->state) {
    case TASK_RUNNING:
        buf_puts(out, _("is running"));
        return;
    case TASK_HALTED:
        buf_puts(out, _("is stopped by a job control signal"));
        return;
    case TASK_HELD:
        if (w->call)
            buf_printf(out, w->after ? _("is kept after %s") : _("is kept before %s"), w->name);
        else
            buf_puts(out, _("is kept from running"));
        return;
    case TASK_TIMED:
    case TASK_BLOCKED:
        break;
    }
    if (!w->call) {
        buf_puts(out, _("is blocked"));
        return;
    }
    struct buf call = {0};
    tracer_describe_call(w, &call);
    buf_printf(out, _("is blocked in %s"), buf_text(&call));
    buf_free(&call);
}
