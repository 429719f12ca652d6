/**
 * @file room.c
 * The room of a submission: compiles its programs side by side, starts each check as soon as
 * what it needs is built, as many at a time as there are processors, and passes every verdict on
 * as it comes. A check that the grader's own trouble stopped is tried once more.
 */
#include "check/room.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    COMPILER_CPU = 8,             /* seconds of each of its processes; 0.3 are usual with a sanitizer */
    COMPILER_SECONDS = 60,        /* by the clock: for one that only waits; a busy machine is slow */
    COMPILER_MEMORY = 1 << 30,
    COMPILER_OUTPUT = 256 * 1024, /* bytes of messages that are kept */
    COMPILER_FLOOD = 16 * 1024 * 1024, /* bytes of messages after which a compiler is stopped */
    TURN = 64,                    /* reads from one pipe before the others have theirs */
    GRACE_SECONDS = 20,           /* beyond its own limit, before a checker that hangs is killed */
};

enum job_kind { JOB_BUILD, JOB_CHECK };

/** Something that runs: a compiler or a checker. */
struct job {
    enum job_kind kind;
    size_t index;  /* of struct build_job or of the check */
    pid_t pid;
    struct sandbox_child child; /* of a compiler */
    int pipe;      /* its messages or its verdict */
    struct buf bytes;
    int64_t deadline;
    enum build_end stopped; /* a compiler, for this; BUILD_FAILED: by nobody */
    char place[SANDBOX_PATH_MAX];
};

/** One compile command and how it went. */
struct command {
    struct build_job *job;
    bool started, ended;
    enum verdict verdict;
    struct finding finding;
};

/** State of a check in the room. */
struct turn {
    bool started, ended;
    int tries;
};

struct shop {
    const struct room *room;
    struct command command[BUILD_PROGRAMS_MAX * BUILD_VARIANTS];
    size_t commands;
    struct job *job; /* running ones */
    size_t jobs, most;
    struct turn *turn;
    int signals;
};

/* --- results ------------------------------------------------------------------------------------------- */

static void send_bytes(const struct shop *s, size_t index, const void *bytes, size_t size)
{
    struct frame frame = {(uint32_t)index, (uint32_t)size};
    if (fd_write_all(s->room->out, &frame, sizeof(frame)) < 0 || fd_write_all(s->room->out, bytes, size) < 0)
        _exit(STATUS_TROUBLE); /* nobody listens any more */
    s->turn[index].ended = true;
}

/** Sends a result that was made here. verdict_send wants a pipe: it gets one that holds it all. */
static void send_result(const struct shop *s, size_t index, const struct check_result *r)
{
    int ends[2];
    struct buf bytes = {0};
    if (s->turn[index].ended || !s->room->wanted[index])
        return;
    if (pipe_make(ends) < 0)
        _exit(STATUS_TROUBLE);
    fcntl(ends[1], F_SETPIPE_SZ, FRAME_MAX);
    int error = verdict_send(ends[1], r);
    fd_close(&ends[1]);
    if (error == 0)
        error = fd_read_all(ends[0], &bytes);
    fd_close(&ends[0]);
    if (error < 0)
        _exit(STATUS_TROUBLE);
    send_bytes(s, index, bytes.data, bytes.length);
    buf_free(&bytes);
}

static size_t find_check(const struct lab *lab, const char *id)
{
    for (size_t i = 0; i < lab->checks; i++)
        if (strcmp(lab->check[i].id, id) == 0)
            return i;
    BUG("lab %s has no check %s", lab->id, id);
}

static void send_finding(const struct shop *s, size_t index, enum check_status status, const struct finding *f)
{
    struct check_result r = {.status = status, .finding = *f};
    send_result(s, index, &r);
}

static void send_skipped(const struct shop *s, size_t index, const char *message)
{
    struct finding f = {.verdict = VERDICT_NOT_RUN, .message = (char *)message};
    send_finding(s, index, CHECK_SKIP, &f);
}

/* --- starting ------------------------------------------------------------------------------------------------- */

static struct job *add_job(struct shop *s, enum job_kind kind, size_t index, int seconds)
{
    struct job *job = &s->job[s->jobs++];
    *job = (struct job){.kind = kind, .index = index, .pipe = -1, .stopped = BUILD_FAILED};
    job->deadline = clock_now() + seconds * INT64_C(1000000000);
    return job;
}

static char *const compiler_env[] = {"PATH=/usr/bin:/bin", "LC_ALL=C", "HOME=/tmp", "TMPDIR=/tmp", NULL};

