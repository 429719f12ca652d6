/**
 * @file options.c
 * What sanitizers are told about a program: options in its environment.
 */
#include "check/internal.h"

#include <string.h>

/* The exit status is one that no lab asks for. */
#define ASAN "exitcode=98:detect_leaks=1:handle_abort=1:allocator_may_return_null=1:color=never"
#define LSAN "exitcode=98"
#define UBSAN "print_stacktrace=1:halt_on_error=1:exitcode=98:color=never"

/**
 * Of programs with threads. A stack of its own for signals is what gcc 12's ASan falls over when a thread is cancelled:
 * it reports an overflow in its own code. ThreadSanitizer takes a thread that has ended and is never joined for a leak, and two
 * locks that are taken in both orders for a deadlock, also where a third one keeps them apart.
 */
#define ASAN_THREADS ASAN ":use_sigaltstack=0"
#define TSAN "exitcode=98:halt_on_error=0:color=never:report_thread_leaks=0:detect_deadlocks=0"

static bool has_threads(const struct lab *lab, const char *name)
{
    for (size_t i = 0; i < lab->build.programs; i++)
        if (strcmp(lab->build.program[i].name, name) == 0)
            return lab->build.program[i].threads;
    return false;
}

char *const *sanitizer_options(struct check *c, const struct start *how)
{
    static char *environment[] = {"PATH=/usr/bin:/bin", "LANG=C.UTF-8", "HOME=/lab/work", "TMPDIR=/tmp",
                                  NULL, NULL, NULL, NULL, NULL, NULL};
    enum { FIRST = 4 };
    bool threads = has_threads(c->lab, how->name);
    /* Their reports go to stderr; a daemon's is /dev/null: into files, which daemon.c gathers. */
    const char *where = how->daemon ? "log_path=/lab/work/" DAEMON_REPORTS ":" : "";
    char **option = environment + FIRST;
    *option++ = check_text(c, "ASAN_OPTIONS=%s%s", where, threads ? ASAN_THREADS : ASAN);
    *option++ = check_text(c, "LSAN_OPTIONS=%s%s", where, LSAN);
    *option++ = check_text(c, "UBSAN_OPTIONS=%s%s", where, UBSAN);
    if (threads)
        *option++ = check_text(c, "TSAN_OPTIONS=%s%s", where, TSAN);
    if (how->daemon)
        *option++ = check_text(c, "SANITIZER_REPORTS=/lab/work/%s", DAEMON_REPORTS); /* kit/leak_hook.c */
    *option = NULL;
    return environment;
}
