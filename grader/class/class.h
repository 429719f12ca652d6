/**
 * @file class.h
 * A whole class: hand-ins in, gradebook and feedback out. One function, class_run(), in the order of run.c; the rest of this folder is
 * what it calls.
 *
 * In:
 *   submission.h  who handed in what: folders, Canvas's and Moodle's archives, checkouts
 *   course.h      points, due dates, what being late costs
 * Between:
 *   gradebook.h   every grading that was ever made, in SQLite (docs/GRADEBOOK.md)
 *   worker.h      processes that grade, side by side
 *   policy.h      from a grade to a mark
 *   similarity.h  hand-ins that resemble each other                     (class/similarity.h)
 * Out:
 *   export.h      tables and JSON; Canvas's and Moodle's tables filled in
 *   outcome.h     feedback folders, the page of the class: files written beside and renamed
 */
#ifndef SOCKLAB_CLASS_H
#define SOCKLAB_CLASS_H

#include "check/check.h"

/** What the command line says. Borrowed strings; NULL where it says nothing. */
struct class_options {
    const struct lab *lab;
    const char *submissions; /**< a folder or an archive */
    const char *output;      /**< the folder for all that comes out; made if it is not there */
    const char *roster;
    const char *course;
    const char *canvas, *moodle; /**< tables that the platforms exported, to be filled in */
    int workers;             /**< hand-ins graded side by side; 0: as many as processors */
    bool again;              /**< grade what was graded too */
    bool dry_run;            /**< say what would be done, change nothing */
    int similarity;          /**< percent from which a pair is listed; 0: not asked */
    uint64_t seed;
    bool sandbox_said;       /**< the command line's sandbox, seconds and compiler go before the course's */
    enum sandbox_mode sandbox;
    int seconds;             /**< limit for each check; 0: not said */
    const char *compiler;
    const char *data;        /**< where reference/ and kit/ stand */
    const char *version;     /**< of socklab, for the gradebook */
    const char *command;     /**< the command line as it was typed, for "go on with" */
};

/**
 * Does it all, and says on standard output what came of it, on standard error how far it is (a terminal only). Returns the exit status:
 * STATUS_FULL when every hand-in that can be graded has been, STATUS_USAGE when something given to it is wrong (a message names file and
 * line), STATUS_TROUBLE when grades are missing for the grader's own reasons. Interrupted (SIGINT, SIGTERM, SIGHUP, SIGQUIT) it
 * ends its workers, says how to go on, and dies of the signal. Ended at any other moment, by SIGKILL too, it goes on where it was when it
 * is started again.
 */
int class_run(const struct class_options *options);

#endif
