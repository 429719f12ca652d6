/**
 * @file 14_connection.c
 * Lab 14, several requests and one connection: how long it lasts, and where one request ends and the next begins.
 */
#include "labs/14_http.h"

#include <stdlib.h>
#include <string.h>

static bool is_over(const struct peer *p)
{
    return p->end || p->state == PEER_CLOSED;
}

/* --- keep-alive -------------------------------------------------------------------------------------------------------- */

/** One of several requests on a connection. */
struct turn {
    const char *method, *target, *fields;
    const char *page; /* NULL: it is not found */
};

/** The answer to this turn. Of what is not found only that it is answered matters here, and that not always: then NULL. */
static struct http_answer *take_answer(struct check *c, struct peer *client, const char *asked, const struct turn *turn)
{
    if (turn->page) {
        struct http_answer *a = http_await(c, client, asked);
        lab14_expect_page(c, a, asked, site_page(turn->page));
        return a;
    }
    struct http_answer *a = xcalloc(1, sizeof(*a));
    http_begin(a, strcmp(turn->method, "HEAD") == 0);
    http_read(c, client, a);
    return a->state == HTTP_DONE ? a : NULL;
}

/** A server that means to close says so, and may after an error. */
static bool may_close(const struct http_answer *a)
{
    return a->status >= 400 && http_lists(a, "connection", "close");
}

static void expect_open(struct check *c, const struct peer *p, const struct http_answer *a, const char *asked)
{
    bool says = http_lists(a, "connection", "close");
    if (!says && !is_over(p) && a->framing != HTTP_UNTIL_CLOSE)
        return;
    http_fail(c, a, _("the connection stays open for the next request"), says ? "Connection: close" : _("end of file"),
              _("The connection does not last beyond the answer to %s, though the client did not ask for that (RFC 9112 section 9.3)."), asked);
}

static void take_turns(struct check *c, struct program *server, const struct turn *turn, size_t turns)
{
    struct peer *client = client_dial(c, server->port);
    for (size_t i = 0; i < turns; i++) {
        const char *asked = check_text(c, _("%s %s, request %zu on its connection"), turn[i].method, turn[i].target, i + 1);
        lab14_ask(c, client, turn[i].method, turn[i].target, turn[i].fields);
        const struct http_answer *a = take_answer(c, client, asked, &turn[i]);
        if (a && !may_close(a)) {
            expect_open(c, client, a, asked);
            continue;
        }
        peer_close(client);
        client = client_dial(c, server->port);
    }
    peer_close(client);
    check_scene(c);
}

void lab14_run_keep_alive(struct check *c)
{
    static const struct turn plain[] = {
        {"GET", "/docs/page.html", "Accept: text/html, text/plain\r\nUser-Agent: a client with much to say at first\r\n", "docs/page.html"},
        {"GET", "/one.txt", "", "one.txt"},
        {"GET", "/image.png", "", "image.png"},
        {"GET", "/script.js", "", "script.js"},
        {"GET", "/data.json", "Connection: keep-alive\r\n", "data.json"},
        {"GET", "/program.bin", "", "program.bin"},
        {"GET", "/style.css", "", "style.css"},
        {"GET", "/missing.html", "", NULL},
        {"GET", "/", "", "index.html"},
    };
    struct program *server = lab14_start(c, 0);
    take_turns(c, server, plain, sizeof(plain) / sizeof(plain[0]));
    /* What one client wanted is nothing to the next. */
    lab14_fetch(c, server, "GET", "/notes.txt", "Connection: close\r\n");
    lab14_fetch_text(c, server, "GET /one.txt HTTP/1.0\r\n\r\n", strlen("GET /one.txt HTTP/1.0\r\n\r\n"), "GET /one.txt in HTTP/1.0");
    take_turns(c, server, plain, 3);
    program_expect_alive(server);
}

/* --- close, http-1-0 --------------------------------------------------------------------------------------------------- */

/** The end comes with this answer: an end of file, and not before the last byte. */
static void expect_last(struct check *c, struct program *server, const char *request, const char *asked, const struct turn *turn)
{
    struct peer *client = lab14_dial_narrow(c, server);
    peer_set_deaf(client, true);
    peer_send(client, request, strlen(request));
    check_pause(c); /* the server has sent what the kernel takes, and may have more */
    peer_set_deaf(client, false);
    if (take_answer(c, client, asked, turn))
        peer_expect_end(c, client);
    peer_close(client);
    check_scene(c);
}

