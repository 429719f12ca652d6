/**
 * @file survey.c
 * What can be seen of this machine: one reader for each kind of fact, no conclusions.
 */
#include "sandbox/internal.h"
#include "sandbox/survey.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

enum { TRIAL_SIZE = 1 << 20 };

/* A number in /proc/sys; -1 if there is no such setting. */
static long read_setting(const char *path)
{
    struct buf text = {.limit = 64};
    long value = -1;

    if (file_read(path, &text) == 0)
        value = strtol(buf_text(&text), NULL, 10);
    buf_free(&text);
    return value;
}

/* The first line of a file that begins with @p key, from behind it; without its newline. */
static bool read_line(const char *path, const char *key, char *value, size_t size)
{
    FILE *file = fopen(path, "re");
    char line[4096];
    bool found = false;

    while (file && !found && fgets(line, sizeof line, file)) {
        found = strncmp(line, key, strlen(key)) == 0;
        line[strcspn(line, "\n")] = '\0';
        if (found)
            snprintf(value, size, "%s", line + strlen(key));
    }
    if (file)
        fclose(file);
    return found;
}

static enum sandbox_home find_home(const char *release)
{
    char word[64];

    if (access("/.dockerenv", F_OK) == 0)
        return HOME_DOCKER;
    if (access("/run/.containerenv", F_OK) == 0)
        return HOME_PODMAN;
    /* systemd's container interface; LXC and nspawn write it too. */
    if (read_line("/run/systemd/container", "", word, sizeof word))
        return strcmp(word, "wsl") == 0 ? HOME_WSL2 : HOME_CONTAINER;
    /* WSL 1 says "4.4.0-19041-Microsoft", WSL 2 "...-microsoft-standard-WSL2". */
    if (strstr(release, "-Microsoft"))
        return HOME_WSL1;
    return strcasestr(release, "microsoft") ? HOME_WSL2 : HOME_MACHINE;
}

static void read_system(struct sandbox_survey *s)
{
    struct utsname name;
    char quoted[sizeof s->system] = "";

    if (uname(&name) == 0) {
        snprintf(s->release, sizeof s->release, "%.63s", name.release);
        (void)sscanf(name.release, "%d.%d", &s->version[0], &s->version[1]);
    }
    if (read_line("/etc/os-release", "PRETTY_NAME=", quoted, sizeof quoted)) {
        size_t quote = quoted[0] == '"';
        quoted[strcspn(quoted + quote, "\"") + quote] = '\0';
        snprintf(s->system, sizeof s->system, "%s", quoted + quote);
    }
    s->home = find_home(s->release);
    s->root = geteuid() == 0;
    s->systemd = access("/run/systemd/system", F_OK) == 0;
    s->apt = access("/usr/bin/apt-get", X_OK) == 0;
    s->bubblewrap = bwrap_path() != NULL;
}

static void read_confinement(struct sandbox_survey *s)
{
    char text[16], line[4096];
    FILE *file = fopen("/proc/self/mountinfo", "re");

    s->traced = read_line("/proc/self/status", "TracerPid:\t", text, sizeof text) && text[0] != '0';
    /* proc(5): 2 is a filter, 1 the strict mode. */
    s->filtered = read_line("/proc/self/status", "Seccomp:\t", text, sizeof text) && text[0] != '0';
    if (!read_line("/proc/self/attr/apparmor/current", "", s->profile, sizeof s->profile))
        (void)read_line("/proc/self/attr/current", "", s->profile, sizeof s->profile);
    while (file && !s->proc_covered && fgets(line, sizeof line, file)) {
        char point[256] = "";
        if (sscanf(line, "%*s %*s %*s %*s %255s", point) == 1)
            s->proc_covered =
                strncmp(point, "/proc/", 6) == 0 && strcmp(point, "/proc/sys/fs/binfmt_misc") != 0;
    }
    if (file)
        fclose(file);
}

static void read_groups(struct sandbox_survey *s)
{
    static const char point[] = "/sys/fs/cgroup";
    struct statvfs fs;

    s->unified = access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0;
    /* An empty directory of sysfs: the mount point, with nothing there (cgroups(7)). */
    if (!s->unified && access("/sys/fs/cgroup/memory", F_OK) != 0 &&
        access("/sys/fs/cgroup/pids", F_OK) != 0)
        s->groups = GROUPS_NONE;
    else if (statvfs(s->unified ? point : "/sys/fs/cgroup/memory", &fs) == 0 &&
             (fs.f_flag & ST_RDONLY))
        s->groups = GROUPS_READ_ONLY;
    else
        s->groups = GROUPS_WRITABLE;
}

static void read_settings(struct sandbox_survey *s)
{
    static const char *const closing[] = {
        "user.max_user_namespaces", "user.max_mnt_namespaces", "user.max_pid_namespaces",
        "user.max_net_namespaces",  "user.max_ipc_namespaces", "user.max_uts_namespaces",
    };

    s->userns_clone = read_setting("/proc/sys/kernel/unprivileged_userns_clone");
    s->apparmor = read_setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns");
    s->yama = read_setting("/proc/sys/kernel/yama/ptrace_scope");
    for (size_t i = 0; !s->closed && i < sizeof closing / sizeof *closing; i++) {
        char path[64];
        snprintf(path, sizeof path, "/proc/sys/user/%s", closing[i] + strlen("user."));
        if (read_setting(path) == 0)
            s->closed = closing[i];
    }
    /* LANDLOCK_CREATE_RULESET_VERSION asks for the ABI and makes nothing (landlock(7)). */
    long abi = syscall(444 /* landlock_create_ruleset, Linux 5.13 */, NULL, 0UL, 1U);
    s->landlock = abi < 0 ? -errno : (int)abi;
}

static void read_limits(struct sandbox_survey *s)
{
    struct rlimit limit;

    s->processes = -1;
    /* Root is not held to it (setrlimit(2)). */
    if (s->root || getrlimit(RLIMIT_NPROC, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return;
    rlim_t others = credential_count_processes();
    s->processes = limit.rlim_cur > others ? (long)(limit.rlim_cur - others) : 0;
}

/* An unlinked file of 1 MiB, written and not only promised. */
static int try_writing(const char *directory)
{
    char *bytes;
    int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    int error;

    if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {
        char *path = xasprintf("%s/socklab-XXXXXX", directory);
        fd = mkostemp(path, O_CLOEXEC);
        error = fd < 0 ? -errno : 0;
        if (fd >= 0)
            (void)unlink(path);
        free(path);
        if (error)
            return error;
    }
    if (fd < 0)
        return -errno;
    bytes = xcalloc(1, TRIAL_SIZE);
    error = fd_write_all(fd, bytes, TRIAL_SIZE);
    free(bytes);
    close(fd);
    return error;
}

static void read_temporary(struct sandbox_survey *s)
{
    const char *directory = getenv("TMPDIR");
    struct statvfs fs;

    if (!directory || directory[0] != '/' || strlen(directory) >= sizeof s->temporary)
        directory = "/tmp";
    snprintf(s->temporary, sizeof s->temporary, "%s", directory);
    s->temporary_error = try_writing(directory);
    s->temporary_free = -1;
    if (statvfs(directory, &fs) == 0)
        s->temporary_free = (long)((unsigned long long)fs.f_bavail * fs.f_frsize >> 20);
}

void sandbox_survey(struct sandbox_survey *survey)
{
    memset(survey, 0, sizeof *survey);
    read_system(survey);
    read_confinement(survey);
    read_groups(survey);
    read_settings(survey);
    read_limits(survey);
    read_temporary(survey);
}
