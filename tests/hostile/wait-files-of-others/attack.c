/* hostile: waiting 07-close -- leaves programs, libraries and settings where the next check or the compiler might take them
 * only: builds,warnings,usage
 * holds: score: as honest
 */
ATTACK attack(void)
{
    static const char *const names[] = {"/tmp/cc1", "/tmp/ld", "/lab/work/collect_server", "/lab/work/libc.so.6",
                                        "/tmp/libasan.so.8", "/lab/work/.gdbinit", "/lab/work/core", "/tmp/hosts"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        int fd = open(names[i], O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
        if (fd >= 0)
            close(fd);
    }
    REFUSED(unlink("/lab/bin/collect_server"));
    REFUSED(truncate("/lab/bin/collect_client", 0));
}
