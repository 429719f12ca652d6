/**
 * @file line.c
 * One line of what gcc, clang, as and ld write, taken apart. The formats are those of gcc 12, clang
 * 14 and binutils 2.40 in the C locale; tests/data/build/ holds samples.
 *
 * A name counts as the submission's if it is exactly the name of a file that was handed in, as the
 * compiler was given it (./name), or, from the linker, an absolute path that ends in it.
 */
#include "build/part.h"

#include <string.h>

/* --- small matters ---------------------------------------------------------------------------- */

static bool starts_with(const char *text, size_t length, const char *start)
{
    size_t size = strlen(start);
    return length >= size && memcmp(text, start, size) == 0;
}

static size_t skip_blanks(const char *text, size_t length)
{
    size_t at = 0;

    while (at < length && text[at] == ' ')
        at++;
    return at;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A number at the start of the text: how long it is, 0 if there is none (or one of ten digits). */
static size_t read_number(const char *text, size_t length, int *number)
{
    size_t at = 0;

    *number = 0;
    while (at < length && is_digit(text[at])) {
        if (at == 9)
            return 0;
        *number = *number * 10 + (text[at++] - '0');
    }
    return at;
}

static const char *find(const char *text, size_t length, const char *what)
{
    return length ? memmem(text, length, what, strlen(what)) : NULL;
}

/* --- names ------------------------------------------------------------------------------------ */

static const struct build_file *find_file(const struct build_intake *in, const char *name,
                                          size_t length)
{
    for (size_t i = 0; i < in->files; i++) {
        if (strlen(in->file[i].name) == length && memcmp(in->file[i].name, name, length) == 0)
            return &in->file[i];
    }
    return NULL;
}

/* Sets file and path from what stands where a compiler writes a name. */
static void resolve_name(const struct build_intake *in, const char *name, size_t length,
                         struct line *l)
{
    l->named = true;
    if (length > 0 && name[0] == '/') {
        const char *slash = memrchr(name, '/', length);
        size_t skip = (size_t)(slash - name) + 1;
        l->path = true;
        l->file = find_file(in, name + skip, length - skip);
        return;
    }
    size_t skip = starts_with(name, length, "./") ? 2 : 0;
    l->file = find_file(in, name + skip, length - skip);
}

/* "...NAME:12" up to `length`: the linker's way to name a place. False if there is none. */
static bool resolve_backwards(const struct build_intake *in, const char *text, size_t length,
                              struct line *l)
{
    size_t at = length;

    while (at > 0 && is_digit(text[at - 1]))
        at--;
    if (at == length || at == 0 || text[at - 1] != ':')
        return false;
    if (read_number(text + at, length - at, &l->number) == 0)
        return false;
    /* An object's name may stand before: "/tmp/cc1.o:/lab/src/./io.c". */
    size_t end = at - 1;
    size_t start = end;
    while (start > 0 && text[start - 1] != ':' && text[start - 1] != ' ')
        start--;
    resolve_name(in, text + start, end - start, l);
    return true;
}

/* --- kinds ------------------------------------------------------------------------------------ */

static const struct {
    const char *words;
    enum severity severity;
} severities[] = {
    {"error: ", SEVERITY_ERROR},
    {"fatal error: ", SEVERITY_ERROR},
    {"internal compiler error: ", SEVERITY_ERROR},
    {"sorry, unimplemented: ", SEVERITY_ERROR},
    {"Error: ", SEVERITY_ERROR}, /* as(1) */
    {"Fatal error: ", SEVERITY_ERROR},
    {"warning: ", SEVERITY_WARNING},
    {"Warning: ", SEVERITY_WARNING},
    {"Info: ", SEVERITY_NOTE},
    {"note: ", SEVERITY_NOTE},
    {"remark: ", SEVERITY_NOTE},
};

/* ":12: error: " or ":12:5: error: " at the start of the text; how long it is, 0 if it is not. */
static size_t read_severity(const char *text, size_t length, struct line *l)
{
    int column;
    size_t at = 1;
    size_t digits = read_number(text + at, length - at, &l->number);

    if (digits == 0)
        return 0;
    at += digits;
    if (at < length && text[at] == ':') {
        digits = read_number(text + at + 1, length - at - 1, &column);
        at += digits ? digits + 1 : 0;
    }
    if (!starts_with(text + at, length - at, ": "))
        return 0;
    at += 2;
    for (size_t i = 0; i < sizeof severities / sizeof severities[0]; i++) {
        if (starts_with(text + at, length - at, severities[i].words)) {
            l->severity = severities[i].severity;
            return at + strlen(severities[i].words);
        }
    }
    return 0;
}

static bool read_message(const struct build_intake *in, struct line *l)
{
    for (size_t at = 1; at < l->length; at++) {
        if (l->text[at] != ':')
            continue;
        size_t size = read_severity(l->text + at, l->length - at, l);
        if (size == 0)
            continue;
        l->kind = LINE_MESSAGE;
        l->behind = l->text + at;
        resolve_name(in, l->text, at, l);
        l->rest = l->text + at + size;
        l->rest_length = l->length - at - size;
        return true;
    }
    l->number = 0;
    return false;
}

/* "In file included from ./a.h:3:5," and "                 from ./b.h:1:" */
static bool read_included(const struct build_intake *in, struct line *l)
{
    size_t at = skip_blanks(l->text, l->length);
    const char *start = at ? "from " : "In file included from ";

    if (!starts_with(l->text + at, l->length - at, start))
        return false;
    at += strlen(start);
    const char *name = l->text + at;
    const char *colon = memchr(name, ':', l->length - at);
    if (!colon)
        return false;
    size_t size = (size_t)(colon - name);
    l->kind = LINE_INCLUDED;
    resolve_name(in, name, size, l);
    read_number(colon + 1, l->length - at - size - 1, &l->number);
    return true;
}

static bool read_inside(const struct build_intake *in, struct line *l)
{
    static const char *const words[] = {": In function ",
                                        ": At top level:", ": Assembler messages:"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        const char *found = find(l->text, l->length, words[i]);
        if (!found)
            continue;
        size_t size = (size_t)(found - l->text);
        l->kind = LINE_INSIDE;
        resolve_name(in, l->text, size, l);
        l->rest = found + 2;
        l->rest_length = l->length - size - 2;
        return true;
    }
    return false;
}

/* "#include <stdio.h>": the one thing that gcc proposes to insert as a line of its own. */
static bool is_include(const char *text, size_t length)
{
    static const char start[] = "#include <";
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_-./>";

    if (!starts_with(text, length, start))
        return false;
    for (size_t i = strlen(start); i < length; i++) {
        if (!text[i] || !strchr(letters, text[i]))
            return false;
    }
    return true;
}

/* gcc's gutter: "   12 | text", "      | ^~~", "  +++ |+#include <x.h>". */
static bool read_gutter(struct line *l)
{
    size_t at = skip_blanks(l->text, l->length);
    bool insert = starts_with(l->text + at, l->length - at, "+++ |+");
    size_t digits = insert ? 0 : read_number(l->text + at, l->length - at, &l->number);

    if (insert) {
        at += strlen("+++ |+");
        if (!is_include(l->text + at, l->length - at))
            return false;
        l->kind = LINE_INSERT;
    } else {
        at += digits;
        if (!starts_with(l->text + at, l->length - at, " |") &&
            (digits || at == 0 || at >= l->length || l->text[at] != '|'))
            return false;
        at += l->text[at] == '|' ? 1 : 2;
        l->kind = digits ? LINE_QUOTE : LINE_MARKS;
    }
    l->rest = l->text + at;
    l->rest_length = l->length - at;
    return true;
}

/* The linker's two complaints about names. */
static bool read_symbol(const struct build_intake *in, struct line *l)
{
    static const char undefined[] = "undefined reference to `";
    static const char multiple[] = "multiple definition of `";
    static const char first[] = ": first defined here";
    bool twice = false;
    const char *found = find(l->text, l->length, undefined);

    if (!found) {
        found = find(l->text, l->length, multiple);
        twice = true;
    }
    if (!found)
        return false;
    l->kind = twice ? LINE_MULTIPLE : LINE_UNDEFINED;
    l->symbol = found + strlen(twice ? multiple : undefined);
    size_t left = l->length - (size_t)(l->symbol - l->text);
    const char *end = memchr(l->symbol, '\'', left);
    l->symbol_length = end ? (size_t)(end - l->symbol) : left;
    size_t before = (size_t)(found - l->text);
    if (before >= 2)
        resolve_backwards(in, l->text, before - 2, l);
    const char *second = twice && end ? find(l->text, l->length, first) : NULL;
    if (second) {
        struct line other = {.kind = LINE_OTHER};
        if (resolve_backwards(in, l->text, (size_t)(second - l->text), &other)) {
            l->first = other.file;
            l->first_number = other.number;
        }
    }
    return true;
}

/* "gcc: ...", "/usr/bin/ld: ...", "clang-14: ...", "cc1: ...": a tool speaks for itself. */
static bool read_tool(struct line *l)
{
    static const char *const tools[] = {"gcc",
                                        "clang",
                                        "cc1",
                                        "collect2",
                                        "{standard input}", /* as(1) in a pipe */
                                        "ld",
                                        "as",
                                        "lto1",
                                        "x86_64-linux-gnu",
                                        "aarch64-linux-gnu"};
    const char *colon = find(l->text, l->length, ": ");

    /* The linker on programs beyond 2 GiB: it names objects, and addresses in them. cc1 without
     * memory names nobody. */
    if (find(l->text, l->length, "relocation truncated to fit") ||
        starts_with(l->text, l->length, "virtual memory exhausted")) {
        l->kind = LINE_TOOL;
        return true;
    }
    if (!colon)
        return false;
    size_t size = (size_t)(colon - l->text);
    const char *slash = memrchr(l->text, '/', size);
    const char *name = slash ? slash + 1 : l->text;
    size_t left = (size_t)(colon - name);
    for (size_t i = 0; i < sizeof tools / sizeof tools[0]; i++) {
        size_t length = strlen(tools[i]);
        if (!starts_with(name, left, tools[i]) || (left > length && !strchr("-.", name[length])))
            continue;
        l->kind = LINE_TOOL;
        l->rest = colon + 2;
        l->rest_length = l->length - size - 2;
        return true;
    }
    return false;
}

struct line line_read(const struct build_intake *in, const char *text, size_t length)
{
    struct line l = {.kind = LINE_OTHER, .text = text, .length = length};

    if (length && text[length - 1] == '\r')
        l.length--;
    if (find(text, l.length, "compilation terminated due to -fmax-errors") == text ||
        starts_with(text, l.length, "fatal error: too many errors emitted")) {
        l.kind = LINE_LIMIT;
        return l;
    }
    /* In this order: a message's text can hold anything that the later ones look for. */
    if (read_gutter(&l) || read_message(in, &l) || read_included(in, &l) || read_symbol(in, &l) ||
        read_tool(&l))
        return l;
    read_inside(in, &l);
    return l;
}

/* --- lines of the submission ------------------------------------------------------------------ */

bool line_of_file(const struct build_file *file, int number, const char **text, size_t *length)
{
    const char *at = file->bytes.data;
    size_t left = file->bytes.length;

    for (int line = 1; left > 0; line++) {
        const char *end = memchr(at, '\n', left);
        size_t size = end ? (size_t)(end - at) : left;
        if (line == number) {
            *text = at;
            *length = size && at[size - 1] == '\r' ? size - 1 : size;
            return true;
        }
        if (!end)
            break;
        at += size + 1;
        left -= size + 1;
    }
    return false;
}

/* Only what looks the same in every compiler's quotation: no blanks (tabs are widened), no controls
   and nothing behind ASCII (both are escaped, each in its way). */
static void add_comparable(struct buf *b, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] > ' ' && text[i] < 0x7f)
            buf_add(b, text + i, 1);
    }
}

bool line_stands_in(const struct build_file *file, int number, const char *quote, size_t length)
{
    struct buf wanted = {0};
    struct buf own = {0};
    const char *text;
    size_t size;
    bool found = false;

    if (!line_of_file(file, number, &text, &size))
        return false;
    add_comparable(&wanted, quote, length);
    add_comparable(&own, text, size);
    if (wanted.length == 0)
        found = own.length == 0;
    else
        found = own.length && memmem(own.data, own.length, wanted.data, wanted.length);
    buf_free(&wanted);
    buf_free(&own);
    return found;
}
