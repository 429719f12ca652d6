/* hostile: exhaustion 04-accept -- calls with counts and vectors that no tracer should want to copy
 * only: greets
 * holds: score: 0
 */
#include <limits.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
int main(int argc, char *argv[])
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons((in_port_t)atoi(argc > 1 ? argv[1] : "0"))};
    size_t size = 1UL << 40;
    char *room = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    struct iovec many[1024];
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    for (int i = 0; i < 1024; i++)
        many[i] = (struct iovec){room, size / 2048};
    if (room == MAP_FAILED || bind(fd, (struct sockaddr *)&name, sizeof name) != 0 || listen(fd, INT_MAX) != 0)
        return 1;
    for (;;) {
        int conn = accept(fd, NULL, NULL);
        if (write(conn, room, size) < 0 || writev(conn, many, 1024) < 0 || write(conn, (void *)-1L, size) < 0 ||
            sendto(conn, room, 1 << 30, 0, (struct sockaddr *)(void *)-4096L, UINT_MAX) < 0)
            write(conn, NULL, SSIZE_MAX) < 0 ? close(conn) : 0;
    }
}
