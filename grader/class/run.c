/**
 * @file run.c
 * A class from beginning to end: look at everything that was given before any work, grade what is to be graded, write it all
 * out. Each grading is in the gradebook as soon as it is made, and all that is written out is made from the gradebook: so a run
 * that was ended at any moment is gone on with by the next.
 */
#include "class/say.h"
#include "class/worker.h"
#include "report/stored.h"

#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/** Says what is wrong; the exit status for it. */
static int complain(int error, char *message)
{
    fflush(stdout);
    fprintf(stderr, "socklab: %s\n", message ? message : strerror(-error));
    free(message);
    switch (error) {
    case -EIO:
    case -ENOSPC:
    case -EBUSY:
    case -ENOMEM: return STATUS_TROUBLE;
    default: return STATUS_USAGE;
    }
}

/* --- conditions: the command line's word goes before the course's -------------------------------------------- */

static const char *compiler_of(const struct class_work *work)
{
    if (work->options->compiler)
        return work->options->compiler;
    return work->course.compiler ? work->course.compiler : "gcc";
}

static int seconds_of(const struct class_work *work)
{
    return work->options->seconds ? work->options->seconds : work->course.seconds;
}

static enum sandbox_mode sandbox_of(const struct class_work *work)
{
    if (work->options->sandbox_said || !work->course.sandbox_said)
        return work->options->sandbox;
    return work->course.sandbox;
}

static struct book_run conditions(const struct class_work *work)
{
    static const char *const words[] = {[SANDBOX_AUTO] = "auto", [SANDBOX_REQUIRE] = "require", [SANDBOX_OFF] = "off"};
    const struct class_options *o = work->options;
    return (struct book_run){.source = o->submissions, .version = o->version, .compiler = compiler_of(work),
                             .sandbox = words[sandbox_of(work)], .seed = o->seed, .seconds = seconds_of(work), .again = o->again};
}

/** What would fail for everybody fails here, once: a sandbox that can't be had, a compiler that is not there. */
static int try_machine(const struct class_work *work, char **message)
{
    struct sandbox_support support;
    int error = sandbox_probe(sandbox_of(work), &support);
    if (error < 0 && support.missing_count)
        *message = xasprintf(_("this machine does not give the sandbox that is asked for: %s"), support.missing[0]);
    sandbox_support_free(&support);
    const char *compiler = compiler_of(work);
    char *path = strchr(compiler, '/') ? xstrdup(compiler) : xasprintf("/usr/bin/%s", compiler);
    if (error == 0 && access(path, X_OK) < 0) {
        error = -errno;
        *message = xasprintf(_("the compiler %s: %s"), path, strerror(errno));
    }
    free(path);
    return error < 0 ? -EIO : 0; /* the machine's matter, not the user's */
}

/* --- grading ------------------------------------------------------------------------------------------------ */

/** JSON true or false for each protection, as the report has them. The caller frees it. */
static char *protections_of(const struct grade *g)
{
    json_t *object = json_object();
    for (size_t i = 0; i < g->protections; i++)
        json_object_set_new(object, g->protection[i].id, json_boolean(g->protection[i].on));
    char *text = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    return text;
}

/** Only what can be read again is kept as a result. */
static int keep_result(const struct worker_result *r, void *argument)
{
    struct class_work *work = argument;
    struct book_grading g = {.trouble = r->trouble, .started = r->started, .seconds = r->seconds};
    struct stored_grade stored = {0};
    char *why = NULL, *protections = NULL;
    if (r->json && stored_read(r->json, r->size, &stored, &why) == 0) {
        protections = protections_of(&stored.grade);
        g.result = r->json;
        g.complete = stored.grade.complete;
        g.score = stored.grade.score;
        g.max = stored.grade.max;
        g.sandbox = stored.grade.sandbox;
        g.protections = protections;
    } else if (r->json) {
        g.trouble = why;
    }
    int error = gradebook_add(work->book, r->submission->student, &g);
    stored_free(&stored);
    free(protections);
    free(why);
    return error;
}

/** 0, -errno with *message, or the number of the signal that stopped it. */
static int grade_all(struct class_work *work, const bool *todo, char **message)
{
    const struct class_options *o = work->options;
    char *called = xasprintf("labs/%s", o->lab->id);
    struct worker_pool pool = {
        .lab = o->lab, .called = called, .workers = o->workers, .scratch = work->to.scratch, .done = keep_result,
        .argument = work, .progress = isatty(STDERR_FILENO),
        .grade = {.seed = o->seed, .sandbox = sandbox_of(work), .compiler = compiler_of(work), .data = o->data,
                  .seconds = seconds_of(work)}};
    int result = worker_run(&pool, work->list.item, work->list.count, todo);
    if (result < 0)
        *message = *gradebook_reason(work->book) ? xstrdup(gradebook_reason(work->book)) : xstrdup(strerror(-result));
    free(called);
    return result;
}

/* --- writing out -------------------------------------------------------------------------------------------- */

/** The lab's skeleton, which everybody was given: beside what was built, or installed. NULL if it is not there. */
static char *find_skeleton(const struct class_options *o)
{
    char *beside = xasprintf("%s/../labs/%s", o->data, o->lab->id);
    char *installed = xasprintf("%s/labs/%s", o->data, o->lab->id);
    bool is_beside = access(beside, R_OK) == 0;
    free(is_beside ? installed : beside);
    char *found = is_beside ? beside : installed;
    if (access(found, R_OK) == 0)
        return found;
    free(found);
    return NULL;
}

