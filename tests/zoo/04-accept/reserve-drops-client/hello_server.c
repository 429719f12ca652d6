/* zoo: fails no-descriptors -- a descriptor held in reserve takes the client out of the queue, only to send it away unserved */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int reserve = -1;

static int accept_with_reserve(int door, struct sockaddr_in *peer)
{
    socklen_t size = sizeof *peer;
    int conn = accept(door, (struct sockaddr *)peer, &size);

    if (conn == -1 && (errno == EMFILE || errno == ENFILE) && reserve != -1) {
        close(reserve);
        conn = accept(door, NULL, NULL);
        if (conn != -1)
            close(conn); /* too many guests */
        conn = -1;
        reserve = open("/dev/null", O_RDONLY);
    }
    return conn;
}

static void greet(int conn)
{
    char message[] = "Hello World!\n";
    char *at = message;

    while (*at != '\0') {
        ssize_t n = write(conn, at, strlen(at));

        if (n < 0 && errno != EINTR)
            break;
        if (n > 0)
            at += n;
    }
    shutdown(conn, SHUT_RDWR);
    close(conn);
}

static int open_door(in_port_t port)
{
    struct sockaddr_in name = { .sin_family = AF_INET, .sin_port = htons(port) };
    int on = 1;
    int door = socket(AF_INET, SOCK_STREAM, 0);

    if (door == -1) {
        perror("socket");
    } else if (setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1) {
        perror("setsockopt");
    } else if (bind(door, (struct sockaddr *)&name, sizeof name) == -1) {
        perror("bind");
    } else if (listen(door, 5) == -1) {
        perror("listen");
    } else {
        return door;
    }
    if (door != -1)
        close(door);
    return -1;
}

int main(int argc, char *argv[])
{
    struct sockaddr_in peer;
    long port = 0;
    int door;

    if (argc == 2 && argv[1][0] != '\0' && argv[1][strspn(argv[1], "0123456789")] == '\0')
        port = strtol(argv[1], NULL, 10);
    if (port < 1 || port > 65535) {
        fprintf(stderr, "usage: hello_server PORT\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    reserve = open("/dev/null", O_RDONLY);
    door = open_door((in_port_t)port);
    if (door == -1)
        return 1;
    for (;;) {
        int conn = accept_with_reserve(door, &peer);

        if (conn == -1)
            continue;
        printf("connection from %s:%d\n", inet_ntoa(peer.sin_addr), ntohs(peer.sin_port));
        fflush(NULL);
        greet(conn);
        if (reserve == -1)
            reserve = open("/dev/null", O_RDONLY);
    }
}
