/* zoo: fails endures -- ends when recvfrom is interrupted */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

static char box[65536];

static int numeric_port(const char *text)
{
    size_t n = strlen(text);
    return n > 0 && n < 8 && strspn(text, "0123456789") == n && atoi(text) > 0 && atoi(text) < 65536;
}

int main(int argc, char *argv[])
{
    if (argc != 2 || !numeric_port(argv[1])) {
        fprintf(stderr, "usage: udp_server PORT\n");
        exit(2);
    }
    struct addrinfo *list, hints = {.ai_family = AF_INET6, .ai_socktype = SOCK_DGRAM,
                                    .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    int e = getaddrinfo(NULL, argv[1], &hints, &list);
    if (e) {
        fprintf(stderr, "udp_server: %s\n", gai_strerror(e));
        exit(1);
    }
    int off = 0, s = socket(list->ai_family, list->ai_socktype, list->ai_protocol);
    if (s < 0) {
        perror("socket");
        exit(1);
    }
    if (setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) < 0) {
        perror("setsockopt");
        exit(1);
    }
    if (bind(s, list->ai_addr, list->ai_addrlen) < 0) {
        perror("bind");
        exit(1);
    }
    freeaddrinfo(list);
    for (;;) {
        struct sockaddr_in6 who;
        socklen_t size = sizeof who;
        ssize_t got = recvfrom(s, box, sizeof box, 0, (struct sockaddr *)&who, &size);
        if (got >= 0)
            sendto(s, box, (size_t)got, 0, (struct sockaddr *)&who, size);
        else {
            perror("recvfrom");
            exit(1);
        }
    }
}
