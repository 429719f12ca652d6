/**
 * @file filter.c
 * Three seccomp filters (seccomp(2)): which calls a program may make, with which arguments it may
 * not make them, and what the tracer wants to see.
 *
 * They are three because the kernel already knows how to combine filters: of several answers it
 * takes KILL before ERRNO before TRACE before ALLOW. One filter would have to say for each argument
 * condition of socket(2) or clone(2) what the other half of the calls gets.
 *
 *   calls      allows what call.c allows, and nothing else; default ENOSYS
 *   arguments  refuses some uses of allowed calls; default allow: "none of these" cannot be said in
 *              libseccomp as "all others", and a wrong argument shall get the kernel's own error
 *   trace      says TRACE for the tracer's calls
 *
 * All three kill a call by way of another architecture (int 0x80, x32): its numbers mean other
 * things, and no compiler of these labs makes one.
 */
#include "sandbox/internal.h"

#include <asm/ioctls.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/prctl.h>
#include <sched.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* Low 32 bits only: the kernel takes an int, and the register's other half may hold anything. */
#define EQUALS(argument, value)                                                                    \
    SCMP_CMP(argument, SCMP_CMP_MASKED_EQ, 0xffffffffU, (uint32_t)(value))
#define HAS_FLAG(argument, flag) SCMP_CMP(argument, SCMP_CMP_MASKED_EQ, (flag), (flag))
/* A socket's type without SOCK_CLOEXEC and SOCK_NONBLOCK. */
#define IS_TYPE(type) SCMP_CMP(1, SCMP_CMP_MASKED_EQ, 0xf, (type))

/* Newer than the oldest headers that this is built with. */
enum {
    NEW_PR_SET_SYSCALL_USER_DISPATCH = 59, /* Linux 5.11 */
    NEW_PR_SET_MEMORY_MERGE = 67,          /* Linux 6.4 */
    THE_TIOCLINUX = 0x541C,
    SCTP = 132,
    DCCP = 33,
    L2TP = 115,
    UDPLITE = 136,
    SMC = 256,
};

