/**
 * @file
 * grader/tracer: who is blocked, in what, where; and calls that are interrupted, stopped, go on, come back.
 */
#include "tracee.h"
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void check_described(const struct wait *w, const char *should)
{
    struct buf b = {0};
    tracer_describe(w, &b);
    if (strcmp(buf_text(&b), should) != 0)
        fprintf(stderr, "# described as `%s`, should be `%s`\n", buf_text(&b), should);
    CU_ASSERT_STRING_EQUAL(buf_text(&b), should);
    buf_free(&b);
}

static bool is_recorded(const char *call)
{
    return !call || (strcmp(call, "pause") != 0 && strcmp(call, "rt_sigsuspend") != 0 && strcmp(call, "futex") != 0);
}

/** The line in which it waits, from what was recorded and from where it stands now. */
static void check_place(struct tracee *t, const struct wait *w, const char *marker)
{
    struct wait unrecorded = *w;
    unrecorded.event = NULL;
    struct source_line now = {.line = 0}, recorded = {.line = 0};
    CU_ASSERT_TRUE(tracer_where_waits(t->tracer, &unrecorded, &now));
    CU_ASSERT_TRUE(tracer_where_waits(t->tracer, w, &recorded));
    TRACEE_NUMBER(now.line, tracee_marked_line("block", marker));
    TRACEE_NUMBER(recorded.line, now.line);
    CU_ASSERT_STRING_EQUAL(now.file, "block.c");
}

/* --- one task, one call -------------------------------------------------------------------------------- */

static const struct {
    const char *mode, *call;
    enum task_state state;
    enum fd_kind fd_kind;
    int fd;
    const char *marker;
    const char *described;
} waits[] = {
    {"read", "read", TASK_BLOCKED, FD_STDIN, 0, "read", "is blocked in read(0, ..., 1)"},
    {"readv", "readv", TASK_BLOCKED, FD_STDIN, 0, "readv", "is blocked in readv(0, [...])"},
    {"accept", "accept", TASK_BLOCKED, FD_LISTENER, 3, "accept", "is blocked in accept(3, NULL)"},
    {"recv", "recvfrom", TASK_BLOCKED, FD_CONNECTED, 4, "recv", "is blocked in recv(4, ..., 1)"},
    {"recv-timed", "recvfrom", TASK_TIMED, FD_CONNECTED, 4, "recv-timed",
     "is blocked in recv(4, ..., 1)"},
    {"write", "write", TASK_BLOCKED, FD_ACCEPTED, 5, "write", NULL},
    {"poll", "poll", TASK_BLOCKED, FD_UNKNOWN, -1, "poll", "is blocked in poll({0 POLLIN}, 1, -1)"},
    {"poll-timed", "poll", TASK_TIMED, FD_UNKNOWN, -1, "poll-timed",
     "is blocked in poll({0 POLLIN}, 1, 60000)"},
    {"ppoll", "ppoll", TASK_BLOCKED, FD_UNKNOWN, -1, "ppoll", "is blocked in ppoll({0 POLLIN}, 1)"},
    {"select", NULL, TASK_BLOCKED, FD_UNKNOWN, -1, "select", NULL},
    {"select-timed", NULL, TASK_TIMED, FD_UNKNOWN, -1, "select-timed", NULL},
    {"epoll", "epoll_wait", TASK_BLOCKED, FD_UNKNOWN, 3, "epoll", "is blocked in epoll_wait(3, ...)"},
    {"epoll-timed", "epoll_wait", TASK_TIMED, FD_UNKNOWN, 3, "epoll-timed", NULL},
    {"pause", "pause", TASK_BLOCKED, FD_UNKNOWN, -1, "pause", "is blocked in pause(...)"},
    {"sigsuspend", "rt_sigsuspend", TASK_BLOCKED, FD_UNKNOWN, -1, "sigsuspend", NULL},
    {"mutex", "futex", TASK_BLOCKED, FD_UNKNOWN, -1, "mutex", "is blocked in futex(...)"},
    {"mutex-timed", "futex", TASK_TIMED, FD_UNKNOWN, -1, "mutex-timed", NULL},
    {"alarm", "read", TASK_TIMED, FD_STDIN, 0, "read-alarm", "is blocked in read(0, ..., 1)"},
};

