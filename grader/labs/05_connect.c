/**
 * @file 05_connect.c
 * Lab 05, the other side of the door: hello_client. Here are the table of its checks and those of them
 * that look at what the client prints and how it ends. How it connects is judged in 05_attempt.c,
 * 05_socket.c and 05_interrupt.c.
 */
#include "labs/05_connect.h"

#include "labs/labs.h"

#include <errno.h>
#include <locale.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

/* The room's /etc/services has it for TCP only, so a client that asks for UDP's services finds none. */
#define SERVICE "http-alt"
enum { SERVICE_PORT = 8080 };

/* Nobody is asked for it outside a room: a label of more than 63 bytes is no name (RFC 1035, section 2.3.4). */
#define NO_HOST "there-is-no-host-of-this-name-because-one-label-of-it-is-far-too-long.invalid"

const char hello_reply[] = "Hello World!\n";

/* --- the client and its server ----------------------------------------------------------------------- */

struct program *hello_start(struct check *c, const char *host, unsigned port)
{
    return program_start(
        c, &(struct start){.name = "hello_client", .argument = {host, check_text(c, "%u", port)}});
}

void hello_serve(struct check *c, struct program *client, struct door *d)
{
    struct peer *server = door_expect(c, d, NULL);
    peer_send(server, hello_reply, strlen(hello_reply));
    peer_half_close(server);
    program_expect_output(client, hello_reply, strlen(hello_reply));
    program_expect_exit(client, 0);
}

/** A room has an /etc of its own; without one the names are the machine's. */
static bool has_room(const struct check *c)
{
    return c->sandbox->level == SANDBOX_LEVEL_FULL;
}

/** A door at an address that this machine may not have. */
static struct door *open_door(struct check *c, const char *address, unsigned port)
{
    struct door *d = xcalloc(1, sizeof(*d));
    int error = door_open(d, c->timeline, _("server"),
                          &(struct door_options){.address = address, .port = port});
    if (error == -EADDRNOTAVAIL || error == -EAFNOSUPPORT)
        check_skip(c, _("this machine does not have the address %s"), address);
    if (error == -EADDRINUSE && !has_room(c))
        check_skip(c, _("port %u belongs to another server of this machine"), port);
    if (error < 0)
        door_refused(c, port, error);
    c->door[c->doors++] = d;
    return d;
}

void hello_expect_words(struct program *p, const char *words, const struct event *where,
                        const char *sentence)
{
    if (program_says(p, words))
        return;
    struct check *c = p->check;
    struct buf said = {0};
    buf_quote(&said, buf_text(&p->errors), p->errors.length, 160);
    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {where}};
    failure.expected = check_text(c, _("a line on standard error with \"%s\""), words);
    failure.actual = p->errors.length ? buf_text(&said) : _("nothing on standard error");
    check_fail(c, &failure, "%s", sentence);
}

/* --- names and addresses -------------------------------------------------------------------------------- */

static void run_connects(struct check *c)
{
    unsigned port = check_port(c);
    struct door *d = open_door(c, "127.0.0.1", port);
    struct program *client = hello_start(c, "127.0.0.1", port);
    struct peer *server = door_expect(c, d, NULL);
    peer_send(server, hello_reply, strlen(hello_reply));
    /* The server stays: what has come must be printed now, not at the end. */
    program_expect_output(client, hello_reply, strlen(hello_reply));
    peer_half_close(server);
    program_expect_exit(client, 0);
    if (server->received > 0)
        check_fail(
            c,
            &(struct failure){.verdict = VERDICT_MISMATCH,
                              .event = {judge_call(c->timeline, NULL, client->actor, CALL_WRITE)}},
            _("The client has nothing to say in this lab, but it sent %llu bytes."),
            (unsigned long long)server->received);
}

static void run_by_name(struct check *c)
{
    unsigned port = check_port(c);
    struct door *d = open_door(c, "127.0.0.1", port);
    hello_serve(c, hello_start(c, has_room(c) ? SANDBOX_HOST : "localhost", port), d);
}

