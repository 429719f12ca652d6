/**
 * @file
 * grader/tracer: bad luck made on purpose. Each tracee looks at its own memory and registers afterwards and ends
 * with status 0 only if a call that went badly left them as the kernel would have.
 */
#include "tracee.h"
#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

static void start(struct tracee *t, struct fault *f, const char *program, const char *mode, const char *more)
{
    tracee_start(t, NULL, program, mode, more, NULL);
    tracer_fault(t->tracer, f);
}

/* --- short counts ---------------------------------------------------------------------------------------- */

static const struct {
    const char *mode;
    const char *call;
    uint32_t group;
    const char *text; /* of the first, cut after 4; %s stands for the connection's number */
} moves[] = {
    {"read", "read", CALL_READ, "read(4, \"0123\", 10) = 4"},
    {"recvfrom", "recvfrom", CALL_READ, "recv(4, \"0123\", 10) = 4"},
    {"readv", "readv", CALL_READ, "readv(4, [\"0123\"]) = 4"},
    {"recvmsg", "recvmsg", CALL_READ, "recvmsg(4, [\"0123\"]) = 4"},
    {"write", "write", CALL_WRITE, "write(4, \"0123456789\", 10) = 4"},
    {"sendto", "sendto", CALL_WRITE, "send(4, \"0123456789\", 10) = 4"},
    {"writev", "writev", CALL_WRITE, "writev(4, [\"0123456789\"]) = 4"},
    {"sendmsg", "sendmsg", CALL_WRITE, "sendmsg(4, [\"0123456789\"]) = 4"},
    {"receive-splice", "splice in", CALL_READ, "splice(4, 7, 10) = 4"},
    {"splice", "splice", CALL_WRITE, "splice(6, 4, 10) = 4"},
};
enum { MOVES = sizeof moves / sizeof moves[0] };

/** Ten bytes in calls that move @p most at a time. */
static void check_short(size_t i, int most)
{
    struct tracee t;
    struct fault f = {.actor = -1, .group = moves[i].group, .fd_kinds = 1 << FD_CONNECTED,
                      .what = FAULT_SHORT, .value = most};
    start(&t, &f, "moves", moves[i].mode, NULL);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    struct buf said = {0};
    int n = 0;
    for (int left = 10; left > 0; left -= most) {
        int moved = left < most ? left : most;
        buf_printf(&said, "%d ", moved);
        const struct event *e = tracee_call(&t, moves[i].call, ++n);
        CU_ASSERT_PTR_NOT_NULL_FATAL(e);
        while (e->fd_kind != FD_CONNECTED)
            e = timeline_find(t.timeline, e, EVENT_CALL, -1, moves[i].call);
        TRACEE_NUMBER(e->result, moved);
        TRACEE_NUMBER(e->injected, left > most);
        if (n == 1 && most == 4)
            TRACEE_TEXT(e, "%s", moves[i].text);
    }
    buf_puts(&said, "\n");
    CU_ASSERT_STRING_EQUAL(buf_text(&t.said), buf_text(&said));
    TRACEE_NUMBER(f.made, f.seen);
    buf_free(&said);
    tracee_free(&t);
}

static void test_short(void)
{
    for (size_t i = 0; i < MOVES; i++)
        for (int most = 1; most <= 10; most++)
            check_short(i, most);
}

/** A vector in pages that the program itself may only read. */
static void test_short_constant(void)
{
    for (int most = 1; most < 10; most++) {
        struct tracee t;
        struct fault f = {.actor = -1, .group = CALL_WRITE, .fd_kinds = 1 << FD_CONNECTED,
                          .what = FAULT_SHORT, .value = most};
        start(&t, &f, "moves", "constant", NULL);
        TRACEE_NUMBER(tracee_finish(&t), 0);
        TRACEE_SAID(&t, "%d ", most);
        tracee_free(&t);
    }
}

