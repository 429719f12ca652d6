/**
 * @file trial.c
 * Tries in a real room what a grading needs, the way a grading does it.
 *
 * A compiler that is installed may still miss its sanitizers' libraries, a kernel that runs
 * programs may refuse to let them be traced: only what was done here is believed.
 */
#include "doctor/doctor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const char source[] = "#include <stdio.h>\nint main(void) { return puts(\"ok\") < 0; }\n";

static const char *const compiler_path[DOCTOR_COMPILERS] = {
    [DOCTOR_GCC] = "/usr/bin/gcc",
    [DOCTOR_CLANG] = "/usr/bin/clang",
};

/* As build/plan.c gives them. */
static const char *const build_flag[DOCTOR_BUILDS] = {
    [DOCTOR_PLAIN] = "-g",
    [DOCTOR_ADDRESS] = "-fsanitize=address,undefined",
    [DOCTOR_THREAD] = "-fsanitize=thread",
};

/* Until the child has ended; one that is traced stops for its signals. Its exit status, or -1. */
static int await_end(pid_t pid)
{
    int status;

    for (;;) {
        pid_t ended = waitpid(pid, &status, 0);
        if (ended < 0 && errno == EINTR)
            continue;
        if (ended < 0)
            return -1;
        if (!WIFSTOPPED(status))
            return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        /* An event has no signal to hand on; TRAP is how it is told. */
        int number = status >> 16 ? 0 : WSTOPSIG(status);
        if (ptrace(PTRACE_CONT, pid, 0L, (long)number) != 0 && errno != ESRCH)
            return -1;
    }
}

/* One run; its exit status or -1, with the first line that it said in @p words. */
static int run(const struct sandbox *sandbox, struct sandbox_run *how, int *trace,
               char words[DOCTOR_WORDS])
{
    char place[SANDBOX_PATH_MAX];
    struct sandbox_child child;
    struct buf said = {.limit = 4096};
    int ends[2], why, status = -1;
    int error = sandbox_make_place(sandbox, place);

    if (error) {
        snprintf(words, DOCTOR_WORDS, "%s", strerror(-error));
        return -1;
    }
    error = pipe_make(ends);
    if (!error) {
        how->place = place;
        how->fd[0] = -1;
        how->fd[1] = how->fd[2] = ends[1];
        error = sandbox_spawn(sandbox, how, &child);
        fd_close(&ends[1]);
        if (!error && trace && ptrace(PTRACE_SEIZE, child.pid, 0L, 0L) != 0)
            *trace = -errno;
        if (!error)
            error = sandbox_go(&child);
        /* EOF: it has been executed. What is traced might stop before, and need the wait below. */
        if (!error && !trace && read(child.failed, &why, sizeof why) == (ssize_t)sizeof why)
            error = why;
        if (!error && !trace)
            (void)fd_read_all(ends[0], &said);
        if (!error)
            status = await_end(child.pid);
        fd_close(&ends[0]);
    }
    (void)sandbox_remove_place(sandbox, place);
    if (error)
        buf_puts(&said, strerror(-error));
    snprintf(words, DOCTOR_WORDS, "%.*s", (int)strcspn(buf_text(&said), "\n"), buf_text(&said));
    buf_free(&said);
    return status;
}

static void try_tracing(const struct sandbox *sandbox, int *trace)
{
    char *argv[] = {(char *)"/bin/true", NULL};
    char words[DOCTOR_WORDS];
    struct sandbox_run how = {.kind = SANDBOX_PROGRAM, .argv = argv};

    if (run(sandbox, &how, trace, words) != 0 && *trace == 0)
        *trace = -EIO;
}

static void try_compiler(const struct sandbox *sandbox, enum doctor_compiler compiler,
                         enum doctor_build build, struct doctor_made *made)
{
    char *compile[] = {(char *)compiler_path[compiler],
                       (char *)build_flag[build],
                       (char *)"-no-pie",
                       (char *)"-o",
                       (char *)"/lab/bin/trial",
                       (char *)"trial.c",
                       NULL};
    char *execute[] = {(char *)"/lab/bin/trial", NULL};
    char *env[] = {(char *)"PATH=/usr/bin:/bin", (char *)"LC_ALL=C", (char *)"HOME=/tmp",
                   (char *)"TMPDIR=/tmp", NULL};
    struct sandbox_run making = {.kind = SANDBOX_COMPILER, .argv = compile, .env = env};
    /* Sanitizers reserve terabytes; ThreadSanitizer wants the same addresses each time. */
    struct sandbox_run running = {.kind = SANDBOX_PROGRAM,
                                  .argv = execute,
                                  .leak_check = build == DOCTOR_ADDRESS,
                                  .same_addresses = build == DOCTOR_THREAD,
                                  .limits = {.memory = build == DOCTOR_PLAIN ? 0 : SIZE_MAX}};

    made->made = run(sandbox, &making, NULL, made->words) == 0;
    made->ran = made->made && run(sandbox, &running, NULL, made->words) == 0 &&
                strcmp(made->words, "ok") == 0;
}

static int try_six(void)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int error = 0;

    if (fd < 0)
        return -errno;
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0)
        error = -errno;
    close(fd);
    return error;
}

/* In the room. */
static void try_all(const struct sandbox *sandbox, int results) __attribute__((noreturn));
static void try_all(const struct sandbox *sandbox, int results)
{
    struct doctor_trial trial = {.six = try_six()};

    try_tracing(sandbox, &trial.trace);
    for (enum doctor_compiler c = 0; c < DOCTOR_COMPILERS; c++) {
        trial.present[c] = access(compiler_path[c], X_OK) == 0;
        for (enum doctor_build b = 0; trial.present[c] && b < DOCTOR_BUILDS; b++)
            try_compiler(sandbox, c, b, &trial.made[c][b]);
    }
    _exit(fd_write_all(results, &trial, sizeof trial) == 0 ? 0 : STATUS_TROUBLE);
}

int doctor_try(const struct sandbox_support *support, struct doctor_trial *trial)
{
    const struct sandbox_file file = {"src/trial.c", source, sizeof source - 1, 0644};
    struct sandbox sandbox = {0};
    struct buf bytes = {.limit = sizeof *trial};
    int results[2], trouble, error;
    pid_t room = -1;

    error = pipe_make(results);
    if (error)
        return error;
    trouble = dup(STDERR_FILENO);
    fflush(NULL);
    error = sandbox_enter(support, &sandbox, &room, &file, 1, &results[1], 1, trouble);
    if (!error && room == 0)
        try_all(&sandbox, results[1]);
    fd_close(&results[1]);
    fd_close(&trouble);
    if (!error) {
        (void)fd_read_all(results[0], &bytes);
        while (waitpid(room, NULL, 0) < 0 && errno == EINTR)
            continue;
        sandbox_leave(&sandbox);
        if (bytes.length == sizeof *trial)
            memcpy(trial, bytes.data, sizeof *trial);
        else
            error = -EIO;
    }
    fd_close(&results[0]);
    buf_free(&bytes);
    return error;
}
