/**
 * @file 04_accept.c
 * Lab 04, one door, many conversations: hello_server.
 *
 * One mistake should cost one check. So only `greets` and `reference` look at which bytes come; to the
 * others a client was served when it got some bytes and then the end. A line on stdout that is late is the
 * matter of `logs-at-once` alone. What needs one client is shown with one.
 */
#include "labs/labs.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/wait.h>

static const char greeting[] = "Hello World!\n";

/** A client that is served, whatever with. */
static void serve_one(struct check *c, struct program *server, unsigned port)
{
    const struct event *now = check_now(c);
    struct peer *client = client_dial(c, port);
    peer_expect_some(c, client);
    peer_close(client);
    server_await_back(server, now);
}

/* --- the greeting ----------------------------------------------------------------------------------- */

static void run_greets(struct check *c)
{
    unsigned port = check_port(c);
    server_start(c, NULL, port);
    struct peer *client = client_dial(c, port);
    peer_expect(c, client, greeting, strlen(greeting));
    peer_expect_end(c, client);
}

static void run_reference(struct check *c)
{
    unsigned port = check_port(c);
    server_start(c, NULL, port);
    struct program *client =
        program_start(c, &(struct start){.name = "hello_client", .reference = true,
                                         .argument = {"127.0.0.1", check_text(c, "%u", port)}});
    program_expect_output(client, greeting, strlen(greeting));
    program_expect_exit(client, 0);
}

/** The conversation with bad luck must come out as the program's own without. */
static void compare_with_lucky(struct check *c, void (*bad_luck)(struct check *c))
{
    unsigned port = check_port(c);
    struct program *lucky = server_start(c, NULL, port);
    struct peer *before = client_dial(c, port);
    peer_expect_some(c, before);
    program_kill(lucky);
    bad_luck(c);
    port = check_port(c);
    server_start(c, NULL, port);
    struct peer *client = client_dial(c, port);
    peer_expect(c, client, buf_text(&before->in), before->in.length);
    peer_expect_gone(c, client);
    if (client->in.length > 0)
        peer_expect_end(c, client); /* says what is too much */
}

static void cut_short(struct check *c)
{
    common_short_io(c, 3);
}

static void run_short_io(struct check *c)
{
    compare_with_lucky(c, cut_short);
}

static void run_interrupted(struct check *c)
{
    compare_with_lucky(c, common_interrupted);
}

/* --- the line on stdout ------------------------------------------------------------------------------- */

static bool has_line(struct check *c, void *argument)
{
    (void)c;
    size_t have;
    const char *rest = program_rest(argument, &have);
    return memchr(rest, '\n', have) != NULL;
}

/** A source with the longest text that an address and a port can have. */
struct source {
    char address[INET_ADDRSTRLEN];
    unsigned port;
};

static struct source pick_source(struct check *c)
{
    struct source s;
    snprintf(s.address, sizeof(s.address), "127.%u.%u.%u", 100 + check_random(c, 1, 155), 100 + check_random(c, 2, 155),
             100 + check_random(c, 3, 155));
    s.port = 40000 + check_random(c, 4, 20000); /* negative in 16 bits with a sign */
    if ((s.port & 0xff) == s.port >> 8)
        s.port++;                               /* must differ in the other byte order */
    return s;
}

/** Lines that stay in a buffer are logs-at-once's matter: more clients, until it is full. */
static void fill_buffer(struct check *c, struct program *server, unsigned port)
{
    enum { CLIENTS = 150 }; /* lines of more than 30 bytes: stdio's buffer holds 4096 */
    for (int i = 0; i < CLIENTS && check_wait(c, has_line, server) != WAIT_OK; i++) {
        if (program_says(server, "connection from"))
            return;
        serve_one(c, server, port);
    }
}

static void run_peer_address(struct check *c)
{
    unsigned port = check_port(c);
    struct program *server = server_start(c, NULL, port);
    struct source from = pick_source(c);
    struct peer *client = client_dial_with(c, NULL, &(struct peer_dial){
        .port = port, .from = from.address, .from_port = from.port});
    peer_expect_some(c, client);
    fill_buffer(c, server, port);
    program_expect_line(server, "connection from %s:%u", from.address, from.port);
}

static void run_logs_at_once(struct check *c)
{
    unsigned port = check_port(c);
    struct program *server = server_start(c, NULL, port);
    struct peer *client = client_dial(c, port);
    peer_expect_some(c, client);
    if (check_wait(c, has_line, server) == WAIT_OK)
        return;
    struct failure failure = {.verdict = VERDICT_MISMATCH, .waits = true,
                              .expected = _("a line \"connection from ...\" on standard output"),
                              .actual = _("nothing on standard output")};
    if (program_says(server, "connection from"))
        check_fail(c, &failure, _("The line went to standard error; it belongs on standard output."));
    if (server->output.length > 0) {
        failure.actual = _("a line without its end");
        check_fail(c, &failure, _("client 1 has been served, and its line is not complete: a newline is missing."));
    }
    check_fail(c, &failure, _("client 1 has been served and the program waits again, but its line has not come out. "
                              "stdout is a pipe here; what is printed may still lie in a buffer of the program."));
}

