/* hostile: exhaustion 04-accept -- sleeps for an hour by other means
 * only: greets,usage
 * options: --seconds 2
 * holds: score: 0
 */
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <linux/futex.h>
#include <time.h>
#include <unistd.h>
int main(void)
{
    int word = 0;
    sigset_t none;
    const struct timespec hour = {3600, 0};

    sigemptyset(&none);
    for (;;) {
        syscall(SYS_futex, &word, FUTEX_WAIT, 0, &hour, NULL, 0);
        poll(NULL, 0, 3600000);
        sigtimedwait(&none, NULL, &hour);
    }
}
