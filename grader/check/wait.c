/**
 * @file wait.c
 * The event loop of a check, and the knowledge of when waiting is hopeless.
 *
 * Nobody tells a tracer that a task has fallen asleep, so while one still runs the loop looks
 * again after a moment (TICK_FIRST, doubling to TICK_LAST). No verdict depends on these moments:
 * "stuck" is said only of a closed system. All tasks of the programs are blocked in calls that others must end,
 * no packet is under way, no peer has anything to read or write, and between two such looks no task was
 * switched to. From that state nothing can follow.
 */
#include "check/internal.h"

#include "peer/mailbox.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    TICK_FIRST = 200 * 1000,       /* ns until the first look */
    TICK_LAST = 4 * 1000 * 1000,   /* ns between looks at a program that goes on running */
    IDLE_ROUNDS = 2,               /* timed waits in vain after which a program only looks at its watch */
};
static const int64_t blind_patience = INT64_C(1000000000); /* ns without moving, of a program that is not traced */

static size_t collect_polls(const struct check *c, struct pollfd *fds)
{
    size_t n = 0;
    fds[n++] = (struct pollfd){tracer_fd(c->tracer), POLLIN, 0};
    if (c->journal)
        fds[n++] = (struct pollfd){c->journal->fd, POLLIN, 0};
    for (size_t i = 0; i < c->programs; i++)
        n += program_polls(c->program[i], fds + n);
    for (size_t i = 0; i < c->peers; i++) {
        short events = peer_events(c->peer[i]);
        if (c->peer[i]->piece)
            events &= (short)~POLLOUT; /* the next piece waits for the programs, not for the kernel */
        if (events)
            fds[n++] = (struct pollfd){c->peer[i]->fd, events, 0};
    }
    for (size_t i = 0; i < c->mailboxes; i++)
        if (c->mailbox[i]->fd >= 0)
            fds[n++] = (struct pollfd){c->mailbox[i]->fd, POLLIN, 0};
    /* Only the door that somebody is to come through: a client that waits before another is no event. */
    short door = c->awaited ? door_events(c->awaited) : 0;
    if (door)
        fds[n++] = (struct pollfd){c->awaited->fd, door, 0};
    return n;
}

enum { POLLS_MAX = 2 + PROGRAMS_MAX * PROGRAM_FDS + PEERS_MAX + MAILBOXES_MAX + 1 };

/** Everybody waits: the moment for a peer that sends in pieces to send the next. */
static bool programs_wait(struct check *c)
{
    struct look look;
    tracer_look(c->tracer, &look);
    return look.running == 0;
}

/**
 * What a peer is to be polled for. @p ready: 1 if programs wait, 0 if not, -1 when nobody has looked yet.
 */
static short turn_events(struct check *c, const struct peer *p, int *ready)
{
    short events = peer_events(p);
    if (!p->piece || !(events & POLLOUT))
        return events;
    if (*ready < 0)
        *ready = programs_wait(c);
    return *ready ? events : (short)(events & ~POLLOUT);
}

/** One poll(2) for all peers: there may be hundreds, and most of them have nothing to do. */
static bool pump_peers(struct check *c)
{
    struct pollfd fds[PEERS_MAX];
    struct peer *peer[PEERS_MAX];
    nfds_t n = 0;
    int ready = -1;
    for (size_t i = 0; i < c->peers; i++) {
        short events = turn_events(c, c->peer[i], &ready);
        if (!events)
            continue;
        peer[n] = c->peer[i];
        fds[n++] = (struct pollfd){c->peer[i]->fd, events, 0};
    }
    bool moved = false;
    int left = n > 0 ? poll(fds, n, 0) : 0;
    for (nfds_t i = 0; i < n && left > 0; i++) {
        if (!fds[i].revents)
            continue;
        moved |= peer_handle(peer[i], fds[i].revents);
        left--;
    }
    return moved;
}

static bool has_ended(struct check *c, struct program *p)
{
    if (!p->daemon)
        return tracer_ended(c->tracer, p->actor, &p->status);
    if (!p->sanitized)
        return tracer_process_ended(c->tracer, p->daemon, &p->status);
    return process_own_number(p->daemon) == 0; /* nobody hears how */
}