static void test_one_call(void)
{
    for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
        struct tracee t;
        tracee_start(&t, NULL, "block", waits[i].mode, NULL);
        const struct wait *w = tracee_until(&t, waits[i].state, waits[i].call);
        TRACEE_NUMBER(t.look.tasks, 1);
        TRACEE_NUMBER(t.look.blocked, waits[i].state == TASK_BLOCKED);
        TRACEE_NUMBER(t.look.timed, waits[i].state == TASK_TIMED);
        TRACEE_NUMBER(w->pid, t.pid);
        TRACEE_NUMBER(w->tid, t.pid);
        TRACEE_NUMBER(w->actor, t.actor);
        TRACEE_NUMBER(w->fd, waits[i].fd);
        TRACEE_NUMBER(w->fd_kind, waits[i].fd_kind);
        CU_ASSERT_TRUE(w->switches > 0);
        if (waits[i].described)
            check_described(w, waits[i].described);
        CU_ASSERT_EQUAL(w->event != NULL, is_recorded(waits[i].call));
        if (w->event)
            TRACEE_LINE(&t, w->event, waits[i].marker);
        check_place(&t, w, waits[i].marker);
        tracee_free(&t);
    }
}

/** The same seen from outside, after the program was let go: calls by their names only. */
static void test_released(void)
{
    const struct tracee_how how = {.mode = TRACE_UNTIL_EXEC};
    for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
        if (strcmp(waits[i].mode, "recv-timed") == 0 || strcmp(waits[i].mode, "alarm") == 0)
            continue; /* nobody saw what will end it */
        struct tracee t;
        tracee_start(&t, &how, "block", waits[i].mode, NULL);
        const struct wait *w = tracee_until(&t, waits[i].state, waits[i].call);
        TRACEE_NUMBER(t.look.tasks, 1);
        TRACEE_NUMBER(w->fd, waits[i].fd);
        CU_ASSERT_PTR_NULL(w->event);
        tracee_free(&t);
    }
}

static void test_quiet_look_changes_nothing(void)
{
    struct tracee t;
    tracee_start(&t, NULL, "block", "accept", NULL);
    uint64_t switches = tracee_until(&t, TASK_BLOCKED, "accept")->switches;
    for (int i = 0; i < 100; i++) {
        tracee_wait(&t, 0);
        tracer_look(t.tracer, &t.look);
        TRACEE_NUMBER(t.look.blocked, 1);
        TRACEE_NUMBER(t.look.switches, switches);
    }
    tracee_free(&t);
}

static void test_running(void)
{
    struct tracee t;
    tracee_start(&t, NULL, "block", "spin", NULL);
    while (!tracer_process(t.tracer, t.actor))
        tracee_wait(&t, -1);
    int64_t cpu = -1;
    for (int i = 0; i < 100 || t.look.cpu == cpu; i++) {
        tracee_wait(&t, 0);
        tracer_look(t.tracer, &t.look);
        TRACEE_NUMBER(t.look.running, 1);
        TRACEE_NUMBER(t.look.blocked + t.look.timed + t.look.held + t.look.halted, 0);
        if (cpu < 0)
            cpu = t.look.cpu;
    }
    CU_ASSERT_TRUE(t.look.cpu > cpu);
    check_described(&t.look.task[0], "is running");
    tracee_free(&t);
}

static void test_threads(void)
{
    struct tracee t;
    tracee_start(&t, NULL, "block", "threads", NULL);
    const struct wait *w = tracee_until(&t, TASK_BLOCKED, "accept");
    TRACEE_NUMBER(t.look.tasks, 2);
    TRACEE_NUMBER(t.look.blocked, 2);
    TRACEE_NUMBER(w->pid, t.pid);
    CU_ASSERT_NOT_EQUAL(w->tid, t.pid);
    TRACEE_LINE(&t, w->event, "accept-thread");
    const struct wait *main_thread = tracee_until(&t, TASK_BLOCKED, "futex");
    TRACEE_NUMBER(main_thread->tid, t.pid);
    tracee_free(&t);
}

static void test_parent_waits_for_child(void)
{
    struct tracee t;
    tracee_start(&t, NULL, "block", "wait", NULL);
    const struct wait *w = tracee_until(&t, TASK_BLOCKED, "wait4");
    TRACEE_NUMBER(w->pid, t.pid);
    TRACEE_LINE(&t, w->event, "wait");
    w = tracee_until(&t, TASK_BLOCKED, "read");
    CU_ASSERT_NOT_EQUAL(w->pid, t.pid);
    TRACEE_LINE(&t, w->event, "wait-child");
    TRACEE_NUMBER(t.look.blocked, 2);
    tracee_hang_up(&t);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    tracee_free(&t);
}

