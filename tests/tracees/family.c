/*
 * family MODE: processes with children, for whoever looks at them from outside. It goes on when a byte comes on stdin.
 */
#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHILDREN = 5 };

static volatile sig_atomic_t notices;

static void on_child(int signal)
{
    (void)signal;
    notices++;
}

static void wait_for_word(void)
{
    char byte;
    while (read(0, &byte, 1) < 0 && errno == EINTR) /* word */
        continue;
}

static pid_t birth(void)
{
    pid_t pid = fork();
    if (pid < 0)
        err(92, "fork");
    return pid;
}

/** Children that have ended are not waited for, until there is a word. */
static int do_zombies(void)
{
    for (int i = 0; i < CHILDREN; i++)
        if (birth() == 0)
            _exit(0);
    wait_for_word();
    while (wait(NULL) > 0)
        continue;
    puts("reaped");
    fflush(stdout);
    wait_for_word();
    return 0;
}

/** Each child ends as soon as it has ended, without being waited for. */
static int do_ignored(void)
{
    signal(SIGCHLD, SIG_IGN);
    for (int i = 0; i < CHILDREN; i++)
        if (birth() == 0)
            _exit(0);
    wait_for_word();
    return 0;
}

/** The child's child is an orphan, and nobody here has to wait for it. */
static int do_orphan(void)
{
    pid_t child = birth();
    if (child == 0) {
        if (birth() == 0)
            pause();
        _exit(0);
    }
    waitpid(child, NULL, 0);
    wait_for_word();
    return 0;
}

static void *stay(void *nothing)
{
    pause();
    return nothing;
}

/** A child whose first thread has ended: it looks like a zombie in /proc. */
static int do_headless(void)
{
    if (birth() == 0) {
        pthread_t thread;
        pthread_create(&thread, NULL, stay, NULL);
        pthread_exit(NULL);
    }
    wait_for_word();
    return 0;
}

/** Children that end when stdin does; the parent counts its notices until all are reaped. */
static int do_merge(void)
{
    struct sigaction action = {.sa_handler = on_child};
    sigaction(SIGCHLD, &action, NULL);
    for (int i = 0; i < CHILDREN; i++)
        if (birth() == 0) {
            wait_for_word();
            _exit(0);
        }
    while (notices == 0)
        pause();
    int reaped = 0;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        reaped++;
    printf("%d notices, %d reaped\n", (int)notices, reaped);
    return 0;
}

/** A socket that the child has as another descriptor, and the parent, in the end, not any more. */
static int do_holds(void)
{
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct stat status;
    if (s != 3 || fstat(s, &status) < 0)
        return 1;
    printf("%lu\n", (unsigned long)status.st_ino);
    fflush(stdout);
    if (birth() == 0) {
        if (dup2(s, 17) < 0 || close(s) < 0)
            _exit(1);
        pause();
    }
    wait_for_word();
    close(s);
    puts("closed");
    fflush(stdout);
    wait_for_word();
    return 0;
}

/** Parent and child read one after the other, and say what their first reads returned. */
static int do_reads(void)
{
    char byte;
    pid_t child = birth();
    if (child > 0)
        waitpid(child, NULL, 0);
    ssize_t first = read(0, &byte, 1);
    int error = first < 0 ? errno : 0;
    ssize_t second = read(0, &byte, 1);
    printf("%s: %s, %zd\n", child ? "parent" : "child", error ? strerror(error) : "read", second);
    return 0;
}

/** The one wait cannot be interrupted, as it does not wait; the other can. */
static int do_waits(void)
{
    pid_t child = birth();
    if (child == 0) {
        wait_for_word();
        _exit(0);
    }
    if (waitpid(child, NULL, WNOHANG) != 0)
        return 1;
    if (waitpid(child, NULL, 0) != -1 || errno != EINTR)
        return 2;
    return waitpid(child, NULL, 0) == child ? 0 : 3;
}

static const struct {
    const char *name;
    int (*run)(void);
} modes[] = {
    {"zombies", do_zombies}, {"ignored", do_ignored}, {"orphan", do_orphan}, {"headless", do_headless},
    {"merge", do_merge},     {"holds", do_holds},     {"reads", do_reads},   {"waits", do_waits},
};

int main(int argc, char *argv[])
{
    for (size_t i = 0; argc == 2 && i < sizeof modes / sizeof modes[0]; i++)
        if (strcmp(argv[1], modes[i].name) == 0)
            return modes[i].run();
    fprintf(stderr, "usage: family MODE\n");
    return 2;
}
