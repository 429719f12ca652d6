/**
 * @file run.c
 * One program in the room.
 *
 * Full: a child that is PID 1 of a pid namespace of its own waits for the handshake, then forks
 * bubblewrap, which binds the prepared root, takes every capability away, loads the filters and
 * executes the program. SIGKILL to that PID 1 ends all of it at once, whatever state bubblewrap is
 * in; a SIGKILL to bubblewrap itself, before it has tied its children to its life, would not.
 *
 *     checker
 *       `- PID 1 of the run (this file)      sandbox_child.pid
 *            `- bwrap, the monitor           execve 1
 *                 `- PID 1 of the program's pid namespace (bwrap)
 *                      `- helper/confine.c   execve 2
 *                           the program      execve 3, of the same process, or (sandbox_run.shell) of its child
 *
 * Without namespaces the child itself becomes the program, after a session of its own, another user
 * when root, and the filters.
 */
#include "sandbox/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- in the child --------------------------------------------------------------------------- */

/* Tells the caller why the program never ran. */
static void give_up(int failed, int error) __attribute__((noreturn));
static void give_up(int failed, int error)
{
    (void)fd_write_all(failed, &error, sizeof error);
    _exit(STATUS_TROUBLE);
}

/* Puts every descriptor where it belongs: `failed`, the filters, `go` after the program's own. */
static int arrange(struct launch *l)
{
    size_t count = 3 + l->run->extra_count;
    int *order = xcalloc(count + 4 + l->filter_count, sizeof *order);
    int failed = l->failed;
    int error;

    memcpy(order, l->run->fd, 3 * sizeof *order);
    if (l->run->extra_count > 0)
        memcpy(order + 3, l->run->extra_fds, l->run->extra_count * sizeof *order);
    order[count++] = l->failed;
    order[count++] = l->go;
    for (size_t i = 0; i < l->filter_count; i++)
        order[count++] = l->filter[i];
    if (l->ruleset >= 0)
        order[count++] = l->ruleset;
    if (launch_has_terminal(l->run))
        order[count++] = l->run->terminal;
    error = launch_arrange(order, count);
    free(order);
    if (error)
        give_up(failed, error);
    l->failed = launch_slot_failed(l);
    l->go = launch_slot_go(l);
    for (size_t i = 0; i < l->filter_count; i++)
        l->filter[i] = launch_slot_filter(l, i);
    /* EOF on `failed` says that execve(2) succeeded. */
    if (fcntl(l->failed, F_SETFD, FD_CLOEXEC) != 0 || fcntl(l->go, F_SETFD, FD_CLOEXEC) != 0)
        return -errno;
    return 0;
}

/* Blocks until the caller, and its tracer, are ready. */
static void await_go(const struct launch *l)
{
    char byte;
    ssize_t n;

    /* Set before the wait: a parent that died until then has closed its end, as the read tells. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        give_up(l->failed, -errno);
    do {
        n = read(l->go, &byte, 1);
    } while (n < 0 && errno == EINTR);
    if (n != 1)
        _exit(STATUS_TROUBLE);
}

static void set_up_image(const struct launch *l)
{
    /* Reference programs are ours: a hungry program takes none of them along. */
    int error = l->run->kind == SANDBOX_REFERENCE ? 0 : cgroup_join(l->sandbox, l->run->place);

    if (!error)
        error = launch_set_limits(l->sandbox, &l->run->limits);

    if (error)
        give_up(l->failed, error);
    launch_reset_signals();
    if (l->run->same_addresses && personality(ADDR_NO_RANDOMIZE) < 0)
        give_up(l->failed, -errno);
}

static int be_image(void *launch)
{
    const struct launch *l = launch;

    set_up_image(l);
    execve(l->argv[0], l->argv, l->env);
    give_up(l->failed, -errno);
}

/* As posix_spawn(3) does it: in the caller's memory, which waits until execve(2). A fork would copy its tables for nothing. */
static pid_t spawn_image(struct launch *l)
{
    static char stack[64 << 10] __attribute__((aligned(16)));

    return clone(be_image, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, l);
}

