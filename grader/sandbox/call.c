/**
 * @file call.c
 * Which system calls a program may make: every call of Linux 6.19 is in one group, and
 * each group says why it is allowed or refused. What is in none gets
 * ENOSYS, as on an older kernel, so that a C library falls back.
 *
 * How it is known that no right program meets a refusal:
 *
 *   - The groups allowed are whole families of POSIX and of the usual Linux extensions (files,
 *     memory, signals, processes, threads, time, sockets, waiting), never single calls that somebody
 *     happened to see. tests/tracees/calls.c makes each call that a solution of the fourteen labs
 *     could need, one after the other, and tests/unit/test_call.c wants all of them to succeed.
 *   - tests/run-zoo.sh grades every solution and every right program with a filter that kills in place of
 *     refusing (SOCKLAB_TEST_CALLS=kill), tests/calls.sh the solutions with clang: compilers, linkers, sanitizers,
 *     curl and the programs themselves run to full marks, so they made no call that is not allowed.
 *     Only the groups marked `tried` are refused there as always: right programs try them and go on.
 *   - test_call.c reads the names in the C library's header: each must be in exactly one group. A
 *     call of a later kernel makes that test fail until somebody has read about it.
 *
 * Conditions on arguments (socket, clone, prctl, ioctl) are in filter.c.
 */
#include "sandbox/internal.h"

#include <errno.h>

#define NAMES(...)                                                                                 \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }

