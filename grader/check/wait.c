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

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    TICK_FIRST = 200 * 1000,       /* ns until the first look */
    TICK_LAST = 4 * 1000 * 1000,   /* ns between looks at a program that goes on running */
    IDLE_ROUNDS = 2,               /* timed waits in vain after which a program only looks at its watch */
    CALLS_IN_VAIN = 20000,         /* recorded calls without a byte or a connection moving */
};
static const int64_t spin_cpu = INT64_C(1000000000); /* ns of processor time without progress */

static size_t collect_polls(const struct check *c, struct pollfd *fds)
{
    size_t n = 0;
    fds[n++] = (struct pollfd){tracer_fd(c->tracer), POLLIN, 0};
    for (size_t i = 0; i < c->programs; i++)
        n += program_polls(c->program[i], fds + n);
    for (size_t i = 0; i < c->peers; i++) {
        short events = peer_events(c->peer[i]);
        if (c->peer[i]->piece)
            events &= (short)~POLLOUT; /* the next piece waits for the programs, not for the kernel */
        if (events)
            fds[n++] = (struct pollfd){c->peer[i]->fd, events, 0};
    }
    /* Only the door that somebody is to come through: a client that waits before another is no event. */
    short door = c->awaited ? door_events(c->awaited) : 0;
    if (door)
        fds[n++] = (struct pollfd){c->awaited->fd, door, 0};
    return n;
}

enum { POLLS_MAX = 1 + PROGRAMS_MAX * PROGRAM_FDS + PEERS_MAX + 1 };

/** Everybody waits: the moment for a peer that sends in pieces to send the next. */
static bool programs_wait(struct check *c)
{
    struct look look;
    tracer_look(c->tracer, &look);
    return look.running == 0;
}

static bool pump_peers(struct check *c)
{
    bool moved = false;
    for (size_t i = 0; i < c->peers; i++) {
        struct peer *p = c->peer[i];
        short events = peer_events(p);
        if (p->piece && (events & POLLOUT) && !programs_wait(c))
            events &= (short)~POLLOUT;
        if (!events)
            continue;
        struct pollfd fd = {p->fd, events, 0};
        if (poll(&fd, 1, 0) > 0)
            moved |= peer_handle(p, fd.revents);
    }
    return moved;
}

static void notice_ends(struct check *c)
{
    for (size_t i = 0; i < c->programs; i++) {
        struct program *p = c->program[i];
        if (!p->ended && tracer_ended(c->tracer, p->actor, &p->status))
            p->ended = true;
    }
}

bool wait_pump(struct check *c)
{
    int steps = tracer_step(c->tracer);
    if (steps < 0)
        check_trouble(c, _("the tracer: %s"), strerror(-steps));
    if (steps > 0)
        notice_ends(c);
    bool moved = false;
    for (size_t i = 0; i < c->programs; i++)
        moved |= program_pump(c->program[i]);
    moved |= pump_peers(c);
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

/** Whether a look shows only tasks that others must wake. */
static bool all_wait(const struct look *look)
{
    if (look->running > 0)
        return false;
    for (size_t i = 0; i < look->tasks; i++)
        if (look->task[i].state == TASK_TIMED && look->task[i].idle_rounds < IDLE_ROUNDS)
            return false;
    return true;
}

/** The closed system of the file's head. */
static bool is_quiet(struct check *c, struct look *look)
{
    tracer_look(c->tracer, look);
    if (!all_wait(look))
        return false;
    size_t tasks = look->tasks;
    uint64_t switches = look->switches;
    if (network_in_flight())
        return false;
    if (wait_pump(c))
        return false;
    tracer_look(c->tracer, look);
    return all_wait(look) && look->tasks == tasks && look->switches == switches;
}

/** How far peers and programs got: a program that burns the processor but moves this is at work. */
static uint64_t progress(const struct check *c)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < c->programs; i++) {
        const struct program *p = c->program[i];
        sum += p->received + p->errors.length + p->errors.dropped + p->ended;
        sum += p->pattern_in_at - p->in_left.length;
    }
    for (size_t i = 0; i < c->peers; i++)
        sum += c->peer[i]->sent + c->peer[i]->received + c->peer[i]->state + c->peer[i]->end;
    return sum;
}

/** Notices programs that run without getting anywhere. */
struct watch {
    uint64_t progress;
    int64_t cpu;
    size_t calls;
};

static size_t calls_so_far(const struct check *c)
{
    return c->timeline->count + c->timeline->dropped;
}

static bool spins(struct check *c, struct watch *watch, const struct look *look)
{
    uint64_t now = progress(c);
    if (now != watch->progress || watch->cpu < 0) {
        *watch = (struct watch){now, look->cpu, calls_so_far(c)};
        return false;
    }
    return look->cpu - watch->cpu > spin_cpu || calls_so_far(c) - watch->calls > CALLS_IN_VAIN;
}

static enum wait_end run_loop(struct check *c, condition done, void *argument)
{
    struct watch watch = {.cpu = -1};
    int64_t tick = TICK_FIRST, next_watch = 0;
    for (;;) {
        while (wait_pump(c)) {
            tick = TICK_FIRST;
            if (done && done(c, argument))
                return WAIT_OK;
            if (clock_now() >= next_watch) /* a busy program leaves no tick in which to look */
                break;
        }
        if (done && done(c, argument))
            return WAIT_OK;
        int64_t now = clock_now();
        if (now > c->deadline)
            return WAIT_DEADLINE;
        bool came = wait_for_event(c, tick);
        if (came && now < next_watch)
            continue;
        struct look look;
        if (!came && is_quiet(c, &look))
            return done && done(c, argument) ? WAIT_OK : WAIT_STUCK;
        if (came)
            tracer_look(c->tracer, &look);
        if (spins(c, &watch, &look))
            return WAIT_SPINNING;
        next_watch = now + 20 * TICK_LAST;
        if (!came)
            tick = tick * 2 < TICK_LAST ? tick * 2 : TICK_LAST;
    }
}

enum wait_end check_wait(struct check *c, condition done, void *argument)
{
    if (done(c, argument))
        return WAIT_OK;
    return run_loop(c, done, argument);
}

enum wait_end check_rest(struct check *c)
{
    return run_loop(c, NULL, NULL);
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
    return calls_so_far(c) - act->calls > CALLS;
}

void wait_for_ends(struct check *c)
{
    struct last_act act = {calls_so_far(c)};
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
