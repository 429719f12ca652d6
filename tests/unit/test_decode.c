/**
 * @file
 * grader/tracer: what a call looks like to a reader, what the timeline knows of it, and which descriptor is what. Also
 * arguments that no careful program would pass.
 */
#include "tracee.h"
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/wait.h>

static unsigned port_of(const struct event *e)
{
    struct sockaddr_in in;
    CU_ASSERT_PTR_NOT_NULL_FATAL(e);
    CU_ASSERT_TRUE(e->addr_length >= sizeof in);
    memcpy(&in, &e->addr, sizeof in);
    return ntohs(in.sin_port);
}

/** Every call in order, as it must read; %u stands for the server's port, %U for the client's. */
static const char *const conversation[] = {
    "socket(AF_INET, SOCK_STREAM, 0) = 3",
    "setsockopt(3, SOL_SOCKET, SO_REUSEADDR, 1) = 0",
    "bind(3, {127.0.0.1:0}) = 0",
    "listen(3, 5) = 0",
    "getsockname(3, {127.0.0.1:SERVER}) = 0",
    "socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_TCP) = 4",
    "connect(4, {127.0.0.1:SERVER}) = 0",
    "accept(3, {127.0.0.1:CLIENT}) = 5",
    "setsockopt(5, IPPROTO_TCP, TCP_NODELAY, 1) = 0",
    "getpeername(5, {127.0.0.1:CLIENT}) = 0",
    "write(4, \"Hello\\n\", 6) = 6",
    "read(5, \"Hello\\n\", 64) = 6",
    "send(5, \"a\\0b\", 3) = 3",
    "recv(4, \"a\\0b\", 64) = 3",
    "writev(4, [\"one two\"]) = 7",
    "readv(5, [\"one two\"]) = 7",
    "sendmsg(5, [\"one two\"]) = 7",
    "recvmsg(4, [\"one two\"]) = 7",
    "sendfile(4, 6, ..., 4) = 4",
    "recv(5, \"\\x7fELF\", 4) = 4",
    "shutdown(4, SHUT_WR) = 0",
    "read(5, \"\", 64) = 0",
    "getsockopt(5, SOL_SOCKET, SO_ERROR, 0) = 0",
    "accept(4, NULL) = -1 EINVAL (Invalid argument)",
    "read(3, ..., 1) = -1 ENOTCONN (Transport endpoint is not connected)",
    "listen(3, 4096) = 0",
    "close(5) = 0",
    "close(5) = -1 EBADF (Bad file descriptor)",
    "close(4) = 0",
    "socket(AF_INET, SOCK_STREAM, 0) = 4",
    "bind(4, {127.0.0.1:SERVER}) = -1 EADDRINUSE (Address already in use)",
    "close(3) = 0",
    "connect(4, {127.0.0.1:SERVER}) = -1 ECONNREFUSED (Connection refused)",
    "close(4) = 0",
};

/** Replaces @p name by a number. */
static void put_number(struct buf *b, const char *text, const char *name, unsigned number)
{
    const char *at = strstr(text, name);
    buf_clear(b);
    if (!at) {
        buf_puts(b, text);
        return;
    }
    buf_add(b, text, (size_t)(at - text));
    buf_printf(b, "%u%s", number, at + strlen(name));
}

