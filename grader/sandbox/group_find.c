/**
 * @file group_find.c
 * Where this machine lets the grader make control groups, and what dead graders left there.
 *
 * Nothing is moved but the grader itself, and no group of the session is changed: a group that
 * has processes cannot give controllers to groups below it (cgroups(7), "no internal processes"),
 * so the nearest one above is taken that has none, which in a user's session is one of his own. When
 * the grader is alone in its group it steps aside into one below and the group becomes usable, as in
 *
 *     systemd-run --user --scope -p Delegate=yes socklab grade 4
 */
#include "sandbox/internal.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LEAF "socklab-grader"

static const char *const controllers[] = {"memory", "pids"};
enum { MEMORY, PIDS };

/* --- whose group is it ---------------------------------------------------------------------- */

static unsigned long own_namespace(void)
{
    struct stat st;

    return stat("/proc/self/ns/pid", &st) == 0 ? (unsigned long)st.st_ino : 0;
}

/* When a process started, in ticks since the machine did; 0: it is dead. proc(5), field 22. */
static unsigned long long start_time(long pid)
{
    char path[64];
    struct buf text = {.limit = 4096};
    unsigned long long ticks = 0;

    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    if (file_read(path, &text) == 0) {
        /* The name, field 2, may hold anything: count from its end. */
        const char *at = strrchr(buf_text(&text), ')');
        for (int field = 3; at && field <= 22; field++)
            at = strchr(at + 1, ' ');
        ticks = at ? strtoull(at + 1, NULL, 10) : 0;
    }
    buf_free(&text);
    return ticks;
}

void cgroup_name(char name[CGROUP_NAME_MAX], unsigned number)
{
    snprintf(name, CGROUP_NAME_MAX, "socklab-%lu-%d-%llu-%u", own_namespace(), (int)getpid(),
             start_time(getpid()), number);
}

/* Empty groups of graders that are no more. One that is alive keeps its own, one of another pid
 * namespace cannot be known to be dead. */
static void sweep(const char *parent)
{
    char path[CGROUP_PATH_MAX];
    DIR *directory = opendir(parent);
    struct dirent *entry;
    unsigned long space;
    unsigned long long start;
    long pid;

    while (directory && (entry = readdir(directory))) {
        if (sscanf(entry->d_name, "socklab-%lu-%ld-%llu-", &space, &pid, &start) != 3 ||
            space != own_namespace() || start_time(pid) == start)
            continue;
        if (snprintf(path, sizeof path, "%s/%s", parent, entry->d_name) < (int)sizeof path)
            (void)cgroup_remove(path);
    }
    if (directory)
        closedir(directory);
}

/* --- where is the grader -------------------------------------------------------------------- */

/* The grader's group in the hierarchy of a controller of version 1, or with NULL of version 2, as
 * /proc/self/cgroup calls it. */
static bool own_group(const char *controller, char path[SANDBOX_CGROUP_MAX])
{
    char line[4096], *list, *at;
    bool found = false;
    FILE *file = fopen("/proc/self/cgroup", "re");

    while (file && !found && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        list = strchr(line, ':');
        at = list ? strchr(list + 1, ':') : NULL;
        if (!at || strlen(at + 1) >= SANDBOX_CGROUP_MAX)
            continue;
        *at = '\0';
        found = controller ? list_has(list + 1, controller) : list[1] == '\0';
        if (found)
            snprintf(path, SANDBOX_CGROUP_MAX, "%s", at + 1);
    }
    if (file)
        fclose(file);
    /* Outside of what this cgroup namespace shows (cgroup_namespaces(7)). */
    return found && !strstr(path, "..");
}

/* Where that hierarchy is mounted, and which of its groups is there (proc(5), mountinfo). */
static bool find_mount(const char *controller, char point[SANDBOX_CGROUP_MAX],
                       char root[SANDBOX_CGROUP_MAX])
{
    char line[4096], type[32], options[512];
    bool found = false;
    FILE *file = fopen("/proc/self/mountinfo", "re");

    _Static_assert(SANDBOX_CGROUP_MAX == 320, "the widths below");
    while (file && !found && fgets(line, sizeof line, file)) {
        const char *rest = strstr(line, " - ");
        if (!rest || sscanf(line, "%*s %*s %*s %319s %319s", root, point) != 2 ||
            sscanf(rest, " - %31s %*s %511s", type, options) != 2)
            continue;
        found = controller ? !strcmp(type, "cgroup") && list_has(options, controller)
                           : !strcmp(type, "cgroup2");
    }
    if (file)
        fclose(file);
    return found;
}

