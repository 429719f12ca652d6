/**
 * @file 09_fork.c
 * Lab 09, a process for each client: the table of its checks, the echo, and what every lab has. What is new in it, the
 * processes, is judged in 09_family.c.
 */
#include "labs/09_fork.h"

#include <string.h>

static const char text[] = LAB09_TEXT;
enum { TEXT = sizeof(text) - 1 };

/* --- the echo ---------------------------------------------------------------------------------- */

static void run_echoes(struct check *c)
{
    enum { LONG = 256 * 1024 };
    unsigned char bytes[512];
    for (int i = 0; i < 256; i++) { /* each value, and each with another neighbour */
        bytes[i] = (unsigned char)i;
        bytes[256 + i] = (unsigned char)(255 - i);
    }
    unsigned port = check_port(c);
    lab09_start(c, port);
    struct peer *client = client_dial(c, port);
    peer_send(client, "hello\n", 6);
    peer_expect(c, client, "hello\n", 6);
    peer_send_pieces(client, text, TEXT, 1);
    peer_expect(c, client, text, TEXT);
    peer_send(client, bytes, sizeof(bytes));
    peer_expect(c, client, bytes, sizeof(bytes));
    /* Who moves byte after byte is slow and right: these calls are not looked at. */
    check_scene(c);
    port = check_port(c);
    struct start start = {.name = "fork_server", .argument = {check_text(c, "%u", port)}, .trace = TRACE_CONTROL};
    program_expect_alive(server_start_with(c, &start, port));
    struct peer *large = client_dial(c, port);
    peer_expect_pattern(large, c->seed);
    peer_send_pattern(large, c->seed, LONG);
    peer_expect_all(c, large, LONG);
}

/* --- what every lab has ------------------------------------------------------------------------- */

static void run_usage(struct check *c)
{
    static const struct usage_case cases[] = {
        {{NULL}}, {{"4000", "4001"}}, {{"80abc"}}, {{"0x50"}}, {{""}}, {{"70000"}}, {{"-1"}}, {{"+80"}}, {{"0"}},
        {{"65536"}},
    };
    common_usage(c, "fork_server", cases, sizeof(cases) / sizeof(cases[0]));
    /* Leading zeros are allowed, and do not make the number octal. */
    check_scene(c);
    unsigned port = check_port(c);
    server_start_with(c, &(struct start){.name = "fork_server", .argument = {check_text(c, "0%u", port)}}, port);
}

static void run_reports_failure(struct check *c)
{
    common_reports_failure_to_listen(c, "fork_server");
}

static void run_memory(struct check *c)
{
    enum { LONG = 20000 };
    static unsigned char bytes[LONG];
    pattern_fill(bytes, LONG, PATTERN_TEXT | c->seed, 0);
    unsigned port = check_port(c);
    struct program *server = lab09_start(c, port);
    lab09_visit(c, server, port);
    if (check_rest(c) == WAIT_STUCK && !server->ended) { /* else children-end says so */
        struct peer *client = lab09_come(c, port);
        peer_send(client, bytes, LONG);
        peer_expect(c, client, bytes, LONG);
        peer_close(client);
    }
    common_expect_clean(c, server);
}

static void run_descriptors(struct check *c)
{
    enum { CLIENTS = 200 };
    check_be_patient(c); /* children that stay are the matter of `children-end`, and many by then */
    common_descriptors_server(c, NULL, lab09_visit, CLIENTS);
}

static void run_order(struct check *c)
{
    unsigned port = check_port(c);
    struct program *server = lab09_start(c, port);
    lab09_visit(c, server, port);
    if (check_rest(c) == WAIT_STUCK) /* else it goes round and round: children-end says so */
        common_order_server(c, server, port);
}

/** The reference client's own words are the best that can be said about a server that it cannot use. */
static void run_reference(struct check *c)
{
    unsigned port = check_port(c);
    lab09_start(c, port);
    struct start start = {.name = "echo_client", .argument = {"127.0.0.1", check_text(c, "%u", port)},
                          .reference = true, .input = INPUT_PIPE};
    struct program *client = program_start(c, &start);
    program_send(client, text, TEXT);
    program_end_input(client);
    client->awaited = true;
    int status = program_await_end(client);
    struct failure failure = {.verdict = VERDICT_MISMATCH, .expected = check_text(c, _("status %d"), 0),
                              .actual = check_text(c, _("status %d"), status)};
    if (status != 0)
        check_fail(c, &failure, _("The reference echo_client gave up. It says: %.*s"),
                   (int)strcspn(buf_text(&client->errors), "\n"), buf_text(&client->errors));
    program_expect_output(client, text, TEXT);
}