/** Behind "Connection: close" nothing is a request any more: RFC 9112 section 9.6. */
static void send_beyond(struct check *c, struct program *server)
{
    struct peer *client = client_dial(c, server->port);
    const char *both = check_text(c, "%s%s", http_request(c, "GET", "/notes.txt", "Connection: close\r\n"), http_request(c, "GET", "/one.txt", ""));
    const char *asked = _("GET /notes.txt with \"Connection: close\", and a request behind it");
    peer_send(client, both, strlen(both));
    lab14_expect_page(c, http_await(c, client, asked), asked, site_page("notes.txt"));
    peer_expect_gone(c, client);
    if (client->in.length > 0)
        http_fail(c, &(struct http_answer){.status = 0}, _("end of file"), _("a second answer"),
                  _("A request behind one with \"Connection: close\" is answered. The first was the last (RFC 9112 section 9.6)."));
    peer_close(client);
    check_scene(c);
}

/** `Connection` is a list (RFC 9110 section 7.6.1), though few clients put more than one word into it. */
static void try_list(struct check *c, struct program *server)
{
    struct peer *client = client_dial(c, server->port);
    lab14_ask(c, client, "GET", "/notes.txt", "TE: trailers\r\nConnection: TE, close\r\n");
    http_await(c, client, "GET /notes.txt");
    check_rest(c);
    bool over = is_over(client);
    peer_close(client);
    if (!over)
        check_warn(c, &(struct failure){.waits = false}, _("\"Connection: TE, close\" does not end the connection. This field is a list of words (RFC 9110 "
                                                         "section 7.6.1). This costs no points."));
}

void lab14_run_close(struct check *c)
{
    static const struct {
        struct turn turn;
        const char *asked;
    } cases[] = {
        {{"GET", "/notes.txt", "Connection: close\r\n", "notes.txt"}, N_("GET /notes.txt with \"Connection: close\"")},
        {{"GET", "/book.txt", "Connection: close\r\n", "book.txt"}, N_("GET /book.txt with \"Connection: close\"")},
        {{"GET", "/missing.html", "Connection: close\r\n", NULL}, N_("GET /missing.html with \"Connection: close\"")},
        {{"GET", "/one.txt", "connection:Close\r\n", "one.txt"}, N_("GET /one.txt with \"connection:Close\"")},
        {{"GET", "/one.txt", "CONNECTION: CLOSE  \r\nAccept: */*\r\n", "one.txt"}, N_("GET /one.txt with \"CONNECTION: CLOSE\"")},
    };
    struct program *server = lab14_start(c, 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct turn *turn = &cases[i].turn;
        expect_last(c, server, http_request(c, turn->method, turn->target, turn->fields), _(cases[i].asked), turn);
    }
    /* The last request of several. */
    struct peer *client = client_dial(c, server->port);
    lab14_ask(c, client, "GET", "/notes.txt", "");
    struct http_answer *a = http_await(c, client, "GET /notes.txt");
    check_pause(c); /* one that closes after each answer has done so now */
    if (!is_over(client) && !http_lists(a, "connection", "close")) { /* else `keep-alive` says so */
        lab14_ask(c, client, "GET", "/one.txt", "Connection: close\r\n");
        lab14_expect_page(c, http_await(c, client, "GET /one.txt"), "GET /one.txt", site_page("one.txt"));
        peer_expect_end(c, client);
    }
    peer_close(client);
    check_scene(c);
    send_beyond(c, server);
    try_list(c, server);
    lab14_expect_service(c, server);
}

void lab14_run_http_1_0(struct check *c)
{
    static const struct turn notes = {"GET", "", "", "notes.txt"}, book = {"GET", "", "", "book.txt"}, missing = {"GET", "", "", NULL};
    struct program *server = lab14_start(c, 0);
    expect_last(c, server, "GET /notes.txt HTTP/1.0\r\n\r\n", _("GET /notes.txt in HTTP/1.0"), &notes);
    expect_last(c, server, "GET /book.txt HTTP/1.0\r\nAccept: */*\r\n\r\n", _("GET /book.txt in HTTP/1.0"), &book);
    expect_last(c, server, "GET /missing.html HTTP/1.0\r\n\r\n", _("GET /missing.html in HTTP/1.0"), &missing);
    /* It may stay open if it is asked to. What comes must be whole then, too, and chunks are nothing for this version. */
    static const char stay[] = "GET /notes.txt HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
    const char *asked = _("GET /notes.txt in HTTP/1.0 with \"Connection: keep-alive\"");
    struct http_answer *a = lab14_fetch_text(c, server, stay, strlen(stay), asked);
    lab14_expect_page(c, a, asked, site_page("notes.txt"));
    if (a->framing == HTTP_CHUNKED)
        http_fail(c, a, "Content-Length", "Transfer-Encoding: chunked", _("%s is answered in chunks, which came with HTTP/1.1 (RFC 9112 section 6.1)."), asked);
    lab14_expect_service(c, server);
}

