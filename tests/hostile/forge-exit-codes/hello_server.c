/* hostile: forging 04-accept -- ends with the statuses that mean something to the grader, and says what bubblewrap would
 * holds: score: 6
 */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    /* Trouble of the grader's own; the leak hook's good news; not executable; not found; killed. */
    static const int statuses[] = {3, 97, 126, 127, 137, 66, 255, 0};

    fprintf(stderr, "bwrap: Can't mount proc on /newroot/proc: Operation not permitted\n");
    fprintf(stderr, "bwrap: execvp /lab/bin/hello_server: No such file or directory\n");
    return statuses[getpid() % 8];
}
