/* hostile: exhaustion 04-accept -- opens and locks all that it can and raises its limits; then gives back and serves
 * holds: score: as honest
 */
ATTACK attack(void)
{
    static const int limits[] = {RLIMIT_NOFILE, RLIMIT_NPROC, RLIMIT_DATA, RLIMIT_FSIZE, RLIMIT_CPU, RLIMIT_CORE};
    struct rlimit more = {RLIM_INFINITY, RLIM_INFINITY};
    int first = open("/dev/null", O_RDWR), last = first, fd;

    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        struct rlimit now;
        getrlimit((__rlimit_resource_t)limits[i], &now);
        if (now.rlim_max != RLIM_INFINITY && setrlimit((__rlimit_resource_t)limits[i], &more) == 0)
            succeeded("a raised limit");
    }
    while ((fd = dup(first)) >= 0) {
        last = fd;
        if (last > 5000)
            succeeded("more descriptors than may be");
    }
    for (fd = first; fd >= 0 && fd <= last; fd++)
        close(fd);
    REFUSED(setpriority(PRIO_PROCESS, 0, -20));
    REFUSED(sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){50}));
    /* At most what every user may. */
    if (mlockall(MCL_CURRENT | MCL_FUTURE) == 0)
        munlockall();
}
