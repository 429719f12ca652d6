/**
 * @file 14_visit.c
 * One request, one answer, and what is expected of it.
 */
#include "labs/14_http.h"

#include <string.h>

struct start lab14_command(struct check *c, unsigned port)
{
    return (struct start){.name = "http_server", .argument = {check_text(c, "%u", port), LAB14_DIR}};
}

struct program *lab14_start(struct check *c, uint32_t trace)
{
    unsigned port = check_port(c);
    struct start start = lab14_command(c, port);
    start.trace = trace;
    site_make(c);
    return server_start_with(c, &start, port);
}

struct peer *lab14_dial_narrow(struct check *c, struct program *server)
{
    struct peer_dial how = {.port = server->port, .receive_buffer = 4096, .segment = 536};
    return client_dial_with(c, NULL, &how);
}

struct http_answer *lab14_fetch_text(struct check *c, struct program *server, const char *request, size_t size, const char *asked)
{
    struct peer *client = client_dial(c, server->port);
    peer_send(client, request, size);
    struct http_answer *a = http_await(c, client, asked);
    peer_close(client);
    return a;
}

struct http_answer *lab14_fetch(struct check *c, struct program *server, const char *method, const char *target, const char *fields)
{
    const char *request = http_request(c, method, target, fields);
    return lab14_fetch_text(c, server, request, strlen(request), check_text(c, "%s %s", method, target));
}

void lab14_ask(struct check *c, struct peer *p, const char *method, const char *target, const char *fields)
{
    const char *request = http_request(c, method, target, fields);
    peer_send(p, request, strlen(request));
}

/* --- what is expected --------------------------------------------------------------------------------------------- */

void lab14_expect_status(struct check *c, const struct http_answer *a, const char *asked, const int *wanted, const char *why)
{
    struct buf list = {0};
    for (const int *status = wanted; *status; status++) {
        if (a->status == *status)
            return;
        buf_printf(&list, "%s%d", status == wanted ? "" : _(" or "), *status);
    }
    http_fail(c, a, check_text(c, _("status %s (%s)"), buf_text(&list), why), NULL, _("%s is answered with status %d."), asked, a->status);
}

/** The first byte that differs, told with what is around it. */
static void fail_in_body(struct check *c, const struct http_answer *a, const char *asked, const struct buf *wanted) __attribute__((noreturn));
static void fail_in_body(struct check *c, const struct http_answer *a, const char *asked, const struct buf *wanted)
{
    enum { SHOWN = 40 };
    struct buf expected = {0}, actual = {0};
    size_t common = a->body.length < wanted->length ? a->body.length : wanted->length, at = 0;
    while (at < common && a->body.data[at] == wanted->data[at])
        at++;
    if (at == common) { /* one is the beginning of the other */
        http_fail(c, a, check_text(c, _("a body of %zu bytes, as the file has"), wanted->length),
                  check_text(c, _("%llu bytes"), (unsigned long long)a->received), _("The body of the answer to %s has another length than the file."),
                  asked);
    }
    buf_quote(&expected, buf_text(wanted) + at, wanted->length - at, SHOWN);
    buf_quote(&actual, buf_text(&a->body) + at, a->body.length - at, SHOWN);
    http_fail(c, a, buf_text(&expected), buf_text(&actual), _("The body of the answer to %s is not the file: byte number %zu differs."),
              asked, at + 1);
}

void lab14_expect_page(struct check *c, const struct http_answer *a, const char *asked, const struct page *page)
{
    static const int ok[] = {200, 0};
    struct buf bytes = {0};
    lab14_expect_status(c, a, asked, ok, "RFC 9110 section 15.3.1");
    site_fill(page, &bytes);
    if (!a->to_head && (a->body.length != bytes.length || (bytes.length && memcmp(a->body.data, bytes.data, bytes.length) != 0)))
        fail_in_body(c, a, asked, &bytes);
    buf_free(&bytes);
}

void lab14_expect_service(struct check *c, struct program *server)
{
    lab14_expect_page(c, lab14_fetch(c, server, "GET", "/notes.txt", ""), "GET /notes.txt", site_page("notes.txt"));
}
