/* hostile: forging 04-accept -- writes past an array, and takes the sanitizer's report away: stderr is closed, _exit is its own
 * only: builds,memory
 * holds: fails: memory
 */
ATTACK attack(void)
{
    /* Reports go to descriptor 2, whatever that is. */
    int nothing = open("/dev/null", O_WRONLY);

    if (nothing >= 0)
        dup2(nothing, 2);
}

#define write(fd, bytes, count) write(fd, overrun(bytes), count)
static const void *overrun(const char *bytes)
{
    char *room = malloc(13);

    if (room)
        memcpy(room, bytes, 14);
    free(room);
    return bytes;
}
