/**
 * @file 09_fork.h
 * What the files of lab 09 share: 09_family.c judges processes, what they hold and what they leave behind, 09_mishap.c what
 * becomes of them when something fails; 09_fork.c has what every lab has, and the table.
 */
#ifndef SOCKLAB_LABS_09_FORK_H
#define SOCKLAB_LABS_09_FORK_H

#include "labs/labs.h"

#define LAB09_TEXT "One for each.\n"

/** The server, at rest at its door: one that goes into the background has ended by then, and is told so. */
struct program *lab09_start(struct check *c, unsigned port);
/** A client that has come and got its text back; it stays. */
struct peer *lab09_come(struct check *c, unsigned port);
/** One that has been served goes on talking: its text comes back once more. */
void lab09_talk(struct check *c, struct peer *client);
/** A client that comes, is served and leaves, without waiting for the server's close. */
void lab09_visit(struct check *c, struct program *server, unsigned port);

/** Clients that are served at the same time; all is at rest when this returns. */
void lab09_come_together(struct check *c, unsigned port, struct peer **client, size_t count);
/** The child that serves a client; fails the check if it is no child, as nothing can be seen then of what is asked. */
pid_t lab09_child_of(struct check *c, struct program *server, struct peer *client);

enum { LAB09_HOLDINGS = 256 /**< of one socket */, LAB09_PROCESSES = 2048 /**< more than the sandbox allows */ };

void lab09_run_concurrent(struct check *c);
void lab09_run_many(struct check *c);
void lab09_run_processes(struct check *c);
void lab09_run_children_end(struct check *c);
void lab09_run_no_zombies(struct check *c);
void lab09_run_parent_closes(struct check *c);
void lab09_run_child_closes(struct check *c);
void lab09_run_fork_fails(struct check *c);
void lab09_run_no_descriptors(struct check *c);
void lab09_run_child_crash(struct check *c);

#endif