/* The directory of the grader's group; @p point is as far up as one can go. */
static bool find_directory(const char *controller, char directory[SANDBOX_CGROUP_MAX],
                           char point[SANDBOX_CGROUP_MAX])
{
    char own[SANDBOX_CGROUP_MAX], root[SANDBOX_CGROUP_MAX];
    size_t length;
    const char *below = own;

    if (!own_group(controller, own) || !find_mount(controller, point, root))
        return false;
    /* A container often mounts its own group only. */
    length = strlen(root);
    if (length > 1 && !strncmp(own, root, length) && (own[length] == '/' || own[length] == '\0'))
        below = own + length;
    if (snprintf(directory, SANDBOX_CGROUP_MAX, "%s%s", point, !strcmp(below, "/") ? "" : below) >=
        SANDBOX_CGROUP_MAX)
        return false;
    if (access(directory, F_OK) != 0)
        memcpy(directory, point, SANDBOX_CGROUP_MAX);
    return true;
}

/* --- may groups be made here ---------------------------------------------------------------- */

/* Whether a file of a group lists this word. */
static bool file_has(const char *group, const char *file, const char *word)
{
    char path[CGROUP_PATH_MAX];
    struct buf text = {.limit = 4096};
    bool found = false;

    snprintf(path, sizeof path, "%s/%s", group, file);
    if (file_read(path, &text) == 0) {
        char *rest = NULL, *copy = xstrdup(buf_text(&text));
        for (char *at = strtok_r(copy, " \n", &rest); at && !found; at = strtok_r(NULL, " \n", &rest))
            found = !strcmp(at, word);
        free(copy);
    }
    buf_free(&text);
    return found;
}

/* Whether the grader is the only process of its group. */
static bool is_alone(const char *group)
{
    char path[CGROUP_PATH_MAX], own[16];
    struct buf text = {.limit = 4096};

    snprintf(path, sizeof path, "%s/cgroup.procs", group);
    snprintf(own, sizeof own, "%d\n", (int)getpid());
    bool alone = file_read(path, &text) == 0 && !strcmp(buf_text(&text), own);
    buf_free(&text);
    return alone;
}

/* A group of version 2 gives these controllers to those below it. */
static int enable(const char *group, const bool wanted[2])
{
    int error = 0;

    for (size_t i = 0; !error && i < 2; i++) {
        char word[16];
        snprintf(word, sizeof word, "+%s", controllers[i]);
        if (wanted[i] && !file_has(group, "cgroup.subtree_control", controllers[i]))
            error = cgroup_write(group, "cgroup.subtree_control", word);
    }
    return error;
}

/* The same when only the grader itself is in the way. */
static int step_aside(struct sandbox_cgroup *cgroup, const char *group, const bool wanted[2])
{
    char leaf[CGROUP_PATH_MAX];
    int error;

    snprintf(leaf, sizeof leaf, "%s/" LEAF, group);
    if (mkdir(leaf, 0755) != 0 && errno != EEXIST)
        return -errno;
    error = cgroup_write(leaf, "cgroup.procs", "0");
    if (!error)
        error = enable(group, wanted);
    if (error) {
        (void)cgroup_write(group, "cgroup.procs", "0");
        (void)rmdir(leaf);
        return error;
    }
    snprintf(cgroup->left, sizeof cgroup->left, "%s", group);
    return 0;
}

/* Whether a directory can be made and what is in it moved. */
static int try_directory(const char *group, bool unified)
{
    char path[CGROUP_PATH_MAX], name[CGROUP_NAME_MAX];

    cgroup_name(name, 0);
    snprintf(path, sizeof path, "%s/%s-try", group, name);
    if (mkdir(path, 0755) != 0)
        return -errno;
    (void)rmdir(path);
    snprintf(path, sizeof path, "%s/cgroup.procs", group);
    return !unified || access(path, W_OK) == 0 ? 0 : -errno;
}

/* Version 2: from the grader's group up to the first that can be used. The error of the first, which
 * is the one that somebody can do something about. */
static int find_unified(struct sandbox_cgroup *cgroup)
{
    char group[SANDBOX_CGROUP_MAX], point[SANDBOX_CGROUP_MAX];
    bool own = true;
    int first = 0;

    if (!find_directory(NULL, group, point))
        return -ENODEV;
    for (;;) {
        bool wanted[2] = {false, false};
        for (size_t i = 0; i < 2; i++)
            wanted[i] = file_has(group, "cgroup.controllers", controllers[i]);
        int error = wanted[MEMORY] || wanted[PIDS] ? try_directory(group, true) : -ENOTSUP;
        if (!error)
            error = enable(group, wanted);
        if (error == -EBUSY && own && is_alone(group))
            error = step_aside(cgroup, group, wanted);
        if (!error) {
            cgroup->unified = true;
            snprintf(cgroup->memory, sizeof cgroup->memory, "%s", wanted[MEMORY] ? group : "");
            snprintf(cgroup->pids, sizeof cgroup->pids, "%s", wanted[PIDS] ? group : "");
            return 0;
        }
        if (!first || first == -ENOTSUP)
            first = error;
        char *slash = strrchr(group, '/');
        if (!slash || strlen(group) <= strlen(point))
            return first;
        *slash = '\0';
        own = false;
    }
}

