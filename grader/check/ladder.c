/**
 * @file ladder.c
 * The drawing of a conversation: which moments are rows, on whose lifeline, in which words.
 */
#include "check/drawing.h"

#include <stdlib.h>
#include <string.h>

enum {
    ROWS_FIRST = 10,                          /* shown at the start: a server's way to its door */
    ROWS_LAST = LADDER_ROWS - ROWS_FIRST - 5, /* and before the failure; one is the gap's, the others the last waits' */
    TEXT_SHOWN = 220,                         /* bytes of a row's text */
};

/* --- what is a row -------------------------------------------------------------------------------------- */

/** getaddrinfo(3) makes datagram sockets to ask for routes, on which nothing ever moves. */
static bool carries_datagrams(const struct timeline *t, actor_id actor, int sock)
{
    for (size_t i = 0; i < t->count; i++) {
        const struct event *other = t->event[i];
        if (other->kind == EVENT_CALL && other->actor == actor && other->sock == sock &&
            (other->group & (CALL_READ | CALL_WRITE | CALL_BIND)))
            return true;
    }
    return false;
}

static bool is_shown_call(const struct timeline *t, const struct event *e)
{
    enum { ON_SOCKETS = CALL_BIND | CALL_LISTEN | CALL_ACCEPT | CALL_CONNECT | CALL_SHUTDOWN | CALL_OPTION | CALL_READ |
                        CALL_WRITE | CALL_CLOSE };
    uint32_t group = e->group;
    if (group & CALL_EXIT)
        return false;
    if (e->injected || !e->done || (group & (CALL_FORK | CALL_CHILD | CALL_SLEEP | CALL_WAIT)))
        return true;
    if (group & CALL_SOCKET)
        return e->new_sock > 0 && ((e->arg[1] & 0xf) == SOCK_STREAM || carries_datagrams(t, e->actor, e->new_sock));
    if (!(group & ON_SOCKETS))
        return false;
    switch (e->fd_kind) {
    case FD_SOCKET:
    case FD_LISTENER:
    case FD_ACCEPTED:
    case FD_CONNECTED:
        return true;
    case FD_STDIN:
    case FD_STDOUT:
    case FD_STDERR:
        return group & (CALL_READ | CALL_WRITE);
    case FD_DATAGRAM:
        return carries_datagrams(t, e->actor, e->sock);
    default:
        return false;
    }
}

/** Output is told by the write that made it, if that was watched. */
static bool is_shown(const struct check *c, const struct event *e)
{
    const struct program *p = drawing_program(c, e->actor);
    if (e->seq <= c->scene)
        return false;
    if (e->kind == EVENT_CALL)
        return is_shown_call(c->timeline, e);
    if (e->kind == EVENT_OUTPUT && p && !p->sanitized && (p->traced & CALL_WRITE))
        return false;
    return e->kind == EVENT_SIGNAL || step_is_told(c, e);
}

/** Calls that read alike and move nothing. */
static bool is_repeat(const struct moment *m, const struct moment *before)
{
    const struct event *a = m->event, *b = before->event;
    if (a->kind != EVENT_CALL || b->kind != EVENT_CALL || a->actor != b->actor || a->tid != b->tid || a->call != b->call)
        return false;
    if (m->sent || m->taken || m->dials || m->accepts || m->ends || m->closes || m->begins || before->begins || !a->done)
        return false;
    return a->stack == b->stack && a->text && b->text && strcmp(a->text, b->text) == 0;
}

static void choose_rows(struct drawing *d)
{
    d->row = xcalloc(d->all.count + 1, sizeof(d->row[0]));
    for (size_t i = 0; i < d->all.count; i++) {
        const struct moment *m = &d->all.item[i];
        struct row *last = d->rows > 0 ? &d->row[d->rows - 1] : NULL;
        const struct moment *before = last ? &d->all.item[last->at] : NULL;
        if (!is_shown(d->check, m->event))
            continue;
        if (before && before->begins && before->event == m->event) {
            *last = (struct row){(int)i, m->dials ? (int)i : last->at, 1}; /* nothing came between entry and return */
            if (!d->all.item[last->sender].dials)
                last->sender = (int)i;
        } else if (before && is_repeat(m, before)) {
            last->times++;
        } else {
            d->row[d->rows++] = (struct row){(int)i, (int)i, 1};
        }
    }
}

/* --- words --------------------------------------------------------------------------------------------------- */

