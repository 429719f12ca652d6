/**
 * @file family.c
 * The processes of a program: who serves whom, who has ended without being waited for; a child that is killed, a parent
 * that stands still. All questions are to be asked at rest: check_rest() before them.
 */
#include "check/internal.h"

#include <errno.h>
#include <linux/sockios.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

enum { FAMILY_MAX = 2048 };

size_t program_processes(const struct program *p, struct tracer_process *process, size_t room)
{
    return tracer_processes(p->check->tracer, p->actor, process, room);
}

/** How many processes there are that are zombies, or are not. */
static size_t count_processes(const struct program *p, bool zombies)
{
    static struct tracer_process process[FAMILY_MAX];
    size_t n = program_processes(p, process, FAMILY_MAX), count = 0;
    for (size_t i = 0; i < n; i++)
        count += process[i].zombie == zombies;
    return count;
}

size_t program_living(const struct program *p)
{
    return count_processes(p, false);
}

size_t program_zombies(const struct program *p)
{
    return count_processes(p, true);
}

size_t program_threads(const struct program *p)
{
    struct look look;
    size_t count = 0;
    tracer_look(p->check->tracer, &look);
    for (size_t i = 0; i < look.tasks; i++)
        count += look.task[i].actor == p->actor && program_is_first(p, look.task[i].pid);
    return count;
}

size_t program_holdings(const struct program *p, uint64_t inode, struct tracer_holding *holding, size_t room)
{
    return inode ? tracer_holdings(p->check->tracer, p->actor, inode, holding, room) : 0;
}

int64_t program_sent_unread(const struct program *p, const struct peer *peer)
{
    struct tracer_holding holding;
    int unsent = 0, unread = 0;
    if (program_holdings(p, network_other_end(peer), &holding, 1) == 0)
        return -1;
    int own = tracer_borrow(holding.pid, holding.fd);
    if (own < 0)
        return -1;
    bool told = ioctl(own, SIOCOUTQNSD, &unsent) == 0 && ioctl(peer->fd, SIOCINQ, &unread) == 0;
    fd_close(&own);
    return told ? (int64_t)unsent + unread : -1;
}

uint64_t process_memory(pid_t pid)
{
    struct buf status = {.limit = 8192};
    unsigned long long kilobytes = 0;
    char *path = xasprintf("/proc/%d/status", (int)tracer_living_task(pid));
    if (file_read(path, &status) == 0) {
        const char *at = strstr(buf_text(&status), "RssAnon:");
        if (at)
            sscanf(at, "RssAnon: %llu", &kilobytes);
    }
    buf_free(&status);
    free(path);
    return (uint64_t)kilobytes * 1024;
}

uint64_t program_memory(const struct program *p)
{
    return process_memory(tracer_process(p->check->tracer, p->actor));
}

size_t program_mappings(const struct program *p)
{
    struct buf maps = {.limit = 1024 * 1024};
    size_t lines = 0;
    char *path = xasprintf("/proc/%d/maps", (int)tracer_living_task(tracer_process(p->check->tracer, p->actor)));
    if (file_read(path, &maps) == 0)
        for (size_t i = 0; i < maps.length; i++)
            lines += maps.data[i] == '\n';
    buf_free(&maps);
    free(path);
    return lines;
}

/** The last thing that was read or written on this descriptor of that process; NULL if nothing was. */
static const struct event *last_talk_on(const struct check *c, const struct tracer_holding *holding)
{
    for (size_t i = c->timeline->count; i-- > 0;) {
        const struct event *e = c->timeline->event[i];
        if (e->kind == EVENT_CALL && e->pid == holding->pid && e->fd == holding->fd &&
            (e->group & (CALL_READ | CALL_WRITE)))
            return e;
    }
    return NULL;
}

