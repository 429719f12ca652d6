/**
 * @file 07_close.c
 * Lab 07, saying goodbye: collect_server and collect_client. What the lab is about is in 07_goodbye.c.
 *
 * One mistake should cost one check. So only `binary` sends bytes that are no text, and only `collects` insists that
 * the server's line on stdout comes at once. Checks that are not about the goodbye talk on with a client
 * that never says it, and do not mind how a server's connection ends.
 */
#include "labs/07_close.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

/** A client that is served: what it sends comes back. */
static void collect_text(struct check *c, struct program *server, unsigned port)
{
    (void)server;
    struct peer *client = lab07_ask(c, port, lab07_text, LAB07_TEXT);
    lab07_expect_answer(c, client, lab07_text, LAB07_TEXT);
    peer_close(client);
}


/* --- ends that nobody wished for ---------------------------------------------------------------------------------------- */

static void run_restarts(struct check *c)
{
    unsigned port = check_port(c);
    struct program *first = server_start(c, NULL, port);
    struct peer *client = client_dial(c, port);
    peer_send(client, lab07_text, LAB07_TEXT);
    check_settle(c); /* it has read them: it closes with nothing unread, so with a FIN, and TIME_WAIT will be its own */
    program_kill(first);
    peer_expect_gone(c, client);
    peer_close(client);
    check_settle(c);
    lab07_serve_one(c, server_start(c, NULL, port), port);
}

/** A client that resets when the server has read what it sent, which may be nothing, and waits for more. */
static void reset_at_rest(struct check *c, unsigned port, size_t size)
{
    struct peer *client = client_dial(c, port);
    peer_send(client, lab07_text, size);
    check_settle(c);
    peer_reset(client);
    peer_await_left(c, client);
}

/** A client that says goodbye and is gone, in this way, when the answer is about to be sent. */
static void leave_before_answer(struct check *c, unsigned port, void (*leave)(struct peer *))
{
    struct fault *hold = check_hold_write(c, -1);
    struct peer *client = lab07_ask(c, port, lab07_text, LAB07_TEXT);
    check_await_held(c, hold);
    leave(client);
    peer_await_left(c, client);
    check_unfault(c, hold);
}

/** The same while another one is served: the server finds out when it sends. */
static void vanish_in_queue(struct check *c, unsigned port)
{
    struct fault *hold = check_hold_write(c, -1);
    struct peer *served = lab07_ask(c, port, lab07_text, LAB07_TEXT);
    check_await_held(c, hold);
    struct peer *client = client_dial(c, port);
    peer_send(client, lab07_text, LAB07_TEXT);
    peer_vanish(client);
    peer_await_left(c, client);
    check_unfault(c, hold);
    lab07_expect_answer(c, served, lab07_text, LAB07_TEXT);
    peer_close(served);
}

static void run_vanished(struct check *c)
{
    unsigned port = check_port(c);
    struct program *server = server_start(c, NULL, port);
    reset_at_rest(c, port, 0);
    collect_text(c, server, port);
    reset_at_rest(c, port, LAB07_TEXT / 2);
    collect_text(c, server, port);
    leave_before_answer(c, port, peer_reset); /* EPIPE and SIGPIPE: its end of file had been read */
    collect_text(c, server, port);
    leave_before_answer(c, port, peer_close); /* the first write succeeds, and is answered by a reset */
    collect_text(c, server, port);
    vanish_in_queue(c, port);
    collect_text(c, server, port);
    program_expect_alive(server);
}

/* --- what every lab has ------------------------------------------------------------------------------------------------- */

static void run_usage(struct check *c)
{
    static const struct usage_case server[] = {
        {{NULL}}, {{"4000", "4001"}}, {{"80abc"}}, {{"0x50"}}, {{""}}, {{"70000"}}, {{"-1"}}, {{"+80"}}, {{"0"}},
    };
    static const struct usage_case client[] = {
        {{NULL}}, {{"127.0.0.1"}}, {{"127.0.0.1", "4000", "4001"}}, {{"127.0.0.1", ""}}, {{"127.0.0.1", "70000"}},
        {{"127.0.0.1", "0"}},
    };
    common_usage(c, "collect_server", server, sizeof(server) / sizeof(server[0]));
    common_usage(c, "collect_client", client, sizeof(client) / sizeof(client[0]));
    /* Leading zeros are allowed, and do not make the number octal. */
    check_scene(c);
    unsigned port = check_port(c);
    server_start_with(c, &(struct start){.name = "collect_server", .argument = {check_text(c, "0%u", port)}}, port);
}

