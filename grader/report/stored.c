/**
 * @file stored.c
 * A JSON result back into a grade. What the grade borrows from a lab's table is borrowed from the document here.
 */
#include "report/stored.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum {
    CHECKS_MAX = 1000, /* nonsense beyond it, and must not be allocated */
    POINTS_MAX = 1000000,
};

/* What was wrong first; NULL while all is well. */
struct reader {
    char *wrong;
};

static void complain(struct reader *r, const char *field, const char *what)
{
    if (!r->wrong)
        r->wrong = xasprintf(_("the field \"%s\" %s"), field, what);
}

/* --- fields ----------------------------------------------------------------------------------------- */

/* A string of the document's; NULL where there is none or it is empty. */
static const char *read_text(struct reader *r, const json_t *object, const char *field)
{
    const json_t *value = json_object_get(object, field);

    if (!value || json_is_null(value))
        return NULL;
    if (!json_is_string(value)) {
        complain(r, field, _("is no text"));
        return NULL;
    }
    if (strlen(json_string_value(value)) != json_string_length(value))
        complain(r, field, _("has a NUL in it"));
    return json_string_length(value) > 0 ? json_string_value(value) : NULL;
}

/* A copy in which nothing can steer a terminal; an empty text stays one. */
static char *copy_text(struct reader *r, const json_t *object, const char *field)
{
    const char *text = read_text(r, object, field);
    struct buf clean = {0};

    if (!text)
        return json_is_string(json_object_get(object, field)) ? xstrdup("") : NULL;
    buf_plain(&clean, text, strlen(text));
    return buf_take(&clean);
}

static long read_number(struct reader *r, const json_t *object, const char *field, long least, long most, long otherwise)
{
    const json_t *value = json_object_get(object, field);

    if (!value || json_is_null(value))
        return otherwise;
    if (json_is_integer(value) && json_integer_value(value) >= least && json_integer_value(value) <= most)
        return (long)json_integer_value(value);
    complain(r, field, _("is no number that it may be"));
    return otherwise;
}

static bool read_truth(struct reader *r, const json_t *object, const char *field, bool otherwise)
{
    const json_t *value = json_object_get(object, field);

    if (!value)
        return otherwise;
    if (!json_is_boolean(value))
        complain(r, field, _("is neither true nor false"));
    return json_is_true(value);
}

/* Milliseconds are kept. */
static int64_t read_seconds(struct reader *r, const json_t *object)
{
    const json_t *value = json_object_get(object, "seconds");
    double seconds = value ? json_number_value(value) : 0;

    if ((value && !json_is_number(value)) || !(seconds >= 0 && seconds < 1e9)) {
        complain(r, "seconds", _("is no length of time"));
        return 0;
    }
    return (int64_t)(seconds * 1000 + 0.5) * 1000000;
}

/* A list, or NULL where there is none. */
static const json_t *read_list(struct reader *r, const json_t *object, const char *field)
{
    const json_t *value = json_object_get(object, field);

    if (!value || json_is_null(value))
        return NULL;
    if (!json_is_array(value))
        complain(r, field, _("is no list"));
    return json_is_array(value) ? value : NULL;
}

static void read_lines(struct reader *r, const json_t *object, const char *field, char ***line, size_t *count)
{
    const json_t *list = read_list(r, object, field);

    if (json_array_size(list) == 0)
        return;
    *line = xcalloc(json_array_size(list), sizeof(char *));
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *text = json_string_value(json_array_get(list, i));
        struct buf clean = {0};
        if (!text)
            complain(r, field, _("has something else than texts"));
        buf_plain(&clean, text ? text : "", text ? strlen(text) : 0);
        (*line)[(*count)++] = buf_take(&clean);
    }
}

/* --- the ladder ----------------------------------------------------------------------------------------- */

