/**
 * @file 03_door.c
 * Lab 03: the door itself. When it is open, how deep its queue is, where it is, and how long it stays so.
 */
#include "labs/03_listen.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct program *listener_start(struct check *c, unsigned port, const char *backlog)
{
    return program_start(c, &(struct start){.name = "listener",
                                            .argument = {check_text(c, "%u", port), backlog},
                                            .input = INPUT_PIPE});
}

/** The same, awaited until it listens on @p port. */
static struct program *listener_open(struct check *c, unsigned port)
{
    struct start start = {.name = "listener",
                          .argument = {check_text(c, "%u", port), check_text(c, "%d", BACKLOG)},
                          .input = INPUT_PIPE};
    return server_start_with(c, &start, port);
}

const struct event *listener_last_listen(const struct check *c, const struct program *p)
{
    const struct event *last = NULL;
    for (const struct event *e = NULL; (e = judge_call(c->timeline, e, p->actor, CALL_LISTEN));)
        if (e->done && e->result == 0)
            last = e;
    return last;
}

static const struct event *last_read_of_stdin(const struct check *c, const struct program *p)
{
    const struct event *last = NULL;
    for (const struct event *e = NULL; (e = judge_call(c->timeline, e, p->actor, CALL_READ));)
        if (e->fd_kind == FD_STDIN)
            last = e;
    return last;
}

/** The last recorded call of the program: where it goes round. */
static const struct event *last_call(const struct check *c, const struct program *p)
{
    const struct event *last = NULL;
    for (const struct event *e = NULL; (e = judge_call(c->timeline, e, p->actor, ~0U));)
        last = e;
    return last;
}

static bool is_sleep(const struct event *e)
{
    bool polls = strcmp(e->call, "poll") == 0 || strcmp(e->call, "ppoll") == 0;
    bool selects = strcmp(e->call, "select") == 0 || strcmp(e->call, "pselect6") == 0;
    return (e->group & CALL_SLEEP) || (polls && e->arg[1] == 0) ||
           (selects && (int)e->arg[0] == 0);
}

/** It sleeps for a while, looks, and sleeps again. The grader skips its sleeps, so it looks busy and is not. */
static const struct event *find_sleep(const struct check *c, const struct program *p)
{
    for (const struct event *e = NULL;
         (e = judge_call(c->timeline, e, p->actor, CALL_SLEEP | CALL_WAIT));)
        if (is_sleep(e) && e->done && e->result == 0 && e->value > 0)
            return e;
    return NULL;
}

void listener_expect_open(struct check *c, struct program *p, const char *when)
{
    p->awaited = true; /* that it ended is told here */
    check_rest(c);
    if (!p->ended)
        return;
    int status = program_await_end(p);
    struct failure failure = {.verdict = VERDICT_EXITED, .event = {last_read_of_stdin(c, p)}};
    failure.expected = _("it waits until its standard input ends");
    failure.actual = check_text(c, _("it ended with status %d"), status);
    check_fail(c, &failure,
               _("%s, and %s does not wait any longer. Its standard input is still open: somebody "
                 "may write more."),
               when, p->name);
}

/** The same, and it must sleep, in a call that ends when something comes. */
static void expect_waiting(struct check *c, struct program *p, const char *when)
{
    p->awaited = true;
    enum wait_end end = check_rest(c);
    if (end == WAIT_STUCK || p->ended) {
        listener_expect_open(c, p, when);
        return;
    }
    if (end != WAIT_SPINNING)
        check_settle(c); /* says that the time is over */
    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {find_sleep(c, p)}};
    failure.expected =
        _("it is blocked in a call until more comes on standard input, or that ends");
    if (failure.event[0])
        check_fail(
            c, &failure,
            _("%s, and %s sleeps and looks, again and again, instead of waiting in a call that "
              "ends when something comes."),
            when, p->name);
    failure.verdict = VERDICT_SPINNING;
    failure.event[0] = last_call(c, p);
    check_fail(c, &failure, _("%s, and %s keeps the processor busy instead of waiting."), when,
               p->name);
}

static bool has_ended(struct check *c, void *argument)
{
    (void)c;
    return ((const struct program *)argument)->ended;
}

int listener_await_end(struct check *c, struct program *p)
{
    p->awaited = true;
    program_end_input(p);
    check_await(c, has_ended, p,
                check_text(c, _("standard input has ended, so %s should end"), p->name));
    return program_await_end(p);
}

/* --- handshake ----------------------------------------------------------------------------------------- */

