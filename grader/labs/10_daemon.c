/**
 * @file 10_daemon.c
 * Lab 10, a server without a terminal: daemon_server. How it becomes a daemon is judged in 10_background.c, what it
 * does as one in 10_pidfile.c; here is what it shares with other servers, and the table.
 *
 * One mistake should cost one check. So only `returns` asks how the command ended, and a server that stays in the foreground
 * is served by all checks that are not about the background.
 */
#include "labs/10_daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

struct start lab10_command(struct check *c, unsigned port)
{
    return (struct start){.name = "daemon_server", .argument = {check_text(c, "%u", port), LAB10_PIDFILE}, .daemon = true};
}

struct program *lab10_start(struct check *c, unsigned port)
{
    struct start start = lab10_command(c, port);
    start.listens = true;
    return daemon_start(c, &start);
}

void lab10_talk(struct check *c, struct peer *client)
{
    peer_send(client, LAB10_TEXT, strlen(LAB10_TEXT));
    peer_expect(c, client, LAB10_TEXT, strlen(LAB10_TEXT));
}

struct peer *lab10_client(struct check *c, unsigned port)
{
    struct peer *client = client_dial(c, port);
    lab10_talk(c, client);
    return client;
}

void lab10_visit(struct check *c, struct program *server, unsigned port)
{
    (void)server;
    struct peer *client = lab10_client(c, port);
    peer_half_close(client);
    check_rest(c);
    peer_close(client);
}

/** The same for the check that asks whether the connection is closed by everybody who has it. */
static void visit_to_end(struct check *c, struct program *server, unsigned port)
{
    (void)server;
    struct peer *client = lab10_client(c, port);
    peer_half_close(client);
    peer_expect_end(c, client);
    peer_close(client);
}

static void run_concurrent(struct check *c)
{
    unsigned port = check_port(c);
    struct program *p = lab10_start(c, port);
    struct peer *silent = client_dial(c, port);
    check_settle(c); /* whoever serves it waits for its first byte */
    lab10_visit(c, p, port);
    struct peer *other = lab10_client(c, port);
    lab10_talk(c, silent);
    lab10_talk(c, other);
}

/* --- what every lab has --------------------------------------------------------------------------------- */

static void run_usage(struct check *c)
{
    static const struct usage_case cases[] = {
        {{NULL}},
        {{"4000"}},
        {{"4000", LAB10_PIDFILE, "more"}},
        {{"80abc", LAB10_PIDFILE}},
        {{"0x50", LAB10_PIDFILE}},
        {{"", LAB10_PIDFILE}},
        {{"70000", LAB10_PIDFILE}},
        {{"-1", LAB10_PIDFILE}},
        {{"+80", LAB10_PIDFILE}},
        {{"0", LAB10_PIDFILE}},
    };
    common_usage(c, "daemon_server", cases, sizeof(cases) / sizeof(cases[0]));
    /* Leading zeros are allowed, and do not make the number octal. */
    check_scene(c);
    unsigned port = check_port(c);
    struct start start = lab10_command(c, port);
    start.argument[0] = check_text(c, "0%u", port);
    program_await_listening(daemon_start(c, &start), port);
}

/**
 * Whether the command waits for what comes after its second fork: kept before that, it does not end. One that has ended by then cannot
 * report what fails there; it has been answered by `returns` whether it may.
 */
static bool waits_for_second_fork(struct check *c)
{
    struct fault *hold = check_fault(c, (struct fault){.actor = -1, .group = CALL_FORK, .first = 2, .count = 1, .what = FAULT_HOLD});
    struct start start = lab10_command(c, check_port(c));
    start.argument[1] = "other-" LAB10_PIDFILE; /* it is killed, and leaves it */
    struct program *p = program_start(c, &start);
    p->awaited = true;
    bool held = check_await_held(c, hold);
    check_rest(c);
    bool waits = held && !p->ended;
    program_kill(p); /* before it is let go: one who is killed within fork(2) may leave a child of which nobody hears */
    check_unfault(c, hold);
    return waits;
}

