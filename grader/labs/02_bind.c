/**
 * @file 02_bind.c
 * Lab 02, a socket gets a name: bindname. It runs once, prints one line and ends, so a check starts it,
 * waits for its end, and looks at its calls and its line. Here are the table of the lab's checks, those of
 * what the kernel refuses, and those that every lab has; which name is bound and printed is judged in 02_name.c.
 */
#include "labs/02_bind.h"

#include "labs/labs.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* RFC 5737: for examples; no machine has it. */
#define ELSEWHERE "192.0.2.7"

enum { PRIVILEGED = 80 };

/* --- the kernel says no, or yes all the same ------------------------------------------------------------------ */

/** The last setsockopt(2) that set @p option of @p level on the socket of @p bind; @p before: that bind. */
static const struct event *find_option(const struct program *p, const struct event *bind, int level,
                                       int option, bool before)
{
    const struct event *found = NULL;
    for (const struct event *e = NULL;
         (e = judge_call(p->check->timeline, e, p->actor, CALL_OPTION));)
        if (e->sock == bind->sock && e->done && e->result == 0 && (e->seq < bind->seq) == before &&
            (int)e->arg[1] == level && (int)e->arg[2] == option)
            found = e;
    return found;
}

static bool reuses_address(const struct program *p, const struct event *bind)
{
    const struct event *e = find_option(p, bind, SOL_SOCKET, SO_REUSEADDR, true);
    return e && e->value != 0;
}

static void run_reuse(struct check *c)
{
    unsigned port = check_port(c);
    int error = peer_make_time_wait(port);
    if (error < 0)
        check_trouble(c, _("no TIME_WAIT could be made: %s"), strerror(-error));
    actor_id old = timeline_actor(c->timeline, _("an old connection"));
    event_text(timeline_add(c->timeline, EVENT_PEER, old),
               _("an old connection leaves 127.0.0.1:%u in TIME_WAIT"), port);
    struct program *p = name_start(c, "127.0.0.1", name_port_text(c, port));
    check_settle(c);
    const struct event *bind = name_last_bind(p, true), *refused = name_last_bind(p, false);
    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {refused}};
    if (!bind && refused) {
        failure.expected = _("bind succeeds");
        failure.actual = check_text(c, _("bind fails with %s"), errno_name((int)-refused->result));
        check_fail(
            c, &failure,
            _("Nobody uses port %u any more, only an old connection is left there in TIME_WAIT; "
              "but bind has failed."),
            port);
    }
    if (!bind)
        name_expect_printed(p, check_text(c, "127.0.0.1:%u", port));
    bind = name_expect_bind(p);
    /* Another port was bound, which `exact-port` tells: that one was in no TIME_WAIT and proves nothing. */
    failure.event[0] = bind;
    if (name_port_of(bind) != port && !reuses_address(p, bind))
        check_fail(
            c, &failure,
            _("SO_REUSEADDR was not on before bind: with an old connection in TIME_WAIT on port "
              "%u, this bind would fail."),
            name_port_of(bind));
}

/** A name that the kernel refuses. */
struct refusal {
    const char *address;
    unsigned port;
    int error;
    const char *reason; /**< a sentence without its end */
};

/** Status 1 and the words of @p error. @p reason is a sentence without its end; @p where the call that it is about. */
static void expect_failure(struct program *p, int error, const char *reason,
                           const struct event *where)
{
    struct check *c = p->check;
    int status = program_await_end(p);
    const char *words = strerrordesc_np(error);
    struct failure failure = {.verdict = VERDICT_EXITED, .event = {where}};
    if (status != 1) {
        failure.expected = check_text(c, _("status 1 and a line with \"%s\""), words);
        failure.actual = check_text(c, _("status %d"), status);
        check_fail(c, &failure, _("%s, but %s ended with status %d."), reason, p->name, status);
    }
    if (program_says(p, words))
        return;
    struct buf said = {0};
    buf_quote(&said, buf_text(&p->errors), p->errors.length, 160);
    failure.verdict = VERDICT_MISMATCH;
    failure.expected = check_text(c, _("a line on standard error with \"%s\""), words);
    failure.actual = p->errors.length ? buf_text(&said) : _("nothing on standard error");
    check_fail(c, &failure, _("%s, and the error message does not say so."), reason);
}

static void expect_refusal(struct check *c, const struct refusal *r)
{
    struct program *p = name_start(c, r->address, name_port_text(c, r->port));
    check_settle(c);
    const struct event *refused = name_last_bind(p, false);
    expect_failure(p, r->error, r->reason, refused ? refused : name_last_bind(p, true));
}

