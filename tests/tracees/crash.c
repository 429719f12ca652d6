/*
 * crash HOW: ends badly in one known way, on one known line.
 */
#include <err.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int *volatile nowhere;
static int volatile zero;
static char *volatile no_text;

static void store_nowhere(void)
{
    *nowhere = 1; /* segv */
}

static void do_segv(void)
{
    store_nowhere();
}

static void do_abort(void)
{
    abort(); /* abort */
}

static void do_divide(void)
{
    zero = 7 / zero; /* divide */
}

/* Inside the library, called from a known line. */
static void do_strlen(void)
{
    char text[16] = "";
    strcpy(text, no_text); /* strcpy */
    puts(text);
}

/* Deep inside the library, after a call that was recorded. */
static void do_printf(void)
{
    listen(-1, 1);
    printf("%s and %s\n", "text", (char *)0x1234); /* printf */
}

static void do_double_free(void)
{
    char *volatile p = malloc(8);
    free(p);
    free(p); /* free */
}

static void *thread(void *unused)
{
    store_nowhere();
    return unused;
}

static void do_thread(void)
{
    pthread_t id;
    if (pthread_create(&id, NULL, thread, NULL) == 0)
        pthread_join(id, NULL);
}

/* The child dies, the parent reports it and is well. */
static void do_child(void)
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0)
        store_nowhere();
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        exit(2);
    printf("child %d\n", WTERMSIG(status));
    exit(0);
}

static void on_segv(int number)
{
    (void)number;
    write(1, "caught\n", 7); /* handler */
    _exit(11);
}

static void do_caught(void)
{
    signal(SIGSEGV, on_segv);
    store_nowhere();
}

static void do_pipe(void)
{
    int ends[2];
    if (pipe(ends) < 0)
        exit(3);
    close(ends[0]);
    write(ends[1], "x", 1); /* pipe */
}

static int sink(const char *bytes)
{
    return bytes[100];
}

/* The stack runs out. */
static int recurse(int depth) /* recursion */
{
    volatile char frame[4096];
    frame[100] = (char)depth;
    return depth == zero - 1 ? 0 : recurse(depth + 1) + sink((const char *)frame);
}

static void do_overflow(void)
{
    exit(recurse(0));
}

static void do_kill(void)
{
    kill(getpid(), SIGKILL);
}

static void do_exit(void)
{
    exit(42);
}

static void do_term(void)
{
    raise(SIGTERM); /* term */
}

static const struct {
    const char *name;
    void (*run)(void);
} ways[] = {
    {"segv", do_segv},
    {"abort", do_abort},
    {"divide", do_divide},
    {"strcpy", do_strlen},
    {"printf", do_printf},
    {"free", do_double_free},
    {"thread", do_thread},
    {"child", do_child},
    {"caught", do_caught},
    {"pipe", do_pipe},
    {"overflow", do_overflow},
    {"kill", do_kill},
    {"exit", do_exit},
    {"term", do_term},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof ways / sizeof ways[0]; i++)
        if (strcmp(argv[1], ways[i].name) == 0)
            ways[i].run();
    errx(99, "usage: crash HOW");
}
