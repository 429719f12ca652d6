/**
 * @file course.c
 * From the words of a course's file to what holds for one lab. Each word that is no value is refused with its place.
 */
#include "class/course.h"
#include "class/place.h"
#include "class/schema.h"
#include "class/value.h"
#include "labs/labs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MOST = 128 << 10, POINTS_MOST = 10000, SECONDS_MOST = 3600 };

/** A file under way. */
struct reading {
    const char *path;
    struct places *places;
    const char *zone;
    char *message;
};

static int refuse_at(struct reading *r, const char *place, char *words)
{
    struct spot spot = places_find(r->places, place);
    r->message = xasprintf("%s:%zu:%zu: %s", r->path, spot.line, spot.column, words);
    free(words);
    return -EBADMSG;
}

/** The same of "PARENT/KEY". */
static int refuse_in(struct reading *r, const char *parent, const char *key, char *words)
{
    char *place = xasprintf("%s%s%s", parent, *parent ? "/" : "", key);
    int error = refuse_at(r, place, words);
    free(place);
    return error;
}

/* --- what holds for every lab ------------------------------------------------------------------------------- */

static int take_zone(struct reading *r, const struct course_words *words)
{
    char *complaint;
    if (!words->time_zone)
        return 0;
    if (value_zone(words->time_zone, &complaint) < 0)
        return refuse_at(r, "time_zone", complaint);
    r->zone = words->time_zone;
    return 0;
}

static int take_sandbox(struct reading *r, const char *word, struct course *c)
{
    static const char *const name[] = {[SANDBOX_AUTO] = "auto", [SANDBOX_REQUIRE] = "require", [SANDBOX_OFF] = "off"};
    for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++)
        if (strcmp(word, name[i]) == 0) {
            c->sandbox = (enum sandbox_mode)i;
            c->sandbox_said = true;
            return 0;
        }
    return refuse_at(r, "limits/sandbox", xasprintf(_("auto, require or off is wanted, not '%s'"), word));
}

static int take_limits(struct reading *r, const struct course_words *words, struct course *c)
{
    char *complaint;
    if (words->limits.seconds && value_number(words->limits.seconds, 1, SECONDS_MOST, &c->seconds, &complaint) < 0)
        return refuse_at(r, "limits/seconds", complaint);
    if (words->limits.sandbox && take_sandbox(r, words->limits.sandbox, c) < 0)
        return -EBADMSG;
    if (words->limits.compiler && !*words->limits.compiler)
        return refuse_at(r, "limits/compiler", xstrdup(_("the name of a compiler is wanted")));
    c->compiler = words->limits.compiler ? xstrdup(words->limits.compiler) : NULL;
    return 0;
}

/** What is said replaces what held before; @p parent is where it stands. */
static int take_late(struct reading *r, const struct late_words *words, const char *parent, struct late_policy *late)
{
    char *complaint = NULL;
    if (words->grace && value_length(words->grace, &late->grace, &complaint) < 0)
        return refuse_in(r, parent, "grace", complaint);
    if (words->percent_a_day && value_percent(words->percent_a_day, &late->percent_a_day, &complaint) < 0)
        return refuse_in(r, parent, "percent_a_day", complaint);
    if (words->cut_off && strcmp(words->cut_off, "never") == 0)
        late->cut_off = COURSE_NEVER;
    else if (words->cut_off && value_length(words->cut_off, &late->cut_off, &complaint) < 0)
        return refuse_in(r, parent, "cut_off", complaint);
    if (late->cut_off < late->grace)
        return refuse_in(r, parent, words->cut_off ? "cut_off" : "grace",
                         xstrdup(_("the cut-off comes before the grace ends; both are counted from the due time")));
    return 0;
}

/* --- one lab --------------------------------------------------------------------------------------------------- */

