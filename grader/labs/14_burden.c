/**
 * @file 14_burden.c
 * Lab 14, clients who ask for much, say much, say nothing, or go: what it costs the server, and who else notices.
 */
#include "labs/14_http.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

enum { KIB = 1024, MIB = 1024 * 1024 };

/** A server with the large file. Its calls that move bytes are many and are not looked at. */
static struct program *start_with_large(struct check *c, uint32_t trace)
{
    unsigned port = check_port(c);
    struct start start = lab14_command(c, port);
    start.trace = trace;
    start.limits.cpu_seconds = 60;
    site_make(c);
    site_add_large(c);
    return server_start_with(c, &start, port);
}

/* --- large ---------------------------------------------------------------------------------------------------------------- */

/** What comes of the large file, and what it costs the server meanwhile. */
struct download {
    struct program *server;
    uint64_t at;       /* bytes so far */
    int64_t wrong;     /* the first byte that differs; -1: none */
    uint64_t next;     /* where memory is asked for again */
    uint64_t memory;   /* the most that was seen */
};

/** Memory of all its processes that is their own; what is read through a mapping of the file is not. */
static uint64_t memory_of_all(const struct program *p)
{
    enum { PROCESSES = 256 };
    struct tracer_process process[PROCESSES];
    size_t n = program_processes(p, process, PROCESSES);
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += process[i].zombie ? 0 : process_memory(process[i].pid);
    return sum;
}

static void take_part(void *argument, const void *bytes, size_t size)
{
    enum { STEP = 4 * MIB };
    static unsigned char wanted[64 * KIB];
    struct download *d = argument;
    const unsigned char *from = bytes;
    for (size_t done = 0, n; done < size && d->wrong < 0; done += n, d->at += n) {
        n = size - done < sizeof(wanted) ? size - done : sizeof(wanted);
        site_fill_large(wanted, n, d->at);
        for (size_t i = 0; memcmp(wanted, from + done, n) != 0 && d->wrong < 0; i++)
            if (wanted[i] != from[done + i])
                d->wrong = (int64_t)(d->at + i);
    }
    if (d->at < d->next)
        return;
    d->next = d->at + STEP;
    uint64_t memory = memory_of_all(d->server);
    d->memory = memory > d->memory ? memory : d->memory;
}

static void judge_download(struct check *c, const struct http_answer *a, const struct download *d, uint64_t before)
{
    enum { MEMORY_MAX = 16 * MIB };
    static const int ok[] = {200, 0};
    lab14_expect_status(c, a, "GET /large.bin", ok, "RFC 9110 section 15.3.1");
    if (d->wrong >= 0)
        http_fail(c, a, _("the file, byte for byte"), check_text(c, _("byte number %lld differs"), (long long)d->wrong + 1),
                  _("The body of the answer to GET /large.bin is not the file."));
    if (a->received != LAB14_LARGE)
        http_fail(c, a, check_text(c, _("a body of %d bytes, as the file has"), LAB14_LARGE),
                  check_text(c, _("%llu bytes"), (unsigned long long)a->received), _("The answer to GET /large.bin is not the whole file."));
    if (d->memory > before + MEMORY_MAX)
        http_fail(c, a, check_text(c, _("not more than %d MiB beyond what it has at rest"), MEMORY_MAX / MIB),
                  check_text(c, _("%llu MiB more"), (unsigned long long)(d->memory - before) / MIB),
                  _("While a file of %d MiB is sent, %s needs memory that grows with the file."), LAB14_LARGE / MIB, d->server->name);
}

void lab14_run_large(struct check *c)
{
    check_be_patient(c);
    struct program *server = start_with_large(c, TRACE_CONTROL & ~(uint32_t)(CALL_WAIT | CALL_WATCH));
    struct download d = {.server = server, .wrong = -1};
    struct http_answer a;
    uint64_t before = memory_of_all(server);
    struct peer *client = client_dial(c, server->port);
    http_begin(&a, false);
    a.take = take_part;
    a.argument = &d;
    lab14_ask(c, client, "GET", "/large.bin", "");
    http_expect_whole(c, client, &a, http_read(c, client, &a), "GET /large.bin");
    judge_download(c, &a, &d, before);
    check_settle(c); /* there is room to write, and nothing to be written: nobody wakes for that */
    peer_close(client);
    lab14_expect_service(c, server);
}