static void read_row(struct reader *r, const json_t *object, struct ladder_row *row)
{
    const char *kind = read_text(r, object, "kind");
    const char *travel = read_text(r, object, "travel");

    row->lane = (int)read_number(r, object, "lane", 0, LADDER_LANES - 1, 0);
    row->kind = ladder_kind_of(kind ? kind : "");
    row->travel = travel ? ladder_travel_of(travel) : TRAVEL_NOTHING;
    row->line = (int)read_number(r, object, "line", 0, INT32_MAX, 0);
    row->since = (int)read_number(r, object, "since", 0, LADDER_ROWS, LADDER_NOWHERE);
    row->to = (int)read_number(r, object, "to", 0, LADDER_ROWS, LADDER_NOWHERE);
    row->injected = read_truth(r, object, "injected", false);
    row->waits = read_truth(r, object, "waits", false);
    row->kept = read_truth(r, object, "kept", false);
    row->who = copy_text(r, object, "who");
    row->text = copy_text(r, object, "text");
    row->file = copy_text(r, object, "file");
    row->source = copy_text(r, object, "source");
    row->load = copy_text(r, object, "load");
}

static void read_ladder(struct reader *r, const json_t *check, struct ladder *l)
{
    const json_t *object = json_object_get(check, "ladder");

    if (!object || json_is_null(object))
        return;
    const json_t *lanes = read_list(r, object, "lanes"), *rows = read_list(r, object, "rows");
    for (size_t i = 0; i < LADDER_LANES; i++) {
        const json_t *lane = json_array_get(lanes, i);
        l->lane[i] = copy_text(r, lane, "name");
        l->student[i] = read_truth(r, lane, "student", false);
    }
    l->stuck = read_truth(r, object, "stuck", false);
    for (size_t i = 0; i < json_array_size(rows) && i < LADDER_ROWS; i++)
        read_row(r, json_array_get(rows, i), ladder_add(l));
    if (json_array_size(rows) > LADDER_ROWS || !ladder_is_sound(l))
        complain(r, "ladder", _("is no drawing"));
}

/* --- checks ------------------------------------------------------------------------------------------------ */

static enum check_status read_status(struct reader *r, const json_t *object)
{
    const char *word = read_text(r, object, "status");

    for (enum check_status s = CHECK_PASS; s <= CHECK_ERROR; s++) {
        if (word && strcmp(word, check_status_word(s)) == 0)
            return s;
    }
    complain(r, "status", _("is a word that is not known"));
    return CHECK_ERROR;
}

static enum verdict read_verdict(struct reader *r, const json_t *object)
{
    const char *word = read_text(r, object, "verdict");

    for (enum verdict v = VERDICT_PASS; v < VERDICT_COUNT; v++) {
        if (word && strcmp(word, verdict_word(v)) == 0)
            return v;
    }
    complain(r, "verdict", _("is a word that is not known"));
    return VERDICT_TROUBLE;
}

static void read_places(struct reader *r, const json_t *object, struct finding *f)
{
    const json_t *list = read_list(r, object, "where");

    for (size_t i = 0; i < json_array_size(list) && f->places < FINDING_PLACES; i++) {
        const json_t *item = json_array_get(list, i);
        struct place *place = &f->place[f->places++];
        place->file = copy_text(r, item, "file");
        place->line = (int)read_number(r, item, "line", 0, INT32_MAX, 0);
        place->call = copy_text(r, item, "call");
        place->source = copy_text(r, item, "source");
    }
}

static void read_check(struct reader *r, const json_t *object, struct check_result *c)
{
    struct finding *f = &c->finding;
    const char *title = read_text(r, object, "title");

    c->id = read_text(r, object, "id");
    c->title = title ? title : "";
    c->hint = read_text(r, object, "hint");
    c->why = read_text(r, object, "why");
    c->handout = read_text(r, object, "handout");
    c->status = read_status(r, object);
    c->points = (int)read_number(r, object, "points", 0, POINTS_MAX, 0);
    c->max = (int)read_number(r, object, "max", 0, POINTS_MAX, 0);
    c->duration = read_seconds(r, object);
    f->verdict = read_verdict(r, object);
    f->message = copy_text(r, object, "message");
    f->expected = copy_text(r, object, "expected");
    f->actual = copy_text(r, object, "actual");
    read_places(r, object, f);
    read_lines(r, object, "steps", &f->step, &f->steps);
    read_lines(r, object, "output", &f->output, &f->outputs);
    read_ladder(r, object, &f->ladder);
    if (read_text(r, object, "replay"))
        c->replay = copy_text(r, object, "replay");
    if (!c->id)
        complain(r, "id", _("is missing"));
}

