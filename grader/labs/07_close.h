/**
 * @file 07_close.h
 * What the two files of lab 07 share: conversations with the server and with the client, and the checks of
 * 07_goodbye.c.
 */
#ifndef SOCKLAB_LABS_07_CLOSE_H
#define SOCKLAB_LABS_07_CLOSE_H

#include "labs/labs.h"

static const char lab07_text[] = "All that I have to say,\nin two lines.\n";
enum { LAB07_TEXT = sizeof(lab07_text) - 1 };

/** A client that says all it has to say, and that this was all. */
struct peer *lab07_ask(struct check *c, unsigned port, const void *bytes, size_t size);
/** These bytes come, and then the end, however it comes: a reset is the matter of `no-reset`. */
void lab07_expect_answer(struct check *c, struct peer *client, const void *bytes, size_t size);
/** A client that is served, whatever with. For common_descriptors_server(), too. */
void lab07_serve_one(struct check *c, struct program *server, unsigned port);
/** A new scene, without the program that was started last. */
void lab07_end_scene(struct check *c);

/** The student's client and the grader's server that it comes to. */
struct visit {
    struct program *client;
    struct door *door;
    struct peer *server;
};
/** A client that is told to send these bytes, and has come to the server. */
struct visit lab07_visit(struct check *c, const void *bytes, size_t size);
/**
 * The server answers in two pieces, to a client that has not said goodbye, too. The client is at rest, or gone, when this
 * returns.
 */
void lab07_answer_anyway(struct check *c, struct visit *v);
/** A condition for check_wait(): the peer has received end of file, or its connection is gone. */
bool lab07_is_over(struct check *c, void *peer);
/** The call by which the client ended the conversation, a shutdown first of all; NULL if there was none. */
const struct event *lab07_goodbye(const struct check *c, const struct program *client);

void lab07_run_half_close(struct check *c);
void lab07_run_after_eof(struct check *c);
void lab07_run_collects(struct check *c);
void lab07_run_binary(struct check *c);
void lab07_run_empty(struct check *c);
void lab07_run_no_reset(struct check *c);

#endif
