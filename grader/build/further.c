/**
 * @file further.c
 * Files beyond a lab's table, where the student may divide the program as it pleases: which names can be such files, and which
 * of the files are compiled by themselves. Names and bytes are a stranger's; each file is read once.
 */
#include "build/part.h"

#include <string.h>

enum { NAME_MAX_SHOWN = 100 };

static bool ends_in(const char *name, const char *ending)
{
    size_t length = strlen(name), n = strlen(ending);
    return length > n && strcmp(name + length - n, ending) == 0;
}

/* Letters of any script, digits, blanks; not what ends a name in a compiler's message or a list of ours. */
static bool is_plain(const char *name)
{
    size_t size = strlen(name);

    if (size > NAME_MAX_SHOWN || name[0] == '.' || name[0] == ' ')
        return false;
    for (size_t at = 0; at < size;) {
        uint32_t code;
        size_t length = utf8_decode(name + at, size - at, &code);
        if (length == 0 || !utf8_printable(code) || (code < 128 && strchr("/:\\\"'`|%<>", (int)code)))
            return false;
        at += length;
    }
    return true;
}

bool build_may_take(const struct build_spec *spec, const char *name)
{
    return spec->further && (ends_in(name, ".c") || ends_in(name, ".h")) && is_plain(name) && strncmp(name, "test_", 5) != 0 &&
           !build_takes(spec, name);
}

/* What one file says that matters here. */
struct glance {
    struct build_intake *in;
    bool main;          /* defines or declares main(), whatever is defined */
    unsigned condition; /* #if around the present place */
    int depth;          /* braces around it */
};

/* A file that another one includes is a part of that one. */
static void see_included(struct glance *g, const char *name)
{
    size_t skip = strncmp(name, "./", 2) == 0 ? 2 : 0;

    for (size_t i = 0; i < g->in->files; i++)
        if (strcmp(g->in->file[i].name, name + skip) == 0)
            g->in->file[i].linked = false;
}

/* Behind the # of a directive, to the end of its line. */
static enum source_kind read_directive(struct glance *g, struct source *s)
{
    enum source_kind kind = source_next(s);
    bool include = false;

    if (kind == SOURCE_WORD && (source_is(s, "if") || source_is(s, "ifdef") || source_is(s, "ifndef")))
        g->condition++;
    else if (kind == SOURCE_WORD && source_is(s, "endif") && g->condition > 0)
        g->condition--;
    else if (kind == SOURCE_WORD)
        include = source_is(s, "include");
    while (kind != SOURCE_NEWLINE && kind != SOURCE_END) {
        if (include && kind == SOURCE_STRING)
            see_included(g, buf_text(&s->text));
        kind = source_next(s);
    }
    return kind;
}

static void read_file(struct glance *g, const struct build_file *file)
{
    struct source s = source_open(file->bytes.data, file->bytes.length);
    bool start = true, is_main = false;

    for (enum source_kind kind = source_next(&s); kind != SOURCE_END;) {
        bool mark = kind == SOURCE_MARK;
        if (start && mark && source_is(&s, "#")) {
            kind = read_directive(g, &s);
            is_main = false;
            continue;
        }
        if (mark && source_is(&s, "{"))
            g->depth++;
        else if (mark && source_is(&s, "}"))
            g->depth--;
        else if (mark && source_is(&s, "(") && is_main)
            g->main = true;
        start = kind == SOURCE_NEWLINE;
        if (!start)
            is_main = kind == SOURCE_WORD && g->depth == 0 && g->condition == 0 && source_is(&s, "main");
        kind = source_next(&s);
    }
    source_close(&s);
}

void further_link(const struct build_spec *spec, struct build_intake *in, struct buf *spare)
{
    bool has_main[BUILD_SOURCES_MAX] = {false};
    bool first = false;

    for (size_t i = 0; i < in->files; i++)
        in->file[i].linked = in->file[i].own && ends_in(in->file[i].name, ".c");
    for (size_t i = 0; i < in->files; i++) {
        struct glance g = {.in = in};
        read_file(&g, &in->file[i]);
        has_main[i] = g.main;
        first = first || (g.main && strcmp(in->file[i].name, spec->hand_in[0]) == 0);
    }
    for (size_t i = 0; i < in->files; i++) {
        if (!first || !in->file[i].linked || !has_main[i])
            continue;
        in->file[i].linked = false;
        buf_puts(spare, spare->length ? ", " : "");
        folder_add_name(spare, in->file[i].name);
    }
}
