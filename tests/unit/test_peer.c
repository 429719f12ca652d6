/**
 * @file
 * Scripted peers against plain sockets and against each other, over loopback. Nothing here sleeps:
 * each wait is a poll(2) for the very event. What is asked of the network as a whole is asked in a
 * namespace of its own, where no stranger's connection answers.
 */
#include "unit.h"

#include "peer/internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Far longer than anything takes: it only keeps a broken build from hanging. */
enum { LIMIT_MS = 20000, MIB = 1 << 20 };

/* --- tools ------------------------------------------------------------------------------------ */

/* A plain listening socket, as a student's server has one. */
static int listen_plain(unsigned *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CU_ASSERT_FATAL(fd >= 0);
    CU_ASSERT_FATAL(bind(fd, (struct sockaddr *)&address, sizeof address) == 0);
    CU_ASSERT_FATAL(listen(fd, 16) == 0);
    CU_ASSERT_FATAL(getsockname(fd, (struct sockaddr *)&address, &length) == 0);
    *port = ntohs(address.sin_port);
    return fd;
}

static bool wait_for(int fd, short events)
{
    struct pollfd wait = {.fd = fd, .events = events};

    return poll(&wait, 1, LIMIT_MS) == 1;
}

/* One round of the event loop for these peers; false when nothing came within the limit. */
static bool turn(struct peer *a, struct peer *b)
{
    struct peer *peer[] = {a, b};
    struct pollfd wait[2];

    for (int i = 0; i < 2; i++) {
        short events = peer[i] ? peer_events(peer[i]) : 0;
        wait[i] = (struct pollfd){.fd = events ? peer[i]->fd : -1, .events = events};
    }
    if (poll(wait, 2, LIMIT_MS) < 1)
        return false;
    for (int i = 0; i < 2; i++) {
        if (wait[i].revents)
            peer_handle(peer[i], wait[i].revents);
    }
    return true;
}

