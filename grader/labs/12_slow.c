/**
 * @file 12_slow.c
 * Somebody who does not read, and one who has said goodbye: what is kept for them, and for how long.
 */
#include "check/family.h"
#include "labs/12_poll.h"

#include <string.h>

enum {
    KIB = 1024,
    LIMIT = 1024 * KIB,
    LEEWAY = 64 * KIB,          /* a line, a megabyte of a million bytes, a buffer's rounding: nobody loses a point here */
    MEMORY_MAX = 16 * 1024 * KIB, /* that the server may need more for one who is owed 1 MiB */
};

static void expect_still_there(struct room *room, const struct sleeper *s)
{
    struct check *c = room->check;
    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {judge_close(c->timeline, s->sock)}};
    failure.expected = check_text(c, _("up to 1 MiB (%d bytes) is kept for somebody who does not read"), LIMIT);
    failure.actual = check_text(c, _("cut off when no more than %zu bytes were kept"), sleeper_kept(s));
    if (sleeper_is_cut_off(room, s))
        check_fail(c, &failure, _("%s is disconnected too early."), s->person->name);
}

static void expect_cut_off(struct room *room, const struct sleeper *s)
{
    struct check *c = room->check;
    check_rest(c);
    struct failure failure = {.verdict = VERDICT_MISMATCH, .waits = true};
    failure.expected = check_text(c, _("disconnected when more than 1 MiB (%d bytes) is kept for it"), LIMIT);
    failure.actual = check_text(c, _("%zu bytes are kept, and more would be"), sleeper_kept(s));
    if (!sleeper_is_cut_off(room, s))
        check_fail(c, &failure, _("%s does not read, and is not disconnected."), s->person->name);
}

static void judge_memory(struct room *room, uint64_t before)
{
    struct check *c = room->check;
    uint64_t after = program_memory(room->server);
    if (after <= before + MEMORY_MAX)
        return;
    struct failure failure = {.verdict = VERDICT_MISMATCH};
    failure.expected = check_text(c, _("not more than %d MiB"), MEMORY_MAX / KIB / KIB);
    failure.actual = check_text(c, _("%llu MiB"), (unsigned long long)(after - before) / KIB / KIB);
    check_fail(c, &failure, _("One client does not read, and is owed 1 MiB. %s needs much more memory than before."),
               room->server->name);
}

/** One who is only slow: he is behind, by less than the limit, and then reads it all. */
static void wait_for_slow_one(struct room *room, struct peer *speaker)
{
    struct sleeper s = sleeper_let_in(room);
    sleeper_fill(room, &s, speaker, LIMIT / 2);
    expect_still_there(room, &s);
    sleeper_wake(room, &s);
    sleeper_send_away(room, &s);
    check_scene(room->check);
}

/** So much may be kept for him for certain. */
static size_t allowance(const struct sleeper *s)
{
    return LIMIT - LEEWAY - (s->told ? 0 : SLEEPER_KERNEL_MAX);
}

void lab12_run_slow_reader(struct check *c)
{
    struct room room = chat_open(c, TRACE_CONTROL & ~(uint32_t)CALL_WATCH, 2);
    struct peer *speaker = room.person[0];
    uint64_t memory = program_memory(room.server);
    wait_for_slow_one(&room, speaker);
    struct sleeper s = sleeper_let_in(&room);
    sleeper_fill(&room, &s, speaker, allowance(&s));
    expect_still_there(&room, &s);
    judge_memory(&room, memory);
    sleeper_fill(&room, &s, speaker, LIMIT + LEEWAY);
    expect_cut_off(&room, &s);
    judge_memory(&room, memory);
    chat_forget(&room, s.person);
    peer_set_deaf(s.person, false);
    peer_expect_gone(c, s.person);
    chat_say(&room, speaker, "he did not listen\n");
    chat_expect_silence(&room);
}

/** He said goodbye, was owed something, and is gone before he got it: nobody reads from him any more, so who notices? */
static void leave_unpaid(struct room *room)
{
    struct check *c = room->check;
    struct sleeper s = sleeper_let_in(room);
    sleeper_fill(room, &s, room->person[0], LIMIT / 8);
    peer_half_close(s.person);
    check_rest(c);
    chat_forget(room, s.person);
    peer_reset(s.person);
    check_rest(c);
    if (c->restless || room->server->ended) /* which `idle` and `leaves` tell; the first fills the timeline */
        return;
    struct failure failure = {.verdict = VERDICT_LEAK, .waits = true, .expected = _("its connection is closed"),
                              .actual = _("it is still open")};
    if (!sleeper_is_cut_off(room, &s))
        check_fail(c, &failure, _("%s has shut its sending half down, and then reset its connection before it had got all that it "
                                  "was owed. There is nobody any more to whom that could be sent."), s.person->name);
    buf_free(&s.owed);
}

void lab12_run_half_closed(struct check *c)
{
    struct room room = chat_open(c, TRACE_CONTROL, 2);
    struct sleeper s = sleeper_let_in(&room);
    sleeper_fill(&room, &s, room.person[0], LIMIT / 4);
    expect_still_there(&room, &s);
    peer_half_close(s.person);
    check_rest(c); /* that it sleeps meanwhile is the matter of `idle` */
    chat_forget(&room, s.person);
    peer_set_deaf(s.person, false);
    peer_expect(c, s.person, s.owed.data, s.owed.length);
    peer_expect_end(c, s.person);
    chat_say(&room, room.person[1], "he has left\n");
    chat_expect_silence(&room);
    check_scene(c);
    leave_unpaid(&room);
}
