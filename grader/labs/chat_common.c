/**
 * @file chat_common.c
 * The checks that every lab has, with a room's conversation.
 */
#include "labs/chat.h"

#include <errno.h>
#include <string.h>

static const char *server_name(const struct check *c)
{
    return c->lab->build.program[0].name;
}

void chat_run_usage(struct check *c)
{
    static const struct usage_case cases[] = {
        {{NULL}}, {{"4000", "4001"}}, {{"80abc"}}, {{"0x50"}}, {{""}}, {{"70000"}}, {{"-1"}}, {{"+80"}}, {{"0"}},
    };
    check_be_patient(c);
    common_usage(c, server_name(c), cases, sizeof(cases) / sizeof(cases[0]));
    /* Leading zeros are allowed, and do not make the number octal. */
    check_scene(c);
    unsigned port = check_port(c);
    server_start_with(c, &(struct start){.name = server_name(c), .argument = {check_text(c, "0%u", port)}}, port);
}

/** Somebody comes, says something and leaves. Nobody minds how the connection ends. */
static void visit(struct check *c, struct program *server, unsigned port)
{
    (void)server;
    struct peer *client = client_dial(c, port);
    peer_send(client, "only looking in\n", strlen("only looking in\n"));
    peer_half_close(client);
    peer_expect_gone(c, client);
    peer_close(client);
}

/** The same by somebody who is gone when the server has read what he said. */
static void visit_and_reset(struct check *c, unsigned port)
{
    struct peer *client = client_dial(c, port);
    peer_send(client, "not even the end of a line", strlen("not even the end of a line"));
    check_rest(c);
    peer_reset(client);
    peer_await_gone(c, client);
}

void chat_run_descriptors(struct check *c)
{
    enum { CLIENTS = 200, RESET = 5 };
    check_be_patient(c);
    struct program *server = common_descriptors_server(c, NULL, visit, CLIENTS);
    int before = program_descriptors(server);
    check_scene(c);
    for (int i = 0; i < RESET && !server->ended; i++) /* that it ends is told by `leaves` */
        visit_and_reset(c, server->port);
    int after = program_descriptors(server);
    struct failure failure = {.verdict = VERDICT_LEAK, .event = {judge_unclosed(c->timeline, server->actor)},
                              .expected = check_text(c, _("%d open descriptors"), before),
                              .actual = check_text(c, _("%d open descriptors"), after)};
    if (after > before)
        check_fail(c, &failure, _("%d clients reset their connections. %s had %d descriptors open before and %d "
                                  "afterwards: when a read fails, the connection is not closed."),
                   RESET, server->name, before, after);
    common_judge_closed_once(c, server);
    program_kill(server);
    check_scene(c);
    /* Who finds somebody gone while sending to him may close, too; once is enough. */
    struct room room = chat_open(c, 0, 4);
    chat_vanish_before_line(&room, (struct peer *const[]){room.person[0], room.person[3]}, room.person[1]);
    common_judge_closed_once(c, room.server);
}

void chat_run_order(struct check *c)
{
    struct room room = chat_open(c, 0, 1);
    struct peer *person = room.person[0];
    peer_send(person, "hello\n", strlen("hello\n"));
    peer_half_close(person);
    check_rest(c);
    common_order_server(c, room.server, room.server->port);
}

/** A short conversation that must come out right whatever happens to the calls. */
static void talk(struct check *c)
{
    struct room room = chat_open(c, 0, 3);
    chat_say(&room, room.person[0], "can you hear me?\n");
    chat_say(&room, room.person[1], "every word\n");
    struct peer *late = chat_enter(&room);
    chat_say(&room, room.person[2], "there is one more\n");
    chat_say(&room, late, "good evening\n");
    chat_expect_silence(&room);
}

void chat_run_short_io(struct check *c)
{
    common_short_io(c, 3);
    talk(c);
}

void chat_run_interrupted(struct check *c)
{
    common_interrupted(c);
    talk(c);
}

void chat_run_no_descriptors(struct check *c)
{
    enum { FAILURES = 5 };
    struct room room = chat_open(c, 0, 2);
    check_fault(c, (struct fault){.actor = -1, .group = CALL_ACCEPT, .fd_kinds = 1 << FD_LISTENER, .count = FAILURES,
                                  .what = FAULT_ERRNO, .value = EMFILE});
    struct peer *third = chat_enter(&room);  /* a server that waits in accept has made its call already */
    struct peer *fourth = chat_enter(&room); /* this one waits until there are descriptors again */
    chat_say(&room, third, "it took a while\n");
    chat_say(&room, fourth, "for me, too\n");
    chat_say(&room, room.person[0], "welcome\n");
    chat_expect_alive(&room);
}

/** Everybody says two lines and the beginning of a third, one after the other. */
static void say_lines(struct room *room)
{
    static const char lines[] = "one\ntwo\nand the beginning of";
    for (size_t i = 0; i < room->people; i++) {
        peer_send(room->person[i], lines, sizeof(lines) - 1);
        check_rest(room->check);
    }
}

void chat_talk_under_sanitizer(struct check *c, struct room *room)
{
    char filler[CHAT_LINE + 1];
    memset(filler, 'x', sizeof(filler));
    struct peer *first = room->person[0], *second = room->person[1], *third = room->person[2], *fourth = room->person[3];
    say_lines(room);
    peer_send(second, filler, CHAT_LINE - strlen("and the beginning of") - 1); /* the longest line there is */
    check_rest(c);
    peer_send(second, "\n", 1);
    check_rest(c);
    peer_half_close(first);
    check_rest(c);
    peer_send(second, "again\n", strlen("again\n"));
    check_rest(c);
    peer_reset(third);
    check_rest(c);
    peer_send(fourth, filler, sizeof(filler)); /* too long */
    check_rest(c);
    peer_close(first);
    chat_forget(room, first);
    peer_close(fourth);
    chat_forget(room, fourth);
    chat_forget(room, third);
    if (!room->server->ended) /* which others tell */
        chat_enter(room);
    peer_send(second, "still there?\n", strlen("still there?\n"));
    check_rest(c);
}

/** What one types, the other shows. */
static void type_and_show(struct program *from, struct program *to, const char *line)
{
    program_send(from, line, strlen(line));
    program_expect_output(to, line, strlen(line));
}

void chat_talk_by_reference(struct check *c)
{
    check_be_patient(c);
    unsigned port = check_port(c);
    const char *number = check_text(c, "%u", port);
    server_start(c, NULL, port);
    struct program *client[2];
    for (int i = 0; i < 2; i++) {
        struct start start = {.name = "chat_client", .argument = {"127.0.0.1", number}, .reference = true,
                              .input = INPUT_PIPE,
                              .label = check_text(c, _("reference chat_client %d"), i + 1)};
        client[i] = program_start(c, &start);
        check_rest(c);
    }
    type_and_show(client[0], client[1], "hello from the first\n");
    type_and_show(client[1], client[0], "and from the second\n");
}
