/**
 * @file 01_socket.c
 * Lab 01, a socket is a descriptor: sockinfo, a program that prints one line and ends. What it prints is compared
 * with what it did: the calls tell which socket it made, and which number the kernel gave it. What
 * it asks the kernel is judged in 01_kernel.c.
 */
#include "labs/01_socket.h"

#include "labs/labs.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

const struct pair sockinfo_pairs[PAIRS] = {
    {"inet", "stream", "tcp", AF_INET, SOCK_STREAM},
    {"inet", "dgram", "udp", AF_INET, SOCK_DGRAM},
    {"inet6", "stream", "tcp", AF_INET6, SOCK_STREAM},
    {"inet6", "dgram", "udp", AF_INET6, SOCK_DGRAM},
    {"unix", "stream", "none", AF_UNIX, SOCK_STREAM},
    {"unix", "dgram", "none", AF_UNIX, SOCK_DGRAM},
};

struct start sockinfo_start(const struct pair *pair)
{
    return (struct start){.name = "sockinfo", .argument = {pair->family, pair->type}};
}

/* --- the program's calls ---------------------------------------------------------------------- */

/** Copies of a descriptor are the kernel's gift too. */
static bool is_copy(const struct event *e)
{
    if (!(e->group & CALL_DUP))
        return false;
    int command = (int)e->arg[1];
    return strcmp(e->call, "fcntl") != 0 || command == F_DUPFD || command == F_DUPFD_CLOEXEC;
}

/** Whether the kernel gave the program this number for a socket. */
static bool was_given(const struct check *c, const struct program *p, int fd)
{
    for (const struct event *e = NULL;
         (e = judge_call(c->timeline, e, p->actor, CALL_SOCKET | CALL_DUP));)
        if (e->done && e->result == fd && (e->new_sock || is_copy(e)))
            return true;
    return false;
}

const struct event *sockinfo_socket(struct check *c, const struct program *p)
{
    const struct event *found = NULL;
    for (const struct event *e = NULL; (e = judge_call(c->timeline, e, p->actor, CALL_SOCKET));)
        if (!found || (found->result < 0 && e->result >= 0))
            found = e;
    if (!found)
        check_fail(c, &(struct failure){.verdict = VERDICT_MISMATCH}, _("%s never called socket."),
                   p->name);
    if (found->result == -EAFNOSUPPORT && found->arg[0] == AF_INET6)
        check_skip(c, _("this machine has no IPv6"));
    return found;
}

const struct event *sockinfo_print(const struct check *c, const struct program *p)
{
    const struct event *last = NULL;
    for (const struct event *e = NULL; (e = judge_call(c->timeline, e, p->actor, CALL_WRITE));)
        last = e->fd_kind == FD_STDOUT ? e : last;
    return last;
}

/* --- the program's line ----------------------------------------------------------------------- */

const char *sockinfo_word(struct check *c, const struct program *p, const char *name)
{
    const char *text = buf_text(&p->output), *at = text;
    size_t length = strlen(name);
    for (; (at = strstr(at, name)); at += length)
        if (at[length] == '=' && (at == text || at[-1] == ' ' || at[-1] == '\n'))
            return check_text(c, "%.*s", (int)strcspn(at + length + 1, " \r\n"), at + length + 1);
    return NULL;
}

/** The number behind "fd="; -1 if there is none. */
static int find_number(struct check *c, const struct program *p)
{
    const char *word = sockinfo_word(c, p, "fd");
    char *end = NULL;
    long number = word ? strtol(word, &end, 10) : -1;
    return end && end != word && *end == '\0' && number >= 0 && number < 65536 ? (int)number : -1;
}

const char *sockinfo_output(struct check *c, const struct program *p)
{
    struct buf text = {0};
    buf_quote(&text, buf_text(&p->output), p->output.length, 100);
    return p->output.length ? check_text(c, "%s", buf_text(&text)) : _("nothing");
}

/* --- the six pairs ---------------------------------------------------------------------------- */

