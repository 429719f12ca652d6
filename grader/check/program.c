/**
 * @file program.c
 * Programs under test: started in the sandbox under the tracer, fed, read, awaited.
 */
#include "check/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    OUTPUT_MAX = 2 * 1024 * 1024, /* bytes of stdout kept */
    ERRORS_MAX = 64 * 1024,
    NUMBERS_MAX = 128,
    CHUNK = 64 * 1024,
};

/* --- starting ----------------------------------------------------------------------------------------- */

/** Pipes to the three standard descriptors; the program's ends in @p theirs. */
static int make_pipes(struct program *p, const struct start *how, int theirs[3])
{
    int ends[2], error;
    p->in = p->out = p->err = theirs[0] = theirs[1] = theirs[2] = -1;
    if (how->input == INPUT_FD) {
        theirs[0] = dup(how->in_fd);
    } else if (how->input == INPUT_PIPE) {
        if ((error = pipe_make(ends)) < 0)
            return error;
        theirs[0] = ends[0];
        p->in = ends[1];
        fcntl(p->in, F_SETFL, O_NONBLOCK);
    }
    if ((error = pipe_make(ends)) < 0)
        return error;
    p->out = ends[0];
    theirs[1] = ends[1];
    if ((error = pipe_make(ends)) < 0)
        return error;
    p->err = ends[0];
    theirs[2] = ends[1];
    fcntl(p->out, F_SETFL, O_NONBLOCK);
    fcntl(p->err, F_SETFL, O_NONBLOCK);
    if (how->output_closed)
        fd_close(&p->out);
    return 0;
}

void command_line(struct buf *b, const char *program, const char *const *argument)
{
    buf_puts(b, program);
    for (; *argument; argument++) {
        buf_puts(b, " ");
        if (**argument == '\0' || strpbrk(*argument, " \t\n"))
            buf_quote(b, *argument, strlen(*argument), 60);
        else
            buf_escape(b, *argument, strlen(*argument), 60);
    }
}

static char *image_path(const struct check *c, const struct start *how)
{
    if (how->installed)
        return xstrdup(how->name);
    if (how->reference)
        return xasprintf("%s/reference/%s", c->sandbox->base, how->name);
    return xasprintf("%s/bin/%s%s", c->sandbox->base, how->name, c->variant);
}

/** @p argv has room for the longest argument list of struct start. */
static void fill_argv(const struct check *c, const struct start *how, char **argv)
{
    size_t n = 0;
    argv[n++] = how->installed   ? xstrdup(how->name)
                : how->reference ? xasprintf("/lab/reference/%s", how->name)
                                 : xasprintf("/lab/bin/%s%s", how->name, c->variant);
    for (size_t i = 0; i < sizeof(how->argument) / sizeof(how->argument[0]) && how->argument[i]; i++)
        argv[n++] = (char *)how->argument[i];
    argv[n] = NULL;
}

enum { EXECUTES = 2 };
static const int executes[EXECUTES] = {SYS_execve, SYS_execveat};

static void fill_run(const struct program *p, const struct start *how, struct sandbox_run *run, int *number)
{
    const struct check *c = p->check;
    run->kind = how->reference ? SANDBOX_REFERENCE : SANDBOX_PROGRAM;
    run->place = c->place;
    run->limits = how->limits;
    if (how->daemon)
        daemon_fill_run(p, run);
    if (!p->sanitized) {
        run->trace = number;
        run->trace_count = tracer_numbers(p->traced, number, NUMBERS_MAX - EXECUTES);
        /* For the tracer to refuse: it would be another program that is judged. */
        for (size_t i = 0; !p->reference && i < EXECUTES; i++)
            number[run->trace_count++] = executes[i];
        return;
    }
    run->env = sanitizer_options(p->check, how);
    /* It could execute itself again with its sanitizer switched off. Clang's sanitizers execute a symbolizer. */
    if (!strstr(c->compiler, "clang")) {
        run->trace = executes;
        run->trace_count = EXECUTES;
    }
    run->leak_check = true;
    run->limits.memory = SIZE_MAX;
    run->same_addresses = strcmp(c->variant, ".tsan") == 0;
}

static bool has_started(struct check *c, void *argument)
{
    const struct program *p = argument;
    return tracer_process(c->tracer, p->actor) != 0 || p->ended;
}

