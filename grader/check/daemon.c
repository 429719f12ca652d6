/**
 * @file daemon.c
 * A program that goes into the background: the command that was typed ends, and what it leaves is followed until
 * the check ends. Who the daemon is is seen from the processes that are there, never from a number in a file.
 */
#include "check/internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    DESCRIPTORS = 64,         /* of a program that may close them all, one call for each */
    PROCESSES = 256,          /* that are looked at */
    FILE_LIMIT = 4096,        /* bytes of a PIDFILE */
    REPORT_LIMIT = 64 * 1024, /* of a sanitizer's words */
};

/* --- starting ---------------------------------------------------------------------------------------- */

/** One for all programs of a check: they share the place. */
static struct journal *journal_of(struct check *c)
{
    if (c->journal)
        return c->journal;
    c->journal = xcalloc(1, sizeof(*c->journal));
    int error = journal_open(c->journal, c->timeline, check_text(c, "%s/log", c->place));
    if (error < 0)
        check_trouble(c, _("/dev/log cannot be played: %s"), strerror(-error));
    return c->journal;
}

void daemon_fill_run(const struct program *p, struct sandbox_run *run)
{
    run->outlives = run->shell = true;
    if (run->limits.descriptors == 0)
        run->limits.descriptors = DESCRIPTORS;
    if (p->check->sandbox->level == SANDBOX_LEVEL_FULL)
        run->log = journal_of(p->check)->path;
}

void daemon_open_terminal(struct program *p, int *in)
{
    int ends[2];
    if (*in >= 0)
        return;
    if (sandbox_terminal(&p->terminal, in) == 0)
        return;
    p->terminal = -1;
    if (pipe_make(ends) < 0)
        return;
    *in = ends[0];
    p->in = ends[1];
}

/* --- its processes -------------------------------------------------------------------------------------- */

size_t daemon_processes(const struct program *p, pid_t *pid, size_t room)
{
    static struct tracer_process all[PROCESSES];
    size_t count = tracer_processes(p->check->tracer, p->actor, all, PROCESSES), n = 0;
    for (size_t i = 0; i < count; i++) {
        if (all[i].zombie)
            continue;
        if (n < room)
            pid[n] = all[i].pid;
        n++;
    }
    return n;
}

static bool is_in(const pid_t *pid, size_t n, pid_t wanted)
{
    for (size_t i = 0; i < n; i++)
        if (pid[i] == wanted)
            return true;
    return false;
}

/** The value of a line of /proc/PID/status, in @p b; NULL if the process is gone or has no such line. */
static const char *status_line(pid_t pid, const char *name, struct buf *b)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/status", pid);
    buf_clear(b);
    b->limit = FILE_LIMIT;
    if (file_read(path, b) < 0)
        return NULL;
    const char *line = strstr(buf_text(b), name);
    return line ? line + strlen(name) : NULL;
}

static bool is_zombie(pid_t pid)
{
    struct buf b = {0};
    const char *state = status_line(pid, "\nState:\t", &b);
    bool gone = !state || *state == 'Z' || *state == 'X';
    buf_free(&b);
    return gone;
}

static pid_t parent_of(pid_t pid)
{
    struct buf b = {0};
    const char *line = status_line(pid, "\nPPid:\t", &b);
    pid_t parent = line ? (pid_t)strtol(line, NULL, 10) : 0;
    buf_free(&b);
    return parent;
}

pid_t process_own_number(pid_t pid)
{
    struct buf b = {0};
    const char *line = is_zombie(pid) ? NULL : status_line(pid, "\nNSpid:\t", &b);
    pid_t own = 0;
    while (line && *line && *line != '\n') { /* the innermost namespace's is the last one */
        char *end;
        own = (pid_t)strtol(line, &end, 10);
        line = *end == '\t' ? end + 1 : "";
    }
    buf_free(&b);
    return own;
}

bool daemon_find(struct program *p)
{
    pid_t pid[PROCESSES], found = 0;
    size_t n = daemon_processes(p, pid, PROCESSES);
    n = n < PROCESSES ? n : PROCESSES;
    for (size_t i = 0; i < n; i++)
        if (!is_in(pid, n, parent_of(pid[i])) && pid[i] > found)
            found = pid[i];
    if (found == 0)
        return false;
    p->daemon = found;
    p->ended = p->awaited = false;
    return true;
}

/** How the command ended and what it said, for a report. A sanitizer has a status and words of its own. */
static const char *said(const struct program *p)
{
    struct buf b = {0};
    if (p->sanitized)
        return NULL;
    buf_printf(&b, _("status %d"), p->ended && WIFEXITED(p->status) ? WEXITSTATUS(p->status) : 0);
    if (p->errors.length > 0) {
        buf_puts(&b, _(", and on standard error "));
        buf_quote(&b, buf_text(&p->errors), p->errors.length, 160);
    }
    return buf_take(&b);
}

/** The end of the process that lived longest beside the command: the daemon that was to be; NULL if there was none. */
static const struct event *last_end(const struct check *c, const struct program *p)
{
    pid_t first = tracer_process(c->tracer, p->actor);
    const struct event *last = NULL;
    for (const struct event *e = NULL; (e = timeline_find(c->timeline, e, EVENT_END, p->actor, NULL));)
        if (e->pid != first)
            last = e;
    return last;
}

/** The last call of a process that failed: often why it gave up. */
static const struct event *last_failure(const struct check *c, pid_t pid)
{
    struct source_line where;
    const struct event *last = NULL;
    for (const struct event *e = NULL; (e = timeline_find(c->timeline, e, EVENT_CALL, -1, NULL));)
        if (e->pid == pid && e->done && e->result < 0 && tracer_where(c->tracer, e, &where))
            last = e;
    return last;
}