static const char *domain_name(int domain)
{
    return domain == AF_INET ? "AF_INET" : domain == AF_INET6 ? "AF_INET6" : "AF_UNIX";
}

static const char *kind_name(int kind)
{
    return kind == SOCK_STREAM ? "SOCK_STREAM" : "SOCK_DGRAM";
}

static void expect_pair(struct check *c, const struct pair *pair)
{
    check_scene(c);
    struct start start = sockinfo_start(pair);
    struct program *p = program_start(c, &start);
    p->awaited = true;
    program_await_end(p);
    const struct event *socket = sockinfo_socket(c, p);
    /* SOCK_CLOEXEC and SOCK_NONBLOCK stand in the type too (socket(2)). */
    if ((int)socket->arg[0] != pair->domain || ((int)socket->arg[1] & 0xf) != pair->kind) {
        struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {socket}};
        failure.expected = check_text(c, _("a socket of %s and %s"), domain_name(pair->domain),
                                      kind_name(pair->kind));
        failure.actual = socket->text;
        check_fail(c, &failure, _("`sockinfo %s %s` makes another socket than it should."),
                   pair->family, pair->type);
    }
    int number = find_number(c, p);
    if (!was_given(c, p, number))
        number = (int)socket->result;
    program_expect_line(p, "fd=%d family=%s type=%s protocol=%s", number, pair->family, pair->type,
                        pair->protocol);
    program_expect_exit(p, 0);
}

static void run_tcp(struct check *c)
{
    expect_pair(c, &sockinfo_pairs[0]);
}

static void run_udp(struct check *c)
{
    expect_pair(c, &sockinfo_pairs[1]);
}

static void run_ipv6(struct check *c)
{
    expect_pair(c, &sockinfo_pairs[2]);
    expect_pair(c, &sockinfo_pairs[3]);
}

static void run_unix(struct check *c)
{
    expect_pair(c, &sockinfo_pairs[4]);
    expect_pair(c, &sockinfo_pairs[5]);
}

/* --- the number ------------------------------------------------------------------------------- */

static void run_fd_number(struct check *c)
{
    enum { TAKEN = 3 };
    struct start start = sockinfo_start(&sockinfo_pairs[0]);
    start.taken = TAKEN;
    struct program *p = program_start(c, &start);
    p->awaited = true;
    program_await_end(p);
    const struct event *socket = sockinfo_socket(c, p);
    int number = find_number(c, p);
    if (was_given(c, p, number))
        return;
    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {socket, sockinfo_print(c, p)}};
    failure.expected = check_text(c, "fd=%d", (int)socket->result);
    failure.actual = sockinfo_output(c, p);
    if (number < 0)
        check_fail(c, &failure, _("%s prints no number of a descriptor."), p->name);
    check_fail(c, &failure,
               _("The descriptors 3, 4 and 5 were taken when %s was started; it prints %d, which "
                 "is not the "
                 "number that the kernel gave it."),
               p->name, number);
}

/* --- closed ------------------------------------------------------------------------- */

static void run_closes(struct check *c)
{
    struct start start = sockinfo_start(&sockinfo_pairs[0]);
    struct program *p = program_start_until_exit(c, &start, 0);
    sockinfo_socket(c, p);
    common_judge_closed(c, p, true);
}

/** All that it opens, whatever it is asked for. */
static void run_descriptors(struct check *c)
{
    static const size_t some[] = {0, 3, 5};
    for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
        check_scene(c);
        struct start start = sockinfo_start(&sockinfo_pairs[some[i]]);
        struct program *p = program_start_until_exit(c, &start, 0);
        sockinfo_socket(c, p);
        common_judge_closed(c, p, false);
    }
}

/* --- the checks that every lab has ------------------------------------------------------------ */

