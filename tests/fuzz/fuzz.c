/**
 * @file fuzz.c
 * The assertions and the taking apart of inputs that the targets share.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

enum {
    SHOWN_MOST = 4096,    /* bytes of one line of a finding; most are cut at 200 or 300 of the input, escaped fourfold */
    OUTPUTS_MOST = 48,    /* lines of a tool */
};

void fuzz_fail(const char *file, int line, const char *condition)
{
    fprintf(stderr, "%s:%d: this does not hold: %s\n", file, line, condition);
    abort();
}

uint8_t input_byte(struct fuzz_input *in)
{
    if (in->left == 0)
        return 0;
    in->left--;
    return *in->at++;
}

uint64_t input_number(struct fuzz_input *in, size_t bytes)
{
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; i++)
        value |= (uint64_t)input_byte(in) << (8 * i);
    return value;
}

void *input_bytes(struct fuzz_input *in, size_t most, size_t *size)
{
    *size = in->left < most ? in->left : most;
    void *copy = xmalloc(*size ? *size : 1);
    memcpy(copy, in->at, *size);
    in->at += *size;
    in->left -= *size;
    return copy;
}

char *input_string(struct fuzz_input *in, size_t most)
{
    size_t size = in->left < most ? in->left : most;
    const void *end = size ? memchr(in->at, '\0', size) : NULL;
    size_t length = end ? (size_t)((const uint8_t *)end - in->at) : size;
    char *text = xstrndup(length ? (const char *)in->at : "", length);
    length += end != NULL;
    in->at += length;
    in->left -= length;
    return text;
}

void must_be_shown(const char *text, size_t most)
{
    size_t length = strlen(text);
    MUST(length <= most);
    for (size_t at = 0; at < length;) {
        uint32_t code = 0;
        size_t size = utf8_decode(text + at, length - at, &code);
        MUST(size > 0);
        MUST(utf8_printable(code));
        at += size;
    }
}

static void must_be_place(const struct place *p, const char *const *files)
{
    if (p->file) {
        while (*files && strcmp(*files, p->file) != 0)
            files++;
        MUST(*files);
    }
    MUST(p->line >= 0);
    if (p->call)
        must_be_shown(p->call, SHOWN_MOST);
    if (p->source)
        must_be_shown(p->source, SHOWN_MOST);
}

void must_be_finding(const struct finding *f, const char *const *files)
{
    MUST(f->places <= FINDING_PLACES);
    for (size_t i = 0; i < f->places; i++)
        must_be_place(&f->place[i], files);
    MUST(f->outputs <= OUTPUTS_MOST);
    for (size_t i = 0; i < f->outputs; i++)
        must_be_shown(f->output[i], SHOWN_MOST);
    if (f->message)
        must_be_shown(f->message, SHOWN_MOST);
}
