/**
 * @file csv.h
 * Tables as spreadsheets and learning platforms write them: RFC 4180, and what they make of it (`;` or a tab between
 * cells, a byte order mark, line ends of either kind, none at the end). A table that is read, changed in a few cells and
 * written again is the same byte for byte in all the others, however they were quoted.
 *
 * Bytes are bytes: nothing here needs them to be UTF-8. A NUL is refused (such a file is UTF-16, or no table).
 */
#ifndef SOCKLAB_CSV_H
#define SOCKLAB_CSV_H

#include "core/core.h"

enum { CSV_ROWS_MAX = 200000, CSV_CELLS_MAX = 4000000 };

/** A cell as it stands in the file, quotes included. */
struct csv_cell {
    size_t at, size; /**< in csv.text */
    char *changed;   /**< what csv_set put here instead, as it will be written; NULL: untouched */
};

struct csv_row {
    struct csv_cell *cell;
    size_t cells;
    size_t tail, end; /**< the line end behind the last cell, in csv.text: where, and its 0, 1 or 2 bytes */
    size_t line; /**< the line of the file on which it begins, from 1 */
};

/** A table. Zero-initialise; read its fields, change it with csv_set() only. */
struct csv {
    struct buf text; /**< the file, byte order mark left out */
    bool mark;       /**< it had one */
    char separator;  /**< `,` `;` or tab: whichever the first row has most of */
    struct csv_row *row;
    size_t rows;     /**< an empty line is a row of one empty cell */
};

/**
 * Takes a table apart. 0; or -EBADMSG with *line (from 1) and *message (a sentence without file and line, caller
 * frees): a quote that never ends, text behind a closing quote, a NUL, more than CSV_ROWS_MAX rows. @p out is then empty.
 */
int csv_parse(const void *bytes, size_t size, struct csv *out, size_t *line, char **message);
/**
 * Reads and parses a file of at most 64 MiB. 0, or -errno with *message "FILE:LINE: ..." or "FILE: ..." (caller frees).
 */
int csv_read(const char *path, struct csv *out, char **message);
void csv_free(struct csv *table);

/** What a cell says, quotes undone; "" where the row has no such cell. Caller frees. */
char *csv_get(const struct csv *table, size_t row, size_t column);
/**
 * The same without the white space around it, and without the apostrophe that csv_put() set before a formula: for cells
 * that are compared. Caller frees.
 */
char *csv_get_plain(const struct csv *table, size_t row, size_t column);
/** Replaces a cell as csv_put() writes it, in quotes if it was; a row that is too short gets empty cells up to it. */
void csv_set(struct csv *table, size_t row, size_t column, const char *text);
/** Appends the whole table as it is to be written. */
void csv_write(const struct csv *table, struct buf *out);

/**
 * Appends one cell, quoted where the separator or the text asks for it. What a spreadsheet would take for a formula (it
 * begins with `=`, `+`, `-`, `@`, their full-width forms, a tab or a line end, and is no plain number) gets an apostrophe
 * before it.
 */
void csv_put(struct buf *out, const char *text, char separator);
/** Appends a row of cells with `,` between and CR LF behind (RFC 4180); a NULL is an empty cell. */
void csv_put_row(struct buf *out, const char *const *cell, size_t cells);

#endif
