/**
 * @file
 * grader/tracer: a signal that comes just before a call, and what signal handlers call.
 */
#include "tracee.h"
#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

/** race @p mode; SIGUSR1 comes before the first call of @p group on @p kinds. */
static void start(struct tracee *t, struct fault *f, const char *mode, uint32_t group, uint32_t kinds)
{
    static const struct tracee_how how = {.groups = TRACE_ALL | CALL_EXIT};
    *f = (struct fault){.actor = -1, .group = group, .fd_kinds = kinds, .count = 1, .what = FAULT_SIGNAL, .value = SIGUSR1};
    tracee_start(t, &how, "race", mode, NULL);
    tracer_fault(t->tracer, f);
}

static void start_reading(struct tracee *t, struct fault *f, const char *mode)
{
    start(t, f, mode, CALL_READ, 1 << FD_STDIN);
}

static const struct event *nth_note(const struct tracee *t, int n)
{
    struct event *e = NULL;
    for (int i = 0; i < n; i++)
        e = timeline_find(t->timeline, e, EVENT_NOTE, -1, NULL);
    return e;
}

/** The write of exactly these bytes. */
static const struct event *write_of(const struct tracee *t, const char *bytes)
{
    for (struct event *e = NULL; (e = timeline_find(t->timeline, e, EVENT_CALL, -1, "write"));)
        if (e->data_length == strlen(bytes) && memcmp(e->data, bytes, e->data_length) == 0)
            return e;
    return NULL;
}

/** The handler has run to its end before the kernel hears of the call: it blocks, the flag is set, and nobody looks. */
static void blocks_for_ever(const char *mode, const char *said)
{
    struct tracee t;
    struct fault f;
    start_reading(&t, &f, mode);
    const struct wait *w = tracee_until(&t, TASK_BLOCKED, "read");
    TRACEE_NUMBER(f.made, 1);
    CU_ASSERT_PTR_EQUAL(w->event, tracee_call(&t, "read", 1));
    TRACEE_LINE(&t, w->event, "read");
    TRACEE_TEXT(nth_note(&t, 1), "SIGUSR1 comes just before it calls read");
    TRACEE_LINE(&t, nth_note(&t, 1), "read");
    TRACEE_TEXT(nth_note(&t, 2), "its handler for SIGUSR1 has returned; now it calls read");
    tracee_say(&t, "x");
    TRACEE_NUMBER(tracee_finish(&t), 0);
    TRACEE_SAID(&t, "%sread 1\nstop 1\n", said);
    TRACEE_NUMBER(tracee_count(&t, EVENT_CALL, "read"), 1);
    TRACEE_NUMBER(tracee_count(&t, EVENT_SIGNAL, NULL), 1);
    TRACEE_NUMBER(tracee_call(&t, "read", 1)->injected, false);
    TRACEE_NUMBER(tracee_call(&t, "read", 1)->handler, 0);
    TRACEE_NUMBER(f.seen, 1); /* it is one call, in however many attempts */
    tracee_free(&t);
}

static void test_race(void)
{
    blocks_for_ever("racy", "");
    blocks_for_ever("restart", "handler\n");
    blocks_for_ever("stack", "handler\n");
    blocks_for_ever("once", "handler\n");
}

/** Where no handler runs, the signal is pending or gone, and the call is made all the same. */
static void test_no_handler(void)
{
    static const char *const modes[] = {"blocked", "ignore"};
    for (int i = 0; i < 2; i++) {
        struct tracee t;
        struct fault f;
        start_reading(&t, &f, modes[i]);
        tracee_until(&t, TASK_BLOCKED, "read");
        TRACEE_TEXT(nth_note(&t, 2), "no handler for SIGUSR1 has run here; now it calls read");
        tracee_say(&t, "x");
        TRACEE_NUMBER(tracee_finish(&t), 0);
        TRACEE_SAID(&t, "read 1\nstop 0\n%s", "");
        TRACEE_NUMBER(tracee_count(&t, EVENT_CALL, "read"), 1);
        tracee_free(&t);
    }
    struct tracee t;
    struct fault f;
    start_reading(&t, &f, "default");
    int status = tracee_finish(&t);
    CU_ASSERT_TRUE(WIFSIGNALED(status));
    TRACEE_NUMBER(WTERMSIG(status), SIGUSR1);
    CU_ASSERT_FALSE(tracee_call(&t, "read", 1)->done);
    tracee_free(&t);
}

/** Ways to wait that have no race in them: each ends, and with what its manual page says. */
static const struct {
    const char *mode, *call, *said;
    int64_t result;
} safe[] = {
    {"ppoll", "ppoll", "ppoll -1\nstop 1\n", -EINTR},
    {"pselect", "pselect6", "pselect -1\nstop 1\n", -EINTR},
    {"epoll", "epoll_pwait", "epoll -1\nstop 1\n", -EINTR},
    {"signalfd", "poll", "poll 1\nstdin 0 other 1\nstop 0\n", 1},
    {"pipe", "poll", "poll 1\nstdin 0 other 1\nstop 0\n", 1},
    {"thread", "poll", "poll 1\nstdin 0 other 1\nstop 0\n", 1},
};

