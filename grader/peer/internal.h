/**
 * @file internal.h
 * What peer.c, flow.c, words.c and door.c share and nobody else includes.
 */
#ifndef SOCKLAB_PEER_INTERNAL_H
#define SOCKLAB_PEER_INTERNAL_H

#include "peer/peer.h"

/* words.c */

/** A new event of this actor; both runs of @p p end, so that what follows is told after it. */
struct event *peer_say(struct peer *p);
/** The same of an event that does this to the connection. */
struct event *peer_say_flow(struct peer *p, enum event_flow flow);
/** Adds bytes to a run; `bytes` NULL when they are only counted. */
void peer_tell_sent(struct peer *p, const void *bytes, size_t size);
void peer_tell_received(struct peer *p, const void *bytes, size_t size);
/**
 * Bytes that came to be sent back (@p size), and how many of those before went back (@p back): one
 * event.
 */
void peer_tell_echo(struct peer *p, const void *bytes, size_t size, size_t back);
/** The transfer is given up with bytes unsent, or a new one begins. */
void peer_run_end(struct peer_run *run);
/** "127.0.0.1:4000" in @p text, which is cleared first. Returns its text. */
const char *address_text(struct buf *text, const struct sockaddr_storage *address,
                         socklen_t length);

/* flow.c */

/** Bytes that wait to be written. */
uint64_t peer_unsent(const struct peer *p);
/** Writes what fits (one piece if pieces are asked for), then the half-close if it is due. */
bool peer_flush(struct peer *p);
/** The other side is gone: takes what it sent before, then peer_lose(). */
void peer_lose_after_reading(struct peer *p, int error);

/* network.c */

/** network_in_flight() without the backlogs, which are the whole machine's. 1, 0 or -errno. */
int network_sockets_in_flight(void);
/** Whether the socket at the other end of this connection has received end of file. */
bool network_end_arrived(const struct sockaddr_storage *local,
                         const struct sockaddr_storage *remote);

/* peer.c */

/** Takes the result of connect(2) if it is there; `late`: with an event that says so. */
bool peer_take_connect(struct peer *p, bool late);
/** Goes on with a reset or vanish that was asked for. */
bool peer_go_leaving(struct peer *p);
/** The connection ended with this errno; closes the descriptor. */
void peer_lose(struct peer *p, int error);
/** The options that every connection of the grader has. */
void peer_set_options(int fd);

#endif
