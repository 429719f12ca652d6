/**
 * @file all.c
 * Every lab, one after the other.
 */
#include "command/all.h"
#include "command/runs.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

static bool is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/** Nothing is there to be graded. The sandbox had nothing to keep anything from: it lacks nothing. */
static struct grade absent_grade(const struct lab *lab, const char *directory, uint64_t seed)
{
    struct grade g = {.lab = lab->id, .title = _(lab->title), .directory = xstrdup(directory), .complete = true, .sandbox = "full",
                      .seed = seed};
    for (size_t i = 0; i < lab->checks; i++)
        g.max += lab->check[i].points;
    g.note = xcalloc(1, sizeof(g.note[0]));
    g.note[g.notes++] = xstrdup(_("there is no folder of this name"));
    return g;
}

/** One lab into the next place of the array. 0 or as runs_grade(). */
static int add_grade(const struct lab *lab, const struct grade_options *options, unsigned runs, struct grade **grades,
                     size_t *count, char **message)
{
    struct grade grade;
    int error = 0;
    if (is_folder(options->directory))
        error = runs_grade(lab, options, runs, &grade, message);
    else
        grade = absent_grade(lab, options->directory, options->seed);
    if (error < 0)
        return error;
    free(*message);
    *message = NULL;
    *grades = xrealloc(*grades, (*count + 1) * sizeof(grade));
    (*grades)[(*count)++] = grade;
    return 0;
}

void all_free(struct grade *grades, size_t count)
{
    for (size_t i = 0; i < count; i++)
        grade_free(&grades[i]);
    free(grades);
}

int all_grade(const struct lab *const *labs, const char *folder, const struct grade_options *options, unsigned runs,
              struct grade **grades, size_t *count, char **message)
{
    struct grade_options own = *options;
    size_t there = 0;
    int error = 0;
    *grades = NULL;
    *count = 0;
    *message = NULL;
    own.only = NULL;
    own.called = NULL;
    for (size_t i = 0; labs[i] && error == 0; i++) {
        char *directory = xasprintf("%s/%s", folder, labs[i]->id);
        own.directory = directory;
        there += is_folder(directory);
        error = add_grade(labs[i], &own, runs, grades, count, message);
        free(directory);
    }
    if (error == 0 && there == 0) {
        *message = xasprintf(_("%s: there is no lab's folder in it"), folder);
        error = -ENOENT;
    }
    if (error < 0) {
        all_free(*grades, *count);
        *grades = NULL;
        *count = 0;
    }
    return error;
}
