/**
 * @file failure.c
 * From what was seen to a finding: the sentence, the places in the student's source. Who waits in what is
 * blocked.c's, the steps that led there are step.c's. Everything that a student reads about a failed check is put together here.
 */
#include "check/internal.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* --- places ----------------------------------------------------------------------------------------- */

void failure_add_line(struct check *c, struct finding *f, const struct source_line *where, const char *text)
{
    if (!where && !text)
        return;
    for (size_t i = 0; i < f->places; i++) /* a loop's call is shown once */
        if (where && f->place[i].file && f->place[i].line == where->line && strcmp(f->place[i].file, where->file) == 0)
            return;
    finding_place(f, where ? where->file : NULL, where ? where->line : 0, text);
    char *source = where ? quote_source(c->intake, where->file, where->line) : NULL;
    if (source)
        finding_source(f, source);
    free(source);
}

void failure_add_place(struct check *c, struct finding *f, const struct event *e)
{
    struct source_line where;
    if (e)
        failure_add_line(c, f, tracer_where(c->tracer, e, &where) ? &where : NULL, e->text);
}

/* --- ending a check with a finding ------------------------------------------------------------------------ */

static void end_failed(struct check *c, const struct failure *failure, const char *message)
    __attribute__((noreturn));

static void end_failed(struct check *c, const struct failure *failure, const char *message)
{
    struct check_result r = {.status = CHECK_FAIL};
    struct finding *f = &r.finding;
    f->verdict = failure->verdict;
    f->message = xstrdup(message);
    f->expected = failure->expected ? xstrdup(failure->expected) : NULL;
    f->actual = failure->actual ? xstrdup(failure->actual) : NULL;
    for (size_t i = 0; i < sizeof(failure->event) / sizeof(failure->event[0]); i++)
        failure_add_place(c, f, failure->event[i]);
    if (failure->waits)
        blocked_add_places(c, f);
    failure_add_steps(c, f);
    context_end(c, &r);
}

void check_fail(struct check *c, const struct failure *failure, const char *format, ...)
{
    failure_of_sanitizer(c); /* what a sanitizer saw explains the rest */
    va_list args;
    va_start(args, format);
    struct buf message = {0};
    buf_vprintf(&message, format, args);
    va_end(args);
    end_failed(c, failure, buf_text(&message));
}

/** A child that its own mistake killed in this scene; NULL if there was none. SIGPIPE takes nobody but who was gone already. */
static const struct event *find_crashed_child(const struct check *c)
{
    const struct event *found = NULL;
    for (const struct event *e = NULL; (e = timeline_find(c->timeline, e, EVENT_END, -1, NULL));) {
        int number = WIFSIGNALED(e->status) ? WTERMSIG(e->status) : 0;
        if (e->seq > c->scene && number && number != SIGKILL && number != SIGPIPE &&
            family_is_child(c, e->actor, e->pid) && !family_was_killed(c, e))
            found = e;
    }
    return found;
}

/* --- why a wait was in vain ---------------------------------------------------------------------------------- */

/** The student's program that ended by itself, a crashed one first; NULL if all still run. */
static const struct program *find_ended(const struct check *c)
{
    const struct program *found = NULL;
    for (size_t i = 0; i < c->programs; i++) {
        const struct program *p = c->program[i];
        if (!p->ended || p->killed || p->reference)
            continue;
        if (WIFSIGNALED(p->status)) /* awaited or not: nobody asked for this */
            return p;
        if (!found && !p->awaited)
            found = p;
    }
    return found;
}

/** A reference program that gave up, which nobody asked for: something that it met was not as it should be. NULL if none. */
static const struct program *find_failed_reference(const struct check *c)
{
    for (size_t i = 0; i < c->programs; i++) {
        const struct program *p = c->program[i];
        if (p->reference && p->ended && !p->killed && !p->awaited && WIFEXITED(p->status) && WEXITSTATUS(p->status) != 0)
            return p;
    }
    return NULL;
}

/** The event of the signal that killed a program, for its source line. */
static const struct event *find_signal(const struct check *c, actor_id actor, int number)
{
    const struct event *last = NULL;
    for (size_t i = 0; i < c->timeline->count; i++) {
        const struct event *e = c->timeline->event[i];
        if (e->kind == EVENT_SIGNAL && e->actor == actor && (int)e->arg[0] == number)
            last = e;
    }
    return last;
}

static const char *signal_meaning(int number)
{
    switch (number) {
    case SIGSEGV: return _("it used memory that is not its own");
    case SIGBUS: return _("it used memory in a way that the machine cannot");
    case SIGFPE: return _("it divided by zero or the like");
    case SIGABRT: return _("it called abort, or libc found its memory damaged");
    case SIGPIPE: return _("it wrote to a connection or a pipe whose other side is gone, and nothing had told the kernel to return "
                           "EPIPE instead");
    case SIGILL: return _("it ran into an instruction that is none");
    case SIGXCPU: return _("it used up its processor time");
    case SIGXFSZ: return _("it wrote a file larger than allowed");
    case SIGALRM: return _("its own alarm went off");
    case SIGTERM:
    case SIGINT:
    case SIGHUP:
    case SIGUSR1:
    case SIGUSR2: return _("nothing in it was set up for this signal, so the kernel ended it");
    default: return strsignal(number);
    }
}

