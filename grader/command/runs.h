/**
 * @file runs.h
 * The same hand-in under many seeds: a seed chooses who speaks when, which call meets bad luck, whose turn it is. What
 * one of them does not show, another may.
 */
#ifndef SOCKLAB_COMMAND_RUNS_H
#define SOCKLAB_COMMAND_RUNS_H

#include "check/check.h"

enum { RUNS_MAX = 10000 };

/**
 * Whether @p a shows more of what is wrong than @p b: fewer points; else trouble of the grader's own, which keeps full
 * marks from being said.
 */
bool runs_is_worse(const struct grade *a, const struct grade *b);
/**
 * Grades @p runs times, with the seeds from options->seed on, and hands out the worst grade, the first one of several: its
 * seed shows it again. With more than one run a note tells how many had full marks. As grade_run(), whose
 * errors end it.
 */
int runs_grade(const struct lab *lab, const struct grade_options *options, unsigned runs, struct grade *out, char **message);

#endif
