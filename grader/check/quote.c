/**
 * @file quote.c
 * A stranger's words as a report may show them: lines of handed-in sources, and what sanitizers wrote on a program's stderr. The
 * program can write there too, whatever it likes, NUL bytes included.
 */
#include "check/internal.h"

#include <stdlib.h>
#include <string.h>

enum {
    REPORT_LINES = 14,
    LINE_SHOWN = 200, /* bytes of a source or report line */
    DIGITS_MAX = 7,   /* of a line's number: a file has BUILD_FILE_LIMIT bytes */
};

/* --- sources ---------------------------------------------------------------------------------------------- */

static char *copy_shown(const char *line, size_t length)
{
    struct buf text = {0};
    buf_plain(&text, line, length < LINE_SHOWN ? length : LINE_SHOWN); /* nobody reads on */
    return buf_take(&text);
}

static const struct build_file *find_file(const struct build_intake *in, const char *name)
{
    for (size_t i = 0; i < in->files; i++)
        if (strcmp(in->file[i].name, name) == 0)
            return &in->file[i];
    return NULL;
}

char *quote_source(const struct build_intake *in, const char *file, int number)
{
    const struct build_file *f = find_file(in, file);
    const char *at = f && number > 0 ? buf_text(&f->bytes) : NULL;
    for (int line = 1; line < number && at; line++) {
        at = strchr(at, '\n');
        at = at ? at + 1 : NULL;
    }
    return at && *at ? copy_shown(at, strcspn(at, "\r\n")) : NULL; /* behind the last newline there is no line */
}

/* --- sanitizers' reports ------------------------------------------------------------------------------------ */

/** The line in which the first report begins, and whether it is about a leak; NULL if there is none. */
static const char *find_report(const char *said, size_t size, bool *leak)
{
    static const char *const marks[] = {"ERROR: LeakSanitizer", "ERROR: AddressSanitizer", "runtime error:",
                                        "WARNING: ThreadSanitizer", "AddressSanitizer:DEADLYSIGNAL"};
    const char *first = NULL;
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        const char *at = size ? memmem(said, size, marks[i], strlen(marks[i])) : NULL;
        if (!at || (first && at > first))
            continue;
        first = at;
        *leak = i == 0;
    }
    while (first && first > said && first[-1] != '\n')
        first--;
    return first;
}

/** A number of a few digits; 0 if it is none. */
static int read_number(const char *at, const char *end)
{
    int number = 0;
    for (int digits = 0; at < end && *at >= '0' && *at <= '9'; at++) {
        if (++digits > DIGITS_MAX)
            return 0;
        number = number * 10 + (*at - '0');
    }
    return number;
}

/** Where NAME: stands as the whole name of a file, and its line; 0 if it does not, or the file has no such line. */
static int find_number(const char *line, size_t length, const char *name)
{
    const char *end = line + length;
    size_t size = strlen(name);
    for (const char *at = line; (at = memmem(at, (size_t)(end - at), name, size)); at += size) {
        if ((at == line || at[-1] == '/' || at[-1] == ' ') && at + size < end && at[size] == ':')
            return read_number(at + size + 1, end);
    }
    return 0;
}

/** A line like "#1 0x4011f6 in greet ./hello_server.c:42": adds the place if it is the student's. */
static void add_place(const struct build_intake *in, const char *line, size_t length, struct finding *f)
{
    for (size_t i = 0; i < in->files; i++) {
        const char *name = in->file[i].name;
        int number = in->file[i].kit ? 0 : find_number(line, length, name);
        char *text = quote_source(in, name, number);
        if (!text)
            continue;
        if (f->places < FINDING_PLACES) {
            finding_place(f, name, number, NULL);
            finding_source(f, text);
        }
        free(text);
        return;
    }
}

bool quote_report(const struct build_intake *in, const char *said, size_t size, struct finding *f)
{
    bool leak = false;
    const char *at = find_report(said, size, &leak);
    if (!at)
        return false;
    f->verdict = leak ? VERDICT_LEAK : VERDICT_SANITIZER;
    const char *end = said + size;
    for (int lines = 0; at < end && lines < REPORT_LINES; lines++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((newline ? newline : end) - at);
        char *text = copy_shown(at, length && at[length - 1] == '\r' ? length - 1 : length);
        finding_output(f, text);
        free(text);
        add_place(in, at, length, f);
        at += length + (newline != NULL);
    }
    return true;
}
