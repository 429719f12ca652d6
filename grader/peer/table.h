/**
 * @file table.h
 * The kernel's table of TCP sockets, as network.c reads it. Only network.c and ends.c include it.
 */
#ifndef SOCKLAB_PEER_TABLE_H
#define SOCKLAB_PEER_TABLE_H

#include "peer/internal.h"

#include <linux/types.h>

/* The kernel's numbers of the states (include/net/tcp_states.h); <netinet/tcp.h> has them too, but
 * not the newer members of tcp_info, and cannot be included beside <linux/tcp.h>. */
enum state {
    ESTABLISHED = 1,
    SYN_SENT = 2,
    SYN_RECEIVED = 3,
    FIN_WAIT_1 = 4,
    FIN_WAIT_2 = 5,
    CLOSE_WAIT = 8,
    LAST_ACK = 9,
    LISTENING = 10,
    CLOSING = 11,
    NEW_SYN_RECEIVED = 12,
};

enum {
    ALL_STATES = 1 << ESTABLISHED | 1 << SYN_SENT | 1 << SYN_RECEIVED | 1 << FIN_WAIT_1 |
                 1 << FIN_WAIT_2 | 1 << CLOSE_WAIT | 1 << LAST_ACK | 1 << LISTENING |
                 1 << CLOSING | 1 << NEW_SYN_RECEIVED
};

/* idiag_timer and the "tr" of /proc/net/tcp. */
enum timer { TIMER_NONE = 0, TIMER_RETRANSMIT = 1, TIMER_PROBE = 4 };

/* One end of a connection. */
struct end {
    struct in6_addr local, remote;    /* IPv4 as ::ffff:a.b.c.d, as on a dual-stack socket */
    uint16_t local_port, remote_port; /* network byte order */
    sa_family_t family;
    int state, timer;
    uint32_t inode; /* 0: no process has it open */
    uint32_t receive_queue, send_queue; /* unread; unacknowledged. A listener's: queued; backlog */
    bool full;                          /* no room in its send buffer: who writes must wait */
    bool counted;                       /* the kernel gave the numbers below */
    uint64_t sent, received;            /* bytes; sent without those sent again */
    uint32_t unsent, window;
};

struct table {
    struct end *end;
    size_t count, capacity;
};

/* network.c */

/** An IPv4 address as it is written in IPv6, or one of IPv6. */
struct in6_addr network_as_ipv6(int family, const __be32 *address);
/** Adds the sockets in these states of this network namespace; 0 or -errno. The caller frees table.end either way. */
int network_read(struct table *table, uint32_t states);
/** The other end of the connection @p of, in the table; NULL if it is not there. */
const struct end *network_find_other(const struct table *table, const struct end *of);

#endif
