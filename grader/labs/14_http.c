/**
 * @file 14_http.c
 * Lab 14, the capstone, a file server for HTTP/1.1: the table of its checks, and those that every lab has.
 */
#include "labs/14_http.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* --- what every lab has ------------------------------------------------------------------------------------------ */

static void run_usage(struct check *c)
{
    static const struct usage_case cases[] = {
        {{NULL}},
        {{"4000"}},
        {{"4000", LAB14_DIR, "more"}},
        {{"80abc", LAB14_DIR}},
        {{"0x50", LAB14_DIR}},
        {{"", LAB14_DIR}},
        {{"70000", LAB14_DIR}},
        {{"-1", LAB14_DIR}},
        {{"+80", LAB14_DIR}},
        {{"0", LAB14_DIR}},
    };
    site_make(c);
    common_usage(c, "http_server", cases, sizeof(cases) / sizeof(cases[0]));
    /* Leading zeros are allowed, and do not make the number octal. */
    check_scene(c);
    unsigned port = check_port(c);
    struct start start = lab14_command(c, port);
    start.argument[0] = check_text(c, "0%u", port);
    server_start_with(c, &start, port);
}

/** A DIR that is not there, for real; before a socket or after it. */
static void report_missing_dir(struct check *c)
{
    check_scene(c);
    struct start start = lab14_command(c, check_port(c));
    start.argument[1] = "nowhere";
    struct program *p = program_start(c, &start);
    p->awaited = true;
    check_rest(c);
    struct failure failure = {.verdict = VERDICT_MISMATCH, .waits = !p->ended,
                              .expected = _("status 1 and a line with \"No such file or directory\"")};
    if (!p->ended)
        check_fail(c, &failure, _("DIR does not exist, but %s goes on."), p->name);
    int status = program_await_end(p);
    failure.verdict = VERDICT_EXITED;
    failure.actual = check_text(c, _("status %d"), status);
    if (status != 1)
        check_fail(c, &failure, _("DIR does not exist; %s ended with status %d."), p->name, status);
    failure.verdict = VERDICT_MISMATCH;
    failure.actual = p->errors.length ? check_text(c, "%.100s", buf_text(&p->errors)) : _("nothing on standard error");
    if (!program_says(p, "No such file or directory"))
        check_fail(c, &failure, _("DIR does not exist (ENOENT), and the error message does not say so."));
}

static void run_reports_failure(struct check *c)
{
    static const struct failure_case cases[] = {
        {.group = CALL_SOCKET, .error = EMFILE},
        {.group = CALL_BIND, .error = EACCES},
        {.group = CALL_LISTEN, .error = EADDRINUSE},
    };
    site_make(c);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct start start = lab14_command(c, check_port(c));
        common_reports_failure(c, &start, false, &cases[i], 1, NULL);
    }
    report_missing_dir(c);
}

static void run_in_use(struct check *c)
{
    site_make(c);
    common_in_use_with(c, &(struct start){.name = "http_server", .argument = {LAB14_DIR}});
}

/** A short conversation that must come out right whatever happens to the calls. */
static void talk(struct check *c, struct program *server)
{
    static const char *const path[] = {"notes.txt", "docs/page.html", "one.txt", "style.css", "index.html"};
    for (size_t i = 0; i < sizeof(path) / sizeof(path[0]); i++) {
        const struct page *page = site_page(path[i]);
        const char *asked = check_text(c, "GET %s", page->target);
        lab14_expect_page(c, lab14_fetch(c, server, "GET", page->target, ""), asked, page);
    }
    program_expect_alive(server);
}

static void run_short_io(struct check *c)
{
    struct program *server = lab14_start(c, 0);
    common_short_io(c, 7);
    talk(c, server);
}

static void run_interrupted(struct check *c)
{
    common_interrupted(c);
    talk(c, lab14_start(c, 0));
}

static void run_order(struct check *c)
{
    struct program *server = lab14_start(c, 0);
    struct peer *client = client_dial(c, server->port);
    lab14_ask(c, client, "GET", "/notes.txt", "Connection: close\r\n");
    lab14_expect_page(c, http_await(c, client, "GET /notes.txt"), "GET /notes.txt", site_page("notes.txt"));
    peer_half_close(client);
    peer_expect_gone(c, client);
    peer_close(client);
    check_rest(c);
    common_order_server(c, server, server->port);
}

/* --- descriptors ---------------------------------------------------------------------------------------------------- */

