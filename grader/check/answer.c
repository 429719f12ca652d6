/**
 * @file answer.c
 * Answers of a student's HTTP server: waiting for one, and saying what is the matter with it.
 */
#include "check/http.h"
#include "check/internal.h"

#include <stdlib.h>
#include <string.h>

enum { SHOWN = 70, UNREAD_MAX = 4 << 20 };

char *http_request(struct check *c, const char *method, const char *target, const char *fields)
{
    return check_text(c, "%s %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n", method, target, fields);
}

/* --- reading ------------------------------------------------------------------------------------------------ */

/** Argument of has_answer(). */
struct reading {
    struct peer *peer;
    struct http_answer *answer;
};

static bool is_over(const struct peer *p)
{
    return p->end || p->state == PEER_CLOSED;
}

static bool has_answer(struct check *c, void *argument)
{
    (void)c;
    struct reading *r = argument;
    struct buf *in = &r->peer->in;
    buf_consume(in, http_feed(r->answer, buf_text(in), in->length));
    if (r->peer->end)
        http_end(r->answer);
    return r->answer->state == HTTP_DONE || r->answer->state == HTTP_WRONG || is_over(r->peer);
}

enum wait_end http_read(struct check *c, struct peer *p, struct http_answer *a)
{
    struct reading reading = {p, a};
    p->in.limit = UNREAD_MAX;
    return check_wait(c, has_answer, &reading);
}

/* --- what is the matter ------------------------------------------------------------------------------------- */

const char *http_status_line(struct check *c, const struct http_answer *a)
{
    struct buf line = {0};
    const char *head = buf_text(&a->head);
    buf_quote(&line, head, strcspn(head, "\r\n"), SHOWN);
    char *text = check_text(c, "%s", buf_text(&line));
    buf_free(&line);
    return text;
}

void http_fail(struct check *c, const struct http_answer *a, const char *expected, const char *actual, const char *format, ...)
{
    struct failure failure = {.verdict = VERDICT_MISMATCH, .expected = expected, .actual = actual};
    struct buf text = {0};
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    if (!actual)
        failure.actual = http_status_line(c, a);
    failure_blame_writes(c, &failure);
    check_fail(c, &failure, "%s", buf_text(&text));
}

/** How far an answer got, as a part of a sentence. */
static const char *progress(struct check *c, const struct http_answer *a)
{
    if (a->state == HTTP_HEAD && a->head.length == 0)
        return _("of which nothing has come");
    if (a->state == HTTP_HEAD)
        return _("of which the head has not come to its end, an empty line");
    if (a->framing == HTTP_UNTIL_CLOSE)
        return _("which has no Content-Length: its body goes on until the connection is closed (RFC 9112 section 6.3)");
    if (a->framing == HTTP_CHUNKED)
        return _("whose last chunk has not come (RFC 9112 section 7.1)");
    return check_text(c, _("of which %llu of %llu bytes of the body have come (Content-Length)"), (unsigned long long)a->received,
                      (unsigned long long)a->length);
}

static void fail_wrong(struct check *c, const struct http_answer *a, const char *asked) __attribute__((noreturn));
static void fail_wrong(struct check *c, const struct http_answer *a, const char *asked)
{
    struct buf head = {0};
    buf_quote(&head, buf_text(&a->head), a->head.length, SHOWN);
    const char *actual = a->head.length > 0 ? check_text(c, "%s", buf_text(&head)) : _("bytes that do not begin with \"HTTP/\"");
    http_fail(c, a, NULL, actual, _("The answer to %s %s."), asked, _(a->wrong));
}

void http_expect_whole(struct check *c, struct peer *p, const struct http_answer *a, enum wait_end end, const char *asked)
{
    if (a->state == HTTP_DONE)
        return;
    const char *what = check_text(c, _("%s has sent %s and waits for the answer, %s"), p->name, asked, progress(c, a));
    if (a->state == HTTP_WRONG)
        fail_wrong(c, a, asked);
    if (end != WAIT_OK)
        failure_of_wait(c, end, what, NULL);
    failure_of_end(c, a->head.length == 0, what);
    const char *how = p->error ? check_text(c, _("the connection broke with %s"), errno_name(p->error)) : _("end of file");
    http_fail(c, a, _("the whole answer"), how, _("The connection of %s ended while it waited for the answer to %s, %s."), p->name, asked,
              progress(c, a));
}

struct http_answer *http_await(struct check *c, struct peer *p, const char *asked)
{
    struct http_answer *a = xcalloc(1, sizeof(*a));
    http_begin(a, strncmp(asked, "HEAD ", 5) == 0);
    http_expect_whole(c, p, a, http_read(c, p, a), asked);
    return a;
}
