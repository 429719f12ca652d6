/**
 * @file step.c
 * The numbered steps of a conversation up to its failure, in words.
 */
#include "check/internal.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    STEPS_FIRST = 6, /* steps shown at the start */
    STEPS_LAST = 10, /* and before the failure */
    SHOWN = 60,      /* bytes of output in a step */
};

/** A call that the grader made fail. */
static bool is_failed(const struct event *e)
{
    return e->injected && e->done && e->result < 0;
}

static const struct program *program_of(const struct check *c, const struct event *e)
{
    for (size_t i = 0; i < c->programs; i++)
        if (c->program[i]->actor == e->actor)
            return c->program[i];
    return NULL;
}

static bool is_child(const struct check *c, const struct event *end)
{
    return family_is_child(c, end->actor, end->pid);
}

static bool was_killed(const struct check *c, const struct event *end)
{
    const struct program *p = program_of(c, end);
    return p && p->killed && WIFSIGNALED(end->status) && WTERMSIG(end->status) == SIGKILL;
}

/** A child that went down with its program: the end of a run takes all its processes along. */
static bool was_taken_along(const struct check *c, const struct event *end)
{
    if (!WIFSIGNALED(end->status) || WTERMSIG(end->status) != SIGKILL || !is_child(c, end))
        return false;
    for (struct event *e = NULL; (e = timeline_find(c->timeline, e, EVENT_END, end->actor, NULL)) && e != end;)
        if (!is_child(c, e))
            return true;
    return false;
}

bool step_is_dial(const struct event *e)
{
    return (e->group & CALL_CONNECT) && (e->fd_kind == FD_SOCKET || e->fd_kind == FD_CONNECTED);
}

/** A sleep that the grader did not wait for. */
static bool is_skipped(const struct event *e)
{
    return e->injected && e->done && e->result == 0 && e->value > 0 &&
           (e->group & (CALL_SLEEP | CALL_WAIT));
}

/** A sanitizer's words, which are shown apart from the steps. */
static bool is_report(const struct check *c, const struct event *output)
{
    const struct program *p = program_of(c, output);
    return p && p->sanitized && output->arg[0] == STDERR_FILENO && p->reported;
}

bool step_is_told(const struct check *c, const struct event *e)
{
    if (e->seq <= c->scene)
        return false;
    switch (e->kind) {
    case EVENT_PEER:
    case EVENT_NOTE:
        return true;
    case EVENT_OUTPUT:
        return !is_report(c, e);
    case EVENT_END:
        return !(was_killed(c, e) && is_child(c, e)) && !was_taken_along(c, e);
    case EVENT_CALL:
        return is_failed(e) || step_is_dial(e) || is_skipped(e);
    default:
        return false;
    }
}

static void describe_end(const struct check *c, struct buf *b, const struct event *e)
{
    const char *name = c->timeline->actor[e->actor];
    const struct program *p = program_of(c, e);
    if (p && p->background && e->pid == p->daemon)
        name = xasprintf(_("%s (the daemon)"), name);
    else if (p && p->background && !is_child(c, e))
        name = xasprintf(_("%s (the command)"), name);
    else if (is_child(c, e))
        name = xasprintf(_("a child of %s"), name);
    if (was_killed(c, e))
        buf_printf(b, _("the grader ends %s"), name);
    else if (WIFSIGNALED(e->status))
        buf_printf(b, _("%s is killed by %s"), name, signal_name(WTERMSIG(e->status)));
    else
        buf_printf(b, _("%s ends with status %d"), name, WEXITSTATUS(e->status));
}

/** The student's line, if what happened has one. */
static void add_line(const struct check *c, struct buf *b, const struct event *e)
{
    struct source_line where;
    if (tracer_where(c->tracer, e, &where))
        buf_printf(b, _(" (%s:%d)"), where.file, where.line);
}

/** A call that is a step by itself. */
static void describe_call(const struct check *c, struct buf *b, const struct event *e)
{
    bool failed = is_failed(e);
    /* Of one that was made to fail the name alone. */
    const char *text = e->text ? e->text : e->call;
    size_t shown = failed ? strcspn(text, "(") : strlen(text);
    buf_printf(b, _("%s calls %.*s"), c->timeline->actor[e->actor], (int)shown, text);
    add_line(c, b, e);
    if (failed)
        buf_printf(b, _("; the grader makes it fail with %s (%s)"), errno_name((int)-e->result),
                   strerror((int)-e->result));
    else if (is_skipped(e))
        buf_puts(b, _("; the grader skips this wait"));
}

void step_describe(const struct check *c, struct buf *b, const struct event *e)
{
    const char *name = c->timeline->actor[e->actor];
    if (e->kind == EVENT_CALL) {
        describe_call(c, b, e);
        return;
    }
    if (e->kind == EVENT_END) {
        describe_end(c, b, e);
        return;
    }
    if (e->kind == EVENT_NOTE) {
        buf_printf(b, "%s: %s", name, e->text ? e->text : "");
        add_line(c, b, e);
        return;
    }
    if (e->kind == EVENT_PEER) {
        buf_puts(b, e->text ? e->text : "");
        return;
    }
    if (e->data_length == 0 && e->data_total > 0) {
        buf_printf(b, _("%s prints %zu bytes"), name, e->data_total);
        return;
    }
    buf_printf(b, e->arg[0] == 1 ? _("%s prints ") : _("%s writes to stderr: "), name);
    buf_quote(b, e->data, e->data_length, SHOWN);
}

