/**
 * @file fault.c
 * The fault plan: which entry is hit, and how bad luck is made. A short count is a really
 * shorter call; what was changed for it is put back at the exit, since compiled code relies on
 * its argument registers and vectors (measured; DESIGN.md). An answer is changed after the call has
 * been made, within what the kernel has written.
 */
#include "tracer/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>

/** Where this process's occurrences are counted; NULL: with everybody's. */
static struct tally *find_tally(struct process *p, const struct fault *f)
{
    for (size_t i = 0; f->each_process && i < TALLIES; i++) {
        if (!p->tally[i].fault)
            p->tally[i].fault = f;
        if (p->tally[i].fault == f)
            return &p->tally[i];
    }
    return NULL;
}

static bool hits(const struct fault *f, const struct tally *tally)
{
    unsigned first = f->first ? f->first : 1, every = f->every ? f->every : 1;
    unsigned seen = tally ? tally->seen : f->seen, made = tally ? tally->made : f->made;
    if (seen < first || (seen - first) % every != 0)
        return false;
    return f->count == 0 || made < f->count;
}

/** wait4(2) and waitid(2) with WNOHANG never wait, so no signal interrupts them. */
static bool cannot_be(const struct fault *f, const struct task *task)
{
    if (f->what != FAULT_ERRNO || f->value != EINTR || !(task->call->group & CALL_CHILD))
        return false;
    int options_at = strcmp(task->call->name, "waitid") == 0 ? 3 : 2;
    return task->argument[options_at] & WNOHANG;
}

/** The call's own wish not to wait, whatever its descriptor is. */
static bool is_impatient(const struct task *task)
{
    int flags = 0;
    if (task->call->shape == SHAPE_SPLICE)
        return task->argument[5] & SPLICE_F_NONBLOCK;
    if (task->call->shape == SHAPE_SENDTO)
        flags = (int)task->argument[3];
    else if (task->call->shape == SHAPE_MESSAGE)
        flags = (int)task->argument[2];
    else if (task->call->shape == SHAPE_MESSAGES)
        flags = (int)task->argument[3];
    return flags & MSG_DONTWAIT;
}

/** Its descriptor is O_NONBLOCK (proc_pid_fdinfo(5): the flags are octal). */
static bool is_nonblocking(const struct task *task, int fd)
{
    char *path = xasprintf("/proc/%d/fdinfo/%d", task->tid, fd);
    struct buf info = {.limit = 4096};
    unsigned flags = 0;
    if (file_read(path, &info) == 0) {
        const char *at = strstr(buf_text(&info), "flags:");
        if (at)
            sscanf(at, "flags: %o", &flags);
    }
    buf_free(&info);
    free(path);
    return flags & O_NONBLOCK;
}

/** Whether the call may put its task to sleep. */
static bool may_wait(const struct task *task)
{
    if (!(task->call->group & (CALL_READ | CALL_WRITE | CALL_ACCEPT | CALL_CONNECT)))
        return true;
    return !is_impatient(task) && !is_nonblocking(task, (int)task->argument[task->call->fd]);
}

/** Only with an edge-triggered descriptor does a short count have a meaning. */
static bool is_edge(const struct task *task)
{
    const struct descriptor *d = task->call->fd >= 0
                                     ? process_descriptor(task->process, (int)task->argument[task->call->fd])
                                     : NULL;
    return d && d->edge;
}

/** The call is this one, with these arguments, in this state. */
static bool is_wanted(const struct fault *f, const struct task *task)
{
    if (f->call && strcmp(f->call, task->call->name) != 0)
        return false;
    if (f->what == FAULT_SHORT && is_edge(task))
        return false;
    if (f->blocking && !may_wait(task))
        return false;
    for (size_t i = 0; i < f->withs; i++)
        if ((int)task->argument[f->with[i].number] != f->with[i].is)
            return false;
    return true;
}

struct fault *fault_match(struct tracer *t, const struct task *task, enum fd_kind kind)
{
    struct fault *found = NULL;
    struct tally *found_tally = NULL;
    for (size_t i = 0; i < t->faults; i++) {
        struct fault *f = t->fault[i];
        if (!(f->group & task->call->group))
            continue;
        const struct program *program = task->process->program;
        if (f->actor >= 0 ? f->actor != program->actor : program->spared)
            continue;
        if (f->fd_kinds && !(f->fd_kinds & 1u << kind))
            continue;
        if (!is_wanted(f, task) || cannot_be(f, task))
            continue;
        struct tally *tally = find_tally(task->process, f);
        f->seen++;
        if (tally)
            tally->seen++;
        if (found || !hits(f, tally))
            continue;
        found = f;
        found_tally = tally;
    }
    if (found)
        found->made++;
    if (found_tally)
        found_tally->made++;
    return found;
}

/** The vector of a readv, writev, recvmsg or sendmsg: where it is and where its length stands. */
static bool find_vector(const struct task *task, uintptr_t *vector, uint64_t *count,
                        uintptr_t *count_address)
{
    if (task->call->shape == SHAPE_VECTOR) {
        *vector = (uintptr_t)task->argument[1];
        *count = task->argument[2];
        *count_address = 0; /* it is argument 2 */
        return true;
    }
    if (task->call->shape != SHAPE_MESSAGE)
        return false;
    struct msghdr message;
    uintptr_t at = (uintptr_t)task->argument[1];
    if (memory_read(task->tid, at, &message, sizeof(message)) != sizeof(message))
        return false;
    *vector = (uintptr_t)message.msg_iov;
    *count = message.msg_iovlen;
    *count_address = at + offsetof(struct msghdr, msg_iovlen);
    return true;
}

