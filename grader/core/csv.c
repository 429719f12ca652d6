/**
 * @file csv.c
 * A table is the file's bytes and, for each cell, where it stands in them. So what nobody changed is written as it came.
 */
#include "core/csv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MOST = 64 << 20 };

static const char byte_order_mark[] = "\xef\xbb\xbf";

/* --- reading ---------------------------------------------------------------------------------------- */

/** A table on its way. */
struct reading {
    struct csv *table;
    size_t at;
    size_t line;          /* of the file, at `at` */
    size_t rows_capacity, cells_capacity, cells;
    const char *complaint;
    size_t complaint_line;
};

static bool complain(struct reading *r, size_t line, const char *what)
{
    r->complaint = what;
    r->complaint_line = line;
    return false;
}

static bool is_at_end(const struct reading *r)
{
    return r->at == r->table->text.length;
}

static char byte_at(const struct reading *r)
{
    return r->table->text.data[r->at];
}

static size_t line_end(const char *text, size_t size, size_t at)
{
    if (at < size && text[at] == '\r')
        return at + 1 < size && text[at + 1] == '\n' ? 2 : 1;
    return at < size && text[at] == '\n';
}

static bool is_delimiter(const struct reading *r)
{
    return is_at_end(r) || byte_at(r) == r->table->separator || byte_at(r) == '\r' || byte_at(r) == '\n';
}

/** From the opening quote to behind the closing one. */
static bool skip_quoted(struct reading *r)
{
    size_t from = r->line;
    for (r->at++; !is_at_end(r); r->at++) {
        char c = byte_at(r);
        if (c == '\n' || (c == '\r' && line_end(r->table->text.data, r->table->text.length, r->at) == 1))
            r->line++;
        if (c != '"')
            continue;
        r->at++;
        if (is_delimiter(r))
            return true;
        if (byte_at(r) != '"')
            return complain(r, r->line, N_("text stands behind a closing quote"));
    }
    return complain(r, from, N_("a quote is opened here and never closed"));
}

static bool read_cell(struct reading *r, struct csv_row *row)
{
    size_t from = r->at;
    if (!is_at_end(r) && byte_at(r) == '"' && !skip_quoted(r))
        return false;
    while (!is_delimiter(r))
        r->at++;
    if (++r->cells > CSV_CELLS_MAX)
        return complain(r, r->line, N_("there are too many cells"));
    if (row->cells == r->cells_capacity) {
        r->cells_capacity = r->cells_capacity ? 2 * r->cells_capacity : 8;
        row->cell = xrealloc(row->cell, r->cells_capacity * sizeof(row->cell[0]));
    }
    row->cell[row->cells++] = (struct csv_cell){.at = from, .size = r->at - from};
    return true;
}

static bool read_row(struct reading *r)
{
    struct csv *table = r->table;
    if (table->rows == CSV_ROWS_MAX)
        return complain(r, r->line, N_("there are too many rows"));
    if (table->rows == r->rows_capacity) {
        r->rows_capacity = r->rows_capacity ? 2 * r->rows_capacity : 64;
        table->row = xrealloc(table->row, r->rows_capacity * sizeof(table->row[0]));
    }
    struct csv_row *row = &table->row[table->rows++];
    *row = (struct csv_row){.line = r->line};
    r->cells_capacity = 0;
    for (;; r->at++) { /* past a separator */
        if (!read_cell(r, row))
            return false;
        if (is_at_end(r) || byte_at(r) != table->separator)
            break;
    }
    row->tail = r->at;
    row->end = line_end(table->text.data, table->text.length, r->at);
    r->at += row->end;
    r->line++;
    return true;
}

