/**
 * @file chat.c
 * A room and its people.
 */
#include "labs/chat.h"

#include <string.h>

struct room chat_open(struct check *c, uint32_t trace, size_t people)
{
    check_be_patient(c); /* many programs, threads and people */
    unsigned port = check_port(c);
    struct start start = {.name = c->lab->build.program[0].name, .argument = {check_text(c, "%u", port)},
                          .trace = trace};
    struct room room = {.check = c, .server = server_start_with(c, &start, port)};
    while (room.people < people)
        chat_enter(&room);
    return room;
}

struct peer *chat_enter_with(struct room *room, const char *name, struct peer_dial how)
{
    if (room->people == CHAT_PEOPLE)
        BUG("a room has too many people");
    how.port = room->server->port;
    struct peer *person = client_dial_with(room->check, name, &how);
    room->person[room->people++] = person;
    /* Accepted is not yet in the server's list: that it is shows when all is at rest. */
    check_rest(room->check);
    return person;
}

struct peer *chat_enter(struct room *room)
{
    return chat_enter_with(room, NULL, (struct peer_dial){0});
}

void chat_expect(struct room *room, const struct peer *speaker, const void *bytes, size_t size)
{
    for (size_t i = 0; i < room->people; i++)
        if (room->person[i] && room->person[i] != speaker)
            peer_expect(room->check, room->person[i], bytes, size);
}

void chat_say(struct room *room, struct peer *speaker, const char *text)
{
    peer_send(speaker, text, strlen(text));
    chat_expect(room, speaker, text, strlen(text));
}

void chat_expect_nothing(struct room *room, struct peer *person)
{
    struct check *c = room->check;
    check_rest(c); /* that it does not come to rest is told where the server must sleep */
    peer_expect_none(c, person);
}

void chat_expect_silence(struct room *room)
{
    for (size_t i = 0; i < room->people; i++)
        if (room->person[i])
            chat_expect_nothing(room, room->person[i]);
}

void chat_expect_alive(struct room *room)
{
    check_rest(room->check);
    if (room->server->ended)
        program_expect_alive(room->server);
}

void chat_forget(struct room *room, const struct peer *person)
{
    for (size_t i = 0; i < room->people; i++)
        if (room->person[i] == person)
            room->person[i] = NULL;
}

void chat_close(struct room *room)
{
    program_kill(room->server);
    for (size_t i = 0; i < room->people; i++)
        if (room->person[i])
            peer_close(room->person[i]);
    room->people = 0;
    check_scene(room->check);
}
