/**
 * @file 14_http.h
 * What the files of lab 14 share: a small site, a server for it, and clients' visits.
 *
 *   14_http.c        the table of checks, and those that every lab has
 *   14_site.c        the files that are served, and those that must not be
 *   14_visit.c       one request, one answer, and what is expected of it
 *   14_answer.c      get, head, not-found, bad-request, not-implemented
 *   14_name.c        escapes, traversal
 *   14_connection.c  keep-alive, close, http-1-0, pipelined, pieces
 *   14_burden.c      large, concurrent, limits, vanished, no-descriptors, term
 *   14_curl.c        curl, reference
 *
 * One mistake should cost one check. So only `get` and `head` look at an answer's fields, only `keep-alive` and `pipelined`
 * mind whether a connection is kept, and whoever asks for one file dials for it.
 */
#ifndef SOCKLAB_LABS_14_HTTP_H
#define SOCKLAB_LABS_14_HTTP_H

#include "check/http.h"
#include "labs/labs.h"

#define LAB14_DIR "www"
enum { LAB14_LARGE = 64 << 20, LAB14_BOOK = 300 * 1000 };

/* --- the site ------------------------------------------------------------------------------------------------ */

/** A file of the site. */
struct page {
    const char *path;   /**< below DIR: "docs/index.html" */
    const char *target; /**< as it is asked for: "/docs/" */
    const char *type;   /**< its media type; a second one that is as good follows its NUL, else another NUL */
    const char *text;   /**< what is in it; NULL: a pattern */
    uint64_t size;      /**< bytes of the pattern */
};

/** The page with this path; there is one. */
const struct page *site_page(const char *path);
/** All of them. */
const struct page *site_pages(size_t *count);
/** Its bytes; @p b is empty before. */
void site_fill(const struct page *page, struct buf *b);
/** Makes DIR and what lies beside it in the check's place. */
void site_make(struct check *c);
/** Adds large.bin, LAB14_LARGE bytes of which few are stored. */
void site_add_large(struct check *c);
/** Bytes @p position and on of large.bin. */
void site_fill_large(void *bytes, size_t size, uint64_t position);
/** A path below the check's place as the server sees it. */
const char *site_outside(struct check *c, const char *path);
/** What stands in the files that must not be served. */
#define SITE_SECRET "the-key-under-the-mat"

/* --- visits -------------------------------------------------------------------------------------------------- */

/** The site is made, the server runs and listens. @p trace as in struct start. */
struct program *lab14_start(struct check *c, uint32_t trace);
/** The arguments of a server on @p port. */
struct start lab14_command(struct check *c, unsigned port);
/** Somebody dials, asks, gets a whole answer, and leaves. @p fields as in http_request(). */
struct http_answer *lab14_fetch(struct check *c, struct program *server, const char *method, const char *target, const char *fields);
/** The same with a request of any kind; @p asked for the report. */
struct http_answer *lab14_fetch_text(struct check *c, struct program *server, const char *request, size_t size, const char *asked);
/** One who takes little at a time, so that what is sent to it stays with the server soon. */
struct peer *lab14_dial_narrow(struct check *c, struct program *server);
/** Sends a request on a connection that is there. */
void lab14_ask(struct check *c, struct peer *p, const char *method, const char *target, const char *fields);

/** The answer must have one of these statuses, 0-ended; @p why: where it is written. */
void lab14_expect_status(struct check *c, const struct http_answer *a, const char *asked, const int *wanted, const char *why);
/** The answer must be 200 with the page in its body; HEAD: without. */
void lab14_expect_page(struct check *c, const struct http_answer *a, const char *asked, const struct page *page);
/** One who comes now is served. */
void lab14_expect_service(struct check *c, struct program *server);

/* --- checks -------------------------------------------------------------------------------------------------- */

void lab14_run_get(struct check *c);
void lab14_run_head(struct check *c);
void lab14_run_not_found(struct check *c);
void lab14_run_bad_request(struct check *c);
void lab14_run_not_implemented(struct check *c);
void lab14_run_keep_alive(struct check *c);
void lab14_run_close(struct check *c);
void lab14_run_http_1_0(struct check *c);
void lab14_run_pipelined(struct check *c);
void lab14_run_pieces(struct check *c);
void lab14_run_large(struct check *c);
void lab14_run_concurrent(struct check *c);
void lab14_run_traversal(struct check *c);
void lab14_run_escapes(struct check *c);
void lab14_run_limits(struct check *c);
void lab14_run_vanished(struct check *c);
void lab14_run_no_descriptors(struct check *c);
void lab14_run_term(struct check *c);
void lab14_run_curl(struct check *c);
void lab14_run_reference(struct check *c);

#endif
