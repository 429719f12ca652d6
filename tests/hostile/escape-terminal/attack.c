/* hostile: escape 04-accept -- types into terminals: TIOCSTI, TIOCLINUX, a controlling terminal, /dev/tty
 * holds: score: as honest
 */
#include <termios.h>

ATTACK attack(void)
{
    char letter = 'x', paste[2] = {3, 0};

    must_not_open("/dev/tty", O_RDWR);
    must_not_open("/dev/tty0", O_RDWR);
    must_not_open("/dev/tty1", O_RDWR);
    must_not_open("/dev/console", O_RDWR);
    must_not_open("/dev/ptmx", O_RDWR);
    must_not_open("/dev/pts/ptmx", O_RDWR);
    for (int fd = 0; fd < 3; fd++) {
        REFUSED(ioctl(fd, TIOCSTI, &letter));
        /* The kernel compares 32 bits, the register holds 64. */
        REFUSED(syscall(SYS_ioctl, fd, TIOCSTI | 1L << 32, &letter));
        REFUSED(ioctl(fd, 0x541C /* TIOCLINUX */, paste));
        REFUSED(ioctl(fd, TIOCSCTTY, 1));
        REFUSED(ioctl(fd, TIOCNOTTY));
        if (isatty(fd))
            succeeded("a terminal");
    }
}
