/**
 * @file call.c
 * One call of a program under test: entered, perhaps made to go wrong, left, recorded.
 */
#include "tracer/stack.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ptrace.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

/* --- a call is entered ------------------------------------------------------------------------------ */

static bool is_socket(enum fd_kind kind)
{
    return kind >= FD_SOCKET && kind <= FD_LOCAL;
}

/**
 * Whether the call goes into the timeline: what concerns sockets, the standard descriptors, time. A call that is for
 * sockets only does so on any descriptor.
 */
static bool is_recorded(const struct task *task, enum fd_kind kind)
{
    uint32_t group = task->call->group;
    if (group & (CALL_READ | CALL_WRITE | CALL_CLOSE))
        return is_socket(kind) || kind == FD_STDIN || kind == FD_STDOUT || kind == FD_STDERR;
    if (group & CALL_DUP)
        return is_socket(kind);
    return !(group & (CALL_SIGNAL | CALL_TIMER | CALL_WATCH | CALL_CLOCK));
}

/** Past the limit timeline_add() hands out one event for all: a task under way needs one of its own. */
static struct event *add_event(struct tracer *t, actor_id actor)
{
    struct event *e = timeline_add(t->timeline, EVENT_CALL, actor);
    if (e != t->timeline->scratch)
        return e;
    struct event *own = xcalloc(1, sizeof(*own));
    *own = *e;
    own->seq = 0;
    return own;
}

static void free_unkept(struct event *e)
{
    if (e->seq > 0)
        return;
    free(e->text);
    free(e->data);
    free(e);
}

void call_forget(struct task *task)
{
    struct event *e = task->event;
    task->event = NULL;
    if (!e)
        return;
    if (!e->text)
        decode_exit(e, task); /* it stays under way for ever: a report shows how far it got */
    free_unkept(e);
}

struct event *call_record(struct tracer *t, struct task *task, enum fd_kind kind)
{
    struct event *e = add_event(t, task->process->program->actor);
    const struct call *call = task->call;
    e->pid = task->process->pid;
    e->tid = task->tid;
    e->call = call->name;
    e->group = call->group;
    e->handler = handler_signal(task);
    memcpy(e->arg, task->argument, sizeof(e->arg));
    e->fd = call->fd >= 0 ? (int)task->argument[call->fd] : -1;
    e->fd_kind = kind;
    struct descriptor *d = e->fd >= 0 ? process_descriptor(task->process, e->fd) : NULL;
    e->sock = d ? d->sock : 0;
    decode_entry(e, task);
    return e;
}

void call_record_stack(struct tracer *t, struct task *task, struct event *e, struct registers *r)
{
    struct image *image = task->process->image;
    if (!image)
        return;
    image_read_modules(image, task->process->pid);
    bool deep = task->call == NULL || (task->call->group & (CALL_READ | CALL_WRITE | CALL_CLOSE));
    e->stack = stack_record(t, task->tid, r, image, deep);
}

void call_finish(struct task *task, int64_t result, bool injected)
{
    struct event *e = task->event;
    task->event = NULL;
    task->interrupted = false;
    if (!e)
        return;
    e->done = true;
    e->result = result;
    e->injected |= injected;
    e->time_end = clock_now();
    if (e->seq > 0)
        decode_exit(e, task);
    free_unkept(e);
}

/** The call is answered by the grader; no exit stop follows. */
static void answer(struct tracer *t, struct task *task, struct registers *r, int64_t result)
{
    if (arch_skip(task->tid, r, result) < 0)
        return;
    effect_apply(t, task, result);
    call_finish(task, result, true);
    stop_go_on(task, 0);
}

static bool is_thread(const struct task *task)
{
    return task->tid != task->process->pid;
}

void call_keep(struct tracer *t, struct task *task, struct fault *f)
{
    f->held = task->tid;
    task->hold = f;
    struct event *note = timeline_add(t->timeline, EVENT_NOTE, task->process->program->actor);
    if (f->what == FAULT_HOLD_NEW)
        event_text(note, is_thread(task) ? _("the grader keeps a new thread from running")
                                         : _("the grader keeps a new process from running"));
    else
        event_text(note, f->what == FAULT_HOLD_AFTER ? _("the grader keeps it after %s") : _("the grader keeps it before %s"),
                   decode_name(task->call, task->argument));
}

