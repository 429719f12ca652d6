/* hostile: forging 04-accept -- leaks, and runs itself again with the leak check switched off in the environment
 * only: builds,memory
 * holds: fails: memory
 */
ATTACK attack(void)
{
    char line[4096];
    char *argv[16] = {0};
    int fd = open("/proc/self/cmdline", O_RDONLY);
    ssize_t length = fd < 0 ? 0 : read(fd, line, sizeof line - 1);
    size_t count = 0;

    if (getenv("ASAN_" "OPTIONS") && strstr(getenv("ASAN_" "OPTIONS"), "detect_leaks=0"))
        return;
    for (char *at = line; at < line + length && count < 15; at += strlen(at) + 1)
        argv[count++] = at;
    setenv("ASAN_" "OPTIONS", "detect_leaks=0:abort_on_error=0", 1);
    execv("/proc/self/exe", argv);
}

/* The honest part leaks what it greets with, once a client. */
#define write(fd, bytes, count) write(fd, leak(bytes, count), count)
static void *leak(const void *bytes, size_t count)
{
    char *copy = malloc(count + 100);

    return copy ? memcpy(copy, bytes, count) : NULL;
}
