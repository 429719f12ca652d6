/**
 * @file column.h
 * Which column of a platform's table is to be filled, and which of its rows is which student. Headings are in the instructor's
 * language, so what stands in the cells is asked, and where things stand.
 */
#ifndef SOCKLAB_COLUMN_H
#define SOCKLAB_COLUMN_H

#include "class/export.h"
#include "core/csv.h"

/** No such column, row or student. */
#define COLUMN_NONE SIZE_MAX

/** What is known of a table's columns. */
struct columns {
    size_t target;    /**< to be filled */
    size_t keys;      /**< columns 0 to keys - 1 may say who a row is about */
    bool comma;       /**< numbers have a decimal comma */
};

/**
 * Finds the column: the one that the course names; else the only one whose heading names the lab; else, in Canvas's table, the only
 * assignment (`NAME (NUMBER)`), and in Moodle's the one left of the highest grade, which is the same in each row.
 * 0, or -EINVAL with *message (a sentence without the file's name, caller frees).
 */
int columns_find(enum platform platform, const struct csv *table, const struct course *c, struct columns *out,
                 char **message);

/** Whoever a row is about, or COLUMN_... */
enum { MATCH_NOBODY = -1, MATCH_EMPTY = -2, MATCH_CONFLICT = -3 };

/**
 * For each row of the table behind the first the index of its student; MATCH_NOBODY; MATCH_EMPTY: no cell that could
 * say (Canvas's "Points Possible"); MATCH_CONFLICT: its cells name two students. The caller frees the array, which has an entry for the
 * first row too (MATCH_EMPTY).
 */
long *match_rows(const struct csv *table, const struct columns *columns, const struct export_row *row, size_t rows);

/** A cell that is a number, with a point or a comma in it; *value in hundredths, cut. */
bool column_number(const char *text, int64_t *value);

#endif
