/**
 * @file reading.c
 * A compiler's lines, one after the other: what may be shown is shown, the rest is counted.
 *
 * The text is a stranger's: `#line` lets a source name any file, which the compiler then quotes,
 * and `#pragma message` lets it write any line. So nothing is shown but messages that name a file
 * of the submission, and quoted lines that stand in that file.
 */
#include "build/part.h"

#include <stdlib.h>
#include <string.h>

enum { OUTPUT_LINES = 40, LINE_SHOWN = 300 };

/* Quotations that are looked up in the file. Each costs reading the file up to that line, and forged
   output holds them by the hundred thousand. */
enum { QUOTES_COMPARED = 100 };

/* --- showing ---------------------------------------------------------------------------------- */

/* Printable ASCII as it is: a compiler's quotes and backslashes are not ours to double. */
void reading_add(struct buf *b, const char *text, size_t length)
{
    size_t end = length < LINE_SHOWN ? length : LINE_SHOWN;

    for (size_t at = 0; at < end;) {
        size_t from = at;
        while (at < end && text[at] >= ' ' && text[at] < 0x7f)
            at++;
        buf_add(b, text + from, at - from);
        from = at;
        while (at < end && (text[at] < ' ' || text[at] >= 0x7f) && text[at] != '\t')
            at++;
        buf_escape(b, text + from, at - from, at - from);
        for (; at < end && text[at] == '\t'; at++)
            buf_puts(b, "    ");
    }
    if (end < length)
        buf_puts(b, "...");
}

static void show(struct reading *r, const char *line)
{
    if (r->finding->outputs < OUTPUT_LINES)
        finding_output(r->finding, line);
    r->hidden = false;
}

static void show_bytes(struct reading *r, const char *text, size_t length)
{
    struct buf b = {0};

    /* Past the limit only the number counts. */
    if (r->finding->outputs < OUTPUT_LINES)
        reading_add(&b, text, length);
    show(r, buf_text(&b));
    buf_free(&b);
}

/* Of what does not fit, messages are counted: their quotations are not even looked at. */
static void count_cut(struct reading *r)
{
    r->more += r->finding->outputs >= OUTPUT_LINES;
}

/* Stands for any number of lines about a file that is not the submission's. */
static void show_hidden(struct reading *r)
{
    if (r->hidden)
        return;
    count_cut(r);
    show(r, _("(in another file)"));
    r->hidden = true;
}

static void show_context(struct reading *r)
{
    if (r->context.length)
        show_bytes(r, r->context.data, r->context.length);
    buf_clear(&r->context);
}

static char *copy_shown(const char *text, size_t length)
{
    struct buf b = {0};

    reading_add(&b, text, length);
    return buf_take(&b);
}

static void add_place(struct reading *r, const struct build_file *file, int number)
{
    const char *text;
    size_t length;

    if (file->kit || r->finding->places == FINDING_PLACES)
        return;
    for (size_t i = 0; i < r->finding->places; i++) {
        const struct place *p = &r->finding->place[i];
        if (p->line == number && strcmp(p->file, file->name) == 0)
            return;
    }
    finding_place(r->finding, file->name, number, NULL);
    if (!line_of_file(file, number, &text, &length))
        return;
    char *source = copy_shown(text, length);
    finding_source(r->finding, source);
    free(source);
}

/* --- the compiler's lines --------------------------------------------------------------------- */

static void keep_first(struct first *f, const struct build_file *file, int number, const char *text,
                       size_t length)
{
    if (f->text)
        return;
    *f = (struct first){.file = file, .number = number, .text = copy_shown(text, length)};
}

/* An error in a file that is not the submission's is blamed on the line that includes that file. */
static void read_elsewhere(struct reading *r, const struct line *l)
{
    r->quoted = NULL;
    if (l->severity != SEVERITY_NOTE)
        r->showing = r->failed && l->severity == SEVERITY_ERROR;
    if (!r->showing)
        return;
    if (l->severity == SEVERITY_ERROR) {
        r->elsewhere++;
        if (r->includer) {
            keep_first(&r->included, r->includer, r->includer_line, "", 0);
            add_place(r, r->includer, r->includer_line);
        }
    }
    show_context(r);
    show_hidden(r);
}

static void count_message(struct reading *r, const struct line *l)
{
    /* The linker's own remarks (`gets' is dangerous) carry a path; -Wall and -Wextra don't ask for them. */
    bool counts = l->severity == SEVERITY_ERROR ? r->failed : !r->failed && !l->path;

    if (l->severity == SEVERITY_NOTE)
        return;
    r->showing = counts;
    if (!counts)
        return;
    if (l->severity == SEVERITY_ERROR)
        r->errors++;
    else
        r->warnings++;
    keep_first(l->severity == SEVERITY_ERROR ? &r->error : &r->warning, l->file, l->number, l->rest,
               l->rest_length);
    add_place(r, l->file, l->number);
}

/* The message with the file's name as it was handed in. */
static void show_message(struct reading *r, const struct line *l)
{
    struct buf b = {0};

    show_context(r);
    count_cut(r);
    buf_puts(&b, l->file->name);
    buf_add(&b, l->behind, l->length - (size_t)(l->behind - l->text));
    show_bytes(r, b.data, b.length);
    buf_free(&b);
}

