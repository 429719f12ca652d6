/**
 * @file report.h
 * How a grade looks. Nothing else in the grader knows how anything looks; this folder knows
 * nothing but the verdicts (core/verdict.h).
 *
 *   report.c  which of them, and whether in colour
 *   text.c    for a person, at a terminal or in a pipe
 *   detail.c  ... how it explains one failed check
 *   json.c    for programs: the fields that DESIGN.md promises, more beside them
 *   junit.c   JUnit XML for continuous integration
 *   page.c    columns, wrapping, colours
 *   html.c    one HTML file that asks for nothing elsewhere
 *   ladder.c  ... and in it the conversation, drawn
 *   markup.c  ... and what keeps text text                        (report/markup.h)
 *   all.c     several grades: text, and JSON (json.c)
 *   stored.c  a JSON result back into a grade                     (report/stored.h)
 *   class_page.c, class_table.c, class_chart.c  a whole class     (report/class_page.h)
 */
#ifndef SOCKLAB_REPORT_H
#define SOCKLAB_REPORT_H

#include "core/core.h"
#include "core/verdict.h"

enum report_format { REPORT_TEXT, REPORT_JSON, REPORT_JUNIT, REPORT_HTML };

/** Whose report it is: above the grade in a student's feedback. Strings are borrowed and may be NULL. */
struct report_about {
    const char *student;  /**< as shown */
    const char *mark;     /**< "85.5 of 100": what counts in the end; NULL: the grade's own points */
    const char *reason;   /**< sentences: how it came about */
    const char *remark;   /**< sentences: what was unusual about the hand-in */
    size_t hidden;        /**< checks that are left out until the due date */
};

struct report_style {
    bool color;  /**< SGR sequences; decided by report_color() */
    int width;   /**< columns for wrapping, 80 where unknown */
    const struct report_about *about; /**< REPORT_TEXT, REPORT_HTML; NULL: nothing is known but the grade */
};

/** 0 and *format, or -EINVAL for an unknown name. */
int report_format_parse(const char *name, enum report_format *format);

/** Whether to colour what goes to @p fd: a terminal, TERM not dumb, NO_COLOR unset or empty. */
bool report_color(int fd);

/** Renders a whole grade; the caller writes and frees the buffer. */
void report_render(struct buf *out, const struct grade *g, enum report_format format,
                   const struct report_style *style);

/** Whether several grades can be put into one report of this format. */
bool report_knows_all(enum report_format format);
/**
 * Renders several grades; the format is one that report_knows_all(). Text: their reports, then a table, a row for each lab. JSON: an
 * array of what report_render() gives. A grade without checks, for a lab of which nothing is there, has a note that says so: it
 * is in the table and has no report.
 */
void report_render_all(struct buf *out, const struct grade *g, size_t count, enum report_format format,
                       const struct report_style *style);

#endif
