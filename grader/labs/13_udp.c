/**
 * @file 13_udp.c
 * Lab 13, messages without a connection: udp_server and udp_client. Here are the table of its checks and those that
 * every lab has; what the
 * server does is judged in 13_server.c, what the client does in 13_client.c and 13_loss.c, what both keep in 13_leak.c.
 */
#include "labs/13_udp.h"

#include "labs/labs.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

/* --- both programs ------------------------------------------------------------------------------------------------ */

static void run_echoes(struct check *c)
{
    lab13_serve_echoes(c);
    check_scene(c);
    lab13_ask_echoes(c);
}

static void run_boundaries(struct check *c)
{
    lab13_serve_boundaries(c);
    check_scene(c);
    lab13_ask_boundaries(c);
}

static void run_largest(struct check *c)
{
    lab13_serve_largest(c);
    check_scene(c);
    lab13_ask_largest(c);
}

/** What else it does with it is told elsewhere. */
static void expect_port_taken(struct check *c, const char *port)
{
    struct program *server = program_start(c, &(struct start){.name = "udp_server", .argument = {port}});
    server->awaited = true;
    check_rest(c);
    if (!server->ended || program_await_end(server) != 2) {
        program_kill(server);
        return;
    }
    struct failure failure = {.verdict = VERDICT_EXITED, .expected = _("it waits for datagrams"),
                              .actual = check_text(c, _("status %d"), 2)};
    check_fail(c, &failure, _("`udp_server %s` is right, but it ended with status %d, as if it were wrong usage."), port, 2);
}

static void run_usage(struct check *c)
{
    static const struct usage_case server[] = {
        {{NULL}},           {{"4000", "extra", NULL}}, {{"", NULL}},      {{"0", NULL}},
        {{"65536", NULL}},  {{"70000", NULL}},         {{"80abc", NULL}}, {{"-1", NULL}},
        {{"+4000", NULL}},  {{" 4000", NULL}},         {{"0x50", NULL}},  {{"99999999999999999999", NULL}},
    };
    static const struct usage_case client[] = {
        {{NULL}},
        {{"127.0.0.1", NULL}},
        {{"127.0.0.1", "4000", "extra", NULL}},
        {{"127.0.0.1", "", NULL}},
        {{"127.0.0.1", "0", NULL}},
        {{"127.0.0.1", "65536", NULL}},
        {{"127.0.0.1", "70000", NULL}},
        {{"127.0.0.1", "99999999999999999999", NULL}},
    };
    common_usage(c, "udp_server", server, sizeof(server) / sizeof(server[0]));
    common_usage(c, "udp_client", client, sizeof(client) / sizeof(client[0]));
    check_scene(c);
    expect_port_taken(c, check_text(c, "00%u", check_port(c))); /* leading zeros are allowed */
    expect_port_taken(c, "65535");
}

/* --- reports-failure -------------------------------------------------------------------------------------------------- */

/** Whatever the client sends comes back. */
static void answer_all(struct check *c, struct program *client, unsigned port)
{
    (void)port;
    struct mailbox *server = c->mailbox[c->mailboxes - 1];
    program_send(client, "hello\n", strlen("hello\n"));
    program_end_input(client);
    for (const struct datagram *d; (d = mail_next(c, server));)
        mail_echo(c, server, d);
}

/** A line that cannot be sent is not answered; whether that is told as `no answer` or as the call's failure is free. */
static void judge_send_fails(struct check *c)
{
    struct fault *fault = check_fault(c, (struct fault){.actor = -1, .group = CALL_WRITE, .fd_kinds = 1 << FD_DATAGRAM,
                                                        .what = FAULT_ERRNO, .value = ENETUNREACH});
    struct talk t = lab13_talk(c);
    struct program *client = t.client;
    lab13_type(&t, "hello", strlen("hello"));
    program_end_input(client);
    client->awaited = true;
    int status = program_await_end(client);
    struct failure failure = {.verdict = VERDICT_EXITED, .expected = check_text(c, _("status %d"), 1),
                              .actual = check_text(c, _("status %d"), status),
                              .event = {mail_last_call(c, client, CALL_WRITE)}};
    if (status != 1)
        check_fail(c, &failure, _("No datagram could be sent (ENETUNREACH), and %s ends with status %d."), client->name, status);
    const char *said = buf_text(&client->output);
    failure = (struct failure){.verdict = VERDICT_MISMATCH, .event = {mail_last_call(c, client, CALL_WRITE)},
                               .expected = _("`no answer`, or a line on standard error with the reason"), .actual = _("neither")};
    if (!strstr(said, "no answer") && !program_says(client, strerrordesc_np(ENETUNREACH)))
        check_fail(c, &failure, _("No datagram could be sent (ENETUNREACH), and %s does not say so."), client->name);
    check_unfault(c, fault);
}

