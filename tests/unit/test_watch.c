/**
 * @file
 * Bad luck that must not lie: no EINTR where nothing can wait, no short count where it would have a meaning; and what
 * lies in a tracee's socket is taken from it for real.
 */
#include "tracee.h"
#include "unit.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void test_only_calls_that_wait(void)
{
    struct tracee t;
    struct fault f = {.actor = -1, .group = CALL_READ, .fd_kinds = 1 << FD_ACCEPTED, .blocking = true,
                      .what = FAULT_ERRNO, .value = EINTR};
    tracee_start(&t, NULL, "watch", "waits", NULL);
    tracer_fault(t.tracer, &f);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    TRACEE_SAID(&t, "E%d 2 2 E%d \n", EINTR, EINTR);
    TRACEE_NUMBER(f.made, 2);
    TRACEE_NUMBER(f.seen, 2);
    tracee_free(&t);
}

static void test_all_calls(void)
{
    struct tracee t;
    struct fault f = {.actor = -1, .group = CALL_READ, .fd_kinds = 1 << FD_ACCEPTED, .what = FAULT_ERRNO, .value = EINTR};
    tracee_start(&t, NULL, "watch", "waits", NULL);
    tracer_fault(t.tracer, &f);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    TRACEE_SAID(&t, "E%d E%d E%d E%d \n", EINTR, EINTR, EINTR, EINTR);
    tracee_free(&t);
}

static void test_edge_is_not_cut(void)
{
    struct tracee t;
    struct fault f = {.actor = -1, .group = CALL_READ, .fd_kinds = 1 << FD_ACCEPTED, .what = FAULT_SHORT, .value = 3};
    tracee_start(&t, NULL, "watch", "edge", NULL);
    tracer_fault(t.tracer, &f);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    TRACEE_SAID(&t, "10 3 \n");
    TRACEE_NUMBER(tracee_count(&t, EVENT_CALL, "epoll_ctl"), 0);
    tracee_free(&t);
}

static void test_borrow(void)
{
    struct tracee t;
    struct fault f = {.actor = -1, .group = CALL_READ, .fd_kinds = 1 << FD_ACCEPTED, .count = 1, .what = FAULT_HOLD};
    tracee_start(&t, NULL, "watch", "lend", NULL);
    tracer_fault(t.tracer, &f);
    const struct wait *w = tracee_until(&t, TASK_HELD, "recvfrom");
    int own = tracer_borrow(w->pid, w->fd);
    CU_ASSERT_TRUE(own >= 0);
    char bytes[10];
    TRACEE_NUMBER(recv(own, bytes, sizeof bytes, MSG_DONTWAIT), 10);
    CU_ASSERT_EQUAL(memcmp(bytes, "0123456789", 10), 0);
    close(own);
    TRACEE_NUMBER(tracer_borrow(w->pid, 1000), -EBADF);
    tracer_release(t.tracer, &f);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    TRACEE_SAID(&t, "E%d \n", EAGAIN);
    TRACEE_NUMBER(tracer_borrow(t.pid, 0), -ESRCH);
    tracee_free(&t);
}

void suite_watch(void)
{
    unit_test("an interruption that only calls meet that may wait", test_only_calls_that_wait);
    unit_test("an interruption of every call", test_all_calls);
    unit_test("no short count on an edge-triggered descriptor", test_edge_is_not_cut);
    unit_test("what lies in a tracee's socket is taken away", test_borrow);
}
