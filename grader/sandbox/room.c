/**
 * @file room.c
 * The room of one submission: entered, left, and gone without a trace when the grader dies.
 *
 * One clone(2) makes all namespaces and PID 1 of the room as a direct child of the grader. The
 * grader writes the user namespace's maps from outside, since a root who gives its child another
 * uid can only do it there. From then on the room holds nothing of the host's: mounts, network and
 * processes end with PID 1, and PID 1 ends with the grader.
 */
#include "sandbox/internal.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    ROOM_NAMESPACES =
        CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS
};

pid_t fork_into(unsigned long flags)
{
    /* No wrapper of glibc's forks into namespaces without a stack of its own. The grader has one
     * thread and holds no lock of libc's here, which is what fork(3) would see to. */
    return (pid_t)syscall(SYS_clone, flags | SIGCHLD, 0L, 0L, 0L, 0L);
}

/* One line for the grader, then the end: the room's own trouble, nobody's zero. */
static void give_up(int trouble_fd, const char *what, int error) __attribute__((noreturn));
static void give_up(int trouble_fd, const char *what, int error)
{
    char *line = xasprintf(_("the sandbox could not be built: %s: %s\n"), _(what), strerror(error));

    (void)fd_write_all(trouble_fd, line, strlen(line));
    _exit(STATUS_TROUBLE);
}

/* Dies with the grader from here on. A change of uid clears the setting (prctl(2)), so this comes
 * after. */
static void follow_parent(int parent, int trouble_fd)
{
    struct pollfd gone = {.fd = parent, .events = POLLIN};

    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        give_up(trouble_fd, N_("following the grader's end"), errno);
    /* It may have died before; its number may be anybody's by now, its pidfd not. */
    if (poll(&gone, 1, 0) != 0)
        _exit(STATUS_TROUBLE);
}

/* Takes on the room's root, who is nobody on the host. */
static void take_credentials(const struct sandbox *sandbox, int mapped, int trouble_fd)
{
    char byte;

    /* Until the maps are written this process is nobody at all. No byte: the grader gave up or
     * died. */
    if (read(mapped, &byte, 1) != 1)
        _exit(STATUS_TROUBLE);
    if (sandbox->drop) {
        int error = credential_become(0, 0);
        if (error)
            give_up(trouble_fd, N_("changing to the room's user"), -error);
        /* The change has made this process undumpable: its own /proc/self would be closed to it. */
        if (prctl(PR_SET_DUMPABLE, 1) != 0)
            give_up(trouble_fd, N_("opening /proc/self"), errno);
    }
}

static void close_others(const int *keep_fds, size_t keep_count, int trouble_fd)
{
    int *keep = xcalloc(keep_count + 1, sizeof *keep);

    if (keep_count > 0)
        memcpy(keep, keep_fds, keep_count * sizeof *keep);
    keep[keep_count] = trouble_fd;
    launch_close_except(keep, keep_count + 1);
    free(keep);
}

/* Built once here, every checker inherits them. */
static void build_filters(int trouble_fd)
{
    int fds[] = {sandbox_filter_calls(false), sandbox_filter_arguments(false)};

    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++) {
        if (fds[i] < 0)
            give_up(trouble_fd, N_("building the system call filter"), -fds[i]);
        close(fds[i]);
    }
}

static void build_room(struct sandbox *sandbox, const struct sandbox_file *files, size_t file_count,
                       int trouble_fd)
{
    const char *trouble = NULL;
    bool full = sandbox->level == SANDBOX_LEVEL_FULL;

    umask(022);
    if (full)
        trouble = furniture_mount();
    if (!trouble && full)
        trouble = furniture_network();
    if (!trouble)
        trouble = furniture_directories(sandbox);
    if (!trouble)
        trouble = furniture_files(sandbox, files, file_count);
    if (!trouble && full)
        trouble = furniture_views(sandbox);
    if (trouble)
        give_up(trouble_fd, trouble, errno);
    if (!full && sandbox->host_uid == geteuid())
        sandbox->others = credential_count_processes();
    build_filters(trouble_fd);
    int error = full ? credential_reduce() : 0;
    if (error)
        give_up(trouble_fd, N_("giving up what the room does not need"), -error);
}

