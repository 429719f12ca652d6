/**
 * @file 10_pidfile.c
 * Lab 10, a daemon at work: its PIDFILE and the lock on it, what it tells the system log, the signals that it is sent.
 */
#include "labs/10_daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* --- pidfile, one-instance -------------------------------------------------------------------------------- */

static const char *quote(const struct buf *bytes)
{
    struct buf b = {0};
    buf_quote(&b, buf_text(bytes), bytes->length, 60);
    return buf_take(&b);
}

/** The file names the daemon and nobody else. @p more ends a sentence about the case, or is "". */
static void judge_file(struct check *c, const struct program *p, const char *more)
{
    struct buf b = {0};
    struct failure failure = {.verdict = VERDICT_MISMATCH};
    char want[32];
    snprintf(want, sizeof(want), "%d\n", process_own_number(p->daemon));
    failure.expected = check_text(c, _("\"%.*s\\n\", the daemon's process id"), (int)strlen(want) - 1, want);
    int error = check_read_file(c, LAB10_PIDFILE, &b);
    if (error < 0) {
        failure.actual = _("no such file");
        check_fail(c, &failure, _("The daemon runs, but there is no %s where the command was started%s."), LAB10_PIDFILE, more);
    }
    failure.actual = quote(&b);
    if (b.length != strlen(want) || memcmp(b.data, want, b.length) != 0)
        check_fail(c, &failure, _("The PIDFILE does not hold the process id of the daemon and a newline%s."), more);
    if (check_locks(c, LAB10_PIDFILE) != 0)
        return;
    failure.expected = _("a lock on the PIDFILE, by flock, fcntl or lockf");
    failure.actual = _("no lock");
    check_fail(c, &failure, _("Nobody holds a lock on the PIDFILE while the daemon runs: whether it lives cannot be told."));
}

void lab10_pidfile(struct check *c)
{
    struct program *p = lab10_start(c, check_port(c));
    judge_file(c, p, "");
    program_kill(p);
    /* What a daemon that was killed leaves: its file, without its lock. */
    check_scene(c);
    check_write_file(c, LAB10_PIDFILE, "4194301\nand more of an old file\n");
    struct start start = lab10_command(c, check_port(c));
    start.argument[1] = "/lab/work/" LAB10_PIDFILE;
    judge_file(c, daemon_start(c, &start), _(" (an old and longer PIDFILE was there before, which nobody had locked)"));
}

void lab10_one_instance(struct check *c)
{
    unsigned port = check_port(c);
    struct program *first = lab10_start(c, port);
    struct buf before = {0}, after = {0};
    check_read_file(c, LAB10_PIDFILE, &before);
    struct start again = lab10_command(c, check_port(c));
    again.label = _("the second daemon_server");
    struct program *second = program_start(c, &again);
    second->awaited = true;
    check_rest(c);
    lab10_expect_refused(c, second, _("The PIDFILE belongs to a daemon that runs"));
    int error = check_read_file(c, LAB10_PIDFILE, &after);
    struct failure failure = {.verdict = VERDICT_MISMATCH, .expected = quote(&before),
                              .actual = error < 0 ? _("no file") : quote(&after)};
    if (error < 0 || after.length != before.length || memcmp(buf_text(&before), buf_text(&after), after.length) != 0)
        check_fail(c, &failure, _("The second one was refused, but the PIDFILE does not name the first one any more."));
    program_expect_alive(first);
    lab10_visit(c, first, port);
}

/* --- syslog ---------------------------------------------------------------------------------------------------- */

