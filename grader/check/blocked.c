/**
 * @file blocked.c
 * Who waits in what, when nobody can go on: in words, and as places in the student's source.
 */
#include "check/internal.h"

#include <stdlib.h>
#include <string.h>

/** Tasks as they are told: first those whose waiting may explain something. */
enum rank {
    RANK_TALKS,
    RANK_DOOR,      /* waits for the next client, as a server does */
    RANK_REFERENCE, /* no student's */
    RANKS,
};

static enum rank rank_of(const struct check *c, const struct wait *w)
{
    if (family_is_reference(c, w->actor))
        return RANK_REFERENCE;
    return w->call && (w->group & CALL_ACCEPT) ? RANK_DOOR : RANK_TALKS;
}

/** The tasks of @p look into @p out, by rank; how many. */
static size_t sort_waits(const struct check *c, const struct look *look, enum rank last, const struct wait *out[LOOK_MAX])
{
    size_t n = 0;
    for (enum rank rank = 0; rank <= last; rank++)
        for (size_t i = 0; i < look->tasks; i++)
            if (rank_of(c, &look->task[i]) == rank)
                out[n++] = &look->task[i];
    return n;
}

void blocked_add_places(struct check *c, struct finding *f)
{
    struct look look;
    const struct wait *wait[LOOK_MAX];
    tracer_look(c->tracer, &look);
    size_t waits = sort_waits(c, &look, RANK_DOOR, wait);
    for (size_t i = 0; i < waits; i++) {
        const struct wait *w = wait[i];
        struct source_line where;
        struct buf text = {0};
        bool known = tracer_where_waits(c->tracer, w, &where);
        if (w->event && w->event->text)
            buf_puts(&text, w->event->text);
        else if (known && w->call)
            tracer_describe_call(w, &text);
        failure_add_line(c, f, known ? &where : NULL, text.length ? buf_text(&text) : NULL);
        buf_free(&text);
    }
}

/** "a thread of chat_server is blocked in recv(4, ...) at chat_server.c:201" */
static char *describe(struct check *c, const struct wait *w)
{
    struct buf b = {0};
    struct source_line where;
    const char *name = c->timeline->actor[w->actor];
    if (family_is_child(c, w->actor, w->pid))
        buf_printf(&b, _("a child of %s "), name);
    else
        buf_printf(&b, w->tid != w->pid ? _("a thread of %s ") : "%s ", name);
    tracer_describe(w, &b);
    if (tracer_where_waits(c->tracer, w, &where))
        buf_printf(&b, _(" at %s:%d"), where.file, where.line);
    return buf_take(&b);
}

/** Two tasks of one program in one line of it tell the same. */
static bool are_alike(struct check *c, const struct wait *one, const struct wait *other)
{
    struct source_line here, there;
    if (one->actor != other->actor || one->state != other->state || one->call != other->call)
        return false;
    bool known = tracer_where_waits(c->tracer, one, &here);
    return known == tracer_where_waits(c->tracer, other, &there) && here.line == there.line &&
           (!known || strcmp(here.file, there.file) == 0);
}

char *blocked_describe(struct check *c)
{
    enum { TOLD = 3 };
    struct look look;
    const struct wait *wait[LOOK_MAX], *told[TOLD];
    struct buf b = {0};
    size_t n = 0;
    tracer_look(c->tracer, &look);
    size_t waits = sort_waits(c, &look, RANK_REFERENCE, wait);
    for (size_t i = 0; i < waits && n < TOLD; i++) {
        bool again = false;
        for (size_t k = 0; k < n; k++)
            again = again || are_alike(c, told[k], wait[i]);
        if (again)
            continue;
        char *text = describe(c, wait[i]);
        buf_printf(&b, "%s%s", n ? "; " : "", text);
        free(text);
        told[n++] = wait[i];
    }
    if (n == 0)
        buf_puts(&b, _("no program runs any more"));
    for (size_t i = 0; i < c->peers; i++)
        if (c->peer[i]->echo && c->peer[i]->state == PEER_OPEN && !peer_sent(c->peer[i]))
            buf_printf(&b, _("; %s cannot send back what it has received, because nobody reads that, and so reads no more"),
                       c->peer[i]->name);
    return buf_take(&b);
}
