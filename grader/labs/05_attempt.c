/**
 * @file 05_attempt.c
 * Lab 05: how often, when and where the client tries to connect.
 *
 * A client is kept before a connect(2) while the world around it changes: so a server comes up exactly
 * before the third round, whatever the client does in between.
 */
#include "labs/05_connect.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

static const int64_t ms = 1000000;
static const int64_t LONGEST = INT64_C(86400000000000); /* ns: a day */

/* --- attempts ----------------------------------------------------------------------------------------- */

bool attempt_is_tcp(const struct event *e)
{
    return e->sock && (e->fd_kind == FD_SOCKET || e->fd_kind == FD_CONNECTED);
}

static bool asks_result(const struct event *e)
{
    return strcmp(e->call, "getsockopt") == 0 && (int)e->arg[1] == SOL_SOCKET &&
           (int)e->arg[2] == SO_ERROR;
}

/** What a call tells of an attempt whose result was not known before it. */
static void learn(struct attempt *a, const struct event *e)
{
    if (!e->done)
        return;
    int64_t error = asks_result(e) ? e->value : -e->result;
    if (error == EINPROGRESS || error == EALREADY || error == EINTR)
        return; /* connect(2): the handshake goes on */
    a->result = e;
    a->connected = error == 0 || error == EISCONN;
    a->failed = !a->connected;
}

size_t attempt_list(const struct check *c, const struct program *p,
                    struct attempt list[ATTEMPTS_MAX])
{
    size_t n = 0;
    for (const struct event *e = NULL;
         (e = judge_call(c->timeline, e, p->actor, CALL_CONNECT | CALL_NAME));) {
        bool connects = e->group & CALL_CONNECT;
        if (!attempt_is_tcp(e) || (!connects && !asks_result(e)))
            continue;
        struct attempt *last = NULL;
        for (size_t i = n; i-- > 0 && !last;)
            if (list[i].sock == e->sock)
                last = &list[i];
        if (last && !last->result) {
            learn(last, e);
        } else if (connects && n < ATTEMPTS_MAX) {
            list[n] = (struct attempt){.connect = e, .sock = e->sock};
            learn(&list[n++], e);
        }
    }
    return n;
}

size_t attempt_count(const struct check *c, const struct program *p)
{
    struct attempt list[ATTEMPTS_MAX];
    return attempt_list(c, p, list);
}

struct fault *attempt_hold(struct check *c)
{
    return check_fault(
        c,
        (struct fault){.actor = -1, .group = CALL_CONNECT, .fd_kinds = TCP_FD, .what = FAULT_HOLD});
}

bool attempt_await(struct check *c, struct program *p, struct fault *hold, size_t number)
{
    while (check_await_held(c, hold)) {
        if (attempt_count(c, p) >= number)
            return true;
        tracer_release(c->tracer, hold);
    }
    return false;
}

const struct event *attempt_wait(const struct check *c, const struct program *p,
                                 const struct event *after, const struct event *before)
{
    for (const struct event *e = after;
         (e = judge_call(c->timeline, e, p->actor, CALL_SLEEP | CALL_WAIT));) {
        if (before && e->seq >= before->seq)
            return NULL;
        if (e->done && e->result == 0 && e->value > 0)
            return e;
    }
    return NULL;
}

void attempt_need(struct check *c, struct program *p)
{
    if (p->ended && WIFSIGNALED(p->status))
        program_await_end(p);
    if (attempt_count(c, p) == 0)
        check_fail(c, &(struct failure){.verdict = VERDICT_MISMATCH, .waits = true},
                   _("%s never called connect on a TCP socket."), p->name);
}

/* --- next-address ---------------------------------------------------------------------------------------- */

static bool aims_at(const struct event *connect, const char *address)
{
    struct buf text = {0};
    buf_add_address(&text, (const struct sockaddr *)&connect->addr, connect->addr_length);
    bool yes = strstr(buf_text(&text), address) != NULL; /* ::ffff:127.0.0.4 is meant, too */
    buf_free(&text);
    return yes;
}

/** Only an address answers that the client does not try first, whatever order it tries them in. */
static void serve_later_address(struct check *c, const char *host, const char *last,
                                const char *other)
{
    unsigned port = check_port(c);
    struct fault *hold = attempt_hold(c);
    struct program *p = hello_start(c, host, port);
    struct attempt list[ATTEMPTS_MAX];
    if (!attempt_await(c, p, hold, 1))
        attempt_need(c, p);
    attempt_list(c, p, list);
    const char *address = aims_at(list[0].connect, last) ? other : last;
    struct door *d = door_new(c, NULL, &(struct door_options){.address = address, .port = port});
    check_unfault(c, hold);
    hello_serve(c, p, d);

    size_t n = attempt_list(c, p, list);
    const struct event *wait = attempt_wait(c, p, list[0].connect, list[n - 1].connect);
    if (!wait)
        return;
    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {wait}};
    check_fail(c, &failure,
               _("%s waits before it tries the next address of %s. The wait belongs between two "
                 "rounds, when "
                 "no address has answered."),
               p->name, host);
}

void attempt_run_next_address(struct check *c)
{
    /* Without a room there is one name with two addresses at best; IPv6 is tried first then (RFC 6724). */
    if (c->sandbox->level != SANDBOX_LEVEL_FULL) {
        serve_later_address(c, "localhost", "127.0.0.1", "127.0.0.1");
        return;
    }
    serve_later_address(c, SANDBOX_HOST_MANY, "127.0.0.4", "127.0.0.2");
    /* The next address may be of the other family. */
    check_scene(c);
    serve_later_address(c, SANDBOX_HOST_BOTH, "127.0.0.1", "127.0.0.1");
}

