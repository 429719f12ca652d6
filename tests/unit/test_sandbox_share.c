/**
 * @file
 * sandbox/: what one check may use of the machine, that its neighbours and its checker keep theirs,
 * and what the room itself may still do.
 */
#include "sandbox/internal.h"
#include "trial.h"
#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Whether this user may make groups here: asked as that user. */
static bool has_groups(enum trial_user user, enum sandbox_protection_name name)
{
    int status = 1;

    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        struct sandbox_support support = {.level = SANDBOX_LEVEL_FULL};
        trial_become(user);
        cgroup_find(&support);
        bool on = support.protection[name].on;
        cgroup_forget(&support);
        _exit(on ? 0 : 1);
    }
    if (waitpid(child, &status, 0) != child || status != 0)
        unit_skip("no control groups for this user");
    return status == 0;
}

/* In the room: a program that eats more than its share ends, its checker and a neighbour do not. */
static int eat(const struct sandbox *sandbox, int out)
{
    char *much[] = {(char *)"probe", (char *)"fill", (char *)"1600", NULL};
    char *some[] = {(char *)"probe", (char *)"fill", (char *)"64", NULL};
    char hungry[SANDBOX_PATH_MAX], modest[SANDBOX_PATH_MAX];
    struct sandbox_run eats = {.place = hungry}, shares = {.place = modest};

    if (sandbox_make_place(sandbox, hungry) != 0 || sandbox_make_place(sandbox, modest) != 0)
        return 10;
    int status = trial_run(sandbox, &eats, much, out);
    if (!sandbox_ran_out_of_memory(sandbox, hungry) || sandbox_ran_out_of_memory(sandbox, modest))
        return 11;
    dprintf(out, "hungry: %s\n", status == 0 ? "ended well" : "killed");
    return trial_run(sandbox, &shares, some, out) == 0 ? 0 : 12;
}

static void test_memory(void)
{
    struct buf out = {0};

    EACH_USER(user) EACH_LEVEL(level)
    {
        if (!trial_has(level, user) || !has_groups(user, SANDBOX_CGROUP_MEMORY))
            continue;
        trial_pass((struct trial){.level = level, .user = user, .groups = true, .act = eat}, &out);
        CU_ASSERT_PTR_NOT_NULL(strstr(buf_text(&out), "filled: 8"));
    }
    buf_free(&out);
}

/* In the room: one place breeds all it can, another still gets what it asks for. */
static int breed(const struct sandbox *sandbox, int out)
{
    char *many[] = {(char *)"probe", (char *)"breed", (char *)"3000", (char *)"--", (char *)"stay",
                    NULL};
    char *some[] = {(char *)"probe", (char *)"breed", (char *)"100", NULL};
    struct sandbox_run run = {0};
    struct sandbox_child child;
    struct buf said = {0};
    char byte = 0;
    int ends[2];

    if (pipe_make(ends) != 0 || trial_spawn(sandbox, &run, many, ends[1], &child) != 0)
        return 10;
    close(ends[1]);
    sandbox_go(&child);
    while (!strstr(buf_text(&said), "staying\n") && read(ends[0], &byte, 1) == 1)
        buf_add(&said, &byte, 1);
    if (!strstr(buf_text(&said), "bred: fewer\n"))
        return 11;
    buf_free(&said);
    int status = trial_run(sandbox, &run, some, out);
    sandbox_kill(&child);
    return status;
}

static void test_processes(void)
{
    struct buf out = {0};

    EACH_USER(user)
    {
        if (!trial_has(SANDBOX_LEVEL_FULL, user) || !has_groups(user, SANDBOX_CGROUP_PIDS))
            continue;
        trial_pass((struct trial){.user = user, .groups = true, .act = breed}, &out);
        ASSERT_LINE(&out, "bred: all");
    }
    buf_free(&out);
}

/* Two submissions of one user, without groups: the kernel counts in each one's own namespace. */
static void test_rooms(void)
{
    struct buf out = {0};

    EACH_USER(user)
    {
        struct trial greedy = {.user = user, .words = {"probe", "breed", "3000", "--", "stay"}};
        struct trial other = {.user = user, .words = {"probe", "breed", "500"}};
        struct buf said = {0};
        char byte;
        int fd, status;

        if (!trial_has(SANDBOX_LEVEL_FULL, user))
            continue;
        pid_t grader = trial_start(&greedy, &fd);
        while (!strstr(buf_text(&said), "staying\n") && read(fd, &byte, 1) == 1)
            buf_add(&said, &byte, 1);
        ASSERT_LINE(&said, "bred: fewer");
        trial_pass(other, &out);
        ASSERT_LINE(&out, "bred: all");
        kill(grader, SIGKILL);
        waitpid(grader, &status, 0);
        /* The end of the last process in the room. */
        while (read(fd, &byte, 1) > 0)
            continue;
        close(fd);
        buf_free(&said);
    }
    buf_free(&out);
}

