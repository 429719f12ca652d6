/**
 * @file 03_listen.c
 * Lab 03, a socket becomes a door: listener. Here are the table of its checks and those that every lab has; those of
 * the door itself are in 03_door.c.
 *
 * One mistake should cost one check. Only `handshake` asks for the line before the program waits; only
 * `reference` asks for its wording; only `door-closes` asks whether and how the program ends. The checks that are not
 * about which port it is take the program wherever it listens.
 */
#include "labs/03_listen.h"

#include "labs/labs.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const nothing_came = N_("Nothing has come on standard input");

static const char *usual_backlog(struct check *c)
{
    return check_text(c, "%d", BACKLOG);
}

/** Ends its stdin; that it does not end then, or how, is told by `door-closes`. True if it ended with status 0. */
static bool closes_well(struct check *c, struct program *p)
{
    p->awaited = true;
    program_end_input(p);
    check_rest(c);
    return p->ended && WIFEXITED(p->status) && WEXITSTATUS(p->status) == 0;
}

/* --- usage, reports-failure, in-use ------------------------------------------------------------------------ */

static void run_usage(struct check *c)
{
    static const struct usage_case cases[] = {
        {{NULL}},
        {{"4000"}},
        {{"4000", "5", "5"}},
        {{"80abc", "5"}},
        {{"0x50", "5"}},
        {{"", "5"}},
        {{"70000", "5"}},
        {{"-1", "5"}},
        {{"+80", "5"}},
        {{" 80", "5"}},
        {{"65536", "5"}},
        {{"4294967376", "5"}},
        {{"4000", "0"}},
        {{"4000", "4097"}},
        {{"4000", "5abc"}},
        {{"4000", ""}},
        {{"4000", "4294967301"}},
    };
    common_usage(c, "listener", cases, sizeof(cases) / sizeof(cases[0]));
    /* Leading zeros are allowed. What becomes of the program then is for the other checks. */
    check_scene(c);
    struct start start = {.name = "listener",
                          .argument = {check_text(c, "00%u", check_port(c)), usual_backlog(c)},
                          .input = INPUT_PIPE};
    struct program *p = program_start(c, &start);
    p->awaited = true;
    if (check_rest(c) == WAIT_STUCK && p->ended && WIFEXITED(p->status) &&
        WEXITSTATUS(p->status) == 2)
        check_fail(c, &(struct failure){.verdict = VERDICT_EXITED},
                   _("`listener %s %s` is a port with leading zeros, and not wrong usage."),
                   start.argument[0], start.argument[1]);
}

/** With a port of the kernel's choice nobody knows it without asking. That it is not asked is told by `port-zero`. */
static bool asks_for_name(struct check *c)
{
    struct program *p = listener_start(c, 0, usual_backlog(c));
    p->awaited = true;
    check_rest(c);
    bool asks = false;
    for (const struct event *e = NULL; (e = judge_call(c->timeline, e, p->actor, CALL_NAME));)
        asks |= strcmp(e->call, "getsockname") == 0 &&
                (e->fd_kind == FD_SOCKET || e->fd_kind == FD_LISTENER);
    program_kill(p);
    return asks;
}

static void run_reports_failure(struct check *c)
{
    static const struct failure_case calls[] = {
        {.group = CALL_SOCKET, .error = EMFILE},
        {.group = CALL_BIND, .error = EACCES},
        {.group = CALL_LISTEN, .error = EADDRINUSE},
    };
    static const struct failure_case name[] = {
        {.group = CALL_NAME, .call = "getsockname", .error = ENOBUFS}};
    struct start start = {.name = "listener",
                          .argument = {check_text(c, "%u", check_port(c)), usual_backlog(c)},
                          .input = INPUT_PIPE};
    common_reports_failure(c, &start, false, calls, sizeof(calls) / sizeof(calls[0]), NULL);
    if (!asks_for_name(c))
        return;
    start.argument[0] = "0";
    common_reports_failure(c, &start, false, name, sizeof(name) / sizeof(name[0]), NULL);
}

static void run_in_use(struct check *c)
{
    common_in_use_with(
        c,
        &(struct start){.name = "listener", .argument = {usual_backlog(c)}, .input = INPUT_PIPE});
}

