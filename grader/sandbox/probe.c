/**
 * @file probe.c
 * What this machine gives. The real thing is tried: a room, a run of /bin/true in it with both
 * filters' machinery, the end of both. Only what works here is believed to work later; a sandbox
 * that cannot be made later is an error, never a lower level.
 */
#include "sandbox/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const level_words[] = {
    [SANDBOX_LEVEL_FULL] = "full",
    [SANDBOX_LEVEL_PARTIAL] = "partial",
    [SANDBOX_LEVEL_OFF] = "off",
};

static void set_level(struct sandbox_support *support, enum sandbox_level level)
{
    support->level = level;
    support->word = level_words[level];
}

/* In the room: ends with 0 if a program could be run, else writes a line to trouble_fd. */
static void run_true(const struct sandbox *sandbox, int trouble_fd) __attribute__((noreturn));
static void run_true(const struct sandbox *sandbox, int trouble_fd)
{
    char *argv[] = {(char *)"/bin/true", NULL};
    char place[SANDBOX_PATH_MAX];
    struct sandbox_child child;
    struct sandbox_run run = {.argv = argv, .place = place, .fd = {-1, -1, trouble_fd}};
    int status = 0, why;
    int error = sandbox_make_place(sandbox, place);

    if (!error)
        error = sandbox_spawn(sandbox, &run, &child);
    if (!error)
        error = sandbox_go(&child);
    /* EOF: it has been executed. Else the reason why not. */
    if (!error && read(child.failed, &why, sizeof why) == (ssize_t)sizeof why)
        error = why;
    while (!error && waitpid(child.pid, &status, 0) < 0) {
        if (errno != EINTR)
            error = -errno;
    }
    if (error)
        dprintf(trouble_fd, _("a program could not be started: %s\n"), strerror(-error));
    else if (status != 0)
        dprintf(trouble_fd, _("/bin/true could not be run in the sandbox (status %d)\n"), status);
    _exit(error || status != 0 ? STATUS_TROUBLE : 0);
}

/* Tries the level that support names. True if it works, else @p words says what did not, on one
 * line. */
static bool try_level(const struct sandbox_support *support, struct buf *words)
{
    struct sandbox sandbox;
    int trouble[2], status = 0;
    pid_t room = -1;
    int error = pipe_make(trouble);

    if (error) {
        buf_printf(words, "%s", strerror(-error));
        return false;
    }
    error = sandbox_enter(support, &sandbox, &room, NULL, 0, NULL, 0, trouble[1]);
    if (room == 0)
        run_true(&sandbox, trouble[1]);
    fd_close(&trouble[1]);
    if (error) {
        buf_printf(words, _("the sandbox could not be entered: %s"), strerror(-error));
    } else {
        (void)fd_read_all(trouble[0], words);
        while (waitpid(room, &status, 0) < 0 && errno == EINTR)
            continue;
        sandbox_leave(&sandbox);
    }
    fd_close(&trouble[0]);
    for (char *newline = words->data; newline && (newline = strchr(newline, '\n'));)
        *newline = newline[1] ? ' ' : '\0';
    return !error && status == 0;
}

int sandbox_probe(enum sandbox_mode mode, struct sandbox_support *support)
{
    struct buf words = {.limit = 1000};
    int result = 0;

    memset(support, 0, sizeof *support);
    set_level(support, SANDBOX_LEVEL_FULL);
    if (mode == SANDBOX_OFF) {
        set_level(support, SANDBOX_LEVEL_OFF);
    } else if (diagnose_refused(support)) {
        set_level(support, SANDBOX_LEVEL_PARTIAL);
    } else if (!bwrap_path() || !try_level(support, &words)) {
        diagnose_kernel(support);
        if (support->missing_count == 0)
            diagnose_failure(support, buf_text(&words));
        set_level(support, SANDBOX_LEVEL_PARTIAL);
    }
    buf_clear(&words);
    protection_fill(support);
    if (mode == SANDBOX_REQUIRE && support->level != SANDBOX_LEVEL_FULL) {
        result = -EPERM;
    } else if (support->level != SANDBOX_LEVEL_FULL && !try_level(support, &words)) {
        support_add(support, xasprintf(_("not even a sandbox without namespaces works here: %s"),
                                       buf_text(&words)));
        result = -ENOTSUP;
    }
    buf_free(&words);
    return result;
}

void sandbox_support_free(struct sandbox_support *support)
{
    for (size_t i = 0; i < support->missing_count; i++)
        free(support->missing[i]);
    cgroup_forget(support);
    memset(support, 0, sizeof *support);
}
