/**
 * @file similarity_page.c
 * Pairs that are alike, as a page with both places side by side, and as a table.
 */
#include "class/similarity.h"
#include "core/csv.h"

#include <stdlib.h>
#include <string.h>

enum { PAIRS_SHOWN = 200, RUNS_SHOWN = 12, LINES_SHOWN = 60 };

static const char head[] =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    "<style>\n"
    ":root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }\n"
    "body { max-width: 75rem; margin: 0 auto; padding: 1rem; }\n"
    "table { border-collapse: collapse; } th, td { text-align: left; padding: .25rem .75rem .25rem 0; vertical-align: top; }\n"
    "td.number { text-align: right; font-variant-numeric: tabular-nums; }\n"
    "section { border-top: 1px solid; margin-top: 2rem; }\n"
    ".both { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; }\n"
    ".both > div { min-width: 0; } h3 { font-size: 1rem; margin: 1rem 0 .25rem; }\n"
    "pre { overflow-x: auto; border: 1px solid; padding: .5rem; margin: 0; font-size: .8rem; line-height: 1.35; }\n"
    "td, h1, h2, h3 { overflow-wrap: anywhere; }\n"
    /* A row of five does not fit a telephone: there it is five lines, which need no heading. */
    "@media screen and (max-width: 45rem) { .both { grid-template-columns: 1fr; } table, tbody, tr, td { display: block; }\n"
    "  thead { display: none; } tr { margin: 1rem 0; } td, td.number { padding: 0; text-align: left; } td.number::after { content: \" %\"; } }\n"
    "@media print { pre { white-space: pre-wrap; overflow-wrap: anywhere; } .both { break-inside: avoid; } @page { size: A4; margin: 15mm; } }\n"
    "</style>\n";

/* Text that a stranger wrote: nothing of it is markup, and nothing steers anything. */
static void put_text(struct buf *out, const char *text, size_t size)
{
    struct buf plain = {0};

    buf_plain(&plain, text, size);
    for (const char *c = buf_text(&plain); *c; c++) {
        switch (*c) {
        case '&': buf_puts(out, "&amp;"); break;
        case '<': buf_puts(out, "&lt;"); break;
        case '>': buf_puts(out, "&gt;"); break;
        case '"': buf_puts(out, "&quot;"); break;
        case '\'': buf_puts(out, "&#39;"); break;
        default: buf_add(out, c, 1);
        }
    }
    buf_free(&plain);
}

static void put_string(struct buf *out, const char *text)
{
    put_text(out, text, strlen(text));
}

static const struct submission *student_of(const struct submissions *list, const struct similar_pair *pair, size_t side)
{
    return &list->item[pair->student[side]];
}

static void put_student(struct buf *out, const struct submission *s)
{
    put_string(out, s->name);
    if (strcmp(s->name, s->student) != 0) {
        buf_puts(out, " (");
        put_string(out, s->student);
        buf_puts(out, ")");
    }
}

/* --- both places ------------------------------------------------------------------------------------------- */

/* Some lines of a file, with their numbers. */
static void put_lines(struct buf *out, const struct buf *bytes, int first, int last)
{
    const char *at = buf_text(bytes), *end = at + bytes->length;

    for (int line = 1; at < end && line <= last; line++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *stop = newline ? newline : end;
        if (line >= first + LINES_SHOWN) {
            buf_printf(out, "... %d ", last - line + 1);
            put_string(out, _("more lines"));
            buf_puts(out, "\n");
            return;
        }
        if (line >= first) {
            size_t length = (size_t)(stop - at);
            buf_printf(out, "%4d  ", line);
            put_text(out, at, length > 0 && at[length - 1] == '\r' ? length - 1 : length);
            buf_puts(out, "\n");
        }
        at = newline ? newline + 1 : end;
    }
}

static void put_side(struct buf *out, const struct submission *s, const struct similar_run *run, size_t side, size_t pair, size_t index)
{
    buf_printf(out, "<div><h3 id=\"pair-%zu-run-%zu-%s\">", pair, index, side == 0 ? "left" : "right");
    put_student(out, s);
    buf_puts(out, ": ");
    put_string(out, run->file[side]);
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
            put_string(out, pair->run[i].file[side]);
            buf_printf(out, ":%d</a>", pair->run[i].first[side]);
        }
        buf_puts(out, "</td>");
    }
}

static void put_list(struct buf *out, const struct similarity *s, const struct submissions *list)
{
    buf_printf(out, "<table>\n<thead><tr><th scope=\"col\">%%</th><th scope=\"col\">%s</th><th scope=\"col\">%s</th>"
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
    buf_puts(out, head);
    buf_printf(out, "<title>%s: %s</title></head>\n<body><h1>%s: %s</h1>\n<p>", lab->id, _("alike"), lab->id, _("hand-ins that are alike"));
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
    buf_puts(out, "</body></html>\n");
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
