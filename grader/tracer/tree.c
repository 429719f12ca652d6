/**
 * @file tree.c
 * The processes of a program, those that have ended and were not waited for included, and which of them holds what:
 * as the kernel has it at this moment (proc(5): stat, task/TID/children, fd). Unlike the calls of the timeline it
 * knows of what was inherited, passed on, or done in a way that is not traced. Looking changes nothing.
 */
#include "tracer/internal.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- one process ---------------------------------------------------------------------------------------- */

/** Its state (proc(5): R, S, Z...) and its parent; false if it is gone. */
static bool read_state(pid_t pid, char *state, pid_t *parent)
{
    char path[64];
    struct buf b = {.limit = 4096};
    snprintf(path, sizeof(path), "/proc/%d/stat", pid);
    bool ok = file_read(path, &b) == 0;
    const char *after = ok ? strrchr(buf_text(&b), ')') : NULL; /* the name may hold anything */
    ok = after && sscanf(after + 1, " %c %d", state, parent) == 2;
    buf_free(&b);
    return ok;
}

/** The state of one thread; 'X' if it is gone. */
static char read_task_state(pid_t pid, const char *tid)
{
    char path[320], state = 'X';
    struct buf b = {.limit = 4096};
    snprintf(path, sizeof(path), "/proc/%d/task/%s/stat", pid, tid);
    const char *after = file_read(path, &b) == 0 ? strrchr(buf_text(&b), ')') : NULL;
    if (after)
        sscanf(after + 1, " %c", &state);
    buf_free(&b);
    return state;
}

pid_t tracer_living_task(pid_t pid)
{
    char path[64], state;
    pid_t parent, living = pid;
    if (!read_state(pid, &state, &parent) || state != 'Z')
        return pid;
    snprintf(path, sizeof(path), "/proc/%d/task", pid);
    DIR *dir = opendir(path);
    if (!dir)
        return pid;
    for (struct dirent *entry; living == pid && (entry = readdir(dir));)
        if (entry->d_name[0] != '.' && !strchr("ZX", read_task_state(pid, entry->d_name)))
            living = (pid_t)strtol(entry->d_name, NULL, 10);
    closedir(dir);
    return living;
}

/** Adds what one thread has given birth to. */
static size_t add_children(pid_t pid, const char *tid, pid_t *child, size_t count, size_t room)
{
    char path[320];
    struct buf list = {.limit = 64 * 1024};
    snprintf(path, sizeof(path), "/proc/%d/task/%s/children", pid, tid);
    if (file_read(path, &list) == 0 && list.length > 0) {
        char *rest = NULL;
        for (char *word = strtok_r(list.data, " ", &rest); word && count < room; word = strtok_r(NULL, " ", &rest))
            child[count++] = (pid_t)strtol(word, NULL, 10);
    }
    buf_free(&list);
    return count;
}

size_t tree_children(pid_t pid, pid_t *child, size_t room)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/task", pid);
    DIR *dir = opendir(path);
    size_t count = 0;
    if (!dir)
        return 0;
    for (struct dirent *entry; (entry = readdir(dir));)
        if (entry->d_name[0] != '.')
            count = add_children(pid, entry->d_name, child, count, room);
    closedir(dir);
    return count;
}

/* --- the processes of a program ---------------------------------------------------------------------------- */

/** What has been found so far. */
struct found {
    struct tracer_process *process;
    size_t count, room;
};

static void add_process(struct found *found, pid_t pid, pid_t parent, bool zombie)
{
    if (found->count < found->room)
        found->process[found->count++] = (struct tracer_process){pid, parent, zombie};
}

static bool is_known(const struct found *found, pid_t pid)
{
    for (size_t i = 0; i < found->count; i++)
        if (found->process[i].pid == pid)
            return true;
    return false;
}

/** Those that the tracer follows. A process whose first thread has ended looks like a zombie and is none. */
static void find_traced(const struct tracer *t, const struct program *program, struct found *found)
{
    for (size_t i = 0; i < t->tasks; i++) {
        const struct process *p = t->task[i]->process;
        char state;
        pid_t parent;
        if (p && p->program == program && p->inside && !is_known(found, p->pid) && read_state(p->pid, &state, &parent))
            add_process(found, p->pid, parent, false);
    }
    size_t living = found->count;
    for (size_t i = 0; i < living; i++) {
        pid_t child[LOOK_MAX];
        size_t children = tree_children(found->process[i].pid, child, LOOK_MAX);
        for (size_t k = 0; k < children; k++) {
            char state;
            pid_t parent;
            if (!is_known(found, child[k]) && read_state(child[k], &state, &parent) && state == 'Z')
                add_process(found, child[k], parent, true);
        }
    }
}

/** Those below @p pid of a program that was let go. */
static void find_below(const struct program *program, pid_t pid, struct found *found)
{
    pid_t child[LOOK_MAX];
    size_t children = tree_children(pid, child, LOOK_MAX);
    for (size_t i = 0; i < children; i++) {
        char state;
        pid_t parent;
        if (!read_state(child[i], &state, &parent))
            continue;
        bool inside = !tree_is_scaffold(program, child[i]) && (state != 'Z' || is_known(found, pid));
        if (inside) /* a zombie of the scaffold's is nobody's fault */
            add_process(found, child[i], parent, state == 'Z');
        find_below(program, child[i], found);
    }
}

bool tree_is_scaffold(const struct program *program, pid_t pid)
{
    for (int i = 0; i < program->scaffolds; i++)
        if (program->scaffold[i] == pid)
            return true;
    return false;
}

size_t tracer_processes(const struct tracer *t, actor_id actor, struct tracer_process *process, size_t room)
{
    struct found found = {process, 0, room};
    for (size_t i = 0; i < t->programs; i++) {
        const struct program *program = t->program[i];
        if (program->actor != actor)
            continue;
        if (program->released)
            find_below(program, program->root, &found);
        else
            find_traced(t, program, &found);
    }
    return found.count;
}

/* --- who holds what ------------------------------------------------------------------------------------------- */

/** Adds the descriptors of one process that are this link. */
static size_t add_holdings(pid_t pid, const char *link, struct tracer_holding *holding, size_t count, size_t room)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/fd", tracer_living_task(pid));
    DIR *dir = opendir(path);
    if (!dir)
        return count;
    for (struct dirent *entry; (entry = readdir(dir));) {
        char target[64];
        ssize_t length = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);
        target[length > 0 ? length : 0] = '\0';
        if (strcmp(target, link) == 0 && count < room)
            holding[count++] = (struct tracer_holding){pid, (int)strtol(entry->d_name, NULL, 10)};
    }
    closedir(dir);
    return count;
}

size_t tracer_holdings(const struct tracer *t, actor_id actor, uint64_t inode, struct tracer_holding *holding,
                       size_t room)
{
    static struct tracer_process process[LOOK_MAX]; /* too much for a stack, and asked for by one thread only */
    size_t processes = tracer_processes(t, actor, process, LOOK_MAX), count = 0;
    char link[64];
    snprintf(link, sizeof(link), "socket:[%llu]", (unsigned long long)inode);
    for (size_t i = 0; i < processes; i++)
        if (!process[i].zombie)
            count = add_holdings(process[i].pid, link, holding, count, room);
    return count;
}
