/**
 * @file
 * A peer that sends back what it receives: all of it, in pieces, from the middle of a conversation,
 * within bounds; and the pattern that is text. Nothing here sleeps.
 */
#include "unit.h"

#include "peer/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LIMIT_MS = 20000, MIB = 1 << 20 };

/* One turn of the event loop for this peer; fails the test when nothing comes within the limit. */
static void turn(struct peer *p)
{
    struct pollfd wait = {.fd = p->fd, .events = peer_events(p)};

    CU_ASSERT_FATAL(poll(&wait, 1, LIMIT_MS) == 1);
    peer_handle(p, wait.revents);
}

/* A peer at one end of a local pair; the test holds the other end. */
static int open_pair(struct timeline **t, struct peer *p)
{
    int ends[2];

    CU_ASSERT_FATAL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    *t = timeline_new(0);
    peer_init(p, *t, "server");
    peer_adopt(p, ends[0]);
    return ends[1];
}

static void close_pair(struct timeline *t, struct peer *p, int fd)
{
    peer_close(p);
    close(fd);
    timeline_free(t);
}

static void test_echo(void)
{
    struct timeline *t;
    struct peer p;
    char got[32] = "";
    int fd = open_pair(&t, &p);

    CU_ASSERT_EQUAL(write(fd, "before ", 7), 7);
    turn(&p);
    CU_ASSERT_EQUAL(p.sent, 0);
    peer_echo(&p, 0);
    CU_ASSERT_EQUAL(read(fd, got, sizeof got), 7);
    CU_ASSERT_EQUAL(write(fd, "after", 5), 5);
    turn(&p);
    CU_ASSERT_EQUAL(read(fd, got + 7, sizeof got - 7), 5);
    CU_ASSERT_STRING_EQUAL(got, "before after");
    /* What came can be looked at, and was not taken by the echo. */
    CU_ASSERT_STRING_EQUAL(buf_text(&p.in), "before after");
    CU_ASSERT_TRUE(peer_sent(&p));
    /* Somebody else did something: what comes then is told after it. */
    timeline_add(t, EVENT_NOTE, p.actor);
    CU_ASSERT_EQUAL(write(fd, "!", 1), 1);
    shutdown(fd, SHUT_WR);
    while (!p.end || !p.shut)
        turn(&p);
    CU_ASSERT_EQUAL(read(fd, got, sizeof got), 1);
    CU_ASSERT_EQUAL(read(fd, got, sizeof got), 0);
    CU_ASSERT_STRING_EQUAL(t->event[0]->text, "server receives 7 bytes: \"before \"");
    CU_ASSERT_STRING_EQUAL(t->event[1]->text, "server sends 7 bytes back");
    CU_ASSERT_STRING_EQUAL(t->event[2]->text, "server receives 5 bytes: \"after\" and has sent 5 back");
    CU_ASSERT_FATAL(t->count > 4);
    CU_ASSERT_STRING_EQUAL(t->event[4]->text, "server receives 1 byte: \"!\" and has sent 1 back");
    close_pair(t, &p, fd);
}

static void test_echo_pieces(void)
{
    struct timeline *t;
    struct peer p;
    char got[32];
    int fd = open_pair(&t, &p);

    peer_echo(&p, 2);
    CU_ASSERT_EQUAL(write(fd, "hello", 5), 5);
    peer_handle(&p, POLLIN);
    CU_ASSERT_EQUAL(p.sent, 0); /* a piece goes when the event loop says so */
    for (size_t i = 1; i <= 3; i++) {
        CU_ASSERT_EQUAL(p.piece, 2);
        peer_handle(&p, POLLOUT);
        CU_ASSERT_EQUAL(read(fd, got, sizeof got), i < 3 ? 2 : 1);
    }
    CU_ASSERT_TRUE(peer_sent(&p));
    CU_ASSERT_EQUAL(p.piece, 2);
    close_pair(t, &p, fd);
}

