/**
 * @file source.c
 * C source as words, strings and marks, as translation phases 2 and 3 (C11 5.1.1.2) see it: lines
 * spliced at a backslash, comments gone. No preprocessing: what an #if leaves out is read too.
 */
#include "build/part.h"

#include <string.h>

struct source source_open(const void *bytes, size_t size)
{
    return (struct source){.bytes = bytes, .size = size, .line = 1};
}

void source_close(struct source *s)
{
    buf_free(&s->text);
}

bool source_is(const struct source *s, const char *text)
{
    return strcmp(buf_text(&s->text), text) == 0;
}

/* Steps over a backslash at the end of a line. gcc and clang allow blanks between the two. */
static bool skip_splice(struct source *s)
{
    size_t at = s->at;

    if (at >= s->size || s->bytes[at] != '\\')
        return false;
    at++;
    while (at < s->size && s->bytes[at] && strchr(" \t\v\f\r", s->bytes[at]))
        at++;
    if (at >= s->size || s->bytes[at] != '\n')
        return false;
    s->at = at + 1;
    s->line++;
    return true;
}

/* The next byte, -1 at the end; it stays. */
static int peek(struct source *s)
{
    while (skip_splice(s))
        ;
    return s->at < s->size ? (unsigned char)s->bytes[s->at] : -1;
}

static int take(struct source *s)
{
    int byte = peek(s);

    if (byte < 0)
        return byte;
    s->at++;
    if (byte == '\n')
        s->line++;
    return byte;
}

static void skip_line_comment(struct source *s)
{
    while (peek(s) >= 0 && peek(s) != '\n')
        take(s);
}

static void skip_block_comment(struct source *s)
{
    int byte = take(s);

    while (byte >= 0) {
        if (byte == '*' && peek(s) == '/') {
            take(s);
            return;
        }
        byte = take(s);
    }
}

/* An unterminated string ends with its line, as the compilers have it. */
static enum source_kind read_string(struct source *s, int quote)
{
    while (peek(s) >= 0 && peek(s) != '\n') {
        int byte = take(s);
        if (byte == quote)
            break;
        char kept = (char)byte;
        buf_add(&s->text, &kept, 1);
        if (byte == '\\' && peek(s) >= 0 && peek(s) != '\n') {
            kept = (char)take(s);
            buf_add(&s->text, &kept, 1);
        }
    }
    return SOURCE_STRING;
}

static bool is_word(int byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || byte == '$' || byte >= 0x80;
}

enum source_kind source_next(struct source *s)
{
    for (;;) {
        int byte = peek(s);
        char kept = (char)byte;

        buf_clear(&s->text);
        s->token_line = s->line;
        if (byte < 0)
            return SOURCE_END;
        take(s);
        if (byte == '\n')
            return SOURCE_NEWLINE;
        if (byte == '/' && peek(s) == '/') {
            skip_line_comment(s);
        } else if (byte == '/' && peek(s) == '*') {
            take(s);
            skip_block_comment(s);
        } else if (byte == '"' || byte == '\'') {
            return read_string(s, byte);
        } else if (is_word(byte)) {
            buf_add(&s->text, &kept, 1);
            while (is_word(peek(s))) {
                kept = (char)take(s);
                buf_add(&s->text, &kept, 1);
            }
            return SOURCE_WORD;
        } else if (!strchr(" \t\v\f\r", byte)) {
            buf_add(&s->text, &kept, 1);
            return SOURCE_MARK;
        }
    }
}
