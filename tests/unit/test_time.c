/**
 * @file
 * Programs with a time of their own: however they wait, the time passes when nothing else can happen, and takes
 * none; and all their
 * clocks agree.
 */
#include "tracee.h"
#include "unit.h"

#include <errno.h>
#include <string.h>

enum { TIME_GROUPS = TRACE_ALL | CALL_CLOCK };

/** Whether it sleeps, so that only time can wake it. Looks again and again, as nobody tells. */
static bool sleeps(struct tracee *t)
{
    tracer_look(t->tracer, &t->look);
    return t->look.tasks > 0 && t->look.running == 0;
}

/** To the end, letting time pass. How often it had to. */
static int live(struct tracee *t, const char *how)
{
    int status, times = 0;
    struct tracee_how own = {.groups = TIME_GROUPS, .own_time = true};
    tracee_start(t, &own, "seconds", how, NULL);
    while (!tracer_ended(t->tracer, t->actor, &status)) {
        tracee_wait(t, 1);
        if (sleeps(t))
            times += tracer_pass_time(t->tracer);
    }
    TRACEE_NUMBER(tracee_finish(t), 0);
    return times;
}

static void test_ways_to_wait(void)
{
    static const char *const ways[] = {"poll",  "select", "epoll",   "sleep",     "option", "alarm", "itimer",
                                       "timer", "timerfd", "condition", "naps", "both"};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct tracee t;
        int64_t start = clock_now();
        int times = live(&t, ways[i]);
        TRACEE_SAID(&t, "it is later now\n");
        CU_ASSERT_TRUE(times > 0);
        CU_ASSERT_TRUE(tracer_time_passed(t.tracer, t.actor) > 0);
        CU_ASSERT_TRUE(clock_now() - start < INT64_C(900000000000)); /* not the quarter of an hour that it asked for */
        tracee_free(&t);
    }
}

/* Who never sleeps is not seen to wait: it looks at its watch, or makes calls until a flag changes. */
static void test_waiting_awake(void)
{
    static const char *const ways[] = {"spin", "flag"};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct tracee t;
        live(&t, ways[i]);
        TRACEE_SAID(&t, "it is later now\n");
        tracee_free(&t);
    }
}

static void test_waits_are_exact(void)
{
    struct tracee t;
    live(&t, "poll");
    int64_t passed = tracer_time_passed(t.tracer, t.actor) / 1000000000;
    CU_ASSERT_TRUE(passed >= 900 && passed <= 1000); /* the rest really passed before */
    CU_ASSERT_EQUAL(tracer_time_passed(t.tracer, -1), 0);
    struct event *poll = tracee_call(&t, "poll", 1);
    TRACEE_TEXT(poll, "poll({3 POLLIN}, 1, 1000000) = 0");
    tracee_free(&t);
}

/* Without a time of its own nothing passes, and nothing is said to have. */
static void test_others(void)
{
    struct tracee t;
    tracee_start(&t, NULL, "block", "poll", NULL);
    tracee_until(&t, TASK_BLOCKED, "poll");
    CU_ASSERT_FALSE(tracer_pass_time(t.tracer));
    CU_ASSERT_EQUAL(tracer_time_passed(t.tracer, t.actor), 0);
    tracee_free(&t);
}

void suite_time(void)
{
    unit_test("every way to wait", test_ways_to_wait);
    unit_test("waiting without sleep", test_waiting_awake);
    unit_test("how much has passed, and how the call reads", test_waits_are_exact);
    unit_test("programs that have none", test_others);
}