/** Whether the exit has to be seen: to record the result, or for what it does to descriptors. */
static bool needs_exit(const struct task *task)
{
    enum effect effect = task->call->effect;
    if (task->event || task->fault || effect == EFFECT_CLOSE)
        return true;
    if (task->process->program->own_time && (task->call->group & (CALL_CLOCK | CALL_TIMER)))
        return true;
    if (effect == EFFECT_FCNTL) {
        int command = (int)task->argument[1];
        return command == F_DUPFD || command == F_DUPFD_CLOEXEC || command == F_SETFD;
    }
    return effect != EFFECT_NONE && effect != EFFECT_HANDLER && effect != EFFECT_TIMER;
}

static void enter(struct task *task)
{
    task->in_call = true;
    task->wants_exit = needs_exit(task);
    time_stretch(task);
    stop_go_on(task, 0);
}

void call_continue(struct tracer *t, struct task *task, const struct fault *f)
{
    struct event *note = timeline_add(t->timeline, EVENT_NOTE, task->process->program->actor);
    if (f->what == FAULT_HOLD_NEW)
        event_text(note, is_thread(task) ? _("the grader lets the new thread run") : _("the grader lets the new process run"));
    else
        event_text(note, f->what == FAULT_HOLD_AFTER ? _("the grader lets it go on after %s")
                                                     : _("the grader lets it go on with %s"),
                   decode_name(task->call, task->argument));
    if (f->what == FAULT_HOLD)
        enter(task);
    else
        stop_go_on(task, 0);
}

/** What a note tells is at the call that it is about. */
static void note_at(struct tracer *t, const struct task *task, const char *format, const char *signal)
{
    struct event *note = timeline_add(t->timeline, EVENT_NOTE, task->process->program->actor);
    note->stack = task->event ? task->event->stack : 0;
    event_text(note, format, signal, decode_name(task->call, task->argument));
}

/** The race on purpose: between all that the program has looked at and the call, the signal comes. */
static void put_signal_first(struct tracer *t, struct task *task, const struct fault *f, struct registers *r, int number)
{
    note_at(t, task, _("%s comes just before it calls %s"), signal_name(f->value));
    if (!restart_take_back(task, f->value)) {
        enter(task);
        return;
    }
    if (arch_take_back(task->tid, r, number) < 0)
        return; /* dying */
    kill(task->process->pid, f->value);
    stop_go_on(task, 0);
}

/** A call that was interrupted or taken back is made again, and is one call with its first try. */
static void come_back(struct tracer *t, struct task *task, const struct parked *back, struct registers *r)
{
    if (back->before)
        note_at(t, task, back->ran ? _("its handler for %s has returned; now it calls %s")
                                   : _("no handler for %s has run here; now it calls %s"),
                signal_name(back->before));
    if (task->cut)
        fault_make(t, task, task->cut, r);
    enter(task);
}

/** A sleep that is not left to pass, and a fault, if one hits: what becomes of a call at its entry. */
static void meet_fault(struct tracer *t, struct task *task, enum fd_kind kind, struct registers *r, int number)
{
    bool sleeps = sleep_is(task) && !task->process->program->own_time;
    int64_t result;
    if (timer_takes(task, &result)) {
        answer(t, task, r, result);
        return;
    }
    if (!sleeps)
        task->naps = 0;
    if (sleeps && !sleep_passes(task)) {
        sleep_end(task);
        answer(t, task, r, 0);
        return;
    }
    bool makes = task->call->effect == EFFECT_SOCKET;
    struct fault *f = fault_match(t, task, makes ? effect_kind(task->argument) : kind);
    if (f && f->what == FAULT_HOLD) {
        call_keep(t, task, f);
        return;
    }
    if (f && f->what == FAULT_SIGNAL) {
        put_signal_first(t, task, f, r, number);
        return;
    }
    if (f && f->what == FAULT_ERRNO && task->call->effect == EFFECT_CLOSE) {
        task->late_error = f->value; /* close(2): it is closed whatever it reports */
        enter(task);
        return;
    }
    if (f && f->what == FAULT_ERRNO) {
        /* It did not wait in vain: something had come, and only bad luck, of which there is an end, keeps it. */
        if (f->count > 0)
            task->idle_rounds = task->expired = 0;
        answer(t, task, r, -f->value);
        return;
    }
    if (f) {
        fault_make(t, task, f, r);
        task->cut = task->fault; /* NULL: there is nothing to be cut or changed */
        if (task->event)
            task->event->injected = task->cut && f->what == FAULT_SHORT;
    }
    enter(task);
}