/** What is sent, and how the client goes. Each takes another way through the program. */
static const struct {
    const char *request;
    void (*leave)(struct peer *p);
} visits[] = {
    {"GET /notes.txt HTTP/1.1\r\nHost: x\r\n\r\n", peer_close},
    {"GET /missing.html HTTP/1.1\r\nHost: x\r\n\r\n", peer_close},
    {"HEAD /book.txt HTTP/1.1\r\nHost: x\r\n\r\n", peer_close},
    {"GET /docs/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", peer_close},
    {"GET /bare/ HTTP/1.1\r\nHost: x\r\n\r\n", peer_close},
    {"GET /docs HTTP/1.1\r\nHost: x\r\n\r\n", peer_close},
    {"GET /book.txt HTTP/1.1\r\nHost: x\r\n\r\n", peer_reset},
    {"nonsense\r\n", peer_close},
    {"DELETE /notes.txt HTTP/1.1\r\nHost: x\r\n\r\n", peer_close},
    {"GET /../secret.txt HTTP/1.1\r\nHost: x\r\n\r\n", peer_close},
    {"GET /empty.txt HTTP/1.0\r\n\r\n", peer_close},
    {"GET /up HTTP/1.1\r\nHost: x\r\n\r\n", peer_reset},
};
enum { VISITS = sizeof(visits) / sizeof(visits[0]) };

/** Nothing is judged but that the server goes through with it. False when it does not answer. */
static bool visit(struct check *c, struct program *server, size_t number)
{
    const char *request = visits[number % VISITS].request;
    void (*leave)(struct peer *p) = visits[number % VISITS].leave;
    struct http_answer a;
    struct peer *client = lab14_dial_narrow(c, server);
    peer_set_deaf(client, leave == peer_reset); /* it goes in the middle of the answer */
    peer_send(client, request, strlen(request));
    http_begin(&a, strncmp(request, "HEAD", 4) == 0);
    bool answered = leave == peer_reset || http_read(c, client, &a) == WAIT_OK;
    bool whole = a.state == HTTP_DONE;
    if (leave == peer_reset)
        check_pause(c);
    leave(client);
    http_free(&a);
    if (!whole)
        check_pause(c); /* whoever ends because of it has ended then */
    return answered;
}

static int descriptors_of_all(const struct program *p)
{
    enum { PROCESSES = 256 };
    struct tracer_process process[PROCESSES];
    size_t n = program_processes(p, process, PROCESSES);
    int sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += process[i].zombie ? 0 : tracer_descriptors(process[i].pid);
    return sum;
}

static void run_descriptors(struct check *c)
{
    enum { FIRST = 2 * VISITS, TIMES = 200 + FIRST };
    check_be_patient(c);
    unsigned port = check_port(c);
    struct start start = lab14_command(c, port);
    start.trace = TRACE_CONTROL & ~(uint32_t)CALL_WATCH;
    site_make(c);
    struct program *server = server_start_with(c, &start, port);
    int before = 0;
    for (size_t i = 0; i < TIMES; i++) {
        visit(c, server, i);
        if (server->ended) /* which `vanished` tells, or whoever it was that asked for too much */
            return;
        if (i + 1 != FIRST)
            continue;
        check_settle(c);
        common_judge_closed_once(c, server); /* while the conversation is short enough to be read */
        before = descriptors_of_all(server);
    }
    check_settle(c);
    common_judge_descriptors(c, server, before, descriptors_of_all(server), FIRST, TIMES);
}

/* --- memory ------------------------------------------------------------------------------------------------------------- */

/** Long lines and many fields, cut by the client's own end where the server waits for more. */
static void send_long(struct check *c, struct program *server, const char *head, const char *unit, size_t size)
{
    struct buf text = {0};
    struct http_answer a;
    struct peer *client = client_dial(c, server->port);
    buf_puts(&text, head);
    while (text.length < size)
        buf_puts(&text, unit);
    peer_send(client, text.data, text.length);
    peer_half_close(client);
    http_begin(&a, false);
    http_read(c, client, &a);
    peer_reset(client);
    http_free(&a);
    buf_free(&text);
}

