/* zoo: fails echoes concurrent many processes children-end no-zombies parent-closes child-closes fork-fails no-descriptors child-crash memory descriptors order reference short-io interrupted -- it makes itself a daemon when it listens: whoever started it sees it end */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int port_of(const char *s)
{
    long n = 0;
    if (*s == '\0' || s[strspn(s, "0123456789")] != '\0')
        return 0;
    for (; *s; s++)
        if ((n = n * 10 + *s - '0') > 65535)
            return 0;
    return (int)n;
}

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static int open_door(int port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    int on = 1, s = socket(AF_INET, SOCK_STREAM, 0);
    if (s < 0)
        die("socket");
    if (setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
        die("setsockopt");
    if (bind(s, (struct sockaddr *)&a, sizeof a) < 0)
        die("bind");
    if (listen(s, 64) < 0)
        die("listen");
    return s;
}

static void serve(int c)
{
    char buf[4096];
    for (;;) {
        ssize_t n = recv(c, buf, sizeof buf, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        for (char *p = buf; n > 0;) {
            ssize_t m = send(c, p, (size_t)n, MSG_NOSIGNAL);
            if (m < 0 && errno == EINTR)
                continue;
            if (m < 0)
                return;
            p += m;
            n -= m;
        }
    }
}

int main(int argc, char *argv[])
{
    int port = argc == 2 ? port_of(argv[1]) : 0;
    if (port == 0) {
        fprintf(stderr, "usage: %s PORT\n", argv[0]);
        return 2;
    }

    struct sigaction sa = {.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT | SA_NOCLDSTOP};
    if (sigaction(SIGCHLD, &sa, NULL) < 0)
        die("sigaction");
    int door = open_door(port);
    if (daemon(1, 1) < 0)
        die("daemon");
    for (;;) {
        int c = accept4(door, NULL, NULL, SOCK_CLOEXEC);
        if (c < 0)
            continue;
        pid_t pid = fork();
        if (pid == 0) {
            close(door);
            serve(c);
            _exit(0);
        }
        close(c);
    }
}
