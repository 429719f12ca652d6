/**
 * @file task.c
 * Tasks (threads as the kernel sees them), the processes that they belong to, and what a
 * process's descriptors are. Small arrays: a check traces a handful of tasks, sometimes hundreds.
 */
#include "tracer/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

struct task *task_find(struct tracer *t, pid_t tid)
{
    for (size_t i = 0; i < t->tasks; i++)
        if (t->task[i]->tid == tid)
            return t->task[i];
    return NULL;
}

struct task *task_add(struct tracer *t, pid_t tid)
{
    struct task *task = xcalloc(1, sizeof(*task));
    task->tid = tid;
    t->task = xrealloc(t->task, (t->tasks + 1) * sizeof(t->task[0]));
    t->task[t->tasks++] = task;
    return task;
}

struct process *process_new(struct program *program, pid_t pid)
{
    struct process *p = xcalloc(1, sizeof(*p));
    p->pid = pid;
    p->program = program;
    return p;
}

static void process_leave(struct process *p)
{
    if (--p->tasks > 0)
        return;
    free(p->descriptor);
    free(p);
}

/** The thread group of a task, from /proc; the task itself if it cannot be read any more. */
static pid_t thread_group(pid_t tid)
{
    char path[64];
    struct buf status = {.limit = 4096};
    snprintf(path, sizeof(path), "/proc/%d/status", tid);
    pid_t group = tid;
    if (file_read(path, &status) == 0) {
        const char *line = strstr(buf_text(&status), "\nTgid:");
        if (line)
            group = (pid_t)strtol(line + 6, NULL, 10);
    }
    buf_free(&status);
    return group;
}

/** A fork's process: its own copy of the parent's descriptors and handlers. */
static struct process *process_copy(const struct process *parent, pid_t pid)
{
    struct process *p = process_new(parent->program, pid);
    p->inside = parent->inside;
    p->image = parent->image;
    p->timer = false; /* fork(2): a child has no timers */
    memcpy(p->disposition, parent->disposition, sizeof(p->disposition));
    p->descriptors = parent->descriptors;
    if (parent->descriptors > 0) {
        size_t size = (size_t)parent->descriptors * sizeof(p->descriptor[0]);
        p->descriptor = xmalloc(size);
        memcpy(p->descriptor, parent->descriptor, size);
    }
    return p;
}

void task_join(struct tracer *t, struct task *task, const struct process *parent)
{
    pid_t group = thread_group(task->tid);
    struct process *p;
    if (group == parent->pid)
        p = (struct process *)parent; /* a thread: its creator's own process */
    else
        p = process_copy(parent, group);
    p->tasks++;
    task->process = p;
    if (p->inside) {
        struct event *e = timeline_add(t->timeline, EVENT_START, p->program->actor);
        e->pid = p->pid;
        e->tid = task->tid;
    }
}

void task_forget_call(struct tracer *t, struct task *task)
{
    call_forget(task);
    restart_forget(task);
    for (size_t i = 0; i < t->faults; i++)
        if (t->fault[i]->held == task->tid)
            t->fault[i]->held = 0;
    *task = (struct task){.tid = task->tid, .process = task->process};
}

void task_remove(struct tracer *t, struct task *task)
{
    task_forget_call(t, task);
    for (size_t i = 0; i < t->tasks; i++) {
        if (t->task[i] != task)
            continue;
        t->task[i] = t->task[--t->tasks];
        break;
    }
    if (task->process)
        process_leave(task->process);
    free(task);
}

struct descriptor *process_descriptor(struct process *p, int fd)
{
    if (fd < 0 || fd >= DESCRIPTORS_MAX)
        return NULL;
    if (fd >= p->descriptors) {
        int n = p->descriptors ? p->descriptors : 16;
        while (n <= fd)
            n *= 2;
        p->descriptor = xrealloc(p->descriptor, (size_t)n * sizeof(p->descriptor[0]));
        memset(p->descriptor + p->descriptors, 0,
               (size_t)(n - p->descriptors) * sizeof(p->descriptor[0]));
        p->descriptors = n;
    }
    return &p->descriptor[fd];
}

void process_after_exec(struct process *p)
{
    for (int fd = 0; fd < p->descriptors; fd++)
        if (p->descriptor[fd].close_on_exec)
            p->descriptor[fd] = (struct descriptor){0};
    /* execve(2): handlers are reset, ignored signals stay ignored. */
    memset(p->disposition, 0, sizeof(p->disposition));
    static const enum fd_kind standard[] = {FD_STDIN, FD_STDOUT, FD_STDERR};
    for (int fd = 0; fd < 3; fd++) {
        struct descriptor *d = process_descriptor(p, fd);
        if (d->kind == FD_UNKNOWN)
            d->kind = standard[fd];
    }
}
