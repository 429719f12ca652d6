/**
 * @file leak_hook.c
 * Part of the kit, not of the grader: compiled into every sanitizer build of a submission, in the
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
 * Everything is static, so no name here can meet a name of the student's.
 */
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

enum { LEAKS_FOUND = 96, LEAKS_NONE = 97 };

/* Weak: ThreadSanitizer's runtime has no such function, and then there is nothing to ask. */
extern int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

/* Not async-signal-safe by POSIX, which does not matter in a thread that is blocked in a system
   call. _exit(): atexit handlers and a second search at exit would only disturb the answer. */
static void look_for_leaks(int number)
{
    (void)number;
    _exit(__lsan_do_recoverable_leak_check() ? LEAKS_FOUND : LEAKS_NONE);
}

/* Before main(), so that the program's own handlers come later and stand beside this one. The real-time
   signal next to the last but one is used by nobody: glibc takes the first two, and programs that
   count from an end take SIGRTMIN or SIGRTMAX. */
__attribute__((constructor)) static void install_leak_hook(void)
{
    struct sigaction action = {.sa_handler = look_for_leaks};

    if (!__lsan_do_recoverable_leak_check)
        return;
    sigfillset(&action.sa_mask);
    /* Fails only for a bad signal number; the grader then sees a program that never answers. */
    sigaction(SIGRTMAX - 2, &action, NULL);
}
