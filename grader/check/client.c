/**
 * @file client.c
 * Peers: who dials, and what is expected of a conversation from the grader's side of it.
 */
#include "check/crowd.h"
#include "check/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN = 60 };

struct peer *client_new(struct check *c, const char *name)
{
    if (c->peers == PEERS_MAX)
        BUG("check %s has too many peers", c->spec->id);
    struct peer *p = xcalloc(1, sizeof(*p));
    if (!name)
        name = check_text(c, _("client %zu"), c->peers + 1);
    peer_init(p, c->timeline, name);
    c->peer[c->peers++] = p;
    return p;
}

static bool is_settled(struct check *c, void *argument)
{
    (void)c;
    const struct peer *p = argument;
    return p->state == PEER_OPEN || p->state == PEER_CLOSED;
}

/** The close that shut the door, or took the connection away; NULL if there was none. */
static const struct event *last_close(const struct check *c, enum fd_kind kind)
{
    for (size_t i = c->timeline->count; i-- > 0;) {
        const struct event *e = c->timeline->event[i];
        if (e->kind == EVENT_CALL && e->fd_kind == kind && e->done && e->result == 0 &&
            (e->group & CALL_CLOSE) && !family_is_reference(c, e->actor))
            return e;
    }
    return NULL;
}

static void fail_to_connect(struct check *c, const struct peer *p, unsigned port) __attribute__((noreturn));

static void fail_to_connect(struct check *c, const struct peer *p, unsigned port)
{
    const char *why = check_text(c, "%s (%s)", errno_name(p->error), strerror(p->error));
    failure_of_end(c, true, check_text(c, _("%s wants to connect to port %u and gets %s"), p->name, port, why));
    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {last_close(c, FD_LISTENER)}};
    if (p->error == ECONNREFUSED)
        check_fail(c, &failure, _("%s is refused: nobody listens on port %u."), p->name, port);
    check_fail(c, &failure, _("%s wants to connect to port %u and gets %s."), p->name, port, why);
}

/** Nothing else on loopback keeps a client waiting (network.c). */
static void fail_at_full_queue(struct check *c, const struct peer *p, unsigned port)
{
    const struct event *listen = NULL;
    for (const struct event *e = NULL; (e = judge_call(c->timeline, e, -1, CALL_LISTEN));)
        if (e->done && e->result == 0)
            listen = e;
    struct failure failure = {.verdict = VERDICT_STUCK, .event = {listen}, .waits = true};
    failure_of_end(c, true, check_text(c, _("%s cannot connect to port %u"), p->name, port));
    check_fail(c, &failure, _("%s cannot get in: the queue of the listening socket is full, so the kernel drops the "
                              "connection request, until somebody accepts."), p->name);
}

struct peer *client_dial_with(struct check *c, const char *name, const struct peer_dial *how)
{
    struct peer *p = client_new(c, name);
    int error = peer_dial(p, how);
    if (error < 0)
        check_trouble(c, _("%s cannot dial: %s"), p->name, strerror(-error));
    enum wait_end end = check_wait(c, is_settled, p);
    if (end == WAIT_STUCK)
        fail_at_full_queue(c, p, how->port);
    if (end != WAIT_OK)
        failure_of_wait(c, end, check_text(c, _("%s cannot connect to port %u"), p->name, how->port), NULL);
    /* Reset means that it was connected and is over already (peer_take_connect). */
    if (p->state == PEER_OPEN || p->error == ECONNRESET || p->error == EPIPE)
        return p;
    fail_to_connect(c, p, how->port);
}

struct peer *client_dial(struct check *c, unsigned port)
{
    return client_dial_with(c, NULL, &(struct peer_dial){.port = port});
}