static void run_by_service(struct check *c)
{
    const struct servent *known = has_room(c) ? NULL : getservbyname(SERVICE, "tcp");
    if (!has_room(c) && (!known || ntohs((in_port_t)known->s_port) != SERVICE_PORT))
        check_skip(c, _("this machine does not know the service %s"), SERVICE);
    struct door *d = open_door(c, "127.0.0.1", SERVICE_PORT);
    struct start start = {.name = "hello_client", .argument = {"127.0.0.1", SERVICE}};
    hello_serve(c, program_start(c, &start), d);
}

static void run_ipv6(struct check *c)
{
    unsigned port = check_port(c);
    struct door *d = open_door(c, "::1", port);
    hello_serve(c, hello_start(c, "::1", port), d);
}

/** It goes round although nothing will change; or it has ended. */
static bool has_ended_or_asks_again(struct check *c, void *argument)
{
    enum { WAITS = 20 }; /* far more than five rounds have */
    const struct program *p = argument;
    size_t waits = 0;
    for (const struct event *e = NULL; (e = attempt_wait(c, p, e, NULL));)
        waits++;
    return p->ended || waits > WAITS;
}

/** gai_strerror(3) as the client says it: its locale is C, whatever the grader's is. */
static const char *resolver_words(int error)
{
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    locale_t own = uselocale(plain);
    const char *words = gai_strerror(error);
    uselocale(own);
    freelocale(plain);
    return words;
}

/** The resolver's words for a name that nobody knows, as this client has them: which ones depends on who was asked. */
static const char *said_words(const struct program *p)
{
    static const int errors[] = {EAI_NONAME, EAI_AGAIN,      EAI_FAIL,
                                 EAI_NODATA, EAI_ADDRFAMILY, EAI_SERVICE};
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
        if (program_says(p, resolver_words(errors[i])))
            return resolver_words(errors[i]);
    return resolver_words(EAI_NONAME);
}

static void run_unknown(struct check *c)
{
    const char *host = has_room(c) ? SANDBOX_HOST_NONE : NO_HOST;
    struct program *p = hello_start(c, host, check_port(c));
    check_wait(c, has_ended_or_asks_again, p);
    const struct event *wait = attempt_wait(c, p, NULL, NULL);
    if (!p->ended && wait)
        check_fail(c, &(struct failure){.verdict = VERDICT_SPINNING, .event = {wait}},
                   _("Nobody knows the host %s, and %s asks for it again and again."), host,
                   p->name);
    program_expect_exit(p, 1);
    hello_expect_words(p, said_words(p), NULL,
                       _("Nobody knows this host, and the error message does not say so."));
    p = program_start(
        c, &(struct start){.name = "hello_client", .argument = {"127.0.0.1", "no-such-service"}});
    program_expect_exit(p, 1);
    if (p->errors.length == 0)
        check_fail(c, &(struct failure){.verdict = VERDICT_MISMATCH},
                   _("Nobody knows the service no-such-service, and %s does not say so."), p->name);
}

/* --- the reply --------------------------------------------------------------------------------------------- */

/** 1 MiB of all byte values: first small pieces, each of which the client sees alone, then as fast as it reads. */
static void run_reads_all(struct check *c)
{
    enum { SIZE = 1 << 20, PIECE = 61, PIECES = 16 };
    unsigned port = check_port(c);
    struct door *d = open_door(c, "127.0.0.1", port);
    struct start start = {.name = "hello_client",
                          .argument = {"127.0.0.1", check_text(c, "%u", port)},
                          .trace = TRACE_CONTROL};
    struct program *client = program_start(c, &start);
    program_expect_pattern(client, c->seed);
    struct peer *server = door_expect(c, d, NULL);
    unsigned char *reply = xmalloc(SIZE);
    pattern_fill(reply, SIZE, c->seed, 0);
    peer_send_pieces(server, reply, PIECES * PIECE, PIECE);
    peer_await_sent(c, server);
    peer_send(server, reply + PIECES * PIECE, SIZE - PIECES * PIECE);
    free(reply);
    peer_half_close(server);
    program_expect_all(client, SIZE);
    program_expect_exit(client, 0);
}

static const struct event *last_read(const struct check *c, const struct program *p)
{
    const struct event *last = NULL;
    for (const struct event *e = NULL; (e = judge_call(c->timeline, e, p->actor, CALL_READ));)
        last = e->fd_kind == FD_CONNECTED ? e : last;
    return last;
}