/** The machine may let everybody bind to addresses that it does not have (ip_nonlocal_bind, ip(7)). */
static bool is_elsewhere(const char *address)
{
    struct sockaddr_storage name;
    socklen_t length;
    if (peer_address(address, 0, &name, &length) < 0)
        BUG("%s is no address", address);
    int fd = socket(name.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool refused =
        fd >= 0 && bind(fd, (struct sockaddr *)&name, length) < 0 && errno == EADDRNOTAVAIL;
    fd_close(&fd);
    return refused;
}

/** The first port that everybody may bind; without the file (before Linux 4.11) it cannot be moved. */
static unsigned first_free_port(void)
{
    unsigned port = IPPORT_RESERVED;
    FILE *f = fopen("/proc/sys/net/ipv4/ip_unprivileged_port_start", "re");
    if (f && fscanf(f, "%u", &port) != 1)
        port = IPPORT_RESERVED;
    if (f)
        fclose(f);
    return port;
}

static void run_refused(struct check *c)
{
    unsigned port = check_port(c);
    door_new(c, _("another server"), &(struct door_options){.port = port});
    expect_refusal(c,
                   &(struct refusal){"127.0.0.1", port, EADDRINUSE,
                                     check_text(c, _("Port %u belongs to another server"), port)});
    check_scene(c);
    bool elsewhere = is_elsewhere(ELSEWHERE);
    if (elsewhere)
        expect_refusal(
            c, &(struct refusal){ELSEWHERE, check_port(c), EADDRNOTAVAIL,
                                 check_text(c, _("%s is no address of this machine"), ELSEWHERE)});
    check_scene(c);
    bool guarded = PRIVILEGED < first_free_port();
    if (guarded)
        expect_refusal(c, &(struct refusal){
                              "127.0.0.1", PRIVILEGED, EACCES,
                              check_text(c, _("Port %u is for privileged processes"), PRIVILEGED)});
    if (!elsewhere)
        check_skip(c, _("this machine lets programs bind addresses that it does not have"));
    if (!guarded)
        check_skip(c, _("this machine lets everybody bind port %u"), PRIVILEGED);
}

/* --- what is wrong usage ----------------------------------------------------------------------------------------- */

static void run_usage(struct check *c)
{
    static const struct usage_case cases[] = {
        {{NULL}},
        {{"127.0.0.1", NULL}},
        {{"127.0.0.1", "8080", "extra", NULL}},
    };
    common_usage(c, "bindname", cases, sizeof(cases) / sizeof(cases[0]));
}

static void run_bad_input(struct check *c)
{
    static const struct usage_case cases[] = {
        {{"127.0.0.1", "80abc", NULL}},
        {{"127.0.0.1", "", NULL}},
        {{"127.0.0.1", "+80", NULL}},
        {{"127.0.0.1", "-1", NULL}},
        {{"127.0.0.1", " 80", NULL}},
        {{"127.0.0.1", "0x50", NULL}},
        {{"127.0.0.1", "65536", NULL}},
        {{"127.0.0.1", "70000", NULL}},
        {{"127.0.0.1", "4294967297", NULL}},           /* 1 in 32 bits */
        {{"127.0.0.1", "18446744073709551617", NULL}}, /* 1 in 64 bits */
        {{"", "8080", NULL}},
        {{"127.1", "8080", NULL}},
        {{"2130706433", "8080", NULL}}, /* inet_aton(3): 127.0.0.1 */
        {{"256.0.0.1", "8080", NULL}},
        {{"127.0.0.1x", "8080", NULL}},
        {{"localhost", "8080", NULL}},
        {{"[::1]", "8080", NULL}},
        {{"::1%lo", "8080", NULL}},
        {{"1::2::3", "8080", NULL}},
    };
    common_usage(c, "bindname", cases, sizeof(cases) / sizeof(cases[0]));
}

/* --- the checks that every lab has -------------------------------------------------------------------------------- */

/** Nobody reads its stdout: write(2) fails with EPIPE, and SIGPIPE comes with it. */
static void expect_broken_pipe(struct check *c)
{
    check_scene(c);
    event_text(timeline_add(c->timeline, EVENT_PEER, timeline_actor(c->timeline, _("the reader"))),
               _("the reader of standard output goes away"));
    struct program *p = program_start(
        c, &(struct start){.name = "bindname",
                           .argument = {"127.0.0.1", name_port_text(c, check_port(c))},
                           .output_closed = true});
    p->awaited = true;
    check_settle(c);
    const struct event *print = name_last_print(p);
    if (p->ended && WIFSIGNALED(p->status) && WTERMSIG(p->status) == SIGPIPE)
        check_fail(
            c, &(struct failure){.verdict = VERDICT_CRASHED, .event = {print}},
            _("Nobody reads standard output any more, and SIGPIPE killed %s before it could say "
              "so. The signal can be kept away; then write fails with EPIPE."),
            p->name);
    expect_failure(p, EPIPE, _("Nobody reads standard output any more"), print);
}

static void run_reports_failure(struct check *c)
{
    static const struct failure_case cases[] = {
        {.group = CALL_SOCKET, .error = EMFILE},
        {.group = CALL_BIND, .error = EADDRINUSE},
        {.group = CALL_NAME, .call = "getsockname", .error = ENOBUFS},
        {.group = CALL_WRITE, .fd_kinds = 1 << FD_STDOUT, .error = ENOSPC},
    };
    struct start start = {.name = "bindname", .argument = {"127.0.0.1"}};
    common_reports_failure(c, &start, true, cases, sizeof(cases) / sizeof(cases[0]), NULL);
    expect_broken_pipe(c);
}

static void judge_option(struct program *p, const struct event *bind)
{
    struct check *c = p->check;
    const struct event *set = find_option(p, bind, SOL_SOCKET, SO_REUSEADDR, true);
    const struct event *late = find_option(p, bind, SOL_SOCKET, SO_REUSEADDR, false);
    if (set && set->value != 0)
        return;
    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {set ? set : late, bind}};
    if (set)
        check_fail(c, &failure, _("SO_REUSEADDR is set to 0 before bind: that switches it off."));
    if (late)
        check_fail(c, &failure,
                   _("SO_REUSEADDR is set after bind, which is the call that looks at it."));
    failure.event[0] = bind;
    failure.event[1] = NULL;
    for (const struct event *e = NULL; (e = judge_call(c->timeline, e, p->actor, CALL_OPTION));)
        if (e->sock == bind->sock && e->seq < bind->seq)
            failure.event[1] = e;
    check_fail(
        c, &failure,
        failure.event[1]
            ? _("SO_REUSEADDR was not switched on for this socket before bind; what was set is "
                "another option, or one of another level.")
            : _("SO_REUSEADDR was not switched on for this socket before bind."));
}

