/**
 * @file
 * sandbox/: how rooms and runs begin and end, that nothing stays behind, and what the probe says of
 * a machine.
 */
#include "trial.h"
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- ends ----------------------------------------------------------------------------------- */

static int count_processes(void)
{
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    int count = 0;

    while (proc && (entry = readdir(proc)))
        count += entry->d_name[0] >= '1' && entry->d_name[0] <= '9';
    if (proc)
        closedir(proc);
    return count;
}

/* Reads until this line has come. */
static bool await_line(int fd, const char *line)
{
    struct buf seen = {0};
    bool found = false;
    char byte;

    while (!found && read(fd, &byte, 1) == 1) {
        buf_add(&seen, &byte, 1);
        found = strstr(buf_text(&seen), line) != NULL;
    }
    buf_free(&seen);
    return found;
}

/* In the room: a run with a daemon in it is killed as a whole, before and after its program has
 * ended. */
static int kill_runs(const struct sandbox *sandbox, int out)
{
    char *words[] = {(char *)"probe", (char *)"daemon", (char *)"--", (char *)"stay", NULL};
    char *daemon_words[] = {(char *)"probe", (char *)"daemon", NULL};
    struct sandbox_run run = {.outlives = true};
    struct sandbox_child child;
    int ends[2], status;

    (void)out;
    for (int round = 0; round < 2; round++) {
        if (pipe_make(ends) != 0 ||
            trial_spawn(sandbox, &run, round ? daemon_words : words, ends[1], &child) != 0)
            return 10;
        close(ends[1]);
        sandbox_go(&child);
        if (!await_line(ends[0], round ? "left\n" : "staying\n"))
            return 11;
        if (waitpid(child.pid, &status, WNOHANG) != 0)
            return 12;
        sandbox_kill(&child);
        if (waitpid(child.pid, &status, 0) != child.pid || !WIFSIGNALED(status))
            return 13;
        if (count_processes() != 1)
            return 14;
        close(ends[0]);
        fd_close(&child.failed);
    }
    /* Without `outlives` the daemon ends with the program. */
    run.outlives = false;
    if (trial_run(sandbox, &run, daemon_words, out) != 0)
        return 15;
    if (waitpid(-1, &status, 0) != -1 || errno != ECHILD)
        return 16;
    return count_processes() == 1 ? 0 : 17;
}

static void test_kill(void)
{
    struct buf out = {0};

    EACH_USER(user)
    {
        trial_pass((struct trial){.user = user, .act = kill_runs}, &out);
    }
    buf_free(&out);
}

/* In the room: a child that is never let go runs nothing; one that cannot start says why. */
static int hold_and_fail(const struct sandbox *sandbox, int out)
{
    char *words[] = {(char *)"probe", (char *)"stay", NULL};
    char *missing[] = {(char *)"/lab/bin/missing", NULL};
    char *crashing[] = {(char *)"probe", (char *)"crash", NULL};
    struct sandbox_run run = {.kind = SANDBOX_PROGRAM};
    struct sandbox_child child;
    int status, why;

    if (trial_spawn(sandbox, &run, words, out, &child) != 0)
        return 10;
    fd_close(&child.go);
    if (waitpid(child.pid, &status, 0) != child.pid || !WIFEXITED(status) ||
        WEXITSTATUS(status) != STATUS_TROUBLE)
        return 11;
    fd_close(&child.failed);
    if (trial_spawn(sandbox, &run, missing, out, &child) != 0 || sandbox_go(&child) != 0)
        return 12;
    ssize_t n = read(child.failed, &why, sizeof why);
    if (sandbox->level == SANDBOX_LEVEL_FULL ? n != 0 : n != sizeof why || why != -ENOENT)
        return 13;
    if (waitpid(child.pid, &status, 0) != child.pid || status == 0)
        return 14;
    fd_close(&child.failed);
    return trial_run(sandbox, &run, crashing, out) == 128 + SIGABRT ? 0 : 15;
}

static void test_handshake(void)
{
    struct buf out = {0};

    EACH_LEVEL(level)
    {
        trial_pass((struct trial){.level = level, .act = hold_and_fail}, &out);
        CU_ASSERT_PTR_NULL(strstr(buf_text(&out), "staying"));
    }
    buf_free(&out);
}

