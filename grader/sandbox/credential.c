/**
 * @file credential.c
 * Whom a room's programs are on the host, and how root is put down for good.
 *
 * A uid of its own for each room, because the kernel counts processes, keys, inotify watches and
 * namespaces by user: rooms side by side must not use up each other's share.
 */
#include "sandbox/internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Above what adduser, containers and systemd hand out (systemd's UIDS-GIDS table: unused up to
 * 2147352575). Sixteen for each pid there can be (PID_MAX_LIMIT): no two rooms share one. */
enum { SANDBOX_UID_FIRST = 1900000000, UIDS_OF_A_GRADER = 16 };
/* Where only 65536 ids are mapped, as in many containers: above 60513, below nobody. */
enum { SMALL_UID_FIRST = 60600, SMALL_UID_COUNT = 4000, NOBODY = 65534 };

/* Whether this user namespace knows the id (user_namespaces(7), /proc/PID/uid_map). */
static bool is_mapped(const char *map, unsigned long id)
{
    FILE *file = fopen(map, "re");
    unsigned long inside, outside, count;
    bool found = false;

    if (!file)
        return false;
    while (!found && fscanf(file, "%lu %lu %lu", &inside, &outside, &count) == 3)
        found = id >= inside && id - inside < count;
    fclose(file);
    return found;
}

void credential_choose(struct sandbox *sandbox)
{
    static unsigned rooms; /* of this grader so far */
    unsigned slot = (unsigned)getpid() * UIDS_OF_A_GRADER + rooms++ % UIDS_OF_A_GRADER;
    const uid_t candidates[] = {SANDBOX_UID_FIRST + slot, SMALL_UID_FIRST + slot % SMALL_UID_COUNT,
                                NOBODY};

    sandbox->host_uid = geteuid();
    sandbox->host_gid = getegid();
    if (geteuid() != 0)
        return;
    for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++) {
        if (is_mapped("/proc/self/uid_map", candidates[i]) &&
            is_mapped("/proc/self/gid_map", candidates[i])) {
            sandbox->host_uid = candidates[i];
            sandbox->host_gid = candidates[i];
            return;
        }
    }
    /* A root that is nobody else's uid at all is no root of the host: it is treated as a user. */
}

static int write_proc(pid_t pid, const char *name, const char *text)
{
    char path[64];
    int error = 0;

    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    /* The kernel takes a map in one write only. */
    if (write(fd, text, strlen(text)) < 0)
        error = -errno;
    close(fd);
    return error;
}

int credential_map(const struct sandbox *sandbox, pid_t child)
{
    char map[64];
    int error;

    /* Without privilege a gid can be mapped only once setgroups(2) is off for good: else a program
     * could shed a group that a file's mode forbids something to (user_namespaces(7)). */
    if (sandbox->host_gid == getegid()) {
        error = write_proc(child, "setgroups", "deny");
        if (error)
            return error;
    }
    snprintf(map, sizeof map, "0 %u 1", sandbox->host_uid);
    error = write_proc(child, "uid_map", map);
    if (error)
        return error;
    snprintf(map, sizeof map, "0 %u 1", sandbox->host_gid);
    return write_proc(child, "gid_map", map);
}

int credential_become(uid_t uid, gid_t gid)
{
    /* Groups first: once the uid is gone, so is the right to change them. */
    if (setgroups(0, NULL) != 0 || setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0)
        return -errno;
    return 0;
}

int credential_strip(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3];

    /* Root that has no other uid to become: execve(2) would give it every capability again. */
    if (geteuid() == 0 &&
        prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NOROOT_LOCKED, 0, 0, 0) != 0 &&
        errno != EPERM)
        return -errno;
    memset(none, 0, sizeof none);
    return syscall(SYS_capset, &header, none) == 0 ? 0 : -errno;
}

int credential_reduce(void)
{
    /* What each run costs: namespaces and mounts; a map of bubblewrap's that names the room's root
     * (Linux 5.12 asks for the right to set file capabilities); ports below 1024 for peers. */
    static const int kept[] = {CAP_SYS_ADMIN, CAP_SETFCAP, CAP_NET_BIND_SERVICE};
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];
    uint64_t mask = 0;

    memset(sets, 0, sizeof sets);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        mask |= UINT64_C(1) << kept[i];
    /* The bounding set first: it takes CAP_SETPCAP, and would give root everything at execve(2). */
    for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++) {
        if (!(mask >> cap & 1) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) != 0)
            return -errno;
    }
    for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
        sets[i].effective = sets[i].permitted = (uint32_t)(mask >> (32 * i));
    if (syscall(SYS_capset, &header, sets) != 0)
        return -errno;
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? 0 : -errno;
}

/* Threads of one process if it is this user's; 0 if not, or if it has ended meanwhile. */
static unsigned count_threads(int proc, const char *pid)
{
    char path[300];
    struct stat st;
    char *line = NULL;
    size_t size = 0;
    unsigned threads = 0;

    if (fstatat(proc, pid, &st, 0) != 0 || st.st_uid != geteuid())
        return 0;
    snprintf(path, sizeof path, "/proc/%s/status", pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return 0;
    while (threads == 0 && getline(&line, &size, file) > 0) {
        if (sscanf(line, "Threads: %u", &threads) != 1)
            threads = 0;
    }
    free(line);
    fclose(file);
    return threads;
}

unsigned credential_count_processes(void)
{
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    unsigned count = 0;

    if (!proc)
        return 0;
    while ((entry = readdir(proc))) {
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
            count += count_threads(dirfd(proc), entry->d_name);
    }
    closedir(proc);
    return count;
}
