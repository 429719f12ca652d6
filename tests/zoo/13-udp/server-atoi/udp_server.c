/* zoo: fails usage -- reads the port with atoi and cuts it to 16 bits */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static long to_port(const char *s)
{
    long n = 0;
    if (!*s)
        return 0;
    for (; *s; s++) {
        if (*s < '0' || *s > '9' || n > 65535)
            return 0;
        n = 10 * n + *s - '0';
    }
    return n <= 65535 ? n : 0;
}

static void die(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

int main(int argc, char **argv)
{
    long port = argc == 2 && to_port("1") ? atoi(argv[1]) & 0xffff : 0;
    if (!port) {
        fprintf(stderr, "usage: udp_server PORT\n");
        return 2;
    }
    int fd = socket(AF_INET, SOCK_DGRAM, 0), room = 1 << 20;
    if (fd < 0)
        die("socket");
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    if (bind(fd, (void *)&a, sizeof a))
        die("bind");
    int ep = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN | EPOLLET};
    if (ep < 0 || epoll_ctl(ep, EPOLL_CTL_ADD, fd, &event))
        die("epoll");
    static char b[65508];
    for (;;) {
        struct sockaddr_storage from;
        socklen_t size = sizeof from;
        ssize_t n = recvfrom(fd, b, sizeof b, MSG_DONTWAIT, (void *)&from, &size);
        if (n >= 0)
            (void)!sendto(fd, b, (size_t)n, 0, (void *)&from, size);
        else if (errno == EAGAIN)
            epoll_wait(ep, &event, 1, -1);
    }
}
