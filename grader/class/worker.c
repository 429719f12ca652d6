/**
 * @file worker.c
 * Processes that grade hand-ins side by side. The pool starts as many as it may have, listens to their pipes and to their ends, and
 * looks at what they say before it believes it.
 */
#include "class/worker.h"
#include "class/progress.h"
#include "report/report.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WORKERS_MAX = 64, TRIES = 2 };

/* The first byte of what a worker says. */
enum { SAYS_GRADE = 'G', SAYS_TROUBLE = 'T' };

/** One process and the hand-in that it grades. */
struct worker {
    pid_t pid; /* 0: this place is free */
    int pipe;
    size_t index;
    int tries;  /* this one included */
    struct buf said;
    int64_t began;   /* clock_now() */
    int64_t started; /* s since the epoch */
};

struct crew {
    const struct worker_pool *pool;
    const struct submission *list;
    size_t count;
    const bool *work;
    struct worker worker[WORKERS_MAX];
    size_t most, busy;
    size_t next;       /* the first hand-in that was not looked at */
    int signals;
    sigset_t set, before;
    int stopped_by;    /* a signal's number */
    int error;         /* 0, or the first -errno: nothing more is started */
    struct progress progress;
};

/* --- inside a worker ---------------------------------------------------------------------------------------- */

/** Says one thing and ends; what did not get through whole is no result. */
static void say(char kind, const struct buf *text) __attribute__((noreturn));

static void say(char kind, const struct buf *text)
{
    enum { PIPE = STDERR_FILENO + 1 };
    bool whole = fd_write_all(PIPE, &kind, 1) == 0 && fd_write_all(PIPE, buf_text(text), text->length) == 0;
    _exit(whole ? 0 : STATUS_TROUBLE);
}

static void say_trouble(const char *what, const char *why) __attribute__((noreturn));

static void say_trouble(const char *what, const char *why)
{
    struct buf text = {0};
    buf_printf(&text, "%s%s%s", what, *what ? ": " : "", why);
    say(SAYS_TROUBLE, &text);
}

/**
 * Away from the pool: a group of its own, so that the terminal's Ctrl-C reaches the pool only, which ends its workers in order; no
 * descriptor of the pool's, above all not the gradebook's; and no life after the pool's end.
 */
static void leave_pool(const struct crew *crew, pid_t pool, int out)
{
    enum { PIPE = STDERR_FILENO + 1 };
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != pool)
        _exit(STATUS_TROUBLE);
    setpgid(0, 0);
    if (out != PIPE) {
        dup2(out, PIPE);
        fcntl(PIPE, F_SETFD, FD_CLOEXEC);
    }
    closefrom(PIPE + 1);
    sigprocmask(SIG_SETMASK, &crew->before, NULL);
    sigprocmask(SIG_UNBLOCK, &crew->set, NULL); /* the pool's caller may have held them */
}

static void work(const struct crew *crew, size_t index, const char *place) __attribute__((noreturn));

static void work(const struct crew *crew, size_t index, const char *place)
{
    const struct worker_pool *pool = crew->pool;
    struct grade_options options = pool->grade;
    options.directory = place;
    options.called = pool->called;
    int error = mkdir(place, 0700) < 0 ? -errno : submission_unpack(&crew->list[index], place);
    if (error < 0)
        say_trouble(place, strerror(-error));
    struct grade grade;
    char *message = NULL;
    error = grade_run(pool->lab, &options, &grade, &message);
    tree_remove(place);
    if (error < 0)
        say_trouble("", message ? message : strerror(-error));
    struct buf text = {0};
    report_render(&text, &grade, REPORT_JSON, &(struct report_style){.width = 80});
    say(SAYS_GRADE, &text);
}

/* --- starting ----------------------------------------------------------------------------------------------- */

static int start(struct crew *crew, struct worker *w)
{
    int ends[2];
    int error = pipe_make(ends);
    if (error < 0)
        return error;
    char *place = xasprintf("%s/%zu-%d", crew->pool->scratch, w->index, w->tries);
    pid_t pool = getpid();
    fflush(NULL);
    w->began = clock_now();
    w->started = (int64_t)time(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        leave_pool(crew, pool, ends[1]);
        work(crew, w->index, place);
    }
    error = pid < 0 ? -errno : 0;
    free(place);
    fd_close(&ends[1]);
    if (error < 0) {
        fd_close(&ends[0]);
        return error;
    }
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    w->pid = pid;
    w->pipe = ends[0];
    crew->busy++;
    return 0;
}

static void start_more(struct crew *crew)
{
    for (size_t i = 0; i < crew->most && !crew->error && !crew->stopped_by; i++) {
        struct worker *w = &crew->worker[i];
        if (w->pid)
            continue;
        while (crew->next < crew->count && !crew->work[crew->next])
            crew->next++;
        if (crew->next == crew->count)
            return;
        *w = (struct worker){.index = crew->next++, .tries = 1, .pipe = -1, .said = {.limit = WORKER_RESULT_MAX + 1}};
        crew->error = start(crew, w);
    }
}

/* --- hearing ------------------------------------------------------------------------------------------------ */

/** Takes what is there; the limit of `said` holds. */
static void hear(struct worker *w)
{
    char bytes[65536];
    ssize_t n;
    while ((n = read(w->pipe, bytes, sizeof(bytes))) > 0 || (n < 0 && errno == EINTR))
        if (n > 0)
            buf_add(&w->said, bytes, (size_t)n);
    if (n == 0) /* its end is reported by SIGCHLD */
        fd_close(&w->pipe);
}

