/**
 * @file flow.c
 * A peer's bytes: what it sends, in which portions, and what came. The event loop's side.
 *
 * Nothing here blocks, and one call does a bounded amount of work: a program that floods its peer
 * must not keep the grader from looking at the programs.
 */
#include "peer/internal.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

enum {
    CHUNK = 64 * 1024, /* bytes a send or receive */
    TURNS = 16,        /* sends or receives a call of peer_handle() */
};

/* --- sending ---------------------------------------------------------------------------------- */

uint64_t peer_unsent(const struct peer *p)
{
    return p->out.length - p->out_at + p->pattern_left;
}

bool peer_sent(const struct peer *p)
{
    return peer_unsent(p) == 0;
}

static ssize_t read_some(struct peer *p);

/*
 * The other side is gone. What it sent before may still wait in our socket, and belongs to the
 * story; there is no more of it than the receive buffer holds.
 */
void peer_lose_after_reading(struct peer *p, int error)
{
    while (!p->deaf && !p->end && p->fd >= 0 && read_some(p) > 0)
        ;
    /* The last read saw the end of a connection that is dead, not an end of file: lose says so. */
    peer_lose(p, error);
}

static bool send_bytes(struct peer *p, const void *bytes, size_t size, bool pattern)
{
    /* MSG_NOSIGNAL: a peer that is gone must not end the grader. */
    ssize_t n = send(p->fd, bytes, size, MSG_NOSIGNAL);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (n < 0) {
        peer_lose_after_reading(p, errno);
        return false;
    }
    p->sent += (uint64_t)n;
    if (pattern) {
        p->pattern_at += (uint64_t)n;
        p->pattern_left -= (uint64_t)n;
    } else {
        p->out_at += (size_t)n;
    }
    if (p->echo)
        peer_tell_echo(p, NULL, 0, (size_t)n);
    else
        peer_tell_sent(p, pattern ? NULL : bytes, (size_t)n);
    return (size_t)n == size;
}

/* One send. False when the kernel takes no more. */
static bool send_some(struct peer *p)
{
    size_t waiting = p->out.length - p->out_at;
    unsigned char chunk[CHUNK];

    if (waiting) {
        size_t size = p->piece && p->piece < waiting ? p->piece : waiting;
        return send_bytes(p, p->out.data + p->out_at, size, false) && !p->piece;
    }
    size_t size = p->pattern_left < CHUNK ? (size_t)p->pattern_left : CHUNK;
    pattern_fill(chunk, size, p->pattern_seed, p->pattern_at);
    return send_bytes(p, chunk, size, true);
}

bool peer_flush(struct peer *p)
{
    uint64_t before = p->sent;
    bool more = true;

    if (p->state != PEER_OPEN)
        return false;
    for (int turn = 0; turn < TURNS && more && peer_unsent(p); turn++)
        more = send_some(p);
    if (p->state != PEER_OPEN)
        return true;
    if (peer_sent(p)) {
        buf_clear(&p->out);
        p->out_at = 0;
        p->piece = p->echo ? p->echo_piece : 0;
    }
    if (p->shut_after && !p->shut && peer_sent(p)) {
        /* ENOTCONN: reset meanwhile; the next read will say so. */
        p->shut = shutdown(p->fd, SHUT_WR) == 0;
        p->shut_after = p->shut;
        if (p->shut)
            event_text(peer_say_flow(p, FLOW_ENDS), _("%s sends end of file (shutdown)"), p->name);
        return true;
    }
    return p->sent != before;
}

/* What is sent from now on is told apart from what was sent before. */
static bool begin_sending(struct peer *p)
{
    if (p->shut_after || p->shut)
        BUG("%s sends after its end of file", p->name);
    if (p->state == PEER_CLOSED)
        return false;
    if (peer_sent(p))
        peer_run_end(&p->sending);
    return true;
}

void peer_send(struct peer *p, const void *bytes, size_t size)
{
    peer_send_pieces(p, bytes, size, 0);
}

void peer_send_pieces(struct peer *p, const void *bytes, size_t size, size_t piece)
{
    if (!begin_sending(p))
        return;
    if (p->pattern_left)
        BUG("%s sends bytes while a pattern is not out", p->name);
    buf_add(&p->out, bytes, size);
    if (piece)
        p->piece = piece;
    peer_flush(p);
}

void peer_send_pattern(struct peer *p, uint64_t seed, uint64_t size)
{
    if (!begin_sending(p))
        return;
    if (p->pattern_left)
        BUG("%s sends a pattern while another is not out", p->name);
    p->pattern_seed = seed;
    p->pattern_at = 0;
    p->pattern_left = size;
    peer_flush(p);
}

/* --- receiving -------------------------------------------------------------------------------- */

void peer_expect_pattern(struct peer *p, uint64_t seed)
{
    p->pattern_in = true;
    p->pattern_in_seed = seed;
    p->pattern_in_start = p->received;
    p->pattern_wrong = -1;
    peer_run_end(&p->receiving);
}

