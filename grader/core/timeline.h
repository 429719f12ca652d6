/**
 * @file timeline.h
 * What happened, in one order: the system calls of the traced programs, what the peers did, what
 * the programs printed, how they ended. Append-only; written by the tracer, the peers and the
 * checks with one clock, read by judgements and reports. Data only: no process, no descriptor.
 *
 * A judgement is a function from a timeline to a finding, so a unit test can build a timeline by
 * hand with timeline_add() and judge it.
 */
#ifndef SOCKLAB_TIMELINE_H
#define SOCKLAB_TIMELINE_H

#include "core/core.h"

#include <sys/socket.h>

/** Who acts: index into timeline.actor. Programs ("server", "client") and peers ("client 1"). */
typedef int actor_id;
enum { ACTOR_MAX = 700 };

enum event_kind {
    EVENT_CALL,    /**< a system call of a program; done or still under way */
    EVENT_SIGNAL,  /**< a signal delivered to a program */
    EVENT_START,   /**< a process or thread of a program starts; tid is the new one */
    EVENT_END,     /**< a process ends: `status` as waitpid(2) gives it */
    EVENT_PEER,    /**< what a scripted peer did or saw; `text` says it */
    EVENT_OUTPUT,  /**< a program's stdout (arg[0] 1) or stderr (arg[0] 2) bytes, in `data` */
    EVENT_NOTE,    /**< what the grader did: a fault made, a sleep skipped, a hold, a release */
};

/** What a peer's event does to its connection. A program's calls say that by themselves. */
enum event_flow {
    FLOW_NONE,
    FLOW_LISTENS,   /**< a door is opened */
    FLOW_DIALS,     /**< `addr` is its own address */
    FLOW_ACCEPTS,   /**< `addr` is the other side's */
    FLOW_SENDS,     /**< `data_total` bytes */
    FLOW_RECEIVES,  /**< `data_total` bytes */
    FLOW_ECHOES,    /**< receives `data_total` bytes and sends `value` bytes */
    FLOW_ENDS,      /**< sends end of file: shutdown or close */
    FLOW_SEES_END,
    FLOW_RESETS,
    FLOW_IS_RESET,
};

/** What a descriptor is, as the tracer knows from the calls that made it. */
enum fd_kind {
    FD_UNKNOWN,
    FD_STDIN,
    FD_STDOUT,
    FD_STDERR,
    FD_SOCKET,    /**< a TCP socket made by socket(2); not yet listening or connected */
    FD_LISTENER,  /**< listen(2) succeeded on it */
    FD_ACCEPTED,  /**< came out of accept(2) */
    FD_CONNECTED, /**< connect(2) succeeded on it or is under way */
    FD_DATAGRAM,  /**< a UDP socket, whatever is done with it (getaddrinfo(3) opens some for itself) */
    FD_LOCAL,     /**< a unix socket */
    FD_OTHER,     /**< file, pipe, eventfd, epoll... */
    FD_KIND_COUNT
};

/** One event. Strings and data belong to the timeline. */
struct event {
    uint64_t seq;    /**< position in the timeline, from 1 */
    int64_t time;    /**< ns, clock_now(); for a call: when it was entered */
    int64_t time_end; /**< ns; for a call: when it returned, 0 while under way */
    enum event_kind kind;
    actor_id actor;
    pid_t pid; /**< process (thread group) */
    pid_t tid; /**< task */

    /* EVENT_CALL */
    const char *call;     /**< name as in the man page: "accept4"; from the call table */
    uint32_t group;       /**< its groups there: CALL_READ, ... */
    uint64_t arg[6];      /**< as at entry, before any fault changed them */
    bool done;            /**< it returned */
    bool injected;        /**< its result, size or answer was the grader's doing */
    int handler;          /**< the signal whose handler made it; 0: none */
    int64_t result;       /**< >= 0, or -errno */
    int fd;               /**< the descriptor that it is about, -1 if none */
    enum fd_kind fd_kind; /**< of `fd` at entry */
    int sock;             /**< identity of the open socket behind fd (fd numbers are reused): 1, 2, ...; 0 if none */
    int new_sock;         /**< of the socket that it made (socket, accept); 0 if none */
    struct sockaddr_storage addr; /**< bind, connect: argument; accept, getsockname...: result; a peer's: see event_flow */
    socklen_t addr_length;        /**< 0 if there is none */
    int64_t value;        /**< setsockopt: int value; listen: backlog; shutdown: how; sleeps: ns asked for */
    uint32_t stack;       /**< handle of the recorded stack for the tracer's source lines; 0 if none */

    /* EVENT_PEER */
    enum event_flow flow;

    /* EVENT_SIGNAL: arg[0] is the signal number. EVENT_END: */
    int status;

    char *text;           /**< for people: `accept(3, {127.0.0.1:51234}) = 4` */
    unsigned char *data;  /**< first bytes of what was read or written (at most TIMELINE_DATA_MAX) */
    size_t data_length;
    size_t data_total;    /**< how many there were */
};

enum { TIMELINE_DATA_MAX = 256 };

/**
 * The record of one check. Of the events, `limit` are kept, and beyond that a sixteenth of it for each actor, up to twice the
 * limit in all; the rest is counted.
 */
struct timeline {
    struct event **event; /**< event[0 .. count-1]; pointers stay valid */
    size_t count;
    size_t capacity;
    size_t limit;
    size_t dropped;
    struct event *scratch; /**< what timeline_add() hands out past the limit; NULL until then */
    char *actor[ACTOR_MAX]; /**< names; actor_count of them */
    size_t kept[ACTOR_MAX]; /**< events of each */
    int actor_count;
    int64_t start; /**< ns; the clock when it was made */
};

/** An empty timeline with this limit; 0 means none. */
struct timeline *timeline_new(size_t limit);
void timeline_free(struct timeline *t);
/** A new actor; @p name is copied. */
actor_id timeline_actor(struct timeline *t, const char *name);
/**
 * A new event with seq, time and kind filled in. Never NULL: past the limit a scratch event is
 * returned that is not kept (and `dropped` counts it).
 */
struct event *timeline_add(struct timeline *t, enum event_kind kind, actor_id actor);
/** Sets text by printf; frees the old one. */
void event_text(struct event *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** Copies the first bytes of @p bytes; @p total is how many there were. */
void event_data(struct event *e, const void *bytes, size_t size, size_t total);

/** First or next event that matches; NULL if none. @p call NULL matches any; actor -1 any. */
struct event *timeline_find(const struct timeline *t, const struct event *after, enum event_kind kind,
                            actor_id actor, const char *call);

/** An address as a student writes it: 127.0.0.1:4000, [::1]:4000, unix, family 17. */
void buf_add_address(struct buf *b, const struct sockaddr *addr, socklen_t length);
/** errno's symbol, "EINTR"; "E1234" for one without a name. Static storage. */
const char *errno_name(int error);
/** errno from its symbol, 0 if unknown. */
int errno_from_name(const char *name);
/** "SIGSEGV". */
const char *signal_name(int number);

#endif
