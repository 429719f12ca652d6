/**
 * @file
 * Follows the grader's own processes (the command, the room, the checkers; not compilers and not programs):
 *
 *     build/tool/follow [-k MOMENT -s SIGNAL] [-d DEPTH] [-c DEPTH] [-l SECONDS] -o FILE COMMAND [ARGUMENT...]
 *
 * Its moments are what these processes do: a fork, an exec, an end, and each system call, before and after it, of the command
 * itself and of its descendants down to -c (0: of the command only). At moment number MOMENT the command is sent SIGNAL. When everything that the command started has ended, FILE gets one line:
 *
 *     moments N sent 0|1 peak KIB processes N pid N status exit STATUS|signal NUMBER left 0|1
 *
 * peak is the largest resident set (VmHWM) that one of these processes had at its end. pid is the command's. left is 1 if something was still there
 * SECONDS (60) after the start, when it is killed. DEPTH (2) is how far below the command the checkers are: their children
 * are theirs to trace (ptrace(2): one tracer each).
 * Status 0 if the line was written.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TASKS_MAX = 4096 };

struct task {
    pid_t pid;
    int depth;    /* below the command; -1: not known yet */
    bool foreign; /* it executed something else */
};

static struct task task[TASKS_MAX];
static size_t tasks;
static pid_t command;
static long moments, wanted = -1, peak, processes;
static int signal_number, depth_most = 2, depth_of_calls;
static bool sent;
static volatile sig_atomic_t late;

static void quit(const char *what)
{
    fprintf(stderr, "follow: %s: %s\n", what, strerror(errno));
    exit(2);
}

static void ring(int number)
{
    (void)number;
    late = 1;
}

static struct task *find(pid_t pid)
{
    for (size_t i = 0; i < tasks; i++)
        if (task[i].pid == pid)
            return &task[i];
    if (tasks == TASKS_MAX)
        quit("too many processes");
    task[tasks] = (struct task){.pid = pid, .depth = -1};
    return &task[tasks++];
}

static void drop(struct task *t)
{
    *t = task[--tasks];
}

static void pass_moment(void)
{
    if (++moments != wanted)
        return;
    sent = true;
    kill(command, signal_number);
}

static long options_of(int depth)
{
    long ends = PTRACE_O_TRACEEXIT | PTRACE_O_TRACEEXEC;
    if (depth <= depth_of_calls)
        ends |= PTRACE_O_TRACESYSGOOD;
    return depth < depth_most ? ends | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE : ends;
}

/* ESRCH from any of these: it is dying, and waitpid(2) will say so. */
static void go_on(const struct task *t, int number)
{
    ptrace(t->depth <= depth_of_calls && !t->foreign ? PTRACE_SYSCALL : PTRACE_CONT, t->pid, 0L, (long)number);
}

/* A number from /proc/PID/status; -1 if there is none. */
static long status_field(pid_t pid, const char *name)
{
    char path[64], line[256];
    size_t length = strlen(name);
    long value = -1;
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "re");
    while (file && value < 0 && fgets(line, sizeof line, file))
        if (strncmp(line, name, length) == 0)
            value = atol(line + length);
    if (file)
        fclose(file);
    return value;
}

static void measure(const struct task *t)
{
    long size = status_field(t->pid, "VmHWM:");
    if (size > peak)
        peak = size;
    processes++;
}

/* At the first stop of a new process. Its parent may have died already: then it is followed no further. */
static void set_depth(struct task *t)
{
    pid_t parent = (pid_t)status_field(t->pid, "PPid:");
    t->depth = depth_most;
    for (size_t i = 0; i < tasks; i++)
        if (task[i].pid == parent && task[i].depth >= 0)
            t->depth = task[i].depth + 1;
}