/** True if the program had a second thread meanwhile. */
static bool talk_under_sanitizer(struct check *c, struct program *server)
{
    static const char pair[] = "GET /one.txt HTTP/1.1\r\nHost: x\r\n\r\nGET /image.png HTTP/1.1\r\nHost: x\r\n\r\nGET /%";
    static const char *const odd[] = {"GET /% HTTP/1.1\r\nHost: x\r\n\r\n",   "GET /%2 HTTP/1.1\r\nHost: x\r\n\r\n", "GET  HTTP/1.1\r\nHost: x\r\n\r\n",
                                      "GET /notes.txt\r\n\r\n",               "\r\n\r\n\r\n",                        " \r\n \r\n\r\n",
                                      "GET / HTTP/1.1\r\n:\r\nHost\r\n\r\n", "GET /? HTTP/1.1\r\nHost:\r\n\r\n"};
    struct peer *idle = client_dial(c, server->port);
    peer_send(idle, pair, sizeof(pair) - 1);
    bool going = true;
    for (size_t i = 0; i < VISITS && going && !server->ended; i++)
        going = visit(c, server, i);
    bool threads = !server->ended && program_threads(server) > 1;
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]) && going && !server->ended; i++)
        send_long(c, server, odd[i], "", strlen(odd[i]));
    if (going && !server->ended) {
        const char *name = check_text(c, "GET /%05000d HTTP/1.1\r\nHost: x\r\n\r\n", 0);
        send_long(c, server, name, "", strlen(name));
        send_long(c, server, "GET /", "a%20", 70000);
        send_long(c, server, "GET / HTTP/1.1\r\nHost: ", "x", 70000);
        send_long(c, server, "GET / HTTP/1.1\r\n", "A: b\r\n", 70000);
        send_long(c, server, "", "M", 9000);
    }
    peer_close(idle);
    return threads;
}

static struct program *start_sanitized(struct check *c)
{
    unsigned port = check_port(c);
    struct start start = lab14_command(c, port);
    start.listens = true;
    return server_start_with(c, &start, port);
}

/** It has ended by itself, or of SIGPIPE, which others tell. Through its scaffold a signal is a status (sandbox.h). */
static bool has_given_up(const struct program *p)
{
    if (!p->ended || p->reported)
        return false;
    return WIFSIGNALED(p->status) ? WTERMSIG(p->status) == SIGPIPE
                                  : WEXITSTATUS(p->status) == 1 || WEXITSTATUS(p->status) == 128 + SIGPIPE;
}

static void run_memory(struct check *c)
{
    check_be_patient(c);
    site_make(c);
    struct program *server = start_sanitized(c);
    bool threads = talk_under_sanitizer(c, server);
    check_rest(c);
    if (has_given_up(server))
        return;
    common_expect_clean(c, server);
    if (!threads)
        return;
    check_scene(c);
    check_use_build(c, NEEDS_TSAN);
    server = start_sanitized(c);
    talk_under_sanitizer(c, server);
    common_expect_no_report(c, server);
}

/* --- the table ------------------------------------------------------------------------------------------------ */

#define HANDOUT(id) "14-http#lab14-" id

