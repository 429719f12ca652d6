/**
 * @file 06_read_write.c
 * Lab 06, a byte stream has no messages: the table of its checks, and those that every lab has. The
 * functions of io.c are judged in 06_functions.c, the conversations in 06_echo.c.
 */
#include "labs/06_read_write.h"

#include <errno.h>
#include <string.h>

static const char text[] = LAB06_TEXT;
enum { TEXT = sizeof(text) - 1 };

/* --- what every lab has ----------------------------------------------------------------------- */

static void run_usage(struct check *c)
{
    static const struct usage_case server[] = {
        {{NULL}},    {{"4000", "4001"}}, {{"80abc"}}, {{"0x50"}}, {{""}},
        {{"70000"}}, {{"-1"}},           {{"+80"}},   {{"0"}},
    };
    static const struct usage_case client[] = {
        {{NULL}},
        {{"127.0.0.1"}},
        {{"127.0.0.1", "4000", "4001"}},
        {{"127.0.0.1", ""}},
        {{"127.0.0.1", "70000"}},
        {{"127.0.0.1", "0"}},
    };
    common_usage(c, "echo_server", server, sizeof(server) / sizeof(server[0]));
    common_usage(c, "echo_client", client, sizeof(client) / sizeof(client[0]));
    /* Leading zeros are allowed, and do not make the number octal. */
    check_scene(c);
    unsigned port = check_port(c);
    server_start_with(
        c, &(struct start){.name = "echo_server", .argument = {check_text(c, "0%u", port)}}, port);
}

/** What a client needs in order to come to the call that fails. */
static void entertain(struct check *c, struct program *client, unsigned port)
{
    (void)port;
    program_send(client, text, TEXT);
    program_end_input(client);
    struct peer *server = door_maybe(c, c->door[0], NULL);
    if (server)
        peer_echo(server, 0);
}

static void run_reports_failure(struct check *c)
{
    static const struct failure_case client[] = {
        {.group = CALL_SOCKET, .error = EMFILE},
        {.group = CALL_CONNECT, .error = ECONNREFUSED},
        {.group = CALL_WRITE, .fd_kinds = 1 << FD_CONNECTED, .error = EPIPE},
        {.group = CALL_READ, .fd_kinds = 1 << FD_CONNECTED, .error = ECONNRESET},
        {.group = CALL_READ, .fd_kinds = 1 << FD_STDIN, .error = EIO},
        {.group = CALL_WRITE, .fd_kinds = 1 << FD_STDOUT, .error = ENOSPC},
    };
    common_reports_failure_to_listen(c, "echo_server");
    unsigned port = check_port(c);
    door_new(c, NULL, &(struct door_options){.port = port});
    struct start start = {.name = "echo_client",
                          .argument = {"127.0.0.1", check_text(c, "%u", port)},
                          .input = INPUT_PIPE};
    common_reports_failure(c, &start, false, client, sizeof(client) / sizeof(client[0]), entertain);
}

static void run_memory(struct check *c)
{
    enum { LONG = 20000 };
    static unsigned char bytes[LONG];
    pattern_fill(bytes, LONG, PATTERN_TEXT | c->seed, 0);
    unsigned port = check_port(c);
    struct program *server = server_start(c, "echo_server", port);
    lab06_echo_text(c, server, port);
    if (check_rest(c) == WAIT_STUCK && !server->ended) { /* else next-client says so */
        struct peer *client = client_dial(c, port);
        peer_send(client, bytes, LONG);
        peer_expect(c, client, bytes, LONG);
        peer_close(client);
    }
    common_expect_clean(c, server);
    check_scene(c);
    lab06_visit_echo(c, bytes, LONG, 0);
}

