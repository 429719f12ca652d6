/**
 * @file ladder.h
 * A conversation drawn as SVG, and the same as a table for whoever cannot see it. Inside grader/report only.
 *
 *   ladder.c  from rows to a drawing: where each stands, on how many sheets; the table
 *   stroke.c  what a sheet holds: lifelines, rows, bars, arrows
 */
#ifndef SOCKLAB_REPORT_LADDER_H
#define SOCKLAB_REPORT_LADDER_H

#include "core/ladder.h"

/** The figure with its sheets. @p id: unique in the page, letters, digits and hyphens. Nothing if there are no rows. */
void ladder_figure(struct buf *out, const struct ladder *l, const char *id);
/** Rows as a table with the same content. */
void ladder_table(struct buf *out, const struct ladder *l);

/* --- between the two files ---------------------------------------------------------------------------- */

/** Measures of the drawing, in its own units; monospaced letters are LETTER wide at the most. */
enum {
    DRAWING_WIDTH = 820,
    LANE_LEFT = 318,   /**< x of the left lifeline; its texts end beside it */
    LANE_RIGHT = 502,  /**< x of the right one; its texts begin beside it */
    TEXT_GAP = 14,
    TEXT_COLUMNS = 41, /**< of a row's text beside its lifeline */
    NAME_COLUMNS = 24, /**< of a lane's name, in larger letters */
    CODE_COLUMNS = 44, /**< of the source line below it, in smaller letters */
    LINES_MAX = 4,     /**< lines that a row's text may take */
    LINE_HEIGHT = 16,
    ROW_GAP = 14,
    SHEET_HEIGHT = 430, /**< two fit on a page of A4: a sheet that does not goes to the next */
};

/** Where a row stands. */
struct row_place {
    int y;      /**< of its first line */
    int height;
    int lines;  /**< of text */
};

struct drawing {
    const struct ladder *ladder;
    struct row_place place[LADDER_ROWS];
    bool several; /**< rows come from more than one source file */
    int height; /**< of the whole, without the heading that each sheet has */
    int life;   /**< y at which the lifelines end */
};

/** How many bytes of @p text fit into so many columns; @p words: broken at a space where there is one in the second half. */
size_t ladder_cut(const char *text, int columns, bool words);
/** What stands first in a row: who acts, where the lane has several. Caller frees. */
char *ladder_words(const struct ladder_row *row);
/** What is remarkable about a row, as a word; NULL: nothing. */
const char *ladder_tag(const struct ladder *l, const struct ladder_row *row);
/** What travels, and what became of it: "13 bytes, never read". Caller frees; NULL: nothing travels. */
char *ladder_load(const struct ladder_row *row);
/** One sheet: rows @p first to @p end - 1, with what crosses its borders cut there. */
void ladder_sheet(struct buf *out, const struct drawing *d, size_t first, size_t end);

#endif