static bool has_line(struct check *c, void *argument)
{
    (void)c;
    size_t have;
    const char *rest = program_rest(argument, &have);
    return memchr(rest, '\n', have) != NULL;
}

static void expect_a_line(struct check *c, struct program *p)
{
    if (check_wait(c, has_line, p) == WAIT_OK)
        return;
    struct failure failure = {.verdict = VERDICT_MISMATCH,
                              .waits = true,
                              .expected = _("a line \"listening on ...\" on standard output"),
                              .actual = _("nothing on standard output")};
    if (p->ended)
        program_await_end(p); /* tells of a crash */
    if (program_says(p, "listening on"))
        check_fail(c, &failure,
                   _("The line went to standard error; it belongs on standard output."));
    if (p->output.length > 0) {
        failure.actual = _("a line without its end");
        check_fail(c, &failure,
                   _("The door is open, and the line is not complete: a newline is missing."));
    }
    check_fail(
        c, &failure,
        _("The door is open and the program waits, but its line has not come out. stdout is a pipe "
          "here; what is printed may still lie in a buffer of the program."));
}

void listener_run_handshake(struct check *c)
{
    unsigned port = check_port(c);
    struct program *p = listener_open(c, port);
    expect_a_line(c, p);
    struct peer *client = client_dial(c, port);
    bool rests = check_rest(c) == WAIT_STUCK; /* that it spins is told by `waits` */
    const struct event *accept = judge_call(c->timeline, NULL, p->actor, CALL_ACCEPT);
    if (accept)
        check_fail(c, &(struct failure){.verdict = VERDICT_MISMATCH, .event = {accept}},
                   _("%s calls %s. This lab's program lets nobody in: that the client is connected "
                     "all the same is "
                     "the kernel's doing."),
                   p->name, accept->call);
    if (rests)
        peer_expect_silence(c, client);
}

/* --- backlog ------------------------------------------------------------------------------------------- */

/**
 * The argument is judged and not what the kernel shows (Send-Q in ss(8)): that is cut to net.core.somaxconn, which may be
 * below, and then every larger backlog looks alike. A program may call listen again: the last one holds (listen(2)).
 */
static void try_backlog(struct check *c, unsigned backlog)
{
    check_scene(c);
    unsigned port = check_port(c);
    struct program *p = listener_start(c, port, check_text(c, "%u", backlog));
    p->awaited = true;
    check_rest(c);
    if (c->timeline->dropped > 0 && !listener_last_listen(c, p))
        return; /* it goes round and round, so not all is on record: `waits` tells of that */
    const struct event *listen = listener_last_listen(c, p);
    struct failure failure = {.verdict = VERDICT_NEVER_LISTENED, .waits = true};
    if (!listen && p->ended)
        program_await_end(p); /* tells of a crash */
    if (!listen)
        check_fail(c, &failure,
                   _("`listener %u %u` never called listen with success, so there is no backlog."),
                   port, backlog);
    int handed = (int)listen->arg[1];
    if (handed == (int)backlog) {
        program_kill(p);
        return;
    }
    failure = (struct failure){.verdict = VERDICT_MISMATCH, .event = {listen}};
    failure.expected = check_text(c, _("a backlog of %u"), backlog);
    failure.actual = check_text(c, _("a backlog of %d"), handed);
    if (handed == (int)port)
        check_fail(c, &failure,
                   _("%s was told a backlog of %u, and hands its port to listen instead."), p->name,
                   backlog);
    check_fail(c, &failure, _("%s was told a backlog of %u, and hands another one to listen."),
               p->name, backlog);
}

void listener_run_backlog(struct check *c)
{
    /* The smallest one; one that old manuals call too large and is no port of ours; the largest. */
    try_backlog(c, 1);
    try_backlog(c, 129 + check_random(c, 1, BACKLOG_MAX - 129));
    try_backlog(c, BACKLOG_MAX);
}

/* --- port-zero ----------------------------------------------------------------------------------------- */

/** The port of the listening socket with this inode in /proc/net/tcp or tcp6; 0 if it is not there. */
static unsigned find_port(const char *path, unsigned long inode)
{
    struct buf text = {.limit = 16 << 20};
    unsigned found = 0;
    int error = file_read(path, &text);
    for (const char *line = buf_text(&text); error == 0 && line && !found;
         line = strchr(line, '\n')) {
        unsigned port, state;
        unsigned long number;
        line += *line == '\n';
        /* sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode (proc_net_tcp.txt of the kernel) */
        if (sscanf(line, "%*s %*[0-9A-F]:%x %*s %x %*s %*s %*s %*s %*s %lu", &port, &state,
                   &number) == 3 &&
            state == 0x0A && number == inode)
            found = port;
    }
    buf_free(&text);
    return found;
}