void client_expect_refused(struct check *c, unsigned port)
{
    struct peer *p = client_new(c, NULL);
    struct peer_dial how = {.port = port};
    int error = peer_dial(p, &how);
    if (error < 0)
        check_trouble(c, _("%s cannot dial: %s"), p->name, strerror(-error));
    check_wait(c, is_settled, p);
    if (p->error == ECONNREFUSED)
        return;
    check_fail(c, &(struct failure){.verdict = VERDICT_MISMATCH, .waits = true},
               _("%s could connect to port %u, where nobody should listen any more."), p->name, port);
}

/* --- what a peer waits for ------------------------------------------------------------------------------- */

/** A peer and how much of what must come. */
struct want {
    struct peer *peer;
    const unsigned char *bytes;
    size_t size;
    uint64_t total; /* received in all, for patterns */
};

static bool is_over(const struct peer *p)
{
    return p->end || p->state == PEER_CLOSED;
}

static bool has_sent(struct check *c, void *argument)
{
    (void)c;
    const struct peer *p = argument;
    return peer_sent(p) || p->state == PEER_CLOSED;
}

void peer_await_sent(struct check *c, struct peer *p)
{
    enum wait_end end = check_wait(c, has_sent, p);
    if (end != WAIT_OK)
        failure_of_wait(c, end,
                        check_text(c, _("%s has sent %llu bytes and has more to send, which nobody takes"), p->name,
                                   (unsigned long long)p->sent),
                        NULL);
}

/** Enough has come, or a byte that is wrong already, or the end. */
static bool has_come(struct check *c, void *argument)
{
    (void)c;
    const struct want *want = argument;
    const struct buf *in = &want->peer->in;
    size_t have = in->length < want->size ? in->length : want->size;
    return have == want->size || (have > 0 && memcmp(in->data, want->bytes, have) != 0) || is_over(want->peer);
}

static char *quoted(const void *bytes, size_t size)
{
    struct buf b = {0};
    if (size == 0)
        buf_puts(&b, _("nothing"));
    else
        buf_quote(&b, bytes, size, SHOWN);
    if (size > SHOWN)
        buf_printf(&b, _(" (%zu bytes)"), size);
    return buf_take(&b);
}

static bool is_done(struct check *c, void *argument)
{
    (void)c;
    return ((const struct event *)argument)->done;
}

/**
 * The writes of the student's programs on connections, the last ones: who sent what is wrong. Bytes arrive before the call
 * that sent them has returned; it is waited for, unless it is blocked.
 */
void failure_blame_writes(struct check *c, struct failure *failure)
{
    size_t n = 0;
    for (size_t i = c->timeline->count; i-- > 0 && n < 2;) {
        const struct event *e = c->timeline->event[i];
        if (e->kind == EVENT_CALL && (e->fd_kind == FD_ACCEPTED || e->fd_kind == FD_CONNECTED) &&
            (e->group & CALL_WRITE) && !family_is_reference(c, e->actor))
            failure->event[n++] = e;
    }
    while (n-- > 0)
        check_wait(c, is_done, (void *)failure->event[n]);
}

static const char *how_over(struct check *c, const struct peer *p)
{
    if (p->error)
        return check_text(c, _("then the connection broke with %s (%s)"), errno_name(p->error),
                          strerror(p->error));
    return _("then end of file");
}

/** The same of a connection that ended before all had come: who closed it, and what was sent before. */
static void blame_close(struct check *c, struct failure *failure)
{
    const struct event *close = last_close(c, FD_ACCEPTED);
    if (!close)
        close = last_close(c, FD_CONNECTED);
    failure_blame_writes(c, failure);
    if (!close)
        return;
    failure->event[1] = failure->event[0];
    failure->event[0] = close;
}

