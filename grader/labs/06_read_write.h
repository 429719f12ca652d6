/**
 * @file 06_read_write.h
 * What the files of lab 06 share: 06_functions.c judges readn(), writen() and readline() alone,
 * 06_echo.c the programs' conversations, 06_read_write.c what every lab has; the table is there.
 */
#ifndef SOCKLAB_LABS_06_READ_WRITE_H
#define SOCKLAB_LABS_06_READ_WRITE_H

#include "labs/labs.h"

#define LAB06_TEXT "A stream has no messages,\nonly bytes.\nThey come as they like.\n"

/**
 * A client that is served: LAB06_TEXT comes back. It leaves without waiting for the server's close.
 */
void lab06_echo_text(struct check *c, struct program *server, unsigned port);
/** The server has done its part in this check: nothing that it does from now on counts. */
void lab06_dismiss(struct check *c, struct program *server);

/** The student's client and the grader's server that it has come to. */
struct visit {
    struct program *client;
    struct door *door;
    struct peer *server;
};

/**
 * A client with a pipe as stdin, and a door for it; @p buffers: of the connection's grader's end,
 * 0: default.
 */
struct visit lab06_visit_start(struct check *c, uint32_t trace, int buffers);
/**
 * All of it through an echoing server, in pieces if asked for; then stdin ends, and so does the
 * client.
 */
void lab06_visit_echo(struct check *c, const void *bytes, size_t size, size_t piece);

void lab06_run_readn(struct check *c);
void lab06_run_writen(struct check *c);
void lab06_run_readline(struct check *c);
void lab06_run_echoes(struct check *c);
void lab06_run_binary(struct check *c);
void lab06_run_large(struct check *c);
void lab06_run_trickle(struct check *c);
void lab06_run_next_client(struct check *c);
void lab06_run_reset(struct check *c);
void lab06_run_early_close(struct check *c);
void lab06_run_last_line(struct check *c);

#endif