/* --- concurrent ------------------------------------------------------------------------------------------------------------ */

/** Each has sent its request before the first one reads. */
static void serve_crowd(struct check *c, struct program *server)
{
    enum { CLIENTS = 64 };
    static const char *const path[] = {"notes.txt", "image.png", "data.json", "docs/page.html"};
    struct peer *client[CLIENTS];
    for (size_t i = 0; i < CLIENTS; i++) {
        client[i] = client_dial(c, server->port);
        lab14_ask(c, client[i], "GET", site_page(path[i % 4])->target, "Connection: close\r\n");
        if (i % 4 == 3)
            check_pause(c); /* nobody's queue is that long */
    }
    for (size_t i = 0; i < CLIENTS; i++) {
        const struct page *page = site_page(path[i % 4]);
        const char *asked = check_text(c, _("GET %s of one of %d clients"), page->target, CLIENTS);
        lab14_expect_page(c, http_await(c, client[i], asked), asked, page);
        peer_close(client[i]);
    }
}

/** Two who speak by turns: what one has said is not the other's. */
static void serve_by_turns(struct check *c, struct program *server)
{
    const char *request = http_request(c, "GET", "/notes.txt", "");
    size_t half = strlen(request) / 2;
    struct peer *slow = client_dial(c, server->port);
    peer_send(slow, request, half);
    check_pause(c);
    struct http_answer *a = lab14_fetch(c, server, "GET", "/style.css", "");
    lab14_expect_page(c, a, "GET /style.css", site_page("style.css"));
    if (slow->in.length > 0 || slow->end || slow->state == PEER_CLOSED)
        return; /* half a request is the matter of `pieces` */
    peer_send(slow, request + half, strlen(request) - half);
    const char *asked = _("GET /notes.txt, whose second half came after another client's request");
    lab14_expect_page(c, http_await(c, slow, asked), asked, site_page("notes.txt"));
    peer_close(slow);
    check_scene(c);
}

void lab14_run_concurrent(struct check *c)
{
    check_be_patient(c);
    struct program *server = start_with_large(c, TRACE_ALL);
    struct peer *silent = client_dial(c, server->port);
    check_pause(c);
    lab14_expect_service(c, server);
    serve_crowd(c, server);
    peer_close(silent);
    check_scene(c);
    serve_by_turns(c, server);
    struct peer *sleeper = lab14_dial_narrow(c, server);
    peer_set_deaf(sleeper, true);
    lab14_ask(c, sleeper, "GET", "/large.bin", "");
    event_text(timeline_add(c->timeline, EVENT_PEER, sleeper->actor), _("%s does not read its answer"), sleeper->name);
    check_pause(c);
    lab14_expect_service(c, server);
}

/* --- limits ----------------------------------------------------------------------------------------------------------------- */

/** A request that is too long in one of its parts. */
struct burden {
    const char *asked;
    const char *head, *unit, *tail; /* the unit as often as it fits */
    size_t size;
    const int *status;
    const char *why;
};

static char *make_burden(const struct burden *b, size_t *size)
{
    struct buf text = {0};
    buf_puts(&text, b->head);
    for (size_t n = strlen(b->unit); text.length + n < b->size;)
        buf_puts(&text, b->unit);
    buf_puts(&text, b->tail);
    *size = text.length;
    return buf_take(&text);
}

