/* hostile: exhaustion 04-accept -- takes timers, locks, watches, semaphores, segments and queues that belong to the user
 * holds: score: as honest
 */
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <time.h>

ATTACK attack(void)
{
    timer_t timer;
    int watch = inotify_init1(IN_CLOEXEC);

    for (int i = 0; i < 2000; i++) {
        struct sigevent event = {.sigev_notify = SIGEV_NONE};
        if (timer_create(CLOCK_REALTIME, &event, &timer) != 0)
            break;
    }
    for (int i = 0; i < 500; i++)
        close(inotify_init1(IN_CLOEXEC));
    inotify_add_watch(watch, "/tmp", IN_ALL_EVENTS);
    close(watch);
    /* In a namespace of the run's own, so nothing of it may be seen outside. */
    for (int i = 0; i < 64; i++) {
        shmget((key_t)(0x51000000 + i), 4096, IPC_CREAT | 0600);
        semget((key_t)(0x51000000 + i), 250, IPC_CREAT | 0600);
        msgget((key_t)(0x51000000 + i), IPC_CREAT | 0600);
    }
}
