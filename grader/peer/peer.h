/**
 * @file peer.h
 * Scripted TCP peers in the grader's own process. Everything here is non-blocking and never waits:
 * a verb starts something, peer_handle() moves it on when poll(2) says so, the questions tell how
 * far it got. The waiting is done by check/, which knows what the traced programs do meanwhile.
 * Each thing that a peer does or sees is an EVENT_PEER in the timeline, in words.
 *
 *   peer.c     one connection: dial, adopt, close, half-close, reset, vanish
 *   flow.c     its bytes: send, pieces, patterns, what came, end of file, the event loop's side
 *   words.c    what it did and saw, in words; a long transfer is one event
 *   door.c     a listening socket of the grader: accept, drop, which address; TIME_WAIT on purpose
 *   mailbox.c  a socket for datagrams (peer/mailbox.h)
 *   journal.c  plays syslogd (peer/journal.h)
 *   http.c     answers of HTTP servers, read (peer/http.h)
 *   pattern.c  long reproducible byte sequences that need no storage
 *   network.c  what the kernel still carries: sockets with something in flight
 *   ends.c     sockets by their addresses: who waits, who is at the other end, who listens
 */
#ifndef SOCKLAB_PEER_H
#define SOCKLAB_PEER_H

#include "core/core.h"
#include "core/timeline.h"

#include <netinet/in.h>

/**
 * Byte number @p position of the pattern with this seed: all 256 values occur, no short period.
 * With PATTERN_TEXT in the seed they are printable ASCII and newlines.
 */
#define PATTERN_TEXT (UINT64_C(1) << 63)
unsigned char pattern_byte(uint64_t seed, uint64_t position);
void pattern_fill(void *bytes, size_t size, uint64_t seed, uint64_t position);

enum peer_state { PEER_NEW, PEER_CONNECTING, PEER_OPEN, PEER_CLOSED };

/** How it goes as soon as it is connected: peer_reset(), peer_vanish(). */
enum peer_leave { PEER_STAYS, PEER_RESETS, PEER_VANISHES };

enum { PEER_IN_LIMIT = 1 << 20 }; /**< default of peer.in.limit */
enum { ECHO_LIMIT = 64 * 1024 };  /**< bytes on their way back in an echoing peer */

/**
 * One direction's transfer as the timeline tells it: bytes that belong together are one event,
 * whose text grows, however many sends or receives they took.
 */
struct peer_run {
    struct event *event; /**< the timeline's; NULL: the next byte starts a new one */
    uint64_t bytes;
    bool plain; /**< pattern bytes: only counted, not shown */
    unsigned char head[TIMELINE_DATA_MAX];
    size_t head_length;
};

/** One connection as seen from the grader's side. Read the fields, change them by the verbs. */
struct peer {
    struct timeline *timeline;
    actor_id actor;
    const char *name; /**< "client 1", from the timeline */
    int fd;           /**< -1 before dial and after it is gone */
    enum peer_state state;
    int error; /**< errno that ended it: ECONNREFUSED, ECONNRESET, EPIPE...; 0 if none */
    struct sockaddr_storage local, remote; /**< valid from dial on */
    socklen_t address_length;
    enum peer_leave leaving; /**< a reset or vanish that could not be done yet */

    /* sending */
    struct buf out; /**< bytes to be written; those before out_at are */
    size_t out_at;
    uint64_t pattern_left; /**< pattern bytes still to be sent after `out` */
    uint64_t pattern_seed, pattern_at;
    size_t piece;    /**< at most this many bytes with each send; 0: all */
    bool shut_after; /**< half-close when everything is out */
    bool shut;       /**< its end of file is sent */
    uint64_t sent;   /**< bytes handed to the kernel */
    struct peer_run sending;

    /* receiving */
    bool echo;           /**< sends back what comes: peer_echo() */
    size_t echo_piece;   /**< in pieces of so many bytes; 0: as it came */
    uint64_t echoed;     /**< bytes of the run in `receiving` that went back */
    size_t echo_scanned; /**< events of the timeline that did not end that run */
    bool deaf;         /**< does not read at all */
    bool hung;         /**< while deaf: the other side's end or error was seen by poll */
    bool pattern_in;   /**< compare with a pattern instead of keeping */
    bool end;          /**< end of file came */
    struct buf in;     /**< what came and has not been taken (bounded by in.limit) */
    uint64_t received; /**< bytes that came in all */
    uint64_t pattern_in_seed;
    uint64_t pattern_in_start; /**< value of `received` at the pattern's first byte */
    int64_t pattern_wrong;     /**< position in the pattern of the first wrong byte, -1: none */
    int64_t end_time;          /**< when end or error came, ns */
    struct peer_run receiving;
};