static const struct check_spec checks[] = {
    {"builds", 3, N_("It compiles and links"),
     N_("Begin with the compiler's first message; those behind it are often its consequences."),
     N_("A program that does not build cannot be run, so nothing else could be graded."),
     HANDOUT("builds"), NULL, NEEDS_PLAIN},
    {"warnings", 2, N_("No warning under -Wall -Wextra"),
     N_("Where a signed count meets an unsigned size, ask what becomes of -1."),
     N_("A warning is the compiler's way of saying that the code may not mean what you think."),
     HANDOUT("warnings"), NULL, NEEDS_PLAIN},
    {"usage", 2, N_("Wrong arguments: a usage line, status 2"),
     N_("Count the arguments, then look at every character of the port and at its range."),
     N_("A program that guesses what its user meant guesses wrong one day."),
     HANDOUT("usage"), run_usage, NEEDS_PLAIN},
    {"reports-failure", 3, N_("A failed call is named, status 1"),
     N_("Look at the result of every call up to listen, and of the one that opens DIR; say why before errno changes."),
     N_("What failed and why is known at one place only: where the call was made."),
     HANDOUT("reports-failure"), run_reports_failure, NEEDS_PLAIN},
    {"get", 8, N_("GET: the file, and what is said of it"),
     N_("Print the head of your answer as bytes, and compare each line with the example in the handout."),
     N_("A client knows of a file only what the head says: what it is, how long, as of when (RFC 9110 sections 6.6.1, 8.3, 8.6)."),
     HANDOUT("get"), lab14_run_get, NEEDS_PLAIN},
    {"head", 4, N_("HEAD: the same without the file"),
     N_("Ask at which point of your program a HEAD and a GET part, and whether errors pass it, too."),
     N_("A body after HEAD is taken for the next answer (RFC 9110 section 9.3.2)."),
     HANDOUT("head"), lab14_run_head, NEEDS_PLAIN},
    {"not-found", 3, N_("404 for what is not there"),
     N_("Look at what your program does when open fails, and at what a client is told about how long that answer is."),
     N_("Clients, caches and search engines act on the status, not on the text of a page (RFC 9110 section 15.5.5)."),
     HANDOUT("not-found"), lab14_run_not_found, NEEDS_PLAIN},
    {"bad-request", 5, N_("400 for what is no HTTP"),
     N_("Ask when your program first looks at what it has read, and what it demands of a request line and of Host."),
     N_("A server that guesses what was meant is understood differently by each proxy before it (RFC 9112 sections 3, 3.2)."),
     HANDOUT("bad-request"), lab14_run_bad_request, NEEDS_PLAIN},
    {"not-implemented", 3, N_("501 for other methods"),
     N_("Look at how methods are compared: the whole word, and its case."),
     N_("A client must learn that a method is not there, and not that something was done (RFC 9110 sections 9.1, 15.6.2)."),
     HANDOUT("not-implemented"), lab14_run_not_implemented, NEEDS_PLAIN},
    {"keep-alive", 6, N_("Several requests on one connection"),
     N_("Ask what is left from the request before when the next one begins: in the buffer, in flags, in counters."),
     N_("A page has dozens of parts; a connection for each would cost more time than they do (RFC 9112 section 9.3)."),
     HANDOUT("keep-alive"), lab14_run_keep_alive, NEEDS_PLAIN},
    {"close", 4, N_("Connection: close ends it"),
     N_("Look at how field names and their values are compared, and at what has to happen before close."),
     N_("A client that says close waits for the end of file (RFC 9112 section 9.6)."),
     HANDOUT("close"), lab14_run_close, NEEDS_PLAIN},
    {"http-1-0", 2, N_("HTTP/1.0 closes"),
     N_("Look at where the version of a request is read, and at what depends on it."),
     N_("A client of the older version may know the end of a body by the end of file only (RFC 9112 section 9.3)."),
     HANDOUT("http-1-0"), lab14_run_http_1_0, NEEDS_PLAIN},
    {"pipelined", 5, N_("Several requests in one segment"),
     N_("Ask what becomes of the bytes behind the empty line that ends a request."),
     N_("A client need not wait for an answer before it asks again; the answers come in the order of the questions (RFC 9112 section 9.3.2)."),
     HANDOUT("pipelined"), lab14_run_pipelined, NEEDS_PLAIN},
    {"pieces", 4, N_("A request byte by byte"),
     N_("Follow your buffer through two reads that end in the middle of \"\\r\\n\\r\\n\"."),
     N_("TCP delivers bytes; where a request ends is for your program to find out (RFC 9112 section 2.2)."),
     HANDOUT("pieces"), lab14_run_pieces, NEEDS_PLAIN},
    {"large", 5, N_("64 MiB, without 64 MiB of memory"),
     N_("Ask how much of the file your program holds at once, and what each write that sends it returned."),
     N_("Memory must not depend on what clients ask for, or a few of them take all there is."),
     HANDOUT("large"), lab14_run_large, NEEDS_PLAIN},
    {"concurrent", 5, N_("64 clients, and one that says nothing"),
     N_("Find each call that can wait for one client, and ask who else waits meanwhile."),
     N_("One slow client must cost the others nothing."),
     HANDOUT("concurrent"), lab14_run_concurrent, NEEDS_PLAIN},
    {"traversal", 8, N_("Nothing outside of DIR is served"),
     N_("Ask what the kernel makes of the name that you hand it: each \"..\", each link, and in which order you decode and look."),
     N_("The oldest hole in web servers: a client chooses the name of the file that is opened (RFC 3986 section 5.2.4, RFC 9110 section 17.3)."),
     HANDOUT("traversal"), lab14_run_traversal, NEEDS_PLAIN},
    {"escapes", 4, N_("Percent signs in names, a query behind"),
     N_("Ask what is decoded, how often, and what is cut off before; and what is not two hexadecimal digits."),
     N_("A target is not a file's name: it is text that stands for one (RFC 3986 sections 2.1, 3.4)."),
     HANDOUT("escapes"), lab14_run_escapes, NEEDS_PLAIN},
    {"limits", 4, N_("Requests that are too long are refused"),
     N_("Ask what happens when your buffer is full and the end of the head has not come."),
     N_("Without a limit a single client decides how much memory your server uses (RFC 9110 section 15.5.15, RFC 6585 section 5)."),
     HANDOUT("limits"), lab14_run_limits, NEEDS_PLAIN},
    {"vanished", 3, N_("Clients that go in the middle of a body"),
     N_("Ask what each call that sends does when there is nobody any more: its result, its errno, and a signal."),
     N_("People close pages before they are loaded; that is no event for a server."),
     HANDOUT("vanished"), lab14_run_vanished, NEEDS_PLAIN},
    {"curl", 2, N_("The real curl, two files, one connection"),
     N_("Run the same with curl --verbose: it shows both sides' heads, and why it closes a connection."),
     N_("The best proof of a protocol is somebody else's program."),
     HANDOUT("curl"), lab14_run_curl, NEEDS_PLAIN},
    {"term", 2, N_("SIGTERM ends it with status 0"),
     N_("Look at where your program waits, and how it learns there that the signal has come."),
     N_("A server is stopped and started by others, who must know whether it ended or failed."),
     HANDOUT("term"), lab14_run_term, NEEDS_PLAIN},
    {"no-descriptors", 1, N_("No descriptor is free for a while"),
     N_("Look at what happens after accept failed with EMFILE: the client is still in the queue."),
     N_("A busy machine runs out of descriptors for moments; a server must outlive them."),
     HANDOUT("no-descriptors"), lab14_run_no_descriptors, NEEDS_PLAIN},
    {"memory", 3, N_("Clean under the sanitizers"),
     N_("The report's first line says what happened, the lines below where."),
     N_("A byte beyond a buffer is where an attacker begins."),
     HANDOUT("memory"), run_memory, NEEDS_ASAN_TSAN},
    {"descriptors", 2, N_("No descriptor leaks, none is closed twice"),
     N_("Follow each way out of a request: the file must be closed there, and at last the connection, once."),
     N_("A server that leaks one descriptor for each error stands still after a thousand of them."),
     HANDOUT("descriptors"), run_descriptors, NEEDS_PLAIN},
    {"order", 1, N_("The calls in their order"),
     N_("Compare your calls with the picture in the handout: which descriptor, which order, which arguments."),
     N_("Each call prepares the next; out of order some of them still seem to work, on your machine, today."),
     HANDOUT("order"), run_order, NEEDS_PLAIN},
    {"reference", 1, N_("The same answers as the reference server's"),
     N_("If other checks fail too, mend those first; else compare the two answers."),
     N_("Two servers for one site must not be told apart by what they serve."),
     HANDOUT("reference"), lab14_run_reference, NEEDS_PLAIN},
    {"short-io", 2, N_("Each read and write moves a few bytes"),
     N_("Look at what each call returns, and at what becomes of the rest."),
     N_("The kernel may move fewer bytes than it was asked to; what is left over is yours to move."),
     HANDOUT("short-io"), run_short_io, NEEDS_PLAIN},
    {"interrupted", 2, N_("Waiting that a signal interrupts"),
     N_("Look at the call that waits: what does it return after a signal, and what do its results say then?"),
     N_("An interrupted call has neither failed nor come to an end: it has not happened."),
     HANDOUT("interrupted"), run_interrupted, NEEDS_PLAIN},
    {"in-use", 1, N_("The port is taken, or was a moment ago"),
     N_("Look at the result of bind, and at the option that is set before it."),
     N_("Whoever starts the server must learn that somebody else has its port."),
     HANDOUT("in-use"), run_in_use, NEEDS_PLAIN},
};

static const char *const hand_in[] = {"http_server.c", NULL};
static const char *const reference[] = {"http_server", NULL};
static const struct build_program programs[] = {
    {.name = "http_server", .source = {"http_server.c", NULL}, .threads = true},
};

const struct lab lab_14_http = {
    .id = "14-http",
    .number = 14,
    .title = N_("The capstone: a web server"),
    .build = {.hand_in = hand_in, .program = programs, .programs = sizeof(programs) / sizeof(programs[0]), .further = true},
    .check = checks,
    .checks = sizeof(checks) / sizeof(checks[0]),
    .reference = reference,
};
