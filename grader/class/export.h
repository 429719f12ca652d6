/**
 * @file export.h
 * What leaves the house: the class's marks as a table, as JSON, and written into the tables that Canvas and Moodle give out
 * and take back. Everything goes to a buffer; the caller writes files.
 *
 *   export.c    grades.csv and grades.json
 *   platform.c  Canvas's and Moodle's own tables, filled in
 *   column.c    which column of such a table is which, whatever the language of its headings
 */
#ifndef SOCKLAB_EXPORT_H
#define SOCKLAB_EXPORT_H

#include "class/policy.h"

/** One student. Strings are borrowed; each may be NULL but `student` and `state`. */
struct export_row {
    const char *student; /**< key: login, id of the platform, or folder name */
    const char *name;    /**< as shown */
    const char *lms_id;  /**< Canvas's user id, Moodle's number of the participant */
    const char *login;
    const char *email;
    const char *state;   /**< a word: "handed-in", "nothing", "wrong-name", ... */
    const char *remark;  /**< a sentence */
    int64_t handed_in;   /**< s since the epoch; 0: not known */
    const struct mark *mark;
};

/**
 * grades.csv: a row of headings, then a row for each student: student, name, email, state, mark, out of, points before
 * lateness, seconds late, percent off, a column for each check (its points; empty: not run), the reason, the remark. An undecided mark is
 * an empty cell. RFC 4180, UTF-8 without a mark.
 */
void export_csv(struct buf *out, const struct course *c, const struct export_row *row, size_t rows);
/** grades.json: the same for programs; times in ISO 8601, UTC. grader/docs/GRADEBOOK.md lists the fields. */
void export_json(struct buf *out, const struct course *c, const struct export_row *row, size_t rows);

enum platform { PLATFORM_CANVAS, PLATFORM_MOODLE };

/** What was filled in, for people. */
struct export_said {
    size_t filled;   /**< cells written */
    size_t waiting;  /**< students found whose mark is for a person, or pending: cell untouched */
    char *column;    /**< heading of the column that was filled */
    char **line;     /**< sentences: who is in the table and not in the class, in the class and not in the table, ... */
    size_t lines;
};

/**
 * Fills the marks into a table that the platform exported. Rows are matched by id, login or e-mail address, never by
 * name; all other cells stay byte for byte. 0, or -errno with *message (caller frees): a table that is none, or a column that cannot
 * be told (course.yaml then names it).
 */
int export_platform(enum platform platform, const char *path, const struct course *c, const struct export_row *row,
                    size_t rows, struct buf *out, struct export_said *said, char **message);
void export_said_free(struct export_said *said);

#endif
