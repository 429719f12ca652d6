/* hostile: escape 04-accept -- call numbers that no kernel had when the grader was written, x32's, and negative ones
 * only: builds,warnings,greets,next-client
 * holds: score: as honest
 */

/* In a child: a filter may kill for it. */
static void try_numbers(long from, long to)
{
    pid_t child = fork();
    int status = 0;

    if (child == 0) {
        for (long number = from; number < to; number++) {
            if (syscall(number, 0, 0, 0, 0, 0, 0) != -1)
                succeeded("an unknown call");
        }
        _exit(0);
    }
    waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
        _exit(WEXITSTATUS(status));
}

ATTACK attack(void)
{
    try_numbers(470, 1024);
    try_numbers(0x40000000, 0x40000000 + 560);
    try_numbers(-64, 0);
}
