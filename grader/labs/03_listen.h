/**
 * @file 03_listen.h
 * Lab 03, between its two files: 03_listen.c has the table and what every lab has, 03_door.c the checks of the
 * door itself.
 */
#ifndef SOCKLAB_LABS_03_LISTEN_H
#define SOCKLAB_LABS_03_LISTEN_H

#include "check/check.h"

enum { BACKLOG = 5, BACKLOG_MAX = 4096 };

/* --- the program: 03_door.c ------------------------------------------------------------------------------ */

/** Starts it with an open stdin, to which nothing has been written; @p backlog in digits. */
struct program *listener_start(struct check *c, unsigned port, const char *backlog);
/** The last listen that succeeded so far; NULL if there is none. */
const struct event *listener_last_listen(const struct check *c, const struct program *p);
/** Where it listens now, as the kernel says; 0 if it does not. */
unsigned listener_kernel_port(struct check *c, const struct program *p);
/** Its stdin is open, so it must be there; fails the check if it ends by itself. @p when begins the sentence. */
void listener_expect_open(struct check *c, struct program *p, const char *when);
/** Ends its stdin and waits until it has ended; fails the check if it never does. Returns its status. */
int listener_await_end(struct check *c, struct program *p);

/* --- the checks ------------------------------------------------------------------------------------------ */

void listener_run_handshake(struct check *c);
void listener_run_backlog(struct check *c);
void listener_run_port_zero(struct check *c);
void listener_run_waits(struct check *c);
void listener_run_door_closes(struct check *c);

#endif