static void run_usage(struct check *c)
{
    static const struct usage_case cases[] = {
        {{NULL}},
        {{"inet", NULL}},
        {{"inet", "stream", "extra", NULL}},
        {{"ipx", "stream", NULL}},
        {{"", "stream", NULL}},
        {{"inet66", "stream", NULL}},
        {{"in", "stream", NULL}},
        {{"inet", "raw", NULL}},
        {{"inet", "", NULL}},
        {{"inet6", "streams", NULL}},
        {{"unix", "d", NULL}},
        {{"stream", "inet", NULL}},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        common_usage(c, "sockinfo", &cases[i], 1);
        /* Here a socket of any kind is the program's own: nothing is resolved. */
        const struct event *socket =
            judge_call(c->timeline, NULL, c->program[c->programs - 1]->actor, CALL_SOCKET);
        if (socket)
            check_fail(
                c, &(struct failure){.verdict = VERDICT_MISMATCH, .event = {socket}},
                _("`sockinfo %s %s` is wrong usage, but it opened a socket before it said so."),
                cases[i].argument[0], cases[i].argument[1]);
    }
}

static void run_memory(struct check *c)
{
    static const size_t some[] = {0, 3};
    for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
        check_scene(c);
        struct start start = sockinfo_start(&sockinfo_pairs[some[i]]);
        common_expect_clean(c, program_start(c, &start));
    }
    check_scene(c);
    common_expect_clean(
        c, program_start(c, &(struct start){.name = "sockinfo", .argument = {"inet6", "raw"}}));
}

/** Its line with the reference's number in place of its own: which one it gets is not the line's matter. */
static char *put_number(struct check *c, const struct program *p, int number)
{
    const char *text = buf_text(&p->output);
    if (strncmp(text, "fd=", 3) != 0)
        return check_text(c, "%s", text);
    return check_text(c, "fd=%d%s", number, text + 3 + strspn(text + 3, "0123456789"));
}

static void run_reference(struct check *c)
{
    for (size_t i = 0; i < PAIRS; i++) {
        check_scene(c);
        struct start start = sockinfo_start(&sockinfo_pairs[i]);
        struct program *p = program_start(c, &start);
        p->awaited = true;
        program_await_end(p);
        start.reference = true;
        struct program *reference = program_start(c, &start);
        reference->awaited = true;
        if (program_await_end(reference) != 0)
            check_skip(c, _("the reference sockinfo fails on this machine: %s"),
                       buf_text(&reference->errors));
        const char *wanted = buf_text(&reference->output);
        if (strcmp(put_number(c, p, find_number(c, reference)), wanted) == 0 &&
            strlen(buf_text(&p->output)) == p->output.length)
            continue;
        struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {sockinfo_print(c, p)}};
        failure.expected = check_text(c, _("%s (the number of the descriptor may be another)"),
                                      sockinfo_output(c, reference));
        failure.actual = sockinfo_output(c, p);
        check_fail(c, &failure, _("`sockinfo %s %s` prints something else than the reference."),
                   sockinfo_pairs[i].family, sockinfo_pairs[i].type);
    }
}

/* --- the table -------------------------------------------------------------------------------- */