/** What a client needs in order to come to the call that fails. */
static void entertain(struct check *c, struct program *client, unsigned port)
{
    (void)port;
    program_send(client, lab07_text, LAB07_TEXT);
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
        {.group = CALL_READ, .fd_kinds = 1 << FD_STDIN, .error = EIO},
        {.group = CALL_WRITE, .fd_kinds = 1 << FD_CONNECTED, .error = EPIPE},
        {.group = CALL_SHUTDOWN, .fd_kinds = 1 << FD_CONNECTED, .error = ENOTCONN},
        {.group = CALL_READ, .fd_kinds = 1 << FD_CONNECTED, .error = ECONNRESET},
        {.group = CALL_WRITE, .fd_kinds = 1 << FD_STDOUT, .error = ENOSPC},
    };
    common_reports_failure_to_listen(c, "collect_server");
    check_scene(c);
    unsigned port = check_port(c);
    door_new(c, NULL, &(struct door_options){.port = port});
    struct start start = {.name = "collect_client", .argument = {"127.0.0.1", check_text(c, "%u", port)},
                          .input = INPUT_PIPE};
    common_reports_failure(c, &start, false, client, sizeof(client) / sizeof(client[0]), entertain);
}

static void run_memory(struct check *c)
{
    enum { LONG = 20000, CLIENTS = 3 };
    static unsigned char bytes[LONG];
    static const size_t sizes[CLIENTS] = {LAB07_TEXT, 0, LONG};
    pattern_fill(bytes, LONG, PATTERN_TEXT | c->seed, 0);
    unsigned port = check_port(c);
    struct program *server = server_start(c, NULL, port);
    /* All have come before one is answered: a server that ends with its first client is the matter of others. */
    struct peer *client[CLIENTS];
    for (size_t i = 0; i < CLIENTS; i++)
        client[i] = lab07_ask(c, port, bytes, sizes[i]);
    for (size_t i = 0; i < CLIENTS; i++) {
        check_wait(c, lab07_is_over, client[i]);
        peer_close(client[i]);
    }
    common_expect_clean(c, server);
    check_scene(c);
    struct visit v = lab07_visit(c, bytes, LONG);
    check_wait(c, lab07_is_over, v.server);
    peer_send(v.server, bytes, LONG);
    peer_half_close(v.server);
    common_expect_clean(c, v.client);
}

/** The client closes its connection, once. */
static void judge_client_closes(struct check *c)
{
    struct visit v = lab07_visit(c, lab07_text, LAB07_TEXT);
    lab07_answer_anyway(c, &v);
    common_judge_descriptors(c, v.client, 0, 0, 0, 0);
    const struct event *connect = NULL;
    for (const struct event *e = NULL; (e = judge_call(c->timeline, e, v.client->actor, CALL_CONNECT));)
        if (e->fd_kind == FD_SOCKET || e->fd_kind == FD_CONNECTED)
            connect = e;
    if (!connect || !v.client->ended || judge_close(c->timeline, connect->sock))
        return;
    struct failure failure = {.verdict = VERDICT_LEAK, .event = {connect, lab07_goodbye(c, v.client)}};
    check_fail(c, &failure, _("collect_client has had its answer and ends, and never closed its connection. Shutting a half down "
                              "does not give the descriptor back."));
}

