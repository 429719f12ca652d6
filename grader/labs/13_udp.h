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
void lab13_run_endures(struct check *c);

/* --- 13_client.c: a student's client, the grader's server ---------------------------------------------------------- */

/** A client under way, and its server of the grader's. */
struct talk {
    struct program *client;
    struct mailbox *server;
    struct buf printed; /**< what it should have printed by now */
    bool at_once;       /**< ... and out of its buffers: only `echoes` looks then, for all others the end is early enough */
};
/** A udp_client that asks @p host at @p port: its stdin is a pipe. */
struct program *lab13_ask(struct check *c, const char *host, const char *port);
/** A server on a new port of 127.0.0.1, and a client that asks it. */
struct talk lab13_talk(struct check *c);
void lab13_type(struct talk *t, const void *line, size_t size);
/** The line of which this is the answer has been answered, or given up. */
void lab13_expect_printed(struct talk *t, const void *line, size_t size);
/** The client gets this line, sends it, gets it back and prints it. */
void lab13_exchange(struct talk *t, const void *line, size_t size);
/** Stdin ends; the client does, with this status, when it has printed all; and nothing more is sent. */
void lab13_expect_end(struct talk *t, int status);

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
