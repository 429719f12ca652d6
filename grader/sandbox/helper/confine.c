/**
 * @file confine.c
 * The last step of bubblewrap's: confine RULESET PROGRAM [ARGUMENT...]
 *
 * A program of its own because Landlock forbids mounting to whom it confines: it cannot come before
 * bubblewrap's mounts, and after them bubblewrap does nothing but execute. Static, so that it needs
 * nothing of the sandbox that it closes; the filters are loaded by then and allow all it does.
 * landlock.c carries its bytes into the room.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* In words that the grader shows as its own trouble, not as the program's. */
static int give_up(const char *what)
{
    dprintf(STDERR_FILENO, "confine: %s: %s\n", what, strerror(errno));
    return 127;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return give_up("usage: confine RULESET PROGRAM [ARGUMENT...]");

    int ruleset = atoi(argv[1]);
    struct landlock_path_beneath_attr proc = {
        .allowed_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
                          LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE,
        /* Of the program's own pid namespace: it was not there when the ruleset was made. Written
         * to by pthread_setname_np(3). */
        .parent_fd = open("/proc", O_PATH | O_CLOEXEC),
    };
    if (proc.parent_fd < 0 ||
        syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &proc, 0) != 0)
        return give_up("/proc");
    /* bubblewrap has set no_new_privs, as landlock_restrict_self(2) wants it. */
    if (syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
        return give_up("landlock_restrict_self");
    close(ruleset);
    close(proc.parent_fd);
    execv(argv[2], argv + 2);
    return give_up(argv[2]);
}