static void compare_pattern(struct peer *p, const unsigned char *bytes, size_t size)
{
    uint64_t position = p->received - p->pattern_in_start;
    unsigned char expected[CHUNK];

    if (p->pattern_wrong >= 0)
        return;
    pattern_fill(expected, size, p->pattern_in_seed, position);
    if (memcmp(expected, bytes, size) == 0)
        return;
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == expected[i])
            continue;
        p->pattern_wrong = (int64_t)(position + i);
        return;
    }
}

/* Bytes on their way back. Those that are gone make room: nobody else does while some wait. */
static void add_echo(struct peer *p, const void *bytes, size_t size)
{
    buf_consume(&p->out, p->out_at);
    p->out_at = 0;
    buf_add(&p->out, bytes, size);
}

/* An echoing peer that has enough to send back does not read. */
static bool is_full(const struct peer *p)
{
    return p->echo && peer_unsent(p) >= ECHO_LIMIT;
}

void peer_echo(struct peer *p, size_t piece)
{
    if (p->echo)
        BUG("%s echoes already", p->name);
    if (!begin_sending(p))
        return;
    p->echo = true;
    p->echo_piece = p->piece = piece;
    peer_run_end(&p->receiving);
    p->echo_scanned = p->timeline->count;
    add_echo(p, buf_text(&p->in), p->in.length);
    p->shut_after |= p->end;
    if (!piece)
        peer_flush(p);
    peer_run_end(&p->receiving); /* what comes from now on is told for itself */
}

/* One receive: recv's result, or -1 when nothing is there or the connection was lost. */
static ssize_t read_some(struct peer *p)
{
    unsigned char chunk[CHUNK];
    ssize_t n = recv(p->fd, chunk, sizeof chunk, 0);

    if (n <= 0)
        return n;
    if (p->echo) {
        peer_tell_echo(p, p->pattern_in ? NULL : chunk, (size_t)n, 0);
        add_echo(p, chunk, (size_t)n);
    } else {
        peer_tell_received(p, p->pattern_in ? NULL : chunk, (size_t)n);
    }
    if (p->pattern_in)
        compare_pattern(p, chunk, (size_t)n);
    else
        buf_add(&p->in, chunk, (size_t)n);
    p->received += (uint64_t)n;
    return n;
}

static bool receive(struct peer *p)
{
    ssize_t n = 1;
    int turn;

    for (turn = 0; turn < TURNS && n > 0 && !is_full(p); turn++) {
        n = read_some(p);
        /* What came can go back at once, unless it is to go in pieces, when everybody waits. */
        if (n > 0 && p->echo && !p->echo_piece)
            peer_flush(p);
        if (p->fd < 0)
            return true;
    }
    if (n < 0 && errno != EAGAIN && errno != EINTR) {
        peer_lose(p, errno);
        return true;
    }
    if (n == 0) {
        p->end = true;
        p->end_time = clock_now();
        event_text(peer_say_flow(p, FLOW_SEES_END), _("%s receives end of file"), p->name);
        p->shut_after |= p->echo;
    }
    peer_acknowledge(p);
    return n >= 0 || turn > 1;
}

void peer_set_deaf(struct peer *p, bool deaf)
{
    p->deaf = deaf;
    p->hung = false;
}

/* --- the event loop's side -------------------------------------------------------------------- */

short peer_events(const struct peer *p)
{
    bool writes = !peer_sent(p) || p->leaving != PEER_STAYS || p->shut_after != p->shut;
    int events = writes ? POLLOUT : 0;

    if (p->fd < 0)
        return 0;
    if (p->state == PEER_CONNECTING)
        return POLLOUT;
    if (!p->end && !p->deaf && is_full(p))
        events |= POLLERR;
    else if (!p->end && !p->deaf)
        events |= POLLIN;
    else if (!p->end && !p->hung)
        events |= POLLRDHUP;
    else if (!p->shut) /* with both directions over, poll would report POLLHUP for ever */
        events |= POLLERR;
    return (short)events;
}

/* Errors that no read will meet, because it reads no more. */
static bool notice_error(struct peer *p, short revents)
{
    socklen_t length = sizeof(int);
    int error = 0;

    if (revents & POLLERR && getsockopt(p->fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 &&
        error) {
        peer_lose(p, error);
        return true;
    }
    if (p->deaf && !p->hung && revents & (POLLRDHUP | POLLHUP)) {
        p->hung = true;
        return true;
    }
    return false;
}

bool peer_handle(struct peer *p, short revents)
{
    bool changed = false;

    if (p->fd < 0)
        return false;
    if (p->state == PEER_CONNECTING)
        return peer_take_connect(p, true);
    if (!p->end && !p->deaf && !is_full(p)) {
        if (revents & (POLLIN | POLLERR | POLLHUP | POLLRDHUP))
            changed |= receive(p);
    } else {
        changed |= notice_error(p, revents);
    }
    if (revents & POLLOUT)
        changed |= peer_flush(p);
    changed |= peer_go_leaving(p);
    return changed;
}
