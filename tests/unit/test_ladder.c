/**
 * @file
 * What travels between the two sides of a conversation, and who takes it, on timelines built by hand; when a drawing is one.
 */
#include "check/moment.h"
#include "tracer/tracer.h"
#include "unit.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum { SERVER, CLIENT, OTHER };
enum { LISTENER_SOCK = 1, CONN_SOCK = 2, SECOND_SOCK = 3 };

static struct timeline *new_timeline(void)
{
    struct timeline *t = timeline_new(0);

    CU_ASSERT_EQUAL_FATAL(timeline_actor(t, "hello_server"), SERVER);
    CU_ASSERT_EQUAL_FATAL(timeline_actor(t, "client 1"), CLIENT);
    CU_ASSERT_EQUAL_FATAL(timeline_actor(t, "client 2"), OTHER);
    t->start = 0;
    return t;
}

/* A call entered and left at these times; it has not returned if @p left is 0. */
static struct event *add_call(struct timeline *t, const char *call, int sock, int64_t entered, int64_t left, int64_t result)
{
    struct event *e = timeline_add(t, EVENT_CALL, SERVER);

    e->call = call;
    e->group = tracer_group(call);
    e->sock = sock;
    e->fd = 3;
    e->fd_kind = sock == LISTENER_SOCK ? FD_LISTENER : FD_ACCEPTED;
    e->time = entered;
    e->time_end = left;
    e->done = left > 0;
    e->result = result;
    return e;
}

static struct event *add_accept(struct timeline *t, int64_t entered, int64_t left, int sock)
{
    struct event *e = add_call(t, "accept", LISTENER_SOCK, entered, left, 4);

    e->new_sock = sock;
    return e;
}

static struct event *add_peer(struct timeline *t, actor_id actor, enum event_flow flow, int64_t time, size_t bytes)
{
    struct event *e = timeline_add(t, EVENT_PEER, actor);

    e->flow = flow;
    e->time = time;
    e->data_total = bytes;
    return e;
}

static void set_port(struct event *e, unsigned port)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

    memcpy(&e->addr, &in, sizeof in);
    e->addr_length = sizeof in;
}

static struct moments connect_all(const struct timeline *t)
{
    struct moments all = moments_collect(t);

    moments_connect(&all);
    return all;
}

/* The moment in which an event takes effect. */
static int moment_of(const struct moments *all, const struct event *e)
{
    for (size_t i = 0; i < all->count; i++) {
        if (all->item[i].event == e && !all->item[i].begins)
            return (int)i;
    }
    return -7;
}

static void expect_taken(const struct moments *all, const struct event *from, enum ladder_travel travel, const struct event *by)
{
    struct taker taker = moments_find_taker(all, moment_of(all, from), false);

    CU_ASSERT_EQUAL(taker.travel, travel);
    CU_ASSERT_EQUAL(taker.at, by ? moment_of(all, by) : LADDER_NOWHERE);
}

static void finish(struct timeline *t, struct moments *all)
{
    free(all->item);
    timeline_free(t);
}

static struct event *add_datagram(struct timeline *t, actor_id actor, enum event_flow flow, int64_t time, const char *text)
{
    struct event *e = add_peer(t, actor, flow, time, 0);

    event_data(e, text, strlen(text), strlen(text));
    set_port(e, 40000);
    return e;
}

static void test_datagrams(void)
{
    struct timeline *t = new_timeline();
    struct event *lost = add_datagram(t, CLIENT, FLOW_SENDS, 10, "lost");
    struct event *one = add_datagram(t, CLIENT, FLOW_SENDS, 20, "one");
    struct event *same = add_datagram(t, OTHER, FLOW_SENDS, 21, "one");
    struct event *empty = add_datagram(t, OTHER, FLOW_SENDS, 22, "");
    struct event *takes[3];
    static const char *const texts[] = {"one", "", "one"};

    for (int i = 0; i < 3; i++) {
        takes[i] = add_call(t, "recvfrom", CONN_SOCK, 30 + 10 * i, 35 + 10 * i, (int64_t)strlen(texts[i]));
        takes[i]->fd_kind = FD_DATAGRAM;
        event_data(takes[i], texts[i], strlen(texts[i]), strlen(texts[i]));
    }
    struct event *own = add_datagram(t, CLIENT, FLOW_RECEIVES, 70, "lost"); /* its own is nobody's answer */
    struct moments all = connect_all(t);

    expect_taken(&all, lost, TRAVEL_BYTES, NULL);
    expect_taken(&all, one, TRAVEL_BYTES, takes[0]);
    expect_taken(&all, same, TRAVEL_BYTES, takes[2]);
    expect_taken(&all, empty, TRAVEL_BYTES, takes[1]);
    expect_taken(&all, own, TRAVEL_NOTHING, NULL);
    finish(t, &all);
}

