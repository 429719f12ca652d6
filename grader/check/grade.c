/**
 * @file grade.c
 * Grades one submission, seen from the grader: takes the files in, opens a room, listens to its
 * verdicts, adds up. Nothing that happens in the room can do more than say less than it should:
 * a check without a verdict is the grader's trouble, never points and never a zero.
 */
#include "check/room.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

/** A grade in the making. */
struct making {
    const struct lab *lab;
    const struct grade_options *options;
    struct build_intake intake;
    struct check_result *result; /* one for each check of the lab */
    bool *wanted, *come;
    struct sandbox_support support;
};

static bool is_wanted(const struct grade_options *options, const char *id)
{
    if (!options->only)
        return true;
    for (const char *const *only = options->only; *only; only++)
        if (strcmp(*only, id) == 0)
            return true;
    return false;
}

/** A path for a shell, which takes none for an option. */
static void add_path(struct buf *b, const char *path)
{
    if (path[0] == '-')
        buf_puts(b, "./");
    buf_shell(b, path);
}

static const char *called(const struct grade_options *options)
{
    return options->called ? options->called : options->directory;
}

/** The command that shows this check again, with everything that made the run what it was. */
static char *replay_command(const struct lab *lab, const struct grade_options *options, const char *id)
{
    struct buf b = {0};
    buf_printf(&b, "socklab grade %d ", lab->number);
    add_path(&b, called(options));
    buf_printf(&b, " --only %s", id);
    if (options->seed != 1)
        buf_printf(&b, " --seed %llu", (unsigned long long)options->seed);
    if (options->sandbox == SANDBOX_OFF)
        buf_puts(&b, " --sandbox off");
    if (options->seconds)
        buf_printf(&b, " --seconds %d", options->seconds);
    if (strcmp(options->compiler, "gcc") != 0) {
        buf_puts(&b, " --compiler ");
        add_path(&b, options->compiler);
    }
    return buf_take(&b);
}

static void prepare_results(struct making *m)
{
    const struct lab *lab = m->lab;
    m->result = xcalloc(lab->checks, sizeof(m->result[0]));
    m->wanted = xcalloc(lab->checks, sizeof(m->wanted[0]));
    m->come = xcalloc(lab->checks, sizeof(m->come[0]));
    for (size_t i = 0; i < lab->checks; i++) {
        const struct check_spec *spec = &lab->check[i];
        m->wanted[i] = is_wanted(m->options, spec->id) || strcmp(spec->id, "builds") == 0;
        m->result[i] = (struct check_result){
            .id = spec->id, .title = _(spec->title), .hint = _(spec->hint), .why = _(spec->why),
            .max = spec->points, .status = CHECK_ERROR,
            .handout = spec->handout,
            .replay = replay_command(lab, m->options, spec->id)};
        m->result[i].finding.verdict = VERDICT_TROUBLE;
    }
}

static void take_result(struct making *m, size_t index)
{
    struct check_result *r = &m->result[index];
    r->points = r->status == CHECK_PASS ? r->max : 0;
    m->come[index] = true;
    if (m->options->progress && is_wanted(m->options, r->id))
        m->options->progress(r, m->options->argument);
}

/** Nothing can be run: `builds` says why, the rest is skipped. */
static void fail_intake(struct making *m)
{
    for (size_t i = 0; i < m->lab->checks; i++) {
        struct check_result *r = &m->result[i];
        if (strcmp(r->id, "builds") == 0) {
            r->status = CHECK_FAIL;
            r->finding = m->intake.finding;
            m->intake.finding = (struct finding){0};
        } else {
            r->status = CHECK_SKIP;
            r->finding.verdict = VERDICT_NOT_RUN;
            r->finding.message = xstrdup(_("It could not be run, because a file is missing or unusable."));
        }
        take_result(m, i);
    }
}

/** What the grader listens to while the room works. */
struct ears {
    int results;
    int signals; /* SIGINT and its like: the user wants to stop */
    int stopped_by; /* the signal that came; 0: none */
};