static void run_reports_failure(struct check *c)
{
    static const struct failure_case serving[] = {
        {.group = CALL_SOCKET, .fd_kinds = TCP_FD | 1 << FD_DATAGRAM, .error = EMFILE},
        {.group = CALL_BIND, .fd_kinds = TCP_FD | 1 << FD_DATAGRAM, .error = EACCES},
    };
    static const struct failure_case asking[] = {{.group = CALL_SOCKET, .fd_kinds = TCP_FD | 1 << FD_DATAGRAM, .error = EMFILE}};
    static const struct failure_case answered[] = {{.group = CALL_WRITE, .fd_kinds = 1 << FD_STDOUT, .error = ENOSPC}};
    unsigned port = check_port(c);
    struct start client = {.name = "udp_client", .argument = {"127.0.0.1", check_text(c, "%u", port)}, .trace = MAIL_TRACE,
                           .input = INPUT_PIPE};
    common_reports_failure(c, &(struct start){.name = "udp_server"}, true, serving, 2, NULL);
    mail_open(c, _("server"), &(struct mailbox_options){.port = port, .serves = true});
    common_reports_failure(c, &client, false, asking, 1, answer_all);
    common_reports_failure(c, &client, false, answered, 1, answer_all);
    check_scene(c);
    judge_send_fails(c);
}

/* --- in-use, order ------------------------------------------------------------------------------------------------------ */

static void run_in_use(struct check *c)
{
    unsigned port = check_port(c);
    mail_open(c, _("another server"), &(struct mailbox_options){.address = "0.0.0.0", .port = port, .serves = true});
    struct program *p = program_start(c, &(struct start){.name = "udp_server", .argument = {check_text(c, "%u", port)}});
    common_expect_taken(c, p, port);
}

static bool is_wildcard(const struct event *bind)
{
    if (bind->addr.ss_family == AF_INET)
        return ((const struct sockaddr_in *)&bind->addr)->sin_addr.s_addr == htonl(INADDR_ANY);
    return bind->addr.ss_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&((const struct sockaddr_in6 *)&bind->addr)->sin6_addr);
}

/** The bind of this socket; NULL if it was never bound. */
static const struct event *find_bind(const struct check *c, const struct program *p, int sock)
{
    for (const struct event *e = NULL; (e = judge_call(c->timeline, e, p->actor, CALL_BIND));)
        if (e->sock == sock && e->done && e->result == 0)
            return e;
    return NULL;
}

static void judge_server_order(struct check *c, const struct program *p)
{
    const struct event *take = mail_last_call(c, p, CALL_READ);
    const struct event *bind = take ? find_bind(c, p, take->sock) : NULL;
    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {bind ? bind : take}};
    if (take && !bind)
        check_fail(c, &failure, _("%s receives from a socket that it has never bound."), p->name);
    if (bind && !is_wildcard(bind))
        check_fail(c, &failure, _("The server must be bound to the wildcard address, so that datagrams reach it on every "
                                  "address of the machine."));
}

static void judge_client_order(struct check *c, const struct program *p)
{
    for (const struct event *e = NULL; (e = judge_call(c->timeline, e, p->actor, CALL_BIND));) {
        in_port_t port = 0; /* the place is the same in both families (ip(7), ipv6(7)) */
        if (e->addr.ss_family == AF_INET || e->addr.ss_family == AF_INET6)
            port = ((const struct sockaddr_in *)&e->addr)->sin_port;
        struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {e}};
        if (e->fd_kind == FD_DATAGRAM && port != 0)
            check_fail(c, &failure, _("%s binds its own side to port %u. A second client on this machine would find that port "
                                      "taken."), p->name, ntohs(port));
    }
}