/** A PIDFILE that cannot be made, for real. */
static void report_missing_directory(struct check *c)
{
    check_scene(c);
    struct start start = lab10_command(c, check_port(c));
    start.argument[1] = "nowhere/" LAB10_PIDFILE;
    struct program *p = program_start(c, &start);
    p->awaited = true;
    check_rest(c);
    lab10_expect_refused(c, p, _("The PIDFILE lies in a directory that does not exist"));
    if (program_says(p, "No such file or directory"))
        return;
    struct failure failure = {.verdict = VERDICT_MISMATCH, .expected = _("a line with \"No such file or directory\""),
                              .actual = check_text(c, "%s", buf_text(&p->errors))};
    check_fail(c, &failure, _("The PIDFILE cannot be made (ENOENT), and the error message does not say so."));
}

static void run_reports_failure(struct check *c)
{
    static const struct failure_case cases[] = {
        {.group = CALL_SOCKET, .error = EMFILE},
        {.group = CALL_BIND, .error = EACCES},
        {.group = CALL_LISTEN, .error = EADDRINUSE},
        {.group = CALL_FORK, .fd_kinds = ANY_FD, .error = EAGAIN},
    };
    static const struct failure_case second = {.group = CALL_FORK, .fd_kinds = ANY_FD, .error = EAGAIN, .occurrence = 2};
    struct start start = lab10_command(c, check_port(c));
    common_reports_failure(c, &start, false, cases, sizeof(cases) / sizeof(cases[0]), NULL);
    if (waits_for_second_fork(c))
        common_reports_failure(c, &start, false, &second, 1, NULL);
    report_missing_directory(c);
}

static void run_memory(struct check *c)
{
    enum { CLIENTS = 3, LONG = 20000 };
    static unsigned char bytes[LONG];
    pattern_fill(bytes, LONG, PATTERN_TEXT | c->seed, 0);
    unsigned port = check_port(c);
    struct program *p = lab10_start(c, port);
    struct peer *client[CLIENTS];
    for (size_t i = 0; i < CLIENTS; i++) {
        client[i] = client_dial(c, port);
        peer_send(client[i], bytes, LONG);
    }
    for (size_t i = 0; i < CLIENTS; i++)
        peer_half_close(client[i]);
    check_rest(c); /* what does not come, or not all of it, is the matter of others */
    for (size_t i = 0; i < CLIENTS; i++)
        peer_close(client[i]);
    common_expect_clean(c, p);
}

static void run_descriptors(struct check *c)
{
    enum { CLIENTS = 200 };
    unsigned port = check_port(c);
    struct start start = lab10_command(c, port);
    start.trace = TRACE_CONTROL | CALL_WAIT;
    struct program *p = daemon_start(c, &start);
    common_descriptors_running(c, p, port, visit_to_end, CLIENTS);
    check_scene(c);
    p->awaited = true;
    program_signal(p, SIGTERM); /* the way out closes, too */
    check_rest(c);
    common_judge_closed_once(c, p);
}

static void run_order(struct check *c)
{
    unsigned port = check_port(c);
    struct program *p = lab10_start(c, port);
    lab10_visit(c, p, port);
    check_rest(c);
    common_order_server(c, p, port);
}

static void run_reference(struct check *c)
{
    unsigned port = check_port(c);
    lab10_start(c, port);
    struct start start = {.name = "echo_client", .argument = {"127.0.0.1", check_text(c, "%u", port)}, .reference = true,
                          .input = INPUT_PIPE};
    struct program *client = program_start(c, &start);
    program_send(client, LAB10_TEXT, strlen(LAB10_TEXT));
    program_end_input(client);
    program_expect_output(client, LAB10_TEXT, strlen(LAB10_TEXT));
    program_expect_exit(client, 0);
}

static void run_short_io(struct check *c)
{
    common_short_io(c, 3);
    unsigned port = check_port(c);
    lab10_visit(c, lab10_start(c, port), port);
}