static void run_broken(struct check *c)
{
    unsigned port = check_port(c);
    struct door *d = open_door(c, "127.0.0.1", port);
    struct program *client = hello_start(c, "127.0.0.1", port);
    struct peer *server = door_expect(c, d, NULL);
    peer_send(server, hello_reply, strlen(hello_reply) / 2);
    client->awaited = true;
    check_settle(c);
    struct failure failure = {.verdict = VERDICT_EXITED,
                              .expected = check_text(c, _("status %d"), 1)};
    if (client->ended) {
        failure.event[0] = last_read(c, client);
        failure.actual = check_text(c, _("status %d"), program_await_end(client));
        check_fail(c, &failure, _("%s ended before the server had sent all of its reply."),
                   client->name);
    }
    peer_reset(server);
    int status = program_await_end(client);
    failure.event[0] = last_read(c, client);
    failure.actual = check_text(c, _("status %d"), status);
    if (status != 1)
        check_fail(c, &failure,
                   _("The server reset the connection in the middle of its reply; %s ended with "
                     "status %d."),
                   client->name, status);
    hello_expect_words(client, strerrordesc_np(ECONNRESET), failure.event[0],
                       _("The server reset the connection in the middle of its reply, and the "
                         "error message does not say so."));
}

static void run_short_io(struct check *c)
{
    unsigned port = check_port(c);
    struct door *d = open_door(c, "127.0.0.1", port);
    common_short_io(c, 3);
    hello_serve(c, hello_start(c, "127.0.0.1", port), d);
}

/* --- the checks that every lab has ---------------------------------------------------------------------------- */

static void run_usage(struct check *c)
{
    static const struct usage_case cases[] = {
        {{NULL}},
        {{"127.0.0.1", NULL}},
        {{"127.0.0.1", "8080", "extra", NULL}},
        {{"127.0.0.1", "", NULL}},
        {{"127.0.0.1", "0", NULL}},
        {{"127.0.0.1", "65536", NULL}},
        {{"127.0.0.1", "70000", NULL}},
        {{"127.0.0.1", "99999999999999999999", NULL}},
    };
    common_usage(c, "hello_client", cases, sizeof(cases) / sizeof(cases[0]));
}

static void answer_whoever_comes(struct check *c, struct program *p, unsigned port)
{
    (void)p;
    (void)port;
    struct peer *server = door_maybe(c, c->door[0], NULL);
    if (!server)
        return;
    peer_send(server, hello_reply, strlen(hello_reply));
    peer_half_close(server);
}

/** Every call of a kind fails: a single failure is rightly met by the next address or the next round. */
static void run_reports_failure(struct check *c)
{
    static const struct failure_case alone[] = {
        {.group = CALL_SOCKET, .error = EMFILE},
        {.group = CALL_CONNECT, .error = EHOSTUNREACH},
    };
    static const struct failure_case served[] = {
        {.group = CALL_READ, .error = ETIMEDOUT},
        {.group = CALL_WRITE, .fd_kinds = 1 << FD_STDOUT, .error = ENOSPC},
    };
    unsigned port = check_port(c);
    open_door(c, "127.0.0.1", port);
    struct start start = {.name = "hello_client",
                          .argument = {"127.0.0.1", check_text(c, "%u", port)}};
    common_reports_failure(c, &start, false, alone, sizeof(alone) / sizeof(alone[0]), NULL);
    common_reports_failure(c, &start, false, served, sizeof(served) / sizeof(served[0]),
                           answer_whoever_comes);
}

/** Only the sanitizers are asked: that the client does its work is seen elsewhere. */
static void run_memory(struct check *c)
{
    enum { SIZE = 256 * 1024 };
    bool full = has_room(c);
    unsigned port = check_port(c);
    struct door *d = open_door(c, full ? "127.0.0.4" : "127.0.0.1", port);
    struct program *client = hello_start(c, full ? SANDBOX_HOST_MANY : "127.0.0.1", port);
    struct peer *server = door_maybe(c, d, NULL);
    if (server) {
        peer_send_pattern(server, c->seed, SIZE);
        peer_half_close(server);
    }
    common_expect_clean(c, client);

    check_scene(c);
    port = check_port(c);
    d = open_door(c, "127.0.0.1", port);
    client = hello_start(c, "127.0.0.1", port);
    server = door_maybe(c, d, NULL);
    if (server) {
        peer_send(server, hello_reply, strlen(hello_reply));
        check_settle(c);
        peer_reset(server);
    }
    common_expect_clean(c, client);
}