/** @p name is copied into the timeline as an actor. The timeline must outlive the peer. */
void peer_init(struct peer *p, struct timeline *timeline, const char *name);
/**
 * Closes as close(2) does (with unread bytes in its socket the kernel sends RST instead of FIN) and
 * frees its buffers; counters, state and flags stay readable. Does nothing the second time.
 */
void peer_close(struct peer *p);

/* --- verbs ------------------------------------------------------------------------------------ */

struct peer_dial {
    const char *address; /**< "127.0.0.1", "::1"; default 127.0.0.1 */
    unsigned port;
    const char *from;   /**< source address, NULL: the kernel's choice */
    unsigned from_port; /**< source port, 0: the kernel's choice; may be in TIME_WAIT */
    int receive_buffer; /**< SO_RCVBUF before connect, 0: default */
    int send_buffer;    /**< SO_SNDBUF */
    /**
     * TCP_MAXSEG before connect, 0: default. The other side's send buffer grows with the segments: on loopback, where one
     * has 64 KiB, to megabytes at once. With 1400 it is full soon, if this side reads nothing.
     */
    int segment;
};
/**
 * Starts a non-blocking connect with TCP_NODELAY set. 0 or -errno (EINVAL: no numeric address,
 * EADDRINUSE for from_port...). A result that is there at once (on loopback always, but for a
 * dropped SYN) is taken in: see `state`, and `error` for ECONNREFUSED, which is not returned.
 */
int peer_dial(struct peer *p, const struct peer_dial *how);
/**
 * Takes over a connection that a door accepted, or one end of a socketpair(2). Non-blocking; owns
 * @p fd from now on.
 */
void peer_adopt(struct peer *p, int fd);
/** The same with a non-blocking socket whose connect(2) is under way. */
void peer_await(struct peer *p, int fd);
/**
 * Sends as soon as it is connected. What the kernel takes at once is gone when this returns. Not
 * after peer_half_close(); on a connection that is gone it does nothing.
 */
void peer_send(struct peer *p, const void *bytes, size_t size);
/**
 * Each piece goes out with a send of its own (with TCP_NODELAY a segment of its own): the first at
 * once, one with each peer_handle(POLLOUT). TCP keeps no boundaries: a reader sees single pieces
 * if it reads between, so call peer_handle() when the reader waits again.
 */
void peer_send_pieces(struct peer *p, const void *bytes, size_t size, size_t piece);
/** Bytes 0 to size - 1 of the pattern. Nothing may be sent after it before it is out. */
void peer_send_pattern(struct peer *p, uint64_t seed, uint64_t size);
/** What comes from now on is compared with the pattern from its byte 0 on, and not kept. */
void peer_expect_pattern(struct peer *p, uint64_t seed);
/**
 * From now on everything that comes goes back, what has come and was not taken first, in pieces as
 * peer_send_pieces() sends them if @p piece is not 0. At most ECHO_LIMIT bytes wait to go back:
 * beyond that it does not read, so that two sides that both only write stop each other. At the
 * other side's end of file it half-closes when all is back. What comes can still be expected, as
 * bytes or as a pattern. Nothing else may be sent.
 */
void peer_echo(struct peer *p, size_t piece);
/** shutdown(SHUT_WR) as soon as everything is out. */
void peer_half_close(struct peer *p);
/** SO_LINGER 0 and close: RST. What is not yet out is dropped. While connecting: afterwards. */
void peer_reset(struct peer *p);
/**
 * The client that is gone: shutdown(SHUT_WR), then RST. The other side's next write meets EPIPE
 * and SIGPIPE (its socket was in CLOSE_WAIT when the RST came), not ECONNRESET. The RST waits until
 * the FIN has arrived, so that no reordering turns this into a mere reset: usually it has at once,
 * else peer_handle() goes on. If the other side's window has no room for what was sent, the FIN
 * cannot come through: then this is a peer_reset().
 */
void peer_vanish(struct peer *p);
/** Stops or starts reading. A deaf peer still notices a reset. */
void peer_set_deaf(struct peer *p, bool deaf);

/* --- the event loop's side -------------------------------------------------------------------- */

/**
 * poll(2) events that it waits for; 0 if none (its fd is then not to be polled). POLLERR alone is
 * a wish to hear of a reset and nothing else (poll ignores it in `events` and always reports it).
 */
short peer_events(const struct peer *p);
/**
 * Moves on: connect results, writes what fits, reads what came, notices end and reset. Never blocks
 * and does a bounded amount of work. Returns true when anything changed. Sets TCP_QUICKACK after
 * reading, so that Nagle on the other side never waits.
 */
bool peer_handle(struct peer *p, short revents);
/** What came is acknowledged at once and not 40 ms later: tcp(7), TCP_QUICKACK is not permanent. */
void peer_acknowledge(const struct peer *p);
/** Everything that was to be sent is in the kernel's hands. */
bool peer_sent(const struct peer *p);