/** A cut that is met by a call that comes back after an interruption is one cut. */
static void test_short_restarted(void)
{
    struct tracee t;
    struct fault f = {.actor = -1, .group = CALL_READ, .fd_kinds = 1 << FD_STDIN, .count = 1,
                      .what = FAULT_SHORT, .value = 1};
    tracee_start(&t, NULL, "block", "readv", "restart", "chatty", NULL);
    tracer_fault(t.tracer, &f);
    tracee_until(&t, TASK_BLOCKED, "readv");
    kill(t.pid, SIGUSR1);
    tracee_until_said(&t, "handler\n");
    tracee_until(&t, TASK_BLOCKED, "readv");
    kill(t.pid, SIGSTOP);
    tracee_until(&t, TASK_HALTED, NULL);
    kill(t.pid, SIGCONT);
    tracee_until(&t, TASK_BLOCKED, "readv");
    tracee_say(&t, "xy");
    TRACEE_NUMBER(tracee_finish(&t), 0);
    TRACEE_SAID(&t, "readv 1  after 1 signals\n");
    TRACEE_NUMBER(tracee_count(&t, EVENT_CALL, "readv"), 1);
    CU_ASSERT_TRUE(tracee_call(&t, "readv", 1)->injected);
    TRACEE_TEXT(tracee_call(&t, "readv", 1), "readv(0, [\"x\"]) = 1");
    TRACEE_NUMBER(f.seen, 1);
    TRACEE_NUMBER(f.made, 1);
    tracee_free(&t);
}

/* --- errors -------------------------------------------------------------------------------------------------- */

static void accepts(const struct fault *how, const char *said, unsigned seen, unsigned made)
{
    struct tracee t;
    struct fault f = *how;
    f.what = FAULT_ERRNO;
    start(&t, &f, "moves", "accept", "5");
    TRACEE_NUMBER(tracee_finish(&t), 0);
    CU_ASSERT_STRING_EQUAL(buf_text(&t.said), said);
    TRACEE_NUMBER(f.seen, seen);
    TRACEE_NUMBER(f.made, made);
    TRACEE_NUMBER(tracee_count(&t, EVENT_CALL, "accept"), seen);
    unsigned injected = 0;
    for (unsigned i = 1; i <= seen; i++) {
        const struct event *e = tracee_call(&t, "accept", (int)i);
        CU_ASSERT_TRUE(e->done);
        TRACEE_NUMBER(e->injected, e->result < 0);
        injected += e->injected;
        TRACEE_LINE(&t, e, "accept");
    }
    TRACEE_NUMBER(injected, made);
    tracee_free(&t);
}

static void test_errno(void)
{
    const struct fault second = {.actor = -1, .group = CALL_ACCEPT, .first = 2, .count = 1,
                                 .value = ECONNABORTED};
    accepts(&second, "ok ECONNABORTED ok ok ok ok \n", 6, 1);
    const struct fault third = {.actor = -1, .group = CALL_ACCEPT, .first = 2, .every = 3, .count = 2,
                                .value = EMFILE};
    accepts(&third, "ok EMFILE ok ok EMFILE ok ok \n", 7, 2);
    const struct fault all_odd = {.actor = -1, .group = CALL_ACCEPT, .every = 2, .value = EINTR};
    accepts(&all_odd, "EINTR ok EINTR ok EINTR ok EINTR ok EINTR ok \n", 10, 5);
    const struct fault listeners = {.actor = -1, .group = CALL_ACCEPT, .fd_kinds = 1 << FD_LISTENER,
                                    .first = 3, .count = 1, .value = EAGAIN};
    accepts(&listeners, "ok ok EAGAIN ok ok ok \n", 6, 1);
}

static void test_errno_not_counted(void)
{
    struct tracee t;
    struct fault f = {.actor = 17, .group = CALL_ACCEPT, .what = FAULT_ERRNO, .value = EMFILE};
    struct fault g = {.actor = -1, .group = CALL_ACCEPT, .fd_kinds = STREAM_FD, .what = FAULT_ERRNO,
                      .value = EMFILE};
    start(&t, &f, "moves", "accept", "3");
    tracer_fault(t.tracer, &g);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    TRACEE_NUMBER(f.seen + g.seen, 0);
    tracee_free(&t);
}

