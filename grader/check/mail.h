/**
 * @file mail.h
 * Conversations in datagrams: what a check of such a lab is written with. Mailboxes (peer/mailbox.h) are moved by
 * the check's event loop
 * beside its peers; the verbs wait as those of check.h do, and end the check when what must come never will.
 *
 * Programs are started with clocks of their own (MAIL_TRACE), so a second of waiting is over as soon as nothing else can
 * happen, and its length is known (mail_waited()).
 */
#ifndef SOCKLAB_CHECK_MAIL_H
#define SOCKLAB_CHECK_MAIL_H

#include "check/check.h"
#include "peer/mailbox.h"

enum { MAIL_TRACE = TRACE_ALL | CALL_CLOCK };

/* --- mailboxes -------------------------------------------------------------------------------------------- */

/** A mailbox of the check's; ends the check if its port is taken. @p name NULL: "client 3". */
struct mailbox *mail_open(struct check *c, const char *name, const struct mailbox_options *how);
/** The same where the machine may lack the address: skips the check then. */
struct mailbox *mail_open_at(struct check *c, const char *name, const char *address, unsigned port);
/** A datagram to a port of 127.0.0.1. */
void mail_send(struct check *c, struct mailbox *m, unsigned port, const void *bytes, size_t size);
/** A datagram back to where one came from. */
void mail_answer(struct check *c, struct mailbox *m, const struct datagram *to, const void *bytes, size_t size);
/** The same bytes back. */
void mail_echo(struct check *c, struct mailbox *m, const struct datagram *to);

/** The next datagram that came, whatever it is; NULL when nobody can go on and none has come. */
const struct datagram *mail_next(struct check *c, struct mailbox *m);
/**
 * The next datagram, which must be this one. @p what goes on with "client 1 waits for ...": "the answer to its
 * datagram".
 */
const struct datagram *mail_expect(struct check *c, struct mailbox *m, const void *bytes, size_t size, const char *what);
/** Everything is at rest, and nothing more has come; @p sentence says what is wrong if something has. */
void mail_expect_silence(struct check *c, struct mailbox *m, const char *sentence);
/** The two addresses are the same, the port included. */
bool mail_is_from(const struct datagram *d, const struct sockaddr_storage *address, socklen_t length);
/** "5 bytes: \"hello\"", for what was expected and what came. */
const char *mail_quote(const void *bytes, size_t size);
/** The last call by which the program sent or took a datagram; NULL if it has not. */
const struct event *mail_last_call(const struct check *c, const struct program *p, uint32_t group);

/* --- programs ---------------------------------------------------------------------------------------------- */

/**
 * A server that waits for datagrams on @p port when this returns; fails the check with never-listened, or with
 * what happened.
 */
struct program *mail_serve(struct check *c, const struct start *how, unsigned port);

#endif
