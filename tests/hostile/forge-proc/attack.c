/* hostile: forging 04-accept -- writes into other processes' descriptors and memory by way of /proc
 * holds: score: as honest
 */
static const char *const ways[] = {"mem", "fd/1", "fd/3", "fd/4", "fd/5", "fd/6", "fd/7", "fd/8"};

ATTACK attack(void)
{
    char path[300];
    DIR *proc = opendir("/proc");
    struct dirent *entry;

    while (proc && (entry = readdir(proc))) {
        int pid = atoi(entry->d_name);
        for (size_t i = 0; pid > 0 && pid != getpid() && i < sizeof ways / sizeof *ways; i++) {
            snprintf(path, sizeof path, "/proc/%d/%s", pid, ways[i]);
            must_not_open(path, O_WRONLY);
        }
    }
    if (proc)
        closedir(proc);
}
