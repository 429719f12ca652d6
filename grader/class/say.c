/**
 * @file say.c
 * What the command says to the person at the terminal.
 */
#include "class/say.h"

#include <string.h>

/** "anna (Anna Berg)", or one of both where they are the same. */
static void print_student(const struct submission *s)
{
    if (strcmp(s->student, s->name) == 0)
        printf("  %s: ", s->student);
    else
        printf("  %s (%s): ", s->student, s->name);
}

static bool is_here(const struct submissions *list, const struct extension *e)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct submission *s = &list->item[i];
        const char *const names[] = {s->student, s->login, s->lms_id};
        if (extension_is_for(e, names, sizeof(names) / sizeof(names[0])))
            return true;
    }
    return false;
}

/** A name that is mistyped there would cost the student the extension, without a word. */
static void print_strangers(const struct class_work *work)
{
    for (size_t i = 0; i < work->course.extensions; i++)
        if (!is_here(&work->list, &work->course.extension[i]))
            printf(_("  %s gives '%s' more time, and nobody here has that login, id or folder.\n"), work->course.path,
                   work->course.extension[i].student);
}

void say_received(const struct class_work *work)
{
    printf(_("%s: %zu students in %s (%s)\n"), work->options->lab->id, work->list.count, work->options->submissions,
           submission_source_word(work->list.source));
    for (size_t i = 0; i < work->list.notes; i++)
        printf("  %s\n", work->list.note[i]);
    print_strangers(work);
}

void say_plan(const struct class_work *work, const bool *todo)
{
    size_t count = 0;
    for (size_t i = 0; i < work->list.count; i++) {
        const struct submission *s = &work->list.item[i];
        print_student(s);
        count += todo[i];
        if (todo[i])
            printf(_("would be graded"));
        else if (submission_is_gradable(s))
            printf(_("graded already"));
        else
            printf(_("not to be graded (%s)"), submission_state_word(s->state));
        printf("%s%s\n", s->remark ? ". " : "", s->remark ? s->remark : "");
    }
    if (work->course.due_words)
        printf(_("due: %s\n"), work->course.due_words);
    printf(_("%zu of %zu would be graded; all would be written to %s. Nothing was changed.\n"), count, work->list.count,
           work->options->output);
}

/* --- the end ------------------------------------------------------------------------------------------------ */

struct tally {
    size_t graded, nothing, pending, person, other_conditions, outside;
};

static struct tally count_all(const struct class_work *work, const struct outcome *outcome)
{
    struct tally t = {0};
    for (size_t i = 0; i < work->list.count; i++) {
        const struct outcome *o = &outcome[i];
        t.graded += o->mark.state == MARK_COUNTS && o->graded;
        t.nothing += o->mark.state == MARK_COUNTS && !o->graded;
        t.pending += o->mark.state == MARK_PENDING;
        t.person += o->mark.state == MARK_PERSON;
        t.other_conditions += o->other_conditions;
        t.outside += o->sandbox && strcmp(o->sandbox, "full") != 0;
    }
    return t;
}

/** Who has no mark, or one that came about in an unusual way. */
static void print_odd(const struct class_work *work, const struct outcome *outcome)
{
    for (size_t i = 0; i < work->list.count; i++) {
        const struct outcome *o = &outcome[i];
        bool why = o->mark.state != MARK_COUNTS || !o->graded;
        if (!why && !o->remark)
            continue;
        print_student(&work->list.item[i]);
        printf("%s%s%s\n", why ? o->mark.reason : "", why && o->remark ? " " : "", o->remark ? o->remark : "");
    }
}

void say_end(const struct class_work *work, const struct outcome *outcome)
{
    struct tally t = count_all(work, outcome);
    print_odd(work, outcome);
    printf(_("%zu of %zu have a mark for what they handed in"), t.graded, work->list.count);
    if (t.nothing)
        printf(_(", %zu handed nothing in"), t.nothing);
    if (t.pending)
        printf(_(", %zu have time yet"), t.pending);
    if (t.person)
        printf(_(", %zu are for a person to look at"), t.person);
    puts(".");
    if (t.other_conditions)
        printf(_("%zu were graded by another version or with another seed, compiler, limit or sandbox than this run's; "
                 "--again grades everybody anew.\n"), t.other_conditions);
    if (t.outside)
        printf(_("%zu were graded without a full sandbox; `socklab doctor` says what is missing.\n"), t.outside);
    printf(_("%s/index.html is the page of the class.\n"), work->to.output);
}
