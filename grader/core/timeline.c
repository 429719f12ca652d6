/**
 * @file timeline.c
 * The append-only record of one check. Events are allocated one by one, so that pointers to them
 * stay valid while the list of them grows.
 */
#include "core/timeline.h"

#include <stdlib.h>
#include <string.h>

struct timeline *timeline_new(size_t limit)
{
    struct timeline *t = xcalloc(1, sizeof *t);

    t->limit = limit;
    t->start = clock_now();
    return t;
}

static void event_free(struct event *e)
{
    if (!e)
        return;
    free(e->text);
    free(e->data);
    free(e);
}

void timeline_free(struct timeline *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < t->count; i++)
        event_free(t->event[i]);
    event_free(t->scratch);
    for (int i = 0; i < t->actor_count; i++)
        free(t->actor[i]);
    free(t->event);
    free(t);
}

actor_id timeline_actor(struct timeline *t, const char *name)
{
    if (t->actor_count == ACTOR_MAX)
        BUG("more than %d actors", ACTOR_MAX);
    t->actor[t->actor_count] = xstrdup(name);
    return t->actor_count++;
}

/* Past the limit there is one event for all: a caller that still holds it may go on writing. */
static struct event *take_scratch(struct timeline *t)
{
    t->dropped++;
    if (!t->scratch)
        t->scratch = xcalloc(1, sizeof *t->scratch);
    free(t->scratch->text);
    free(t->scratch->data);
    memset(t->scratch, 0, sizeof *t->scratch);
    return t->scratch;
}

static struct event *append_event(struct timeline *t)
{
    if (t->count == t->capacity) {
        t->capacity = t->capacity ? t->capacity * 2 : 256;
        t->event = xrealloc(t->event, t->capacity * sizeof(struct event *));
    }
    t->event[t->count] = xcalloc(1, sizeof(struct event));
    return t->event[t->count++];
}

/* Past the limit one who has hardly been heard is heard all the same: who came before may have filled the timeline by spinning. */
static bool is_full(const struct timeline *t, actor_id actor)
{
    enum { PART = 16 };

    if (!t->limit || t->count < t->limit)
        return false;
    return t->count >= 2 * t->limit || actor < 0 || t->kept[actor] >= t->limit / PART;
}

struct event *timeline_add(struct timeline *t, enum event_kind kind, actor_id actor)
{
    bool full = is_full(t, actor);
    struct event *e = full ? take_scratch(t) : append_event(t);

    if (!full && actor >= 0)
        t->kept[actor]++;
    e->seq = t->count + t->dropped;
    e->time = clock_now();
    e->kind = kind;
    e->actor = actor;
    e->fd = -1;
    return e;
}

void event_text(struct event *e, const char *format, ...)
{
    struct buf text = {0};
    va_list args;

    /* Printed before the old one is freed: the arguments may point into it. */
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    free(e->text);
    e->text = buf_take(&text);
}

void event_data(struct event *e, const void *bytes, size_t size, size_t total)
{
    size_t keep = size < TIMELINE_DATA_MAX ? size : TIMELINE_DATA_MAX;
    unsigned char *copy = NULL;

    if (keep) {
        copy = xmalloc(keep);
        memcpy(copy, bytes, keep);
    }
    free(e->data);
    e->data = copy;
    e->data_length = keep;
    e->data_total = total;
}

struct event *timeline_find(const struct timeline *t, const struct event *after,
                            enum event_kind kind, actor_id actor, const char *call)
{
    /* seq counts from 1, so it is the index of the event that follows. */
    for (size_t i = after ? (size_t)after->seq : 0; i < t->count; i++) {
        struct event *e = t->event[i];
        if (e->kind != kind || (actor >= 0 && e->actor != actor))
            continue;
        if (call && (!e->call || strcmp(e->call, call) != 0))
            continue;
        return e;
    }
    return NULL;
}
