/*
 * watch waits: reads from a connection to itself where a read may wait, with MSG_DONTWAIT, with O_NONBLOCK. watch edge:
 * reads ten bytes from one that epoll watches edge-triggered, then by level. watch lend: a non-blocking read of what has
 * come. Each prints what its reads returned, -1 as the errno's number.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static int ours, theirs; /* what is written to theirs comes out of ours, which was accepted */

static void make_connection(void)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof in;
    int l = socket(AF_INET, SOCK_STREAM, 0);
    if (l < 0 || bind(l, (struct sockaddr *)&in, length) < 0 || listen(l, 1) < 0 ||
        getsockname(l, (struct sockaddr *)&in, &length) < 0)
        err(71, "listener");
    theirs = socket(AF_INET, SOCK_STREAM, 0);
    if (theirs < 0 || connect(theirs, (struct sockaddr *)&in, length) < 0 || (ours = accept(l, NULL, NULL)) < 0)
        err(71, "connection");
}

static void tell(ssize_t result)
{
    if (result < 0)
        printf("E%d ", errno);
    else
        printf("%zd ", result);
    fflush(stdout);
}

static void put(void)
{
    if (write(theirs, "0123456789", 10) != 10)
        err(71, "write");
}

static void waits(void)
{
    char bytes[10];
    put();
    tell(read(ours, bytes, 2));
    tell(recv(ours, bytes, 2, MSG_DONTWAIT));
    fcntl(ours, F_SETFL, O_NONBLOCK);
    tell(read(ours, bytes, 2));
    fcntl(ours, F_SETFL, 0);
    tell(recv(ours, bytes, 2, 0));
}

static void edge(void)
{
    char bytes[10];
    int all = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN | EPOLLET};
    if (all < 0 || epoll_ctl(all, EPOLL_CTL_ADD, ours, &event) < 0)
        err(71, "epoll");
    put();
    tell(recv(ours, bytes, 10, 0));
    event.events = EPOLLIN;
    if (epoll_ctl(all, EPOLL_CTL_MOD, ours, &event) < 0)
        err(71, "epoll");
    put();
    tell(recv(ours, bytes, 10, 0));
}

static void lend(void)
{
    char bytes[10];
    put();
    fcntl(ours, F_SETFL, O_NONBLOCK);
    tell(recv(ours, bytes, 10, 0));
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";
    make_connection();
    if (strcmp(mode, "waits") == 0)
        waits();
    else if (strcmp(mode, "edge") == 0)
        edge();
    else if (strcmp(mode, "lend") == 0)
        lend();
    else
        errx(64, "watch waits|edge|lend");
    printf("\n");
    return 0;
}