/** What the process has arranged counts from the entry on: these calls never fail for a right program. */
static void note_arrangement(struct task *task)
{
    if (task->call->effect == EFFECT_HANDLER)
        handler_set(task);
    if (task->call->effect == EFFECT_TIMER && !task->process->program->own_time)
        timer_see(task);
}

/** What the call's argument stands for; -1: it has none. */
static const struct descriptor *descriptor_at(const struct task *task, int argument)
{
    return argument >= 0 ? process_descriptor(task->process, (int)task->argument[argument]) : NULL;
}

static enum fd_kind kind_at(const struct task *task, int argument)
{
    const struct descriptor *d = descriptor_at(task, argument);
    return d ? d->kind : FD_UNKNOWN;
}

/** One of splice(2)'s ends is a pipe; by the other one the program reads or writes. */
static void choose_side(struct task *task)
{
    enum fd_kind from = kind_at(task, 0), to = kind_at(task, 2);
    bool reads = is_socket(from) || (from == FD_STDIN && !is_socket(to));
    task->call = table_find_name(reads ? "splice in" : "splice");
}

void call_enter(struct tracer *t, struct task *task)
{
    struct registers r;
    uint64_t argument[6];
    struct parked back;
    if (arch_get(task->tid, &r) < 0)
        return; /* dying */
    int number = arch_call(&r, argument);
    if (number == SYS_rt_sigreturn) { /* it is no call of the program's own */
        handler_end(task);
        stop_go_on(task, 0);
        return;
    }
    handler_look(task, arch_sp(&r));
    bool restart = restart_find(task, number, argument, arch_sp(&r), &back);
    if (!restart) {
        task->call = table_find(number);
        task->cut = NULL;
    }
    if (!task->call || !task->process->inside) {
        stop_go_on(task, 0);
        return;
    }
    if (number != SYS_restart_syscall)
        memcpy(task->argument, argument, sizeof(task->argument));
    task->sp = arch_sp(&r);
    if (restart) {
        come_back(t, task, &back, &r);
        return;
    }
    if (task->call->shape == SHAPE_SPLICE)
        choose_side(task);
    note_arrangement(task);
    time_begin_wait(task);
    const struct descriptor *d = descriptor_at(task, task->call->fd);
    enum fd_kind kind = d ? d->kind : FD_UNKNOWN;
    task->closing = d ? d->sock : 0;
    if (is_recorded(task, kind)) {
        task->event = call_record(t, task, kind);
        call_record_stack(t, task, task->event, &r);
    }
    meet_fault(t, task, kind, &r, number);
}

/* --- a call returns ---------------------------------------------------------------------------------- */

/** Timed waits that ended with nothing: the mark of a program that only looks at its watch. */
static void count_idle(struct task *task, int64_t result, bool expired)
{
    bool wait = task->call->group & (CALL_WAIT | CALL_READ | CALL_ACCEPT);
    bool nothing = (task->call->group & CALL_WAIT) ? result == 0 : result == -EAGAIN;
    bool murmurs = sleep_is_habit(task) && (task->call->group & CALL_WRITE) && !is_socket(kind_at(task, task->call->fd));
    if (sleep_is(task)) /* it is in no call for something to come */
        sleep_count(task, expired);
    else if (wait && nothing && expired)
        task->expired++;
    else if (wait && nothing)
        task->idle_rounds++;
    else if (!murmurs && (task->call->group & (CALL_READ | CALL_WRITE | CALL_ACCEPT | CALL_CONNECT | CALL_CLOSE))) {
        task->idle_rounds = task->expired = 0;
        task->process->program->stirred++;
    }
}