/** Whichever the first row has most of, quoted ones apart; `,` where it has none. */
static char find_separator(const char *text, size_t size)
{
    static const char known[] = ",;\t";
    size_t count[3] = {0}, best = 0;
    bool quoted = false;
    for (size_t i = 0; i < size && (quoted || !line_end(text, size, i)); i++) {
        const char *which = strchr(known, text[i]);
        if (text[i] == '"' && (quoted || i == 0 || strchr(known, text[i - 1])))
            quoted = !quoted;
        else if (!quoted && which && *which)
            count[which - known]++;
    }
    for (size_t i = 1; i < 3; i++)
        if (count[i] > count[best])
            best = i;
    return known[best];
}

/** Text that holds one is UTF-16, or no text. */
static size_t line_of_nul(const char *text, size_t size)
{
    const char *nul = size ? memchr(text, '\0', size) : NULL;
    if (!nul)
        return 0;
    size_t line = 1;
    for (const char *at = text; at < nul; at++)
        line += *at == '\n';
    return line;
}

int csv_parse(const void *bytes, size_t size, struct csv *out, size_t *line, char **message)
{
    const char *text = bytes;
    *out = (struct csv){0};
    *message = NULL;
    out->mark = size >= 3 && memcmp(text, byte_order_mark, 3) == 0;
    if (out->mark) {
        text += 3;
        size -= 3;
    }
    if (size)
        buf_add(&out->text, text, size);
    out->separator = find_separator(text, size);
    struct reading r = {.table = out, .line = 1};
    size_t nul = line_of_nul(text, size);
    bool whole = nul == 0 || complain(&r, nul, N_("this is no text in UTF-8: save the table as \"CSV UTF-8\""));
    while (whole && !is_at_end(&r))
        whole = read_row(&r);
    if (whole)
        return 0;
    *line = r.complaint_line;
    *message = xstrdup(_(r.complaint));
    csv_free(out);
    return -EBADMSG;
}

int csv_read(const char *path, struct csv *out, char **message)
{
    struct buf file = {.limit = FILE_MOST};
    size_t line = 0;
    char *complaint = NULL;
    *out = (struct csv){0};
    *message = NULL;
    int error = file_read(path, &file);
    if (error == 0 && file.dropped)
        error = -EFBIG;
    if (error < 0)
        *message = xasprintf("%s: %s", path, strerror(-error));
    else if ((error = csv_parse(file.data, file.length, out, &line, &complaint)) < 0)
        *message = xasprintf("%s:%zu: %s", path, line, complaint);
    free(complaint);
    buf_free(&file);
    return error;
}

void csv_free(struct csv *table)
{
    for (size_t i = 0; i < table->rows; i++) {
        for (size_t k = 0; k < table->row[i].cells; k++)
            free(table->row[i].cell[k].changed);
        free(table->row[i].cell);
    }
    free(table->row);
    buf_free(&table->text);
    *table = (struct csv){0};
}

/* --- cells -------------------------------------------------------------------------------------------- */

/** The cell's bytes as they will be written. */
static const char *raw_cell(const struct csv *table, size_t row, size_t column, size_t *size)
{
    *size = 0;
    if (row >= table->rows || column >= table->row[row].cells)
        return "";
    const struct csv_cell *cell = &table->row[row].cell[column];
    if (cell->changed) {
        *size = strlen(cell->changed);
        return cell->changed;
    }
    *size = cell->size;
    return cell->size ? table->text.data + cell->at : "";
}

char *csv_get(const struct csv *table, size_t row, size_t column)
{
    size_t size;
    const char *raw = raw_cell(table, row, column, &size);
    if (size == 0 || raw[0] != '"')
        return xstrndup(raw, size);
    struct buf text = {0};
    for (size_t i = 1; i + 1 < size; i++) {
        buf_add(&text, &raw[i], 1);
        i += raw[i] == '"'; /* the second of a pair */
    }
    return buf_take(&text);
}

/** The full-width forms, which some spreadsheets take for the others (U+FF0B, FF0D, FF1D, FF20). */
static bool is_wide_sign(const char *text)
{
    static const char *const wide[] = {"\uff0b", "\uff0d", "\uff1d", "\uff20"};
    for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
        if (strncmp(text, wide[i], 3) == 0)
            return true;
    return false;
}

