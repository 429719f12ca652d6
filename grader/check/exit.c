/**
 * @file exit.c
 * A program that ends by itself, looked at when all that is left to do is to exit: the kernel closes what is
 * still open only after that.
 */
#include "check/internal.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/** The exit of its first process, if it has come so far. */
static const struct event *find_exit(const struct check *c, const struct program *p)
{
    pid_t first = tracer_process(c->tracer, p->actor);
    for (const struct event *e = NULL; (e = judge_call(c->timeline, e, p->actor, CALL_EXIT));)
        if (e->pid == first)
            return e;
    return NULL;
}

/** One fault for all programs of a check: a second would never be met, as the first that matches wins. */
static struct fault *keep_from_exit(struct check *c)
{
    for (size_t i = 0; i < c->faults; i++)
        if (c->fault[i].group == CALL_EXIT)
            return &c->fault[i];
    return check_fault(c, (struct fault){.actor = -1, .group = CALL_EXIT, .what = FAULT_HOLD});
}

struct program *program_start_until_exit(struct check *c, const struct start *how, int status)
{
    struct start start = *how;
    start.trace = (how->trace ? how->trace : TRACE_ALL) | CALL_EXIT;
    struct fault *keep = keep_from_exit(c);
    struct program *p = program_start(c, &start);
    p->awaited = true;
    while (!find_exit(c, p) && check_await_held(c, keep))
        if (!find_exit(c, p))
            tracer_release(c->tracer,
                           keep); /* a child of it, for which it may wait; or the program before */
    const struct event *exit = find_exit(c, p);
    if (!exit)
        program_await_end(p); /* it does not end, or not by itself */
    if (!exit)
        check_trouble(c, _("%s ended without a call of exit_group"), p->name);
    int got = (int)exit->arg[0] & 0xff;
    if (got == status)
        return p;
    struct failure failure = {.verdict = VERDICT_EXITED,
                              .expected = check_text(c, _("status %d"), status),
                              .actual = check_text(c, _("status %d"), got)};
    check_fail(c, &failure, _("%s ends with status %d."), p->name, got);
}

int program_descriptor(const struct program *p, int from, const char **what)
{
    pid_t pid = program_process(p);
    int fd = pid > 0 ? tracer_descriptor(pid, from) : -ENOENT;
    if (fd < 0 && fd != -ENOENT && !p->ended)
        check_trouble(p->check, _("the descriptors of %s cannot be listed: %s"), p->name,
                      strerror(-fd));
    if (fd < 0)
        return -1;
    char target[256];
    ssize_t length =
        readlink(check_text(p->check, "/proc/%d/fd/%d", (int)tracer_living_task(pid), fd), target, sizeof(target) - 1);
    target[length > 0 ? length : 0] = '\0';
    *what = check_text(p->check, "%s", target);
    return fd;
}

/** The call that made what @p fd is now; NULL if it was not recorded. */
static const struct event *find_maker(const struct check *c, const struct program *p, int fd)
{
    const struct event *maker = NULL;
    for (const struct event *e = NULL;
         (e = judge_call(c->timeline, e, p->actor, CALL_SOCKET | CALL_ACCEPT | CALL_DUP));)
        if (e->done && e->result == fd)
            maker = e;
    return maker;
}

/** syslog(3) closes the socket that it believes to have, when a sweep has closed it before: that is libc's, not the student's. */
static bool is_made_by_log(const struct check *c, const struct event *close)
{
    static const char *const functions[] = {"syslog", "vsyslog", "__syslog_chk", "__vsyslog_chk", "openlog", "closelog"};
    char function[FUNCTION_MAX];
    if (!tracer_function(c->tracer, close, function))
        return false;
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
        if (strcmp(function, functions[i]) == 0)
            return true;
    return false;
}

void common_judge_closed_once(struct check *c, const struct program *p)
{
    const struct event *twice = judge_double_close(c->timeline, NULL, p->actor);
    while (twice && is_made_by_log(c, twice))
        twice = judge_double_close(c->timeline, twice, p->actor);
    if (twice)
        check_fail(c, &(struct failure){.verdict = VERDICT_MISMATCH, .event = {twice}},
                   _("%s closes a descriptor that is not open (EBADF): it was closed before. With "
                     "more than one thing going on, "
                     "this closes somebody else's descriptor."),
                   p->name);
}

void common_judge_closed(struct check *c, const struct program *p, bool sockets_only)
{
    const char *what;
    common_judge_closed_once(c, p);
    for (int fd = -1; (fd = program_descriptor(p, fd + 1, &what)) >= 0;) {
        bool socket = strncmp(what, "socket:", strlen("socket:")) == 0;
        /* The three that it was given are not its own, unless it has put a socket in their place. */
        if (!socket && (sockets_only || fd <= STDERR_FILENO))
            continue;
        struct failure failure = {.verdict = VERDICT_LEAK,
                                  .event = {socket ? find_maker(c, p, fd) : NULL}};
        struct buf name = {0};
        buf_quote(&name, what, strlen(what), 80);
        check_fail(c, &failure, _("%s is about to exit, and descriptor %d is still open: %s."),
                   p->name, fd, socket ? _("a socket") : buf_text(&name));
    }
}
