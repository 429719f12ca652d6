/* hostile: exhaustion 04-accept -- sleepers that are hard to end: stopped, in vfork, in a core dump, waiting for each other
 * only: greets,next-client
 * holds: score: 0
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
int main(void)
{
    for (int number = 1; number < 65; number++)
        signal(number, SIG_IGN);
    for (int i = 0; i < 20; i++) {
        pid_t child = fork();
        if (child == 0) {
            setsid();
            pid_t grandchild = vfork();
            if (grandchild == 0) {
                raise(SIGSTOP);
                for (;;)
                    pause();
            }
            _exit(0);
        }
        kill(child, SIGSTOP);
    }
    raise(SIGSTOP);
    for (;;)
        wait(NULL);
}
