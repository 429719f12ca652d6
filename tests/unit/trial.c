/**
 * @file
 * See trial.h.
 */
#include "sandbox/internal.h"
#include "trial.h"
#include "unit.h"

#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ORDINARY_UID = 54321 };

void trial_become(enum trial_user user)
{
    if (user != TRIAL_ORDINARY || geteuid() != 0)
        return;
    if (setgroups(0, NULL) != 0 || setresgid(ORDINARY_UID, ORDINARY_UID, ORDINARY_UID) != 0 ||
        setresuid(ORDINARY_UID, ORDINARY_UID, ORDINARY_UID) != 0 || prctl(PR_SET_DUMPABLE, 1) != 0)
        die(STATUS_TROUBLE, "cannot become an ordinary user: %s", strerror(errno));
}

static struct buf probe;

/* Read while still the user who may read the build folder. */
static void load_probe(void)
{
    if (probe.length == 0 && file_read(SOCKLAB_BUILD "/tracees/sandbox_probe", &probe) != 0)
        die(STATUS_TROUBLE, "no sandbox_probe");
}

int trial_spawn(const struct sandbox *sandbox, const struct sandbox_run *run, char *const *words,
                int out, struct sandbox_child *child)
{
    struct sandbox_run copy = *run;
    char place[SANDBOX_PATH_MAX];
    char *argv[24] = {NULL};
    int error = 0;

    for (size_t i = 0; i < 23 && words[i]; i++)
        argv[i] = words[i];
    if (strcmp(argv[0], "probe") == 0)
        argv[0] = run->kind == SANDBOX_REFERENCE ? (char *)"/lab/reference/sandbox_probe"
                                                 : (char *)"/lab/bin/sandbox_probe";
    if (!copy.place) {
        error = sandbox_make_place(sandbox, place);
        copy.place = place;
    }
    copy.argv = argv;
    copy.fd[0] = -1;
    copy.fd[1] = out;
    copy.fd[2] = out;
    return error ? error : sandbox_spawn(sandbox, &copy, child);
}

int trial_run(const struct sandbox *sandbox, const struct sandbox_run *run, char *const *words,
              int out)
{
    struct sandbox_child child;
    int status;
    int error = trial_spawn(sandbox, run, words, out, &child);

    if (!error)
        error = sandbox_go(&child);
    if (error) {
        dprintf(out, "spawn: %s\n", strerror(-error));
        return TRIAL_TROUBLE;
    }
    if (waitpid(child.pid, &status, 0) != child.pid)
        return TRIAL_TROUBLE;
    fd_close(&child.failed);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The room's side. */
static void play_room(const struct trial *t, const struct sandbox *sandbox, int out)
    __attribute__((noreturn));
static void play_room(const struct trial *t, const struct sandbox *sandbox, int out)
{
    if (t->act)
        _exit(t->act(sandbox, out));
    _exit(trial_run(sandbox, &t->run, (char *const *)t->words, out));
}

/* The grader's side. */
static void play_grader(const struct trial *t, int out) __attribute__((noreturn));
static void play_grader(const struct trial *t, int out)
{
    struct sandbox_support support = {.level = t->level, .word = "tested"};
    struct sandbox sandbox;
    struct sandbox_file files[12] = {
        {"bin/sandbox_probe", probe.data, probe.length, 0755},
        {"reference/sandbox_probe", probe.data, probe.length, 0755},
    };
    sigset_t usr1;
    pid_t room;
    int status;

    trial_become(t->user);
    if (t->groups)
        cgroup_find(&support);
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    if (t->end_on_usr1)
        sigprocmask(SIG_BLOCK, &usr1, NULL);
    for (size_t i = 0; i < t->file_count; i++)
        files[2 + i] = t->files[i];
    int error = sandbox_enter(&support, &sandbox, &room, files, 2 + t->file_count, &out, 1, out);
    if (error) {
        dprintf(out, "enter: %s\n", strerror(-error));
        _exit(STATUS_TROUBLE);
    }
    if (room == 0) {
        dprintf(out, "%s\n", sandbox.base);
        play_room(t, &sandbox, out);
    }
    if (t->end_on_usr1 && sigwaitinfo(&usr1, NULL) == SIGUSR1)
        sandbox_end(&sandbox, room);
    waitpid(room, &status, 0);
    sandbox_leave(&sandbox);
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

pid_t trial_start(const struct trial *t, int *out)
{
    int ends[2];

    load_probe();
    if (pipe_make(ends) != 0)
        die(STATUS_TROUBLE, "no pipe");
    fflush(NULL);
    pid_t grader = fork();
    if (grader < 0)
        die(STATUS_TROUBLE, "no child");
    if (grader == 0)
        play_grader(t, ends[1]);
    close(ends[1]);
    *out = ends[0];
    return grader;
}

int trial_play(const struct trial *t, struct buf *out)
{
    int fd, status;
    pid_t grader = trial_start(t, &fd);

    buf_clear(out);
    out->limit = 1 << 20;
    CU_ASSERT_EQUAL(fd_read_all(fd, out), 0);
    close(fd);
    CU_ASSERT_EQUAL(waitpid(grader, &status, 0), grader);
    return WIFEXITED(status) ? (signed char)WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool trial_has(enum sandbox_level level, enum trial_user user)
{
    static int known[2]; /* 1: yes, 2: no */

    if (level != SANDBOX_LEVEL_FULL)
        return true;
    if (!known[user]) {
        struct buf out = {0};
        struct trial t = {.level = level, .user = user, .words = {"/bin/true"}};
        known[user] = trial_play(&t, &out) == 0 ? 1 : 2;
        buf_free(&out);
    }
    if (known[user] == 2)
        unit_denied("no full sandbox on this machine");
    return known[user] == 1;
}

enum trial_user trial_last_user(void)
{
    return geteuid() == 0 ? TRIAL_ORDINARY : TRIAL_SELF;
}

void trial_pass(struct trial t, struct buf *out)
{
    buf_clear(out);
    if (trial_has(t.level, t.user))
        CU_ASSERT_EQUAL(trial_play(&t, out), 0);
}

bool trial_has_line(const struct buf *out, const char *line)
{
    size_t length = strlen(line);

    for (const char *at = buf_text(out); (at = strstr(at, line)); at += length) {
        if ((at == buf_text(out) || at[-1] == '\n') && (at[length] == '\n' || at[length] == '\0'))
            return true;
    }
    printf("# no line \"%s\" in: %s\n", line, buf_text(out));
    return false;
}
