/**
 * @file loop.c
 * Attach, wait, let go of everything. waitpid(2) is the tracer's only source of events; a
 * signalfd for SIGCHLD makes it something that poll(2) can wait for beside the peers.
 */
#include "tracer/stack.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STEP_ENOUGH = 64 }; /* stops after which a step takes no further round */

struct tracer *tracer_new(struct timeline *timeline, const char *const *source)
{
    struct tracer *t = xcalloc(1, sizeof(*t));
    t->timeline = timeline;
    t->source = source;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    t->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (t->signal_fd < 0)
        die(STATUS_TROUBLE, _("signalfd: %s"), strerror(errno));
    /* Daemons and orphans of a run come to this process, so that none of them is lost. */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    return t;
}

int tracer_fd(const struct tracer *t)
{
    return t->signal_fd;
}

static const long options = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK |
                            PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC |
                            PTRACE_O_EXITKILL;

int tracer_attach(struct tracer *t, const struct tracer_program *how)
{
    if (ptrace(PTRACE_SEIZE, how->pid, NULL, (void *)options) < 0)
        return -errno;
    struct program *p = xcalloc(1, sizeof(*p));
    p->root = how->pid;
    p->execs = p->execs_left = how->execs;
    p->actor = how->actor;
    p->mode = how->mode;
    p->spared = how->spared;
    p->outlives = how->outlives;
    p->own_time = how->own_time;
    p->file = reader_open_program(how->image);
    p->alive = true;
    t->program = xrealloc(t->program, (t->programs + 1) * sizeof(t->program[0]));
    t->program[t->programs++] = p;
    struct task *task = task_add(t, how->pid);
    task->process = process_new(p, how->pid);
    task->process->tasks = 1;
    return 0;
}

/** SIGCHLD is no queued signal: one notice stands for all, and one read takes it. */
static void take_notice(const struct tracer *t)
{
    struct signalfd_siginfo info;
    ssize_t n = read(t->signal_fd, &info, sizeof(info));
    (void)n; /* EAGAIN: there was none */
}

/** Takes every status that waits now. None of the stopped tasks goes on meanwhile, so this ends. */
static int collect(struct tracer *t)
{
    t->stops = 0;
    for (;;) {
        int status;
        pid_t tid = waitpid(-1, &status, WNOHANG | __WALL);
        if (tid == 0 || (tid < 0 && errno == ECHILD))
            return 0;
        if (tid < 0 && errno == EINTR)
            continue;
        if (tid < 0)
            return -errno;
        if (t->stops == t->stop_room) {
            t->stop_room = t->stop_room ? t->stop_room * 2 : 64;
            t->stop = xrealloc(t->stop, t->stop_room * sizeof(t->stop[0]));
        }
        t->stop[t->stops++] = (struct stop){tid, status};
    }
}

int tracer_step(struct tracer *t)
{
    int count = 0;
    /* First the notice, then the statuses: one that comes in between leaves a new notice. */
    take_notice(t);
    /* Rounds, and not one status after the other: waitpid(2) prefers the oldest child, so that two
     * that talk without end would silence the rest; and sixty of them would never let this return. */
    while (count < STEP_ENOUGH) {
        int error = collect(t);
        for (size_t i = 0; i < t->stops && error == 0; i++)
            error = stop_handle(t, t->stop[i].tid, t->stop[i].status);
        if (error < 0)
            return error;
        if (t->stops == 0)
            break;
        count += (int)t->stops;
    }
    return count;
}

int tracer_interrupt(struct tracer *t, pid_t tid)
{
    struct task *task = task_find(t, tid);
    if (!task || !task->in_call || !task->wants_exit)
        return -ESRCH;
    task->ask_eintr = true;
    return ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) < 0 ? -errno : 0;
}

int tracer_expire(struct tracer *t, pid_t tid)
{
    struct task *task = task_find(t, tid);
    if (!task || !task->in_call || !task->wants_exit || !call_ends_by_itself(task))
        return -ESRCH;
    task->ask_expire = true;
    return ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) < 0 ? -errno : 0;
}

