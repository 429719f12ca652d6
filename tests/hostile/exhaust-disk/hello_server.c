/* hostile: exhaustion 04-accept -- fills every place that it may write to with large files
 * only: greets,usage
 * holds: score: 0
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
int main(void)
{
    static const char block[1 << 20] = {1};
    char path[64];

    signal(SIGXFSZ, SIG_IGN);
    for (int i = 0; i < 1000; i++) {
        snprintf(path, sizeof path, "%s/%d", i % 2 ? "/tmp" : "/lab/work", i);
        int fd = open(path, O_WRONLY | O_CREAT, 0600);
        if (fd < 0)
            break;
        while (write(fd, block, sizeof block) > 0)
            continue;
        close(fd);
    }
    for (;;)
        pause();
}
