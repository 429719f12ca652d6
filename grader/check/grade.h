/**
 * @file grade.h
 * One submission in, one grade out.
 */
#ifndef SOCKLAB_CHECK_GRADE_H
#define SOCKLAB_CHECK_GRADE_H

#include "core/core.h"
#include "core/verdict.h"
#include "sandbox/sandbox.h"

struct lab;

struct grade_options {
    const char *directory;
    const char *called;       /**< what the report calls the directory; NULL: as it is */
    const char *const *only;  /**< ids, NULL-ended; NULL: all */
    uint64_t seed;
    enum sandbox_mode sandbox;
    const char *compiler;     /**< "gcc" */
    const char *data;         /**< where reference/ and kit/ stand */
    int jobs;                 /**< checks side by side; 0: as many as processors */
    int seconds;              /**< limit for each check; 0: 10 */
    void (*progress)(const struct check_result *r, void *argument); /**< may be NULL */
    void (*stopped)(void *argument); /**< SIGINT or its like came and all is cleared away; may be NULL */
    void *argument;
};
/**
 * Grades one submission. 0 and a filled grade (also when checks ended in CHECK_ERROR); -errno or
 * a negative code when it could not grade at all, with *message (caller frees) saying why.
 */
int grade_run(const struct lab *lab, const struct grade_options *options, struct grade *out, char **message);

#endif