/* --- the order ---------------------------------------------------------------------------------------- */

static void test_order(void)
{
    struct timeline *t = new_timeline();
    struct event *accept = add_accept(t, 10, 30, CONN_SOCK); /* entered first, and it returns last */
    struct event *dial = add_peer(t, CLIENT, FLOW_DIALS, 20, 0);
    struct moments all = connect_all(t);

    CU_ASSERT_EQUAL_FATAL(all.count, 3);
    CU_ASSERT_TRUE(all.item[0].event == accept && all.item[0].begins);
    CU_ASSERT_PTR_EQUAL(all.item[1].event, dial);
    CU_ASSERT_TRUE(all.item[2].event == accept && !all.item[2].begins);
    CU_ASSERT_EQUAL(all.item[2].since, 0);
    expect_taken(&all, dial, TRAVEL_CONNECTION, accept);
    finish(t, &all);
}

static void test_still_waiting(void)
{
    struct timeline *t = new_timeline();
    add_accept(t, 10, 0, 0);
    struct event *dial = add_peer(t, CLIENT, FLOW_DIALS, 20, 0);
    struct moments all = connect_all(t);

    CU_ASSERT_EQUAL(all.count, 2);
    expect_taken(&all, dial, TRAVEL_CONNECTION, NULL);
    finish(t, &all);
}

/* --- who is who ------------------------------------------------------------------------------------------ */

static void test_by_address(void)
{
    struct timeline *t = new_timeline();
    struct event *first = add_peer(t, CLIENT, FLOW_DIALS, 10, 0), *second = add_peer(t, OTHER, FLOW_DIALS, 11, 0);
    struct event *late = add_accept(t, 20, 21, CONN_SOCK), *early = add_accept(t, 30, 31, SECOND_SOCK);
    set_port(first, 5001);
    set_port(second, 5002);
    set_port(late, 5002);
    set_port(early, 5001);
    struct moments all = connect_all(t);

    expect_taken(&all, first, TRAVEL_CONNECTION, early);
    expect_taken(&all, second, TRAVEL_CONNECTION, late);
    finish(t, &all);
}

/* accept(fd, NULL, NULL) tells nobody's address: the queue's order does. */
static void test_by_order(void)
{
    struct timeline *t = new_timeline();
    struct event *first = add_peer(t, CLIENT, FLOW_DIALS, 10, 0), *second = add_peer(t, OTHER, FLOW_DIALS, 11, 0);
    struct event *one = add_accept(t, 20, 21, CONN_SOCK), *two = add_accept(t, 30, 31, SECOND_SOCK);
    set_port(first, 5001);
    set_port(second, 5002);
    struct moments all = connect_all(t);

    expect_taken(&all, first, TRAVEL_CONNECTION, one);
    expect_taken(&all, second, TRAVEL_CONNECTION, two);
    finish(t, &all);
}

/* --- bytes ------------------------------------------------------------------------------------------------- */

/* A client that is connected; the accept is over at 21. */
static void begin(struct timeline *t)
{
    add_peer(t, CLIENT, FLOW_DIALS, 10, 0);
    add_accept(t, 20, 21, CONN_SOCK);
}

