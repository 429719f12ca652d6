/**
 * @file filter.c
 * Two seccomp filters (seccomp(2)): what is denied to every program, and what the tracer wants to
 * see.
 *
 * They are two because the kernel already knows how to combine filters: of several answers it
 * takes ERRNO before TRACE before ALLOW. One filter would have to say for each argument condition
 * of socket(2) or clone(2) what the other half of the calls gets.
 *
 * What is denied has one of these reasons: it would blind the tracer, it would reach out of the
 * sandbox, or it opens parts of the kernel that no lab needs. The default is to allow: a right
 * program written in an unusual way must run.
 */
#include "sandbox/internal.h"

#include <asm/ioctls.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/prctl.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define DENY(code) SCMP_ACT_ERRNO(code)

/* The last call of Linux 6.18 is 469 (file_setattr). What a later kernel adds nobody here has read
 * about: ENOSYS, as on an older kernel, and libc falls back. 512 on are x32's. */
enum { FIRST_UNREAD_CALL = 470, LAST_UNREAD_CALL = 511 };

/* Calls denied whatever their arguments; each row ends with a null name. */
static const struct deny_row {
    int error;
    const char *const *names;
} deny_rows[] = {
    /* Would blind the tracer: one process has one tracer; a page served by userfaultfd(2) hangs
     * whoever reads it; a filter of its own with USER_NOTIF outranks TRACE. Secret memory cannot be
     * read from outside. */
    {EPERM, (const char *const[]){"userfaultfd", "seccomp", "process_vm_readv", "process_vm_writev",
                                  "process_madvise", "pidfd_getfd", "kcmp", NULL}},
    {ENOSYS, (const char *const[]){"memfd_secret", NULL}},
    /* Reading and writing done by the kernel on a program's behalf, past the filter. */
    {ENOSYS, (const char *const[]){"io_uring_setup", "io_uring_enter", "io_uring_register",
                                   "io_setup", "io_submit", "io_destroy", "io_cancel",
                                   "io_getevents", "io_pgetevents", NULL}},
    /* Its flags are in memory, where a filter cannot look; glibc falls back to clone(2). */
    {ENOSYS, (const char *const[]){"clone3", NULL}},
    /* New namespaces give back the capabilities that were taken. */
    {EPERM, (const char *const[]){"unshare", "setns", NULL}},
    /* Mounts and roots: what the sandbox shows is what there is. */
    {EPERM, (const char *const[]){"mount", "umount", "umount2", "pivot_root", "chroot", "open_tree",
                                  "open_tree_attr", "move_mount", "mount_setattr", "fsopen",
                                  "fsconfig", "fsmount", "fspick", NULL}},
    /* Files by handle: past the directories that hide them (name_to_handle_at(2)). */
    {EPERM, (const char *const[]){"open_by_handle_at", "name_to_handle_at", NULL}},
    /* Large parts of the kernel that no lab needs, each with a history of holes. */
    {EPERM,
     (const char *const[]){"bpf", "perf_event_open", "fanotify_init", "fanotify_mark", "modify_ldt",
                           "lookup_dcookie", "uselib", "ustat", "sysfs", "_sysctl", "nfsservctl",
                           "vm86", "vm86old", "iopl", "ioperm", NULL}},
    /* Keys belong to the user, not to the run: they would outlive it. */
    {EPERM, (const char *const[]){"add_key", "request_key", "keyctl", NULL}},
    /* The whole machine's business. */
    {EPERM,
     (const char *const[]){"kexec_load",    "kexec_file_load", "init_module",     "finit_module",
                           "create_module", "delete_module",   "query_module",    "get_kernel_syms",
                           "reboot",        "swapon",          "swapoff",         "acct",
                           "quotactl",      "quotactl_fd",     "syslog",          "vhangup",
                           "settimeofday",  "stime",           "clock_settime",   "clock_settime64",
                           "adjtimex",      "clock_adjtime",   "clock_adjtime64", NULL}},
};

/* Low 32 bits only: the kernel takes an int, and the register's other half may hold anything. */
#define EQUALS(argument, value)                                                                    \
    SCMP_CMP(argument, SCMP_CMP_MASKED_EQ, 0xffffffffU, (uint32_t)(value))
#define HAS_FLAG(argument, flag) SCMP_CMP(argument, SCMP_CMP_MASKED_EQ, (flag), (flag))

