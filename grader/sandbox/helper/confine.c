/**
 * @file confine.c
 * The last step of bubblewrap's: confine RULESET SHELL PROGRAM [ARGUMENT...]
 *
 * Puts up Landlock (RULESET: a descriptor; `-`: there is none) and executes the program. SHELL says who
 * the program's parent is: `-` whoever this process's is; `shell` this process, which becomes what a
 * shell is to a command; a number the same, on that terminal.
 *
 * A program of its own because Landlock forbids mounting to whom it confines: it cannot come before
 * bubblewrap's mounts, and after them bubblewrap does nothing but execute. Static, so that it needs
 * nothing of the sandbox that it closes; the filters are loaded by then and allow all it does.
 * landlock.c carries its bytes into the room.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* In words that the grader shows as its own trouble, not as the program's. */
static void give_up(const char *what) __attribute__((noreturn));
static void give_up(const char *what)
{
    dprintf(STDERR_FILENO, "confine: %s: %s\n", what, strerror(errno));
    exit(127);
}

static void confine(int ruleset)
{
    struct landlock_path_beneath_attr proc = {
        .allowed_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
                          LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE,
        /* Of the program's own pid namespace: it was not there when the ruleset was made. Written
         * to by pthread_setname_np(3). */
        .parent_fd = open("/proc", O_PATH | O_CLOEXEC),
    };
    if (proc.parent_fd < 0 ||
        syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &proc, 0) != 0)
        give_up("/proc");
    /* bubblewrap has set no_new_privs, as landlock_restrict_self(2) wants it. */
    if (syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
        give_up("landlock_restrict_self");
    close(ruleset);
    close(proc.parent_fd);
}

/* As a shell's command: leader of a process group, in the foreground of the terminal if there is one. */
static void be_command(int terminal)
{
    if (setpgid(0, 0) != 0)
        give_up("setpgid");
    if (terminal < 0)
        return;
    signal(SIGTTOU, SIG_IGN); /* what a group in the background gets for the next call */
    if (ioctl(terminal, TIOCSPGRP, &(pid_t){getpid()}) != 0)
        give_up("TIOCSPGRP");
    signal(SIGTTOU, SIG_DFL);
    close(terminal);
}

/* Forks, and returns in the child. The parent stays for good, as its terminal's session would: if it
 * ended, all in the foreground would get SIGHUP. */
static void be_shell(int terminal)
{
    pid_t child, ended;

    /* A session of its own; refused where bubblewrap has made this process a leader already. */
    if (setsid() < 0 && getsid(0) != getpid())
        give_up("setsid");
    if (terminal >= 0 && ioctl(terminal, TIOCSCTTY, 0) != 0)
        give_up("TIOCSCTTY");
    child = fork();
    if (child < 0)
        give_up("fork");
    if (child == 0) {
        be_command(terminal);
        return;
    }
    /* A pipe that this process held too would never show its end. */
    syscall(SYS_close_range, 0U, ~0U, 0U);
    for (int fd = 0; fd < 64; fd++)
        close(fd); /* where close_range(2) is not known: Linux before 5.9 */
    do {
        ended = wait(NULL);
    } while (ended > 0 || errno == EINTR);
    for (;;)
        pause();
}

int main(int argc, char **argv)
{
    errno = 0;
    if (argc < 4)
        give_up("usage: confine RULESET SHELL PROGRAM [ARGUMENT...]");
    if (strcmp(argv[2], "-") != 0)
        be_shell(strcmp(argv[2], "shell") == 0 ? -1 : atoi(argv[2]));
    if (strcmp(argv[1], "-") != 0)
        confine(atoi(argv[1]));
    execv(argv[3], argv + 3);
    give_up(argv[3]);
}
