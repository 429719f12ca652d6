/* hostile: escape 04-accept -- new namespaces by every call that makes them, and into others'
 * holds: score: as honest
 */
#include <sys/types.h>

ATTACK attack(void)
{
    static const int kinds[] = {CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWIPC, CLONE_NEWUTS,
                                CLONE_NEWCGROUP, 0x80 /* CLONE_NEWTIME */};
    static const char *const names[] = {"user", "mnt", "pid", "net", "ipc", "uts", "cgroup", "time"};
    char path[64];

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        REFUSED(unshare(kinds[i]));
        if (kinds[i] != 0x80) {
            long child = syscall(SYS_clone, kinds[i] | SIGCHLD, NULL, NULL, NULL, NULL);
            if (child == 0)
                _exit(0);
            REFUSED(child);
        }
        struct { unsigned long flags, rest[10]; } arguments = {(unsigned long)kinds[i], {0}};
        long child = syscall(435 /* clone3 */, &arguments, sizeof arguments);
        if (child == 0)
            _exit(0);
        REFUSED(child);
        for (int pid = 1; pid < 3; pid++) {
            snprintf(path, sizeof path, "/proc/%d/ns/%s", pid, names[i]);
            int fd = open(path, O_RDONLY | O_CLOEXEC);
            if (fd >= 0) {
                REFUSED(setns(fd, 0));
                close(fd);
            }
        }
    }
    int self = (int)syscall(SYS_pidfd_open, 1, 0);
    if (self >= 0) {
        REFUSED(setns(self, CLONE_NEWNS | CLONE_NEWNET));
        close(self);
    }
}
