/**
 * @file policy.c
 * Marks: what the checks earned, what being late takes off, who must be asked first.
 */
#include "class/policy.h"

#include <stdlib.h>
#include <string.h>

enum { POINT = 100, MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

/* --- words ------------------------------------------------------------------------------------------------ */

const char *mark_text(int64_t hundredths, char *buffer, size_t size)
{
    int64_t whole = hundredths / POINT, part = hundredths % POINT;
    if (part == 0)
        snprintf(buffer, size, "%lld", (long long)whole);
    else if (part % 10 == 0)
        snprintf(buffer, size, "%lld.%lld", (long long)whole, (long long)part / 10);
    else
        snprintf(buffer, size, "%lld.%02lld", (long long)whole, (long long)part);
    return buffer;
}

/** "3 d 2 h", "5 min", "40 s": the two largest units that are not 0. The caller frees it. */
static char *length_words(int64_t seconds)
{
    static const struct {
        int seconds;
        const char *words;
    } unit[] = {{DAY, N_("%lld d")}, {HOUR, N_("%lld h")}, {MINUTE, N_("%lld min")}, {1, N_("%lld s")}};
    struct buf out = {0};
    for (size_t i = 0, shown = 0; i < sizeof(unit) / sizeof(unit[0]) && shown < 2; i++) {
        int64_t count = seconds / unit[i].seconds;
        seconds %= unit[i].seconds;
        if (count == 0)
            continue;
        char *words = xasprintf(_(unit[i].words), (long long)count);
        buf_printf(&out, "%s%s", shown++ ? " " : "", words);
        free(words);
    }
    return buf_take(&out);
}

static void add_sentence(struct buf *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add_sentence(struct buf *out, const char *format, ...)
{
    va_list args;
    if (out->length > 0)
        buf_puts(out, " ");
    va_start(args, format);
    buf_vprintf(out, format, args);
    va_end(args);
}

/* --- due ---------------------------------------------------------------------------------------------------- */

int64_t policy_due(const struct course *c, const struct hand_in *h)
{
    const char *const names[] = {h->student, h->login, h->lms_id};
    return course_due(c, names, sizeof(names) / sizeof(names[0]));
}

/** Before the due time, a check that the course hides. */
static bool is_hidden(const struct course *c, size_t check, int64_t due, int64_t now)
{
    return c->hidden[check] && now <= due;
}

/* --- what the checks earned ------------------------------------------------------------------------------------ */

static const struct check_result *find_result(const struct grade *g, const char *id)
{
    for (size_t i = 0; g && i < g->checks; i++)
        if (strcmp(g->check[i].id, id) == 0)
            return &g->check[i];
    return NULL;
}

static void sum_checks(const struct course *c, const struct hand_in *h, int64_t now, struct mark *out)
{
    int64_t sum = 0, due = policy_due(c, h);
    out->checks = c->lab->checks;
    out->check = xcalloc(out->checks, sizeof(out->check[0]));
    for (size_t i = 0; i < out->checks; i++) {
        const struct check_result *r = find_result(h->grade, c->lab->check[i].id);
        struct mark_check *m = &out->check[i];
        *m = (struct mark_check){.id = c->lab->check[i].id,
                                 .status = r ? r->status : CHECK_SKIP,
                                 .max = (int64_t)c->points[i] * POINT,
                                 .hidden = is_hidden(c, i, due, now)};
        m->earned = m->status == CHECK_PASS ? m->max : 0;
        sum += m->earned;
        out->hidden += m->hidden;
    }
    out->max = (int64_t)c->out_of * POINT;
    out->earned = (sum * c->out_of + c->total / 2) / c->total;
}

static void say_earned(struct buf *out, const struct course *c, const struct mark *m)
{
    char points[24], scaled[24];
    int64_t sum = 0;
    for (size_t i = 0; i < m->checks; i++)
        sum += m->check[i].earned;
    mark_text(sum, points, sizeof(points));
    if (c->out_of == c->total)
        add_sentence(out, _("%s of %d points for the checks."), points, c->total);
    else
        add_sentence(out, _("%s of %d points for the checks, which is %s of %d."), points, c->total,
                     mark_text(m->earned, scaled, sizeof(scaled)), c->out_of);
}

/* --- for a person ------------------------------------------------------------------------------------------------ */

/** The ids of checks that count and were not shown, for a reason that is not the student's. */
static void list_unshown(const struct course *c, const struct hand_in *h, enum check_status status, struct buf *out)
{
    const struct check_result *builds = find_result(h->grade, "builds");
    bool failed = builds && builds->status == CHECK_FAIL;
    for (size_t i = 0; i < c->lab->checks; i++) {
        const struct check_result *r = find_result(h->grade, c->lab->check[i].id);
        enum check_status found = r ? r->status : CHECK_SKIP;
        if (c->points[i] == 0 || found != status || (found == CHECK_SKIP && failed))
            continue;
        buf_printf(out, "%s%s", out->length ? ", " : "", c->lab->check[i].id);
    }
}

/** The platform says "late", nobody knows how late, and that would cost something. What is not due yet is not late. */
static bool is_late_unknown(const struct course *c, const struct hand_in *h, int64_t now)
{
    bool costly = c->late.percent_a_day > 0 || c->late.cut_off != COURSE_NEVER;
    return h->late_mark && h->handed_in == 0 && costly && now > policy_due(c, h);
}

/** Whoever must be asked before there is a mark: the reason is then in @p out. */
static bool wants_person(const struct course *c, const struct hand_in *h, int64_t now, struct buf *out)
{
    struct buf ids = {0};
    if (!h->grade) {
        add_sentence(out, "%s", h->trouble);
        return true;
    }
    list_unshown(c, h, CHECK_ERROR, &ids);
    if (ids.length > 0) {
        add_sentence(out, _("The grader itself failed at: %s. That costs no points; a person looks at it."), buf_text(&ids));
    } else {
        list_unshown(c, h, CHECK_SKIP, &ids);
        if (ids.length > 0)
            add_sentence(out, _("On this machine these checks could not be run: %s. That costs no points; a person looks at it."),
                         buf_text(&ids));
        else if (is_late_unknown(c, h, now))
            add_sentence(out, _("The platform says that this is late, and not by how much; a person looks at it."));
    }
    buf_free(&ids);
    return out->length > 0;
}

/* --- lateness ------------------------------------------------------------------------------------------------------ */

static void say_cost(struct buf *out, const struct late_policy *late, const struct mark *m)
{
    char *grace = length_words(late->grace), *cut_off = length_words(late->cut_off);
    if (m->late > late->cut_off)
        add_sentence(out, _("What comes more than %s late counts nothing."), cut_off);
    else if (m->late <= late->grace)
        add_sentence(out, _("The first %s cost nothing."), grace);
    else if (late->percent_a_day == 0)
        add_sentence(out, _("That costs nothing."));
    else if (late->grace > 0)
        add_sentence(out, _("The first %s cost nothing; each day begun after that costs %d %% of the points: %d %%."), grace,
                     late->percent_a_day, m->percent);
    else
        add_sentence(out, _("Each day begun costs %d %% of the points: %d %%."), late->percent_a_day, m->percent);
    free(cut_off);
    free(grace);
}

static void say_late(struct buf *out, const struct course *c, int64_t due, const struct mark *m)
{
    char *late = length_words(m->late);
    if (due == c->due)
        add_sentence(out, _("Handed in %s after the due time (%s)."), late, c->due_words);
    else
        add_sentence(out, _("Handed in %s after your own due time, which was extended."), late);
    free(late);
    say_cost(out, &c->late, m);
}

/** Percent off for so many seconds behind the due time. */
static int percent_off(const struct late_policy *late, int64_t seconds)
{
    if (seconds > late->cut_off)
        return 100;
    if (seconds <= late->grace)
        return 0;
    int64_t days = (seconds - late->grace + DAY - 1) / DAY;
    int64_t percent = days * late->percent_a_day;
    return percent < 100 ? (int)percent : 100;
}

static void count_late(const struct course *c, const struct hand_in *h, struct mark *out)
{
    int64_t due = policy_due(c, h);
    bool late = due != COURSE_NEVER && h->handed_in > due;
    out->late = late ? h->handed_in - due : 0;
    out->percent = late ? percent_off(&c->late, out->late) : 0;
    out->value = (out->earned * (100 - out->percent) + 50) / 100;
}

/* --- marks --------------------------------------------------------------------------------------------------------- */

static void mark_nothing(const struct course *c, const struct hand_in *h, int64_t now, struct mark *out)
{
    struct buf reason = {0};
    int64_t due = policy_due(c, h);
    bool pending = due != COURSE_NEVER && now <= due;
    out->state = pending ? MARK_PENDING : MARK_COUNTS;
    add_sentence(&reason, pending ? _("Nothing has been handed in yet.") : _("Nothing was handed in."));
    if (pending && due == c->due)
        add_sentence(&reason, _("It is due %s."), c->due_words);
    out->reason = buf_take(&reason);
}

/** A sum would tell what the hidden checks came to. */
static void say_mark(const struct course *c, const struct hand_in *h, struct mark *m)
{
    struct buf reason = {0};
    char value[24];
    if (m->hidden == 0)
        say_earned(&reason, c, m);
    else
        add_sentence(&reason, _("The mark is shown after the due time."));
    if (m->late > 0)
        say_late(&reason, c, policy_due(c, h), m);
    if (m->percent > 0 && m->hidden == 0)
        add_sentence(&reason, _("That leaves %s of %d."), mark_text(m->value, value, sizeof(value)), c->out_of);
    m->reason = buf_take(&reason);
}

void policy_mark(const struct course *c, const struct hand_in *h, int64_t now, struct mark *out)
{
    struct buf person = {0};
    *out = (struct mark){0};
    sum_checks(c, h, now, out);
    if (!h->grade && !h->trouble) {
        mark_nothing(c, h, now, out);
        return;
    }
    count_late(c, h, out);
    if (wants_person(c, h, now, &person)) {
        out->state = MARK_PERSON;
        out->value = 0;
        out->reason = buf_take(&person);
        return;
    }
    say_mark(c, h, out);
}

void mark_free(struct mark *m)
{
    free(m->reason);
    free(m->check);
    *m = (struct mark){0};
}

/* --- what a student sees --------------------------------------------------------------------------------------------- */

static size_t find_check(const struct lab *lab, const char *id)
{
    for (size_t i = 0; i < lab->checks; i++)
        if (strcmp(lab->check[i].id, id) == 0)
            return i;
    return SIZE_MAX;
}

size_t policy_view(const struct course *c, const struct hand_in *h, int64_t now, const struct grade *g,
                   struct grade *out)
{
    int64_t due = policy_due(c, h);
    *out = *g;
    out->check = xcalloc(g->checks, sizeof(out->check[0]));
    out->checks = 0;
    for (size_t i = 0; i < g->checks; i++) {
        size_t check = find_check(c->lab, g->check[i].id);
        if (check != SIZE_MAX && is_hidden(c, check, due, now))
            continue;
        struct check_result *r = &out->check[out->checks++];
        *r = g->check[i];
        if (check != SIZE_MAX)
            r->max = c->points[check];
        r->points = r->status == CHECK_PASS ? r->max : 0;
    }
    grade_sum(out);
    return g->checks - out->checks;
}

void policy_view_free(struct grade *view)
{
    free(view->check);
    *view = (struct grade){0};
}