static int take_points(struct reading *r, const struct lab_words *words, const char *parent, struct course *c)
{
    char *complaint;
    c->total = 0;
    for (size_t i = 0; i < c->lab->checks; i++) {
        if (words->points[i] && value_number(words->points[i], 0, POINTS_MOST, &c->points[i], &complaint) < 0) {
            char *key = xasprintf("points/%s", c->lab->check[i].id);
            int error = refuse_in(r, parent, key, complaint);
            free(key);
            return error;
        }
        c->total += c->points[i];
    }
    if (c->total == 0)
        return refuse_in(r, parent, "points", xstrdup(_("no check has any points")));
    c->out_of = c->total;
    if (words->out_of && value_number(words->out_of, 1, POINTS_MOST, &c->out_of, &complaint) < 0)
        return refuse_in(r, parent, "out_of", complaint);
    return 0;
}

static int take_extension(struct reading *r, const struct extension_words *words, const char *parent, struct course *c)
{
    char *complaint = NULL;
    if (!words->student || !*words->student)
        return refuse_in(r, parent, "student", xstrdup(_("an extension names a student: and a due:")));
    if (!words->due)
        return refuse_in(r, parent, "due", xstrdup(_("an extension names a student: and a due:")));
    for (size_t i = 0; i < c->extensions; i++)
        if (strcmp(c->extension[i].student, words->student) == 0)
            return refuse_in(r, parent, "student",
                             xasprintf(_("'%s' has an extension already"), words->student));
    int64_t due;
    if (value_time(words->due, r->zone, &due, NULL, &complaint) < 0)
        return refuse_in(r, parent, "due", complaint);
    c->extension[c->extensions++] = (struct extension){.student = xstrdup(words->student), .due = due};
    return 0;
}

static int take_extensions(struct reading *r, const struct lab_words *words, const char *parent, struct course *c)
{
    if (words->extension_count > 0 && c->due == COURSE_NEVER)
        return refuse_in(r, parent, "extensions", xstrdup(_("an extension wants a lab that is due: write due: beside it")));
    c->extension = xcalloc(words->extension_count, sizeof(c->extension[0]));
    for (unsigned i = 0; i < words->extension_count; i++) {
        char *place = xasprintf("%s/extensions/%u", parent, i);
        int error = take_extension(r, &words->extension[i], place, c);
        free(place);
        if (error < 0)
            return error;
    }
    return 0;
}

static int take_due(struct reading *r, const struct lab_words *words, const char *parent, struct course *c)
{
    char *complaint = NULL;
    if (words->due && value_time(words->due, r->zone, &c->due, &c->due_words, &complaint) < 0)
        return refuse_in(r, parent, "due", complaint);
    if (words->hidden_count > 0 && !words->due)
        return refuse_in(r, parent, "hidden_until_due",
                         xstrdup(_("these checks would be hidden for ever: write due: beside it")));
    for (unsigned i = 0; i < words->hidden_count; i++)
        c->hidden[words->hidden[i]] = true;
    return 0;
}

static int take_lab(struct reading *r, const struct lab_words *words, struct course *c)
{
    char *parent = xasprintf("labs/%s", c->lab->id), *late = xasprintf("%s/late", parent);
    int error = take_due(r, words, parent, c);
    if (error == 0)
        error = take_points(r, words, parent, c);
    if (error == 0)
        error = take_late(r, &words->late, late, &c->late);
    if (error == 0)
        error = take_extensions(r, words, parent, c);
    c->canvas_column = words->canvas && *words->canvas ? xstrdup(words->canvas) : NULL;
    c->moodle_column = words->moodle && *words->moodle ? xstrdup(words->moodle) : NULL;
    free(late);
    free(parent);
    return error;
}

/* --- the course -------------------------------------------------------------------------------------------------- */

/** The lab's own points; nothing is due. */
static void start_course(struct course *c, const struct lab *lab)
{
    *c = (struct course){
        .lab = lab, .due = COURSE_NEVER, .late = {.cut_off = COURSE_NEVER}, .sandbox = SANDBOX_AUTO};
    c->points = xcalloc(lab->checks, sizeof(c->points[0]));
    c->hidden = xcalloc(lab->checks, sizeof(c->hidden[0]));
    for (size_t i = 0; i < lab->checks; i++)
        c->total += c->points[i] = lab->check[i].points;
    c->out_of = c->total;
}

