/* hostile: forging 04-accept -- ptrace, process_vm_writev and pidfd_getfd on every number upwards, and against itself
 * only: builds,warnings,greets,next-client,vanished,order
 * holds: score: as honest
 */
#include <sys/ptrace.h>
#include <sys/uio.h>

ATTACK attack(void)
{
    char byte = 0;
    struct iovec here = {&byte, 1}, there = {(void *)0x400000, 1};

    for (pid_t pid = 1; pid < 64; pid++) {
        if (pid == getpid())
            continue;
        REFUSED(ptrace(PTRACE_SEIZE, pid, NULL, NULL));
        REFUSED(ptrace(PTRACE_ATTACH, pid, NULL, NULL));
        REFUSED(process_vm_writev(pid, &here, 1, &there, 1, 0));
        REFUSED(process_vm_readv(pid, &here, 1, &there, 1, 0));
        int fd = (int)syscall(SYS_pidfd_open, pid, 0);
        if (fd >= 0) {
            REFUSED(syscall(438 /* pidfd_getfd */, fd, 1, 0));
            close(fd);
        }
    }
    /* With a tracer of its own choosing the grader would be blind. */
    REFUSED(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
    REFUSED(prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY));
}
