/**
 * @file
 * check/limit.c: time that the machine did not give does not count, up to a bound.
 */
#include "check/internal.h"
#include "unit.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MILLISECOND = 1000000 };

static int64_t delay_so_far(void)
{
    long long run = 0, delay = 0;
    FILE *file = fopen("/proc/thread-self/schedstat", "r");

    if (!file)
        return -1;
    if (fscanf(file, "%lld %lld", &run, &delay) != 2)
        delay = -1;
    fclose(file);
    return delay;
}

/* This process and one that only burns, both on the processor that this one is on: each waits for the other. */
static bool be_kept_waiting(int64_t wanted)
{
    cpu_set_t before, here;
    int64_t start = delay_so_far();

    if (start < 0 || sched_getaffinity(0, sizeof before, &before) != 0)
        return false;
    CPU_ZERO(&here);
    CPU_SET((size_t)sched_getcpu(), &here);
    CU_ASSERT_EQUAL(sched_setaffinity(0, sizeof here, &here), 0);
    pid_t other = fork();
    if (other == 0)
        for (;;)
            continue;
    /* As long as it takes, unless the kernel does not count at all. */
    while (delay_so_far() - start < wanted && clock() < 5 * CLOCKS_PER_SEC)
        continue;
    bool waited = delay_so_far() - start >= wanted;
    kill(other, SIGKILL);
    waitpid(other, NULL, 0);
    sched_setaffinity(0, sizeof before, &before);
    return waited;
}

static void test_busy_machine(void)
{
    struct timeline *timeline = timeline_new(100);
    sigset_t mask;

    sigprocmask(SIG_SETMASK, NULL, &mask);
    struct check c = {.tracer = tracer_new(timeline, NULL), .started = 1000, .limit = 10 * MILLISECOND};
    int64_t asked_for = c.started + c.limit;

    if (!be_kept_waiting(5 * MILLISECOND)) {
        unit_skip("the kernel does not count how long a task waits for a processor");
    } else {
        c.most = INT64_MAX / 2;
        CU_ASSERT_FALSE(limit_is_over(&c, asked_for + 5 * MILLISECOND));
        CU_ASSERT(c.deadline >= asked_for + 5 * MILLISECOND);
        CU_ASSERT(limit_is_over(&c, INT64_MAX));
        c.most = c.limit + MILLISECOND;
        CU_ASSERT_FALSE(limit_is_over(&c, asked_for + MILLISECOND));
        CU_ASSERT(limit_is_over(&c, asked_for + MILLISECOND + 1));
        c.most = c.limit;
        CU_ASSERT_FALSE(limit_is_over(&c, asked_for));
        CU_ASSERT(limit_is_over(&c, asked_for + 1));
    }
    tracer_free(c.tracer);
    timeline_free(timeline);
    sigprocmask(SIG_SETMASK, &mask, NULL);
}

void suite_limit(void)
{
    unit_test("time that a busy machine keeps for others is no program's", test_busy_machine);
}
