/**
 * @file chat_leave.c
 * People leave a room, in good ways and bad ones, and at bad moments. Those who stay must not notice.
 */
#include "labs/chat.h"

#include <string.h>

/** Says that this was all, with the beginning of a line that is never finished. */
static void leave_politely(struct room *room, struct peer *person)
{
    static const char beginning[] = "by the way, I nearly forgot";
    peer_send(person, beginning, sizeof(beginning) - 1);
    peer_half_close(person);
    chat_forget(room, person);
    peer_expect_end(room->check, person);
    peer_close(person);
    chat_expect_silence(room);
}

static void leave_by_reset(struct room *room, struct peer *person)
{
    chat_forget(room, person);
    peer_send(person, "cut off in the middle of", strlen("cut off in the middle of"));
    check_rest(room->check);
    peer_reset(person);
    peer_await_gone(room->check, person);
    chat_expect_silence(room);
}

/** Is gone when a line is about to be sent: the server meets EPIPE, and SIGPIPE if it has not provided against it. */
static void vanish_before_line(struct room *room, struct peer *person, struct peer *speaker)
{
    static const char line[] = "one of you will not hear this\n";
    check_rest(room->check);
    struct fault *hold = check_hold_write(room->check, -1);
    chat_forget(room, person);
    peer_send(speaker, line, sizeof(line) - 1);
    check_await_held(room->check, hold);
    peer_vanish(person);
    peer_await_gone(room->check, person);
    check_unfault(room->check, hold);
    chat_expect(room, speaker, line, sizeof(line) - 1);
    chat_expect_silence(room);
}

/**
 * The server is kept in the middle of a line to somebody, who leaves; others come, one of whom gets the same descriptor if
 * the server closes it too early. The rest of the line is not for him.
 */
static void come_in_the_middle(struct room *room, struct peer *speaker, struct peer *listener)
{
    enum { CUT = 3, NEWCOMERS = 2 /* the first gets a number that accept(2) had set aside before it slept */ };
    static const char line[] = "for whoever is here\n";
    struct check *c = room->check;
    struct fault *hold = check_fault(c, (struct fault){.actor = -1, .group = CALL_WRITE, .fd_kinds = 1 << FD_ACCEPTED,
                                                       .first = 2, .count = 1, .what = FAULT_HOLD});
    struct fault *cut = check_fault(c, (struct fault){.actor = -1, .group = CALL_WRITE, .fd_kinds = 1 << FD_ACCEPTED,
                                                      .what = FAULT_SHORT, .value = CUT});
    peer_send(speaker, line, sizeof(line) - 1);
    check_await_held(c, hold);
    chat_forget(room, listener);
    peer_close(listener);
    check_rest(c);
    for (int i = 0; i < NEWCOMERS; i++) {
        room->person[room->people++] = client_dial(c, room->server->port);
        check_rest(c);
    }
    check_unfault(c, cut);
    check_unfault(c, hold);
    check_rest(c);
    chat_say(room, speaker, "welcome\n");
    chat_expect_silence(room);
}

void chat_run_leaves(struct check *c)
{
    struct room room = chat_open(c, 0, 6);
    struct peer *speaker = room.person[2], *quiet = room.person[4];
    leave_politely(&room, room.person[0]);
    chat_say(&room, speaker, "the first one has left\n");
    check_scene(c);
    leave_by_reset(&room, room.person[3]);
    chat_say(&room, speaker, "and one was cut off\n");
    check_scene(c);
    vanish_before_line(&room, room.person[1], speaker);
    leave_politely(&room, room.person[5]); /* who came last */
    chat_say(&room, speaker, "it is getting quiet\n");
    chat_expect_nothing(&room, speaker);
    chat_close(&room);

    room = chat_open(c, 0, 2);
    speaker = room.person[0], quiet = room.person[1];
    come_in_the_middle(&room, speaker, quiet);
    chat_expect_alive(&room);
}
