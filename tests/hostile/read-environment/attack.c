/* hostile: reading 04-accept -- looks for the host's variables in its own environment and everybody else's
 * holds: score: as honest
 */
extern char **environ;

static void search(const char *bytes, size_t size, const char *where)
{
    /* In two halves: the word must not be found in this source. */
    if (memmem(bytes, size, "SOCKLAB_CANARY", 14) || memmem(bytes, size, "canary-", 7))
        succeeded(where);
}

ATTACK attack(void)
{
    char path[300];
    static char bytes[65536];
    DIR *proc = opendir("/proc");
    struct dirent *entry;

    for (char **word = environ; *word; word++)
        search(*word, strlen(*word), "own environment");
    while (proc && (entry = readdir(proc))) {
        static const char *const names[] = {"environ", "cmdline", "comm", "mountinfo"};
        for (size_t i = 0; atoi(entry->d_name) > 0 && i < 4; i++) {
            snprintf(path, sizeof path, "/proc/%s/%s", entry->d_name, names[i]);
            int fd = open(path, O_RDONLY);
            ssize_t n = fd < 0 ? 0 : read(fd, bytes, sizeof bytes);
            if (n > 0)
                search(bytes, (size_t)n, path);
            if (fd >= 0)
                close(fd);
        }
    }
    if (proc)
        closedir(proc);
}