static void run_descriptors(struct check *c)
{
    enum { CLIENTS = 200, RESET = 5 };
    struct program *server = common_descriptors_server(c, NULL, lab07_serve_one, CLIENTS);
    int before = program_descriptors(server);
    check_scene(c);
    for (int i = 0; i < RESET && !server->ended; i++) /* that it ends is told by `vanished` */
        reset_at_rest(c, server->port, LAB07_TEXT);
    int after = program_descriptors(server);
    struct failure failure = {.verdict = VERDICT_LEAK, .event = {judge_unclosed(c->timeline, server->actor)},
                              .expected = check_text(c, _("%d open descriptors"), before),
                              .actual = check_text(c, _("%d open descriptors"), after)};
    if (after > before)
        check_fail(c, &failure, _("%d clients reset their connections. collect_server had %d descriptors open before and %d "
                                  "afterwards: when a read fails, the connection is not closed."), RESET, before, after);
    common_judge_descriptors(c, server, before, before, CLIENTS, CLIENTS); /* closed twice on that way out? */
    lab07_end_scene(c);
    judge_client_closes(c);
}

/** The sending half, alone, when everything has been sent. */
static void judge_client_order(struct check *c, const struct program *client)
{
    const struct event *goodbye = NULL, *other = NULL;
    for (const struct event *e = NULL;
         (e = judge_call(c->timeline, e, client->actor, CALL_SHUTDOWN | CALL_READ | CALL_WRITE));) {
        struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {e, goodbye}};
        bool shuts = e->group & CALL_SHUTDOWN;
        if (!shuts && (e->fd_kind == FD_SOCKET || e->fd_kind == FD_LISTENER))
            check_fail(c, &failure, _("collect_client reads from or writes to a socket that is not connected."));
        if (shuts && e->done && e->result == 0 && e->fd_kind == FD_CONNECTED)
            *(e->arg[1] == SHUT_WR ? &goodbye : &other) = e;
        if (goodbye && e->fd_kind == FD_CONNECTED && (e->group & CALL_WRITE))
            check_fail(c, &failure, _("collect_client writes after it has shut its sending half down."));
        if (other && !goodbye) {
            failure.expected = _("the sending half is shut down, and the other one stays open");
            check_fail(c, &failure, _("collect_client shuts down another half than the sending one, or both."));
        }
    }
    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {lab07_goodbye(c, client)}};
    if (!goodbye)
        check_fail(c, &failure, _("collect_client never shuts the sending half of its connection down."));
}

static void run_order(struct check *c)
{
    unsigned port = check_port(c);
    struct program *server = server_start(c, NULL, port);
    lab07_serve_one(c, server, port);
    check_rest(c);
    common_order_server(c, server, port);
    lab07_end_scene(c);
    struct visit v = lab07_visit(c, lab07_text, LAB07_TEXT);
    lab07_answer_anyway(c, &v);
    judge_client_order(c, v.client);
}

/** @p held, if not NULL: the answer comes when the client waits for it, or is gone. */
static void talk_to_reference(struct check *c, const char *number, bool reference, struct fault *held)
{
    struct start start = {.name = "collect_client", .argument = {"127.0.0.1", number}, .reference = reference,
                          .input = INPUT_PIPE};
    struct program *client = program_start(c, &start);
    program_send(client, lab07_text, LAB07_TEXT);
    program_end_input(client);
    if (held) {
        check_await_held(c, held);
        check_rest(c);
        check_unfault(c, held);
    }
    program_expect_output(client, ">", 1);
    program_expect_output(client, lab07_text, LAB07_TEXT);
    program_expect_output(client, "\n", 1);
    program_expect_exit(client, 0);
}

static void run_reference(struct check *c)
{
    unsigned port = check_port(c);
    struct program *server = server_start(c, NULL, port);
    talk_to_reference(c, check_text(c, "%u", port), true, NULL);
    program_kill(server);
    check_scene(c);
    port = check_port(c);
    const char *number = check_text(c, "%u", port);
    server = server_start_with(c, &(struct start){.name = "collect_server", .argument = {number}, .reference = true}, port);
    struct fault *hold = check_hold_write(c, server->actor);
    talk_to_reference(c, number, false, hold);
}

/** The server's conversation with bad luck must come out as one without. */
static void server_meets(struct check *c, void (*bad_luck)(struct check *c))
{
    unsigned port = check_port(c);
    struct program *before = server_start(c, NULL, port);
    struct peer *lucky = lab07_ask(c, port, lab07_text, LAB07_TEXT);
    peer_expect_some(c, lucky);
    check_rest(c);
    program_kill(before);
    check_scene(c);
    bad_luck(c);
    port = check_port(c);
    struct program *server = server_start(c, NULL, port);
    lab07_expect_answer(c, lab07_ask(c, port, lab07_text, LAB07_TEXT), buf_text(&lucky->in), lucky->in.length);
    program_expect_output(server, buf_text(&before->output), before->output.length);
}

