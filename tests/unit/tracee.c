/* The tests' way to run a program under the tracer: see tracee.h. */
#include "tracee.h"

#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { GUARD = 120, ARGUMENTS_MAX = 16, NUMBERS_MAX = 128 };

/* --- a child that waits to be seized, then executes the tracee ----------------------------------- */

static void load_filter(uint32_t groups)
{
    int number[NUMBERS_MAX];
    size_t n = tracer_numbers(groups, number, NUMBERS_MAX);
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    if (!filter)
        die(STATUS_TROUBLE, "seccomp_init");
    /* As the sandbox does: glibc falls back to clone(2), whose flags a filter could see. */
    int error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    for (size_t i = 0; i < n && error == 0; i++)
        error = seccomp_rule_add(filter, SCMP_ACT_TRACE(0), number[i], 0);
    if (error == 0)
        error = seccomp_load(filter);
    if (error < 0)
        die(STATUS_TROUBLE, "seccomp: %s", strerror(-error));
}

static void __attribute__((noreturn)) become(const struct tracee_how *how, char **word, int go, int in,
                                             int out)
{
    char byte;
    /* End of file is the signal to go: the parent has seized us, or has died. */
    while (read(go, &byte, 1) < 0 && errno == EINTR)
        continue;
    if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
        die(STATUS_TROUBLE, "dup2: %s", strerror(errno));
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    if (how->mode == TRACE_FILTER) /* a filter that says TRACE without a tracer makes calls fail */
        load_filter(how->groups ? how->groups : TRACE_ALL);
    execvp(word[0], word);
    die(STATUS_TROUBLE, "%s: %s", word[0], strerror(errno));
}

static char *program_path(const char *name)
{
    return xasprintf("%s/tracees/%s", SOCKLAB_BUILD, name);
}

static void make_pipe(int ends[2])
{
    if (pipe_make(ends) < 0)
        die(STATUS_TROUBLE, "pipe: %s", strerror(errno));
}

static size_t collect_words(char **word, const struct tracee_how *how, char *path, va_list rest)
{
    size_t n = 0;
    for (const char *const *w = how->before; w && *w; w++)
        word[n++] = (char *)*w;
    word[n++] = path;
    for (char *w; (w = va_arg(rest, char *));) {
        if (n == ARGUMENTS_MAX)
            BUG("more than %d arguments", ARGUMENTS_MAX);
        word[n++] = w;
    }
    return n;
}

void tracee_start(struct tracee *t, const struct tracee_how *how, const char *name, ...)
{
    static const struct tracee_how usual = {0};
    if (!how)
        how = &usual;
    *t = (struct tracee){.name = name, .said = {.limit = 1 << 20}};
    alarm(GUARD);
    t->timeline = timeline_new(how->limit);
    t->tracer = tracer_new(t->timeline, how->source);
    t->actor = timeline_actor(t->timeline, "program");

    char *path = how->file ? xstrdup(how->file) : program_path(name);
    char *word[ARGUMENTS_MAX + 1] = {0};
    va_list rest;
    va_start(rest, name);
    collect_words(word, how, path, rest);
    va_end(rest);

    int go[2], in[2], out[2];
    make_pipe(go);
    make_pipe(in);
    make_pipe(out);
    fcntl(out[0], F_SETFL, O_NONBLOCK);
    fflush(stdout);
    t->pid = fork();
    if (t->pid < 0)
        die(STATUS_TROUBLE, "fork: %s", strerror(errno));
    if (t->pid == 0) {
        close(go[1]);
        become(how, word, go[0], in[0], out[1]);
    }
    struct tracer_program program = {
        .pid = t->pid,
        .execs = how->before ? 2 : 1,
        .actor = t->actor,
        .mode = how->mode,
        .own_time = how->own_time,
        .image = path,
    };
    CU_ASSERT_EQUAL(tracer_attach(t->tracer, &program), 0);
    close(go[0]);
    close(go[1]);
    close(in[0]);
    close(out[1]);
    t->in = in[1];
    t->out = out[0];
    free(path);
}

void tracee_free(struct tracee *t)
{
    fd_close(&t->in);
    fd_close(&t->out);
    tracer_free(t->tracer);
    timeline_free(t->timeline);
    buf_free(&t->said);
    /* What tracer_new() blocked: other suites have their own children. */
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    alarm(0);
}

/* --- its life ---------------------------------------------------------------------------------------- */

static void drain(struct tracee *t)
{
    char bytes[4096];
    while (t->out >= 0) {
        ssize_t n = read(t->out, bytes, sizeof bytes);
        if (n > 0)
            buf_add(&t->said, bytes, (size_t)n);
        else if (n < 0 && errno == EAGAIN)
            return;
        else
            fd_close(&t->out);
    }
}

void tracee_wait(struct tracee *t, int ms)
{
    struct pollfd fd[] = {{tracer_fd(t->tracer), POLLIN, 0}, {t->out, POLLIN, 0}};
    if (poll(fd, 2, ms) < 0 && errno != EINTR)
        die(STATUS_TROUBLE, "poll: %s", strerror(errno));
    int n = tracer_step(t->tracer);
    CU_ASSERT_TRUE(n >= 0);
    drain(t);
}

int tracee_finish(struct tracee *t)
{
    int status = -1;
    while (!tracer_ended(t->tracer, t->actor, &status) || t->out >= 0)
        tracee_wait(t, -1);
    return status;
}