static void notice_ends(struct check *c, bool all)
{
    for (size_t i = 0; i < c->programs; i++) {
        struct program *p = c->program[i];
        if (!p->ended && (all || (p->daemon && p->sanitized)) && has_ended(c, p))
            p->ended = true;
    }
}

bool wait_pump(struct check *c)
{
    int steps = tracer_step(c->tracer);
    if (steps < 0)
        check_trouble(c, _("the tracer: %s"), strerror(-steps));
    notice_ends(c, steps > 0);
    bool moved = c->journal && journal_handle(c->journal);
    for (size_t i = 0; i < c->programs; i++)
        moved |= program_pump(c->program[i]);
    moved |= pump_peers(c);
    for (size_t i = 0; i < c->mailboxes; i++)
        moved |= c->mailbox[i]->fd >= 0 && mailbox_handle(c->mailbox[i]);
    return moved || steps > 0;
}

/** Waits in poll(2) until something comes or @p ns have passed; true if something came. */
static bool wait_for_event(struct check *c, int64_t ns)
{
    struct pollfd fds[POLLS_MAX];
    size_t n = collect_polls(c, fds);
    struct timespec timeout = {ns / 1000000000, ns % 1000000000};
    return ppoll(fds, n, &timeout, NULL) > 0;
}

/** A long time-out for a client's next bytes: a right server may let a silent client go when it is over, so none is wasted. */
static bool is_patience(const struct wait *w)
{
    return w->personal && w->length > 2 * blind_patience;
}

/**
 * Whether a look shows only tasks that others must wake. Waits that end by themselves count when
 * they did so in vain. @p final: the answer is a verdict, and a program may reckon with the clock; so only
 * waits that really lasted count, not those that were brought forward.
 */
static bool all_wait(const struct look *look, bool final)
{
    for (size_t i = 0; i < look->tasks; i++) {
        const struct wait *w = &look->task[i];
        if (w->state != TASK_TIMED || w->hopeless || (!final && is_patience(w)))
            continue;
        if (w->own_time || (w->idle_rounds < IDLE_ROUNDS && (final || w->expired < IDLE_ROUNDS)))
            return false;
    }
    return true;
}

enum rest { REST_NOT, REST_TIMED /**< only clocks will wake anybody */, REST_QUIET };

/**
 * A program that was killed is on its way out, whatever its tasks look like: the kernel takes its room down one process
 * after the other. Without a room only the first process is sure to go.
 */
static bool is_dying(const struct check *c, const struct look *look)
{
    for (size_t i = 0; i < c->programs; i++) {
        const struct program *p = c->program[i];
        if (p->killed && !p->ended)
            return true;
        for (size_t k = 0; k < look->tasks && p->killed && c->sandbox->level == SANDBOX_LEVEL_FULL; k++)
            if (look->task[k].actor == p->actor)
                return true;
    }
    return false;
}

/** Who fills a peer's window waits for its word that all has come; one that does not read would let it wait 40 ms. */
static void acknowledge_all(const struct check *c)
{
    for (size_t i = 0; i < c->peers; i++)
        if (c->peer[i]->deaf)
            peer_acknowledge(c->peer[i]);
}

/** The closed system of the file's head. */
static enum rest look_for_rest(struct check *c, struct look *look, bool final)
{
    tracer_look(c->tracer, look);
    if (look->running > 0 || is_dying(c, look))
        return REST_NOT;
    size_t tasks = look->tasks;
    uint64_t switches = look->switches;
    if (network_in_flight()) {
        acknowledge_all(c);
        return REST_NOT;
    }
    if (wait_pump(c))
        return REST_NOT;
    tracer_look(c->tracer, look);
    if (look->running > 0 || look->tasks != tasks || look->switches != switches)
        return REST_NOT;
    return all_wait(look, final) ? REST_QUIET : REST_TIMED;
}

