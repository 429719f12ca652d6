/**
 * @file server.c
 * Readiness, and the doors at which a student's client knocks; what programs print and how they end.
 */
#include "check/internal.h"

#include <errno.h>
#include <signal.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum { SHOWN = 80 };

/* --- a student's server -------------------------------------------------------------------------------- */

struct listens {
    const struct program *program;
    unsigned port;
};

/** The port in an address; 0 if it has none. */
static unsigned port_of(const struct sockaddr_storage *address)
{
    if (address->ss_family == AF_INET)
        return ntohs(((const struct sockaddr_in *)address)->sin_port);
    if (address->ss_family == AF_INET6)
        return ntohs(((const struct sockaddr_in6 *)address)->sin6_port);
    return 0;
}

/** What there is to say of a port that is none of the program's business; "" if nothing. */
static const char *port_hint(unsigned other, unsigned port)
{
    return other == ntohs((uint16_t)port) ? _(": these are the same two bytes, the other way round") : "";
}

/** The port to which the socket of @p listen was bound; 0 if it never was. */
static unsigned bound_port(const struct timeline *t, const struct event *listen)
{
    unsigned port = 0;
    for (const struct event *e = NULL; (e = timeline_find(t, e, EVENT_CALL, listen->actor, "bind"));) {
        if (e->seq > listen->seq || e->sock != listen->sock || !e->done || e->result < 0)
            continue;
        port = port_of(&e->addr);
    }
    return port;
}

static bool is_listening(struct check *c, void *argument)
{
    const struct listens *want = argument;
    const struct program *p = want->program;
    for (const struct event *e = NULL;
         (e = timeline_find(c->timeline, e, EVENT_CALL, p->actor, "listen"));) {
        if (!e->done || e->result != 0)
            continue;
        /* A program that is let go has no identities of sockets: its first listen counts. */
        if (p->sanitized || want->port == 0 || bound_port(c->timeline, e) == want->port)
            return true;
    }
    return false;
}

static bool is_listening_or_ended(struct check *c, void *argument)
{
    return is_listening(c, argument) || ((const struct listens *)argument)->program->ended;
}

/**
 * The program asked for another port only, whether it got it or not: other checks run beside this one, and one of theirs
 * may have that port. Else returns.
 */
static void blame_port(const struct program *p, const struct failure *more, unsigned port)
{
    struct check *c = p->check;
    const struct event *bind = NULL;
    for (const struct event *e = NULL; (e = judge_call(c->timeline, e, p->actor, CALL_BIND));) {
        if (port_of(&e->addr) == port)
            return;
        if (port_of(&e->addr) != 0 && (e->fd_kind == FD_SOCKET || e->fd_kind == FD_LISTENER))
            bind = e;
    }
    if (!bind)
        return;
    unsigned other = port_of(&bind->addr);
    struct failure failure = *more;
    failure.event[1] = failure.event[0];
    failure.event[0] = bind;
    check_fail(c, &failure, _("%s binds its socket to port %u, but it was told to use port %u%s."), p->name, other, port,
               port_hint(other, port));
}

void program_await_listening(struct program *p, unsigned port)
{
    struct check *c = p->check;
    struct listens want = {p, port};
    enum wait_end end = check_wait(c, is_listening_or_ended, &want);
    /* One that listened and has ended since is for the next verb to tell, however fast it was. */
    if (end == WAIT_OK && is_listening(c, &want))
        return;
    const struct event *listen = timeline_find(c->timeline, NULL, EVENT_CALL, p->actor, "listen");
    const char *what = check_text(c, _("it should listen on port %u"), port);
    failure_of_sanitizer(c);
    struct failure failure = {.verdict = VERDICT_NEVER_LISTENED, .event = {listen}, .waits = true};
    if (!p->ended || WIFEXITED(p->status))
        blame_port(p, &failure, port);
    if (p->ended || end == WAIT_SPINNING || end == WAIT_DEADLINE)
        failure_of_wait(c, end == WAIT_OK ? WAIT_STUCK : end, what, NULL);
    if (!listen)
        check_fail(c, &failure, _("%s never called listen, so nobody can connect to port %u."), p->name, port);
    failure.event[1] = timeline_find(c->timeline, NULL, EVENT_CALL, p->actor, "bind");
    if (listen->done && listen->result == 0)
        check_fail(c, &failure, _("%s listens on port %u, but it was told to use port %u."), p->name,
                   bound_port(c->timeline, listen), port);
    check_fail(c, &failure, _("%s called listen, but the call failed, and it did not end."), p->name);
}

/** Argument of is_back(). */
struct way_back {
    const struct program *program;
    const struct event *seen;  /* judged up to here */
    const struct event *close; /* of the connection, the last one */
};

static bool is_back(struct check *c, void *argument)
{
    struct way_back *way = argument;
    uint32_t groups = CALL_CLOSE | CALL_ACCEPT | CALL_WAIT;
    for (const struct event *e = way->seen; (e = judge_call(c->timeline, e, way->program->actor, groups));) {
        way->seen = e;
        if (e->fd_kind == FD_ACCEPTED && (e->group & CALL_CLOSE))
            way->close = e;
        else if (way->close && (e->group & (CALL_ACCEPT | CALL_WAIT)))
            return true;
    }
    way->seen = check_now(c);
    return false;
}