static void test_vfork_parent(void)
{
    struct tracee t;
    tracee_start(&t, NULL, "block", "vfork", NULL);
    const struct wait *w = tracee_until(&t, TASK_BLOCKED, "vfork");
    TRACEE_NUMBER(w->pid, t.pid);
    TRACEE_NUMBER(t.look.blocked, 2);
    tracee_hang_up(&t);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    tracee_free(&t);
}

static void test_idle_rounds(void)
{
    struct tracee t;
    tracee_start(&t, NULL, "block", "idle", NULL);
    const struct wait *w;
    do
        w = tracee_until(&t, TASK_TIMED, "poll");
    while (w->idle_rounds < 5);
    TRACEE_NUMBER(w->idle_rounds, 5);
    tracee_hang_up(&t);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    tracee_free(&t);
}

/** Past the limit of the timeline nobody's wait may be taken for another's. */
static void test_past_the_limit(void)
{
    const struct tracee_how how = {.limit = 3};
    struct tracee t;
    tracee_start(&t, &how, "block", "threads", NULL);
    const struct wait *w = tracee_until(&t, TASK_BLOCKED, "accept");
    TRACEE_NUMBER(t.timeline->count, 3);
    CU_ASSERT_TRUE(t.timeline->dropped > 0);
    check_described(w, "is blocked in accept(3, NULL)");
    TRACEE_LINE(&t, w->event, "accept-thread");
    tracee_free(&t);
    tracee_start(&t, &how, "block", "wait", NULL);
    w = tracee_until(&t, TASK_BLOCKED, "read");
    check_described(w, "is blocked in read(0, ..., 1)");
    TRACEE_LINE(&t, w->event, "wait-child");
    w = tracee_until(&t, TASK_BLOCKED, "wait4");
    TRACEE_LINE(&t, w->event, "wait");
    tracee_hang_up(&t);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    tracee_free(&t);
}

/* --- interrupted ------------------------------------------------------------------------------------------ */

static int signals(const struct tracee *t, int number)
{
    int n = 0;
    for (struct event *e = NULL; (e = timeline_find(t->timeline, e, EVENT_SIGNAL, -1, NULL));)
        n += (int)e->arg[0] == number;
    return n;
}

/** Sends SIGUSR1 and waits until it has been delivered and its handler has run. */
static void interrupt(struct tracee *t, const char *call)
{
    int before = signals(t, SIGUSR1);
    kill(t->pid, SIGUSR1);
    while (signals(t, SIGUSR1) == before)
        tracee_wait(t, -1);
    if (call)
        tracee_until(t, TASK_BLOCKED, call);
}

static int connect_to_it(const struct tracee *t)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const char *port = strstr(buf_text(&t->said), "port ");
    CU_ASSERT_PTR_NOT_NULL_FATAL(port);
    in.sin_port = htons((uint16_t)atoi(port + 5));
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CU_ASSERT_EQUAL(connect(fd, (struct sockaddr *)&in, sizeof in), 0);
    return fd;
}

/** A call that comes back by itself is one call, whatever the handler does meanwhile. */
static void restarts(const char *how, const char *chatty, int expected)
{
    struct tracee t;
    tracee_start(&t, NULL, "block", "read", how, chatty, NULL);
    tracee_until(&t, TASK_BLOCKED, "read");
    for (int i = 0; i < 3; i++)
        interrupt(&t, "read");
    tracee_say(&t, "x");
    TRACEE_NUMBER(tracee_finish(&t), 0);
    TRACEE_SAID(&t, "read 1  after %d signals\n", expected);
    TRACEE_NUMBER(tracee_count(&t, EVENT_CALL, "read"), 1);
    TRACEE_TEXT(tracee_call(&t, "read", 1), "read(0, \"x\", 1) = 1");
    TRACEE_NUMBER(tracee_count(&t, EVENT_SIGNAL, NULL), 3);
    if (chatty) {
        TRACEE_LINE(&t, tracee_call(&t, "wait4", 1), "handler-wait");
        TRACEE_LINE(&t, tracee_call(&t, "write", 1), "handler-write");
    }
    tracee_free(&t);
}

static void test_restart(void)
{
    restarts("restart", NULL, 3);
}

static void test_restart_chatty(void)
{
    restarts("restart", "chatty", 3);
}

