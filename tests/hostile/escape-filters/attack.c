/* hostile: escape 04-accept -- blinds the tracer: filters, dispatch, dumpability, addresses, CLONE_UNTRACED, personality
 * only: builds,warnings,greets,next-client,vanished,order,queued
 * holds: score: as honest
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/personality.h>

ATTACK attack(void)
{
    struct sock_filter allow = {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW};
    struct sock_fprog program = {1, &allow};

    REFUSED(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program));
    REFUSED(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 8 /* NEW_LISTENER */, &program));
    REFUSED(syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, NULL));
    REFUSED(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
    REFUSED(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT));
    REFUSED(prctl(59 /* PR_SET_SYSCALL_USER_DISPATCH */, 1, 0L, 0L, 0L));
    REFUSED(prctl(PR_SET_MM, PR_SET_MM_BRK, 0x400000L, 0, 0));
    REFUSED(prctl(PR_SET_MM, PR_SET_MM_EXE_FILE, 0, 0, 0));
    REFUSED(personality(ADDR_NO_RANDOMIZE));
    REFUSED(personality(0x0008 /* PER_LINUX32 */));
    prctl(PR_SET_DUMPABLE, 0);
    if (prctl(PR_GET_DUMPABLE) != 1)
        succeeded("not dumpable");
    long child = syscall(SYS_clone, CLONE_UNTRACED | SIGCHLD, NULL, NULL, NULL, NULL);
    if (child == 0)
        _exit(0);
    REFUSED(child);
}
