/**
 * @file name.c
 * Numbers by their names: errno's symbols and signals.
 */
#include "core/timeline.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

/* Linux's MAX_ERRNO: no call returns a larger one. */
enum { ERROR_MAX = 4095 };

/* The kernel's own, which a tracer sees at a system call's exit (include/linux/errno.h), and names
 * that share their number with another. glibc's strerrorname_np(3) knows the others. */
static const struct {
    const char *name;
    int error;
} more_errors[] = {
    {"ERESTARTSYS", 512},     {"ERESTARTNOINTR", 513},        {"ERESTARTNOHAND", 514},
    {"ENOIOCTLCMD", 515},     {"ERESTART_RESTARTBLOCK", 516}, {"EWOULDBLOCK", EWOULDBLOCK},
    {"EDEADLOCK", EDEADLOCK}, {"ENOTSUP", ENOTSUP},
};
enum { MORE_ERRORS = sizeof more_errors / sizeof more_errors[0] };

const char *errno_name(int error)
{
    static _Thread_local char unknown[16];
    const char *name = error > 0 ? strerrorname_np(error) : NULL;

    if (name)
        return name;
    for (size_t i = 0; i < MORE_ERRORS; i++) {
        if (more_errors[i].error == error)
            return more_errors[i].name;
    }
    snprintf(unknown, sizeof unknown, "E%d", error);
    return unknown;
}

int errno_from_name(const char *name)
{
    for (size_t i = 0; i < MORE_ERRORS; i++) {
        if (strcmp(more_errors[i].name, name) == 0)
            return more_errors[i].error;
    }
    for (int error = 1; error <= ERROR_MAX; error++) {
        const char *known = strerrorname_np(error);
        if (known && strcmp(known, name) == 0)
            return error;
    }
    return 0;
}

const char *signal_name(int number)
{
    static _Thread_local char names[NSIG][16]; /* each its own, so that two fit into one printf */
    static _Thread_local char unknown[24];
    const char *short_name = sigabbrev_np(number);

    if (number > 0 && number < NSIG && short_name) {
        snprintf(names[number], sizeof names[number], "SIG%s", short_name);
        return names[number];
    }
    if (number >= SIGRTMIN && number <= SIGRTMAX && number < NSIG) {
        snprintf(names[number], sizeof names[number], "SIGRTMIN+%d", number - SIGRTMIN);
        return names[number];
    }
    snprintf(unknown, sizeof unknown, "signal %d", number);
    return unknown;
}