static void test_restart_accept(void)
{
    struct tracee t;
    tracee_start(&t, NULL, "block", "accept", "restart", "chatty", NULL);
    tracee_until(&t, TASK_BLOCKED, "accept");
    interrupt(&t, "accept");
    const struct wait *w = tracee_until(&t, TASK_BLOCKED, "accept");
    TRACEE_LINE(&t, w->event, "accept");
    int fd = connect_to_it(&t);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    TRACEE_NUMBER(tracee_count(&t, EVENT_CALL, "accept"), 1);
    TRACEE_TEXT(tracee_call(&t, "accept", 1), "accept(3, NULL) = 4");
    fd_close(&fd);
    tracee_free(&t);
}

/** The call that is made again by the program is a second one. */
static void test_eintr_and_again(void)
{
    static const char *const chatty[] = {NULL, "chatty"};
    for (int i = 0; i < 2; i++) {
        struct tracee t;
        tracee_start(&t, NULL, "block", "accept-again", "plain", chatty[i], NULL);
        tracee_until(&t, TASK_BLOCKED, "accept");
        interrupt(&t, "accept");
        interrupt(&t, "accept");
        int fd = connect_to_it(&t);
        TRACEE_NUMBER(tracee_finish(&t), 0);
        TRACEE_NUMBER(tracee_count(&t, EVENT_CALL, "accept"), 3);
        for (int n = 1; n <= 2; n++) {
            const struct event *e = tracee_call(&t, "accept", n);
            TRACEE_TEXT(e, "accept(3, NULL) = -1 EINTR (Interrupted system call)");
            CU_ASSERT_FALSE(e->injected);
            TRACEE_LINE(&t, e, "accept-again");
        }
        TRACEE_TEXT(tracee_call(&t, "accept", 3), "accept(3, NULL) = 4");
        fd_close(&fd);
        tracee_free(&t);
    }
}

/** signal(7): which calls return EINTR, with SA_RESTART and without. */
static const struct {
    const char *mode, *how;
    const char *said;
    const char *call; /* recorded as, once, with EINTR; NULL: not recorded */
} interrupted[] = {
    {"read", "plain", "read -1 EINTR after 1 signals\n", "read"},
    {"readv", "plain", "readv -1 EINTR after 1 signals\n", "readv"},
    {"recv", "plain", "recv -1 EINTR after 1 signals\n", "recvfrom"},
    {"recv-timed", "restart", "recv-timed -1 EINTR after 1 signals\n", "recvfrom"},
    {"connect", "plain", "connect -1 EINTR after 1 signals\n", NULL},
    {"poll", "restart", "poll -1 EINTR after 1 signals\n", "poll"},
    {"poll", "plain", "poll -1 EINTR after 1 signals\n", "poll"},
    {"poll-timed", "restart", "poll-timed -1 EINTR after 1 signals\n", "poll"},
    {"ppoll", "restart", "ppoll -1 EINTR after 1 signals\n", "ppoll"},
    {"select", "restart", "select -1 EINTR after 1 signals\n", NULL},
    {"epoll", "restart", "epoll -1 EINTR after 1 signals\n", "epoll_wait"},
    {"pause", "restart", "pause -1 EINTR after 1 signals\n", NULL},
    {"sigsuspend", "restart", "sigsuspend -1 EINTR after 1 signals\n", NULL},
};

static void test_eintr(void)
{
    for (size_t i = 0; i < sizeof interrupted / sizeof interrupted[0]; i++) {
        struct tracee t;
        tracee_start(&t, NULL, "block", interrupted[i].mode, interrupted[i].how, NULL);
        for (bool timed = false, blocked = false; !timed && !blocked;) {
            tracee_wait(&t, 1);
            tracer_look(t.tracer, &t.look);
            timed = t.look.timed == 1;
            blocked = t.look.blocked == 1;
        }
        interrupt(&t, NULL);
        TRACEE_NUMBER(tracee_finish(&t), 0);
        TRACEE_SAID(&t, "%s", interrupted[i].said);
        if (interrupted[i].call) {
            TRACEE_NUMBER(tracee_count(&t, EVENT_CALL, interrupted[i].call), 1);
            const struct event *e = tracee_call(&t, interrupted[i].call, 1);
            CU_ASSERT_PTR_NOT_NULL_FATAL(e);
            CU_ASSERT_TRUE(e->done);
            CU_ASSERT_FALSE(e->injected);
            TRACEE_NUMBER(e->result, -EINTR);
        }
        tracee_free(&t);
    }
}

