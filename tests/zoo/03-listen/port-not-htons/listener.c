/* zoo: fails handshake door-closes reference in-use -- the port is not put into network byte order, so another port is opened */
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

static int parse(const char *s, int lo, int hi)
{
    long n = 0;

    if (*s == '\0')
        return -1;
    for (; *s >= '0' && *s <= '9'; s++)
        if ((n = n * 10 + (*s - '0')) > hi)
            return -1;
    return *s != '\0' || n < lo ? -1 : (int)n;
}

static void check(int result, const char *call)
{
    if (result == -1) {
        perror(call);
        exit(EXIT_FAILURE);
    }
}

/* What the child does: it has no business with the door. */
static _Noreturn void read_to_the_end(int listener)
{
    static char buffer[1 << 16];
    ssize_t n;

    close(listener);
    while ((n = read(STDIN_FILENO, buffer, sizeof(buffer))) != 0) {
        if (n == -1 && errno != EINTR) {
            perror("read");
            _exit(EXIT_FAILURE);
        }
    }
    _exit(EXIT_SUCCESS);
}

int main(int argc, char *argv[])
{
    struct sockaddr_in name;
    socklen_t size = sizeof(name);
    int port, backlog, listener, status, on = 1;
    pid_t child;

    if (argc != 3 || (port = parse(argv[1], 0, 65535)) == -1 || (backlog = parse(argv[2], 1, 4096)) == -1) {
        fprintf(stderr, "usage: listener PORT BACKLOG\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);

    check(listener = socket(AF_INET, SOCK_STREAM, 0), "socket");
    check(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)), "setsockopt");
    memset(&name, 0, sizeof(name));
    name.sin_family = AF_INET;
    name.sin_port = (in_port_t)port;
    check(bind(listener, (struct sockaddr *)&name, sizeof(name)), "bind");
    check(listen(listener, backlog), "listen");
    check(getsockname(listener, (struct sockaddr *)&name, &size), "getsockname");

    printf("listening on 0.0.0.0:%d backlog %d\n", ntohs(name.sin_port), backlog);
    if (fflush(stdout) == EOF)
        perror("stdout");

    check(child = fork(), "fork");
    if (child == 0)
        read_to_the_end(listener);
    while (waitpid(child, &status, 0) == -1)
        check(errno == EINTR ? 0 : -1, "waitpid");
    close(listener);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