static void test_echo_bounded(void)
{
    struct timeline *t;
    struct peer p;
    static char bytes[4 * MIB], got[4 * MIB];
    size_t sent = 0, back = 0;
    int fd = open_pair(&t, &p);

    fcntl(fd, F_SETFL, O_NONBLOCK);
    pattern_fill(bytes, sizeof bytes, 7, 0);
    peer_expect_pattern(&p, 7);
    peer_echo(&p, 0);
    /* Nobody reads what comes back: it takes no more than fits into the buffers and its limit. */
    for (bool moved = true; moved;) {
        ssize_t n = write(fd, bytes + sent, sizeof bytes - sent);
        sent += n > 0 ? (size_t)n : 0;
        struct pollfd ready = {.fd = p.fd, .events = peer_events(&p)};
        moved = poll(&ready, 1, 0) == 1;
        if (moved)
            peer_handle(&p, ready.revents);
    }
    CU_ASSERT_TRUE(sent < sizeof bytes);
    CU_ASSERT_FALSE(peer_sent(&p));
    CU_ASSERT_TRUE(p.out.length - p.out_at < ECHO_LIMIT + 64 * 1024);
    CU_ASSERT_EQUAL(p.in.length, 0);
    while (back < sizeof bytes) {
        ssize_t n = read(fd, got + back, sizeof got - back);
        back += n > 0 ? (size_t)n : 0;
        n = write(fd, bytes + sent, sizeof bytes - sent);
        sent += n > 0 ? (size_t)n : 0;
        struct pollfd ready = {.fd = p.fd, .events = peer_events(&p)};
        if (poll(&ready, 1, 0) == 1)
            peer_handle(&p, ready.revents);
        CU_ASSERT_FATAL(p.out.length <= ECHO_LIMIT + 64 * 1024);
    }
    CU_ASSERT_EQUAL(memcmp(bytes, got, sizeof bytes), 0);
    CU_ASSERT_EQUAL(p.pattern_wrong, -1);
    CU_ASSERT_EQUAL(p.received, sizeof bytes);
    CU_ASSERT_EQUAL(t->count, 1); /* thousands of sends and receives are one thing */
    CU_ASSERT_STRING_EQUAL(t->event[0]->text,
                           "server receives 4194304 bytes and has sent 4194304 back");
    close_pair(t, &p, fd);
}

/* With enough to send back it does not read: it must notice a reset all the same, and once. */
static void test_echo_reset(void)
{
    struct timeline *t = timeline_new(0);
    struct door d;
    struct peer client, server;

    CU_ASSERT_EQUAL_FATAL(door_open(&d, t, "door", &(struct door_options){.send_buffer = 4096}), 0);
    peer_init(&client, t, "client");
    peer_init(&server, t, "server");
    CU_ASSERT_EQUAL_FATAL(peer_dial(&client, &(struct peer_dial){.port = door_port(&d), .receive_buffer = 4096}), 0);
    struct pollfd knock = {.fd = d.fd, .events = POLLIN};
    CU_ASSERT_FATAL(poll(&knock, 1, LIMIT_MS) == 1);
    CU_ASSERT_TRUE_FATAL(door_accept(&d, &server));
    peer_echo(&server, 0);
    peer_set_deaf(&client, true);
    peer_send_pattern(&client, 1, 8 * MIB);
    for (int quiet = 0; quiet < 2;) {
        struct pollfd ready[] = {{.fd = client.fd, .events = POLLOUT},
                                 {.fd = server.fd, .events = peer_events(&server)}};
        quiet = poll(ready, 2, 0) ? 0 : quiet + 1;
        peer_handle(&client, ready[0].revents);
        peer_handle(&server, ready[1].revents);
    }
    CU_ASSERT_FALSE(peer_sent(&server));
    peer_reset(&client);
    while (server.state != PEER_CLOSED)
        turn(&server);
    CU_ASSERT_EQUAL(server.error, ECONNRESET);
    peer_close(&client);
    peer_close(&server);
    door_close(&d);
    timeline_free(t);
}

static void test_text(void)
{
    enum { SIZE = 100000 };
    static unsigned char text[SIZE];
    bool seen[256] = {false};
    int values = 0;

    pattern_fill(text, SIZE, PATTERN_TEXT | 5, 0);
    for (int i = 0; i < SIZE; i++) {
        CU_ASSERT_FATAL(text[i] == '\n' || (text[i] >= 0x20 && text[i] < 0x7f));
        seen[text[i]] = true;
    }
    for (int i = 0; i < 256; i++)
        values += seen[i];
    CU_ASSERT_EQUAL(values, 65);
    CU_ASSERT_EQUAL(text[777], pattern_byte(PATTERN_TEXT | 5, 777));
    CU_ASSERT_NOT_EQUAL(memcmp(text, text + 64, 64), 0);
}

void suite_peer_echo(void)
{
    unit_test("what comes goes back, and end of file too", test_echo);
    unit_test("an echo in pieces", test_echo_pieces);
    unit_test("an echo keeps within its bound, and is one event", test_echo_bounded);
    unit_test("a full echo notices a reset", test_echo_reset);
    unit_test("a pattern that is text", test_text);
}
