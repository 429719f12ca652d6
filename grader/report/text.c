/**
 * @file text.c
 * A grade for a person: every check in a line, then each one that was not passed explained, then the
 * score. What a student looks for is at the end, where a terminal leaves the eye.
 */
#include "report/page.h"
#include "report/render.h"
#include "report/story.h"

#include <stdlib.h>
#include <string.h>

enum {
    SCREEN = 24,    /* lines that a grade without failures may take */
    TITLE_MIN = 24, /* columns below which a title is not worth showing */
};

static const struct {
    const char *word;
    enum tint tint;
} marks[] = {
    [CHECK_PASS] = {N_("pass"), TINT_GOOD},
    [CHECK_FAIL] = {N_("FAIL"), TINT_BAD},
    [CHECK_SKIP] = {N_("skip"), TINT_WARN},
    [CHECK_ERROR] = {N_("????"), TINT_WARN},
};
enum { MARKS = sizeof marks / sizeof marks[0] };

/* What all parts of one text share. */
struct layout {
    const struct grade *grade;
    const struct report_style *style;
    int mark;                      /* columns of the widest mark */
    int id;                        /* columns of the longest id */
    int points;                    /* columns of the widest "10/10", and the spaces before it */
    size_t count[CHECK_ERROR + 1]; /* checks by their status */
};

static struct layout measure(const struct grade *g, const struct report_style *style)
{
    struct layout l = {.grade = g, .style = style};

    for (size_t i = 0; i < MARKS; i++) {
        int columns = page_columns(_(marks[i].word));
        l.mark = columns > l.mark ? columns : l.mark;
    }
    for (size_t i = 0; i < g->checks; i++) {
        int columns = page_columns(g->check[i].id);
        l.id = columns > l.id ? columns : l.id;
        columns = snprintf(NULL, 0, "  %d/%d", g->check[i].points, g->check[i].max);
        l.points = columns > l.points ? columns : l.points;
        l.count[g->check[i].status]++;
    }
    return l;
}

/* "10/10"; empty for a check that is worth nothing by itself. Caller frees. */
static char *points_text(const struct check_result *r)
{
    return r->max ? xasprintf("%d/%d", r->points, r->max) : xstrdup("");
}

static void put_points(struct page *p, const struct check_result *r)
{
    char *text = points_text(r);

    if (*text) {
        page_pad(p, ' ', p->width - (int)strlen(text));
        page_put(p, r->points == r->max ? TINT_NONE : TINT_STRONG, text);
    }
    free(text);
}

static void put_mark(struct page *p, const struct layout *l, const struct check_result *r)
{
    int column = p->column + l->mark;

    page_put(p, marks[r->status].tint, _(marks[r->status].word));
    page_pad(p, ' ', column);
}

static void put_row(struct page *p, const struct layout *l, const struct check_result *r)
{
    page_pad(p, ' ', 2);
    put_mark(p, l, r);
    page_pad(p, ' ', p->column + 2);
    int title = p->column + l->id + 2;
    page_put(p, r->status == CHECK_PASS ? TINT_NONE : TINT_STRONG, r->id);
    if (p->width - l->points - title >= TITLE_MIN) {
        page_pad(p, ' ', title);
        page_clip(p, r->status == CHECK_PASS ? TINT_NONE : TINT_STRONG, p->width - l->points,
                  _(r->title));
    }
    put_points(p, r);
    page_line(p);
}

/* Without titles, several in a line: for a lab with more checks than a screen has lines. */
static void put_columns(struct page *p, const struct layout *l)
{
    int cell = 2 + l->mark + 2 + l->id;
    int across = p->width / cell;

    for (size_t i = 0; i < l->grade->checks; i++) {
        int at = (int)(i % (size_t)across) * cell;
        if (at == 0)
            page_line(p);
        page_pad(p, ' ', at + 2);
        put_mark(p, l, &l->grade->check[i]);
        page_pad(p, ' ', p->column + 2);
        page_put(p, TINT_NONE, l->grade->check[i].id);
    }
    page_line(p);
}

/* The lab at the left, the folder at the right if both fit into one line. */
static void put_header(struct page *p, const struct grade *g)
{
    const char *directory = g->directory ? g->directory : "";

    page_put(p, TINT_STRONG, g->lab);
    if (g->title) {
        page_put(p, TINT_STRONG, ": ");
        page_clip(p, TINT_STRONG, p->width, _(g->title));
    }
    int start = p->width - page_columns(directory);
    if (start > p->column + 1)
        page_pad(p, ' ', *directory ? start : 0);
    else
        page_line(p);
    page_wrap(p, TINT_DIM, 0, directory);
    page_gap(p);
}