static void test_bytes(void)
{
    struct timeline *t = new_timeline();
    begin(t);
    struct event *five = add_peer(t, CLIENT, FLOW_SENDS, 30, 5), *three = add_peer(t, CLIENT, FLOW_SENDS, 31, 3);
    struct event *unread = add_peer(t, CLIENT, FLOW_SENDS, 32, 1);
    struct event *two = add_call(t, "read", CONN_SOCK, 40, 41, 2), *six = add_call(t, "recvfrom", CONN_SOCK, 42, 43, 6);
    struct event *answer = add_call(t, "write", CONN_SOCK, 50, 51, 8), *got = add_peer(t, CLIENT, FLOW_RECEIVES, 52, 8);
    struct moments all = connect_all(t);

    expect_taken(&all, five, TRAVEL_BYTES, two);
    expect_taken(&all, three, TRAVEL_BYTES, six);
    expect_taken(&all, unread, TRAVEL_BYTES, NULL);
    expect_taken(&all, answer, TRAVEL_BYTES, got);
    finish(t, &all);
}

static void test_peeking_takes_nothing(void)
{
    struct timeline *t = new_timeline();
    begin(t);
    struct event *five = add_peer(t, CLIENT, FLOW_SENDS, 30, 5);
    add_call(t, "recvfrom", CONN_SOCK, 40, 41, 5)->arg[3] = MSG_PEEK;
    struct event *read = add_call(t, "read", CONN_SOCK, 42, 43, 5);
    struct moments all = connect_all(t);

    expect_taken(&all, five, TRAVEL_BYTES, read);
    finish(t, &all);
}

/* Calls that were not watched may have taken what nobody was seen to take. */
static void test_blind(void)
{
    struct timeline *t = new_timeline();
    begin(t);
    struct event *five = add_peer(t, CLIENT, FLOW_SENDS, 30, 5);
    struct moments all = connect_all(t);
    int at = moment_of(&all, five);

    CU_ASSERT_EQUAL(moments_find_taker(&all, at, true).at, at);
    CU_ASSERT_EQUAL(moments_find_taker(&all, at, false).at, LADDER_NOWHERE);
    finish(t, &all);
}

/* --- the end ------------------------------------------------------------------------------------------------- */

static void test_end(void)
{
    struct timeline *t = new_timeline();
    begin(t);
    struct event *half = add_peer(t, CLIENT, FLOW_ENDS, 30, 0), *zero = add_call(t, "read", CONN_SOCK, 40, 41, 0);
    struct event *close = add_call(t, "close", CONN_SOCK, 50, 51, 0), *seen = add_peer(t, CLIENT, FLOW_SEES_END, 52, 0);
    struct moments all = connect_all(t);

    expect_taken(&all, half, TRAVEL_END, zero);
    expect_taken(&all, close, TRAVEL_END, seen);
    finish(t, &all);
}

/* The parent of a forking server closes first, and the client sees nothing of it. */
static void test_two_closes(void)
{
    struct timeline *t = new_timeline();
    begin(t);
    struct event *parent = add_call(t, "close", CONN_SOCK, 30, 31, 0), *child = add_call(t, "close", CONN_SOCK, 40, 41, 0);
    struct event *seen = add_peer(t, CLIENT, FLOW_SEES_END, 42, 0);
    struct moments all = connect_all(t);

    expect_taken(&all, parent, TRAVEL_NOTHING, NULL);
    expect_taken(&all, child, TRAVEL_END, seen);
    finish(t, &all);
}

/* ... nor when the child is killed, and closes nothing itself. */
static void test_killed_child(void)
{
    struct timeline *t = new_timeline();
    begin(t);
    struct event *parent = add_call(t, "close", CONN_SOCK, 30, 31, 0);
    parent->pid = 100;
    struct event *end = timeline_add(t, EVENT_END, SERVER);
    end->pid = 101;
    end->time = 40;
    add_peer(t, CLIENT, FLOW_SEES_END, 42, 0);
    struct moments all = connect_all(t);

    expect_taken(&all, parent, TRAVEL_NOTHING, NULL);
    parent->pid = 101; /* its own end changes nothing */
    CU_ASSERT_EQUAL(moments_find_taker(&all, moment_of(&all, parent), false).travel, TRAVEL_END);
    finish(t, &all);
}

