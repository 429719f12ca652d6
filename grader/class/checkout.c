/**
 * @file checkout.c
 * When a git checkout's HEAD was committed. git itself reads it, since objects may be packed; the checkout may be a
 * stranger's, whose configuration names programs to be run. So git gets an empty environment, and walls that let it start nothing.
 */
#include "class/piece.h"
#include "core/hermit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { GIT_MEMORY = 1 << 30, GIT_SECONDS = 10, COMMIT_LARGEST = 1 << 16 };

static void be_git(int directory, int out) __attribute__((noreturn));

static void be_git(int directory, int out)
{
    static char *const environment[] = {"PATH=/usr/bin:/bin", "HOME=/nonexistent", "GIT_CONFIG_NOSYSTEM=1",
                                        "GIT_CONFIG_GLOBAL=/dev/null", "GIT_ALLOW_PROTOCOL=none", "GIT_NO_LAZY_FETCH=1",
                                        "GIT_OPTIONAL_LOCKS=0", "GIT_CEILING_DIRECTORIES=/", NULL};
    /* The checkout may belong to somebody else; nothing of it is run (git-config(1), safe.directory). */
    static char *const command[] = {"git", "-c", "safe.directory=*", "--git-dir=.git", "--no-replace-objects", "cat-file",
                                    "commit", "HEAD", NULL};
    int null = open("/dev/null", O_RDWR);
    if (null < 0 || fchdir(directory) < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(null, 2) < 0)
        _exit(STATUS_TROUBLE);
    closefrom(3);
    if (hermit_enter_program(GIT_MEMORY, GIT_SECONDS))
        execvpe("git", command, environment);
    _exit(STATUS_TROUBLE);
}

/* The number behind the mail address: "committer NAME <MAIL> 1772668800 +0900", before the empty line. */
static int64_t find_time(const char *commit)
{
    for (const char *line = commit; line && *line && *line != '\n';) {
        const char *end = strchr(line, '\n');
        if (strncmp(line, "committer ", 10) == 0) {
            const char *mail = end ? memrchr(line, '>', (size_t)(end - line)) : NULL;
            long long time = mail ? strtoll(mail + 1, NULL, 10) : 0;
            return time > 0 && time < INT64_MAX / 2 ? time : 0;
        }
        line = end ? end + 1 : NULL;
    }
    return 0;
}

int64_t checkout_time(int directory)
{
    struct buf commit = {.limit = COMMIT_LARGEST};
    struct stat st;
    int ends[2], status, result;

    if (fstatat(directory, ".git", &st, AT_SYMLINK_NOFOLLOW) < 0 || pipe_make(ends) != 0)
        return 0;
    pid_t pid = fork();
    if (pid == 0)
        be_git(directory, ends[1]);
    fd_close(&ends[1]);
    result = pid < 0 ? -errno : fd_read_all(ends[0], &commit);
    fd_close(&ends[0]);
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    int64_t time = result == 0 && pid > 0 && status == 0 ? find_time(buf_text(&commit)) : 0;
    buf_free(&commit);
    return time;
}
