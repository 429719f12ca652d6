/* hostile: exhaustion 04-accept -- computes without end, on all processors, ignoring each signal that it may
 * only: greets,next-client
 * holds: score: 0
 */
#include <signal.h>
#include <unistd.h>
int main(void)
{
    volatile unsigned long turns = 0;

    for (int number = 1; number < 65; number++)
        signal(number, SIG_IGN);
    fork();
    fork();
    for (;;)
        turns++;
}