/** What a worker's end means; NULL if it came to a result. The caller frees it. */
static char *judge_end(const struct worker *w, int status)
{
    const char *said = buf_text(&w->said);
    if (WIFSIGNALED(status))
        return xasprintf(_("The process that graded it was ended by signal %d (%s)."), WTERMSIG(status), strsignal(WTERMSIG(status)));
    if (WEXITSTATUS(status) != 0 || w->said.length == 0)
        return xasprintf(_("The process that graded it ended with status %d and no result."), WEXITSTATUS(status));
    if (w->said.dropped)
        return xstrdup(_("The result is larger than results can be."));
    if (said[0] == SAYS_TROUBLE) {
        struct buf plain = {0};
        buf_plain(&plain, said + 1, w->said.length - 1);
        return buf_take(&plain);
    }
    return said[0] == SAYS_GRADE ? NULL : xstrdup(_("The process that graded it said something that is no result."));
}

/** A worker has ended: a result, or once more, or the grader's own trouble. */
static void finish(struct crew *crew, struct worker *w, int status)
{
    hear(w);
    fd_close(&w->pipe);
    w->pid = 0;
    crew->busy--;
    char *trouble = judge_end(w, status);
    bool again = trouble && w->tries < TRIES && !crew->stopped_by && !crew->error;
    if (again) {
        buf_clear(&w->said);
        w->said.dropped = 0;
        w->tries++;
        crew->error = start(crew, w);
    } else if (!crew->stopped_by || !trouble) { /* a worker that was stopped has done nothing wrong */
        struct worker_result result = {.submission = &crew->list[w->index], .trouble = trouble,
                                       .json = trouble ? NULL : buf_text(&w->said) + 1,
                                       .size = trouble ? 0 : w->said.length - 1,
                                       .started = w->started, .seconds = (double)(clock_now() - w->began) / 1e9};
        int error = crew->pool->done(&result, crew->pool->argument);
        if (error < 0 && crew->error == 0)
            crew->error = error;
        progress_step(&crew->progress);
    }
    free(trouble);
    if (!again)
        buf_free(&w->said);
}

static void reap(struct crew *crew)
{
    for (size_t i = 0; i < crew->most; i++) {
        struct worker *w = &crew->worker[i];
        int status;
        if (w->pid && waitpid(w->pid, &status, WNOHANG) == w->pid)
            finish(crew, w, status);
    }
}

/** The first asks the workers to clear up and end, a second one ends them; their rooms go with them. */
static void stop_workers(struct crew *crew, int number)
{
    bool first = crew->stopped_by == 0;
    crew->stopped_by = number;
    for (size_t i = 0; i < crew->most; i++)
        if (crew->worker[i].pid)
            kill(crew->worker[i].pid, first ? SIGTERM : SIGKILL);
}

static void take_signals(struct crew *crew)
{
    struct signalfd_siginfo info;
    bool child = false;
    while (read(crew->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        if (info.ssi_signo == SIGCHLD)
            child = true;
        else
            stop_workers(crew, (int)info.ssi_signo);
    }
    if (child)
        reap(crew);
}

static void await(struct crew *crew)
{
    struct pollfd fds[WORKERS_MAX + 1] = {{crew->signals, POLLIN, 0}};
    for (size_t i = 0; i < crew->most; i++) /* poll(2) passes over a negative one */
        fds[i + 1] = (struct pollfd){crew->worker[i].pid ? crew->worker[i].pipe : -1, POLLIN, 0};
    if (poll(fds, crew->most + 1, -1) < 0)
        return;
    for (size_t i = 0; i < crew->most; i++)
        if (crew->worker[i].pid && fds[i + 1].fd >= 0 && fds[i + 1].revents)
            hear(&crew->worker[i]);
    if (fds[0].revents)
        take_signals(crew);
}

/** What would end the command ends the workers first. What is ignored (nohup) stays so. */
static int hear_signals(struct crew *crew)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    struct sigaction action;
    sigemptyset(&crew->set);
    sigaddset(&crew->set, SIGCHLD);
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        if (sigaction(signals[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
            sigaddset(&crew->set, signals[i]);
    sigprocmask(SIG_BLOCK, &crew->set, &crew->before);
    crew->signals = signalfd(-1, &crew->set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (crew->signals >= 0)
        return 0;
    int error = -errno;
    sigprocmask(SIG_SETMASK, &crew->before, NULL);
    return error;
}

static size_t processors(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (size_t)n : 1;
}

int worker_run(const struct worker_pool *pool, const struct submission *list, size_t count, const bool *work_of)
{
    struct worker_pool own = *pool;
    struct crew crew = {.pool = &own, .list = list, .count = count, .work = work_of};
    size_t wanted = pool->workers > 0 ? (size_t)pool->workers : processors();
    crew.most = wanted < WORKERS_MAX ? wanted : WORKERS_MAX;
    if (own.grade.jobs == 0) { /* a check often waits for the kernel: two for each processor that is this worker's */
        size_t jobs = 2 * processors() / crew.most;
        own.grade.jobs = jobs > 0 ? (int)jobs : 1;
    }
    int error = hear_signals(&crew);
    if (error < 0)
        return error;
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += work_of[i];
    progress_begin(&crew.progress, pool->progress, total);
    for (;;) {
        start_more(&crew);
        if (crew.busy == 0)
            break;
        await(&crew);
    }
    progress_end(&crew.progress);
    fd_close(&crew.signals);
    sigprocmask(SIG_SETMASK, &crew.before, NULL);
    return crew.stopped_by ? crew.stopped_by : crew.error;
}
