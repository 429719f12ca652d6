/**
 * @file 10_background.c
 * Lab 10, becoming a daemon: when the command returns, what the daemon has left behind, and what of a failure is seen.
 */
#include "labs/10_daemon.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- returns -------------------------------------------------------------------------------------------- */

/** The first call of this name, for its line. */
static const struct event *find_call(const struct check *c, const struct program *p, const char *name)
{
    return timeline_find(c->timeline, NULL, EVENT_CALL, p->actor, name);
}

/** The program is kept before its listen: whoever may not wait for it has ended by the time all is at rest. */
static struct program *start_slowly(struct check *c, unsigned port)
{
    struct fault *hold = check_fault(c, (struct fault){.actor = -1, .group = CALL_LISTEN, .fd_kinds = TCP_FD, .count = 1,
                                                       .what = FAULT_HOLD});
    struct start start = lab10_command(c, port);
    struct program *p = program_start(c, &start);
    p->awaited = true;
    check_await_held(c, hold);
    check_rest(c);
    if (hold->held && p->ended && WIFEXITED(p->status) && WEXITSTATUS(p->status) == 0) {
        struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {find_call(c, p, "listen")},
                                  .expected = _("status 0 when the daemon serves, not before"),
                                  .actual = _("status 0 before listen")};
        check_fail(c, &failure, _("The command has ended with status 0 while its daemon was still about to call listen: "
                                  "whoever believes it and connects is refused."));
    }
    check_unfault(c, hold);
    return p;
}

void lab10_returns(struct check *c)
{
    unsigned port = check_port(c);
    struct program *p = start_slowly(c, port);
    int status = program_await_end(p);
    if (status != 0) {
        struct failure failure = {.verdict = VERDICT_EXITED, .expected = check_text(c, _("status %d"), 0),
                                  .actual = check_text(c, _("status %d"), status)};
        check_fail(c, &failure, _("The command should end with status 0 when its daemon serves. It ended with status %d."),
                   status);
    }
    struct peer *client = client_dial(c, port); /* at this very moment, and once */
    lab10_talk(c, client);
    peer_close(client);
}

/* --- detached ------------------------------------------------------------------------------------------------ */

/** A session that was made by a process of this program has the number of that process. */
static bool made_session(const struct check *c, const struct program *p, pid_t session)
{
    for (const struct event *e = NULL; (e = timeline_find(c->timeline, e, EVENT_START, p->actor, NULL));)
        if (e->pid == session)
            return true;
    return false;
}

void lab10_detached(struct check *c)
{
    struct start start = lab10_command(c, check_port(c));
    start.trace = TRACE_ALL | CALL_SESSION;
    struct program *p = daemon_start(c, &start);
    struct process_facts facts;
    program_expect_alive(p);
    if (!process_look(p->daemon, &facts))
        check_trouble(c, _("/proc does not tell about the daemon"));
    const struct event *call = find_call(c, p, "setsid");
    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {call}};
    if (!made_session(c, p, facts.session)) {
        failure.expected = _("a session of its own");
        failure.actual = _("the session of the shell that the command was typed into");
        check_fail(c, &failure, call && call->result < 0
                                    ? _("setsid failed, and the daemon is still in the session of the shell that started it. The leader of "
                                        "a process group, as a shell makes of each command, may not make a session.")
                                    : _("The daemon is still in the session of the shell that started it: what ends that session ends "
                                        "the daemon."));
    }
    if (facts.terminal != 0) {
        failure.expected = _("no controlling terminal");
        check_fail(c, &failure, _("The daemon has a controlling terminal."));
    }
    if (facts.session == p->daemon) {
        failure.expected = _("a process that is not the leader of its session");
        failure.actual = _("the leader of its session");
        check_fail(c, &failure, _("The daemon is the leader of its session: the next terminal that it opens becomes its controlling "
                                  "terminal."));
    }
}

/* --- surroundings ----------------------------------------------------------------------------------------------- */

enum { INHERITED = 3, /* descriptors from 3 on that are open when the command starts */ TERMINALS = 136 /* first major number of /dev/pts */ };