/** Whether the bytes are right is told elsewhere: here only who calls what on which socket. */
static void run_order(struct check *c)
{
    unsigned port;
    struct program *server = lab13_serve(c, &port);
    struct mailbox *m = mail_open(c, NULL, &(struct mailbox_options){.port = 0});
    mail_send(c, m, port, "hello", strlen("hello"));
    check_settle(c);
    judge_server_order(c, server);
    check_scene(c);
    struct talk t = lab13_talk(c);
    lab13_type(&t, "hello", strlen("hello"));
    const struct datagram *d = mail_next(c, t.server);
    if (d)
        mail_echo(c, t.server, d);
    judge_client_order(c, t.client);
}

/* --- reference -------------------------------------------------------------------------------------------------------------- */

static void run_reference(struct check *c)
{
    for (int turn = 0; turn < 2; turn++) {
        unsigned port = check_port(c);
        char *number = check_text(c, "%u", port);
        mail_serve(c, &(struct start){.name = "udp_server", .argument = {number}, .reference = turn == 1}, port);
        struct program *client = program_start(c, &(struct start){.name = "udp_client", .argument = {"127.0.0.1", number},
                                                                  .reference = turn == 0, .trace = MAIL_TRACE,
                                                                  .input = INPUT_PIPE});
        program_send(client, "hello\n\nlast", strlen("hello\n\nlast"));
        program_end_input(client);
        program_expect_line(client, "hello");
        program_expect_line(client, "%s", "");
        program_expect_line(client, "last");
        program_expect_exit(client, 0);
        check_scene(c);
    }
}

/* --- the table --------------------------------------------------------------------------------------------------------------- */

#define HANDOUT(id) "13-udp#lab13-" id

