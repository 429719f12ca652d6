/* zoo: fails endures -- ends when poll is interrupted */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

static unsigned char first_half[40000], second_half[40000];

static int drain(int fd)
{
    struct sockaddr_storage who;
    struct iovec pieces[2] = {{first_half, sizeof first_half}, {second_half, sizeof second_half}};
    struct msghdr m = {.msg_name = &who, .msg_namelen = sizeof who, .msg_iov = pieces, .msg_iovlen = 2};
    ssize_t n = recvmsg(fd, &m, 0);
    if (n < 0)
        return errno == EINTR;
    size_t size = (size_t)n;
    if (size <= sizeof first_half) {
        pieces[0].iov_len = size;
        m.msg_iovlen = 1;
    } else {
        pieces[1].iov_len = size - sizeof first_half;
    }
    if (sendmsg(fd, &m, 0) < 0)
        perror("sendmsg");
    return 1;
}

static int bad_port(const char *s)
{
    if (!*s || strlen(s) > 12)
        return 1;
    for (const char *p = s; *p; p++)
        if (*p < '0' || *p > '9')
            return 1;
    return atol(s) < 1 || atol(s) > 65535;
}

int main(int argc, char **argv)
{
    struct sockaddr_in me = {0};
    int yes = 1;
    if (argc != 2 || bad_port(argv[1]))
        return fputs("usage: udp_server PORT\n", stderr), 2;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd == -1)
        return perror("socket"), 1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes))
        return perror("setsockopt"), 1;
    me.sin_family = AF_INET;
    inet_pton(AF_INET, "0.0.0.0", &me.sin_addr);
    me.sin_port = htons((unsigned short)atoi(argv[1]));
    if (bind(fd, (struct sockaddr *)&me, sizeof me))
        return perror("bind"), 1;
    struct pollfd p = {fd, POLLIN, 0};
    while (1) {
        if (poll(&p, 1, -1) == -1)
            return perror("poll"), 1;
        while (drain(fd))
            ;
    }
}
