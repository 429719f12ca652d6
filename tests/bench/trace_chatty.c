/**
 * @file
 * Runs a program under the grader's tracer, as a check does but without the sandbox: trace_chatty PROGRAM [ARG...]
 *
 * Every call of TRACE_ALL is recorded and kept. `trace_chatty --calls` prints the numbers of these calls, parted by commas, as
 * strace(1) takes them after `-e trace=`, so that both look at the same ones (`make bench`).
 */
#include "core/core.h"
#include "core/timeline.h"
#include "sandbox/sandbox.h"
#include "tracer/tracer.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CALLS_MAX = 256 };

static int calls[CALLS_MAX];
static size_t call_count;

static void print_calls(void)
{
    for (size_t i = 0; i < call_count; i++)
        printf("%s%d", i ? "," : "", calls[i]);
    putchar('\n');
}

/* One of the two filters that the sandbox installs. */
static void install_filter(int fd)
{
    struct stat status;
    struct sock_fprog program;
    void *code;

    if (fd < 0 || fstat(fd, &status) < 0)
        die(STATUS_TROUBLE, "no filter: %s", strerror(fd < 0 ? -fd : errno));
    code = xmalloc((size_t)status.st_size);
    if (pread(fd, code, (size_t)status.st_size, 0) != status.st_size)
        die(STATUS_TROUBLE, "the filter could not be read");
    program.filter = code;
    program.len = (unsigned short)((size_t)status.st_size / sizeof(struct sock_filter));
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
        die(STATUS_TROUBLE, "seccomp: %s", strerror(errno));
}

/* In the child: waits until it is traced, then becomes the program. */
static void become(char **argv, int go)
{
    char byte;

    if (read(go, &byte, 1) != 1)
        _exit(STATUS_TROUBLE);
    /* This one first: the other denies further filters. */
    install_filter(sandbox_filter_trace(calls, call_count));
    install_filter(sandbox_filter_calls(false));
    install_filter(sandbox_filter_arguments(false));
    execvp(argv[0], argv);
    die(STATUS_TROUBLE, "%s: %s", argv[0], strerror(errno));
}

int main(int argc, char **argv)
{
    struct timeline *timeline;
    struct tracer *tracer;
    struct tracer_program program = {.execs = 1, .mode = TRACE_FILTER};
    int pipe[2], error, status;

    call_count = tracer_numbers(TRACE_ALL, calls, CALLS_MAX);
    if (argc == 2 && strcmp(argv[1], "--calls") == 0) {
        print_calls();
        return 0;
    }
    if (argc < 2)
        die(STATUS_USAGE, "usage: trace_chatty --calls | PROGRAM [ARG...]");

    timeline = timeline_new(0);
    tracer = tracer_new(timeline, NULL);
    program.actor = timeline_actor(timeline, "program");
    program.image = argv[1];
    error = pipe_make(pipe);
    if (error)
        die(STATUS_TROUBLE, "pipe: %s", strerror(-error));
    program.pid = fork();
    if (program.pid < 0)
        die(STATUS_TROUBLE, "fork: %s", strerror(errno));
    if (program.pid == 0)
        become(argv + 1, pipe[0]);
    error = tracer_attach(tracer, &program);
    if (error)
        die(STATUS_TROUBLE, "ptrace: %s", strerror(-error));
    if (write(pipe[1], "", 1) != 1)
        die(STATUS_TROUBLE, "write: %s", strerror(errno));

    while (!tracer_ended(tracer, program.actor, &status)) {
        struct pollfd wait = {.fd = tracer_fd(tracer), .events = POLLIN};

        if (poll(&wait, 1, -1) < 0 && errno != EINTR)
            die(STATUS_TROUBLE, "poll: %s", strerror(errno));
        error = tracer_step(tracer);
        if (error < 0)
            die(STATUS_TROUBLE, "tracer: %s", strerror(-error));
    }
    fprintf(stderr, "%zu events\n", timeline->count);
    tracer_free(tracer);
    timeline_free(timeline);
    /* A program that failed would have been quick. */
    return status != 0;
}
