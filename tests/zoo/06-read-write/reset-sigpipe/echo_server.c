/* zoo: fails reset -- SIGPIPE is left as it is: one client that has gone ends the server */
#include "io.h"
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static int Fail(const char *what)
{
    fprintf(stderr, "echo_server: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int Check(int value, const char *what)
{
    return value < 0 ? Fail(what) : value;
}

static int IsNumber(const char *s)
{
    return *s != '\0' && strspn(s, "0123456789") == strlen(s);
}

static int Port(int argc, char **argv)
{
    int port;

    if (argc == 2 && IsNumber(argv[1]) && strlen(argv[1]) < 9 && (port = atoi(argv[1])) > 0 && port < 65536)
    {
        return port;
    }
    fprintf(stderr, "usage: echo_server PORT\n");
    exit(2);
}

static struct sockaddr_in Anywhere(int port)
{
    struct sockaddr_in a = {0};

    a.sin_family = AF_INET;
    a.sin_port = htons((in_port_t)port);
    return a;
}

static int Listener(int port)
{
    struct sockaddr_in a = Anywhere(port);
    int fd = Check(socket(AF_INET, SOCK_STREAM, 0), "socket");

    Check(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)), "setsockopt");
    Check(bind(fd, (struct sockaddr *)&a, sizeof(a)), "bind");
    Check(listen(fd, 4096), "listen");
    return fd;
}

static int Watch(int listener)
{
    struct epoll_event e = {.events = EPOLLIN, .data.fd = listener};
    int ep = Check(epoll_create1(0), "epoll_create1");

    Check(epoll_ctl(ep, EPOLL_CTL_ADD, listener, &e), "epoll_ctl");
    return ep;
}

static ssize_t Some(int fd, char *to, size_t size)
{
    ssize_t n = read(fd, to, size);

    return n < 0 && errno == EINTR ? Some(fd, to, size) : n;
}

static int Once(int fd)
{
    char bytes[2048];
    ssize_t n = Some(fd, bytes, sizeof(bytes));

    return n > 0 && writen(fd, bytes, (size_t)n) == n;
}

static void Serve(int fd)
{
    if (fd >= 0)
    {
        while (Once(fd))
        {
        }
        close(fd);
    }
}

static int Knock(int ep)
{
    struct epoll_event e;

    return epoll_wait(ep, &e, 1, -1) == 1;
}

int main(int argc, char **argv)
{
    int listener = Listener(Port(argc, argv));
    int ep = Watch(listener);

    for (;;)
    {
        if (Knock(ep))
        {
            Serve(accept(listener, NULL, NULL));
        }
    }
}
