/**
 * @file 14_answer.c
 * Lab 14, one question and one answer: which status, which fields, which bytes.
 */
#include "labs/14_http.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>

/* --- an answer's fields --------------------------------------------------------------------------------------------- */

static const struct {
    unsigned odd;
    const char *text;
} oddities[] = {
    {HTTP_ODD_LINE_END, N_("its lines do not all end with CR LF (RFC 9112 section 2.2)")},
    {HTTP_ODD_NO_SPACE, N_("there is no space behind the status code (RFC 9112 section 4)")},
    {HTTP_ODD_COLON, N_("there are blanks before a colon (RFC 9112 section 5.1)")},
    {HTTP_ODD_FOLD, N_("a field goes over several lines (RFC 9112 section 5.2)")},
    {HTTP_ODD_BOTH, N_("it has both Transfer-Encoding and Content-Length (RFC 9112 section 6.2)")},
    {HTTP_ODD_NAME, N_("a field's name has bytes that no name may have (RFC 9110 section 5.1)")},
};

static void judge_form(struct check *c, const struct http_answer *a, const char *asked)
{
    for (size_t i = 0; i < sizeof(oddities) / sizeof(oddities[0]); i++)
        if (a->odd & oddities[i].odd)
            http_fail(c, a, NULL, NULL, _("The head of the answer to %s is not as it must be: %s."), asked, _(oddities[i].text));
    if (a->major != 1 || a->minor != 1)
        http_fail(c, a, "HTTP/1.1", NULL, _("The answer to %s, a request in HTTP/1.1, is of another version (RFC 9112 section 2.3)."), asked);
}

/** A clock is never seen going wrong by seconds here, only by a zone, a month or an age. */
static void judge_date(struct check *c, const struct http_answer *a, const char *asked)
{
    enum { LEEWAY = 600 };
    const char *date = http_value(a, "date");
    int64_t seconds, now = (int64_t)time(NULL);
    const char *form = _("a field like \"Date: Sun, 06 Nov 1994 08:49:37 GMT\"");
    if (!date)
        http_fail(c, a, form, _("no Date"), _("The answer to %s has no Date (RFC 9110 section 6.6.1)."), asked);
    const char *actual = check_text(c, "Date: %.60s", date);
    if (!http_date(date, &seconds))
        http_fail(c, a, form, actual, _("The Date of the answer to %s is not in the form that HTTP has for dates (RFC 9110 section 5.6.7)."),
                  asked);
    if (seconds < now - LEEWAY || seconds > now + LEEWAY)
        http_fail(c, a, _("the present time, in GMT"), actual, _("The Date of the answer to %s is not now."), asked);
}

/** Without its parameters. */
static bool is_type(const char *value, const char *type)
{
    size_t length = strcspn(value, "; \t");
    return length == strlen(type) && strncasecmp(value, type, length) == 0;
}

static void judge_type(struct check *c, const struct http_answer *a, const char *asked, const struct page *page)
{
    const char *value = http_value(a, "content-type"), *other = page->type + strlen(page->type) + 1;
    const char *expected = check_text(c, *other ? "Content-Type: %s, or %s" : "Content-Type: %s", page->type, other);
    if (value && (is_type(value, page->type) || (*other && is_type(value, other))))
        return;
    if (!value)
        http_fail(c, a, expected, _("no Content-Type"), _("The answer to %s does not say what its body is (RFC 9110 section 8.3)."), asked);
    http_fail(c, a, expected, check_text(c, "Content-Type: %.60s", value), _("The answer to %s says that its body is something else."), asked);
}

static void judge_length(struct check *c, const struct http_answer *a, const char *asked, uint64_t size)
{
    const char *expected = check_text(c, "Content-Length: %llu", (unsigned long long)size);
    if (!a->has_length && !a->to_head)
        http_fail(c, a, expected, _("no Content-Length"), _("The answer to %s does not say how long its body is (RFC 9110 section 8.6)."), asked);
    if (a->has_length && a->length != size)
        http_fail(c, a, expected, check_text(c, "Content-Length: %llu", (unsigned long long)a->length),
                  _("The answer to %s has a Content-Length that is not the length of the file."), asked);
}