static void fail_without_daemon(struct check *c, const struct program *p) __attribute__((noreturn));
static void fail_without_daemon(struct check *c, const struct program *p)
{
    failure_of_end(c, false, check_text(c, _("%s should become a daemon"), p->name));
    const struct event *end = p->sanitized ? NULL : last_end(c, p);
    struct failure failure = {.verdict = VERDICT_EXITED, .expected = _("a process that runs on in the background"),
                              .actual = said(p), .event = {last_failure(c, end ? end->pid : tracer_process(c->tracer, p->actor))}};
    if (end && WIFEXITED(end->status) && WEXITSTATUS(end->status) != 0)
        check_fail(c, &failure, _("The command has ended, and the process that it left behind has ended with status %d: there is no daemon."),
                   WEXITSTATUS(end->status));
    check_fail(c, &failure, _("The command has ended, and nothing of it runs any more: there is no daemon."));
}

struct program *daemon_start(struct check *c, const struct start *how)
{
    struct start start = *how;
    start.daemon = true;
    struct program *p = program_start(c, &start);
    p->awaited = true;
    enum wait_end end = check_rest(c);
    failure_of_sanitizer(c);
    if (end != WAIT_STUCK)
        failure_of_wait(c, end, check_text(c, _("%s should come to rest"), p->name), NULL);
    if (!daemon_find(p))
        fail_without_daemon(c, p);
    return p;
}

static bool is_gone(struct check *c, void *argument)
{
    struct program *p = argument;
    (void)c;
    return p->ended && daemon_processes(p, NULL, 0) == 0;
}

void daemon_await_gone(struct program *p, const char *what)
{
    p->awaited = true;
    check_await(p->check, is_gone, p, what);
}

/* --- what it is ---------------------------------------------------------------------------------------------- */

static bool is_same_file(const char *one, const char *other)
{
    struct stat a, b;
    return stat(one, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

bool process_look(pid_t pid, struct process_facts *facts)
{
    struct buf b = {.limit = FILE_LIMIT};
    char path[64], root[64];
    *facts = (struct process_facts){.mask = -1};
    snprintf(path, sizeof(path), "/proc/%d/stat", pid);
    const char *after = file_read(path, &b) == 0 ? strrchr(buf_text(&b), ')') : NULL; /* the name may hold anything */
    bool there = after && sscanf(after + 1, " %*c %d %*d %d %d", &facts->parent, &facts->session, &facts->terminal) == 3;
    const char *mask = there ? status_line(pid, "\nUmask:\t", &b) : NULL;
    if (mask)
        facts->mask = (int)strtol(mask, NULL, 8);
    buf_free(&b);
    snprintf(path, sizeof(path), "/proc/%d/cwd", pid);
    snprintf(root, sizeof(root), "/proc/%d/root", pid);
    facts->at_root = is_same_file(path, root);
    return there;
}

/* --- its files ------------------------------------------------------------------------------------------------- */

/** Opens what a stranger may have put there: neither a link is followed, nor does a pipe keep anybody waiting. */
static int open_file(const struct check *c, const char *file)
{
    char *path = xasprintf("%s/work/%s", c->place, file);
    struct stat st;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    int error = fd < 0 ? -errno : 0;
    free(path);
    if (error == 0 && (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)))
        error = -ENOENT; /* no file is left where a directory or a pipe is */
    if (error == 0)
        return fd;
    fd_close(&fd);
    return error;
}

int check_read_file(const struct check *c, const char *file, struct buf *b)
{
    int fd = open_file(c, file);
    if (fd < 0)
        return fd;
    if (b->limit == 0)
        b->limit = FILE_LIMIT;
    int error = fd_read_some(fd, b);
    fd_close(&fd);
    return error;
}

void check_write_file(struct check *c, const char *file, const char *text)
{
    const char *path = check_text(c, "%s/work/%s", c->place, file);
    int error = file_write(path, text, strlen(text), 0644);
    /* Without namespaces, as root, programs are somebody else. */
    if (error == 0 && c->sandbox->drop && chown(path, c->sandbox->host_uid, c->sandbox->host_gid) != 0)
        error = -errno;
    if (error < 0)
        check_trouble(c, _("%s cannot be written: %s"), file, strerror(-error));
}

int check_locks(const struct check *c, const char *file)
{
    int fd = open_file(c, file), held = 0;
    if (fd < 0)
        return fd;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        held |= LOCK_FLOCK;
    /* Asking takes no lock, so that a file open for reading is enough (fcntl(2), F_GETLK). */
    struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(fd, F_OFD_GETLK, &all) == 0 && all.l_type != F_UNLCK)
        held |= LOCK_RECORD;
    fd_close(&fd); /* and with it the lock, if it was got */
    return held;
}

/* --- sanitizers' files --------------------------------------------------------------------------------------------- */

/** Of several processes that had something to say, the one with the lowest number: the first that was made. */
static char *first_report(DIR *dir)
{
    static const char prefix[] = DAEMON_REPORTS ".";
    char *name = NULL;
    long lowest = 0;
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0)
            continue;
        long number = strtol(entry->d_name + strlen(prefix), NULL, 10);
        if (name && number >= lowest)
            continue;
        free(name);
        name = xstrdup(entry->d_name);
        lowest = number;
    }
    return name;
}

void daemon_gather_reports(struct program *p)
{
    char *path = xasprintf("%s/work", p->check->place);
    DIR *dir = opendir(path);
    char *name = dir ? first_report(dir) : NULL;
    struct buf report = {.limit = REPORT_LIMIT};
    if (name && check_read_file(p->check, name, &report) == 0)
        buf_add(&p->errors, report.data, report.length);
    buf_free(&report);
    free(name);
    free(path);
    if (dir)
        closedir(dir);
}
