/**
 * @file wire.c
 * A check's result on its way up the pipe from the checker process.
 *
 * One message:  magic, size of the whole, checksum of the body (FNV-1a), then the body: status,
 * verdict, duration, and the strings and lists of the finding in the order of their declaration.
 * Numbers are 32 or 64 bits in the machine's own order: both ends are the same program. A string is
 * its length and its bytes, NO_STRING for NULL.
 *
 * The reader trusts nothing: the checker may have died in the middle, or been brought to write
 * nonsense. Whatever is not exactly one whole message is refused as a whole; and a string is text that a
 * terminal can be given, whatever the checker has made of it.
 */
#include "core/verdict.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAGIC = 0x76314c53, /* "SL1v" */
    HEADER_SIZE = 4 + 4 + 8,
    LINES_MAX = 100000, /* a count beyond it is nonsense, and must not be allocated */
};
static const uint32_t NO_STRING = UINT32_MAX;

static uint64_t checksum(const char *bytes, size_t size)
{
    uint64_t sum = 0xcbf29ce484222325;

    for (size_t i = 0; i < size; i++)
        sum = (sum ^ (unsigned char)bytes[i]) * 0x100000001b3;
    return sum;
}

static void put_u32(struct buf *b, uint32_t value)
{
    buf_add(b, &value, sizeof value);
}

static void put_u64(struct buf *b, uint64_t value)
{
    buf_add(b, &value, sizeof value);
}

static void put_string(struct buf *b, const char *text)
{
    if (!text) {
        put_u32(b, NO_STRING);
        return;
    }
    size_t length = strlen(text);
    if (length >= NO_STRING)
        BUG("a string of %zu bytes", length);
    put_u32(b, (uint32_t)length);
    buf_add(b, text, length);
}

static void put_list(struct buf *b, char *const *line, size_t count)
{
    size_t sent = count < LINES_MAX ? count : LINES_MAX;

    put_u32(b, (uint32_t)sent);
    for (size_t i = 0; i < sent; i++)
        put_string(b, line[i]);
}

static void put_ladder(struct buf *b, const struct ladder *l)
{
    for (int lane = 0; lane < LADDER_LANES; lane++) {
        put_string(b, l->lane[lane]);
        put_u32(b, l->student[lane]);
    }
    put_u32(b, l->stuck);
    put_u32(b, (uint32_t)l->rows);
    for (size_t i = 0; i < l->rows; i++) {
        const struct ladder_row *row = &l->row[i];
        put_u32(b, (uint32_t)row->lane);
        put_u32(b, (uint32_t)row->kind);
        put_u32(b, (uint32_t)row->line);
        put_u32(b, (uint32_t)(row->since + 1)); /* LADDER_NOWHERE is 0 */
        put_u32(b, (uint32_t)(row->to + 1));
        put_u32(b, (uint32_t)row->travel);
        put_u32(b, row->injected);
        put_u32(b, row->waits);
        put_u32(b, row->kept);
        put_string(b, row->who);
        put_string(b, row->text);
        put_string(b, row->file);
        put_string(b, row->source);
        put_string(b, row->load);
    }
}

int verdict_send(int fd, const struct check_result *r)
{
    const struct finding *f = &r->finding;
    struct buf body = {0};
    struct buf message = {0};

    put_u32(&body, (uint32_t)r->status);
    put_u32(&body, (uint32_t)f->verdict);
    put_u64(&body, (uint64_t)r->duration);
    put_string(&body, f->message);
    put_string(&body, f->expected);
    put_string(&body, f->actual);
    put_u32(&body, (uint32_t)f->places);
    for (size_t i = 0; i < f->places; i++) {
        put_string(&body, f->place[i].file);
        put_u32(&body, (uint32_t)f->place[i].line);
        put_string(&body, f->place[i].call);
        put_string(&body, f->place[i].source);
    }
    put_list(&body, f->step, f->steps);
    put_list(&body, f->output, f->outputs);
    put_ladder(&body, &f->ladder);

    put_u32(&message, MAGIC);
    put_u32(&message, (uint32_t)(HEADER_SIZE + body.length));
    put_u64(&message, checksum(buf_text(&body), body.length));
    buf_add(&message, buf_text(&body), body.length);
    int result = fd_write_all(fd, buf_text(&message), message.length);
    buf_free(&body);
    buf_free(&message);
    return result;
}

/* What is left to read; `bad` once anything was not as it must be, and stays so. */
struct reader {
    const char *at;
    size_t left;
    bool bad;
};

static void get_bytes(struct reader *r, void *to, size_t size)
{
    if (r->bad || size > r->left) {
        r->bad = true;
        memset(to, 0, size);
        return;
    }
    memcpy(to, r->at, size);
    r->at += size;
    r->left -= size;
}