/** Nothing may follow: a client would take it for the answer to its next request. */
static void expect_no_more(struct check *c, struct peer *p, const struct http_answer *a, const char *asked)
{
    struct buf more = {0};
    check_pause(c); /* no longer: a server may say 408 to who says nothing */
    if (p->in.length == 0)
        return;
    buf_quote(&more, buf_text(&p->in), p->in.length, 60);
    if (a->to_head)
        http_fail(c, a, _("nothing behind the head"), buf_text(&more), _("The answer to %s has a body (RFC 9110 section 9.3.2)."), asked);
    http_fail(c, a, _("nothing behind the body"), buf_text(&more), _("More comes behind the answer to %s than its head has announced."), asked);
}

static void judge_page(struct check *c, struct program *server, const char *method, const struct page *page)
{
    const char *asked = check_text(c, "%s %s", method, page->target);
    struct buf bytes = {0};
    struct peer *client = client_dial(c, server->port);
    lab14_ask(c, client, method, page->target, "");
    struct http_answer *a = http_await(c, client, asked);
    lab14_expect_page(c, a, asked, page);
    site_fill(page, &bytes);
    judge_form(c, a, asked);
    judge_length(c, a, asked, bytes.length);
    judge_type(c, a, asked, page);
    judge_date(c, a, asked);
    expect_no_more(c, client, a, asked);
    peer_close(client);
    buf_free(&bytes);
    check_scene(c);
}

/** The pages whose names are of other checks' making. */
static bool has_plain_name(const struct page *page)
{
    return !strpbrk(page->path, "% +?") && !strstr(page->path, "..") && !memchr(page->path, 0xc3, strlen(page->path));
}

/** A whole URI is what a proxy asks for; that every server understands it is more than this lab is about. */
static void try_absolute_form(struct check *c, struct program *server)
{
    const char *target = "http://localhost/notes.txt";
    struct http_answer *a = lab14_fetch(c, server, "GET", target, "");
    if (a->status != 200)
        check_warn(c, &(struct failure){.waits = false}, _("GET %s is answered with status %d. A server must take a request for a whole URI, too "
                                                         "(RFC 9112 section 3.2.2). This costs no points."), target, a->status);
}

void lab14_run_get(struct check *c)
{
    size_t count;
    const struct page *pages = site_pages(&count);
    struct program *server = lab14_start(c, 0);
    for (size_t i = 0; i < count; i++)
        if (has_plain_name(&pages[i]))
            judge_page(c, server, "GET", &pages[i]);
    try_absolute_form(c, server);
}

/** What is not there is answered as GET is, whatever that may be: this is the matter of `not-found`. */
static void ask_for_missing(struct check *c, struct program *server)
{
    static const char *const method[] = {"GET", "HEAD"};
    struct http_answer a[2];
    for (int i = 0; i < 2; i++) {
        struct peer *client = client_dial(c, server->port);
        lab14_ask(c, client, method[i], "/missing.html", "");
        http_begin(&a[i], i == 1);
        http_read(c, client, &a[i]);
        if (i == 1 && a[1].state == HTTP_DONE)
            expect_no_more(c, client, &a[1], "HEAD /missing.html");
        peer_close(client);
    }
    if (a[0].state == HTTP_DONE && a[1].state == HTTP_DONE && a[0].status != a[1].status)
        http_fail(c, &a[1], http_status_line(c, &a[0]), NULL, _("HEAD /missing.html has another status than GET (RFC 9110 section 9.3.2)."));
    check_scene(c);
}

/** That one request was HEAD is nothing to the next, if the connection lasts so long. */
static void get_after_head(struct check *c, struct program *server)
{
    struct peer *client = client_dial(c, server->port);
    lab14_ask(c, client, "HEAD", "/notes.txt", "");
    struct http_answer *a = http_await(c, client, "HEAD /notes.txt");
    if (client->end || client->state == PEER_CLOSED || http_lists(a, "connection", "close"))
        return;
    lab14_ask(c, client, "GET", "/style.css", "");
    a = xcalloc(1, sizeof(*a));
    http_begin(a, false);
    const char *asked = _("GET /style.css, after a HEAD on the same connection");
    enum wait_end end = http_read(c, client, a);
    if (a->head.length == 0 && (client->end || client->state == PEER_CLOSED))
        return; /* `keep-alive` says so */
    http_expect_whole(c, client, a, end, asked);
    lab14_expect_page(c, a, asked, site_page("style.css"));
}