/* Goes round until the condition holds. */
#define TURN_UNTIL(condition, a, b)                                                                \
    while (!(condition)) {                                                                         \
        if (!turn(a, b)) {                                                                         \
            CU_FAIL_FATAL("never: " #condition);                                                   \
        }                                                                                          \
    }

static int count_events(const struct timeline *t, const struct peer *p)
{
    int count = 0;

    for (size_t i = 0; i < t->count; i++)
        count += t->event[i]->actor == p->actor;
    return count;
}

/* The number-th event's text of this peer, from 0; "" if there is none. */
static const char *said(const struct timeline *t, const struct peer *p, int number)
{
    for (size_t i = 0; i < t->count; i++) {
        if (t->event[i]->actor == p->actor && number-- == 0)
            return t->event[i]->text;
    }
    return "";
}

static void dial(struct peer *p, unsigned port)
{
    CU_ASSERT_FATAL(peer_dial(p, &(struct peer_dial){.port = port}) == 0);
}

struct stage {
    struct timeline *timeline;
    struct peer client;
    int listener, conn;
};

/* A client connected to a plain listener; accepted on request. */
static void set_stage(struct stage *s, bool accepted)
{
    unsigned port;

    s->timeline = timeline_new(0);
    s->conn = -1;
    s->listener = listen_plain(&port);
    peer_init(&s->client, s->timeline, "client 1");
    dial(&s->client, port);
    TURN_UNTIL(s->client.state == PEER_OPEN, &s->client, NULL);
    if (accepted)
        s->conn = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
    CU_ASSERT_FATAL(!accepted || s->conn >= 0);
}

static void clear_stage(struct stage *s)
{
    peer_close(&s->client);
    fd_close(&s->conn);
    fd_close(&s->listener);
    timeline_free(s->timeline);
}

static volatile sig_atomic_t pipes;

static void count_pipe(int number)
{
    (void)number;
    pipes++;
}

/* write(2) with SIGPIPE caught: 0 or the errno; *signalled tells whether the signal came. */
static int write_counting(int fd, bool *signalled)
{
    struct sigaction old, catch = {.sa_handler = count_pipe};

    pipes = 0;
    sigaction(SIGPIPE, &catch, &old);
    int error = write(fd, "Hello World!\n", 13) < 0 ? errno : 0;
    sigaction(SIGPIPE, &old, NULL);
    *signalled = pipes > 0;
    return error;
}

/* --- patterns --------------------------------------------------------------------------------- */

static void test_pattern(void)
{
    static unsigned char bytes[64 * 1024], part[1000];
    bool seen[256] = {false};
    int missing = 0;

    pattern_fill(bytes, sizeof bytes, 7, 0);
    pattern_fill(part, sizeof part, 7, 12345);
    CU_ASSERT_EQUAL(memcmp(part, bytes + 12345, sizeof part), 0);
    CU_ASSERT_EQUAL(pattern_byte(7, 54321), bytes[54321]);
    for (size_t i = 0; i < 8192; i++)
        seen[bytes[i]] = true;
    for (int i = 0; i < 256; i++)
        missing += !seen[i];
    CU_ASSERT_EQUAL(missing, 0);
    for (size_t period = 1; period <= 32 * 1024; period++) {
        if (memcmp(bytes, bytes + period, 64) == 0)
            CU_FAIL("the pattern repeats itself");
    }
    pattern_fill(part, sizeof part, 8, 12345);
    CU_ASSERT_NOT_EQUAL(memcmp(part, bytes + 12345, sizeof part), 0);
}

/* --- a conversation and its words ------------------------------------------------------------- */

static void test_conversation(void)
{
    struct stage s;
    char got[64] = "", expected[128];

    set_stage(&s, true);
    struct sockaddr_in *local = (struct sockaddr_in *)&s.client.local;
    struct sockaddr_in *remote = (struct sockaddr_in *)&s.client.remote;
    peer_send(&s.client, "hello", 5);
    CU_ASSERT_TRUE(peer_sent(&s.client));
    CU_ASSERT_EQUAL(read(s.conn, got, sizeof got), 5);
    CU_ASSERT_STRING_EQUAL(got, "hello");
    CU_ASSERT_EQUAL(write(s.conn, "Hello ", 6), 6);
    TURN_UNTIL(s.client.received == 6, &s.client, NULL);
    CU_ASSERT_EQUAL(write(s.conn, "World!\n", 7), 7);
    TURN_UNTIL(s.client.received == 13, &s.client, NULL);
    CU_ASSERT_EQUAL(s.client.in.length, 13);
    CU_ASSERT_STRING_EQUAL(buf_text(&s.client.in), "Hello World!\n");
    peer_send(&s.client, "x", 1);
    fd_close(&s.conn); /* with a byte unread: the kernel sends RST */
    TURN_UNTIL(s.client.state == PEER_CLOSED, &s.client, NULL);
    CU_ASSERT_EQUAL(s.client.error, ECONNRESET);
    CU_ASSERT_FALSE(s.client.end);
    CU_ASSERT_EQUAL(peer_events(&s.client), 0);

    snprintf(expected, sizeof expected, "client 1 connects to 127.0.0.1:%u (from 127.0.0.1:%u)",
             ntohs(remote->sin_port), ntohs(local->sin_port));
    CU_ASSERT_STRING_EQUAL(said(s.timeline, &s.client, 0), expected);
    CU_ASSERT_STRING_EQUAL(said(s.timeline, &s.client, 1), "client 1 sends 5 bytes: \"hello\"");
    CU_ASSERT_STRING_EQUAL(said(s.timeline, &s.client, 2),
                           "client 1 receives 13 bytes: \"Hello World!\\n\"");
    CU_ASSERT_STRING_EQUAL(said(s.timeline, &s.client, 3), "client 1 sends 1 byte: \"x\"");
    CU_ASSERT_STRING_EQUAL(said(s.timeline, &s.client, 4),
                           "client 1 is reset by the other side (ECONNRESET)");
    CU_ASSERT_EQUAL(count_events(s.timeline, &s.client), 5);
    clear_stage(&s);
}

static void test_end_of_file(void)
{
    struct stage s;

    set_stage(&s, true);
    fd_close(&s.conn);
    TURN_UNTIL(s.client.end, &s.client, NULL);
    CU_ASSERT_TRUE(s.client.end_time >= s.timeline->start);
    CU_ASSERT_EQUAL(s.client.state, PEER_OPEN);
    /* It still wants to hear of a reset: its bytes reach a socket that is closed. */
    CU_ASSERT_EQUAL(peer_events(&s.client), POLLERR);
    peer_send(&s.client, "late", 4);
    TURN_UNTIL(s.client.state == PEER_CLOSED, &s.client, NULL);
    CU_ASSERT_EQUAL(s.client.error, EPIPE);
    CU_ASSERT_STRING_EQUAL(said(s.timeline, &s.client, 1), "client 1 receives end of file");
    CU_ASSERT_STRING_EQUAL(said(s.timeline, &s.client, 3),
                           "client 1 is reset by the other side (EPIPE)");
    clear_stage(&s);
}

static void test_refused(void)
{
    struct timeline *t = timeline_new(0);
    struct peer p;
    unsigned port;
    int listener = listen_plain(&port);

    fd_close(&listener);
    peer_init(&p, t, "client 1");
    dial(&p, port);
    TURN_UNTIL(p.state == PEER_CLOSED, &p, NULL);
    CU_ASSERT_EQUAL(p.error, ECONNREFUSED);
    CU_ASSERT_EQUAL(p.fd, -1);
    CU_ASSERT_STRING_EQUAL(said(t, &p, 1), "client 1 is refused (ECONNREFUSED)");
    peer_send(&p, "to nobody", 9);
    CU_ASSERT_EQUAL(p.sent, 0);
    peer_close(&p);
    CU_ASSERT_EQUAL(count_events(t, &p), 2);

    peer_init(&p, t, "client 2");
    CU_ASSERT_EQUAL(peer_dial(&p, &(struct peer_dial){.address = "localhost", .port = port}),
                    -EINVAL);
    peer_close(&p);
    timeline_free(t);
}

static void test_source_address(void)
{
    struct timeline *t = timeline_new(0);
    struct sockaddr_in from = {0};
    socklen_t length = sizeof from;
    struct peer p;
    unsigned port, taken;
    int listener = listen_plain(&port), other = listen_plain(&taken);

    peer_init(&p, t, "client 1");
    CU_ASSERT_EQUAL_FATAL(peer_dial(&p, &(struct peer_dial){.port = port, .from = "127.0.0.77"}),
                          0);
    int conn = accept4(listener, (struct sockaddr *)&from, &length, SOCK_CLOEXEC);
    CU_ASSERT_EQUAL(ntohl(from.sin_addr.s_addr), 0x7f00004d);
    fd_close(&conn);
    peer_close(&p);

    peer_init(&p, t, "client 2");
    CU_ASSERT_EQUAL(
        peer_dial(&p, &(struct peer_dial){.port = port, .from = "127.0.0.1", .from_port = taken}),
        -EADDRINUSE);
    CU_ASSERT_EQUAL(p.fd, -1);
    peer_close(&p);
    fd_close(&other);
    fd_close(&listener);
    timeline_free(t);
}

/* --- ways to go ------------------------------------------------------------------------------- */

static void test_reset(void)
{
    struct stage s;
    char byte;

    set_stage(&s, true);
    peer_send(&s.client, "half a li", 9);
    peer_reset(&s.client);
    CU_ASSERT_EQUAL(s.client.fd, -1);
    CU_ASSERT_TRUE_FATAL(wait_for(s.conn, POLLRDHUP));
    for (int i = 0; i < 9; i++)
        CU_ASSERT_EQUAL(read(s.conn, &byte, 1), 1);
    CU_ASSERT_EQUAL(read(s.conn, &byte, 1), -1);
    CU_ASSERT_EQUAL(errno, ECONNRESET);
    CU_ASSERT_STRING_EQUAL(said(s.timeline, &s.client, 2), "client 1 resets the connection (RST)");
    clear_stage(&s);
}

static void test_reset_before_accept(void)
{
    struct sockaddr_in from;
    socklen_t length = sizeof from;
    struct stage s;
    bool signalled;

    set_stage(&s, false);
    peer_reset(&s.client);
    s.conn = accept(s.listener, (struct sockaddr *)&from, &length);
    /* Linux hands it out all the same; the error waits in it. */
    CU_ASSERT_FATAL(s.conn >= 0);
    CU_ASSERT_TRUE_FATAL(wait_for(s.conn, POLLRDHUP));
    CU_ASSERT_EQUAL(write_counting(s.conn, &signalled), ECONNRESET);
    CU_ASSERT_FALSE(signalled);
    clear_stage(&s);
}

/* The other side's very first write, accepted before or after the client went. */
static void try_vanish(bool accepted, bool data)
{
    struct stage s;
    bool signalled;
    char got[8];

    set_stage(&s, accepted);
    if (data)
        peer_send(&s.client, "hello", 5);
    peer_vanish(&s.client);
    TURN_UNTIL(s.client.state == PEER_CLOSED, &s.client, NULL);
    if (!accepted)
        s.conn = accept(s.listener, NULL, NULL);
    CU_ASSERT_TRUE_FATAL(wait_for(s.conn, 0)); /* POLLERR: the RST is there */
    if (data)
        CU_ASSERT_EQUAL(read(s.conn, got, sizeof got), 5);
    CU_ASSERT_EQUAL(write_counting(s.conn, &signalled), EPIPE);
    CU_ASSERT_TRUE(signalled);
    CU_ASSERT_STRING_EQUAL(said(s.timeline, &s.client, data ? 2 : 1),
                           "client 1 vanishes (FIN, then RST)");
    clear_stage(&s);
}

static void test_vanish(void)
{
    struct stage s;
    int zero = 0;

    try_vanish(true, false);
    try_vanish(false, false);
    try_vanish(true, true);
    try_vanish(false, true);

    set_stage(&s, true);
    /* As in the middle of a conversation: the FIN is not acknowledged at once. */
    CU_ASSERT_EQUAL(setsockopt(s.conn, IPPROTO_TCP, TCP_QUICKACK, &zero, sizeof zero), 0);
    peer_vanish(&s.client);
    TURN_UNTIL(s.client.state == PEER_CLOSED, &s.client, NULL);
    CU_ASSERT_TRUE_FATAL(wait_for(s.conn, 0));
    CU_ASSERT_EQUAL(send(s.conn, "x", 1, MSG_NOSIGNAL), -1);
    CU_ASSERT_EQUAL(errno, EPIPE);
    clear_stage(&s);
}

static void test_half_close(void)
{
    struct stage s;
    char got[8];

    set_stage(&s, true);
    peer_send(&s.client, "abc", 3);
    peer_half_close(&s.client);
    CU_ASSERT_TRUE(s.client.shut);
    CU_ASSERT_EQUAL(recv(s.conn, got, 3, MSG_WAITALL), 3);
    CU_ASSERT_EQUAL(read(s.conn, got, sizeof got), 0);
    CU_ASSERT_EQUAL(write(s.conn, "answer", 6), 6);
    fd_close(&s.conn);
    TURN_UNTIL(s.client.end, &s.client, NULL);
    CU_ASSERT_EQUAL(s.client.received, 6);
    CU_ASSERT_EQUAL(s.client.error, 0);
    CU_ASSERT_EQUAL(peer_events(&s.client), 0); /* both directions are over: nothing to poll for */
    CU_ASSERT_STRING_EQUAL(said(s.timeline, &s.client, 2), "client 1 sends end of file (shutdown)");
    clear_stage(&s);
}

static void test_deaf(void)
{
    struct stage s;

    set_stage(&s, true);
    peer_set_deaf(&s.client, true);
    CU_ASSERT_EQUAL(write(s.conn, "unheard", 7), 7);
    CU_ASSERT_EQUAL(peer_events(&s.client) & POLLIN, 0);
    peer_handle(&s.client, POLLIN);
    CU_ASSERT_EQUAL(s.client.received, 0);
    peer_set_deaf(&s.client, false);
    TURN_UNTIL(s.client.received == 7, &s.client, NULL);
    peer_set_deaf(&s.client, true);
    struct linger now = {.l_onoff = 1};
    setsockopt(s.conn, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    fd_close(&s.conn);
    TURN_UNTIL(s.client.state == PEER_CLOSED, &s.client, NULL);
    CU_ASSERT_EQUAL(s.client.error, ECONNRESET);
    clear_stage(&s);
}

/* --- much, and in pieces ---------------------------------------------------------------------- */

static void open_pair(struct timeline *t, struct door *d, struct peer *client, struct peer *server)
{
    struct door_options door = {.receive_buffer = 4096, .send_buffer = 4096};
    struct peer_dial how = {.receive_buffer = 4096, .send_buffer = 4096};

    CU_ASSERT_EQUAL_FATAL(door_open(d, t, "door", &door), 0);
    peer_init(client, t, "client 1");
    peer_init(server, t, "server 1");
    how.port = door_port(d);
    CU_ASSERT_EQUAL_FATAL(peer_dial(client, &how), 0);
    CU_ASSERT_TRUE_FATAL(wait_for(d->fd, POLLIN));
    CU_ASSERT_TRUE_FATAL(door_accept(d, server));
    CU_ASSERT_FALSE(door_accept(d, server));
}

static void close_pair(struct timeline *t, struct door *d, struct peer *client, struct peer *server)
{
    peer_close(client);
    peer_close(server);
    door_close(d);
    timeline_free(t);
}

static void test_large(void)
{
    enum { SIZE = 8 * MIB };
    struct timeline *t = timeline_new(0);
    struct peer client, server;
    struct door d;

    open_pair(t, &d, &client, &server);
    peer_expect_pattern(&client, 2);
    peer_expect_pattern(&server, 1);
    peer_send_pattern(&client, 1, SIZE);
    peer_half_close(&client);
    peer_send_pattern(&server, 2, SIZE);
    peer_half_close(&server);
    CU_ASSERT_FALSE(peer_sent(&client)); /* the buffers are small indeed */
    CU_ASSERT_FALSE(client.shut);
    TURN_UNTIL(client.end && server.end, &client, &server);
    CU_ASSERT_EQUAL(client.received, SIZE);
    CU_ASSERT_EQUAL(server.received, SIZE);
    CU_ASSERT_EQUAL(client.pattern_wrong, -1);
    CU_ASSERT_EQUAL(server.pattern_wrong, -1);
    CU_ASSERT_EQUAL(client.in.length, 0);
    CU_ASSERT_TRUE(count_events(t, &client) <= 6);
    CU_ASSERT_TRUE(count_events(t, &server) <= 6);
    CU_ASSERT_STRING_EQUAL(said(t, &client, 1), "client 1 sends 8388608 bytes");
    close_pair(t, &d, &client, &server);
}

static void test_wrong_pattern(void)
{
    struct timeline *t = timeline_new(0);
    static unsigned char bytes[3000];
    struct peer client, server;
    struct door d;

    open_pair(t, &d, &client, &server);
    peer_send(&server, "first", 5);
    TURN_UNTIL(client.received == 5, &client, &server);
    peer_expect_pattern(&client, 9);
    pattern_fill(bytes, sizeof bytes, 9, 0);
    bytes[2345] ^= 1;
    bytes[2999] ^= 1;
    peer_send(&server, bytes, sizeof bytes);
    TURN_UNTIL(client.received == 5 + sizeof bytes, &client, &server);
    CU_ASSERT_EQUAL(client.pattern_wrong, 2345);
    close_pair(t, &d, &client, &server);
}

static void test_bounded_input(void)
{
    struct timeline *t = timeline_new(0);
    struct peer client, server;
    struct door d;

    open_pair(t, &d, &client, &server);
    peer_send_pattern(&server, 3, 3 * MIB);
    TURN_UNTIL(client.received == 3 * MIB, &client, &server);
    CU_ASSERT_EQUAL(client.in.length, PEER_IN_LIMIT);
    CU_ASSERT_EQUAL(client.in.dropped, 3 * MIB - PEER_IN_LIMIT);
    CU_ASSERT_EQUAL(client.in.data[MIB - 1], (char)pattern_byte(3, MIB - 1));
    close_pair(t, &d, &client, &server);
}

static void test_stuck_sender(void)
{
    struct stage s;

    set_stage(&s, true);
    peer_send_pattern(&s.client, 1, 64 * MIB);
    struct pollfd wait = {.fd = s.client.fd, .events = POLLOUT};
    while (poll(&wait, 1, 0) == 1)
        peer_handle(&s.client, wait.revents);
    CU_ASSERT_FALSE(peer_sent(&s.client));
    CU_ASSERT_PTR_NOT_NULL(strstr(said(s.timeline, &s.client, 1), " of 67108864 bytes"));
    clear_stage(&s);
}

static void test_pieces(void)
{
    struct stage s;
    char got[64];
    size_t length = 0;

    set_stage(&s, true);
    peer_send_pieces(&s.client, "twenty-one characters", 21, 4);
    while (length < 21) {
        ssize_t n = read(s.conn, got + length, sizeof got - length);
        CU_ASSERT_FATAL(n > 0 && n <= 4);
        length += (size_t)n;
        peer_handle(&s.client, POLLOUT);
    }
    CU_ASSERT_TRUE(peer_sent(&s.client));
    CU_ASSERT_EQUAL(memcmp(got, "twenty-one characters", 21), 0);
    peer_send(&s.client, "and whole again", 15);
    CU_ASSERT_EQUAL(read(s.conn, got, sizeof got), 15);
    CU_ASSERT_STRING_EQUAL(said(s.timeline, &s.client, 1),
                           "client 1 sends 21 bytes in pieces of 4: \"twenty-one characters\"");
    CU_ASSERT_EQUAL(count_events(s.timeline, &s.client), 3);
    clear_stage(&s);
}

/* --- doors ------------------------------------------------------------------------------------ */

static void test_door(void)
{
    struct timeline *t = timeline_new(0);
    struct door d, second;
    struct peer client;

    CU_ASSERT_EQUAL(door_open(&d, t, "door", &(struct door_options){.address = "no"}), -EINVAL);
    CU_ASSERT_EQUAL_FATAL(door_open(&d, t, "door", &(struct door_options){.bind_only = true}), 0);
    peer_init(&client, t, "client 1");
    dial(&client, door_port(&d));
    TURN_UNTIL(client.state == PEER_CLOSED, &client, NULL);
    CU_ASSERT_EQUAL(client.error, ECONNREFUSED); /* held, and yet nobody listens */
    struct door_options same = {.port = door_port(&d), .no_reuse = true};
    CU_ASSERT_EQUAL(door_open(&second, t, "second", &same), -EADDRINUSE);
    CU_ASSERT_EQUAL(second.fd, -1);
    peer_close(&client);
    door_close(&d);
    timeline_free(t);
}

static void test_door_ipv6(void)
{
    struct timeline *t = timeline_new(0);
    struct door d;
    struct peer client, server;
    int error = door_open(&d, t, "door", &(struct door_options){.address = "::1"});

    if (error == -EADDRNOTAVAIL || error == -EAFNOSUPPORT) {
        timeline_free(t);
        unit_skip("no IPv6");
        return;
    }
    CU_ASSERT_EQUAL_FATAL(error, 0);
    peer_init(&client, t, "client 1");
    peer_init(&server, t, "server 1");
    struct peer_dial how = {.address = "::1", .port = door_port(&d)};
    CU_ASSERT_EQUAL_FATAL(peer_dial(&client, &how), 0);
    CU_ASSERT_TRUE_FATAL(wait_for(d.fd, POLLIN));
    CU_ASSERT_TRUE(door_accept(&d, &server));
    peer_send(&server, "six", 3);
    TURN_UNTIL(client.received == 3, &client, &server);
    CU_ASSERT_PTR_NOT_NULL(strstr(said(t, &client, 0), "connects to [::1]:"));
    close_pair(t, &d, &client, &server);
}

struct hung_client {
    int fd, result;
    struct sockaddr_storage to;
    socklen_t length;
};

static void *connect_blocking(void *argument)
{
    struct hung_client *c = argument;

    c->result = connect(c->fd, (struct sockaddr *)&c->to, c->length) == 0 ? 0 : errno;
    return NULL;
}

/*
 * A blocking connect that certainly hangs: the SYN is sent (and dropped) by a first call that
 * does not wait, and a second call waits for its answer.
 */
static void hang_client(struct hung_client *c, unsigned port, const char *address)
{
    CU_ASSERT_EQUAL_FATAL(peer_address(address, port, &c->to, &c->length), 0);
    c->fd = socket(c->to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    CU_ASSERT_EQUAL(connect(c->fd, (struct sockaddr *)&c->to, c->length), -1);
    CU_ASSERT_EQUAL_FATAL(errno, EINPROGRESS);
    fcntl(c->fd, F_SETFL, 0);
}

static void try_meet(const char *door_address, const char *address, bool undrop_first, bool by_name)
{
    struct door_options how = {.address = door_address, .drop_syn = true};
    struct timeline *t = timeline_new(0);
    struct hung_client hung = {.fd = -1};
    struct sockaddr_storage local;
    socklen_t length = sizeof local;
    struct tcp_info info = {0};
    struct peer server, fresh;
    struct door d;
    pthread_t thread;
    char got[8];

    CU_ASSERT_EQUAL_FATAL(door_open(&d, t, "door", &how), 0);
    CU_ASSERT_EQUAL(door_events(&d), 0); /* its own connections wait there: poll would spin */
    hang_client(&hung, door_port(&d), address);
    pthread_create(&thread, NULL, connect_blocking, &hung);
    getsockname(hung.fd, (struct sockaddr *)&local, &length);
    peer_init(&server, t, "server 1");
    if (undrop_first)
        CU_ASSERT_EQUAL(door_undrop(&d), 0);
    const struct sockaddr *client = by_name ? (struct sockaddr *)&local : NULL;
    CU_ASSERT_EQUAL_FATAL(door_meet(&d, &server, client, length), 0);
    pthread_join(thread, NULL);
    CU_ASSERT_EQUAL(hung.result, 0);
    TURN_UNTIL(server.state == PEER_OPEN, &server, NULL);
    /* No SYN was sent twice: this was no luck with the second's retransmission. */
    length = sizeof info;
    getsockopt(hung.fd, IPPROTO_TCP, TCP_INFO, &info, &length);
    CU_ASSERT_EQUAL(info.tcpi_total_retrans, 0);
    peer_send(&server, "at last", 7);
    CU_ASSERT_EQUAL(read(hung.fd, got, sizeof got), 7);
    CU_ASSERT_FALSE(door_accept(&d, &server)); /* the listener saw nothing of it */

    if (!undrop_first)
        CU_ASSERT_EQUAL(door_undrop(&d), 0);
    CU_ASSERT_EQUAL(door_events(&d), POLLIN);
    peer_init(&fresh, t, "client 2");
    CU_ASSERT_EQUAL(peer_dial(&fresh, &(struct peer_dial){.address = address, .port = door_port(&d)}), 0);
    TURN_UNTIL(fresh.state != PEER_CONNECTING, &fresh, NULL);
    CU_ASSERT_EQUAL(fresh.state, PEER_OPEN);
    peer_close(&fresh);
    fd_close(&hung.fd);
    close_pair(t, &d, &fresh, &server);
}

static void test_meet(void)
{
    try_meet("127.0.0.1", "127.0.0.1", false, true);
    try_meet("127.0.0.1", "127.0.0.1", true, false);
    try_meet("0.0.0.0", "127.0.0.5", false, false);
    try_meet("::1", "::1", false, true);
}

static void test_meet_nobody(void)
{
    struct timeline *t = timeline_new(0);
    struct peer server;
    struct door d;

    CU_ASSERT_EQUAL_FATAL(door_open(&d, t, "door", &(struct door_options){.drop_syn = true}), 0);
    peer_init(&server, t, "server 1");
    CU_ASSERT_EQUAL(door_meet(&d, &server, NULL, 0), -ENOENT);
    peer_close(&server);
    door_close(&d);
    timeline_free(t);
}

/* What is asked of a peer while its connect hangs is done afterwards, in order. */
static void test_leaves_later(void)
{
    struct timeline *t = timeline_new(0);
    struct peer client, server;
    struct door d;

    CU_ASSERT_EQUAL_FATAL(door_open(&d, t, "door", &(struct door_options){.drop_syn = true}), 0);
    peer_init(&client, t, "client 1");
    peer_init(&server, t, "server 1");
    dial(&client, door_port(&d));
    CU_ASSERT_EQUAL(client.state, PEER_CONNECTING);
    peer_send(&client, "bye", 3);
    peer_vanish(&client);
    CU_ASSERT_EQUAL(client.state, PEER_CONNECTING);
    CU_ASSERT_EQUAL_FATAL(door_meet(&d, &server, NULL, 0), 0);
    TURN_UNTIL(client.state == PEER_CLOSED && server.state == PEER_CLOSED, &client, &server);
    CU_ASSERT_EQUAL(server.error, EPIPE);
    CU_ASSERT_TRUE(server.end);
    CU_ASSERT_STRING_EQUAL(buf_text(&server.in), "bye");
    CU_ASSERT_STRING_EQUAL(said(t, &client, 1), "client 1 is connected");
    CU_ASSERT_STRING_EQUAL(said(t, &client, 2), "client 1 sends 3 bytes: \"bye\"");
    CU_ASSERT_STRING_EQUAL(said(t, &client, 3), "client 1 vanishes (FIN, then RST)");
    close_pair(t, &d, &client, &server);
}

/* --- in a namespace of its own ---------------------------------------------------------------- */

static bool raise_loopback(void)
{
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool up = ioctl(fd, SIOCSIFFLAGS, &request) == 0;

    fd_close(&fd);
    return up;
}

/*
 * Plays the scene in a child. A fatal assertion would jump into the child's copy of the test
 * runner, so it is made to jump here instead;
 * the assertions that failed go up the pipe, one line each.
 */
static void play(void (*scene)(void), int report_to)
{
    unsigned before = CU_get_number_of_failure_records();
    jmp_buf fatal;

    CU_get_current_test()->pJumpBuf = &fatal;
    if (setjmp(fatal) == 0)
        scene();
    for (const struct CU_FailureRecord *f = CU_get_failure_list(); f; f = f->pNext) {
        if (before > 0)
            before--;
        else
            dprintf(report_to, "%u: %s\n", f->uiLineNumber, f->strCondition);
    }
    _exit(0);
}

static void in_namespace(void (*scene)(void))
{
    struct buf report = {0};
    int ends[2], status;

    CU_ASSERT_EQUAL_FATAL(pipe_make(ends), 0);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        int spaces = geteuid() ? CLONE_NEWUSER | CLONE_NEWNET : CLONE_NEWNET;
        if (unshare(spaces) != 0 || !raise_loopback())
            _exit(77);
        play(scene, ends[1]);
    }
    fd_close(&ends[1]);
    fd_read_all(ends[0], &report);
    fd_close(&ends[0]);
    CU_ASSERT_EQUAL_FATAL(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
        unit_denied("no network namespace");
    } else {
        CU_ASSERT_EQUAL(status, 0);
        if (report.length)
            printf("# %s", buf_text(&report));
        CU_ASSERT_EQUAL(report.length, 0);
    }
    buf_free(&report);
}

/* A packet of a stranger may wait in a backlog, which is the whole machine's, but not for ever. */
static bool rests(bool (*in_flight)(void))
{
    for (int i = 0; i < 1000; i++) {
        if (!in_flight())
            return true;
    }
    return false;
}

/* Whether a line of /proc/net/tcp has this local port, state and timer. */
static bool proc_shows(unsigned port, unsigned state, unsigned timer)
{
    FILE *file = fopen("/proc/net/tcp", "re");
    char line[512];
    bool found = false;

    while (file && fgets(line, sizeof line, file)) {
        unsigned p, s, r;
        if (sscanf(line, " %*d: %*x:%x %*s %x %*x:%*x %x:", &p, &s, &r) == 3)
            found |= p == port && s == state && r == timer;
    }
    if (file)
        fclose(file);
    return found;
}

static int bind_error(unsigned port, bool reuse)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

    if (reuse)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    int error = bind(fd, (struct sockaddr *)&any, sizeof any) == 0 ? 0 : errno;
    fd_close(&fd);
    return error;
}

static void scene_time_wait(void)
{
    CU_ASSERT_TRUE(bind_error(4242, false) == 0);
    CU_ASSERT_TRUE(peer_make_time_wait(4242) == 0);
    CU_ASSERT_TRUE(proc_shows(4242, 6, 3));
    CU_ASSERT_TRUE(!proc_shows(4242, 10, 0));
    CU_ASSERT_TRUE(bind_error(4242, false) == EADDRINUSE);
    CU_ASSERT_TRUE(bind_error(4242, true) == 0);
    CU_ASSERT_TRUE(network_sockets_in_flight() == 0);
    CU_ASSERT_TRUE(rests(network_in_flight));
    CU_ASSERT_TRUE(rests(network_in_flight_procfs));
}

static void scene_rest(void)
{
    struct stage s;

    CU_ASSERT_TRUE(network_sockets_in_flight() == 0);
    set_stage(&s, true);
    CU_ASSERT_TRUE(network_sockets_in_flight() == 0);
    peer_send(&s.client, "hello", 5);
    CU_ASSERT_TRUE(wait_for(s.conn, POLLIN)); /* arrived, not read */
    CU_ASSERT_TRUE(network_sockets_in_flight() == 0);
    peer_half_close(&s.client);
    CU_ASSERT_TRUE(wait_for(s.conn, POLLRDHUP));
    CU_ASSERT_TRUE(network_sockets_in_flight() == 0);
    clear_stage(&s);
}

static void scene_syn(void)
{
    struct timeline *t = timeline_new(0);
    struct peer client;
    struct door d;

    CU_ASSERT_TRUE(door_open(&d, t, "door", &(struct door_options){.drop_syn = true}) == 0);
    CU_ASSERT_TRUE(network_sockets_in_flight() == 0);
    peer_init(&client, t, "client 1");
    dial(&client, door_port(&d));
    CU_ASSERT_TRUE(client.state == PEER_CONNECTING);
    /* Dropped as long as nobody accepts: at rest. With room in the queue the next SYN will pass. */
    CU_ASSERT_TRUE(network_sockets_in_flight() == 0);
    CU_ASSERT_TRUE(door_undrop(&d) == 0);
    CU_ASSERT_TRUE(network_sockets_in_flight() == 1);
    CU_ASSERT_TRUE(network_in_flight());
    CU_ASSERT_TRUE(network_in_flight_procfs());
    peer_close(&client);
    CU_ASSERT_TRUE(network_sockets_in_flight() == 0);
    door_close(&d);
    timeline_free(t);
}

static void scene_full_window(void)
{
    struct stage s;

    set_stage(&s, true);
    unsigned port = ntohs(((struct sockaddr_in *)&s.client.local)->sin_port);
    peer_send_pattern(&s.client, 1, 64 * MIB);
    struct pollfd wait = {.fd = s.client.fd, .events = POLLOUT};
    /*
     * Full when the window is: until then a timer of the kernel (at most 200 ms) still moves bytes,
     * which no descriptor would tell; that the answer changes by itself is what is shown here.
     */
    int64_t limit = clock_now() + LIMIT_MS * INT64_C(1000000);
    do {
        while (poll(&wait, 1, 0) == 1)
            peer_handle(&s.client, wait.revents);
    } while (network_sockets_in_flight() != 0 && clock_now() < limit);
    CU_ASSERT_TRUE(network_sockets_in_flight() == 0);
    CU_ASSERT_TRUE(!peer_sent(&s.client));
    CU_ASSERT_TRUE(proc_shows(port, 1, 4) || proc_shows(port, 1, 1));
    clear_stage(&s);
}

/* Bytes that arrived and are not acknowledged are no reason to wait. */
static void scene_delayed_acknowledgement(void)
{
    struct stage s;
    int zero = 0, unacknowledged = 0, tries = 0;
    char got[16];

    set_stage(&s, true);
    /* The receiver answers interactively, as a server in the middle of a conversation does. */
    do {
        setsockopt(s.conn, IPPROTO_TCP, TCP_QUICKACK, &zero, sizeof zero);
        peer_send(&s.client, "ping", 4);
        CU_ASSERT_TRUE(wait_for(s.conn, POLLIN));
        CU_ASSERT_TRUE(network_sockets_in_flight() == 0);
        ioctl(s.client.fd, SIOCOUTQ, &unacknowledged);
        CU_ASSERT_TRUE(read(s.conn, got, sizeof got) == 4);
    } while (unacknowledged == 0 && ++tries < 100);
    CU_ASSERT_TRUE(unacknowledged == 4); /* else this scene showed nothing */
    clear_stage(&s);
}

/* ... unless they fill the send buffer: then the acknowledgement is what a writer waits for. */
static void scene_full_send_buffer(void)
{
    struct stage s;
    int zero = 0, smallest = 1, unread = 1;
    bool full = false;
    static char bytes[8192];

    set_stage(&s, true);
    setsockopt(s.client.fd, SOL_SOCKET, SO_SNDBUF, &smallest, sizeof smallest);
    for (int tries = 0; tries < 100 && !full; tries++) {
        CU_ASSERT_TRUE(wait_for(s.client.fd, POLLOUT));
        setsockopt(s.conn, IPPROTO_TCP, TCP_QUICKACK, &zero, sizeof zero);
        CU_ASSERT_TRUE(write(s.conn, "?", 1) == 1); /* interactive: acknowledgements may come late */
        CU_ASSERT_TRUE(send(s.client.fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0);
        CU_ASSERT_TRUE(wait_for(s.conn, POLLIN));
        CU_ASSERT_TRUE(recv(s.conn, bytes, sizeof bytes, MSG_DONTWAIT) > 0);
        struct pollfd room = {.fd = s.client.fd, .events = POLLOUT};
        int in_flight = network_sockets_in_flight();
        ioctl(s.conn, SIOCINQ, &unread);
        full = poll(&room, 1, 0) == 0 && unread == 0;
        CU_ASSERT_TRUE(!full || in_flight == 1);
    }
    CU_ASSERT_TRUE(full); /* else this scene showed nothing */
    CU_ASSERT_TRUE(wait_for(s.client.fd, POLLOUT)); /* it does come */
    clear_stage(&s);
}

/* A segment that a cork holds back will go: the program need not do anything more. */
static void scene_cork(void)
{
    struct stage s;
    int one = 1;

    set_stage(&s, true);
    setsockopt(s.conn, IPPROTO_TCP, TCP_CORK, &one, sizeof one);
    CU_ASSERT_TRUE(write(s.conn, "held back", 9) == 9);
    CU_ASSERT_TRUE(network_sockets_in_flight() == 1);
    TURN_UNTIL(s.client.received == 9, &s.client, NULL); /* after 200 ms, by the kernel's timer */
    CU_ASSERT_TRUE(network_sockets_in_flight() == 0);
    clear_stage(&s);
}

static void test_time_wait(void)
{
    in_namespace(scene_time_wait);
}

static void test_network_rest(void)
{
    in_namespace(scene_rest);
}

static void test_network_syn(void)
{
    in_namespace(scene_syn);
}

static void test_network_full_window(void)
{
    in_namespace(scene_full_window);
}

static void test_network_delayed(void)
{
    in_namespace(scene_delayed_acknowledgement);
}

static void test_network_full_send_buffer(void)
{
    in_namespace(scene_full_send_buffer);
}

static void test_network_cork(void)
{
    in_namespace(scene_cork);
}

void suite_peer(void)
{
    unit_test("a pattern has all bytes and no period", test_pattern);
    unit_test("a conversation is told in words", test_conversation);
    unit_test("end of file, then a reset", test_end_of_file);
    unit_test("a refused dial", test_refused);
    unit_test("a dial from a given address", test_source_address);
    unit_test("a reset in the middle", test_reset);
    unit_test("a reset before accept", test_reset_before_accept);
    unit_test("a vanished client: EPIPE and SIGPIPE at the first write", test_vanish);
    unit_test("a half-close is answered", test_half_close);
    unit_test("a deaf peer reads nothing and notices a reset", test_deaf);
    unit_test("8 MiB both ways through small buffers in a few events", test_large);
    unit_test("the first wrong byte of a pattern", test_wrong_pattern);
    unit_test("what comes is kept up to a limit and counted beyond", test_bounded_input);
    unit_test("a sender that is stuck says how far it came", test_stuck_sender);
    unit_test("pieces", test_pieces);
    unit_test("a door that is only held", test_door);
    unit_test("a door on ::1", test_door_ipv6);
    unit_test("a handshake held up and completed", test_meet);
    unit_test("nobody waits at the door", test_meet_nobody);
    unit_test("vanishing while the connect hangs comes afterwards", test_leaves_later);
    unit_test("a port in TIME_WAIT", test_time_wait);
    unit_test("the network at rest", test_network_rest);
    unit_test("the network with an unanswered SYN", test_network_syn);
    unit_test("the network with a full window", test_network_full_window);
    unit_test("the network with a delayed acknowledgement", test_network_delayed);
    unit_test("the network with a full send buffer and a delayed acknowledgement", test_network_full_send_buffer);
    unit_test("the network with a corked segment", test_network_cork);
}
