/**
 * @file launch.h
 * One start of a program, as run.c, which makes it, and words.c, which words it, know it.
 */
#ifndef SOCKLAB_SANDBOX_LAUNCH_H
#define SOCKLAB_SANDBOX_LAUNCH_H

#include "sandbox/internal.h"

/** What the child needs, made before the fork. */
struct launch {
    const struct sandbox *sandbox;
    const struct sandbox_run *run;
    char **argv; /* of bubblewrap, or of the program */
    char **env;
    int filter[3]; /* in the order in which they are loaded */
    size_t filter_count;
    int ruleset; /* full: of Landlock; -1: none */
    int go;     /* read end */
    int failed; /* write end */
};

/** Fills in argv and env, for launch_free_words(): bubblewrap's if the sandbox is @p full, else the program's own. */
void launch_make_words(struct launch *l, bool full);
void launch_free_words(char **words);

/** Has the program a terminal of its own? */
bool launch_has_terminal(const struct sandbox_run *run);
/** The descriptor that each is in the child, once launch_arrange() has been there. */
int launch_slot_failed(const struct launch *l);
int launch_slot_go(const struct launch *l);
int launch_slot_filter(const struct launch *l, size_t i);
int launch_slot_terminal(const struct launch *l);

#endif