/* --- client after client -------------------------------------------------------------------------------- */

static void run_next_client(struct check *c)
{
    enum { CLIENTS = 10 };
    unsigned port = check_port(c);
    struct program *server = server_start(c, NULL, port);
    for (int i = 0; i < CLIENTS; i++)
        serve_one(c, server, port);
    program_expect_alive(server);
}

static void run_queued(struct check *c)
{
    enum { WAITING = 5 };
    unsigned port = check_port(c);
    server_start(c, NULL, port);
    struct fault *hold = check_hold_write(c, -1);
    struct peer *client[1 + WAITING];
    client[0] = client_dial(c, port);
    check_await_held(c, hold);
    for (int i = 1; i <= WAITING; i++)
        client[i] = client_dial(c, port);
    check_unfault(c, hold);
    for (int i = 0; i <= WAITING; i++)
        peer_expect_some(c, client[i]);
}

static void run_aborted(struct check *c)
{
    unsigned port = check_port(c);
    check_fault(c, (struct fault){.actor = -1, .group = CALL_ACCEPT, .fd_kinds = 1 << FD_LISTENER, .first = 2,
                                  .count = 1, .what = FAULT_ERRNO, .value = ECONNABORTED});
    struct program *server = server_start(c, NULL, port);
    serve_one(c, server, port);
    serve_one(c, server, port);
    /* While one is served, the next comes, resets its connection, and one more comes. */
    struct fault *hold = check_hold_write(c, -1);
    struct peer *served = client_dial(c, port);
    check_await_held(c, hold);
    struct peer *aborted = client_dial(c, port);
    peer_reset(aborted);
    peer_await_left(c, aborted);
    struct peer *next = client_dial(c, port);
    check_unfault(c, hold);
    peer_expect_some(c, served);
    peer_expect_some(c, next);
    program_expect_alive(server);
}

/** A client that leaves when it has been accepted and nothing has been written to it yet. */
static void leave_before_write(struct check *c, struct program *server, void (*leave)(struct peer *))
{
    const struct event *now = check_now(c);
    struct fault *hold = check_hold_write(c, -1);
    struct peer *client = client_dial(c, server->port);
    check_await_held(c, hold);
    leave(client);
    peer_await_left(c, client);
    check_unfault(c, hold);
    server_await_back(server, now);
}

static void run_vanished(struct check *c)
{
    unsigned port = check_port(c);
    struct program *server = server_start(c, NULL, port);
    leave_before_write(c, server, peer_vanish); /* EPIPE and SIGPIPE */
    serve_one(c, server, port);
    leave_before_write(c, server, peer_reset); /* ECONNRESET */
    serve_one(c, server, port);
    leave_before_write(c, server, peer_close); /* the first write succeeds, and is answered by a reset */
    serve_one(c, server, port);
    program_expect_alive(server);
}

static void run_no_descriptors(struct check *c)
{
    enum { FAILURES = 5 };
    unsigned port = check_port(c);
    struct program *server = server_start(c, NULL, port);
    struct fault *hold = check_hold_write(c, -1);
    struct peer *served = client_dial(c, port);
    check_await_held(c, hold);
    struct peer *waiting = client_dial(c, port);
    check_unfault(c, hold);
    check_fault(c, (struct fault){.actor = -1, .group = CALL_ACCEPT, .fd_kinds = 1 << FD_LISTENER,
                                  .count = FAILURES, .what = FAULT_ERRNO, .value = EMFILE});
    peer_expect_some(c, served);
    peer_expect_some(c, waiting);
    serve_one(c, server, port);
    program_expect_alive(server);
}

/* --- what every lab has --------------------------------------------------------------------------------- */

static void run_usage(struct check *c)
{
    static const struct usage_case cases[] = {
        {{NULL}},    {{"4000", "4001"}}, {{"80abc"}}, {{"0x50"}}, {{""}},           {{"70000"}},
        {{"-1"}},    {{"+80"}},          {{" 80"}},   {{"0"}},    {{"4294967376"}},
    };
    common_usage(c, "hello_server", cases, sizeof(cases) / sizeof(cases[0]));
    /* Leading zeros are allowed. What becomes of the server then is for the other checks. */
    struct start start = {.name = "hello_server", .argument = {check_text(c, "00%u", check_port(c))}};
    struct program *server = program_start(c, &start);
    server->awaited = true;
    if (check_rest(c) == WAIT_STUCK && server->ended && WIFEXITED(server->status) && WEXITSTATUS(server->status) == 2)
        check_fail(c, &(struct failure){.verdict = VERDICT_EXITED},
                   _("`hello_server %s` is a port with leading zeros, and not wrong usage."), start.argument[0]);
}