static void run_descriptors(struct check *c)
{
    enum { CLIENTS = 200, RESET = 5 };
    struct program *server = common_descriptors_server(c, "echo_server", lab06_echo_text, CLIENTS);
    int before = program_descriptors(server);
    check_scene(c);
    for (int i = 0; i < RESET; i++) {
        struct peer *client = client_dial(c, server->port);
        peer_send(client, text, TEXT);
        peer_expect(c, client, text, TEXT);
        peer_reset(client);
        peer_await_left(c, client);
        if (server->ended) /* which `reset` says */
            break;
    }
    int after = program_descriptors(server);
    struct failure failure = {.verdict = VERDICT_LEAK,
                              .event = {judge_unclosed(c->timeline, server->actor)},
                              .expected = check_text(c, _("%d open descriptors"), before),
                              .actual = check_text(c, _("%d open descriptors"), after)};
    if (after > before)
        check_fail(c, &failure,
                   _("%d clients reset their connections. echo_server had %d descriptors open "
                     "before and %d "
                     "afterwards: when a read fails, the connection is not closed."),
                   RESET, before, after);
    check_scene(c);
    struct visit v = lab06_visit_start(c, TRACE_ALL, 0);
    program_send(v.client, text, TEXT);
    program_end_input(v.client);
    v.server = door_expect(c, v.door, NULL);
    peer_echo(v.server, 0);
    check_rest(c); /* how it ends is for others to say */
    common_judge_descriptors(c, v.client, 0, 0, 0, 0);
}

static void run_order(struct check *c)
{
    unsigned port = check_port(c);
    struct program *server = server_start(c, "echo_server", port);
    struct peer *stranger = client_dial(c, port);
    peer_send(stranger, text, TEXT);
    peer_half_close(stranger);
    if (check_rest(c) == WAIT_STUCK) /* else it goes round and round: next-client says so */
        common_order_server(c, server, port);
    lab06_dismiss(c, server);
    lab06_visit_echo(c, text, TEXT, 0);
    const struct program *client = c->program[c->programs - 1];
    for (const struct event *e = NULL;
         (e = judge_call(c->timeline, e, client->actor, CALL_READ | CALL_WRITE));)
        if (e->fd_kind == FD_SOCKET || e->fd_kind == FD_LISTENER)
            check_fail(c, &(struct failure){.verdict = VERDICT_MISMATCH, .event = {e}},
                       _("echo_client reads from or writes to a socket that is not connected."));
}

/**
 * The reference client's own words are the best that can be said about a server that it cannot use.
 */
static void judge_reference(struct check *c, struct program *client)
{
    int status = program_await_end(client);
    if (status != 0) {
        struct failure failure = {.verdict = VERDICT_MISMATCH,
                                  .expected = check_text(c, _("status %d"), 0),
                                  .actual = check_text(c, _("status %d"), status)};
        check_fail(c, &failure, _("The reference echo_client gave up. It says: %.*s"),
                   (int)strcspn(buf_text(&client->errors), "\n"), buf_text(&client->errors));
    }
    program_expect_output(client, text, TEXT);
    program_expect_exit(client, 0);
}

static void run_reference(struct check *c)
{
    unsigned port = check_port(c);
    const char *number = check_text(c, "%u", port);
    struct program *server = server_start(c, "echo_server", port);
    struct start start = {.name = "echo_client",
                          .argument = {"127.0.0.1", number},
                          .reference = true,
                          .input = INPUT_PIPE};
    struct program *client = program_start(c, &start);
    program_send(client, text, TEXT);
    program_end_input(client);
    judge_reference(c, client);
    lab06_dismiss(c, server);
    port = check_port(c);
    number = check_text(c, "%u", port);
    server_start_with(
        c, &(struct start){.name = "echo_server", .argument = {number}, .reference = true}, port);
    start = (struct start){
        .name = "echo_client", .argument = {"127.0.0.1", number}, .input = INPUT_PIPE};
    client = program_start(c, &start);
    program_send(client, text, TEXT);
    program_end_input(client);
    program_expect_output(client, text, TEXT);
    program_expect_exit(client, 0);
}

/** Both programs, each with all the bad luck. */
static void talk_unluckily(struct check *c, void (*bad_luck)(struct check *c))
{
    bad_luck(c);
    unsigned port = check_port(c);
    struct program *server = server_start(c, "echo_server", port);
    lab06_echo_text(c, server, port);
    while (c->faults > 0)
        check_unfault(c, &c->fault[c->faults - 1]);
    lab06_dismiss(c, server);
    bad_luck(c);
    lab06_visit_echo(c, text, TEXT, 0);
}

static void cut_short(struct check *c)
{
    common_short_io(c, 3);
}

