/* hostile: forging 04-accept -- writes reports, programs and configuration wherever somebody might read them
 * holds: score: as honest
 */
ATTACK attack(void)
{
    static const char *const places[] = {
        "report.json", "verdict", "/tmp/report.json", "/tmp/socklab", "hello_server", "Makefile", "core",
    };
    static const char *const closed[] = {
        "/lab/bin/hello_server", "/lab/bin/hello_server.asan", "/lab/bin/new", "/lab/reference/hello_client",
        "/lab/report/04-accept", "/lab/src/hello_server.c", "/lab/new", "/new", "/usr/bin/gcc", "/usr/new", "/etc/hosts",
        "/etc/ld.so.preload", "/dev/new", "/bin/sh", "/lib/new", "/proc/sys/kernel/core_pattern",
        "/proc/sys/kernel/hostname", "/proc/sysrq-trigger", "/sys/kernel/new", "@HOME@/report.json",
    };

    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        int fd = open(places[i], O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
        if (fd >= 0) {
            dprintf(fd, "{\"lab\":\"04-accept\",\"score\":100,\"max\":100,\"complete\":true}\n");
            close(fd);
        }
    }
    for (size_t i = 0; i < sizeof closed / sizeof *closed; i++) {
        must_not_open(closed[i], O_WRONLY | O_CREAT);
        REFUSED(unlink(closed[i]));
        REFUSED(symlink("/tmp/socklab", closed[i]));
    }
    REFUSED(rename("/lab/bin", "/lab/old"));
    REFUSED(chmod("/lab/bin/hello_server", 0777));
}