/* --- a door ----------------------------------------------------------------------------------- */

enum { DOOR_FILL = 2 };

struct door {
    struct timeline *timeline;
    actor_id actor;
    int fd; /**< -1 when shut; see door_events() */
    struct sockaddr_storage address;
    socklen_t address_length;
    int backlog;         /**< 0: bind_only */
    int fill[DOOR_FILL]; /**< the connections that fill the queue for drop_syn; -1 else */
};

struct door_options {
    const char *address; /**< "127.0.0.1" (default), "::1", "0.0.0.0", "::" (dual-stack) */
    unsigned port;       /**< 0: the kernel's choice, see door_port() */
    int backlog;         /**< 0: 16 */
    bool bind_only;      /**< hold the port without listening */
    bool no_reuse;       /**< without SO_REUSEADDR */
    bool drop_syn; /**< every SYN is dropped: clients hang in connect(2) until door_undrop() */
    int receive_buffer, send_buffer; /**< of the connections it accepts, 0: default */
};
/** 0 or -errno (EINVAL: no numeric address; EADDRINUSE...); on failure d->fd is -1. */
int door_open(struct door *d, struct timeline *timeline, const char *name,
              const struct door_options *how);
unsigned door_port(const struct door *d);
/** POLLIN, or 0 when its fd is not to be polled: shut, bind_only, or full of its own (drop_syn). */
short door_events(const struct door *d);
/** Accepts one connection into @p p (initialised): true, or false if none waits. Never blocks. */
bool door_accept(struct door *d, struct peer *p);
/**
 * After drop_syn: SYNs get through from now on; who hangs already does so until its SYN is sent
 * again (1 s) or door_meet(). 0 or -errno.
 */
int door_undrop(struct door *d);
/**
 * The other half of a handshake that was held up by drop_syn: connects from the door's own address
 * to the waiting client (TCP simultaneous open, RFC 9293 section 3.5), so that its socket becomes
 * connected without waiting for a retransmission, before door_undrop() or after it.
 * @p client is the client's local address; NULL: of the one that waits for this port. 0 or -errno
 * (ENOENT: no such client waits).
 */
int door_meet(struct door *d, struct peer *p, const struct sockaddr *client, socklen_t length);
void door_close(struct door *d);

/**
 * Leaves 127.0.0.1:@p port in TIME_WAIT on the server's side (listener with SO_REUSEADDR, accepted
 * side closes first), all within this process. 0 or -errno (EADDRINUSE). For the next minute a bind
 * to it fails without SO_REUSEADDR.
 */
int peer_make_time_wait(unsigned port);

/** A numeric address of either family and a port; NULL: 127.0.0.1. 0 or -EINVAL. */
int peer_address(const char *text, unsigned port, struct sockaddr_storage *address,
                 socklen_t *length);

/* --- what the network still carries ----------------------------------------------------------- */

/**
 * Whether anything may still happen in this network namespace without a program doing something: a
 * handshake without its answer, bytes or a FIN that the other end does not have yet, or packets in
 * a processor's backlog (which is the whole machine's, so now and then a stranger's). Bytes that
 * are delivered and only not yet acknowledged (for up to 40 ms) are at rest, unless they fill the
 * send buffer, so that somebody may wait for the acknowledgement; and so is a sender
 * before a full window, and a SYN before a listener whose queue is full. Never blocks; about half a
 * millisecond.
 *
 * Look at the programs again after a false: a packet that arrived just before may have woken one.
 */
bool network_in_flight(void);
/** Bytes that lie in the queues of all TCP connections here, to be read or to be delivered; 0 where the kernel does not tell. */
uint64_t network_queued(void);
/** The same by /proc/net/tcp alone, without NETLINK_SOCK_DIAG: unacknowledged bytes count, too. */
bool network_in_flight_procfs(void);
/**
 * Finds a socket in SYN_SENT towards @p port, from @p from unless it is NULL. Fills in its own
 * address and the one it aims at. 0 or -errno (ENOENT: none waits).
 */
int network_find_waiting(unsigned port, const struct sockaddr *from,
                         struct sockaddr_storage *client, struct sockaddr_storage *aim,
                         socklen_t *length);
/**
 * The inode of the socket at the other end of a peer's connection, which /proc/PID/fd of its holders names; 0: nobody has
 * accepted it yet, all have closed it, or the kernel does not tell (no NETLINK_SOCK_DIAG). The peer is connected.
 */
uint64_t network_other_end(const struct peer *p);
/** The inodes of the sockets that listen on @p port, on whatever address; returns how many fitted. */
size_t network_listeners(unsigned port, uint64_t *inode, size_t room);

#endif
