/**
 * @file
 * grader/tracer: the processes of a program, zombies among them; what they hold; processes that are kept from running;
 * faults that each process meets for itself.
 */
#include "tracee.h"
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum { CHILDREN = 5 /* family.c */, MANY = 64 };

/** How many processes there are, and how many of them are zombies. */
static void expect_family(struct tracee *t, int processes, int zombies)
{
    struct tracer_process process[MANY];
    size_t n = tracer_processes(t->tracer, t->actor, process, MANY);
    int dead = 0;
    for (size_t i = 0; i < n; i++) {
        dead += process[i].zombie;
        if (process[i].zombie)
            TRACEE_NUMBER(process[i].parent, t->pid);
    }
    TRACEE_NUMBER(n, processes);
    TRACEE_NUMBER(dead, zombies);
}

/** Until as many children have ended and everybody else waits. */
static void await_ends(struct tracee *t, int ends)
{
    while (tracee_count(t, EVENT_END, NULL) < ends)
        tracee_wait(t, -1);
    tracee_until(t, TASK_BLOCKED, NULL);
}

static void test_zombies(void)
{
    struct tracee t;
    tracee_start(&t, NULL, "family", "zombies", NULL);
    await_ends(&t, CHILDREN);
    expect_family(&t, 1 + CHILDREN, CHILDREN);
    tracee_say(&t, "x");
    tracee_until_said(&t, "reaped");
    tracee_until(&t, TASK_BLOCKED, "read");
    expect_family(&t, 1, 0);
    tracee_free(&t);
}

static void test_ignored(void)
{
    struct tracee t;
    tracee_start(&t, NULL, "family", "ignored", NULL);
    await_ends(&t, CHILDREN);
    expect_family(&t, 1, 0);
    tracee_free(&t);
}

/** An orphan is followed, and nobody's zombie. */
static void test_orphan(void)
{
    struct tracee t;
    struct tracer_process process[MANY];
    tracee_start(&t, NULL, "family", "orphan", NULL);
    await_ends(&t, 1);
    TRACEE_NUMBER(tracer_processes(t.tracer, t.actor, process, MANY), 2);
    for (int i = 0; i < 2; i++)
        CU_ASSERT_TRUE(!process[i].zombie && process[i].parent != t.pid);
    tracee_free(&t);
}

static void test_headless(void)
{
    struct tracee t;
    tracee_start(&t, NULL, "family", "headless", NULL);
    tracee_until(&t, TASK_BLOCKED, "pause");
    tracee_until(&t, TASK_BLOCKED, "read");
    expect_family(&t, 2, 0);
    /* What /proc tells of it is told by a thread that lives. */
    struct tracer_process process[2];
    size_t n = tracer_processes(t.tracer, t.actor, process, 2);
    for (size_t i = 0; i < n; i++)
        CU_ASSERT_TRUE(tracer_descriptors(process[i].pid) > 0);
    tracee_free(&t);
}

/** A program that is not traced any more has a family, too. */
static void test_released(void)
{
    struct tracee t;
    struct tracer_process process[MANY];
    static const struct tracee_how how = {.mode = TRACE_UNTIL_EXEC};
    tracee_start(&t, &how, "family", "merge", NULL);
    do
        tracee_until(&t, TASK_BLOCKED, "pause");
    while (t.look.tasks < 1 + CHILDREN);
    /* What runs it is the root here, as there is no scaffold. */
    TRACEE_NUMBER(tracer_processes(t.tracer, t.actor, process, MANY), CHILDREN);
    tracee_hang_up(&t);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    TRACEE_NUMBER(tracer_processes(t.tracer, t.actor, process, MANY), 0);
    tracee_free(&t);
}

/** Five children end while their parent stands still: one notice. Without standing still it could be five. */
static void test_freeze(void)
{
    struct tracee t;
    tracee_start(&t, NULL, "family", "merge", NULL);
    do
        tracee_until(&t, TASK_BLOCKED, "pause");
    while (t.look.tasks < 1 + CHILDREN);
    TRACEE_NUMBER(tracer_freeze(t.tracer, t.pid), 0);
    while (!tracer_is_frozen(t.tracer, t.pid))
        tracee_wait(&t, -1);
    tracee_hang_up(&t);
    while (tracee_count(&t, EVENT_END, NULL) < CHILDREN)
        tracee_wait(&t, -1);
    tracee_until(&t, TASK_HELD, NULL);
    TRACEE_NUMBER(t.look.tasks, 1);
    expect_family(&t, 1 + CHILDREN, CHILDREN);
    TRACEE_NUMBER(tracee_count(&t, EVENT_SIGNAL, NULL), 0);
    tracer_thaw(t.tracer, t.pid);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    TRACEE_SAID(&t, "1 notices, %d reaped\n", CHILDREN);
    tracee_free(&t);
}

