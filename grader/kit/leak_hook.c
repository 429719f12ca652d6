/**
 * @file leak_hook.c
 * Part of the kit, not of the grader: linked into every sanitizer build of a submission, in the
 * sandbox, beside the files handed in.
 *
 * LeakSanitizer looks for leaks when a program exits, but a server runs until it is killed. This
 * file lets the grader ask: SIGRTMAX-2 makes the program look now, write LeakSanitizer's report
 * where ASAN_OPTIONS=log_path says, and end with status 96 (leaks) or 97 (none). Any other end says
 * that there was no answer: 62 as the signal means that the handler was taken away, and
 * ASAN_OPTIONS=exitcode that LeakSanitizer could not work (it needs ptrace(2) for itself).
 *
 * Ask while every thread is blocked in a system call, never earlier: a thread that was interrupted
 * inside malloc() holds a lock that the search wants. Memory that main's stack still points to is
 * not a leak, so a buffer that a server allocates once is none.
 *
 * The sanitizers ask a program for options of its own through functions that it may define. They are
 * defined here, to say nothing: a second definition, whatever macros pasted its name together, does not
 * link. Everything else is static, so no name here can meet a name of the student's.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

enum { LEAKS_FOUND = 96, LEAKS_NONE = 97 };

/* sanitizer/lsan_interface.h, asan_interface.h, ubsan_interface.h, tsan_interface.h */
int __lsan_is_turned_off(void) { return 0; }
const char *__lsan_default_options(void) { return ""; }
const char *__lsan_default_suppressions(void) { return ""; }
const char *__asan_default_options(void) { return ""; }
const char *__asan_default_suppressions(void) { return ""; }
const char *__ubsan_default_options(void) { return ""; }
const char *__tsan_default_options(void) { return ""; }
const char *__tsan_default_suppressions(void) { return ""; }
void __asan_on_error(void) {}

/* Weak: ThreadSanitizer's runtime has no such function, and then there is nothing to ask. */
extern int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

static int (*leak_check)(void);

/* The runtime's own, where it is a shared library (gcc): the program may define one of that name. */
static void find_leak_check(void)
{
    leak_check = (int (*)(void))dlsym(RTLD_NEXT, "__lsan_do_recoverable_leak_check");
    if (!leak_check)
        leak_check = __lsan_do_recoverable_leak_check;
}

/* A daemon's reports go to files. gcc's UBSan has a runtime of its own beside ASan's, which reads log_path and does not
   heed it; it is told here. Clang's is one with ASan's. */
static void redirect_reports(void)
{
    const char *path = getenv("SANITIZER_REPORTS");
    void *ubsan = path ? dlopen("libubsan.so.1", RTLD_LAZY | RTLD_NOLOAD) : NULL;
    void (*redirect)(const char *) =
        ubsan ? (void (*)(const char *))dlsym(ubsan, "__sanitizer_set_report_path") : NULL;

    if (redirect)
        redirect(path);
}

/* Not async-signal-safe by POSIX, which does not matter in a thread that is blocked in a system
   call. _exit(): atexit handlers and a second search at exit would only disturb the answer. */
static void look_for_leaks(int number)
{
    (void)number;
    _exit(leak_check() ? LEAKS_FOUND : LEAKS_NONE);
}

/* Before main(), so that the program's own handlers come later and stand beside this one. The real-time
   signal next to the last but one is used by nobody: glibc takes the first two, and programs that
   count from an end take SIGRTMIN or SIGRTMAX. */
__attribute__((constructor)) static void install_leak_hook(void)
{
    struct sigaction action = {.sa_handler = look_for_leaks};

    redirect_reports();
    find_leak_check();
    if (!leak_check)
        return;
    sigfillset(&action.sa_mask);
    /* Fails only for a bad signal number; the grader then sees a program that never answers. */
    sigaction(SIGRTMAX - 2, &action, NULL);
}
