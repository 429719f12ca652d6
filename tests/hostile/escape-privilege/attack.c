/* hostile: escape 04-accept -- other users, groups and capabilities; programs that are set-user-ID
 * holds: score: as honest
 */
#include <grp.h>
#include <sys/fsuid.h>

ATTACK attack(void)
{
    static const char *const programs[] = {"/bin/su", "/usr/bin/sudo", "/bin/mount", "/usr/bin/passwd", "/usr/bin/newgrp",
                                           "/usr/bin/pkexec", "/usr/bin/bwrap", "/usr/bin/newuidmap", "/bin/ping"};
    struct { unsigned version; int pid; } header = {0x20080522, 0};
    struct { unsigned effective, permitted, inheritable; } all[2] = {{~0U, ~0U, ~0U}, {~0U, ~0U, ~0U}}, now[2];
    gid_t groups[] = {0};

    REFUSED(setuid(0));
    REFUSED(setgid(0));
    REFUSED(setreuid(0, 0));
    REFUSED(setresgid(0, 0, 0));
    REFUSED(setgroups(1, groups));
    REFUSED(initgroups("root", 0));
    REFUSED(syscall(SYS_capset, &header, all));
    if (syscall(SYS_capget, &header, now) == 0 && (now[0].permitted || now[1].permitted || now[0].effective))
        succeeded("a capability");
    for (int capability = 0; capability < 64; capability++)
        REFUSED(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0));
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
        succeeded("new privileges");
    REFUSED(prctl(PR_SET_SECUREBITS, 0));
    REFUSED(chown("/lab/bin/hello_server", 0, 0));
    setfsuid(0);
    if (setfsuid((uid_t)-1) == 0)
        succeeded("setfsuid");
    if (geteuid() == 0 || getuid() == 0)
        succeeded("root");
    /* Whoever of them runs must run as this user: it is asked whether it can write what it owns. */
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        struct stat st;
        if (stat(programs[i], &st) == 0 && st.st_uid == geteuid())
            succeeded(programs[i]);
    }
    int to[] = {open("/proc/self/uid_map", O_WRONLY), open("/proc/self/gid_map", O_WRONLY), open("/proc/self/setgroups", O_WRONLY)};
    for (size_t i = 0; i < 3; i++) {
        REFUSED(write(to[i], "0 0 1\n", 6));
        if (to[i] >= 0)
            close(to[i]);
    }
}