void lab14_run_head(struct check *c)
{
    static const char *const path[] = {"index.html", "image.png", "docs/page.html", "book.txt"};
    struct program *server = lab14_start(c, 0);
    for (size_t i = 0; i < sizeof(path) / sizeof(path[0]); i++)
        judge_page(c, server, "HEAD", site_page(path[i]));
    ask_for_missing(c, server);
    get_after_head(c, server);
}

/* --- not-found ------------------------------------------------------------------------------------------------------- */

/** A named pipe in DIR, which open(2) would wait at. It is no file to be served, and nobody must wait for it. */
static void try_pipe(struct check *c, struct program *server)
{
    struct http_answer a;
    if (mkfifo(check_text(c, "%s/work/" LAB14_DIR "/pipe", c->place), 0644) != 0)
        check_trouble(c, _("%s cannot be made: %s"), "pipe", strerror(errno));
    struct peer *client = client_dial(c, server->port);
    lab14_ask(c, client, "GET", "/pipe", "");
    http_begin(&a, false);
    enum wait_end end = http_read(c, client, &a);
    if (end != WAIT_OK || a.status == 200)
        check_warn(c, &(struct failure){.waits = end != WAIT_OK},
                   _("There is a named pipe in DIR, and GET /pipe %s. Whoever may put one there stops the server. This costs no points."),
                   end != WAIT_OK ? _("waits for somebody to write into it") : _("is answered with status 200"));
}

void lab14_run_not_found(struct check *c)
{
    static const int not_found[] = {404, 0}, hidden[] = {404, 403, 0}, too_long[] = {404, 414, 400, 403, 0};
    static const char rfc[] = "RFC 9110 section 15.5.5";
    static const struct {
        const char *target;
        const int *status;
    } cases[] = {
        {"/missing.html", not_found}, {"/docs/missing.html", not_found}, {"/missing/", not_found}, {"/missing/index.html", not_found},
        {"/index.htm", not_found},    {"/notes.txt/more", hidden},       {"/bare/", hidden},        {"/locked.txt", hidden},
    };
    struct program *server = lab14_start(c, 0);
    check_write_file(c, LAB14_DIR "/locked.txt", "Nobody may read this.\n");
    if (chmod(check_text(c, "%s/work/" LAB14_DIR "/locked.txt", c->place), 0) != 0)
        check_trouble(c, _("%s cannot be made: %s"), "locked.txt", strerror(errno));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct http_answer *a = lab14_fetch(c, server, "GET", cases[i].target, "");
        lab14_expect_status(c, a, check_text(c, "GET %s", cases[i].target), cases[i].status, rfc);
        check_scene(c);
    }
    char name[302]; /* longer than a file's name can be */
    memset(name, 'x', sizeof(name) - 1);
    name[0] = '/';
    name[sizeof(name) - 1] = '\0';
    const char *asked = _("GET with a name of 300 letters");
    const char *request = http_request(c, "GET", name, "");
    lab14_expect_status(c, lab14_fetch_text(c, server, request, strlen(request), asked), asked, too_long, rfc);
    lab14_expect_service(c, server);
    try_pipe(c, server);
}

/* --- bad-request -------------------------------------------------------------------------------------------------------- */

static const int bad[] = {400, 0}, bad_version[] = {505, 400, 0};

/** What is sent, whether the client says that this is all, and what the answer may be. */
struct nonsense {
    const char *text;
    const char *asked;
    bool end;
    const int *status;
    const char *why;
};

enum { MUCH = 64 * 1024 }; /* bytes that nobody has to say about one line */

/** Much has come, or nobody goes on. A clock that somebody waits for is none of this. */
static bool is_flooded_or_quiet(struct check *c, void *argument)
{
    const struct peer *p = argument;
    struct look look;
    if (p->received > MUCH)
        return true;
    tracer_look(c->tracer, &look);
    return look.running == 0 && !network_in_flight();
}

static void talk_nonsense(struct check *c, struct program *server, const struct nonsense *n)
{
    struct peer *client = client_dial(c, server->port);
    peer_send(client, n->text, strlen(n->text));
    if (n->end)
        peer_half_close(client);
    const char *asked = _(n->asked);
    const struct http_answer *a = http_await(c, client, asked);
    lab14_expect_status(c, a, asked, n->status, n->why);
    check_wait(c, is_flooded_or_quiet, client);
    if (client->received > MUCH)
        http_fail(c, a, _("one answer"), _("answers without end"), _("%s is answered again and again."), asked);
    peer_close(client);
    check_scene(c);
}