static const struct check_spec checks[] = {
    {"builds", 3, N_("Both programs compile and link"),
     N_("Begin with the compiler's first message; those behind it are often its consequences."),
     N_("A program that does not build cannot be run, so nothing else could be graded."),
     HANDOUT("builds"), NULL, NEEDS_PLAIN},
    {"warnings", 2, N_("No warning under -Wall -Wextra"),
     N_("Where a signed count meets an unsigned size, ask what becomes of -1."),
     N_("A warning is the compiler's way of saying that the code may not mean what you think."),
     HANDOUT("warnings"), NULL, NEEDS_PLAIN},
    {"usage", 3, N_("Wrong arguments: a usage line, status 2"),
     N_("Count the arguments, then look at every character of the port and at its range."),
     N_("A program that guesses what its user meant guesses wrong one day."),
     HANDOUT("usage"), run_usage, NEEDS_PLAIN},
    {"reports-failure", 3, N_("A failed call is named, status 1"),
     N_("Look at the result of every call that is made before the first datagram, and of what prints the answers."),
     N_("What failed and why is known at one place only: where the call was made."),
     HANDOUT("reports-failure"), run_reports_failure, NEEDS_PLAIN},
    {"echoes", 9, N_("A datagram comes back as it was"),
     N_("Follow the number of bytes from the call that receives to the one that sends, and to the one that prints."),
     N_("An answer that is not whole, not the same or not to the one who asked is none."),
     HANDOUT("echoes"), run_echoes, NEEDS_PLAIN},
    {"boundaries", 9, N_("Each datagram stays one, an empty one too"),
     N_("What does your program do when a call returns 0 here, and how many datagrams does one call take?"),
     N_("A datagram is a message with edges: nothing may be joined, cut, or taken for the end."),
     HANDOUT("boundaries"), run_boundaries, NEEDS_PLAIN},
    {"largest", 8, N_("65,507 bytes, not one less"),
     N_("Look at the sizes of your buffers, and at what the kernel does with what has no room in them."),
     N_("What does not fit into the receiver's buffer is thrown away without a word."),
     HANDOUT("largest"), run_largest, NEEDS_PLAIN},
    {"many", 8, N_("100 clients, each gets its own answers"),
     N_("Where is the sender's address kept between receiving and sending, and what is its length before each call?"),
     N_("One socket serves all: who asked is known from each datagram's sender and from nothing else."),
     HANDOUT("many"), lab13_run_many, NEEDS_PLAIN},
    {"endures", 2, N_("A failed call costs one datagram at most"),
     N_("What does the server do when the call that receives, or the one that sends, returns -1?"),
     N_("A server that ends because of one client's datagram is a server for nobody."),
     HANDOUT("endures"), lab13_run_endures, NEEDS_PLAIN},
    {"resends", 9, N_("A lost answer is asked for again"),
     N_("What happens in your client when the second is over: once, and once more?"),
     N_("Nobody but the one who asked can notice that something was lost."),
     HANDOUT("resends"), lab13_run_resends, NEEDS_PLAIN},
    {"gives-up", 9, N_("Three times, a second each, then the next line"),
     N_("Count the datagrams of a line and the waits behind them; look up the unit of the time that your call takes."),
     N_("A client that waits too briefly floods a slow server, and one that never gives up helps nobody."),
     HANDOUT("gives-up"), lab13_run_gives_up, NEEDS_PLAIN},
    {"stranger", 8, N_("A stranger's datagram is no answer"),
     N_("Who may send to your socket? Compare the whole address, or let the kernel do it."),
     N_("Anybody can send to a UDP port; who believes all of it believes the wrong ones, too."),
     HANDOUT("stranger"), lab13_run_stranger, NEEDS_PLAIN},
    {"late", 7, N_("A late answer is not taken for this line's"),
     N_("Ask of each datagram that comes: which question does it answer?"),
     N_("What was given up may still arrive, and it arrives while you wait for something else."),
     HANDOUT("late"), lab13_run_late, NEEDS_PLAIN},
    {"altered", 4, N_("Only what equals the line is its answer"),
     N_("Which bytes are compared, and what do the two lengths have to do with it?"),
     N_("The first bytes of an answer say nothing about the rest of it."),
     HANDOUT("altered"), lab13_run_altered, NEEDS_PLAIN},
    {"refused", 5, N_("Nobody listens: unanswered, no more"),
     N_("Which calls report ECONNREFUSED on a connected UDP socket, and what does your program make of it?"),
     N_("That nobody listens now says nothing about the next second."),
     HANDOUT("refused"), lab13_run_refused, NEEDS_PLAIN},
    {"by-name", 3, N_("Names of hosts and services, and IPv6"),
     N_("Look at the hints that getaddrinfo gets, and for places where a family or an address's size is fixed."),
     N_("A client is asked for names; and a service's name can belong to UDP alone."),
     HANDOUT("by-name"), lab13_run_by_name, NEEDS_PLAIN},
    {"memory", 3, N_("Clean under AddressSanitizer and UBSan"),
     N_("The report's first line says what happened, the lines below where."),
     N_("A datagram brings as many bytes as its sender likes, not as many as you expect."),
     HANDOUT("memory"), lab13_run_memory, NEEDS_ASAN},
    {"descriptors", 2, N_("No descriptor leaks, none is closed twice"),
     N_("Which sockets does your client make, for a line or for a sending, and who closes each of them?"),
     N_("A program that loses one descriptor with each question stops after a thousand of them."),
     HANDOUT("descriptors"), lab13_run_descriptors, NEEDS_PLAIN},
    {"order", 1, N_("The right calls on the right sockets"),
     N_("Compare your calls with the picture in the handout: which socket, which address, which order."),
     N_("A server is found by its address; a client's is the kernel's to choose."),
     HANDOUT("order"), run_order, NEEDS_PLAIN},
    {"reference", 1, N_("Reference programs feel at home"),
     N_("If other checks fail too, mend those first; else compare what is sent byte by byte."),
     N_("Programs of different authors must be able to talk to each other."),
     HANDOUT("reference"), run_reference, NEEDS_PLAIN},
    {"in-use", 1, N_("The port is taken"),
     N_("Look at the result of bind."),
     N_("Whoever starts the server must learn that somebody else has its port."),
     HANDOUT("in-use"), run_in_use, NEEDS_PLAIN},
};

static const char *const hand_in[] = {"udp_server.c", "udp_client.c", NULL};
static const char *const reference[] = {"udp_server", "udp_client", NULL};
static const struct build_program programs[] = {
    {.name = "udp_server", .source = {"udp_server.c", NULL}},
    {.name = "udp_client", .source = {"udp_client.c", NULL}},
};

const struct lab lab_13_udp = {
    .id = "13-udp",
    .number = 13,
    .title = N_("Messages without a connection"),
    .build = {.hand_in = hand_in, .program = programs, .programs = sizeof(programs) / sizeof(programs[0])},
    .check = checks,
    .checks = sizeof(checks) / sizeof(checks[0]),
    .reference = reference,
};
