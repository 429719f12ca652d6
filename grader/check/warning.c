/**
 * @file warning.c
 * What is said of a check that is passed: something to know, which costs no points.
 */
#include "check/internal.h"

#include <string.h>

void check_warn(struct check *c, const struct failure *failure, const char *format, ...)
{
    struct finding *f = &c->warning;
    if (f->message)
        return;
    va_list args;
    va_start(args, format);
    struct buf message = {0};
    buf_vprintf(&message, format, args);
    va_end(args);
    f->verdict = VERDICT_PASS;
    f->message = buf_take(&message);
    for (size_t i = 0; i < sizeof(failure->event) / sizeof(failure->event[0]); i++)
        failure_add_place(c, f, failure->event[i]);
}

/* Functions that are not in the list of signal-safety(7), and by whose calls the grader can know them. */
static const char *const stdio[] = {
    "printf", "vprintf", "fprintf",  "vfprintf", "dprintf", "vdprintf", "puts", "putchar", "fputs", "fputc", "putc",
    "fwrite", "fflush",  "perror",   "psignal",  "fclose",  "syslog",   "err",  "errx",    "warn",  "warnx",
};

static bool is_stdio(const char *function)
{
    for (size_t i = 0; i < sizeof(stdio) / sizeof(stdio[0]); i++)
        if (strcmp(function, stdio[i]) == 0)
            return true;
    return false;
}

void check_warn_of_handlers(struct check *c, const struct program *p)
{
    char function[FUNCTION_MAX];
    for (const struct event *e = NULL; (e = judge_call(c->timeline, e, p->actor, CALL_WRITE | CALL_EXIT));) {
        if (e->handler == 0 || !tracer_function(c->tracer, e, function))
            continue;
        struct failure failure = {.event = {e}};
        const char *name = signal_name(e->handler);
        if (strcmp(function, "exit") == 0)
            check_warn(c, &failure,
                       _("The handler of %s calls exit. exit writes out stdio's buffers and runs what atexit has "
                         "registered, in the middle of whatever was interrupted, which may be stdio itself. A handler may call "
                         "what signal-safety(7) lists: _exit is in the list, exit is not. This costs no points."),
                       name);
        else if (is_stdio(function))
            check_warn(c, &failure,
                       _("The handler of %s calls %s. What it interrupts may be in the middle of stdio, hold its lock or have "
                         "a buffer half filled: then a line is mangled, or the program waits for itself for ever. A handler "
                         "may call what signal-safety(7) lists: write is in the list, %s is not. This costs no points."),
                       name, function, function);
    }
}
