/**
 * @file fuzz_quote.c
 * core/buf.c and core/utf8.c: bytes of a conversation, output and names, made visible. The first byte says how many of them
 * may be shown.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

/* Letters are as they were decoded, so that nothing slips past in another form (RFC 3629). */
static void try_decode(const void *bytes, size_t size)
{
    uint32_t code = UINT32_MAX;
    size_t length = utf8_decode(bytes, size, &code);
    MUST(length <= 4 && length <= size);
    if (length == 0)
        return;
    MUST(code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff));
    MUST(length == (code < 0x80 ? 1u : code < 0x800 ? 2u : code < 0x10000 ? 3u : 4u));
    int width = utf8_width(code);
    MUST(width >= 0 && width <= 2);
}

static void try_escape(const char *bytes, size_t size, size_t most)
{
    struct buf b = {0};
    buf_escape(&b, bytes, size, most);
    size_t shown = size < most ? size : most;
    must_be_shown(buf_text(&b), 4 * shown);
    /* It can stand between quotes: none ends it early. */
    for (size_t at = 0; at < b.length; at++) {
        MUST(b.data[at] != '"');
        if (b.data[at] == '\\')
            MUST(++at < b.length);
    }
    buf_free(&b);
}

static void try_quote(const char *bytes, size_t size, size_t most)
{
    struct buf b = {0};
    buf_quote(&b, bytes, size, most);
    must_be_shown(buf_text(&b), 4 * (size < most ? size : most) + strlen("\"\"..."));
    MUST(b.data[0] == '"');
    bool cut = b.length > 4 && strcmp(b.data + b.length - 4, "\"...") == 0;
    MUST(cut || b.data[b.length - 1] == '"');
    MUST(cut || size <= most);
    buf_free(&b);
}

static void try_plain(const char *bytes, size_t size)
{
    struct buf once = {0}, twice = {0};
    buf_plain(&once, bytes, size);
    buf_plain(&twice, buf_text(&once), once.length);
    MUST(once.length == twice.length && strcmp(buf_text(&once), buf_text(&twice)) == 0);
    for (size_t i = 0; i < twice.length; i++) /* the one control that stays */
        if (twice.data[i] == '\n')
            twice.data[i] = ' ';
    must_be_shown(buf_text(&twice), 8 * size);
    buf_free(&once);
    buf_free(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fuzz_input in = {bytes, size};
    size_t most = input_byte(&in), length;
    char *text = input_bytes(&in, SIZE_MAX, &length);
    try_decode(text, length);
    try_escape(text, length, most);
    try_escape(text, length, SIZE_MAX);
    try_quote(text, length, most);
    try_plain(text, length);
    free(text);
    return 0;
}
