/**
 * @file similarity.h
 * Hand-ins that are alike, by sim_c (Debian's similarity-tester): tokens are compared, so that names, layout and comments
 * hide nothing. similarity.c finds them, similar_runs.c reads what sim_c says, similarity_page.c shows them. What the lab's skeleton and the kit give is not counted. A hint for a person, and never part of a grade.
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
    size_t compared; /**< hand-ins with files */
};

/**
 * Compares all hand-ins of the list that have files. @p skeleton is the folder with the files that everybody was given, NULL if there is none.
 * Runs sim_c in a folder of its own below TMPDIR, which is removed; blocks until it has ended.
 * @return 0; -ENOENT when there is no sim_c, or another -errno, with a sentence in *message (caller frees)
 */
int similarity_find(const struct submissions *list, const char *skeleton, int threshold, struct similarity *out, char **message);

/**
 * A page with a list of the pairs and, for each, both places of its longest runs side by side; asks for nothing elsewhere. Pair @em n (from
 * 0) is at `#pair-n`. The caller writes it to a file.
 */
void similarity_page(const struct similarity *s, const struct submissions *list, const struct lab *lab, struct buf *out);
/** One line a pair: percent, both students, how many runs, the longest one's places. RFC 4180. */
void similarity_csv(const struct similarity *s, const struct submissions *list, struct buf *out);

void similarity_free(struct similarity *s);

#endif
