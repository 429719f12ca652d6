/* zoo: fails reports-failure in-use -- a failed call is reported, but the exit status says success */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct options
{
    unsigned short port;
    int backlog;
};

static int read_options(struct options *options, int argc, char *argv[])
{
    unsigned port;
    char rest;

    if (argc != 3)
    {
        return -1;
    }
    for (int i = 1; i < 3; i++)
    {
        size_t length = strlen(argv[i]);

        if (length == 0 || strspn(argv[i], "0123456789") != length ||
            length - strspn(argv[i], "0") > 5)
        {
            return -1;
        }
    }
    if (sscanf(argv[1], "%u%c", &port, &rest) != 1 || port > 65535 ||
        sscanf(argv[2], "%d%c", &options->backlog, &rest) != 1 || options->backlog < 1 ||
        options->backlog > 4096)
    {
        return -1;
    }
    options->port = (unsigned short)port;
    return 0;
}

static int open_door(const struct options *options)
{
    const int on = 1;
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(options->port)};
    const char *call = "socket";
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd != -1)
    {
        call = "setsockopt";
        if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0)
        {
            call = "bind";
            if (bind(fd, (struct sockaddr *)&any, sizeof(any)) == 0)
            {
                call = "listen";
                if (listen(fd, options->backlog) == 0)
                {
                    return fd;
                }
            }
        }
    }
    perror(call);
    if (fd != -1)
    {
        close(fd);
    }
    return -1;
}

static int announce(int fd, const struct options *options)
{
    struct sockaddr_in name;
    socklen_t size = sizeof(name);
    char *line = NULL;

    if (getsockname(fd, (struct sockaddr *)&name, &size) == -1)
    {
        perror("getsockname");
        return -1;
    }
    if (asprintf(&line, "listening on %s:%d backlog %d", inet_ntoa(name.sin_addr), ntohs(name.sin_port),
                 options->backlog) == -1)
    {
        fprintf(stderr, "asprintf: no memory\n");
        return -1;
    }
    if (puts(line) == EOF || fflush(stdout) == EOF)
    {
        perror("puts");
    }
    free(line);
    return 0;
}

static int drain(void)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP};
    char scrap[7];
    ssize_t n = -1;
    int epoll = epoll_create1(EPOLL_CLOEXEC);

    if (epoll == -1)
    {
        perror("epoll_create1");
        return -1;
    }

    int pollable = epoll_ctl(epoll, EPOLL_CTL_ADD, STDIN_FILENO, &event) == 0;

    for (;;)
    {
        if (pollable && epoll_wait(epoll, &event, 1, -1) == -1)
        {
            if (errno == EINTR)
            {
                continue;
            }
            perror("epoll_wait");
            break;
        }
        n = read(STDIN_FILENO, scrap, sizeof(scrap));
        if (n == 0)
        {
            break;
        }
        if (n == -1 && errno != EINTR)
        {
            perror("read");
            break;
        }
    }
    close(epoll);
    return n == 0 ? 0 : -1;
}

int main(int argc, char *argv[])
{
    struct options options;

    if (read_options(&options, argc, argv) == -1)
    {
        fprintf(stderr, "usage: listener PORT BACKLOG\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);

    int fd = open_door(&options);
    if (fd == -1)
    {
        return 0;
    }

    int failed = announce(fd, &options) == -1 || drain() == -1;
    close(fd);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
