/**
 * @file 12_wait.c
 * One thread that sleeps in one call: how many there are, where they sleep, what keeps them from it, and what may have
 * happened when that call returns.
 */
#include "check/family.h"
#include "labs/12_poll.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

/* --- one-thread ----------------------------------------------------------------------------------------------- */

void lab12_run_one_thread(struct check *c)
{
    struct room room = chat_open(c, 0, 3);
    chat_say(&room, room.person[0], "how many are you?\n");
    chat_say(&room, room.person[1], "only one\n");
    pid_t first = tracer_process(c->tracer, room.server->actor);
    for (const struct event *e = NULL; (e = timeline_find(c->timeline, e, EVENT_START, room.server->actor, NULL));) {
        if (e->tid == first)
            continue;
        const struct event *made = judge_call(c->timeline, NULL, room.server->actor, CALL_FORK);
        struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {made}};
        check_fail(c, &failure, e->pid == e->tid ? _("%s starts a process of its own. In this lab one thread does it all.")
                                                 : _("%s starts another thread. In this lab one thread does it all."),
                   room.server->name);
    }
}

/* --- idle ------------------------------------------------------------------------------------------------------ */

static void judge_sleep(struct check *c, const struct program *server, const struct wait *w)
{
    struct failure failure = {.verdict = VERDICT_SPINNING, .event = {w->event}};
    if (w->state == TASK_TIMED)
        check_fail(c, &failure, _("Nobody says anything, and %s does not sleep until somebody does: it wakes up by itself."),
                   server->name);
    if (w->state == TASK_BLOCKED && w->call && (w->group & (CALL_ACCEPT | CALL_READ | CALL_WRITE))) {
        failure.verdict = VERDICT_STUCK;
        check_fail(c, &failure, _("Nobody says anything, and %s waits in %s, where only one of all its clients can wake it."),
                   server->name, w->name);
    }
}

/** At rest it is blocked, in a call that waits for everybody and that no time-out ends. */
static void expect_asleep(struct room *room)
{
    struct check *c = room->check;
    struct look look;
    check_settle(c);
    program_expect_alive(room->server);
    tracer_look(c->tracer, &look);
    for (size_t i = 0; i < look.tasks; i++)
        judge_sleep(c, room->server, &look.task[i]);
}

/* For who does not read; how much more a server must keep is the matter of `slow-reader`. */
enum {
    KEPT = 32 * 1024,
    KEPT_LEAVING = 4 * KEPT, /* his goodbye may let the kernel take more */
};

/**
 * Somebody who does not read is owed a little more than the kernel takes; then he reads. The server sleeps meanwhile, and
 * when he has read. He has said goodbye by then with @p leaving. What he gets is the matter of `slow-reader` and `half-closed`.
 */
static void oversleep(struct room *room, bool leaving)
{
    struct sleeper s = sleeper_let_in(room);
    sleeper_fill(room, &s, room->person[0], leaving ? KEPT_LEAVING : KEPT);
    chat_forget(room, s.person);
    buf_free(&s.owed);
    if (leaving) {
        peer_send(s.person, "by the w", strlen("by the w"));
        peer_half_close(s.person);
    }
    expect_asleep(room); /* there is something to send, and nobody takes it */
    peer_set_deaf(s.person, false);
    if (leaving)
        check_rest(room->check);
    else
        expect_asleep(room); /* there is room to write, and nothing to send */
    peer_close(s.person);
}

/** The same by somebody who must miss nothing, whether the server sleeps or not. */
static void hear_later(struct room *room)
{
    struct sleeper s = sleeper_let_in(room);
    sleeper_fill(room, &s, room->person[0], KEPT);
    sleeper_wake(room, &s);
    sleeper_send_away(room, &s);
}

void lab12_run_idle(struct check *c)
{
    struct room room = chat_open(c, TRACE_CONTROL, 0);
    expect_asleep(&room);
    while (room.people < 3)
        chat_enter(&room);
    expect_asleep(&room);
    chat_say(&room, room.person[0], "is it not quiet here?\n");
    expect_asleep(&room);
    check_scene(c);
    oversleep(&room, false);
    expect_asleep(&room);
    check_scene(c);
    oversleep(&room, true);
    expect_asleep(&room);
}