static int take_course(struct reading *r, const struct course_words *words, size_t lab, struct course *c)
{
    static const struct lab_words unsaid;
    c->path = xstrdup(r->path);
    c->name = words->course && *words->course ? xstrdup(words->course) : NULL;
    int error = take_limits(r, words, c);
    if (error == 0)
        error = take_late(r, &words->late, "late", &c->late);
    if (error == 0)
        error = take_lab(r, words->lab[lab] ? words->lab[lab] : &unsaid, c);
    return error;
}

/** Every lab is taken, and one kept: what is wrong is said on the day the file is written, not on that lab's own. */
static int take_courses(struct reading *r, const struct course_words *words, const struct lab *lab, struct course *out)
{
    int error = take_zone(r, words);
    for (size_t i = 0; labs_all[i] && error == 0; i++) {
        struct course c;
        start_course(&c, labs_all[i]);
        error = take_course(r, words, i, &c);
        if (error == 0 && labs_all[i] == lab) {
            course_free(out);
            *out = c;
        } else {
            course_free(&c);
        }
    }
    return error;
}

/** libcyaml reports a key that it does not know where it was before it came to it. */
static struct spot find_complaint(struct places *places, struct spot where, const char *complaint)
{
    static const char unknown[] = "Unexpected key: ";
    if (strncmp(complaint, unknown, sizeof(unknown) - 1) == 0)
        return places_find_key(places, complaint + sizeof(unknown) - 1, where);
    return where;
}

static int read_words(struct reading *r, const struct buf *file, const struct lab *lab, struct course *out)
{
    struct spot where = {1, 1};
    struct schema *schema = NULL;
    struct course_words *words = NULL;
    static const struct course_words unsaid;
    char *complaint = NULL;
    int error = places_read(file->data, file->length, &r->places, &where, &complaint);
    if (error == 0 && !places_is_empty(r->places)) {
        error = schema_load(labs_all, file->data, file->length, &schema, &words, &where, &complaint);
        if (error < 0)
            where = find_complaint(r->places, where, complaint);
    }
    if (error < 0)
        r->message = xasprintf("%s:%zu:%zu: %s", r->path, where.line, where.column, complaint);
    else
        error = take_courses(r, words ? words : &unsaid, lab, out);
    schema_free(schema, words);
    places_free(r->places);
    free(complaint);
    return error;
}

int course_read(const char *path, const struct lab *lab, struct course *out, char **message)
{
    *message = NULL;
    start_course(out, lab);
    if (!path)
        return 0;
    struct reading r = {.path = path};
    struct buf file = {.limit = FILE_MOST};
    int error = file_read(path, &file);
    if (error == 0 && file.dropped)
        error = -EFBIG;
    if (error < 0)
        r.message = xasprintf("%s: %s", path, strerror(-error));
    else
        error = read_words(&r, &file, lab, out);
    buf_free(&file);
    if (error < 0)
        course_free(out);
    *message = r.message;
    return error;
}

void course_free(struct course *c)
{
    for (size_t i = 0; i < c->extensions; i++)
        free(c->extension[i].student);
    free(c->extension);
    free(c->name);
    free(c->path);
    free(c->points);
    free(c->hidden);
    free(c->due_words);
    free(c->canvas_column);
    free(c->moodle_column);
    free(c->compiler);
    *c = (struct course){0};
}

bool extension_is_for(const struct extension *e, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (names[i] && strcmp(names[i], e->student) == 0)
            return true;
    return false;
}

int64_t course_due(const struct course *c, const char *const *names, size_t count)
{
    for (size_t i = 0; i < c->extensions; i++)
        if (extension_is_for(&c->extension[i], names, count))
            return c->extension[i].due;
    return c->due;
}
