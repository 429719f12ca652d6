/**
 * @file effect.c
 * What a finished call did to its process: which descriptors are what now, and whether a timer runs.
 */
#include "tracer/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC 4 /* linux/close_range.h, since 5.11 */
#endif

enum fd_kind effect_kind(const uint64_t argument[6])
{
    int domain = (int)argument[0], type = (int)argument[1] & 0xf;
    if (domain == AF_UNIX)
        return FD_LOCAL;
    if (domain != AF_INET && domain != AF_INET6)
        return FD_OTHER;
    return type == SOCK_STREAM ? FD_SOCKET : type == SOCK_DGRAM ? FD_DATAGRAM : FD_OTHER;
}

static void set_descriptor(struct process *p, int64_t fd, struct descriptor d)
{
    struct descriptor *slot = process_descriptor(p, (int)fd);
    if (slot)
        *slot = d;
}

/** close_range(2); at the next exec only, if so asked. */
static void close_range_of(struct process *p, const uint64_t argument[6])
{
    bool later = argument[2] & CLOSE_RANGE_CLOEXEC;
    uint64_t from = (unsigned)argument[0], to = (unsigned)argument[1];
    for (uint64_t fd = from; fd <= to && fd < (uint64_t)p->descriptors; fd++) {
        if (later)
            p->descriptor[fd].close_on_exec = true;
        else
            p->descriptor[fd] = (struct descriptor){0};
    }
}

static void copy_descriptor(struct process *p, const struct task *task, int64_t result)
{
    struct descriptor *from = process_descriptor(p, (int)task->argument[0]);
    if (!from || result == (int)task->argument[0]) /* dup2(2): onto itself it does nothing */
        return;
    struct descriptor copy = *from;
    copy.close_on_exec = task->call->number == SYS_dup3 && (task->argument[2] & O_CLOEXEC);
    if (copy.kind == FD_STDIN || copy.kind == FD_STDOUT || copy.kind == FD_STDERR)
        copy.kind = result > 2 ? copy.kind : (enum fd_kind)(FD_STDIN + result);
    set_descriptor(p, result, copy);
}

static void apply_fcntl(struct process *p, const struct task *task, int64_t result)
{
    int command = (int)task->argument[1];
    if (command == F_DUPFD || command == F_DUPFD_CLOEXEC) {
        copy_descriptor(p, task, result);
        struct descriptor *d = process_descriptor(p, (int)result);
        if (d)
            d->close_on_exec = command == F_DUPFD_CLOEXEC;
    } else if (command == F_SETFD) {
        struct descriptor *d = process_descriptor(p, (int)task->argument[0]);
        if (d)
            d->close_on_exec = task->argument[2] & FD_CLOEXEC;
    }
}

static void new_socket(struct tracer *t, struct task *task, int64_t fd, enum fd_kind kind, bool cloexec)
{
    struct descriptor d = {.kind = kind, .sock = ++t->last_sock, .close_on_exec = cloexec};
    set_descriptor(task->process, fd, d);
    if (task->event)
        task->event->new_sock = d.sock;
}

static void apply_option(struct process *p, const struct task *task)
{
    if ((int)task->argument[1] != SOL_SOCKET)
        return;
    int name = (int)task->argument[2];
    struct descriptor *d = process_descriptor(p, (int)task->argument[0]);
    if (d && name == SO_RCVTIMEO)
        d->receive_limit = sleep_option(task);
    else if (d && name == SO_SNDTIMEO)
        d->send_limit = sleep_option(task);
}

/** A connection has the time-outs of its listener: the kernel copies them, though accept(2) promises nothing of the kind. */
static void accepted_socket(struct tracer *t, struct task *task, int64_t fd, const struct descriptor *door)
{
    bool cloexec = task->call->arguments == 4 && (task->argument[3] & SOCK_CLOEXEC);
    struct descriptor from = door ? *door : (struct descriptor){0}; /* a copy: the table may move */
    new_socket(t, task, fd, FD_ACCEPTED, cloexec);
    struct descriptor *d = process_descriptor(task->process, (int)fd);
    if (!d)
        return;
    d->receive_limit = from.receive_limit;
    d->send_limit = from.send_limit;
}

/** epoll_ctl(2). struct epoll_event begins with its events, packed or not. */
static void apply_watch(const struct task *task, struct descriptor *d)
{
    uint32_t events = 0;
    if (d && (int)task->argument[1] != EPOLL_CTL_DEL &&
        memory_read(task->tid, (uintptr_t)task->argument[3], &events, sizeof(events)) == sizeof(events))
        d->edge = events & EPOLLET;
}

void effect_apply(struct tracer *t, struct task *task, int64_t result)
{
    struct process *p = task->process;
    const uint64_t *a = task->argument;
    struct descriptor *d = task->call->fd >= 0 ? process_descriptor(p, (int)a[task->call->fd]) : NULL;
    enum effect effect = task->call->effect;
    bool under_way = effect == EFFECT_CONNECT && (result == -EINPROGRESS || result == -EINTR);
    if (effect == EFFECT_CLOSE && d && result != -EBADF) {
        /* Gone even when it reports EINTR or EIO (close(2)); and another thread may have the number by now. */
        if (d->sock == task->closing)
            *d = (struct descriptor){0};
        return;
    }
    if (result < 0 && !under_way)
        return;
    switch (effect) {
    case EFFECT_SOCKET:
        new_socket(t, task, result, effect_kind(a), a[1] & SOCK_CLOEXEC);
        break;
    case EFFECT_ACCEPT:
        accepted_socket(t, task, result, d);
        break;
    case EFFECT_LISTEN:
        if (d)
            d->kind = FD_LISTENER;
        break;
    case EFFECT_CONNECT:
        if (d && d->kind == FD_SOCKET)
            d->kind = FD_CONNECTED;
        break;
    case EFFECT_CLOSE_RANGE:
        close_range_of(p, a);
        break;
    case EFFECT_DUP:
        copy_descriptor(p, task, result);
        break;
    case EFFECT_FCNTL:
        apply_fcntl(p, task, result);
        break;
    case EFFECT_OPTION:
        apply_option(p, task);
        break;
    case EFFECT_WATCH:
        apply_watch(task, d);
        break;
    default:
        break;
    }
}
