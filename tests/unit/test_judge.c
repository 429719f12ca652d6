/**
 * @file
 * Judgements on timelines built by hand: what a check says is a function of what was seen.
 */
#include "check/check.h"
#include "tracer/tracer.h"
#include "unit.h"

#include <errno.h>
#include <string.h>

enum { SERVER, CLIENT }; /* the actors of every timeline here */

static struct timeline *new_timeline(void)
{
    struct timeline *t = timeline_new(0);

    CU_ASSERT_EQUAL_FATAL(timeline_actor(t, "echo_server"), SERVER);
    CU_ASSERT_EQUAL_FATAL(timeline_actor(t, "echo_client"), CLIENT);
    return t;
}

/* A call that has returned, by the first process of the actor. */
static struct event *add_call(struct timeline *t, actor_id actor, const char *call, int fd, int sock, int64_t result)
{
    struct event *e = timeline_add(t, EVENT_CALL, actor);

    e->call = call;
    e->group = tracer_group(call);
    e->fd = fd;
    e->sock = sock;
    e->result = result;
    e->done = true;
    e->pid = e->tid = 100 + actor;
    return e;
}

/* --- which call comes next ------------------------------------------------------------------------- */

static void test_call_by_group(void)
{
    struct timeline *t = new_timeline();
    const struct event *accept4 = add_call(t, SERVER, "accept4", 3, 1, 4);
    const struct event *recv = add_call(t, SERVER, "recvfrom", 4, 2, 5);
    const struct event *readv = add_call(t, SERVER, "readv", 4, 2, 5);

    CU_ASSERT_PTR_EQUAL(judge_call(t, NULL, SERVER, CALL_ACCEPT), accept4);
    CU_ASSERT_PTR_EQUAL(judge_call(t, NULL, SERVER, CALL_READ), recv);
    CU_ASSERT_PTR_EQUAL(judge_call(t, recv, SERVER, CALL_READ), readv);
    CU_ASSERT_PTR_NULL(judge_call(t, readv, SERVER, CALL_READ));
    CU_ASSERT_PTR_EQUAL(judge_call(t, NULL, SERVER, CALL_READ | CALL_ACCEPT), accept4);
    CU_ASSERT_PTR_NULL(judge_call(t, NULL, SERVER, CALL_WRITE));
    timeline_free(t);
}

static void test_call_by_actor(void)
{
    struct timeline *t = new_timeline();
    const struct event *server = add_call(t, SERVER, "write", 4, 2, 5);
    const struct event *client = add_call(t, CLIENT, "write", 3, 7, 5);

    CU_ASSERT_PTR_EQUAL(judge_call(t, NULL, CLIENT, CALL_WRITE), client);
    CU_ASSERT_PTR_EQUAL(judge_call(t, NULL, -1, CALL_WRITE), server);
    CU_ASSERT_PTR_EQUAL(judge_call(t, server, -1, CALL_WRITE), client);
    CU_ASSERT_PTR_NULL(judge_call(t, server, SERVER, CALL_WRITE));
    timeline_free(t);
}

static void test_call_under_way(void)
{
    struct timeline *t = new_timeline();
    struct event *blocked = add_call(t, SERVER, "accept", 3, 1, 0);

    blocked->done = false;
    CU_ASSERT_PTR_EQUAL(judge_call(t, NULL, SERVER, CALL_ACCEPT), blocked);
    timeline_free(t);
}

static void test_call_is_no_other_event(void)
{
    struct timeline *t = new_timeline();

    event_text(timeline_add(t, EVENT_PEER, SERVER), "accept");
    event_data(timeline_add(t, EVENT_OUTPUT, SERVER), "write", 5, 5);
    CU_ASSERT_PTR_NULL(judge_call(t, NULL, -1, CALL_ACCEPT | CALL_WRITE));
    timeline_free(t);
}

/* --- how many -------------------------------------------------------------------------------------- */