static void fail_crashed(struct check *c, const struct program *p, const char *what) __attribute__((noreturn));

static void fail_crashed(struct check *c, const struct program *p, const char *what)
{
    int number = WTERMSIG(p->status);
    struct failure failure = {.verdict = VERDICT_CRASHED, .event = {find_signal(c, p->actor, number)}};
    char *message = check_text(c, _("%s was killed by %s: %s. (%s.)"), p->name, signal_name(number),
                               signal_meaning(number), what);
    end_failed(c, &failure, message);
}

static void fail_crashed_child(struct check *c, const struct event *end, const char *what) __attribute__((noreturn));

static void fail_crashed_child(struct check *c, const struct event *end, const char *what)
{
    int number = WTERMSIG(end->status);
    struct failure failure = {.verdict = VERDICT_CRASHED, .event = {find_signal(c, end->actor, number)}};
    char *message = check_text(c, _("A child of %s was killed by %s: %s. (%s.)"), c->timeline->actor[end->actor],
                               signal_name(number), signal_meaning(number), what);
    end_failed(c, &failure, message);
}

/** The last line that a program wrote to stderr, quoted; "" if none. */
static const char *last_words(const struct program *p)
{
    const char *text = buf_text(&p->errors);
    size_t end = strlen(text);
    while (end > 0 && text[end - 1] == '\n')
        end--;
    size_t start = end;
    while (start > 0 && text[start - 1] != '\n')
        start--;
    if (end == start)
        return "";
    struct buf b = {0};
    buf_puts(&b, _(" Its last words on stderr: "));
    buf_quote(&b, text + start, end - start, 160);
    buf_puts(&b, ".");
    return buf_take(&b);
}

/** The last call of a program that failed: often why it gave up. Those that libc makes for itself have no line of the student's. */
static const struct event *last_failed_call(const struct check *c, const struct program *p)
{
    struct source_line where;
    for (size_t i = c->timeline->count; i-- > 0;) {
        const struct event *e = c->timeline->event[i];
        if (e->kind == EVENT_CALL && e->actor == p->actor && e->done && e->result < 0 &&
            tracer_where(c->tracer, e, &where))
            return e;
    }
    return NULL;
}

/** The last thing that a program did on a connection. */
static const struct event *last_talk(const struct check *c, const struct program *p)
{
    for (size_t i = c->timeline->count; i-- > 0;) {
        const struct event *e = c->timeline->event[i];
        if (e->kind == EVENT_CALL && e->actor == p->actor && (e->group & (CALL_READ | CALL_WRITE)) &&
            (e->fd_kind == FD_ACCEPTED || e->fd_kind == FD_CONNECTED))
            return e;
    }
    return NULL;
}

/** Where a handler ended the program, if its exits are traced; NULL if none did. */
static const struct event *exit_in_handler(const struct check *c, const struct program *p)
{
    for (const struct event *e = NULL; (e = judge_call(c->timeline, e, p->actor, CALL_EXIT));)
        if (e->handler)
            return e;
    return NULL;
}

/** A program that goes into the background ends as far as whoever started it can see. */
static const char *tell_children(const struct check *c, const struct program *p)
{
    pid_t first = tracer_process(c->tracer, p->actor);
    int children = 0;
    if (p->background)
        return "";
    for (size_t i = 0; i < c->timeline->count; i++) {
        const struct event *e = c->timeline->event[i];
        if (e->actor != p->actor || p->sanitized)
            continue;
        if (e->kind == EVENT_START && e->pid == e->tid && e->pid != first)
            children++;
        bool taken_along = e->kind == EVENT_END && WIFSIGNALED(e->status) && WTERMSIG(e->status) == SIGKILL;
        if (e->kind == EVENT_END && e->pid != first && !taken_along)
            children--;
    }
    return children > 0 ? _(" A child of it was still there; but a program has ended when the process that was started has, "
                            "and the grader ends the rest.")
                        : "";
}

static void fail_exited(struct check *c, const struct program *p, const char *what) __attribute__((noreturn));

static void fail_exited(struct check *c, const struct program *p, const char *what)
{
    struct failure failure = {.verdict = VERDICT_EXITED, .event = {exit_in_handler(c, p)}};
    if (!failure.event[0])
        failure.event[0] = last_failed_call(c, p);
    if (!failure.event[0])
        failure.event[0] = last_talk(c, p);
    char *message = check_text(c, _("%s ended with status %d, but %s.%s%s"), p->name, WEXITSTATUS(p->status), what,
                               tell_children(c, p), last_words(p));
    end_failed(c, &failure, message);
}

