/**
 * @file hermit.c
 * Limits and a filter around a process that parses strangers' bytes.
 */
#include "core/hermit.h"

#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

void hermit_close_all_but(int one, int other)
{
    int low = one < other ? one : other, high = one < other ? other : one;
    for (int fd = 0; fd < high; fd++)
        if (fd != low)
            close(fd);
    closefrom(high + 1);
}

static bool set_limit(__rlimit_resource_t resource, rlim_t value)
{
    struct rlimit limit;
    if (getrlimit(resource, &limit) < 0)
        return false;
    if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < value)
        value = limit.rlim_max;
    limit = (struct rlimit){value, value};
    return setrlimit(resource, &limit) == 0;
}

/** Bytes of address space now: a sanitized grader has terabytes (proc_pid_statm(5)). */
static rlim_t address_space(void)
{
    struct buf text = {.limit = 256};
    unsigned long pages = 0;
    if (file_read("/proc/self/statm", &text) == 0)
        pages = strtoul(buf_text(&text), NULL, 10);
    buf_free(&text);
    return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

static bool set_limits(size_t memory, unsigned seconds)
{
    rlim_t now = address_space();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGXCPU, SIG_DFL);
    return now > 0 && set_limit(RLIMIT_AS, now + memory) && set_limit(RLIMIT_CPU, seconds) && set_limit(RLIMIT_CORE, 0);
}

/** What is in no list is refused: a file that is parsed can name others, and opening a FIFO would never end. */
static bool load_reading_filter(void)
{
    static const int allowed[] = {
        SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(pread64), SCMP_SYS(lseek), SCMP_SYS(fstat), SCMP_SYS(newfstatat),
        SCMP_SYS(fcntl), SCMP_SYS(close), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk),
        SCMP_SYS(futex), SCMP_SYS(sched_yield), SCMP_SYS(sigaltstack), SCMP_SYS(rt_sigreturn), SCMP_SYS(exit),
        SCMP_SYS(exit_group),
    };
    static const int mapping[] = {SCMP_SYS(mmap), SCMP_SYS(mprotect)}; /* the protection is the third argument of both */
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    bool good = filter != NULL;
    for (size_t i = 0; good && i < sizeof(allowed) / sizeof(allowed[0]); i++)
        good = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0) == 0;
    for (size_t i = 0; good && i < sizeof(mapping) / sizeof(mapping[0]); i++)
        good = seccomp_rule_add(filter, SCMP_ACT_ALLOW, mapping[i], 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0;
    good = good && seccomp_load(filter) == 0;
    seccomp_release(filter);
    return good;
}

bool hermit_enter(size_t memory, unsigned seconds)
{
    return set_limits(memory, seconds) && load_reading_filter();
}

static bool load_program_filter(void)
{
    static const int refused[] = {
        SCMP_SYS(fork), SCMP_SYS(vfork), SCMP_SYS(clone), SCMP_SYS(clone3), SCMP_SYS(socket), SCMP_SYS(socketpair),
        SCMP_SYS(ptrace), SCMP_SYS(kill), SCMP_SYS(tkill), SCMP_SYS(tgkill), SCMP_SYS(io_uring_setup), SCMP_SYS(unlink),
        SCMP_SYS(unlinkat), SCMP_SYS(rename), SCMP_SYS(renameat), SCMP_SYS(renameat2),
    };
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    bool good = filter != NULL;
    for (size_t i = 0; good && i < sizeof(refused) / sizeof(refused[0]); i++)
        good = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), refused[i], 0) == 0;
    good = good && seccomp_load(filter) == 0;
    seccomp_release(filter);
    return good;
}

bool hermit_enter_program(size_t memory, unsigned seconds)
{
    signal(SIGALRM, SIG_DFL);
    alarm(seconds);
    return set_limits(memory, seconds) && set_limit(RLIMIT_FSIZE, 0) && load_program_filter();
}