static void test_count(void)
{
    struct timeline *t = new_timeline();

    add_call(t, SERVER, "accept", 3, 1, 4)->fd_kind = FD_LISTENER;
    add_call(t, SERVER, "accept4", 3, 1, 0)->fd_kind = FD_LISTENER; /* descriptor 0 is one too */
    add_call(t, SERVER, "accept", 3, 1, -EMFILE)->fd_kind = FD_LISTENER;
    add_call(t, SERVER, "accept", 5, 9, 6)->fd_kind = FD_LOCAL;
    add_call(t, CLIENT, "accept", 3, 7, 4)->fd_kind = FD_LISTENER;
    struct event *blocked = add_call(t, SERVER, "accept", 3, 1, 0);
    blocked->fd_kind = FD_LISTENER;
    blocked->done = false;

    CU_ASSERT_EQUAL(judge_count(t, SERVER, CALL_ACCEPT, 1 << FD_LISTENER), 2);
    CU_ASSERT_EQUAL(judge_count(t, SERVER, CALL_ACCEPT, ANY_FD), 3);
    CU_ASSERT_EQUAL(judge_count(t, -1, CALL_ACCEPT, 1 << FD_LISTENER), 3);
    CU_ASSERT_EQUAL(judge_count(t, SERVER, CALL_READ, ANY_FD), 0);
    timeline_free(t);
}

/* --- sockets have identities, numbers are used again -------------------------------------------------- */

static void test_maker(void)
{
    struct timeline *t = new_timeline();
    struct event *made = add_call(t, SERVER, "socket", -1, 0, 3);
    struct event *accepted = add_call(t, SERVER, "accept", 3, 1, 4);

    made->new_sock = 1;
    accepted->new_sock = 2;
    CU_ASSERT_PTR_EQUAL(judge_maker(t, 1), made);
    CU_ASSERT_PTR_EQUAL(judge_maker(t, 2), accepted);
    CU_ASSERT_PTR_NULL(judge_maker(t, 3));
    timeline_free(t);
}

/* 0 is the identity of what is no socket: a file's close is nobody's. */
static void test_no_socket(void)
{
    struct timeline *t = new_timeline();

    add_call(t, SERVER, "bind", 3, 1, 0);
    add_call(t, SERVER, "close", 5, 0, 0);
    CU_ASSERT_PTR_NULL(judge_maker(t, 0));
    CU_ASSERT_PTR_NULL(judge_close(t, 0));
    timeline_free(t);
}

static void test_close(void)
{
    struct timeline *t = new_timeline();

    add_call(t, SERVER, "close", 4, 2, -EINTR);
    add_call(t, SERVER, "shutdown", 4, 2, 0);
    add_call(t, SERVER, "close", 4, 3, 0); /* the same number, another connection */
    CU_ASSERT_PTR_NULL(judge_close(t, 2));
    struct event *close = add_call(t, CLIENT, "close", 4, 2, 0);
    CU_ASSERT_PTR_EQUAL(judge_close(t, 2), close);
    close->done = false;
    CU_ASSERT_PTR_NULL(judge_close(t, 2));
    timeline_free(t);
}

/* --- closed twice ---------------------------------------------------------------------------------------- */

/* Closes these numbers one after the other: a negative one meets EBADF. The first that is judged, 0 if none. */
static int double_closed(const int *number, size_t count)
{
    struct timeline *t = new_timeline();
    for (size_t i = 0; i < count; i++) {
        int fd = number[i] < 0 ? -number[i] : number[i];
        add_call(t, SERVER, "close", fd, number[i] < 0 ? 0 : fd, number[i] < 0 ? -EBADF : 0);
    }
    const struct event *e = judge_double_close(t, NULL, SERVER);
    CU_ASSERT_PTR_NULL(judge_double_close(t, NULL, CLIENT));
    int found = e ? e->fd : 0;
    timeline_free(t);
    return found;
}
#define DOUBLE_CLOSED(...) \
    double_closed((const int[]){__VA_ARGS__}, sizeof((const int[]){__VA_ARGS__}) / sizeof(int))

static void test_double_close(void)
{
    CU_ASSERT_EQUAL(DOUBLE_CLOSED(4, 3), 0);
    CU_ASSERT_EQUAL(DOUBLE_CLOSED(4, -4), 4);
    CU_ASSERT_EQUAL(DOUBLE_CLOSED(4, -4, 3), 4);
    CU_ASSERT_EQUAL(DOUBLE_CLOSED(3, 4, 7, -3), 3);
    CU_ASSERT_EQUAL(DOUBLE_CLOSED(-7), 7);
}

