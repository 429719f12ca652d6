/**
 * @file 11_race.c
 * Threads: how many there are, and what they do to each other's memory.
 */
#include "check/family.h"
#include "labs/11_threads.h"

#include <string.h>

/** Everybody says several lines at the same time. What becomes of them is the matter of other checks. */
static void talk_at_once(struct check *c, struct room *room)
{
    enum { TIMES = 20 };
    static const char line[] = "all of us at once\n";
    for (int i = 0; i < TIMES; i++)
        for (size_t k = 0; k < room->people; k++)
            if (room->person[k])
                peer_send(room->person[k], line, sizeof(line) - 1);
    check_rest(c);
}

static void leave_one_by_one(struct check *c, struct room *room)
{
    for (size_t k = 0; k < room->people; k++) {
        if (!room->person[k])
            continue;
        peer_close(room->person[k]);
        check_rest(c);
    }
    room->people = 0;
}

/** The room's conversation with the build that is in use. */
static struct program *hold_conversation(struct check *c)
{
    struct room room = chat_open(c, 0, 4);
    chat_talk_under_sanitizer(c, &room);
    if (!room.server->ended)
        chat_enter(&room);
    talk_at_once(c, &room);
    leave_one_by_one(c, &room);
    return room.server;
}

static struct program *entertain_guest(struct check *c)
{
    static const char line[] = "a line for each of us\n";
    struct guest g = lab11_invite(c, INPUT_PIPE);
    for (int i = 0; i < 3; i++) {
        program_send(g.client, line, sizeof(line) - 1);
        peer_send(g.server, line, sizeof(line) - 1);
        check_rest(c);
    }
    program_end_input(g.client);
    check_rest(c);
    peer_send(g.server, line, sizeof(line) - 1);
    peer_half_close(g.server);
    check_rest(c);
    return g.client;
}

/** ThreadSanitizer reports a race when it sees it; there is nothing to be asked at the end. */
static void expect_no_race(struct check *c, struct program *p)
{
    common_expect_no_report(c, p);
    program_kill(p);
    check_scene(c);
}

void lab11_run_memory(struct check *c)
{
    check_be_patient(c);
    struct program *server = hold_conversation(c);
    common_expect_clean(c, server);
    check_scene(c);
    common_expect_clean(c, entertain_guest(c));
    check_scene(c);
    check_use_build(c, NEEDS_TSAN);
    expect_no_race(c, hold_conversation(c));
    expect_no_race(c, entertain_guest(c));
}
