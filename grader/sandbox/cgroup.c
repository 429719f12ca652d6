/**
 * @file cgroup.c
 * Control groups (cgroups(7)): what the programs of a check may use together, which no rlimit
 * counts: memory however it is had (pages, memfd, pipes, tmpfs), processes and threads.
 *
 *     group of the grader, or one above it that may be used     found once, group_find()
 *       `- socklab-NS-PID-START-N     a submission               cgroup_open(), the grader
 *            |- room                  its checkers, unlimited    cgroup_admit()
 *            |- aB3dEf                the programs of one place  cgroup_make_place(), the room
 *            `- ...
 *
 * Checkers and reference programs stay outside of the limited groups: a program that eats all its
 * memory takes nobody along. The submission's group belongs to the room's user, who can therefore
 * make groups in it and move his own processes there, and nowhere else.
 *
 * Where the memory controller is still on a hierarchy of version 1 (hybrid machines, older WSL) the
 * same is done there, with other names of files and without `room`.
 *
 * A grader that is killed leaves empty groups. The name says whose they are; the next one removes
 * those whose owner is dead (group_find.c). A number that is used again has another start time, and
 * another pid namespace another NS.
 */
#include "sandbox/internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHECKERS     "room"
#define PLACE_MEMORY "1073741824" /* more than any lab needs, sanitizers included */
#define PLACE_PIDS   "1024"
enum { POPULATED_WAIT = 1000 /* ms */ };

/* A file of a group; without the file nothing is lost where it is optional. */
struct knob {
    const char *file, *value;
    bool optional;
};

static const struct knob unified_memory[] = {
    {"memory.max", PLACE_MEMORY, false},
    {"memory.swap.max", "0", true}, /* not without swap in the kernel */
    /* All programs of the check or none: half a submission would fail in ways nobody can explain. */
    {"memory.oom.group", "1", true},
    {NULL, NULL, false},
};
static const struct knob old_memory[] = {
    {"memory.limit_in_bytes", PLACE_MEMORY, false},
    {"memory.memsw.limit_in_bytes", PLACE_MEMORY, true},
    {NULL, NULL, false},
};
static const struct knob pids[] = {
    {"pids.max", PLACE_PIDS, false},
    {NULL, NULL, false},
};

int cgroup_write(const char *group, const char *file, const char *value)
{
    char path[CGROUP_PATH_MAX];
    int error = 0;

    if (snprintf(path, sizeof path, "%s/%s", group, file) >= (int)sizeof path)
        return -ENAMETOOLONG;
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    if (write(fd, value, strlen(value)) < 0)
        error = -errno;
    close(fd);
    return error;
}

static int set_knobs(const char *group, const struct knob *knob)
{
    for (; knob->file; knob++) {
        int error = cgroup_write(group, knob->file, knob->value);
        if (error && !(knob->optional && error == -ENOENT))
            return error;
    }
    return 0;
}

/* The directories that a group consists of: one, or one for each controller of version 1. */
static size_t list_parts(const struct sandbox_cgroup *cgroup, const char *parts[2])
{
    size_t count = 0;

    if (cgroup->memory[0])
        parts[count++] = cgroup->memory;
    if (cgroup->pids[0] && strcmp(cgroup->pids, cgroup->memory) != 0)
        parts[count++] = cgroup->pids;
    return count;
}

static bool append(char *path, const char *name)
{
    size_t length = strlen(path);

    return length == 0 ||
           snprintf(path + length, SANDBOX_CGROUP_MAX - length, "/%s", name) <
               (int)(SANDBOX_CGROUP_MAX - length);
}

/* The same group one level down. */
static int go_down(struct sandbox_cgroup *cgroup, const char *name)
{
    return append(cgroup->memory, name) && append(cgroup->pids, name) ? 0 : -ENAMETOOLONG;
}

/* A place's group: named like its directory. */
static int find_place(const struct sandbox *sandbox, const char *place, struct sandbox_cgroup *group)
{
    const char *slash = strrchr(place, '/');

    *group = sandbox->cgroup;
    return go_down(group, slash ? slash + 1 : place);
}

/* --- the end of groups ---------------------------------------------------------------------- */

/* Until nothing runs in it; what was killed may still be on its way out. Version 2 only. */
static void await_empty(const char *group)
{
    char path[CGROUP_PATH_MAX], text[128];
    struct pollfd event = {.fd = -1, .events = POLLPRI};

    snprintf(path, sizeof path, "%s/cgroup.events", group);
    event.fd = open(path, O_RDONLY | O_CLOEXEC);
    if (event.fd < 0)
        return;
    for (;;) {
        ssize_t n = pread(event.fd, text, sizeof text - 1, 0);
        text[n > 0 ? n : 0] = '\0';
        if (!strstr(text, "populated 1") || poll(&event, 1, POPULATED_WAIT) <= 0)
            break;
    }
    close(event.fd);
}

int cgroup_remove(const char *group)
{
    char path[CGROUP_PATH_MAX];
    DIR *directory = opendir(group);
    struct dirent *entry;

    if (!directory)
        return errno == ENOENT ? 0 : -errno;
    /* Two levels are all that there are. */
    while ((entry = readdir(directory))) {
        if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
            continue;
        if (snprintf(path, sizeof path, "%s/%s", group, entry->d_name) < (int)sizeof path)
            (void)rmdir(path);
    }
    closedir(directory);
    return rmdir(group) == 0 || errno == ENOENT ? 0 : -errno;
}

