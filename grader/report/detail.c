/**
 * @file detail.c
 * How one check that was not passed, or that has something to know, is explained. In this order, each part only if there is one:
 * what it was to show, what happened, the conversation up to there, expected and got, the places in
 * the source, a tool's own words, why it matters, where to look, how to see it again.
 */
#include "report/page.h"
#include "report/render.h"
#include "report/story.h"

#include <stdlib.h>
#include <string.h>

enum {
    INDENT = 2,
    OUTPUT_MAX = 24, /* lines of a tool in a text: the first error is what helps */
};

/* A label, and the text beside it in a column of its own. */
static void put_labelled(struct page *p, int labels, const char *label, enum tint tint,
                         const char *text)
{
    page_pad(p, ' ', INDENT);
    page_put(p, TINT_DIM, label);
    page_pad(p, ' ', INDENT + labels + 2);
    page_wrap(p, tint, INDENT + labels + 2, text);
}

static void put_paragraph(struct page *p, enum tint tint, const char *text)
{
    if (!text || !*text)
        return;
    page_gap(p);
    page_pad(p, ' ', INDENT);
    page_wrap(p, tint, INDENT, text);
}

static int digits_of(size_t number)
{
    int digits = 1;

    for (; number >= 10; number /= 10)
        digits++;
    return digits;
}

static void put_number(struct page *p, enum tint tint, size_t number, int width)
{
    char text[24];

    snprintf(text, sizeof text, "%zu", number);
    page_pad(p, ' ', p->column + width - (int)strlen(text));
    page_put(p, tint, text);
}

/* The numbered conversation; numbers right-aligned so that the texts stand in one column. */
static void put_steps(struct page *p, const struct finding *f)
{
    int width = digits_of(f->steps);

    if (f->steps == 0)
        return;
    page_gap(p);
    for (size_t i = 0; i < f->steps; i++) {
        page_pad(p, ' ', INDENT + 2);
        put_number(p, TINT_DIM, i + 1, width);
        page_put(p, TINT_DIM, ". ");
        page_wrap(p, TINT_NONE, p->column, f->step[i]);
    }
}

static void put_comparison(struct page *p, const struct finding *f)
{
    const char *expected = _("expected:");
    const char *got = _("got:");
    int labels = page_columns(expected);

    if (!f->expected && !f->actual)
        return;
    if (page_columns(got) > labels)
        labels = page_columns(got);
    page_gap(p);
    if (f->expected)
        put_labelled(p, labels - 1, expected, TINT_GOOD, f->expected);
    if (f->actual)
        put_labelled(p, labels - 1, got, TINT_BAD, f->actual);
}

/* The source line without what the deepest block of a program puts before it. */
static char *strip_indentation(const char *source)
{
    struct buf clean = {0};

    buf_plain(&clean, source, strlen(source));
    const char *text = buf_text(&clean);
    char *stripped = xstrdup(text + strspn(text, " "));
    buf_free(&clean);
    return stripped;
}

static void put_place(struct page *p, const struct place *place, int width)
{
    page_pad(p, ' ', INDENT);
    page_put(p, TINT_PLACE, "--> ");
    if (place->file)
        page_put(p, TINT_STRONG, place->file);
    if (place->line > 0) {
        page_put(p, TINT_STRONG, place->file ? ":" : _("line "));
        put_number(p, TINT_STRONG, (size_t)place->line, 1);
    }
    if (!place->file && place->line <= 0)
        page_put(p, TINT_STRONG, _("(the line is not known)"));
    page_line(p);
    if (place->source && place->line > 0) {
        char *source = strip_indentation(place->source);
        page_pad(p, ' ', INDENT);
        put_number(p, TINT_PLACE, (size_t)place->line, width);
        page_put(p, TINT_PLACE, " | ");
        page_clip(p, TINT_NONE, p->width, source);
        page_line(p);
        free(source);
    }
    if (place->call) {
        page_pad(p, ' ', INDENT + width);
        page_put(p, TINT_PLACE, " = ");
        page_wrap(p, TINT_NONE, p->column, place->call);
    }
}

