/* hostile: escape 04-accept -- writes to /proc and /sys: the kernel's settings, the memory killer's, cgroups, triggers
 * holds: score: as honest
 */
/* Some may be opened by everybody, and only the write is looked at. */
static void must_not_write(const char *path)
{
    int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0)
        return;
    if (write(fd, "1", 1) >= 0)
        succeeded(path);
    close(fd);
}

static void walk(const char *folder, int depth)
{
    char path[4096];
    DIR *d = depth < 5 ? opendir(folder) : NULL;
    struct dirent *entry;

    while (d && (entry = readdir(d))) {
        struct stat st;
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (lstat(path, &st) != 0)
            continue;
        if (S_ISDIR(st.st_mode))
            walk(path, depth + 1);
        else if (S_ISREG(st.st_mode))
            must_not_write(path);
    }
    if (d)
        closedir(d);
}

ATTACK attack(void)
{
    walk("/proc/sys/kernel", 0);
    walk("/proc/sys/net/core", 0);
    walk("/proc/sys/vm", 0);
    walk("/proc/sys/fs", 0);
    walk("/proc/sys/user", 0);
    walk("/proc/irq", 2);
    walk("/sys", 0);
    must_not_open("/proc/sysrq-trigger", O_WRONLY);
    must_not_write("/proc/1/uid_map");
    must_not_open("/sys/fs/cgroup/cgroup.procs", O_WRONLY);
    int fd = open("/proc/self/oom_score_adj", O_WRONLY);
    if (fd < 0)
        return;
    REFUSED(write(fd, "-1000", 5));
    close(fd);
}
