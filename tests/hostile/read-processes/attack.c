/* hostile: reading 04-accept -- looks at the memory, files and folders of every process that it sees
 * holds: score: as honest
 */
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
            must_not_open(path, O_RDONLY);
        }
    }
    if (proc)
        closedir(proc);
    /* The sandbox's own first process is all there is. */
    if (others > 1)
        succeeded("other processes are seen");
}