static const struct check_spec checks[] = {
    {"builds", 3, N_("It compiles and links"),
     N_("Start with the compiler's first message; the others often follow from it."),
     N_("Nothing else can be judged of a program that is not there."), "01-socket#lab01-builds",
     NULL, NEEDS_PLAIN},
    {"warnings", 4, N_("No warnings"),
     N_("The kit compiles with -Wall -Wextra; `make` shows you the same warnings."),
     N_("A warning is the compiler's way of saying that the code may not mean what you think."),
     "01-socket#lab01-warnings", NULL, NEEDS_PLAIN},
    {"tcp", 10, N_("inet stream"),
     N_("Compare the line with the handout's byte by byte, and the arguments of socket with what "
        "was asked for."),
     N_("This is the socket that nearly all of the later labs use."), "01-socket#lab01-tcp",
     run_tcp, NEEDS_PLAIN},
    {"udp", 8, N_("inet dgram"),
     N_("What does your program take the word dgram for, and what does it print for it?"),
     N_("The type decides how bytes travel; a wrong one shows only when somebody sends."),
     "01-socket#lab01-udp", run_udp, NEEDS_PLAIN},
    {"ipv6", 8, N_("inet6, both types"),
     N_("Follow the word inet6 from the command line to socket, and the number from getsockopt to "
        "the line."),
     N_("Some machines can be reached over IPv6 only."), "01-socket#lab01-ipv6", run_ipv6,
     NEEDS_PLAIN},
    {"unix", 8, N_("unix, both types"),
     N_("What does SO_PROTOCOL answer for a socket that has no protocol?"),
     N_("Processes of one machine talk without a network, by the same calls."),
     "01-socket#lab01-unix", run_unix, NEEDS_PLAIN},
    {"fd-number", 8, N_("The number is the kernel's"),
     N_("Where does the number in your line come from?"),
     N_("Which number is free depends on who started the program, and with what open."),
     "01-socket#lab01-fd-number", run_fd_number, NEEDS_PLAIN},
    {"asks-kernel", 12, N_("The line is made of the kernel's answers"),
     N_("For each word of the line, find the variable that it comes from, and who put the value "
        "there."),
     N_("What was asked for and what there is are two things; only the kernel knows the second."),
     "01-socket#lab01-asks-kernel", kernel_run_asks_kernel, NEEDS_PLAIN},
    {"closes", 8, N_("The socket is closed, once"),
     N_("Follow every way out of your program: how often is close called on each?"),
     N_("A program that runs for long loses a descriptor each time it forgets one."),
     "01-socket#lab01-closes", run_closes, NEEDS_PLAIN},
    {"usage", 8, N_("Wrong arguments"),
     N_("Check the number of arguments, then each word as a whole, and only then open anything."),
     N_("Status 2 and a usage line tell a script and a person that the command was wrong, not the "
        "machine."),
     "01-socket#lab01-usage", run_usage, NEEDS_PLAIN},
    {"reports-failure", 10, N_("A failed call is reported"),
     N_("Is the result of each call looked at, printing included, and is errno kept until it is "
        "printed?"),
     N_("The error's text is all that a user has to find out what went wrong."),
     "01-socket#lab01-reports-failure", kernel_run_reports_failure, NEEDS_PLAIN},
    {"order", 4, N_("socket, getsockopt, close"),
     N_("Read the calls of your program in the order in which they are made (strace shows them)."),
     N_("A number means a socket only from socket to close; before and after it means somebody "
        "else's."),
     "01-socket#lab01-order", kernel_run_order, NEEDS_PLAIN},
    {"memory", 3, N_("No memory error, nothing leaked"),
     N_("Build with -fsanitize=address,undefined and run it yourself; the report names the line."),
     N_("A byte written past a variable's end may change another one, today or on another "
        "machine."),
     "01-socket#lab01-memory", run_memory, NEEDS_ASAN},
    {"descriptors", 3, N_("Whatever is opened is closed"),
     N_("Look for every call that returns a descriptor, not only socket."),
     N_("Files, pipes and copies use up the same numbers as sockets."),
     "01-socket#lab01-descriptors", run_descriptors, NEEDS_PLAIN},
    {"reference", 3, N_("Prints what the reference prints"),
     N_("Compare the lines byte by byte: blanks, the newline, anything besides."),
     N_("Whoever reads the line is a program more often than not, and takes it literally."),
     "01-socket#lab01-reference", run_reference, NEEDS_PLAIN},
};

static const char *const hand_in[] = {"sockinfo.c", NULL};
static const char *const reference[] = {"sockinfo", NULL};
static const struct build_program programs[] = {
    {.name = "sockinfo", .source = {"sockinfo.c", NULL}}};

const struct lab lab_01_socket = {
    .id = "01-socket",
    .number = 1,
    .title = N_("A socket is a descriptor"),
    .build = {.hand_in = hand_in, .program = programs, .programs = 1},
    .check = checks,
    .checks = sizeof(checks) / sizeof(checks[0]),
    .reference = reference,
};