static void handle_event(struct task *t, int event)
{
    switch (event) {
    case PTRACE_EVENT_EXEC:
        t->foreign = t->depth > 0; /* the command's own exec is the grader */
        break;
    case PTRACE_EVENT_EXIT:
        if (!t->foreign)
            measure(t);
        break;
    default:
        break;
    }
    if (event == PTRACE_EVENT_STOP) /* its first stop: the options are still its parent's */
        ptrace(PTRACE_SETOPTIONS, t->pid, 0L, options_of(t->depth));
    else
        pass_moment();
    go_on(t, 0);
}

static bool is_stop_signal(int number)
{
    return number == SIGSTOP || number == SIGTSTP || number == SIGTTIN || number == SIGTTOU;
}

static void handle_stop(struct task *t, int status)
{
    int number = WSTOPSIG(status), event = status >> 16;
    if (t->depth < 0)
        set_depth(t);
    if (event == PTRACE_EVENT_STOP && is_stop_signal(number)) {
        ptrace(PTRACE_LISTEN, t->pid, 0L, 0L);
        return;
    }
    if (event) {
        handle_event(t, event);
        return;
    }
    if (number == (SIGTRAP | 0x80)) {
        pass_moment();
        number = 0;
    }
    go_on(t, number);
}

static pid_t start(char **argv)
{
    int ready[2];
    char byte;
    if (pipe(ready) < 0)
        quit("pipe");
    pid_t pid = fork();
    if (pid < 0)
        quit("fork");
    if (pid == 0) {
        close(ready[1]);
        if (read(ready[0], &byte, 1) != 1)
            _exit(127);
        close(ready[0]);
        /* A shell's background job ignores Ctrl-C, and so would what it starts. */
        signal(SIGINT, SIG_DFL);
        signal(SIGQUIT, SIG_DFL);
        execvp(argv[0], argv);
        _exit(127);
    }
    close(ready[0]);
    if (ptrace(PTRACE_SEIZE, pid, 0L, options_of(0)) < 0)
        quit("PTRACE_SEIZE");
    find(pid)->depth = 0;
    if (write(ready[1], "", 1) != 1)
        quit("write");
    close(ready[1]);
    return pid;
}

/* Until nothing is left; the command's wait status. */
static int follow(void)
{
    int end = 0;
    for (;;) {
        int status;
        pid_t pid = waitpid(-1, &status, __WALL);
        if (pid < 0 && errno == EINTR && !late)
            continue;
        if (pid < 0)
            return end;
        if (WIFSTOPPED(status)) {
            handle_stop(find(pid), status);
            continue;
        }
        if (pid == command)
            end = status;
        drop(find(pid)); /* orphans come to us too (a subreaper), unknown until now */
    }
}

int main(int argc, char **argv)
{
    const char *output = NULL;
    unsigned seconds = 60;
    for (int option; (option = getopt(argc, argv, "+k:s:d:c:l:o:")) != -1;) {
        switch (option) {
        case 'k': wanted = atol(optarg); break;
        case 's': signal_number = atoi(optarg); break;
        case 'd': depth_most = atoi(optarg); break;
        case 'c': depth_of_calls = atoi(optarg); break;
        case 'l': seconds = (unsigned)atoi(optarg); break;
        case 'o': output = optarg; break;
        default: return 2;
        }
    }
    if (!output || optind == argc)
        return 2;
    sigaction(SIGALRM, &(struct sigaction){.sa_handler = ring}, NULL);
    if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
        quit("PR_SET_CHILD_SUBREAPER");
    command = start(argv + optind);
    alarm(seconds);
    int end = follow();
    FILE *file = fopen(output, "we");
    if (!file)
        quit(output);
    fprintf(file, "moments %ld sent %d peak %ld processes %ld pid %d status %s %d left %d\n", moments, sent, peak, processes,
            (int)command, WIFSIGNALED(end) ? "signal" : "exit", WIFSIGNALED(end) ? WTERMSIG(end) : WEXITSTATUS(end), late ? 1 : 0);
    for (size_t i = 0; late && i < tasks; i++)
        kill(task[i].pid, SIGKILL);
    return fclose(file) == 0 ? 0 : 2;
}