static void run_short_io(struct check *c)
{
    talk_unluckily(c, cut_short);
}

static void run_interrupted(struct check *c)
{
    talk_unluckily(c, common_interrupted);
}

static void run_in_use(struct check *c)
{
    common_in_use(c, "echo_server");
}

/* --- the table -------------------------------------------------------------------------------- */

#define HANDOUT(id) "06-read-write#lab06-" id

static const struct check_spec checks[] = {
    {"builds", 4, N_("It compiles and links"),
     N_("Begin with the compiler's first message. The kit's io.h says which functions io.c must "
        "have, and their types."),
     N_("A program that does not build cannot be run, so nothing else could be graded."),
     HANDOUT("builds"), NULL, NEEDS_PLAIN},
    {"warnings", 2, N_("No warning under -Wall -Wextra"),
     N_("Where a signed count meets an unsigned size, ask what becomes of -1."),
     N_("In this lab the usual warning is a mistake: -1 compared with a size_t is larger than any "
        "length."),
     HANDOUT("warnings"), NULL, NEEDS_PLAIN},
    {"usage", 3, N_("Wrong arguments: a usage line, status 2"),
     N_("Count the arguments, then look at every character of the port and at its range."),
     N_("A program that guesses what its user meant guesses wrong one day."), HANDOUT("usage"),
     run_usage, NEEDS_PLAIN},
    {"reports-failure", 5, N_("A failed call is named, status 1"),
     N_("Look at the result of every call, those on stdin and stdout too, and say why before errno "
        "changes."),
     N_("What failed and why is known at one place only: where the call was made."),
     HANDOUT("reports-failure"), run_reports_failure, NEEDS_PLAIN},
    {"readn", 8, N_("readn: all n bytes, or end of file"),
     N_("Ask for each read: where do its bytes go, how many are still missing, and what are 0, -1 "
        "and EINTR?"),
     N_("A read brings what has arrived, and that is seldom what was sent in one go."),
     HANDOUT("readn"), lab06_run_readn, NEEDS_PLAIN},
    {"writen", 8, N_("writen: all n bytes are written"),
     N_("Ask for each write: from where does it go on, how many are still to come, and what are -1 "
        "and EINTR?"),
     N_("A write may take a part and call it success; the rest is lost unless somebody looks."),
     HANDOUT("writen"), lab06_run_writen, NEEDS_PLAIN},
    {"readline", 9, N_("readline: one line, and not a byte more"),
     N_("Look at where it stops, at the place for the NUL, and at what it has taken out of the "
        "descriptor by then."),
     N_("What was read too much cannot be put back, and belongs to whoever reads next."),
     HANDOUT("readline"), lab06_run_readline, NEEDS_PLAIN},
    {"echoes", 7, N_("Text comes back, line after line"),
     N_("Ask where the bytes wait: in the server, on their way, or in a buffer of the client's."),
     N_("Who waits for an answer must get it before the next question."), HANDOUT("echoes"),
     lab06_run_echoes, NEEDS_PLAIN},
    {"binary", 5, N_("All 256 byte values come back"),
     N_("Look for functions that are made for text, and for the type in which a byte is kept."),
     N_("A stream carries bytes; that some of them mean something in C is not its concern."),
     HANDOUT("binary"), lab06_run_binary, NEEDS_PLAIN},
    {"large", 7, N_("8 MiB through server and client"),
     N_("Look for arrays that grow with the conversation, and for two sides that both write and do "
        "not read."),
     N_("When all buffers are full and both sides write, they wait for each other for ever."),
     HANDOUT("large"), lab06_run_large, NEEDS_PLAIN},
    {"trickle", 4, N_("A peer that sends one byte at a time"),
     N_("Look for a read whose result is taken for the whole answer, or for a full buffer."),
     N_("How the bytes are cut on their way is not up to the sender."), HANDOUT("trickle"),
     lab06_run_trickle, NEEDS_PLAIN},
    {"next-client", 4, N_("Five clients, one after the other"),
     N_("Look at what is inside the loop, at which descriptor is closed there, and at a read that "
        "returns 0."),
     N_("A server is there for everybody who comes, not for the first."), HANDOUT("next-client"),
     lab06_run_next_client, NEEDS_PLAIN},
    {"reset", 6, N_("Clients that break off or vanish"),
     N_("Look at what happens after a failed read or write, and at the signal that such a write "
        "raises."),
     N_("A client may go at any moment; only its own conversation may end with it."),
     HANDOUT("reset"), lab06_run_reset, NEEDS_PLAIN},
    {"early-close", 5, N_("A server that closes too early: status 1"),
     N_("Look at what the client does when a read returns 0 while bytes are still owed, and when a "
        "write fails."),
     N_("A client that reports success although bytes are missing cannot be trusted with anybody's "
        "data."),
     HANDOUT("early-close"), lab06_run_early_close, NEEDS_PLAIN},
    {"last-line", 3, N_("A last line without newline, an empty stdin"),
     N_("Look at how the client notices that stdin has ended, and what it does with what it has by "
        "then."),
     N_("Files end where they end; a newline there is a habit, not a rule."), HANDOUT("last-line"),
     lab06_run_last_line, NEEDS_PLAIN},
    {"memory", 4, N_("Clean under AddressSanitizer and UBSan"),
     N_("The report's first line says what happened, the lines below where."),
     N_("A buffer that is a byte too small works until the day when it does not."),
     HANDOUT("memory"), run_memory, NEEDS_ASAN},
    {"descriptors", 3, N_("No descriptor leaks, none is closed twice"),
     N_("Follow each way out of a conversation: the connection must be closed there, once."),
     N_("A server that leaks one descriptor for each client stands still after a thousand of "
        "them."),
     HANDOUT("descriptors"), run_descriptors, NEEDS_PLAIN},
    {"order", 2, N_("The calls in their order"),
     N_("Compare your calls with the picture in the handout: which descriptor, which order, which "
        "arguments."),
     N_("Each call prepares the next; out of order some of them still seem to work, on your "
        "machine, today."),
     HANDOUT("order"), run_order, NEEDS_PLAIN},
    {"reference", 2, N_("They work with the reference programs"),
     N_("If echoes fails too, mend that first; else ask what your programs agree on that is not in "
        "the handout."),
     N_("Programs of different authors must be able to talk to each other."), HANDOUT("reference"),
     run_reference, NEEDS_PLAIN},
    {"short-io", 3, N_("Each read and write moves three bytes at most"),
     N_("Look at what each call returns, and at what is read or written next."),
     N_("The kernel may move fewer bytes than it was asked to; what is left over is yours to "
        "move."),
     HANDOUT("short-io"), run_short_io, NEEDS_PLAIN},
    {"interrupted", 4, N_("Calls that a signal interrupts"),
     N_("Look at each call that can wait, the read from stdin too: what does it do after EINTR?"),
     N_("An interrupted call has neither failed nor come to an end: it has not happened."),
     HANDOUT("interrupted"), run_interrupted, NEEDS_PLAIN},
    {"in-use", 2, N_("The port is taken, or was a moment ago"),
     N_("Look at the result of bind, and at the option that is set before it."),
     N_("A server that cannot be started again after a crash keeps its users waiting for a "
        "minute."),
     HANDOUT("in-use"), run_in_use, NEEDS_PLAIN},
};

static const char *const hand_in[] = {"io.c", "echo_server.c", "echo_client.c", NULL};
static const char *const kit[] = {"io.h", "io_driver.c", NULL};
static const char *const reference[] = {"echo_server", "echo_client", NULL};
static const struct build_program programs[] = {
    {.name = "echo_server", .source = {"echo_server.c", "io.c", NULL}},
    {.name = "echo_client", .source = {"echo_client.c", "io.c", NULL}},
    {.name = "io_driver", .source = {"io_driver.c", "io.c", NULL}, .driver = true},
};

const struct lab lab_06_read_write = {
    .id = "06-read-write",
    .number = 6,
    .title = N_("A byte stream has no messages"),
    .build = {.hand_in = hand_in,
              .kit = kit,
              .program = programs,
              .programs = sizeof(programs) / sizeof(programs[0])},
    .check = checks,
    .checks = sizeof(checks) / sizeof(checks[0]),
    .reference = reference,
};
