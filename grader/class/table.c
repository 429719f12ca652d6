/**
 * @file table.c
 * The class as tables and as a page.
 */
#include "class/outcome.h"
#include "report/class_page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- rows --------------------------------------------------------------------------------------------------- */

static struct export_row *make_rows(const struct class_work *work, const struct outcome *outcome)
{
    struct export_row *row = xcalloc(work->list.count + 1, sizeof(row[0]));
    for (size_t i = 0; i < work->list.count; i++) {
        const struct submission *s = &work->list.item[i];
        row[i] = (struct export_row){.student = s->student, .name = s->name, .lms_id = s->lms_id, .login = s->login,
                                     .email = s->email, .state = submission_state_word(s->state),
                                     .remark = outcome[i].remark, .handed_in = outcome[i].handed_in, .mark = &outcome[i].mark};
    }
    return row;
}

static int write_file(const struct class_work *work, const char *name, const struct buf *bytes, char **message)
{
    int error = publish_file(&work->to, name, bytes);
    if (error < 0)
        *message = xasprintf("%s/%s: %s", work->to.output, name, strerror(-error));
    return error;
}

static int write_grades(const struct class_work *work, const struct export_row *row, char **message)
{
    struct buf csv = {0}, json = {0};
    export_csv(&csv, &work->course, row, work->list.count);
    export_json(&json, &work->course, row, work->list.count);
    int error = write_file(work, "grades.csv", &csv, message);
    if (error == 0)
        error = write_file(work, "grades.json", &json, message);
    buf_free(&csv);
    buf_free(&json);
    return error;
}

/* --- the platforms' tables ---------------------------------------------------------------------------------- */

static const struct {
    enum platform platform;
    const char *name; /* in DIR */
} platforms[] = {{PLATFORM_CANVAS, "canvas.csv"}, {PLATFORM_MOODLE, "moodle.csv"}};

enum { PLATFORMS = sizeof(platforms) / sizeof(platforms[0]) };

static const char *platform_path(const struct class_options *options, size_t i)
{
    return platforms[i].platform == PLATFORM_CANVAS ? options->canvas : options->moodle;
}

int table_try(const struct class_options *options, const struct course *course, char **message)
{
    int error = 0;
    for (size_t i = 0; error == 0 && i < PLATFORMS; i++) {
        const char *path = platform_path(options, i);
        struct buf out = {0};
        struct export_said said = {0};
        if (path)
            error = export_platform(platforms[i].platform, path, course, NULL, 0, &out, &said, message);
        if (path && error == 0)
            export_said_free(&said);
        buf_free(&out);
    }
    return error;
}

static int write_platform(const struct class_work *work, size_t i, const struct export_row *row, char **message)
{
    struct buf out = {0};
    struct export_said said = {0};
    int error = export_platform(platforms[i].platform, platform_path(work->options, i), &work->course, row, work->list.count,
                                &out, &said, message);
    if (error < 0)
        return error;
    error = write_file(work, platforms[i].name, &out, message);
    if (error == 0)
        printf(_("%s: %zu marks in the column %s\n"), platforms[i].name, said.filled, said.column);
    for (size_t j = 0; error == 0 && j < said.lines; j++)
        printf("  %s\n", said.line[j]);
    export_said_free(&said);
    buf_free(&out);
    return error;
}

/* --- the page ----------------------------------------------------------------------------------------------- */

static enum class_state state_of(const struct outcome *o)
{
    switch (o->mark.state) {
    case MARK_COUNTS: return o->graded ? CLASS_GRADED : CLASS_NOTHING;
    case MARK_PENDING: return CLASS_PENDING;
    case MARK_PERSON: break;
    }
    return CLASS_PERSON;
}