/* Calls denied for some arguments: all conditions of a row must hold. */
static const struct deny_case {
    const char *name;
    int error; /* 0: the call seems to succeed */
    unsigned count;
    struct scmp_arg_cmp when[2];
} deny_cases[] = {
    /* New namespaces, as unshare in call.c. CLONE_NEWTIME cannot be asked of clone(2). */
    {"clone", EPERM, 1, {HAS_FLAG(0, CLONE_NEWUSER)}},
    {"clone", EPERM, 1, {HAS_FLAG(0, CLONE_NEWNS)}},
    {"clone", EPERM, 1, {HAS_FLAG(0, CLONE_NEWPID)}},
    {"clone", EPERM, 1, {HAS_FLAG(0, CLONE_NEWNET)}},
    {"clone", EPERM, 1, {HAS_FLAG(0, CLONE_NEWIPC)}},
    {"clone", EPERM, 1, {HAS_FLAG(0, CLONE_NEWUTS)}},
    {"clone", EPERM, 1, {HAS_FLAG(0, CLONE_NEWCGROUP)}},
    /* As the seccomp call in call.c. */
    {"prctl", EPERM, 1, {EQUALS(0, PR_SET_SECCOMP)}},
    /* A process that is not dumpable cannot be read by a tracer without privilege. It may believe
       that it is not. */
    {"prctl", 0, 1, {EQUALS(0, PR_SET_DUMPABLE)}},
    /* Moves what /proc says of the program's memory; dispatches calls before they become calls;
       merges pages with those of others, which tells what they hold. */
    {"prctl", EPERM, 1, {EQUALS(0, PR_SET_MM)}},
    {"prctl", EPERM, 1, {EQUALS(0, NEW_PR_SET_SYSCALL_USER_DISPATCH)}},
    {"prctl", EPERM, 1, {EQUALS(0, NEW_PR_SET_MEMORY_MERGE)}},
    /* Other kernels' habits (READ_IMPLIES_EXEC, 32-bit layout); asking is allowed. */
    {"personality", EPERM, 1, {SCMP_A0(SCMP_CMP_NE, 0xffffffffU, 0)}},
    /* Typing into somebody else's terminal (ioctl_tty(2)); taking the console's output; line
       disciplines, which load modules. */
    {"ioctl", EPERM, 1, {EQUALS(1, TIOCSTI)}},
    {"ioctl", EPERM, 1, {EQUALS(1, THE_TIOCLINUX)}},
    {"ioctl", EPERM, 1, {EQUALS(1, TIOCCONS)}},
    {"ioctl", EPERM, 1, {EQUALS(1, TIOCSETD)}},
    /* Netlink other than routing, which getaddrinfo(3) asks for the machine's addresses. */
    {"socket", EAFNOSUPPORT, 2, {EQUALS(0, AF_NETLINK), SCMP_A2(SCMP_CMP_NE, 0, 0)}},
    /* What the kernel says too, before anything else of raw sockets is reached. SOCK_PACKET is
       AF_PACKET by an older name. */
    {"socket", EPERM, 2, {EQUALS(0, AF_INET), IS_TYPE(SOCK_RAW)}},
    {"socket", EPERM, 2, {EQUALS(0, AF_INET6), IS_TYPE(SOCK_RAW)}},
    {"socket", EPERM, 2, {EQUALS(0, AF_INET), IS_TYPE(SOCK_PACKET)}},
    /* Protocols that no lab speaks; asking is enough to load their modules. */
    {"socket", EPROTONOSUPPORT, 2, {EQUALS(0, AF_INET), EQUALS(2, SCTP)}},
    {"socket", EPROTONOSUPPORT, 2, {EQUALS(0, AF_INET6), EQUALS(2, SCTP)}},
    {"socket", EPROTONOSUPPORT, 2, {EQUALS(0, AF_INET), EQUALS(2, DCCP)}},
    {"socket", EPROTONOSUPPORT, 2, {EQUALS(0, AF_INET6), EQUALS(2, DCCP)}},
    {"socket", EPROTONOSUPPORT, 2, {EQUALS(0, AF_INET), EQUALS(2, L2TP)}},
    {"socket", EPROTONOSUPPORT, 2, {EQUALS(0, AF_INET6), EQUALS(2, L2TP)}},
    {"socket", EPROTONOSUPPORT, 2, {EQUALS(0, AF_INET), EQUALS(2, UDPLITE)}},
    {"socket", EPROTONOSUPPORT, 2, {EQUALS(0, AF_INET6), EQUALS(2, UDPLITE)}},
    {"socket", EPROTONOSUPPORT, 2, {EQUALS(0, AF_INET), EQUALS(2, SMC)}},
    {"socket", EPROTONOSUPPORT, 2, {EQUALS(0, AF_INET6), EQUALS(2, SMC)}},
    /* Programs for the kernel to run on packets (socket(7)). */
    {"setsockopt", EPERM, 2, {EQUALS(1, SOL_SOCKET), EQUALS(2, SO_ATTACH_FILTER)}},
    {"setsockopt", EPERM, 2, {EQUALS(1, SOL_SOCKET), EQUALS(2, SO_ATTACH_BPF)}},
    {"setsockopt", EPERM, 2, {EQUALS(1, SOL_SOCKET), EQUALS(2, SO_ATTACH_REUSEPORT_CBPF)}},
    {"setsockopt", EPERM, 2, {EQUALS(1, SOL_SOCKET), EQUALS(2, SO_ATTACH_REUSEPORT_EBPF)}},
};

/* LeakSanitizer stops the program from a task that it makes with CLONE_UNTRACED and, for Yama, names
 * with PR_SET_PTRACER: let through in runs that the grader does not trace, where the only processes
 * to reach are the run's own. */
static const struct deny_case tracing_cases[] = {
    {"clone", EPERM, 1, {HAS_FLAG(0, CLONE_UNTRACED)}},
    {"prctl", EPERM, 1, {EQUALS(0, PR_SET_PTRACER)}},
};

/* Highest address family of Linux 6.18 and some room; the kernel itself refuses what it does not
 * know. */
enum { LAST_FAMILY = 63 };

/* --- what is refused ------------------------------------------------------------------------ */

/* SOCKLAB_TEST_CALLS=kill: a call that is not allowed ends the program. Only ever stricter. */
static bool kills(void)
{
    const char *word = getenv("SOCKLAB_TEST_CALLS");

    return word && strcmp(word, "kill") == 0;
}

