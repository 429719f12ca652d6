/**
 * @file 12_slow.c
 * Somebody who does not read. Senders are paced: what one says has reached all who listen before the next is said, so
 * that nobody but the one who does not read is ever behind.
 */
#include "check/family.h"
#include "labs/12_poll.h"

#include <string.h>

enum {
    KIB = 1024,
    LIMIT = 1024 * KIB,
    LEEWAY = 64 * KIB,          /* a line, a megabyte of a million bytes, a buffer's rounding: nobody loses a point here */
    LINES_AT_ONCE = 4,
    MEMORY_MAX = 16 * 1024 * KIB, /* that the server may need more for one who is owed 1 MiB */
};

/** Somebody who does not read for a while, and all that he is owed. */
struct sleeper {
    struct peer *person;
    struct buf owed;   /* from the first byte that he has not read */
    int64_t in_kernel; /* of these, when last asked for */
    int sock;          /* the server's socket for him */
};

/** The server's socket for who came last; 0 if it was not seen. */
static int last_accepted(const struct room *room)
{
    int sock = 0;
    for (const struct event *e = NULL; (e = judge_call(room->check->timeline, e, room->server->actor, CALL_ACCEPT));)
        if (e->new_sock)
            sock = e->new_sock;
    return sock;
}

static bool is_cut_off(const struct room *room, int sock)
{
    return judge_close(room->check->timeline, sock) != NULL;
}

/** His kernel takes little, and so does the server's for him. */
static struct sleeper let_in_sleeper(struct room *room)
{
    struct peer_dial how = {.receive_buffer = 4 * KIB, .segment = 536};
    struct sleeper s = {.person = chat_enter_with(room, _("the sleeper"), how)};
    s.sock = last_accepted(room);
    s.person->in.limit = 4 * LIMIT;
    peer_set_deaf(s.person, true);
    return s;
}

/** A few lines of the greatest length, which all who listen have received when this returns. */
static void say_to_sleeper(struct room *room, struct sleeper *s, struct peer *speaker)
{
    struct buf lines = {0};
    for (int i = 0; i < LINES_AT_ONCE; i++) {
        size_t start = lines.length;
        buf_printf(&lines, "line %zu ", s->owed.length / CHAT_LINE + (size_t)i + 1);
        while (lines.length - start < CHAT_LINE - 1)
            buf_puts(&lines, ".");
        buf_puts(&lines, "\n");
    }
    peer_send(speaker, lines.data, lines.length);
    for (size_t i = 0; i < room->people; i++)
        if (room->person[i] && room->person[i] != speaker && room->person[i] != s->person)
            peer_expect(room->check, room->person[i], lines.data, lines.length);
    buf_add(&s->owed, lines.data, lines.length);
    buf_free(&lines);
}

/** What the kernel has for him of all that he is owed, at rest; the rest is with the server. */
static size_t kept_by_server(struct room *room, struct sleeper *s)
{
    check_rest(room->check);
    int64_t in_kernel = program_sent_unread(room->server, s->person);
    if (in_kernel >= 0) /* else he has been cut off, or this machine does not tell: what was seen last */
        s->in_kernel = in_kernel;
    return s->owed.length - (size_t)s->in_kernel;
}

/** Until the server has to keep so much for him, or has cut him off. How much that is, is asked now and then. */
static void fill(struct room *room, struct sleeper *s, struct peer *speaker, size_t kept)
{
    enum { STEP = 32 * KIB };
    for (size_t have = 0; have < kept && !is_cut_off(room, s->sock); have = kept_by_server(room, s)) {
        size_t more = kept - have < STEP ? kept - have : STEP;
        for (size_t goal = s->owed.length + more; s->owed.length < goal;)
            say_to_sleeper(room, s, speaker);
    }
}

/** He reads again, and has missed nothing. */
static void wake(struct room *room, struct sleeper *s)
{
    peer_set_deaf(s->person, false);
    peer_expect(room->check, s->person, s->owed.data, s->owed.length);
    buf_clear(&s->owed);
}

static void expect_still_there(struct room *room, const struct sleeper *s)
{
    struct check *c = room->check;
    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {judge_close(c->timeline, s->sock)}};
    failure.expected = check_text(c, _("up to 1 MiB (%d bytes) is kept for somebody who does not read"), LIMIT);
    failure.actual = check_text(c, _("cut off when no more than %zu bytes were kept"), s->owed.length - (size_t)s->in_kernel);
    if (is_cut_off(room, s->sock))
        check_fail(c, &failure, _("%s is disconnected too early."), s->person->name);
}

static void expect_cut_off(struct room *room, const struct sleeper *s)
{
    struct check *c = room->check;
    check_rest(c);
    struct failure failure = {.verdict = VERDICT_MISMATCH, .waits = true};
    failure.expected = check_text(c, _("disconnected when more than 1 MiB (%d bytes) is kept for it"), LIMIT);
    failure.actual = check_text(c, _("%zu bytes are kept, and more would be"), s->owed.length - (size_t)s->in_kernel);
    if (!is_cut_off(room, s->sock))
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
    struct sleeper s = let_in_sleeper(room);
    fill(room, &s, speaker, LIMIT / 2);
    expect_still_there(room, &s);
    wake(room, &s);
    peer_half_close(s.person);
    peer_expect_end(room->check, s.person);
    peer_close(s.person);
    chat_forget(room, s.person);
    check_scene(room->check);
}

void lab12_run_slow_reader(struct check *c)
{
    struct room room = chat_open(c, TRACE_CONTROL & ~(uint32_t)CALL_WATCH, 2);
    struct peer *speaker = room.person[0];
    uint64_t memory = program_memory(room.server);
    wait_for_slow_one(&room, speaker);
    struct sleeper s = let_in_sleeper(&room);
    fill(&room, &s, speaker, LIMIT - LEEWAY);
    expect_still_there(&room, &s);
    judge_memory(&room, memory);
    fill(&room, &s, speaker, LIMIT + LEEWAY);
    expect_cut_off(&room, &s);
    judge_memory(&room, memory);
    chat_forget(&room, s.person);
    peer_set_deaf(s.person, false);
    peer_expect_gone(c, s.person);
    chat_say(&room, speaker, "he did not listen\n");
    chat_expect_silence(&room);
}

void lab12_run_half_closed(struct check *c)
{
    struct room room = chat_open(c, TRACE_CONTROL, 2);
    struct sleeper s = let_in_sleeper(&room);
    fill(&room, &s, room.person[0], LIMIT / 4);
    expect_still_there(&room, &s);
    check_scene(c);
    peer_half_close(s.person);
    check_rest(c); /* that it sleeps meanwhile is the matter of `idle` */
    chat_forget(&room, s.person);
    peer_set_deaf(s.person, false);
    peer_expect(c, s.person, s.owed.data, s.owed.length);
    peer_expect_end(c, s.person);
    chat_say(&room, room.person[1], "he has left\n");
    chat_expect_silence(&room);
}
