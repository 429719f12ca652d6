/**
 * @file feedback.c
 * A folder for each student: the report as text and as HTML, without what is hidden until the due date.
 */
#include "class/outcome.h"
#include "report/report.h"

#include <stdlib.h>
#include <string.h>

/** "85.5 of 100"; NULL where there is no mark, or one that would tell what hidden checks came to. The caller frees it. */
static char *mark_words(const struct mark *mark)
{
    char value[24], most[24];
    if (mark->state != MARK_COUNTS || mark->hidden > 0)
        return NULL;
    return xasprintf(_("%s of %s"), mark_text(mark->value, value, sizeof(value)), mark_text(mark->max, most, sizeof(most)));
}

/** Somebody without a grade is told why, in a few lines. */
static void render_nothing(struct buf *out, const struct class_work *work, const struct report_about *about)
{
    buf_printf(out, "%s  %s\n\n", work->options->lab->id, about->student);
    if (about->mark)
        buf_printf(out, "%s\n", about->mark);
    buf_printf(out, "%s\n", about->reason);
    if (about->remark)
        buf_printf(out, "%s\n", about->remark);
}

static int write_as(const struct class_work *work, const struct submission *s, const char *file, const struct buf *bytes)
{
    char *name = xasprintf("feedback/%s/%s", s->student, file);
    int error = publish_file(&work->to, name, bytes);
    free(name);
    return error;
}

int feedback_write(const struct class_work *work, const struct submission *s, const struct outcome *o, const struct hand_in *h)
{
    char *mark = mark_words(&o->mark);
    struct report_about about = {.student = s->name, .mark = mark, .reason = o->mark.reason, .remark = o->remark};
    struct report_style style = {.width = 80, .about = &about};
    struct grade none = {.lab = work->options->lab->id, .title = work->options->lab->title, .complete = true, .sandbox = ""};
    struct grade view = none;
    struct buf text = {0}, html = {0};
    if (h->grade) {
        about.hidden = policy_view(&work->course, h, work->now, h->grade, &view);
        report_render(&text, &view, REPORT_TEXT, &style);
    } else {
        render_nothing(&text, work, &about);
    }
    report_render(&html, &view, REPORT_HTML, &style);
    int error = write_as(work, s, "report.txt", &text);
    if (error == 0)
        error = write_as(work, s, "report.html", &html);
    if (h->grade)
        policy_view_free(&view);
    buf_free(&text);
    buf_free(&html);
    free(mark);
    return error;
}