/* Calls denied for some arguments: all conditions of a row must hold. */
static const struct deny_case {
    const char *name;
    int error; /* 0: the call seems to succeed */
    unsigned count;
    struct scmp_arg_cmp when[2];
} deny_cases[] = {
    /* New namespaces, as unshare above. 0x80 is CLONE_NEWTIME. */
    {"clone", EPERM, 1, {HAS_FLAG(0, CLONE_NEWUSER)}},
    {"clone", EPERM, 1, {HAS_FLAG(0, CLONE_NEWNS)}},
    {"clone", EPERM, 1, {HAS_FLAG(0, CLONE_NEWPID)}},
    {"clone", EPERM, 1, {HAS_FLAG(0, CLONE_NEWNET)}},
    {"clone", EPERM, 1, {HAS_FLAG(0, CLONE_NEWIPC)}},
    {"clone", EPERM, 1, {HAS_FLAG(0, CLONE_NEWUTS)}},
    {"clone", EPERM, 1, {HAS_FLAG(0, CLONE_NEWCGROUP)}},
    /* As the seccomp call above. */
    {"prctl", EPERM, 1, {EQUALS(0, PR_SET_SECCOMP)}},
    /* A process that is not dumpable cannot be read by a tracer without privilege. It may believe
       that it is not. */
    {"prctl", 0, 1, {EQUALS(0, PR_SET_DUMPABLE)}},
    {"prctl", EPERM, 1, {EQUALS(0, PR_SET_PTRACER)}},
    /* Moves what /proc says of the program's memory; dispatches calls before they become calls. */
    {"prctl", EPERM, 1, {EQUALS(0, PR_SET_MM)}},
    {"prctl", EPERM, 1, {EQUALS(0, 59 /* PR_SET_SYSCALL_USER_DISPATCH, Linux 5.11 */)}},
    /* Other kernels' habits (READ_IMPLIES_EXEC, 32-bit layout); asking is allowed. */
    {"personality", EPERM, 1, {SCMP_A0(SCMP_CMP_NE, 0xffffffffU, 0)}},
    /* Typing into somebody else's terminal (ioctl_tty(2)). */
    {"ioctl", EPERM, 1, {EQUALS(1, TIOCSTI)}},
    {"ioctl", EPERM, 1, {EQUALS(1, 0x541C /* TIOCLINUX */)}},
    /* Netlink other than routing, which getaddrinfo(3) asks for the machine's addresses. */
    {"socket", EAFNOSUPPORT, 2, {EQUALS(0, AF_NETLINK), SCMP_A2(SCMP_CMP_NE, 0, 0)}},
    /* What the kernel says too, before anything else of raw sockets is reached. */
    {"socket", EPERM, 2, {EQUALS(0, AF_INET), SCMP_A1(SCMP_CMP_MASKED_EQ, 0xf, SOCK_RAW)}},
    {"socket", EPERM, 2, {EQUALS(0, AF_INET6), SCMP_A1(SCMP_CMP_MASKED_EQ, 0xf, SOCK_RAW)}},
};

/* LeakSanitizer stops the program with ptrace(2), from a task that it makes with CLONE_UNTRACED:
 * let through in runs that the grader does not trace, where the only processes to reach are the
 * run's own. */
static const struct deny_case tracing_cases[] = {
    {"ptrace", EPERM, 0, {{0}}},
    {"clone", EPERM, 1, {HAS_FLAG(0, CLONE_UNTRACED)}},
};

/* Highest address family of Linux 6.18 and some room; the kernel itself refuses what it does not
 * know. */
enum { LAST_FAMILY = 63 };

static int add_rule(scmp_filter_ctx filter, const char *name, uint32_t action, unsigned count,
                    const struct scmp_arg_cmp *when)
{
    int call = seccomp_syscall_resolve_name(name);

    /* A name that this libseccomp or this architecture does not know is no call to deny: numbers
     * newer than the library are refused as FIRST_UNREAD_CALL and on, or need a capability. */
    if (call < 0)
        return 0;
    return seccomp_rule_add_array(filter, action, call, count, when);
}

static int deny_families(scmp_filter_ctx filter)
{
    for (unsigned family = 0; family <= LAST_FAMILY; family++) {
        if (family == AF_UNSPEC || family == AF_UNIX || family == AF_INET || family == AF_INET6 ||
            family == AF_NETLINK)
            continue;
        struct scmp_arg_cmp when = EQUALS(0, family);
        int error = add_rule(filter, "socket", DENY(EAFNOSUPPORT), 1, &when);
        if (error)
            return error;
    }
    return 0;
}

