/**
 * @file 12_sleeper.c
 * Somebody who does not read for a while, and what he is owed meanwhile. Senders are paced: what one says has reached all who
 * listen before the next is said, so that nobody but the one who does not read is ever behind.
 */
#include "check/family.h"
#include "labs/12_poll.h"

#include <string.h>

enum {
    LINE = 1000, /* not the longest that there is: that is the matter of `long-line` */
    LINES_AT_ONCE = 4,
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

bool sleeper_is_cut_off(const struct room *room, const struct sleeper *s)
{
    return judge_close(room->check->timeline, s->sock) != NULL;
}

struct sleeper sleeper_let_in(struct room *room)
{
    /* His kernel takes little, and so does the server's for him. */
    struct peer_dial how = {.receive_buffer = 4 * 1024, .segment = 536};
    struct sleeper s = {.person = chat_enter_with(room, _("the sleeper"), how)};
    s.sock = last_accepted(room);
    s.told = program_sent_unread(room->server, s.person) >= 0;
    s.in_kernel = s.told ? 0 : SLEEPER_KERNEL_MAX;
    s.person->in.limit = 8 * 1024 * 1024;
    peer_set_deaf(s.person, true);
    return s;
}

/** A few lines, which all who listen have received when this returns. */
static void say_to(struct room *room, struct sleeper *s, struct peer *speaker)
{
    struct buf lines = {0};
    for (int i = 0; i < LINES_AT_ONCE; i++) {
        size_t start = lines.length;
        buf_printf(&lines, "line %zu ", s->owed.length / LINE + (size_t)i + 1);
        while (lines.length - start < LINE - 1)
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

size_t sleeper_kept(const struct sleeper *s)
{
    return s->owed.length > s->in_kernel ? s->owed.length - s->in_kernel : 0;
}

/**
 * He does not read, but he speaks. With each packet of his the server's buffer for him may grow, once it has been full (tcp(7),
 * tcp_wmem): now, and not by some later packet, when the server would have nothing left to keep.
 */
static void let_speak(struct room *room, const struct sleeper *s)
{
    static const char line[] = "z\n";
    check_rest(room->check);
    if (sleeper_is_cut_off(room, s))
        return;
    peer_send(s->person, line, sizeof(line) - 1);
    for (size_t i = 0; i < room->people; i++)
        if (room->person[i] && room->person[i] != s->person)
            peer_expect(room->check, room->person[i], line, sizeof(line) - 1);
}

static void ask_kernel(struct room *room, struct sleeper *s)
{
    let_speak(room, s);
    check_rest(room->check);
    int64_t in_kernel = program_sent_unread(room->server, s->person);
    if (in_kernel >= 0) /* else he has been cut off, or this machine does not tell: what was seen last */
        s->in_kernel = (size_t)in_kernel;
}

void sleeper_fill(struct room *room, struct sleeper *s, struct peer *speaker, size_t kept)
{
    enum { STEP = 32 * 1024 };
    while (sleeper_kept(s) < kept && !sleeper_is_cut_off(room, s)) {
        size_t have = sleeper_kept(s), more = kept - have < STEP ? kept - have : STEP;
        for (size_t goal = s->owed.length + more; s->owed.length < goal;)
            say_to(room, s, speaker);
        ask_kernel(room, s);
    }
}

void sleeper_wake(struct room *room, struct sleeper *s)
{
    peer_set_deaf(s->person, false);
    peer_expect(room->check, s->person, s->owed.data, s->owed.length);
    buf_clear(&s->owed);
}

void sleeper_send_away(struct room *room, struct sleeper *s)
{
    peer_half_close(s->person);
    peer_expect_end(room->check, s->person);
    peer_close(s->person);
    chat_forget(room, s->person);
    buf_free(&s->owed);
}
