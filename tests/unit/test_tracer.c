/**
 * @file
 * grader/tracer: tasks that come, execute, stop and end; crashes; letting go. Each tracee's status says
 * whether it found the world as a program does that nobody watches.
 */
#include "tracee.h"
#include "unit.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int exited(int code)
{
    return code << 8; /* wait(2) */
}

/** Every process that started has ended, and nothing is left to look at. */
static void check_all_ended(struct tracee *t)
{
    struct look look;
    tracer_look(t->tracer, &look);
    TRACEE_NUMBER(look.tasks, 0);
    TRACEE_NUMBER(look.running, 0);
}

/** The nth EVENT_END. */
static const struct event *end_of(const struct tracee *t, pid_t pid)
{
    for (struct event *e = NULL; (e = timeline_find(t->timeline, e, EVENT_END, -1, NULL));)
        if (e->pid == pid)
            return e;
    return NULL;
}

/* --- births and ends -------------------------------------------------------------------------------- */

static void run(struct tracee *t, const char *program, const char *mode, int status)
{
    tracee_start(t, NULL, program, mode, NULL);
    TRACEE_NUMBER(tracee_finish(t), status);
}

static void test_fork(void)
{
    struct tracee t;
    run(&t, "tasks", "fork", exited(0));
    CU_ASSERT_STRING_EQUAL(buf_text(&t.said), "child\n");
    TRACEE_NUMBER(tracee_count(&t, EVENT_START, NULL), 2);
    TRACEE_NUMBER(tracee_count(&t, EVENT_END, NULL), 2);
    const struct event *birth = tracee_call(&t, "clone", 1), *said = tracee_call(&t, "write", 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(birth);
    CU_ASSERT_PTR_NOT_NULL_FATAL(said);
    TRACEE_TEXT(birth, "fork() = %d", (int)birth->result);
    TRACEE_TEXT(tracee_call(&t, "wait4", 1), "waitpid(%d, ..., 0) = %d", (int)birth->result, (int)birth->result);
    TRACEE_LINE(&t, birth, "fork");
    TRACEE_LINE(&t, said, "say");
    TRACEE_NUMBER(birth->pid, t.pid);
    TRACEE_NUMBER(birth->result, said->pid);
    CU_ASSERT_EQUAL(said->pid, said->tid);
    const struct event *end = end_of(&t, said->pid);
    CU_ASSERT_PTR_NOT_NULL_FATAL(end);
    TRACEE_NUMBER(end->status, exited(7));
    TRACEE_NUMBER(tracer_process(t.tracer, t.actor), t.pid);
    check_all_ended(&t);
    tracee_free(&t);
}

static void test_vfork(void)
{
    struct tracee t;
    run(&t, "tasks", "vfork", exited(0));
    TRACEE_NUMBER(tracee_count(&t, EVENT_START, NULL), 2);
    TRACEE_NUMBER(tracee_count(&t, EVENT_END, NULL), 2);
    CU_ASSERT_PTR_NOT_NULL(tracee_call(&t, "wait4", 1));
    TRACEE_LINE(&t, tracee_call(&t, "vfork", 1), "vfork");
    tracee_free(&t);
}

static void test_spawn(void)
{
    struct tracee t;
    run(&t, "tasks", "spawn", exited(0));
    CU_ASSERT_STRING_EQUAL(buf_text(&t.said), "executed\n");
    TRACEE_NUMBER(tracee_count(&t, EVENT_START, NULL), 2);
    TRACEE_NUMBER(tracee_count(&t, EVENT_END, NULL), 2);
    const struct event *said = tracee_call(&t, "write", 1);
    TRACEE_TEXT(said, "write(1, \"executed\\n\", 9) = 9");
    struct source_line where;
    /* What it executed is another program as far as lines go. */
    CU_ASSERT_FALSE(tracer_where(t.tracer, said, &where));
    tracee_free(&t);
}

static void test_thread(void)
{
    struct tracee t;
    run(&t, "tasks", "thread", exited(0));
    TRACEE_NUMBER(tracee_count(&t, EVENT_START, NULL), 2);
    TRACEE_NUMBER(tracee_count(&t, EVENT_END, NULL), 1); /* processes end, threads do not */
    const struct event *said = tracee_call(&t, "write", 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(said);
    TRACEE_NUMBER(said->pid, t.pid);
    CU_ASSERT_NOT_EQUAL(said->tid, t.pid);
    TRACEE_LINE(&t, said, "say");
    tracee_free(&t);
}

static void test_stress(void)
{
    struct tracee t;
    run(&t, "tasks", "stress", exited(0));
    TRACEE_NUMBER(t.said.length, 200);
    TRACEE_NUMBER(tracee_count(&t, EVENT_START, NULL), 201);
    TRACEE_NUMBER(tracee_count(&t, EVENT_END, NULL), 101);
    TRACEE_NUMBER(tracee_count(&t, EVENT_CALL, "write"), 200);
    TRACEE_NUMBER(tracee_count(&t, EVENT_CALL, "clone"), 200);
    for (struct event *e = NULL; (e = timeline_find(t.timeline, e, EVENT_CALL, -1, NULL));)
        CU_ASSERT_TRUE(e->done);
    check_all_ended(&t);
    tracee_free(&t);
}

static void test_children(void)
{
    struct tracee t;
    tracee_start(&t, NULL, "tasks", "children", NULL);
    tracee_until_said(&t, "all\n");
    const struct wait *w = tracee_until(&t, TASK_BLOCKED, "read");
    CU_ASSERT_PTR_NOT_NULL(w);
    TRACEE_NUMBER(t.look.tasks, 51);
    TRACEE_NUMBER(t.look.blocked, 51);
    CU_ASSERT_TRUE(t.look.cpu > 0);
    tracee_hang_up(&t);
    TRACEE_NUMBER(tracee_finish(&t), exited(0));
    TRACEE_NUMBER(tracee_count(&t, EVENT_START, NULL), 51);
    TRACEE_NUMBER(tracee_count(&t, EVENT_END, NULL), 51);
    tracee_free(&t);
}

static void test_orphan(void)
{
    struct tracee t;
    run(&t, "tasks", "orphan", exited(0));
    CU_ASSERT_STRING_EQUAL(buf_text(&t.said), "orphan\n");
    while (tracee_count(&t, EVENT_END, NULL) < 2)
        tracee_wait(&t, -1);
    int status = -1;
    /* The first process's end is the program's, whoever comes after it. */
    CU_ASSERT_TRUE(tracer_ended(t.tracer, t.actor, &status));
    TRACEE_NUMBER(status, exited(0));
    tracee_free(&t);
}

static void test_exit_amid_births(void)
{
    for (int i = 0; i < 5; i++) {
        struct tracee t;
        run(&t, "tasks", "exit-amid", exited(0));
        check_all_ended(&t);
        tracee_free(&t);
    }
}

static void test_kill_newborn(void)
{
    struct tracee t;
    run(&t, "tasks", "kill-newborn", exited(0));
    check_all_ended(&t);
    tracee_free(&t);
}

/* --- exec ----------------------------------------------------------------------------------------------- */

static void test_exec_by_thread(void)
{
    static const char *const modes[] = {"exec-thread", "exec-leaderless"};
    for (size_t i = 0; i < 2; i++) {
        struct tracee t;
        run(&t, "tasks", modes[i], exited(5));
        CU_ASSERT_STRING_EQUAL(buf_text(&t.said), "executed\n");
        TRACEE_NUMBER(tracee_count(&t, EVENT_END, NULL), 1);
        const struct event *said = tracee_call(&t, "write", 1);
        CU_ASSERT_PTR_NOT_NULL_FATAL(said);
        TRACEE_NUMBER(said->tid, t.pid); /* it has become the leader */
        check_all_ended(&t);
        tracee_free(&t);
    }
}

/** A leader that is kept before a call, or in a shortened one, when another thread executes. */
static void exec_over(enum fault_what what)
{
    struct tracee t;
    struct fault f = {.actor = -1, .group = CALL_READ, .fd_kinds = 1 << FD_STDIN, .what = what,
                      .value = 3, .count = 1};
    tracee_start(&t, NULL, "tasks", "exec-when-told", NULL);
    tracer_fault(t.tracer, &f);
    tracee_until(&t, what == FAULT_HOLD ? TASK_HELD : TASK_BLOCKED, "read");
    TRACEE_NUMBER(f.made, 1);
    kill(t.pid, SIGUSR1);
    TRACEE_NUMBER(tracee_finish(&t), exited(5));
    CU_ASSERT_STRING_EQUAL(buf_text(&t.said), "executed\n");
    TRACEE_NUMBER(f.held, 0);
    tracer_unfault(t.tracer, &f);
    tracee_free(&t);
}

static void test_exec_over_short(void)
{
    exec_over(FAULT_SHORT);
}

static void test_exec_over_hold(void)
{
    exec_over(FAULT_HOLD);
}

/** The program is what is executed second. */
static void test_scaffold(void)
{
    static const char *const env[] = {"env", NULL};
    const struct tracee_how how = {.before = env};
    struct tracee t;
    tracee_start(&t, &how, "tasks", "fork", NULL);
    TRACEE_NUMBER(tracer_process(t.tracer, t.actor), 0);
    struct look look;
    tracer_look(t.tracer, &look);
    TRACEE_NUMBER(look.tasks, 0);
    TRACEE_NUMBER(look.running, 1); /* on its way */
    TRACEE_NUMBER(tracee_finish(&t), exited(0));
    TRACEE_NUMBER(tracee_count(&t, EVENT_START, NULL), 2);
    TRACEE_LINE(&t, tracee_call(&t, "clone", 1), "fork");
    tracee_free(&t);
}

/** It never came to run: the scaffold speaks for it. */
static void test_scaffold_fails(void)
{
    static const char *const env[] = {"env", NULL};
    const struct tracee_how how = {.before = env, .file = "/nowhere/at/all"};
    struct tracee t;
    tracee_start(&t, &how, "tasks", NULL);
    TRACEE_NUMBER(tracee_finish(&t), exited(127));
    TRACEE_NUMBER(tracer_process(t.tracer, t.actor), 0);
    TRACEE_NUMBER(tracee_count(&t, EVENT_START, NULL), 0);
    TRACEE_NUMBER(tracee_count(&t, EVENT_END, NULL), 1);
    tracee_free(&t);
}

/* --- one step is bounded ------------------------------------------------------------------------------------ */

static void test_step_returns(void)
{
    const struct tracee_how how = {.limit = 100};
    struct tracee t;
    tracee_start(&t, &how, "tasks", "chatter", NULL);
    while (t.timeline->count + t.timeline->dropped < 5000)
        tracee_wait(&t, -1);
    TRACEE_NUMBER(t.timeline->count, 100);
    /* Many more stops came than a step may handle before others have their turn. */
    size_t before = t.timeline->count + t.timeline->dropped;
    for (int i = 0; i < 20; i++)
        tracee_wait(&t, -1);
    CU_ASSERT_TRUE(t.timeline->count + t.timeline->dropped > before);
    tracee_free(&t);
}

/* --- crashes --------------------------------------------------------------------------------------------------- */

static const struct crash {
    const char *how;
    int signal; /* 0: exit status 0 */
    const char *marker;
} crashes[] = {
    {"segv", SIGSEGV, "segv"},     {"abort", SIGABRT, "abort"}, {"divide", SIGFPE, "divide"},
    {"strcpy", SIGSEGV, "strcpy"}, {"printf", SIGSEGV, "printf"}, {"free", SIGABRT, "free"},
    {"thread", SIGSEGV, "segv"},   {"pipe", SIGPIPE, "pipe"},   {"term", SIGTERM, "term"},
};

static void test_crashes(void)
{
    for (size_t i = 0; i < sizeof crashes / sizeof crashes[0]; i++) {
        const struct crash *c = &crashes[i];
        struct tracee t;
        tracee_start(&t, NULL, "crash", c->how, NULL);
        TRACEE_NUMBER(tracee_finish(&t) & ~0x80, c->signal); /* perhaps with a core */
        const struct event *e = timeline_find(t.timeline, NULL, EVENT_SIGNAL, t.actor, NULL);
        CU_ASSERT_PTR_NOT_NULL_FATAL(e);
        TRACEE_TEXT(e, "%s", signal_name(c->signal));
        TRACEE_NUMBER(e->arg[0], c->signal);
        TRACEE_LINE(&t, e, c->marker);
        const struct event *end = end_of(&t, t.pid);
        CU_ASSERT_PTR_NOT_NULL_FATAL(end);
        TRACEE_NUMBER(end->status & ~0x80, c->signal);
        CU_ASSERT_TRUE(end->seq > e->seq);
        tracee_free(&t);
    }
}

static void test_crash_of_child(void)
{
    struct tracee t;
    run(&t, "crash", "child", exited(0));
    CU_ASSERT_STRING_EQUAL(buf_text(&t.said), "child 11\n");
    const struct event *e = timeline_find(t.timeline, NULL, EVENT_SIGNAL, t.actor, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(e);
    TRACEE_LINE(&t, e, "segv");
    CU_ASSERT_NOT_EQUAL(e->pid, t.pid);
    const struct event *end = end_of(&t, e->pid);
    CU_ASSERT_PTR_NOT_NULL_FATAL(end);
    TRACEE_NUMBER(end->status & ~0x80, SIGSEGV);
    tracee_free(&t);
}

static void test_caught_crash(void)
{
    struct tracee t;
    run(&t, "crash", "caught", exited(11));
    CU_ASSERT_STRING_EQUAL(buf_text(&t.said), "caught\n");
    TRACEE_LINE(&t, tracee_call(&t, "write", 1), "handler");
    tracee_free(&t);
}

static void test_stack_overflow(void)
{
    struct tracee t;
    tracee_start(&t, NULL, "crash", "overflow", NULL);
    TRACEE_NUMBER(tracee_finish(&t) & ~0x80, SIGSEGV);
    struct source_line where;
    const struct event *e = timeline_find(t.timeline, NULL, EVENT_SIGNAL, t.actor, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(e);
    CU_ASSERT_TRUE(tracer_where(t.tracer, e, &where));
    int first = tracee_marked_line("crash", "recursion");
    CU_ASSERT_TRUE(where.line >= first && where.line <= first + 5);
    tracee_free(&t);
}

static void test_ends(void)
{
    struct tracee t;
    run(&t, "crash", "exit", exited(42));
    CU_ASSERT_PTR_NULL(timeline_find(t.timeline, NULL, EVENT_SIGNAL, -1, NULL));
    tracee_free(&t);
    run(&t, "crash", "kill", SIGKILL);
    CU_ASSERT_PTR_NULL(timeline_find(t.timeline, NULL, EVENT_SIGNAL, -1, NULL)); /* nobody sees it come */
    tracee_free(&t);
}

/** Killed by somebody else, asleep in a call. */
static void test_killed_in_call(void)
{
    struct tracee t;
    tracee_start(&t, NULL, "block", "read", NULL);
    while (!tracee_call(&t, "read", 1)) /* never looked at */
        tracee_wait(&t, -1);
    kill(t.pid, SIGKILL);
    TRACEE_NUMBER(tracee_finish(&t), SIGKILL);
    const struct event *e = tracee_call(&t, "read", 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(e);
    CU_ASSERT_FALSE(e->done);
    TRACEE_TEXT(e, "read(0, ..., 1)");
    TRACEE_LINE(&t, e, "read");
    check_all_ended(&t);
    tracee_free(&t);
}

/** Freed while its tasks are in every state that there is. */
static void test_freed_alive(void)
{
    struct tracee t;
    tracee_start(&t, NULL, "tasks", "children", NULL);
    tracee_until_said(&t, "all\n");
    pid_t child = tracee_call(&t, "clone", 1)->result;
    tracee_free(&t);
    CU_ASSERT_EQUAL(kill(child, 0), -1);
    tracee_start(&t, NULL, "tasks", "chatter", NULL);
    tracee_free(&t); /* not even executed */
    tracee_start(&t, NULL, "block", "accept", NULL);
    tracee_until(&t, TASK_BLOCKED, "accept");
    kill(t.pid, SIGSTOP);
    tracee_until(&t, TASK_HALTED, NULL);
    tracee_free(&t);
    CU_ASSERT_EQUAL(waitpid(-1, NULL, WNOHANG), -1);
    CU_ASSERT_EQUAL(errno, ECHILD);
}

/* --- letting go ------------------------------------------------------------------------------------------------ */

static void test_until_exec(void)
{
    const struct tracee_how how = {.mode = TRACE_UNTIL_EXEC};
    struct tracee t;
    tracee_start(&t, &how, "tasks", "stress", NULL);
    TRACEE_NUMBER(tracee_finish(&t), exited(0));
    TRACEE_NUMBER(tracee_count(&t, EVENT_CALL, NULL), 0);
    TRACEE_NUMBER(tracee_count(&t, EVENT_END, NULL), 1);
    TRACEE_NUMBER(t.said.length, 200);
    tracee_free(&t);
}

/** A released program's crash, seen through a scaffold that reports 128 + signal. */
static void test_until_exec_crash(void)
{
    static const char *const shell[] = {"sh", "-c", "\"$0\" \"$@\"; exit $?", NULL};
    const struct tracee_how how = {.mode = TRACE_UNTIL_EXEC, .before = shell};
    struct tracee t;
    tracee_start(&t, &how, "crash", "segv", NULL);
    TRACEE_NUMBER(tracee_finish(&t), SIGSEGV);
    CU_ASSERT_NOT_EQUAL(tracer_process(t.tracer, t.actor), t.pid);
    tracee_free(&t);
    tracee_start(&t, &how, "crash", "exit", NULL);
    TRACEE_NUMBER(tracee_finish(&t), exited(42));
    tracee_free(&t);
}

static void test_until_ready(void)
{
    const struct tracee_how how = {.mode = TRACE_UNTIL_READY};
    struct tracee t;
    tracee_start(&t, &how, "block", "threads", NULL);
    /* Only looked at from now on. */
    const struct wait *w = tracee_until(&t, TASK_BLOCKED, "accept");
    CU_ASSERT_NOT_EQUAL(w->tid, t.pid);
    TRACEE_NUMBER(t.look.tasks, 2);
    TRACEE_NUMBER(t.look.blocked, 2);
    TRACEE_NUMBER(tracee_count(&t, EVENT_CALL, NULL), 1);
    TRACEE_TEXT(tracee_call(&t, "listen", 1), "listen(3, 4) = 0");
    kill(t.pid, SIGTERM);
    TRACEE_NUMBER(tracee_finish(&t), SIGTERM);
    tracee_free(&t);
}

/** It never listens: it is followed to its end. */
static void test_never_ready(void)
{
    const struct tracee_how how = {.mode = TRACE_UNTIL_READY};
    struct tracee t;
    tracee_start(&t, &how, "tasks", "stress", NULL);
    TRACEE_NUMBER(tracee_finish(&t), exited(0));
    TRACEE_NUMBER(t.said.length, 200);
    TRACEE_NUMBER(tracee_count(&t, EVENT_END, NULL), 101);
    tracee_free(&t);
}

void suite_tracer(void)
{
    unit_test("fork", test_fork);
    unit_test("vfork", test_vfork);
    unit_test("posix_spawn", test_spawn);
    unit_test("a thread", test_thread);
    unit_test("200 short lives, threads and forks at once", test_stress);
    unit_test("50 children at once", test_children);
    unit_test("a child that outlives its parent", test_orphan);
    unit_test("an exit amid births", test_exit_amid_births);
    unit_test("children killed at birth", test_kill_newborn);
    unit_test("a thread executes, also without its leader", test_exec_by_thread);
    unit_test("a thread executes while the leader is in a shortened call", test_exec_over_short);
    unit_test("a thread executes while the leader is kept", test_exec_over_hold);
    unit_test("a program inside a scaffold", test_scaffold);
    unit_test("a scaffold that fails", test_scaffold_fails);
    unit_test("a step ends whatever the tracees do", test_step_returns);
    unit_test("crashes and their lines", test_crashes);
    unit_test("a child's crash", test_crash_of_child);
    unit_test("a caught crash", test_caught_crash);
    unit_test("the stack runs out", test_stack_overflow);
    unit_test("exit status and SIGKILL", test_ends);
    unit_test("killed in a call", test_killed_in_call);
    unit_test("freed while all are alive", test_freed_alive);
    unit_test("let go at exec", test_until_exec);
    unit_test("let go at exec: its end through a scaffold", test_until_exec_crash);
    unit_test("let go when it listens", test_until_ready);
    unit_test("never listens", test_never_ready);
}
