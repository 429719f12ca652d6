/**
 * @file judge.c
 * Functions from a timeline to a fact. Pure: a unit test calls them on a timeline built by hand.
 */
#include "check/internal.h"

#include <errno.h>

const struct event *judge_call(const struct timeline *t, const struct event *after, actor_id actor, uint32_t group)
{
    for (const struct event *e = after; (e = timeline_find(t, e, EVENT_CALL, actor, NULL));)
        if (tracer_group(e->call) & group)
            return e;
    return NULL;
}

size_t judge_count(const struct timeline *t, actor_id actor, uint32_t group, uint32_t kinds)
{
    size_t n = 0;
    for (const struct event *e = NULL; (e = judge_call(t, e, actor, group));)
        n += e->done && e->result >= 0 && (kinds >> e->fd_kind & 1);
    return n;
}

const struct event *judge_maker(const struct timeline *t, int sock)
{
    for (const struct event *e = NULL; (e = timeline_find(t, e, EVENT_CALL, -1, NULL));)
        if (sock && e->new_sock == sock)
            return e;
    return NULL;
}

const struct event *judge_close(const struct timeline *t, int sock)
{
    for (const struct event *e = NULL; (e = judge_call(t, e, -1, CALL_CLOSE));)
        if (sock && e->sock == sock && e->done && e->result == 0)
            return e;
    return NULL;
}

const struct event *judge_unclosed(const struct timeline *t, actor_id actor)
{
    for (const struct event *e = NULL; (e = judge_call(t, e, actor, CALL_ACCEPT));)
        if (e->new_sock && !judge_close(t, e->new_sock))
            return e;
    return NULL;
}

/** The last write on @p sock; NULL if there was none. */
static const struct event *last_write(const struct timeline *t, int sock)
{
    const struct event *last = NULL;
    for (const struct event *e = NULL; (e = judge_call(t, e, -1, CALL_WRITE));)
        if (e->sock == sock)
            last = e;
    return last;
}

static bool has_ended(const struct timeline *t, pid_t pid)
{
    for (const struct event *e = NULL; (e = timeline_find(t, e, EVENT_END, -1, NULL));)
        if (e->pid == pid)
            return true;
    return false;
}

bool judge_left(const struct timeline *t, int sock)
{
    const struct event *write = last_write(t, sock);
    if (!write)
        return judge_close(t, sock) != NULL;
    /* Who wrote last must let go: a forking parent's copy says nothing about the child's. */
    for (const struct event *e = write; (e = judge_call(t, e, -1, CALL_CLOSE));)
        if (e->sock == sock && e->pid == write->pid && e->done && e->result == 0)
            return true;
    return has_ended(t, write->pid);
}

/** Three numbers in a row, closed one after the other by one thread. */
static bool is_row(const struct event *a, const struct event *b, const struct event *c)
{
    if (!a || !b || !c || a->tid != b->tid || b->tid != c->tid)
        return false;
    int step = b->fd - a->fd;
    return (step == 1 || step == -1) && c->fd - b->fd == step;
}

/** A sweep closes number after number; two neighbours do not make one: a connection and its listener are that. */
static bool in_sweep(const struct timeline *t, actor_id actor, const struct event *const before[2],
                     const struct event *e)
{
    const struct event *after = judge_call(t, e, actor, CALL_CLOSE);
    const struct event *later = after ? judge_call(t, after, actor, CALL_CLOSE) : NULL;
    return is_row(before[1], before[0], e) || is_row(before[0], e, after) || is_row(e, after, later);
}

const struct event *judge_double_close(const struct timeline *t, actor_id actor)
{
    const struct event *before[2] = {NULL, NULL}; /* the last one first */
    for (const struct event *e = NULL; (e = judge_call(t, e, actor, CALL_CLOSE));) {
        if (e->done && e->result == -EBADF && !in_sweep(t, actor, before, e))
            return e;
        before[1] = before[0];
        before[0] = e;
    }
    return NULL;
}