/* --- retries ------------------------------------------------------------------------------------------------- */

void attempt_run_retries(struct check *c)
{
    unsigned port = check_port(c);
    struct fault *hold = attempt_hold(c);
    struct program *p = hello_start(c, "127.0.0.1", port);
    if (!attempt_await(c, p, hold, LATE)) {
        attempt_need(c, p);
        struct attempt list[ATTEMPTS_MAX];
        size_t n = attempt_list(c, p, list);
        struct failure failure = {
            .verdict = VERDICT_MISMATCH, .event = {list[n - 1].connect}, .waits = !p->ended};
        failure.expected = _("a third round, in which the server would have been there");
        failure.actual = check_text(c,
                                    p->ended ? _("calls of connect: %zu; then it ended")
                                             : _("calls of connect: %zu; then nothing more"),
                                    n);
        check_fail(
            c, &failure,
            _("Nobody listened during the first two rounds, and %s does not try a third time."),
            p->name);
    }
    struct door *d = door_new(c, NULL, &(struct door_options){.port = port});
    check_unfault(c, hold);
    hello_serve(c, p, d);
}

/* --- gives-up -------------------------------------------------------------------------------------------------- */

/** What lies between two attempts. */
struct pause {
    size_t calls;
    int64_t asked;   /**< ns of the sleeps, which were skipped */
    int64_t elapsed; /**< ns that really passed */
    const struct event *first;
};

static struct pause measure_pause(const struct check *c, const struct program *p,
                                  const struct attempt *from, const struct attempt *to)
{
    const struct event *start = from->result ? from->result : from->connect;
    struct pause pause = {.elapsed = to->connect->time - start->time_end};
    for (const struct event *e = start; (e = attempt_wait(c, p, e, to->connect));) {
        if (!pause.first)
            pause.first = e;
        pause.calls++;
        if (e->injected)
            pause.asked += e->value < LONGEST ? e->value : LONGEST; /* a sum of them must fit */
    }
    return pause;
}

/**
 * "About 200 ms" is 150 to 400. A client may wait in a way that cannot be skipped (epoll_wait(2), a
 * timer) or until a clock has moved on: the time that passed counts, but only in its favour, since a busy
 * machine makes it longer.
 */
static bool is_about_200(const struct pause *pause)
{
    bool watches_clock = pause->calls >= 3 && pause->elapsed >= 150 * ms;
    if (pause->asked + pause->elapsed < 150 * ms)
        return false;
    return pause->asked <= 400 * ms || watches_clock;
}

static void judge_pauses(struct check *c, struct program *p, const struct attempt *list, size_t n)
{
    struct failure failure = {.verdict = VERDICT_MISMATCH,
                              .expected = _("four waits of about 200 ms, between the rounds")};
    struct buf seen = {0};
    bool right = true;
    for (size_t i = 0; i + 1 < n; i++) {
        struct pause pause = measure_pause(c, p, &list[i], &list[i + 1]);
        /* Time that passed by itself is shown only where it was waited for. */
        int64_t length = pause.asked ? pause.asked : pause.calls ? pause.elapsed : 0;
        buf_puts(&seen, i ? ", " : _("waits: "));
        if (length > 0)
            buf_printf(&seen, "%g ms", (double)length / (double)ms);
        else
            buf_puts(&seen, _("none"));
        if (is_about_200(&pause))
            continue;
        if (right)
            failure.event[0] = pause.first ? pause.first : list[i + 1].connect;
        right = false;
    }
    failure.actual = buf_text(&seen);
    if (!right)
        check_fail(c, &failure, _("%s does not wait 200 ms between its rounds."), p->name);
    failure.event[0] = attempt_wait(c, p, list[n - 1].connect, NULL);
    if (failure.event[0])
        check_fail(
            c, &failure,
            _("%s waits once more after its last round, when nothing will be tried any more."),
            p->name);
    failure.event[0] = attempt_wait(c, p, NULL, list[0].connect);
    if (failure.event[0])
        check_fail(c, &failure, _("%s waits before its first round."), p->name);
}

static bool has_given_up(struct check *c, void *argument)
{
    const struct program *p = argument;
    return p->ended || attempt_count(c, p) > ROUNDS;
}

static void judge_rounds(struct check *c, struct program *p, const struct attempt *list, size_t n)
{
    if (n == ROUNDS)
        return;
    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {list[n - 1].connect}};
    failure.expected = check_text(
        c, _("%d rounds, with one call of connect each, as the host has one address"), ROUNDS);
    failure.actual = check_text(c, _("calls of connect: %zu"), n);
    if (n < ROUNDS)
        check_fail(c, &failure, _("Nobody listens, and %s gives up before the fifth round."),
                   p->name);
    failure.actual = _("a sixth call of connect");
    check_fail(c, &failure,
               _("Nobody listens, and %s still does not give up after the fifth round."), p->name);
}

void attempt_run_gives_up(struct check *c)
{
    unsigned port = check_port(c);
    door_new(c, _("nobody"), &(struct door_options){.port = port, .bind_only = true});
    struct program *p = hello_start(c, "127.0.0.1", port);
    p->awaited = true;
    struct attempt list[ATTEMPTS_MAX];
    check_wait(c, has_given_up, p);
    size_t n = attempt_list(c, p, list);
    if (n <= ROUNDS)
        program_await_end(p);
    attempt_need(c, p);
    judge_rounds(c, p, list, n);
    judge_pauses(c, p, list, n);
    program_expect_exit(p, 1);
    hello_expect_words(p, strerrordesc_np(ECONNREFUSED), list[n - 1].connect,
                       _("The client gave up, and the error message does not say why."));
}