pid_t program_process_of(const struct program *p, const struct peer *peer)
{
    static struct tracer_holding holding[FAMILY_MAX];
    size_t n = program_holdings(p, network_other_end(peer), holding, FAMILY_MAX);
    const struct event *last = NULL;
    pid_t first = tracer_process(p->check->tracer, p->actor), found = n ? holding[0].pid : 0;
    for (size_t i = 0; i < n; i++) {
        const struct event *talk = last_talk_on(p->check, &holding[i]);
        if (talk && (!last || talk->seq > last->seq))
            last = talk;
        if (holding[i].pid != first) /* who only keeps it open, and nobody has said a word yet: not the parent */
            found = holding[i].pid;
    }
    return last ? last->pid : found;
}

bool program_is_first(const struct program *p, pid_t pid)
{
    return pid == tracer_process(p->check->tracer, p->actor);
}

const struct event *program_maker_of(const struct program *p, const struct tracer_holding *holding)
{
    const struct event *own = NULL, *inherited = NULL;
    uint32_t makers = CALL_SOCKET | CALL_ACCEPT | CALL_DUP;
    for (const struct event *e = NULL; (e = judge_call(p->check->timeline, e, p->actor, makers));) {
        if (!e->done || e->result != holding->fd)
            continue;
        inherited = e;
        own = e->pid == holding->pid ? e : own;
    }
    return own ? own : inherited;
}

bool family_is_child(const struct check *c, actor_id actor, pid_t pid)
{
    for (size_t i = 0; i < c->programs; i++) {
        const struct program *p = c->program[i];
        if (p->actor == actor) /* one that is not traced any more ends with its scaffold's number */
            return !p->sanitized && !program_is_first(p, pid) && pid != p->daemon;
    }
    return false;
}

bool family_is_reference(const struct check *c, actor_id actor)
{
    for (size_t i = 0; i < c->programs; i++)
        if (c->program[i]->actor == actor)
            return c->program[i]->reference;
    return false;
}

bool family_was_killed(const struct check *c, const struct event *end)
{
    for (const struct event *e = NULL; (e = timeline_find(c->timeline, e, EVENT_PEER, end->actor, NULL));)
        if (e->pid == end->pid)
            return true;
    return false;
}

/* --- what is done to them ------------------------------------------------------------------------------------ */

/** Argument of has_died(). */
struct member {
    const struct program *program;
    pid_t pid;
};

static bool has_died(struct check *c, void *argument)
{
    const struct member *m = argument;
    for (const struct event *e = NULL; (e = timeline_find(c->timeline, e, EVENT_END, m->program->actor, NULL));)
        if (e->pid == m->pid)
            return true;
    return false;
}

void program_kill_child(struct program *p, pid_t pid, int signal, const char *who)
{
    struct check *c = p->check;
    struct member child = {p, pid};
    if (pid <= 0 || program_is_first(p, pid))
        BUG("process %d is no child of %s", (int)pid, p->name);
    struct event *e = timeline_add(c->timeline, EVENT_PEER, p->actor);
    e->pid = pid;
    event_text(e, _("%s is sent to %s"), signal_name(signal), who);
    if (kill(pid, signal) < 0 && errno != ESRCH)
        check_trouble(c, _("a process of %s cannot be sent a signal: %s"), p->name, strerror(errno));
    check_wait(c, has_died, &child);
    check_rest(c);
}

static bool stands_still(struct check *c, void *argument)
{
    const struct member *m = argument;
    return tracer_is_frozen(c->tracer, m->pid);
}

void program_freeze(struct program *p, pid_t pid)
{
    struct check *c = p->check;
    struct member parent = {p, pid};
    if (tracer_freeze(c->tracer, pid) < 0)
        return; /* it has ended: there is nobody to be kept */
    enum wait_end end = check_wait(c, stands_still, &parent);
    if (end != WAIT_OK) {
        failure_of_time(c, end, check_text(c, _("%s should stand still"), p->name));
        check_trouble(c, _("%s could not be kept from running"), p->name);
    }
    event_text(timeline_add(c->timeline, EVENT_NOTE, p->actor), _("the grader keeps it from running for a while"));
}

void program_thaw(struct program *p, pid_t pid)
{
    tracer_thaw(p->check->tracer, pid);
    event_text(timeline_add(p->check->timeline, EVENT_NOTE, p->actor), _("the grader lets it go on"));
}
