/**
 * @file warden.c
 * Without a pid namespace nothing ends by itself: the warden, a process between the grader and the
 * room, sees to it.
 *
 * It is the subreaper of all that runs in the room (prctl(2)): a program that was orphaned becomes
 * its child and can be found. When the room has ended, or the grader is gone, it kills what is left
 * and removes the base directory; it has made it too, so that there is no moment at which a grader
 * that is killed leaves one behind. As root it stays root, out of reach of
 * the programs' user; as a user, a program can kill it and outlive the grading.
 */
#include "sandbox/internal.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the grader is told: the base, or why there is none (-errno). */
struct note {
    int error;
    char base[sizeof((struct sandbox *)0)->base];
};

/* Whether programs of another user can reach what is below a directory. */
static bool is_reachable(const char *directory)
{
    char path[PATH_MAX];
    struct stat st;

    if (!realpath(directory, path))
        return false;
    for (;;) {
        if (stat(path, &st) != 0 || !(st.st_mode & S_IXOTH))
            return false;
        char *slash = strrchr(path, '/');
        if (!slash || slash == path)
            return true;
        *slash = '\0';
    }
}

/* A directory of the host's. */
static int make_base(struct sandbox *sandbox)
{
    const char *parent = getenv("TMPDIR");
    char path[sizeof sandbox->base];

    if (!parent || parent[0] != '/' || !is_reachable(parent) ||
        snprintf(path, sizeof path, "%s/socklab-XXXXXX", parent) >= (int)sizeof path)
        snprintf(path, sizeof path, "/tmp/socklab-XXXXXX");
    if (!mkdtemp(path))
        return -errno;
    memcpy(sandbox->base, path, sizeof path);
    /* mkdtemp(3) keeps everybody else out, the programs' user too. */
    if (sandbox->drop && chmod(path, 0711) != 0)
        return -errno;
    return 0;
}

/* Sends SIGKILL to every child; false if there is none, or none can be found. */
static bool kill_children(void)
{
    char path[64];
    struct buf list = {.limit = 1 << 20};
    bool any = false;

    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    if (file_read(path, &list) == 0) {
        char *at = list.data, *end;
        for (long pid; at && (pid = strtol(at, &end, 10)) > 0; at = end)
            any |= kill((pid_t)pid, SIGKILL) == 0;
    }
    buf_free(&list);
    return any;
}

/* Ends everything below: what a killed process leaves is a child in the next round. */
static void kill_descendants(void)
{
    while (kill_children() && (waitpid(-1, NULL, 0) > 0 || errno == EINTR)) {
        while (waitpid(-1, NULL, WNOHANG) > 0)
            continue;
    }
}

/* Waits for the room's end (its wait status) or the grader's (false). */
static bool await_room(pid_t room, const sigset_t *signals, int *status)
{
    for (;;) {
        for (pid_t ended; (ended = waitpid(-1, status, WNOHANG)) > 0;) {
            if (ended == room)
                return true;
        }
        if (sigwaitinfo(signals, NULL) == SIGTERM)
            return false;
    }
}

static void watch(const struct sandbox *sandbox, pid_t room, const sigset_t *signals)
    __attribute__((noreturn));
static void watch(const struct sandbox *sandbox, pid_t room, const sigset_t *signals)
{
    int status = 0;

    /* The room's pipes must end with the room. */
    closefrom(STDERR_FILENO + 1);
    bool ended = await_room(room, signals, &status);
    kill_descendants();
    /* Also when the room has ended: it may have done so because its grader is gone, before the
     * grader's end is told here. What a program is still writing to is left: the host cleans /tmp. */
    (void)tree_remove(sandbox->base);
    if (!ended)
        _exit(STATUS_TROUBLE);
    _exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

/* Gets @p signal when the process of this pidfd ends; false if it already has. */
static bool follow(int parent, int signal_number)
{
    struct pollfd gone = {.fd = parent, .events = POLLIN};

    return prctl(PR_SET_PDEATHSIG, signal_number) == 0 && poll(&gone, 1, 0) == 0;
}

/* Makes the base and tells the grader. Does not come back without one. */
static void make_and_tell(struct sandbox *sandbox, int named)
{
    struct note note = {.error = make_base(sandbox)};

    memcpy(note.base, sandbox->base, sizeof note.base);
    if (fd_write_all(named, &note, sizeof note) == 0 && note.error == 0)
        return;
    /* Nobody is left to use it, or it is not as it should be. */
    if (sandbox->base[0])
        (void)tree_remove(sandbox->base);
    _exit(STATUS_TROUBLE);
}

int warden_await_base(struct sandbox *sandbox, int named)
{
    struct buf bytes = {0};
    struct note note;
    int error = fd_read_all(named, &bytes);

    if (!error && bytes.length != sizeof note)
        error = -ECHILD;
    if (!error) {
        memcpy(&note, bytes.data, sizeof note);
        error = note.error;
    }
    if (!error) {
        memcpy(sandbox->base, note.base, sizeof note.base);
        sandbox->own_base = true;
    }
    buf_free(&bytes);
    return error;
}

int warden_start(struct sandbox *sandbox, int grader, int named)
{
    sigset_t all, awaited, before;
    int self = (int)syscall(SYS_pidfd_open, getpid(), 0);
    pid_t room;

    if (self < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
        return -errno;
    /* Blocked before they can come; a ^C at the terminal is for the grader to answer. */
    sigfillset(&all);
    sigemptyset(&awaited);
    sigaddset(&awaited, SIGCHLD);
    sigaddset(&awaited, SIGTERM);
    sigprocmask(SIG_SETMASK, &all, &before);
    /* An ignored SIGCHLD would reap the room unseen. */
    signal(SIGCHLD, SIG_DFL);
    /* A grader that is gone without a folder: from here on its end is told, however early. */
    if (!follow(grader, SIGTERM))
        _exit(STATUS_TROUBLE);
    make_and_tell(sandbox, named);
    close(named);
    room = fork();
    if (room < 0) {
        int error = -errno;
        (void)tree_remove(sandbox->base);
        return error;
    }
    if (room > 0)
        watch(sandbox, room, &awaited);

    if (!follow(self, SIGKILL))
        _exit(STATUS_TROUBLE);
    close(self);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return 0;
}