static void take_signal(struct ears *ears)
{
    struct signalfd_siginfo info;
    if (ears->signals >= 0 && read(ears->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
        ears->stopped_by = (int)info.ssi_signo;
}

/** Waits until there are results to read; false when a signal came instead. */
static bool await_results(struct ears *ears)
{
    struct pollfd fds[] = {{ears->results, POLLIN, 0}, {ears->signals, POLLIN, 0}};
    while (poll(fds, 2, -1) < 0 && errno == EINTR)
        continue;
    take_signal(ears);
    return ears->stopped_by == 0;
}

/** Reads exactly @p size bytes; false at an early end. */
static bool read_exactly(struct ears *ears, void *into, size_t size)
{
    unsigned char *at = into;
    while (size > 0) {
        if (!await_results(ears))
            return false;
        ssize_t n = read(ears->results, at, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        size -= (size_t)n;
    }
    return true;
}

static void listen_to_room(struct making *m, struct ears *ears)
{
    struct frame frame;
    while (read_exactly(ears, &frame, sizeof(frame))) {
        if (frame.index >= m->lab->checks || frame.size > FRAME_MAX)
            return;
        unsigned char *bytes = xmalloc(frame.size + 1);
        bool whole = read_exactly(ears, bytes, frame.size);
        if (whole && !m->come[frame.index] &&
            verdict_receive(bytes, frame.size, &m->result[frame.index]) == 0)
            take_result(m, frame.index);
        free(bytes);
        if (!whole)
            return;
    }
}

/** Waits for the room's end; a room that failed says why on @p trouble. */
static char *room_trouble(pid_t room, int trouble)
{
    struct buf words = {.limit = 4096};
    fd_read_all(trouble, &words);
    int status = 0;
    while (waitpid(room, &status, 0) < 0 && errno == EINTR)
        continue;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        buf_free(&words);
        return NULL;
    }
    if (words.length == 0)
        buf_printf(&words, _("the room ended with wait status 0x%x"), status);
    return buf_take(&words);
}

/** Opens the room and hears it out. 0 or -errno with *message. */
static int run_room(struct making *m, const struct luggage *luggage, struct ears *ears, char **message)
{
    int results[2], trouble[2];
    int error = pipe_make(results);
    if (error == 0 && (error = pipe_make(trouble)) < 0) {
        fd_close(&results[0]);
        fd_close(&results[1]);
    }
    if (error < 0)
        return error;
    struct sandbox sandbox = {0};
    pid_t pid = -1;
    fflush(NULL);
    error = sandbox_enter(&m->support, &sandbox, &pid, luggage->file, luggage->files, &results[1], 1, trouble[1]);
    if (error == 0 && pid == 0) {
        struct room room = {m->lab, m->options, &sandbox, &m->intake, m->wanted, results[1]};
        _exit(room_run(&room));
    }
    fd_close(&results[1]);
    fd_close(&trouble[1]);
    if (error == 0) {
        ears->results = results[0];
        listen_to_room(m, ears);
        if (ears->stopped_by)
            sandbox_end(&sandbox, pid);
        char *words = room_trouble(pid, trouble[0]);
        for (size_t i = 0; words && i < m->lab->checks; i++)
            if (!m->come[i])
                m->result[i].finding.message = xstrdup(words);
        free(words);
    } else {
        *message = xasprintf(_("the sandbox cannot be made: %s"), strerror(-error));
    }
    fd_close(&results[0]);
    fd_close(&trouble[0]);
    sandbox_leave(&sandbox);
    return error;
}

/**
 * Takes the user's signals in hand from here on: the room is cleared away first, then the signal does what it would have
 * done. One that is ignored (nohup) stays so: blocked, it would be queued all the same.
 */
static int hear_signals(struct ears *ears, sigset_t *set, sigset_t *before)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    struct sigaction action;
    sigemptyset(set);
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        if (sigaction(signals[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
            sigaddset(set, signals[i]);
    sigprocmask(SIG_BLOCK, set, before);
    *ears = (struct ears){.results = -1, .signals = signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK)};
    return ears->signals < 0 ? -errno : 0;
}

/** Back to how it was, unless a signal has come: then this is the end. */
static void obey_signals(struct ears *ears, const struct grade_options *options, const sigset_t *set,
                         const sigset_t *before)
{
    take_signal(ears);
    fd_close(&ears->signals);
    if (ears->stopped_by && options->stopped)
        options->stopped(options->argument);
    if (ears->stopped_by) {
        raise(ears->stopped_by);
        sigprocmask(SIG_UNBLOCK, set, NULL); /* the caller may have blocked it too */
    }
    sigprocmask(SIG_SETMASK, before, NULL);
}

static void take_notes(struct grade *out, struct making *m)
{
    out->missing = xcalloc(m->support.missing_count + 1, sizeof(out->missing[0]));
    for (size_t i = 0; i < m->support.missing_count; i++)
        out->missing[out->missing_count++] = xstrdup(m->support.missing[i]);
    const struct sandbox_protection *wall = sandbox_support_protections(&m->support);
    for (size_t i = 0; i < SANDBOX_PROTECTIONS && wall[i].id; i++)
        grade_protection(out, wall[i].id, wall[i].on ? NULL : wall[i].reason);
    out->note = xcalloc(m->intake.notes + 1, sizeof(out->note[0]));
    for (size_t i = 0; i < m->intake.notes; i++)
        out->note[out->notes++] = xstrdup(m->intake.note[i]);
}

/** What was asked for, and `builds` when it is the reason for the rest. */
static void pick_results(struct grade *out, struct making *m)
{
    out->check = xcalloc(m->lab->checks, sizeof(out->check[0]));
    for (size_t i = 0; i < m->lab->checks; i++) {
        struct check_result *r = &m->result[i];
        bool asked = is_wanted(m->options, r->id) ||
                     (strcmp(r->id, "builds") == 0 && r->status != CHECK_PASS && m->come[i]);
        if (!asked) {
            finding_free(&r->finding);
            free(r->replay);
            continue;
        }
        if (!m->come[i] && !r->finding.message)
            r->finding.message = xstrdup(_("The grader came to no verdict."));
        out->check[out->checks++] = *r;
    }
    grade_sum(out);
}

/** What is missing, or what does not even work without it: the last words of the probe. */
static char *tell_refusal(const struct sandbox_support *support, int error)
{
    const char *reason = support->missing_count ? support->missing[error == -EPERM ? 0 : support->missing_count - 1]
                                                : strerror(-error);
    if (error == -EPERM)
        return xasprintf(_("this machine does not give the sandbox that is required: %s"), reason);
    return xstrdup(reason);
}

int grade_run(const struct lab *lab, const struct grade_options *options, struct grade *out, char **message)
{
    struct making m = {.lab = lab, .options = options};
    int64_t start = clock_now();
    *out = (struct grade){.lab = lab->id, .title = _(lab->title), .seed = options->seed};
    *message = NULL;
    struct ears ears;
    sigset_t set, before;
    int error = hear_signals(&ears, &set, &before);
    if (error == 0)
        error = build_intake(&lab->build, options->directory, &m.intake);
    if (error < 0) {
        *message = xasprintf("%s: %s", options->directory, strerror(-error));
        build_intake_free(&m.intake);
        obey_signals(&ears, options, &set, &before);
        return error;
    }
    prepare_results(&m);
    struct luggage luggage = {0};
    error = sandbox_probe(options->sandbox, &m.support);
    if (error < 0)
        *message = tell_refusal(&m.support, error);
    if (error == 0)
        error = luggage_pack(&luggage, lab, options, &m.intake, message);
    if (error == 0) {
        if (m.intake.finding.verdict != VERDICT_PASS)
            fail_intake(&m);
        else
            error = run_room(&m, &luggage, &ears, message);
    }
    obey_signals(&ears, options, &set, &before);
    if (error == -ENOENT || error == -ENOTDIR)
        error = -EIO; /* something of the grader's is missing; the user's folder is there */
    out->directory = xstrdup(called(options));
    out->sandbox = m.support.word;
    take_notes(out, &m);
    pick_results(out, &m);
    out->duration = clock_now() - start;
    luggage_free(&luggage);
    sandbox_support_free(&m.support);
    build_intake_free(&m.intake);
    free(m.result);
    free(m.wanted);
    free(m.come);
    return error;
}
