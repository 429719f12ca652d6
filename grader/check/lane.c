/**
 * @file lane.c
 * Who stands on which lifeline of a ladder, and what the lifelines are called.
 */
#include "check/drawing.h"

#include <string.h>

const struct program *drawing_program(const struct check *c, actor_id actor)
{
    for (size_t i = 0; i < c->programs; i++)
        if (c->program[i]->actor == actor)
            return c->program[i];
    return NULL;
}

/** What an actor does says on which side it stands; -1 if this event does not tell. */
static int side_of_event(const struct event *e)
{
    uint32_t group = e->group;
    if ((group & (CALL_LISTEN | CALL_ACCEPT)) || e->flow == FLOW_ACCEPTS || e->flow == FLOW_LISTENS)
        return RIGHT;
    if ((group & CALL_CONNECT && e->fd_kind != FD_DATAGRAM && e->fd_kind != FD_LOCAL) || e->flow == FLOW_DIALS)
        return LEFT;
    return -1;
}

/** Someone who neither dials nor accepts: whoever binds a datagram socket serves, the others stand across from him. */
static int side_of_quiet(const struct drawing *d, actor_id actor)
{
    const struct program *p = drawing_program(d->check, actor);
    for (size_t i = 0; i < d->timeline->count; i++) {
        const struct event *e = d->timeline->event[i];
        if (e->actor == actor && e->kind == EVENT_CALL && (e->group & CALL_BIND))
            return RIGHT;
        if (e->actor == actor && e->kind == EVENT_CALL && (e->group & CALL_WRITE) && e->fd_kind == FD_DATAGRAM)
            return LEFT;
    }
    if (p)
        return RIGHT;
    for (int i = 0; i < d->timeline->actor_count; i++)
        if (drawing_program(d->check, i) && d->acts[i])
            return d->lane[i] == LEFT ? RIGHT : LEFT;
    return LEFT;
}

void drawing_place(struct drawing *d)
{
    for (int i = 0; i < ACTOR_MAX; i++)
        d->lane[i] = -1;
    for (size_t i = 0; i < d->timeline->count; i++) {
        const struct event *e = d->timeline->event[i];
        int side = side_of_event(e);
        if (side == RIGHT || (side == LEFT && d->lane[e->actor] < 0))
            d->lane[e->actor] = side;
    }
    for (size_t i = 0; i < d->rows; i++)
        d->acts[d->all.item[d->row[i].at].event->actor] = true;
    for (int pass = 0; pass < 2; pass++) /* programs first: peers stand across from them */
        for (int i = 0; i < d->timeline->actor_count; i++)
            if (d->lane[i] < 0 && (pass == 1 || drawing_program(d->check, i)))
                d->lane[i] = side_of_quiet(d, i);
    for (int i = 0; i < d->timeline->actor_count; i++)
        if (!d->acts[i])
            d->lane[i] = -1;
}

/** A door and the peer that comes through it have one name. */
static bool is_named_before(const struct drawing *d, int actor)
{
    for (int i = 0; i < actor; i++)
        if (d->lane[i] == d->lane[actor] && strcmp(d->timeline->actor[i], d->timeline->actor[actor]) == 0)
            return true;
    return false;
}

void drawing_name(const struct drawing *d, struct ladder *l, size_t *actors)
{
    for (int lane = 0; lane < LADDER_LANES; lane++) {
        const char *first = NULL;
        for (int i = 0; i < d->timeline->actor_count; i++) {
            const struct program *p = drawing_program(d->check, i);
            if (d->lane[i] != lane || is_named_before(d, i))
                continue;
            actors[lane]++;
            if (!first || (p && !p->reference && !l->student[lane]))
                first = d->timeline->actor[i];
            l->student[lane] |= p && !p->reference;
        }
        if (first && actors[lane] > 1)
            l->lane[lane] = xasprintf(_("%s and %zu more"), first, actors[lane] - 1);
        else if (first)
            l->lane[lane] = xstrdup(first);
    }
}
