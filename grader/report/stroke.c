/**
 * @file stroke.c
 * What a sheet of a ladder holds. Everything is said by shape and word: colours may be grey.
 */
#include "report/ladder.h"

#include "report/markup.h"

#include <stdlib.h>
#include <string.h>

static const int lane_x[LADDER_LANES] = {LANE_LEFT, LANE_RIGHT};

/* The height at which a row's lifeline is touched: the middle of its first line. */
static int touch(const struct drawing *d, size_t row)
{
    return d->place[row].y - 4;
}

/* --- texts ------------------------------------------------------------------------------------------- */

static void put_text(struct buf *out, int lane, int y, const char *class, const char *text)
{
    int x = lane == 0 ? LANE_LEFT - TEXT_GAP : LANE_RIGHT + TEXT_GAP;

    buf_printf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\"", x, y, lane == 0 ? "end" : "start");
    if (class)
        markup_attribute(out, "class", class);
    buf_puts(out, ">");
    markup_text(out, text);
    buf_puts(out, "</text>\n");
}

/* The first line, without the spaces at its end. */
static char *first_line(const char *text, size_t cut, bool more)
{
    while (cut > 0 && text[cut - 1] == ' ')
        cut--;
    return more ? xasprintf("%.*s...", (int)cut, text) : xstrndup(text, cut);
}

static int put_words(struct buf *out, const struct ladder_row *row, int y)
{
    char *words = ladder_words(row);
    const char *rest = words;

    for (int line = 0; *rest && line < LINES_MAX; line++, y += LINE_HEIGHT) {
        bool last = line == LINES_MAX - 1;
        size_t cut = ladder_cut(rest, TEXT_COLUMNS, true);
        bool more = last && rest[cut];
        if (more)
            cut = ladder_cut(rest, TEXT_COLUMNS - 3, false);
        char *text = first_line(rest, cut, more);
        put_text(out, row->lane, y, row->kind == LADDER_CALL ? NULL : "more", text);
        free(text);
        rest += cut;
        rest += strspn(rest, " ");
    }
    free(words);
    return y;
}

/* "line 42  n = read(...)" in small letters. */
static int put_place(struct buf *out, const struct ladder_row *row, bool several, int y)
{
    if (!row->file && !row->source)
        return y;
    struct buf text = {0};
    if (several && row->file && row->line > 0)
        buf_printf(&text, "%s:%d", row->file, row->line);
    else if (row->line > 0)
        buf_printf(&text, _("line %d"), row->line);
    else if (row->file)
        buf_puts(&text, row->file);
    if (row->source)
        buf_printf(&text, "%s%s", text.length ? "  " : "", row->source + strspn(row->source, " "));
    size_t cut = ladder_cut(buf_text(&text), CODE_COLUMNS, false);
    bool more = buf_text(&text)[cut];
    if (more)
        cut = ladder_cut(buf_text(&text), CODE_COLUMNS - 3, false);
    char *line = first_line(buf_text(&text), cut, more);
    put_text(out, row->lane, y, "code", line);
    free(line);
    buf_free(&text);
    return y + LINE_HEIGHT;
}

/* --- shapes -------------------------------------------------------------------------------------------- */

static void put_line(struct buf *out, int x1, int y1, int x2, int y2, const char *class)
{
    buf_printf(out, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" class=\"%s\"/>\n", x1, y1, x2, y2, class);
}

/* Where a call was entered and where it returned, or that it did not. */
static void put_bar(struct buf *out, const struct drawing *d, size_t at)
{
    const struct ladder_row *row = &d->ladder->row[at];
    int x = lane_x[row->lane] - 4;

    if (row->since != LADDER_NOWHERE) {
        int from = touch(d, (size_t)row->since);
        buf_printf(out, "<rect x=\"%d\" y=\"%d\" width=\"8\" height=\"%d\" class=\"bar\"/>\n", x, from, touch(d, at) - from);
    }
    if (row->waits) {
        int from = touch(d, at), end = d->life;
        buf_printf(out, "<rect x=\"%d\" y=\"%d\" width=\"8\" height=\"%d\" class=\"waits\"/>\n", x, from,
                   end > from + 12 ? end - from : 12);
    }
}

/* A tip at (x, y) of what goes right (1) or left (-1). */
static void put_tip(struct buf *out, int x, int y, int direction)
{
    buf_printf(out, "<path d=\"M%d %d l%d -4 v8 z\" class=\"head\"/>\n", x, y, -9 * direction);
}

static void put_load(struct buf *out, const struct ladder_row *row, int y)
{
    int x = row->lane == 0 ? LANE_LEFT + 12 : LANE_RIGHT - 12;
    char *load = ladder_load(row);

    buf_printf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\" class=\"load\">", x, y - 5, row->lane == 0 ? "start" : "end");
    markup_text(out, load);
    buf_puts(out, "</text>\n");
    free(load);
}

