/**
 * @file similarity_page.c
 * Pairs that are alike, as a page with both places side by side, and as a table.
 */
#include "class/similarity.h"
#include "core/csv.h"
#include "report/markup.h"

#include <stdlib.h>
#include <string.h>

enum { PAIRS_SHOWN = 200, RUNS_SHOWN = 12, LINES_SHOWN = 60 };

static const struct submission *student_of(const struct submissions *list, const struct similar_pair *pair, size_t side)
{
    return &list->item[pair->student[side]];
}

static void put_student(struct buf *out, const struct submission *s)
{
    markup_text(out, s->name);
    if (strcmp(s->name, s->student) != 0) {
        buf_puts(out, " (");
        markup_text(out, s->student);
        buf_puts(out, ")");
    }
}

/* --- both places ------------------------------------------------------------------------------------------- */

static void put_line(struct buf *out, int number, const char *bytes, size_t length)
{
    struct buf line = {0};

    if (length > 0 && bytes[length - 1] == '\r')
        length--;
    buf_plain(&line, bytes, length);
    buf_printf(out, "%4d  ", number);
    markup_text(out, buf_text(&line));
    buf_puts(out, "\n");
    buf_free(&line);
}

/* Some lines of a file, with their numbers. */
static void put_lines(struct buf *out, const struct buf *bytes, int first, int last)
{
    const char *at = buf_text(bytes), *end = at + bytes->length;

    for (int line = 1; at < end && line <= last; line++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *stop = newline ? newline : end;
        if (line >= first + LINES_SHOWN) {
            buf_printf(out, "... %d ", last - line + 1);
            markup_text(out, _("more lines"));
            buf_puts(out, "\n");
            return;
        }
        if (line >= first)
            put_line(out, line, at, (size_t)(stop - at));
        at = newline ? newline + 1 : end;
    }
}

static void put_side(struct buf *out, const struct submission *s, const struct similar_run *run, size_t side, size_t pair, size_t index)
{
    buf_printf(out, "<div><h3 id=\"pair-%zu-run-%zu-%s\">", pair, index, side == 0 ? "left" : "right");
    put_student(out, s);
    buf_puts(out, ": ");
    markup_text(out, run->file[side]);
    buf_printf(out, ":%d-%d</h3>\n<pre tabindex=\"0\">", run->first[side], run->last[side]);
    for (size_t i = 0; i < s->files; i++)
        if (strcmp(s->file[i].name, run->file[side]) == 0)
            put_lines(out, &s->file[i].bytes, run->first[side], run->last[side]);
    buf_puts(out, "</pre></div>\n");
}

static void put_pair(struct buf *out, const struct similarity *s, const struct submissions *list, size_t index)
{
    const struct similar_pair *pair = &s->pair[index];

    buf_printf(out, "<section id=\"pair-%zu\"><h2>%d %%: ", index, pair->percent);
    put_student(out, student_of(list, pair, 0));
    buf_puts(out, ", ");
    put_student(out, student_of(list, pair, 1));
    buf_puts(out, "</h2>\n");
    for (size_t i = 0; i < pair->runs && i < RUNS_SHOWN; i++) {
        buf_puts(out, "<div class=\"both\">\n");
        for (size_t side = 0; side < 2; side++)
            put_side(out, student_of(list, pair, side), &pair->run[i], side, index, i);
        buf_puts(out, "</div>\n");
    }
    if (pair->runs > RUNS_SHOWN) {
        buf_puts(out, "<p>");
        buf_printf(out, _("%zu shorter ones are not shown."), pair->runs - RUNS_SHOWN);
        buf_puts(out, "</p>\n");
    }
    buf_puts(out, "</section>\n");
}

/* --- the list ------------------------------------------------------------------------------------------------- */