/** A call in which it is blocked is one call, with a stop in the middle that nobody notices. */
static void test_thaw(void)
{
    struct tracee t;
    tracee_start(&t, NULL, "family", "zombies", NULL);
    await_ends(&t, CHILDREN);
    TRACEE_NUMBER(tracer_freeze(t.tracer, t.pid), 0);
    CU_ASSERT_FALSE(tracer_is_frozen(t.tracer, t.pid));
    const struct wait *w = tracee_until(&t, TASK_HELD, NULL);
    TRACEE_LINE(&t, w->event, "word");
    tracer_thaw(t.tracer, t.pid);
    w = tracee_until(&t, TASK_BLOCKED, "read");
    CU_ASSERT_PTR_EQUAL(w->event, tracee_call(&t, "read", 1));
    tracee_say(&t, "x");
    tracee_until_said(&t, "reaped");
    TRACEE_NUMBER(tracee_call(&t, "read", 1)->result, 1);
    tracee_hang_up(&t);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    TRACEE_NUMBER(tracer_freeze(t.tracer, t.pid), -ESRCH);
    tracee_free(&t);
}

static void expect_holding(struct tracee *t, uint64_t inode, int by_first, int by_other)
{
    struct tracer_holding holding[MANY];
    size_t n = tracer_holdings(t->tracer, t->actor, inode, holding, MANY);
    TRACEE_NUMBER(n, (by_first >= 0) + (by_other >= 0));
    for (size_t i = 0; i < n; i++)
        TRACEE_NUMBER(holding[i].fd, holding[i].pid == t->pid ? by_first : by_other);
}

static void test_holdings(void)
{
    struct tracee t;
    tracee_start(&t, NULL, "family", "holds", NULL);
    tracee_until_said(&t, "\n");
    uint64_t inode = strtoull(buf_text(&t.said), NULL, 10);
    tracee_until(&t, TASK_BLOCKED, "pause");
    expect_holding(&t, inode, 3, 17);
    tracee_say(&t, "x");
    tracee_until_said(&t, "closed");
    expect_holding(&t, inode, -1, 17);
    expect_holding(&t, inode + 1, -1, -1);
    tracee_free(&t);
}

static void test_each_process(void)
{
    struct tracee t;
    struct fault f = {.actor = -1, .group = CALL_READ, .fd_kinds = 1 << FD_STDIN, .every = 2, .count = 1,
                      .each_process = true, .what = FAULT_ERRNO, .value = EINTR};
    tracee_start(&t, NULL, "family", "reads", NULL);
    tracer_fault(t.tracer, &f);
    tracee_say(&t, "xx");
    TRACEE_NUMBER(tracee_finish(&t), 0);
    TRACEE_SAID(&t, "child: %s, 1\nparent: %s, 1\n", strerror(EINTR), strerror(EINTR));
    TRACEE_NUMBER(f.made, 2);
    TRACEE_NUMBER(f.seen, 4);
    tracee_free(&t);
}

static void test_no_interruption(void)
{
    struct tracee t;
    struct fault f = {.actor = -1, .group = CALL_CHILD, .every = 2, .what = FAULT_ERRNO, .value = EINTR};
    tracee_start(&t, NULL, "family", "waits", NULL);
    tracer_fault(t.tracer, &f);
    tracee_until(&t, TASK_BLOCKED, "wait4"); /* the child lives until then */
    tracee_hang_up(&t);
    int status = tracee_finish(&t);
    TRACEE_NUMBER(WEXITSTATUS(status), 0);
    TRACEE_NUMBER(f.made, 1);
    tracee_free(&t);
}

void suite_family(void)
{
    unit_test("children that nobody waits for", test_zombies);
    unit_test("children that are ignored leave no zombies", test_ignored);
    unit_test("an orphan belongs to the program and is nobody's zombie", test_orphan);
    unit_test("a process without its first thread is no zombie", test_headless);
    unit_test("a program that was let go", test_released);
    unit_test("five ends and one notice: a process that stands still", test_freeze);
    unit_test("a blocked call goes on after a stand-still", test_thaw);
    unit_test("who holds a socket, as which descriptor", test_holdings);
    unit_test("a fault that each process meets for itself", test_each_process);
    unit_test("a wait that does not wait is not interrupted", test_no_interruption);
}