/* Solid to where it was taken; broken, with an open end, if nobody took it. */
static void put_arrow(struct buf *out, const struct drawing *d, size_t at)
{
    const struct ladder_row *row = &d->ladder->row[at];
    int direction = row->lane == 0 ? 1 : -1;
    int x1 = lane_x[row->lane] + 5 * direction, y1 = touch(d, at);
    int x2 = lane_x[1 - row->lane] - 5 * direction;

    if (row->travel == TRAVEL_NOTHING)
        return;
    if (row->to == LADDER_NOWHERE) {
        x2 -= 24 * direction;
        put_line(out, x1, y1, x2, y1, "arrow lost");
        buf_printf(out, "<circle cx=\"%d\" cy=\"%d\" r=\"4\" class=\"open\"/>\n", x2, y1);
        return;
    }
    int y2 = touch(d, (size_t)row->to);
    put_line(out, x1, y1, x2 - 4 * direction, y2, "arrow");
    put_tip(out, x2, y2, direction);
}

/* --- a sheet --------------------------------------------------------------------------------------------- */

static void put_across(struct buf *out, const struct drawing *d, size_t at)
{
    const struct ladder_row *row = &d->ladder->row[at];
    const char *rest = row->text;
    bool single = !d->ladder->lane[0] || !d->ladder->lane[1];
    int x = !single ? (LANE_LEFT + LANE_RIGHT) / 2 : d->ladder->lane[0] ? LANE_LEFT - TEXT_GAP : LANE_RIGHT + TEXT_GAP;
    const char *anchor = !single ? "middle" : d->ladder->lane[0] ? "end" : "start";
    int columns = single ? TEXT_COLUMNS : 2 * TEXT_COLUMNS;
    int y = d->place[at].y + ROW_GAP / 2;

    if (!single)
        buf_printf(out, "<rect x=\"4\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"5\" class=\"across\"/>\n", y - LINE_HEIGHT,
                   DRAWING_WIDTH - 8, d->place[at].lines * LINE_HEIGHT + 10);
    for (int line = 0; *rest && line < LINES_MAX; line++, y += LINE_HEIGHT) {
        size_t cut = ladder_cut(rest, columns, true);
        char *text = first_line(rest, cut, false);
        buf_printf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\" class=\"%s\">", x, y, anchor,
                   row->kind == LADDER_STOP ? "stuck" : "more");
        markup_text(out, text);
        buf_puts(out, "</text>\n");
        free(text);
        rest += cut;
    }
}

static void put_row(struct buf *out, const struct drawing *d, size_t at)
{
    const struct ladder_row *row = &d->ladder->row[at];
    const char *tag = ladder_tag(d->ladder, row);
    bool made = row->injected;

    if (row->kind == LADDER_GAP || row->kind == LADDER_STOP) {
        put_across(out, d, at);
        return;
    }
    buf_printf(out, made ? "<path d=\"M%d %d l6 6 -6 6 -6 -6 z\" class=\"made\"/>\n"
                         : "<circle cx=\"%d\" cy=\"%d\" r=\"3.5\" class=\"dot\"/>\n",
               lane_x[row->lane], touch(d, at) - (made ? 6 : 0));
    int y = put_words(out, row, d->place[at].y);
    y = put_place(out, row, d->several, y);
    if (tag)
        put_text(out, row->lane, y, row->waits ? "stuck" : "tag", tag);
    if (row->travel != TRAVEL_NOTHING)
        put_load(out, row, touch(d, at));
}

static void put_names(struct buf *out, const struct drawing *d)
{
    for (int lane = 0; lane < LADDER_LANES; lane++) {
        const char *name = d->ladder->lane[lane];
        if (!name)
            continue;
        size_t cut = ladder_cut(name, NAME_COLUMNS, false);
        char *shown = first_line(name, cut, name[cut]);
        char *text = d->ladder->student[lane] ? xasprintf(_("%s (yours)"), shown) : xstrdup(shown);
        put_text(out, lane, -LINE_HEIGHT, "name", text);
        free(text);
        free(shown);
    }
}

/* What begins or ends on another sheet is drawn on both, and each shows its part: the drawing clips at its border. */
static bool touches(size_t from, size_t to, size_t first, size_t end)
{
    return from < end && to >= first;
}

void ladder_sheet(struct buf *out, const struct drawing *d, size_t first, size_t end)
{
    const struct ladder *l = d->ladder;

    for (int lane = 0; lane < LADDER_LANES; lane++) {
        if (l->lane[lane])
            put_line(out, lane_x[lane], -LINE_HEIGHT - 4, lane_x[lane], d->life, "life");
    }
    for (size_t i = 0; i < l->rows; i++) {
        const struct ladder_row *row = &l->row[i];
        size_t since = row->since == LADDER_NOWHERE ? i : (size_t)row->since;
        if (touches(since, row->waits ? l->rows : i, first, end))
            put_bar(out, d, i);
        if (touches(i, row->to == LADDER_NOWHERE ? i : (size_t)row->to, first, end))
            put_arrow(out, d, i);
    }
    if (first == 0)
        put_names(out, d);
    for (size_t i = first; i < end; i++)
        put_row(out, d, i);
}
