/**
 * @file progress.h
 * One line on standard error that says how far a run is: how many, how fast, how long it will take yet. Inside class/ only.
 */
#ifndef SOCKLAB_CLASS_PROGRESS_H
#define SOCKLAB_CLASS_PROGRESS_H

#include "core/core.h"

struct progress {
    bool shown;
    size_t done, total;
    int64_t began; /**< clock_now() */
};

/** Nothing is ever shown unless @p shown. */
void progress_begin(struct progress *p, bool shown, size_t total);
/** One more is done. */
void progress_step(struct progress *p);
/** Takes the line away. */
void progress_end(struct progress *p);
/** The line for @p done of @p total after @p elapsed ns: "37 of 200 graded, 4.1 a second, 40 s left". */
void progress_words(struct buf *out, size_t done, size_t total, int64_t elapsed);

#endif
