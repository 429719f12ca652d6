/**
 * @file choice.h
 * For choose.c, near.c and conclude.c alone: a choice under way.
 */
#ifndef SOCKLAB_CLASS_CHOICE_H
#define SOCKLAB_CLASS_CHOICE_H

#include "class/piece.h"

struct choice {
    const struct lab *lab;
    struct pieces *pieces;
    struct submission *s;
    struct buf remark;
    size_t taken[BUILD_SOURCES_MAX]; /* indexes of pieces, beside s->file */
    bool two, renamed, unreadable;
    size_t archives;
    char *shown;
};

/** Adds a sentence about what is unusual. */
void choice_remark(struct choice *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** A path for a remark; good until the next one. */
const char *choice_show(struct choice *c, const char *path);
/** Lets the piece stand for the lab's file of that name. */
void choice_take(struct choice *c, size_t index, const char *name);
bool choice_has(const struct choice *c, const char *name);
/** Is a file that the lab asks for not there yet? */
bool choice_is_missing(const struct choice *c);
bool piece_is_same(const struct piece *a, const struct piece *b);

/** Takes what is nearly called like a file that is missing; sets c->renamed, or c->two. near.c */
void choice_take_near(struct choice *c);
/** Takes the further files that lie beside the first that the lab asks for, where it may have any. beside.c */
void choice_take_beside(struct choice *c);
/** What it all comes to, with the remarks that belong to it. conclude.c */
enum submission_state choice_conclude(struct choice *c);

#endif
