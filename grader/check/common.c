/**
 * @file common.c
 * The checks that every lab has, given what is a lab's own: its programs, arguments, conversation.
 */
#include "check/internal.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- usage ----------------------------------------------------------------------------------------------- */

/** A socket that the program made for itself, not one of getaddrinfo's, which are for datagrams. */
static const struct event *find_own_socket(const struct check *c, const struct program *p)
{
    char function[FUNCTION_MAX];
    for (const struct event *e = NULL; (e = judge_call(c->timeline, e, p->actor, CALL_SOCKET));) {
        int type = (int)e->arg[1] & 0xf;
        if (e->arg[0] != AF_INET && e->arg[0] != AF_INET6)
            continue;
        if (type == SOCK_STREAM || (tracer_function(c->tracer, e, function) && strcmp(function, "socket") == 0))
            return e;
    }
    return NULL;
}

static void judge_usage(struct check *c, struct program *p, const char *line)
{
    p->awaited = true;
    /* A program that takes the arguments goes on: its socket says so before it waits for ever. */
    check_settle(c);
    const struct event *socket = find_own_socket(c, p);
    int status = p->ended ? program_await_end(p) : -1;
    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {socket}, .waits = !p->ended};
    if (!p->ended)
        check_fail(c, &failure, _("`%s` is wrong usage, but it goes on instead of ending with status 2."), line);
    if (status != 2) {
        failure.verdict = VERDICT_EXITED;
        failure.expected = check_text(c, _("status %d"), 2);
        failure.actual = check_text(c, _("status %d"), status);
        check_fail(c, &failure, _("`%s` is wrong usage, but it ended with status %d."), line, status);
    }
    if (socket)
        check_fail(c, &failure, _("`%s` is wrong usage, but it opened a socket before it said so."), line);
    if (p->output.length > 0)
        check_fail(c, &failure, _("`%s` wrote to standard output; the usage line belongs on standard error."), line);
    if (p->errors.length == 0)
        check_fail(c, &failure, _("`%s` ended with status 2 but without a usage line on standard error."), line);
}

void common_usage(struct check *c, const char *program, const struct usage_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        check_scene(c);
        struct start start = {.name = program};
        size_t n = 0;
        for (; cases[i].argument[n]; n++)
            start.argument[n] = cases[i].argument[n];
        struct buf line = {0};
        command_line(&line, program, start.argument);
        judge_usage(c, program_start(c, &start), buf_text(&line));
        buf_free(&line);
    }
}

/** strerror(3) as a student's program says it: their locale is C, whatever the grader's is. */
static const char *error_text(int error)
{
    const char *text = strerrordesc_np(error);
    return text ? text : strerror(error);
}

/* --- reports-failure --------------------------------------------------------------------------------------- */

static const char *group_name(uint32_t group)
{
    switch (group) {
    case CALL_SOCKET: return "socket";
    case CALL_BIND: return "bind";
    case CALL_LISTEN: return "listen";
    case CALL_ACCEPT: return "accept";
    case CALL_CONNECT: return "connect";
    case CALL_READ: return "read";
    case CALL_WRITE: return "write";
    case CALL_CLOSE: return "close";
    case CALL_SHUTDOWN: return "shutdown";
    case CALL_OPTION: return "setsockopt";
    case CALL_NAME: return "getsockname or getsockopt";
    case CALL_FORK: return "fork";
    default: return "call";
    }
}

/** The call that the grader made fail, for its source line. */
static const struct event *find_injected(const struct check *c, const struct program *p, uint32_t group)
{
    for (const struct event *e = NULL; (e = judge_call(c->timeline, e, p->actor, group));)
        if (e->injected)
            return e;
    return NULL;
}

