/**
 * @file awaited.c
 * For whom a task waits: for the other ends of connections alone, or for the door, a pipe or a signal too.
 */
#include "tracer/internal.h"

#include <poll.h>
#include <sys/select.h>

enum { POLLFDS = 64 }; /* who waits for more is no thread or child of one client */

static bool is_connection(const struct task *task, int fd)
{
    const struct descriptor *d = process_descriptor(task->process, fd);
    return d && (d->kind == FD_ACCEPTED || d->kind == FD_CONNECTED);
}

/** poll(2), ppoll(2): a negative descriptor is passed over. */
static bool polls_connections(const struct task *task)
{
    struct pollfd fd[POLLFDS];
    uint64_t count = task->argument[1];
    if (count > POLLFDS || memory_read(task->tid, (uintptr_t)task->argument[0], fd, count * sizeof(fd[0])) != count * sizeof(fd[0]))
        return false;
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        if (fd[i].fd < 0)
            continue;
        if (!is_connection(task, fd[i].fd))
            return false;
        any = true;
    }
    return any;
}

/** What the three sets of select(2) name; a set that is not given is empty. False if they cannot be read. */
static bool read_sets(const struct task *task, int count, fd_set *all)
{
    enum { WORD = sizeof(unsigned long), BITS = 8 * WORD };
    size_t words = ((size_t)count + BITS - 1) / BITS; /* the kernel reads so many, be the set as large as it may */
    FD_ZERO(all);
    for (int i = 1; i <= 3; i++) {
        fd_set set;
        FD_ZERO(&set);
        uintptr_t at = (uintptr_t)task->argument[i];
        if (at != 0 && memory_read(task->tid, at, &set, words * WORD) != words * WORD)
            return false;
        for (int fd = 0; fd < count; fd++)
            if (FD_ISSET(fd, &set))
                FD_SET(fd, all);
    }
    return true;
}

static bool selects_connections(const struct task *task)
{
    fd_set all;
    int count = (int)task->argument[0];
    if (count < 0 || count > FD_SETSIZE || !read_sets(task, count, &all))
        return false;
    bool any = false;
    for (int fd = 0; fd < count; fd++) {
        if (!FD_ISSET(fd, &all))
            continue;
        if (!is_connection(task, fd))
            return false;
        any = true;
    }
    return any;
}

bool awaited_is_connection(const struct task *task)
{
    const struct call *call = task->call;
    if (call->group & CALL_READ)
        return is_connection(task, (int)task->argument[call->fd]);
    if (call->shape == SHAPE_POLL)
        return polls_connections(task);
    return call->shape == SHAPE_SELECT && selects_connections(task);
}