void tracee_until_said(struct tracee *t, const char *text)
{
    while (!strstr(buf_text(&t->said), text) && t->out >= 0)
        tracee_wait(t, -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(buf_text(&t->said), text));
}

const struct wait *tracee_until(struct tracee *t, enum task_state state, const char *call)
{
    for (;;) {
        int status;
        tracee_wait(t, 1);
        tracer_look(t->tracer, &t->look);
        if (tracer_ended(t->tracer, t->actor, &status)) {
            fprintf(stderr, "%s ended with status %#x; it said: %s\n", t->name, status,
                    buf_text(&t->said));
            CU_FAIL_FATAL("the tracee has ended");
        }
        if (t->look.running > 0)
            continue;
        for (size_t i = 0; i < t->look.tasks; i++) {
            const struct wait *w = &t->look.task[i];
            if (w->state == state && (!call || (w->call && strcmp(w->call, call) == 0)))
                return w;
        }
    }
}

void tracee_say(struct tracee *t, const char *text)
{
    CU_ASSERT_EQUAL(fd_write_all(t->in, text, strlen(text)), 0);
}

void tracee_hang_up(struct tracee *t)
{
    fd_close(&t->in);
}

int tracee_run_plain(const char *name, const char *mode, struct buf *said)
{
    char *path = program_path(name);
    int out[2];
    make_pipe(out);
    fflush(stdout);
    pid_t pid = fork();
    if (pid < 0)
        die(STATUS_TROUBLE, "fork: %s", strerror(errno));
    if (pid == 0) {
        int none = open("/dev/null", O_RDONLY);
        if (dup2(none, 0) < 0 || dup2(out[1], 1) < 0 || dup2(out[1], 2) < 0)
            die(STATUS_TROUBLE, "dup2: %s", strerror(errno));
        signal(SIGPIPE, SIG_DFL);
        execl(path, path, mode, (char *)NULL);
        die(STATUS_TROUBLE, "%s: %s", path, strerror(errno));
    }
    close(out[1]);
    CU_ASSERT_EQUAL(fd_read_all(out[0], said), 0);
    close(out[0]);
    int status = -1;
    CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
    free(path);
    return status;
}

/* --- what was seen --------------------------------------------------------------------------------------- */

struct event *tracee_call(const struct tracee *t, const char *call, int nth)
{
    struct event *e = NULL;
    while (nth-- > 0) {
        e = timeline_find(t->timeline, e, EVENT_CALL, -1, call);
        if (!e)
            return NULL;
    }
    return e;
}

int tracee_count(const struct tracee *t, enum event_kind kind, const char *call)
{
    int n = 0;
    for (struct event *e = NULL; (e = timeline_find(t->timeline, e, kind, -1, call));)
        n++;
    return n;
}

int tracee_marked_line(const char *name, const char *marker)
{
    char *path = xasprintf("%s/tests/tracees/%s.c", SOCKLAB_ROOT, name);
    char *mark = xasprintf("/* %s */", marker);
    FILE *file = fopen(path, "r");
    if (!file)
        die(STATUS_TROUBLE, "%s: %s", path, strerror(errno));
    int line = 0, found = 0;
    char text[512];
    while (!found && fgets(text, sizeof text, file)) {
        line++;
        if (strstr(text, mark))
            found = line;
    }
    fclose(file);
    free(mark);
    free(path);
    return found;
}

/* --- asserting, with the difference in the message ------------------------------------------------------------- */

static void check(bool ok, const char *file, int line, const char *format, ...)
{
    struct buf b = {0};
    va_list rest;
    va_start(rest, format);
    buf_vprintf(&b, format, rest);
    va_end(rest);
    CU_assertImplementation(ok, (unsigned)line, buf_text(&b), file, "", CU_FALSE);
    buf_free(&b);
}

void tracee_check_text(const char *file, int line, const struct event *e, const char *format, ...)
{
    struct buf should = {0};
    va_list rest;
    va_start(rest, format);
    buf_vprintf(&should, format, rest);
    va_end(rest);
    const char *is = e && e->text ? e->text : "(no event)";
    check(strcmp(is, buf_text(&should)) == 0, file, line, "is `%s`, should be `%s`", is,
          buf_text(&should));
    buf_free(&should);
}

void tracee_check_line(const char *file, int line, struct tracee *t, const struct event *e,
                       const char *marker)
{
    struct source_line where = {.line = 0};
    bool known = e && tracer_where(t->tracer, e, &where);
    char *source = xasprintf("%s.c", t->name);
    int should = tracee_marked_line(t->name, marker);
    if (should == 0)
        BUG("no line of %s bears the comment %s", source, marker);
    check(known && where.line == should && strcmp(where.file, source) == 0, file, line,
          "`%s` is at %s:%d, should be at %s:%d (%s)", e && e->text ? e->text : "(no event)", where.file,
          where.line, source, should, marker);
    free(source);
}

void tracee_check_number(const char *file, int line, const char *what, long long is, long long should)
{
    check(is == should, file, line, "%s is %lld, should be %lld", what, is, should);
}

void tracee_check_said(const char *file, int line, const struct tracee *t, const char *format, ...)
{
    struct buf should = {0};
    va_list rest;
    va_start(rest, format);
    buf_vprintf(&should, format, rest);
    va_end(rest);
    const char *is = buf_text(&t->said);
    check(strstr(is, buf_text(&should)) != NULL, file, line, "said `%s`, should say `%s`", is,
          buf_text(&should));
    buf_free(&should);
}
