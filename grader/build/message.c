/**
 * @file message.c
 * What a compiler and linker said, as a finding: one sentence in plain words, the places, the
 * messages themselves.
 */
#include "build/part.h"

#include <stdlib.h>
#include <string.h>

/* What tools say for themselves: of the source, or of the machine. The first that fits a line counts. */
static const struct {
    const char *words;
    bool source; /* the source can cause it */
    const char *message;
} remarks[] = {
    {"Killed signal terminated", true,
     N_("The compiler was killed: most likely this source makes it use too much memory.")},
    {"out of memory", true, N_("The compiler ran out of memory on this source.")},
    {"virtual memory exhausted", true, N_("The compiler ran out of memory on this source.")},
    {"CPU time limit exceeded", true,
     N_("The compiler did not finish this source in the time that it is given.")},
    {"File size limit exceeded", true,
     N_("The program would become larger than it may be. Is an array enormous?")},
    {"relocation truncated to fit", true,
     N_("The program's data is too large for it to be linked. Is an array enormous?")},
    {"internal compiler error", true,
     N_("The compiler itself broke on this source: write it differently.")},
    {"terminated program", true,
     N_("The compiler itself broke on this source: write it differently.")},
    {"unable to execute command: Segmentation", true,
     N_("The compiler itself broke on this source: write it differently.")},
    {"No space left", false, N_("There was no space left on the disk for the compiler.")},
    {"quota exceeded", false, N_("There was no space left on the disk for the compiler.")},
    {"cannot find", false,
     N_("A part of the compiler or a library that it needs is not installed here.")},
    {"cannot execute", false,
     N_("A part of the compiler or a library that it needs is not installed here.")},
    {"unrecognized command", false,
     N_("The compiler here does not know an option that the kit needs.")},
    {"unknown argument", false,
     N_("The compiler here does not know an option that the kit needs.")},
    /* Last: what precedes it in the table is more particular. */
    {"atal error: ", true,
     N_("The compiler or the assembler gave up on something that this source asks for.")},
};

static void read_all(struct reading *r, const char *bytes, size_t size)
{
    while (size > 0) {
        const char *end = memchr(bytes, '\n', size);
        size_t length = end ? (size_t)(end - bytes) : size;
        reading_line(r, bytes, length);
        size_t step = end ? length + 1 : length;
        bytes += step;
        size -= step;
    }
}

/* --- sentences ---------------------------------------------------------------------------------- */

static void set_message(struct finding *f, enum verdict verdict, char *message)
{
    f->verdict = verdict;
    f->message = message;
}

static char *tell_error(const struct reading *r)
{
    struct buf b = {0};

    buf_printf(&b, _("The compiler refuses %s, line %d: %s."), r->error.file->name, r->error.number,
               r->error.text);
    if (r->limited)
        buf_printf(&b, _(" It stopped after %zu errors."), r->errors);
    else if (r->errors > 1)
        buf_printf(&b, _(" It names %zu errors in all; begin with the first."), r->errors);
    return buf_take(&b);
}

static char *tell_warning(const struct reading *r)
{
    struct buf b = {0};

    buf_printf(&b, _("The compiler warns of %s, line %d: %s."), r->warning.file->name,
               r->warning.number, r->warning.text);
    if (r->warnings > 1)
        buf_printf(&b, _(" There are %zu warnings in all."), r->warnings);
    return buf_take(&b);
}

static char *tell_undefined(const struct line *l)
{
    struct buf symbol = {0};
    char *message;

    reading_add(&symbol, l->symbol, l->symbol_length);
    if (strcmp(buf_text(&symbol), "main") == 0)
        message = xstrdup(
            _("There is no function main in this program's files: a program begins there."));
    else if (l->file)
        message =
            xasprintf(_("%s, line %d, uses %s, but no file of this program defines it. Is the name "
                        "spelled the same in both places?"),
                      l->file->name, l->number, buf_text(&symbol));
    else
        message = xasprintf(
            _("The program needs %s, but none of its files defines it. Is the name spelled "
              "as the handout has it?"),
            buf_text(&symbol));
    buf_free(&symbol);
    return message;
}