/* "FAIL  greets (stuck) ---------------- 0/10": where an explanation begins. */
static void put_heading(struct page *p, const struct layout *l, const struct check_result *r)
{
    const char *kind = story_kind(r->finding.verdict);
    char *points = points_text(r);

    put_mark(p, l, r);
    page_pad(p, ' ', p->column + 2);
    page_put(p, TINT_STRONG, r->id);
    if (kind) {
        page_put(p, TINT_NONE, " (");
        page_put(p, TINT_NONE, kind);
        page_put(p, TINT_NONE, ")");
    }
    int end = *points ? p->width - (int)strlen(points) - 1 : p->width;
    page_put(p, TINT_NONE, " ");
    page_pad(p, '-', end);
    page_put(p, TINT_NONE, *points ? " " : "");
    page_put(p, TINT_STRONG, points);
    page_line(p);
    free(points);
}

static void put_same(struct page *p, const struct check_result *r,
                     const struct check_result *earlier)
{
    char *text =
        xasprintf(_("The same happened as in %s above: %s"), earlier->id, r->finding.message);

    page_pad(p, ' ', 2);
    page_wrap(p, TINT_DIM, 2, _(r->title));
    page_gap(p);
    page_pad(p, ' ', 2);
    page_wrap(p, TINT_NONE, 2, text);
    if (r->replay) {
        page_gap(p);
        page_pad(p, ' ', 2);
        page_put(p, TINT_DIM, _("again"));
        page_put(p, TINT_NONE, "  ");
        page_put(p, TINT_STRONG, r->replay);
        page_line(p);
    }
    free(text);
}

static void put_explanations(struct page *p, const struct layout *l)
{
    for (size_t i = 0; i < l->grade->checks; i++) {
        const struct check_result *r = &l->grade->check[i];
        if (!story_told(r))
            continue;
        const struct check_result *earlier = story_same(l->grade, i);
        page_gap(p);
        put_heading(p, l, r);
        if (earlier)
            put_same(p, r, earlier);
        else
            render_detail(p->out, r, l->style);
    }
}

static void put_list(struct page *p, enum tint tint, const char *title, char *const *line,
                     size_t count)
{
    page_gap(p);
    page_wrap(p, tint, 0, title);
    for (size_t i = 0; i < count; i++) {
        page_put(p, TINT_NONE, "  - ");
        page_wrap(p, TINT_NONE, 4, line[i]);
    }
}

/* "85/100  17 passed, 1 failed, 1 not graded; seed 1, 0.31 s" */
static void put_score(struct page *p, const struct layout *l)
{
    const struct grade *g = l->grade;
    bool full = g->complete && g->score == g->max && l->count[CHECK_PASS] == g->checks;
    char *score = xasprintf("%d/%d", g->score, g->max);
    char *counts = story_counts(g);

    page_gap(p);
    page_put(p, full ? TINT_GOOD : TINT_STRONG, score);
    page_put(p, TINT_NONE, "  ");
    page_wrap(p, TINT_NONE, 0, counts);
    free(counts);
    free(score);
}

/* Why checks were not run: each reason once, with all whom it concerns. */
static void put_skipped(struct page *p, const struct grade *g)
{
    for (size_t i = 0; i < g->checks; i++) {
        char *text = story_skipped(g, i);
        if (!text)
            continue;
        page_gap(p);
        page_wrap(p, TINT_NONE, 0, text);
        free(text);
    }
}

static void put_incomplete(struct page *p, const struct grade *g)
{
    char *text = story_incomplete(g);

    page_gap(p);
    page_wrap(p, TINT_WARN, 0, text);
    free(text);
}

static void put_sandbox(struct page *p, const struct grade *g)
{
    char *title = story_sandbox(g);

    if (title)
        put_list(p, TINT_WARN, title, g->missing, g->missing_count);
    free(title);
}

static void put_footer(struct page *p, const struct layout *l)
{
    const struct grade *g = l->grade;

    put_skipped(p, g);
    if (g->notes)
        put_list(p, TINT_NONE, _("To know:"), g->note, g->notes);
    put_sandbox(p, g);
    if (!g->complete)
        put_incomplete(p, g);
    put_score(p, l);
}

void render_text(struct buf *out, const struct grade *g, const struct report_style *style)
{
    struct layout l = measure(g, style);
    struct page page = page_make(out, style);
    struct buf end = {0};
    struct page footer = page_make(&end, style);

    put_header(&page, g);
    render_about(out, style);
    put_footer(&footer, &l);
    bool fits = page_lines(out) + (int)g->checks + 1 + page_lines(&end) <= SCREEN;
    if (l.count[CHECK_PASS] == g->checks && !fits) {
        put_columns(&page, &l);
    } else {
        for (size_t i = 0; i < g->checks; i++)
            put_row(&page, &l, &g->check[i]);
    }
    put_explanations(&page, &l);
    page_gap(&page);
    buf_add(out, buf_text(&end), end.length);
    buf_free(&end);
}