/** The first that matches is made; the others count along. */
static void test_first_wins(void)
{
    struct tracee t;
    struct fault a = {.actor = -1, .group = CALL_ACCEPT, .first = 2, .count = 1, .what = FAULT_ERRNO,
                      .value = EINTR};
    struct fault b = {.actor = -1, .group = CALL_ACCEPT, .count = 3, .what = FAULT_ERRNO, .value = EMFILE};
    start(&t, &a, "moves", "accept", "2");
    tracer_fault(t.tracer, &b);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    CU_ASSERT_STRING_EQUAL(buf_text(&t.said), "EMFILE EINTR EMFILE EMFILE ok ok \n");
    TRACEE_NUMBER(a.seen, 6);
    TRACEE_NUMBER(b.seen, 6);
    TRACEE_NUMBER(b.made, 3);
    tracee_free(&t);
}

static const struct {
    uint32_t group;
    uint32_t fd_kinds;
    int error;
    const char *said;
} failures[] = {
    {CALL_SOCKET, 0, EMFILE, "socket EMFILE\n"},
    {CALL_OPTION, 0, ENOPROTOOPT, "setsockopt ENOPROTOOPT\n"},
    {CALL_CONNECT, 0, ECONNREFUSED, "connect ECONNREFUSED\n"},
    {CALL_NAME, 1 << FD_CONNECTED, ENOTCONN, "getpeername ENOTCONN\n"},
    {CALL_WRITE, STREAM_FD, EAGAIN, "write EAGAIN\n"},
    {CALL_READ, STREAM_FD, ECONNRESET, "read ECONNRESET\n"},
    {CALL_SHUTDOWN, 0, ENOTCONN, "shutdown ENOTCONN\n"},
    {CALL_FORK, 0, EAGAIN, "fork EAGAIN\n"},
    {CALL_CHILD, 0, EINTR, "wait EINTR\n"},
    {CALL_CLOSE, STREAM_FD, EINTR, "close EINTR\n"},
};

static void test_every_family(void)
{
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
        struct tracee t;
        struct fault f = {.actor = -1, .group = failures[i].group, .fd_kinds = failures[i].fd_kinds,
                          .count = 1, .what = FAULT_ERRNO, .value = failures[i].error};
        /* The listener's own socket and name come first. */
        f.first = failures[i].group == CALL_SOCKET ? 2 : 1;
        start(&t, &f, "moves", "fail", NULL);
        TRACEE_NUMBER(tracee_finish(&t), 0);
        TRACEE_SAID(&t, "%s", failures[i].said);
        TRACEE_NUMBER(f.made, 1);
        int injected = 0;
        for (struct event *e = NULL; (e = timeline_find(t.timeline, e, EVENT_CALL, -1, NULL));)
            if (e->injected) {
                injected++;
                TRACEE_NUMBER(e->result, -failures[i].error);
            }
        TRACEE_NUMBER(injected, 1);
        tracee_free(&t);
    }
}

static void test_removed(void)
{
    struct tracee t;
    struct fault f = {.actor = -1, .group = CALL_READ, .fd_kinds = 1 << FD_STDIN, .what = FAULT_ERRNO,
                      .value = EIO, .first = 2};
    start(&t, &f, "moves", "tell", NULL);
    tracee_say(&t, "a");
    tracee_until_said(&t, "a\nEIO\nEIO\n");
    tracer_unfault(t.tracer, &f);
    unsigned made = f.made;
    tracee_until(&t, TASK_BLOCKED, "read");
    tracee_say(&t, "be");
    TRACEE_NUMBER(tracee_finish(&t), 0);
    TRACEE_SAID(&t, "EIO\nb\n");
    TRACEE_NUMBER(f.made, made);
    tracee_free(&t);
}

/* --- answers ------------------------------------------------------------------------------------------------------ */