static bool cut_entries(const struct task *task, struct registers *r, uintptr_t count_address,
                        uint64_t entries)
{
    if (count_address)
        return memory_write(task->tid, count_address, &entries, sizeof(entries)) == 0;
    arch_set_argument(r, 2, entries);
    return arch_set(task->tid, r) == 0;
}

/** Cuts a vector after @p most bytes: its first entries that fit, the last of them shortened. */
static bool cut_vector(struct task *task, struct registers *r, uint64_t most)
{
    uintptr_t vector, count_address;
    uint64_t count;
    if (!find_vector(task, &vector, &count, &count_address))
        return false;
    if (count > IOV_MAX)
        return false; /* the kernel refuses it */
    for (uint64_t i = 0; i < count; i++) {
        struct iovec io;
        uintptr_t at = vector + i * sizeof(io);
        if (memory_read(task->tid, at, &io, sizeof(io)) != sizeof(io))
            return false;
        if (io.iov_len <= most) {
            most -= io.iov_len;
            continue;
        }
        size_t length = (size_t)most;
        uintptr_t length_at = at + offsetof(struct iovec, iov_len);
        if (memory_write(task->tid, length_at, &length, sizeof(length)) < 0)
            return false;
        if (!cut_entries(task, r, count_address, i + 1)) {
            memory_write(task->tid, length_at, &io.iov_len, sizeof(io.iov_len));
            return false;
        }
        task->undo_vector = true;
        task->undo_address = length_at;
        task->undo_length = io.iov_len;
        task->undo_count_address = count_address;
        task->undo_count = count;
        return true;
    }
    return false; /* shorter than the cut anyway */
}

static bool cut_count(struct task *task, struct registers *r, uint64_t most)
{
    int index = task->call->count;
    if (index < 0)
        return cut_vector(task, r, most);
    if (task->argument[index] <= most)
        return false;
    task->undo_argument = task->argument[index];
    arch_set_argument(r, index, most);
    return arch_set(task->tid, r) == 0;
}

/** Notes how much room there is: at the exit the length says how much there would have been to hand out. */
static bool find_room(struct task *task, const struct fault_answer *a)
{
    socklen_t room;
    task->answer_room = UINT64_MAX;
    if (a->length == 0)
        return true;
    if (memory_read(task->tid, (uintptr_t)task->argument[a->length], &room, sizeof(room)) != sizeof(room))
        return false;
    task->answer_room = room;
    return true;
}

bool fault_answer(const struct task *task, const struct fault_answer *a)
{
    uint64_t end = task->answer_room;
    socklen_t length;
    if (a->length > 0) {
        if (memory_read(task->tid, (uintptr_t)task->argument[a->length], &length, sizeof(length)) != sizeof(length))
            return false;
        end = length < end ? length : end;
    }
    uintptr_t at = (uintptr_t)task->argument[a->at];
    if (at == 0 || a->offset >= end)
        return false;
    memory_put(task->tid, at + a->offset, a->bytes, a->size < end - a->offset ? a->size : (size_t)(end - a->offset));
    return true;
}

bool fault_make(struct tracer *t, struct task *task, struct fault *f, struct registers *r)
{
    (void)t;
    switch (f->what) {
    case FAULT_ERRNO:
        return arch_skip(task->tid, r, -f->value) == 0;
    case FAULT_SHORT:
        task->fault = cut_count(task, r, (uint64_t)f->value) ? f : NULL;
        return false;
    case FAULT_ANSWER:
        task->fault = find_room(task, &f->answer) ? f : NULL;
        return false;
    case FAULT_HOLD_AFTER:
    case FAULT_HOLD_NEW:
        task->fault = f;
        return false;
    case FAULT_HOLD:
    case FAULT_SIGNAL: /* call.c */
        return false;
    }
    BUG("fault %d", f->what);
}

void fault_undo(struct task *task)
{
    bool changed = task->fault && task->fault->what == FAULT_SHORT;
    task->fault = NULL;
    if (!changed)
        return;
    struct registers r;
    if (task->undo_vector) {
        size_t length = (size_t)task->undo_length;
        memory_write(task->tid, task->undo_address, &length, sizeof(length));
        task->undo_vector = false;
        if (task->undo_count_address) {
            memory_write(task->tid, task->undo_count_address, &task->undo_count,
                         sizeof(task->undo_count));
            return;
        }
        if (arch_get(task->tid, &r) == 0) {
            arch_set_argument(&r, 2, task->undo_count);
            arch_set(task->tid, &r);
        }
        return;
    }
    if (arch_get(task->tid, &r) == 0) {
        arch_set_argument(&r, task->call->count, task->undo_argument);
        arch_set(task->tid, &r);
    }
}

void tracer_fault(struct tracer *t, struct fault *f)
{
    f->seen = f->made = 0;
    f->held = 0;
    t->fault = xrealloc(t->fault, (t->faults + 1) * sizeof(t->fault[0]));
    t->fault[t->faults++] = f;
}

void tracer_unfault(struct tracer *t, struct fault *f)
{
    tracer_release(t, f);
    for (size_t i = 0; i < t->faults; i++) {
        if (t->fault[i] != f)
            continue;
        for (size_t j = i + 1; j < t->faults; j++) /* order matters: first match wins */
            t->fault[j - 1] = t->fault[j];
        t->faults--;
        return;
    }
}

void tracer_release(struct tracer *t, struct fault *f)
{
    f->held = 0;
    for (size_t i = 0; i < t->tasks; i++) {
        struct task *task = t->task[i];
        if (task->hold != f)
            continue;
        task->hold = NULL;
        call_continue(t, task, f);
    }
}
