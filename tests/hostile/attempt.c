/*
 * attempt.c: stands before every attack.c. ATTACK is what runs before main(); succeeded() is for what ought to be
 * impossible: it says so where the report shows it, and costs the grade.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define ATTACK __attribute__((constructor)) static void

__attribute__((unused)) static void succeeded(const char *what)
{
    dprintf(2, "SUCCEEDED: %s\n", what);
    _exit(66);
}

/* For calls: anything but a failure. A call that this machine's headers do not know has a number here. */
#define REFUSED(call)                                                                              \
    do {                                                                                           \
        if ((long)(call) >= 0)                                                                     \
            succeeded(#call);                                                                      \
    } while (0)

/* A file that must not be there for us. */
__attribute__((unused)) static void must_not_open(const char *path, int flags)
{
    int fd = open(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    if (fd >= 0)
        succeeded(path);
}
