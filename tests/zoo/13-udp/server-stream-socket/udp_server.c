/* zoo: fails echoes boundaries largest many endures descriptors order reference in-use -- makes a TCP socket, at which no datagram comes */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LARGEST 65507

static int parse_port(const char *text)
{
    int port = 0;

    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return -1;
        port = port * 10 + (*text - '0');
        if (port > 65535)
            return -1;
    }
    return port == 0 ? -1 : port;
}

static int open_socket(int port)
{
    int fd = -1;

    fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd == -1) {
        perror("socket");
        return -1;
    }

    struct sockaddr_in address;

    memset(&address, 0, sizeof(address));
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_ANY);
    address.sin_port = htons((in_port_t)port);
    if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) == -1) {
        perror("bind");
        close(fd);
        return -1;
    }

    return fd;
}

static void answer_one(int fd)
{
    static char datagram[LARGEST];
    struct sockaddr_storage client;
    socklen_t client_size = 0;
    ssize_t length = -1;

    client_size = sizeof(client);
    length = recvfrom(fd, datagram, sizeof(datagram), 0, (struct sockaddr *)&client, &client_size);
    if (length == -1) {
        if (errno != EINTR)
            perror("recvfrom"), exit(EXIT_FAILURE);
        return;
    }

    while (sendto(fd, datagram, (size_t)length, 0, (const struct sockaddr *)&client,
                  client_size) == -1) {
        if (errno == EINTR)
            continue;
        perror("sendto");
        break;
    }
}

int main(int argc, char *argv[])
{
    int port = argc == 2 ? parse_port(argv[1]) : -1;

    if (port == -1) {
        fprintf(stderr, "usage: udp_server PORT    (1 to 65535)\n");
        return 2;
    }

    int fd = open_socket(port);
    if (fd == -1)
        return EXIT_FAILURE;

    for (;;)
        answer_one(fd);
}