static void run_order(struct check *c)
{
    struct program *p = name_start(c, "127.0.0.1", name_port_text(c, check_port(c)));
    program_await_end(p); /* what it printed and its status are for others to judge */
    const struct event *bind = name_last_bind(p, true);
    if (!bind)
        check_fail(
            c, &(struct failure){.verdict = VERDICT_MISMATCH, .event = {name_last_bind(p, false)}},
            _("%s never bound a TCP socket."), p->name);
    judge_option(p, bind);
    if (name_last_asked(p, bind))
        return;
    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {bind}};
    check_fail(c, &failure,
               _("After bind, %s never asked the kernel for this socket's name with getsockname."),
               p->name);
}

/** A socket or a copy of it, that is still open when the program is about to exit, was not closed. */
static void run_descriptors(struct check *c)
{
    struct start start = {.name = "bindname",
                          .argument = {"127.0.0.1", name_port_text(c, check_port(c))}};
    struct program *p = program_start_until_exit(c, &start, 0);
    name_expect_bind(p);
    common_judge_closed(c, p, false);
}

/** Only the sanitizers are asked: that it does its work is seen elsewhere. */
static void run_memory(struct check *c)
{
    common_expect_clean(c, name_start(c, "127.0.0.1", name_port_text(c, check_port(c))));
    check_scene(c);
    /* ::1, in as many bytes as its eight groups can take. */
    common_expect_clean(c, name_start(c, "0000:0000:0000:0000:0000:0000:0000:0001",
                                      name_port_text(c, check_port(c))));
}

static void run_reference(struct check *c)
{
    const char *const addresses[] = {"127.0.0.1", name_has_ipv6() ? "::1" : NULL};
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]) && addresses[i]; i++) {
        check_scene(c);
        const char *port = name_port_text(c, check_port(c));
        struct start start = {
            .name = "bindname", .reference = true, .argument = {addresses[i], port}};
        struct program *reference = program_start(c, &start);
        int status = program_await_end(reference);
        if (status != 0)
            check_trouble(c, _("%s ended with status %d"), reference->name, status);
        start.reference = false;
        struct program *p = program_start(c, &start);
        program_expect_output(p, buf_text(&reference->output), reference->output.length);
        program_expect_exit(p, 0);
    }
}

/* --- the table ------------------------------------------------------------------------------------------------------- */