static int compare_all(const struct class_work *work, struct similarity *alike, char **message)
{
    char *skeleton = find_skeleton(work->options);
    int error = similarity_find(&work->list, skeleton, work->options->similarity, alike, message);
    free(skeleton);
    if (error < 0)
        return error;
    struct buf page = {0}, csv = {0};
    similarity_page(alike, &work->list, work->options->lab, &page);
    similarity_csv(alike, &work->list, &csv);
    error = publish_file(&work->to, "similarity.html", &page);
    if (error == 0)
        error = publish_file(&work->to, "similarity.csv", &csv);
    buf_free(&page);
    buf_free(&csv);
    return error;
}

/** Exit status. */
static int write_all(struct class_work *work)
{
    char *message = NULL;
    struct outcome *outcome = NULL;
    struct similarity alike = {0};
    bool compare = work->options->similarity > 0;
    int error = outcome_make(work, &outcome, &message);
    if (error == 0 && compare)
        error = compare_all(work, &alike, &message);
    if (error == 0)
        error = table_write(work, outcome, compare ? &alike : NULL, &message);
    if (error == 0 && gradebook_end(work->book) < 0)
        message = xstrdup(gradebook_reason(work->book)), error = -EIO;
    int status = STATUS_FULL;
    if (error == 0)
        say_end(work, outcome);
    for (size_t i = 0; error == 0 && i < work->list.count; i++)
        if (outcome[i].trouble)
            status = STATUS_TROUBLE;
    similarity_free(&alike);
    outcome_free(outcome, work->list.count);
    return error < 0 ? complain(error == -ENOENT ? -EIO : error, message) : status;
}

/* --- in order ----------------------------------------------------------------------------------------------- */

static int read_all(struct class_work *work, char **message)
{
    const struct class_options *o = work->options;
    int error = course_read(o->course, o->lab, &work->course, message);
    if (error == 0)
        error = table_try(o, &work->course, message);
    if (error == 0)
        error = submissions_read(o->lab, o->submissions, &work->list, message);
    if (error == 0 && o->roster)
        error = roster_apply(&work->list, o->roster, message);
    return error;
}

static int dry_run(struct class_work *work, const char *book_path, bool *todo, char **message)
{
    const struct class_options *o = work->options;
    int error = 0;
    if (access(book_path, F_OK) == 0) {
        error = gradebook_open(book_path, o->lab->id, GRADEBOOK_LOOK, &work->book, message);
        if (error == 0 && (error = gradebook_plan(work->book, o->again, work->list.item, work->list.count, todo)) < 0)
            *message = xstrdup(gradebook_reason(work->book));
    } else {
        for (size_t i = 0; i < work->list.count; i++)
            todo[i] = submission_is_gradable(&work->list.item[i]);
    }
    if (error == 0)
        say_plan(work, todo);
    return error;
}

static int begin(struct class_work *work, const char *book_path, bool *todo, char **message)
{
    int error = try_machine(work, message);
    if (error == 0)
        error = publish_begin(&work->to, work->options->output, message);
    if (error == 0)
        error = gradebook_open(book_path, work->options->lab->id, GRADEBOOK_WRITE, &work->book, message);
    if (error < 0)
        return error;
    struct book_run run = conditions(work);
    error = gradebook_begin(work->book, &run);
    if (error == 0)
        error = gradebook_receive(work->book, work->list.item, work->list.count, todo);
    if (error < 0)
        *message = xstrdup(gradebook_reason(work->book));
    else if (gradebook_goes_on(work->book))
        puts(_("The last run did not come to its end: this one goes on with it."));
    return error;
}

static void clear(struct class_work *work)
{
    gradebook_close(work->book);
    publish_end(&work->to);
    submissions_free(&work->list);
    course_free(&work->course);
}

/**
 * From here on a signal waits until the workers run, who listen for it, or until all is written out: there is no moment at which
 * it would leave something half-done, and none at which it is not told how to go on.
 */
static void hold_signals(sigset_t *before)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        sigaddset(&set, signals[i]);
    sigprocmask(SIG_BLOCK, &set, before);
}

/** The signal does what it would have done at once, now that all is cleared away. */
static int obey(int number, const char *command)
{
    fflush(stdout);
    fprintf(stderr, _("socklab: stopped. What is graded is kept. To go on:\n  %s\n"), command);
    raise(number);
    return STATUS_TROUBLE;
}

int class_run(const struct class_options *options)
{
    struct class_work work = {.options = options, .now = (int64_t)time(NULL), .to = {.lock = -1}};
    char *book_path = xasprintf("%s/gradebook.db", options->output);
    char *message = NULL;
    bool *todo = NULL;
    int status, stopped_by = 0;
    sigset_t before;
    sigprocmask(SIG_BLOCK, NULL, &before);
    int error = read_all(&work, &message);
    if (error == 0) {
        hold_signals(&before);
        say_received(&work);
        todo = xcalloc(work.list.count + 1, sizeof(todo[0]));
        error = options->dry_run ? dry_run(&work, book_path, todo, &message) : begin(&work, book_path, todo, &message);
    }
    if (error == 0 && !options->dry_run)
        error = stopped_by = grade_all(&work, todo, &message);
    if (error < 0)
        status = complain(error, message);
    else if (error > 0 || options->dry_run)
        status = STATUS_FULL;
    else
        status = write_all(&work);
    free(todo);
    free(book_path);
    clear(&work);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return stopped_by > 0 ? obey(stopped_by, options->command) : status;
}