void server_await_back(struct program *p, const struct event *dial)
{
    struct way_back way = {p, dial, NULL};
    enum wait_end end = wait_or_rest(p->check, is_back, &way);
    if (end == WAIT_SPINNING || end == WAIT_DEADLINE)
        failure_of_wait(p->check, end, check_text(p->check, _("%s should wait for the next client"), p->name), NULL);
}

const struct event *check_now(const struct check *c)
{
    return c->timeline->count ? c->timeline->event[c->timeline->count - 1] : NULL;
}

struct program *server_start_with(struct check *c, const struct start *how, unsigned port)
{
    struct start start = *how;
    start.listens = true;
    struct program *p = program_start(c, &start);
    p->port = port;
    program_await_listening(p, port);
    return p;
}

struct program *server_start(struct check *c, const char *name, unsigned port)
{
    struct start start = {.name = name ? name : c->lab->build.program[0].name,
                          .argument = {check_text(c, "%u", port)}};
    return server_start_with(c, &start, port);
}

/* --- doors of the grader ---------------------------------------------------------------------------------- */

void door_refused(struct check *c, unsigned port, int error)
{
    /* The room's network is this submission's alone, and each check has ports of its own in it. */
    if (error == -EADDRINUSE && c->sandbox->level == SANDBOX_LEVEL_FULL)
        check_fail(c, &(struct failure){.verdict = VERDICT_MISMATCH},
                   _("The grader's own server could not be started: a program of this hand-in has taken port %u, which is "
                     "not its own."),
                   port);
    check_trouble(c, _("the grader's own server cannot use port %u: %s"), port, strerror(-error));
}

struct door *door_new(struct check *c, const char *name, const struct door_options *how)
{
    if (c->doors == DOORS_MAX)
        BUG("check %s opens too many doors", c->spec->id);
    struct door *d = xcalloc(1, sizeof(*d));
    int error = door_open(d, c->timeline, name ? name : _("server"), how);
    if (error < 0)
        door_refused(c, how->port, error);
    c->door[c->doors++] = d;
    return d;
}

struct knock {
    struct door *door;
    struct peer *peer;
};

static bool came_in(struct check *c, void *argument)
{
    (void)c;
    struct knock *knock = argument;
    return knock->peer->fd >= 0 || door_accept(knock->door, knock->peer);
}

static enum wait_end await_knock(struct check *c, struct door *d, struct peer *p)
{
    struct knock knock = {d, p};
    c->awaited = d;
    enum wait_end end = check_wait(c, came_in, &knock);
    c->awaited = NULL;
    return end;
}

/** Where clients find it, for a sentence. */
static const char *door_address(const struct door *d)
{
    struct buf text = {0};
    buf_add_address(&text, (const struct sockaddr *)&d->address, d->address_length);
    return buf_take(&text);
}

/** Nobody came to this door, and the student's program went to other ports only. Else returns. */
static void blame_dial(struct check *c, const struct door *d)
{
    unsigned port = port_of(&d->address);
    const struct event *stray = NULL;
    for (struct event *e = NULL; (e = timeline_find(c->timeline, e, EVENT_CALL, -1, NULL));) {
        if (!step_is_dial(e) || e->seq <= c->scene)
            continue;
        if (port_of(&e->addr) == port)
            return;
        if (port_of(&e->addr) != 0)
            stray = e;
    }
    if (!stray)
        return;
    unsigned other = port_of(&stray->addr);
    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {stray}};
    check_fail(c, &failure, _("%s connects to port %u, but the server waits on port %u%s."),
               c->timeline->actor[stray->actor], other, port, port_hint(other, port));
}

struct peer *door_expect(struct check *c, struct door *d, const char *name)
{
    struct peer *p = client_new(c, name ? name : _("server"));
    enum wait_end end = await_knock(c, d, p);
    if (end == WAIT_OK)
        return p;
    const char *what = check_text(c, _("the server waits for a connection on %s"), door_address(d));
    failure_of_end(c, false, what);
    if (end == WAIT_STUCK)
        blame_dial(c, d);
    failure_of_wait(c, end, what, NULL);
}

struct peer *door_maybe(struct check *c, struct door *d, const char *name)
{
    struct peer *p = client_new(c, name ? name : _("server"));
    enum wait_end end = await_knock(c, d, p);
    if (end == WAIT_SPINNING || end == WAIT_DEADLINE)
        failure_of_wait(c, end, _("the client should connect or give up"), NULL);
    return end == WAIT_OK ? p : NULL;
}

/* --- what a program prints --------------------------------------------------------------------------------- */

struct output {
    struct program *program;
    const char *bytes;
    size_t size;
};

static bool has_printed(struct check *c, void *argument)
{
    (void)c;
    const struct output *want = argument;
    size_t have;
    const char *rest = program_rest(want->program, &have);
    if (have > want->size)
        have = want->size;
    return have == want->size || (have > 0 && memcmp(rest, want->bytes, have) != 0);
}