unsigned listener_kernel_port(struct check *c, const struct program *p)
{
    const struct event *listen = listener_last_listen(c, p);
    struct stat st;
    if (!listen || stat(check_text(c, "/proc/%d/fd/%d", (int)listen->pid, listen->fd), &st) < 0 ||
        !S_ISSOCK(st.st_mode))
        return 0;
    unsigned port = find_port("/proc/net/tcp", st.st_ino);
    return port ? port : find_port("/proc/net/tcp6", st.st_ino);
}

/** The port in its line, -1 if there is none. What stands around it is the matter of `reference`. */
static long printed_port(const struct program *p)
{
    size_t have;
    const char *rest = program_rest(p, &have);
    long port = -1;
    for (size_t i = 0; i + 1 < have; i++)
        if (rest[i] == ':' && rest[i + 1] >= '0' && rest[i + 1] <= '9')
            port = strtol(rest + i + 1, NULL, 10);
    return port;
}

/** A bind of the program that asks for a certain port; NULL if there is none. */
static const struct event *find_own_choice(const struct check *c, const struct program *p, int sock)
{
    for (const struct event *e = NULL; (e = judge_call(c->timeline, e, p->actor, CALL_BIND));)
        if (e->sock == sock && e->done && e->result == 0 &&
            ((const struct sockaddr_in *)&e->addr)->sin_port != 0)
            return e; /* the port's place is the same in both families (ip(7), ipv6(7)) */
    return NULL;
}

static void judge_printed_port(struct check *c, struct program *p, unsigned port)
{
    const struct event *ask = NULL;
    for (const struct event *e = NULL; (e = judge_call(c->timeline, e, p->actor, CALL_NAME));)
        if (strcmp(e->call, "getsockname") == 0 &&
            (e->fd_kind == FD_SOCKET || e->fd_kind == FD_LISTENER))
            ask = e;
    long printed = printed_port(p);
    struct failure failure = {.verdict = VERDICT_MISMATCH,
                              .event = {ask, listener_last_listen(c, p)}};
    failure.expected = check_text(c, _("a line with port %u"), port);
    failure.actual =
        printed < 0 ? _("no line with a port") : check_text(c, _("a line with port %ld"), printed);
    if (printed == (long)port)
        return;
    if (printed < 0)
        check_fail(c, &failure, _("The kernel chose port %u, and %s does not say so."), port,
                   p->name);
    if (printed == (long)ntohs((uint16_t)port))
        check_fail(c, &failure,
                   _("The kernel chose port %u; %s prints the same two bytes the other way round."),
                   port, p->name);
    if (ask)
        check_fail(c, &failure, _("The kernel chose port %u; %s prints another one."), port,
                   p->name);
    check_fail(c, &failure,
               _("The kernel chose port %u; %s prints another one, and never asked for it."), port,
               p->name);
}

/** With port 0; returns when it listens. */
static struct program *start_anywhere(struct check *c)
{
    struct program *p = listener_start(c, 0, check_text(c, "%d", BACKLOG));
    p->awaited = true;
    check_rest(c);
    struct failure failure = {.verdict = VERDICT_NEVER_LISTENED, .waits = true};
    if (p->ended) {
        int status = program_await_end(p);
        failure.verdict = VERDICT_EXITED;
        failure.expected = _("it listens, and waits until its standard input ends");
        failure.actual = check_text(c, _("it ended with status %d"), status);
        check_fail(c, &failure,
                   _("`listener 0 %d` asks for a port of the kernel's choice, and %s does not open "
                     "a door."),
                   BACKLOG, p->name);
    }
    if (!listener_last_listen(c, p))
        check_fail(c, &failure, _("`listener 0 %d` never called listen with success."), BACKLOG);
    return p;
}

void listener_run_port_zero(struct check *c)
{
    enum { STARTS = 4 };
    struct program *p = NULL;
    unsigned port = 0;
    /* Its two bytes must differ, or one could not tell whether they are in the right order. Those that were
     * started before keep their ports, so the kernel chooses others. */
    for (int i = 0; i < STARTS && port >> 8 == (port & 0xff); i++) {
        p = start_anywhere(c);
        port = listener_kernel_port(c, p);
        if (port == 0)
            check_trouble(c, _("the kernel does not say where %s listens"), p->name);
    }
    const struct event *listen = listener_last_listen(c, p);
    struct failure failure = {.verdict = VERDICT_MISMATCH,
                              .event = {find_own_choice(c, p, listen->sock)}};
    if (failure.event[0])
        check_fail(
            c, &failure,
            _("%s chooses a port by itself, where the kernel should: any port may be taken."),
            p->name);
    program_end_input(p); /* a line that is late is told by `handshake` */
    check_rest(c);
    judge_printed_port(c, p, port);
}

