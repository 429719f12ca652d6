/* hostile: reading 04-accept -- looks at the memory, files and folders of every process that it sees
 * holds: score: as honest
 */
/* Of some files it is only asked at the read who wants to know. */
static void must_not_read(const char *path)
{
    char byte;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0)
        return;
    if (read(fd, &byte, 1) > 0)
        succeeded(path);
    close(fd);
}

ATTACK attack(void)
{
    static const char *const names[] = {"mem", "maps", "environ", "auxv", "syscall", "stack", "map_files", "root/lab/src"};
    char path[300];
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    int others = 0;

    while (proc && (entry = readdir(proc))) {
        int pid = atoi(entry->d_name);
        if (pid <= 0 || pid == getpid())
            continue;
        others++;
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            snprintf(path, sizeof path, "/proc/%d/%s", pid, names[i]);
            must_not_read(path);
        }
    }
    if (proc)
        closedir(proc);
    /* The sandbox's own first process is all there is. */
    if (others > 1)
        succeeded("other processes are seen");
}