static const struct check_spec checks[] = {
    {"builds", 2, N_("It compiles and links"),
     N_("Start with the compiler's first message; the others often follow from it."),
     N_("Nothing else can be judged of a program that is not there."), "02-bind#lab02-builds", NULL,
     NEEDS_PLAIN},
    {"warnings", 3, N_("No warnings"),
     N_("The kit compiles with -Wall -Wextra; `make` shows you the same warnings."),
     N_("A warning is the compiler's way of saying that the code may not mean what you think."),
     "02-bind#lab02-warnings", NULL, NEEDS_PLAIN},
    {"exact-port", 13, N_("The port that was asked for"),
     N_("Follow the number from the command line into the structure, and from the structure to the "
        "line: in which byte order is it at each step?"),
     N_("A client knocks at the port that it was told; a server on another one is not there."),
     "02-bind#lab02-exact-port", name_run_exact_port, NEEDS_PLAIN},
    {"exact-address", 11, N_("The address that was asked for"),
     N_("Is the address in the structure the one on the command line, and does any value of it "
        "mean "
        "something else to your program?"),
     N_("The address decides who can come in: everybody, one network, or this machine alone."),
     "02-bind#lab02-exact-address", name_run_exact_address, NEEDS_PLAIN},
    {"ephemeral", 12, N_("Port 0: the kernel chooses"),
     N_("Where does the port that you print come from, and what does the kernel know that the "
        "command "
        "line does not?"),
     N_("A port that nobody is told of is of no use to anybody."), "02-bind#lab02-ephemeral",
     name_run_ephemeral, NEEDS_PLAIN},
    {"ipv6", 10, N_("An IPv6 address"),
     N_("Look for every place where a family, a structure or its size is fixed, and at how the "
        "address is shown."),
     N_("Half of the network speaks IPv6 today, and some hosts speak nothing else."),
     "02-bind#lab02-ipv6", name_run_ipv6, NEEDS_PLAIN},
    {"reuse", 10, N_("A port in TIME_WAIT"),
     N_("Which option does bind look at, at which level is it, and when must it be on?"),
     N_("Without it a server that is started again has to wait for a minute."),
     "02-bind#lab02-reuse", run_reuse, NEEDS_PLAIN},
    {"refused", 10, N_("A port that is taken, and other refusals"),
     N_("What does your program do when bind has failed, and where do the words of its message "
        "come "
        "from?"),
     N_("What the kernel refuses can only be put right by a person, who has to be told the "
        "reason."),
     "02-bind#lab02-refused", run_refused, NEEDS_PLAIN},
    {"bad-input", 7, N_("Ports and addresses that are none"),
     N_("Which texts does your conversion take for a number or an address, and do you look at all "
        "that "
        "it tells you?"),
     N_("A slip of the finger must not become another port or another address."),
     "02-bind#lab02-bad-input", run_bad_input, NEEDS_PLAIN},
    {"usage", 3, N_("Wrong number of arguments"),
     N_("Count the arguments before you look at any of them."),
     N_("Status 2 and a usage line tell a script and a person that the command was wrong, not the "
        "network."),
     "02-bind#lab02-usage", run_usage, NEEDS_PLAIN},
    {"reports-failure", 5, N_("A failed call is reported"),
     N_("Is the result of each call looked at, and is errno kept until it is printed?"),
     N_("The error's text is all that a user has to find out what went wrong."),
     "02-bind#lab02-reports-failure", run_reports_failure, NEEDS_PLAIN},
    {"order", 4, N_("socket, option, bind, getsockname, in order"),
     N_("Read the calls of your program in the order in which they are made (strace shows them)."),
     N_("A socket goes through states, and each call belongs to one of them."),
     "02-bind#lab02-order", run_order, NEEDS_PLAIN},
    {"memory", 3, N_("No memory error, nothing leaked"),
     N_("Build with -fsanitize=address,undefined and run it yourself; the report names the line."),
     N_("A byte written past a buffer's end, or memory never given back, fails on another day."),
     "02-bind#lab02-memory", run_memory, NEEDS_ASAN},
    {"descriptors", 3, N_("The socket is closed once"),
     N_("Find the one place where the socket is closed, on each way through the program."),
     N_("A descriptor never closed is lost to the process; one closed twice may be somebody "
        "else's."),
     "02-bind#lab02-descriptors", run_descriptors, NEEDS_PLAIN},
    {"reference", 4, N_("The line is the reference's"),
     N_("If the others pass, compare your line byte by byte: words, blanks, brackets, newline."),
     N_("Output that another program reads has to be exactly what was agreed."),
     "02-bind#lab02-reference", run_reference, NEEDS_PLAIN},
};

static const char *const hand_in[] = {"bindname.c", NULL};
static const char *const reference[] = {"bindname", NULL};
static const struct build_program programs[] = {
    {.name = "bindname", .source = {"bindname.c", NULL}}};

const struct lab lab_02_bind = {
    .id = "02-bind",
    .number = 2,
    .title = N_("A socket gets a name"),
    .build = {.hand_in = hand_in, .program = programs, .programs = 1},
    .check = checks,
    .checks = sizeof(checks) / sizeof(checks[0]),
    .reference = reference,
};