/** @p expected in words. */
static void expect_bytes(struct check *c, struct peer *p, const void *bytes, size_t size, const char *expected)
{
    struct want want = {p, bytes, size, 0};
    enum wait_end end = check_wait(c, has_come, &want);
    size_t have = p->in.length < size ? p->in.length : size;
    if (have == size && memcmp(buf_text(&p->in), bytes, size) == 0) {
        buf_consume(&p->in, size);
        return;
    }
    const char *actual = quoted(buf_text(&p->in), p->in.length);
    bool over = is_over(p) && have < size;
    if (end != WAIT_OK) {
        struct failure more = {.expected = expected, .actual = actual};
        failure_of_wait(c, end,
                        check_text(c, _("%s has sent %llu bytes and waits for %zu, of which %zu have come"), p->name,
                                   (unsigned long long)p->sent, size, have),
                        &more);
    }
    if (over) {
        failure_of_end(c, have == 0 || p->error,
                       check_text(c, _("%s waits for %zu bytes, of which %zu have come"), p->name, size, have));
        actual = check_text(c, "%s, %s", actual, how_over(c, p));
    }
    struct failure failure = {.verdict = VERDICT_MISMATCH, .expected = expected, .actual = actual};
    if (over)
        blame_close(c, &failure);
    else
        failure_blame_writes(c, &failure);
    check_fail(c, &failure, _("%s received something else than it should."), p->name);
}

void peer_expect(struct check *c, struct peer *p, const void *bytes, size_t size)
{
    char *expected = quoted(bytes, size);
    expect_bytes(c, p, bytes, size, expected);
    free(expected);
}

static bool has_all(struct check *c, void *argument)
{
    (void)c;
    const struct want *want = argument;
    return want->peer->received >= want->total || want->peer->pattern_wrong >= 0 || is_over(want->peer);
}

void peer_expect_all(struct check *c, struct peer *p, uint64_t size)
{
    struct want want = {.peer = p, .total = p->pattern_in_start + size};
    enum wait_end end = check_wait(c, has_all, &want);
    if (p->pattern_wrong >= 0) {
        struct failure failure = {.verdict = VERDICT_MISMATCH};
        failure_blame_writes(c, &failure);
        check_fail(c, &failure, _("%s sent %llu bytes; byte number %lld of what came back differs."), p->name,
                   (unsigned long long)p->sent, (long long)p->pattern_wrong + 1);
    }
    if (p->received >= want.total)
        return;
    unsigned long long have = p->received - p->pattern_in_start;
    if (end != WAIT_OK)
        failure_of_wait(c, end,
                        check_text(c, _("%s has sent %llu bytes and waits for %llu, of which %llu have come"),
                                   p->name, (unsigned long long)p->sent, (unsigned long long)size, have),
                        NULL);
    failure_of_end(c, have == 0 || p->error,
                   check_text(c, _("%s waits for %llu bytes, of which %llu have come"), p->name,
                              (unsigned long long)size, have));
    struct failure failure = {.verdict = VERDICT_MISMATCH};
    failure_blame_writes(c, &failure);
    check_fail(c, &failure, _("%s received %llu bytes of %llu, %s."), p->name, have, (unsigned long long)size,
               how_over(c, p));
}

/* Bytes too many end no wait: what comes after them is told too, the same in each run. */
static bool has_end(struct check *c, void *argument)
{
    (void)c;
    const struct peer *p = argument;
    return is_over(p) || p->in.dropped > 0;
}

void peer_expect_end(struct check *c, struct peer *p)
{
    enum wait_end end = check_wait(c, has_end, p);
    if (p->in.length > 0) {
        struct failure failure = {.verdict = VERDICT_MISMATCH, .expected = _("end of file"),
                                  .actual = quoted(buf_text(&p->in), p->in.length)};
        failure_blame_writes(c, &failure);
        check_fail(c, &failure, _("%s received more than it should: after the right bytes end of file must come."),
                   p->name);
    }
    if (end != WAIT_OK)
        failure_of_wait(c, end, check_text(c, _("%s waits for end of file"), p->name), NULL);
    if (!p->error)
        return;
    failure_of_end(c, true, check_text(c, _("%s waits for end of file"), p->name));
    check_fail(c, &(struct failure){.verdict = VERDICT_MISMATCH, .expected = _("end of file"),
                                    .actual = how_over(c, p), .event = {last_close(c, FD_ACCEPTED)}},
               _("The connection of %s was reset instead of closed."), p->name);
}

