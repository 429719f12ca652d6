/**
 * @file
 * The timeline: order, limit, finding; addresses, errno and signals by name.
 */
#include "core/timeline.h"
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/un.h>

static void test_order(void)
{
    struct timeline *t = timeline_new(0);
    actor_id server = timeline_actor(t, "server");
    actor_id client = timeline_actor(t, "client 1");
    struct event *first = timeline_add(t, EVENT_START, server);

    CU_ASSERT_EQUAL(server, 0);
    CU_ASSERT_EQUAL(client, 1);
    CU_ASSERT_STRING_EQUAL(t->actor[client], "client 1");
    for (int i = 0; i < 2000; i++)
        timeline_add(t, EVENT_PEER, client);
    CU_ASSERT_EQUAL_FATAL(t->count, 2001);
    CU_ASSERT_PTR_EQUAL(t->event[0], first); /* although the list has moved */
    CU_ASSERT_EQUAL(first->fd, -1);
    CU_ASSERT_EQUAL(first->kind, EVENT_START);
    size_t wrong = 0;
    for (size_t i = 0; i < t->count; i++) {
        wrong += t->event[i]->seq != i + 1;
        wrong += t->event[i]->time < (i ? t->event[i - 1]->time : t->start);
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_EQUAL(t->dropped, 0);
    timeline_free(t);
}

static void test_limit_of_each(void)
{
    struct timeline *t = timeline_new(32);

    for (int i = 0; i < 40; i++)
        timeline_add(t, EVENT_CALL, 0);
    CU_ASSERT_EQUAL(t->count, 32);
    for (int i = 0; i < 3; i++) /* a sixteenth of the limit: two */
        event_text(timeline_add(t, EVENT_START, 1), "quiet %d", i);
    timeline_add(t, EVENT_CALL, 0);
    CU_ASSERT_EQUAL_FATAL(t->count, 34);
    CU_ASSERT_EQUAL(t->dropped, 10);
    CU_ASSERT_STRING_EQUAL(t->event[33]->text, "quiet 1");
    for (int actor = 2; actor < 40; actor++)
        for (int i = 0; i < 2; i++)
            timeline_add(t, EVENT_CALL, actor);
    CU_ASSERT_EQUAL(t->count, 64); /* twice the limit, whoever comes */
    timeline_free(t);
}

static void test_limit(void)
{
    struct timeline *t = timeline_new(3);

    for (int i = 0; i < 3; i++)
        event_text(timeline_add(t, EVENT_NOTE, 0), "kept %d", i);
    struct event *past = timeline_add(t, EVENT_CALL, 0);
    event_text(past, "not kept");
    event_data(past, "bytes", 5, 5);
    struct event *further = timeline_add(t, EVENT_NOTE, 0);
    CU_ASSERT_PTR_NULL(further->text);
    CU_ASSERT_EQUAL(further->data_length, 0);
    CU_ASSERT_EQUAL(further->fd, -1);
    past->result = 5; /* a call under way that returns later: still memory of ours */
    CU_ASSERT_EQUAL(t->count, 3);
    CU_ASSERT_EQUAL(t->dropped, 2);
    CU_ASSERT_STRING_EQUAL(t->event[2]->text, "kept 2");
    CU_ASSERT_PTR_NULL(timeline_find(t, past, EVENT_NOTE, -1, NULL));
    timeline_free(t);
    timeline_free(NULL);
}

static void test_find(void)
{
    struct timeline *t = timeline_new(0);
    struct event *listen_call = timeline_add(t, EVENT_CALL, 0);
    struct event *note = timeline_add(t, EVENT_NOTE, 0);
    struct event *first = timeline_add(t, EVENT_CALL, 0);
    struct event *second = timeline_add(t, EVENT_CALL, 1);

    listen_call->call = "listen";
    first->call = "accept";
    second->call = "accept";
    CU_ASSERT_PTR_EQUAL(timeline_find(t, NULL, EVENT_CALL, -1, NULL), listen_call);
    CU_ASSERT_PTR_EQUAL(timeline_find(t, NULL, EVENT_CALL, -1, "accept"), first);
    CU_ASSERT_PTR_EQUAL(timeline_find(t, first, EVENT_CALL, -1, "accept"), second);
    CU_ASSERT_PTR_EQUAL(timeline_find(t, NULL, EVENT_CALL, 1, NULL), second);
    CU_ASSERT_PTR_EQUAL(timeline_find(t, NULL, EVENT_NOTE, 0, NULL), note);
    CU_ASSERT_PTR_NULL(timeline_find(t, NULL, EVENT_NOTE, 0, "accept"));
    CU_ASSERT_PTR_NULL(timeline_find(t, second, EVENT_CALL, -1, NULL));
    CU_ASSERT_PTR_NULL(timeline_find(t, NULL, EVENT_SIGNAL, -1, NULL));
    timeline_free(t);
}

static void test_text_and_data(void)
{
    struct timeline *t = timeline_new(0);
    struct event *e = timeline_add(t, EVENT_CALL, 0);
    unsigned char bytes[TIMELINE_DATA_MAX + 50];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)i;
    event_text(e, "accept(%d)", 3);
    event_text(e, "%s = 4", e->text); /* made of itself */
    CU_ASSERT_STRING_EQUAL(e->text, "accept(3) = 4");
    event_data(e, bytes, sizeof bytes, 1 << 20);
    CU_ASSERT_EQUAL(e->data_length, TIMELINE_DATA_MAX);
    CU_ASSERT_EQUAL(e->data_total, 1 << 20);
    CU_ASSERT_EQUAL(memcmp(e->data, bytes, TIMELINE_DATA_MAX), 0);
    event_data(e, e->data + 1, 2, 2); /* out of its own bytes */
    CU_ASSERT_EQUAL(memcmp(e->data, bytes + 1, 2), 0);
    event_data(e, NULL, 0, 0);
    CU_ASSERT_PTR_NULL(e->data);
    timeline_free(t);
}