/* --- waits, door-closes -------------------------------------------------------------------------------- */

/** One thing that is written to stdin. */
struct scrap {
    const char *bytes;
    size_t size;
    const char *when;
};

static const struct scrap scraps[] = {
    {"\n", 1, N_("An empty line came on standard input")},
    {"\xff", 1, N_("A byte of value 255 came on standard input")},
    {"", 1, N_("A byte of value 0 came on standard input")},
};

/** Whether it waits with a time-out. */
static bool has_timed_out(const struct check *c, const struct program *p)
{
    for (const struct event *e = NULL; (e = judge_call(c->timeline, e, p->actor, CALL_WAIT));)
        if (e->done && e->result == 0)
            return true;
    return false;
}

void listener_run_waits(struct check *c)
{
    enum { MANY = 100 * 1024 }; /* more than a pipe holds */
    const char *backlog = check_text(c, "%d", BACKLOG);
    struct program *p = listener_start(c, check_port(c), backlog);
    expect_waiting(c, p, _("Nothing has come on standard input"));
    for (size_t i = 0; i < sizeof(scraps) / sizeof(scraps[0]); i++) {
        program_send(p, scraps[i].bytes, scraps[i].size);
        expect_waiting(c, p, _(scraps[i].when));
    }
    bool timed = has_timed_out(c, p);
    program_kill(p);
    check_scene(c);
    /* Who reads byte by byte waits 100,000 times: untraced, unless time-outs must be brought forward. */
    struct start start = {.name = "listener",
                          .argument = {check_text(c, "%u", check_port(c)), backlog},
                          .input = INPUT_PIPE,
                          .trace = timed ? TRACE_CONTROL : TRACE_CONTROL & ~CALL_WAIT};
    p = program_start(c, &start);
    expect_waiting(c, p, _("Nothing has come on standard input"));
    program_send_pattern(p, c->seed, MANY);
    expect_waiting(c, p, check_text(c, _("%d bytes came on standard input"), MANY));
}

/**
 * "At once", without a clock: sleeps are skipped, and seen. A program that sleeps before the end of stdin cannot notice
 * it; one that waits for something else after it is late. A wait for stdin with a time-out is neither.
 */
static void judge_sleeps(struct check *c, struct program *p, const struct event *listen)
{
    enum { MS = 1000000, SHORTEST = 10 * MS };
    const struct event *end = NULL;
    for (const struct event *e = NULL;
         (e = timeline_find(c->timeline, e, EVENT_PEER, p->actor, NULL));)
        end = e; /* the last thing that was done to it */
    for (const struct event *e = listen;
         (e = judge_call(c->timeline, e, p->actor, CALL_SLEEP | CALL_WAIT));) {
        bool late = end && e->seq > end->seq;
        if (!e->done || e->result != 0 || e->value < SHORTEST || (!late && !is_sleep(e)))
            continue;
        struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {e}};
        double length = (double)e->value / (1000.0 * MS);
        if (late)
            check_fail(c, &failure,
                       _("Standard input has ended, and %s waits %g s more: so long the door stays "
                         "open, and "
                         "clients come in whom nobody will serve."),
                       p->name, length);
        check_fail(
            c, &failure,
            _("%s sleeps for %g s, in which it does not notice that its standard input ends."),
            p->name, length);
    }
}

void listener_run_door_closes(struct check *c)
{
    unsigned port = check_port(c);
    struct program *p = listener_open(c, port);
    expect_waiting(c, p, _("Nothing has come on standard input"));
    int status = listener_await_end(c, p);
    if (status != 0) {
        struct failure failure = {.verdict = VERDICT_EXITED, .event = {last_read_of_stdin(c, p)}};
        failure.expected = check_text(c, _("status %d"), 0);
        failure.actual = check_text(c, _("status %d"), status);
        check_fail(c, &failure,
                   _("Standard input has ended, which is no failure; %s ended with status %d."),
                   p->name, status);
    }
    judge_sleeps(c, p, listener_last_listen(c, p));
    check_rest(c); /* children of its may need another moment */
    client_expect_refused(c, port);
}