/** What RFC 9112 also wants refused, and this lab does not ask for. */
static void try_doubtful(struct check *c, struct program *server)
{
    static const struct {
        const char *fields, *what;
    } cases[] = {
        {"Host: elsewhere\r\n", N_("A request with two Host fields is answered with status %d. It must be refused with 400 (RFC 9112 "
                                   "section 3.2). This costs no points.")},
        {"Accept : x\r\n", N_("A request with a blank between a field's name and its colon is answered with status %d. It must be refused "
                              "with 400 (RFC 9112 section 5.1). This costs no points.")},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct http_answer *a = lab14_fetch(c, server, "GET", "/notes.txt", cases[i].fields);
        if (a->status < 400)
            check_warn(c, &(struct failure){.waits = false}, _(cases[i].what), a->status);
    }
}

void lab14_run_bad_request(struct check *c)
{
    static const char status[] = "RFC 9110 section 15.5.1", line[] = "RFC 9112 section 3", host[] = "RFC 9112 section 3.2";
    static const struct nonsense cases[] = {
        {"hello, is anybody there?\r\n", N_("a line that is no request"), false, bad, line},
        {"\x16\x03\x01\x02\x01\x01\xfc\x03\x03", N_("the beginning of a TLS handshake and an end of file"), true, bad, status},
        {"GET\r\n", N_("a line with a method alone"), false, bad, line},
        {"GET /notes.txt WHAT/1.1\r\nHost: localhost\r\n\r\n", N_("a request that names another protocol"), false, bad_version, line},
        {"GET /notes.txt HTTP/2.0\r\nHost: localhost\r\n\r\n", N_("a request in HTTP/2.0"), false, bad_version, "RFC 9110 section 15.6.6"},
        {"GET /notes.txt HTTP/1.1\r\n\r\n", N_("a request in HTTP/1.1 without Host"), false, bad, host},
        {"GET /notes.txt HTTP/1.1\r\nHostess: localhost\r\nAccept: */*\r\n\r\n", N_("a request in HTTP/1.1 without Host, but with a field whose "
         "name begins so"), false, bad, host},
    };
    struct program *server = lab14_start(c, 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        talk_nonsense(c, server, &cases[i]);
    lab14_expect_service(c, server);
    try_doubtful(c, server);
}

/* --- not-implemented ------------------------------------------------------------------------------------------------------ */

/** The body of a request is no request. */
static void try_body(struct check *c, struct program *server)
{
    const char *inner = http_request(c, "GET", "/notes.txt", "");
    const char *request = check_text(c, "POST /form HTTP/1.1\r\nHost: localhost\r\nContent-Length: %zu\r\n\r\n%s", strlen(inner), inner);
    struct peer *client = client_dial(c, server->port);
    struct http_answer second;
    peer_send(client, request, strlen(request));
    http_await(c, client, "POST /form");
    peer_half_close(client); /* so that this ends soon with a server which keeps the connection open, and closes idle ones */
    http_begin(&second, false);
    http_read(c, client, &second);
    if (second.status == 200)
        check_warn(c, &(struct failure){.waits = false}, _("The body of a POST request is taken for the next request. A server must read it, or "
                                                         "close the connection (RFC 9112 section 9.3). This costs no points."));
}

void lab14_run_not_implemented(struct check *c)
{
    static const int not_implemented[] = {501, 0}, other_case[] = {501, 400, 0};
    static const char rfc[] = "RFC 9110 section 15.6.2";
    static const char *const method[] = {"DELETE", "POST", "PUT", "BREW", "GETS", "HEADER"};
    struct program *server = lab14_start(c, 0);
    for (size_t i = 0; i < sizeof(method) / sizeof(method[0]); i++) {
        struct http_answer *a = lab14_fetch(c, server, method[i], "/notes.txt", i < 3 ? "Content-Length: 0\r\n" : "");
        lab14_expect_status(c, a, check_text(c, "%s /notes.txt", method[i]), not_implemented, rfc);
        check_scene(c);
    }
    struct http_answer *a = lab14_fetch(c, server, "get", "/notes.txt", "");
    lab14_expect_status(c, a, "get /notes.txt", other_case, "RFC 9110 section 9.1");
    lab14_expect_service(c, server);
    try_body(c, server);
}
