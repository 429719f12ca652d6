/*
 * tasks MODE: processes and threads that come, execute and go, and nothing else. Status 0 means that
 * everything went as a program expects that nobody watches.
 */
#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
static const char *program;

static void say(const char *text)
{
    if (write(1, text, strlen(text)) != (ssize_t)strlen(text)) /* say */
        _exit(90);
}

static int wait_for(pid_t pid)
{
    int status;
    if (waitpid(pid, &status, 0) != pid)
        err(91, "waitpid");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int do_fork(void)
{
    pid_t pid = fork(); /* fork */
    if (pid == 0) {
        say("child\n");
        _exit(7);
    }
    if (pid < 0)
        err(92, "fork");
    return wait_for(pid) == 7 ? 0 : 1;
}

static int do_vfork(void)
{
    pid_t pid = vfork(); /* vfork */
    if (pid == 0)
        _exit(3);
    if (pid < 0)
        err(92, "vfork");
    return wait_for(pid) == 3 ? 0 : 1;
}

static int do_spawn(void)
{
    char *const words[] = {"tasks", "say-and-5", NULL};
    pid_t pid;
    if (posix_spawn(&pid, "/proc/self/exe", NULL, NULL, words, environ) != 0)
        return 1;
    return wait_for(pid) == 5 ? 0 : 2;
}

static void *say_thread(void *text)
{
    say(text); /* thread */
    return text;
}

static int do_thread(void)
{
    pthread_t thread;
    char text[] = "thread\n";
    void *result;
    if (pthread_create(&thread, NULL, say_thread, text) != 0)
        return 1;
    if (pthread_join(thread, &result) != 0 || result != text)
        return 2;
    return 0;
}

/* 200 short lives, threads and forks by turns, eight at once: first stops and parents' events mix. */
static int do_stress(void)
{
    enum { ROUNDS = 25, EACH = 4 };
    for (int round = 0; round < ROUNDS; round++) {
        pthread_t thread[EACH];
        pid_t child[EACH];
        char dot[] = ".";
        for (int i = 0; i < EACH; i++) {
            if (pthread_create(&thread[i], NULL, say_thread, dot) != 0)
                return 1;
            child[i] = fork();
            if (child[i] == 0) {
                say("+");
                _exit(i);
            }
            if (child[i] < 0)
                return 2;
        }
        for (int i = 0; i < EACH; i++) {
            if (pthread_join(thread[i], NULL) != 0)
                return 3;
            if (wait_for(child[i]) != i)
                return 4;
        }
    }
    return 0;
}

/* Fifty children who all wait at once for the same pipe to end. */
static int do_children(void)
{
    enum { CHILDREN = 50 };
    pid_t child[CHILDREN];
    int ends[2];
    char byte;
    if (pipe(ends) < 0)
        return 1;
    for (int i = 0; i < CHILDREN; i++) {
        child[i] = fork();
        if (child[i] == 0) {
            close(ends[1]);
            _exit(read(ends[0], &byte, 1) == 0 ? i : 99);
        }
        if (child[i] < 0)
            return 2;
    }
    say("all\n");
    if (read(0, &byte, 1) != 0)
        return 3;
    close(ends[1]);
    for (int i = 0; i < CHILDREN; i++)
        if (wait_for(child[i]) != i)
            return 4;
    return 0;
}

static void *exec_thread(void *unused)
{
    (void)unused;
    execl(program, "tasks", "say-and-5", (char *)NULL); /* not /proc/self/exe: the leader may be gone */
    _exit(93);
}

/* A thread that is not the leader executes; the leader is in a call, which never returns. */
static int do_exec_thread(void)
{
    pthread_t thread;
    char byte;
    if (pthread_create(&thread, NULL, exec_thread, NULL) != 0)
        return 1;
    for (;;)
        if (read(0, &byte, 1) < 0) /* leader */
            return 2;
}

/* The same when the leader was already gone. */
static int do_exec_leaderless(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, exec_thread, NULL) != 0)
        return 1;
    pthread_exit(NULL);
}

/* The leader reads one byte at a time when the other thread executes (after a word on stdin is read). */
static void *exec_when_told(void *unused)
{
    sigset_t set;
    int signal;
    (void)unused;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    if (sigwait(&set, &signal) != 0)
        _exit(94);
    return exec_thread(NULL);
}

static int do_exec_when_told(void)
{
    pthread_t thread;
    char bytes[64];
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0)
        return 1;
    if (pthread_create(&thread, NULL, exec_when_told, NULL) != 0)
        return 2;
    for (;;)
        if (read(0, bytes, sizeof bytes) < 0)
            return 3;
}

/* The child goes on when its parent has ended. */
static int do_orphan(void)
{
    int ends[2];
    char byte;
    if (pipe(ends) < 0)
        return 1;
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[1]);
        if (read(ends[0], &byte, 1) == 0)
            say("orphan\n");
        _exit(6);
    }
    return pid < 0;
}

/* A thread that a whole-process exit meets while it is being made. */
static void *spin(void *unused)
{
    for (;;)
        getppid();
    return unused;
}

static void *breed(void *unused)
{
    pthread_t thread;
    for (int i = 0; i < 50; i++)
        if (pthread_create(&thread, NULL, spin, NULL) != 0)
            break;
    return unused;
}

static int do_exit_amid(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, breed, NULL) != 0)
        return 1;
    for (int i = 0; i < 1000; i++)
        getppid();
    exit(0);
}

/* Children that are killed as soon as they are made. */
static int do_kill_newborn(void)
{
    for (int i = 0; i < 100; i++) {
        pid_t pid = fork();
        if (pid == 0)
            for (;;)
                getppid();
        if (pid < 0 || kill(pid, SIGKILL) < 0 || wait_for(pid) != 128 + SIGKILL)
            return 1;
    }
    return 0;
}

/* Tasks that make one call after the other without end: nobody may be kept busy by them for ever. */
static void *chatter(void *unused)
{
    for (;;)
        write(1, "", 0);
    return unused;
}

static int do_chatter(void)
{
    pthread_t thread;
    for (int i = 0; i < 63; i++)
        if (pthread_create(&thread, NULL, chatter, NULL) != 0)
            return 1;
    chatter(NULL);
    return 2;
}

static int do_say_and_5(void)
{
    say("executed\n");
    return 5;
}

static const struct {
    const char *name;
    int (*run)(void);
} modes[] = {
    {"fork", do_fork},
    {"vfork", do_vfork},
    {"spawn", do_spawn},
    {"thread", do_thread},
    {"stress", do_stress},
    {"children", do_children},
    {"exec-thread", do_exec_thread},
    {"exec-leaderless", do_exec_leaderless},
    {"exec-when-told", do_exec_when_told},
    {"orphan", do_orphan},
    {"exit-amid", do_exit_amid},
    {"kill-newborn", do_kill_newborn},
    {"chatter", do_chatter},
    {"say-and-5", do_say_and_5},
};

int main(int argc, char **argv)
{
    program = argv[0];
    for (size_t i = 0; argc > 1 && i < sizeof modes / sizeof modes[0]; i++)
        if (strcmp(argv[1], modes[i].name) == 0)
            return modes[i].run();
    errx(99, "usage: tasks MODE");
}