/** The room for an answer is the program's own: what has none stays as it is, and what failed hands out nothing. */
static void test_answer(void)
{
    struct tracee t;
    struct fault type = {.actor = -1, .group = CALL_NAME, .call = "getsockopt", .withs = 2,
                         .with = {{1, SOL_SOCKET}, {2, SO_TYPE}}, .what = FAULT_ANSWER,
                         .answer = {.at = 3, .length = 4, .size = 4, .bytes = {0x44, 0x33, 0x22, 0x11}}};
    struct fault port = {.actor = -1, .group = CALL_NAME, .call = "getsockname", .first = 2, .what = FAULT_ANSWER,
                         .answer = {.at = 1, .length = 2, .offset = 2, .size = 2, .bytes = {0xab, 0xcd}}};
    start(&t, &type, "moves", "ask", NULL);
    tracer_fault(t.tracer, &port);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    TRACEE_SAID(&t, "%d/4 2/4 %d/2 0/0 %d/4 ab cd ab - ENOTSOCK EFAULT \n", 0x11223344, 0x3344, 0x11223344);
    TRACEE_NUMBER(type.made, 6);
    TRACEE_NUMBER(port.seen, 3);
    TRACEE_NUMBER(port.made, 2);
    TRACEE_TEXT(tracee_call(&t, "getsockopt", 1), "getsockopt(3, SOL_SOCKET, SO_TYPE, %d) = 0", 0x11223344);
    TRACEE_TEXT(tracee_call(&t, "getsockopt", 2), "getsockopt(3, SOL_SOCKET, SO_DOMAIN, AF_INET) = 0");
    static const bool changed[] = {true, false, true, false, true, false, false};
    for (int i = 0; i < 7; i++)
        TRACEE_NUMBER(tracee_call(&t, "getsockopt", i + 1)->injected, changed[i]);
    TRACEE_NUMBER(tracee_call(&t, "getsockname", 1)->injected, false);
    TRACEE_NUMBER(tracee_call(&t, "getsockname", 2)->injected, true);
    TRACEE_NUMBER(tracee_count(&t, EVENT_NOTE, NULL), 5);
    const struct event *note = timeline_find(t.timeline, NULL, EVENT_NOTE, -1, NULL);
    TRACEE_TEXT(note, "the grader changes the answer: %s", tracee_call(&t, "getsockopt", 1)->text);
    tracee_free(&t);
}

/** Demands on the arguments hold for every kind of fault. */
static void test_arguments(void)
{
    struct tracee t;
    struct fault f = {.actor = -1, .group = CALL_NAME, .call = "getsockopt", .withs = 1, .with = {{2, SO_DOMAIN}},
                      .what = FAULT_ERRNO, .value = ENOBUFS};
    start(&t, &f, "moves", "ask", NULL);
    TRACEE_NUMBER(tracee_finish(&t) >> 8, 1);
    TRACEE_NUMBER(f.seen, 1);
    TRACEE_NUMBER(tracee_call(&t, "getsockopt", 2)->result, -ENOBUFS);
    tracee_free(&t);
}

/** A process that ends by itself can be looked at before it has. */
static void test_exit(void)
{
    struct tracee t;
    struct fault f = {.actor = -1, .group = CALL_EXIT, .what = FAULT_HOLD};
    struct tracee_how how = {.groups = TRACE_ALL | CALL_EXIT};
    tracee_start(&t, &how, "moves", "ask", NULL);
    tracer_fault(t.tracer, &f);
    tracee_until(&t, TASK_HELD, "exit_group");
    tracee_until_said(&t, "\n");
    TRACEE_NUMBER(tracer_descriptor(t.pid, 0), 0);
    TRACEE_NUMBER(tracer_descriptor(t.pid, 3), 3);
    TRACEE_NUMBER(tracer_descriptor(t.pid, 1000), -ENOENT);
    tracer_release(t.tracer, &f);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    TRACEE_TEXT(tracee_call(&t, "exit_group", 1), "exit_group(0)");
    tracee_free(&t);
}

/* --- kept before a call ------------------------------------------------------------------------------------------ */

static void test_hold(void)
{
    struct tracee t;
    struct fault f = {.actor = -1, .group = CALL_READ, .fd_kinds = 1 << FD_STDIN, .first = 2, .count = 1,
                      .what = FAULT_HOLD};
    start(&t, &f, "moves", "tell", NULL);
    tracee_say(&t, "abe");
    const struct wait *w = tracee_until(&t, TASK_HELD, "read");
    TRACEE_NUMBER(f.held, t.pid);
    TRACEE_NUMBER(w->fd, 0);
    TRACEE_NUMBER(w->fd_kind, FD_STDIN);
    TRACEE_NUMBER(t.look.held, 1);
    TRACEE_LINE(&t, w->event, "tell");
    struct buf b = {0};
    tracer_describe(w, &b);
    CU_ASSERT_STRING_EQUAL(buf_text(&b), "is kept before read");
    buf_free(&b);
    tracee_until_said(&t, "a\n");
    /* However long it waits, it has not made the call. */
    for (int i = 0; i < 20; i++)
        tracee_wait(&t, 0);
    CU_ASSERT_STRING_EQUAL(buf_text(&t.said), "a\n");
    CU_ASSERT_FALSE(w->event->done);
    TRACEE_NUMBER(tracee_count(&t, EVENT_NOTE, NULL), 1);
    tracer_release(t.tracer, &f);
    TRACEE_NUMBER(f.held, 0);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    CU_ASSERT_STRING_EQUAL(buf_text(&t.said), "a\nb\n\n");
    TRACEE_NUMBER(tracee_count(&t, EVENT_NOTE, NULL), 2);
    TRACEE_TEXT(tracee_call(&t, "read", 2), "read(0, \"b\", 1) = 1");
    CU_ASSERT_FALSE(tracee_call(&t, "read", 2)->injected);
    tracer_release(t.tracer, &f); /* nothing held: nothing done */
    tracee_free(&t);
}

