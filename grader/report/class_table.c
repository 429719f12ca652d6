/**
 * @file class_table.c
 * The tables of a class's page. Cells that are sorted by a number carry it beside their words.
 */
#include "report/class_part.h"
#include "report/markup.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SLOWEST = 5 };

/* The heading of a table: @p number tells for each column whether it holds numbers. */
static void put_headings(struct buf *out, const char *const *name, const char *number)
{
    buf_puts(out, "<thead><tr>");
    for (size_t i = 0; name[i]; i++) {
        buf_puts(out, number[i] == '1' ? "<th scope=\"col\" class=\"number\">" : "<th scope=\"col\">");
        markup_text(out, _(name[i]));
        buf_puts(out, "</th>");
    }
    buf_puts(out, "</tr></thead>\n<tbody>\n");
}

static void put_number(struct buf *out, size_t number)
{
    buf_printf(out, "<td class=\"number\">%zu</td>", number);
}

static void put_student_name(struct buf *out, const struct class_student *student)
{
    markup_link(out, student->feedback, class_name(student));
}

/* --- checks ------------------------------------------------------------------------------------------ */

/* How one check went over the class. */
struct tally {
    size_t check;
    size_t count[CHECK_ERROR + 1];
};

static size_t run_of(const struct tally *t)
{
    return t->count[CHECK_PASS] + t->count[CHECK_FAIL];
}

static int percent_of(const struct tally *t)
{
    return run_of(t) > 0 ? (int)(t->count[CHECK_PASS] * 100 / run_of(t)) : 101; /* one that nobody met comes last */
}

static int compare_tallies(const void *a, const void *b)
{
    const struct tally *x = a, *y = b;

    if (percent_of(x) != percent_of(y))
        return percent_of(x) - percent_of(y);
    return x->check < y->check ? -1 : x->check > y->check;
}

static struct tally *count_checks(const struct class_summary *s)
{
    struct tally *tally = xcalloc(s->checks + 1, sizeof tally[0]);

    for (size_t c = 0; c < s->checks; c++) {
        tally[c].check = c;
        for (size_t i = 0; i < s->students; i++) {
            if (s->student[i].status)
                tally[c].count[s->student[i].status[c]]++;
        }
    }
    qsort(tally, s->checks, sizeof tally[0], compare_tallies);
    return tally;
}

static void put_check(struct buf *out, const struct class_check *check, const struct tally *t)
{
    buf_puts(out, "<tr><th scope=\"row\">");
    markup_element(out, "code", NULL, check->id);
    buf_puts(out, "</th><td>");
    markup_text(out, check->title ? _(check->title) : "");
    if (check->hidden) {
        buf_puts(out, " ");
        markup_element(out, "span", "soft", _("(students do not see it yet)"));
    }
    buf_puts(out, "</td><td class=\"number\">");
    class_put_points(out, check->points);
    buf_puts(out, "</td><td class=\"number\">");
    if (run_of(t) > 0)
        buf_printf(out, "<span class=\"rate\" aria-hidden=\"true\"><i style=\"width:%d%%\"></i></span><span>%d %%</span>", percent_of(t),
                   percent_of(t));
    else
        buf_puts(out, "-");
    buf_puts(out, "</td>");
    for (enum check_status status = CHECK_PASS; status <= CHECK_ERROR; status++)
        put_number(out, t->count[status]);
    buf_puts(out, "</tr>\n");
}

void class_put_checks(struct buf *out, const struct class_summary *s)
{
    static const char *const name[] = {N_("Check"), N_("What it proves"), N_("Points"), N_("Pass rate"), N_("Pass"),
                                       N_("Fail"),  N_("Not run"),        N_("Trouble"), NULL};
    struct tally *tally = count_checks(s);

    markup_element(out, "h2", NULL, _("Checks: what to teach again"));
    buf_puts(out, "\n<div class=\"wide\"><table>\n<caption>");
    markup_text(out, _("The lowest pass rate first, of those in whose program the check could be run."));
    buf_puts(out, "</caption>\n");
    put_headings(out, name, "00111111");
    for (size_t i = 0; i < s->checks; i++)
        put_check(out, &s->check[tally[i].check], &tally[i]);
    buf_puts(out, "</tbody></table></div>\n");
    free(tally);
}