static void run_reports_failure(struct check *c)
{
    common_reports_failure_to_listen(c, "hello_server");
}

static void run_in_use(struct check *c)
{
    common_in_use(c, NULL);
}

static void run_order(struct check *c)
{
    unsigned port = check_port(c);
    struct program *server = server_start(c, NULL, port);
    serve_one(c, server, port);
    common_order_server(c, server, port);
}

static void run_memory(struct check *c)
{
    enum { CLIENTS = 3 };
    unsigned port = check_port(c);
    struct program *server = server_start(c, NULL, port);
    struct source from = pick_source(c);
    for (unsigned i = 0; i < CLIENTS; i++) {
        struct peer *client = client_dial_with(c, NULL, &(struct peer_dial){
            .port = port, .from = from.address, .from_port = from.port + i});
        peer_expect_some(c, client);
        if (check_rest(c) != WAIT_STUCK)
            return; /* it spins: next-client says so */
        if (server->ended)
            break; /* too early: likewise */
    }
    common_expect_clean(c, server);
}

/**
 * A client that is gone before it is accepted. False if the server does not outlive it, which `aborted` says.
 */
static bool abort_one(struct check *c, struct program *server)
{
    struct fault *hold = check_fault(c, (struct fault){.actor = -1, .group = CALL_ACCEPT, .fd_kinds = 1 << FD_LISTENER,
                                                       .count = 1, .what = FAULT_HOLD});
    struct peer *first = client_dial(c, server->port); /* a server that is in accept takes this one, and is held then */
    check_await_held(c, hold);
    struct peer *aborted = client_dial(c, server->port);
    peer_reset(aborted);
    peer_await_left(c, aborted);
    check_unfault(c, hold);
    peer_expect_some(c, first);
    return check_rest(c) == WAIT_STUCK && !server->ended;
}

static void run_descriptors(struct check *c)
{
    enum { CLIENTS = 200, ABORTED = 5 };
    struct program *server = common_descriptors_server(c, NULL, serve_one, CLIENTS);
    int before = program_descriptors(server);
    for (int i = 0; i < ABORTED; i++)
        if (!abort_one(c, server))
            return;
    int after = program_descriptors(server);
    common_judge_descriptors(c, server, before, before, CLIENTS, CLIENTS); /* closed twice? */
    if (after <= before)
        return;
    struct failure failure = {.verdict = VERDICT_LEAK, .event = {judge_unclosed(c->timeline, server->actor)},
                              .expected = check_text(c, _("%d open descriptors"), before),
                              .actual = check_text(c, _("%d open descriptors"), after)};
    check_fail(c, &failure, _("%d clients reset their connections before they were accepted. hello_server had %d "
                              "descriptors open before and %d afterwards: when a client is gone, its connection is "
                              "not closed."), ABORTED, before, after);
}

/* --- the table ------------------------------------------------------------------------------------------ */

#define HANDOUT(id) "04-accept#lab04-" id