static bool is_number(const char *text)
{
    text += *text == '-' || *text == '+';
    size_t digits = strspn(text, "0123456789"), fraction = 0;
    text += digits;
    if (*text == '.') {
        fraction = strspn(text + 1, "0123456789");
        text += 1 + fraction;
    }
    return *text == '\0' && digits + fraction > 0;
}

/** Would a spreadsheet compute this? White space before a sign does not keep all of them from it. */
static bool is_formula(const char *text)
{
    if (*text == '\t' || *text == '\r' || *text == '\n')
        return true;
    if (is_number(text))
        return false;
    text += strspn(text, " ");
    return (*text && strchr("=+-@\t\r\n", *text)) || is_wide_sign(text);
}

char *csv_get_plain(const struct csv *table, size_t row, size_t column)
{
    static const char space[] = " \t\r\n";
    char *text = csv_get(table, row, column);
    char *from = text + (*text == '\'' && is_formula(text + 1));
    from += strspn(from, space);
    size_t size = strlen(from);
    while (size > 0 && strchr(space, from[size - 1]))
        size--;
    memmove(text, from, size);
    text[size] = '\0';
    return text;
}

static void put_cell(struct buf *out, const char *text, char separator, bool quoted)
{
    const char special[] = {'"', '\r', '\n', separator, '\0'};
    const char *mark = is_formula(text) ? "'" : "";
    /* White space at an end is kept by all readers only in quotes. */
    size_t size = strlen(text);
    bool edge = size && (text[0] == ' ' || text[size - 1] == ' ');
    if (!quoted && !edge && !*mark && !strpbrk(text, special)) {
        buf_puts(out, text);
        return;
    }
    buf_puts(out, "\"");
    buf_puts(out, mark);
    for (; *text; text++) {
        if (*text == '"')
            buf_puts(out, "\"");
        buf_add(out, text, 1);
    }
    buf_puts(out, "\"");
}

void csv_put(struct buf *out, const char *text, char separator)
{
    put_cell(out, text, separator, false);
}

void csv_put_row(struct buf *out, const char *const *cell, size_t cells)
{
    for (size_t i = 0; i < cells; i++) {
        if (i > 0)
            buf_puts(out, ",");
        csv_put(out, cell[i] ? cell[i] : "", ',');
    }
    buf_puts(out, "\r\n");
}

void csv_set(struct csv *table, size_t row, size_t column, const char *text)
{
    if (row >= table->rows)
        BUG("row %zu of %zu", row, table->rows);
    struct csv_row *r = &table->row[row];
    if (column >= r->cells) {
        r->cell = xrealloc(r->cell, (column + 1) * sizeof(r->cell[0]));
        memset(r->cell + r->cells, 0, (column + 1 - r->cells) * sizeof(r->cell[0]));
        r->cells = column + 1;
    }
    size_t size;
    bool quoted = raw_cell(table, row, column, &size)[0] == '"' && size > 0;
    /* An empty line would be no row to most readers. */
    bool alone = r->cells == 1 && !*text;
    struct buf changed = {0};
    put_cell(&changed, text, table->separator, quoted || alone);
    free(r->cell[column].changed);
    r->cell[column].changed = buf_take(&changed);
}

void csv_write(const struct csv *table, struct buf *out)
{
    if (table->mark)
        buf_puts(out, byte_order_mark);
    for (size_t i = 0; i < table->rows; i++) {
        const struct csv_row *row = &table->row[i];
        for (size_t k = 0; k < row->cells; k++) {
            size_t size;
            const char *raw = raw_cell(table, i, k, &size);
            if (k > 0)
                buf_add(out, &table->separator, 1);
            buf_add(out, raw, size);
        }
        if (row->end)
            buf_add(out, table->text.data + row->tail, row->end);
    }
}