/* All processes below one, by pidfd; a process that forks meanwhile is not expected. */
static int open_descendants(pid_t root, struct pollfd *fds, int count, int limit, bool *any_root)
{
    char path[64], line[256];

    snprintf(path, sizeof path, "/proc/%d/task/%d/children", root, root);
    FILE *children = fopen(path, "re");
    int pid;
    while (children && count < limit && fscanf(children, "%d", &pid) == 1) {
        unsigned uid = 0;
        snprintf(path, sizeof path, "/proc/%d/status", pid);
        FILE *status = fopen(path, "re");
        while (status && fgets(line, sizeof line, status) && sscanf(line, "Uid: %u", &uid) != 1)
            continue;
        if (status)
            fclose(status);
        *any_root |= uid == 0;
        fds[count].fd = (int)syscall(SYS_pidfd_open, pid, 0);
        fds[count++].events = POLLIN;
        count = open_descendants(pid, fds, count, limit, any_root);
    }
    if (children)
        fclose(children);
    return count;
}

enum { DEATH_LIMIT = 20000 }; /* ms; how long a broken sandbox holds the tests up */

/* Starts a program with a daemon beside it; all processes of its room, and its base. */
static pid_t start_watched(const struct trial *t, int *out, struct buf *base, struct pollfd fds[32],
                           int *count)
{
    bool any_root = false;
    char byte;

    /* Orphans come to this process, where they are seen and reaped. */
    CU_ASSERT_EQUAL(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    pid_t grader = trial_start(t, out);
    buf_clear(base);
    while (read(*out, &byte, 1) == 1 && byte != '\n')
        buf_add(base, &byte, 1);
    CU_ASSERT(await_line(*out, "staying\n"));
    *count = open_descendants(grader, fds, 0, 32, &any_root);
    CU_ASSERT(*count >= 4);
    /* Seen from outside no process of a room is root; without namespaces the room's own may be. */
    if (t->level == SANDBOX_LEVEL_FULL)
        CU_ASSERT_FALSE(any_root);
    return grader;
}

/* All of them are dead, none is left to anybody, and so is nothing else. */
static void check_all_gone(struct pollfd fds[32], int count, const struct buf *base)
{
    for (int i = 0; i < count; i++) {
        CU_ASSERT_EQUAL(poll(&fds[i], 1, DEATH_LIMIT), 1);
        close(fds[i].fd);
    }
    while (waitpid(-1, NULL, 0) > 0)
        continue;
    prctl(PR_SET_CHILD_SUBREAPER, 0);
    if (strcmp(buf_text(base), "/tmp") != 0)
        CU_ASSERT_EQUAL(access(buf_text(base), F_OK), -1);
}

/* The grader is killed, or ends the room early: the same is left, nothing. */
static void check_end(struct trial t, int signal_number)
{
    struct buf before = {0}, after = {0}, base = {0};
    struct pollfd fds[32];
    int fd, status, count;

    if (!trial_has(t.level, t.user))
        return;
    CU_ASSERT_EQUAL(file_read("/proc/self/mountinfo", &before), 0);
    pid_t grader = start_watched(&t, &fd, &base, fds, &count);
    kill(grader, signal_number);
    CU_ASSERT_EQUAL(waitpid(grader, &status, 0), grader);
    check_all_gone(fds, count, &base);
    CU_ASSERT_EQUAL(file_read("/proc/self/mountinfo", &after), 0);
    CU_ASSERT_STRING_EQUAL(buf_text(&before), buf_text(&after));
    close(fd);
    buf_free(&before);
    buf_free(&after);
    buf_free(&base);
}

static void test_grader_dies(void)
{
    EACH_USER(user) EACH_LEVEL(level)
    {
        check_end((struct trial){.level = level,
                                 .user = user,
                                 .words = {"probe", "daemon", "--", "stay"}},
                  SIGKILL);
    }
}

static void test_room_ended(void)
{
    EACH_USER(user) EACH_LEVEL(level)
    {
        check_end((struct trial){.level = level,
                                 .user = user,
                                 .end_on_usr1 = true,
                                 .words = {"probe", "daemon", "--", "stay"}},
                  SIGUSR1);
    }
}

/* A room that ends by itself while a daemon runs in it. */
static void test_left_daemon(void)
{
    struct buf out = {0};

    CU_ASSERT_EQUAL(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    EACH_USER(user) EACH_LEVEL(level)
    {
        trial_pass((struct trial){.level = level, .user = user, .words = {"probe", "daemon"}},
                   &out);
        CU_ASSERT_EQUAL(waitpid(-1, NULL, WNOHANG), -1);
        CU_ASSERT_EQUAL(errno, ECHILD);
    }
    prctl(PR_SET_CHILD_SUBREAPER, 0);
    buf_free(&out);
}

/* --- places, the log ------------------------------------------------------------------------ */

/* In the room: two runs that share a place see each other's files, a third does not; it can be
 * taken away. */
static int use_places(const struct sandbox *sandbox, int out)
{
    char *make[] = {(char *)"probe", (char *)"write", (char *)"shared", (char *)"/lab/work/shared",
                    NULL};
    char *see[] = {(char *)"probe", (char *)"see", (char *)"/lab/work/shared", NULL};
    char place[SANDBOX_PATH_MAX], file[SANDBOX_PATH_MAX + 16];
    struct sandbox_run run = {.place = place}, other = {.kind = SANDBOX_PROGRAM};

    if (sandbox_make_place(sandbox, place) != 0 || trial_run(sandbox, &run, make, out) != 0)
        return 10;
    snprintf(file, sizeof file, "%s/work/shared", place);
    if (access(file, F_OK) != 0)
        return 11;
    if (trial_run(sandbox, &run, see, out) != 0 || trial_run(sandbox, &other, see, out) != 0)
        return 12;
    return sandbox_remove_place(sandbox, place) == 0 && access(place, F_OK) != 0 ? 0 : 13;
}

static void test_places(void)
{
    struct buf out = {0};

    EACH_USER(user) EACH_LEVEL(level)
    {
        if (!trial_has(level, user))
            continue;
        trial_pass((struct trial){.level = level, .user = user, .act = use_places}, &out);
        ASSERT_LINE(&out, "write shared: ok");
        /* /lab/work/shared is where `shared` was made: the working directory. */
        CU_ASSERT_PTR_NOT_NULL(strstr(buf_text(&out), "work/shared: EEXIST"));
        CU_ASSERT_PTR_NOT_NULL(strstr(buf_text(&out), "work/shared: ok"));
        CU_ASSERT_PTR_NOT_NULL(strstr(buf_text(&out), "work/shared: ENOENT"));
    }
    buf_free(&out);
}

static int receive_log(const struct sandbox *sandbox, int out)
{
    char *words[] = {(char *)"probe", (char *)"log", (char *)"started", NULL};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char place[SANDBOX_PATH_MAX], message[256] = "";
    struct sandbox_run run = {.log = address.sun_path};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (sandbox_make_place(sandbox, place) != 0)
        return 10;
    snprintf(address.sun_path, sizeof address.sun_path, "%.100s/log", place);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0)
        return 11;
    if (trial_run(sandbox, &run, words, out) != 0 ||
        recv(fd, message, sizeof message - 1, MSG_DONTWAIT) < 0)
        return 12;
    return strstr(message, "sandbox_probe[") && strstr(message, "]: started") ? 0 : 13;
}

static void test_log(void)
{
    struct buf out = {0};

    EACH_USER(user)
    {
        trial_pass((struct trial){.user = user, .act = receive_log}, &out);
    }
    buf_free(&out);
}

/* In the room: a command on a terminal, as a shell starts one; its end is not the session's. */
static int start_as_shell(const struct sandbox *sandbox, int out)
{
    char *words[] = {(char *)"probe", (char *)"job", (char *)"--", (char *)"daemon", NULL};
    struct sandbox_run run = {.outlives = true, .shell = true, .terminal = -1};
    struct sandbox_child child;
    int master, slave, ends[2], status;

    if (sandbox_terminal(&master, &slave) != 0 || pipe_make(ends) != 0)
        return 10;
    run.terminal = slave;
    if (trial_spawn(sandbox, &run, words, ends[1], &child) != 0 || sandbox_go(&child) != 0)
        return 11;
    close(ends[1]);
    close(slave);
    struct buf said = {0};
    char byte;
    while (!strstr(buf_text(&said), "left\n") && read(ends[0], &byte, 1) == 1)
        buf_add(&said, &byte, 1);
    (void)fd_write_all(out, said.data, said.length);
    buf_free(&said);
    if (waitpid(child.pid, &status, WNOHANG) != 0)
        return 12;
    sandbox_kill(&child);
    return waitpid(child.pid, &status, 0) == child.pid ? 0 : 13;
}

static void test_shell(void)
{
    static const char *const lines[] = {
        "group leader: 1", "session leader: 0", "child of init: 0", "terminal: 1",
        "foreground: 1",   "descriptors: 4", /* /dev/tty is 3: nothing else was left open */
    };

    EACH_USER(user) EACH_LEVEL(level)
    {
        struct buf out = {0};
        if (!trial_has(level, user))
            continue;
        trial_pass((struct trial){.level = level, .user = user, .act = start_as_shell}, &out);
        for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
            ASSERT_LINE(&out, lines[i]);
        /* Not PID 1's, which in full is nobody in the program's pid namespace. */
        if (level == SANDBOX_LEVEL_FULL)
            ASSERT_LINE(&out, "in a session seen: 1");
        buf_free(&out);
    }
}

/* --- the probe ------------------------------------------------------------------------------ */

static void test_probe_refused(void)
{
    struct sandbox_support support;

    setenv("SOCKLAB_TEST_REFUSE", "net,bwrap", 1);
    CU_ASSERT_EQUAL(sandbox_probe(SANDBOX_AUTO, &support), 0);
    CU_ASSERT_STRING_EQUAL(support.word, "partial");
    CU_ASSERT_EQUAL(support.missing_count, 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(support.missing[0], "network namespace"));
    sandbox_support_free(&support);
    CU_ASSERT_EQUAL(sandbox_probe(SANDBOX_REQUIRE, &support), -EPERM);
    CU_ASSERT_EQUAL(support.missing_count, 2);
    sandbox_support_free(&support);
    CU_ASSERT_EQUAL(sandbox_probe(SANDBOX_OFF, &support), 0);
    CU_ASSERT_STRING_EQUAL(support.word, "off");
    CU_ASSERT_EQUAL(support.missing_count, 0);
    sandbox_support_free(&support);
    /* A word that only begins like one refuses nothing. */
    setenv("SOCKLAB_TEST_REFUSE", "network,nets", 1);
    CU_ASSERT_EQUAL(sandbox_probe(SANDBOX_AUTO, &support), 0);
    for (size_t i = 0; i < support.missing_count; i++)
        CU_ASSERT_PTR_NULL(strstr(support.missing[i], "SOCKLAB_TEST_REFUSE"));
    sandbox_support_free(&support);
    unsetenv("SOCKLAB_TEST_REFUSE");
}

/* A kernel that really refuses: in a user namespace of the test's own, which may have no further
 * ones. */
static void test_probe_no_namespaces(void)
{
    struct sandbox_support support;
    int status;
    pid_t child;

    if (!trial_has(SANDBOX_LEVEL_FULL, TRIAL_SELF))
        return;
    fflush(NULL);
    child = fork();
    if (child == 0) {
        char map[64];
        snprintf(map, sizeof map, "0 %u 1", geteuid());
        if (unshare(CLONE_NEWUSER) != 0 ||
            file_write("/proc/self/uid_map", map, strlen(map), 0) != 0 ||
            file_write("/proc/sys/user/max_user_namespaces", "0", 1, 0) != 0)
            _exit(10);
        if (sandbox_probe(SANDBOX_AUTO, &support) != 0 || support.level != SANDBOX_LEVEL_PARTIAL)
            _exit(11);
        if (support.missing_count != 1 ||
            !strstr(support.missing[0], "user namespace: the kernel refuses (No space left") ||
            !strstr(support.missing[0], "max_user_namespaces is 0"))
            _exit(12);
        _exit(sandbox_probe(SANDBOX_REQUIRE, &support) == -EPERM ? 0 : 13);
    }
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT_EQUAL(status, 0);
}

static void test_probe_full(void)
{
    struct sandbox_support support;

    if (!trial_has(SANDBOX_LEVEL_FULL, TRIAL_SELF))
        return;
    CU_ASSERT_EQUAL(sandbox_probe(SANDBOX_REQUIRE, &support), 0);
    CU_ASSERT_STRING_EQUAL(support.word, "full");
    CU_ASSERT_EQUAL(support.missing_count, 0);
    sandbox_support_free(&support);
}

void suite_sandbox_life(void)
{
    unit_test("a killed run leaves no process, nor does one that ends", test_kill);
    unit_test("nothing runs before it is let go; a failed start says why", test_handshake);
    unit_test("a killed grader leaves no process, mount or directory", test_grader_dies);
    unit_test("so does a room that is ended early", test_room_ended);
    unit_test("a daemon ends with its room", test_left_daemon);
    unit_test("a place is shared by the runs that are given it, and goes away", test_places);
    unit_test("syslog reaches the run's own log socket", test_log);
    unit_test("a command on a terminal, with a shell for a parent", test_shell);
    unit_test("what a test wants refused lowers auto and stops require", test_probe_refused);
    unit_test("a kernel that refuses is reported in words", test_probe_no_namespaces);
    unit_test("the full sandbox is found", test_probe_full);
}
