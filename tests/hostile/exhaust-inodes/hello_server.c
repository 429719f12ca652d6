/* hostile: exhaustion 04-accept -- takes every inode, in folders as deep as they go, with links to the start
 * only: greets
 * holds: score: 0
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
int main(void)
{
    char name[256];

    for (int i = 0; i < 255; i++)
        name[i] = 'n';
    name[255] = '\0';
    for (int i = 0; i < 8000; i++) {
        if (mkdir(name, 0) != 0 || chmod(name, 0700) != 0 || chdir(name) != 0)
            break;
        close(open("file", O_CREAT | O_WRONLY, 0));
        if (symlink("/lab/work", "link") != 0)
            break;
    }
    for (int i = 0; i < 100000; i++) {
        snprintf(name, sizeof name, "/tmp/%d", i);
        int fd = open(name, O_CREAT | O_WRONLY, 0);
        if (fd < 0)
            break;
        close(fd);
    }
    for (;;)
        pause();
}