/** Kept where the call has been made and nobody knows yet. */
static void test_hold_after(void)
{
    struct tracee t;
    struct fault f = {.actor = -1, .group = CALL_READ, .fd_kinds = 1 << FD_STDIN, .first = 2, .count = 1,
                      .what = FAULT_HOLD_AFTER};
    start(&t, &f, "moves", "tell", NULL);
    tracee_say(&t, "abe");
    const struct wait *w = tracee_until(&t, TASK_HELD, "read");
    TRACEE_NUMBER(f.held, t.pid);
    CU_ASSERT_TRUE(w->after);
    struct buf b = {0};
    tracer_describe(w, &b);
    CU_ASSERT_STRING_EQUAL(buf_text(&b), "is kept after read");
    buf_free(&b);
    TRACEE_TEXT(tracee_call(&t, "read", 2), "read(0, \"b\", 1) = 1");
    tracee_until_said(&t, "a\n");
    for (int i = 0; i < 20; i++)
        tracee_wait(&t, 0);
    CU_ASSERT_STRING_EQUAL(buf_text(&t.said), "a\n");
    TRACEE_NUMBER(tracee_count(&t, EVENT_NOTE, NULL), 1);
    tracer_release(t.tracer, &f);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    CU_ASSERT_STRING_EQUAL(buf_text(&t.said), "a\nb\n\n");
    TRACEE_NUMBER(tracee_count(&t, EVENT_NOTE, NULL), 2);
    tracee_free(&t);
}

/** A call that fails has changed nothing: nobody is kept after it. */
static void test_hold_after_failure(void)
{
    struct tracee t;
    struct fault f = {.actor = -1, .group = CALL_NAME, .call = "getsockopt", .first = 6, .what = FAULT_HOLD_AFTER};
    start(&t, &f, "moves", "ask", NULL);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    TRACEE_NUMBER(tracee_call(&t, "getsockopt", 6)->result, -ENOTSOCK);
    TRACEE_NUMBER(f.made, 2);
    TRACEE_NUMBER(tracee_count(&t, EVENT_NOTE, NULL), 0);
    tracee_free(&t);
}

/** New threads are kept before they do anything; who made them goes on. */
static void test_hold_new(void)
{
    struct tracee t;
    struct fault f = {.actor = -1, .group = CALL_FORK, .what = FAULT_HOLD_NEW};
    start(&t, &f, "moves", "tell-twice", NULL);
    const struct wait *w = tracee_until(&t, TASK_HELD, NULL);
    size_t made = (size_t)f.made;
    TRACEE_NUMBER(t.look.held, made);
    CU_ASSERT_PTR_NULL(w->call);
    struct buf b = {0};
    tracer_describe(w, &b);
    CU_ASSERT_STRING_EQUAL(buf_text(&b), "is kept from running");
    buf_free(&b);
    for (int i = 0; i < 20; i++)
        tracee_wait(&t, 0);
    tracer_look(t.tracer, &t.look);
    TRACEE_NUMBER(t.look.held, f.made);
    tracee_hang_up(&t);
    tracer_unfault(t.tracer, &f);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    TRACEE_NUMBER(tracee_count(&t, EVENT_NOTE, NULL), 2 * (int)f.made);
    tracee_free(&t);
}

