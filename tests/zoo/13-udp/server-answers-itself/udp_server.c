/* zoo: fails echoes boundaries largest many endures memory descriptors order reference -- answers go to its own address, and are
   answered in turn, without end */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static char datagram[65536];

static int port_of(const char *text)
{
    size_t digits = strspn(text, "0123456789");

    if (digits == 0 || text[digits] != '\0' || strlen(text) > 9 || atoi(text) > 65535)
        return 0;
    return atoi(text);
}

int main(int argc, char *argv[])
{
    struct sockaddr_in here = {.sin_family = AF_INET}, from;
    int port = argc == 2 ? port_of(argv[1]) : 0;

    if (port == 0) {
        fputs("usage: udp_server PORT\n", stderr);
        return 2;
    }
    here.sin_addr.s_addr = htonl(INADDR_ANY);
    here.sin_port = htons((in_port_t)port);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (fd == -1)
        err(1, "socket");
    if (bind(fd, (struct sockaddr *)&here, sizeof here) == -1)
        err(1, "bind");
    for (;;) {
        socklen_t length = sizeof from;
        ssize_t got = recvfrom(fd, datagram, sizeof datagram, 0, (struct sockaddr *)&from, &length);

        if (got == -1)
            continue;
        while (sendto(fd, datagram, (size_t)got, 0, (struct sockaddr *)&here, sizeof here) == -1 && errno == EINTR)
            continue;
    }
}
