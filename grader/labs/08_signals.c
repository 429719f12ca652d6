/**
 * @file 08_signals.c
 * Lab 08, a server that can be told to stop: the table of its checks, and those that every lab has. What is about signals
 * is in 08_stop.c.
 */
#include "labs/08_signals.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

static const char text[] = LAB08_TEXT;
enum { TEXT = sizeof(text) - 1 };

/* --- conversations ------------------------------------------------------------------------------------ */

void lab08_talk(struct check *c, struct peer *client)
{
    peer_send(client, text, TEXT);
    peer_expect(c, client, text, TEXT);
}

struct peer *lab08_begin(struct check *c, unsigned port)
{
    struct peer *client = client_dial(c, port);
    lab08_talk(c, client);
    check_settle(c);
    return client;
}

void lab08_go_on(struct check *c, struct peer *client)
{
    lab08_talk(c, client);
    peer_close(client);
}

void lab08_serve_one(struct check *c, struct program *server, unsigned port)
{
    const struct event *now = check_now(c);
    lab08_go_on(c, client_dial(c, port));
    server_await_back(server, now);
}

void lab08_dismiss(struct check *c, struct program *server)
{
    program_kill(server);
    check_scene(c);
}

/* --- clients that vanish -------------------------------------------------------------------------------- */

/** A client that leaves when the server has read its bytes and has not yet sent them back. */
static void leave_before_echo(struct check *c, struct program *server, void (*leave)(struct peer *))
{
    const struct event *now = check_now(c);
    struct fault *hold = check_hold_write(c, -1);
    struct peer *client = client_dial(c, server->port);
    peer_send(client, text, TEXT);
    check_await_held(c, hold);
    leave(client);
    peer_await_left(c, client);
    check_unfault(c, hold);
    server_await_back(server, now);
}

static void run_pipe(struct check *c)
{
    unsigned port = check_port(c);
    struct program *server = server_start(c, NULL, port);
    leave_before_echo(c, server, peer_vanish); /* EPIPE and SIGPIPE */
    lab08_serve_one(c, server, port);
    struct peer *client = lab08_begin(c, port);
    peer_reset(client); /* ECONNRESET from read */
    peer_await_left(c, client);
    lab08_serve_one(c, server, port);
    leave_before_echo(c, server, peer_reset); /* ECONNRESET from write */
    lab08_serve_one(c, server, port);
    program_expect_alive(server);
}

/* --- started again ---------------------------------------------------------------------------------------- */

static void run_port_free(struct check *c)
{
    unsigned port = check_port(c);
    struct program *server = server_start(c, NULL, port);
    lab08_serve_one(c, server, port);
    lab08_stops(c, server, SIGTERM); /* how, and whether at all, is the matter of others */
    program_kill(server);
    server = server_start(c, NULL, port);
    lab08_serve_one(c, server, port);
    /* Killed with a client there, it is the side that closes first: TIME_WAIT will be its own. */
    struct peer *client = lab08_begin(c, port);
    program_kill(server);
    peer_expect_gone(c, client);
    peer_close(client);
    check_settle(c);
    lab08_serve_one(c, server_start(c, NULL, port), port);
}

/* --- what every lab has --------------------------------------------------------------------------------- */

static void run_usage(struct check *c)
{
    static const struct usage_case cases[] = {
        {{NULL}},    {{"4000", "4001"}}, {{"80abc"}}, {{"0x50"}}, {{""}},
        {{"70000"}}, {{"-1"}},           {{"+80"}},   {{"0"}},
    };
    common_usage(c, "signal_server", cases, sizeof(cases) / sizeof(cases[0]));
    /* Leading zeros are allowed, and do not make the number octal. */
    check_scene(c);
    unsigned port = check_port(c);
    server_start_with(c, &(struct start){.name = "signal_server", .argument = {check_text(c, "0%u", port)}}, port);
}

static void run_reports_failure(struct check *c)
{
    common_reports_failure_to_listen(c, "signal_server");
}

/** Asked for its count, idle and in the middle, and told to stop: the ways that a signal takes through the program. */
static void run_memory(struct check *c)
{
    unsigned port = check_port(c);
    struct program *server = server_start(c, NULL, port);
    lab08_go_on(c, client_dial(c, port));
    bool lives = check_rest(c) == WAIT_STUCK && !server->ended; /* else `term` says so */
    if (lives) {
        struct peer *client = lab08_begin(c, port);
        program_signal(server, SIGUSR1);
        check_rest(c);
        peer_send(client, text, TEXT); /* whether it comes back is for `usr1` to say */
        check_rest(c);
        peer_close(client);
    }
    lives = check_rest(c) == WAIT_STUCK && !server->ended;
    if (lives && !lab08_stops(c, server, SIGTERM)) {
        server->awaited = false;
        common_expect_clean(c, server); /* one that does not stop can be asked */
    }
    if (server->ended && WIFEXITED(server->status))
        common_judge_clean_end(c, server);
}