/* --- order, reference -------------------------------------------------------------------------------------- */

static void run_order(struct check *c)
{
    unsigned port = check_port(c);
    struct program *p = listener_start(c, port, check_text(c, "%d", BACKLOG_MAX));
    p->awaited = true;
    check_rest(c); /* that it does not wait is told by `waits` */
    if (p->ended)
        program_await_end(p); /* tells of a crash */
    common_order_server(c, p, port);
}

/** Everything that a program prints until its stdin has ended and all is at rest. */
static struct program *print_all(struct check *c, const struct start *how)
{
    struct program *p = program_start(c, how);
    p->awaited = true;
    check_rest(c);
    program_end_input(p);
    check_rest(c);
    if (p->ended)
        program_await_end(p); /* tells of a crash */
    return p;
}

static const char *shown_output(const struct program *p)
{
    size_t size;
    const char *bytes = program_rest(p, &size);
    struct buf b = {0};
    buf_quote(&b, bytes, size, 120);
    return size > 0 ? buf_take(&b) : _("nothing on standard output");
}

static const struct event *last_print(const struct check *c, const struct program *p)
{
    const struct event *last = NULL;
    for (const struct event *e = NULL; (e = judge_call(c->timeline, e, p->actor, CALL_WRITE));)
        if (e->fd_kind == FD_STDOUT)
            last = e;
    return last;
}

/** One after the other on the same port: all that they print must be the same. */
static void run_reference(struct check *c)
{
    struct start start = {.name = "listener",
                          .reference = true,
                          .argument = {check_text(c, "%u", check_port(c)),
                                       check_text(c, "%u", 10 + check_random(c, 2, 90))},
                          .input = INPUT_PIPE};
    struct program *right = print_all(c, &start);
    if (!right->ended || right->output.length == 0)
        check_trouble(c, _("the reference program fails: %s"), buf_text(&right->errors));
    start.reference = false;
    struct program *p = print_all(c, &start);
    size_t want, have;
    const char *expected = program_rest(right, &want), *got = program_rest(p, &have);
    if (have == want && memcmp(got, expected, want) == 0)
        return;
    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {last_print(c, p)}};
    failure.expected = shown_output(right);
    failure.actual = shown_output(p);
    check_fail(c, &failure, _("%s does not print what the reference prints, byte for byte."),
               p->name);
}

/* --- interrupted ------------------------------------------------------------------------------------------- */

/** The call that failed with EINTR, the last one. */
static const struct event *find_interrupted(const struct check *c, const struct program *p)
{
    const struct event *last = NULL;
    for (const struct event *e = NULL;
         (e = judge_call(c->timeline, e, p->actor, CALL_READ | CALL_WAIT | CALL_CHILD));)
        if (e->injected && e->done && e->result == -EINTR)
            last = e;
    return last;
}

/** The program with bad luck must wait, and end, as it does without. */
static void run_interrupted(struct check *c)
{
    unsigned port = check_port(c);
    struct program *lucky = listener_start(c, port, usual_backlog(c));
    listener_expect_open(c, lucky, _(nothing_came));
    closes_well(c, lucky);
    bool ends = lucky->ended;
    int usual = lucky->status;
    program_kill(lucky);
    check_scene(c);

    common_interrupted(c);
    struct program *p = listener_start(c, port, usual_backlog(c));
    p->awaited = true;
    check_rest(c);
    struct failure failure = {.verdict = VERDICT_EXITED, .event = {find_interrupted(c, p)}};
    const char *call = failure.event[0] ? failure.event[0]->call : _("a call");
    if (p->ended) {
        int status = program_await_end(p);
        failure.expected = _("it goes on waiting");
        failure.actual = check_text(c, _("it ended with status %d"), status);
        check_fail(c, &failure,
                   _("%s was interrupted by a signal (EINTR), and %s ends. Its standard input is "
                     "still open: "
                     "nothing has come, and nothing has ended."),
                   call, p->name);
    }
    if (!ends)
        return;
    int status = listener_await_end(c, p);
    failure.event[0] = find_interrupted(c, p);
    failure.expected = check_text(c, _("status %d"), WEXITSTATUS(usual));
    failure.actual = check_text(c, _("status %d"), status);
    if (WIFEXITED(usual) && WEXITSTATUS(usual) != status)
        check_fail(c, &failure,
                   _("Some calls were interrupted by signals (EINTR), and %s ends with another "
                     "status than "
                     "without."),
                   p->name);
}