static void attach(struct program *p, const struct start *how)
{
    struct check *c = p->check;
    char *image = image_path(c, how);
    enum tracer_mode mode = TRACE_FILTER;
    if (p->sanitized)
        mode = how->listens ? TRACE_UNTIL_READY : how->binds ? TRACE_UNTIL_BOUND : TRACE_UNTIL_EXEC;
    struct tracer_program program = {.pid = p->child.pid, .execs = sandbox_execs(c->sandbox), .actor = p->actor,
                                     .mode = mode, .spared = p->reference, .outlives = how->daemon, .image = image,
                                     .own_time = !p->sanitized && (p->traced & CALL_CLOCK)};
    int error = tracer_attach(c->tracer, &program);
    free(image);
    if (error < 0)
        check_trouble(c, _("the kernel refuses ptrace: %s"), strerror(-error));
}

/** Why it never ran: an errno from before the first exec, else what the sandbox said on stderr. */
static void trouble_of_start(struct program *p) __attribute__((noreturn));

static void trouble_of_start(struct program *p)
{
    int why = 0;
    fcntl(p->child.failed, F_SETFL, O_NONBLOCK);
    if (read(p->child.failed, &why, sizeof(why)) == (ssize_t)sizeof(why))
        check_trouble(p->check, _("%s could not be started: %s"), p->name, strerror(-why));
    program_pump(p); /* what it said last is still in its pipe */
    /* An image that does not fit into memory: execve(2) is past its last error return by then. */
    if (!p->reference && p->ended && WIFSIGNALED(p->status) && WTERMSIG(p->status) == SIGSEGV) {
        struct failure failure = {.verdict = VERDICT_CRASHED};
        check_fail(p->check, &failure, _("%s cannot be loaded: the kernel kills it before its first instruction. "
                                         "An enormous array can be the reason."), p->name);
    }
    check_trouble(p->check, _("the sandbox could not start %s: %s"), p->name, buf_text(&p->errors));
}

/** Lets it go and waits until the program itself has been executed. */
static void await_start(struct program *p)
{
    struct check *c = p->check;
    int error = sandbox_go(&p->child);
    if (error < 0)
        check_trouble(c, _("%s could not be started: %s"), p->name, strerror(-error));
    enum wait_end end = check_wait(c, has_started, p);
    if (tracer_process(c->tracer, p->actor) == 0) {
        failure_of_time(c, end, check_text(c, _("%s should start"), p->name));
        trouble_of_start(p);
    }
    fd_close(&p->child.failed);
}

struct program *program_start(struct check *c, const struct start *how)
{
    if (c->programs == PROGRAMS_MAX)
        BUG("check %s starts too many programs", c->spec->id);
    struct program *p = xcalloc(1, sizeof(*p));
    p->check = c;
    p->reference = how->reference;
    p->sanitized = !how->reference && c->variant[0] != '\0';
    p->traced = how->trace ? how->trace : TRACE_ALL;
    p->name = how->label ? how->label : how->reference ? check_text(c, _("the reference %s"), how->name) : how->name;
    p->actor = timeline_actor(c->timeline, p->name);
    p->output.limit = OUTPUT_MAX;
    p->errors.limit = ERRORS_MAX;
    p->pattern_out_wrong = -1;
    p->background = how->daemon;
    p->terminal = -1;

    int theirs[3], number[NUMBERS_MAX], taken[TAKEN_MAX];
    int error = make_pipes(p, how, theirs);
    char *argv[10];
    fill_argv(c, how, argv);
    for (size_t i = 0; i < TAKEN_MAX; i++)
        taken[i] = how->taken_fd ? how->taken_fd : -1; /* -1: /dev/null */
    if (how->daemon)
        daemon_open_terminal(p, &theirs[0]);
    struct sandbox_run run = {.argv = argv, .fd = {theirs[0], theirs[1], theirs[2]}, .extra_fds = taken,
                              .extra_count = how->taken, .terminal = p->terminal >= 0 ? theirs[0] : -1};
    fill_run(p, how, &run, number);
    if (error == 0)
        error = sandbox_spawn(c->sandbox, &run, &p->child);
    if (error < 0)
        check_trouble(c, _("%s could not be started: %s"), p->name, strerror(-error));
    for (int i = 0; i < 3; i++)
        fd_close(&theirs[i]);
    c->program[c->programs++] = p;
    struct buf line = {0};
    command_line(&line, how->name, how->argument);
    event_text(timeline_add(c->timeline, EVENT_PEER, p->actor), _("%s is started: %s"), p->name, buf_text(&line));
    buf_free(&line);
    attach(p, how);
    await_start(p);
    return p;
}

