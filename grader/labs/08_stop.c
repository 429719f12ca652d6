/**
 * @file 08_stop.c
 * Lab 08: what signal_server does when a signal comes, and when it comes at the worst moment.
 *
 * One mistake should cost one check. So only `term` looks at the number in the last line as such; `usr1` looks at how it
 * grows, and `finishes` whether a client counts that was served after the signal as one counts that was served before.
 */
#include "labs/08_signals.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* --- lines ------------------------------------------------------------------------------------------- */

/** The number in "served N\n" at the start of @p text; -1 if it is no such line. *@p length: of the line. */
static long read_line(const char *text, size_t size, size_t *length)
{
    static const char before[] = "served ";
    enum { BEFORE = sizeof(before) - 1, DIGITS = 9 };
    const char *end = memchr(text, '\n', size);
    size_t digits = 0;
    if (!end || (size_t)(end - text) <= BEFORE || memcmp(text, before, BEFORE) != 0)
        return -1;
    while (text[BEFORE + digits] >= '0' && text[BEFORE + digits] <= '9')
        digits++;
    if (digits == 0 || digits > DIGITS || text + BEFORE + digits != end)
        return -1;
    *length = (size_t)(end - text) + 1;
    return strtol(text + BEFORE, NULL, 10);
}

static char *quote(const char *text, size_t size)
{
    struct buf b = {0};
    if (size == 0)
        buf_puts(&b, _("nothing"));
    else
        buf_quote(&b, text, size, 60);
    return buf_take(&b);
}

/** The last write on stdout. */
static const struct event *last_print(const struct check *c, const struct program *p)
{
    const struct event *last = NULL;
    for (const struct event *e = NULL; (e = judge_call(c->timeline, e, p->actor, CALL_WRITE));)
        if (e->fd_kind == FD_STDOUT)
            last = e;
    return last;
}

/** Takes the next line, which has to be there; fails if it is another. @return its number */
static long take_line(struct check *c, struct program *server)
{
    size_t size, length;
    const char *rest = program_rest(server, &size);
    long number = read_line(rest, size, &length);
    if (number >= 0) {
        server->taken += length;
        return number;
    }
    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {last_print(c, server)},
                              .expected = _("a line like \"served 3\""), .actual = quote(rest, size)};
    if (size == 0 && program_says(server, "served"))
        check_fail(c, &failure, _("The line went to standard error; it belongs on standard output."));
    if (size == 0)
        check_fail(c, &failure, _("%s ended without the line that says how many clients it has served."), server->name);
    check_fail(c, &failure, _("What %s prints is not the line that was asked for."), server->name);
}

static bool has_line(struct check *c, void *program)
{
    (void)c;
    size_t size;
    const char *rest = program_rest(program, &size);
    return memchr(rest, '\n', size) != NULL;
}

/* --- told to stop --------------------------------------------------------------------------------------- */

static bool has_ended(struct check *c, void *program)
{
    (void)c;
    return ((const struct program *)program)->ended;
}

bool lab08_stops(struct check *c, struct program *server, int signal)
{
    if (check_rest(c) != WAIT_STUCK)
        return false;
    program_signal(server, signal);
    server->awaited = true;
    return check_wait(c, has_ended, server) == WAIT_OK;
}

/** It was told to stop and nobody keeps it: it ends, with its line and status 0. @return the line's number */
static long expect_stopped(struct check *c, struct program *server, const char *what)
{
    server->awaited = true;
    check_await(c, has_ended, server, what);
    program_await_end(server);
    long number = take_line(c, server);
    program_expect_exit(server, 0); /* and nothing after the line */
    return number;
}

static const char *told(struct check *c, const struct program *server, int signal)
{
    return check_text(c, _("%s was told to stop by %s, and should end"), server->name, signal_name(signal));
}

/** What a check about stopping traces: exit too, for warnings. */
static struct program *start_server(struct check *c, unsigned port)
{
    struct start start = {.name = "signal_server", .argument = {check_text(c, "%u", port)},
                          .trace = TRACE_ALL | CALL_EXIT};
    return server_start_with(c, &start, port);
}