static void run_interrupted(struct check *c)
{
    common_interrupted(c);
    unsigned port = check_port(c);
    struct program *p = lab10_start(c, port);
    lab10_visit(c, p, port);
    lab10_visit(c, p, port);
}

static void run_in_use(struct check *c)
{
    common_in_use_with(c, &(struct start){.name = "daemon_server", .argument = {LAB10_PIDFILE}, .daemon = true});
}

/* --- the table ---------------------------------------------------------------------------------------------------- */

#define HANDOUT(id) "10-daemon#lab10-" id

static const struct check_spec checks[] = {
    {"builds", 4, N_("It compiles and links"),
     N_("Begin with the compiler's first message."),
     N_("A program that does not build cannot be run, so nothing else could be graded."),
     HANDOUT("builds"), NULL, NEEDS_PLAIN},
    {"warnings", 2, N_("No warning under -Wall -Wextra"),
     N_("Ask of each warning what it would be if it were right."),
     N_("Most warnings in network programs are the beginning of a real mistake."),
     HANDOUT("warnings"), NULL, NEEDS_PLAIN},
    {"returns", 8, N_("The command returns when the daemon serves"),
     N_("What does the command wait for before it ends, and could it end before that?"),
     N_("Scripts start the next thing when the command returns: status 0 is a promise that somebody answers."),
     HANDOUT("returns"), lab10_returns, NEEDS_PLAIN},
    {"detached", 8, N_("Its own session, not its leader, no terminal"),
     N_("Look at the order of fork and setsid: who calls which, and who goes on?"),
     N_("What still belongs to a terminal's session ends with it, when its user logs out."),
     HANDOUT("detached"), lab10_detached, NEEDS_PLAIN},
    {"surroundings", 8, N_("Directory, umask, descriptors"),
     N_("Go through what a process inherits from the one that started it."),
     N_("A daemon lives for months: a directory, a file or a pipe that it was given by chance is held as long."),
     HANDOUT("surroundings"), lab10_surroundings, NEEDS_PLAIN},
    {"pidfile", 8, N_("Its process id in a locked PIDFILE"),
     N_("Which process writes the number, into which file, and which one holds the lock at the end?"),
     N_("Who wants to stop the daemon signals the number in that file; the lock says that the number still counts."),
     HANDOUT("pidfile"), lab10_pidfile, NEEDS_PLAIN},
    {"one-instance", 7, N_("A second one with the same PIDFILE is refused"),
     N_("Follow the second one: what has it done to the file by the time it learns that it may not start?"),
     N_("Two daemons that do the same work on the same files do harm, and only one of them can be stopped."),
     HANDOUT("one-instance"), lab10_one_instance, NEEDS_PLAIN},
    {"failure-seen", 7, N_("A failed start is seen, and leaves nothing"),
     N_("What can still fail when the command has returned? And what is there by then that has to be cleared away?"),
     N_("A daemon has no terminal: what it does not say before it leaves, the one who started it never learns."),
     HANDOUT("failure-seen"), lab10_failure_seen, NEEDS_PLAIN},
    {"syslog", 8, N_("`started` and `stopped` reach the system log"),
     N_("Compare the message with what was expected: name, number, facility. Who calls openlog, with what?"),
     N_("The system log is the only place where a daemon can be heard."),
     HANDOUT("syslog"), lab10_syslog, NEEDS_PLAIN},
    {"term", 8, N_("SIGTERM ends it and all its processes"),
     N_("Who gets the signal, and how do the others learn of it? What is done on the way out?"),
     N_("A daemon that leaves processes behind keeps its port, and a PIDFILE left behind names a stranger one day."),
     HANDOUT("term"), lab10_term, NEEDS_PLAIN},
    {"hup", 4, N_("SIGHUP does not end it"),
     N_("What does SIGHUP do to a process that has made no arrangement?"),
     N_("SIGHUP tells a daemon to read its configuration again; nobody who sends it wants to end it."),
     HANDOUT("hup"), lab10_hup, NEEDS_PLAIN},
    {"concurrent", 5, N_("A silent client holds nobody up"),
     N_("Who accepts while a client is being served?"),
     N_("One client that says nothing must not keep all others from being served."),
     HANDOUT("concurrent"), run_concurrent, NEEDS_PLAIN},
    {"vanished", 2, N_("Clients that vanish end nothing but themselves"),
     N_("What does a write do to a connection whose other end is gone, and to the process that makes it?"),
     N_("A daemon has nobody who starts it again when a client pulls the plug."),
     HANDOUT("vanished"), lab10_vanished, NEEDS_PLAIN},
    {"no-zombies", 2, N_("No zombies stay"),
     N_("Who waits for the children that have ended, and for how many of them at a time?"),
     N_("A zombie costs a place in the table of processes, and a daemon has months to fill it."),
     HANDOUT("no-zombies"), lab10_no_zombies, NEEDS_PLAIN},
    {"usage", 2, N_("Wrong arguments are refused"),
     N_("Count the arguments, and look at each character of the port."),
     N_("A wrong argument that is guessed at ends in a server at a port where nobody looks for it."),
     HANDOUT("usage"), run_usage, NEEDS_PLAIN},
    {"reports-failure", 4, N_("Failed calls are reported"),
     N_("Look at the result of each call up to the daemon's first client, those after fork too."),
     N_("Who starts a server must learn that it did not start, and why."),
     HANDOUT("reports-failure"), run_reports_failure, NEEDS_PLAIN},
    {"memory", 2, N_("No memory error, no leak"),
     N_("The report names the line where it happened and the one where the memory came from."),
     N_("A daemon runs for months: what it loses with each client adds up."),
     HANDOUT("memory"), run_memory, NEEDS_ASAN},
    {"descriptors", 3, N_("Each descriptor is closed, and once"),
     N_("Which descriptors does the daemon have after a client has gone, and which had it before?"),
     N_("A server that leaks one descriptor for each client stands still after a thousand of them."),
     HANDOUT("descriptors"), run_descriptors, NEEDS_PLAIN},
    {"order", 2, N_("The calls in their order"),
     N_("Compare your calls with the picture in the handout: which descriptor, which order, which arguments."),
     N_("Each call prepares the next; out of order some of them still seem to work, on your machine, today."),
     HANDOUT("order"), run_order, NEEDS_PLAIN},
    {"reference", 1, N_("It works with the reference client"),
     N_("If other checks fail too, mend those first; else compare the output byte by byte."),
     N_("Programs of different authors must be able to talk to each other."),
     HANDOUT("reference"), run_reference, NEEDS_PLAIN},
    {"short-io", 2, N_("Each read and write moves three bytes at most"),
     N_("Look at what each call returns, and at what is read or written next."),
     N_("The kernel may move fewer bytes than it was asked to; what is left over is yours to move."),
     HANDOUT("short-io"), run_short_io, NEEDS_PLAIN},
    {"interrupted", 2, N_("Calls that a signal interrupts"),
     N_("Look at each call that can wait: what does it do after EINTR?"),
     N_("An interrupted call has neither failed nor come to an end: it has not happened."),
     HANDOUT("interrupted"), run_interrupted, NEEDS_PLAIN},
    {"in-use", 1, N_("The port is taken, or was a moment ago"),
     N_("Look at the result of bind, and at the option that is set before it."),
     N_("Whoever starts the server must learn that somebody else has its port."),
     HANDOUT("in-use"), run_in_use, NEEDS_PLAIN},
};

static const char *const hand_in[] = {"daemon_server.c", NULL};
static const char *const reference[] = {"daemon_server", "06-read-write/echo_client", NULL};
static const struct build_program programs[] = {
    {.name = "daemon_server", .source = {"daemon_server.c", NULL}},
};

const struct lab lab_10_daemon = {
    .id = "10-daemon",
    .number = 10,
    .title = N_("A server without a terminal"),
    .build = {.hand_in = hand_in, .program = programs, .programs = sizeof(programs) / sizeof(programs[0])},
    .check = checks,
    .checks = sizeof(checks) / sizeof(checks[0]),
    .reference = reference,
};