static const struct call_group groups[] = {
    /* --- allowed ------------------------------------------------------------------------- */
    {.answer = CALL_ALLOWED,
     .reason = "files: reading, writing, moving bytes",
     .names = NAMES("open", "openat", "openat2", "creat", "close", "close_range", "read", "write",
                    "readv", "writev", "pread64", "pwrite64", "preadv", "pwritev", "preadv2",
                    "pwritev2", "lseek", "_llseek", "dup", "dup2", "dup3", "fcntl", "fcntl64",
                    "flock", "ioctl", "pipe", "pipe2", "sendfile", "sendfile64", "splice", "tee",
                    "vmsplice", "copy_file_range", "fsync", "fdatasync", "sync_file_range",
                    "readahead", "fadvise64", "fallocate", "truncate", "ftruncate", "memfd_create")},
    {.answer = CALL_ALLOWED,
     .reason = "files: names, directories, attributes; where, the mounts and Landlock decide",
     .names = NAMES("stat", "fstat", "lstat", "newfstatat", "fstatat64", "statx", "statfs",
                    "fstatfs", "access", "faccessat", "faccessat2", "getcwd", "chdir", "fchdir",
                    "getdents", "getdents64", "mkdir", "mkdirat", "rmdir", "link", "linkat",
                    "unlink", "unlinkat", "symlink", "symlinkat", "readlink", "readlinkat", "rename",
                    "renameat", "renameat2", "chmod", "fchmod", "fchmodat", "fchmodat2", "chown",
                    "fchown", "lchown", "fchownat", "umask", "mknod", "mknodat", "utime", "utimes",
                    "utimensat", "futimesat", "getxattr", "lgetxattr", "fgetxattr", "listxattr",
                    "llistxattr", "flistxattr", "inotify_init", "inotify_init1",
                    "inotify_add_watch", "inotify_rm_watch")},
    {.answer = CALL_ALLOWED,
     .reason = "memory of one's own",
     .names = NAMES("brk", "mmap", "mmap2", "munmap", "mremap", "mprotect", "madvise", "msync",
                    "mincore", "mlock", "mlock2", "mlockall", "munlock", "munlockall", "membarrier",
                    "mseal", "map_shadow_stack")},
    {.answer = CALL_ALLOWED,
     .reason = "signals",
     .names = NAMES("rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigpending",
                    "rt_sigtimedwait", "rt_sigsuspend", "rt_sigqueueinfo", "rt_tgsigqueueinfo",
                    "sigaltstack", "kill", "tkill", "tgkill", "pidfd_open", "pidfd_send_signal",
                    "signalfd", "signalfd4", "pause", "restart_syscall")},
    {.answer = CALL_ALLOWED,
     .reason = "processes, groups and sessions; new namespaces see filter.c",
     .names = NAMES("fork", "vfork", "clone", "execve", "execveat", "exit", "exit_group", "wait4",
                    "waitid", "getpid", "getppid", "gettid", "getpgid", "getpgrp", "setpgid",
                    "getsid", "setsid", "prctl", "arch_prctl", "personality", "uname", "sysinfo",
                    "times", "getrusage")},
    {.answer = CALL_ALLOWED,
     .reason = "who one is: there is nobody else to become, a daemon may try",
     .names = NAMES("getuid", "geteuid", "getgid", "getegid", "getresuid", "getresgid", "getgroups",
                    "setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid",
                    "setgroups", "setfsuid", "setfsgid", "capget", "capset")},
    {.answer = CALL_ALLOWED,
     .reason = "limits and scheduling: of one's own, and never above what the sandbox has set",
     .names = NAMES("getrlimit", "setrlimit", "prlimit64", "getpriority", "setpriority",
                    "ioprio_get", "ioprio_set", "sched_yield", "sched_getaffinity",
                    "sched_setaffinity", "sched_getparam", "sched_setparam", "sched_getscheduler",
                    "sched_setscheduler", "sched_getattr", "sched_setattr",
                    "sched_get_priority_max", "sched_get_priority_min", "sched_rr_get_interval",
                    "getcpu")},
    {.answer = CALL_ALLOWED,
     .reason = "threads, as the C library makes them",
     .names = NAMES("futex", "futex_waitv", "futex_wake", "futex_wait", "futex_requeue",
                    "set_robust_list", "get_robust_list", "set_tid_address", "rseq",
                    "rseq_slice_yield")},
    {.answer = CALL_ALLOWED,
     .reason = "time, timers and chance",
     .names = NAMES("time", "gettimeofday", "clock_gettime", "clock_getres", "clock_nanosleep",
                    "nanosleep", "alarm", "getitimer", "setitimer", "timer_create", "timer_settime",
                    "timer_gettime", "timer_getoverrun", "timer_delete", "timerfd_create",
                    "timerfd_settime", "timerfd_gettime", "getrandom")},
    {.answer = CALL_ALLOWED,
     .reason = "sockets; which families and types see filter.c",
     .names = NAMES("socket", "socketpair", "bind", "listen", "accept", "accept4", "connect",
                    "getsockname", "getpeername", "getsockopt", "setsockopt", "shutdown", "sendto",
                    "recvfrom", "sendmsg", "recvmsg", "sendmmsg", "recvmmsg")},
    {.answer = CALL_ALLOWED,
     .reason = "waiting for several things at once",
     .names = NAMES("select", "_newselect", "pselect6", "poll", "ppoll", "epoll_create",
                    "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2",
                    "eventfd", "eventfd2")},
    {.answer = CALL_ALLOWED,
     .reason = "taking rights from oneself: only ever less",
     .names = NAMES("landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self")},

    /* --- refused ------------------------------------------------------------------------- */
    {.answer = ENOSYS,
     .tried = true,
     .reason = "its flags are in memory, where a filter cannot look; glibc falls back to clone(2)",
     .names = NAMES("clone3")},
    {.answer = EPERM,
     .leak_check = true,
     .reason = "one process has one tracer; LeakSanitizer stops the program with it, in runs that "
               "the grader does not trace",
     .names = NAMES("ptrace")},
    {.answer = EPERM,
     .reason = "would blind the tracer: a page served by userfaultfd(2) hangs whoever reads it, a "
               "filter with USER_NOTIF outranks TRACE; or reaches into other processes",
     .names = NAMES("userfaultfd", "seccomp", "process_vm_readv", "process_vm_writev",
                    "process_madvise", "process_mrelease", "pidfd_getfd", "kcmp", "uretprobe",
                    "uprobe")},
    {.answer = ENOSYS,
     .reason = "memory that cannot be read from outside",
     .names = NAMES("memfd_secret")},
    {.answer = ENOSYS,
     .reason = "reading and writing done by the kernel on a program's behalf, past the filter",
     .names = NAMES("io_uring_setup", "io_uring_enter", "io_uring_register", "io_setup",
                    "io_submit", "io_destroy", "io_cancel", "io_getevents", "io_pgetevents")},
    {.answer = EPERM,
     .reason = "new namespaces give back the capabilities that were taken",
     .names = NAMES("unshare", "setns")},
    {.answer = EPERM,
     .reason = "mounts and roots: what the sandbox shows is what there is",
     .names = NAMES("mount", "umount", "umount2", "pivot_root", "chroot", "open_tree",
                    "open_tree_attr", "move_mount", "mount_setattr", "fsopen", "fsconfig",
                    "fsmount", "fspick", "statmount", "listmount", "listns")},
    {.answer = EPERM,
     .reason = "files by handle: past the directories that hide them (name_to_handle_at(2))",
     .names = NAMES("open_by_handle_at", "name_to_handle_at")},
    {.answer = ENOSYS,
     .reason = "IPC without descriptors: outlives its processes, and where there is no IPC "
               "namespace other users' processes meet it",
     .names = NAMES("shmget", "shmat", "shmdt", "shmctl", "semget", "semop", "semtimedop",
                    "semctl", "msgget", "msgsnd", "msgrcv", "msgctl", "ipc", "mq_open",
                    "mq_unlink", "mq_timedsend", "mq_timedreceive", "mq_notify",
                    "mq_getsetattr")},
    {.answer = EPERM,
     .reason = "large parts of the kernel that no lab needs, each with a history of holes",
     .names = NAMES("bpf", "perf_event_open", "fanotify_init", "fanotify_mark", "modify_ldt",
                    "lookup_dcookie", "uselib", "ustat", "sysfs", "_sysctl", "nfsservctl", "vm86",
                    "vm86old", "iopl", "ioperm")},
    {.answer = ENOSYS,
     .reason = "where memory lies, what the page cache holds: nothing of a program's own to win",
     .names = NAMES("mbind", "set_mempolicy", "get_mempolicy", "set_mempolicy_home_node",
                    "migrate_pages", "move_pages", "remap_file_pages", "cachestat", "pkey_alloc",
                    "pkey_free", "pkey_mprotect", "set_thread_area", "get_thread_area")},
    {.answer = EOPNOTSUPP,
     .reason = "attributes beside a file take memory that no size limit counts on older kernels; "
               "many file systems have none",
     .names = NAMES("setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr",
                    "fremovexattr")},
    {.answer = ENOSYS,
     .reason = "newer than most kernels: libraries use what was there before",
     .names = NAMES("getxattrat", "setxattrat", "listxattrat", "removexattrat", "file_getattr",
                    "file_setattr", "lsm_get_self_attr", "lsm_set_self_attr", "lsm_list_modules")},
    {.answer = EPERM,
     .reason = "keys belong to the user, not to the run: they would outlive it",
     .names = NAMES("add_key", "request_key", "keyctl")},
    {.answer = EPERM,
     .reason = "the whole machine's business",
     .names = NAMES("kexec_load", "kexec_file_load", "init_module", "finit_module",
                    "create_module", "delete_module", "query_module", "get_kernel_syms", "reboot",
                    "swapon", "swapoff", "acct", "quotactl", "quotactl_fd", "syslog", "vhangup",
                    "sethostname", "setdomainname", "settimeofday", "stime", "clock_settime",
                    "clock_settime64", "adjtimex", "clock_adjtime", "clock_adjtime64")},
    {.answer = CALL_IDLE,
     .tried = true,
     .reason = "would write out all disks of the machine; a run's files are in memory, there is "
               "nothing to do for them",
     .names = NAMES("sync", "syncfs")},
    {.answer = ENOSYS,
     .reason = "in the header and in no kernel",
     .names = NAMES("afs_syscall", "epoll_ctl_old", "epoll_wait_old", "getpmsg", "putpmsg",
                    "security", "tuxcall", "vserver")},
};

const struct call_group *call_groups(size_t *count)
{
    *count = sizeof groups / sizeof *groups;
    return groups;
}