static void read_checks(struct reader *r, const json_t *root, struct grade *g)
{
    const json_t *list = read_list(r, root, "checks");
    size_t count = json_array_size(list);

    if (count == 0 || count > CHECKS_MAX) {
        complain(r, "checks", _("is no list of checks"));
        return;
    }
    g->check = xcalloc(count, sizeof g->check[0]);
    for (size_t i = 0; i < count; i++)
        read_check(r, json_array_get(list, i), &g->check[g->checks++]);
}

/* --- the grade --------------------------------------------------------------------------------------------------- */

static void read_protections(struct reader *r, const json_t *root, struct grade *g)
{
    const json_t *off = json_object_get(root, "unprotected");
    const char *id;
    json_t *on;

    json_object_foreach(json_object_get(root, "protections"), id, on)
    {
        char *reason = json_is_true(on) ? NULL : copy_text(r, off, id);
        if (!json_is_boolean(on) || (json_is_false(on) && !reason))
            complain(r, "protections", _("does not say why one is off"));
        grade_protection(g, id, reason);
        free(reason);
    }
}

static uint64_t read_seed(struct reader *r, const json_t *root)
{
    const json_t *value = json_object_get(root, "seed");
    const char *digits = json_string_value(value);

    if (json_is_integer(value) && json_integer_value(value) >= 0)
        return (uint64_t)json_integer_value(value);
    if (digits && *digits && strspn(digits, "0123456789") == strlen(digits))
        return strtoull(digits, NULL, 10);
    if (value)
        complain(r, "seed", _("is no number that it may be"));
    return 0;
}

static void read_grade(struct reader *r, const json_t *root, struct grade *g)
{
    g->lab = read_text(r, root, "lab");
    g->title = read_text(r, root, "title");
    g->directory = copy_text(r, root, "directory");
    g->sandbox = read_text(r, root, "sandbox");
    g->seed = read_seed(r, root);
    g->duration = read_seconds(r, root);
    read_checks(r, root, g);
    read_lines(r, root, "missing", &g->missing, &g->missing_count);
    read_lines(r, root, "notes", &g->note, &g->notes);
    read_protections(r, root, g);
    grade_sum(g);
    if (!g->lab)
        complain(r, "lab", _("is missing"));
    if (read_number(r, root, "score", 0, INT32_MAX, g->score) != g->score ||
        read_number(r, root, "max", 0, INT32_MAX, g->max) != g->max ||
        read_truth(r, root, "complete", g->complete) != g->complete)
        complain(r, "score", _("is not the sum of the checks"));
}

int stored_read(const void *bytes, size_t size, struct stored_grade *out, char **message)
{
    json_error_t error;
    struct reader r = {0};

    *out = (struct stored_grade){0};
    json_t *root = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, &error);
    if (!root || !json_is_object(root)) {
        *message = root ? xstrdup(_("it is no JSON object"))
                        : xasprintf(_("line %d, column %d: %s"), error.line, error.column, error.text);
        json_decref(root);
        return -EBADMSG;
    }
    out->document = root;
    read_grade(&r, root, &out->grade);
    if (!r.wrong)
        return 0;
    stored_free(out);
    *message = r.wrong;
    return -EBADMSG;
}

void stored_free(struct stored_grade *s)
{
    grade_free(&s->grade);
    json_decref(s->document);
    *s = (struct stored_grade){0};
}
