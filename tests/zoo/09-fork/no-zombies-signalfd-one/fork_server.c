/* zoo: fails no-zombies -- one child for each notice that it reads */
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
#include <poll.h>
#include <sys/signalfd.h>

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

    int door = open_door(port);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int notice = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (notice < 0)
        die("signalfd");
    for (;;) {
        struct pollfd p[2] = {{door, POLLIN, 0}, {notice, POLLIN, 0}};
        if (poll(p, 2, -1) < 0)
            continue;
        if (p[1].revents) {
            struct signalfd_siginfo info;
            while (read(notice, &info, sizeof info) > 0)
                waitpid((pid_t)info.ssi_pid, NULL, 0);
        }
        if (!(p[0].revents & POLLIN))
            continue;
        int c = accept(door, NULL, NULL);
        if (c < 0) {
            if (errno == EMFILE)
                poll(NULL, 0, 50);
            continue;
        }
        pid_t pid = fork();
        if (pid == 0) {
            close(notice);
            close(door);
            serve(c);
            _exit(0);
        }
        close(c);
    }
}