static bool has_gone(struct check *c, void *argument)
{
    (void)c;
    return is_over(argument);
}

void peer_expect_gone(struct check *c, struct peer *p)
{
    enum wait_end end = check_wait(c, has_gone, p);
    if (end != WAIT_OK)
        failure_of_wait(c, end,
                        check_text(c, _("%s has received %llu bytes and waits for the end of the connection"),
                                   p->name, (unsigned long long)p->received),
                        NULL);
}

void peer_expect_some(struct check *c, struct peer *p)
{
    peer_expect_gone(c, p);
    if (p->received > 0)
        return;
    failure_of_end(c, true, check_text(c, _("%s was not served"), p->name));
    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {last_close(c, FD_LISTENER)}};
    if (p->error && failure.event[0])
        check_fail(c, &failure, _("%s waited in the queue and was reset: the listening socket was closed."), p->name);
    failure.actual = p->error ? check_text(c, "%s (%s)", errno_name(p->error), strerror(p->error)) : _("end of file");
    failure.event[0] = last_close(c, FD_ACCEPTED);
    failure_blame_writes(c, &failure);
    check_fail(c, &failure, _("%s was connected, but the connection ended before a single byte came."), p->name);
}

static bool has_left(struct check *c, void *argument)
{
    (void)c;
    return ((const struct peer *)argument)->state == PEER_CLOSED;
}

static void await_left(struct check *c, struct peer *p)
{
    enum wait_end end = check_wait(c, has_left, p);
    if (end == WAIT_OK)
        return;
    failure_of_time(c, end, check_text(c, _("%s should leave its connection"), p->name));
    check_trouble(c, _("%s could not leave its connection"), p->name);
}

void peer_await_left(struct check *c, struct peer *p)
{
    await_left(c, p);
    check_settle(c);
}

void peer_await_gone(struct check *c, struct peer *p)
{
    await_left(c, p);
    check_rest(c);
}

void peer_expect_either(struct check *c, struct peer *p, const char *one, const char *other)
{
    struct want want = {p, (const unsigned char *)one, strlen(one), 0};
    check_wait(c, has_come, &want); /* or the other text, which ends it at its first byte */
    size_t have = p->in.length < strlen(other) ? p->in.length : strlen(other);
    bool is_other = have > 0 && memcmp(p->in.data, other, have) == 0;
    const char *text = is_other ? other : one;
    char *here = quoted(one, strlen(one)), *there = quoted(other, strlen(other));
    expect_bytes(c, p, text, strlen(text), check_text(c, _("%s or %s"), here, there));
    free(here);
    free(there);
}

void peer_expect_none(struct check *c, struct peer *p)
{
    if (p->in.length == 0 && !is_over(p))
        return;
    if (p->in.length == 0)
        failure_of_end(c, true, check_text(c, _("the connection of %s should stay open"), p->name));
    struct failure failure = {.verdict = VERDICT_MISMATCH, .expected = _("nothing")};
    failure.actual = p->in.length > 0 ? quoted(buf_text(&p->in), p->in.length) : how_over(c, p);
    failure_blame_writes(c, &failure);
    if (p->in.length > 0)
        check_fail(c, &failure, _("%s received something that is not for it, or not yet."), p->name);
    failure.event[0] = last_close(c, FD_ACCEPTED);
    check_fail(c, &failure, _("The connection of %s is over, although it has not left."), p->name);
}

void peer_expect_silence(struct check *c, struct peer *p)
{
    check_settle(c);
    if (p->in.length == 0 && !is_over(p))
        return;
    struct failure failure = {.verdict = VERDICT_MISMATCH, .expected = _("nothing")};
    if (p->in.length > 0)
        failure.actual = quoted(buf_text(&p->in), p->in.length);
    else
        failure.actual = how_over(c, p);
    failure_blame_writes(c, &failure);
    check_fail(c, &failure, _("%s received something although it was not time yet."), p->name);
}
