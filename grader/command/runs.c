/**
 * @file runs.c
 * Many runs, one report: that of the worst.
 */
#include "command/runs.h"

#include <stdlib.h>

/** 2: points are missing; 1: the grader had trouble; 0: full marks. */
static int badness(const struct grade *g)
{
    if (g->complete && g->score < g->max)
        return 2;
    return g->complete ? 0 : 1;
}

bool runs_is_worse(const struct grade *a, const struct grade *b)
{
    if (badness(a) != badness(b))
        return badness(a) > badness(b);
    return badness(a) == 2 && a->score < b->score;
}

static void add_note(struct grade *g, char *note)
{
    g->note = xrealloc(g->note, (g->notes + 1) * sizeof(g->note[0]));
    g->note[g->notes++] = note;
}

int runs_grade(const struct lab *lab, const struct grade_options *options, unsigned runs, struct grade *out, char **message)
{
    struct grade_options own = *options;
    unsigned full = 0;
    for (unsigned i = 0; i < runs; i++) {
        struct grade grade;
        free(i ? *message : NULL);
        own.seed = options->seed + i;
        int error = grade_run(lab, &own, &grade, message);
        if (error < 0) {
            if (i)
                grade_free(out);
            return error;
        }
        full += badness(&grade) == 0;
        if (i == 0) {
            *out = grade;
        } else if (runs_is_worse(&grade, out)) {
            grade_free(out);
            *out = grade;
        } else {
            grade_free(&grade);
        }
    }
    if (runs > 1)
        add_note(out, xasprintf(_("This is the worst of %u runs, with the seeds from %llu to %llu. %u of them had full marks."), runs,
                                (unsigned long long)options->seed, (unsigned long long)(options->seed + runs - 1), full));
    return 0;
}
