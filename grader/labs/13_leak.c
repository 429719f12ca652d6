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
    struct talk t = lab13_talk(c);
    static const size_t sizes[] = {5, 0, DATAGRAM_MAX, 2 * DATAGRAM_MAX, 3};
    t.client->awaited = true;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        lab13_type(&t, bytes, sizes[i]);
    program_end_input(t.client);
    const struct datagram *d;
    while ((d = mail_next(c, t.server))) {
        mail_answer(c, t.server, d, bytes, DATAGRAM_MAX); /* no room may be too small for it, even if it is wrong */
        mail_echo(c, t.server, d);
    }
    if (t.client->ended)
        common_judge_clean_end(c, t.client);
    else
        common_expect_clean(c, t.client);
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

/** Whether the answers are right, and come at all, is told elsewhere. */
static void count_of_server(struct check *c)
{
    struct mailbox *sender[SENDERS];
    unsigned port;
    int before = 0, i = 1;
    struct program *server = lab13_serve(c, &port);
    for (size_t k = 0; k < SENDERS; k++)
        sender[k] = mail_open(c, NULL, &(struct mailbox_options){.port = 0});
    for (; i <= CONVERSATIONS; i++) {
        mail_send(c, sender[i % SENDERS], port, "hello", strlen("hello"));
        if (!mail_next(c, sender[i % SENDERS]))
            break;
        if (i == FIRST || i == CONVERSATIONS)
            check_settle(c);
        if (i == FIRST)
            before = program_descriptors(server);
    }
    if (i > FIRST)
        common_judge_descriptors(c, server, before, program_descriptors(server), FIRST, i - 1);
    program_kill(server);
}

/** Some answers are lost; a client that does not ask again is not asked further. */
static void count_of_client(struct check *c)
{
    int before = 0, i = 1;
    struct talk t = lab13_talk(c);
    t.client->awaited = true;
    for (; i <= CONVERSATIONS; i++) {
        char *line = check_text(c, "line %d", i);
        lab13_type(&t, line, strlen(line));
        if (i % LOST_EVERY == 0 && !mail_next(c, t.server))
            break;
        const struct datagram *d = mail_next(c, t.server);
        if (!d)
            break;
        mail_echo(c, t.server, d);
        if (i == FIRST || i == CONVERSATIONS)
            check_settle(c);
        if (i == FIRST)
            before = program_descriptors(t.client);
    }
    if (i > FIRST && !t.client->ended)
        common_judge_descriptors(c, t.client, before, program_descriptors(t.client), FIRST, i - 1);
    program_kill(t.client);
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
    program_send(client, "hello", strlen("hello"));
    program_end_input(client);
    const struct datagram *d = mail_next(c, server);
    if (d)
        mail_echo(c, server, d);
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
