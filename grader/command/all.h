/**
 * @file all.h
 * Every lab, each in a folder of its name: what a student has so far of the whole course.
 */
#ifndef SOCKLAB_COMMAND_ALL_H
#define SOCKLAB_COMMAND_ALL_H

#include "check/check.h"

/**
 * Grades each lab of @p labs (NULL-ended) as runs_grade() does, in @p folder/NN-name; options->directory, only and called are not
 * looked at. A lab whose folder is not there gets a grade without checks, with no points and a note that says so.
 * @return 0 with *grades (the caller frees each, and the array) and *count; -ENOENT when there is no lab's folder at
 *         all; else the first error of runs_grade(), which ends it. *message, the caller's, says why, and is NULL without an error.
 */
int all_grade(const struct lab *const *labs, const char *folder, const struct grade_options *options, unsigned runs,
              struct grade **grades, size_t *count, char **message);
/** Frees what all_grade() gave. */
void all_free(struct grade *grades, size_t count);

#endif
