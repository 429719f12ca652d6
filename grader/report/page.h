/**
 * @file page.h
 * A page of text: colours, columns, wrapping. Inside grader/report only.
 */
#ifndef SOCKLAB_REPORT_PAGE_H
#define SOCKLAB_REPORT_PAGE_H

#include "report/report.h"

enum tint { TINT_NONE, TINT_STRONG, TINT_DIM, TINT_GOOD, TINT_BAD, TINT_WARN, TINT_PLACE };

struct page {
    struct buf *out;
    bool color;
    int width;  /**< columns */
    int column; /**< of what comes next, from 0 */
};

struct page page_make(struct buf *out, const struct report_style *style);

/** Columns that @p text takes once it has been made harmless (as every page_ function does). */
int page_columns(const char *text);
/** Text as it is, on this line; newlines in it become spaces. */
void page_put(struct page *p, enum tint tint, const char *text);
/** As page_put(), but no further than column @p end: what does not fit is cut, with "...". */
void page_clip(struct page *p, enum tint tint, int end, const char *text);
/** Fills with @p filler up to column @p column. */
void page_pad(struct page *p, char filler, int column);
/** Ends the line if it holds anything. */
void page_line(struct page *p);
/** Ends the line, then leaves one empty line. */
void page_gap(struct page *p);
/**
 * Words from here on, continued on further lines from column @p indent; a word longer than a line
 * is broken between letters. Ends the line.
 */
void page_wrap(struct page *p, enum tint tint, int indent, const char *text);
/** Lines in what was rendered so far. */
int page_lines(const struct buf *out);

#endif
