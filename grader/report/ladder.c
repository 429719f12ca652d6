/**
 * @file ladder.c
 * A ladder's rows one below the other, in sheets that a printer can keep in one piece.
 */
#include "report/ladder.h"

#include "report/markup.h"

#include <stdlib.h>
#include <string.h>

/* --- words ------------------------------------------------------------------------------------------ */

char *ladder_words(const struct ladder_row *row)
{
    return row->who ? xasprintf("%s: %s", row->who, row->text) : xstrdup(row->text);
}

const char *ladder_tag(const struct ladder *l, const struct ladder_row *row)
{
    if (row->kind == LADDER_STOP || row->kind == LADDER_GAP)
        return NULL;
    if (row->kept)
        return _("kept by the grader");
    if (row->waits)
        return l->stuck ? _("stuck here") : _("has not returned");
    if (row->kind == LADDER_NOTE)
        return _("made by the grader");
    if (row->injected)
        return _("the grader made it so");
    return NULL;
}

char *ladder_load(const struct ladder_row *row)
{
    const char *fate = NULL;

    if (row->travel == TRAVEL_NOTHING)
        return NULL;
    if (row->to == LADDER_NOWHERE && row->travel == TRAVEL_BYTES)
        fate = _("never read");
    else if (row->to == LADDER_NOWHERE && row->travel == TRAVEL_CONNECTION)
        fate = _("never accepted");
    else if (row->to == LADDER_NOWHERE)
        fate = _("never seen");
    return fate ? xasprintf("%s, %s", row->load ? row->load : "", fate) : xstrdup(row->load ? row->load : "");
}

/* --- measures ------------------------------------------------------------------------------------------- */

size_t ladder_cut(const char *text, int columns, bool words)
{
    size_t at = 0, space = 0;
    int column = 0;

    while (text[at]) {
        uint32_t code = 0;
        size_t length = utf8_decode(text + at, strlen(text + at), &code);
        length = length ? length : 1;
        column += utf8_width(code);
        if (column > columns)
            return words && space > at / 2 ? space : at;
        at += length;
        if (code == ' ')
            space = at;
    }
    return at;
}

static int count_lines(const char *text, int columns)
{
    int lines = 0;

    for (; *text && lines < LINES_MAX; lines++) {
        size_t cut = ladder_cut(text, columns, true);
        text += cut ? cut : strlen(text);
        text += strspn(text, " ");
    }
    return lines > 0 ? lines : 1;
}

static bool is_across(const struct ladder_row *row)
{
    return row->kind == LADDER_GAP || row->kind == LADDER_STOP;
}

static bool has_several_files(const struct ladder *l)
{
    const char *first = NULL;

    for (size_t i = 0; i < l->rows; i++) {
        const char *file = l->row[i].file;
        if (file && first && strcmp(file, first) != 0)
            return true;
        first = file ? file : first;
    }
    return false;
}

static struct drawing measure(const struct ladder *l)
{
    struct drawing d = {.ladder = l, .several = has_several_files(l)};
    int y = LINE_HEIGHT;

    for (size_t i = 0; i < l->rows; i++) {
        const struct ladder_row *row = &l->row[i];
        char *words = ladder_words(row);
        int lines = count_lines(words, is_across(row) ? 2 * TEXT_COLUMNS : TEXT_COLUMNS);
        int below = (row->file || row->source ? 1 : 0) + (ladder_tag(l, row) ? 1 : 0);
        d.place[i] = (struct row_place){.y = y, .lines = lines};
        d.place[i].height = (lines + below) * LINE_HEIGHT + ROW_GAP + (is_across(row) ? ROW_GAP : 0);
        y += d.place[i].height;
        free(words);
    }
    bool stops = l->rows > 0 && l->row[l->rows - 1].kind == LADDER_STOP;
    d.height = y;
    d.life = stops ? d.place[l->rows - 1].y - LINE_HEIGHT + ROW_GAP / 2 : y - LINE_HEIGHT;
    return d;
}

/* --- the figure -------------------------------------------------------------------------------------------- */

/* The rows from `first` on that fit on one sheet, one at least. */
static size_t sheet_end(const struct drawing *d, size_t first)
{
    size_t end = first + 1;

    while (end < d->ladder->rows &&
           d->place[end].y + d->place[end].height - d->place[first].y <= SHEET_HEIGHT)
        end++;
    return end;
}

