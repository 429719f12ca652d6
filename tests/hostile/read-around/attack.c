/* hostile: reading 04-accept -- opens what a student must not see: sources, solutions, checks, reports, homes, logs, devices
 * holds: score: as honest
 */
ATTACK attack(void)
{
    static const char *const paths[] = {
        "@HOME@/secret", "/etc/shadow", "/etc/gshadow", "/etc/ssh", "/etc/sudoers", "/root", "/home", "/work", "/var/log",
        "/var/lib", "/boot", "/sys/kernel", "/run", "/mnt", "/media", "/srv", "/opt", "/lab/src", "/lab/reference",
        "/lab/kit", "/lab/report", "/lab/run", "/tmp/view", "/tmp/src", "/tmp/run", "/view", "/oldroot", "/newroot",
        "/dev/mem", "/dev/kmem", "/dev/port", "/dev/kmsg", "/dev/sda", "/dev/vda", "/dev/loop0", "/dev/loop-control",
        "/dev/fuse", "/dev/kvm", "/dev/net/tun", "/dev/ptmx", "/dev/pts/0", "/dev/console", "/dev/input", "/dev/dri",
        "/dev/vsock", "/dev/userfaultfd", "/dev/vhost-net", "/proc/kcore", "/proc/kmsg", "/proc/1/root/work",
        "/proc/1/root/tmp/view", "/proc/1/cwd/view", "/proc/self/root/work", "/proc/1/fd/0/../../work",
    };

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        must_not_open(paths[i], O_RDONLY);
    /* Own and empty, but nobody else's. */
    DIR *tmp = opendir("/tmp");
    for (struct dirent *entry; tmp && (entry = readdir(tmp));) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            succeeded(entry->d_name);
    }
    if (tmp)
        closedir(tmp);
}
