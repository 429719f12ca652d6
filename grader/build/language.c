/**
 * @file language.c
 * Bytes that are no C: a compiled program, an archive, UTF-16, a program in another language.
 *
 * A right program must never be refused here, so the words of a language count only where C cannot
 * have them: outside comments and strings, at the start of a line, in a file that includes nothing.
 */
#include "build/part.h"

#include <stdlib.h>
#include <string.h>

/* What a file of another format begins with. */
static const struct {
    const char *bytes;
    size_t size;
    const char *words;
} formats[] = {
    {"\177ELF", 4, N_("is a compiled program: hand in its source")},
    {"!<arch>\n", 8, N_("is a compiled library: hand in its source")},
    {"\xca\xfe\xba\xbe", 4, N_("is a compiled Java class, not C source")},
    {"PK\3\4", 4, N_("is a ZIP archive or an office document, not plain text")},
    {"\x1f\x8b", 2, N_("is a compressed file: unpack it")},
    {"%PDF-", 5, N_("is a PDF document, not plain text")},
    {"{\\rtf", 5, N_("is a word processor's document: save it as plain text")},
    {"\xff\xfe", 2, N_("is UTF-16 text: save it as UTF-8")},
    {"\xfe\xff", 2, N_("is UTF-16 text: save it as UTF-8")},
    {"#!", 2, N_("is a script (its first line begins with #!), not C source")},
};

/* What no C file can begin with, behind blanks. */
static const struct {
    const char *text;
    const char *words;
} beginnings[] = {
    {"<?php", N_("is a PHP program, not C")},
    {"<", N_("is HTML or XML, not C source")},
    {"```", N_("begins with ```, a Markdown fence: keep only the program between the fences")},
};

/* Lines of other languages: their tokens with one blank between. `end` must be the line's last
   token if it is given. `bare`: only in a file without #include; `no_semicolon`: and without a `;`. */
static const struct {
    const char *start;
    const char *end;
    bool bare;
    bool no_semicolon;
    const char *words;
} habits[] = {
    {"import ", NULL, true, true, N_("is a Python program, not C")},
    {"from ", NULL, true, true, N_("is a Python program, not C")},
    {"def ", ":", true, true, N_("is a Python program, not C")},
    {"class ", ":", true, true, N_("is a Python program, not C")},
    {"import java ", NULL, true, false, N_("is a Java program, not C")},
    {"public class ", NULL, true, false, N_("is a Java program, not C")},
    {"using System ;", NULL, true, false, N_("is a C# program, not C")},
    {"package main", "main", true, false, N_("is a Go program, not C")},
    {"fn main ( ", NULL, true, false, N_("is a Rust program, not C")},
    {"use std : : ", NULL, true, false, N_("is a Rust program, not C")},
    {"# include < iostream >", NULL, false, false, N_("is a C++ program: this course is in C")},
    {"# include < string >", NULL, false, false, N_("is a C++ program: this course is in C")},
    {"# include < vector >", NULL, false, false, N_("is a C++ program: this course is in C")},
    {"# include < cstring >", NULL, false, false, N_("is a C++ program: this course is in C")},
    {"# include < cstdio >", NULL, false, false, N_("is a C++ program: this course is in C")},
    {"# include < cstdlib >", NULL, false, false, N_("is a C++ program: this course is in C")},
    {"using namespace ", NULL, false, false, N_("is a C++ program: this course is in C")},
    {"std : : ", NULL, false, false, N_("is a C++ program: this course is in C")},
};
enum { HABITS = sizeof habits / sizeof habits[0] };

/* What was seen of a file's tokens. */
struct look {
    size_t tokens;
    bool include;
    bool semicolon;
    bool statement; /* a `;`, `{` or `#`: every C file has one of them */
    bool guarded;   /* parts are left out by the preprocessor: those may be of another language */
    int habit[HABITS]; /* line where it was first seen, 0 if not */
};

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

static void look_at_line(struct look *look, const char *line, const char *last, int number)
{
    if (starts_with(line, "# include"))
        look->include = true;
    if (strcmp(line, "# if 0 ") == 0 || strstr(line, "__cplusplus"))
        look->guarded = true;
    for (size_t i = 0; i < HABITS; i++) {
        if (look->habit[i] || !starts_with(line, habits[i].start))
            continue;
        if (!habits[i].end || strcmp(last, habits[i].end) == 0)
            look->habit[i] = number;
    }
}

static struct look look_at(const void *bytes, size_t size)
{
    /* No pattern is longer: the tail of a long line is of no interest. */
    struct source s = source_open(bytes, size);
    struct buf line = {.limit = 200};
    struct look look = {0};
    char last[16] = "";
    int number = 1;
    enum source_kind kind;

    do {
        kind = source_next(&s);
        if (kind == SOURCE_NEWLINE || kind == SOURCE_END) {
            look_at_line(&look, buf_text(&line), last, number);
            buf_clear(&line);
            last[0] = '\0';
            continue;
        }
        if (line.length == 0)
            number = s.token_line;
        look.tokens++;
        buf_printf(&line, "%s ", kind == SOURCE_STRING ? "\"" : buf_text(&s.text));
        snprintf(last, sizeof last, "%s", kind == SOURCE_STRING ? "\"" : buf_text(&s.text));
        if (kind == SOURCE_MARK && source_is(&s, ";"))
            look.semicolon = true;
        if (kind == SOURCE_MARK && strchr(";{#", buf_text(&s.text)[0]))
            look.statement = true;
    } while (kind != SOURCE_END);
    source_close(&s);
    buf_free(&line);
    return look;
}

static const char *refuse_tokens(const void *bytes, size_t size, int *line)
{
    struct look look = look_at(bytes, size);

    for (size_t i = 0; i < HABITS && !look.guarded; i++) {
        if (!look.habit[i] || (habits[i].bare && look.include))
            continue;
        if (habits[i].no_semicolon && look.semicolon)
            continue;
        *line = look.habit[i];
        return _(habits[i].words);
    }
    if (look.tokens > 0 && !look.statement)
        return _("is no C program: there is not one statement in it");
    return NULL;
}

static int line_at(const char *bytes, size_t offset)
{
    int line = 1;

    for (size_t i = 0; i < offset; i++)
        line += bytes[i] == '\n';
    return line;
}

const char *language_refuse(const void *bytes, size_t size, int *line)
{
    const char *text = bytes;
    size_t bom = size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    size_t skip = bom;

    *line = 0;
    if (size == 0)
        return _("is empty");
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (size - skip >= formats[i].size &&
            memcmp(text + skip, formats[i].bytes, formats[i].size) == 0)
            return _(formats[i].words);
    }
    /* A NUL in the middle of a source makes compilers stop, warn or not see the rest, each as it likes. */
    const char *nul = memchr(text, '\0', size);
    if (nul) {
        *line = line_at(text, (size_t)(nul - text));
        return _("holds NUL bytes, so it is no plain text");
    }
    while (skip < size && strchr(" \t\v\f\r\n", text[skip]))
        skip++;
    if (skip == size)
        return _("holds nothing but blanks");
    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++) {
        size_t length = strlen(beginnings[i].text);
        if (size - skip >= length && memcmp(text + skip, beginnings[i].text, length) == 0)
            return _(beginnings[i].words);
    }
    return refuse_tokens(text + bom, size - bom, line);
}
