/**
 * @file outcome.c
 * A student's mark: which grade counts, what the course makes of it, and where there is none, why.
 */
#include "class/outcome.h"
#include "report/stored.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/** One more sentence or two, behind those that are there. */
static void add_remark(struct outcome *o, const char *text)
{
    char *longer = xasprintf("%s%s%s", o->remark ? o->remark : "", o->remark ? " " : "", text);
    free(o->remark);
    o->remark = longer;
}

/** Of these a person must make something first: an older grade does not stand in for them. */
static bool wants_person(const struct submission *s)
{
    return !submission_is_gradable(s) && s->state != SUBMISSION_NOTHING;
}

/** Of what was handed in the grade is: this run's hand-in, or an earlier one, and then it is said. */
static void tell_age(struct outcome *o, struct hand_in *h, const struct submission *s, const struct book_grade *grade)
{
    if (!grade->outdated)
        return;
    h->handed_in = grade->handed_in;
    h->late_mark = grade->late_mark;
    if (s->state == SUBMISSION_NOTHING)
        add_remark(o, _("Nothing is among these hand-ins; the mark is that of what was handed in before."));
    else
        add_remark(o, _("What was handed in last could not be graded yet; the mark is that of an earlier hand-in."));
}

static void keep_numbers(const struct class_work *work, struct outcome *o, const struct grade *g)
{
    const struct lab *lab = work->options->lab;
    o->graded = true;
    o->sandbox = strcmp(g->sandbox, "full") == 0 ? "full" : strcmp(g->sandbox, "off") == 0 ? "off" : "partial";
    o->status = xcalloc(lab->checks, sizeof(o->status[0]));
    for (size_t i = 0; i < lab->checks; i++) {
        o->status[i] = CHECK_SKIP;
        for (size_t j = 0; j < g->checks; j++)
            if (strcmp(g->check[j].id, lab->check[i].id) == 0)
                o->status[i] = g->check[j].status;
    }
}

/** Reads the result that counts; one that somebody has spoilt is that student's trouble, not the class's. */
static bool read_result(const char *result, struct stored_grade *stored, struct outcome *o)
{
    char *why = NULL;
    if (stored_read(result, strlen(result), stored, &why) == 0)
        return true;
    add_remark(o, why);
    free(why);
    o->trouble = true;
    return false;
}

/** The mark and the feedback of one student. */
static int judge(const struct class_work *work, const struct submission *s, const struct book_grade *grade, struct outcome *o,
                 char **message)
{
    struct stored_grade stored = {0};
    struct hand_in h = {.student = s->student, .lms_id = s->lms_id, .login = s->login, .handed_in = s->handed_in,
                        .late_mark = s->late_mark};
    const char *result = wants_person(s) ? NULL : grade->result ? grade->result : grade->incomplete;
    o->trouble = grade->trouble && submission_is_gradable(s);
    o->other_conditions = result && grade->other_conditions;
    if (s->remark)
        add_remark(o, s->remark);
    if (result && read_result(result, &stored, o)) {
        h.grade = &stored.grade;
        keep_numbers(work, o, &stored.grade);
        o->duration = (int64_t)(grade->seconds * 1e9);
        tell_age(o, &h, s, grade);
    } else if (wants_person(s)) {
        h.trouble = s->remark ? s->remark : submission_state_word(s->state);
    } else if (s->state != SUBMISSION_NOTHING || result) {
        h.trouble = grade->trouble ? grade->trouble : _("It is not graded yet.");
    }
    if (h.grade && grade->trouble && o->trouble)
        add_remark(o, grade->trouble);
    o->handed_in = h.handed_in;
    policy_mark(&work->course, &h, work->now, &o->mark);
    if (o->remark && strstr(o->mark.reason, o->remark)) { /* once is enough */
        free(o->remark);
        o->remark = NULL;
    }
    int error = feedback_write(work, s, o, &h);
    if (error < 0)
        *message = xasprintf(_("%s/feedback/%s: %s"), work->to.output, s->student, strerror(-error));
    stored_free(&stored);
    return error;
}

int outcome_make(const struct class_work *work, struct outcome **out, char **message)
{
    size_t count = work->list.count;
    struct outcome *list = xcalloc(count + 1, sizeof(list[0]));
    int error = 0;
    for (size_t i = 0; error == 0 && i < count; i++) {
        const struct submission *s = &work->list.item[i];
        struct book_grade grade;
        error = gradebook_current(work->book, s->student, &grade);
        if (error < 0) {
            *message = xstrdup(gradebook_reason(work->book));
            break;
        }
        error = judge(work, s, &grade, &list[i], message);
        book_grade_free(&grade);
    }
    if (error < 0) {
        outcome_free(list, count);
        list = NULL;
    }
    *out = list;
    return error;
}

void outcome_free(struct outcome *list, size_t count)
{
    for (size_t i = 0; list && i < count; i++) {
        mark_free(&list[i].mark);
        free(list[i].remark);
        free(list[i].status);
    }
    free(list);
}