static int deny_all(scmp_filter_ctx filter, bool leak_check)
{
    int error = 0;

    for (size_t i = 0; !error && i < sizeof deny_rows / sizeof *deny_rows; i++) {
        for (const char *const *name = deny_rows[i].names; !error && *name; name++)
            error = add_rule(filter, *name, DENY((uint32_t)deny_rows[i].error), 0, NULL);
    }
    for (size_t i = 0; !error && i < sizeof deny_cases / sizeof *deny_cases; i++) {
        const struct deny_case *c = &deny_cases[i];
        error = add_rule(filter, c->name, DENY((uint32_t)c->error), c->count, c->when);
    }
    for (size_t i = 0; !error && !leak_check && i < sizeof tracing_cases / sizeof *tracing_cases;
         i++) {
        const struct deny_case *c = &tracing_cases[i];
        error = add_rule(filter, c->name, DENY((uint32_t)c->error), c->count, c->when);
    }
    if (!error)
        error = deny_families(filter);
    for (int call = FIRST_UNREAD_CALL; !error && call <= LAST_UNREAD_CALL; call++)
        error = seccomp_rule_add_array(filter, DENY(ENOSYS), call, 0, NULL);
    return error;
}

/* A filter that allows, but no 32-bit and no x32 calls: their numbers mean other things. */
static scmp_filter_ctx start_filter(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

    if (!filter)
        return NULL;
    if (seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, DENY(ENOSYS)) != 0) {
        seccomp_release(filter);
        return NULL;
    }
    /* A binary tree: about eight comparisons for a call instead of hundreds. libseccomp 2.5; one
     * that lacks it makes the same filter, slower. */
    (void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    return filter;
}

/* The compiled program, kept for the next run of this process. Takes the filter over. */
static int compile(scmp_filter_ctx filter, struct buf *program)
{
    int fd = memfd_create("filter", MFD_CLOEXEC);
    int error = fd < 0 ? -errno : seccomp_export_bpf(filter, fd);

    seccomp_release(filter);
    buf_clear(program);
    if (!error && lseek(fd, 0, SEEK_SET) != 0)
        error = -errno;
    if (!error)
        error = fd_read_all(fd, program);
    if (error)
        buf_clear(program);
    fd_close(&fd);
    return error;
}

/* A descriptor of its own for each user: what reads a filter moves the offset. */
static int hand_out(const struct buf *program)
{
    int fd = memfd_create("filter", MFD_CLOEXEC);
    int error;

    if (fd < 0)
        return -errno;
    error = fd_write_all(fd, program->data, program->length);
    if (!error && lseek(fd, 0, SEEK_SET) != 0)
        error = -errno;
    if (!error)
        return fd;
    fd_close(&fd);
    return error;
}

int sandbox_filter_deny(bool leak_check)
{
    static struct buf made[2];
    struct buf *program = &made[leak_check];

    if (program->length == 0) {
        scmp_filter_ctx filter = start_filter();
        if (!filter)
            return -ENOMEM;
        int error = deny_all(filter, leak_check);
        if (error) {
            seccomp_release(filter);
            return error;
        }
        error = compile(filter, program);
        if (error)
            return error;
    }
    return hand_out(program);
}

int sandbox_filter_trace(const int *trace, size_t trace_count)
{
    static struct buf made, made_for; /* the list that `made` was compiled from */

    if (made.length == 0 || made_for.length != trace_count * sizeof *trace ||
        memcmp(made_for.data, trace, made_for.length) != 0) {
        scmp_filter_ctx filter = start_filter();
        int error = 0;
        if (!filter)
            return -ENOMEM;
        for (size_t i = 0; !error && i < trace_count; i++) {
            error = seccomp_rule_add_array(filter, SCMP_ACT_TRACE(0), trace[i], 0, NULL);
            if (error == -EEXIST) /* named twice */
                error = 0;
        }
        if (error) {
            seccomp_release(filter);
            return error;
        }
        error = compile(filter, &made);
        if (error)
            return error;
        buf_clear(&made_for);
        buf_add(&made_for, trace, trace_count * sizeof *trace);
    }
    return hand_out(&made);
}
