/**
 * @file 05_interrupt.c
 * Lab 05: a signal comes while the client is in connect(2). The interruption is real: the client sleeps in
 * its handshake, since the server's kernel drops the SYN; the call returns EINTR; then the handshake is
 * completed. Waiting for it is right, and so is a new socket at once.
 */
#include "labs/05_connect.h"

#include <errno.h>
#include <string.h>

/** The call in which the client was interrupted. */
struct interruption {
    struct program *program;
    const struct event *event;
};

/** The client's task that is blocked in connect(2), or waits for a connection's end in poll(2) or the like. */
static const struct wait *find_waiting(struct check *c, const struct program *p, struct look *look)
{
    tracer_look(c->tracer, look);
    for (size_t i = 0; i < look->tasks; i++) {
        const struct wait *w = &look->task[i];
        if (w->actor == p->actor && w->state != TASK_RUNNING &&
            (w->group & (CALL_CONNECT | CALL_WAIT)))
            return w;
    }
    return NULL;
}

/**
 * The next pause after @p after. A wait for descriptors is none, though it may have timed out: what it waits for
 * may be this connection.
 */
static const struct event *find_pause(const struct check *c, const struct program *p,
                                      const struct event *after)
{
    for (const struct event *e = after; (e = attempt_wait(c, p, e, NULL));) {
        bool polls = strcmp(e->call, "poll") == 0 || strcmp(e->call, "ppoll") == 0;
        bool selects = strcmp(e->call, "select") == 0 || strcmp(e->call, "pselect6") == 0;
        if ((e->group & CALL_SLEEP) || (polls && e->arg[1] == 0) ||
            (selects && (int)e->arg[0] == 0))
            return e;
    }
    return NULL;
}

/** Its call has returned, and one sees what it makes of that. */
static bool has_reacted(struct check *c, void *argument)
{
    const struct interruption *i = argument;
    struct look look;
    if (i->program->ended)
        return true;
    return i->event->done &&
           (find_pause(c, i->program, i->event) || find_waiting(c, i->program, &look));
}

/** Interrupts the client in its handshake; fails the check if it takes that for a failure. */
static void interrupt(struct check *c, struct program *p, size_t round)
{
    struct look look;
    program_await_blocked(p, CALL_CONNECT | CALL_WAIT);
    const struct wait *w = find_waiting(c, p, &look);
    if (!w || !w->event || tracer_interrupt(c->tracer, w->tid) < 0)
        check_trouble(c, _("%s cannot be interrupted in its connect"), p->name);
    struct interruption i = {p, w->event};
    struct event *note = timeline_add(c->timeline, EVENT_PEER, p->actor);
    event_text(note, _("a signal interrupts %s in its %s, in round %zu"), p->name, i.event->call,
               round);
    p->awaited = true;
    check_wait(c, has_reacted, &i);

    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {i.event}};
    failure.expected = _("it goes on waiting for this connection, or begins it anew at once");
    if (p->ended) {
        int status = program_await_end(p);
        failure.actual = check_text(c, _("it ended with status %d"), status);
        check_fail(c, &failure,
                   _("%s was interrupted (EINTR) in round %zu of five. %s took that for a failed "
                     "attempt, but "
                     "the handshake goes on."),
                   i.event->call, round, p->name);
    }
    failure.event[1] = find_pause(c, p, i.event);
    failure.actual = _("a pause, as after a failed round");
    if (failure.event[1])
        check_fail(c, &failure,
                   _("%s was interrupted (EINTR). %s took that for a failed attempt, but the "
                     "handshake goes on."),
                   i.event->call, p->name);
}

/** Completes every handshake that waits: the interrupted one, a new one, or both. */
static void meet(struct check *c, struct program *p, struct door *d)
{
    enum { MEETINGS = 4 };
    int error = door_undrop(d), met = 0;
    for (; error == 0 && met < MEETINGS; met++) {
        struct peer *server = client_new(c, _("server"));
        error = door_meet(d, server, NULL, 0);
        if (error < 0)
            break;
        peer_send(server, hello_reply, strlen(hello_reply));
        peer_half_close(server);
        peer_await_sent(c, server);
    }
    if (error < 0 && error != -ENOENT)
        check_trouble(c, _("the handshake cannot be completed: %s"), strerror(-error));
    if (met == 0) {
        hello_serve(c, p, d);
        return;
    }
    program_expect_output(p, hello_reply, strlen(hello_reply));
    program_expect_exit(p, 0);
}

/**
 * The handshake of round @p round is interrupted, on the door @p d that this opens. NULL if the client does not
 * get so far.
 */
static struct program *interrupt_round(struct check *c, size_t round, struct door **d)
{
    unsigned port = check_port(c);
    struct fault *hold = attempt_hold(c);
    struct program *p = hello_start(c, "127.0.0.1", port);
    bool there = attempt_await(c, p, hold, round);
    p->awaited = !there; /* its end is another check's matter */
    if (there)
        *d = door_new(c, NULL, &(struct door_options){.port = port, .drop_syn = true});
    check_unfault(c, hold);
    if (!there)
        return NULL;
    interrupt(c, p, round);
    return p;
}

void interrupt_run(struct check *c)
{
    struct door *d = NULL;
    struct program *p = interrupt_round(c, 1, &d);
    if (!p)
        check_fail(c, &(struct failure){.verdict = VERDICT_MISMATCH, .waits = true},
                   _("hello_client never called connect on a TCP socket."));
    meet(c, p, d);
    check_scene(c);
    /* In the last round: whoever lets the interruption use up a round gives up now. */
    p = interrupt_round(c, ROUNDS, &d);
    if (p)
        program_kill(p);
    check_scene(c);
    unsigned port = check_port(c);
    d = door_new(c, NULL, &(struct door_options){.port = port});
    common_interrupted(c);
    hello_serve(c, hello_start(c, "127.0.0.1", port), d);
}