/** Two threads that meet the same fault. */
static void test_hold_two(void)
{
    struct tracee t;
    struct fault f = {.actor = -1, .group = CALL_READ, .fd_kinds = 1 << FD_STDIN, .what = FAULT_HOLD,
                      .count = 2};
    start(&t, &f, "moves", "tell-twice", NULL);
    do
        tracee_until(&t, TASK_HELD, "read");
    while (t.look.held < 2);
    tracee_hang_up(&t);
    tracer_release(t.tracer, &f);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    tracee_free(&t);
}

static void test_hold_and_signals(void)
{
    struct tracee t;
    struct fault f = {.actor = -1, .group = CALL_READ, .fd_kinds = 1 << FD_STDIN, .count = 1,
                      .what = FAULT_HOLD};
    tracee_start(&t, NULL, "block", "read", "restart", "chatty", NULL);
    tracer_fault(t.tracer, &f);
    tracee_until(&t, TASK_HELD, "read");
    kill(t.pid, SIGUSR1);
    tracee_say(&t, "x");
    for (int i = 0; i < 20; i++)
        tracee_wait(&t, 0);
    tracer_look(t.tracer, &t.look);
    TRACEE_NUMBER(t.look.held, 1);
    tracer_release(t.tracer, &f);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    TRACEE_SAID(&t, "read 1  after 1 signals\n");
    TRACEE_NUMBER(f.made, 1);
    tracee_free(&t);
}

static void test_killed_while_held(void)
{
    struct tracee t;
    struct fault f = {.actor = -1, .group = CALL_READ, .what = FAULT_HOLD};
    start(&t, &f, "moves", "tell", NULL);
    tracee_until(&t, TASK_HELD, "read");
    kill(t.pid, SIGKILL);
    TRACEE_NUMBER(tracee_finish(&t), SIGKILL);
    TRACEE_NUMBER(f.held, 0);
    tracer_release(t.tracer, &f);
    tracee_free(&t);
    /* Killed, and released before the tracer has heard of it. */
    start(&t, &f, "moves", "tell", NULL);
    tracee_until(&t, TASK_HELD, "read");
    kill(t.pid, SIGKILL);
    tracer_unfault(t.tracer, &f);
    TRACEE_NUMBER(tracee_finish(&t), SIGKILL);
    tracee_free(&t);
    /* Held to the end. */
    start(&t, &f, "moves", "tell", NULL);
    tracee_until(&t, TASK_HELD, "read");
    tracee_free(&t);
}

/* --- sleeps ---------------------------------------------------------------------------------------------------------- */

#define SECONDS INT64_C(1000000000)

static const struct {
    const char *mode;
    const char *marker;
    int64_t length; /* ns; -1: no sleep, the kernel refuses it */
    const char *said;
} sleeps[] = {
    {"sleep", "sleep", 1000 * SECONDS, "sleep 0 \n"},
    {"usleep", "usleep", 1000 * SECONDS, "usleep 0 \n"},
    {"nanosleep", "nanosleep", 1000 * SECONDS + 500, "nanosleep 0 \n"},
    {"raw", "raw", 1000 * SECONDS + 500, "raw 0 \n"},
    {"poll", "poll", 1000 * SECONDS, "poll 0 \n"},
    {"ppoll", "ppoll", 1000 * SECONDS + 500, "ppoll 0 \n"},
    {"select", "select", 1000 * SECONDS + 7000, "select 0 \n"},
    {"raw-select", "raw-select", 1000 * SECONDS + 7000, "raw-select 0 \n"},
    {"pselect", "pselect", 1000 * SECONDS + 500, "pselect 0 \n"},
    {"past", "past", 0, "past 0 \n"},
    {"no-time", "no-time", 0, "no-time 0 \n"},
    {"for-ever", "for-ever", INT64_MAX, "for-ever 0 \n"},
    {"negative", "negative", -1, "negative -1 EINVAL\n"},
    {"too-many", "too-many", -1, "too-many -1 EINVAL\n"},
    {"nowhere", "nowhere", -1, "nowhere -1 EFAULT\n"},
    {"bad-clock", "bad-clock", -1, "bad-clock -1 EINVAL\n"},
};

/** The one call of these that passes time. */
static const struct event *sleep_of(const struct tracee *t)
{
    struct event *e = NULL;
    while ((e = timeline_find(t->timeline, e, EVENT_CALL, -1, NULL)))
        if (e->group & (CALL_SLEEP | CALL_WAIT))
            return e;
    return NULL;
}

