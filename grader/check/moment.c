/**
 * @file moment.c
 * Events of a timeline in the order in which they took effect: a call that waited takes effect when it returns.
 */
#include "check/moment.h"

#include "tracer/tracer.h"

#include <stdlib.h>

/** Calls that may wait for somebody. The others are told at their entry: a write's bytes leave before it returns. */
enum { WAITING_CALLS = CALL_READ | CALL_ACCEPT | CALL_CONNECT | CALL_WAIT | CALL_SLEEP | CALL_CHILD | CALL_SIGNAL };

/** The grader kept the task before the call: its note follows the call's entry at once. */
static bool was_held(const struct timeline *t, const struct event *e)
{
    const struct event *next = e->seq < t->count ? t->event[e->seq] : NULL;
    return next && next->kind == EVENT_NOTE && next->actor == e->actor;
}

/** A call that the grader delayed, and that has not returned, is told behind the grader's last word about its program. */
static int64_t waiting_since(const struct timeline *t, const struct event *e)
{
    int64_t since = e->time;
    for (size_t i = (size_t)e->seq; i < t->count && was_held(t, e); i++)
        if (t->event[i]->kind == EVENT_NOTE && t->event[i]->actor == e->actor)
            since = t->event[i]->time + 1;
    return since;
}

static bool is_split(const struct timeline *t, const struct event *e)
{
    if (e->kind != EVENT_CALL || !e->done)
        return false;
    return (e->group & WAITING_CALLS) || was_held(t, e);
}

static int compare_moments(const void *a, const void *b)
{
    const struct moment *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    if (x->event != y->event)
        return x->event->seq < y->event->seq ? -1 : 1;
    return (int)y->begins - (int)x->begins;
}

/** Entries and returns find each other: events are numbered from 1. */
static void pair_entries(const struct timeline *t, struct moments *m)
{
    int *entry = xcalloc(t->count + 1, sizeof(entry[0]));
    for (size_t i = 0; i < m->count; i++) {
        struct moment *moment = &m->item[i];
        if (moment->begins)
            entry[moment->event->seq] = (int)i + 1;
        else
            moment->since = entry[moment->event->seq] - 1;
    }
    free(entry);
}

struct moments moments_collect(const struct timeline *t)
{
    struct moments m = {xcalloc(2 * t->count + 1, sizeof(m.item[0])), 0};
    for (size_t i = 0; i < t->count; i++) {
        const struct event *e = t->event[i];
        struct moment moment = {.event = e, .time = e->time, .since = -1, .link = -1, .collected = LADDER_NOWHERE};
        if (e->kind == EVENT_CALL && !e->done)
            moment.time = waiting_since(t, e);
        if (is_split(t, e)) {
            moment.begins = true;
            m.item[m.count++] = moment;
            moment.begins = false;
            moment.time = e->time_end;
        }
        m.item[m.count++] = moment;
    }
    qsort(m.item, m.count, sizeof(m.item[0]), compare_moments);
    pair_entries(t, &m);
    return m;
}
