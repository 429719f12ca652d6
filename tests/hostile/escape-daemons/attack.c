/* hostile: escape 04-accept -- daemons in sessions of their own, deaf to signals, that want to outlive the run and do harm
 * only: builds,warnings,usage,greets,next-client
 * holds: at most 29 points
 */
ATTACK attack(void)
{
    for (int i = 0; i < 3; i++) {
        if (fork() != 0)
            continue;
        setsid();
        if (fork() != 0)
            _exit(0);
        for (int number = 1; number < 65; number++)
            signal(number, SIG_IGN);
        prctl(PR_SET_NAME, "hostile-daemon");
        prctl(PR_SET_PDEATHSIG, 0);
        prctl(PR_SET_CHILD_SUBREAPER, 1);
        for (int fd = 0; fd < 3; fd++)
            close(fd);
        for (;;) {
            int fd = open("/tmp/hostile-daemon", O_CREAT | O_WRONLY, 0600);
            close(fd);
            pause();
        }
    }
    while (waitpid(-1, NULL, WNOHANG) > 0)
        continue;
}
