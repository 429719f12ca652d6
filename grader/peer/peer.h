/**
 * @file peer.h
 * Scripted TCP peers in the grader's own process. Everything here is non-blocking and never waits:
 * a verb starts something, peer_handle() moves it on when poll(2) says so, the questions tell how
 * far it got. The waiting is done by check/, which knows what the traced programs do meanwhile.
 * Each thing that a peer does or sees is an EVENT_PEER in the timeline, in words.
 *
 *   peer.c     one connection: dial, send, pieces, half-close, reset, vanish, what came
 *   door.c     a listening socket of the grader: accept, backlog, drop, which address
 *   pattern.c  long reproducible byte sequences that need no storage
 */
#ifndef SOCKLAB_PEER_H
#define SOCKLAB_PEER_H

#include "core/core.h"
#include "core/timeline.h"

#include <netinet/in.h>

/** Byte number @p position of the pattern with this seed: all 256 values occur, no short period. */
unsigned char pattern_byte(uint64_t seed, uint64_t position);
void pattern_fill(void *bytes, size_t size, uint64_t seed, uint64_t position);

enum peer_state { PEER_NEW, PEER_CONNECTING, PEER_OPEN, PEER_CLOSED };

/** One connection as seen from the grader's side. Read the fields, change them by the verbs. */
struct peer {
    struct timeline *timeline;
    actor_id actor;
    const char *name; /**< "client 1", from the timeline */
    int fd;           /**< -1 before dial and after it is gone */
    enum peer_state state;
    int error;        /**< errno that ended it: ECONNREFUSED, ECONNRESET, EPIPE...; 0 if none */
    struct sockaddr_storage local, remote; /**< valid from PEER_OPEN on */
    socklen_t address_length;

    /* sending */
    struct buf out;          /**< bytes not yet written */
    uint64_t pattern_left;   /**< pattern bytes still to be sent after `out` */
    uint64_t pattern_seed, pattern_at;
    size_t piece;            /**< at most this many bytes with each send; 0: all */
    bool shut_after;         /**< half-close when everything is out */
    uint64_t sent;           /**< bytes handed to the kernel */

    /* receiving */
    bool deaf;               /**< does not read at all */
    struct buf in;           /**< what came and has not been taken (bounded by in.limit) */
    uint64_t received;       /**< bytes that came in all */
    bool pattern_in;         /**< compare with a pattern instead of keeping */
    uint64_t pattern_in_seed;
    int64_t pattern_wrong;   /**< position of the first wrong byte, -1: none */
    bool end;                /**< end of file came */
    int64_t end_time;        /**< when end or error came, ns */
};

/** @p name is copied into the timeline as an actor. Socket buffers: 0 keeps the kernel's. */
void peer_init(struct peer *p, struct timeline *timeline, const char *name);
/** Forgets it, closing as close(2) does. */
void peer_close(struct peer *p);

/* --- verbs ------------------------------------------------------------------------------------ */

struct peer_dial {
    const char *address;     /**< "127.0.0.1", "::1"; default 127.0.0.1 */
    unsigned port;
    const char *from;        /**< source address, NULL: the kernel's choice */
    unsigned from_port;      /**< source port, 0: the kernel's choice */
    int receive_buffer;      /**< SO_RCVBUF before connect, 0: default */
    int send_buffer;         /**< SO_SNDBUF */
};
/** Starts a non-blocking connect. 0 or -errno (EADDRINUSE for from_port...). TCP_NODELAY is set. */
int peer_dial(struct peer *p, const struct peer_dial *how);
/** Takes over a connection that a door accepted. */
void peer_adopt(struct peer *p, int fd);
void peer_send(struct peer *p, const void *bytes, size_t size);
/** Each piece goes out with a send of its own (MSG_EOR boundaries are TCP_NODELAY pushes). */
void peer_send_pieces(struct peer *p, const void *bytes, size_t size, size_t piece);
void peer_send_pattern(struct peer *p, uint64_t seed, uint64_t size);
void peer_expect_pattern(struct peer *p, uint64_t seed);
/** shutdown(SHUT_WR) as soon as everything is out. */
void peer_half_close(struct peer *p);
/** SO_LINGER 0 and close: RST. */
void peer_reset(struct peer *p);
/**
 * The client that is gone: shutdown(SHUT_WR), then RST. The other side's next write meets EPIPE
 * and SIGPIPE (its socket was in CLOSE_WAIT when the RST came), not ECONNRESET.
 */
void peer_vanish(struct peer *p);
/** Stops or starts reading. */
void peer_set_deaf(struct peer *p, bool deaf);

/* --- the event loop's side ---------------------------------------------------------------------- */

/** poll(2) events that it waits for; 0 if none (its fd is then not to be polled). */
short peer_events(const struct peer *p);
/** Moves on: connect results, writes what fits, reads what came, notices end and reset. Never blocks. Returns
 * true when anything changed. After reading, TCP_QUICKACK is set, so that Nagle on the other side never waits. */
bool peer_handle(struct peer *p, short revents);
/** Everything that was to be sent is in the kernel's hands. */
bool peer_sent(const struct peer *p);

/* --- a door --------------------------------------------------------------------------------------- */

struct door {
    struct timeline *timeline;
    actor_id actor;
    int fd; /**< -1 when shut */
    struct sockaddr_storage address;
    socklen_t address_length;
};

struct door_options {
    const char *address; /**< "127.0.0.1", "::1", "0.0.0.0", "::" */
    unsigned port;       /**< 0: the kernel's choice, see door_port() */
    int backlog;         /**< 0: 16 */
    bool bind_only;      /**< hold the port without listening */
    bool no_reuse;       /**< without SO_REUSEADDR */
    bool drop_syn;       /**< a filter on the listener that drops every SYN: clients hang in connect(2) */
    int receive_buffer, send_buffer;
};
int door_open(struct door *d, struct timeline *timeline, const char *name, const struct door_options *how);
unsigned door_port(const struct door *d);
/** Accepts one connection into @p p (initialised): true, or false if none waits. Never blocks. */
bool door_accept(struct door *d, struct peer *p);
/** Takes the SYN filter away. */
int door_undrop(struct door *d);
/**
 * The other half of a handshake that was held up by drop_syn: connects from the door's own address
 * to the waiting client (TCP simultaneous open, RFC 9293 section 3.5), so that its socket becomes
 * connected without waiting for a retransmission. @p client is the client's local address. 0 or -errno.
 */
int door_meet(struct door *d, struct peer *p, const struct sockaddr *client, socklen_t length);
void door_close(struct door *d);

/**
 * Leaves 127.0.0.1:@p port in TIME_WAIT on the server's side (listener with SO_REUSEADDR, accepted side closes first), all within
 * this process. 0 or -errno.
 */
int peer_make_time_wait(unsigned port);

/* --- what the network still carries ---------------------------------------------------------------- */

/**
 * Whether anything may still happen in this network namespace without a program doing something:
 * a socket with unacknowledged data or SYN/FIN in flight (/proc/net/tcp, tcp6: retransmit timer
 * running), or packets in a CPU's backlog (/proc/net/softnet_stat). Reads procfs; never blocks.
 */
bool network_in_flight(void);

#endif