/* --- memory, descriptors ----------------------------------------------------------------------------------- */

/** Only the sanitizers are asked: that the program does its work is seen elsewhere. */
static void run_memory(struct check *c)
{
    enum { MANY = 100 * 1024 };
    struct program *p = listener_start(c, check_port(c), check_text(c, "%d", BACKLOG_MAX));
    check_rest(c);
    program_send(p, "\n", 1);
    program_send_pattern(p, c->seed, MANY); /* whoever has room for less shows it now */
    program_end_input(p);
    common_expect_clean(c, p);
}

/** Lets it go on until its first process exits, and keeps it there. False if it never comes so far. */
static bool await_exit(struct check *c, struct program *p)
{
    struct fault *keep =
        check_fault(c, (struct fault){.actor = -1, .group = CALL_EXIT, .what = FAULT_HOLD});
    program_end_input(p);
    while (check_await_held(c, keep)) {
        if (keep->held == tracer_process(c->tracer, p->actor))
            return true;
        tracer_release(c->tracer, keep); /* a child of it, for which it may wait */
    }
    return false;
}

/** Clients knock, as many as the queue takes and more. Nothing may come of it: nobody accepts. */
static void knock(struct check *c, unsigned port, int clients)
{
    for (int i = 0; i < clients; i++) {
        int error = peer_dial(client_new(c, NULL), &(struct peer_dial){.port = port});
        if (error < 0)
            check_trouble(c, _("a client cannot dial: %s"), strerror(-error));
    }
    check_rest(c);
}

static void run_descriptors(struct check *c)
{
    enum { CLIENTS = 200 };
    const char *backlog = check_text(c, "%d", BACKLOG_MAX);
    struct program *p = listener_start(c, check_port(c), backlog);
    listener_expect_open(c, p, _(nothing_came));
    unsigned port = listener_kernel_port(c, p);
    int before = program_descriptors(p);
    if (port != 0)
        knock(c, port, CLIENTS);
    common_judge_descriptors(c, p, before, program_descriptors(p), 0, CLIENTS);
    program_kill(p);
    check_scene(c);

    struct start start = {.name = "listener",
                          .argument = {check_text(c, "%u", check_port(c)), backlog},
                          .input = INPUT_PIPE,
                          .trace = TRACE_ALL | CALL_EXIT};
    p = program_start(c, &start);
    p->awaited = true;
    check_rest(c);
    if (!await_exit(c, p))
        return; /* `door-closes` says so */
    const struct event *exit = NULL;
    for (const struct event *e = NULL; (e = judge_call(c->timeline, e, p->actor, CALL_EXIT));)
        exit = e;
    if (exit &&
        (exit->arg[0] & 0xff) == 0) /* on a failure's way out, exit may close what is open */
        common_judge_closed(c, p, false);
    else
        common_judge_closed_once(c, p);
}

/* --- the table ------------------------------------------------------------------------------------------ */

#define HANDOUT(id) "03-listen#lab03-" id

