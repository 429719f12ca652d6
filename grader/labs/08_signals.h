/**
 * @file 08_signals.h
 * What the files of lab 08 share: 08_stop.c has what is about signals, 08_signals.c what every lab has; the table is there.
 */
#ifndef SOCKLAB_LABS_08_SIGNALS_H
#define SOCKLAB_LABS_08_SIGNALS_H

#include "labs/labs.h"

#define LAB08_TEXT "signals come at the wrong moment\n"

/** A client that is served: LAB08_TEXT comes back, and it leaves, without waiting for the server's close. */
void lab08_serve_one(struct check *c, struct program *server, unsigned port);
/** The server has done its part: nothing that it does from now on counts. */
void lab08_dismiss(struct check *c, struct program *server);
/** A client in the middle of its conversation: its first bytes are back, and everybody waits. */
struct peer *lab08_begin(struct check *c, unsigned port);
/** LAB08_TEXT comes back. */
void lab08_talk(struct check *c, struct peer *client);
/** The same, and it leaves. */
void lab08_go_on(struct check *c, struct peer *client);
/** Whether it has ended, after it was told to with everybody at rest; false if it never does. Judges nothing. */
bool lab08_stops(struct check *c, struct program *server, int signal);

void lab08_run_term(struct check *c);
void lab08_run_int(struct check *c);
void lab08_run_finishes(struct check *c);
void lab08_run_race(struct check *c);
void lab08_run_usr1(struct check *c);
void lab08_run_storm(struct check *c);

#endif
