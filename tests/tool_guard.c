/**
 * @file
 * Sees what a command leaves behind:
 *
 *     build/tool/guard -o FILE [-l SECONDS] COMMAND [ARGUMENT...]
 *
 * All that the command starts and does not wait for becomes a child of this process, whatever it does to hide
 * (prctl(2), PR_SET_CHILD_SUBREAPER). When the command has ended FILE gets one line:
 *
 *     left N status exit STATUS|signal NUMBER late 0|1
 *
 * left is how many processes were still there at that moment; they are killed. late is 1 if the command itself was there
 * SECONDS (300) after its start and was ended with SIGTERM, then SIGKILL. Status 0 if the line was written.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void quit(const char *what) __attribute__((noreturn));
static void quit(const char *what)
{
    fprintf(stderr, "guard: %s: %s\n", what, strerror(errno));
    exit(1);
}

static volatile sig_atomic_t alarms;

static void count_alarm(int number)
{
    (void)number;
    alarms++;
}

/* Waits for the command; orphans that end meanwhile are nobody's business. */
static int await(pid_t command, bool *late)
{
    int status;

    for (;;) {
        pid_t ended = waitpid(-1, &status, 0);
        if (ended == command)
            return status;
        if (ended < 0 && errno != EINTR)
            quit("waitpid");
        if (ended < 0 && alarms > 0) {
            *late = true;
            kill(command, alarms == 1 ? SIGTERM : SIGKILL);
            alarm(10);
        }
    }
}

/* Kills every child and what it leaves, and counts them. */
static unsigned clear_up(void)
{
    char path[64], line[4096];
    unsigned left = 0;

    while (waitpid(-1, NULL, WNOHANG) > 0)
        continue;
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    for (;;) {
        FILE *children = fopen(path, "re");
        bool any = false;
        if (!children)
            quit(path);
        while (fscanf(children, "%4095s", line) == 1) {
            any = true;
            left++;
            kill((pid_t)atol(line), SIGKILL);
        }
        fclose(children);
        if (!any)
            return left;
        while (waitpid(-1, NULL, 0) > 0)
            continue;
    }
}

int main(int argc, char *argv[])
{
    const char *account = NULL;
    unsigned seconds = 300;
    bool late = false;
    int option;

    while ((option = getopt(argc, argv, "+o:l:")) != -1) {
        if (option == 'o')
            account = optarg;
        else if (option == 'l')
            seconds = (unsigned)atoi(optarg);
        else
            return 2;
    }
    if (!account || optind == argc) {
        fprintf(stderr, "usage: guard -o FILE [-l SECONDS] COMMAND [ARGUMENT...]\n");
        return 2;
    }
    if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
        quit("prctl");
    struct sigaction action = {.sa_handler = count_alarm};
    sigaction(SIGALRM, &action, NULL);

    pid_t command = fork();
    if (command < 0)
        quit("fork");
    if (command == 0) {
        execvp(argv[optind], argv + optind);
        quit(argv[optind]);
    }
    alarm(seconds);
    int status = await(command, &late);
    unsigned left = clear_up();
    FILE *file = fopen(account, "we");
    if (!file)
        quit(account);
    fprintf(file, "left %u status %s %d late %d\n", left, WIFSIGNALED(status) ? "signal" : "exit",
            WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), late);
    return fclose(file) == 0 ? 0 : 1;
}
