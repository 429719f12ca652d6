/**
 * @file protection.c
 * Which walls stand on this machine, one row each, for `socklab doctor` and the report.
 *
 * Decided once, when the machine is probed, like the level. A wall that cannot be had says why, in
 * words for the person who could change it.
 */
#include "sandbox/internal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const ids[SANDBOX_PROTECTIONS] = {
    [SANDBOX_USER_NAMESPACE] = "user-namespace",
    [SANDBOX_PID_NAMESPACE] = "pid-namespace",
    [SANDBOX_MOUNT_NAMESPACE] = "mount-namespace",
    [SANDBOX_NETWORK_NAMESPACE] = "network-namespace",
    [SANDBOX_IPC_NAMESPACE] = "ipc-namespace",
    [SANDBOX_UTS_NAMESPACE] = "uts-namespace",
    [SANDBOX_SECCOMP] = "seccomp",
    [SANDBOX_LANDLOCK] = "landlock",
    [SANDBOX_CGROUP_MEMORY] = "cgroup-memory",
    [SANDBOX_CGROUP_PIDS] = "cgroup-pids",
    [SANDBOX_RLIMITS] = "rlimits",
    [SANDBOX_TMPFS_LIMIT] = "tmpfs-limit",
    [SANDBOX_NO_NEW_PRIVS] = "no-new-privs",
    [SANDBOX_UNPRIVILEGED_USER] = "unprivileged-user",
};

static const enum sandbox_protection_name of_a_full_sandbox[] = {
    SANDBOX_USER_NAMESPACE, SANDBOX_PID_NAMESPACE, SANDBOX_MOUNT_NAMESPACE,
    SANDBOX_NETWORK_NAMESPACE, SANDBOX_IPC_NAMESPACE, SANDBOX_UTS_NAMESPACE,
    SANDBOX_TMPFS_LIMIT,
};

void protection_set(struct sandbox_protection *rows, enum sandbox_protection_name name,
                    const char *reason)
{
    rows[name].on = !reason;
    snprintf(rows[name].reason, sizeof rows[name].reason, "%s", reason ? reason : "");
}

/* Why this machine has no namespaces: what was found missing, or that nobody asked for them. */
static const char *why_not_full(const struct sandbox_support *support)
{
    if (support->level == SANDBOX_LEVEL_FULL)
        return NULL;
    if (support->level == SANDBOX_LEVEL_OFF)
        return _("switched off by --sandbox off");
    return support->missing_count > 0 ? support->missing[0] : _("the kernel refuses it");
}

void protection_fill(struct sandbox_support *support)
{
    struct sandbox_protection *rows = support->protection;
    struct sandbox someone = {.level = support->level};

    for (size_t i = 0; i < SANDBOX_PROTECTIONS; i++)
        rows[i].id = ids[i];
    for (size_t i = 0; i < sizeof of_a_full_sandbox / sizeof *of_a_full_sandbox; i++)
        protection_set(rows, of_a_full_sandbox[i], why_not_full(support));
    /* No run starts without these, whatever the level. */
    protection_set(rows, SANDBOX_SECCOMP, NULL);
    protection_set(rows, SANDBOX_RLIMITS, NULL);
    protection_set(rows, SANDBOX_NO_NEW_PRIVS, NULL);
    protection_set(rows, SANDBOX_LANDLOCK, landlock_why_not());
    cgroup_find(support);
    credential_choose(&someone);
    protection_set(rows, SANDBOX_UNPRIVILEGED_USER,
                   someone.host_uid == 0
                       ? _("this root knows no other user: its user namespace maps only one")
                       : NULL);
}

const struct sandbox_protection *sandbox_protections(const struct sandbox *sandbox)
{
    return sandbox->protection;
}

const struct sandbox_protection *sandbox_support_protections(const struct sandbox_support *support)
{
    return support->protection;
}
