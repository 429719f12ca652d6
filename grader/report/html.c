/**
 * @file html.c
 * A grade as a page: every check in a table, then each one that was not passed explained, its conversation drawn. One file
 * that loads nothing and runs nothing.
 */
#include "report/ladder.h"
#include "report/markup.h"
#include "report/render.h"
#include "report/story.h"

#include <stdlib.h>
#include <string.h>

static const char *const status_name[] = {
    [CHECK_PASS] = N_("pass"),
    [CHECK_FAIL] = N_("fail"),
    [CHECK_SKIP] = N_("skip"),
    [CHECK_ERROR] = N_("not graded"),
};

/* A paragraph; nothing for no text. */
static void put_paragraph(struct buf *out, const char *class, const char *text)
{
    if (!text || !*text)
        return;
    markup_element(out, "p", class, text);
    buf_puts(out, "\n");
}

static void put_list(struct buf *out, const char *title, char *const *line, size_t count)
{
    buf_puts(out, "<div class=\"note\">");
    markup_element(out, "p", NULL, title);
    if (count > 0)
        buf_puts(out, "<ul>");
    for (size_t i = 0; i < count; i++)
        markup_element(out, "li", NULL, line[i]);
    buf_puts(out, count > 0 ? "</ul></div>\n" : "</div>\n");
}

/* --- the top ---------------------------------------------------------------------------------------- */

static void put_about(struct buf *out, const struct report_about *about)
{
    char *hidden = about && about->hidden ? story_hidden(about->hidden) : NULL;

    if (!about)
        return;
    put_paragraph(out, "message", about->student);
    if (about->mark) {
        buf_puts(out, "<p class=\"score\">");
        markup_text(out, _("Mark: "));
        markup_element(out, "b", NULL, about->mark);
        buf_puts(out, "</p>\n");
    }
    put_paragraph(out, NULL, about->reason);
    put_paragraph(out, NULL, about->remark);
    put_paragraph(out, NULL, hidden);
    free(hidden);
}

static void put_score(struct buf *out, const struct grade *g, bool large)
{
    char *counts = story_counts(g);

    /* One number is the large one: the mark, if there is one. */
    buf_printf(out, large ? "<p class=\"score\"><b>%d</b>/%d <span class=\"soft\">" : "<p>%d/%d <span class=\"soft\">", g->score,
               g->max);
    markup_text(out, counts);
    buf_puts(out, "</span></p>\n");
    free(counts);
}

static void put_top(struct buf *out, const struct grade *g, const struct report_about *about)
{
    markup_element(out, "p", "lab", g->lab);
    buf_puts(out, "\n");
    markup_element(out, "h1", NULL, g->title ? _(g->title) : g->lab);
    buf_puts(out, "\n");
    put_about(out, about);
    if (g->checks > 0)
        put_score(out, g, !about || !about->mark);
    put_paragraph(out, "soft", about ? NULL : g->directory);
}

/* --- the checks ------------------------------------------------------------------------------------------ */

static void put_name(struct buf *out, const struct check_result *r)
{
    if (!story_told(r)) {
        markup_element(out, "code", NULL, r->id);
        return;
    }
    buf_puts(out, "<a href=\"#check-");
    markup_id(out, r->id);
    buf_puts(out, "\">");
    markup_element(out, "code", NULL, r->id);
    buf_puts(out, "</a>");
}

static void put_checks(struct buf *out, const struct grade *g)
{
    buf_puts(out, "<div class=\"wide\"><table class=\"checks\">\n<thead><tr><th scope=\"col\">");
    markup_text(out, _("Result"));
    buf_puts(out, "</th><th scope=\"col\">");
    markup_text(out, _("Check"));
    buf_puts(out, "</th><th scope=\"col\" class=\"title\">");
    markup_text(out, _("What it proves"));
    buf_puts(out, "</th><th scope=\"col\" class=\"number\">");
    markup_text(out, _("Points"));
    buf_puts(out, "</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < g->checks; i++) {
        const struct check_result *r = &g->check[i];
        const char *status = check_status_word(r->status);
        char *word = xasprintf("word %s", status);
        buf_printf(out, "<tr class=\"%s\"><td>", status);
        markup_element(out, "span", word, _(status_name[r->status]));
        buf_puts(out, "</td><th scope=\"row\">");
        put_name(out, r);
        buf_puts(out, "</th><td class=\"title\">");
        markup_text(out, _(r->title));
        buf_puts(out, "</td><td class=\"number\">");
        if (r->max > 0)
            buf_printf(out, "%d/%d", r->points, r->max);
        buf_puts(out, "</td></tr>\n");
        free(word);
    }
    buf_puts(out, "</tbody></table></div>\n");
}

/* --- one check ----------------------------------------------------------------------------------------------- */

static void put_item(struct buf *out, const char *label, const char *class, const char *text)
{
    if (!text)
        return;
    markup_element(out, "dt", NULL, label);
    markup_element(out, "dd", class, text);
    buf_puts(out, "\n");
}

static void put_comparison(struct buf *out, const struct finding *f)
{
    if (!f->expected && !f->actual)
        return;
    buf_puts(out, "<dl>\n");
    put_item(out, _("expected"), "mono", f->expected);
    put_item(out, _("got"), "mono", f->actual);
    buf_puts(out, "</dl>\n");
}

static void put_place(struct buf *out, const struct place *place)
{
    buf_puts(out, "<figure class=\"place\"><figcaption>");
    markup_text(out, place->file ? place->file : _("(the line is not known)"));
    if (place->file && place->line > 0)
        buf_printf(out, ":%d", place->line);
    buf_puts(out, "</figcaption>");
    if (place->source && place->line > 0) {
        char *line = xasprintf("%d | %s", place->line, place->source + strspn(place->source, " "));
        markup_element(out, "pre", NULL, line);
        free(line);
    }
    put_paragraph(out, NULL, place->call);
    buf_puts(out, "</figure>\n");
}