/** "child 2" for the second process that the program made, "thread 1"; NULL for its first task. */
static char *name_task(const struct drawing *d, actor_id actor, pid_t tid)
{
    pid_t first = tracer_process(d->check->tracer, actor);
    size_t children = 0, threads = 0;
    if (tid == 0 || tid == first)
        return NULL;
    for (size_t i = 0; i < d->timeline->count; i++) {
        const struct event *start = d->timeline->event[i];
        if (start->kind != EVENT_START || start->actor != actor || start->tid == first)
            continue;
        bool process = start->pid == start->tid;
        size_t number = process ? ++children : ++threads;
        if (start->tid == tid)
            return xasprintf(process ? _("child %zu") : _("thread %zu"), number);
    }
    return NULL;
}

static char *name_actor(const struct drawing *d, const struct event *e, size_t actors)
{
    bool acts = e->kind == EVENT_CALL || e->kind == EVENT_SIGNAL;
    char *task = acts ? name_task(d, e->actor, e->tid) : NULL;
    if (e->kind == EVENT_PEER || e->kind == EVENT_END || e->kind == EVENT_OUTPUT || actors < 2)
        return task; /* these tell their name themselves, or it stands above */
    char *who = task ? xasprintf("%s, %s", d->timeline->actor[e->actor], task) : xstrdup(d->timeline->actor[e->actor]);
    free(task);
    return who;
}

static enum ladder_kind kind_of(const struct event *e)
{
    switch (e->kind) {
    case EVENT_CALL: return LADDER_CALL;
    case EVENT_SIGNAL: return LADDER_SIGNAL;
    case EVENT_END: return LADDER_END;
    case EVENT_NOTE: return LADDER_NOTE;
    default: return LADDER_ACT;
    }
}

/** A call that only begins. Its name is the one that its text has, if there is one already. */
static void add_beginning(struct buf *text, const struct event *e)
{
    const char *name = e->text ? e->text : e->call;
    buf_add(text, name, strcspn(name, "("));
    if (e->fd >= 0)
        buf_printf(text, "(%d, ...)", e->fd);
    else
        buf_puts(text, "(...)");
}

static char *describe_row(const struct drawing *d, const struct row *row)
{
    const struct moment *m = &d->all.item[row->at];
    const struct event *e = m->event;
    struct buf text = {.limit = TEXT_SHOWN};
    if (e->kind == EVENT_CALL && m->begins)
        add_beginning(&text, e);
    else if (e->kind == EVENT_SIGNAL)
        buf_printf(&text, _("%s arrives"), e->text ? e->text : _("a signal"));
    else if (e->kind == EVENT_CALL || e->kind == EVENT_NOTE)
        buf_puts(&text, e->text ? e->text : e->call ? e->call : "");
    else
        step_describe(d->check, &text, e);
    bool cut = text.dropped > 0;
    struct buf whole = {0}; /* a limit may have cut a letter in two */
    buf_plain(&whole, buf_text(&text), text.length);
    buf_puts(&whole, cut ? "..." : "");
    if (row->times > 1)
        buf_printf(&whole, _(" (%zu times)"), row->times);
    buf_free(&text);
    return buf_take(&whole);
}

static char *describe_load(const struct taker *taker)
{
    switch (taker->travel) {
    case TRAVEL_CONNECTION: return xstrdup(_("connects"));
    case TRAVEL_BYTES:
        return xasprintf(ngettext("%llu byte", "%llu bytes", (unsigned long)taker->bytes), (unsigned long long)taker->bytes);
    case TRAVEL_END: return xstrdup(_("end of file"));
    case TRAVEL_RESET: return xstrdup(_("reset"));
    default: return NULL;
    }
}

/** A call that the end of the check found under way; not one whose process is gone. */
static bool is_waiting(const struct timeline *t, const struct event *e)
{
    if (e->kind != EVENT_CALL || e->done)
        return false;
    for (size_t i = (size_t)e->seq; i < t->count; i++)
        if (t->event[i]->kind == EVENT_END && t->event[i]->pid == e->pid)
            return false;
    return true;
}

static bool is_kept(const struct drawing *d, const struct event *e)
{
    for (size_t i = 0; i < d->look.tasks; i++)
        if (d->look.task[i].state == TASK_HELD && d->look.task[i].event == e)
            return true;
    return false;
}

/* --- putting it together -------------------------------------------------------------------------------------- */

static void add_row(struct drawing *d, struct ladder *l, const struct row *row, const size_t *actors)
{
    const struct moment *m = &d->all.item[row->at];
    const struct event *e = m->event;
    struct source_line where;
    struct ladder_row *out = ladder_add(l);
    if (!out)
        return;
    out->lane = d->lane[e->actor] == RIGHT ? RIGHT : LEFT;
    out->kind = kind_of(e);
    out->who = name_actor(d, e, actors[out->lane]);
    out->text = describe_row(d, row);
    out->injected = e->injected || e->kind == EVENT_NOTE;
    out->waits = is_waiting(d->timeline, e);
    out->kept = out->waits && is_kept(d, e);
    if ((e->kind == EVENT_CALL || e->kind == EVENT_SIGNAL) && tracer_where(d->check->tracer, e, &where)) {
        out->file = xstrdup(where.file);
        out->line = where.line;
        out->source = quote_source(d->check->intake, where.file, where.line);
    }
}