static void run_reference(struct check *c)
{
    unsigned port = check_port(c);
    struct start start = {
        .name = "hello_server", .reference = true, .argument = {check_text(c, "%u", port)}};
    struct program *server = program_start(c, &start);
    program_await_listening(server, port);
    struct program *client = hello_start(c, "127.0.0.1", port);
    program_expect_output(client, hello_reply, strlen(hello_reply));
    program_expect_exit(client, 0);
    program_expect_alive(server);
}

/* --- the table --------------------------------------------------------------------------------------------------- */

static const struct check_spec checks[] = {
    {"builds", 2, N_("It compiles and links"),
     N_("Start with the compiler's first message; the others often follow from it."),
     N_("Nothing else can be judged of a program that is not there."), "05-connect#lab05-builds",
     NULL, NEEDS_PLAIN},
    {"warnings", 3, N_("No warnings"),
     N_("The kit compiles with -Wall -Wextra; `make` shows you the same warnings."),
     N_("A warning is the compiler's way of saying that the code may not mean what you think."),
     "05-connect#lab05-warnings", NULL, NEEDS_PLAIN},
    {"connects", 8, N_("Copies a reply from 127.0.0.1"),
     N_("Standard output is a pipe here, and the server stays silent after its reply: when do your "
        "bytes leave the program?"),
     N_("Whoever reads the output wants it when it comes, and wants it unchanged."),
     "05-connect#lab05-connects", run_connects, NEEDS_PLAIN},
    {"by-name", 6, N_("HOST may be a name"),
     N_("Look at the hints that getaddrinfo gets: do its flags forbid names?"),
     N_("People remember names; addresses change."), "05-connect#lab05-by-name", run_by_name,
     NEEDS_PLAIN},
    {"by-service", 4, N_("PORT may be the name of a service"),
     N_("Is the word handed to getaddrinfo as it is, and does getaddrinfo know that you want TCP?"),
     N_("Port numbers of known services have names, and one name may stand for different numbers "
        "in TCP and UDP."),
     "05-connect#lab05-by-service", run_by_service, NEEDS_PLAIN},
    {"ipv6", 6, N_("Connects to ::1"),
     N_("Look for every place where a family or the size of an address is fixed instead of taken "
        "from the list."),
     N_("Some hosts have no other address."), "05-connect#lab05-ipv6", run_ipv6, NEEDS_PLAIN},
    {"next-address", 8, N_("A later address answers"),
     N_("What happens after the first connect has failed, and what is in your variables when a "
        "later one succeeds?"),
     N_("A host is reachable as long as one of its addresses is."), "05-connect#lab05-next-address",
     attempt_run_next_address, NEEDS_PLAIN},
    {"retries", 6, N_("The server comes up after two rounds"),
     N_("Where does the pointer stand that walks along the list when the second round begins?"),
     N_("Client and server are often started together, and the client may be the faster one."),
     "05-connect#lab05-retries", attempt_run_retries, NEEDS_PLAIN},
    {"gives-up", 7, N_("Five rounds, four waits, then status 1"),
     N_("Count the rounds and the waits on paper, and look up what unit your sleeping call takes."),
     N_("A client that hammers a dead server, or never gives up, harms others and helps nobody."),
     "05-connect#lab05-gives-up", attempt_run_gives_up, NEEDS_PLAIN},
    {"fresh-socket", 5, N_("A new socket for every attempt"),
     N_("Follow one descriptor from socket on when connect fails: is it closed, and is it used "
        "again?"),
     N_("After a failed connect the state of a socket is unspecified, and on other systems it is "
        "of no use any more."),
     "05-connect#lab05-fresh-socket", socket_run_fresh, NEEDS_PLAIN},
    {"reads-all", 5, N_("A long reply of all byte values, in pieces"),
     N_("How does your loop tell the end of the reply, and do you treat bytes as text anywhere?"),
     N_("TCP is a stream of bytes: it keeps no messages, and a NUL is a byte like any other."),
     "05-connect#lab05-reads-all", run_reads_all, NEEDS_PLAIN},
    {"broken", 4, N_("A reset in the middle is a failure"),
     N_("A read can return 0 or -1: are these two told apart after the loop?"),
     N_("Half a reply that looks like a whole one is worse than none."), "05-connect#lab05-broken",
     run_broken, NEEDS_PLAIN},
    {"unknown", 4, N_("An unknown host or service"),
     N_("Look at what happens with the result of getaddrinfo, and at where the words of the "
        "message come from."),
     N_("getaddrinfo has error numbers of its own; errno's words would mislead."),
     "05-connect#lab05-unknown", run_unknown, NEEDS_PLAIN},
    {"no-bind", 2, N_("The kernel chooses the client's port"),
     N_("A client needs none of the calls that give a server its port."),
     N_("With a port of its own only one client could run on a machine at a time."),
     "05-connect#lab05-no-bind", socket_run_no_bind, NEEDS_PLAIN},
    {"usage", 4, N_("Wrong arguments"),
     N_("Check the number of arguments first, then the port, and only then open anything."),
     N_("Status 2 and a usage line tell a script and a person that the command was wrong, not the "
        "network."),
     "05-connect#lab05-usage", run_usage, NEEDS_PLAIN},
    {"reports-failure", 6, N_("A failed call is reported"),
     N_("Is the result of each call looked at, and is errno kept until it is printed?"),
     N_("The error's text is all that a user has to find out what went wrong."),
     "05-connect#lab05-reports-failure", run_reports_failure, NEEDS_PLAIN},
    {"order", 2, N_("socket, connect, read, on one socket"),
     N_("Read the calls of your program in the order in which they are made (strace shows them)."),
     N_("A socket goes through states, and each call belongs to one of them."),
     "05-connect#lab05-order", socket_run_order, NEEDS_PLAIN},
    {"memory", 4, N_("No memory error, nothing leaked"),
     N_("Build with -fsanitize=address,undefined and run it yourself; the report names the line."),
     N_("A byte written past a buffer's end, or a list used after it was given back, fails on "
        "another day."),
     "05-connect#lab05-memory", run_memory, NEEDS_ASAN},
    {"descriptors", 4, N_("Every socket is closed once"),
     N_("For each socket find the one place where it is closed, on success and after a failed "
        "attempt."),
     N_("A descriptor never closed is lost to the process; one closed twice may be somebody "
        "else's."),
     "05-connect#lab05-descriptors", socket_run_descriptors, NEEDS_PLAIN},
    {"reference", 2, N_("Works with the reference server"),
     N_("If `connects` passes, compare your output byte by byte with the server's 13."),
     N_("Programs that were not written together must understand each other."),
     "05-connect#lab05-reference", run_reference, NEEDS_PLAIN},
    {"short-io", 4, N_("Every read returns only a few bytes"),
     N_("What does your program believe when a read returns less than there was room for?"),
     N_("How a stream is cut into reads is up to the network, and changes from day to day."),
     "05-connect#lab05-short-io", run_short_io, NEEDS_PLAIN},
    {"interrupted", 4, N_("Interrupted calls"),
     N_("EINTR from read means: call again. What does it mean from connect, and what have you done "
        "with the socket?"),
     N_("A signal may come at any moment, and it says nothing about the network."),
     "05-connect#lab05-interrupted", interrupt_run, NEEDS_PLAIN},
};

static const char *const hand_in[] = {"hello_client.c", NULL};
static const char *const reference[] = {"04-accept/hello_server", NULL};
static const struct build_program programs[] = {
    {.name = "hello_client", .source = {"hello_client.c", NULL}}};

const struct lab lab_05_connect = {
    .id = "05-connect",
    .number = 5,
    .title = N_("The other side of the door"),
    .build = {.hand_in = hand_in, .program = programs, .programs = 1},
    .check = checks,
    .checks = sizeof(checks) / sizeof(checks[0]),
    .reference = reference,
};