static void put_places(struct buf *out, const struct similar_pair *pair, size_t index)
{
    static const char *const sides[] = {"left", "right"};

    for (size_t side = 0; side < 2; side++) {
        buf_puts(out, "<td>");
        for (size_t i = 0; i < pair->runs && i < RUNS_SHOWN; i++) {
            buf_printf(out, "%s<a href=\"#pair-%zu-run-%zu-%s\">", i ? ", " : "", index, i, sides[side]);
            markup_text(out, pair->run[i].file[side]);
            buf_printf(out, ":%d</a>", pair->run[i].first[side]);
        }
        buf_puts(out, "</td>");
    }
}

static void put_list(struct buf *out, const struct similarity *s, const struct submissions *list)
{
    buf_printf(out, "<table class=\"pairs\">\n<thead><tr><th scope=\"col\">%%</th><th scope=\"col\">%s</th><th scope=\"col\">%s</th>"
                    "<th scope=\"col\">%s</th><th scope=\"col\">%s</th></tr></thead>\n<tbody>\n",
               _("student"), _("student"), _("places in the first one's"), _("places in the second one's"));
    for (size_t i = 0; i < s->pairs && i < PAIRS_SHOWN; i++) {
        buf_printf(out, "<tr><td class=\"number\"><a href=\"#pair-%zu\">%d</a></td>", i, s->pair[i].percent);
        for (size_t side = 0; side < 2; side++) {
            buf_puts(out, "<td>");
            put_student(out, student_of(list, &s->pair[i], side));
            buf_puts(out, "</td>");
        }
        put_places(out, &s->pair[i], i);
        buf_puts(out, "</tr>\n");
    }
    buf_puts(out, "</tbody></table>\n");
}

void similarity_page(const struct similarity *s, const struct submissions *list, const struct lab *lab, struct buf *out)
{
    struct buf title = {0};

    buf_printf(&title, "%s: %s", lab->id, _("hand-ins that are alike"));
    markup_begin(out, buf_text(&title), MARKUP_STILL);
    markup_element(out, "h1", NULL, buf_text(&title));
    buf_puts(out, "\n<p>");
    buf_printf(out, _("%zu hand-ins were compared. Pairs of which one has at least %d %% of its words in common with the other: %zu."),
               s->compared, s->threshold, s->pairs);
    buf_printf(out, " %s %s</p>\n", _("What everybody was given does not count, nor do names, layout and comments."),
               _("There are honest reasons for being alike: this is a place to look at, and no part of a grade."));
    if (s->pairs > 0)
        put_list(out, s, list);
    if (s->pairs > PAIRS_SHOWN) {
        buf_puts(out, "<p>");
        buf_printf(out, _("The other %zu are in similarity.csv."), s->pairs - PAIRS_SHOWN);
        buf_puts(out, "</p>\n");
    }
    for (size_t i = 0; i < s->pairs && i < PAIRS_SHOWN; i++)
        put_pair(out, s, list, i);
    markup_end(out, MARKUP_STILL);
    buf_free(&title);
}

void similarity_csv(const struct similarity *s, const struct submissions *list, struct buf *out)
{
    static const char *const headings[] = {"percent", "student 1", "student 2", "runs", "place 1", "place 2"};

    csv_put_row(out, headings, sizeof headings / sizeof headings[0]);
    for (size_t i = 0; i < s->pairs; i++) {
        const struct similar_pair *pair = &s->pair[i];
        char percent[16], runs[32], *place[2] = {NULL, NULL};
        snprintf(percent, sizeof percent, "%d", pair->percent);
        snprintf(runs, sizeof runs, "%zu", pair->runs);
        for (size_t side = 0; side < 2 && pair->runs > 0; side++)
            place[side] = xasprintf("%s:%d-%d", pair->run[0].file[side], pair->run[0].first[side], pair->run[0].last[side]);
        const char *const row[] = {percent, student_of(list, pair, 0)->student, student_of(list, pair, 1)->student, runs, place[0], place[1]};
        csv_put_row(out, row, sizeof row / sizeof row[0]);
        free(place[0]);
        free(place[1]);
    }
}
