/**
 * @file submission.h
 * Who handed in what: a folder of folders, Canvas's or Moodle's zip, git checkouts -> one struct submission a student.
 *
 *   submission.c    the kinds of sources, told apart
 *   gather.c        each student's pieces, from a folder or an archive; piece.c: what they are
 *   choose.c        which of a student's files are the lab's; near.c: by names that are nearly right; beside.c: further files
 *   conclude.c      what that comes to, in words
 *   canvas_name.c   `<sortablename>[_LATE]_<userid>_<attachmentid>_<file>`
 *   moodle_name.c   `<Full name>_<id>_assignsubmission_file/<file>` and its older forms
 *   archive.c       archives, read by libarchive in a process of its own: no path of theirs is ever opened
 *   walk.c          a student's folder
 *   checkout.c      the time of a git checkout
 *   roster.c        the list of those who should be there
 *
 * Everything in a submission is a stranger's. Only regular files are read, nothing is followed, nothing blocks, and
 * what is kept is bounded. Strings are UTF-8 that can be shown: no controls, nothing that steers a terminal. Reading writes nothing.
 */
#ifndef SOCKLAB_CLASS_SUBMISSION_H
#define SOCKLAB_CLASS_SUBMISSION_H

#include "check/check.h"

/** What is known of a hand-in before it is graded. */
enum submission_state {
    SUBMISSION_HANDED_IN,      /**< to be graded; what is missing of a lab's several files is in the remark */
    SUBMISSION_WRONG_NAME,     /**< to be graded: one file can only be meant, and was taken under the right name */
    SUBMISSION_NOTHING,        /**< nothing at all was handed in: zero, without grading */
    SUBMISSION_OTHER,          /**< something, but no file that could be the lab's (a PDF, a link): a person must look */
    SUBMISSION_TWO_CANDIDATES, /**< several different files could be meant: a person must choose */
    SUBMISSION_UNREADABLE,     /**< a broken, encrypted or oversized archive or file: a person must look */
    SUBMISSION_STATES,
};

/** The word for gradebook and JSON: "handed-in", "wrong-name", "nothing", "other", "two-candidates", "unreadable". */
const char *submission_state_word(enum submission_state state);

/** Where the time of a hand-in was read. */
enum submission_clock {
    SUBMISSION_TIME_UNKNOWN, /**< zips of Canvas and Moodle tell none that can be trusted */
    SUBMISSION_TIME_FILE,    /**< the latest change of a file that was taken */
    SUBMISSION_TIME_COMMIT,  /**< the committer's date of HEAD: the student's own clock */
    SUBMISSION_TIME_ROSTER,  /**< the roster says so */
};

/** One file as it is to be graded. */
struct submission_file {
    const char *name; /**< the lab's name for it; points into the lab's table, or is `own` */
    char *own;        /**< the name of a file beyond the table (build_spec.further); NULL */
    struct buf bytes; /**< at most BUILD_FILE_LIMIT */
};

struct submission {
    char *student; /**< unique in the list and the same each time: the roster's login, else Canvas's user id, Moodle's
                        participant or the folder's name. Can be the name of a folder: no '/', not "." or "..", at most 200 bytes */
    char *name;    /**< as people call the student; never empty */
    char *lms_id;  /**< Canvas's user id, Moodle's participant number; NULL if unknown */
    char *login;   /**< from the roster; NULL */
    char *email;   /**< from the roster; NULL */
    enum submission_state state;
    char *remark;  /**< sentences about what is unusual; NULL */
    char *source;  /**< where it came from: the folder, or `class.zip: FIRST-NAME`; NULL for one only the roster names */
    int64_t handed_in; /**< seconds since the epoch; 0 unknown */
    enum submission_clock clock;
    bool late_mark;    /**< Canvas's `_LATE_` */
    bool on_roster;    /**< false also when there is no roster */
    struct submission_file *file; /**< in the order of their names; at most BUILD_SOURCES_MAX */
    size_t files;
    char hash[65]; /**< SHA-256 of names and bytes of the files, in hex; "" without files */
};

/** What kind of thing the whole was. */
enum submission_source { SUBMISSION_FOLDERS, SUBMISSION_CHECKOUTS, SUBMISSION_CANVAS, SUBMISSION_MOODLE };
const char *submission_source_word(enum submission_source source); /**< "folders", "checkouts", "canvas", "moodle" */

struct submissions {
    struct submission *item; /**< in the order of their keys */
    size_t count;
    enum submission_source source;
    char **note; /**< sentences about what belongs to no student: files that nobody's name stands before... */
    size_t notes;
};

/**
 * Reads all hand-ins of @p lab from @p path: a zip or tar of Canvas's or Moodle's, the folder that one was unpacked into, or a
 * folder with a folder (an archive, a git checkout) for each student. Blocks while it reads; deterministic. @p out needs no
 * initialisation and is to be freed in any case.
 * @return 0; -errno with a sentence in *message (caller frees) when there is nothing to be read there
 */
int submissions_read(const struct lab *lab, const char *path, struct submissions *out, char **message);

/** Is it to be graded? Of the others only SUBMISSION_NOTHING is a zero. */
bool submission_is_gradable(const struct submission *s);

/** Writes the files into @p directory, which exists and is empty. 0 or -errno. */
int submission_unpack(const struct submission *s, const char *directory);

void submissions_free(struct submissions *list);

/**
 * Says who should be there: a CSV with a header, one line a student, `,` or `;` or tab. Columns are found by their
 * names, in any case: `login`, `id`, `name`, `email`, `handed_in` (ISO 8601 with a zone) or what Canvas and Moodle call them in their
 * exports. Submissions are matched by LMS id, login or folder, e-mail address, then by a name that one student has alone; the
 * matched get login and e-mail address, and the login as their key. Who handed in nothing is added as
 * SUBMISSION_NOTHING; who is in no line of the roster stays, and a note says so.
 * @return 0; -errno with a sentence that names file and line in *message (caller frees); the list is then as it was
 */
int roster_apply(struct submissions *list, const char *path, char **message);

#endif