/** The word stands in the text by itself. */
static bool has_word(const char *text, const char *word)
{
    static const char inside[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
    for (const char *at = text; (at = strstr(at, word)); at++) {
        char after = at[strlen(word)];
        if ((at == text || !strchr(inside, at[-1])) && (after == '\0' || !strchr(inside, after)))
            return true;
    }
    return false;
}

/** The first message with this word from entry @p from on; NULL if there is none. */
static const struct journal_entry *find_word(const struct check *c, size_t from, const char *word)
{
    const struct journal *j = c->journal;
    for (size_t i = from; i < j->entries; i++)
        if (has_word(j->entry[i].message + j->entry[i].text, word))
            return &j->entry[i];
    return NULL;
}

static void judge_entry(struct check *c, pid_t own, size_t from, const char *word)
{
    enum { FACILITY_DAEMON = 3 };
    const struct journal_entry *e = find_word(c, from, word);
    struct failure failure = {.verdict = VERDICT_MISMATCH, .expected = check_text(c, "daemon_server[%d]: %s", own, word)};
    if (!e) {
        failure.actual = c->journal->entries > from ? _("other messages, see the steps") : _("no message");
        check_fail(c, &failure, _("No message with the word `%s` has come to the system log."), word);
    }
    struct buf words = {0};
    buf_quote(&words, e->message + e->words, strlen(e->message + e->words), 80);
    failure.actual = buf_text(&words);
    if (strcmp(e->name, "daemon_server") != 0)
        check_fail(c, &failure, _("The message `%s` does not come under the name daemon_server."), word);
    if (e->pid == 0)
        check_fail(c, &failure, _("The message `%s` comes without a process id: who reads the log cannot tell whose it is."), word);
    if (e->pid != own)
        check_fail(c, &failure, _("The message `%s` comes with another process id than that of the daemon."), word);
    if (e->facility == FACILITY_DAEMON)
        return;
    failure.expected = _("facility 3, daemon");
    failure.actual = check_text(c, _("facility %d"), e->facility);
    check_fail(c, &failure, _("The message `%s` comes under another facility than daemon."), word);
}

void lab10_syslog(struct check *c)
{
    if (c->sandbox->level != SANDBOX_LEVEL_FULL)
        check_skip(c, _("/dev/log is this machine's own here; the check needs a sandbox with a root of its own."));
    struct program *p = lab10_start(c, check_port(c));
    pid_t own = process_own_number(p->daemon);
    judge_entry(c, own, 0, "started");
    size_t seen = c->journal->entries;
    p->awaited = true;
    program_signal(p, SIGTERM);
    check_rest(c);
    judge_entry(c, own, seen, "stopped");
}

/* --- term, hup --------------------------------------------------------------------------------------------------- */

static void stop(struct check *c, struct program *p, unsigned port)
{
    program_signal(p, SIGTERM);
    daemon_await_gone(p, _("after SIGTERM the daemon and all its processes should be gone"));
    if (WIFSIGNALED(p->status) && WTERMSIG(p->status) != SIGTERM)
        program_await_end(p); /* which fails: it has crashed */
    struct buf b = {0};
    struct failure failure = {.verdict = VERDICT_MISMATCH, .expected = _("no PIDFILE"), .actual = LAB10_PIDFILE};
    if (check_read_file(c, LAB10_PIDFILE, &b) != -ENOENT)
        check_fail(c, &failure, WIFSIGNALED(p->status)
                                    ? _("SIGTERM has killed the daemon, as it does who makes no arrangement, and its PIDFILE is still there.")
                                    : _("The daemon has ended, and its PIDFILE is still there."));
    client_expect_refused(c, port);
}

void lab10_term(struct check *c)
{
    unsigned port = check_port(c);
    stop(c, lab10_start(c, port), port);
    check_scene(c);
    port = check_port(c);
    struct program *p = lab10_start(c, port);
    struct peer *first = lab10_client(c, port), *second = lab10_client(c, port);
    check_settle(c);
    stop(c, p, port);
    peer_close(first);
    peer_close(second);
}

void lab10_hup(struct check *c)
{
    unsigned port = check_port(c);
    struct program *p = lab10_start(c, port);
    program_signal(p, SIGHUP);
    check_settle(c);
    struct peer *client = lab10_client(c, port);
    check_settle(c);
    program_signal(p, SIGHUP);
    check_settle(c);
    lab10_talk(c, client);
    peer_close(client);
    lab10_visit(c, p, port);
    program_expect_alive(p);
}