/* --- standard input and output ------------------------------------------------------------------------- */

static bool refill_input(struct program *p)
{
    if (p->in_left.length > 0 || p->pattern_in_left == 0)
        return p->in_left.length > 0;
    unsigned char bytes[CHUNK];
    size_t n = p->pattern_in_left < sizeof(bytes) ? (size_t)p->pattern_in_left : sizeof(bytes);
    pattern_fill(bytes, n, p->pattern_in_seed, p->pattern_in_at);
    buf_add(&p->in_left, bytes, n);
    p->pattern_in_at += n;
    p->pattern_in_left -= n;
    return true;
}

static bool pump_input(struct program *p)
{
    bool moved = false;
    while (p->in >= 0 && refill_input(p)) {
        ssize_t n = write(p->in, p->in_left.data, p->in_left.length);
        if (n < 0 && errno == EAGAIN)
            return moved;
        if (n < 0) { /* EPIPE: it does not read any more; what it does instead is judged elsewhere */
            fd_close(&p->in);
            return true;
        }
        buf_consume(&p->in_left, (size_t)n);
        moved = true;
    }
    if (p->in >= 0 && p->in_end) {
        struct event *e = timeline_add(p->check->timeline, EVENT_PEER, p->actor);
        event_text(e, _("end of file on the stdin of %s"), p->name);
        fd_close(&p->in);
        return true;
    }
    return moved;
}

/** Megabytes are only compared, and are one step however many reads they take. */
static void compare_output(struct program *p, const unsigned char *bytes, size_t n)
{
    for (size_t i = 0; i < n && p->pattern_out_wrong < 0; i++)
        if (bytes[i] != pattern_byte(p->pattern_out_seed, p->compared + i))
            p->pattern_out_wrong = (int64_t)(p->compared + i);
    p->compared += n;
    p->received += n;
    if (!p->pattern_out_event)
        p->pattern_out_event = timeline_add(p->check->timeline, EVENT_PEER, p->actor);
    event_text(p->pattern_out_event, _("%s prints %llu bytes"), p->name, (unsigned long long)p->compared);
}

/** How many of the next bytes on stdout lie before (@p within: in) those that are compared with a pattern. */
static size_t bytes_until(const struct program *p, bool within, size_t n)
{
    uint64_t end = p->pattern_out_start + (within ? p->pattern_out_size : 0);
    uint64_t left = end > p->received ? end - p->received : 0;
    return left < n ? (size_t)left : n;
}

static void keep_output(struct program *p, int stream, const unsigned char *bytes, size_t n)
{
    struct event *e = timeline_add(p->check->timeline, EVENT_OUTPUT, p->actor);
    e->arg[0] = (uint64_t)stream;
    size_t shown = n < TIMELINE_DATA_MAX ? n : TIMELINE_DATA_MAX;
    event_data(e, bytes, shown, n);
    if (stream == STDERR_FILENO) {
        buf_add(&p->errors, bytes, n);
        return;
    }
    buf_add(&p->output, bytes, n);
    p->received += n;
}

static void take_output(struct program *p, int stream, const unsigned char *bytes, size_t n)
{
    if (p->pattern_out && stream == STDOUT_FILENO) {
        size_t before = bytes_until(p, false, n);
        if (before > 0)
            keep_output(p, stream, bytes, before);
        size_t within = bytes_until(p, true, n - before);
        if (within > 0)
            compare_output(p, bytes + before, within);
        bytes += before + within;
        n -= before + within;
    }
    if (n > 0)
        keep_output(p, stream, bytes, n);
}

static bool pump_output(struct program *p, int *fd, int stream)
{
    bool moved = false;
    unsigned char bytes[CHUNK];
    /* A bounded turn: a program that floods must not keep the loop from everybody else. */
    for (int turn = 0; *fd >= 0 && turn < 16; turn++) {
        ssize_t n = read(*fd, bytes, sizeof(bytes));
        if (n < 0 && errno == EAGAIN)
            return moved;
        moved = true;
        if (n <= 0)
            fd_close(fd);
        else
            take_output(p, stream, bytes, (size_t)n);
    }
    return moved;
}