/** Brings time-outs forward: nothing else can happen before them. True if one was. */
static bool expire_waits(struct check *c, const struct look *look, bool final)
{
    bool any = tracer_pass_time(c->tracer);
    for (size_t i = 0; i < look->tasks; i++) {
        const struct wait *w = &look->task[i];
        if (w->state == TASK_TIMED && !w->own_time && w->expired < IDLE_ROUNDS && (final || !is_patience(w)))
            any |= tracer_expire(c->tracer, w->tid) == 0;
    }
    return any;
}

/**
 * A program that was let go may have set timers and time-outs that nobody saw. A verdict on it is
 * given only when it has not moved for this long.
 */
static bool is_blind(const struct check *c)
{
    for (size_t i = 0; i < c->programs; i++)
        if (c->program[i]->sanitized && !c->program[i]->ended)
            return true;
    return false;
}

/** What the loop remembers from look to look. */
struct pace {
    condition done; /* what is awaited; NULL: rest */
    void *argument;
    bool final; /* the end is a verdict: rest is not enough where a clock may still wake somebody */
    bool pause; /* who waits for a clock is at rest, too */
    struct watch watch;
    int64_t tick;       /* ns until the next look */
    int64_t next_watch; /* a busy program leaves no tick in which to look: look then */
    int64_t quiet_since;
    uint64_t quiet_switches;
    int64_t timed_since; /* only clocks were awaited, in calls that are not traced */
    uint64_t timed_progress;
};

static bool has_patience(const struct check *c, struct pace *pace, const struct look *look)
{
    if (!is_blind(c))
        return false;
    int64_t now = clock_now();
    if (pace->quiet_since == 0 || pace->quiet_switches != look->switches) {
        pace->quiet_since = now;
        pace->quiet_switches = look->switches;
    }
    return now - pace->quiet_since < blind_patience;
}

/** Clocks that strike so late that to be patient would show nothing: a server that closes idle connections. */
static bool waits_for_late_clocks(const struct look *look)
{
    for (size_t i = 0; i < look->tasks; i++)
        if (look->task[i].state == TASK_TIMED && look->task[i].length <= 2 * blind_patience)
            return false;
    return true;
}

/**
 * Time-outs in calls that this run does not trace can be neither counted nor brought forward. For
 * coming to rest (not for a verdict) it is enough that nothing has moved for a while.
 */
static bool waits_long(struct check *c, struct pace *pace, const struct look *look)
{
    if (waits_for_late_clocks(look))
        return true;
    int64_t now = clock_now();
    uint64_t moved = progress_so_far(c);
    if (pace->timed_since == 0 || pace->timed_progress != moved) {
        pace->timed_since = now;
        pace->timed_progress = moved;
    }
    if (now - pace->timed_since <= blind_patience)
        return false;
    c->patience += now - pace->timed_since;
    return true;
}

/** One look after a moment without events. True when @p end is the end of the wait. */
static bool look_around(struct check *c, struct pace *pace, bool came, enum wait_end *end)
{
    bool final = pace->final;
    struct look look;
    enum rest rest = REST_NOT;
    if (came)
        tracer_look(c->tracer, &look);
    else
        rest = look_for_rest(c, &look, final);
    if (rest == REST_QUIET && !(final && has_patience(c, pace, &look))) {
        *end = WAIT_STUCK;
        return true;
    }
    if (rest == REST_TIMED && pace->done && pace->done(c, pace->argument)) {
        *end = WAIT_OK; /* before any clock strikes that nobody waits for */
        return true;
    }
    if (rest == REST_TIMED && pace->pause) {
        *end = WAIT_STUCK;
        return true;
    }
    if (rest == REST_TIMED && expire_waits(c, &look, final))
        return false;
    if (rest == REST_TIMED && !final && waits_long(c, pace, &look)) {
        *end = WAIT_STUCK;
        return true;
    }
    if (progress_is_over(c, &pace->watch, &look, !final)) {
        *end = WAIT_SPINNING;
        return true;
    }
    pace->next_watch = clock_now() + 20 * TICK_LAST;
    if (!came)
        pace->tick = pace->tick * 2 < TICK_LAST ? pace->tick * 2 : TICK_LAST;
    return false;
}

static bool is_done(struct check *c, const struct pace *pace)
{
    return pace->done && pace->done(c, pace->argument);
}

