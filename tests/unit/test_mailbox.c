/**
 * @file
 * peer/mailbox.c: datagrams keep their edges, their sender and their order.
 */
#include "peer/mailbox.h"
#include "unit.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>

static struct timeline *timeline;

static void open_box(struct mailbox *m, const char *name, bool serves)
{
    CU_ASSERT_EQUAL_FATAL(mailbox_open(m, timeline, name, &(struct mailbox_options){.serves = serves}), 0);
}

static void deliver(struct mailbox *from, const struct mailbox *to, const void *bytes, size_t size)
{
    CU_ASSERT_EQUAL(mailbox_send(from, &to->address, to->address_length, bytes, size), 0);
}

static void test_edges(void)
{
    static char large[DATAGRAM_MAX];
    struct mailbox one, other;
    timeline = timeline_new(0);
    open_box(&one, "one", false);
    open_box(&other, "other", true);
    memset(large, 'x', sizeof large);
    CU_ASSERT_FALSE(mailbox_handle(&other));
    deliver(&one, &other, "hello", 5);
    deliver(&one, &other, "", 0);
    deliver(&one, &other, large, sizeof large);
    CU_ASSERT_TRUE(mailbox_handle(&other));
    CU_ASSERT_EQUAL_FATAL(other.came, 3);
    CU_ASSERT_EQUAL(other.in[0].size, 5);
    CU_ASSERT_EQUAL(memcmp(other.in[0].bytes, "hello", 5), 0);
    CU_ASSERT_EQUAL(other.in[1].size, 0);
    CU_ASSERT_EQUAL(other.in[2].size, sizeof large);
    CU_ASSERT_EQUAL(other.in[0].from_length, one.address_length);
    CU_ASSERT_EQUAL(memcmp(&other.in[0].from, &one.address, one.address_length), 0);
    CU_ASSERT_FALSE(mailbox_handle(&other));
    mailbox_close(&one);
    mailbox_close(&other);
    CU_ASSERT_EQUAL(other.fd, -1);
    timeline_free(timeline);
}

/** The event that says this, its port left out. */
static void expect_said(int at, const char *start, const char *end)
{
    const char *text = timeline->event[at]->text;
    size_t length = strlen(text), tail = strlen(end);
    bool says = strncmp(text, start, strlen(start)) == 0 && length >= tail && strcmp(text + length - tail, end) == 0;
    if (!says)
        printf("# event %d is: %s\n", at, text);
    CU_ASSERT_TRUE(says);
}

static void test_words(void)
{
    struct mailbox one, other;
    timeline = timeline_new(0);
    open_box(&one, "one", false);
    open_box(&other, "the server", true);
    deliver(&one, &other, "a\n", 2);
    deliver(&one, &other, "", 0);
    mailbox_handle(&other);
    CU_ASSERT_EQUAL_FATAL(timeline->count, 5);
    expect_said(0, "the server waits for datagrams on 127.0.0.1:", "");
    expect_said(1, "one sends a datagram of 2 bytes to 127.0.0.1:", ": \"a\\n\"");
    expect_said(2, "one sends an empty datagram to 127.0.0.1:", "");
    expect_said(3, "the server receives a datagram of 2 bytes from 127.0.0.1:", ": \"a\\n\"");
    expect_said(4, "the server receives an empty datagram from 127.0.0.1:", "");
    mailbox_close(&one);
    mailbox_close(&other);
    timeline_free(timeline);
}

static void test_bounds(void)
{
    struct mailbox one, other;
    timeline = timeline_new(0);
    open_box(&one, "one", false);
    open_box(&other, "other", false);
    for (int i = 0; i < MAILBOX_KEEPS + 10; i++) {
        deliver(&one, &other, &i, sizeof i);
        mailbox_handle(&other);
    }
    CU_ASSERT_EQUAL(other.came, MAILBOX_KEEPS);
    CU_ASSERT_EQUAL(other.dropped, 10);
    mailbox_close(&one);
    mailbox_close(&other);
    timeline_free(timeline);
}

static void test_errors(void)
{
    struct mailbox one, other;
    timeline = timeline_new(0);
    open_box(&one, "one", false);
    unsigned port = ntohs(((const struct sockaddr_in *)&one.address)->sin_port);
    CU_ASSERT_EQUAL(mailbox_open(&other, timeline, "other", &(struct mailbox_options){.port = port}), -EADDRINUSE);
    CU_ASSERT_EQUAL(other.fd, -1);
    CU_ASSERT_EQUAL(mailbox_open(&other, timeline, "other", &(struct mailbox_options){.address = "nowhere"}), -EINVAL);
    static char large[DATAGRAM_MAX + 1];
    CU_ASSERT_EQUAL(mailbox_send(&one, &one.address, one.address_length, large, sizeof large), -EMSGSIZE);
    mailbox_close(&one);
    mailbox_close(&one); /* the second time it does nothing */
    timeline_free(timeline);
}

void suite_mailbox(void)
{
    unit_test("edges, senders, order", test_edges);
    unit_test("what is told of them", test_words);
    unit_test("no more than it keeps", test_bounds);
    unit_test("ports, addresses and sizes that cannot be", test_errors);
}
