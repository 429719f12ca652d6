/* hostile: exhaustion 04-accept -- sends its client bytes without end, from many processes
 * only: greets,next-client
 * holds: score: 0
 */
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
int main(int argc, char *argv[])
{
    static char block[1 << 20];
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons((in_port_t)atoi(argc > 1 ? argv[1] : "0"))};
    int fd = socket(AF_INET, SOCK_STREAM, 0), size = 1 << 30;

    signal(SIGPIPE, SIG_IGN);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    memset(block, 'x', sizeof block);
    if (bind(fd, (struct sockaddr *)&name, sizeof name) != 0 || listen(fd, 5) != 0)
        return 1;
    for (;;) {
        int conn = accept(fd, NULL, NULL);
        if (fork() == 0) {
            fork();
            fork();
            while (write(conn, block, sizeof block) > 0)
                continue;
            _exit(0);
        }
        close(conn);
    }
}
