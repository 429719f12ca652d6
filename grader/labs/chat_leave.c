/**
 * @file chat_leave.c
 * People leave a room, in good ways and bad ones, and at bad moments. Those who stay must not notice.
 */
#include "labs/chat.h"

#include <errno.h>
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

const char *chat_vanish_before_line(struct room *room, struct peer *const gone[2], struct peer *speaker)
{
    static const char line[] = "two of you will not hear this\n";
    check_rest(room->check);
    struct fault *hold = check_hold_write(room->check, -1);
    peer_send(speaker, line, sizeof(line) - 1);
    check_await_held(room->check, hold);
    for (int i = 0; i < 2; i++) {
        chat_forget(room, gone[i]);
        peer_vanish(gone[i]);
        peer_await_gone(room->check, gone[i]);
    }
    check_unfault(room->check, hold);
    check_rest(room->check);
    return line;
}

/** Is gone again before he is let in, as accept(2) says, once: nothing has happened to those who come then. */
static void abort_at_door(struct room *room)
{
    struct check *c = room->check;
    struct fault *aborted = check_fault(c, (struct fault){.actor = -1, .group = CALL_ACCEPT, .fd_kinds = 1 << FD_LISTENER,
                                                          .count = 1, .what = FAULT_ERRNO, .value = ECONNABORTED});
    struct peer *next = chat_enter(room); /* a server that waits in accept has made its call already */
    struct peer *another = chat_enter(room);
    check_unfault(c, aborted);
    chat_say(room, next, "somebody was there before me\n");
    chat_say(room, another, "and before me\n");
}

/** Who came while somebody else was leaving may have come too late for @p line, but not for @p next. */
static void expect_from_then_on(struct room *room, struct peer *newcomer, const char *line, const char *next)
{
    struct buf both = {0};
    buf_printf(&both, "%s%s", line, next);
    peer_expect_either(room->check, newcomer, buf_text(&both), next);
    buf_free(&both);
}

/**
 * The server is kept in the middle of a line to somebody, who leaves; others come, one of whom gets the same descriptor if
 * the server closes it too early. The rest of the line is not for him.
 */
static void come_in_the_middle(struct room *room, struct peer *speaker, struct peer *listener)
{
    enum { CUT = 3, NEWCOMERS = 2 /* the first gets a number that accept(2) had set aside before it slept */ };
    static const char line[] = "for whoever is here\n", welcome[] = "welcome\n";
    struct check *c = room->check;
    struct peer *newcomer[NEWCOMERS];
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
        newcomer[i] = client_dial(c, room->server->port);
        check_rest(c);
    }
    check_unfault(c, cut);
    check_unfault(c, hold);
    check_rest(c);
    chat_say(room, speaker, welcome);
    for (int i = 0; i < NEWCOMERS; i++) {
        expect_from_then_on(room, newcomer[i], line, welcome);
        room->person[room->people++] = newcomer[i];
    }
    chat_expect_silence(room);
}

static const struct event *last_close(const struct room *room)
{
    const struct event *last = NULL;
    for (const struct event *e = NULL; (e = judge_call(room->check->timeline, e, room->server->actor, CALL_CLOSE));)
        last = e;
    return last;
}

/** Who is in the list with a descriptor that was closed gets what is for him, and what is for the one who has it now. */
static void expect_not_twice(struct room *room, const struct peer *newcomer, const char *line, const struct event *closed)
{
    struct check *c = room->check;
    size_t size = strlen(line);
    const struct buf *in = &newcomer->in;
    if (in->length < 2 * size || memcmp(in->data, line, size) != 0 || memcmp(in->data + size, line, size) != 0)
        return;
    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {closed}, .expected = _("one line"),
                              .actual = _("the same line twice")};
    check_fail(c, &failure, _("Somebody has left, and %s has come. Between the two the server closed a connection while it was "
                              "still in the list of those who are here, and the next client got the same descriptor: it "
                              "receives the lines of two."),
               newcomer->name);
}

/**
 * The server is kept where it has just closed the connection of somebody who left; others come, one of whom gets the same
 * descriptor. Whoever is still in the list with it shows: what is said goes there twice.
 */
static void come_in_his_place(struct room *room, struct peer *speaker, struct peer *leaving)
{
    enum { NEWCOMERS = 2 /* see above */ };
    static const char line[] = "who has come for him?\n", welcome[] = "welcome\n";
    struct check *c = room->check;
    struct peer *newcomer[NEWCOMERS];
    struct fault *hold = check_fault(c, (struct fault){.actor = -1, .group = CALL_CLOSE, .fd_kinds = 1 << FD_ACCEPTED,
                                                       .count = 1, .what = FAULT_HOLD_AFTER});
    chat_forget(room, leaving);
    peer_close(leaving);
    check_await_held(c, hold);
    const struct event *closed = last_close(room);
    for (int i = 0; i < NEWCOMERS; i++) {
        newcomer[i] = client_dial(c, room->server->port);
        check_rest(c);
    }
    peer_send(speaker, line, sizeof(line) - 1);
    check_rest(c);
    check_unfault(c, hold); /* it may have the lock: then all the others have waited for it */
    chat_expect(room, speaker, line, sizeof(line) - 1);
    check_rest(c);
    for (int i = 0; i < NEWCOMERS; i++)
        expect_not_twice(room, newcomer[i], line, closed);
    chat_say(room, speaker, welcome);
    for (int i = 0; i < NEWCOMERS; i++) {
        expect_from_then_on(room, newcomer[i], line, welcome);
        room->person[room->people++] = newcomer[i];
    }
    chat_expect_silence(room);
}

void chat_run_leaves(struct check *c)
{
    struct room room = chat_open(c, 0, 7);
    struct peer *speaker = room.person[2];
    leave_politely(&room, room.person[0]);
    chat_say(&room, speaker, "the first one has left\n");
    check_scene(c);
    leave_by_reset(&room, room.person[3]);
    chat_say(&room, speaker, "and one was cut off\n");
    check_scene(c);
    /* Who came first, of those who are here, and who came last: in whatever order a line goes round, one of them is before somebody who stays. */
    const char *line = chat_vanish_before_line(&room, (struct peer *const[]){room.person[1], room.person[6]}, speaker);
    chat_expect(&room, speaker, line, strlen(line));
    chat_expect_silence(&room);
    leave_politely(&room, room.person[5]); /* again who came last */
    chat_say(&room, speaker, "it is getting quiet\n");
    chat_expect_nothing(&room, speaker);
    abort_at_door(&room);
    chat_expect_silence(&room);
    chat_close(&room);

    room = chat_open(c, 0, 2);
    come_in_the_middle(&room, room.person[0], room.person[1]);
    chat_expect_alive(&room);
    chat_close(&room);

    room = chat_open(c, 0, 3);
    come_in_his_place(&room, room.person[0], room.person[1]);
    chat_expect_alive(&room);
}