static const struct check_spec checks[] = {
    {"builds", 4, N_("It compiles and links"),
     N_("Begin with the compiler's first message; later ones often follow from it."),
     N_("A program that does not build cannot be run, so nothing else could be graded."),
     HANDOUT("builds"), NULL, NEEDS_PLAIN},
    {"warnings", 2, N_("No warning under -Wall -Wextra"),
     N_("Read each warning as a question about what you meant."),
     N_("Most warnings in network programs are the beginning of a real mistake."),
     HANDOUT("warnings"), NULL, NEEDS_PLAIN},
    {"usage", 8, N_("Wrong arguments: a usage line, status 2"),
     N_("Look at how many arguments there are, then at every character of both, then at their "
        "ranges."),
     N_("A door at another place than the one that was asked for is worse than none."),
     HANDOUT("usage"), run_usage, NEEDS_PLAIN},
    {"reports-failure", 9, N_("A failed call is named, status 1"),
     N_("Look at the result of each call before the next one is made, and say why with errno's "
        "text."),
     N_("Who starts the program must learn why it does not run, and a script learns it from the "
        "status."),
     HANDOUT("reports-failure"), run_reports_failure, NEEDS_PLAIN},
    {"handshake", 12, N_("A client is connected, and nobody accepts"),
     N_("Which call opens the door? And is your line out when the program begins to wait?"),
     N_("The kernel finishes handshakes by itself: a connected client does not prove that a "
        "program serves it."),
     HANDOUT("handshake"), listener_run_handshake, NEEDS_PLAIN},
    {"backlog", 10, N_("listen gets the backlog asked for"),
     N_("Follow the number from the command line to the call: which of the two is it, and is it "
        "changed on the way?"),
     N_("The backlog decides how many clients may wait in a rush before the kernel drops their "
        "requests."),
     HANDOUT("backlog"), listener_run_backlog, NEEDS_PLAIN},
    {"port-zero", 10, N_("Port 0: the kernel's choice is printed"),
     N_("Who knows the port that the kernel chose, from when on, and in which byte order does the "
        "answer come?"),
     N_("A door that nobody can find is of no use; and a free port cannot be guessed, only asked "
        "for."),
     HANDOUT("port-zero"), listener_run_port_zero, NEEDS_PLAIN},
    {"waits", 10, N_("It sleeps until stdin ends, whatever comes"),
     N_("Which results of the call that waits mean the end, and what becomes of the bytes that "
        "came?"),
     N_("A server that a stray byte can end, or that burns a processor while it waits, does not "
        "last a day."),
     HANDOUT("waits"), listener_run_waits, NEEDS_PLAIN},
    {"door-closes", 9, N_("stdin ends: status 0, clients are refused"),
     N_("What does your program wait for, and what does it do between the end of stdin and its "
        "own?"),
     N_("A program that is told to end should do so at once, and clients should learn that nobody "
        "is there."),
     HANDOUT("door-closes"), listener_run_door_closes, NEEDS_PLAIN},
    {"order", 5, N_("The calls in their order"),
     N_("Compare your calls with the picture in the handout: which descriptor, which order, which "
        "arguments."),
     N_("Each call prepares the next; out of order some of them still seem to work, on your "
        "machine, today."),
     HANDOUT("order"), run_order, NEEDS_PLAIN},
    {"reference", 3, N_("It prints what the reference prints"),
     N_("Compare the two lines byte by byte, their ends too."),
     N_("Programs read such lines, and a program does not guess what was meant."),
     HANDOUT("reference"), run_reference, NEEDS_PLAIN},
    {"interrupted", 5, N_("Its wait is interrupted by signals"),
     N_("Look at what happens when the call that waits fails with EINTR: nothing came, and nothing "
        "has ended."),
     N_("Any signal handler, also one in a library, can make a blocking call return early."),
     HANDOUT("interrupted"), run_interrupted, NEEDS_PLAIN},
    {"in-use", 4, N_("A port that is taken, a port in TIME_WAIT"),
     N_("Look at what is done when bind fails, and at which option must be set before it."),
     N_("A server is restarted all the time: it must say when the port is taken, and start when it "
        "only was."),
     HANDOUT("in-use"), run_in_use, NEEDS_PLAIN},
    {"memory", 4, N_("Clean under AddressSanitizer and UBSan"),
     N_("The report's first line says what happened, the lines below where."),
     N_("A buffer that is a byte too small works until the day when it does not."),
     HANDOUT("memory"), run_memory, NEEDS_ASAN},
    {"descriptors", 5, N_("What is opened is closed, once"),
     N_("For each descriptor find the one place where it is closed at the end."),
     N_("What exit hides today is a leak on the day when the code becomes part of a larger "
        "program."),
     HANDOUT("descriptors"), run_descriptors, NEEDS_PLAIN},
};

static const char *const hand_in[] = {"listener.c", NULL};
static const char *const reference[] = {"listener", NULL};
static const struct build_program programs[] = {
    {.name = "listener", .source = {"listener.c", NULL}}};

const struct lab lab_03_listen = {
    .id = "03-listen",
    .number = 3,
    .title = N_("A socket becomes a door"),
    .build = {.hand_in = hand_in, .program = programs, .programs = 1},
    .check = checks,
    .checks = sizeof(checks) / sizeof(checks[0]),
    .reference = reference,
};