/* --- the odd and the slow ----------------------------------------------------------------------------------- */

static bool is_odd(const struct class_student *student)
{
    return student->odd || student->state == CLASS_PERSON || student->state == CLASS_UNGRADED;
}

static void put_odd(struct buf *out, const struct class_summary *s)
{
    size_t found = 0;

    for (size_t i = 0; i < s->students; i++) {
        const struct class_student *student = &s->student[i];
        if (!is_odd(student))
            continue;
        buf_puts(out, found++ ? "<li>" : "<ul>\n<li>");
        put_student_name(out, student);
        buf_puts(out, ": ");
        markup_element(out, "b", NULL, class_state_name(student->state));
        buf_puts(out, ". ");
        if (student->mark < 0 && student->reason) { /* why there is none */
            markup_text(out, student->reason);
            buf_puts(out, " ");
        }
        markup_text(out, student->remark);
        buf_puts(out, "</li>\n");
    }
    if (found > 0)
        buf_puts(out, "</ul>\n");
    else
        markup_element(out, "p", NULL, _("Nobody: no hand-in needs a person's eye."));
}

/* The next slowest after `before` (NULL: the slowest); NULL if there is none. Equal ones in their order. */
static const struct class_student *next_slowest(const struct class_summary *s, const struct class_student *before)
{
    const struct class_student *found = NULL;

    for (size_t i = 0; i < s->students; i++) {
        const struct class_student *student = &s->student[i];
        bool later = !before || student->duration < before->duration ||
                     (student->duration == before->duration && student > before);
        if (student->duration > 0 && later && (!found || student->duration > found->duration))
            found = student;
    }
    return found;
}

static void put_slowest(struct buf *out, const struct class_summary *s)
{
    const struct class_student *student = next_slowest(s, NULL);

    if (!student)
        return;
    markup_element(out, "h2", NULL, _("The slowest"));
    buf_puts(out, "\n<ol>\n");
    for (int i = 0; i < SLOWEST && student; i++, student = next_slowest(s, student)) {
        long long ms = student->duration / 1000000;
        buf_puts(out, "<li>");
        put_student_name(out, student);
        buf_printf(out, ": %lld.%02lld s</li>\n", ms / 1000, ms % 1000 / 10);
    }
    buf_puts(out, "</ol>\n");
}

void class_put_remarkable(struct buf *out, const struct class_summary *s)
{
    markup_element(out, "h2", NULL, _("To look at"));
    buf_puts(out, "\n");
    put_odd(out, s);
    put_slowest(out, s);
}

/* --- everybody ------------------------------------------------------------------------------------------------- */

static void put_filter(struct buf *out)
{
    buf_puts(out, "<form id=\"filter\" class=\"filter\" hidden>\n<label>");
    markup_text(out, _("Show whoever has"));
    buf_puts(out, "<input type=\"search\" autocomplete=\"off\" spellcheck=\"false\"></label>\n<label>");
    markup_text(out, _("State"));
    buf_puts(out, "<select><option value=\"\">");
    markup_text(out, _("all"));
    buf_puts(out, "</option>");
    for (enum class_state state = CLASS_GRADED; state < CLASS_STATES; state++) {
        buf_printf(out, "<option value=\"%d\">", (int)state);
        markup_text(out, class_state_name(state));
        buf_puts(out, "</option>");
    }
    buf_puts(out, "</select></label>\n<output></output>\n</form>\n");
}

/* Minutes are enough, in the time zone of whoever makes the page. */
static void put_time(struct buf *out, int64_t when)
{
    time_t seconds = (time_t)when;
    struct tm parts;
    char text[40] = "";

    if (when > 0 && localtime_r(&seconds, &parts))
        strftime(text, sizeof text, "%Y-%m-%d %H:%M", &parts);
    buf_printf(out, "<td class=\"when\" data-value=\"%lld\">%s</td>", (long long)when, text);
}