static void test_safe(void)
{
    for (size_t i = 0; i < sizeof safe / sizeof safe[0]; i++) {
        struct tracee t;
        struct fault f;
        start(&t, &f, safe[i].mode, CALL_WAIT, 0);
        TRACEE_NUMBER(tracee_finish(&t), 0);
        TRACEE_SAID(&t, "%s", safe[i].said);
        TRACEE_NUMBER(f.made, 1);
        TRACEE_NUMBER(tracee_count(&t, EVENT_CALL, safe[i].call), 1);
        TRACEE_NUMBER(tracee_call(&t, safe[i].call, 1)->result, safe[i].result);
        tracee_free(&t);
    }
}

/** A handler that jumps away: the call was never made, and what follows is no handler's any more. */
static void test_jump(void)
{
    struct tracee t;
    struct fault f;
    start_reading(&t, &f, "jump");
    tracee_until(&t, TASK_BLOCKED, "read");
    tracee_say(&t, "x");
    TRACEE_NUMBER(tracee_finish(&t), 0);
    TRACEE_SAID(&t, "jumped\nread 1\n%s", "stop 0\n");
    TRACEE_NUMBER(tracee_call(&t, "read", 1)->result, -EINTR);
    TRACEE_NUMBER(tracee_call(&t, "read", 1)->injected, true);
    TRACEE_NUMBER(tracee_call(&t, "read", 2)->result, 1);
    TRACEE_NUMBER(write_of(&t, "jumped\n")->handler, 0);
    tracee_free(&t);
}

/** The nth time, once, and never again. */
static void test_occurrence(void)
{
    struct tracee t;
    struct fault f;
    start_reading(&t, &f, "restart");
    f.first = 2;
    tracee_until(&t, TASK_BLOCKED, "read");
    tracee_say(&t, "x");
    TRACEE_NUMBER(tracee_finish(&t), 0);
    TRACEE_NUMBER(f.seen, 1);
    TRACEE_NUMBER(f.made, 0);
    TRACEE_NUMBER(tracee_count(&t, EVENT_SIGNAL, NULL), 0);
    TRACEE_NUMBER(tracee_count(&t, EVENT_NOTE, NULL), 0);
    tracee_free(&t);
}

/* --- what handlers call ---------------------------------------------------------------------------------------- */

static void check_function(struct tracee *t, const struct event *e, int signal, const char *function)
{
    char name[FUNCTION_MAX];
    CU_ASSERT_PTR_NOT_NULL_FATAL(e);
    TRACEE_NUMBER(e->handler, signal);
    tracer_function(t->tracer, e, name);
    if (strcmp(name, function) != 0)
        printf("    %s: by %s, not by %s\n", e->text, name, function);
    CU_ASSERT_STRING_EQUAL(name, function);
}

static void test_nested(void)
{
    struct tracee t;
    struct fault f;
    start_reading(&t, &f, "nest");
    tracee_until(&t, TASK_BLOCKED, "read");
    tracee_say(&t, "x");
    TRACEE_NUMBER(tracee_finish(&t), 0);
    check_function(&t, write_of(&t, "before\n"), SIGUSR1, "write");
    check_function(&t, write_of(&t, "inner\n"), SIGUSR2, "write");
    check_function(&t, write_of(&t, "after\n"), SIGUSR1, "write");
    TRACEE_NUMBER(tracee_call(&t, "read", 1)->handler, 0);
    tracee_free(&t);
}

static void test_stdio(void)
{
    struct tracee t;
    struct fault f;
    start_reading(&t, &f, "print");
    tracee_until(&t, TASK_BLOCKED, "read");
    tracee_say(&t, "x");
    TRACEE_NUMBER(tracee_finish(&t), 0);
    check_function(&t, write_of(&t, "printed by the handler\n"), SIGUSR1, "fflush");
    TRACEE_LINE(&t, write_of(&t, "printed by the handler\n"), "fflush");
    TRACEE_NUMBER(write_of(&t, "read 1\nstop 1\n")->handler, 0);
    tracee_free(&t);
}

static void test_exit(void)
{
    struct tracee t;
    struct fault f;
    start_reading(&t, &f, "exit");
    TRACEE_NUMBER(tracee_finish(&t) >> 8, 7);
    check_function(&t, tracee_call(&t, "exit_group", 1), SIGUSR1, "exit");
    TRACEE_LINE(&t, tracee_call(&t, "exit_group", 1), "exit");
    tracee_free(&t);
}

/** A handler on a stack of its own, in the middle of a call that is made again. */
static void test_other_stack(void)
{
    struct tracee t;
    struct fault f;
    start_reading(&t, &f, "stack");
    tracee_until(&t, TASK_BLOCKED, "read");
    tracee_say(&t, "x");
    TRACEE_NUMBER(tracee_finish(&t), 0);
    check_function(&t, write_of(&t, "handler\n"), SIGUSR1, "write");
    TRACEE_LINE(&t, write_of(&t, "handler\n"), "say");
    TRACEE_NUMBER(write_of(&t, "read 1\nstop 1\n")->handler, 0);
    tracee_free(&t);
}

void suite_signal(void)
{
    unit_test("a signal between the look and the call: it blocks", test_race);
    unit_test("a signal before a call, without a handler", test_no_handler);
    unit_test("a signal before a call that waits without a race", test_safe);
    unit_test("a signal before a call, and a handler that jumps away", test_jump);
    unit_test("a signal before the n-th call only", test_occurrence);
    unit_test("handlers in handlers", test_nested);
    unit_test("handlers that use stdio", test_stdio);
    unit_test("handlers that call exit", test_exit);
    unit_test("handlers on a stack of their own", test_other_stack);
}
