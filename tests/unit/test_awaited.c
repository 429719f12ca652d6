/**
 * @file
 * Waits under a time-out of their socket's (SO_RCVTIMEO, SO_SNDTIMEO) or an alarm clock, and waits for nobody but the other end of a connection.
 */
#include "tracee.h"
#include "unit.h"

#include <errno.h>

#define MINUTE INT64_C(60000000000)

static const struct {
    const char *mode;
    enum task_state state;
    int64_t length; /* ns, of one that ends by itself */
    bool personal;
    bool expires;   /* its end can be brought forward */
} waits[] = {
    {"nothing-set", TASK_BLOCKED, -1, false, false},
    {"receive-limit", TASK_TIMED, MINUTE, true, true},
    {"send-limit-reads", TASK_BLOCKED, -1, false, false},
    {"send-limit", TASK_TIMED, MINUTE, false, false},
    {"receive-limit-writes", TASK_BLOCKED, -1, false, false},
    {"inherited", TASK_TIMED, MINUTE, true, true},
    {"not-inherited", TASK_BLOCKED, -1, false, false},
    {"at-the-door", TASK_TIMED, MINUTE, false, true},
    {"alarm-set", TASK_TIMED, MINUTE, true, false},
    {"alarm-unset", TASK_BLOCKED, -1, false, false},
    {"alarm-repeats", TASK_TIMED, MINUTE, true, false},
    {"alarm-of-parent", TASK_BLOCKED, -1, false, false},
    {"polls-both-ends", TASK_TIMED, MINUTE, true, true},
    {"polls-door", TASK_TIMED, MINUTE, false, true},
    {"polls-input", TASK_TIMED, MINUTE, false, true},
    {"selects-both-ends", TASK_TIMED, MINUTE, true, true},
    {"selects-door", TASK_TIMED, MINUTE, false, true},
};

static void test_limits(void)
{
    for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
        struct tracee t;
        tracee_start(&t, NULL, "patience", waits[i].mode, NULL);
        const struct wait *w = tracee_until(&t, waits[i].state, NULL);
        if (w->length != waits[i].length || w->personal != waits[i].personal)
            fprintf(stderr, "# %s: length %lld, personal %d\n", waits[i].mode, (long long)w->length, w->personal);
        CU_ASSERT_EQUAL(w->length, waits[i].length);
        CU_ASSERT_EQUAL(w->personal, waits[i].personal);
        tracee_free(&t);
    }
}

static void test_expiry(void)
{
    for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
        struct tracee t;
        tracee_start(&t, NULL, "patience", waits[i].mode, NULL);
        const struct wait *w = tracee_until(&t, waits[i].state, NULL);
        int expired = tracer_expire(t.tracer, w->tid);
        CU_ASSERT_EQUAL(expired, waits[i].expires ? 0 : -ESRCH);
        if (expired == 0)
            TRACEE_NUMBER(tracee_finish(&t), 99 << 8);
        tracee_free(&t);
    }
}

void suite_awaited(void)
{
    unit_test("time-outs of sockets and alarm clocks: who waits under one, how long, and for whom", test_limits);
    unit_test("... and whose can be brought forward", test_expiry);
}