static struct class_student *page_students(const struct class_work *work, const struct outcome *outcome)
{
    struct class_student *student = xcalloc(work->list.count + 1, sizeof(student[0]));
    for (size_t i = 0; i < work->list.count; i++) {
        const struct submission *s = &work->list.item[i];
        const struct outcome *o = &outcome[i];
        student[i] = (struct class_student){
            .student = s->student, .name = s->name, .state = state_of(o), .odd = o->remark != NULL, .remark = o->remark,
            .mark = o->mark.state == MARK_COUNTS ? o->mark.value : -1, .max = o->mark.max, .reason = o->mark.reason,
            .late = o->mark.late, .handed_in = o->handed_in, .duration = o->duration, .status = o->status};
        /* An address of a page: what is not plain in a name is written as %XX there, by the page. */
        student[i].feedback = xasprintf("feedback/%s/report.html", s->student);
    }
    return student;
}

static struct class_check *page_checks(const struct class_work *work)
{
    const struct lab *lab = work->options->lab;
    struct class_check *check = xcalloc(lab->checks + 1, sizeof(check[0]));
    for (size_t i = 0; i < lab->checks; i++)
        check[i] = (struct class_check){.id = lab->check[i].id, .title = _(lab->check[i].title),
                                        .points = 100 * (int64_t)work->course.points[i],
                                        .hidden = work->course.hidden[i] && work->now <= work->course.due};
    return check;
}

static struct class_pair *page_pairs(const struct similarity *alike)
{
    size_t count = alike ? alike->pairs : 0;
    struct class_pair *pair = xcalloc(count + 1, sizeof(pair[0]));
    for (size_t i = 0; i < count; i++) {
        pair[i] = (struct class_pair){.student = {alike->pair[i].student[0], alike->pair[i].student[1]},
                                      .percent = alike->pair[i].percent};
        pair[i].link = xasprintf("similarity.html#pair-%zu", i);
    }
    return pair;
}

/** The one level of protection of all grades, "" when they differ, NULL without any. */
static const char *common_sandbox(const struct class_work *work, const struct outcome *outcome)
{
    const char *word = NULL;
    for (size_t i = 0; i < work->list.count; i++) {
        if (!outcome[i].sandbox)
            continue;
        if (word && strcmp(word, outcome[i].sandbox) != 0)
            return "";
        word = outcome[i].sandbox;
    }
    return word;
}

static int write_page(const struct class_work *work, const struct outcome *outcome, const struct similarity *alike, char **message)
{
    const struct lab *lab = work->options->lab;
    struct class_student *student = page_students(work, outcome);
    struct class_check *check = page_checks(work);
    struct class_pair *pair = page_pairs(alike);
    const struct class_summary summary = {
        .lab = lab->id, .title = _(lab->title), .course = work->course.name, .due = work->course.due_words,
        .version = work->options->version, .sandbox = common_sandbox(work, outcome), .made = work->now,
        .seed = work->options->seed, .check = check, .checks = lab->checks, .student = student, .students = work->list.count,
        .pair = pair, .pairs = alike ? alike->pairs : 0, .compared = alike != NULL, .threshold = work->options->similarity,
        .note = (const char *const *)work->list.note, .notes = work->list.notes};
    struct buf out = {0};
    class_page_render(&out, &summary);
    int error = write_file(work, "index.html", &out, message);
    buf_free(&out);
    for (size_t i = 0; i < work->list.count; i++)
        free((char *)student[i].feedback);
    for (size_t i = 0; i < summary.pairs; i++)
        free((char *)pair[i].link);
    free(student);
    free(check);
    free(pair);
    return error;
}

int table_write(const struct class_work *work, const struct outcome *outcome, const struct similarity *alike, char **message)
{
    struct export_row *row = make_rows(work, outcome);
    int error = write_grades(work, row, message);
    for (size_t i = 0; error == 0 && i < PLATFORMS; i++)
        if (platform_path(work->options, i))
            error = write_platform(work, i, row, message);
    if (error == 0)
        error = write_page(work, outcome, alike, message);
    free(row);
    return error;
}