/* --- pipelined, pieces ---------------------------------------------------------------------------------------------------- */

/** Requests in one piece: the answers come in the same order, each whole, also to one who begins to read when no more can be sent. */
static void ask_at_once(struct check *c, struct program *server, const struct turn *turn, size_t turns, size_t times)
{
    struct buf all = {0};
    bool waits = times > 1;
    struct peer *client = waits ? lab14_dial_narrow(c, server) : client_dial(c, server->port);
    peer_set_deaf(client, waits);
    for (size_t i = 0; i < turns * times; i++)
        buf_puts(&all, http_request(c, turn[i % turns].method, turn[i % turns].target, turn[i % turns].fields));
    peer_send(client, all.data, all.length);
    if (waits)
        check_pause(c);
    peer_set_deaf(client, false);
    for (size_t i = 0; i < turns * times; i++) {
        const struct turn *t = &turn[i % turns];
        const char *asked = check_text(c, _("%s %s, number %zu of %zu requests that were sent at once"), t->method, t->target, i + 1, turns * times);
        http_free(take_answer(c, client, asked, t));
    }
    peer_close(client);
    buf_free(&all);
    check_scene(c);
}

/** The second request begins in the segment in which the first one ends. */
static void send_across(struct check *c, struct program *server)
{
    const char *both = check_text(c, "%s%s", http_request(c, "GET", "/notes.txt", ""), http_request(c, "GET", "/style.css", ""));
    size_t half = strlen(both) / 2 + 11;
    struct peer *client = client_dial(c, server->port);
    peer_send_pieces(client, both, strlen(both), half);
    lab14_expect_page(c, http_await(c, client, "GET /notes.txt"), "GET /notes.txt", site_page("notes.txt"));
    const char *asked = _("GET /style.css, which began in the segment of the request before");
    lab14_expect_page(c, http_await(c, client, asked), asked, site_page("style.css"));
    peer_close(client);
    check_scene(c);
}

void lab14_run_pipelined(struct check *c)
{
    static const struct turn few[] = {
        {"GET", "/notes.txt", "", "notes.txt"},
        {"GET", "/image.png", "", "image.png"},
        {"GET", "/one.txt", "", "one.txt"},
        {"GET", "/script.js", "", "script.js"},
        {"GET", "/docs/page.html", "", "docs/page.html"},
    };
    static const struct turn many[] = {
        {"GET", "/one.txt", "Accept: text/plain\r\n", "one.txt"},
        {"GET", "/data.json", "", "data.json"},
        {"GET", "/style.css", "", "style.css"},
    };
    struct program *server = lab14_start(c, 0);
    ask_at_once(c, server, few, 2, 1);
    ask_at_once(c, server, few, sizeof(few) / sizeof(few[0]), 1);
    send_across(c, server);
    program_kill(server);
    check_scene(c);
    /* More of them than a buffer holds. Every byte may be a call: they are not looked at. */
    unsigned port = check_port(c);
    struct start start = lab14_command(c, port);
    start.trace = TRACE_CONTROL;
    server = server_start_with(c, &start, port);
    ask_at_once(c, server, many, sizeof(many) / sizeof(many[0]), 250);
    lab14_expect_service(c, server);
}

/** In pieces of this size, each of which the server has looked at before the next comes. */
static void send_in_pieces(struct check *c, struct program *server, size_t piece)
{
    const char *request = http_request(c, "GET", "/docs/page.html", "Accept: text/html\r\nUser-Agent: somebody slow\r\n");
    size_t size = strlen(request);
    const char *asked = check_text(c, _("GET /docs/page.html in pieces of %zu bytes"), piece ? piece : size - 1);
    struct peer *client = client_dial(c, server->port);
    peer_send_pieces(client, request, size, piece ? piece : size - 1);
    lab14_expect_page(c, http_await(c, client, asked), asked, site_page("docs/page.html"));
    peer_close(client);
    check_scene(c);
}

void lab14_run_pieces(struct check *c)
{
    struct program *server = lab14_start(c, 0);
    send_in_pieces(c, server, 1);
    send_in_pieces(c, server, 0); /* the last byte alone */
    send_in_pieces(c, server, 2);
    send_in_pieces(c, server, 7);
    send_in_pieces(c, server, strlen("GET /docs/page.html HTTP/1.1\r"));
    send_in_pieces(c, server, strlen("GET /docs/page.html HTTP/1.1\r\n"));
    lab14_expect_service(c, server);
}