static void test_unseen_close(void)
{
    struct timeline *t = new_timeline();
    begin(t);
    struct event *close = add_call(t, "close", CONN_SOCK, 30, 31, 0);
    struct moments all = connect_all(t);

    expect_taken(&all, close, TRAVEL_NOTHING, NULL); /* a child might hold it */
    finish(t, &all);
}

static void test_reset(void)
{
    struct timeline *t = new_timeline();
    begin(t);
    struct event *reset = add_peer(t, CLIENT, FLOW_RESETS, 30, 0);
    add_call(t, "read", CONN_SOCK, 32, 33, -ECONNRESET)->injected = true; /* the grader's doing tells nothing */
    struct event *write = add_call(t, "write", CONN_SOCK, 40, 41, -EPIPE);
    struct moments all = connect_all(t);

    expect_taken(&all, reset, TRAVEL_RESET, write);
    finish(t, &all);
}

/* --- a drawing ------------------------------------------------------------------------------------------------- */

static struct ladder make_pair(void)
{
    struct ladder l = {0};

    for (int i = 0; i < 3; i++) {
        struct ladder_row *row = ladder_add(&l);
        row->lane = i % 2;
        row->text = xstrdup("row");
    }
    return l;
}

static void test_sound(void)
{
    struct ladder l = make_pair();

    CU_ASSERT_TRUE(ladder_is_sound(&l));
    l.row[0].travel = TRAVEL_BYTES;
    l.row[0].to = 1;
    l.row[2].since = 0;
    CU_ASSERT_TRUE(ladder_is_sound(&l));
    l.row[0].to = 2; /* its own lane */
    CU_ASSERT_FALSE(ladder_is_sound(&l));
    l.row[0].to = 3;
    CU_ASSERT_FALSE(ladder_is_sound(&l));
    l.row[0].to = 0; /* at once */
    CU_ASSERT_TRUE(ladder_is_sound(&l));
    l.row[1].since = 0; /* another lane */
    CU_ASSERT_FALSE(ladder_is_sound(&l));
    l.row[1].since = 1;
    CU_ASSERT_FALSE(ladder_is_sound(&l));
    l.row[1].since = LADDER_NOWHERE;
    l.row[2].lane = 2;
    CU_ASSERT_FALSE(ladder_is_sound(&l));
    ladder_free(&l);
    CU_ASSERT_TRUE(ladder_is_sound(&l));
}

static void test_words(void)
{
    for (enum ladder_kind kind = LADDER_CALL; kind < LADDER_KINDS; kind++)
        CU_ASSERT_EQUAL(ladder_kind_of(ladder_kind_word(kind)), kind);
    for (enum ladder_travel travel = TRAVEL_NOTHING; travel < TRAVEL_KINDS; travel++)
        CU_ASSERT_EQUAL(ladder_travel_of(ladder_travel_word(travel)), travel);
    CU_ASSERT_EQUAL(ladder_kind_of("song"), LADDER_KINDS);
    CU_ASSERT_EQUAL(ladder_travel_of(""), TRAVEL_KINDS);
}

void suite_ladder(void)
{
    unit_test("a call takes effect when it returns", test_order);
    unit_test("a call that has not returned took nothing", test_still_waiting);
    unit_test("connections by the client's address", test_by_address);
    unit_test("connections by their order", test_by_order);
    unit_test("the nth byte sent is the nth taken", test_bytes);
    unit_test("MSG_PEEK takes nothing", test_peeking_takes_nothing);
    unit_test("what was not watched is not said to be lost", test_blind);
    unit_test("an end of file finds who sees it", test_end);
    unit_test("of two closes the last one sends the end", test_two_closes);
    unit_test("the end of another process may have sent the end", test_killed_child);
    unit_test("a close that nobody saw sends nothing for certain", test_unseen_close);
    unit_test("a reset finds who meets it", test_reset);
    unit_test("a datagram is known by its bytes", test_datagrams);
    unit_test("when a drawing is one", test_sound);
    unit_test("words of a drawing", test_words);
}