/** What a program printed beyond what is kept. */
static void tell_cuts(const struct check *c, struct finding *f)
{
    for (size_t i = 0; i < c->programs; i++) {
        const struct program *p = c->program[i];
        if (p->output.dropped > 0)
            finding_step(f, _("(the output of %s is cut here: %zu bytes after the first %zu)"), p->name,
                         p->output.dropped, p->output.length);
        if (p->errors.dropped > 0)
            finding_step(f, _("(the stderr of %s is cut here: %zu bytes after the first %zu)"), p->name,
                         p->errors.dropped, p->errors.length);
    }
}

/** Steps in the order in which they are told; equal ones in a row are one, and so is a long row of what one peer sends. */
struct step {
    const struct event *event;
    size_t times;
    size_t bytes; /* 0, or what all of the row sends */
};

/** Calls that read alike: of one that was made to fail, its arguments are not shown. */
static bool is_repeat(const struct event *e, const struct event *before)
{
    if (e->kind != EVENT_CALL || before->kind != EVENT_CALL || e->actor != before->actor || e->call != before->call)
        return false;
    if (e->stack != before->stack || e->result != before->result || is_failed(e) != is_failed(before))
        return false;
    return is_failed(e) || (e->text && before->text && strcmp(e->text, before->text) == 0);
}

/** The last output of the program that ended with @p end: read later than its end was seen, but written before. */
static size_t last_output(const struct check *c, size_t end)
{
    const struct timeline *t = c->timeline;
    size_t last = end;
    for (size_t i = end + 1; i < t->count; i++)
        if (t->event[i]->kind == EVENT_OUTPUT && t->event[i]->actor == t->event[end]->actor)
            last = i;
    return last;
}

static size_t collect_steps(const struct check *c, struct step *step)
{
    const struct timeline *t = c->timeline;
    const struct event *late[PROGRAMS_MAX]; /* ends that wait for their program's last output */
    size_t due[PROGRAMS_MAX], lates = 0, n = 0;
    for (size_t i = 0; i < t->count; i++) {
        const struct event *e = t->event[i];
        size_t last = e->kind == EVENT_END && step_is_told(c, e) ? last_output(c, i) : i;
        if (last > i && lates < PROGRAMS_MAX) {
            late[lates] = e;
            due[lates++] = last;
        } else if (step_is_told(c, e)) {
            if (n > 0 && is_repeat(e, step[n - 1].event))
                step[n - 1].times++;
            else
                step[n++] = (struct step){e, 1, 0};
        }
        for (size_t k = 0; k < lates; k++)
            if (due[k] == i)
                step[n++] = (struct step){late[k], 1, 0};
    }
    return n;
}

/** How many steps from the first one on are sends of one peer. */
static size_t count_sends(const struct step *step, size_t steps)
{
    size_t n = 0;
    while (n < steps && step[n].event->kind == EVENT_PEER && step[n].event->flow == FLOW_SENDS &&
           step[n].event->actor == step[0].event->actor)
        n++;
    return n;
}

/** Who says hundreds of lines would push everything else out of the story. How many steps are left. */
static size_t gather_sends(struct step *step, size_t steps)
{
    enum { FEW = 3 };
    size_t n = 0;
    for (size_t i = 0, sends; i < steps; i += sends > FEW ? sends : 1) {
        sends = count_sends(step + i, steps - i);
        step[n] = step[i];
        for (size_t k = 0; sends > FEW && k < sends; k++)
            step[n].bytes += step[i + k].event->data_total;
        n++;
    }
    return n;
}

static void add_step(struct check *c, struct finding *f, const struct step *step)
{
    struct buf b = {0};
    step_describe(c, &b, step->event);
    if (step->times > 1)
        buf_printf(&b, _(" (%zu times)"), step->times);
    if (step->bytes > 0)
        buf_printf(&b, _(" and goes on: %zu bytes in all"), step->bytes);
    finding_step(f, "%s", buf_text(&b));
    buf_free(&b);
}

void failure_add_steps(struct check *c, struct finding *f)
{
    struct step *step = xcalloc(c->timeline->count + 1, sizeof(step[0]));
    size_t total = gather_sends(step, collect_steps(c, step));
    for (size_t i = 0; i < total; i++) {
        if (i < STEPS_FIRST || i + STEPS_LAST >= total)
            add_step(c, f, &step[i]);
        else if (i == STEPS_FIRST)
            finding_step(f, _("... %zu more steps ..."), total - STEPS_FIRST - STEPS_LAST);
    }
    free(step);
    tell_cuts(c, f);
}