static bool stat_descriptor(const struct program *p, int fd, struct stat *st)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/fd/%d", program_process(p), fd);
    return stat(path, st) == 0;
}

/** Without numbers that another run has others of. */
static const char *describe_file(const struct stat *st)
{
    return S_ISFIFO(st->st_mode) ? _("a pipe that the command was given") : S_ISSOCK(st->st_mode) ? _("a socket")
         : S_ISCHR(st->st_mode) ? _("the terminal, or another device") : _("a file");
}

static void judge_null(struct check *c, const struct program *p)
{
    static const char *const name[] = {"stdin", "stdout", "stderr"};
    for (int fd = 0; fd < 3; fd++) {
        struct stat st;
        bool open = stat_descriptor(p, fd, &st);
        if (open && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3))
            continue;
        struct failure failure = {.verdict = VERDICT_MISMATCH, .expected = "/dev/null",
                                  .actual = open ? describe_file(&st) : _("closed")};
        check_fail(c, &failure, open ? _("Descriptor %d of the daemon (%s) is not /dev/null.")
                                     : _("Descriptor %d of the daemon (%s) is closed. The next one that it opens, a client's perhaps, will "
                                         "get this number, and what is printed goes there."),
                   fd, name[fd]);
    }
}

/** Whether it is one of those that the command was given: a pipe of the check's, or its terminal. */
static bool is_inherited(const struct stat *st, const struct stat *given, size_t count)
{
    if (S_ISCHR(st->st_mode) && major(st->st_rdev) >= TERMINALS && major(st->st_rdev) < TERMINALS + 8)
        return true;
    for (size_t i = 0; i < count; i++)
        if (st->st_dev == given[i].st_dev && st->st_ino == given[i].st_ino)
            return true;
    return false;
}

static void judge_inherited(struct check *c, const struct program *p, int pipe)
{
    struct stat given[3], st;
    const int mine[] = {pipe, p->out, p->err};
    size_t count = 0;
    for (size_t i = 0; i < sizeof(mine) / sizeof(mine[0]); i++)
        count += mine[i] >= 0 && fstat(mine[i], &given[count]) == 0;
    const char *what;
    for (int fd = STDERR_FILENO; (fd = program_descriptor(p, fd + 1, &what)) >= 0;) {
        if (!stat_descriptor(p, fd, &st) || !is_inherited(&st, given, count))
            continue;
        struct failure failure = {.verdict = VERDICT_LEAK, .actual = describe_file(&st)};
        check_fail(c, &failure, _("The daemon still has descriptor %d, which was open when the command was started: whoever waits for "
                                  "the other end of it waits as long as the daemon lives."), fd);
    }
}

void lab10_surroundings(struct check *c)
{
    int ends[2];
    if (pipe_make(ends) < 0)
        check_trouble(c, _("no pipe can be made: %s"), strerror(errno));
    struct start start = lab10_command(c, check_port(c));
    start.trace = TRACE_ALL | CALL_SESSION;
    start.taken = INHERITED;
    start.taken_fd = ends[1];
    struct program *p = daemon_start(c, &start);
    struct process_facts facts;
    program_expect_alive(p);
    if (!process_look(p->daemon, &facts))
        check_trouble(c, _("/proc does not tell about the daemon"));
    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {find_call(c, p, "chdir")}, .expected = "/"};
    if (!facts.at_root)
        check_fail(c, &failure, _("The working directory of the daemon is not `/`: the file system that it is in cannot be unmounted, and "
                                  "a directory that it is in is removed under its feet."));
    failure = (struct failure){.verdict = VERDICT_MISMATCH, .event = {find_call(c, p, "umask")},
                               .expected = check_text(c, "%04o", 027), .actual = check_text(c, "%04o", (unsigned)facts.mask)};
    if (facts.mask >= 0 && facts.mask != 027)
        check_fail(c, &failure, _("The umask of the daemon is %04o, not %04o."), (unsigned)facts.mask, 027);
    judge_null(c, p);
    judge_inherited(c, p, ends[1]);
}

