/**
 * @file http.h
 * An HTTP/1.1 answer as it comes from a server: any bytes, in any pieces. Pure: no socket, no clock. What RFC 9112 lets a
 * server do is taken; what it forbids but can be understood is noted; what cannot be understood ends the reading.
 *
 * Section numbers are RFC 9112's where no other is named.
 */
#ifndef SOCKLAB_PEER_HTTP_H
#define SOCKLAB_PEER_HTTP_H

#include "core/core.h"

enum { HTTP_HEAD_MAX = 64 * 1024, HTTP_FIELDS_MAX = 100, HTTP_BODY_LIMIT = 1 << 20 };

enum http_state {
    HTTP_HEAD, /**< status line and fields, section 2.1 */
    HTTP_BODY,
    HTTP_DONE,
    HTTP_WRONG, /**< no HTTP any more: `wrong` says why */
};

/** Where the body ends: section 6.3. */
enum http_framing { HTTP_NO_BODY, HTTP_LENGTH, HTTP_CHUNKED, HTTP_UNTIL_CLOSE };

/** What a server must not do, and a client can live with: a bit set. */
enum http_odd {
    HTTP_ODD_LINE_END = 1 << 0, /**< LF without CR: section 2.2 */
    HTTP_ODD_NO_SPACE = 1 << 1, /**< none behind the status code: section 4 */
    HTTP_ODD_COLON = 1 << 2,    /**< blanks before a field's colon: section 5.1 */
    HTTP_ODD_FOLD = 1 << 3,     /**< a field over several lines: section 5.2 */
    HTTP_ODD_BOTH = 1 << 4,     /**< Transfer-Encoding and Content-Length: section 6.2 */
    HTTP_ODD_NAME = 1 << 5,     /**< a field's name is no token: RFC 9110 section 5.1 */
};

struct http_field {
    const char *name, *value; /**< strings in the answer's head; the value without blanks around it */
};

/** One answer. Set it up with http_begin(); read the fields; free it with http_free(). */
struct http_answer {
    enum http_state state;
    const char *wrong; /**< HTTP_WRONG: a message id, the end of a sentence about the answer */
    unsigned odd;
    bool to_head; /**< it answers HEAD: no body, whatever its fields say */

    struct buf head; /**< as it came, at most HTTP_HEAD_MAX */
    int major, minor, status;
    struct http_field field[HTTP_FIELDS_MAX];
    size_t fields;
    bool has_length;
    uint64_t length; /**< Content-Length */
    enum http_framing framing;

    uint64_t received; /**< bytes of the body so far, decoded */
    struct buf body;   /**< those, at most HTTP_BODY_LIMIT, if nobody else takes them */
    void (*take)(void *argument, const void *bytes, size_t size); /**< takes the body instead of `body`; NULL */
    void *argument;

    /* chunked: section 7.1 */
    int step;
    uint64_t chunk; /**< bytes that are left of this chunk */
    size_t line;    /**< bytes of the present line */
    char *text;     /**< the head as strings */
};

/** Zeroes it. @p to_head: the request was HEAD. */
void http_begin(struct http_answer *a, bool to_head);
/** NULL is nothing to be freed. */
void http_free(struct http_answer *a);
/** Takes what came; returns how many bytes belong to this answer: fewer than @p size only when it is over (DONE or WRONG). */
size_t http_feed(struct http_answer *a, const void *bytes, size_t size);
/** End of file came: the end of a body that has no other. */
void http_end(struct http_answer *a);
/** The value of the first field of that name, in any case; NULL. From HTTP_BODY on. */
const char *http_value(const struct http_answer *a, const char *name);
/** Whether a field that is a list (RFC 9110 section 5.6.1), in all its lines, has this word, in any case. */
bool http_lists(const struct http_answer *a, const char *name, const char *word);
/** "Sun, 06 Nov 1994 08:49:37 GMT" and nothing else (IMF-fixdate, RFC 9110 section 5.6.7): seconds since the epoch; false if it is none. */
bool http_date(const char *text, int64_t *seconds);

#endif