static void judge_failure(struct check *c, struct program *p, const struct failure_case *f, const struct fault *fault)
{
    const char *call = f->call ? f->call : group_name(f->group);
    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {find_injected(c, p, f->group)}};
    if (fault->made == 0) {
        failure.waits = true;
        check_fail(c, &failure, _("%s never made the call %s, so its failure could not be shown."), p->name, call);
    }
    if (!p->ended) {
        failure.waits = true;
        failure.expected = check_text(c, _("status 1 and a line like \"%s: %s\""), call, error_text(f->error));
        failure.actual = _("the program goes on");
        check_fail(c, &failure, _("%s failed with %s, but %s went on as if nothing had happened."), call,
                   errno_name(f->error), p->name);
    }
    int status = program_await_end(p);
    failure.verdict = VERDICT_EXITED;
    if (status != 1) {
        failure.expected = check_text(c, _("status %d"), 1);
        failure.actual = check_text(c, _("status %d"), status);
        check_fail(c, &failure, _("%s failed with %s; the program ended with status %d."), call,
                   errno_name(f->error), status);
    }
    if (program_says(p, error_text(f->error)))
        return;
    failure.verdict = VERDICT_MISMATCH;
    struct buf said = {0};
    buf_quote(&said, buf_text(&p->errors), p->errors.length, 160);
    failure.expected = check_text(c, _("a line on standard error like \"%s: %s\""), call, error_text(f->error));
    failure.actual = p->errors.length ? buf_text(&said) : _("nothing on standard error");
    check_fail(c, &failure, _("%s failed with %s, and the error message does not say so."), call,
               errno_name(f->error));
}

/** A program, and the fault that it meets again and again. */
struct endurance {
    const struct program *program;
    const struct fault *fault;
};

/** No program has a reason to make a call so often that always fails. */
static bool has_ended_or_endures(struct check *c, void *argument)
{
    enum { FAILURES = 100 };
    const struct endurance *e = argument;
    (void)c;
    return e->program->ended || e->fault->made > FAILURES;
}

void common_reports_failure(struct check *c, const struct start *how, bool port_last, const struct failure_case *cases,
                            size_t count, void (*play)(struct check *c, struct program *p, unsigned port))
{
    for (size_t i = 0; i < count; i++) {
        check_scene(c);
        struct start start = *how;
        unsigned port = check_port(c);
        size_t n = 0;
        while (start.argument[n])
            n++;
        if (port_last)
            start.argument[n] = check_text(c, "%u", port);
        struct fault *fault = check_fault(c, (struct fault){
            .actor = -1, .group = cases[i].group, .call = cases[i].call,
            .fd_kinds = cases[i].fd_kinds ? cases[i].fd_kinds : TCP_FD,
            .first = cases[i].occurrence, .count = cases[i].count, .what = FAULT_ERRNO, .value = cases[i].error});
        struct program *p = program_start(c, &start);
        p->awaited = true;
        if (play)
            play(c, p, port);
        struct endurance endurance = {p, fault};
        enum wait_end end = check_wait(c, has_ended_or_endures, &endurance);
        if (end == WAIT_DEADLINE) /* at rest, or going round and round, it is judged like one that has ended */
            failure_of_time(c, end, check_text(c, _("%s should end with status 1"), p->name));
        if (start.daemon)
            check_rest(c); /* a command that waits for nobody ends before or after the call, as it happens */
        judge_failure(c, p, &cases[i], fault);
        check_unfault(c, fault);
    }
}

void common_reports_failure_to_listen(struct check *c, const char *server)
{
    static const struct failure_case cases[] = {
        {.group = CALL_SOCKET, .error = EMFILE},
        {.group = CALL_BIND, .error = EACCES},
        {.group = CALL_LISTEN, .error = EADDRINUSE},
    };
    common_reports_failure(c, &(struct start){.name = server}, true, cases, sizeof(cases) / sizeof(cases[0]), NULL);
}

/* --- in-use --------------------------------------------------------------------------------------------------- */

/** @p how with the port before its other arguments. */
static struct start put_port_first(struct check *c, const struct start *how, unsigned port)
{
    struct start start = *how;
    start.argument[0] = check_text(c, "%u", port);
    for (size_t i = 0; how->argument[i]; i++)
        start.argument[i + 1] = how->argument[i];
    return start;
}