/* In the room: root of it, with three capabilities over it and no way to more. */
static int show_room(const struct sandbox *sandbox, int out)
{
    struct buf text = {0};

    (void)sandbox;
    if (file_read("/proc/self/status", &text) != 0)
        return 10;
    fd_write_all(out, text.data, text.length);
    buf_free(&text);
    /* Outside of its own namespaces it is nobody, here it may not even do what root usually may. */
    return sethostname("x", 1) == 0 && chroot("/") != 0 && errno == EPERM ? 0 : 11;
}

static void test_room_rights(void)
{
    struct buf out = {0};

    EACH_USER(user)
    {
        if (!trial_has(SANDBOX_LEVEL_FULL, user))
            continue;
        trial_pass((struct trial){.user = user, .act = show_room}, &out);
        /* CAP_NET_BIND_SERVICE 10, CAP_SYS_ADMIN 21, CAP_SETFCAP 31. */
        ASSERT_LINE(&out, "CapEff:\t0000000080200400");
        ASSERT_LINE(&out, "CapBnd:\t0000000080200400");
        ASSERT_LINE(&out, "NoNewPrivs:\t1");
    }
    buf_free(&out);
}

/* What a grader that was killed leaves, the next one takes away; what a living one has stays. */
static void test_sweep(void)
{
    struct sandbox_support support = {.level = SANDBOX_LEVEL_OFF};
    struct sandbox living = {.level = SANDBOX_LEVEL_OFF}, dead;
    int ends[2], status;

    if (!has_groups(TRIAL_SELF, SANDBOX_CGROUP_PIDS))
        return;
    cgroup_find(&support);
    CU_ASSERT_EQUAL_FATAL(cgroup_open(&support, &living), 0);
    CU_ASSERT_EQUAL_FATAL(pipe_make(ends), 0);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        memset(&dead, 0, sizeof dead);
        dead.level = SANDBOX_LEVEL_OFF;
        if (cgroup_open(&support, &dead) == 0 && cgroup_make_place(&dead, "place") == 0)
            (void)fd_write_all(ends[1], &dead, sizeof dead);
        raise(SIGKILL);
    }
    close(ends[1]);
    CU_ASSERT_EQUAL(read(ends[0], &dead, sizeof dead), (ssize_t)sizeof dead);
    waitpid(child, &status, 0);
    close(ends[0]);
    CU_ASSERT_EQUAL(access(dead.cgroup.pids, F_OK), 0);
    cgroup_forget(&support);
    cgroup_find(&support);
    CU_ASSERT_EQUAL(access(dead.cgroup.pids, F_OK), -1);
    CU_ASSERT_EQUAL(access(living.cgroup.pids, F_OK), 0);
    cgroup_close(&living);
    cgroup_forget(&support);
}

static void test_refused(void)
{
    struct sandbox_support support;

    setenv("SOCKLAB_TEST_REFUSE", "cgroup", 1);
    CU_ASSERT_EQUAL(sandbox_probe(SANDBOX_OFF, &support), 0);
    const struct sandbox_protection *rows = sandbox_support_protections(&support);
    CU_ASSERT_FALSE(rows[SANDBOX_CGROUP_MEMORY].on);
    CU_ASSERT_PTR_NOT_NULL(strstr(rows[SANDBOX_CGROUP_MEMORY].reason, "read-only"));
    CU_ASSERT_STRING_EQUAL(rows[SANDBOX_CGROUP_PIDS].id, "cgroup-pids");
    CU_ASSERT_TRUE(rows[SANDBOX_RLIMITS].on);
    sandbox_support_free(&support);
    unsetenv("SOCKLAB_TEST_REFUSE");
}

void suite_sandbox_share(void)
{
    unit_test("programs that eat memory end, their checker and neighbours do not", test_memory);
    unit_test("a place that breeds leaves processes for the others", test_processes);
    unit_test("so does a submission, without control groups", test_rooms);
    unit_test("the room's root can start programs and little else", test_room_rights);
    unit_test("groups of a dead grader are swept, those of a living one stay", test_sweep);
    unit_test("a machine without control groups says why", test_refused);
}
