/**
 * @file 13_server.c
 * Lab 13: udp_server, as the grader's clients see it.
 */
#include "labs/13_udp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct program *lab13_serve(struct check *c, unsigned *port)
{
    *port = check_port(c);
    struct start start = {.name = "udp_server", .argument = {check_text(c, "%u", *port)}};
    return mail_serve(c, &start, *port);
}

static struct mailbox *new_client(struct check *c)
{
    return mail_open(c, NULL, &(struct mailbox_options){.port = 0});
}

/** Asked at 127.0.0.1, a server answers from there, and from the port that was asked. */
static void expect_from(struct check *c, const struct mailbox *m, const struct datagram *d, unsigned port)
{
    struct sockaddr_storage asked;
    socklen_t length;
    struct buf seen = {0};
    if (peer_address(NULL, port, &asked, &length) < 0)
        BUG("port %u", port);
    if (mail_is_from(d, &asked, length))
        return;
    buf_add_address(&seen, (const struct sockaddr *)&d->from, d->from_length);
    struct failure failure = {.verdict = VERDICT_MISMATCH, .actual = check_text(c, _("from %s"), buf_text(&seen)),
                              .expected = check_text(c, _("from 127.0.0.1:%u"), port)};
    failure.event[0] = mail_last_call(c, c->program[0], CALL_WRITE);
    check_fail(c, &failure, _("%s asked 127.0.0.1:%u, and the answer comes from elsewhere: for a client it is a stranger's."),
               m->name, port);
}

static void exchange(struct check *c, struct mailbox *m, unsigned port, const void *bytes, size_t size)
{
    mail_send(c, m, port, bytes, size);
    const struct datagram *d = mail_expect(c, m, bytes, size, _("its datagram to come back"));
    expect_from(c, m, d, port);
}

/* --- echoes ----------------------------------------------------------------------------------------------------- */

void lab13_serve_echoes(struct check *c)
{
    unsigned port;
    unsigned char all[256];
    struct program *server = lab13_serve(c, &port);
    struct mailbox *one = new_client(c), *other = new_client(c);
    exchange(c, one, port, "hello", strlen("hello"));
    exchange(c, other, port, "and what is a datagram?\n", strlen("and what is a datagram?\n"));
    for (size_t i = 0; i < sizeof(all); i++)
        all[i] = (unsigned char)i;
    exchange(c, one, port, all, sizeof(all));
    exchange(c, one, port, "!", 1); /* shorter than the last one: nothing of that is left */
    mail_expect_silence(c, other, _("The server sends a client something that is not for it."));
    mail_expect_silence(c, one, _("The server sends more than one answer to a datagram."));
    program_expect_alive(server);
    program_kill(server);
}

/* --- boundaries --------------------------------------------------------------------------------------------------- */

/** One of several datagrams that are to come back, in whatever order: threads may answer them. */
struct parcel {
    const char *bytes;
    size_t size;
    bool back;
};

static void take_back(struct check *c, struct mailbox *m, struct parcel *parcel, size_t parcels)
{
    const struct datagram *d = mail_next(c, m);
    size_t left = 0;
    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {mail_last_call(c, c->program[0], CALL_WRITE)}};
    for (size_t i = 0; i < parcels; i++) {
        if (d && !parcel[i].back && parcel[i].size == d->size && memcmp(parcel[i].bytes, d->bytes, d->size) == 0) {
            parcel[i].back = true;
            return;
        }
        if (!parcel[i].back && left++ == 0)
            failure.expected = mail_quote(parcel[i].bytes, parcel[i].size);
    }
    if (!d) /* it fails, or something has come after all */
        d = mail_expect(c, m, "", 0, check_text(c, _("%zu of its %zu datagrams to come back"), left, parcels));
    failure.actual = mail_quote(d->bytes, d->size);
    check_fail(c, &failure, _("%s sent %zu datagrams, and what comes back is none of those that are still out."), m->name,
               parcels);
}

void lab13_serve_boundaries(struct check *c)
{
    char long_one[1200];
    unsigned port;
    memset(long_one, 'x', sizeof(long_one));
    struct parcel parcel[] = {{"one", 3, false}, {"", 0, false}, {"three", 5, false}, {"4", 1, false},
                              {long_one, sizeof(long_one), false}, {"six", 3, false}};
    enum { PARCELS = sizeof(parcel) / sizeof(parcel[0]) };
    struct program *server = lab13_serve(c, &port);
    struct mailbox *m = new_client(c);
    struct fault *hold = check_fault(c, (struct fault){.actor = server->actor, .group = CALL_WRITE, .fd_kinds = 1 << FD_DATAGRAM,
                                                       .count = 1, .what = FAULT_HOLD});
    mail_send(c, m, port, parcel[0].bytes, parcel[0].size);
    check_await_held(c, hold); /* the others are in its queue, all at once, when it goes on */
    for (size_t i = 1; i < PARCELS; i++)
        mail_send(c, m, port, parcel[i].bytes, parcel[i].size);
    check_unfault(c, hold);
    for (size_t i = 0; i < PARCELS; i++)
        take_back(c, m, parcel, PARCELS);
    mail_expect_silence(c, m, _("More datagrams come back than were sent."));
    check_scene(c);
    exchange(c, m, port, "", 0);
    exchange(c, m, port, "after the empty one", strlen("after the empty one"));
    program_kill(server);
}