static void test_conversation(void)
{
    struct tracee t;
    tracee_start(&t, NULL, "sockets", NULL);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    unsigned server = port_of(tracee_call(&t, "getsockname", 1));
    unsigned client = port_of(tracee_call(&t, "accept", 1));
    struct event *e = NULL;
    for (size_t i = 0; i < sizeof conversation / sizeof conversation[0]; i++) {
        struct buf one = {0}, two = {0};
        put_number(&one, conversation[i], "SERVER", server);
        put_number(&two, buf_text(&one), "CLIENT", client);
        e = timeline_find(t.timeline, e, EVENT_CALL, -1, NULL);
        TRACEE_TEXT(e, "%s", buf_text(&two));
        CU_ASSERT_TRUE(e->done);
        CU_ASSERT_FALSE(e->injected);
        CU_ASSERT_TRUE(e->time <= e->time_end);
        buf_free(&one);
        buf_free(&two);
    }
    TRACEE_NUMBER(tracee_call(&t, "listen", 1)->value, 5);
    TRACEE_NUMBER(tracee_call(&t, "setsockopt", 1)->value, 1);
    TRACEE_NUMBER(tracee_call(&t, "shutdown", 1)->value, 1); /* SHUT_WR */
    TRACEE_NUMBER(port_of(tracee_call(&t, "connect", 1)), server);
    TRACEE_NUMBER(tracee_call(&t, "socket", 1)->new_sock, 1);
    TRACEE_NUMBER(tracee_call(&t, "socket", 2)->new_sock, 2);
    TRACEE_NUMBER(tracee_call(&t, "accept", 1)->new_sock, 3);
    TRACEE_NUMBER(tracee_call(&t, "accept", 2)->new_sock, 0);
    const struct event *eof = tracee_call(&t, "read", 2);
    TRACEE_NUMBER(eof->sock, 3);
    TRACEE_NUMBER(eof->data_length, 0);
    TRACEE_NUMBER(eof->fd_kind, FD_ACCEPTED);
    tracee_free(&t);
}

static void test_other_families(void)
{
    struct tracee t;
    tracee_start(&t, NULL, "sockets", NULL);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    unsigned udp = port_of(tracee_call(&t, "getsockname", 2));
    CU_ASSERT_TRUE(udp > 0);
    const struct event *e = tracee_call(&t, "sendto", 2);
    TRACEE_TEXT(e, "sendto(3, \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"..., 600) = 600");
    TRACEE_NUMBER(e->data_length, TIMELINE_DATA_MAX);
    TRACEE_NUMBER(e->data_total, 600);
    TRACEE_NUMBER(port_of(e), udp);
    TRACEE_NUMBER(e->fd_kind, FD_DATAGRAM);
    TRACEE_TEXT(tracee_call(&t, "recvfrom", 3), "recvfrom(3, \"xxxx\", 4) = 4");
    TRACEE_TEXT(tracee_call(&t, "recvfrom", 4),
                "recv(3, ..., 4) = -1 EAGAIN (Resource temporarily unavailable)");
    const struct event *local = NULL;
    while ((local = timeline_find(t.timeline, local, EVENT_CALL, -1, "connect")))
        if (local->fd_kind == FD_LOCAL)
            break;
    CU_ASSERT_PTR_NOT_NULL_FATAL(local);
    CU_ASSERT_PTR_NOT_NULL(strstr(local->text, "{unix:@n"));
    TRACEE_NUMBER(local->result, -ECONNREFUSED);
    const struct event *last = NULL;
    for (struct event *s = NULL; (s = timeline_find(t.timeline, s, EVENT_CALL, -1, "socket"));)
        last = s;
    TRACEE_NUMBER(last->result, -EINVAL);
    CU_ASSERT_PTR_NOT_NULL(strstr(last->text, "socket(AF_INET, "));
    tracee_free(&t);
}

/* --- which descriptor is what ------------------------------------------------------------------------------ */

static const struct {
    enum fd_kind kind;
    int sock;
} knocks[] = {
    {FD_SOCKET, 1},    {FD_LISTENER, 1},  {FD_CONNECTED, 2}, {FD_ACCEPTED, 3},  {FD_ACCEPTED, 3},
    {FD_ACCEPTED, 3},  {FD_CONNECTED, 2}, {FD_CONNECTED, 2}, {FD_LISTENER, 1},  {FD_ACCEPTED, 3},
    {FD_CONNECTED, 2}, {FD_CONNECTED, 2}, {FD_CONNECTED, 2}, {FD_DATAGRAM, 4},  {FD_CONNECTED, 2},
    /* after the exec */
    {FD_CONNECTED, 2}, {FD_CONNECTED, 2}, {FD_ACCEPTED, 3},  {FD_LISTENER, 1}, {FD_ACCEPTED, 3},
    {FD_CONNECTED, 2}, {FD_CONNECTED, 2},
};