/** A signal that is ignored never comes near the program. */
static void test_ignored(void)
{
    struct tracee t;
    tracee_start(&t, NULL, "block", "poll", "none", NULL);
    tracee_until(&t, TASK_BLOCKED, "poll");
    kill(t.pid, SIGUSR1);
    tracee_say(&t, "x");
    TRACEE_NUMBER(tracee_finish(&t), 0);
    TRACEE_NUMBER(tracee_count(&t, EVENT_CALL, "poll"), 1);
    TRACEE_TEXT(tracee_call(&t, "poll", 1), "poll({0 POLLIN}, 1, -1) = 1");
    tracee_free(&t);
}

/* --- stopped and continued ------------------------------------------------------------------------------------ */

static void stops_and_goes_on(const char *mode, enum task_state state, const char *call, int rounds)
{
    struct tracee t;
    tracee_start(&t, NULL, "block", mode, "plain", NULL);
    tracee_until(&t, state, call);
    for (int i = 0; i < rounds; i++) {
        kill(t.pid, SIGSTOP);
        const struct wait *w = tracee_until(&t, TASK_HALTED, NULL);
        check_described(w, "is stopped by a job control signal");
        TRACEE_NUMBER(t.look.halted, t.look.tasks);
        /* What comes meanwhile has to wait. */
        kill(t.pid, SIGCONT);
        w = tracee_until(&t, state, call);
        CU_ASSERT_PTR_NOT_NULL(w->event);
    }
    tracee_say(&t, "x");
    TRACEE_NUMBER(tracee_finish(&t), 0);
    TRACEE_SAID(&t, "%s 1  after 0 signals\n", mode);
    TRACEE_NUMBER(tracee_count(&t, EVENT_CALL, call), 1);
    const struct event *e = tracee_call(&t, call, 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(e);
    TRACEE_NUMBER(e->result, 1);
    tracee_free(&t);
}

static void test_stop_in_read(void)
{
    stops_and_goes_on("read", TASK_BLOCKED, "read", 3);
}

static void test_stop_in_poll(void)
{
    stops_and_goes_on("poll", TASK_BLOCKED, "poll", 3);
}

/** It comes back as restart_syscall: with its time-out, its descriptors and its line. */
static void test_stop_in_timed_poll(void)
{
    stops_and_goes_on("poll-timed", TASK_TIMED, "poll", 3);
}

static void test_stop_in_timed_select(void)
{
    struct tracee t;
    tracee_start(&t, NULL, "block", "select-timed", "plain", NULL);
    tracee_until(&t, TASK_TIMED, NULL);
    kill(t.pid, SIGSTOP);
    tracee_until(&t, TASK_HALTED, NULL);
    kill(t.pid, SIGCONT);
    const struct wait *w = tracee_until(&t, TASK_TIMED, NULL);
    TRACEE_LINE(&t, w->event, "select-timed");
    tracee_say(&t, "x");
    TRACEE_NUMBER(tracee_finish(&t), 0);
    TRACEE_SAID(&t, "select-timed 1  after 0 signals\n");
    tracee_free(&t);
}

static void test_stop_threads(void)
{
    struct tracee t;
    tracee_start(&t, NULL, "block", "threads", NULL);
    tracee_until(&t, TASK_BLOCKED, "accept");
    kill(t.pid, SIGSTOP);
    tracee_until(&t, TASK_HALTED, NULL);
    while (t.look.halted < 2)
        tracee_until(&t, TASK_HALTED, NULL);
    kill(t.pid, SIGCONT);
    tracee_until(&t, TASK_BLOCKED, "accept");
    int fd = connect_to_it(&t);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    TRACEE_NUMBER(tracee_count(&t, EVENT_CALL, "accept"), 1);
    fd_close(&fd);
    tracee_free(&t);
}

static void test_killed_while_stopped(void)
{
    struct tracee t;
    tracee_start(&t, NULL, "block", "threads", NULL);
    tracee_until(&t, TASK_BLOCKED, "accept");
    kill(t.pid, SIGSTOP);
    tracee_until(&t, TASK_HALTED, NULL);
    kill(t.pid, SIGKILL);
    TRACEE_NUMBER(tracee_finish(&t), SIGKILL);
    tracee_free(&t);
}

/* --- tracer_interrupt --------------------------------------------------------------------------------------------- */

static const struct {
    const char *mode, *call;
    enum task_state state;
} asked[] = {
    {"read", "read", TASK_BLOCKED},         {"readv", "readv", TASK_BLOCKED},
    {"accept", "accept", TASK_BLOCKED},     {"recv", "recvfrom", TASK_BLOCKED},
    {"recv-timed", "recvfrom", TASK_TIMED}, {"connect", "connect", TASK_BLOCKED},
    {"poll", "poll", TASK_BLOCKED},         {"poll-timed", "poll", TASK_TIMED},
    {"epoll", "epoll_wait", TASK_BLOCKED},
};

static void test_asked_eintr(void)
{
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        struct tracee t;
        /* Even when a handler would have the call restarted. */
        tracee_start(&t, NULL, "block", asked[i].mode, "restart", NULL);
        const struct wait *w = tracee_until(&t, asked[i].state, asked[i].call);
        struct event *e = w->event;
        CU_ASSERT_PTR_NOT_NULL_FATAL(e);
        CU_ASSERT_EQUAL(tracer_interrupt(t.tracer, w->tid), 0);
        TRACEE_NUMBER(tracee_finish(&t), 0);
        TRACEE_SAID(&t, "%s -1 EINTR after 0 signals\n", asked[i].mode);
        CU_ASSERT_TRUE(e->done);
        CU_ASSERT_TRUE(e->injected);
        TRACEE_NUMBER(e->result, -EINTR);
        TRACEE_NUMBER(tracee_count(&t, EVENT_SIGNAL, NULL), 0);
        tracee_free(&t);
    }
}

