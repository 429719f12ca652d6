/**
 * @file context.c
 * The check under way, from the fork of its process to the verdict on the pipe.
 */
#include "check/internal.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    EVENTS_MAX = 20000,   /* of one check's timeline */
    FIRST_PORT = 0x2211,  /* both bytes differ and none is 0, whatever is added below */
    PORTS_A_CHECK = 32,
    SECONDS = 10,
};

int context_seconds(const struct grade_options *options)
{
    return options->seconds ? options->seconds : SECONDS;
}

struct check *context_new(const struct lab *lab, const struct check_spec *spec, const struct sandbox *sandbox,
                          const struct build_intake *intake, const struct grade_options *options, int index,
                          int result)
{
    struct check *c = xcalloc(1, sizeof(*c));
    c->lab = lab;
    c->spec = spec;
    c->sandbox = sandbox;
    c->intake = intake;
    c->seed = options->seed;
    c->compiler = options->compiler;
    c->result = result;
    c->started = clock_now();
    c->limit = context_seconds(options) * INT64_C(1000000000);
    c->most = c->limit * PATIENCE;
    c->deadline = c->started + c->limit;
    c->port = FIRST_PORT + (unsigned)index * PORTS_A_CHECK;
    check_use_build(c, spec->needs & NEEDS_ASAN ? NEEDS_ASAN : spec->needs);
    return c;
}

void check_use_build(struct check *c, enum check_needs build)
{
    if (build & ~c->spec->needs)
        BUG("check %s uses a build that it did not ask for", c->spec->id);
    c->variant = build == NEEDS_ASAN ? ".asan" : build == NEEDS_TSAN ? ".tsan" : "";
}

/** A port of the host's that is free now: without a network namespace there is no better way. */
static unsigned free_port(void)
{
    struct sockaddr_in any = {.sin_family = AF_INET};
    socklen_t length = sizeof(any);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    unsigned port = 0;
    if (fd >= 0 && bind(fd, (struct sockaddr *)&any, length) == 0 &&
        getsockname(fd, (struct sockaddr *)&any, &length) == 0)
        port = ntohs(any.sin_port);
    fd_close(&fd);
    return port;
}

unsigned check_port(struct check *c)
{
    if (c->sandbox->level != SANDBOX_LEVEL_FULL) {
        unsigned port = free_port();
        if (port == 0)
            check_trouble(c, _("no free port: %s"), strerror(errno));
        return port;
    }
    unsigned port = c->port + c->ports++;
    if (c->ports > PORTS_A_CHECK)
        BUG("check %s wants more than %d ports", c->spec->id, PORTS_A_CHECK);
    if ((port & 0xff) == 0 || (port & 0xff) == port >> 8)
        return check_port(c);
    return port;
}

char *check_text(struct check *c, const char *format, ...)
{
    (void)c; /* the process ends with its check: nothing outlives it */
    va_list args;
    va_start(args, format);
    struct buf b = {0};
    buf_vprintf(&b, format, args);
    va_end(args);
    return buf_take(&b);
}

void check_be_patient(struct check *c)
{
    c->limit = c->most;
    c->deadline = c->started + c->limit;
}

void check_scene(struct check *c)
{
    if (c->timeline->count > 0)
        c->scene = c->timeline->event[c->timeline->count - 1]->seq;
}

unsigned check_random(const struct check *c, unsigned salt, unsigned below)
{
    uint64_t x = c->seed * UINT64_C(0x9E3779B97F4A7C15) + salt; /* splitmix64 */
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (unsigned)((x ^ (x >> 31)) % below);
}

void context_end(struct check *c, struct check_result *r)
{
    if (r->status == CHECK_FAIL)
        ladder_draw(c, &r->finding);
    tracer_free(c->tracer);
    r->duration = clock_now() - c->started;
    int error = verdict_send(c->result, r);
    _exit(error < 0 ? STATUS_TROUBLE : 0);
}

void check_pass(struct check *c)
{
    failure_of_sanitizer(c);
    struct check_result r = {.status = CHECK_PASS, .finding = c->warning};
    context_end(c, &r);
}

/** Ends the check with a sentence and nothing else. */
static void end_with_message(struct check *c, enum check_status status, enum verdict verdict, const char *format,
                             va_list args) __attribute__((noreturn, format(printf, 4, 0)));

static void end_with_message(struct check *c, enum check_status status, enum verdict verdict, const char *format,
                             va_list args)
{
    struct check_result r = {.status = status, .finding.verdict = verdict};
    struct buf b = {0};
    buf_vprintf(&b, format, args);
    r.finding.message = buf_take(&b);
    context_end(c, &r);
}

void check_trouble(struct check *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    end_with_message(c, CHECK_ERROR, VERDICT_TROUBLE, format, args);
}

void check_skip(struct check *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    end_with_message(c, CHECK_SKIP, VERDICT_NOT_RUN, format, args);
}

void context_run(struct check *c, const char *place)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_IGN);
    /* The student's files, then nothing: lines of the kit's drivers are not shown. */
    const char **source = xcalloc(c->intake->files + 1, sizeof(source[0]));
    size_t n = 0;
    for (size_t i = 0; i < c->intake->files; i++)
        if (!c->intake->file[i].kit)
            source[n++] = c->intake->file[i].name;
    c->timeline = timeline_new(EVENTS_MAX);
    c->tracer = tracer_new(c->timeline, source);
    snprintf(c->place, sizeof(c->place), "%s", place);
    c->spec->run(c);
    check_pass(c);
}

struct fault *check_fault(struct check *c, struct fault f)
{
    if (c->faults == sizeof(c->fault) / sizeof(c->fault[0]))
        BUG("check %s makes too many faults", c->spec->id);
    struct fault *own = &c->fault[c->faults++];
    *own = f;
    tracer_fault(c->tracer, own);
    return own;
}

struct fault *check_hold_write(struct check *c, actor_id actor)
{
    return check_fault(c, (struct fault){.actor = actor, .group = CALL_WRITE, .fd_kinds = 1 << FD_ACCEPTED, .count = 1,
                                         .what = FAULT_HOLD});
}

void check_unfault(struct check *c, struct fault *f)
{
    if (c->faults == 0 || f != &c->fault[c->faults - 1])
        BUG("check %s takes back a fault that is not its last", c->spec->id);
    tracer_unfault(c->tracer, f);
    c->faults--;
}