bool call_ends_by_itself(const struct task *task)
{
    if (task->process->program->own_time)
        return task->deadline >= 0;
    if (task->call->group & (CALL_WAIT | CALL_SLEEP))
        return sleep_length(task) >= 0;
    uint32_t group = task->call->group & (CALL_READ | CALL_ACCEPT);
    return sleep_limit(descriptor_at(task, task->call->fd), group) >= 0;
}

/** A close that failed is recorded even on a descriptor that was never seen: it may be the second. */
static void record_bad_close(struct tracer *t, struct task *task, int64_t result)
{
    if (task->event || task->call->effect != EFFECT_CLOSE || result != -EBADF)
        return;
    struct registers r;
    task->event = call_record(t, task, FD_UNKNOWN);
    if (arch_get(task->tid, &r) == 0)
        call_record_stack(t, task, task->event, &r);
}

/** At the exit stop: what the program sees in place of the kernel's result. */
static int64_t report_result(const struct task *task, int64_t result)
{
    struct registers r;
    if (arch_get(task->tid, &r) == 0) {
        arch_set_result(&r, result);
        arch_set(task->tid, &r);
    }
    return result;
}

/** A program with clocks of its own is told their time. */
static int64_t answer_time(struct task *task, int64_t result)
{
    int64_t told = time_answer(task, result);
    return told == result ? result : report_result(task, told);
}

/** The time of a wait is over before its time. */
static int64_t report_expiry(const struct task *task)
{
    if (task->call->number == SYS_futex)
        return report_result(task, -ETIMEDOUT);
    if (!(task->call->group & (CALL_WAIT | CALL_SLEEP)))
        return report_result(task, -EAGAIN);
    sleep_clear_sets(task);
    sleep_end(task);
    return report_result(task, 0);
}

/** The text shows what the program sees. */
static void note_answer(struct tracer *t, struct event *e)
{
    e->injected = true;
    struct event *note = timeline_add(t->timeline, EVENT_NOTE, e->actor);
    event_text(note, _("the grader changes the answer: %s"), e->text);
}

void call_leave(struct tracer *t, struct task *task, const struct ptrace_syscall_info *info)
{
    int64_t result = info->exit.rval;
    bool asked = task->ask_eintr, expired = task->ask_expire;
    int late_error = result == -EBADF ? 0 : task->late_error;
    task->in_call = task->wants_exit = task->ask_eintr = task->ask_expire = false;
    task->late_error = 0;
    struct fault *fault = task->fault;
    fault_undo(task);
    expired &= restart_is_code(result) || result == -EINTR; /* it may have ended before */
    time_unstretch(task, expired ? 0 : result);
    if (expired)
        result = report_expiry(task);
    if (restart_is_code(result) && !asked) {
        restart_interrupted(task, result);
        stop_go_on(task, 0);
        return;
    }
    if (restart_is_code(result))
        result = report_result(task, -EINTR);
    if (late_error)
        result = report_result(task, -late_error);
    asked &= result == -EINTR; /* it may have ended before it could be interrupted */
    record_bad_close(t, task, result);
    /* A datagram may be its own: what others get of it is told by those. */
    if ((task->call->group & CALL_READ) && result > 0 && kind_at(task, task->call->fd) != FD_DATAGRAM)
        t->received += (uint64_t)result;
    result = answer_time(task, result);
    count_idle(task, result, expired);
    time_note_progress(task, result);
    timer_note(task, result);
    bool answered = fault && fault->what == FAULT_ANSWER && result >= 0 && fault_answer(task, &fault->answer);
    struct event *e = task->event && task->event->seq > 0 ? task->event : NULL;
    effect_apply(t, task, result);
    call_finish(task, result, asked || late_error || expired);
    if (e && answered)
        note_answer(t, e);
    if (fault && fault->what == FAULT_HOLD_AFTER && result >= 0)
        call_keep(t, task, fault);
    else
        stop_go_on(task, 0);
}
