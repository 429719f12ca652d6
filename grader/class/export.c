/**
 * @file export.c
 * The marks of a class as a table and as JSON.
 */
#include "class/export.h"
#include "core/csv.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FORMAT_VERSION = 1, TIME_SIZE = 32 };

/** "2025-03-14T14:59:00Z"; "" for a time that is not known. */
static const char *time_text(int64_t second, char text[TIME_SIZE])
{
    struct tm tm;
    time_t time = (time_t)second;
    text[0] = '\0';
    if (second != 0 && gmtime_r(&time, &tm))
        strftime(text, TIME_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm);
    return text;
}

/* --- grades.csv --------------------------------------------------------------------------------------------- */

static const char *const left_headings[] = {"student",   "name", "login",  "email",  "lms_id",       "state",
                                            "handed_in", "mark", "out_of", "points", "late_seconds", "percent_off"};
static const char *const right_headings[] = {"reason", "remark"};
enum {
    LEFT = sizeof(left_headings) / sizeof(left_headings[0]),
    RIGHT = sizeof(right_headings) / sizeof(right_headings[0])
};

static void put_headings(struct buf *out, const struct lab *lab)
{
    const char **cell = xcalloc(LEFT + lab->checks + RIGHT, sizeof(cell[0]));
    size_t n = 0;
    for (size_t i = 0; i < LEFT; i++)
        cell[n++] = left_headings[i];
    for (size_t i = 0; i < lab->checks; i++)
        cell[n++] = lab->check[i].id;
    for (size_t i = 0; i < RIGHT; i++)
        cell[n++] = right_headings[i];
    csv_put_row(out, cell, n);
    free(cell);
}

static char *points_text(int64_t hundredths)
{
    char text[24];
    return xstrdup(mark_text(hundredths, text, sizeof(text)));
}

static bool is_graded(const struct mark *m)
{
    for (size_t i = 0; i < m->checks; i++)
        if (m->check[i].status != CHECK_SKIP)
            return true;
    return false;
}

static void put_row(struct buf *out, const struct export_row *row)
{
    const struct mark *m = row->mark;
    bool graded = is_graded(m), counts = m->state == MARK_COUNTS;
    char handed_in[TIME_SIZE];
    size_t cells = LEFT + m->checks + RIGHT, n = 0;
    char **cell = xcalloc(cells, sizeof(cell[0]));
    const char *const known[] = {row->student, row->name,  row->login,
                                 row->email,   row->lms_id, row->state, time_text(row->handed_in, handed_in)};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        cell[n++] = xstrdup(known[i] ? known[i] : "");
    cell[n++] = counts ? points_text(m->value) : NULL;
    cell[n++] = points_text(m->max);
    cell[n++] = graded ? points_text(m->earned) : NULL;
    cell[n++] = xasprintf("%lld", (long long)m->late);
    cell[n++] = xasprintf("%d", m->percent);
    for (size_t i = 0; i < m->checks; i++)
        cell[n++] = graded && m->check[i].status != CHECK_SKIP ? points_text(m->check[i].earned) : NULL;
    cell[n++] = xstrdup(m->reason);
    cell[n++] = row->remark ? xstrdup(row->remark) : NULL;
    csv_put_row(out, (const char *const *)cell, n);
    for (size_t i = 0; i < n; i++)
        free(cell[i]);
    free(cell);
}

void export_csv(struct buf *out, const struct course *c, const struct export_row *row, size_t rows)
{
    put_headings(out, c->lab);
    for (size_t i = 0; i < rows; i++)
        put_row(out, &row[i]);
}

/* --- grades.json -------------------------------------------------------------------------------------------- */

/* jansson refuses what is not UTF-8. */
static json_t *make_text(const char *text)
{
    struct buf clean = {0};
    if (!text)
        return json_null();
    buf_plain(&clean, text, strlen(text));
    json_t *string = json_stringn(buf_text(&clean), clean.length);
    buf_free(&clean);
    return string;
}

static json_t *make_points(int64_t hundredths)
{
    return hundredths % 100 == 0 ? json_integer(hundredths / 100) : json_real((double)hundredths / 100.0);
}

static json_t *make_time(int64_t second)
{
    char text[TIME_SIZE];
    return second ? json_string(time_text(second, text)) : json_null();
}

static const char *mark_word(enum mark_state state)
{
    static const char *const word[] = {[MARK_COUNTS] = "counts", [MARK_PERSON] = "person", [MARK_PENDING] = "pending"};
    return word[state];
}

static json_t *make_checks(const struct mark *m)
{
    json_t *object = json_object();
    for (size_t i = 0; i < m->checks; i++) {
        const struct mark_check *check = &m->check[i];
        json_t *one = json_object();
        json_object_set_new(one, "status", json_string(check_status_word(check->status)));
        json_object_set_new(one, "points", make_points(check->earned));
        json_object_set_new(one, "max", make_points(check->max));
        json_object_set_new(one, "hidden", json_boolean(check->hidden));
        json_object_set_new(object, check->id, one);
    }
    return object;
}

static json_t *make_student(const struct export_row *row)
{
    const struct mark *m = row->mark;
    bool counts = m->state == MARK_COUNTS, graded = is_graded(m);
    json_t *object = json_object();
    json_object_set_new(object, "student", make_text(row->student));
    json_object_set_new(object, "name", make_text(row->name));
    json_object_set_new(object, "login", make_text(row->login));
    json_object_set_new(object, "email", make_text(row->email));
    json_object_set_new(object, "lms_id", make_text(row->lms_id));
    json_object_set_new(object, "state", make_text(row->state));
    json_object_set_new(object, "handed_in", make_time(row->handed_in));
    json_object_set_new(object, "status", json_string(mark_word(m->state)));
    json_object_set_new(object, "mark", counts ? make_points(m->value) : json_null());
    json_object_set_new(object, "out_of", make_points(m->max));
    json_object_set_new(object, "points", graded ? make_points(m->earned) : json_null());
    json_object_set_new(object, "late_seconds", json_integer(m->late));
    json_object_set_new(object, "percent_off", json_integer(m->percent));
    json_object_set_new(object, "reason", make_text(m->reason));
    json_object_set_new(object, "remark", make_text(row->remark));
    json_object_set_new(object, "checks", make_checks(m));
    return object;
}

static void add_dump(struct buf *out, json_t *object)
{
    char *text = json_dumps(object, JSON_REAL_PRECISION(12));
    if (!text)
        die(STATUS_TROUBLE, "%s", _("the JSON of the grades could not be written"));
    buf_puts(out, text);
    free(text);
    json_decref(object);
}

void export_json(struct buf *out, const struct course *c, const struct export_row *row, size_t rows)
{
    json_t *head = json_object();
    json_object_set_new(head, "version", json_integer(FORMAT_VERSION));
    json_object_set_new(head, "lab", make_text(c->lab->id));
    json_object_set_new(head, "course", make_text(c->name));
    json_object_set_new(head, "due", c->due == COURSE_NEVER ? json_null() : make_time(c->due));
    json_object_set_new(head, "out_of", json_integer(c->out_of));
    add_dump(out, head);
    /* One student at a time, and a line each: of a thousand as objects at once memory would hold ten times their text. */
    out->length -= strlen("}");
    buf_puts(out, ", \"students\": [");
    for (size_t i = 0; i < rows; i++) {
        buf_puts(out, i == 0 ? "\n" : ",\n");
        add_dump(out, make_student(&row[i]));
    }
    buf_puts(out, "\n]}\n");
}