/* PID 1 of the run: its end is the end of everything in it. */
static void be_first(struct launch *l) __attribute__((noreturn));
static void be_first(struct launch *l)
{
    int status, first_status = 0;
    int error = arrange(l);

    if (error)
        give_up(l->failed, error);
    /* bubblewrap looks for its child in /proc by number: it must be this namespace's number. */
    if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) != 0)
        give_up(l->failed, -errno);
    await_go(l);
    pid_t child = spawn_image(l);
    if (child < 0)
        give_up(l->failed, -errno);
    /* A pipe that this process held too would never show its end. */
    closefrom(0);
    for (;;) {
        pid_t ended = waitpid(-1, &status, 0);
        if (ended < 0 && errno == EINTR)
            continue;
        if (ended < 0)
            break;
        if (ended == child)
            first_status = status;
        if (ended == child && !l->run->outlives)
            break;
    }
    _exit(WIFSIGNALED(first_status) ? 128 + WTERMSIG(first_status) : WEXITSTATUS(first_status));
}

/* The filters' programs, read while memory can still be had: the limit of the run counts what this process has too. */
static void read_filters(const struct launch *l, struct buf *program)
{
    for (size_t i = 0; i < l->filter_count; i++) {
        int error = fd_read_all(l->filter[i], &program[i]);
        if (error)
            give_up(l->failed, error);
        close(l->filter[i]);
    }
}

static void load_filter(const struct launch *l, const struct buf *program)
{
    struct sock_fprog filter = {
        .len = (unsigned short)(program->length / sizeof(struct sock_filter)),
        .filter = (struct sock_filter *)(void *)program->data,
    };

    /* As bubblewrap does: the filter of calls, once loaded, lets prctl(2) through and no seccomp(2). */
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
        give_up(l->failed, -errno);
}

/* Without namespaces: what the helper does in full (helper/confine.c). Returns in the child. */
static void be_shell(const struct launch *l)
{
    int terminal = launch_has_terminal(l->run) ? launch_slot_terminal(l) : -1;

    if (terminal >= 0 && ioctl(terminal, TIOCSCTTY, 0) != 0)
        give_up(l->failed, -errno);
    /* What the program leaves stays below this process, where it is found and ended. */
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t child = fork();
    if (child < 0)
        give_up(l->failed, -errno);
    if (child == 0) {
        if (setpgid(0, 0) != 0)
            give_up(l->failed, -errno);
        signal(SIGTTOU, SIG_IGN);
        if (terminal >= 0 && ioctl(terminal, TIOCSPGRP, &(pid_t){getpid()}) != 0)
            give_up(l->failed, -errno);
        signal(SIGTTOU, SIG_DFL);
        fd_close(&terminal);
        return;
    }
    closefrom(0);
    while (wait(NULL) > 0 || errno == EINTR)
        continue;
    for (;;)
        pause();
}

/* Without namespaces: the program itself. */
static void be_program(struct launch *l) __attribute__((noreturn));
static void be_program(struct launch *l)
{
    const struct sandbox *sandbox = l->sandbox;
    char directory[SANDBOX_PATH_MAX + 8];
    struct buf program[sizeof l->filter / sizeof *l->filter] = {0};
    int error = arrange(l);

    if (error)
        give_up(l->failed, error);
    /* A session of its own: no terminal to type into, a group to kill. */
    if (setsid() < 0)
        give_up(l->failed, -errno);
    if (l->run->kind == SANDBOX_COMPILER)
        snprintf(directory, sizeof directory, "%s/src", sandbox->base);
    else
        snprintf(directory, sizeof directory, "%s/work", l->run->place);
    if (chdir(directory) != 0)
        give_up(l->failed, -errno);
    /* While a descriptor can still be had. */
    int ruleset = landlock_is_here() ? landlock_make(sandbox, l->run) : -1;
    if (landlock_is_here() && ruleset < 0)
        give_up(l->failed, ruleset);
    read_filters(l, program);
    set_up_image(l);
    error = sandbox->drop ? credential_become(sandbox->host_uid, sandbox->host_gid)
                          : credential_strip();
    if (error)
        give_up(l->failed, error);
    /* The change of user has cleared the death signal, so that await_go() comes after it. */
    await_go(l);
    if (l->run->shell)
        be_shell(l);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        give_up(l->failed, -errno);
    if (ruleset >= 0) {
        error = landlock_confine(ruleset);
        if (error)
            give_up(l->failed, error);
        close(ruleset);
    }
    for (size_t i = 0; i < l->filter_count; i++)
        load_filter(l, &program[i]);
    execve(l->argv[0], l->argv, l->env);
    give_up(l->failed, -errno);
}