/** 0 or -errno. */
static int start_build(struct shop *s, size_t index)
{
    struct command *command = &s->command[index];
    struct job *job = add_job(s, JOB_BUILD, index, COMPILER_SECONDS);
    job->bytes.limit = COMPILER_OUTPUT;
    command->started = true;
    int ends[2];
    int error = pipe_make(ends);
    if (error < 0)
        return error;
    job->pipe = ends[0];
    fcntl(job->pipe, F_SETFL, O_NONBLOCK);
    error = sandbox_make_place(s->room->sandbox, job->place);
    struct sandbox_run run = {.kind = SANDBOX_COMPILER, .argv = command->job->argv, .env = compiler_env,
                              /* Messages go to stderr. What a source makes the assembler print goes to stdout (.print). */
                              .place = job->place, .fd = {-1, -1, ends[1]},
                              .limits = {.cpu_seconds = COMPILER_CPU, .memory = COMPILER_MEMORY}};
    if (error == 0)
        error = sandbox_spawn(s->room->sandbox, &run, &job->child);
    fd_close(&ends[1]);
    if (error < 0)
        return error;
    job->pid = job->child.pid;
    error = sandbox_go(&job->child);
    fd_close(&job->child.failed);
    return error;
}

static int start_check(struct shop *s, size_t index)
{
    const struct room *room = s->room;
    /* A check ends itself in time; this is for one that does not. */
    int seconds = context_seconds(room->options) * PATIENCE;
    struct job *job = add_job(s, JOB_CHECK, index, seconds + GRACE_SECONDS);
    job->bytes.limit = FRAME_MAX;
    s->turn[index].started = true;
    s->turn[index].tries++;
    int ends[2];
    int error = pipe_make(ends);
    if (error < 0)
        return error;
    job->pipe = ends[0];
    fcntl(job->pipe, F_SETFL, O_NONBLOCK);
    /* Made here and removed here: what a check has filled is free again when it ends, however it ends. */
    error = sandbox_make_place(room->sandbox, job->place);
    if (error < 0) {
        fd_close(&ends[1]);
        return error;
    }
    fflush(NULL);
    job->pid = fork();
    if (job->pid < 0) {
        error = -errno;
        fd_close(&ends[1]);
        return error;
    }
    if (job->pid == 0) {
        close(s->signals);
        for (size_t i = 0; i < s->jobs; i++)
            fd_close(&s->job[i].pipe);
        struct check *check = context_new(room->lab, &room->lab->check[index], room->sandbox, room->intake,
                                          room->options, (int)index, ends[1]);
        context_run(check, job->place);
    }
    fd_close(&ends[1]);
    return 0;
}

/* --- what may start --------------------------------------------------------------------------------------------- */

/** All commands of a variant have ended well. */
static bool is_built(const struct shop *s, enum build_variant variant)
{
    for (size_t i = 0; i < s->commands; i++) {
        const struct command *c = &s->command[i];
        if (c->job->variant == variant && (!c->ended || c->verdict == VERDICT_COMPILE ||
                                           c->verdict == VERDICT_TROUBLE))
            return false;
    }
    return true;
}

static const struct command *find_failed(const struct shop *s, enum build_variant variant)
{
    for (size_t i = 0; i < s->commands; i++) {
        const struct command *c = &s->command[i];
        if (c->job->variant == variant && c->ended &&
            (c->verdict == VERDICT_COMPILE || c->verdict == VERDICT_TROUBLE))
            return c;
    }
    return NULL;
}

/** Whether a check runs programs of this variant. */
static bool is_for(const struct check_spec *check, enum build_variant variant)
{
    static const enum check_needs bit[] = {[BUILD_ASAN] = NEEDS_ASAN, [BUILD_TSAN] = NEEDS_TSAN};
    return check->run && (variant == BUILD_PLAIN || (check->needs & bit[variant]));
}

/** All that a check runs is built. */
static bool has_programs(const struct shop *s, const struct check_spec *check)
{
    for (int variant = 0; variant < BUILD_VARIANTS; variant++)
        if (is_for(check, (enum build_variant)variant) && !is_built(s, (enum build_variant)variant))
            return false;
    return true;
}

static bool may_start(const struct shop *s, size_t index)
{
    const struct check_spec *check = &s->room->lab->check[index];
    return check->run && s->room->wanted[index] && !s->turn[index].started && has_programs(s, check);
}

static bool start_next(struct shop *s)
{
    int error = 1;
    for (size_t i = 0; error == 1 && i < s->commands; i++)
        if (!s->command[i].started)
            error = start_build(s, i);
    for (size_t i = 0; error == 1 && i < s->room->lab->checks; i++)
        if (may_start(s, i))
            error = start_check(s, i);
    if (error < 0)
        die(STATUS_TROUBLE, _("the room cannot start a process: %s"), strerror(-error));
    return error == 0;
}