static void put_late(struct buf *out, int64_t seconds)
{
    long long hours = seconds / 3600;

    buf_printf(out, "<td class=\"number\" data-value=\"%lld\">", (long long)seconds);
    if (seconds > 0 && hours < 48)
        buf_printf(out, _("%lld h %02lld min"), hours, (long long)seconds % 3600 / 60);
    else if (seconds > 0)
        buf_printf(out, _("%lld d %lld h"), hours / 24, hours % 24);
    buf_puts(out, "</td>");
}

static void put_missed(struct buf *out, const struct class_summary *s, const struct class_student *student)
{
    bool first = true;

    buf_puts(out, "<td class=\"missed\">");
    for (size_t i = 0; student->status && i < s->checks; i++) {
        if (student->status[i] != CHECK_FAIL && student->status[i] != CHECK_ERROR)
            continue;
        buf_puts(out, first ? "" : " ");
        markup_text(out, s->check[i].id);
        first = false;
    }
    buf_puts(out, "</td>");
}

static void put_student(struct buf *out, const struct class_summary *s, const struct class_student *student)
{
    buf_printf(out, "<tr data-state=\"%d\"><th scope=\"row\">", (int)student->state);
    put_student_name(out, student);
    buf_puts(out, "</th><td>");
    markup_text(out, student->student);
    buf_puts(out, "</td><td>");
    markup_text(out, class_state_name(student->state));
    buf_printf(out, "</td><td class=\"number\" data-value=\"%lld\">", (long long)student->mark);
    class_put_points(out, student->mark);
    buf_puts(out, "</td>");
    put_time(out, student->handed_in);
    put_late(out, student->late);
    put_missed(out, s, student);
    buf_puts(out, "<td>");
    markup_text(out, student->reason);
    if (student->reason && student->remark)
        buf_puts(out, " ");
    markup_text(out, student->remark);
    buf_puts(out, "</td></tr>\n");
}

void class_put_students(struct buf *out, const struct class_summary *s)
{
    static const char *const name[] = {N_("Name"), N_("Student"), N_("State"), N_("Mark"),
                                       N_("Handed in"), N_("Late"), N_("Not passed"), N_("Why, and what is unusual"), NULL};

    markup_element(out, "h2", NULL, _("Everybody"));
    buf_puts(out, "\n");
    put_filter(out);
    buf_puts(out, "<div class=\"wide\"><table id=\"students\">\n");
    put_headings(out, name, "00010100");
    for (size_t i = 0; i < s->students; i++)
        put_student(out, s, &s->student[i]);
    buf_puts(out, "</tbody></table></div>\n");
}

/* --- pairs -------------------------------------------------------------------------------------------------------- */

static void put_pair(struct buf *out, const struct class_summary *s, const struct class_pair *pair)
{
    buf_printf(out, "<tr><td class=\"number\">%d %%</td>", pair->percent);
    for (int i = 0; i < 2; i++) {
        buf_puts(out, "<td>");
        if (pair->student[i] < s->students)
            put_student_name(out, &s->student[pair->student[i]]);
        buf_puts(out, "</td>");
    }
    buf_puts(out, "<td>");
    if (pair->link)
        markup_link(out, pair->link, _("both places, side by side"));
    buf_puts(out, "</td></tr>\n");
}

void class_put_pairs(struct buf *out, const struct class_summary *s)
{
    static const char *const name[] = {N_("Alike"), N_("One"), N_("The other"), N_("Where"), NULL};

    if (!s->compared)
        return;
    markup_element(out, "h2", NULL, _("Alike"));
    char *text = xasprintf(_("Hand-ins of which %d percent or more are alike, less what everybody was given. It is no part of "
                             "any mark: two who learned together may well write alike. Look, and ask."), s->threshold);
    markup_element(out, "p", NULL, text);
    free(text);
    if (s->pairs == 0) {
        markup_element(out, "p", NULL, _("There are none."));
        return;
    }
    buf_puts(out, "\n<div class=\"wide\"><table>\n");
    put_headings(out, name, "1000");
    for (size_t i = 0; i < s->pairs; i++)
        put_pair(out, s, &s->pair[i]);
    buf_puts(out, "</tbody></table></div>\n");
}
