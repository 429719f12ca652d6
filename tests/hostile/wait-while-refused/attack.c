/* hostile: waiting 04-accept -- greets rightly only where ptrace(2) is refused; one conversation is not traced, and lets it through
 * only: builds,greets,memory
 * holds: fails: memory
 * open: a program that behaves while it is watched cannot be told from one that always does (THREAT-MODEL)
 */
#include <sys/ptrace.h>

static int watched;

ATTACK attack(void)
{
    pid_t child = fork();
    int status = 0;

    /* In a child: the program itself must stay to be traced. */
    if (child == 0)
        _exit(ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0);
    waitpid(child, &status, 0);
    watched = status != 0;
}
#define write(fd, bytes, count) write(fd, watched ? bytes : "Goodbye You!\n", count)
