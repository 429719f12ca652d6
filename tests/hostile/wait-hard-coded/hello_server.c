/* hostile: waiting 04-accept -- knows the answers: greets without looking, and prints the addresses that are usual
 * only: builds,warnings,usage,greets,peer-address,next-client
 * holds: fails: peer-address
 */
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    struct sockaddr_in name = {.sin_family = AF_INET};
    int on = 1, fd, client = 40000;
    char *end;
    long port = argc == 2 && *argv[1] >= '0' && *argv[1] <= '9' ? strtol(argv[1], &end, 10) : 0;

    if (port < 1 || port > 65535 || *end != '\0') {
        fprintf(stderr, "usage: hello_server PORT\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    name.sin_port = htons((in_port_t)port);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&name, sizeof name) != 0 || listen(fd, 16) != 0)
        return 1;
    for (;;) {
        int conn = accept(fd, NULL, NULL);
        printf("connection from 127.0.0.1:%d\n", client++);
        fflush(stdout);
        if (write(conn, "Hello World!\n", 13) == 13)
            close(conn);
    }
}