static void expect_address(const void *addr, size_t length, const char *text)
{
    struct buf b = {0};

    buf_add_address(&b, addr, (socklen_t)length);
    if (strcmp(buf_text(&b), text) != 0)
        printf("# %s instead of %s\n", buf_text(&b), text);
    CU_ASSERT_STRING_EQUAL(buf_text(&b), text);
    buf_free(&b);
}

static void test_addresses(void)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(4000)};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(4000)};
    struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "/tmp/a\033b"};
    struct sockaddr packet = {.sa_family = 17};
    struct sockaddr_storage storage = {0};
    unsigned char odd[1 + sizeof in];

    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    in6.sin6_addr = in6addr_loopback;
    expect_address(&in, sizeof in, "127.0.0.1:4000");
    expect_address(&in6, sizeof in6, "[::1]:4000");
    expect_address(&in6, 24, "[::1]:4000"); /* without scope, as RFC 2133 had it */
    in6.sin6_scope_id = 2;
    expect_address(&in6, sizeof in6, "[::1%2]:4000");
    expect_address(&un, sizeof un, "unix:/tmp/a\\x1bb");
    expect_address(&un, sizeof un.sun_family, "unix");
    memset(un.sun_path, 'x', sizeof un.sun_path); /* a full path has no NUL (unix(7)) */
    expect_address(&un, sizeof un.sun_family + 4, "unix:xxxx");
    memcpy(un.sun_path, "\0name", 5);
    expect_address(&un, sizeof un.sun_family + 5, "unix:@name");
    expect_address(&packet, sizeof packet, "family 17");
    expect_address(&in, 8, "family 2, cut to 8 bytes");
    expect_address(&in, 1, "no address");
    expect_address(NULL, 16, "no address");
    memcpy(&storage, &in, sizeof in);
    expect_address(&storage, sizeof storage, "127.0.0.1:4000"); /* longer than it need be */
    memcpy(odd + 1, &in, sizeof in);
    expect_address(odd + 1, sizeof in, "127.0.0.1:4000");
}

static void test_errors(void)
{
    CU_ASSERT_STRING_EQUAL(errno_name(EINTR), "EINTR");
    CU_ASSERT_STRING_EQUAL(errno_name(EAGAIN), "EAGAIN");
    CU_ASSERT_STRING_EQUAL(errno_name(ECONNABORTED), "ECONNABORTED");
    CU_ASSERT_STRING_EQUAL(errno_name(512), "ERESTARTSYS");
    CU_ASSERT_STRING_EQUAL(errno_name(1234), "E1234");
    CU_ASSERT_STRING_EQUAL(errno_name(-5), "E-5");
    CU_ASSERT_EQUAL(errno_from_name("EMFILE"), EMFILE);
    CU_ASSERT_EQUAL(errno_from_name("EWOULDBLOCK"), EAGAIN);
    CU_ASSERT_EQUAL(errno_from_name("ENOSUCH"), 0);
    CU_ASSERT_EQUAL(errno_from_name(""), 0);
    for (int error = 1; error < 134; error++) {
        const char *name = errno_name(error);
        if (name[1] >= 'A')
            CU_ASSERT_EQUAL(errno_from_name(name), error);
    }
}

static void test_signals(void)
{
    char rt[32];

    CU_ASSERT_STRING_EQUAL(signal_name(SIGSEGV), "SIGSEGV");
    CU_ASSERT_STRING_EQUAL(signal_name(SIGPIPE), "SIGPIPE");
    snprintf(rt, sizeof rt, "%s %s", signal_name(SIGRTMIN + 2), signal_name(SIGTERM));
    CU_ASSERT_STRING_EQUAL(rt, "SIGRTMIN+2 SIGTERM");
    CU_ASSERT_STRING_EQUAL(signal_name(0), "signal 0");
    CU_ASSERT_STRING_EQUAL(signal_name(-3), "signal -3");
    CU_ASSERT_STRING_EQUAL(signal_name(999), "signal 999");
}

void suite_timeline(void)
{
    unit_test("events keep their order and their place", test_order);
    unit_test("past the limit events are counted, not kept", test_limit);
    unit_test("who has hardly been heard is heard past the limit", test_limit_of_each);
    unit_test("events are found", test_find);
    unit_test("text and data are copied", test_text_and_data);
    unit_test("addresses are written as students write them", test_addresses);
    unit_test("errors have names", test_errors);
    unit_test("signals have names", test_signals);
}
