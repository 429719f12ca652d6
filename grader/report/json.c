/**
 * @file json.c
 * A grade for programs. The fields of DESIGN's example are promised and never change their meaning;
 * `version` goes up if they ever must.
 */
#include "report/render.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { FORMAT_VERSION = 1 };

/* jansson refuses what is not UTF-8, and lets DEL and the C1 controls through. */
static json_t *make_string(const char *text)
{
    struct buf clean = {0};

    if (!text)
        return json_null();
    buf_plain(&clean, text, strlen(text));
    json_t *string = json_stringn(buf_text(&clean), clean.length);
    buf_free(&clean);
    return string;
}

static json_t *make_text(const char *text)
{
    return make_string(text ? text : "");
}

/* Milliseconds are what a person can use; the binary fraction's tail is noise. */
static json_t *make_seconds(int64_t ns)
{
    int64_t ms = ns / 1000000;

    return json_real((double)ms / 1000.0);
}

static json_t *make_list(char *const *line, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, make_text(line[i]));
    return list;
}

/* Which were on, for those who filter; why the others were off, for those who mend. */
static json_t *make_protections(const struct grade *g)
{
    json_t *object = json_object();

    for (size_t i = 0; i < g->protections; i++)
        json_object_set_new(object, g->protection[i].id, json_boolean(g->protection[i].on));
    return object;
}

static json_t *make_unprotected(const struct grade *g)
{
    json_t *object = json_object();

    for (size_t i = 0; i < g->protections; i++) {
        if (!g->protection[i].on)
            json_object_set_new(object, g->protection[i].id, make_text(g->protection[i].reason));
    }
    return object;
}

static json_t *make_places(const struct finding *f)
{
    json_t *list = json_array();

    for (size_t i = 0; i < f->places; i++) {
        const struct place *place = &f->place[i];
        json_t *object = json_object();
        json_object_set_new(object, "file", make_string(place->file));
        json_object_set_new(object, "line",
                            place->line > 0 ? json_integer(place->line) : json_null());
        json_object_set_new(object, "call", make_string(place->call));
        json_object_set_new(object, "source", make_string(place->source));
        json_array_append_new(list, object);
    }
    return list;
}

/* What is the rule is left out: a row that is nobody's fault and goes nowhere is two fields. */
static json_t *make_row(const struct ladder_row *row)
{
    json_t *object = json_object();

    json_object_set_new(object, "lane", json_integer(row->lane));
    json_object_set_new(object, "kind", json_string(ladder_kind_word(row->kind)));
    json_object_set_new(object, "text", make_text(row->text));
    if (row->who)
        json_object_set_new(object, "who", make_text(row->who));
    if (row->file)
        json_object_set_new(object, "file", make_text(row->file));
    if (row->line > 0)
        json_object_set_new(object, "line", json_integer(row->line));
    if (row->source)
        json_object_set_new(object, "source", make_text(row->source));
    if (row->since != LADDER_NOWHERE)
        json_object_set_new(object, "since", json_integer(row->since));
    if (row->injected)
        json_object_set_new(object, "injected", json_true());
    if (row->waits)
        json_object_set_new(object, "waits", json_true());
    if (row->kept)
        json_object_set_new(object, "kept", json_true());
    if (row->travel == TRAVEL_NOTHING)
        return object;
    json_object_set_new(object, "travel", json_string(ladder_travel_word(row->travel)));
    json_object_set_new(object, "load", make_text(row->load));
    json_object_set_new(object, "to", row->to == LADDER_NOWHERE ? json_null() : json_integer(row->to));
    return object;
}

static json_t *make_ladder(const struct ladder *l)
{
    if (l->rows == 0)
        return json_null();

    json_t *object = json_object(), *lanes = json_array(), *rows = json_array();
    for (int i = 0; i < LADDER_LANES; i++) {
        json_t *lane = json_object();
        json_object_set_new(lane, "name", make_string(l->lane[i]));
        json_object_set_new(lane, "student", json_boolean(l->student[i]));
        json_array_append_new(lanes, lane);
    }
    for (size_t i = 0; i < l->rows; i++)
        json_array_append_new(rows, make_row(&l->row[i]));
    json_object_set_new(object, "lanes", lanes);
    json_object_set_new(object, "stuck", json_boolean(l->stuck));
    json_object_set_new(object, "rows", rows);
    return object;
}