static uint32_t refusal(int error)
{
    return kills() ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_ERRNO((uint32_t)error);
}

static int add_rule(scmp_filter_ctx filter, const char *name, uint32_t action, unsigned count,
                    const struct scmp_arg_cmp *when)
{
    int call = seccomp_syscall_resolve_name(name);

    /* A name that this libseccomp or this architecture does not know: in the filter of calls the
     * default stands, in that of arguments there is nothing to refuse. */
    if (call < 0)
        return 0;
    return seccomp_rule_add_array(filter, action, call, count, when);
}

static uint32_t answer_of(const struct call_group *group, bool leak_check)
{
    if (group->answer == CALL_ALLOWED || (group->leak_check && leak_check))
        return SCMP_ACT_ALLOW;
    return group->tried ? SCMP_ACT_ERRNO((uint32_t)group->answer) : refusal(group->answer);
}

static int add_calls(scmp_filter_ctx filter, bool leak_check)
{
    size_t count;
    const struct call_group *groups = call_groups(&count);
    int error = 0;

    for (size_t i = 0; !error && i < count; i++) {
        uint32_t answer = answer_of(&groups[i], leak_check);
        /* libseccomp takes no rule that says what the default says. */
        if (answer == refusal(ENOSYS))
            continue;
        for (const char *const *name = groups[i].names; !error && *name; name++)
            error = add_rule(filter, *name, answer, 0, NULL);
    }
    return error;
}

static int deny_families(scmp_filter_ctx filter)
{
    int error = 0;

    for (unsigned family = 0; !error && family <= LAST_FAMILY; family++) {
        if (family == AF_UNSPEC || family == AF_UNIX || family == AF_INET || family == AF_INET6 ||
            family == AF_NETLINK)
            continue;
        struct scmp_arg_cmp when = EQUALS(0, family);
        error = add_rule(filter, "socket", refusal(EAFNOSUPPORT), 1, &when);
        if (!error)
            error = add_rule(filter, "socketpair", refusal(EAFNOSUPPORT), 1, &when);
    }
    return error;
}

static int add_case(scmp_filter_ctx filter, const struct deny_case *c)
{
    /* What seems to succeed is not refused. */
    uint32_t action = c->error ? refusal(c->error) : SCMP_ACT_ERRNO(0);

    return add_rule(filter, c->name, action, c->count, c->when);
}

static int add_arguments(scmp_filter_ctx filter, bool leak_check)
{
    int error = 0;

    for (size_t i = 0; !error && i < sizeof deny_cases / sizeof *deny_cases; i++)
        error = add_case(filter, &deny_cases[i]);
    for (size_t i = 0; !error && !leak_check && i < sizeof tracing_cases / sizeof *tracing_cases; i++)
        error = add_case(filter, &tracing_cases[i]);
    return error ? error : deny_families(filter);
}

/* --- making programs of them ---------------------------------------------------------------- */

static scmp_filter_ctx start_filter(uint32_t otherwise)
{
    scmp_filter_ctx filter = seccomp_init(otherwise);

    if (!filter)
        return NULL;
    if (seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) != 0) {
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

/* One of the two for every program, made once in a process. */
static int hand_out_made(struct buf *program, bool leak_check, uint32_t otherwise,
                         int (*add)(scmp_filter_ctx filter, bool leak_check))
{
    if (program->length == 0) {
        scmp_filter_ctx filter = start_filter(otherwise);
        if (!filter)
            return -ENOMEM;
        int error = add(filter, leak_check);
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

int sandbox_filter_calls(bool leak_check)
{
    static struct buf made[2];

    return hand_out_made(&made[leak_check], leak_check, refusal(ENOSYS), add_calls);
}

int sandbox_filter_arguments(bool leak_check)
{
    static struct buf made[2];

    return hand_out_made(&made[leak_check], leak_check, SCMP_ACT_ALLOW, add_arguments);
}

int sandbox_filter_trace(const int *trace, size_t trace_count)
{
    static struct buf made, made_for; /* the list that `made` was compiled from */

    if (made.length == 0 || made_for.length != trace_count * sizeof *trace ||
        memcmp(made_for.data, trace, made_for.length) != 0) {
        scmp_filter_ctx filter = start_filter(SCMP_ACT_ALLOW);
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