static const struct program *find_program(const struct tracer *t, actor_id actor)
{
    for (size_t i = 0; i < t->programs; i++)
        if (t->program[i]->actor == actor)
            return t->program[i];
    return NULL;
}

pid_t tracer_process(const struct tracer *t, actor_id actor)
{
    const struct program *p = find_program(t, actor);
    return p ? p->first : 0;
}

bool tracer_ended(const struct tracer *t, actor_id actor, int *status)
{
    const struct program *p = find_program(t, actor);
    if (!p || !p->ended)
        return false;
    *status = p->status;
    return true;
}

bool tracer_process_ended(struct tracer *t, pid_t pid, int *status)
{
    if (task_find(t, pid))
        return false;
    for (size_t i = t->ends; i-- > 0;) {
        if (t->ended[i].pid != pid)
            continue;
        *status = t->ended[i].status;
        return true;
    }
    return false;
}

void tracer_kill(struct tracer *t, actor_id actor)
{
    for (size_t i = 0; i < t->tasks; i++) {
        const struct process *p = t->task[i]->process;
        if (p && p->inside && p->program->actor == actor && p->pid == t->task[i]->tid)
            kill(p->pid, SIGKILL);
    }
}

uint64_t tracer_received(const struct tracer *t)
{
    return t->received;
}

int tracer_descriptors(pid_t pid)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/fd", tracer_living_task(pid));
    DIR *dir = opendir(path);
    if (!dir)
        return -errno;
    int n = 0;
    for (struct dirent *entry; (entry = readdir(dir));)
        n += entry->d_name[0] != '.';
    closedir(dir);
    return n;
}

int tracer_descriptor(pid_t pid, int from)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/fd", tracer_living_task(pid));
    DIR *dir = opendir(path);
    if (!dir)
        return -errno;
    int lowest = -ENOENT;
    for (struct dirent *entry; (entry = readdir(dir));) {
        int fd = entry->d_name[0] == '.' ? -1 : (int)strtol(entry->d_name, NULL, 10);
        if (fd >= from && (lowest < 0 || fd < lowest))
            lowest = fd;
    }
    closedir(dir);
    return lowest;
}

/** Kills this process's children as /proc lists them (orphans that came here included). */
static void kill_children(void)
{
    char path[64];
    struct buf list = {.limit = 64 * 1024};
    snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
    if (file_read(path, &list) == 0 && list.length > 0) {
        char *rest = NULL;
        for (char *word = strtok_r(list.data, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
            kill((pid_t)strtol(word, NULL, 10), SIGKILL);
    }
    buf_free(&list);
}

/** Ends everything that runs and reaps it. Blocks until the kernel has done so. */
static void end_all(struct tracer *t)
{
    for (size_t i = 0; i < t->programs; i++)
        if (t->program[i]->alive)
            kill(t->program[i]->root, SIGKILL);
    for (size_t i = 0; i < t->tasks; i++)
        kill(t->task[i]->tid, SIGKILL);
    for (;;) {
        kill_children();
        int status;
        pid_t tid = waitpid(-1, &status, __WALL);
        if (tid < 0 && errno != EINTR)
            return;
        if (tid > 0 && WIFSTOPPED(status))
            kill(tid, SIGKILL);
    }
}

void tracer_free(struct tracer *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < t->programs; i++) /* their readers end, which are children too */
        image_free(t->program[i]->image);
    end_all(t);
    while (t->tasks > 0)
        task_remove(t, t->task[0]);
    stack_free_all(t);
    for (size_t i = 0; i < t->programs; i++) {
        fd_close(&t->program[i]->file);
        free(t->program[i]);
    }
    free(t->program);
    free(t->task);
    free(t->fault);
    free(t->look);
    free(t->stop);
    free(t->ended);
    fd_close(&t->signal_fd);
    free(t);
}
