/* right: each child has an alarm clock of half a minute, set anew before each read: a client that is silent for longer costs no process */
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
        alarm(30);
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

static volatile sig_atomic_t ended;

static void on_child(int sig)
{
    int saved = errno;
    (void)sig;
    for (;;) {
        pid_t pid = waitpid((pid_t)-1, NULL, WNOHANG);
        if (pid <= 0)
            break;
        ended++;
    }
    errno = saved;
}

int main(int argc, char *argv[])
{
    int port = argc == 2 ? port_of(argv[1]) : 0;
    if (port == 0) {
        fprintf(stderr, "usage: %s PORT\n", argv[0]);
        return 2;
    }

    struct sigaction sa;
    memset(&sa, 0, sizeof sa);
    sa.sa_handler = on_child;
    if (sigaction(SIGCHLD, &sa, NULL))
        die("sigaction");
    int door = open_door(port);
    while (1) {
        int c = accept(door, NULL, NULL);
        if (c == -1 && (errno == EINTR || errno == ECONNABORTED))
            continue;
        if (c == -1) {
            perror("accept");
            sleep(1);
            continue;
        }
        pid_t pid = fork();
        if (pid == -1)
            perror("fork");
        if (pid == 0) {
            signal(SIGCHLD, SIG_DFL);
            close(door);
            serve(c);
            close(c);
            exit(EXIT_SUCCESS);
        }
        if (close(c) == -1)
            perror("close");
    }
}
