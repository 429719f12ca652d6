/**
 * @file similarity.h
 * Hand-ins that are alike, by sim_c (Debian's similarity-tester): tokens are compared, so that names, layout and comments
 * hide nothing. What the lab's skeleton and the kit give is not counted. A hint for a person, and never part of a grade.
 */
#ifndef SOCKLAB_CLASS_SIMILARITY_H
#define SOCKLAB_CLASS_SIMILARITY_H

#include "class/submission.h"

enum { SIMILARITY_DEFAULT = 60 }; /**< percent, for --similarity without a number */

/** A run of equal tokens: where it stands on both sides. */
struct similar_run {
    const char *file[2];        /**< the lab's names; point into the lab's table */
    int first[2], last[2];      /**< lines, from 1 */
    int tokens;
};

/** Two students of whom one's files consist for `percent` of the other's material. */
struct similar_pair {
    size_t student[2]; /**< indexes into the list; the first one's key is the lesser */
    int percent;       /**< the larger of both directions, 1 to 100 */
    struct similar_run *run; /**< the longest first */
    size_t runs;
};

struct similarity {
    struct similar_pair *pair; /**< the most similar first */
    size_t pairs;
    int threshold;
};

/**
 * Compares all hand-ins of the list. @p skeleton is the folder with the files that everybody was given, NULL if there is none.
 * Runs sim_c in a folder of its own below TMPDIR, which is removed; blocks until it has ended.
 * @return 0; -ENOENT when there is no sim_c, or another -errno, with a sentence in *message (caller frees)
 */
int similarity_find(const struct submissions *list, const char *skeleton, int threshold, struct similarity *out, char **message);

/**
 * Writes @p directory/similarity.html (self-contained; both places of each run, side by side) and similarity.csv (one line a
 * pair), each beside and renamed. 0 or -errno.
 */
int similarity_write(const struct similarity *s, const struct submissions *list, const char *directory);

void similarity_free(struct similarity *s);

#endif