/* --- what has ended --------------------------------------------------------------------------------------------- */

/** The plain programs are the judged ones: does it build, does it warn? */
static void judge_plain(struct shop *s)
{
    const struct command *failed = find_failed(s, BUILD_PLAIN);
    size_t builds = find_check(s->room->lab, "builds"), warnings = find_check(s->room->lab, "warnings");
    if (failed) {
        bool own = failed->verdict == VERDICT_TROUBLE;
        send_finding(s, builds, own ? CHECK_ERROR : CHECK_FAIL, &failed->finding);
        for (size_t i = 0; i < s->room->lab->checks; i++)
            send_skipped(s, i, _("It could not be run, because the program does not build."));
        return;
    }
    if (!is_built(s, BUILD_PLAIN))
        return;
    struct finding good = {.verdict = VERDICT_PASS};
    send_finding(s, builds, CHECK_PASS, &good);
    for (size_t i = 0; i < s->commands; i++)
        if (s->command[i].job->variant == BUILD_PLAIN && s->command[i].verdict == VERDICT_WARNING)
            send_finding(s, warnings, CHECK_FAIL, &s->command[i].finding);
    send_finding(s, warnings, CHECK_PASS, &good);
}

/** A sanitizer build that fails where the plain one works: its checks fail with the compiler's words. */
static void judge_variant(struct shop *s, enum build_variant variant)
{
    const struct command *failed = find_failed(s, variant);
    for (size_t i = 0; failed && i < s->room->lab->checks; i++) {
        const struct check_spec *check = &s->room->lab->check[i];
        if (!is_for(check, variant) || s->turn[i].started)
            continue;
        s->turn[i].started = true;
        send_finding(s, i, failed->verdict == VERDICT_TROUBLE ? CHECK_ERROR : CHECK_FAIL, &failed->finding);
    }
}

static void end_build(struct shop *s, struct job *job, int status)
{
    struct command *command = &s->command[job->index];
    command->ended = true;
    command->verdict = compiler_judge(s->room->intake, &job->bytes, status, job->stopped, &command->finding);
    sandbox_remove_place(s->room->sandbox, job->place);
    if (command->job->variant == BUILD_PLAIN)
        judge_plain(s);
    if (!is_built(s, BUILD_PLAIN))
        return; /* whichever ends first: what does not build plainly has failed in `builds` alone */
    judge_variant(s, BUILD_ASAN);
    judge_variant(s, BUILD_TSAN);
}

static bool is_trouble(const struct job *job)
{
    struct check_result r = {0};
    if (verdict_receive(job->bytes.data, job->bytes.length, &r) < 0)
        return true;
    bool trouble = r.status == CHECK_ERROR;
    finding_free(&r.finding);
    return trouble;
}

static void end_check(struct shop *s, struct job *job, int status)
{
    struct turn *turn = &s->turn[job->index];
    sandbox_remove_place(s->room->sandbox, job->place);
    if (is_trouble(job) && turn->tries < 2) {
        turn->started = false;
        return;
    }
    struct check_result r = {0};
    if (job->bytes.length > 0 && verdict_receive(job->bytes.data, job->bytes.length, &r) == 0) {
        finding_free(&r.finding);
        send_bytes(s, job->index, job->bytes.data, job->bytes.length);
        return;
    }
    struct finding f = {.verdict = VERDICT_TROUBLE};
    f.message = WIFSIGNALED(status) ? xasprintf(_("The checker was killed by %s."), signal_name(WTERMSIG(status)))
                                    : xasprintf(_("The checker ended with status %d and without a verdict."),
                                                WEXITSTATUS(status));
    send_finding(s, job->index, CHECK_ERROR, &f);
    finding_free(&f);
}

/* --- the loop ------------------------------------------------------------------------------------------------------ */

static void read_pipe(struct job *job)
{
    char bytes[16 * 1024];
    /* A bounded turn: a compiler that floods must not keep the loop from its limits. */
    for (int turn = 0; job->pipe >= 0 && turn < TURN; turn++) {
        ssize_t n = read(job->pipe, bytes, sizeof(bytes));
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (n <= 0)
            fd_close(&job->pipe);
        else
            buf_add(&job->bytes, bytes, (size_t)n);
    }
}

static void end_job(struct shop *s, size_t at, int status)
{
    struct job job = s->job[at];
    s->job[at] = s->job[--s->jobs];
    read_pipe(&job);
    fd_close(&job.pipe);
    if (job.kind == JOB_BUILD)
        end_build(s, &job, status);
    else
        end_check(s, &job, status);
    buf_free(&job.bytes);
}