static json_t *make_check(const struct check_result *r)
{
    const struct finding *f = &r->finding;
    json_t *object = json_object();

    json_object_set_new(object, "id", make_text(r->id));
    json_object_set_new(object, "title", make_text(_(r->title)));
    json_object_set_new(object, "status", make_text(check_status_word(r->status)));
    json_object_set_new(object, "points", json_integer(r->points));
    json_object_set_new(object, "max", json_integer(r->max));
    json_object_set_new(object, "verdict", make_text(verdict_word(f->verdict)));
    json_object_set_new(object, "message", make_text(f->message));
    json_object_set_new(object, "expected", make_string(f->expected));
    json_object_set_new(object, "actual", make_string(f->actual));
    json_object_set_new(object, "where", make_places(f));
    json_object_set_new(object, "steps", make_list(f->step, f->steps));
    json_object_set_new(object, "output", make_list(f->output, f->outputs));
    json_object_set_new(object, "ladder", make_ladder(&f->ladder));
    json_object_set_new(object, "why", make_text(r->why ? _(r->why) : NULL));
    json_object_set_new(object, "hint", make_text(r->hint ? _(r->hint) : NULL));
    json_object_set_new(object, "handout", make_text(r->handout));
    json_object_set_new(object, "replay", make_text(r->replay));
    json_object_set_new(object, "seconds", make_seconds(r->duration));
    return object;
}

/* JSON's integers end at 2^63 - 1 here: a larger seed keeps all its digits as a string. */
static json_t *make_seed(uint64_t seed)
{
    char digits[24];

    if (seed <= INT64_MAX)
        return json_integer((json_int_t)seed);
    snprintf(digits, sizeof digits, "%llu", (unsigned long long)seed);
    return json_string(digits);
}

static json_t *make_grade(const struct grade *g)
{
    json_t *root = json_object();
    json_t *checks = json_array();

    for (size_t i = 0; i < g->checks; i++)
        json_array_append_new(checks, make_check(&g->check[i]));
    json_object_set_new(root, "version", json_integer(FORMAT_VERSION));
    json_object_set_new(root, "lab", make_text(g->lab));
    json_object_set_new(root, "title", make_text(g->title ? _(g->title) : NULL));
    json_object_set_new(root, "directory", make_text(g->directory));
    json_object_set_new(root, "score", json_integer(g->score));
    json_object_set_new(root, "max", json_integer(g->max));
    json_object_set_new(root, "complete", json_boolean(g->complete));
    json_object_set_new(root, "sandbox", make_text(g->sandbox));
    json_object_set_new(root, "protections", make_protections(g));
    json_object_set_new(root, "unprotected", make_unprotected(g));
    json_object_set_new(root, "missing", make_list(g->missing, g->missing_count));
    json_object_set_new(root, "notes", make_list(g->note, g->notes));
    json_object_set_new(root, "seed", make_seed(g->seed));
    json_object_set_new(root, "seconds", make_seconds(g->duration));
    json_object_set_new(root, "checks", checks);
    return root;
}

/* Writes it out, and lets go of it. */
static void put_json(struct buf *out, json_t *root)
{
    char *text = json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    if (!text)
        die(STATUS_TROUBLE, "%s", _("the JSON report could not be written"));
    buf_puts(out, text);
    buf_puts(out, "\n");
    free(text);
    json_decref(root);
}

void render_json(struct buf *out, const struct grade *g, const struct report_style *style)
{
    (void)style;
    put_json(out, make_grade(g));
}

void render_all_json(struct buf *out, const struct grade *g, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, make_grade(&g[i]));
    put_json(out, list);
}
