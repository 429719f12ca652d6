/* hostile: forging 04-accept -- leaks, and finds the sanitizer's switch at run time, by a name that no source and no linker sees
 * only: builds,memory
 * holds: fails: memory
 * open: a sanitizer lives in the program that it watches, and knows no secret from it (THREAT-MODEL)
 */
extern void *dlsym(void *handle, const char *name);

ATTACK attack(void)
{
    char name[32] = "__";
    void (*off)(void);

    strcat(name, "lsan");
    strcat(name, "_disable");
    off = (void (*)(void))dlsym(NULL, name);
    if (off)
        off();
}

/* The honest part leaks what it greets with, once a client. */
#define write(fd, bytes, count) write(fd, leak(bytes, count), count)
static void *leak(const void *bytes, size_t count)
{
    char *copy = malloc(count + 100);

    return copy ? memcpy(copy, bytes, count) : NULL;
}