static void read_message(struct reading *r, const struct line *l)
{
    r->verified = false;
    r->quotation = QUOTE_NONE;
    if (!l->file) {
        read_elsewhere(r, l);
    } else {
        count_message(r, l);
        r->quoted = r->showing && !l->path ? l->file : NULL;
        r->number = l->number;
        r->quotation = r->quoted ? QUOTE_TEXT : QUOTE_NONE;
        if (r->showing)
            show_message(r, l);
    }
    buf_clear(&r->context);
    r->includer = NULL;
}

/* Kept until it is known whether the message behind it is shown. */
static void read_context(struct reading *r, const struct line *l)
{
    r->quoted = NULL;
    r->quotation = QUOTE_NONE;
    if (!l->file || l->path)
        return;
    buf_clear(&r->context);
    if (l->kind == LINE_INCLUDED) {
        r->includer = l->file;
        r->includer_line = l->number;
        buf_printf(&r->context, "In file included from %s:%d:", l->file->name, l->number);
        return;
    }
    buf_printf(&r->context, "%s: ", l->file->name);
    buf_add(&r->context, l->rest, l->rest_length);
}

static bool stands_in(struct reading *r, int number, const char *text, size_t length)
{
    if (r->compared == QUOTES_COMPARED)
        return false;
    r->compared++;
    return line_stands_in(r->quoted, number, text, length);
}

/* clang 14 quotes without a gutter: the line, a caret line, sometimes a line to insert. */
static void read_bare_quote(struct reading *r, const struct line *l)
{
    bool shown = false;

    if (!r->quoted || r->finding->outputs == OUTPUT_LINES)
        return;
    switch (r->quotation) {
    case QUOTE_NONE:
        return;
    case QUOTE_TEXT:
        shown = stands_in(r, r->number, l->text, l->length);
        break;
    case QUOTE_CARET:
        for (size_t i = 0; i < l->length; i++) {
            if (!strchr(" ^~", l->text[i]) || !l->text[i])
                goto out;
        }
        shown = true;
        break;
    case QUOTE_INSERT:
        shown = l->length && l->text[0] == ' ';
        break;
    }
out:
    if (shown)
        show_bytes(r, l->text, l->length);
    r->quotation = shown && r->quotation != QUOTE_INSERT ? r->quotation + 1 : QUOTE_NONE;
}

static void read_gutter(struct reading *r, const struct line *l)
{
    if (!r->quoted || r->finding->outputs == OUTPUT_LINES)
        return;
    if (l->kind == LINE_QUOTE)
        r->verified = stands_in(r, l->number, l->rest, l->rest_length);
    if (r->verified || l->kind == LINE_INSERT)
        show_bytes(r, l->text, l->length);
}

/* --- the linker's lines ----------------------------------------------------------------------- */

static void show_symbol(struct reading *r, const struct line *l)
{
    struct buf b = {0};

    if (l->file)
        buf_printf(&b, "%s:%d: ", l->file->name, l->number);
    buf_puts(&b,
             l->kind == LINE_UNDEFINED ? "undefined reference to `" : "multiple definition of `");
    reading_add(&b, l->symbol, l->symbol_length);
    buf_puts(&b, "'");
    if (l->first)
        buf_printf(&b, "; %s:%d: first defined here", l->first->name, l->first_number);
    show(r, buf_text(&b));
    buf_free(&b);
}

static void read_symbol(struct reading *r, const struct line *l)
{
    struct line *kept = l->kind == LINE_UNDEFINED ? &r->undefined : &r->multiple;

    r->quoted = NULL;
    if (!r->failed)
        return;
    if (!kept->symbol)
        *kept = *l;
    if (l->file)
        add_place(r, l->file, l->number);
    if (l->first)
        add_place(r, l->first, l->first_number);
    count_cut(r);
    show_symbol(r, l);
}

/* What the tools say for themselves, but for the lines that only say where ld is. */
static void keep_tool(struct reading *r, const struct line *l)
{
    static const char where[] = ": in function `";

    r->quoted = NULL;
    if (r->tools < READING_TOOLS && !memmem(l->text, l->length, where, strlen(where)))
        r->tool[r->tools++] = copy_shown(l->text, l->length);
}

void reading_line(struct reading *r, const char *text, size_t length)
{
    struct line l = line_read(r->in, text, length);

    switch (l.kind) {
    case LINE_MESSAGE:
        read_message(r, &l);
        break;
    case LINE_INCLUDED:
    case LINE_INSIDE:
        read_context(r, &l);
        break;
    case LINE_QUOTE:
    case LINE_MARKS:
    case LINE_INSERT:
        read_gutter(r, &l);
        break;
    case LINE_UNDEFINED:
    case LINE_MULTIPLE:
        read_symbol(r, &l);
        break;
    case LINE_TOOL:
        keep_tool(r, &l);
        break;
    case LINE_LIMIT:
        r->limited = true;
        break;
    case LINE_OTHER:
        r->verified = false;
        read_bare_quote(r, &l);
        break;
    }
}

void reading_close(struct reading *r)
{
    buf_free(&r->context);
    free(r->error.text);
    free(r->warning.text);
    free(r->included.text);
    for (size_t i = 0; i < r->tools; i++)
        free(r->tool[i]);
}
