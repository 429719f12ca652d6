/**
 * @file 11_client.c
 * chat_client: it shows and sends, each whenever there is something, and ends with the server.
 */
#include "labs/11_threads.h"

#include <string.h>

struct guest lab11_invite(struct check *c, enum input input)
{
    check_be_patient(c);
    unsigned port = check_port(c);
    struct door *door = door_new(c, NULL, &(struct door_options){.port = port});
    struct start start = {.name = "chat_client", .argument = {"127.0.0.1", check_text(c, "%u", port)}, .input = input};
    struct guest guest = {.client = program_start(c, &start)};
    guest.server = door_expect(c, door, NULL);
    return guest;
}

/** The server says this, and it is shown. */
static void show(const struct guest *g, const char *text)
{
    peer_send(g->server, text, strlen(text));
    program_expect_output(g->client, text, strlen(text));
}

/** This is typed, and the server gets it. */
static void type(struct check *c, const struct guest *g, const char *text)
{
    program_send(g->client, text, strlen(text));
    peer_expect(c, g->server, text, strlen(text));
}

/** stdin ends behind a line that has no newline; the server may get it with one or without. */
static void type_last(struct check *c, const struct guest *g)
{
    static const char last[] = "and good night";
    program_send(g->client, last, sizeof(last) - 1);
    program_end_input(g->client);
    peer_expect(c, g->server, last, sizeof(last) - 1);
    check_rest(c);
    if (g->server->in.length == 1 && memcmp(g->server->in.data, "\n", 1) == 0)
        peer_expect(c, g->server, "\n", 1);
    peer_expect_end(c, g->server);
}

void lab11_talk_with_guest(struct check *c)
{
    static const char said[] = "welcome\none\ntwo\nthree\n", typed[] = "thank you\na\n\nb\n";
    struct guest g = lab11_invite(c, INPUT_PIPE);
    peer_send(g.server, said, sizeof(said) - 1);
    type(c, &g, typed);
    peer_half_close(g.server);
    g.client->awaited = true;
    check_rest(c);
    program_expect_output(g.client, said, sizeof(said) - 1);
}

/** The whole of it, up to both goodbyes and the client's status. */
static void chat_with_guest(struct check *c)
{
    struct guest g = lab11_invite(c, INPUT_PIPE);
    show(&g, "welcome\n");
    type(c, &g, "thank you\n");
    show(&g, "one\ntwo\nthree\n");
    type(c, &g, "a\n\nb\n");
    type_last(c, &g);
    show(&g, "good night\n");
    peer_half_close(g.server);
    program_expect_exit(g.client, 0);
}

void lab11_run_both_ways(struct check *c)
{
    enum { TURNS = 4 };
    struct guest g = lab11_invite(c, INPUT_PIPE);
    check_rest(c); /* now it waits for whatever comes first */
    bool types = check_random(c, 0, 2);
    for (int turn = 0; turn < 2 * TURNS; turn++, types = turn % 4 < 2 ? !types : types) {
        if (types)
            type(c, &g, check_text(c, "typed, number %d\n", turn));
        else
            show(&g, check_text(c, "shown, number %d\n", turn));
    }
    program_kill(g.client);
    check_scene(c);
    chat_with_guest(c);
}

/** The server closes: what it said before is shown, and it is no failure. */
static void close_door(struct check *c, enum input input)
{
    static const char words[] = "we are closing\nin a minute\nnow\n";
    struct guest g = lab11_invite(c, input);
    check_rest(c);
    peer_send(g.server, words, sizeof(words) - 1);
    peer_half_close(g.server);
    g.client->awaited = true;
    program_expect_output(g.client, words, sizeof(words) - 1);
    program_expect_exit(g.client, 0);
    peer_close(g.server);
    check_scene(c);
}

void lab11_run_server_gone(struct check *c)
{
    close_door(c, INPUT_PIPE);    /* while it waits for somebody to type */
    close_door(c, INPUT_NOTHING); /* when its stdin has long ended */
    struct guest g = lab11_invite(c, INPUT_PIPE);
    check_rest(c);
    peer_reset(g.server);
    program_expect_exit(g.client, 1);
    if (g.client->errors.length == 0)
        check_fail(c, &(struct failure){.verdict = VERDICT_MISMATCH, .expected = _("a line on standard error"),
                                        .actual = _("nothing on standard error")},
                   _("The connection was reset. chat_client ended with status 1 and did not say why."));
}
