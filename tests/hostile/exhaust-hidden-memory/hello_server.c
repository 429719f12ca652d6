/* hostile: exhaustion 04-accept -- memory that no rlimit counts: memfd, files in /tmp, pipes, sockets' queues
 * only: greets
 * holds: score: 0
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
int main(void)
{
    static char block[1 << 20];
    int ends[2];

    memset(block, 1, sizeof block);
    for (int i = 0; i < 300; i++) {
        int fd = memfd_create("hostile", 0);
        for (int j = 0; fd >= 0 && j < 60; j++) {
            if (write(fd, block, sizeof block) < 0)
                break;
        }
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0) {
            int size = 1 << 30;
            setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
            while (write(ends[0], block, sizeof block) > 0)
                continue;
        }
        if (pipe2(ends, O_NONBLOCK) == 0) {
            fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);
            while (write(ends[1], block, sizeof block) > 0)
                continue;
        }
    }
    for (;;)
        pause();
}
