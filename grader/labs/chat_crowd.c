/**
 * @file chat_crowd.c
 * Many people at once, who all talk; and two who talk at the same time, with the server kept in the middle of a line.
 */
#include "labs/chat.h"

#include <string.h>

void chat_run_crowd(struct check *c, unsigned people, unsigned speakers, unsigned lines)
{
    people = crowd_size(c, people);
    /* Ten thousand lines and more: their calls are not looked at. */
    struct room room = chat_open(c, TRACE_CONTROL & ~(uint32_t)CALL_WATCH, 0);
    struct crowd *crowd = crowd_gather(room.server, people);
    crowd_talk(crowd, speakers < people ? speakers : people, lines);
    chat_expect_alive(&room);
    chat_close(&room);
}

enum { LISTENERS = 3, CUT = 4, WRITES = 6 /* of a line of 24 bytes */ };

/** What somebody receives is these two lines, whichever comes first. */
static void expect_both(struct check *c, struct peer *listener, const char *one, const char *two)
{
    struct buf either[2] = {{0}};
    buf_printf(&either[0], "%s%s", one, two);
    buf_printf(&either[1], "%s%s", two, one);
    peer_expect_either(c, listener, buf_text(&either[0]), buf_text(&either[1]));
    buf_free(&either[0]);
    buf_free(&either[1]);
}

/**
 * Two speak at the same time. A write that takes a part of the first line is followed by a long pause, in which the second
 * line comes: a lock that is given back too early, or none, lets it in between. @p first: which write is waited for.
 */
static void speak_at_once(struct check *c, unsigned first)
{
    static const char one[] = "what the first one says\n", two[] = "WHAT THE SECOND ONE SAYS\n";
    /* Without its waiting, with which one that spins would fill the timeline. */
    struct room room = chat_open(c, TRACE_ALL & ~(uint32_t)CALL_WAIT, 1 + LISTENERS);
    unsigned k = check_random(c, 0, 1 + LISTENERS);
    struct peer *speaker[2] = {room.person[k], room.person[(k + 1) % (1 + LISTENERS)]};
    struct fault *hold = check_fault(c, (struct fault){.actor = -1, .group = CALL_WRITE, .fd_kinds = 1 << FD_ACCEPTED,
                                                       .first = first, .count = 1, .what = FAULT_HOLD});
    struct fault *cut = check_fault(c, (struct fault){.actor = -1, .group = CALL_WRITE, .fd_kinds = 1 << FD_ACCEPTED,
                                                      .what = FAULT_SHORT, .value = CUT});
    peer_send(speaker[0], one, sizeof(one) - 1);
    check_await_held(c, hold);
    peer_send(speaker[1], two, sizeof(two) - 1);
    check_rest(c);
    check_unfault(c, cut);
    check_unfault(c, hold);
    peer_expect(c, speaker[0], two, sizeof(two) - 1);
    peer_expect(c, speaker[1], one, sizeof(one) - 1);
    for (size_t i = 0; i < room.people; i++)
        if (room.person[i] != speaker[0] && room.person[i] != speaker[1])
            expect_both(c, room.person[i], one, two);
    chat_expect_silence(&room);
    chat_close(&room);
}

void chat_run_ordered(struct check *c)
{
    enum { PEOPLE = 50, LINES = 20 };
    /* In the middle of the line to each of three people: one of them is the second speaker, who hears no other line. */
    for (unsigned listener = 0; listener < LISTENERS; listener++)
        speak_at_once(c, listener * WRITES + 2);
    chat_run_crowd(c, PEOPLE, PEOPLE, LINES);
}
