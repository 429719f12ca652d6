/**
 * @file buf.c
 * A growing byte buffer under a limit, and bytes made visible.
 *
 * data[length] is always NUL once there is data; capacity counts that NUL.
 */
#include "core/core.h"

#include <stdlib.h>
#include <string.h>

/* Makes room for `size` more bytes and the NUL. */
static void grow(struct buf *b, size_t size)
{
    size_t needed;

    if (__builtin_add_overflow(b->length, size, &needed) || needed > SIZE_MAX / 4)
        die(STATUS_TROUBLE, "%s", _("out of memory"));
    if (needed < b->capacity)
        return;
    /* Doubling keeps the cost of many small additions linear. */
    size_t capacity = b->capacity ? b->capacity : 64;
    while (capacity <= needed)
        capacity *= 2;
    b->data = xrealloc(b->data, capacity);
    b->capacity = capacity;
}

void buf_add(struct buf *b, const void *bytes, size_t size)
{
    size_t keep = size;

    if (b->limit) {
        size_t room = b->limit > b->length ? b->limit - b->length : 0;
        keep = size < room ? size : room;
    }
    b->dropped += size - keep;
    if (keep == 0)
        return;
    grow(b, keep);
    memcpy(b->data + b->length, bytes, keep);
    b->length += keep;
    b->data[b->length] = '\0';
}

void buf_puts(struct buf *b, const char *text)
{
    buf_add(b, text, strlen(text));
}

void buf_vprintf(struct buf *b, const char *format, va_list args)
{
    char *text;
    int length = vasprintf(&text, format, args);

    if (length < 0)
        die(STATUS_TROUBLE, "%s", _("out of memory"));
    buf_add(b, text, (size_t)length);
    free(text);
}

void buf_printf(struct buf *b, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    buf_vprintf(b, format, args);
    va_end(args);
}

void buf_consume(struct buf *b, size_t size)
{
    if (size > b->length)
        BUG("%zu bytes consumed of %zu", size, b->length);
    if (size == 0)
        return;
    memmove(b->data, b->data + size, b->length - size + 1);
    b->length -= size;
}

void buf_clear(struct buf *b)
{
    b->length = 0;
    b->dropped = 0;
    if (b->data)
        b->data[0] = '\0';
}

void buf_free(struct buf *b)
{
    free(b->data);
    *b = (struct buf){.limit = b->limit};
}

const char *buf_text(const struct buf *b)
{
    return b->data ? b->data : "";
}

char *buf_take(struct buf *b)
{
    char *text = b->data ? b->data : xstrdup("");

    *b = (struct buf){.limit = b->limit};
    return text;
}

/* The escape of one byte. `next` is the byte behind it, -1 at the end. */
static void escape_byte(struct buf *b, unsigned char byte, int next)
{
    static const char letter[256] = {
        ['\a'] = 'a', ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n',  ['\v'] = 'v',
        ['\f'] = 'f', ['\r'] = 'r', ['"'] = '"',  ['\\'] = '\\',
    };

    if (letter[byte])
        buf_printf(b, "\\%c", letter[byte]);
    else if (byte == 0 && !(next >= '0' && next <= '9'))
        buf_puts(b, "\\0");
    else if (byte >= 0x20 && byte < 0x7f)
        buf_add(b, &byte, 1);
    else
        buf_printf(b, "\\x%02x", byte); /* also a NUL before a digit: \01 would be another byte */
}

/* Escapes up to `most` bytes and says how many were shown: a letter is never cut in two. */
static size_t escape_some(struct buf *b, const unsigned char *bytes, size_t size, size_t most)
{
    size_t at = 0;

    while (at < size && at < most) {
        uint32_t code = 0;
        size_t length = utf8_decode(bytes + at, size - at, &code);
        if (length > 1 && utf8_printable(code)) {
            if (at + length > most)
                break;
            buf_add(b, bytes + at, length);
            at += length;
            continue;
        }
        escape_byte(b, bytes[at], at + 1 < size ? bytes[at + 1] : -1);
        at++;
    }
    return at;
}

void buf_escape(struct buf *b, const void *bytes, size_t size, size_t most)
{
    escape_some(b, bytes, size, most);
}

void buf_quote(struct buf *b, const void *bytes, size_t size, size_t most)
{
    buf_puts(b, "\"");
    size_t shown = escape_some(b, bytes, size, most);
    buf_puts(b, shown < size ? "\"..." : "\"");
}

void buf_plain(struct buf *b, const void *bytes, size_t size)
{
    const char *text = bytes;
    size_t column = 0;

    for (size_t at = 0; at < size;) {
        uint32_t code = 0;
        size_t length = utf8_decode(text + at, size - at, &code);
        if (code == '\t') {
            size_t spaces = 8 - column % 8;
            buf_add(b, "        ", spaces);
            column += spaces;
        } else if (length && code == '\n') {
            buf_puts(b, "\n");
            column = 0;
        } else if (length && utf8_printable(code)) {
            buf_add(b, text + at, length);
            column += (size_t)utf8_width(code);
        } else {
            /* Byte by byte, of a whole character that must not be seen as well. */
            length = 1;
            buf_printf(b, "\\x%02x", (unsigned char)text[at]);
            column += 4;
        }
        at += length;
    }
}

void buf_shell(struct buf *b, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+,:@%-=";
    if (*word && word[strspn(word, plain)] == '\0') {
        buf_puts(b, word);
        return;
    }
    buf_puts(b, "'");
    for (; *word; word++) {
        if (*word == '\'')
            buf_puts(b, "'\\''");
        else
            buf_add(b, word, 1);
    }
    buf_puts(b, "'");
}
