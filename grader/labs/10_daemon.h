/**
 * @file 10_daemon.h
 * What the two files of lab 10 share: daemon_server with a PIDFILE, a client that is echoed, and the checks about being a
 * daemon, which the table in 10_daemon.c names.
 */
#ifndef SOCKLAB_10_DAEMON_H
#define SOCKLAB_10_DAEMON_H

#include "check/check.h"

#define LAB10_PIDFILE "daemon.pid"
#define LAB10_TEXT    "hello, daemon\n"

/** `daemon_server PORT daemon.pid`; the texts are the check's. */
struct start lab10_command(struct check *c, unsigned port);
/** That, started, until its daemon is at rest. */
struct program *lab10_start(struct check *c, unsigned port);
/** A client that has been echoed and stays. */
struct peer *lab10_client(struct check *c, unsigned port);
/** It says its text again, and must get it. */
void lab10_talk(struct check *c, struct peer *client);
/** A whole visit: of type conversation. */
void lab10_visit(struct check *c, struct program *server, unsigned port);

/* 10_background.c */
void lab10_returns(struct check *c);
void lab10_detached(struct check *c);
void lab10_surroundings(struct check *c);
void lab10_failure_seen(struct check *c);
/* 10_pidfile.c, 10_clients.c */
void lab10_pidfile(struct check *c);
void lab10_one_instance(struct check *c);
void lab10_syslog(struct check *c);
void lab10_term(struct check *c);
void lab10_hup(struct check *c);
void lab10_vanished(struct check *c);
void lab10_no_zombies(struct check *c);
/**
 * The command must have failed: ended with status 1 and words on the terminal, nothing of it left. @p why begins
 * the sentence: "Port 4000 belongs to another server".
 */
void lab10_expect_refused(struct check *c, struct program *p, const char *why);

#endif
