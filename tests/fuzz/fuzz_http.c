/**
 * @file fuzz_http.c
 * peer/http.c: what a student's server answers. The first byte says whether it answers HEAD, and in pieces of how many bytes it
 * comes the second time: that must make no difference.
 */
#include "fuzz.h"
#include "peer/http.h"

#include <stdlib.h>
#include <string.h>

static size_t feed(struct http_answer *a, bool to_head, const char *bytes, size_t size, size_t piece)
{
    size_t taken = 0, used = 1, n = 1;

    http_begin(a, to_head);
    while (taken < size && used == n) {
        n = piece < size - taken ? piece : size - taken;
        char *copy = malloc(n); /* of just that size: a read beyond is seen */
        memcpy(copy, bytes + taken, n);
        used = http_feed(a, copy, n);
        free(copy);
        MUST(used <= n && (used == n || a->state == HTTP_DONE || a->state == HTTP_WRONG));
        taken += used;
    }
    http_end(a);
    return taken;
}

static void judge(const struct http_answer *a, size_t taken)
{
    const char *end = buf_text(&a->head) + a->head.length;

    MUST(a->head.length <= HTTP_HEAD_MAX && a->fields <= HTTP_FIELDS_MAX && a->head.length <= taken);
    MUST(a->received <= taken && a->body.length <= HTTP_BODY_LIMIT && a->body.length <= a->received);
    MUST((a->state == HTTP_WRONG) == (a->wrong != NULL));
    for (size_t i = 0; i < a->fields; i++)
        MUST(strlen(a->field[i].name) + strlen(a->field[i].value) < (size_t)(end - buf_text(&a->head)));
    if (a->state == HTTP_DONE || a->state == HTTP_BODY) {
        MUST(a->status >= 200 && a->status <= 599);
        MUST(a->framing != HTTP_LENGTH || a->received <= a->length);
        MUST(a->framing != HTTP_NO_BODY || a->received == 0);
        http_lists(a, "connection", "close");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fuzz_input in = {bytes, size};
    struct http_answer once, again;
    uint8_t first = input_byte(&in);
    const char *text = (const char *)in.at;

    size_t taken = feed(&once, first & 1, text, in.left, SIZE_MAX);
    judge(&once, taken);
    MUST(feed(&again, first & 1, text, in.left, 1u + (first >> 1)) == taken);
    MUST(once.state == again.state && once.wrong == again.wrong && once.odd == again.odd && once.status == again.status);
    MUST(once.received == again.received && once.fields == again.fields && once.body.length == again.body.length);
    MUST(once.body.length == 0 || memcmp(once.body.data, again.body.data, once.body.length) == 0);
    const char *date = http_value(&once, "date");
    int64_t seconds;
    if (date && http_date(date, &seconds))
        MUST(strlen(date) == strlen("Sun, 06 Nov 1994 08:49:37 GMT"));
    http_free(&once);
    http_free(&again);
    return 0;
}
