/**
 * @file drawing.h
 * A ladder in the making: what ladder.c and lane.c share. Inside grader/check only.
 */
#ifndef SOCKLAB_CHECK_DRAWING_H
#define SOCKLAB_CHECK_DRAWING_H

#include "check/internal.h"
#include "check/moment.h"

/** Clients on the left, servers on the right. */
enum { LEFT, RIGHT };

/** What is worked with. */
struct drawing {
    struct check *check;
    const struct timeline *timeline;
    struct moments all;
    struct row *row;
    size_t rows;
    struct look look;      /* who waited when it was drawn; its tasks are the tracer's */
    bool blind;            /* calls were made that nobody watched */
    bool acts[ACTOR_MAX];  /* whether a row is about this actor */
    int lane[ACTOR_MAX];   /* of each actor that acts, else -1 */
};

/** A row that was chosen. */
struct row {
    int at;       /* moment */
    int sender;   /* the moment that sends: of a dial its entry, though it is not shown */
    size_t times; /* so many in a row */
};

/** The program that an actor is; NULL for a peer. */
const struct program *drawing_program(const struct check *c, actor_id actor);
/** Fills in `lane` from what everybody does; `row` must be there. */
void drawing_place(struct drawing *d);
/** The lanes' names: "client 1", or "client 1 and 9 more". @p actors: how many names there are on each. */
void drawing_name(const struct drawing *d, struct ladder *l, size_t *actors);

#endif
