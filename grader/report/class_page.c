/**
 * @file class_page.c
 * The page for a class: what an instructor looks for first stands first.
 */
#include "report/class_part.h"
#include "report/markup.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *const state_name[CLASS_STATES] = {
    [CLASS_GRADED] = N_("graded"),
    [CLASS_NOTHING] = N_("nothing handed in"),
    [CLASS_PENDING] = N_("nothing yet"),
    [CLASS_PERSON] = N_("for a person"),
    [CLASS_UNGRADED] = N_("not graded yet"),
};

const char *class_state_name(enum class_state state)
{
    if ((unsigned)state >= CLASS_STATES)
        BUG("no state %d of a hand-in", (int)state);
    return _(state_name[state]);
}

const char *class_name(const struct class_student *student)
{
    return student->name && *student->name ? student->name : student->student;
}

void class_put_points(struct buf *out, int64_t hundredths)
{
    if (hundredths < 0)
        buf_puts(out, "-");
    else if (hundredths % 100 == 0)
        buf_printf(out, "%lld", (long long)hundredths / 100);
    else if (hundredths % 10 == 0)
        buf_printf(out, "%lld.%lld", (long long)hundredths / 100, (long long)hundredths % 100 / 10);
    else
        buf_printf(out, "%lld.%02lld", (long long)hundredths / 100, (long long)hundredths % 100);
}

/* --- the facts ----------------------------------------------------------------------------------------- */

static int compare_marks(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

/* All marks that there are, sorted; returns how many. */
static size_t collect_marks(const struct class_summary *s, int64_t *mark)
{
    size_t count = 0;

    for (size_t i = 0; i < s->students; i++) {
        if (s->student[i].mark >= 0)
            mark[count++] = s->student[i].mark;
    }
    qsort(mark, count, sizeof mark[0], compare_marks);
    return count;
}

static size_t count_state(const struct class_summary *s, enum class_state state)
{
    size_t count = 0;

    for (size_t i = 0; i < s->students; i++)
        count += s->student[i].state == state;
    return count;
}

static void put_fact(struct buf *out, size_t number, const char *what)
{
    buf_printf(out, "<li><b>%zu</b>", number);
    markup_text(out, what);
    buf_puts(out, "</li>\n");
}

static void put_mark(struct buf *out, int64_t mark, const char *what)
{
    buf_puts(out, "<li><b>");
    class_put_points(out, mark);
    buf_puts(out, "</b>");
    markup_text(out, what);
    buf_puts(out, "</li>\n");
}

static void put_facts(struct buf *out, const struct class_summary *s)
{
    int64_t *mark = xcalloc(s->students + 1, sizeof mark[0]);
    size_t marks = collect_marks(s, mark);
    int64_t sum = 0;

    buf_puts(out, "<ul class=\"facts\">\n");
    put_fact(out, s->students, ngettext("student", "students", s->students));
    for (enum class_state state = CLASS_GRADED; state < CLASS_STATES; state++) {
        size_t count = count_state(s, state);
        if (count > 0)
            put_fact(out, count, class_state_name(state));
    }
    for (size_t i = 0; i < marks; i++)
        sum += mark[i];
    if (marks > 0) {
        int64_t average = (sum + (int64_t)marks / 2) / (int64_t)marks;
        put_mark(out, (mark[(marks - 1) / 2] + mark[marks / 2]) / 2, _("median"));
        put_mark(out, average - average % 10, _("average"));
    }
    buf_puts(out, "</ul>\n");
    free(mark);
}

/* --- the top and the end ----------------------------------------------------------------------------------- */

static void put_top(struct buf *out, const struct class_summary *s)
{
    markup_element(out, "p", "lab", s->lab);
    buf_puts(out, "\n");
    markup_element(out, "h1", NULL, s->title ? _(s->title) : s->lab);
    buf_puts(out, "\n<p>");
    markup_text(out, s->course);
    if (s->course && s->due)
        buf_puts(out, ", ");
    if (s->due) {
        char *due = xasprintf(_("due %s"), s->due);
        markup_text(out, due);
        free(due);
    }
    buf_puts(out, "</p>\n");
    put_facts(out, s);
    for (size_t i = 0; i < s->notes; i++)
        markup_element(out, "p", "note", s->note[i]);
}

static void put_end(struct buf *out, const struct class_summary *s)
{
    time_t made = (time_t)s->made;
    struct tm parts;
    char when[40] = "";

    if (s->made > 0 && localtime_r(&made, &parts))
        strftime(when, sizeof when, "%Y-%m-%d %H:%M %Z", &parts);
    char *text = xasprintf(_("socklab %s, seed %llu, sandbox %s. %s"), s->version ? s->version : "?",
                           (unsigned long long)s->seed,
                           !s->sandbox ? _("not used") : *s->sandbox ? s->sandbox : _("not the same for all"), when);
    markup_element(out, "p", "soft", text);
    buf_puts(out, "\n");
    free(text);
}

void class_page_render(struct buf *out, const struct class_summary *s)
{
    char *title = xasprintf(_("%s: the class"), s->lab);

    markup_begin(out, title, MARKUP_TABLE);
    put_top(out, s);
    class_put_chart(out, s);
    class_put_checks(out, s);
    class_put_remarkable(out, s);
    class_put_students(out, s);
    class_put_pairs(out, s);
    put_end(out, s);
    markup_end(out, MARKUP_TABLE);
    free(title);
}
