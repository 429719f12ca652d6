/**
 * @file similar_runs.c
 * sim_c (sim(1)) reads what strangers wrote: it runs behind walls, with an empty environment, and may only read and answer.
 */
#include "class/similar_runs.h"
#include "core/hermit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIM_MEMORY = 1 << 30, SIM_SECONDS = 600, ARGUMENTS_MAX = 8 };
enum { NOT_THERE = 127 }; /* status of a command that is not found, as shells have it */

void sim_name(struct sim_file file, char name[SIM_FILES_NAME])
{
    if (file.student == SIZE_MAX)
        snprintf(name, SIM_FILES_NAME, "g%zu.c", file.file);
    else
        snprintf(name, SIM_FILES_NAME, "s%zuf%zu.c", file.student, file.file);
}

static void be_sim(const char *directory, const char *list, const char *const *options, int out) __attribute__((noreturn));

static void be_sim(const char *directory, const char *list, const char *const *options, int out)
{
    static char *const environment[] = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", NULL};
    const char *command[ARGUMENTS_MAX] = {"sim_c", "-i", "-n", "-w", "120"};
    size_t words = 5;

    while (*options && words < ARGUMENTS_MAX - 1)
        command[words++] = *options++;
    if (chdir(directory) < 0)
        _exit(STATUS_TROUBLE);
    int in = open(list, O_RDONLY | O_CLOEXEC), null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (in < 0 || null < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(null, 2) < 0)
        _exit(STATUS_TROUBLE);
    closefrom(3);
    if (!hermit_enter_program(SIM_MEMORY, SIM_SECONDS))
        _exit(STATUS_TROUBLE);
    execvpe("sim_c", (char *const *)command, environment);
    _exit(errno == ENOENT ? NOT_THERE : STATUS_TROUBLE);
}

/* "s12f0.c" or "g3.c" at *at, which is moved behind it. */
static bool take_name(const char **at, struct sim_file *file)
{
    int length = 0;

    file->student = SIZE_MAX;
    if (sscanf(*at, "g%zu.c%n", &file->file, &length) != 1 || length == 0) {
        length = 0;
        if (sscanf(*at, "s%zuf%zu.c%n", &file->student, &file->file, &length) != 2 || length == 0)
            return false;
    }
    *at += length;
    return true;
}

static bool take_place(const char **at, struct sim_file *file, int *first, int *last)
{
    int length = 0;

    if (!take_name(at, file) || sscanf(*at, ": line %d-%d%n", first, last, &length) != 2 || length == 0)
        return false;
    *at += length;
    return *first > 0 && *last >= *first;
}

/* "s0f0.c: line 31-62     |g0.c: line 31-62     [90]" */
static bool take_run(const char *line, struct sim_run *run)
{
    const char *at = line;

    if (!take_place(&at, &run->file[0], &run->first[0], &run->last[0]))
        return false;
    at += strspn(at, " ");
    if (*at++ != '|' || !take_place(&at, &run->file[1], &run->first[1], &run->last[1]))
        return false;
    return sscanf(at, " [%d]", &run->tokens) == 1 && run->tokens > 0;
}

/* "File s0f0.c: 678 tokens, 257 lines" */
static bool take_file(const char *line, struct sim_file *file, int *tokens)
{
    const char *at = line + strlen("File ");

    return strncmp(line, "File ", strlen("File ")) == 0 && take_name(&at, file) && sscanf(at, ": %d tokens", tokens) == 1;
}

/* Lines are read one after the other: a large class has a million of them. */
static int read_lines(int in, const struct sim_reader *reader)
{
    FILE *stream = fdopen(in, "r");
    char *line = NULL;
    size_t room = 0;

    if (!stream) {
        int error = errno;
        fd_close(&in);
        return -error;
    }
    while (getline(&line, &room, stream) > 0) {
        struct sim_run run;
        struct sim_file file;
        int tokens;
        if (take_run(line, &run))
            reader->run(reader->argument, &run);
        else if (reader->file && take_file(line, &file, &tokens))
            reader->file(reader->argument, file, tokens);
    }
    int result = ferror(stream) ? -EIO : 0;
    free(line);
    fclose(stream);
    return result;
}

int sim_read(const char *directory, const char *list, const char *const *options, const struct sim_reader *reader)
{
    int ends[2], status = 0;
    int result = pipe_make(ends);

    if (result != 0)
        return result;
    pid_t pid = fork();
    if (pid == 0)
        be_sim(directory, list, options, ends[1]);
    if (pid < 0)
        result = -errno;
    fd_close(&ends[1]);
    if (result == 0)
        result = read_lines(ends[0], reader);
    else
        fd_close(&ends[0]);
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (result == 0 && WIFEXITED(status) && WEXITSTATUS(status) == NOT_THERE)
        return -ENOENT;
    return result == 0 && status != 0 ? -EIO : result;
}