static void run_descriptors(struct check *c)
{
    enum { CLIENTS = 200, RESET = 5 };
    struct program *server = common_descriptors_server(c, NULL, lab08_serve_one, CLIENTS);
    int before = program_descriptors(server);
    check_scene(c);
    for (int i = 0; i < RESET; i++) {
        struct peer *client = lab08_begin(c, server->port);
        peer_reset(client);
        peer_await_left(c, client);
        if (server->ended) /* which `pipe` says */
            break;
    }
    int after = program_descriptors(server);
    struct failure failure = {.verdict = VERDICT_LEAK, .event = {judge_unclosed(c->timeline, server->actor)},
                              .expected = check_text(c, _("%d open descriptors"), before),
                              .actual = check_text(c, _("%d open descriptors"), after)};
    if (after > before)
        check_fail(c, &failure, _("%d clients reset their connections. signal_server had %d descriptors open before and %d "
                                  "afterwards: when a read fails, the connection is not closed."), RESET, before, after);
    if (server->ended)
        return;
    /* Told to stop in the middle of a conversation: what is closed then, and on the way out, is closed once. */
    struct peer *client = lab08_begin(c, server->port);
    program_signal(server, SIGTERM);
    check_rest(c);
    peer_send(client, text, TEXT);
    check_rest(c);
    peer_close(client);
    server->awaited = true;
    check_rest(c);
    common_judge_closed_once(c, server);
}

static void run_order(struct check *c)
{
    unsigned port = check_port(c);
    struct program *server = server_start(c, NULL, port);
    lab08_serve_one(c, server, port);
    if (check_rest(c) == WAIT_STUCK)
        common_order_server(c, server, port);
}

static void run_reference(struct check *c)
{
    unsigned port = check_port(c);
    server_start(c, NULL, port);
    struct start start = {.name = "echo_client", .argument = {"127.0.0.1", check_text(c, "%u", port)}, .reference = true,
                          .input = INPUT_PIPE};
    struct program *client = program_start(c, &start);
    program_send(client, text, TEXT);
    program_end_input(client);
    program_expect_output(client, text, TEXT);
    program_expect_exit(client, 0);
}

static void run_short_io(struct check *c)
{
    common_short_io(c, 3);
    unsigned port = check_port(c);
    server_start(c, NULL, port);
    struct peer *client = client_dial(c, port);
    lab08_talk(c, client);
    peer_expect_silence(c, client); /* and not a byte more */
}

static void run_interrupted(struct check *c)
{
    enum { CLIENTS = 3 };
    common_interrupted(c);
    unsigned port = check_port(c);
    struct program *server = server_start(c, NULL, port);
    for (int i = 0; i < CLIENTS; i++)
        lab08_serve_one(c, server, port);
    program_expect_alive(server);
}

static void run_in_use(struct check *c)
{
    common_in_use(c, NULL);
}

/* --- the table ------------------------------------------------------------------------------------------ */

#define HANDOUT(id) "08-signals#lab08-" id