static uint32_t get_u32(struct reader *r)
{
    uint32_t value;

    get_bytes(r, &value, sizeof value);
    return value;
}

static uint64_t get_u64(struct reader *r)
{
    uint64_t value;

    get_bytes(r, &value, sizeof value);
    return value;
}

/* A number below `end`; anything else makes the message bad and is 0. */
static uint32_t get_below(struct reader *r, uint32_t end)
{
    uint32_t value = get_u32(r);

    if (value < end)
        return value;
    r->bad = true;
    return 0;
}

static char *get_string(struct reader *r)
{
    uint32_t length = get_u32(r);

    if (r->bad || length == NO_STRING)
        return NULL;
    /* A NUL inside would hide what follows it. */
    if (length > r->left || memchr(r->at, '\0', length)) {
        r->bad = true;
        return NULL;
    }
    struct buf text = {0};
    buf_plain(&text, r->at, length); /* changes nothing that a checker has escaped as it should */
    r->at += length;
    r->left -= length;
    return buf_take(&text);
}

static void get_list(struct reader *r, char ***line, size_t *count)
{
    uint32_t announced = get_below(r, LINES_MAX + 1);

    /* Each takes at least its length: a short message can't ask for a long list. */
    if (announced > r->left / sizeof(uint32_t))
        r->bad = true;
    if (r->bad || announced == 0)
        return;
    *line = xcalloc(announced, sizeof(char *));
    while (!r->bad && *count < announced) {
        char *text = get_string(r);
        if (!text)
            r->bad = true;
        else
            (*line)[(*count)++] = text;
    }
}

static void get_row(struct reader *r, struct ladder_row *row)
{
    row->lane = (int)get_below(r, LADDER_LANES);
    row->kind = get_below(r, LADDER_KINDS);
    row->line = (int)get_below(r, INT32_MAX);
    row->since = (int)get_below(r, LADDER_ROWS + 1) - 1;
    row->to = (int)get_below(r, LADDER_ROWS + 1) - 1;
    row->travel = get_below(r, TRAVEL_KINDS);
    row->injected = get_below(r, 2);
    row->waits = get_below(r, 2);
    row->kept = get_below(r, 2);
    row->who = get_string(r);
    row->text = get_string(r);
    row->file = get_string(r);
    row->source = get_string(r);
    row->load = get_string(r);
}

static void get_ladder(struct reader *r, struct ladder *l)
{
    for (int lane = 0; lane < LADDER_LANES; lane++) {
        l->lane[lane] = get_string(r);
        l->student[lane] = get_below(r, 2);
    }
    l->stuck = get_below(r, 2);
    uint32_t rows = get_below(r, LADDER_ROWS + 1);
    for (uint32_t i = 0; i < rows && !r->bad; i++)
        get_row(r, ladder_add(l));
    if (!r->bad && !ladder_is_sound(l))
        r->bad = true;
}

static void get_finding(struct reader *r, struct finding *f)
{
    f->message = get_string(r);
    f->expected = get_string(r);
    f->actual = get_string(r);
    uint32_t places = get_below(r, FINDING_PLACES + 1);
    for (uint32_t i = 0; i < places && !r->bad; i++) {
        struct place *place = &f->place[f->places++];
        place->file = get_string(r);
        place->line = (int)get_below(r, INT32_MAX);
        place->call = get_string(r);
        place->source = get_string(r);
    }
    get_list(r, &f->step, &f->steps);
    get_list(r, &f->output, &f->outputs);
    get_ladder(r, &f->ladder);
}

int verdict_receive(const void *bytes, size_t size, struct check_result *r)
{
    struct reader in = {.at = bytes, .left = size};
    struct finding f = {0};

    bool whole = get_u32(&in) == MAGIC && get_u32(&in) == size;
    uint64_t sum = get_u64(&in);
    if (!whole || in.bad || sum != checksum(in.at, in.left))
        return -EBADMSG;

    enum check_status status = get_below(&in, CHECK_ERROR + 1);
    f.verdict = get_below(&in, VERDICT_COUNT);
    int64_t duration = (int64_t)get_u64(&in);
    get_finding(&in, &f);
    /* A pass that names a failure, or a failure that names none, was not written by a checker. */
    if ((status == CHECK_PASS) != (f.verdict == VERDICT_PASS) || duration < 0 || in.left != 0)
        in.bad = true;
    if (in.bad) {
        finding_free(&f);
        return -EBADMSG;
    }
    finding_free(&r->finding);
    r->finding = f;
    r->status = status;
    r->duration = duration;
    return 0;
}
