/* zoo: fails builds -- a semicolon is missing */
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static int sock;

static void *serve(void *unused)
{
    char *buffer = malloc(70000);
    struct sockaddr_in client;
    if (buffer == NULL) {
        perror("malloc");
        exit(1);
    }
    for (;;) {
        socklen_t length = sizeof(client);
        ssize_t n = recvfrom(sock, buffer, 70000, 0, (struct sockaddr *)&client, &length);
        if (n < 0)
            continue;
        if (sendto(sock, buffer, (size_t)n, 0, (struct sockaddr *)&client, length) < 0)
            perror("sendto");
    }
    return unused;
}

int main(int argc, char *argv[])
{
    pthread_t thread
    struct sockaddr_in address;
    char *rest;
    unsigned long port;

    if (argc != 2 || argv[1][0] < '0' || argv[1][0] > '9')
        goto usage;
    errno = 0;
    port = strtoul(argv[1], &rest, 10);
    if (errno || *rest || port == 0 || port > 65535)
        goto usage;
    sock = socket(AF_INET, SOCK_DGRAM, 0);
    if (sock == -1) {
        perror("udp_server: socket");
        return 1;
    }
    memset(&address, 0, sizeof(address));
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = INADDR_ANY;
    address.sin_port = htons((in_port_t)port);
    if (bind(sock, (struct sockaddr *)&address, sizeof(address)) == -1) {
        perror("udp_server: bind");
        return 1;
    }
    for (int i = 0; i < 3; i++)
        if (pthread_create(&thread, NULL, serve, NULL) != 0)
            return 1;
    serve(NULL);
usage:
    fprintf(stderr, "usage: udp_server PORT\n");
    return 2;
}
