/**
 * @file survey.h
 * What can be seen of this machine without changing it: settings, versions, limits. What they lead
 * to is found by trying (sandbox_probe()); these say why, and what would help.
 */
#ifndef SOCKLAB_SANDBOX_SURVEY_H
#define SOCKLAB_SANDBOX_SURVEY_H

#include "core/core.h"

enum sandbox_groups { GROUPS_NONE, GROUPS_READ_ONLY, GROUPS_WRITABLE };
enum sandbox_home { HOME_MACHINE, HOME_DOCKER, HOME_PODMAN, HOME_CONTAINER, HOME_WSL1, HOME_WSL2 };

/** Numbers are -1 where the kernel has no such setting. */
struct sandbox_survey {
    enum sandbox_home home;
    bool root;                  /**< effective uid 0 */
    bool systemd;               /**< it runs this machine: groups can be delegated */
    bool apt;                   /**< packages come by apt-get */
    char release[64];           /**< of the kernel: "6.1.0-18-amd64" */
    int version[2];             /**< its first two numbers */
    char system[96];            /**< os-release(5), PRETTY_NAME; "" if unknown */
    bool bubblewrap;            /**< is installed */
    bool traced;                /**< somebody follows the grader itself with ptrace(2) */
    bool filtered;              /**< somebody has put a seccomp filter on the grader */
    char profile[96];           /**< the grader's AppArmor profile; "" for none */
    bool proc_covered;          /**< something is mounted over parts of /proc */
    enum sandbox_groups groups; /**< how control groups are mounted */
    bool unified;               /**< ... as version 2 */
    long userns_clone;          /**< kernel.unprivileged_userns_clone (Debian's and others' own) */
    long apparmor;              /**< kernel.apparmor_restrict_unprivileged_userns (Ubuntu's own) */
    long yama;                  /**< kernel.yama.ptrace_scope */
    const char *closed;         /**< a setting user.max_..._namespaces that is 0; NULL: none */
    int landlock;               /**< the kernel's Landlock ABI, from 1; or -errno */
    long processes;             /**< that this user may still start (RLIMIT_NPROC); -1: no limit */
    char temporary[128];        /**< where temporary files go without namespaces */
    int temporary_error;        /**< 0: a file of 1 MiB could be written there; or -errno */
    long temporary_free;        /**< MiB that are free there; -1: unknown */
};

/** Blocks for a few milliseconds. The file that it writes is gone afterwards. */
void sandbox_survey(struct sandbox_survey *survey);

#endif
