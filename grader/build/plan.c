/**
 * @file plan.c
 * The compile commands: one gcc or clang command compiles and links a whole program.
 *
 * -O0, in every variant, because the checks depend on it (measured with gcc 12 and clang 14):
 *  - Warnings are those that the student's own `make` shows (labs/lab.mk has no -O). With -O the
 *    optimiser's guesses come in (-Wmaybe-uninitialized, with false ones), and on Ubuntu, where
 *    -O turns _FORTIFY_SOURCE on, a warning for every result of write() not used.
 *  - LeakSanitizer finds a server's buffer through main's variable. With -O1 gcc drops a variable
 *    that is not used any more, and a buffer allocated once for the whole run is reported as a leak.
 *  - Each call has its own source line, in traces and in sanitizer reports.
 *  - It is the quickest: 60 ms for a small server against 70 with -O1.
 */
#include "build/build.h"

#include <stdlib.h>
#include <string.h>

/* Language, and addresses that can be turned into lines: frames by frame pointer, no relocation.
   No _GNU_SOURCE: gnu11 has the usual extensions, and a source that defines it itself must not be
   warned. */
static const char *const common[] = {
    "-std=gnu11",
    "-g",
    "-O0",
    "-fno-omit-frame-pointer",
    "-fno-pie",
    "-no-pie",
    "-pipe",
    /* All symbols bound at the start: no lookup in the middle of a traced call. */
    "-Wl,-z,now",
    NULL,
};

/* Messages as message.c reads them, and an end to a flood of errors. */
static const char *const messages_gcc[] = {"-fdiagnostics-color=never", "-fmax-errors=20", NULL};
static const char *const messages_clang[] = {"-fno-color-diagnostics", "-ferror-limit=20", NULL};

/* A sanitizer build's messages would be the plain build's again, and some false ones (gcc(1) on
   -fsanitize). -U: without these names a source cannot behave otherwise under a sanitizer. */
static const char *const warnings[] = {"-Wall", "-Wextra", NULL};
static const char *const address[] = {
    "-w",
    "-fsanitize=address,undefined",
    "-fno-sanitize-recover=undefined",
    "-U__SANITIZE_ADDRESS__",
    NULL,
};
static const char *const thread[] = {"-w", "-fsanitize=thread", "-U__SANITIZE_THREAD__", NULL};

static const struct {
    const char *const *flags;
    const char *suffix;
} variants[] = {
    [BUILD_PLAIN] = {warnings, ""},
    [BUILD_ASAN] = {address, ".asan"},
    [BUILD_TSAN] = {thread, ".tsan"},
};

/* A command under construction: a NULL-ended list of owned strings. */
struct command {
    char **argv;
    size_t count;
};

/* Takes the word over. */
static void add_word(struct command *c, char *word)
{
    c->argv = xrealloc(c->argv, (c->count + 2) * sizeof(char *));
    c->argv[c->count++] = word;
    c->argv[c->count] = NULL;
}

static void add_words(struct command *c, const char *const *words)
{
    for (; *words; words++)
        add_word(c, xstrdup(*words));
}

static bool is_clang(const char *compiler)
{
    const char *slash = strrchr(compiler, '/');

    return strncmp(slash ? slash + 1 : compiler, "clang", 5) == 0;
}

char *build_object(const char *source, enum build_variant variant)
{
    size_t length = strlen(source);

    if (length < 3 || strcmp(source + length - 2, ".c") != 0)
        BUG("%s is no C source", source);
    return xasprintf("%.*s%s.o", (int)(length - 2), source, variants[variant].suffix);
}

static bool is_object(const struct build_intake *in, const char *source)
{
    for (size_t i = 0; i < in->files; i++) {
        if (strcmp(in->file[i].name, source) == 0)
            return in->file[i].object;
    }
    return false;
}

/* What its name ends in counts, whatever kind was said before. Takes the path over. */
static void add_object(struct command *c, char *path)
{
    add_word(c, xstrdup("-x"));
    add_word(c, xstrdup("none"));
    add_word(c, path);
}

/* ./name, because one that begins with - or @ would be an option or a file of options. The
   kit's objects come last, because -x holds for all that follows. */
static void add_sources(struct command *c, const struct build_program *program,
                        const struct build_intake *in, enum build_variant variant, const char *kit)
{
    /* C, whatever a name may end in. */
    add_word(c, xstrdup("-x"));
    add_word(c, xstrdup("c"));
    for (size_t i = 0; i < BUILD_SOURCES_MAX && program->source[i]; i++) {
        if (!is_object(in, program->source[i]))
            add_word(c, xasprintf("./%s", program->source[i]));
    }
    for (size_t i = 0; i < in->files && !program->driver; i++) {
        if (in->file[i].linked)
            add_word(c, xasprintf("./%s", in->file[i].name));
    }
    if (variant != BUILD_PLAIN)
        add_object(c, xasprintf("%s/leak_hook.o", kit));
    if (variant == BUILD_TSAN)
        add_object(c, xasprintf("%s/thread_hook.o", kit));
    for (size_t i = 0; i < BUILD_SOURCES_MAX && program->source[i]; i++) {
        if (!is_object(in, program->source[i]))
            continue;
        char *name = build_object(program->source[i], variant);
        add_object(c, xasprintf("%s/%s", kit, name));
        free(name);
    }
}

static struct build_job plan_job(const struct build_program *program, const struct build_intake *in,
                                 enum build_variant variant, const struct build_tools *tools)
{
    struct command c = {0};
    char *output = xasprintf("%s%s", program->name, variants[variant].suffix);

    add_word(&c, xstrdup(tools->compiler));
    add_words(&c, common);
    add_words(&c, is_clang(tools->compiler) ? messages_clang : messages_gcc);
    add_words(&c, variants[variant].flags);
    if (program->threads)
        add_word(&c, xstrdup("-pthread"));
    add_word(&c, xstrdup("-o"));
    add_word(&c, xasprintf("%s/%s", tools->bin, output));
    add_sources(&c, program, in, variant, tools->kit);
    return (struct build_job){
        .program = program, .variant = variant, .argv = c.argv, .output = output};
}

size_t build_plan(const struct build_spec *spec, const struct build_intake *in,
                  enum build_variant variant, const struct build_tools *tools,
                  struct build_job **jobs)
{
    size_t count = 0;

    *jobs = xcalloc(spec->programs + 1, sizeof **jobs);
    for (size_t i = 0; i < spec->programs; i++) {
        const struct build_program *program = &spec->program[i];
        if (variant == BUILD_TSAN && !program->threads)
            continue;
        if (variant != BUILD_PLAIN && program->driver)
            continue;
        (*jobs)[count++] = plan_job(program, in, variant, tools);
    }
    return count;
}

void build_jobs_free(struct build_job *jobs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (char **word = jobs[i].argv; *word; word++)
            free(*word);
        free(jobs[i].argv);
        free(jobs[i].output);
    }
    free(jobs);
}
