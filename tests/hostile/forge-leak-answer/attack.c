/* hostile: forging 04-accept -- leaks, and answers the grader's question for leaks itself, with the hook's own status
 * only: builds,memory
 * holds: fails: memory
 */
static void answer(int number)
{
    _exit(97 + number * 0);
}

ATTACK attack(void)
{
    for (int number = SIGRTMIN; number <= SIGRTMAX; number++)
        signal(number, answer);
}

/* The honest part leaks what it greets with, once a client. */
#define write(fd, bytes, count) write(fd, leak(bytes, count), count)
static void *leak(const void *bytes, size_t count)
{
    char *copy = malloc(count + 100);

    return copy ? memcpy(copy, bytes, count) : NULL;
}
