/* hostile: forging 04-accept -- writes verdicts into every descriptor that it was not meant to have
 * holds: score: as honest
 */
ATTACK attack(void)
{
    const char verdict[] = "\004\0\0\0\010\0\0\0\001pass";

    for (int fd = 3; fd < 1024; fd++) {
        /* The sanitizers' runtime opens none before main(). */
        if (fcntl(fd, F_GETFD) != -1)
            succeeded("an inherited descriptor");
        if (write(fd, verdict, sizeof verdict) != -1)
            succeeded("a write into an inherited descriptor");
    }
}
