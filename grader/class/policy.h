/**
 * @file policy.h
 * From a grade to a mark: the course's points, what being late costs, and why, in words. Pure: no file, no clock; the
 * same arguments give the same mark.
 *
 * Points are counted in hundredths (7250 is 72.5), halves rounded up, so that a percentage is exact.
 */
#ifndef SOCKLAB_POLICY_H
#define SOCKLAB_POLICY_H

#include "class/course.h"

enum mark_state {
    MARK_COUNTS,  /**< `value` is the mark */
    MARK_PERSON,  /**< somebody must look: no mark is written, `reason` says why */
    MARK_PENDING, /**< nothing handed in, and it is not due yet */
};

/** One check in a mark. */
struct mark_check {
    const char *id; /**< the lab's */
    enum check_status status;
    int64_t earned, max; /**< hundredths, in the course's points */
    bool hidden;         /**< not for the student's eyes at the time of the mark */
};

struct mark {
    enum mark_state state;
    int64_t earned; /**< hundredths of a point for the checks, scaled to the course's out_of */
    int64_t value;  /**< ... less what being late costs; 0 unless MARK_COUNTS */
    int64_t max;
    int64_t late;   /**< seconds after the due time; 0: in time, or not known */
    int percent;    /**< taken off for that, 0 to 100 */
    char *reason;   /**< sentences for the student; never NULL; says nothing of hidden checks that could be counted back */
    size_t hidden;  /**< checks that the student does not see yet: until then no sum is for the student's eyes either */
    struct mark_check *check; /**< as many as the lab has; all of status CHECK_SKIP without a grade */
    size_t checks;
};

/** What was handed in, and what came of it. */
struct hand_in {
    const char *student, *lms_id, *login; /**< for extensions; each may be NULL */
    const struct grade *grade; /**< NULL: not graded */
    const char *trouble;       /**< why not, a sentence ("two files could be hello_server.c"); NULL with no grade: nothing came */
    int64_t handed_in;         /**< s since the epoch; 0: not known */
    bool late_mark;            /**< the platform says "late" */
};

/**
 * The mark of one hand-in. @p now (s since the epoch) decides whether what did not come is missing yet, and what is
 * hidden. An incomplete grade, a check that counts and was not run although the program builds, a hand-in that could
 * not be graded, and a late one of unknown time are for a person: never a zero.
 */
void policy_mark(const struct course *c, const struct hand_in *h, int64_t now, struct mark *out);
void mark_free(struct mark *m);
/** "72.5", "100", "0": without needless zeros. @p size 24 is enough. */
const char *mark_text(int64_t hundredths, char *buffer, size_t size);

/**
 * What of a grade a student may see at @p now: @p out is a view with the other checks left out and the points of those
 * left summed; it owns its `check` array only (free it with policy_view_free), the rest is @p g's. Returns how many
 * checks were left out. Points in it are the course's, not scaled.
 */
size_t policy_view(const struct course *c, const struct hand_in *h, int64_t now, const struct grade *g,
                   struct grade *out);
void policy_view_free(struct grade *view);

/** When this student's hand-in is due: the course's time or an extension. */
int64_t policy_due(const struct course *c, const struct hand_in *h);

#endif