/* --- failure-seen ------------------------------------------------------------------------------------------------- */

void lab10_expect_refused(struct check *c, struct program *p, const char *why)
{
    struct failure failure = {.verdict = VERDICT_MISMATCH, .waits = true, .expected = check_text(c, _("status %d"), 1)};
    if (!p->ended) {
        failure.actual = _("it goes on");
        check_fail(c, &failure, _("%s, but the command does not end."), why);
    }
    int status = program_await_end(p);
    failure = (struct failure){.verdict = VERDICT_EXITED, .expected = check_text(c, _("status %d"), 1),
                               .actual = check_text(c, _("status %d"), status), .waits = true};
    if (status != 1)
        check_fail(c, &failure, _("%s, but the command ended with status %d."), why, status);
    if (p->errors.length == 0) {
        failure.expected = _("a line on standard error, which is the terminal of who typed the command");
        failure.actual = _("nothing");
        check_fail(c, &failure, _("%s, and nobody is told: nothing came on standard error."), why);
    }
    if (daemon_processes(p, NULL, 0) > 0) {
        failure.verdict = VERDICT_MISMATCH;
        failure.expected = _("no process");
        failure.actual = _("a process in the background");
        check_fail(c, &failure, _("%s. The command has ended with status 1, but left a process behind."), why);
    }
}

static struct program *run_in_vain(struct check *c, unsigned port)
{
    struct start start = lab10_command(c, port);
    struct program *p = program_start(c, &start);
    p->awaited = true;
    check_rest(c);
    return p;
}

static void judge_file_gone(struct check *c)
{
    struct buf b = {0};
    if (check_read_file(c, LAB10_PIDFILE, &b) == -ENOENT)
        return;
    struct failure failure = {.verdict = VERDICT_MISMATCH, .expected = _("no PIDFILE, as before"), .actual = LAB10_PIDFILE};
    check_fail(c, &failure, _("No daemon came into being, but a PIDFILE that was not there before is left behind."));
}

void lab10_failure_seen(struct check *c)
{
    unsigned taken = check_port(c), port = check_port(c);
    const char *why = check_text(c, _("Port %u belongs to another server"), taken);
    door_new(c, _("another server"), &(struct door_options){.address = "0.0.0.0", .port = taken});
    struct program *p = run_in_vain(c, taken);
    lab10_expect_refused(c, p, why);
    judge_file_gone(c);

    /* Whatever else can fail before the daemon serves: here it is fork. That it is reported is for reports-failure. */
    check_scene(c);
    struct fault *fault = check_fault(c, (struct fault){.actor = -1, .group = CALL_FORK, .fd_kinds = ANY_FD, .count = 1,
                                                        .what = FAULT_ERRNO, .value = EAGAIN});
    p = run_in_vain(c, port);
    if (p->ended && WIFEXITED(p->status) && WEXITSTATUS(p->status) != 0 && p->errors.length > 0)
        judge_file_gone(c);
    program_kill(p);
    check_unfault(c, fault);

    /* What is there before belongs to a daemon that lives: it is not to be tidied away. */
    check_scene(c);
    struct program *first = lab10_start(c, port);
    struct buf before = {0}, after = {0};
    if (check_read_file(c, LAB10_PIDFILE, &before) < 0)
        return; /* `pidfile` tells of it */
    lab10_expect_refused(c, run_in_vain(c, port), check_text(c, _("Port %u and the PIDFILE belong to a daemon that runs"), port));
    int error = check_read_file(c, LAB10_PIDFILE, &after);
    struct failure failure = {.verdict = VERDICT_MISMATCH, .expected = _("the PIDFILE of the daemon that runs, as it was")};
    failure.actual = error < 0 ? _("no file") : _("another content");
    if (error < 0 || strcmp(buf_text(&before), buf_text(&after)) != 0)
        check_fail(c, &failure, _("A second command that could not start has spoilt the PIDFILE of the daemon that runs."));
    program_expect_alive(first);
}