void common_expect_taken(struct check *c, struct program *p, unsigned taken)
{
    p->awaited = true;
    check_settle(c);
    struct failure failure = {.verdict = VERDICT_MISMATCH, .waits = true,
                              .event = {judge_call(c->timeline, NULL, p->actor, CALL_BIND)}};
    failure.expected = check_text(c, _("status 1 and a line with \"%s\""), error_text(EADDRINUSE));
    if (!p->ended)
        check_fail(c, &failure, _("Port %u belongs to another server, but %s goes on."), taken, p->name);
    int status = program_await_end(p);
    if (status != 1) {
        failure.verdict = VERDICT_EXITED;
        failure.actual = check_text(c, _("status %d"), status);
        check_fail(c, &failure, _("Port %u belongs to another server; %s ended with status %d."), taken, p->name,
                   status);
    }
    if (!program_says(p, error_text(EADDRINUSE))) {
        struct buf said = {0};
        buf_quote(&said, buf_text(&p->errors), p->errors.length, 160);
        failure.actual = p->errors.length ? buf_text(&said) : _("nothing on standard error");
        check_fail(c, &failure, _("Port %u belongs to another server, and the error message does not say so."), taken);
    }
}

void common_in_use_with(struct check *c, const struct start *how)
{
    unsigned taken = check_port(c), waiting = check_port(c);
    door_new(c, _("another server"), &(struct door_options){.address = "0.0.0.0", .port = taken});
    struct start start = put_port_first(c, how, taken);
    struct program *p = program_start(c, &start);
    common_expect_taken(c, p, taken);
    int error = peer_make_time_wait(waiting);
    if (error < 0)
        check_trouble(c, _("no TIME_WAIT could be made: %s"), strerror(-error));
    struct event *note = timeline_add(c->timeline, EVENT_PEER, p->actor);
    event_text(note, _("an old connection leaves port %u in TIME_WAIT"), waiting);
    start = put_port_first(c, how, waiting);
    server_start_with(c, &start, waiting);
}

void common_in_use(struct check *c, const char *program)
{
    common_in_use_with(c, &(struct start){.name = program ? program : c->lab->build.program[0].name});
}

/* --- order --------------------------------------------------------------------------------------------------------- */

static bool is_wildcard(const struct event *bind)
{
    if (bind->addr.ss_family == AF_INET)
        return ((const struct sockaddr_in *)&bind->addr)->sin_addr.s_addr == htonl(INADDR_ANY);
    if (bind->addr.ss_family == AF_INET6)
        return IN6_IS_ADDR_UNSPECIFIED(&((const struct sockaddr_in6 *)&bind->addr)->sin6_addr);
    return false;
}

/** The call of @p group on the open socket @p sock that succeeded; the last one before @p before. */
static const struct event *find_on_socket(const struct check *c, const struct program *p, int sock, uint32_t group,
                                          const struct event *before)
{
    const struct event *found = NULL;
    for (const struct event *e = NULL; (e = judge_call(c->timeline, e, p->actor, group));)
        if (e->sock == sock && e->done && e->result >= 0 && (!before || e->seq < before->seq))
            found = e;
    return found;
}

static bool reuses_address(const struct check *c, const struct program *p, const struct event *bind)
{
    bool on = false;
    for (const struct event *e = NULL; (e = judge_call(c->timeline, e, p->actor, CALL_OPTION));)
        if (e->sock == bind->sock && e->done && e->result == 0 && e->seq < bind->seq &&
            (int)e->arg[1] == SOL_SOCKET && (int)e->arg[2] == SO_REUSEADDR)
            on = e->value != 0;
    return on;
}

/** A condition: the first connection has been let go. Its peer may know before the call has returned. */
static bool first_is_left(struct check *c, void *program)
{
    const struct program *p = program;
    for (const struct event *e = NULL; (e = judge_call(c->timeline, e, p->actor, CALL_ACCEPT));)
        if (e->new_sock)
            return judge_left(c->timeline, e->new_sock);
    return true;
}

