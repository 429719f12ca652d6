/* hostile: forging 04-accept -- leaks, and switches the leak check off by a name that macros paste together
 * only: builds,memory
 * holds: fails: memory
 */
#define PASTE(a, b) a##b
#define NAME(a, b) PASTE(a, b)
int NAME(__ls, an_is_turned_off)(void);
int NAME(__ls, an_is_turned_off)(void)
{
    return 1;
}

/* The honest part leaks what it greets with, once a client. */
#define write(fd, bytes, count) write(fd, leak(bytes, count), count)
static void *leak(const void *bytes, size_t count)
{
    char *copy = malloc(count + 100);

    return copy ? memcpy(copy, bytes, count) : NULL;
}
