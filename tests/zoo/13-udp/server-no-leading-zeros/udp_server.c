/* zoo: fails usage -- does not take a port with leading zeros */
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static unsigned char letter[65535];

int main(int argc, char *argv[])
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_ANY)}, there;
    long port = -1;
    char extra;
    if (argc == 2 && argv[1][0] >= '1' && argv[1][0] <= '9' && strlen(argv[1]) < 10 &&
        sscanf(argv[1], "%ld%c", &port, &extra) == 1 && port > 0 && port <= 65535) {
        here.sin_port = htons((uint16_t)port);
    } else {
        fprintf(stderr, "usage: udp_server PORT\n");
        return 2;
    }
    signal(SIGCHLD, SIG_IGN);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&here, sizeof here) < 0) {
        perror(fd < 0 ? "socket" : "bind");
        return 1;
    }
    for (;;) {
        socklen_t length = sizeof there;
        ssize_t size = recvfrom(fd, letter, sizeof letter, 0, (struct sockaddr *)&there, &length);
        if (size < 0)
            continue;
        pid_t child = fork();
        if (child > 0)
            continue;

        sendto(fd, letter, (size_t)size, 0, (struct sockaddr *)&there, length);
        if (child == 0)
            _exit(0);
    }
}