static void describe(struct buf *out, const struct ladder *l, const char *id, size_t sheet)
{
    const char *left = l->lane[0], *right = l->lane[1];
    char *title = left && right ? xasprintf(_("The conversation of %s and %s"), left, right)
                                : xasprintf(_("What %s did"), left ? left : right ? right : "");

    buf_printf(out, "<title id=\"%s-title-%zu\">", id, sheet);
    markup_text(out, title);
    buf_printf(out, "</title><desc id=\"%s-desc-%zu\">", id, sheet);
    markup_text(out, _("Time runs from top to bottom. What is drawn stands in the table below, row by row."));
    buf_puts(out, "</desc>\n");
    free(title);
}

void ladder_figure(struct buf *out, const struct ladder *l, const char *id)
{
    bool single = !l->lane[0] || !l->lane[1];
    int from = !l->lane[0] ? LANE_RIGHT - 30 : 0;
    int width = single ? DRAWING_WIDTH - LANE_RIGHT + 30 + 10 : DRAWING_WIDTH;
    struct drawing d = measure(l);
    size_t sheet = 0;

    if (l->rows == 0)
        return;
    buf_printf(out, "<figure class=\"ladder%s\">\n", single ? " single" : "");
    for (size_t first = 0, end; first < l->rows; first = end, sheet++) {
        end = sheet_end(&d, first);
        int top = d.place[first].y - LINE_HEIGHT - (first == 0 ? 2 * LINE_HEIGHT : 0);
        int bottom = d.place[end - 1].y + d.place[end - 1].height - (end < l->rows ? LINE_HEIGHT : 0);
        buf_printf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"%d %d %d %d\" role=\"img\" "
                        "aria-labelledby=\"%s-title-%zu %s-desc-%zu\">\n",
                   from, top, width, bottom - top, id, sheet, id, sheet);
        describe(out, l, id, sheet);
        ladder_sheet(out, &d, first, end);
        buf_puts(out, "</svg>\n");
    }
    buf_puts(out, "</figure>\n");
}

/* --- the table -------------------------------------------------------------------------------------------------- */

static void put_cell_of_travel(struct buf *out, const struct ladder_row *row, size_t at)
{
    char *load = ladder_load(row);

    buf_puts(out, "<td>");
    if (load)
        markup_text(out, load);
    if (load && row->to > (int)at) {
        char *where = xasprintf(_(" (taken in %d)"), row->to + 1);
        markup_text(out, where);
        free(where);
    }
    buf_puts(out, "</td>");
    free(load);
}

static void put_row(struct buf *out, const struct ladder *l, size_t at)
{
    const struct ladder_row *row = &l->row[at];
    const char *tag = ladder_tag(l, row);

    buf_printf(out, "<tr><td class=\"number\">%zu</td><td>", at + 1);
    markup_text(out, is_across(row) ? "" : row->who ? row->who : l->lane[row->lane]);
    buf_puts(out, "</td><td>");
    markup_element(out, row->kind == LADDER_CALL ? "code" : "span", NULL, row->text);
    if (row->since != LADDER_NOWHERE) {
        char *since = xasprintf(_(" (entered in %d)"), row->since + 1);
        markup_text(out, since);
        free(since);
    }
    if (tag) {
        buf_puts(out, " ");
        markup_element(out, "b", NULL, tag);
    }
    buf_puts(out, "</td><td>");
    if (row->file) {
        markup_text(out, row->file);
        if (row->line > 0)
            buf_printf(out, ":%d", row->line);
    }
    if (row->source) {
        buf_puts(out, "<br>");
        markup_element(out, "code", NULL, row->source + strspn(row->source, " "));
    }
    buf_puts(out, "</td>");
    put_cell_of_travel(out, row, at);
    buf_puts(out, "</tr>\n");
}

void ladder_table(struct buf *out, const struct ladder *l)
{
    static const char *const heading[] = {N_("#"), N_("who"), N_("does"), N_("where"), N_("what travels")};

    buf_puts(out, "<div class=\"wide\"><table>\n<thead><tr>");
    for (size_t i = 0; i < sizeof heading / sizeof heading[0]; i++) {
        buf_puts(out, "<th scope=\"col\">");
        markup_text(out, _(heading[i]));
        buf_puts(out, "</th>");
    }
    buf_puts(out, "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < l->rows; i++)
        put_row(out, l, i);
    buf_puts(out, "</tbody></table></div>\n");
}
