/**
 * @file warden.c
 * Without a pid namespace nothing ends by itself: the warden, a process between the grader and the
 * room, sees to it.
 *
 * It is the subreaper of all that runs in the room (prctl(2)): a program that was orphaned becomes
 * its child and can be found. When the room has ended, or the grader is gone, it kills what is left;
 * when the grader is gone, it removes the base directory too. As root it stays root, out of reach of
 * the programs' user; as a user, a program can kill it and outlive the grading.
 */
#include "sandbox/internal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

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
    if (!ended) {
        (void)tree_remove(sandbox->base);
        _exit(STATUS_TROUBLE);
    }
    _exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

/* Gets @p signal when the process of this pidfd ends; false if it already has. */
static bool follow(int parent, int signal_number)
{
    struct pollfd gone = {.fd = parent, .events = POLLIN};

    return prctl(PR_SET_PDEATHSIG, signal_number) == 0 && poll(&gone, 1, 0) == 0;
}

int warden_start(const struct sandbox *sandbox, int grader)
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
    if (!follow(grader, SIGTERM)) {
        (void)tree_remove(sandbox->base);
        _exit(STATUS_TROUBLE);
    }
    room = fork();
    if (room < 0)
        return -errno;
    if (room > 0)
        watch(sandbox, room, &awaited);

    if (!follow(self, SIGKILL))
        _exit(STATUS_TROUBLE);
    close(self);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return 0;
}
