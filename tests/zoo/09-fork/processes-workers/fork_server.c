/* zoo: fails processes child-closes fork-fails child-crash -- two workers made at the start, each serves many clients with poll */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORKERS = 2, ROOM = 512 };

static void worker(int door)
{
    static struct pollfd p[ROOM];
    int n = 1;
    p[0] = (struct pollfd){door, POLLIN, 0};
    for (;;) {
        if (poll(p, (nfds_t)n, -1) < 0)
            continue;
        for (int i = n - 1; i > 0; i--) {
            char b[4096];
            if (!p[i].revents)
                continue;
            ssize_t got = read(p[i].fd, b, sizeof b), at = 0;
            if (got < 0 && errno == EINTR)
                continue;
            while (at < got) {
                ssize_t m = write(p[i].fd, b + at, (size_t)(got - at));
                if (m < 0 && errno == EINTR)
                    continue;
                if (m < 0)
                    got = -1;
                else
                    at += m;
            }
            if (got <= 0) {
                close(p[i].fd);
                p[i] = p[--n];
            }
        }
        if (p[0].revents && n < ROOM) {
            int c = accept(door, NULL, NULL);
            if (c >= 0)
                p[n++] = (struct pollfd){c, POLLIN, 0};
        }
    }
}

int main(int argc, char *argv[])
{
    char *end = NULL;
    long port = argc == 2 && argv[1][strspn(argv[1], "0123456789")] == '\0' ? strtol(argv[1], &end, 10) : 0;
    if (port < 1 || port > 65535) {
        fprintf(stderr, "usage: fork_server PORT\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((in_port_t)port)};
    int on = 1, door = socket(AF_INET, SOCK_STREAM, 0);
    if (door < 0 || setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0) {
        perror("socket");
        return 1;
    }
    if (bind(door, (struct sockaddr *)&a, sizeof a) < 0) {
        perror("bind");
        return 1;
    }
    if (listen(door, 50) < 0) {
        perror("listen");
        return 1;
    }
    fcntl(door, F_SETFL, O_NONBLOCK);
    for (int i = 0; i < WORKERS; i++)
        if (fork() == 0)
            worker(door);
    while (wait(NULL) > 0 || errno == EINTR)
        if (fork() == 0)
            worker(door);
    return 1;
}
