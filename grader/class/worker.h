/**
 * @file worker.h
 * Processes that grade hand-ins side by side, one process a hand-in. A result is what came whole and well-formed up the
 * worker's pipe from a worker that ended by itself; a worker that dies, is killed or says nonsense is the grader's own trouble, tried once
 * more, and never a grade. Memory is bounded by the number of workers, not by that of the hand-ins.
 */
#ifndef SOCKLAB_WORKER_H
#define SOCKLAB_WORKER_H

#include "check/check.h"
#include "class/submission.h"

/** Bytes of a result that are believed. */
enum { WORKER_RESULT_MAX = 8 * 1024 * 1024 };

/** How one hand-in went. Borrowed: valid in the callback only. */
struct worker_result {
    const struct submission *submission;
    const char *json;    /**< the grade; NULL: there is none */
    size_t size;
    const char *trouble; /**< the grader's own, a sentence; NULL: none */
    int64_t started;     /**< s since the epoch */
    double seconds;
};

struct worker_pool {
    const struct lab *lab;
    struct grade_options grade; /**< for each; `directory` and `jobs` are set by the pool */
    const char *called;  /**< how the report calls the folder, in place of where it stood for a moment */
    int workers;         /**< 0: as many as processors */
    const char *scratch; /**< an empty folder for what is unpacked; the caller removes it afterwards */
    /** A result has come; a negative value stops the pool with it. */
    int (*done)(const struct worker_result *result, void *argument);
    void *argument;
    bool progress;       /**< a line on stderr: how many, how fast, how long yet */
};

/**
 * Grades all of @p list for which @p work is true, in this order. 0; -errno when workers can't be started, or what `done` said; or the
 * number of the signal that stopped it (SIGINT, SIGTERM, SIGHUP, SIGQUIT, where they were not ignored): the workers have ended then, and
 * the signal is the caller's to obey. Blocks until all have ended.
 */
int worker_run(const struct worker_pool *pool, const struct submission *list, size_t count, const bool *work);

#endif
