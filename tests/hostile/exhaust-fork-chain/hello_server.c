/* hostile: exhaustion 04-accept -- each process forks one more and ends, so that no number is the right one for long
 * only: greets
 * holds: score: 0
 */
#include <signal.h>
#include <unistd.h>
int main(void)
{
    signal(SIGCHLD, SIG_IGN);
    setsid();
    for (;;) {
        if (fork() > 0)
            _exit(0);
    }
}