void common_order_server(struct check *c, struct program *p, unsigned port)
{
    enum { BACKLOG = 5 };
    check_wait(c, first_is_left, p);
    const struct event *listen = timeline_find(c->timeline, NULL, EVENT_CALL, p->actor, "listen");
    while (listen && (!listen->done || listen->result != 0))
        listen = timeline_find(c->timeline, listen, EVENT_CALL, p->actor, "listen");
    if (!listen)
        check_fail(c, &(struct failure){.verdict = VERDICT_MISMATCH}, _("%s never called listen."), p->name);
    const struct event *bind = find_on_socket(c, p, listen->sock, CALL_BIND, listen);
    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {listen}};
    if (!bind)
        check_fail(c, &failure, _("%s called listen on a socket that it had not bound to port %u."), p->name, port);
    failure.event[0] = bind;
    if (!is_wildcard(bind))
        check_fail(c, &failure, _("The server must be bound to the wildcard address, so that clients reach it on "
                                  "every address of the machine."));
    if (!reuses_address(c, p, bind))
        check_fail(c, &failure, _("SO_REUSEADDR was not switched on for this socket before bind."));
    if ((int)listen->arg[1] < BACKLOG) {
        failure.event[0] = listen;
        failure.expected = check_text(c, _("a backlog of at least %d"), BACKLOG);
        failure.actual = check_text(c, _("a backlog of %d"), (int)listen->arg[1]);
        check_fail(c, &failure, _("The backlog handed to listen is too small."));
    }
    /* Up to the first client: what the loop does with the descriptors afterwards shows with the next one. */
    const struct event *accept = NULL;
    for (const struct event *e = NULL; !accept && (e = judge_call(c->timeline, e, p->actor, CALL_ACCEPT));) {
        accept = e->new_sock ? e : NULL;
        failure = (struct failure){.verdict = VERDICT_MISMATCH, .event = {e, listen}};
        if (e->fd_kind != FD_LISTENER)
            check_fail(c, &failure, _("accept was called on a descriptor that is not the listening socket."));
        if (e->new_sock && !judge_left(c->timeline, e->new_sock))
            check_fail(c, &failure, _("The connection that this accept returned is never closed."));
    }
}

/* --- short-io, interrupted --------------------------------------------------------------------------------------------- */

void common_short_io(struct check *c, int bytes)
{
    check_fault(c, (struct fault){.actor = -1, .group = CALL_WRITE, .fd_kinds = STREAM_FD, .what = FAULT_SHORT,
                                  .value = bytes});
    check_fault(c, (struct fault){.actor = -1, .group = CALL_READ, .fd_kinds = STREAM_FD, .what = FAULT_SHORT,
                                  .value = 2 * bytes});
}

void common_interrupted(struct check *c)
{
    enum { ROUNDS = 60 };
    /* Every second call: a program that tries again gets on. Not close, not connect, not writes to
     * stdout and stderr: a faked EINTR there is none that could happen (LABS.md). */
    /* ... and at most ROUNDS times: some rightful orders of calls would otherwise meet it for ever. Each process for
     * itself: which of two makes its call first is chance. And only calls that may wait: one that does not is over before a
     * signal can come. */
    check_fault(c, (struct fault){.actor = -1, .group = CALL_READ | CALL_WRITE | CALL_ACCEPT, .blocking = true,
                                  .fd_kinds = STREAM_FD | 1 << FD_LISTENER, .every = 2, .count = ROUNDS,
                                  .each_process = true, .what = FAULT_ERRNO, .value = EINTR});
    check_fault(c, (struct fault){.actor = -1, .group = CALL_READ, .blocking = true, .fd_kinds = 1 << FD_STDIN,
                                  .every = 2, .count = ROUNDS, .each_process = true, .what = FAULT_ERRNO,
                                  .value = EINTR});
    check_fault(c, (struct fault){.actor = -1, .group = CALL_WAIT | CALL_CHILD, .every = 2, .count = ROUNDS,
                                  .each_process = true, .what = FAULT_ERRNO, .value = EINTR});
}

/* --- memory -------------------------------------------------------------------------------------------------------------- */

enum { SANITIZER_STATUS = 98 };

/** It ignores or blocks this signal (proc_pid_status(5)): its own arrangement, and no trouble of anybody's. */
static bool is_deaf_to(const struct program *p, int signal)
{
    static const char *const masks[] = {"\nSigIgn:", "\nSigBlk:"};
    struct buf status = {.limit = 4096};
    char path[64];
    bool deaf = false;
    snprintf(path, sizeof(path), "/proc/%d/status", (int)tracer_living_task(program_process(p)));
    if (file_read(path, &status) == 0)
        for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
            const char *line = strstr(buf_text(&status), masks[i]);
            deaf |= line && strtoull(line + strlen(masks[i]), NULL, 16) >> (signal - 1) & 1;
        }
    buf_free(&status);
    return deaf;
}

