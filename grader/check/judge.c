/**
 * @file judge.c
 * Functions from a timeline to a fact. Pure: a unit test calls them on a timeline built by hand.
 */
#include "check/internal.h"

#include <errno.h>

const struct event *judge_call(const struct timeline *t, const struct event *after, actor_id actor, uint32_t group)
{
    for (const struct event *e = after; (e = timeline_find(t, e, EVENT_CALL, actor, NULL));)
        if (e->group & group)
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

/** The close that its thread made before (@p step -1) or after @p e; NULL if there is none. */
static const struct event *near_close(const struct timeline *t, const struct event *e, int step)
{
    if (!e)
        return NULL;
    for (size_t i = e->seq - 1 + (size_t)step; i < t->count; i += (size_t)step) {
        const struct event *other = t->event[i];
        if (other->kind == EVENT_CALL && other->tid == e->tid && (other->group & CALL_CLOSE))
            return other;
    }
    return NULL;
}

/** How many closes before or after @p e go on by steps of the same sign, each at most @p gap. */
static int row_length(const struct timeline *t, const struct event *e, int step, int sign, int gap)
{
    int n = 0;
    for (const struct event *other; (other = near_close(t, e, step)); e = other, n++) {
        int up = (other->fd - e->fd) * step * sign;
        if (up < 1 || up > gap)
            return n;
    }
    return n;
}

static bool is_row(const struct timeline *t, const struct event *e, int gap, int length)
{
    for (int sign = -1; sign <= 1; sign += 2)
        if (1 + row_length(t, e, -1, sign, gap) + row_length(t, e, 1, sign, gap) >= length)
            return true;
    return false;
}

/**
 * A sweep closes number after number, perhaps without some that it keeps, and what it closes is no socket and not in the
 * timeline: three in a row, or many with gaps. Two neighbours do not make one: a connection and its listener are that.
 */
static bool in_sweep(const struct timeline *t, const struct event *e)
{
    enum { ROW = 3, LONG = 8, GAP = 8 };
    return is_row(t, e, 1, ROW) || is_row(t, e, GAP, LONG);
}

const struct event *judge_double_close(const struct timeline *t, const struct event *after, actor_id actor)
{
    for (const struct event *e = after; (e = judge_call(t, e, actor, CALL_CLOSE));)
        if (e->done && e->result == -EBADF && e->fd >= 0 && !in_sweep(t, e))
            return e;
    return NULL;
}
