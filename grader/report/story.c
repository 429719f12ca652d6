/**
 * @file story.c
 * Sentences that a text and a page share.
 */
#include "report/story.h"

#include <stdlib.h>
#include <string.h>

static const char *const kinds[VERDICT_COUNT] = {
    [VERDICT_PASS] = N_("to know"), /* only one with something to say has a heading */
    [VERDICT_STUCK] = N_("stuck"),
    [VERDICT_SPINNING] = N_("spins"),
    [VERDICT_TIMEOUT] = N_("out of time"),
    [VERDICT_CRASHED] = N_("crashed"),
    [VERDICT_EXITED] = N_("ended"),
    [VERDICT_SANITIZER] = N_("sanitizer report"),
    [VERDICT_LEAK] = N_("leak"),
    [VERDICT_NEVER_LISTENED] = N_("never listened"),
    [VERDICT_COMPILE] = N_("does not compile"),
    [VERDICT_WARNING] = N_("compiler warning"),
    [VERDICT_MISSING] = N_("file missing"),
    [VERDICT_TROUBLE] = N_("not graded"),
};

bool story_told(const struct check_result *r)
{
    return r->status == CHECK_FAIL || r->status == CHECK_ERROR || (r->status == CHECK_PASS && r->finding.message && *r->finding.message);
}

const char *story_kind(enum verdict v)
{
    return kinds[v] ? _(kinds[v]) : NULL;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

const struct check_result *story_same(const struct grade *g, size_t index)
{
    const struct check_result *r = &g->check[index];
    const struct finding *f = &r->finding;

    for (size_t i = 0; i < index; i++) {
        const struct check_result *earlier = &g->check[i];
        const struct finding *e = &earlier->finding;
        if (earlier->status != r->status || e->verdict != f->verdict || f->outputs || e->outputs)
            continue;
        if (!f->message || !same_text(e->message, f->message) ||
            !same_text(e->expected, f->expected) || !same_text(e->actual, f->actual))
            continue;
        if (same_text(e->place[0].file, f->place[0].file) && e->place[0].line == f->place[0].line)
            return earlier;
    }
    return NULL;
}

/* The ids of all checks that ended as check `first` did, with the same message; caller frees. */
static char *list_ids(const struct grade *g, size_t first)
{
    const struct check_result *r = &g->check[first];
    struct buf ids = {0};

    for (size_t i = first; i < g->checks; i++) {
        const struct check_result *c = &g->check[i];
        if (c->status != r->status)
            continue;
        if (r->status == CHECK_SKIP && !same_text(c->finding.message, r->finding.message))
            continue;
        buf_puts(&ids, ids.length ? ", " : "");
        buf_puts(&ids, c->id);
    }
    return buf_take(&ids);
}

char *story_skipped(const struct grade *g, size_t index)
{
    const struct check_result *r = &g->check[index];

    if (r->status != CHECK_SKIP || !r->finding.message)
        return NULL;
    for (size_t k = 0; k < index; k++) {
        if (g->check[k].status == CHECK_SKIP && same_text(g->check[k].finding.message, r->finding.message))
            return NULL;
    }
    char *ids = list_ids(g, index);
    char *text = xasprintf(_("Not run: %s. %s"), ids, r->finding.message);
    free(ids);
    return text;
}

char *story_incomplete(const struct grade *g)
{
    char *ids = NULL;

    for (size_t i = 0; i < g->checks && !ids; i++) {
        if (g->check[i].status == CHECK_ERROR)
            ids = list_ids(g, i);
    }
    char *text =
        xasprintf(_("This grade is incomplete: the grader could not finish %s. That is the "
                    "grader's own trouble, not yours. Those points are neither won nor lost yet. "
                    "Grade once more; if it stays so, show this report to your instructor."),
                  ids ? ids : _("its work"));
    free(ids);
    return text;
}

char *story_sandbox(const struct grade *g)
{
    const char *level = g->sandbox ? g->sandbox : "?";

    if (strcmp(level, "full") == 0 && g->missing_count == 0)
        return NULL;
    if (strcmp(level, "off") == 0)
        return xstrdup(_("sandbox off: nothing kept the program from your files and processes."));
    if (g->missing_count == 0)
        return xasprintf(_("sandbox %s."), level);
    return xasprintf(_("sandbox %s (see socklab doctor): this machine does not give"), level);
}

static void add_count(struct buf *b, size_t count, const char *format)
{
    if (count == 0)
        return;
    if (b->length)
        buf_puts(b, ", ");
    buf_printf(b, format, count);
}

char *story_counts(const struct grade *g)
{
    size_t count[CHECK_ERROR + 1] = {0};
    struct buf counts = {0};
    long long hundredths = g->duration / 10000000;

    for (size_t i = 0; i < g->checks; i++)
        count[g->check[i].status]++;
    add_count(&counts, count[CHECK_PASS], _("%zu passed"));
    add_count(&counts, count[CHECK_FAIL], _("%zu failed"));
    add_count(&counts, count[CHECK_SKIP], _("%zu not run"));
    add_count(&counts, count[CHECK_ERROR], _("%zu not graded"));
    buf_printf(&counts, _("; seed %llu, %lld.%02lld s"), (unsigned long long)g->seed,
               hundredths / 100, hundredths % 100);
    return buf_take(&counts);
}

char *story_handout(const char *handout)
{
    const char *anchor = strchr(handout, '#');
    size_t chapter = anchor ? (size_t)(anchor - handout) : strlen(handout);

    return xasprintf("handouts/%.*s.md%s", (int)chapter, handout, anchor ? anchor : "");
}

char *story_hidden(size_t hidden)
{
    return xasprintf(ngettext("%zu more check is shown after the due date.", "%zu more checks are shown after the due date.", hidden),
                     hidden);
}