/** Two clients at once, so that parent and children meet it. */
static void talk_unluckily(struct check *c)
{
    unsigned port = check_port(c);
    struct program *server = lab09_start(c, port);
    struct peer *first = lab09_come(c, port), *second = lab09_come(c, port);
    lab09_talk(c, first);
    lab09_talk(c, second);
    peer_close(first);
    lab09_visit(c, server, port);
    program_expect_alive(server);
}

static void run_short_io(struct check *c)
{
    common_short_io(c, 3);
    talk_unluckily(c);
}

static void run_interrupted(struct check *c)
{
    common_interrupted(c);
    talk_unluckily(c);
}

static void run_in_use(struct check *c)
{
    common_in_use(c, NULL);
}

/* --- the table -------------------------------------------------------------------------------- */

#define HANDOUT(id) "09-fork#lab09-" id

static const struct check_spec checks[] = {
    {"builds", 4, N_("It compiles and links"),
     N_("Begin with the compiler's first message; later ones often follow from it."),
     N_("A program that does not build cannot be run, so nothing else could be graded."),
     HANDOUT("builds"), NULL, NEEDS_PLAIN},
    {"warnings", 2, N_("No warning under -Wall -Wextra"),
     N_("A handler has to take a parameter even if it does not look at it; everything else unused is a question."),
     N_("Most warnings in network programs are the beginning of a real mistake."),
     HANDOUT("warnings"), NULL, NEEDS_PLAIN},
    {"usage", 4, N_("Wrong arguments: a usage line, status 2"),
     N_("Count the arguments, then look at every character of the port and at its range."),
     N_("A server that opens another port than it was told to is worse than one that refuses to start."),
     HANDOUT("usage"), run_usage, NEEDS_PLAIN},
    {"reports-failure", 5, N_("A failed call is named, status 1"),
     N_("Look at the result of each call before the next one is made, and say why with errno's text."),
     N_("Who starts the server must learn why it does not run, and a script learns it from the status."),
     HANDOUT("reports-failure"), run_reports_failure, NEEDS_PLAIN},
    {"echoes", 5, N_("What is sent comes back, byte for byte"),
     N_("Look at how many bytes read brought, and at how many you hand to write. Text functions stop at NUL."),
     N_("A stream carries bytes, and whoever sends them wants the same ones back."),
     HANDOUT("echoes"), run_echoes, NEEDS_PLAIN},
    {"concurrent", 8, N_("Nobody waits for a client that is silent"),
     N_("Look at which process reads from the connection, and what the one that accepts does meanwhile."),
     N_("One client that says nothing would otherwise keep all others out for as long as it likes."),
     HANDOUT("concurrent"), lab09_run_concurrent, NEEDS_PLAIN},
    {"many", 5, N_("A hundred clients at the same time"),
     N_("Look for a number: of children, of places in an array, of descriptors that are never closed."),
     N_("A service that works for ten and not for a hundred fails on the day when it is needed."),
     HANDOUT("many"), lab09_run_many, NEEDS_PLAIN},
    {"processes", 5, N_("Each client has a process of its own"),
     N_("Look at what fork returned, and at what each of the two processes does with it."),
     N_("Processes share no memory: what goes wrong with one client cannot reach another."),
     HANDOUT("processes"), lab09_run_processes, NEEDS_PLAIN},
    {"children-end", 4, N_("A child ends with its client"),
     N_("Follow the child from fork to its last line: where does it go when the client has left?"),
     N_("Children that stay are more each day, until fork finds no room for another."),
     HANDOUT("children-end"), lab09_run_children_end, NEEDS_PLAIN},
    {"no-zombies", 9, N_("No child stays as a zombie"),
     N_("Ask what happens when several children end before the parent looks: how many does it wait for then?"),
     N_("A zombie keeps its place in the table of processes, and when the table is full nobody can fork."),
     HANDOUT("no-zombies"), lab09_run_no_zombies, NEEDS_PLAIN},
    {"parent-closes", 7, N_("The parent keeps no connection open"),
     N_("Count the descriptors after fork: which process has which, and which of them does it need?"),
     N_("A connection ends when its last descriptor is closed, in whatever process that is."),
     HANDOUT("parent-closes"), lab09_run_parent_closes, NEEDS_PLAIN},
    {"child-closes", 6, N_("A child keeps no listening socket"),
     N_("A child inherits everything. Look at what it does with what it does not need."),
     N_("A listening socket that a child has open keeps the port taken when the server has long ended."),
     HANDOUT("child-closes"), lab09_run_child_closes, NEEDS_PLAIN},
    {"fork-fails", 6, N_("fork fails: the server lives"),
     N_("fork has three kinds of results. Look at what happens with the third, and with its client."),
     N_("Processes run out now and then, and a server that then ends has turned a bad minute into a bad day."),
     HANDOUT("fork-fails"), lab09_run_fork_fails, NEEDS_PLAIN},
    {"no-descriptors", 4, N_("accept fails with EMFILE for a while"),
     N_("Look at what happens when accept has failed: which errors are the server's end, and which pass?"),
     N_("Descriptors come back when a client leaves; a server that has ended does not."),
     HANDOUT("no-descriptors"), lab09_run_no_descriptors, NEEDS_PLAIN},
    {"child-crash", 5, N_("A child that is killed takes nobody along"),
     N_("Look at what the parent does with the status of a child that ended by a signal."),
     N_("That one client's trouble stays that client's is what separate processes are for."),
     HANDOUT("child-crash"), lab09_run_child_crash, NEEDS_PLAIN},
    {"memory", 4, N_("No memory error, no leak"),
     N_("Read the sanitizer's first lines: what was done, and on which line."),
     N_("An error that does nothing today is the crash of another day."),
     HANDOUT("memory"), run_memory, NEEDS_ASAN},
    {"descriptors", 4, N_("200 clients and no descriptor more"),
     N_("Follow every way through the parent: is what was opened closed on each of them, and once?"),
     N_("A server that loses one descriptor with each client stops after a thousand."),
     HANDOUT("descriptors"), run_descriptors, NEEDS_PLAIN},
    {"order", 3, N_("The calls in the right order"),
     N_("Compare the order of your calls with the picture in the handout, and each descriptor with what it is."),
     N_("Each call prepares the socket for the next one."),
     HANDOUT("order"), run_order, NEEDS_PLAIN},
    {"reference", 2, N_("With the reference client"),
     N_("Look at what the client has sent and what it got back, and at when its connection ends."),
     N_("Programs of different people meet on the wire only."),
     HANDOUT("reference"), run_reference, NEEDS_PLAIN},
    {"short-io", 3, N_("Short reads and writes"),
     N_("Look at what becomes of the rest when a call moved fewer bytes than it was offered."),
     N_("The kernel may move fewer bytes than it was asked to; what is left over is yours to move."),
     HANDOUT("short-io"), run_short_io, NEEDS_PLAIN},
    {"interrupted", 3, N_("Calls that a signal interrupts"),
     N_("Look at each call that can wait, in the parent and in the child: what does it do after EINTR?"),
     N_("In this lab signals come every time a client leaves."),
     HANDOUT("interrupted"), run_interrupted, NEEDS_PLAIN},
    {"in-use", 2, N_("The port is taken, or was a moment ago"),
     N_("Look at the result of bind, and at the option that is set before it."),
     N_("A server that cannot be started again after a crash keeps its users waiting for a minute."),
     HANDOUT("in-use"), run_in_use, NEEDS_PLAIN},
};

static const char *const hand_in[] = {"fork_server.c", NULL};
static const char *const reference[] = {"06-read-write/echo_client", NULL};
static const struct build_program programs[] = {
    {.name = "fork_server", .source = {"fork_server.c", NULL}},
};

const struct lab lab_09_fork = {
    .id = "09-fork",
    .number = 9,
    .title = N_("A process for each client"),
    .build = {.hand_in = hand_in, .program = programs, .programs = sizeof(programs) / sizeof(programs[0])},
    .check = checks,
    .checks = sizeof(checks) / sizeof(checks[0]),
    .reference = reference,
};
