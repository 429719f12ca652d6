/**
 * @file borrow.c
 * A descriptor of a tracee's, for the grader: the tracee keeps its own and sees nothing of it.
 */
#include "tracer/internal.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

int tracer_borrow(pid_t pid, int fd)
{
    int process = (int)syscall(SYS_pidfd_open, pid, 0);
    if (process < 0)
        return -errno;
    int own = (int)syscall(SYS_pidfd_getfd, process, fd, 0); /* close-on-exec is set */
    int error = own < 0 ? -errno : 0;
    fd_close(&process);
    return error < 0 ? error : own;
}
