/**
 * @file fuzz_verdict.c
 * core/wire.c: a verdict on its way from a checker. The input is the message's body; with an odd first byte it is the whole
 * message instead. What is taken goes out again as the same bytes, but for those that could steer a terminal; what is not
 * leaves the result as it was.
 */
#include "fuzz.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The header as wire.c describes it: without a right checksum no input would ever be read further. */
static void *add_header(const void *body, size_t size, size_t *whole)
{
    uint64_t sum = 0xcbf29ce484222325;
    for (size_t i = 0; i < size; i++)
        sum = (sum ^ ((const unsigned char *)body)[i]) * 0x100000001b3;
    uint32_t magic = 0x76314c53, length = (uint32_t)(size + 16);
    *whole = size + 16;
    char *message = xmalloc(*whole);
    memcpy(message, &magic, 4);
    memcpy(message + 4, &length, 4);
    memcpy(message + 8, &sum, 8);
    memcpy(message + 16, body, size);
    return message;
}

/** The bytes that verdict_send() makes of a result. */
static void encode(const struct check_result *r, struct buf *out)
{
    int fd = memfd_create("verdict", MFD_CLOEXEC);
    MUST(fd >= 0);
    MUST(verdict_send(fd, r) == 0);
    MUST(lseek(fd, 0, SEEK_SET) == 0);
    MUST(fd_read_all(fd, out) == 0);
    close(fd);
}

/** A NULL is none; newlines stay. */
static void must_be_text(const char *text)
{
    char *line = text ? xstrdup(text) : NULL;
    for (char *at = line; at && (at = strchr(at, '\n'));)
        *at = ' ';
    if (line)
        must_be_shown(line, SIZE_MAX);
    free(line);
}

static void must_be_drawn(const struct ladder *l)
{
    MUST(ladder_is_sound(l));
    must_be_text(l->lane[0]);
    must_be_text(l->lane[1]);
    for (size_t i = 0; i < l->rows; i++) {
        const struct ladder_row *row = &l->row[i];
        MUST(ladder_kind_word(row->kind)[0] && ladder_travel_word(row->travel)[0]);
        must_be_text(row->who);
        must_be_text(row->text);
        must_be_text(row->file);
        must_be_text(row->source);
        must_be_text(row->load);
    }
}

static void must_be_words(const struct finding *f)
{
    MUST(verdict_word(f->verdict)[0]);
    MUST(f->places <= FINDING_PLACES);
    must_be_text(f->message);
    must_be_text(f->expected);
    must_be_text(f->actual);
    for (size_t i = 0; i < f->places; i++) {
        MUST(f->place[i].line >= 0);
        must_be_text(f->place[i].file);
        must_be_text(f->place[i].call);
        must_be_text(f->place[i].source);
    }
    for (size_t i = 0; i < f->steps; i++) {
        MUST(f->step[i]);
        must_be_text(f->step[i]);
    }
    for (size_t i = 0; i < f->outputs; i++) {
        MUST(f->output[i]);
        must_be_text(f->output[i]);
    }
    must_be_drawn(&f->ladder);
}

/** Bytes that were escaped take more room; a tab may have become one space. */
static void must_be_same(const struct buf *again, const void *message, size_t size)
{
    MUST(again->length >= size);
    if (again->length == size && !memchr(message, '\t', size))
        MUST(memcmp(again->data, message, size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fuzz_input in = {bytes, size};
    bool bare = input_byte(&in) & 1;
    size_t length, whole;
    void *body = input_bytes(&in, SIZE_MAX, &length);
    void *message = bare ? body : add_header(body, length, &whole);
    if (bare)
        whole = length;
    struct check_result r = {.status = CHECK_ERROR, .duration = -7};
    int result = verdict_receive(message, whole, &r);
    MUST(result == 0 || result == -EBADMSG);
    if (result == 0) {
        struct buf again = {0};
        MUST(check_status_word(r.status)[0]);
        must_be_words(&r.finding);
        encode(&r, &again);
        must_be_same(&again, message, whole);
        buf_free(&again);
    } else {
        MUST(r.status == CHECK_ERROR && r.duration == -7 && !r.finding.message && r.finding.steps == 0);
    }
    finding_free(&r.finding);
    if (!bare)
        free(message);
    free(body);
    return 0;
}
