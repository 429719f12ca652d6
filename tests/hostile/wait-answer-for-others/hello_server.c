/* hostile: waiting 04-accept -- one process serves every port of the room, so that a check's own start need not work
 * only: builds,warnings,greets,next-client,vanished
 * options: --jobs 1
 * holds: score: 6
 */
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    static struct pollfd door[900];
    int first = argc > 1 ? atoi(argv[1]) + 1 : 8000;

    signal(SIGPIPE, SIG_IGN);
    if (fork() != 0)
        return 0;
    setsid();
    for (int i = 0; i < 900; i++) {
        struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons((in_port_t)(first + i))};
        door[i].fd = socket(AF_INET, SOCK_STREAM, 0);
        door[i].events = POLLIN;
        if (bind(door[i].fd, (struct sockaddr *)&name, sizeof name) == 0)
            listen(door[i].fd, 5);
    }
    while (poll(door, 900, -1) > 0) {
        for (int i = 0; i < 900; i++) {
            if (!(door[i].revents & POLLIN))
                continue;
            int conn = accept(door[i].fd, NULL, NULL);
            if (write(conn, "Hello World!\n", 13) > 0)
                close(conn);
        }
    }
    return 0;
}
