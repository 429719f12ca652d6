/**
 * @file 05_connect.h
 * What the files of lab 05 share: how a client is started and served, and what its attempts to
 * connect came to.
 */
#ifndef SOCKLAB_LABS_05_CONNECT_H
#define SOCKLAB_LABS_05_CONNECT_H

#include "check/check.h"

enum {
    ROUNDS = 5,
    LATE = 3 /**< the round before which a late server comes up */,
    ATTEMPTS_MAX = 32
};

/* --- 05_connect.c --------------------------------------------------------------------------------- */

/** A reply without NUL and without byte 255: its contents are what `reads-all` is about. */
extern const char hello_reply[];

/** Starts `hello_client HOST PORT`. */
struct program *hello_start(struct check *c, const char *host, unsigned port);
/** Answers the next client at @p d: the reply, end of file; it must print that and end with 0. */
void hello_serve(struct check *c, struct program *client, struct door *d);
/** These words must be on its standard error (in the C locale, as it speaks it); else the check fails with @p sentence. */
void hello_expect_words(struct program *p, const char *words, const struct event *where,
                        const char *sentence);

/* --- 05_attempt.c ----------------------------------------------------------------------------------- */

/**
 * One attempt to connect, put together from the calls that tell of it. It takes one connect(2), or two
 * when the first was interrupted or is non-blocking, and then getsockopt(2) may bring the result.
 */
struct attempt {
    const struct event *connect; /**< the call that began it */
    const struct event *result;  /**< the call that told how it went; NULL: not known yet */
    int sock;
    bool failed, connected;
};

/** The call is about a TCP socket of a client: getaddrinfo(3) has others of its own. */
bool attempt_is_tcp(const struct event *e);
/** The attempts of a program so far, in order; returns how many (<= ATTEMPTS_MAX). */
size_t attempt_list(const struct check *c, const struct program *p,
                    struct attempt list[ATTEMPTS_MAX]);
/** How many there are. */
size_t attempt_count(const struct check *c, const struct program *p);
/** A fault that keeps the client before every connect(2) on a TCP socket. */
struct fault *attempt_hold(struct check *c);
/** Lets the client go from attempt to attempt until it is kept before number @p number; false if it never comes. */
bool attempt_await(struct check *c, struct program *p, struct fault *hold, size_t number);
/** The next wait between @p after and @p before (each may be NULL): a sleep, or a call that timed out. */
const struct event *attempt_wait(const struct check *c, const struct program *p,
                                 const struct event *after, const struct event *before);

/** Ends the check if the client has not so much as called connect: nothing it did can be judged. */
void attempt_need(struct check *c, struct program *p);

void attempt_run_next_address(struct check *c);
void attempt_run_retries(struct check *c);
void attempt_run_gives_up(struct check *c);

/* --- 05_socket.c ------------------------------------------------------------------------------------- */

void socket_run_fresh(struct check *c);
void socket_run_order(struct check *c);
void socket_run_no_bind(struct check *c);
void socket_run_descriptors(struct check *c);

/* --- 05_interrupt.c ------------------------------------------------------------------------------------ */

void interrupt_run(struct check *c);

#endif
