/**
 * @file page.c
 * Colours, columns, wrapping.
 *
 * Every text goes through buf_plain() first, whoever made it: nothing but newlines and the colours
 * from here steers the terminal.
 */
#include "report/page.h"

#include <stdlib.h>
#include <string.h>

enum { WIDTH_DEFAULT = 80, WIDTH_MIN = 40, WIDTH_MAX = 100 };

/* Select Graphic Rendition (ECMA-48); the eight colours that every theme makes readable. */
static const char *const sequence[] = {
    [TINT_NONE] = "",          [TINT_STRONG] = "\033[1m", [TINT_DIM] = "\033[2m",
    [TINT_GOOD] = "\033[32m",  [TINT_BAD] = "\033[1;31m", [TINT_WARN] = "\033[33m",
    [TINT_PLACE] = "\033[36m",
};

struct page page_make(struct buf *out, const struct report_style *style)
{
    int width = style->width > 0 ? style->width : WIDTH_DEFAULT;

    /* Prose in very long lines is hard to read, however wide the window. */
    if (width > WIDTH_MAX)
        width = WIDTH_MAX;
    if (width < WIDTH_MIN)
        width = WIDTH_MIN;
    return (struct page){.out = out, .color = style->color, .width = width};
}

/* A harmless copy; on a page of lines, a newline is a space unless it is asked for. */
static char *clean(const char *text, bool newlines)
{
    struct buf b = {0};

    buf_plain(&b, text, strlen(text));
    for (size_t i = 0; i < b.length && !newlines; i++) {
        if (b.data[i] == '\n')
            b.data[i] = ' ';
    }
    return buf_take(&b);
}

/* The first character of a clean text: its bytes and its columns. */
static size_t letter(const char *text, int *columns)
{
    uint32_t code = 0;
    size_t length = utf8_decode(text, strlen(text), &code);

    if (length == 0)
        BUG("not UTF-8 after buf_plain: %02x", (unsigned char)*text);
    *columns = utf8_width(code);
    return length;
}

static int columns_of(const char *text, size_t size)
{
    int sum = 0;

    for (size_t at = 0; at < size;) {
        int columns;
        at += letter(text + at, &columns);
        sum += columns;
    }
    return sum;
}

int page_columns(const char *text)
{
    char *copy = clean(text, false);
    int columns = columns_of(copy, strlen(copy));

    free(copy);
    return columns;
}

static void begin(struct page *p, enum tint tint)
{
    if (p->color)
        buf_puts(p->out, sequence[tint]);
}

static void end(struct page *p, enum tint tint)
{
    if (p->color && tint != TINT_NONE)
        buf_puts(p->out, "\033[0m");
}

static void emit(struct page *p, const char *text, size_t size)
{
    buf_add(p->out, text, size);
    p->column += columns_of(text, size);
}

void page_put(struct page *p, enum tint tint, const char *text)
{
    char *copy = clean(text, false);

    begin(p, tint);
    emit(p, copy, strlen(copy));
    end(p, tint);
    free(copy);
}

/* How many bytes of a text to show in so many columns: whole words if that costs only a few. */
static size_t cut(const char *text, int room)
{
    size_t fits = 0, words = 0;
    int columns;

    for (int column = 0; text[fits];) {
        size_t length = letter(text + fits, &columns);
        column += columns;
        if (column > room)
            break;
        fits += length;
        if (text[fits] == ' ')
            words = fits;
    }
    if (fits - words < 12)
        fits = words;
    while (fits > 0 && text[fits - 1] == ' ')
        fits--;
    return fits;
}

void page_clip(struct page *p, enum tint tint, int limit, const char *text)
{
    char *copy = clean(text, false);
    size_t fits = strlen(copy);

    if (p->column + columns_of(copy, fits) > limit)
        fits = cut(copy, limit - 3 - p->column);
    begin(p, tint);
    emit(p, copy, fits);
    if (copy[fits])
        emit(p, "...", 3);
    end(p, tint);
    free(copy);
}

void page_pad(struct page *p, char filler, int column)
{
    while (p->column < column) {
        buf_add(p->out, &filler, 1);
        p->column++;
    }
}

void page_line(struct page *p)
{
    if (p->column == 0)
        return;
    buf_puts(p->out, "\n");
    p->column = 0;
}

void page_gap(struct page *p)
{
    page_line(p);
    /* Never two, and none at the top of a page. */
    const char *text = buf_text(p->out);
    size_t length = p->out->length;
    if (length == 0 || (length >= 2 && text[length - 1] == '\n' && text[length - 2] == '\n'))
        return;
    buf_puts(p->out, "\n");
}

static void next_line(struct page *p, int indent)
{
    buf_puts(p->out, "\n");
    p->column = 0;
    page_pad(p, ' ', indent);
}

/* A word that is longer than a whole line, broken between letters. */
static void put_long_word(struct page *p, int indent, const char *word, size_t size)
{
    for (size_t at = 0; at < size;) {
        int columns;
        size_t length = letter(word + at, &columns);
        if (p->column + columns > p->width)
            next_line(p, indent);
        emit(p, word + at, length);
        at += length;
    }
}

/* One paragraph. Spaces inside a line stay as many as they were: they may be bytes that matter. */
static void put_words(struct page *p, int indent, const char *text, size_t size)
{
    for (size_t at = 0; at < size;) {
        size_t spaces = strspn(text + at, " ");
        if (spaces > size - at)
            spaces = size - at;
        const char *word = text + at + spaces;
        size_t length = strcspn(word, " \n");
        int columns = columns_of(word, length);

        if (p->column + (int)spaces + columns <= p->width)
            emit(p, text + at, spaces);
        else if (p->column > indent)
            next_line(p, indent);
        if (columns > p->width - indent)
            put_long_word(p, indent, word, length);
        else
            emit(p, word, length);
        at += spaces + length;
    }
}

void page_wrap(struct page *p, enum tint tint, int indent, const char *text)
{
    char *copy = clean(text, true);

    /* A translation's label may be wide: there must be room for words. */
    if (indent > p->width / 2)
        indent = p->width / 2;
    begin(p, tint);
    for (const char *at = copy; *at;) {
        size_t size = strcspn(at, "\n");
        if (at != copy)
            next_line(p, size ? indent : 0);
        put_words(p, indent, at, size);
        at += size + (at[size] == '\n');
    }
    end(p, tint);
    page_line(p);
    free(copy);
}

int page_lines(const struct buf *out)
{
    int lines = 0;

    for (size_t i = 0; i < out->length; i++)
        lines += out->data[i] == '\n';
    return lines;
}
