/**
 * @file terminal.c
 * A pseudoterminal for a run: what a command is typed into, and what a daemon has to leave.
 */
#include "sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

int sandbox_terminal(int *master, int *slave)
{
    int error = 0;

    *slave = -1;
    *master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (*master < 0)
        return -errno;
    if (unlockpt(*master) != 0)
        error = -errno;
    /* By the master and not by its name: where /dev/pts is another one, the name is somebody else's. */
    if (!error)
        *slave = ioctl(*master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (!error && *slave < 0)
        error = -errno;
    if (error)
        fd_close(master);
    return error;
}