static void test_kinds(void)
{
    struct tracee t;
    tracee_start(&t, NULL, "sockets", "kinds", NULL);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    for (size_t i = 0; i < sizeof knocks / sizeof knocks[0]; i++) {
        const struct event *e = tracee_call(&t, "getsockopt", (int)i + 1);
        CU_ASSERT_PTR_NOT_NULL_FATAL(e);
        if (e->fd_kind != knocks[i].kind || e->sock != knocks[i].sock)
            fprintf(stderr, "# knock %zu, %s: kind %d, sock %d\n", i + 1, e->text, e->fd_kind, e->sock);
        TRACEE_NUMBER(e->fd_kind, knocks[i].kind);
        TRACEE_NUMBER(e->sock, knocks[i].sock);
    }
    TRACEE_NUMBER(tracee_count(&t, EVENT_CALL, "getsockopt"), sizeof knocks / sizeof knocks[0]);
    TRACEE_NUMBER(tracee_count(&t, EVENT_CALL, "write"), 0); /* files are nobody's business */
    tracee_free(&t);
}

/* --- arguments from hell ---------------------------------------------------------------------------------------- */

static void check_hostile(const struct tracee_how *how, struct fault *f, const char *mode, int stop_after)
{
    struct tracee t;
    (void)stop_after;
    tracee_start(&t, how, "hostile", mode, NULL);
    if (f)
        tracer_fault(t.tracer, f);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    TRACEE_SAID(&t, "survived\n");
    for (struct event *e = NULL; (e = timeline_find(t.timeline, e, EVENT_CALL, -1, NULL));) {
        CU_ASSERT_TRUE(e->data_length <= TIMELINE_DATA_MAX);
        CU_ASSERT_PTR_NOT_NULL_FATAL(e->text);
        CU_ASSERT_TRUE(strlen(e->text) < 512);
    }
    tracee_free(&t);
}

static void test_hostile(void)
{
    check_hostile(NULL, NULL, "arguments", 0);
}

/** What the program sees must not depend on what the tracer could read. */
static void test_hostile_same_results(void)
{
    struct buf plain = {0};
    struct tracee t;
    TRACEE_NUMBER(tracee_run_plain("hostile", "arguments", &plain), 0);
    tracee_start(&t, NULL, "hostile", "arguments", NULL);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    TRACEE_SAID(&t, "%s", buf_text(&plain));
    CU_ASSERT_EQUAL(t.said.length, plain.length);
    tracee_free(&t);
    buf_free(&plain);
}

/** The same under every fault that has to read or write there. */
static void test_hostile_faults(void)
{
    for (int value = 0; value <= 5; value++) {
        struct fault f = {.actor = -1, .group = CALL_READ | CALL_WRITE, .fd_kinds = STREAM_FD,
                          .what = FAULT_SHORT, .value = value};
        check_hostile(NULL, &f, "arguments", 0);
    }
    struct fault f = {.actor = -1, .group = TRACE_ALL & ~(CALL_READ | CALL_WRITE), .fd_kinds = STREAM_FD,
                      .what = FAULT_ERRNO, .value = EIO};
    check_hostile(NULL, &f, "arguments", 0);
}

static void test_many_events(void)
{
    const struct tracee_how how = {.limit = 100};
    struct tracee t;
    tracee_start(&t, &how, "hostile", "many", NULL);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    TRACEE_NUMBER(t.timeline->count, 100);
    CU_ASSERT_TRUE(t.timeline->count + t.timeline->dropped >= 5000);
    int status;
    CU_ASSERT_TRUE(tracer_ended(t.tracer, t.actor, &status)); /* although no EVENT_END had room */
    tracee_free(&t);
}

void suite_decode(void)
{
    unit_test("a conversation as it reads", test_conversation);
    unit_test("UDP, unix, errors", test_other_families);
    unit_test("kinds and identities through dup, fcntl, close_range, exec", test_kinds);
    unit_test("arguments that are none", test_hostile);
    unit_test("arguments that are none: results as untraced", test_hostile_same_results);
    unit_test("arguments that are none, and faults", test_hostile_faults);
    unit_test("5000 events in a timeline of 100", test_many_events);
}