static void start_sandbox(const struct sandbox_support *support, struct sandbox *sandbox)
{
    memset(sandbox, 0, sizeof *sandbox);
    sandbox->level = support->level;
    memcpy(sandbox->protection, support->protection, sizeof sandbox->protection);
    credential_choose(sandbox);
    sandbox->drop = sandbox->host_uid != geteuid();
    /* Without a tmpfs the warden makes a directory: who dies with the folder's name in hand cannot
     * remove it. */
    if (support->level == SANDBOX_LEVEL_FULL)
        snprintf(sandbox->base, sizeof sandbox->base, "/tmp");
}

int sandbox_enter(const struct sandbox_support *support, struct sandbox *sandbox, pid_t *room,
                  const struct sandbox_file *files, size_t file_count, const int *keep_fds,
                  size_t keep_count, int trouble_fd)
{
    bool full = support->level == SANDBOX_LEVEL_FULL;
    int mapped[2] = {-1, -1}; /* to the room; without namespaces from the warden */
    int parent = -1;
    pid_t child = -1;
    int error = pipe_make(mapped);

    start_sandbox(support, sandbox);
    if (!error)
        error = cgroup_open(support, sandbox);
    if (!error) {
        parent = (int)syscall(SYS_pidfd_open, getpid(), 0);
        if (parent < 0)
            error = -errno;
    }
    if (!error) {
        child = full ? fork_into(ROOM_NAMESPACES) : fork();
        if (child < 0)
            error = -errno;
    }
    if (child == 0) {
        if (full) {
            fd_close(&mapped[1]);
            take_credentials(sandbox, mapped[0], trouble_fd);
            follow_parent(parent, trouble_fd);
        } else {
            error = warden_start(sandbox, parent, mapped[1]);
            if (error)
                give_up(trouble_fd, N_("setting a warden"), -error);
        }
        close_others(keep_fds, keep_count, trouble_fd);
        /* In a room of its own nobody is left to change from. */
        sandbox->drop = sandbox->drop && !full;
        build_room(sandbox, files, file_count, trouble_fd);
        *room = 0;
        return 0;
    }
    if (!error && full)
        error = credential_map(sandbox, child);
    if (!error && full)
        error = cgroup_admit(sandbox, child);
    if (!error && full)
        error = fd_write_all(mapped[1], "", 1);
    fd_close(&mapped[1]);
    if (!error && !full)
        error = warden_await_base(sandbox, mapped[0]);
    if (error && child > 0) {
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
    }
    fd_close(&parent);
    fd_close(&mapped[0]);
    if (error)
        cgroup_close(sandbox);
    else
        *room = child;
    return error;
}

void sandbox_end(const struct sandbox *sandbox, pid_t room)
{
    /* The warden has to clear up first, and SIGKILL would not let it. */
    (void)kill(room, sandbox->level == SANDBOX_LEVEL_FULL ? SIGKILL : SIGTERM);
}

void sandbox_leave(struct sandbox *sandbox)
{
    cgroup_close(sandbox);
    if (!sandbox->own_base)
        return;
    /* What a program is still writing to is left: the host cleans /tmp. */
    (void)tree_remove(sandbox->base);
    sandbox->own_base = false;
}

int sandbox_make_place(const struct sandbox *sandbox, char path[SANDBOX_PATH_MAX])
{
    static const char *const names[] = {"work", "tmp"};
    char below[SANDBOX_PATH_MAX + 8];
    int error;

    snprintf(path, SANDBOX_PATH_MAX, "%s/run/XXXXXX", sandbox->base);
    if (!mkdtemp(path))
        return -errno;
    if (sandbox->level == SANDBOX_LEVEL_FULL &&
        mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV,
              "size=" SANDBOX_PLACE_SIZE ",nr_inodes=16384,mode=755") != 0)
        goto fail;
    if (chmod(path, 0755) != 0)
        goto fail;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(below, sizeof below, "%s/%s", path, names[i]);
        if (mkdir(below, 0755) != 0)
            goto fail;
        if (sandbox->drop && chown(below, sandbox->host_uid, sandbox->host_gid) != 0)
            goto fail;
    }
    error = cgroup_make_place(sandbox, path);
    if (!error)
        return 0;
    errno = -error;
fail:
    error = -errno;
    (void)sandbox_remove_place(sandbox, path);
    return error;
}

int sandbox_remove_place(const struct sandbox *sandbox, const char *path)
{
    cgroup_remove_place(sandbox, path);
    /* Detached: a run that is still dying holds it open, its memory goes with the last of them. */
    if (sandbox->level == SANDBOX_LEVEL_FULL && umount2(path, MNT_DETACH) != 0 && errno != EINVAL)
        return -errno;
    return tree_remove(path);
}