/** The head of the answer is what counts: whoever sends on when nobody reads any more may see the connection break behind it. */
static void carry(struct check *c, struct program *server, const struct burden *b)
{
    struct http_answer a;
    size_t size;
    char *text = make_burden(b, &size);
    const char *asked = _(b->asked);
    struct peer *client = client_dial(c, server->port);
    peer_send(client, text, size);
    http_begin(&a, false);
    enum wait_end end = http_read(c, client, &a);
    if (a.state == HTTP_HEAD || a.state == HTTP_WRONG)
        http_expect_whole(c, client, &a, end, asked);
    lab14_expect_status(c, &a, asked, b->status, b->why);
    if (client->error)
        check_warn(c, &(struct failure){.waits = false}, _("The connection is reset behind the answer to %s. On its way through a real network a reset can "
                                                         "overtake an answer: read on for a while (RFC 9112 section 9.6). This costs no points."), asked);
    peer_reset(client); /* what nobody has taken would be under way for minutes after a close */
    check_scene(c);
    lab14_expect_service(c, server);
    check_scene(c);
}

/** RFC 9112 section 3 recommends to take 8000 bytes of a request line at least. */
static void try_long_line(struct check *c, struct program *server)
{
    enum { LONG = 7900 };
    char target[LONG + 1];
    memset(target, 'q', LONG);
    memcpy(target, "/notes.txt?", strlen("/notes.txt?"));
    target[LONG] = '\0';
    const char *request = http_request(c, "GET", target, "");
    struct http_answer *a = lab14_fetch_text(c, server, request, strlen(request), _("GET with a query of 7,900 bytes"));
    if (a->status != 200)
        check_warn(c, &(struct failure){.waits = false}, _("A request line of 7,900 bytes is answered with status %d. 8,000 should be taken (RFC 9112 section 3). "
                                                         "This costs no points."), a->status);
}

void lab14_run_limits(struct check *c)
{
    static const int line[] = {414, 400, 0}, fields[] = {431, 400, 0};
    static const struct burden burdens[] = {
        {N_("a request line of 64 KiB"), "GET /", "aaaaaaaaaaaaaaaa", " HTTP/1.1\r\nHost: localhost\r\n\r\n", 64 * KIB, line, "RFC 9110 section 15.5.15"},
        {N_("a request line of 64 KiB, most of it a query"), "GET /notes.txt?", "name=value&", " HTTP/1.1\r\nHost: localhost\r\n\r\n", 64 * KIB, line,
         "RFC 9110 section 15.5.15"},
        {N_("a request with fields of 1 MiB in all"), "GET /notes.txt HTTP/1.1\r\nHost: localhost\r\n", "X-More: and more and more and more\r\n", "\r\n", MIB,
         fields, "RFC 6585 section 5"},
        {N_("a request with one field of 1 MiB"), "GET /notes.txt HTTP/1.1\r\nHost: localhost\r\nX-Long: ", "and more ", "\r\n\r\n", MIB, fields,
         "RFC 6585 section 5"},
    };
    unsigned port = check_port(c);
    struct start start = lab14_command(c, port);
    start.trace = TRACE_CONTROL & ~(uint32_t)(CALL_WAIT | CALL_WATCH);
    site_make(c);
    struct program *server = server_start_with(c, &start, port);
    for (size_t i = 0; i < sizeof(burdens) / sizeof(burdens[0]); i++)
        carry(c, server, &burdens[i]);
    try_long_line(c, server);
}

/* --- vanished ----------------------------------------------------------------------------------------------------------------- */

/** It goes when the kernel takes nothing more for it: in the middle of the body. */
static void leave_in_the_middle(struct check *c, struct program *server, void (*leave)(struct peer *))
{
    struct peer *client = lab14_dial_narrow(c, server);
    peer_set_deaf(client, true);
    lab14_ask(c, client, "GET", "/large.bin", "");
    check_pause(c);
    leave(client);
    peer_await_left(c, client);
    lab14_expect_service(c, server);
    check_scene(c);
}

/** It has gone when the server begins to answer. */
static void leave_before_answer(struct check *c, struct program *server, void (*leave)(struct peer *))
{
    struct fault *hold = check_hold_write(c, -1);
    struct peer *client = client_dial(c, server->port);
    lab14_ask(c, client, "GET", "/book.txt", "");
    check_await_held(c, hold);
    leave(client);
    peer_await_left(c, client);
    check_unfault(c, hold);
    lab14_expect_service(c, server);
    check_scene(c);
}