/* --- would-block ------------------------------------------------------------------------------------------------- */

/** The task that is kept by a hold; NULL if none is. */
static const struct wait *find_held(struct check *c, struct look *look)
{
    tracer_look(c->tracer, look);
    for (size_t i = 0; i < look->tasks; i++)
        if (look->task[i].state == TASK_HELD)
            return &look->task[i];
    return NULL;
}

/** The descriptor before whose call the server is kept, as one of ours; -1: this machine does not lend it. */
static int borrow_held(struct check *c)
{
    struct look look;
    const struct wait *w = find_held(c, &look);
    int own = w ? tracer_borrow(w->pid, w->fd) : -ESRCH;
    if (own < 0 && w)
        check_warn(c, &(struct failure){.waits = false}, _("EAGAIN could not be shown from accept and recv: this machine does not lend a program's descriptor "
                        "(%s)."), strerror(-own));
    return own;
}

static void tell(const struct room *room, const char *what)
{
    event_text(timeline_add(room->check->timeline, EVENT_NOTE, room->server->actor), "%s", what);
}

/** Poll has said that somebody is at the door. He is taken away before accept looks. */
static void take_client_away(struct room *room)
{
    struct check *c = room->check;
    check_rest(c); /* it may still look whether there is more of the last line */
    struct fault *hold = check_fault(c, (struct fault){.actor = -1, .group = CALL_ACCEPT, .fd_kinds = 1 << FD_LISTENER,
                                                       .count = 1, .what = FAULT_HOLD});
    struct peer *visitor = client_dial(c, room->server->port);
    check_await_held(c, hold);
    int listener = borrow_held(c);
    struct pollfd door = {listener, POLLIN, 0};
    if (listener >= 0 && poll(&door, 1, 0) == 1) {
        int conn = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        tell(room, _("the client that waits at the door is taken away"));
        fd_close(&conn);
    }
    fd_close(&listener);
    check_unfault(c, hold);
    check_rest(c);
    peer_close(visitor);
}

