/**
 * @file gradebook.h
 * The memory of a class: who handed in what, and every grading that was ever made of it. One SQLite file, described for its
 * readers in docs/GRADEBOOK.md. A grading is never changed and never removed (triggers hold it); which one counts is a view.
 *
 *   book.c       SQLite: opening, the schema and its version, statements
 *   gradebook.c  what is written and read
 *
 * A book is of one lab. Everything returns 0 or -errno with the reason in gradebook_reason(). A call is one transaction: after a SIGKILL, or a machine
 * that lost its power, it has happened or it has not.
 */
#ifndef SOCKLAB_GRADEBOOK_H
#define SOCKLAB_GRADEBOOK_H

#include "class/submission.h"

struct gradebook;

/** How the file is opened. */
enum gradebook_mode {
    GRADEBOOK_WRITE, /**< made if it is not there */
    GRADEBOOK_LOOK,  /**< for --dry-run: -ENOENT if it is not there; nothing may be written */
};

/**
 * Opens the book of @p lab. -EBADMSG when it is no gradebook or a newer one than this knows, -EXDEV when it is another lab's;
 * *message (caller frees) says so, with the file's name.
 */
int gradebook_open(const char *path, const char *lab, enum gradebook_mode mode, struct gradebook **out, char **message);
/** NULL is allowed. In one file again, without SQLite's two beside it. */
void gradebook_close(struct gradebook *book);
/** Why the last call failed, a sentence with the file's name. Owned by the book. */
const char *gradebook_reason(const struct gradebook *book);

/** The conditions of a run, written with it. */
struct book_run {
    const char *source;   /**< the hand-ins as the user named them */
    const char *version;
    const char *compiler;
    const char *sandbox;  /**< as asked: "auto", "require", "off" */
    uint64_t seed;
    int seconds;          /**< limit for each check */
    bool again;
};

/**
 * Begins a run. One that was begun with `again` and never ended is gone on with by the next that says `again`: what it has graded
 * is not graded twice.
 */
int gradebook_begin(struct gradebook *book, const struct book_run *run);
/** All of it is written out. */
int gradebook_end(struct gradebook *book);
/** Whether the run before this one never came to its end. */
bool gradebook_goes_on(const struct gradebook *book);

/**
 * Writes down what came from each student in this run: all in one transaction. Fills `work[i]`: true when the i-th hand-in is to be
 * graded, because it can be and has no whole grading yet (or `again` is said).
 */
int gradebook_receive(struct gradebook *book, const struct submission *list, size_t count, bool *work);
/** The same question without a run, for --dry-run: nothing is written. */
int gradebook_plan(struct gradebook *book, bool again, const struct submission *list, size_t count,
                   bool *work);

/** What came of one grading. Borrowed. */
struct book_grading {
    const char *result;   /**< the JSON of a grade; NULL: it failed */
    size_t size;
    bool complete;
    int score, max;
    const char *sandbox;  /**< "full", ... as found */
    const char *protections; /**< JSON object: name -> on or off */
    const char *trouble;  /**< the grader's own reason; NULL: none */
    int64_t started;      /**< s since the epoch */
    double seconds;
};

/** Adds a grading of what this student handed in in this run, durably: when this returns 0, it is there whatever happens. */
int gradebook_add(struct gradebook *book, const char *student, const struct book_grading *grading);

/** The grade that counts for a student, as the view `current_grade` gives it. All owned; NULL where there is none. */
struct book_grade {
    char *result;       /**< JSON of the last whole grading; NULL: there is none */
    size_t size;
    char *incomplete;   /**< JSON of the last grading of what was handed in last, if that is not whole; NULL */
    char *trouble;      /**< why the last grading failed for the grader's own reasons, a sentence; NULL: it did not, or a whole
                             grade stands and it was in an earlier run */
    bool outdated;      /**< `result` is of an earlier hand-in than the last one */
    int64_t handed_in;  /**< of the hand-in that `result` is of: s since the epoch; 0: not known */
    bool late_mark;     /**< ... and whether the platform said "late" */
    double seconds;     /**< how long grading it took */
    bool other_conditions; /**< it was made by another version, with another seed, compiler, limit or sandbox than this run's */
};

/** 0 also when there is none: all members empty. */
int gradebook_current(struct gradebook *book, const char *student, struct book_grade *out);
void book_grade_free(struct book_grade *grade);

#endif