/** It has got a part, and the other side of the connection learns from a reset that there is nobody any more. */
static void leave_unread(struct check *c, struct program *server)
{
    struct peer *client = lab14_dial_narrow(c, server);
    peer_set_deaf(client, true);
    lab14_ask(c, client, "GET", "/large.bin", "");
    check_pause(c);
    peer_close(client); /* with bytes unread: RST */
    lab14_expect_service(c, server);
    check_scene(c);
}

void lab14_run_vanished(struct check *c)
{
    struct program *server = start_with_large(c, TRACE_ALL & ~(uint32_t)(CALL_WATCH));
    leave_in_the_middle(c, server, peer_reset);   /* ECONNRESET */
    leave_in_the_middle(c, server, peer_vanish);  /* EPIPE and SIGPIPE */
    leave_before_answer(c, server, peer_reset);
    leave_before_answer(c, server, peer_vanish);
    leave_unread(c, server);
    program_expect_alive(server);
}

/* --- no-descriptors, term -------------------------------------------------------------------------------------------------------- */

void lab14_run_no_descriptors(struct check *c)
{
    enum { FAILURES = 5 };
    struct program *server = lab14_start(c, 0);
    check_fault(c, (struct fault){.actor = -1, .group = CALL_ACCEPT, .fd_kinds = 1 << FD_LISTENER, .count = FAILURES,
                                  .what = FAULT_ERRNO, .value = EMFILE});
    struct peer *first = client_dial(c, server->port); /* a server that waits in accept has made its call already */
    lab14_ask(c, first, "GET", "/notes.txt", "");
    check_pause(c);
    struct peer *second = client_dial(c, server->port);
    lab14_ask(c, second, "GET", "/style.css", "");
    lab14_expect_page(c, http_await(c, first, "GET /notes.txt"), "GET /notes.txt", site_page("notes.txt"));
    peer_close(first);
    lab14_expect_page(c, http_await(c, second, "GET /style.css"), "GET /style.css", site_page("style.css"));
    peer_close(second);
    lab14_expect_service(c, server);
}

static void stop(struct check *c, struct program *server)
{
    check_pause(c); /* it is told where it waits, and not on the way there: what its call says then is the same every time */
    server->awaited = true;
    program_signal(server, SIGTERM);
    enum wait_end end = check_rest(c);
    struct failure failure = {.verdict = VERDICT_MISMATCH, .expected = check_text(c, _("status %d"), 0), .waits = true};
    if (!server->ended) {
        failure.actual = end == WAIT_STUCK ? _("the program goes on") : _("the program does not come to rest");
        check_fail(c, &failure, _("%s was sent SIGTERM and does not end."), server->name);
    }
    failure = (struct failure){.verdict = VERDICT_EXITED, .expected = failure.expected};
    if (WIFSIGNALED(server->status)) {
        failure.actual = check_text(c, _("ended by %s"), signal_name(WTERMSIG(server->status)));
        check_fail(c, &failure, _("SIGTERM killed %s. It is to end by itself, with status 0."), server->name);
    }
    failure.actual = check_text(c, _("status %d"), WEXITSTATUS(server->status));
    if (WEXITSTATUS(server->status) != 0)
        check_fail(c, &failure, _("%s was sent SIGTERM and ended with status %d."), server->name, WEXITSTATUS(server->status));
}

void lab14_run_term(struct check *c)
{
    struct program *server = start_with_large(c, TRACE_CONTROL);
    stop(c, server);
    client_expect_refused(c, server->port);
    check_scene(c);
    unsigned port = check_port(c);
    struct start start = lab14_command(c, port);
    server = server_start_with(c, &start, port);
    struct peer *client = client_dial(c, port); /* whose connection is open, with nothing asked */
    lab14_ask(c, client, "GET", "/notes.txt", "");
    lab14_expect_page(c, http_await(c, client, "GET /notes.txt"), "GET /notes.txt", site_page("notes.txt"));
    stop(c, server);
    peer_close(client);
    check_scene(c);
    port = check_port(c);
    start = lab14_command(c, port);
    server = server_start_with(c, &start, port);
    lab14_expect_service(c, server);
    stop(c, server);
}
