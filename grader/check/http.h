/**
 * @file http.h
 * Conversations in HTTP with a student's server: what a client asks, and its answer, whole. Peers and programs as in check.h.
 */
#ifndef SOCKLAB_CHECK_HTTP_H
#define SOCKLAB_CHECK_HTTP_H

#include "check/check.h"
#include "peer/http.h"

/** A request's text: "GET /x HTTP/1.1", Host, @p fields (whole lines, or ""), an empty line. Freed with the check. */
char *http_request(struct check *c, const char *method, const char *target, const char *fields);

/**
 * Reads the next answer on a connection, as far as it comes: until it is whole or no HTTP, the connection is over, or nobody can
 * go on. Fails nothing. Bytes behind the answer stay in peer.in. @p a is begun by the caller.
 */
enum wait_end http_read(struct check *c, struct peer *p, struct http_answer *a);
/**
 * Waits for the next answer on a connection; fails the check if it is not whole. @p asked: "GET /x", for the report; it begins with
 * "HEAD " where no body may come. Freed with the check.
 */
struct http_answer *http_await(struct check *c, struct peer *p, const char *asked);
/** Fails the check after http_read() for what is not whole; returns if it is. */
void http_expect_whole(struct check *c, struct peer *p, const struct http_answer *a, enum wait_end end, const char *asked);

/** Ends the check: an answer is not what it should be. @p actual NULL: its status line. */
void http_fail(struct check *c, const struct http_answer *a, const char *expected, const char *actual, const char *format, ...)
    __attribute__((noreturn, format(printf, 5, 6)));
/** The status line, to be shown; freed with the check. */
const char *http_status_line(struct check *c, const struct http_answer *a);

#endif
