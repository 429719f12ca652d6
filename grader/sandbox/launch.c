/**
 * @file launch.c
 * The last steps of a child before execve(2): descriptors, signals, limits.
 *
 * A new program inherits more than one thinks: open descriptors, ignored and blocked signals,
 * limits. Each is put into a known state here, so that a student's program starts the same way
 * whoever started the grader.
 */
#include "sandbox/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    DEFAULT_CPU_SECONDS = 20,
    DEFAULT_DESCRIPTORS = 1024,
    DEFAULT_PROCESSES = 1024,
    PROCESSES_OF_ALL = 16384,
    LEAST_DESCRIPTORS = 16,
};
#define DEFAULT_MEMORY    ((size_t)2 << 30)
#define DEFAULT_FILE_SIZE ((size_t)64 << 20)

int launch_arrange(const int *descriptors, size_t count)
{
    int *moved = xcalloc(count, sizeof *moved);
    int error = 0;

    /* All of them out of the way first: one may stand where another has to go. */
    for (size_t i = 0; !error && i < count; i++) {
        int from = descriptors[i] >= 0 ? descriptors[i] : open("/dev/null", O_RDWR | O_CLOEXEC);
        moved[i] = from < 0 ? -1 : fcntl(from, F_DUPFD_CLOEXEC, (int)count);
        if (moved[i] < 0)
            error = -errno;
    }
    for (size_t i = 0; !error && i < count; i++) {
        if (dup2(moved[i], (int)i) < 0)
            error = -errno;
    }
    if (!error)
        closefrom((int)count);
    free(moved);
    return error;
}

static int compare_descriptors(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

void launch_close_except(const int *keep, size_t count)
{
    int *sorted = xcalloc(count + 1, sizeof *sorted);
    int first = STDERR_FILENO + 1;

    if (count > 0)
        memcpy(sorted, keep, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare_descriptors);
    for (size_t i = 0; i < count; i++) {
        /* Between two that are kept; one by one, since close_range(2) needs Linux 5.9. */
        if (sorted[i] > first && close_range((unsigned)first, (unsigned)sorted[i] - 1, 0) != 0) {
            for (int fd = first; fd < sorted[i]; fd++)
                close(fd);
        }
        if (sorted[i] >= first)
            first = sorted[i] + 1;
    }
    closefrom(first);
    free(sorted);
}

void launch_reset_signals(void)
{
    sigset_t none;

    /* An ignored SIGPIPE, the grader's own habit, would outlive execve(2) and hide the student's
     * bug. */
    for (int number = 1; number < NSIG; number++)
        signal(number,
               SIG_DFL); /* fails for SIGKILL, SIGSTOP and libc's own: nothing to do there */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* A hard limit below the one wanted stays: nobody but root may raise it. */
static int set_limit(int resource, rlim_t wanted)
{
    struct rlimit limit;

    if (getrlimit((__rlimit_resource_t)resource, &limit) != 0)
        return -errno;
    if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < wanted)
        wanted = limit.rlim_max;
    limit.rlim_cur = wanted;
    limit.rlim_max = wanted;
    return setrlimit((__rlimit_resource_t)resource, &limit) == 0 ? 0 : -errno;
}

/* In a room the kernel counts the processes of all its runs together, so that one check could leave
 * the others none. Where each place has a limit of its own (cgroup.c), that is the one that counts. */
static rlim_t default_processes(const struct sandbox *sandbox)
{
    return sandbox->cgroup.pids[0] ? PROCESSES_OF_ALL : DEFAULT_PROCESSES;
}

int launch_set_limits(const struct sandbox *sandbox, const struct sandbox_limits *limits)
{
    rlim_t seconds = limits->cpu_seconds ? limits->cpu_seconds : DEFAULT_CPU_SECONDS;
    rlim_t memory = limits->memory ? limits->memory : DEFAULT_MEMORY;
    rlim_t descriptors = limits->descriptors ? limits->descriptors : DEFAULT_DESCRIPTORS;
    rlim_t file_size = limits->file_size ? limits->file_size : DEFAULT_FILE_SIZE;
    rlim_t processes = limits->processes ? limits->processes : default_processes(sandbox);

    if (descriptors < LEAST_DESCRIPTORS && sandbox->level == SANDBOX_LEVEL_FULL)
        descriptors = LEAST_DESCRIPTORS;
    const struct {
        int resource;
        rlim_t value;
    } table[] = {
        {RLIMIT_CPU, seconds},
        {RLIMIT_DATA, limits->memory == SIZE_MAX ? RLIM_INFINITY : memory},
        {RLIMIT_FSIZE, file_size},
        {RLIMIT_NOFILE, descriptors},
        /* In a user namespace the kernel compares with the namespace's own count, elsewhere with
         * the user's: what ran before us is not the program's fault (setrlimit(2); Linux 5.14). */
        {RLIMIT_NPROC, processes + sandbox->others},
        /* A core file would fill the place, and no lab asks for one. */
        {RLIMIT_CORE, 0},
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        int error = set_limit(table[i].resource, table[i].value);
        if (error)
            return error;
    }
    /* When memory runs out, the kernel shall take this program and not the grader. */
    return file_write("/proc/self/oom_score_adj", "1000", 4, 0644);
}