static void test_sleeps(void)
{
    for (size_t i = 0; i < sizeof sleeps / sizeof sleeps[0]; i++) {
        struct tracee t;
        tracee_start(&t, NULL, "sleeps", sleeps[i].mode, NULL);
        TRACEE_NUMBER(tracee_finish(&t), 0);
        CU_ASSERT_STRING_EQUAL(buf_text(&t.said), sleeps[i].said);
        const struct event *e = sleep_of(&t);
        CU_ASSERT_PTR_NOT_NULL_FATAL(e);
        TRACEE_LINE(&t, e, sleeps[i].marker);
        TRACEE_NUMBER(e->value, sleeps[i].length);
        TRACEE_NUMBER(e->injected, sleeps[i].length >= 0);
        tracee_free(&t);
    }
}

static void test_absolute_sleep(void)
{
    struct tracee t;
    tracee_start(&t, NULL, "sleeps", "absolute", NULL);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    CU_ASSERT_STRING_EQUAL(buf_text(&t.said), "absolute 0 \n");
    const struct event *e = sleep_of(&t);
    CU_ASSERT_PTR_NOT_NULL_FATAL(e);
    TRACEE_LINE(&t, e, "absolute");
    /* What was left of it when the call was seen: as much of the run as went by before is missing. */
    CU_ASSERT_TRUE(e->value <= 1000 * SECONDS);
    CU_ASSERT_TRUE(e->value >= 1000 * SECONDS - (clock_now() - t.timeline->start));
    tracee_free(&t);
}

static size_t count_sleeps(const struct tracee *t, size_t *skipped)
{
    size_t n = 0;
    *skipped = 0;
    for (struct event *e = NULL; (e = timeline_find(t->timeline, e, EVENT_CALL, -1, NULL));) {
        if (!(e->group & CALL_SLEEP))
            continue;
        n++;
        *skipped += e->injected;
    }
    return n;
}

/** A program that sleeps until a clock has moved must get there: it would spin if all its sleeps were skipped. */
static void test_clock_watched(void)
{
    struct tracee t;
    size_t skipped;
    tracee_start(&t, NULL, "sleeps", "watch", NULL);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    size_t n = count_sleeps(&t, &skipped);
    CU_ASSERT_TRUE(n <= 50 + 50 + 1); /* the skipped ones, and a tenth of a second in pieces of 2 ms */
    CU_ASSERT_TRUE(skipped <= 50);
    tracee_free(&t);
}

/** One that does not look at a clock costs half a second at most. */
static void test_clock_not_watched(void)
{
    struct tracee t;
    size_t skipped;
    tracee_start(&t, NULL, "sleeps", "count", NULL);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    TRACEE_NUMBER(count_sleeps(&t, &skipped), 1000);
    TRACEE_NUMBER(1000 - skipped, 500 / 20);
    tracee_free(&t);
}

void suite_fault(void)
{
    unit_test("short counts in every call, memory and registers restored", test_short);
    unit_test("short counts of a constant vector", test_short_constant);
    unit_test("short counts of calls that come back", test_short_restarted);
    unit_test("an errno at the n-th accept", test_errno);
    unit_test("other programs and descriptors do not count", test_errno_not_counted);
    unit_test("the first fault that matches wins", test_first_wins);
    unit_test("every family can fail", test_every_family);
    unit_test("a fault taken out", test_removed);
    unit_test("an answer changed, within the room for it", test_answer);
    unit_test("a fault for certain arguments", test_arguments);
    unit_test("kept before it exits", test_exit);
    unit_test("kept before a call and released", test_hold);
    unit_test("kept after a call and released", test_hold_after);
    unit_test("nobody is kept after a call that failed", test_hold_after_failure);
    unit_test("new threads are kept before they run", test_hold_new);
    unit_test("sleeps of a program that watches a clock", test_clock_watched);
    unit_test("sleeps without end", test_clock_not_watched);
    unit_test("two tasks kept by one fault", test_hold_two);
    unit_test("signals while kept", test_hold_and_signals);
    unit_test("killed while kept", test_killed_while_held);
    unit_test("sleeps are skipped, their lengths known", test_sleeps);
    unit_test("a sleep until a time", test_absolute_sleep);
}
