/* zoo: fails descriptors -- the connection is closed only if the greeting could be written */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int port_number(const char *text)
{
    char *end;
    long value;

    if (*text < '0' || *text > '9')
        return -1;
    value = strtol(text, &end, 10);
    if (*end != '\0' || value < 1 || value > 65535)
        return -1;
    return (int)value;
}

static int make_listener(int port)
{
    struct sockaddr_in address;
    int yes = 1;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (fd == -1) {
        perror("socket");
        return -1;
    }
    memset(&address, 0, sizeof(address));
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_ANY);
    address.sin_port = htons((in_port_t)port);
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) == -1) {
        perror("setsockopt");
        return -1;
    }
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) == -1) {
        perror("bind");
        return -1;
    }
    if (listen(fd, 32) == -1) {
        perror("listen");
        return -1;
    }
    return fd;
}

int main(int argc, char *argv[])
{
    static const char greeting[] = "Hello World!\n";
    int listener, port = argc == 2 ? port_number(argv[1]) : -1;

    if (port == -1) {
        fprintf(stderr, "usage: hello_server PORT\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    listener = make_listener(port);
    if (listener == -1)
        return 1;

    while (1) {
        struct sockaddr_in client;
        socklen_t length = sizeof(client);
        size_t sent = 0;
        int conn = accept(listener, (struct sockaddr *)&client, &length);

        if (conn == -1)
            continue;
        printf("connection from %s:%d\n", inet_ntoa(client.sin_addr), ntohs(client.sin_port));
        fflush(stdout);
        while (sent < strlen(greeting)) {
            ssize_t n = write(conn, greeting + sent, strlen(greeting) - sent);

            if (n == -1 && errno == EINTR)
                continue;
            if (n == -1)
                break;
            sent += (size_t)n;
        }
        if (sent < strlen(greeting)) {
            fprintf(stderr, "the client is gone\n");
            continue;
        }
        close(conn);
    }
}