static void put_places(struct page *p, const struct finding *f)
{
    int width = 3; /* the gutter begins below the arrow's head at least */

    for (size_t i = 0; i < f->places; i++) {
        int digits = f->place[i].line > 0 ? digits_of((size_t)f->place[i].line) : 1;
        width = digits > width ? digits : width;
    }
    for (size_t i = 0; i < f->places; i++) {
        page_gap(p);
        put_place(p, &f->place[i], width);
    }
}

/* A tool's lines are not wrapped: carets point at columns. */
static void put_output(struct page *p, const struct finding *f)
{
    char *more;

    if (f->outputs == 0)
        return;
    page_gap(p);
    for (size_t i = 0; i < f->outputs && i < OUTPUT_MAX; i++) {
        page_pad(p, ' ', INDENT + 2);
        /* gcc fills its caret lines with spaces up to the end of the source line. */
        size_t length = strlen(f->output[i]);
        while (length > 0 && f->output[i][length - 1] == ' ')
            length--;
        char *line = xstrndup(f->output[i], length);
        page_put(p, TINT_NONE, line);
        free(line);
        page_line(p);
    }
    if (f->outputs <= OUTPUT_MAX)
        return;
    size_t left = f->outputs - OUTPUT_MAX;
    more = xasprintf(ngettext("... and %zu more line", "... and %zu more lines", left), left);
    page_pad(p, ' ', INDENT + 2);
    page_put(p, TINT_DIM, more);
    page_line(p);
    free(more);
}

static void put_advice(struct page *p, const struct check_result *r, bool again_only)
{
    char *handout = r->handout && !again_only ? story_handout(r->handout) : NULL;
    bool advice = !again_only && r->status != CHECK_PASS;
    const struct {
        const char *label;
        const char *text;
    } line[] = {
        {_("why"), r->why && advice ? _(r->why) : NULL},
        {_("hint"), r->hint && advice ? _(r->hint) : NULL},
        {_("read"), handout},
    };
    const char *again = _("again");
    int labels = page_columns(again);

    for (size_t i = 0; i < sizeof line / sizeof line[0]; i++) {
        if (page_columns(line[i].label) > labels)
            labels = page_columns(line[i].label);
    }
    page_gap(p);
    for (size_t i = 0; i < sizeof line / sizeof line[0]; i++) {
        if (line[i].text)
            put_labelled(p, labels, line[i].label, TINT_NONE, line[i].text);
    }
    if (r->replay) {
        /* In one piece however long it is: it is there to be copied. */
        page_pad(p, ' ', INDENT);
        page_put(p, TINT_DIM, again);
        page_pad(p, ' ', INDENT + labels + 2);
        page_put(p, TINT_STRONG, r->replay);
        page_line(p);
    }
    free(handout);
}

void render_about(struct buf *out, const struct report_style *style)
{
    const struct report_about *about = style->about;
    struct page p = page_make(out, style);
    char *hidden = about && about->hidden ? story_hidden(about->hidden) : NULL;

    if (!about)
        return;
    const struct {
        const char *label;
        const char *text;
    } line[] = {
        {_("for"), about->student}, {_("mark"), about->mark}, {"", about->reason}, {"", about->remark}, {"", hidden},
    };
    int labels = page_columns(line[0].label) > page_columns(line[1].label) ? page_columns(line[0].label)
                                                                           : page_columns(line[1].label);
    for (size_t i = 0; i < sizeof line / sizeof line[0]; i++) {
        if (line[i].text && *line[i].text)
            put_labelled(&p, labels, line[i].label, *line[i].label ? TINT_STRONG : TINT_NONE, line[i].text);
    }
    page_gap(&p);
    free(hidden);
}

void render_detail(struct buf *out, const struct check_result *r, const struct report_style *style)
{
    struct page page = page_make(out, style);
    const struct finding *f = &r->finding;
    bool trouble = r->status == CHECK_ERROR;

    page_pad(&page, ' ', INDENT);
    page_wrap(&page, TINT_DIM, INDENT, _(r->title));
    put_paragraph(&page, TINT_STRONG, f->message);
    if (trouble)
        put_paragraph(&page, TINT_NONE,
                      _("This is the grader's own trouble. It says nothing about your program."));
    put_steps(&page, f);
    put_comparison(&page, f);
    put_places(&page, f);
    put_output(&page, f);
    put_advice(&page, r, trouble);
}