/** The same for the client: what the server gets from it, and what it prints. */
static void client_meets(struct check *c, void (*bad_luck)(struct check *c))
{
    struct visit lucky = lab07_visit(c, lab07_text, LAB07_TEXT);
    lab07_answer_anyway(c, &lucky);
    lucky.client->awaited = true; /* how it ended is the matter of others */
    check_scene(c);
    bad_luck(c);
    struct visit v = lab07_visit(c, lab07_text, LAB07_TEXT);
    lab07_answer_anyway(c, &v);
    peer_expect(c, v.server, buf_text(&lucky.server->in), lucky.server->in.length);
    program_expect_output(v.client, buf_text(&lucky.client->output), lucky.client->output.length);
    if (lucky.client->ended && WIFEXITED(lucky.client->status))
        program_expect_exit(v.client, WEXITSTATUS(lucky.client->status));
}

/** Both programs, each with all the bad luck. */
static void talk_unluckily(struct check *c, void (*bad_luck)(struct check *c))
{
    server_meets(c, bad_luck);
    while (c->faults > 0)
        check_unfault(c, &c->fault[c->faults - 1]);
    lab07_end_scene(c);
    client_meets(c, bad_luck);
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
    common_in_use(c, NULL);
}

/* --- the table ---------------------------------------------------------------------------------------------------------- */

#define HANDOUT(id) "07-close#lab07-" id