/* Connection, listener, connection again: neighbours, and no sweep. */
static void test_double_close_of_neighbours(void)
{
    CU_ASSERT_EQUAL(DOUBLE_CLOSED(4, 3, -4), 4);
    CU_ASSERT_EQUAL(DOUBLE_CLOSED(3, 4, -3), 3);
    CU_ASSERT_EQUAL(DOUBLE_CLOSED(4, -4, 5), 4);
}

/* A daemon closes all that could be open; most of it is not. */
static void test_sweep(void)
{
    CU_ASSERT_EQUAL(DOUBLE_CLOSED(0, 1, 2, -3, -4, 5, -6, -7), 0);
    CU_ASSERT_EQUAL(DOUBLE_CLOSED(-9, -8, -7, 6, -5, -4, 3), 0);
    CU_ASSERT_EQUAL(DOUBLE_CLOSED(0, 1, 2, -3), 0);
    CU_ASSERT_EQUAL(DOUBLE_CLOSED(-3, -4, 5), 0);
    CU_ASSERT_EQUAL(DOUBLE_CLOSED(-3, -4, -5, -6, 12, -12), 12);
    /* One that keeps its listener and more: 4, 6 and 9. */
    CU_ASSERT_EQUAL(DOUBLE_CLOSED(-3, -5, -7, -8, -10, -11, -12, -13), 0);
    CU_ASSERT_EQUAL(DOUBLE_CLOSED(-3, -5, -7), 3);
}

/* What another process closes meanwhile is between, and breaks nothing. */
static void test_sweep_beside_others(void)
{
    struct timeline *t = new_timeline();
    for (int i = 0; i < 6; i++) {
        struct event *e = add_call(t, SERVER, "close", i % 2 ? 4 : 10 + i / 2, 0, i % 2 ? 0 : -EBADF);
        e->pid = e->tid = i % 2 ? 300 : 200;
    }
    CU_ASSERT_PTR_NULL(judge_double_close(t, NULL, SERVER));
    timeline_free(t);
}

/* Two threads that close neighbouring numbers sweep nothing. */
static void test_sweep_of_one_thread(void)
{
    struct timeline *t = new_timeline();
    for (int i = 0; i < 3; i++)
        add_call(t, SERVER, "close", 4 + i, 0, i == 1 ? -EBADF : 0)->tid = 200 + i;
    const struct event *e = judge_double_close(t, NULL, SERVER);
    CU_ASSERT_PTR_NOT_NULL_FATAL(e);
    CU_ASSERT_EQUAL(e->fd, 5);
    timeline_free(t);
}

static void test_double_close_other_errors(void)
{
    struct timeline *t = new_timeline();

    add_call(t, SERVER, "close", 4, 2, -EINTR);
    add_call(t, SERVER, "read", 4, 2, -EBADF);
    add_call(t, SERVER, "close", -1, 0, -EBADF); /* what stands for no descriptor is none */
    add_call(t, SERVER, "close", 4, 2, 0)->done = false;
    CU_ASSERT_PTR_NULL(judge_double_close(t, NULL, SERVER));
    CU_ASSERT_PTR_NULL(judge_double_close(t, NULL, -1));
    timeline_free(t);
}

void suite_judge(void)
{
    unit_test("a call is found by its family, whatever its name", test_call_by_group);
    unit_test("a call is found by who made it", test_call_by_actor);
    unit_test("a call under way counts", test_call_under_way);
    unit_test("other events are no calls", test_call_is_no_other_event);
    unit_test("only calls that succeeded on the right kind are counted", test_count);
    unit_test("the call that made a socket", test_maker);
    unit_test("what is no socket has no maker and no close", test_no_socket);
    unit_test("a close is of the socket, not of the number", test_close);
    unit_test("a descriptor closed twice", test_double_close);
    unit_test("... when its neighbour is closed between", test_double_close_of_neighbours);
    unit_test("a sweep over many numbers is none", test_sweep);
    unit_test("... beside other processes", test_sweep_beside_others);
    unit_test("... if one thread makes it", test_sweep_of_one_thread);
    unit_test("other failures of close are none", test_double_close_other_errors);
}