static char *tell_multiple(const struct line *l)
{
    struct buf symbol = {0};
    char *message;

    reading_add(&symbol, l->symbol, l->symbol_length);
    if (l->file && l->first)
        message =
            xasprintf(_("%s is defined twice in one program: in %s, line %d, and in %s, line %d."),
                      buf_text(&symbol), l->first->name, l->first_number, l->file->name, l->number);
    else
        message = xasprintf(
            _("%s is defined twice in one program: once too often in the files handed in."),
            buf_text(&symbol));
    buf_free(&symbol);
    return message;
}

static char *tell_elsewhere(const struct reading *r)
{
    if (r->included.text)
        return xasprintf(_("The compiler refuses a file that %s includes in line %d."),
                         r->included.file->name, r->included.number);
    return xstrdup(
        _("The compiler refuses something in a file that is not one of those handed in."));
}

/* For somebody to look at: the tools' own words, which name nothing of the student's. */
static void show_tools(const struct reading *r)
{
    for (size_t i = 0; i < r->tools; i++)
        finding_output(r->finding, r->tool[i]);
}

/* What the tools' lines say: each is the first remark that fits it, and the source's own come before the machine's, because
   a source can make a tool print any line, but hardly keep it from saying why it gave up. -1: nothing known. */
static int find_remark(const struct reading *r)
{
    const int count = (int)(sizeof remarks / sizeof remarks[0]);
    int machine = -1;

    for (size_t j = 0; j < r->tools; j++) {
        int i = 0;
        while (i < count && !strstr(r->tool[j], remarks[i].words))
            i++;
        if (i < count && remarks[i].source)
            return i;
        if (i < count && machine < 0)
            machine = i;
    }
    return machine;
}

/* Nothing that a source could do was recognised. Either a remark explains it, or it is our trouble. */
static void tell_tools(const struct reading *r)
{
    int remark = find_remark(r);

    if (remark >= 0) {
        if (!remarks[remark].source)
            show_tools(r);
        set_message(r->finding, remarks[remark].source ? VERDICT_COMPILE : VERDICT_TROUBLE,
                    xstrdup(_(remarks[remark].message)));
        return;
    }
    show_tools(r);
    set_message(r->finding, VERDICT_TROUBLE,
                xstrdup(_("The compiler failed without saying what is wrong with the source.")));
}

static void tell_failure(const struct reading *r)
{
    char *message;

    if (r->error.text)
        message = tell_error(r);
    else if (r->elsewhere)
        message = tell_elsewhere(r);
    else if (r->multiple.symbol)
        message = tell_multiple(&r->multiple);
    else if (r->undefined.symbol)
        message = tell_undefined(&r->undefined);
    else {
        tell_tools(r);
        return;
    }
    set_message(r->finding, VERDICT_COMPILE, message);
}

/* How it ended says more than what was said until then. */
static void tell_limit(const struct reading *r, enum build_end end)
{
    static const struct {
        enum verdict verdict;
        const char *message;
    } limits[] = {
        [BUILD_TIME_LIMIT] =
            {VERDICT_COMPILE,
             N_("The compiler did not finish in the time that it is given. A file that includes "
                "itself, or macros that grow without end, can be the reason.")},
        [BUILD_OUTPUT_LIMIT] =
            {VERDICT_COMPILE,
             N_("The compiler wrote more than it may: too many messages, or too large a program.")},
        [BUILD_MEMORY_LIMIT] =
            {VERDICT_COMPILE,
             N_("The compiler needed more memory than it is given. An enormous array with initial "
                "values can be the reason.")},
        [BUILD_KILLED] = {VERDICT_TROUBLE, N_("The compiler was killed from outside.")},
    };

    set_message(r->finding, limits[end].verdict, xstrdup(_(limits[end].message)));
}

enum verdict build_read_messages(const struct build_intake *in, const char *bytes, size_t size,
                                 enum build_end end, struct finding *finding)
{
    struct reading r = {.in = in, .finding = finding, .failed = end != BUILD_SUCCEEDED};

    read_all(&r, bytes, size);
    if (end == BUILD_SUCCEEDED && r.warning.text)
        set_message(finding, VERDICT_WARNING, tell_warning(&r));
    else if (end == BUILD_FAILED)
        tell_failure(&r);
    else if (end != BUILD_SUCCEEDED)
        tell_limit(&r, end);
    if (finding->verdict == VERDICT_PASS)
        finding_free(finding);
    if (finding->verdict != VERDICT_PASS && r.more > 0) {
        char *line = xasprintf(_("(%zu more messages)"), r.more);
        finding_output(finding, line);
        free(line);
    }
    reading_close(&r);
    return finding->verdict;
}