/** Poll has said that somebody has sent something. It is taken away before recv looks. */
static void take_bytes_away(struct room *room, struct peer *speaker)
{
    struct check *c = room->check;
    char bytes[64];
    check_rest(c);
    struct fault *hold = check_fault(c, (struct fault){.actor = -1, .group = CALL_READ, .fd_kinds = 1 << FD_ACCEPTED,
                                                       .count = 1, .what = FAULT_HOLD});
    peer_send(speaker, "nobody will hear this\n", strlen("nobody will hear this\n"));
    check_await_held(c, hold);
    int conn = borrow_held(c);
    if (conn < 0) {
        check_unfault(c, hold);
        chat_expect(room, speaker, "nobody will hear this\n", strlen("nobody will hear this\n"));
        return;
    }
    if (recv(conn, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
        tell(room, _("the bytes that have come are taken away"));
    fd_close(&conn);
    check_unfault(c, hold);
    check_rest(c);
}

/** Fills the connection before whose call the server is kept, for real. How much it took, into @p all. */
static void fill_connection(struct room *room, struct buf *all)
{
    char filler[1024];
    int conn = borrow_held(room->check);
    ssize_t sent = 0;
    memset(filler, '.', sizeof(filler));
    while (conn >= 0 && (sent = send(conn, filler, sizeof(filler), MSG_DONTWAIT | MSG_NOSIGNAL)) > 0)
        buf_add(all, filler, (size_t)sent);
    if (conn >= 0)
        tell(room, _("the connection is filled: not a byte more is taken"));
    fd_close(&conn);
}

/** Somebody whose kernel takes little, and who does not read. */
static struct peer *let_deaf_one_in(struct room *room)
{
    struct peer *sleeper = chat_enter_with(room, _("the sleeper"), (struct peer_dial){.receive_buffer = 4096, .segment = 536});
    peer_set_deaf(sleeper, true);
    return sleeper;
}

/**
 * There is room to write, and when the server writes @p line to the sleeper there is none, not even for a part of it. What he is
 * owed then, from the first byte on, into @p all. False if it does not write: something else keeps it.
 */
static bool take_room_away(struct room *room, const struct peer *sleeper, const char *line, struct buf *all)
{
    struct check *c = room->check;
    struct tracer_holding to;
    struct fault full = {.actor = -1, .group = CALL_WRITE, .fd_kinds = 1 << FD_ACCEPTED, .count = 1, .what = FAULT_HOLD};
    if (program_holdings(room->server, network_other_end(sleeper), &to, 1) == 1) {
        full.with[0] = (struct fault_argument){0, to.fd};
        full.withs = 1;
    }
    struct fault *hold = check_fault(c, full);
    peer_send(room->person[0], line, strlen(line));
    bool writes = check_await_held(c, hold);
    if (writes)
        fill_connection(room, all);
    check_unfault(c, hold);
    check_rest(c);
    buf_puts(all, line);
    return writes;
}

static void hear_when_there_is_room(struct check *c)
{
    struct room room = chat_open(c, TRACE_ALL & ~(uint32_t)CALL_WAIT, 1);
    struct buf all = {0};
    struct peer *sleeper = let_deaf_one_in(&room);
    take_room_away(&room, sleeper, "when will you hear this?\n", &all);
    peer_set_deaf(sleeper, false);
    peer_expect(c, sleeper, all.data, all.length);
    buf_free(&all);
    chat_close(&room);
}

/** That a line is lost, or its listener, is the matter of `slow-reader` and `would-block`. */
static bool has_heard(const struct peer *listener, const char *line)
{
    return memmem(listener->in.data, listener->in.length, line, strlen(line)) && !listener->end && listener->state == PEER_OPEN;
}

/** @p wait: at which of its waits the server is kept. False if it has not written anything by then. */
static bool pay_in_order(struct check *c, unsigned wait)
{
    static const char kept[] = "first\n", one[] = "and this comes next\n", two[] = "AND THIS COMES NEXT\n";
    struct room room = chat_open(c, 0, 1);
    struct buf all = {0}, either[2] = {{0}};
    struct peer *first = room.person[0], *sleeper = let_deaf_one_in(&room), *last = chat_enter(&room);
    /* When it has kept the line, it is kept itself: what happens until it waits again meets it in one round. */
    struct fault *hold = check_fault(c, (struct fault){.actor = -1, .group = CALL_WAIT, .first = wait, .count = 1,
                                                       .what = FAULT_HOLD});
    bool writes = take_room_away(&room, sleeper, kept, &all);
    if (writes) {
        peer_send(first, one, sizeof(one) - 1);
        peer_send(last, two, sizeof(two) - 1);
        check_rest(c);
        peer_set_deaf(sleeper, false);
        peer_expect(c, sleeper, all.data, all.length - strlen(kept));
    }
    check_unfault(c, hold);
    buf_printf(&either[0], "%s%s%s", kept, one, two);
    buf_printf(&either[1], "%s%s%s", kept, two, one);
    if (writes) {
        peer_expect(c, first, two, sizeof(two) - 1);
        peer_expect(c, last, buf_text(&either[0]), sizeof(kept) - 1 + sizeof(one) - 1);
        check_rest(c);
        if (has_heard(sleeper, kept))
            peer_expect_either(c, sleeper, buf_text(&either[0]), buf_text(&either[1]));
    }
    buf_free(&either[0]);
    buf_free(&either[1]);
    buf_free(&all);
    chat_close(&room);
    return writes;
}

void lab12_pay_in_order(struct check *c)
{
    enum { WAITS = 3 }; /* who waits in one call for another one to wait in comes to its writes later */
    for (unsigned wait = 1; wait <= WAITS && !pay_in_order(c, wait); wait++)
        ;
}

void lab12_run_would_block(struct check *c)
{
    hear_when_there_is_room(c);
    struct room room = chat_open(c, 0, 3);
    take_client_away(&room);
    chat_say(&room, room.person[0], "there was somebody at the door\n");
    chat_say(&room, chat_enter(&room), "here I am\n");
    check_scene(c);
    take_bytes_away(&room, room.person[1]);
    chat_say(&room, room.person[0], "did you say something?\n");
    chat_say(&room, room.person[1], "I did\n");
    chat_expect_silence(&room);
    check_scene(c);
    hear_later(&room); /* last: one that spins from then on may fill the timeline */
}