void lab08_run_term(struct check *c)
{
    enum { CLIENTS = 2 };
    unsigned port = check_port(c);
    struct program *server = start_server(c, port);
    for (int i = 0; i < CLIENTS; i++)
        lab08_serve_one(c, server, port);
    check_rest(c);
    program_signal(server, SIGTERM);
    long number = expect_stopped(c, server, told(c, server, SIGTERM));
    if (number != CLIENTS) {
        struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {last_print(c, server)},
                                  .expected = check_text(c, "\"served %d\"", CLIENTS),
                                  .actual = check_text(c, "\"served %ld\"", number)};
        check_fail(c, &failure, _("%d clients were served, each to its end of file, and the line says %ld."), CLIENTS,
                   number);
    }
    check_warn_of_handlers(c, server);
}

void lab08_run_int(struct check *c)
{
    struct program *server = start_server(c, check_port(c));
    check_rest(c);
    program_signal(server, SIGINT);
    expect_stopped(c, server, told(c, server, SIGINT));
}

/* --- in the middle of a conversation -------------------------------------------------------------------- */

/** What it prints when one client was served before it was told to stop; -1 if it prints no such thing: `term` says so. */
static long count_of_one(struct check *c)
{
    unsigned port = check_port(c);
    struct program *server = server_start(c, NULL, port);
    size_t size, length;
    lab08_serve_one(c, server, port);
    bool stops = lab08_stops(c, server, SIGTERM) && WIFEXITED(server->status);
    if (stops)
        program_await_end(server);
    const char *rest = program_rest(server, &size);
    long number = stops ? read_line(rest, size, &length) : -1;
    lab08_dismiss(c, server);
    return number;
}

/** The server is blocked in read, or where it waits for the client. */
static void finish_talking(struct check *c, long expected)
{
    unsigned port = check_port(c);
    struct program *server = start_server(c, port);
    struct peer *client = lab08_begin(c, port);
    program_signal(server, SIGTERM);
    check_settle(c);
    client_expect_refused(c, port);
    lab08_talk(c, client);
    check_settle(c);
    lab08_go_on(c, client);
    long number = expect_stopped(c, server, check_text(c, _("the client that was being served when SIGTERM came has left, and %s "
                                                            "should end"), server->name));
    if (expected < 0 || number == expected)
        return;
    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {last_print(c, server)},
                              .expected = check_text(c, "\"served %ld\"", expected),
                              .actual = check_text(c, "\"served %ld\"", number)};
    check_fail(c, &failure, _("One client was served, to its end of file, which came after SIGTERM. A server that was told "
                              "afterwards printed \"served %ld\"; this one prints \"served %ld\"."), expected, number);
}

enum { MEGABYTE = 1 << 20, SMALL_BUFFER = 64 * 1024, SMALL_SEGMENT = 1400 };

/** A client whose bytes no longer fit into the buffers: the server is blocked in write, or where it waits to write. */
static void be_deaf(struct check *c, struct peer *client)
{
    uint64_t pattern = PATTERN_TEXT | c->seed;
    peer_set_deaf(client, true);
    peer_expect_pattern(client, pattern);
    peer_send_pattern(client, pattern, MEGABYTE);
    check_settle(c);
}

/** A client whose buffers are small on both sides of the connection. */
static struct peer *dial_small(struct check *c, unsigned port)
{
    return client_dial_with(c, NULL, &(struct peer_dial){.port = port, .receive_buffer = SMALL_BUFFER,
                                                         .send_buffer = SMALL_BUFFER, .segment = SMALL_SEGMENT});
}

/** One that takes byte by byte is slow and right: it has its time, and is not stopped at every call. */
static struct program *start_busy_server(struct check *c, unsigned port)
{
    enum { CPU_SECONDS = 60 };
    check_be_patient(c);
    struct start start = {.name = "signal_server", .argument = {check_text(c, "%u", port)},
                          .trace = TRACE_CONTROL & ~(uint32_t)CALL_WAIT, .limits.cpu_seconds = CPU_SECONDS};
    return server_start_with(c, &start, port);
}

/** Whether it refuses new clients while it writes is not asked: it may be in a call that hears of nothing. */
static void finish_writing(struct check *c)
{
    check_scene(c);
    unsigned port = check_port(c);
    struct program *server = start_busy_server(c, port);
    struct peer *client = dial_small(c, port);
    be_deaf(c, client);
    program_signal(server, SIGTERM);
    check_settle(c);
    peer_set_deaf(client, false);
    peer_expect_all(c, client, MEGABYTE);
    peer_close(client);
    expect_stopped(c, server, check_text(c, _("the client that was being served when SIGTERM came has left, and %s should end"),
                                         server->name));
}