static const struct check_spec checks[] = {
    {"builds", 4, N_("It compiles and links"),
     N_("Begin with the compiler's first message. io.c is linked with both programs, so it has no main of its own."),
     N_("A program that does not build cannot be run, so nothing else could be graded."),
     HANDOUT("builds"), NULL, NEEDS_PLAIN},
    {"warnings", 2, N_("No warning under -Wall -Wextra"),
     N_("Where a signed count meets an unsigned size, ask what becomes of -1."),
     N_("Most warnings in network programs are the beginning of a real mistake."),
     HANDOUT("warnings"), NULL, NEEDS_PLAIN},
    {"usage", 3, N_("Wrong arguments: a usage line, status 2"),
     N_("Count the arguments, then look at every character of the port and at its range."),
     N_("A program that guesses what its user meant guesses wrong one day."),
     HANDOUT("usage"), run_usage, NEEDS_PLAIN},
    {"reports-failure", 6, N_("A failed call is named, status 1"),
     N_("Look at the result of every call, shutdown's too, and ask why a reading loop has ended: 0 or -1?"),
     N_("Half an answer that is reported as a whole one is worse than none."),
     HANDOUT("reports-failure"), run_reports_failure, NEEDS_PLAIN},
    {"half-close", 14, N_("The client says goodbye, and still listens"),
     N_("Ask what tells the server that this was all, and which half of the connection is open after that call."),
     N_("Each side waits for the other for ever if nobody says that it has finished."),
     HANDOUT("half-close"), lab07_run_half_close, NEEDS_PLAIN},
    {"after-eof", 9, N_("No answer before the client's end of file"),
     N_("Ask by which result of read your server knows that the client has finished."),
     N_("A pause, a newline or a short read is no end: the rest may still be on its way."),
     HANDOUT("after-eof"), lab07_run_after_eof, NEEDS_PLAIN},
    {"collects", 11, N_("4 MiB, byte for byte, printed at once"),
     N_("Look at how the room grows, where the next piece is put, and whether what is printed waits in a buffer."),
     N_("How much a client will send is not known before it has sent it."),
     HANDOUT("collects"), lab07_run_collects, NEEDS_PLAIN},
    {"binary", 7, N_("All 256 byte values come back"),
     N_("Look for functions that are made for text, and for how your program knows how many bytes it has."),
     N_("A NUL ends a string in C; on a connection it is a byte like any other."),
     HANDOUT("binary"), lab07_run_binary, NEEDS_PLAIN},
    {"empty", 5, N_("No bytes at all"),
     N_("Follow your program with an empty stdin, or a client that closes at once: which loop is never entered?"),
     N_("Nothing is a message too, if the end of file comes behind it."),
     HANDOUT("empty"), lab07_run_empty, NEEDS_PLAIN},
    {"no-reset", 8, N_("The connection is closed, not reset"),
     N_("Ask what is still unread, or still unsent, when close is called."),
     N_("A reset throws away what is on its way, and part of the answer may be lost with it."),
     HANDOUT("no-reset"), lab07_run_no_reset, NEEDS_PLAIN},
    {"restarts", 5, N_("Killed, and started again on its port"),
     N_("Look at the option that must be set on the listening socket, and before which call."),
     N_("A server that crashed must be back at once, and not after a minute."),
     HANDOUT("restarts"), run_restarts, NEEDS_PLAIN},
    {"vanished", 8, N_("Clients that reset, early and late"),
     N_("Follow the way out after a failed read and after a failed write, and think of SIGPIPE."),
     N_("A client may go at any moment; only its own conversation may end with it."),
     HANDOUT("vanished"), run_vanished, NEEDS_PLAIN},
    {"memory", 4, N_("Clean under AddressSanitizer and UBSan"),
     N_("The report's first line says what happened, the lines below where."),
     N_("A block that grows moves, and a server that forgets to free it grows with each client."),
     HANDOUT("memory"), run_memory, NEEDS_ASAN},
    {"descriptors", 4, N_("Each descriptor is closed, and once"),
     N_("Follow each way out of a conversation, in both programs: what is closed there, and by whom?"),
     N_("A server that leaks one descriptor for each client stands still after a thousand of them."),
     HANDOUT("descriptors"), run_descriptors, NEEDS_PLAIN},
    {"order", 2, N_("The calls in their order"),
     N_("Compare your calls with the picture in the handout: which descriptor, which order, which arguments."),
     N_("Each call prepares the next; out of order some of them still seem to work, on your machine, today."),
     HANDOUT("order"), run_order, NEEDS_PLAIN},
    {"reference", 2, N_("They work with the reference programs"),
     N_("If other checks fail too, mend those first; else compare the output byte by byte."),
     N_("Programs of different authors must be able to talk to each other."),
     HANDOUT("reference"), run_reference, NEEDS_PLAIN},
    {"short-io", 2, N_("Each read and write moves three bytes at most"),
     N_("Look at what each call returns, and at what is read or written next."),
     N_("The kernel may move fewer bytes than it was asked to; what is left over is yours to move."),
     HANDOUT("short-io"), run_short_io, NEEDS_PLAIN},
    {"interrupted", 2, N_("Calls that a signal interrupts"),
     N_("Look at each call that can wait, the read from stdin too: what does it do after EINTR?"),
     N_("An interrupted call has neither failed nor come to an end: it has not happened."),
     HANDOUT("interrupted"), run_interrupted, NEEDS_PLAIN},
    {"in-use", 2, N_("The port is taken, or was a moment ago"),
     N_("Look at the result of bind, and at the option that is set before it."),
     N_("Whoever starts the server must learn that somebody else has its port."),
     HANDOUT("in-use"), run_in_use, NEEDS_PLAIN},
};

static const char *const hand_in[] = {"collect_server.c", "collect_client.c", NULL};
static const char *const optional[] = {"io.c", NULL};
static const char *const kit[] = {"io.h", NULL};
static const char *const reference[] = {"collect_server", "collect_client", NULL};
static const struct build_program programs[] = {
    {.name = "collect_server", .source = {"collect_server.c", "io.c", NULL}},
    {.name = "collect_client", .source = {"collect_client.c", "io.c", NULL}},
};

const struct lab lab_07_close = {
    .id = "07-close",
    .number = 7,
    .title = N_("Saying goodbye"),
    .build = {.hand_in = hand_in, .optional = optional, .kit = kit, .program = programs,
              .programs = sizeof(programs) / sizeof(programs[0])},
    .check = checks,
    .checks = sizeof(checks) / sizeof(checks[0]),
    .reference = reference,
};
