/**
 * @file outcome.h
 * What a class came to: from the gradebook and the course's policy to a mark, a row and a folder with feedback for each student.
 * Inside class/ only. One result is in memory at a time; what is kept of a student is a row.
 *
 *   outcome.c   a student's mark, with the reasons why it is none
 *   feedback.c  DIR/feedback/STUDENT/report.txt and report.html
 *   table.c     grades.csv, grades.json, the platforms' tables, the page of the class
 */
#ifndef SOCKLAB_CLASS_OUTCOME_H
#define SOCKLAB_CLASS_OUTCOME_H

#include "class/class.h"
#include "class/export.h"
#include "class/gradebook.h"
#include "class/publish.h"
#include "class/similarity.h"

/** What all of it works with. */
struct class_work {
    const struct class_options *options;
    struct course course;
    struct submissions list;
    struct publisher to;
    struct gradebook *book;
    int64_t now;           /**< s since the epoch, one for the whole run */
};

/** One student. */
struct outcome {
    struct mark mark;
    char *remark;          /**< sentences; NULL */
    bool graded;           /**< a grade stands behind the mark */
    bool trouble;          /**< the grader's own reasons keep a mark back, or an older grade in place */
    bool other_conditions; /**< graded by another version, with another seed, ... than this run's */
    int64_t handed_in;
    int64_t duration;      /**< ns */
    const char *sandbox;   /**< "full", ...; NULL: not graded */
    enum check_status *status; /**< for each check of the lab; NULL: not graded */
};

/** Fills one outcome for each hand-in and writes everybody's feedback. 0, or -errno with *message (caller frees). */
int outcome_make(const struct class_work *work, struct outcome **out, char **message);
void outcome_free(struct outcome *list, size_t count);

/** A grade as one student may see it, with the mark, as text and as HTML. 0 or -errno. */
int feedback_write(const struct class_work *work, const struct submission *s, const struct outcome *o, const struct hand_in *h);

/**
 * Writes the tables and the page; @p alike NULL: not asked for. Sentences of the platforms' tables are printed. 0, or -errno with
 * *message (caller frees).
 */
int table_write(const struct class_work *work, const struct outcome *outcome, const struct similarity *alike, char **message);
/** Whether the platforms' tables can be filled in at all: said before the work, not after it. 0, or -errno with *message. */
int table_try(const struct class_options *options, const struct course *course, char **message);

#endif