/* --- for the caller ------------------------------------------------------------------------- */

/* Takes the filter over. 0 or -errno. */
static int add_filter(struct launch *l, int fd)
{
    if (fd < 0)
        return fd;
    l->filter[l->filter_count++] = fd;
    return 0;
}

static int prepare(struct launch *l, bool full)
{
    const struct sandbox_run *run = l->run;
    int error = 0;

    if (!run->place || !run->argv || !run->argv[0])
        BUG("a run without a place or a program");
    if (run->trace_count > 0)
        error = add_filter(l, sandbox_filter_trace(run->trace, run->trace_count));
    if (!error)
        error = add_filter(l, sandbox_filter_calls(run->leak_check));
    /* Last: it refuses to load another. */
    if (!error)
        error = add_filter(l, sandbox_filter_arguments(run->leak_check));
    if (error)
        return error;
    if (full && !bwrap_path())
        return -ENOENT;
    if (full && landlock_is_here()) {
        l->ruleset = landlock_make(l->sandbox, run);
        if (l->ruleset < 0)
            return l->ruleset;
    }
    launch_make_words(l, full);
    return 0;
}

int sandbox_spawn(const struct sandbox *sandbox, const struct sandbox_run *run,
                  struct sandbox_child *child)
{
    bool full = sandbox->level == SANDBOX_LEVEL_FULL;
    struct launch l = {.sandbox = sandbox, .run = run, .ruleset = -1};
    int go[2] = {-1, -1}, failed[2] = {-1, -1};
    pid_t pid = -1;
    int error = prepare(&l, full);

    if (!error)
        error = pipe_make(go);
    if (!error)
        error = pipe_make(failed);
    if (!error) {
        l.go = go[0];
        l.failed = failed[1];
        pid = full ? fork_into(CLONE_NEWPID | CLONE_NEWNS) : fork();
        if (pid < 0)
            error = -errno;
    }
    if (pid == 0 && full)
        be_first(&l);
    if (pid == 0)
        be_program(&l);

    fd_close(&go[0]);
    fd_close(&failed[1]);
    for (size_t i = 0; i < l.filter_count; i++)
        fd_close(&l.filter[i]);
    fd_close(&l.ruleset);
    launch_free_words(l.argv);
    launch_free_words(l.env);
    if (error) {
        fd_close(&go[1]);
        fd_close(&failed[0]);
        return error;
    }
    *child = (struct sandbox_child){.pid = pid, .go = go[1], .failed = failed[0], .group = !full};
    return 0;
}

int sandbox_go(struct sandbox_child *child)
{
    int error = fd_write_all(child->go, "", 1);

    fd_close(&child->go);
    return error;
}

int sandbox_execs(const struct sandbox *sandbox)
{
    return sandbox->level == SANDBOX_LEVEL_FULL ? 3 : 1;
}

void sandbox_kill(const struct sandbox_child *child)
{
    /* Both: until its setsid(2) the child is in the caller's group, and a group of its own is not
     * there. */
    if (child->group)
        (void)kill(-child->pid, SIGKILL);
    (void)kill(child->pid, SIGKILL);
}
