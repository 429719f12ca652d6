/**
 * @file mailbox.h
 * A scripted peer of datagrams: a UDP socket of the grader's that keeps every datagram whole, with its sender, and sends only
 * what it is told to. Whoever writes a check loses an answer by sending none, delays one by sending it after the client's next
 * sending, doubles one by sending it twice, and is a stranger with another mailbox. Like all of peer/ it never waits:
 * mailbox_handle() takes what is there when poll(2) says so.
 *
 * Each datagram that comes or goes is an event of its own: its edges are the matter (udp(7)).
 */
#ifndef SOCKLAB_PEER_MAILBOX_H
#define SOCKLAB_PEER_MAILBOX_H

#include "core/core.h"
#include "core/timeline.h"

#include <netinet/in.h>

enum {
    DATAGRAM_MAX = 65507,      /**< bytes over IPv4: 65535 less the headers of IP and UDP (RFC 768, RFC 791) */
    DATAGRAM_MAX_SIX = 65527,  /**< over IPv6, whose own header is not counted (RFC 8200, section 3) */
    MAILBOX_KEEPS = 512,       /**< datagrams; what comes after is only counted */
};

/** One that came. */
struct datagram {
    struct sockaddr_storage from;
    socklen_t from_length;
    unsigned char *bytes; /**< the mailbox's; never NULL */
    size_t size;          /**< may be 0 */
    const struct event *event;
};

struct mailbox {
    struct timeline *timeline;
    actor_id actor;
    const char *name; /**< from the timeline */
    int fd;           /**< -1: not open */
    struct sockaddr_storage address;
    socklen_t address_length;
    struct datagram *in; /**< what came, in its order; room for MAILBOX_KEEPS */
    size_t came;         /**< of these */
    size_t taken;        /**< of them a check has looked at: its own business */
    size_t dropped;      /**< came after MAILBOX_KEEPS */
};

struct mailbox_options {
    const char *address; /**< "127.0.0.1" (default), "::1" */
    unsigned port;       /**< 0: the kernel's choice */
    bool serves;         /**< its opening is a step to be told: it plays a server */
};

/** 0 or -errno (EINVAL: no numeric address; EADDRINUSE...); on failure fd is -1. @p name is copied into the timeline. */
int mailbox_open(struct mailbox *m, struct timeline *timeline, const char *name, const struct mailbox_options *how);
/** Closes it and frees what came. A client that is connected to its address gets ECONNREFUSED from then on. */
void mailbox_close(struct mailbox *m);
/** Takes what has come, a bounded number; true if anything had. */
bool mailbox_handle(struct mailbox *m);
/** Sends one datagram; over loopback it has arrived when this returns. 0 or -errno (EAGAIN: no room in its socket). */
int mailbox_send(struct mailbox *m, const struct sockaddr_storage *to, socklen_t length, const void *bytes, size_t size);

#endif
