/**
 * @file all.c
 * Several grades in one report. As text one after the other, and in the end a table: a terminal leaves the eye where it
 * sees which lab to go on with.
 */
#include "report/page.h"
#include "report/render.h"

#include <stdlib.h>
#include <string.h>

/* What all rows of the table share. */
struct columns {
    int lab;    /* of the widest name */
    int points; /* of the widest "100/100" */
};

/* The first check that took points, by how sure it is that it was the program's fault; NULL: none did. */
static const struct check_result *first_to_see(const struct grade *g)
{
    static const enum check_status order[] = {CHECK_FAIL, CHECK_ERROR, CHECK_SKIP};

    for (size_t k = 0; k < sizeof order / sizeof order[0]; k++)
        for (size_t i = 0; i < g->checks; i++)
            if (g->check[i].status == order[k])
                return &g->check[i];
    return NULL;
}

/* What stands beside a lab's points. Caller frees. */
static char *first_words(const struct grade *g)
{
    const struct check_result *r = first_to_see(g);

    if (!r)
        return xstrdup(g->checks == 0 && g->notes ? g->note[0] : "");
    if (r->status == CHECK_ERROR)
        return xasprintf(_("%s: the grader had trouble"), r->id);
    return xasprintf("%s: %s", r->id, _(r->title));
}

static void put_row(struct page *p, const struct columns *c, const char *lab, const char *points, const char *words,
                    enum tint tint)
{
    page_put(p, tint, lab);
    page_pad(p, ' ', c->lab + 2 + c->points - page_columns(points));
    page_put(p, tint, points);
    if (*words) {
        page_pad(p, ' ', c->lab + 2 + c->points + 2);
        page_clip(p, TINT_NONE, p->width, words);
    }
    page_line(p);
}

static void put_grade(struct page *p, const struct columns *c, const struct grade *g)
{
    bool full = g->complete && g->score == g->max;
    char *points = xasprintf("%d/%d", g->score, g->max), *words = first_words(g);

    put_row(p, c, g->lab, points, words, full ? TINT_GOOD : TINT_NONE);
    free(points);
    free(words);
}

static void put_sum(struct page *p, const struct columns *c, const struct grade *g, size_t count)
{
    int score = 0, max = 0;
    size_t full = 0;

    for (size_t i = 0; i < count; i++) {
        score += g[i].score;
        max += g[i].max;
        full += g[i].complete && g[i].score == g[i].max;
    }
    char *points = xasprintf("%d/%d", score, max);
    char *words = xasprintf(_("%zu of %zu labs with full marks"), full, count);
    put_row(p, c, _("all"), points, words, TINT_STRONG);
    free(points);
    free(words);
}

static void put_table(struct page *p, const struct grade *g, size_t count)
{
    struct columns c = {.lab = page_columns(_("lab")), .points = page_columns(_("points"))};
    int max = 0;

    for (size_t i = 0; i < count; i++) {
        int columns = page_columns(g[i].lab);
        c.lab = columns > c.lab ? columns : c.lab;
        max += g[i].max;
    }
    int columns = snprintf(NULL, 0, "%d/%d", max, max);
    c.points = columns > c.points ? columns : c.points;
    put_row(p, &c, _("lab"), _("points"), _("look first at"), TINT_DIM);
    for (size_t i = 0; i < count; i++)
        put_grade(p, &c, &g[i]);
    put_sum(p, &c, g, count);
}

static void render_all_text(struct buf *out, const struct grade *g, size_t count, const struct report_style *style)
{
    struct page page = page_make(out, style);

    for (size_t i = 0; i < count; i++) {
        if (g[i].checks == 0)
            continue; /* the table says why */
        render_text(out, &g[i], style);
        page_gap(&page);
    }
    put_table(&page, g, count);
}

bool report_knows_all(enum report_format format)
{
    return format == REPORT_TEXT || format == REPORT_JSON;
}

void report_render_all(struct buf *out, const struct grade *g, size_t count, enum report_format format,
                       const struct report_style *style)
{
    if (!report_knows_all(format))
        BUG("format %d is for one grade", (int)format);
    if (format == REPORT_JSON)
        render_all_json(out, g, count);
    else
        render_all_text(out, g, count, style);
}