/** The last recorded call of the program that runs: where it goes round. */
static const struct event *last_call(const struct check *c)
{
    for (size_t i = c->timeline->count; i-- > 0;)
        if (c->timeline->event[i]->kind == EVENT_CALL)
            return c->timeline->event[i];
    return NULL;
}

/** Who runs; nobody at this very moment: the first. */
static const char *busy_name(struct check *c)
{
    struct look look;
    tracer_look(c->tracer, &look);
    for (size_t i = 0; i < look.tasks; i++)
        if (look.task[i].state == TASK_RUNNING)
            return c->timeline->actor[look.task[i].actor];
    return c->programs ? c->program[0]->name : _("the program");
}

static void fail_busy(struct check *c, enum wait_end end, const char *what) __attribute__((noreturn));

static void fail_busy(struct check *c, enum wait_end end, const char *what)
{
    bool spins = end == WAIT_SPINNING;
    struct failure failure = {.verdict = spins ? VERDICT_SPINNING : VERDICT_TIMEOUT,
                              .event = {last_call(c)}};
    const char *name = busy_name(c);
    char *message = spins ? check_text(c, _("%s keeps the processor busy and gets nowhere: %s."), name, what)
                          : check_text(c, _("The time of this check is over: %s."), what);
    end_failed(c, &failure, message);
}

void failure_of_end(struct check *c, bool exits_too, const char *what)
{
    wait_for_ends(c);
    failure_of_sanitizer(c);
    const struct program *ended = find_ended(c);
    if (ended && WIFSIGNALED(ended->status))
        fail_crashed(c, ended, what);
    if (ended && exits_too)
        fail_exited(c, ended, what);
    const struct event *child = find_crashed_child(c);
    if (child)
        fail_crashed_child(c, child, what);
}

void failure_of_wait(struct check *c, enum wait_end end, const char *what, const struct failure *more)
{
    failure_of_sanitizer(c);
    const struct program *ended = find_ended(c);
    if (ended && WIFSIGNALED(ended->status))
        fail_crashed(c, ended, what);
    if (ended)
        fail_exited(c, ended, what);
    const struct event *child = find_crashed_child(c);
    if (child)
        fail_crashed_child(c, child, what);
    if (end == WAIT_SPINNING || end == WAIT_DEADLINE)
        fail_busy(c, end, what);
    struct failure failure = more ? *more : (struct failure){0};
    const struct program *reference = find_failed_reference(c);
    if (reference) {
        failure.verdict = VERDICT_MISMATCH;
        end_failed(c, &failure, check_text(c, _("%s ended with status %d, but %s.%s"), reference->name,
                                           WEXITSTATUS(reference->status), what, last_words(reference)));
    }
    c->awaited_in_vain = what;
    failure.verdict = VERDICT_STUCK;
    failure.waits = true;
    end_failed(c, &failure, check_text(c, _("Nobody can go on: %s; %s."), blocked_describe(c), what));
}

/** Before that no time but the grader's own has passed. */
static bool has_run_students(const struct check *c)
{
    for (size_t i = 0; i < c->programs; i++)
        if (!c->program[i]->reference && tracer_process(c->tracer, c->program[i]->actor) != 0)
            return true;
    return false;
}

void failure_of_time(struct check *c, enum wait_end end, const char *what)
{
    if ((end == WAIT_DEADLINE || end == WAIT_SPINNING) && has_run_students(c))
        failure_of_wait(c, end, what, NULL);
}

/* --- sanitizers --------------------------------------------------------------------------------------------------- */

/** What a sanitizer's report comes to, with a place for the program's name. */
static const char *report_meaning(const struct finding *f, const char *said)
{
    if (f->verdict == VERDICT_LEAK)
        return _("%s loses memory that it allocated: nobody can free it any more.");
    static const char mark[] = "WARNING: ThreadSanitizer: ", race[] = "data race";
    const char *threads = strstr(said, mark);
    if (!threads)
        return _("A sanitizer stopped %s: it did something that C does not allow.");
    const char *place = strstr(threads, "Location is file descriptor"), *end = strstr(threads, "SUMMARY:");
    if (place && (!end || place < end))
        return _("Two threads of %s use the same descriptor, one of them closes it, and nothing keeps them apart.");
    if (strncmp(threads + strlen(mark), race, strlen(race)) == 0)
        return _("Two threads of %s use the same memory, one of them writes, and nothing keeps them apart: a data race.");
    return _("ThreadSanitizer saw %s do what threads must not do.");
}

void failure_of_sanitizer(struct check *c)
{
    for (size_t i = 0; i < c->programs; i++) {
        struct program *p = c->program[i];
        struct check_result r = {.status = CHECK_FAIL};
        struct finding *f = &r.finding;
        if (p->sanitized && p->background)
            daemon_gather_reports(p);
        if (!p->sanitized || !quote_report(c->intake, buf_text(&p->errors), p->errors.length, f))
            continue;
        p->reported = true;
        f->message = xasprintf(report_meaning(f, buf_text(&p->errors)), p->name);
        failure_add_steps(c, f);
        context_end(c, &r);
    }
}
