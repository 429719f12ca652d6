/**
 * @file export.h
 * What leaves the house: the class's marks as a table, as JSON, and written into the tables that Canvas and Moodle give out
 * and take back. Everything goes to a buffer; the caller writes files.
 *
 *   export.c    grades.csv and grades.json
 *   platform.c  Canvas's and Moodle's own tables, filled in
 *   column.c    which column of such a table is to be filled
 *   match.c     which of its rows is which student
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
 * grades.csv: a row of headings, then a row for each student. The columns: student, name, login, email, lms_id, state,
 * handed_in (ISO 8601, UTC), mark, out_of, points (before lateness), late_seconds, percent_off, one for each check (its points in the
 * course; empty: not run), reason, remark. A mark that is for a person, or pending, is an empty cell. RFC 4180, UTF-8 without a mark.
 */
void export_csv(struct buf *out, const struct course *c, const struct export_row *row, size_t rows);
/**
 * grades.json: the same for programs, {"version": 1, "lab", "course", "due", "out_of", "students": [...]}; a student's "checks" is an
 * object, id -> {"status", "points", "max", "hidden"}. What is not known is null.
 */
void export_json(struct buf *out, const struct course *c, const struct export_row *row, size_t rows);

enum platform { PLATFORM_CANVAS, PLATFORM_MOODLE };

/** What was filled in, for people. */
struct export_said {
    size_t filled;   /**< cells written */
    size_t waiting;  /**< students found whose mark is for a person, or pending: cell untouched */
    char *column;    /**< heading of the column that was filled */
    char **line;     /**< sentences: who is in the table and not in the class, in the class and not in the table, how many
                         have no mark yet, ... */
    size_t lines;
};

/**
 * Fills the marks into a table that the platform exported: Canvas's gradebook; Moodle's grading worksheet of an assignment, or its
 * gradebook. Rows are matched by id, login or e-mail address, never by name, whatever the language of the headings; all other cells stay
 * byte for byte. Where two rows are one student, or one row is two, nothing is written and a line says so. 0, or -errno with *message
 * (caller frees): a table that is none, or a column that cannot be told (course.yaml then names it). With @p rows 0 it tries just that.
 */
int export_platform(enum platform platform, const char *path, const struct course *c, const struct export_row *row,
                    size_t rows, struct buf *out, struct export_said *said, char **message);
void export_said_free(struct export_said *said);

#endif