/* --- largest -------------------------------------------------------------------------------------------------------- */

static void exchange_pattern(struct check *c, struct mailbox *m, unsigned port, size_t size)
{
    unsigned char *bytes = xmalloc(size);
    pattern_fill(bytes, size, c->seed, 0);
    exchange(c, m, port, bytes, size);
    free(bytes);
}

void lab13_serve_largest(struct check *c)
{
    unsigned port;
    struct program *server = lab13_serve(c, &port);
    struct mailbox *m = new_client(c);
    exchange_pattern(c, m, port, 1473); /* more than an Ethernet frame carries */
    check_scene(c);
    exchange_pattern(c, m, port, DATAGRAM_MAX);
    exchange(c, m, port, "small again", strlen("small again"));
    program_kill(server);
}

/* --- endures ------------------------------------------------------------------------------------------------------- */

/** One call of the server's fails in a way that is over with it; whatever that costs, the next client is served. */
static void fail_once(struct check *c, struct program *server, struct mailbox *m, struct fault fault, const char *what)
{
    unsigned port = server->port;
    fault.actor = server->actor;
    fault.what = FAULT_ERRNO;
    fault.count = 1;
    struct fault *f = check_fault(c, fault);
    mail_send(c, m, port, "unlucky", strlen("unlucky"));
    check_rest(c);
    check_unfault(c, f);
    m->taken = m->came; /* answered or not */
    mail_send(c, m, port, "hello", strlen("hello"));
    const struct datagram *d = mail_next(c, m);
    if (!d || d->size != strlen("hello")) /* nothing, or the first one's answer, late */
        mail_expect(c, m, "hello", strlen("hello"), check_text(c, _("the answer to its next datagram, after %s"), what));
}

void lab13_run_endures(struct check *c)
{
    unsigned port;
    struct program *server = lab13_serve(c, &port);
    struct mailbox *m = new_client(c);
    struct fault interrupted = {.group = CALL_READ | CALL_WAIT, .blocking = true, .value = EINTR};
    struct fault no_room = {.group = CALL_WRITE, .fd_kinds = 1 << FD_DATAGRAM, .value = ENOBUFS};
    check_rest(c);
    fail_once(c, server, m, interrupted, _("a call that was interrupted (EINTR)"));
    check_scene(c);
    fail_once(c, server, m, no_room, _("an answer that could not be sent (ENOBUFS)"));
    program_expect_alive(server);
}

/* --- many ----------------------------------------------------------------------------------------------------------- */

enum { CLIENTS = 100, GROUP = 10, ROUNDS = 3 };

/** The clients in an order of the seed's. */
static void shuffle(const struct check *c, unsigned round, size_t order[CLIENTS])
{
    for (size_t i = 0; i < CLIENTS; i++)
        order[i] = i;
    for (unsigned i = CLIENTS - 1; i > 0; i--) {
        size_t j = check_random(c, round * CLIENTS + i, i + 1), other = order[j];
        order[j] = order[i];
        order[i] = other;
    }
}

/** Several ask before anybody is answered; few enough for any queue. */
static void ask_together(struct check *c, struct mailbox **client, const size_t *group, unsigned round, unsigned port)
{
    const char *text[GROUP];
    for (size_t i = 0; i < GROUP; i++) {
        text[i] = check_text(c, "client %zu, question %u", group[i] + 1, round + 1);
        mail_send(c, client[group[i]], port, text[i], strlen(text[i]));
    }
    for (size_t i = 0; i < GROUP; i++) {
        const struct datagram *d = mail_expect(c, client[group[i]], text[i], strlen(text[i]),
                                               _("the answer to its own datagram"));
        expect_from(c, client[group[i]], d, port);
    }
}

void lab13_run_many(struct check *c)
{
    struct mailbox *client[CLIENTS];
    size_t order[CLIENTS];
    unsigned port;
    lab13_serve(c, &port);
    for (size_t i = 0; i < CLIENTS; i++)
        client[i] = new_client(c);
    for (unsigned round = 0; round < ROUNDS; round++) {
        shuffle(c, round, order);
        for (size_t i = 0; i < CLIENTS; i += GROUP)
            ask_together(c, client, order + i, round, port);
    }
    for (size_t i = 0; i < CLIENTS; i++)
        mail_expect_silence(c, client[i], _("A client receives an answer that is not its own."));
}