static const struct check_spec checks[] = {
    {"builds", 4, N_("It compiles and links"),
     N_("Begin with the compiler's first message; later ones often follow from it."),
     N_("A program that does not build cannot be run, so nothing else could be graded."),
     HANDOUT("builds"), NULL, NEEDS_PLAIN},
    {"warnings", 2, N_("No warning under -Wall -Wextra"),
     N_("Read each warning as a question about what you meant."),
     N_("Most warnings in network programs are the beginning of a real mistake."),
     HANDOUT("warnings"), NULL, NEEDS_PLAIN},
    {"usage", 5, N_("Wrong arguments: a usage line, status 2"),
     N_("Look at how many arguments there are, then at every character of the port, then at its range."),
     N_("A server that opens another port than it was told to is worse than one that refuses to start."),
     HANDOUT("usage"), run_usage, NEEDS_PLAIN},
    {"reports-failure", 7, N_("A failed call is named, status 1"),
     N_("Look at the result of each call before the next one is made, and say why with errno's text."),
     N_("Who starts the server must learn why it does not run, and a script learns it from the status."),
     HANDOUT("reports-failure"), run_reports_failure, NEEDS_PLAIN},
    {"greets", 10, N_("Thirteen bytes, then end of file"),
     N_("Compare the bytes shown with the 13 that are asked for, and look at how many you hand to the call."),
     N_("A byte stream carries exactly what is written: one byte more or less is another message."),
     HANDOUT("greets"), run_greets, NEEDS_PLAIN},
    {"peer-address", 7, N_("The client's address and port"),
     N_("Look at where the address comes from, how much room there is for it, and its byte order."),
     N_("A log with a wrong address accuses somebody else."),
     HANDOUT("peer-address"), run_peer_address, NEEDS_PLAIN},
    {"logs-at-once", 5, N_("The line is out before the program waits"),
     N_("stdio keeps what it prints into a pipe until its buffer is full. Look at what makes it hand the line over."),
     N_("A line that stays in a buffer is lost when the server is killed."),
     HANDOUT("logs-at-once"), run_logs_at_once, NEEDS_PLAIN},
    {"next-client", 8, N_("Ten clients, one after the other"),
     N_("Look at what is inside the loop, and at which descriptor is closed there."),
     N_("A server is there for everybody who comes, not for the first."),
     HANDOUT("next-client"), run_next_client, NEEDS_PLAIN},
    {"queued", 6, N_("Clients that wait while one is served"),
     N_("Look at the number handed to listen, and at whether the listening socket stays open."),
     N_("Clients come when they like, and the kernel keeps only as many waiting as you ask for."),
     HANDOUT("queued"), run_queued, NEEDS_PLAIN},
    {"aborted", 6, N_("A client that goes away in the queue"),
     N_("Look at what happens when accept fails, and when the first write to a new connection fails."),
     N_("A client that changes its mind must not be able to switch the server off."),
     HANDOUT("aborted"), run_aborted, NEEDS_PLAIN},
    {"vanished", 7, N_("A client that is gone before the write"),
     N_("Look at which signal a write to a dead connection raises, and at what is done when it fails."),
     N_("A client may go at any moment; only its own conversation may end with it."),
     HANDOUT("vanished"), run_vanished, NEEDS_PLAIN},
    {"no-descriptors", 6, N_("No descriptor is free for a while"),
     N_("Look at what happens after accept failed with EMFILE: the client is still in the queue."),
     N_("A busy machine runs out of descriptors for moments; a server must outlive them."),
     HANDOUT("no-descriptors"), run_no_descriptors, NEEDS_PLAIN},
    {"memory", 5, N_("Clean under AddressSanitizer and UBSan"),
     N_("The report's first line says what happened, the lines below where."),
     N_("A buffer that is a byte too small works until the day when it does not."),
     HANDOUT("memory"), run_memory, NEEDS_ASAN},
    {"descriptors", 5, N_("No descriptor leaks, none is closed twice"),
     N_("Follow each way through the loop, that of a failed call too: what was opened must be closed there once."),
     N_("A server that leaks one descriptor for each client stands still after a thousand of them."),
     HANDOUT("descriptors"), run_descriptors, NEEDS_PLAIN},
    {"order", 5, N_("The calls in their order"),
     N_("Compare your calls with the picture in the handout: which descriptor, which order, which arguments."),
     N_("Each call prepares the next; out of order some of them still seem to work, on your machine, today."),
     HANDOUT("order"), run_order, NEEDS_PLAIN},
    {"reference", 2, N_("The reference client understands it"),
     N_("If greets fails too, mend that first."),
     N_("Programs of different authors must be able to talk to each other."),
     HANDOUT("reference"), run_reference, NEEDS_PLAIN},
    {"short-io", 4, N_("Each write takes three bytes at most"),
     N_("Look at what a write returns, and at what is written next."),
     N_("The kernel may take fewer bytes than it is offered; what is left over is yours to send."),
     HANDOUT("short-io"), run_short_io, NEEDS_PLAIN},
    {"interrupted", 3, N_("Calls are interrupted by signals"),
     N_("Look at what happens when a call fails with EINTR: nothing was done, and nothing was lost."),
     N_("Any signal handler, also one in a library, can make a blocking call return early."),
     HANDOUT("interrupted"), run_interrupted, NEEDS_PLAIN},
    {"in-use", 3, N_("A port that is taken, a port in TIME_WAIT"),
     N_("Look at what is done when bind fails, and at which option must be set before it."),
     N_("A server is restarted all the time: it must say when the port is taken, and start when it only was."),
     HANDOUT("in-use"), run_in_use, NEEDS_PLAIN},
};

static const char *const hand_in[] = {"hello_server.c", NULL};
static const char *const reference[] = {"05-connect/hello_client", NULL};
static const struct build_program programs[] = {{.name = "hello_server", .source = {"hello_server.c", NULL}}};

const struct lab lab_04_accept = {
    .id = "04-accept", .number = 4, .title = N_("One door, many conversations"),
    .build = {.hand_in = hand_in, .program = programs, .programs = 1},
    .check = checks, .checks = sizeof(checks) / sizeof(checks[0]), .reference = reference,
};