void lab08_run_finishes(struct check *c)
{
    finish_talking(c, count_of_one(c));
    finish_writing(c);
}

/* --- the race -------------------------------------------------------------------------------------------- */

enum { DOOR_CALLS = CALL_ACCEPT | CALL_WAIT };

/** How many calls that wait, or accept, it has made on its way to rest; 0 if it does not end by this signal even then. */
static unsigned count_door_calls(struct check *c, int signal)
{
    struct program *server = server_start(c, NULL, check_port(c));
    unsigned calls = 0;
    check_rest(c);
    for (const struct event *e = NULL; (e = judge_call(c->timeline, e, server->actor, DOOR_CALLS));)
        calls++;
    bool stops = lab08_stops(c, server, signal);
    lab08_dismiss(c, server);
    return stops && WIFEXITED(server->status) ? calls : 0;
}

/**
 * The signal comes before the nth of these calls, when all that there is to look at has been looked at. One that is never made
 * shows nothing: somebody who looks at a clock does not make as many each time.
 */
static void race(struct check *c, unsigned nth, int signal)
{
    check_scene(c);
    struct fault *fault = check_fault(c, (struct fault){.actor = -1, .group = DOOR_CALLS, .first = nth, .count = 1,
                                                        .what = FAULT_SIGNAL, .value = signal});
    struct program *server = server_start(c, NULL, check_port(c));
    server->awaited = true;
    enum wait_end end = check_wait(c, has_ended, server);
    if (end == WAIT_OK || fault->made > 0) {
        check_await(c, has_ended, server,
                    check_text(c, _("%s came after the program's last look and before that call, and the program should stop "
                                    "all the same"), signal_name(signal)));
        program_await_end(server); /* by itself */
    }
    program_kill(server);
    check_unfault(c, fault);
}

void lab08_run_race(struct check *c)
{
    enum { MOST = 3 }; /* an accept that does not block, one that polls: nobody needs more on the way to rest */
    unsigned calls = count_door_calls(c, SIGTERM);
    if (calls == 0) { /* there is no race to be won for who is not told to stop at rest: says why */
        struct program *server = start_server(c, check_port(c));
        check_rest(c);
        program_signal(server, SIGTERM);
        server->awaited = true;
        check_await(c, has_ended, server, told(c, server, SIGTERM));
        program_await_end(server);
        return; /* it waits in ways that the grader does not see, and stops */
    }
    for (unsigned nth = 1; nth <= calls && nth <= MOST; nth++)
        race(c, nth, SIGTERM);
    unsigned others = count_door_calls(c, SIGINT);
    if (others > 0) /* else `int` says so */
        race(c, others < MOST ? others : MOST, SIGINT);
}

/* --- the count ------------------------------------------------------------------------------------------- */

/** SIGUSR1 while everybody is at rest: one line comes. @return its number */
static long ask(struct check *c, struct program *server, const char *when)
{
    check_settle(c);
    program_signal(server, SIGUSR1);
    check_await(c, has_line, server,
                check_text(c, _("SIGUSR1 came %s, and %s should have printed how many clients it has served"), when,
                           server->name));
    long number = take_line(c, server);
    check_settle(c);
    size_t size;
    const char *rest = program_rest(server, &size);
    if (size == 0)
        return number;
    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {last_print(c, server)}, .expected = _("nothing more"),
                              .actual = quote(rest, size)};
    check_fail(c, &failure, _("SIGUSR1 came once, and %s prints more than one line."), server->name);
}

static void expect_number(struct check *c, const struct program *server, long number, long expected, const char *why)
{
    if (number == expected)
        return;
    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {last_print(c, server)},
                              .expected = check_text(c, "\"served %ld\"", expected),
                              .actual = check_text(c, "\"served %ld\"", number)};
    check_fail(c, &failure, _("The count is wrong: %s."), why);
}