void common_judge_clean_end(struct check *c, struct program *p)
{
    program_await_end(p);
    failure_of_sanitizer(c);
    int status = WIFEXITED(p->status) ? WEXITSTATUS(p->status) : -1;
    if (status == BUILD_LEAKS_FOUND || status == SANITIZER_STATUS)
        check_fail(c, &(struct failure){.verdict = status == SANITIZER_STATUS ? VERDICT_SANITIZER : VERDICT_LEAK},
                   _("A sanitizer ended %s with status %d; its report did not reach the grader because "
                     "standard error was closed or used otherwise."),
                   p->name, status);
}

void common_expect_clean(struct check *c, struct program *p)
{
    enum wait_end rest = check_rest(c);
    failure_of_sanitizer(c);
    if (rest != WAIT_STUCK) /* it must not be asked in the middle of its work; that it spins is told elsewhere */
        return;
    if (!p->ended)
        program_signal(p, BUILD_LEAK_SIGNAL);
    p->awaited = true;
    enum wait_end end = check_wait(c, program_has_ended, p);
    if (end != WAIT_OK && is_deaf_to(p, BUILD_LEAK_SIGNAL)) {
        check_warn(c, &(struct failure){.waits = false}, _("%s ignores or blocks every signal that there is, so it could not be "
                                                         "asked for leaks. This costs no points."), p->name);
        return;
    }
    failure_of_time(c, end, check_text(c, _("%s should answer the question for leaks"), p->name));
    if (end != WAIT_OK)
        check_trouble(c, _("%s does not answer the question for leaks"), p->name);
    common_judge_clean_end(c, p);
}

void common_expect_no_report(struct check *c, struct program *p)
{
    p->awaited = true;
    check_rest(c); /* that it spins is told elsewhere */
    failure_of_sanitizer(c);
}

/* --- descriptors ------------------------------------------------------------------------------------------------------------ */

/** What the descriptor opened last is, where the calls do not show who was not closed: " The last one is /etc/hosts." */
static const char *newest_descriptor(struct check *c, const struct program *p)
{
    pid_t pid = tracer_living_task(program_process(p));
    char target[256];
    ssize_t length = -1;
    /* With leaks the numbers are used from below without gaps. */
    for (int fd = program_descriptors(p) - 1; fd > STDERR_FILENO && length < 0; fd--)
        length = readlink(check_text(c, "/proc/%d/fd/%d", (int)pid, fd), target, sizeof(target));
    if (length <= 0)
        return "";
    struct buf text = {0};
    buf_puts(&text, _(" The newest one is "));
    buf_quote(&text, target, (size_t)length, 80);
    buf_puts(&text, ".");
    return buf_take(&text);
}

void common_judge_descriptors(struct check *c, struct program *p, int before, int after, int from, int to)
{
    common_judge_closed_once(c, p);
    if (after <= before)
        return;
    struct failure failure = {.verdict = VERDICT_LEAK, .event = {judge_unclosed(c->timeline, p->actor)}};
    failure.expected = check_text(c, _("%d open descriptors"), before);
    failure.actual = check_text(c, _("%d open descriptors"), after);
    check_fail(c, &failure, _("%s had %d descriptors open after %d conversations and %d after %d: it does not close "
                              "what it opens.%s"),
               p->name, before, from, after, to, failure.event[0] ? "" : newest_descriptor(c, p));
}

void common_descriptors_running(struct check *c, struct program *p, unsigned port, conversation talk, int times)
{
    enum { FIRST = 10 };
    int before = 0;
    for (int i = 0; i < times; i++) {
        const struct event *now = check_now(c);
        talk(c, p, port);
        server_await_back(p, now);
        if (i + 1 != FIRST)
            continue;
        check_settle(c);
        common_judge_closed_once(c, p); /* while the conversation is short enough to be read */
        before = program_descriptors(p);
    }
    check_settle(c);
    common_judge_descriptors(c, p, before, program_descriptors(p), FIRST, times);
}

struct program *common_descriptors_server(struct check *c, const char *program, conversation talk, int times)
{
    unsigned port = check_port(c);
    struct start start = {.name = program ? program : c->lab->build.program[0].name,
                          .argument = {check_text(c, "%u", port)}, .trace = TRACE_CONTROL | CALL_WAIT};
    struct program *p = server_start_with(c, &start, port);
    common_descriptors_running(c, p, port, talk, times);
    return p;
}
