/**
 * @file schema.h
 * A course's file as words: which keys there may be, and what stands behind them. The schema is made of the labs' tables, so
 * a lab or a check that does not exist is refused where it stands.
 */
#ifndef SOCKLAB_SCHEMA_H
#define SOCKLAB_SCHEMA_H

#include "check/check.h"
#include "class/place.h"

enum { SCHEMA_LABS_MAX = 32, SCHEMA_CHECKS_MAX = 64 };

/** What a late hand-in costs, in words; NULL: not said. */
struct late_words {
    char *grace, *percent_a_day, *cut_off;
};

struct extension_words {
    char *student, *due;
};

struct lab_words {
    char *due, *out_of, *canvas, *moodle;
    char *points[SCHEMA_CHECKS_MAX]; /**< in the order of the lab's checks */
    uint64_t *hidden;                /**< indexes of checks */
    unsigned hidden_count;
    struct late_words late;
    struct extension_words *extension;
    unsigned extension_count;
};

struct course_words {
    char *course, *time_zone;
    struct late_words late;
    struct {
        char *seconds, *compiler, *sandbox;
    } limits;
    struct lab_words *lab[SCHEMA_LABS_MAX]; /**< in the order of the table of labs; NULL: not named */
};

struct schema; /* what libcyaml is told */

/**
 * Takes a file's words. @p labs ends with NULL. 0 with *out (NULL for an empty file) and *schema; -EBADMSG with *where and *message
 * (caller frees) for what does not fit.
 */
int schema_load(const struct lab *const *labs, const void *bytes, size_t size, struct schema **schema,
                struct course_words **out, struct spot *where, char **message);
void schema_free(struct schema *schema, struct course_words *words);

#endif
