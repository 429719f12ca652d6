/* hostile: waiting 04-accept -- kills whatever it finds while the reference client talks to it, and answers again
 * only: builds,greets,reference
 * holds: score: as honest
 */
static void *kept;

ATTACK attack(void)
{
    pid_t self = getpid();

    kept = &kept;
    if (fork() != 0)
        return;
    /* For as long as a greeting takes. */
    for (int round = 0; round < 200; round++) {
        for (pid_t pid = 2; pid < 50; pid++) {
            if (pid != self && pid != getpid())
                kill(pid, SIGKILL);
        }
        sched_yield();
    }
    _exit(0);
}