/* Version 1: below the grader's own, one hierarchy a controller. */
static int find_old(const char *controller, char group[SANDBOX_CGROUP_MAX])
{
    char point[SANDBOX_CGROUP_MAX];
    int error;

    if (!find_directory(controller, group, point)) {
        group[0] = '\0';
        return -ENODEV;
    }
    error = try_directory(group, false);
    if (error)
        group[0] = '\0';
    return error;
}

/* The whole way once, with the room's user: what works here is believed to work later. */
static int try_all(const struct sandbox_support *support)
{
    struct sandbox sandbox = {.level = support->level};
    int ready[2] = {-1, -1}, status = 0, error;
    char byte;
    pid_t child;

    credential_choose(&sandbox);
    error = cgroup_open(support, &sandbox);
    if (error)
        return error;
    error = pipe_make(ready);
    child = error ? -1 : fork();
    if (child == 0) {
        fd_close(&ready[1]);
        if (read(ready[0], &byte, 1) != 1)
            _exit(EPERM);
        /* Who makes groups and moves programs later: the room. */
        if (sandbox.level == SANDBOX_LEVEL_FULL && sandbox.host_uid != geteuid())
            error = credential_become(sandbox.host_uid, sandbox.host_gid);
        if (!error)
            error = cgroup_make_place(&sandbox, "trial");
        if (!error)
            error = cgroup_join(&sandbox, "trial");
        _exit(-error);
    }
    if (!error && child < 0)
        error = -errno;
    if (!error)
        error = cgroup_admit(&sandbox, child);
    if (!error)
        error = fd_write_all(ready[1], "", 1);
    fd_close(&ready[0]);
    fd_close(&ready[1]);
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    cgroup_close(&sandbox);
    if (!error && status != 0)
        error = WIFEXITED(status) ? -WEXITSTATUS(status) : -EIO;
    return error;
}

/* --- for the probe -------------------------------------------------------------------------- */

static const char *tell(int error)
{
    switch (-error) {
    case 0: return NULL;
    case ENODEV: return _("no control groups are mounted here");
    case EROFS: return _("the control groups are read-only here, as in most containers");
    case ENOTSUP: return _("the kernel gives this controller to no group that the grader can use");
    case EACCES:
    case EPERM:
        return _("this user may not make control groups here; start the grader with systemd-run "
                 "--user --scope -p Delegate=yes");
    case EBUSY:
        return _("other processes share the grader's control group; start it with systemd-run "
                 "--user --scope -p Delegate=yes");
    default: return strerror(-error);
    }
}

void cgroup_find(struct sandbox_support *support)
{
    struct sandbox_cgroup *cgroup = &support->cgroup;
    const char *refuse = getenv("SOCKLAB_TEST_REFUSE");
    bool refused = refuse && list_has(refuse, "cgroup");
    int error[2] = {0, 0};
    int why = refused ? -EROFS : find_unified(cgroup);

    if (why == 0)
        for (size_t i = 0; i < 2; i++)
            error[i] = (i == MEMORY ? cgroup->memory : cgroup->pids)[0] ? 0 : -ENOTSUP;
    else
        error[MEMORY] = error[PIDS] = why;
    /* Where one of them is on version 1, that is where it is to be had. */
    if (error[MEMORY] != 0 && !refused) {
        struct sandbox_cgroup old = {0};
        int memory = find_old("memory", old.memory), some = find_old("pids", old.pids);
        if (memory != -ENODEV || some != -ENODEV) {
            cgroup_forget(support);
            *cgroup = old;
            error[MEMORY] = memory;
            error[PIDS] = some;
        }
    }
    if (cgroup->memory[0])
        sweep(cgroup->memory);
    if (cgroup->pids[0] && strcmp(cgroup->pids, cgroup->memory) != 0)
        sweep(cgroup->pids);
    if (cgroup->memory[0] || cgroup->pids[0]) {
        int failed = try_all(support);
        for (size_t i = 0; failed && i < 2; i++)
            error[i] = failed;
        if (failed)
            cgroup_forget(support);
    }
    protection_set(support->protection, SANDBOX_CGROUP_MEMORY, tell(error[MEMORY]));
    protection_set(support->protection, SANDBOX_CGROUP_PIDS, tell(error[PIDS]));
}

void cgroup_forget(struct sandbox_support *support)
{
    struct sandbox_cgroup *cgroup = &support->cgroup;
    char leaf[CGROUP_PATH_MAX];

    if (cgroup->left[0]) {
        /* The grader goes back, in the order that the kernel asks for. */
        (void)cgroup_write(cgroup->left, "cgroup.subtree_control", "-memory");
        (void)cgroup_write(cgroup->left, "cgroup.subtree_control", "-pids");
        (void)cgroup_write(cgroup->left, "cgroup.procs", "0");
        snprintf(leaf, sizeof leaf, "%s/" LEAF, cgroup->left);
        (void)rmdir(leaf);
    }
    memset(cgroup, 0, sizeof *cgroup);
}