static const struct check_spec checks[] = {
    {"builds", 4, N_("It compiles and links"),
     N_("Begin with the compiler's first message; a function that it does not know may need _GNU_SOURCE."),
     N_("A program that does not build cannot be run, so nothing else could be graded."),
     HANDOUT("builds"), NULL, NEEDS_PLAIN},
    {"warnings", 2, N_("No warning under -Wall -Wextra"),
     N_("A handler has one parameter, and may have no use for it: (void)number says so."),
     N_("Most warnings in network programs are the beginning of a real mistake."),
     HANDOUT("warnings"), NULL, NEEDS_PLAIN},
    {"usage", 3, N_("Wrong arguments: a usage line, status 2"),
     N_("Count the arguments, then look at every character of the port and at its range."),
     N_("A program that guesses what its user meant guesses wrong one day."),
     HANDOUT("usage"), run_usage, NEEDS_PLAIN},
    {"reports-failure", 5, N_("A failed call is named, status 1"),
     N_("Look at the result of each call before the next one is made, and say why with errno's text."),
     N_("Who starts the server must learn why it does not run, and a script learns it from the status."),
     HANDOUT("reports-failure"), run_reports_failure, NEEDS_PLAIN},
    {"term", 8, N_("SIGTERM while it is idle"),
     N_("Ask what accept does when the handler has run, who looks at the flag then, and what is printed on the way out."),
     N_("SIGTERM is how a system asks a service to stop; what does not stop is killed a moment later."),
     HANDOUT("term"), lab08_run_term, NEEDS_PLAIN},
    {"int", 5, N_("SIGINT while it is idle"),
     N_("Ctrl-C sends SIGINT: is everything that you set up for SIGTERM set up for it as well?"),
     N_("A server that is tried out in a terminal is stopped from there."),
     HANDOUT("int"), lab08_run_int, NEEDS_PLAIN},
    {"finishes", 12, N_("SIGTERM in the middle of a conversation"),
     N_("Ask what closes the listening socket while a client is being served, and what a read or write that is interrupted does "
        "to that client."),
     N_("Who is being served has done nothing wrong, and who comes now can be served by another server."),
     HANDOUT("finishes"), lab08_run_finishes, NEEDS_PLAIN},
    {"race", 14, N_("A signal between the last look and accept"),
     N_("Look at the line before the call that blocks: a signal may come after it. Which call lets signals in and waits in one "
        "step, or what would the call find ready?"),
     N_("One stop in a thousand that is not heard is a server that hangs on the day when it matters."),
     HANDOUT("race"), lab08_run_race, NEEDS_PLAIN},
    {"usr1", 10, N_("SIGUSR1: the count, idle and in between"),
     N_("Look at where the line waits before it is printed, at when a client is counted, and at calls that return EINTR."),
     N_("A question must not change what it asks about: who is being served does not notice."),
     HANDOUT("usr1"), lab08_run_usr1, NEEDS_PLAIN},
    {"storm", 7, N_("A thousand SIGUSR1 during an echo of 1 MiB"),
     N_("Look at what each read and write returns when a signal comes in the middle: nothing, a part, or EINTR?"),
     N_("What happens once in a million times happens every day in a server."),
     HANDOUT("storm"), lab08_run_storm, NEEDS_PLAIN},
    {"pipe", 6, N_("Clients that vanish, with SIGPIPE"),
     N_("Look at the way out after a failed read or write, and at the signal that such a write raises."),
     N_("A client may go at any moment; only its own conversation may end with it."),
     HANDOUT("pipe"), run_pipe, NEEDS_PLAIN},
    {"port-free", 4, N_("Stopped or killed, and started again"),
     N_("Look at the option that must be set on the listening socket, and before which call."),
     N_("A server that is stopped to be renewed must be back at once, and not after a minute."),
     HANDOUT("port-free"), run_port_free, NEEDS_PLAIN},
    {"memory", 4, N_("Clean under AddressSanitizer and UBSan"),
     N_("The report's first line says what happened, the lines below where."),
     N_("What is allocated and not freed shows when a program ends, and this one does."),
     HANDOUT("memory"), run_memory, NEEDS_ASAN},
    {"descriptors", 3, N_("No descriptor leaks, none is closed twice"),
     N_("Follow each way out of a conversation, and the listening socket when it is closed: once, by whom?"),
     N_("A server that leaks one descriptor for each client stands still after a thousand of them."),
     HANDOUT("descriptors"), run_descriptors, NEEDS_PLAIN},
    {"order", 2, N_("The calls in their order"),
     N_("Compare your calls with the picture in the handout of lab 04: which descriptor, which order, which arguments."),
     N_("Each call prepares the next; out of order some of them still seem to work, on your machine, today."),
     HANDOUT("order"), run_order, NEEDS_PLAIN},
    {"reference", 2, N_("It works with the reference echo_client"),
     N_("If other checks fail too, mend those first; else compare the output byte by byte."),
     N_("Programs of different authors must be able to talk to each other."),
     HANDOUT("reference"), run_reference, NEEDS_PLAIN},
    {"short-io", 3, N_("Each read and write moves a few bytes only"),
     N_("Look at what each call returns, and at what is read or written next."),
     N_("The kernel may move fewer bytes than it was asked to; what is left over is yours to move."),
     HANDOUT("short-io"), run_short_io, NEEDS_PLAIN},
    {"interrupted", 4, N_("EINTR when nobody asked for anything"),
     N_("EINTR says that some signal was handled, not which: what does your loop look at before it goes on?"),
     N_("An interrupted call has neither failed nor come to an end: it has not happened."),
     HANDOUT("interrupted"), run_interrupted, NEEDS_PLAIN},
    {"in-use", 2, N_("The port is taken, or was a moment ago"),
     N_("Look at the result of bind, and at the option that is set before it."),
     N_("Whoever starts the server must learn that somebody else has its port."),
     HANDOUT("in-use"), run_in_use, NEEDS_PLAIN},
};

static const char *const hand_in[] = {"signal_server.c", NULL};
static const char *const reference[] = {"signal_server", "06-read-write/echo_client", NULL};
static const struct build_program programs[] = {
    {.name = "signal_server", .source = {"signal_server.c", NULL}},
};

const struct lab lab_08_signals = {
    .id = "08-signals",
    .number = 8,
    .title = N_("A server that can be told to stop"),
    .build = {.hand_in = hand_in, .program = programs, .programs = sizeof(programs) / sizeof(programs[0])},
    .check = checks,
    .checks = sizeof(checks) / sizeof(checks[0]),
    .reference = reference,
};
