/* hostile: escape 04-accept -- the host's abstract socket, System V segment, message queues and shared memory files
 * holds: score: as honest
 */
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/shm.h>

ATTACK attack(void)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    const char host[] = "@NAME@";
    char line[512];

    memcpy(name.sun_path + 1, host, sizeof host - 1);
    REFUSED(connect(fd, (struct sockaddr *)&name, offsetof(struct sockaddr_un, sun_path) + sizeof host));
    REFUSED(connect(fd, (struct sockaddr *)&name, offsetof(struct sockaddr_un, sun_path) + sizeof host - 1 + 1));
    close(fd);
    FILE *list = fopen("/proc/net/unix", "r");
    while (list && fgets(line, sizeof line, list)) {
        if (strstr(line, "@hostile-canary"))
            succeeded("the host's sockets are seen");
    }
    if (list)
        fclose(list);
    REFUSED(shmget(@KEY@, 0, 0));
    REFUSED(shmat(0, NULL, 0));
    REFUSED(shmctl(0, IPC_RMID, NULL));
    list = fopen("/proc/sysvipc/shm", "r");
    for (int lines = 0; list && fgets(line, sizeof line, list);) {
        if (lines++ > 0)
            succeeded("the host's segments are seen");
    }
    if (list)
        fclose(list);
    REFUSED(open("/dev/shm/hostile-own/..", O_RDONLY));
    fd = open("/dev/shm/hostile-own", O_RDWR | O_CREAT, 0600);
    if (fd >= 0)
        close(fd);
    long queue = syscall(SYS_mq_open, "hostile-own", O_CREAT | O_RDWR, 0600, NULL);
    if (queue >= 0)
        close((int)queue);
    REFUSED(open("/dev/mqueue", O_RDONLY));
}