static void put_output(struct buf *out, const struct finding *f)
{
    if (f->outputs == 0)
        return;
    buf_puts(out, "<pre>");
    for (size_t i = 0; i < f->outputs; i++) {
        markup_text(out, f->output[i]);
        buf_puts(out, "\n");
    }
    buf_puts(out, "</pre>\n");
}

static void put_steps(struct buf *out, const struct finding *f)
{
    if (f->steps == 0)
        return;
    buf_puts(out, "<ol class=\"steps\">\n");
    for (size_t i = 0; i < f->steps; i++) {
        markup_element(out, "li", NULL, f->step[i]);
        buf_puts(out, "\n");
    }
    buf_puts(out, "</ol>\n");
}

/* The drawing; steps and table are for whom it says nothing. Without a drawing the steps stand alone. */
static void put_conversation(struct buf *out, const struct check_result *r)
{
    const struct finding *f = &r->finding;
    struct buf id = {0};

    if (f->ladder.rows == 0) {
        put_steps(out, f);
        return;
    }
    buf_puts(&id, "ladder-");
    markup_id(&id, r->id);
    ladder_figure(out, &f->ladder, buf_text(&id));
    buf_free(&id);
    if (f->steps > 0) {
        buf_puts(out, "<details>");
        markup_element(out, "summary", NULL, _("Step by step, in words"));
        put_steps(out, f);
        buf_puts(out, "</details>\n");
    }
    buf_puts(out, "<details>");
    markup_element(out, "summary", NULL, _("The drawing as a table"));
    ladder_table(out, &f->ladder);
    buf_puts(out, "</details>\n");
}

static void put_advice(struct buf *out, const struct check_result *r, bool again_only)
{
    char *handout = r->handout && !again_only ? story_handout(r->handout) : NULL;
    bool advice = !again_only && r->status != CHECK_PASS;

    buf_puts(out, "<dl>\n");
    put_item(out, _("why"), NULL, r->why && advice ? _(r->why) : NULL);
    put_item(out, _("hint"), NULL, r->hint && advice ? _(r->hint) : NULL);
    put_item(out, _("read"), "mono", handout);
    put_item(out, _("again"), "mono", r->replay);
    buf_puts(out, "</dl>\n");
    free(handout);
}

static void put_heading(struct buf *out, const struct check_result *r)
{
    const char *kind = story_kind(r->finding.verdict);
    char *word = xasprintf("word %s", check_status_word(r->status));

    buf_puts(out, "<article id=\"check-");
    markup_id(out, r->id);
    buf_puts(out, "\">\n<header>");
    markup_element(out, "span", word, _(status_name[r->status]));
    markup_element(out, "h3", NULL, r->id);
    if (kind)
        markup_element(out, "span", "soft", kind);
    if (r->max > 0)
        buf_printf(out, "<span class=\"points\">%d/%d</span>", r->points, r->max);
    buf_puts(out, "</header>\n");
    put_paragraph(out, "soft", _(r->title));
    free(word);
}

static void put_check(struct buf *out, const struct grade *g, size_t index)
{
    const struct check_result *r = &g->check[index];
    const struct check_result *earlier = story_same(g, index);
    const struct finding *f = &r->finding;
    bool trouble = r->status == CHECK_ERROR;

    put_heading(out, r);
    if (earlier) {
        char *text = xasprintf(_("The same happened as in %s above: %s"), earlier->id, f->message);
        put_paragraph(out, "message", text);
        free(text);
    } else {
        put_paragraph(out, "message", f->message);
        if (trouble)
            put_paragraph(out, NULL, _("This is the grader's own trouble. It says nothing about your program."));
        put_comparison(out, f);
        for (size_t i = 0; i < f->places; i++)
            put_place(out, &f->place[i]);
        put_output(out, f);
        put_conversation(out, r);
    }
    put_advice(out, r, trouble || earlier);
    buf_puts(out, "</article>\n");
}

/* --- the whole --------------------------------------------------------------------------------------------------- */

static void put_remarks(struct buf *out, const struct grade *g)
{
    char *incomplete = g->complete ? NULL : story_incomplete(g);
    char *sandbox = story_sandbox(g);

    if (incomplete)
        put_list(out, incomplete, NULL, 0);
    for (size_t i = 0; i < g->checks; i++) {
        char *skipped = story_skipped(g, i);
        put_paragraph(out, NULL, skipped);
        free(skipped);
    }
    if (g->notes)
        put_list(out, _("To know:"), g->note, g->notes);
    if (sandbox)
        put_list(out, sandbox, g->missing, g->missing_count);
    free(incomplete);
    free(sandbox);
}

void render_html(struct buf *out, const struct grade *g, const struct report_style *style)
{
    /* Feedback for somebody who was not graded has no checks: then there is nothing to count. */
    char *title = g->checks > 0 ? xasprintf("%s: %d/%d", g->lab, g->score, g->max) : xstrdup(g->lab);
    bool explained = false;

    markup_begin(out, title, MARKUP_STILL);
    put_top(out, g, style->about);
    if (g->checks > 0) {
        put_checks(out, g);
        put_remarks(out, g);
    }
    for (size_t i = 0; i < g->checks; i++) {
        if (!story_told(&g->check[i]))
            continue;
        if (!explained)
            markup_element(out, "h2", NULL, _("What was not passed"));
        explained = true;
        put_check(out, g, i);
    }
    markup_end(out, MARKUP_STILL);
    free(title);
}
