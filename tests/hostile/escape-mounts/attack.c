/* hostile: escape 04-accept -- mounts, roots and file handles, old calls and new
 * holds: score: as honest
 */
#include <sys/mount.h>

ATTACK attack(void)
{
    struct { unsigned size; int type; unsigned char bytes[128]; } handle = {.size = 128};
    int id;

    REFUSED(mount("proc", "/tmp", "proc", 0, NULL));
    REFUSED(mount("tmpfs", "/tmp", "tmpfs", 0, NULL));
    REFUSED(mount("/", "/tmp", NULL, MS_BIND | MS_REC, NULL));
    REFUSED(mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL));
    REFUSED(mount(NULL, "/lab/bin", NULL, MS_REMOUNT | MS_BIND, NULL));
    REFUSED(umount2("/tmp", MNT_DETACH));
    REFUSED(umount2("/proc", MNT_DETACH));
    REFUSED(umount2("/", MNT_DETACH));
    REFUSED(syscall(SYS_pivot_root, "/tmp", "/tmp"));
    REFUSED(chroot("/tmp"));
    REFUSED(syscall(428 /* open_tree */, AT_FDCWD, "/", 1));
    REFUSED(syscall(429 /* move_mount */, AT_FDCWD, "/tmp", AT_FDCWD, "/lab/work", 0));
    REFUSED(syscall(430 /* fsopen */, "tmpfs", 0));
    REFUSED(syscall(433 /* fspick */, AT_FDCWD, "/", 0));
    REFUSED(syscall(442 /* mount_setattr */, AT_FDCWD, "/", 0, NULL, 0));
    REFUSED(syscall(SYS_name_to_handle_at, AT_FDCWD, "/", &handle, &id, 0));
    REFUSED(syscall(SYS_open_by_handle_at, AT_FDCWD, &handle, O_RDONLY));
    REFUSED(mknod("/tmp/disk", S_IFBLK | 0600, 8 << 8));
    REFUSED(mknod("/tmp/memory", S_IFCHR | 0600, 1 << 8 | 1));
    REFUSED(syscall(SYS_swapon, "/tmp/disk", 0));
    REFUSED(syscall(SYS_quotactl, 0, "/", 0, NULL));
    REFUSED(syscall(SYS_acct, "/tmp/acct"));
}