/** Without a condition: until everything is at rest, which is then WAIT_STUCK. */
static enum wait_end run_loop(struct check *c, struct pace *pace)
{
    pace->watch.cpu = -1;
    pace->tick = TICK_FIRST;
    for (;;) {
        while (wait_pump(c)) {
            pace->tick = TICK_FIRST;
            if (is_done(c, pace))
                return WAIT_OK;
            if (clock_now() >= pace->next_watch)
                break;
        }
        if (is_done(c, pace))
            return WAIT_OK;
        int64_t now = clock_now();
        if (now > c->deadline && limit_is_over(c, now))
            return WAIT_DEADLINE;
        bool came = wait_for_event(c, pace->tick);
        enum wait_end end;
        if ((!came || now >= pace->next_watch) && look_around(c, pace, came, &end))
            return end == WAIT_STUCK && is_done(c, pace) ? WAIT_OK : end;
    }
}

enum wait_end check_wait(struct check *c, condition done, void *argument)
{
    if (done(c, argument))
        return WAIT_OK;
    return run_loop(c, &(struct pace){.done = done, .argument = argument, .final = true});
}

enum wait_end wait_or_rest(struct check *c, condition done, void *argument)
{
    if (done(c, argument))
        return WAIT_OK;
    return run_loop(c, &(struct pace){.done = done, .argument = argument});
}

enum wait_end check_rest(struct check *c)
{
    enum wait_end end = run_loop(c, &(struct pace){.done = NULL});
    c->restless |= end == WAIT_SPINNING;
    return end;
}

enum wait_end check_pause(struct check *c)
{
    enum wait_end end = run_loop(c, &(struct pace){.pause = true});
    c->restless |= end == WAIT_SPINNING;
    return end;
}

void check_await(struct check *c, condition done, void *argument, const char *what)
{
    enum wait_end end = check_wait(c, done, argument);
    if (end != WAIT_OK)
        failure_of_wait(c, end, what, NULL);
}

void check_settle(struct check *c)
{
    enum wait_end end = check_rest(c);
    if (end != WAIT_STUCK)
        failure_of_wait(c, end, _("the programs should come to rest"), NULL);
}

/** Argument of has_ended_or_goes_on(). */
struct last_act {
    size_t calls; /* made when the wait began */
};

static bool has_ended_or_goes_on(struct check *c, void *argument)
{
    enum { CALLS = 100 }; /* more than anybody makes between a close and its exit */
    const struct last_act *act = argument;
    for (size_t i = 0; i < c->programs; i++) {
        const struct program *p = c->program[i];
        if (p->ended && !p->killed && !p->reference && !p->awaited)
            return true;
    }
    return progress_calls(c) - act->calls > CALLS;
}

void wait_for_ends(struct check *c)
{
    struct last_act act = {progress_calls(c)};
    check_wait(c, has_ended_or_goes_on, &act);
}

/** Argument of blocked_in(). */
struct blocked_in {
    const struct program *program;
    uint32_t group;
    const struct fault *fault;
};

static bool is_blocked_in(struct check *c, void *argument)
{
    const struct blocked_in *want = argument;
    struct look look;
    tracer_look(c->tracer, &look);
    for (size_t i = 0; i < look.tasks; i++) {
        const struct wait *w = &look.task[i];
        if (w->actor == want->program->actor && w->state != TASK_RUNNING && (w->group & want->group))
            return true;
    }
    return false;
}

void program_await_blocked(struct program *p, uint32_t group)
{
    struct blocked_in want = {p, group, NULL};
    enum wait_end end = check_wait(p->check, is_blocked_in, &want);
    if (end != WAIT_OK)
        failure_of_wait(p->check, end, check_text(p->check, _("%s should wait"), p->name), NULL);
}

static bool is_held(struct check *c, void *argument)
{
    (void)c;
    return ((const struct fault *)argument)->held != 0;
}

bool check_await_held(struct check *c, const struct fault *f)
{
    enum wait_end end = check_wait(c, is_held, (void *)f);
    if (end == WAIT_SPINNING || end == WAIT_DEADLINE)
        failure_of_wait(c, end, _("the program should go on"), NULL);
    return end == WAIT_OK;
}
