/**
 * @file 02_bind.h
 * What the files of lab 02 share: how bindname is started, and what it bound, asked and printed.
 */
#ifndef SOCKLAB_LABS_02_BIND_H
#define SOCKLAB_LABS_02_BIND_H

#include "check/check.h"

/* --- 02_name.c ------------------------------------------------------------------------------------ */

/** Starts `bindname ADDRESS PORT`; whoever starts it judges its end. */
struct program *name_start(struct check *c, const char *address, const char *port);
/** A port as an argument. */
char *name_port_text(struct check *c, unsigned port);
/** Whether this machine has ::1. */
bool name_has_ipv6(void);

/** The last bind(2) on a TCP socket that succeeded (@p ok) or failed; NULL if there is none. */
const struct event *name_last_bind(const struct program *p, bool ok);
/** The last getsockname(2) that told the name of the socket of @p bind, after it; NULL if nobody asked. */
const struct event *name_last_asked(const struct program *p, const struct event *bind);
/** The last write on stdout; NULL if there is none. */
const struct event *name_last_print(const struct program *p);
/** The port in the address of a call, in host byte order. */
unsigned name_port_of(const struct event *e);

/** The name at the end of the line. Its other words are what `reference` looks at. */
struct printed {
    char *line;    /**< quoted */
    char *address; /**< without brackets */
    bool brackets;
    unsigned long port;
};

/** It must end with status 0, and its output with a name. @p asked is that name as the lab writes it. */
struct printed name_expect_printed(struct program *p, const char *asked);
/** After an end with status 0: the bind that gave the socket its name; fails the check if there was none. */
const struct event *name_expect_bind(struct program *p);

void name_run_exact_port(struct check *c);
void name_run_exact_address(struct check *c);
void name_run_ephemeral(struct check *c);
void name_run_ipv6(struct check *c);

#endif
