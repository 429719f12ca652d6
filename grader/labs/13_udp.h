/**
 * @file 13_udp.h
 * What the files of lab 13 share: how the two programs are started, and the halves of the checks that are about both.
 */
#ifndef SOCKLAB_LABS_13_UDP_H
#define SOCKLAB_LABS_13_UDP_H

#include "check/mail.h"

/* --- 13_server.c: a student's server, the grader's clients ------------------------------------------------------- */

/** A udp_server on a new port, ready to receive. */
struct program *lab13_serve(struct check *c, unsigned *port);
void lab13_serve_echoes(struct check *c);
void lab13_serve_boundaries(struct check *c);
void lab13_serve_largest(struct check *c);
void lab13_run_many(struct check *c);

/* --- 13_client.c: a student's client, the grader's server ---------------------------------------------------------- */

/** A udp_client that asks 127.0.0.1 at @p port, line by line: its stdin is a pipe. */
struct program *lab13_ask(struct check *c, const char *host, const char *port);
/** A server of the grader's on a new port of 127.0.0.1, and a client that asks it. */
struct program *lab13_ask_new(struct check *c, struct mailbox **server);
/** The client gets this line, sends it, gets it back and prints it. */
void lab13_exchange(struct program *client, struct mailbox *server, const void *line, size_t size);
void lab13_ask_echoes(struct check *c);
void lab13_ask_boundaries(struct check *c);
void lab13_ask_largest(struct check *c);
void lab13_run_by_name(struct check *c);

/* --- 13_loss.c: answers that do not come, or are none -------------------------------------------------------------- */

void lab13_run_resends(struct check *c);
void lab13_run_gives_up(struct check *c);
void lab13_run_stranger(struct check *c);
void lab13_run_late(struct check *c);
void lab13_run_altered(struct check *c);
void lab13_run_refused(struct check *c);

/* --- 13_leak.c --------------------------------------------------------------------------------------------------------- */

void lab13_run_memory(struct check *c);
void lab13_run_descriptors(struct check *c);

#endif
