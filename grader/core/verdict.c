/**
 * @file verdict.c
 * Findings, results, grades: their words, their memory, their sums. How they travel is wire.c's.
 */
#include "core/verdict.h"

#include <stdlib.h>

const char *verdict_word(enum verdict v)
{
    static const char *const word[VERDICT_COUNT] = {
        [VERDICT_PASS] = "pass",       [VERDICT_MISMATCH] = "mismatch",
        [VERDICT_STUCK] = "stuck",     [VERDICT_SPINNING] = "spinning",
        [VERDICT_TIMEOUT] = "timeout", [VERDICT_CRASHED] = "crashed",
        [VERDICT_EXITED] = "exited",   [VERDICT_SANITIZER] = "sanitizer",
        [VERDICT_LEAK] = "leak",       [VERDICT_NEVER_LISTENED] = "never-listened",
        [VERDICT_COMPILE] = "compile", [VERDICT_WARNING] = "warning",
        [VERDICT_MISSING] = "missing", [VERDICT_NOT_RUN] = "not-run",
        [VERDICT_TROUBLE] = "trouble",
    };

    if ((unsigned)v >= VERDICT_COUNT)
        BUG("no verdict %d", (int)v);
    return word[v];
}

const char *check_status_word(enum check_status s)
{
    static const char *const word[] = {
        [CHECK_PASS] = "pass",
        [CHECK_FAIL] = "fail",
        [CHECK_SKIP] = "skip",
        [CHECK_ERROR] = "error",
    };

    if ((unsigned)s >= sizeof word / sizeof word[0])
        BUG("no status %d", (int)s);
    return word[s];
}

void finding_free(struct finding *f)
{
    free(f->message);
    free(f->expected);
    free(f->actual);
    for (size_t i = 0; i < f->places; i++) {
        free(f->place[i].file);
        free(f->place[i].call);
        free(f->place[i].source);
    }
    for (size_t i = 0; i < f->steps; i++)
        free(f->step[i]);
    for (size_t i = 0; i < f->outputs; i++)
        free(f->output[i]);
    ladder_free(&f->ladder);
    free(f->step);
    free(f->output);
    *f = (struct finding){0};
}

static char *copy_or_null(const char *text)
{
    return text ? xstrdup(text) : NULL;
}

void finding_place(struct finding *f, const char *file, int line, const char *call)
{
    if (f->places == FINDING_PLACES)
        return;
    f->place[f->places++] = (struct place){
        .file = copy_or_null(file),
        .line = line,
        .call = copy_or_null(call),
    };
}

void finding_source(struct finding *f, const char *source)
{
    if (f->places == 0)
        BUG("a source line without a place");
    struct place *place = &f->place[f->places - 1];
    free(place->source);
    place->source = copy_or_null(source);
}

static void append_line(char ***list, size_t *count, char *line)
{
    *list = xrealloc(*list, (*count + 1) * sizeof(char *));
    (*list)[(*count)++] = line;
}

void finding_step(struct finding *f, const char *format, ...)
{
    struct buf text = {0};
    va_list args;

    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    append_line(&f->step, &f->steps, buf_take(&text));
}

void finding_output(struct finding *f, const char *line)
{
    append_line(&f->output, &f->outputs, xstrdup(line));
}

void grade_protection(struct grade *g, const char *id, const char *reason)
{
    size_t size = (g->protections + 1) * sizeof g->protection[0];

    g->protection = xrealloc(g->protection, size);
    g->protection[g->protections++] = (struct protection){
        .id = xstrdup(id), .on = !reason, .reason = reason ? xstrdup(reason) : NULL};
}

void grade_free(struct grade *g)
{
    for (size_t i = 0; i < g->checks; i++) {
        finding_free(&g->check[i].finding);
        free(g->check[i].replay);
    }
    for (size_t i = 0; i < g->missing_count; i++)
        free(g->missing[i]);
    for (size_t i = 0; i < g->notes; i++)
        free(g->note[i]);
    for (size_t i = 0; i < g->protections; i++) {
        free(g->protection[i].id);
        free(g->protection[i].reason);
    }
    free(g->protection);
    free(g->check);
    free(g->missing);
    free(g->note);
    free(g->directory);
    *g = (struct grade){0};
}

void grade_sum(struct grade *g)
{
    g->score = 0;
    g->max = 0;
    g->complete = true;
    for (size_t i = 0; i < g->checks; i++) {
        g->score += g->check[i].points;
        g->max += g->check[i].max;
        if (g->check[i].status == CHECK_ERROR)
            g->complete = false;
    }
}