static void reap(struct shop *s)
{
    struct signalfd_siginfo info[4];
    while (read(s->signals, info, sizeof(info)) > 0)
        continue;
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
        for (size_t i = 0; i < s->jobs; i++)
            if (s->job[i].pid == pid) {
                end_job(s, i, status);
                break;
            }
}

/** Kills what is over its limit. Returns the time until the next limit in ms. */
static int enforce_limits(struct shop *s)
{
    int64_t now = clock_now(), next = INT64_MAX;
    for (size_t i = 0; i < s->jobs; i++) {
        struct job *job = &s->job[i];
        bool floods = job->kind == JOB_BUILD && job->bytes.dropped > COMPILER_FLOOD;
        if (now > job->deadline || floods) {
            job->stopped = floods ? BUILD_OUTPUT_LIMIT : BUILD_TIME_LIMIT;
            if (job->kind == JOB_BUILD)
                sandbox_kill(&job->child); /* with the compiler's own children */
            else
                kill(job->pid, SIGKILL);
        } else if (job->deadline < next) {
            next = job->deadline;
        }
    }
    return next == INT64_MAX ? -1 : (int)((next - now) / 1000000 + 1);
}

static void wait_for_jobs(struct shop *s)
{
    struct pollfd fds[64];
    size_t n = 0;
    fds[n++] = (struct pollfd){s->signals, POLLIN, 0};
    for (size_t i = 0; i < s->jobs && n < 64; i++)
        if (s->job[i].pipe >= 0)
            fds[n++] = (struct pollfd){s->job[i].pipe, POLLIN, 0};
    poll(fds, n, enforce_limits(s));
    for (size_t i = 0; i < s->jobs; i++)
        read_pipe(&s->job[i]);
    reap(s);
}

static bool is_needed(const struct room *room, enum build_variant variant)
{
    if (variant == BUILD_PLAIN)
        return true;
    for (size_t i = 0; i < room->lab->checks; i++)
        if (room->wanted[i] && is_for(&room->lab->check[i], variant))
            return true;
    return false;
}

static void plan_builds(struct shop *s)
{
    bool full = s->room->sandbox->level == SANDBOX_LEVEL_FULL;
    char *bin = full ? xstrdup("/lab/bin") : xasprintf("%s/bin", s->room->sandbox->base);
    char *kit = full ? xstrdup("/lab/kit") : xasprintf("%s/kit", s->room->sandbox->base);
    /* A path, as the sandbox wants it; it searches none. */
    const char *compiler = s->room->options->compiler;
    if (!strchr(compiler, '/'))
        compiler = xasprintf("/usr/bin/%s", compiler);
    const struct build_tools tools = {.compiler = compiler, .bin = bin, .kit = kit};
    for (int variant = 0; variant < BUILD_VARIANTS; variant++) {
        struct build_job *jobs;
        if (!is_needed(s->room, (enum build_variant)variant))
            continue;
        size_t n = build_plan(&s->room->lab->build, s->room->intake, (enum build_variant)variant, &tools, &jobs);
        for (size_t i = 0; i < n; i++)
            s->command[s->commands++].job = &jobs[i];
    }
}

/** Sources that try to switch the sanitizers off fail what needs them. */
static void judge_hooks(struct shop *s)
{
    struct finding f = {0};
    if (!build_find_hooks(s->room->intake, &f))
        return;
    for (size_t i = 0; i < s->room->lab->checks; i++) {
        if (s->room->lab->check[i].needs == NEEDS_PLAIN)
            continue;
        s->turn[i].started = true;
        send_finding(s, i, CHECK_FAIL, &f);
    }
    finding_free(&f);
}

/** A check often waits for the kernel, which makes and unmakes namespaces: two for each processor keep it busy. */
static size_t jobs_at_once(const struct room *room)
{
    enum { MOST = 16 };
    size_t jobs = room->options->jobs > 0 ? (size_t)room->options->jobs : 2 * (size_t)sysconf(_SC_NPROCESSORS_ONLN);
    return jobs < MOST ? jobs : MOST;
}

int room_run(const struct room *room)
{
    struct shop s = {.room = room, .most = jobs_at_once(room)};
    s.job = xcalloc(s.most, sizeof(s.job[0]));
    s.turn = xcalloc(room->lab->checks, sizeof(s.turn[0]));
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    s.signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    judge_hooks(&s);
    plan_builds(&s);
    for (;;) {
        while (s.jobs < s.most && start_next(&s))
            continue;
        if (s.jobs == 0)
            return 0;
        wait_for_jobs(&s);
    }
}