/** The ladder's row for a moment; -1 if it has none. @p first: the row of the ladder's that row @p from is. */
static int find_row(const struct drawing *d, const int *place, int moment)
{
    for (size_t i = 0; i < d->rows; i++)
        if (place[i] >= 0 && (d->row[i].at == moment || d->row[i].sender == moment))
            return place[i];
    return -1;
}

/** Arrows and bars: after all rows have their places. */
static void tie_row(const struct drawing *d, struct ladder *l, const int *place, size_t i)
{
    struct ladder_row *row = &l->row[place[i]];
    struct taker taker = moments_find_taker(&d->all, d->row[i].sender, d->blind);
    int since = d->all.item[d->row[i].at].since;
    row->since = since >= 0 && d->row[i].sender == d->row[i].at ? find_row(d, place, since) : LADDER_NOWHERE;
    if (row->since >= place[i])
        row->since = LADDER_NOWHERE;
    row->travel = taker.travel;
    row->load = describe_load(&taker);
    if (taker.travel == TRAVEL_NOTHING || taker.at == LADDER_NOWHERE)
        return;
    int to = find_row(d, place, taker.at);
    row->to = to > place[i] && l->row[to].lane != row->lane ? to : place[i];
}

static void add_gap(struct ladder *l, size_t left_out)
{
    struct ladder_row *row = ladder_add(l);
    row->kind = LADDER_GAP;
    row->text = xasprintf(ngettext("... %zu more moment ...", "... %zu more moments ...", left_out), left_out);
}

/** Programs that are blocked in a call which nobody recorded, as happens where megabytes move. */
static void add_unrecorded_waits(const struct drawing *d, struct ladder *l)
{
    for (size_t i = 0; i < d->look.tasks; i++) {
        const struct wait *w = &d->look.task[i];
        if (w->state == TASK_RUNNING || !w->call || (w->event && w->event->seq > 0) || d->lane[w->actor] < 0)
            continue;
        struct ladder_row *row = ladder_add(l);
        if (!row)
            return;
        row->lane = d->lane[w->actor];
        row->kind = LADDER_CALL;
        row->who = name_task(d, w->actor, w->tid);
        row->text = xasprintf(w->fd >= 0 ? "%s(%d, ...)" : "%s(...)", w->name, w->fd);
        row->waits = true;
        row->kept = w->state == TASK_HELD;
    }
}

static void add_stop(const struct check *c, struct ladder *l)
{
    struct ladder_row *row = c->awaited_in_vain ? ladder_add(l) : NULL;
    if (!row)
        return;
    row->kind = LADDER_STOP;
    row->text = xasprintf(_("Nobody can go on: %s."), c->awaited_in_vain);
}

static void add_rows(struct drawing *d, struct ladder *l, const size_t *actors)
{
    int *place = xcalloc(d->rows + 1, sizeof(place[0]));
    bool whole = d->rows <= ROWS_FIRST + ROWS_LAST;
    for (size_t i = 0; i < d->rows; i++) {
        bool left_out = !whole && i >= ROWS_FIRST && i + ROWS_LAST < d->rows;
        if (left_out && i == ROWS_FIRST)
            add_gap(l, d->rows - ROWS_FIRST - ROWS_LAST);
        place[i] = left_out ? -1 : (int)l->rows;
        if (!left_out)
            add_row(d, l, &d->row[i], actors);
    }
    for (size_t i = 0; i < d->rows; i++)
        if (place[i] >= 0)
            tie_row(d, l, place, i);
    free(place);
}

void ladder_draw(struct check *c, struct finding *f)
{
    struct drawing d = {.check = c, .timeline = c->timeline};
    size_t actors[LADDER_LANES] = {0};
    if (!c->timeline || f->ladder.rows > 0)
        return;
    d.blind = c->timeline->dropped > 0;
    for (size_t i = 0; i < c->programs; i++)
        d.blind |= c->program[i]->sanitized || !(c->program[i]->traced & CALL_READ);
    d.all = moments_collect(c->timeline);
    moments_connect(&d.all);
    choose_rows(&d);
    tracer_look(c->tracer, &d.look);
    drawing_place(&d);
    drawing_name(&d, &f->ladder, actors);
    add_rows(&d, &f->ladder, actors);
    f->ladder.stuck = f->verdict == VERDICT_STUCK;
    if (f->ladder.stuck) {
        add_unrecorded_waits(&d, &f->ladder);
        add_stop(c, &f->ladder);
    }
    free(d.row);
    free(d.all.item);
}