void lab08_run_usr1(struct check *c)
{
    unsigned port = check_port(c);
    struct program *server = start_server(c, port);
    long before = ask(c, server, _("while it was idle"));
    lab08_serve_one(c, server, port);
    long one = ask(c, server, _("while it was idle"));
    expect_number(c, server, one, before + 1, _("since it was asked before, one client was served to its end of file"));
    struct peer *client = lab08_begin(c, port);
    long middle = ask(c, server, _("in the middle of a conversation"));
    expect_number(c, server, middle, one, _("the client that is being served has not come to its end of file"));
    const struct event *now = check_now(c);
    lab08_go_on(c, client);
    server_await_back(server, now);
    long two = ask(c, server, _("while it was idle"));
    expect_number(c, server, two, one + 1, _("since it was asked before, one client was served to its end of file"));
    check_warn_of_handlers(c, server);
}

/* --- the storm ------------------------------------------------------------------------------------------- */

/** Signals that are still to be sent, one at each turn of the loop. */
struct storm {
    struct program *server;
    unsigned left;
    const struct peer *client; /* NULL: nothing else is waited for */
};

static bool storm_is_over(struct check *c, void *argument)
{
    (void)c;
    struct storm *storm = argument;
    if (storm->left > 0) {
        storm->left--;
        program_signal_again(storm->server, SIGUSR1);
    }
    const struct peer *p = storm->client;
    bool all = !p || p->received >= MEGABYTE || p->pattern_wrong >= 0 || p->end || p->state == PEER_CLOSED;
    return (all && storm->left == 0) || storm->server->ended;
}

static void let_storm(struct check *c, struct program *server, unsigned signals, const struct peer *client)
{
    struct storm storm = {server, signals, client};
    struct event *e = timeline_add(c->timeline, EVENT_PEER, server->actor);
    event_text(e, _("SIGUSR1 is sent to %s, %u times"), server->name, signals);
    check_wait(c, storm_is_over, &storm); /* what is missing then, the next step says */
}

/** Each is taken before the next one comes: the first may find a write that moved something, the next finds one that did not. */
static void send_in_turn(struct check *c, struct program *server, unsigned signals)
{
    for (unsigned i = 0; i < signals && !server->ended; i++) {
        program_signal_again(server, SIGUSR1);
        check_rest(c);
    }
}

/** However many lines the signals became: each is as one is that comes alone. What that is, is the matter of `usr1`. */
static void judge_lines(struct check *c, struct program *server)
{
    size_t size, length = 0;
    const char *first = program_rest(server, &size), *end = memchr(first, '\n', size);
    size_t whole = end ? (size_t)(end - first) + 1 : size;
    for (const char *rest; (rest = program_rest(server, &size)), size > 0; server->taken += length) {
        end = memchr(rest, '\n', size);
        length = end ? (size_t)(end - rest) + 1 : size;
        if (!end && length < whole && memcmp(rest, first, length) == 0)
            break; /* the rest of it is still in a buffer, which `usr1` sees */
        if (length == whole && memcmp(rest, first, whole) == 0)
            continue;
        struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {last_print(c, server)},
                                  .expected = quote(first, whole), .actual = quote(rest, length)};
        check_fail(c, &failure, _("Nobody has left while the signals came, but not all lines of %s are alike."), server->name);
    }
}

/** Bytes lost at the very end show only by what comes behind them. How many are to come in all. */
static uint64_t send_last(const struct check *c, struct peer *client)
{
    unsigned char last[64];

    if (!peer_sent(client)) /* nobody reads: more would not get through either */
        return MEGABYTE;
    pattern_fill(last, sizeof(last), PATTERN_TEXT | c->seed, MEGABYTE);
    peer_send(client, last, sizeof(last));
    return MEGABYTE + sizeof(last);
}

void lab08_run_storm(struct check *c)
{
    enum { IN_WRITE = 96, IN_TURN = 4, ON_THE_WAY = 800, IN_READ = 100 };
    unsigned port = check_port(c);
    struct program *server = start_busy_server(c, port);
    struct peer *client = dial_small(c, port);
    lab08_talk(c, client);
    check_settle(c);
    let_storm(c, server, IN_READ, NULL);
    lab08_talk(c, client);
    be_deaf(c, client);
    let_storm(c, server, IN_WRITE, NULL);
    send_in_turn(c, server, IN_TURN);
    peer_set_deaf(client, false);
    let_storm(c, server, ON_THE_WAY, client);
    peer_expect_all(c, client, send_last(c, client));
    check_rest(c); /* all lines are out */
    judge_lines(c, server);
    peer_close(client);
    lab08_go_on(c, client_dial(c, port));
}