/** After an EINTR of the grader's doing the program goes on as after any other. */
static void test_asked_and_again(void)
{
    struct tracee t;
    tracee_start(&t, NULL, "block", "accept-again", NULL);
    for (int i = 0; i < 3; i++) {
        const struct wait *w = tracee_until(&t, TASK_BLOCKED, "accept");
        CU_ASSERT_EQUAL(tracer_interrupt(t.tracer, w->tid), 0);
        while (!tracee_call(&t, "accept", i + 2))
            tracee_wait(&t, -1);
    }
    tracee_until(&t, TASK_BLOCKED, "accept");
    int fd = connect_to_it(&t);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    TRACEE_NUMBER(tracee_count(&t, EVENT_CALL, "accept"), 4);
    fd_close(&fd);
    tracee_free(&t);
}

static void test_asked_in_vain(void)
{
    struct tracee t;
    tracee_start(&t, NULL, "block", "mutex", NULL);
    tracee_until(&t, TASK_BLOCKED, "futex");
    CU_ASSERT_EQUAL(tracer_interrupt(t.tracer, t.pid), -ESRCH);
    CU_ASSERT_EQUAL(tracer_interrupt(t.tracer, getpid()), -ESRCH);
    tracee_free(&t);
}

void suite_look(void)
{
    unit_test("one task in one call", test_one_call);
    unit_test("the same in a program that was let go", test_released);
    unit_test("looking changes nothing", test_quiet_look_changes_nothing);
    unit_test("a task that runs", test_running);
    unit_test("two threads", test_threads);
    unit_test("a parent waits for its child", test_parent_waits_for_child);
    unit_test("a vfork's parent waits", test_vfork_parent);
    unit_test("timed waits in vain are counted", test_idle_rounds);
    unit_test("past the limit of the timeline", test_past_the_limit);
    unit_test("SA_RESTART: one call", test_restart);
    unit_test("SA_RESTART: one call, with calls of the handler between", test_restart_chatty);
    unit_test("SA_RESTART: accept", test_restart_accept);
    unit_test("EINTR and made again: two calls", test_eintr_and_again);
    unit_test("who gets EINTR", test_eintr);
    unit_test("an ignored signal", test_ignored);
    unit_test("stopped and continued in read", test_stop_in_read);
    unit_test("stopped and continued in poll", test_stop_in_poll);
    unit_test("stopped and continued in a timed poll", test_stop_in_timed_poll);
    unit_test("stopped and continued in a timed select", test_stop_in_timed_select);
    unit_test("stopped and continued with threads", test_stop_threads);
    unit_test("killed while stopped", test_killed_while_stopped);
    unit_test("an EINTR that was asked for", test_asked_eintr);
    unit_test("EINTR asked for, and again", test_asked_and_again);
    unit_test("an EINTR that cannot be", test_asked_in_vain);
}