static char *quoted_output(const void *bytes, size_t size)
{
    struct buf b = {0};
    if (size == 0)
        buf_puts(&b, _("nothing"));
    else
        buf_quote(&b, bytes, size, SHOWN);
    return buf_take(&b);
}

/** The last write on stdout: the line that printed what is wrong. */
static const struct event *last_print(const struct check *c, const struct program *p)
{
    for (size_t i = c->timeline->count; i-- > 0;) {
        const struct event *e = c->timeline->event[i];
        if (e->kind == EVENT_CALL && e->actor == p->actor && e->fd_kind == FD_STDOUT)
            return e;
    }
    return NULL;
}

void program_expect_output(struct program *p, const void *bytes, size_t size)
{
    struct check *c = p->check;
    struct output want = {p, bytes, size};
    enum wait_end end = check_wait(c, has_printed, &want);
    size_t have;
    const char *rest = program_rest(p, &have);
    if (have >= size && memcmp(rest, bytes, size) == 0) {
        p->taken += size;
        return;
    }
    struct failure failure = {.verdict = VERDICT_MISMATCH};
    if (p->reference) /* what it prints came from the student's program */
        failure_blame_writes(c, &failure);
    else
        failure.event[0] = last_print(c, p);
    failure.expected = quoted_output(bytes, size);
    size_t line = strnlen(rest, have);
    const char *newline = memchr(rest, '\n', line);
    failure.actual = quoted_output(rest, newline && size < line ? (size_t)(newline - rest) + 1 : line);
    if (end != WAIT_OK && p->ended && p->awaited && WIFEXITED(p->status))
        check_fail(c, &failure, _("%s ended with status %d and has not printed all that it should have."), p->name,
                   WEXITSTATUS(p->status));
    if (end != WAIT_OK)
        failure_of_wait(c, end, check_text(c, _("%s should have printed %s on its standard output by now"), p->name,
                                           failure.expected),
                        &failure);
    if (p->reference)
        check_fail(c, &failure, _("What %s received, and prints here, is not what it should be."), p->name);
    check_fail(c, &failure, _("%s prints something else than it should."), p->name);
}

void program_expect_pattern_at(struct program *p, uint64_t seed, uint64_t start, uint64_t size)
{
    if (p->received > 0)
        BUG("%s has printed something before it is compared with a pattern", p->name);
    p->pattern_out = true;
    p->pattern_out_seed = seed;
    p->pattern_out_start = start;
    p->pattern_out_size = size;
}

void program_expect_pattern(struct program *p, uint64_t seed)
{
    program_expect_pattern_at(p, seed, 0, UINT64_MAX);
}

/** How far a pattern on stdout must come. */
struct long_output {
    const struct program *program;
    uint64_t size;
};

static bool has_printed_all(struct check *c, void *argument)
{
    (void)c;
    const struct long_output *want = argument;
    return want->program->compared >= want->size || want->program->pattern_out_wrong >= 0;
}

void program_expect_all(struct program *p, uint64_t size)
{
    struct check *c = p->check;
    struct long_output want = {p, size};
    enum wait_end end = check_wait(c, has_printed_all, &want);
    unsigned long long have = p->compared, all = size;
    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {last_print(c, p)}};
    if (p->pattern_out_wrong >= 0)
        check_fail(c, &failure, _("%s prints something else than it should: byte number %lld differs."), p->name,
                   (long long)p->pattern_out_start + (long long)p->pattern_out_wrong + 1);
    if (have > size)
        check_fail(c, &failure, _("%s prints %llu bytes; %llu would be right."), p->name, have, all);
    if (have < size)
        failure_of_wait(c, end, check_text(c, _("%s should print %llu bytes and has printed %llu"), p->name, all, have),
                        &failure);
}

void program_expect_line(struct program *p, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct buf line = {0};
    buf_vprintf(&line, format, args);
    va_end(args);
    buf_puts(&line, "\n");
    program_expect_output(p, line.data, line.length);
    buf_free(&line);
}

/* --- how a program ends ---------------------------------------------------------------------------------------- */

void program_expect_exit(struct program *p, int status)
{
    struct check *c = p->check;
    p->awaited = true;
    int got = program_await_end(p);
    size_t have;
    const char *rest = program_rest(p, &have);
    if (have > 0) {
        struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {last_print(c, p)},
                                  .expected = _("nothing more"), .actual = quoted_output(rest, have)};
        check_fail(c, &failure, _("%s prints more than it should."), p->name);
    }
    if (got == status)
        return;
    struct failure failure = {.verdict = VERDICT_EXITED,
                              .expected = check_text(c, _("status %d"), status),
                              .actual = check_text(c, _("status %d"), got)};
    check_fail(c, &failure, _("%s ended with status %d."), p->name, got);
}

void program_expect_alive(struct program *p)
{
    struct check *c = p->check;
    check_settle(c);
    if (p->ended)
        failure_of_wait(c, WAIT_STUCK, _("it should go on serving"), NULL);
}