bool program_pump(struct program *p)
{
    bool moved = pump_input(p);
    moved |= pump_output(p, &p->out, STDOUT_FILENO);
    moved |= pump_output(p, &p->err, STDERR_FILENO);
    return moved;
}

size_t program_polls(const struct program *p, struct pollfd *fds)
{
    size_t n = 0;
    if (p->in >= 0 && (p->in_left.length > 0 || p->pattern_in_left > 0 || p->in_end))
        fds[n++] = (struct pollfd){p->in, POLLOUT, 0};
    if (p->out >= 0)
        fds[n++] = (struct pollfd){p->out, POLLIN, 0};
    if (p->err >= 0)
        fds[n++] = (struct pollfd){p->err, POLLIN, 0};
    return n;
}

void program_send(struct program *p, const void *bytes, size_t size)
{
    struct event *e = timeline_add(p->check->timeline, EVENT_PEER, p->actor);
    struct buf shown = {0};
    buf_quote(&shown, bytes, size, 40);
    event_text(e, _("stdin of %s: %s"), p->name, buf_text(&shown));
    buf_free(&shown);
    buf_add(&p->in_left, bytes, size);
}

void program_send_pattern(struct program *p, uint64_t seed, uint64_t size)
{
    struct event *e = timeline_add(p->check->timeline, EVENT_PEER, p->actor);
    event_text(e, _("stdin of %s: %llu bytes"), p->name, (unsigned long long)size);
    p->pattern_in_seed = seed;
    p->pattern_in_at = 0;
    p->pattern_in_left = size;
}

void program_end_input(struct program *p)
{
    p->in_end = true;
}

const char *program_rest(const struct program *p, size_t *size)
{
    *size = p->output.length - p->taken;
    return buf_text(&p->output) + p->taken;
}

bool program_says(const struct program *p, const char *text)
{
    return p->errors.length > 0 && memmem(p->errors.data, p->errors.length, text, strlen(text)) != NULL;
}

/* --- its life ----------------------------------------------------------------------------------------------- */

bool program_has_ended(struct check *c, void *argument)
{
    (void)c;
    return ((const struct program *)argument)->ended;
}

static bool is_drained(struct check *c, void *argument)
{
    (void)c;
    const struct program *p = argument;
    return p->out < 0 && p->err < 0;
}

int program_await_end(struct program *p)
{
    struct check *c = p->check;
    enum wait_end end = check_wait(c, program_has_ended, p);
    if (end != WAIT_OK)
        failure_of_wait(c, end, check_text(c, _("%s should end"), p->name), NULL);
    /* What it wrote last is still in its pipes; they end with the last process that holds them. */
    check_wait(c, is_drained, p);
    failure_of_sanitizer(c);
    if (WIFSIGNALED(p->status))
        failure_of_wait(c, WAIT_STUCK, check_text(c, _("%s should end by itself"), p->name), NULL);
    return WEXITSTATUS(p->status);
}

void program_kill(struct program *p)
{
    struct check *c = p->check;
    bool room = c->sandbox->level == SANDBOX_LEVEL_FULL;
    if (!p->ended || room)
        sandbox_kill(&p->child);
    p->killed = true;
    if (p->background || !room) /* who has left the group that was killed, as a daemon does */
        tracer_kill(c->tracer, p->actor);
    check_wait(c, program_has_ended, p);
    check_wait(c, is_drained, p);
}

pid_t program_process(const struct program *p)
{
    return p->daemon ? p->daemon : tracer_process(p->check->tracer, p->actor);
}

void program_signal_again(struct program *p, int signal)
{
    pid_t pid = program_process(p);
    if (pid > 0 && !p->ended)
        kill(pid, signal);
}

void program_signal(struct program *p, int signal)
{
    if (p->ended)
        return;
    struct event *e = timeline_add(p->check->timeline, EVENT_PEER, p->actor);
    event_text(e, _("%s is sent to %s"), signal_name(signal), p->name);
    program_signal_again(p, signal);
}

int program_descriptors(const struct program *p)
{
    pid_t pid = program_process(p);
    int n = pid > 0 ? tracer_descriptors(pid) : -ESRCH;
    if (n < 0 && !p->ended)
        check_trouble(p->check, _("the descriptors of %s cannot be listed: %s"), p->name, strerror(-n));
    return n;
}
