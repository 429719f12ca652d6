/**
 * @file class_page.h
 * The page for a whole class, as one HTML file that asks for nothing elsewhere and can be read without its script:
 * distribution of the marks, each check's pass rate (the lowest first: what to teach again), the slowest and the odd ones,
 * everybody in a table that sorts and filters, pairs that are alike. A plain struct in, a page out.
 *
 *   class_page.c   the page from top to bottom
 *   class_table.c  its tables: checks, students, pairs
 *   class_chart.c  the distribution, drawn
 */
#ifndef SOCKLAB_REPORT_CLASS_PAGE_H
#define SOCKLAB_REPORT_CLASS_PAGE_H

#include "core/core.h"
#include "core/verdict.h"

/** What came of one student's hand-in. */
enum class_state {
    CLASS_GRADED,
    CLASS_NOTHING,  /**< nothing was handed in: a zero */
    CLASS_PENDING,  /**< nothing yet, and it is not due */
    CLASS_PERSON,   /**< somebody must look: two candidates, unreadable, the grader's own trouble: no mark */
    CLASS_UNGRADED, /**< not graded yet: the run was stopped */
    CLASS_STATES,
};

/** One student. Strings are borrowed from the caller; all but `student` may be NULL. */
struct class_student {
    const char *student;  /**< key: login, id, folder */
    const char *name;     /**< as shown; NULL: the key */
    enum class_state state;
    bool odd;             /**< the remark says something unusual, although there is a mark */
    const char *remark;   /**< a sentence */
    int64_t mark, max;    /**< hundredths of a point; mark < 0: there is none */
    const char *reason;   /**< sentences: how the mark came about (lateness) */
    int64_t late;         /**< seconds; 0: in time or not known */
    int64_t handed_in;    /**< s since the epoch; 0: not known */
    int64_t duration;     /**< ns that grading took; 0: not known */
    const enum check_status *status; /**< for each check of the class, in its order; NULL: not graded */
    const char *feedback; /**< address of the student's report, relative to the page; NULL: none */
};

/** One check over the class; what is counted is filled in by class_page_render(). */
struct class_check {
    const char *id;
    const char *title;
    int64_t points; /**< hundredths */
    bool hidden;    /**< students do not see it yet */
};

/** Two hand-ins that are alike. */
struct class_pair {
    size_t student[2]; /**< indexes */
    int percent;
    const char *link;  /**< address of both places, side by side; NULL: none */
};

struct class_summary {
    const char *lab;     /**< "04-accept" */
    const char *title;
    const char *course;  /**< NULL: none */
    const char *due;     /**< in words; NULL: not due */
    const char *version; /**< of the grader */
    const char *sandbox; /**< "full", "partial", "off"; "" when they differ; NULL: nothing graded */
    int64_t made;        /**< s since the epoch: the time on the page; 0: none is shown */
    uint64_t seed;
    const struct class_check *check;
    size_t checks;
    const struct class_student *student;
    size_t students;
    const struct class_pair *pair; /**< the most alike first */
    size_t pairs;
    bool compared;       /**< similarity was asked for: no pairs means that there are none */
    int threshold;       /**< percent */
    const char *const *note; /**< sentences about what belongs to no student */
    size_t notes;
};

/** Appends the whole page. Any string may hold anything: it comes out as text. */
void class_page_render(struct buf *out, const struct class_summary *s);

#endif