void cgroup_close(struct sandbox *sandbox)
{
    const char *parts[2];
    size_t count = list_parts(&sandbox->cgroup, parts);

    for (size_t i = 0; i < count; i++) {
        /* Without namespaces something may have got away from the warden, not from its group (Linux
         * 5.14). */
        if (sandbox->cgroup.unified)
            (void)cgroup_write(parts[i], "cgroup.kill", "1");
        if (cgroup_remove(parts[i]) == -EBUSY) {
            await_empty(parts[i]);
            (void)cgroup_remove(parts[i]);
        }
    }
    memset(&sandbox->cgroup, 0, sizeof sandbox->cgroup);
}

/* --- a submission's group ------------------------------------------------------------------- */

/* Hands the group to the room's user: to make groups below, and to move what is in it. */
static int give_away(const struct sandbox *sandbox, const char *group)
{
    static const char *const files[] = {"", "/cgroup.procs", "/cgroup.subtree_control"};
    char path[CGROUP_PATH_MAX];

    /* Without namespaces the room stays the grader's user, and its programs see this directory. */
    if (sandbox->level != SANDBOX_LEVEL_FULL || sandbox->host_uid == geteuid())
        return 0;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "%s%s", group, files[i]);
        if (chown(path, sandbox->host_uid, sandbox->host_gid) != 0 && errno != ENOENT)
            return -errno;
    }
    return 0;
}

/* Three quarters of the machine, whatever the checks together may use: the rest is for the others. */
static int limit_submission(const struct sandbox *sandbox)
{
    char text[32];
    long long bytes = (long long)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE) / 4 * 3;

    if (!sandbox->cgroup.memory[0])
        return 0;
    snprintf(text, sizeof text, "%lld", bytes);
    return cgroup_write(sandbox->cgroup.memory,
                        sandbox->cgroup.unified ? "memory.max" : "memory.limit_in_bytes", text);
}

int cgroup_open(const struct sandbox_support *support, struct sandbox *sandbox)
{
    static unsigned groups; /* of this grader so far */
    char name[CGROUP_NAME_MAX], path[CGROUP_PATH_MAX];
    const char *parts[2];
    size_t count;
    int error;

    cgroup_name(name, groups++);
    sandbox->cgroup = support->cgroup;
    error = go_down(&sandbox->cgroup, name);
    count = error ? 0 : list_parts(&sandbox->cgroup, parts);
    for (size_t i = 0; !error && i < count; i++)
        error = mkdir(parts[i], 0755) == 0 ? 0 : -errno;
    if (!error)
        error = limit_submission(sandbox);
    for (size_t i = 0; !error && i < count && sandbox->cgroup.unified; i++) {
        if (sandbox->cgroup.memory[0])
            error = cgroup_write(parts[i], "cgroup.subtree_control", "+memory");
        if (!error && sandbox->cgroup.pids[0])
            error = cgroup_write(parts[i], "cgroup.subtree_control", "+pids");
        snprintf(path, sizeof path, "%s/" CHECKERS, parts[i]);
        if (!error && mkdir(path, 0755) != 0)
            error = -errno;
    }
    for (size_t i = 0; !error && i < count; i++)
        error = give_away(sandbox, parts[i]);
    if (error)
        cgroup_close(sandbox);
    return error;
}

int cgroup_admit(const struct sandbox *sandbox, pid_t room)
{
    char text[16];
    const char *parts[2];

    /* Version 1 lets everybody move his own processes, wherever they come from. */
    if (!sandbox->cgroup.unified || list_parts(&sandbox->cgroup, parts) == 0)
        return 0;
    snprintf(text, sizeof text, "%d", (int)room);
    return cgroup_write(parts[0], CHECKERS "/cgroup.procs", text);
}

/* --- the programs of a place ---------------------------------------------------------------- */

int cgroup_make_place(const struct sandbox *sandbox, const char *place)
{
    struct sandbox_cgroup group;
    const char *parts[2];
    int error = find_place(sandbox, place, &group);
    size_t count = error ? 0 : list_parts(&group, parts);

    for (size_t i = 0; !error && i < count; i++)
        error = mkdir(parts[i], 0755) == 0 ? 0 : -errno;
    if (!error && group.memory[0])
        error = set_knobs(group.memory, group.unified ? unified_memory : old_memory);
    if (!error && group.pids[0])
        error = set_knobs(group.pids, pids);
    return error;
}

void cgroup_remove_place(const struct sandbox *sandbox, const char *place)
{
    struct sandbox_cgroup group;
    const char *parts[2];
    size_t count = find_place(sandbox, place, &group) == 0 ? list_parts(&group, parts) : 0;

    /* What is still dying keeps it; cgroup_close() comes later. */
    for (size_t i = 0; i < count; i++)
        (void)rmdir(parts[i]);
}

int cgroup_join(const struct sandbox *sandbox, const char *place)
{
    struct sandbox_cgroup group;
    const char *parts[2];
    int error = find_place(sandbox, place, &group);
    size_t count = error ? 0 : list_parts(&group, parts);

    /* 0 is the writer, whatever its number is in which namespace. */
    for (size_t i = 0; !error && i < count; i++)
        error = cgroup_write(parts[i], "cgroup.procs", "0");
    return error;
}

bool sandbox_ran_out_of_memory(const struct sandbox *sandbox, const char *place)
{
    struct sandbox_cgroup group;
    char path[CGROUP_PATH_MAX];
    struct buf text = {.limit = 4096};
    unsigned long kills = 0;

    if (find_place(sandbox, place, &group) != 0 || !group.memory[0])
        return false;
    snprintf(path, sizeof path, "%s/%s", group.memory,
             group.unified ? "memory.events" : "memory.oom_control");
    if (file_read(path, &text) == 0) {
        const char *at = strstr(buf_text(&text), "oom_kill ");
        kills = at ? strtoul(at + strlen("oom_kill "), NULL, 10) : 0;
    }
    buf_free(&text);
    return kills > 0;
}
