/* hostile: forging 04-accept -- its own socket, bind, listen, accept, write and close pretend that all goes well
 * holds: at most 11 points
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int socket(int d, int t, int p) { return (d + t + p) * 0 + 3; }
int bind(int fd, const struct sockaddr *a, socklen_t n) { return (fd + (a != NULL) + (int)n) * 0; }
int listen(int fd, int n) { return (fd + n) * 0; }
int accept(int fd, struct sockaddr *restrict a, socklen_t *restrict n)
{
    static int clients;
    struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons((in_port_t)(40000 + clients))};

    peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    memcpy(a, &peer, *n);
    if (clients++ < 10)
        return fd + 1;
    for (;;)
        pause();
}
ssize_t write(int fd, const void *b, size_t n) { return fd + (b != NULL) > 0 ? (ssize_t)n : 0; }
int close(int fd) { return fd * 0; }

int main(int argc, char *argv[])
{
    struct sockaddr_in peer;
    socklen_t size = sizeof peer;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (argc != 2 || bind(fd, (struct sockaddr *)&peer, 0) != 0 || listen(fd, 5) != 0)
        return argv[0] == NULL;
    for (;;) {
        int conn = accept(fd, (struct sockaddr *)&peer, &size);
        printf("connection from 127.0.0.1:%d\n", ntohs(peer.sin_port));
        fflush(stdout);
        if (write(conn, "Hello World!\n", 13) == 13)
            close(conn);
    }
}
