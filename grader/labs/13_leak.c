/**
 * @file 13_leak.c
 * Lab 13: what the two programs do to memory, and which descriptors they keep.
 */
#include "labs/13_udp.h"

#include <string.h>

/* --- memory --------------------------------------------------------------------------------------------------------------- */

/** Only the sanitizers are asked: that the programs do their work is seen elsewhere. */
static void serve_under_sanitizer(struct check *c, char *bytes)
{
    unsigned port;
    struct program *server = lab13_serve(c, &port);
    struct mailbox *m = mail_open(c, NULL, &(struct mailbox_options){.port = 0});
    static const size_t sizes[] = {5, 0, 1473, DATAGRAM_MAX, 5};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        mail_send(c, m, port, bytes, sizes[i]);
        mail_next(c, m);
    }
    common_expect_clean(c, server);
}

static void ask_under_sanitizer(struct check *c, char *bytes)
{
    struct mailbox *server;
    struct program *client = lab13_ask_new(c, &server);
    static const size_t sizes[] = {5, 0, DATAGRAM_MAX, 2 * DATAGRAM_MAX, 3};
    client->awaited = true;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        program_send(client, bytes, sizes[i]);
        program_send(client, "\n", 1);
    }
    program_end_input(client);
    const struct datagram *d;
    while ((d = mail_next(c, server))) {
        mail_answer(c, server, d, bytes, DATAGRAM_MAX); /* no room may be too small for it, even if it is wrong */
        mail_echo(c, server, d);
    }
    if (client->ended)
        common_judge_clean_end(c, client);
    else
        common_expect_clean(c, client);
}

void lab13_run_memory(struct check *c)
{
    char *bytes = xmalloc(2 * DATAGRAM_MAX);
    memset(bytes, 'm', 2 * DATAGRAM_MAX);
    serve_under_sanitizer(c, bytes);
    check_scene(c);
    ask_under_sanitizer(c, bytes);
}

/* --- descriptors ------------------------------------------------------------------------------------------------------------ */

enum { FIRST = 10, CONVERSATIONS = 200, LOST_EVERY = 20, SENDERS = 20 };

static void count_of_server(struct check *c)
{
    struct mailbox *sender[SENDERS];
    unsigned port;
    int before = 0;
    struct program *server = lab13_serve(c, &port);
    for (size_t i = 0; i < SENDERS; i++)
        sender[i] = mail_open(c, NULL, &(struct mailbox_options){.port = 0});
    for (int i = 1; i <= CONVERSATIONS; i++) {
        struct mailbox *m = sender[i % SENDERS];
        mail_send(c, m, port, "hello", strlen("hello"));
        mail_expect(c, m, "hello", strlen("hello"), _("its datagram to come back"));
        if (i % 100 == FIRST % 100 || i == CONVERSATIONS)
            check_settle(c);
        if (i == FIRST)
            before = program_descriptors(server);
    }
    common_judge_descriptors(c, server, before, program_descriptors(server), FIRST, CONVERSATIONS);
}

static void count_of_client(struct check *c)
{
    struct mailbox *server;
    int before = 0;
    struct program *client = lab13_ask_new(c, &server);
    for (int i = 1; i <= CONVERSATIONS; i++) {
        char *line = check_text(c, "line %d", i);
        program_send(client, line, strlen(line));
        program_send(client, "\n", 1);
        if (i % LOST_EVERY == 0)
            mail_expect(c, server, line, strlen(line), _("this line as a datagram"));
        mail_echo(c, server, mail_expect(c, server, line, strlen(line), _("this line as a datagram")));
        program_expect_line(client, "%s", line);
        if (i == FIRST || i == CONVERSATIONS)
            check_settle(c);
        if (i == FIRST)
            before = program_descriptors(client);
        server->came = server->taken = 0; /* these 200 need not be kept */
    }
    common_judge_descriptors(c, client, before, program_descriptors(client), FIRST, CONVERSATIONS);
}

/** A client that has done its work gives its sockets back. */
static void count_at_end(struct check *c)
{
    unsigned port = check_port(c);
    struct mailbox *server = mail_open(c, _("server"), &(struct mailbox_options){.port = port, .serves = true});
    struct fault *keep = check_fault(c, (struct fault){.actor = -1, .group = CALL_EXIT, .what = FAULT_HOLD});
    struct program *client = program_start(c, &(struct start){.name = "udp_client", .input = INPUT_PIPE,
                                                              .argument = {"127.0.0.1", check_text(c, "%u", port)},
                                                              .trace = MAIL_TRACE | CALL_EXIT});
    client->awaited = true;
    lab13_exchange(client, server, "hello", strlen("hello"));
    program_end_input(client);
    if (check_await_held(c, keep))
        common_judge_closed(c, client, true);
    check_unfault(c, keep);
}

void lab13_run_descriptors(struct check *c)
{
    count_of_server(c);
    check_scene(c);
    count_of_client(c);
    check_scene(c);
    count_at_end(c);
}
