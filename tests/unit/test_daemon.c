/**
 * @file
 * check/daemon.c: what is seen of a process, and of the files that daemons leave for others to find.
 */
#include "check/check.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A child that has done what @p act does; it lives until it is killed. */
static pid_t keep_child(void (*act)(void *argument), void *argument)
{
    int ready[2];
    char byte;
    CU_ASSERT_EQUAL_FATAL(pipe_make(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        act(argument);
        if (write(ready[1], "", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    close(ready[1]);
    CU_ASSERT_EQUAL(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    return child;
}

static void end_child(pid_t child)
{
    kill(child, SIGKILL);
    CU_ASSERT_EQUAL(waitpid(child, NULL, 0), child);
}

/* --- processes --------------------------------------------------------------------------------------- */

static void become_daemon_like(void *argument)
{
    (void)argument;
    setsid();
    umask(027);
    if (chdir("/") != 0)
        _exit(1);
}

static void stay_as_is(void *argument)
{
    (void)argument;
    umask(0);
    if (chdir("/tmp") != 0)
        _exit(1);
}

static void test_facts(void)
{
    struct process_facts facts;
    pid_t child = keep_child(become_daemon_like, NULL);

    CU_ASSERT_TRUE(process_look(child, &facts));
    CU_ASSERT_EQUAL(facts.parent, getpid());
    CU_ASSERT_EQUAL(facts.session, child);
    CU_ASSERT_EQUAL(facts.terminal, 0);
    CU_ASSERT_EQUAL(facts.mask, 027);
    CU_ASSERT_TRUE(facts.at_root);
    CU_ASSERT_EQUAL(process_own_number(child), child);
    end_child(child);
    CU_ASSERT_FALSE(process_look(child, &facts));
    CU_ASSERT_EQUAL(process_own_number(child), 0);

    child = keep_child(stay_as_is, NULL);
    CU_ASSERT_TRUE(process_look(child, &facts));
    CU_ASSERT_EQUAL(facts.session, getsid(0));
    CU_ASSERT_EQUAL(facts.mask, 0);
    CU_ASSERT_FALSE(facts.at_root);
    /* A zombie is there, and is no process any more. */
    kill(child, SIGKILL);
    CU_ASSERT_EQUAL(waitid(P_PID, (id_t)child, &(siginfo_t){0}, WEXITED | WNOWAIT), 0);
    CU_ASSERT_EQUAL(process_own_number(child), 0);
    end_child(child);
}

/* --- files --------------------------------------------------------------------------------------------- */

/* A check's place with one file in it, "daemon.pid". */
static struct check make_place(char *directory, char *path, size_t size)
{
    struct check c = {0};
    struct sandbox sandbox = {0};
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(directory));
    snprintf(c.place, sizeof c.place, "%s", directory);
    snprintf(path, size, "%s/work", directory);
    CU_ASSERT_EQUAL(mkdir(path, 0755), 0);
    c.sandbox = &sandbox;
    check_write_file(&c, "daemon.pid", "12\n");
    c.sandbox = NULL;
    snprintf(path, size, "%s/work/daemon.pid", directory);
    return c;
}

static void lock_by_flock(void *path)
{
    if (flock(open(path, O_RDWR), LOCK_EX) != 0)
        _exit(1);
}

static void lock_by_fcntl(void *path)
{
    struct flock all = {.l_type = F_WRLCK};
    if (fcntl(open(path, O_RDWR), F_SETLK, &all) != 0)
        _exit(1);
}

static void lock_by_lockf(void *path)
{
    if (lockf(open(path, O_RDWR), F_TLOCK, 0) != 0)
        _exit(1);
}

static void lock_open_file(void *path)
{
    struct flock all = {.l_type = F_WRLCK};
    if (fcntl(open(path, O_RDWR), F_OFD_SETLK, &all) != 0)
        _exit(1);
}

static void lock_and_lose(void *path)
{
    lock_by_fcntl(path);
    close(open(path, O_RDONLY)); /* fcntl_locking(2): any descriptor of the file */
}

static void test_locks(void)
{
    static const struct {
        void (*act)(void *path);
        int held;
    } cases[] = {{lock_by_flock, LOCK_FLOCK},  {lock_by_fcntl, LOCK_RECORD}, {lock_by_lockf, LOCK_RECORD},
                 {lock_open_file, LOCK_RECORD}, {lock_and_lose, 0}};
    char directory[] = "/tmp/daemon-XXXXXX", path[64];
    struct check c = make_place(directory, path, sizeof path);

    CU_ASSERT_EQUAL(check_locks(&c, "daemon.pid"), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pid_t child = keep_child(cases[i].act, path);
        CU_ASSERT_EQUAL(check_locks(&c, "daemon.pid"), cases[i].held);
        CU_ASSERT_EQUAL(check_locks(&c, "daemon.pid"), cases[i].held); /* looking takes nothing */
        end_child(child);
        CU_ASSERT_EQUAL(check_locks(&c, "daemon.pid"), 0);
    }
    CU_ASSERT_EQUAL(check_locks(&c, "none"), -ENOENT);
    CU_ASSERT_EQUAL(tree_remove(directory), 0);
}

/* What a stranger has put there is read if it is a file, and in full only up to a limit. */
static void test_files(void)
{
    char directory[] = "/tmp/daemon-XXXXXX", path[64], other[80];
    struct check c = make_place(directory, path, sizeof path);
    struct buf b = {0};

    CU_ASSERT_EQUAL(check_read_file(&c, "daemon.pid", &b), 0);
    CU_ASSERT_STRING_EQUAL(buf_text(&b), "12\n");
    buf_free(&b);
    b = (struct buf){.limit = 2};
    CU_ASSERT_EQUAL(check_read_file(&c, "daemon.pid", &b), 0);
    CU_ASSERT_EQUAL(b.length, 2);
    buf_free(&b);
    snprintf(other, sizeof other, "%s/work/link", directory);
    CU_ASSERT_EQUAL(symlink("/etc/passwd", other), 0);
    CU_ASSERT_EQUAL(check_read_file(&c, "link", &b), -ELOOP);
    snprintf(other, sizeof other, "%s/work/pipe", directory);
    CU_ASSERT_EQUAL(mkfifo(other, 0600), 0);
    CU_ASSERT_EQUAL(check_read_file(&c, "pipe", &b), -ENOENT);
    CU_ASSERT_EQUAL(check_read_file(&c, "none", &b), -ENOENT);
    buf_free(&b);
    CU_ASSERT_EQUAL(tree_remove(directory), 0);
}

void suite_daemon(void)
{
    unit_test("what /proc says of a process, and of one that is gone", test_facts);
    unit_test("locks of each kind are seen, and none is taken", test_locks);
    unit_test("files that strangers left: regular ones only, bounded", test_files);
}
