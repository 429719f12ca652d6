/**
 * @file course.h
 * What a course decides: points by check, due dates, what being late costs, which checks students see before the due
 * date, the grader's limits. Read from a file in YAML (course.example.yaml shows all of it); without a file the lab's own
 * points hold, and nothing is ever late.
 *
 *   course.c  the words of a file -> struct course
 *   schema.c  the file -> its words: libcyaml against a schema made of the labs' tables
 *   value.c   words -> numbers, lengths of time, times with a zone
 *   place.c   where in the file a word stands, for messages
 */
#ifndef SOCKLAB_COURSE_H
#define SOCKLAB_COURSE_H

#include "check/check.h"

/** Not due: later than every time. */
#define COURSE_NEVER INT64_MAX

/** What being late costs. All lengths in seconds. */
struct late_policy {
    int64_t grace;     /**< after the due time, costs nothing */
    int percent_a_day; /**< off the points earned, for each day begun after the grace */
    int64_t cut_off;   /**< after the due time: from then on a hand-in counts nothing; COURSE_NEVER: there is none */
};

/** A student whose due time is another one. */
struct extension {
    char *student; /**< login, id of the platform, or folder name */
    int64_t due;   /**< s since the epoch */
};

/** A course as one lab sees it. Strings are owned, NULL where the file says nothing. */
struct course {
    char *name;
    char *path;               /**< the file; NULL: there is none */
    const struct lab *lab;
    int *points;              /**< for each check of the lab, in its order; whole points */
    bool *hidden;             /**< for each check: students see it after the due time only */
    int total;                /**< sum of points, more than 0 */
    int out_of;               /**< the mark for all points; the total unless the file says else */
    int64_t due;              /**< the last second in time, s since the epoch; COURSE_NEVER */
    char *due_words;          /**< "2025-03-14 23:59 KST", for people */
    struct late_policy late;
    struct extension *extension;
    size_t extensions;
    char *canvas_column;      /**< heading of the column to fill in Canvas's table */
    char *moodle_column;      /**< and in Moodle's */
    int seconds;              /**< limit for each check; 0: not said */
    char *compiler;           /**< NULL: not said */
    enum sandbox_mode sandbox;
    bool sandbox_said;
};

/**
 * Reads a course's file for one lab; @p path NULL gives the lab's own points. The whole file is looked at, also
 * what it says of other labs. 0; -errno with *message (caller frees): "FILE:LINE:COLUMN: what is wrong", or
 * "FILE: ..." where it could not be read. Not for several threads: time zones go through the environment (tzset(3)).
 */
int course_read(const char *path, const struct lab *lab, struct course *out, char **message);
void course_free(struct course *c);
/** Is it for the student who has one of these names (each may be NULL)? */
bool extension_is_for(const struct extension *e, const char *const *names, size_t count);
/** The due time of one student, known by any of these names (each may be NULL). */
int64_t course_due(const struct course *c, const char *const *names, size_t count);

#endif
