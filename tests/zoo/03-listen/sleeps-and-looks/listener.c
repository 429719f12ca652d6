/* zoo: fails waits door-closes -- it looks at stdin once a second, and sleeps in between */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static bool in_range(const char *text, int least, int most, int *number)
{
    size_t digits = strspn(text, "0123456789");

    if (digits == 0 || text[digits] != '\0')
        return false;
    while (text[0] == '0' && text[1] != '\0')
        text++;
    if (strlen(text) > 5)
        return false;
    *number = atoi(text);
    return *number >= least && *number <= most;
}

static int report(const char *call)
{
    perror(call);
    return EXIT_FAILURE;
}

static int wait_for_end(void)
{
    char scrap[64];

    fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);
    for (;;) {
        ssize_t n = read(STDIN_FILENO, scrap, sizeof scrap);
        if (n == 0)
            return EXIT_SUCCESS;
        if (n == -1 && errno == EAGAIN)
            sleep(1);
        else if (n == -1 && errno != EINTR)
            return report("read");
    }
}

int main(int argc, char *argv[])
{
    struct sockaddr_in name = { .sin_family = AF_INET, .sin_addr.s_addr = INADDR_ANY };
    socklen_t size = sizeof name;
    char text[16];
    int port, backlog, on = 1, status;

    if (argc != 3 || !in_range(argv[1], 0, 65535, &port) || !in_range(argv[2], 1, 4096, &backlog)) {
        fprintf(stderr, "usage: %s PORT BACKLOG\n", argc > 0 ? argv[0] : "listener");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);

    int fd = socket(PF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd == -1)
        return report("socket");
    name.sin_port = htons((in_port_t)port);
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1) {
        status = report("setsockopt");
    } else if (bind(fd, (struct sockaddr *)&name, sizeof name) == -1) {
        status = report("bind");
    } else if (listen(fd, backlog) == -1) {
        status = report("listen");
    } else if (getsockname(fd, (struct sockaddr *)&name, &size) == -1) {
        status = report("getsockname");
    } else {
        if (dprintf(STDOUT_FILENO, "listening on %s:%d backlog %d\n",
                    inet_ntop(AF_INET, &name.sin_addr, text, sizeof text), ntohs(name.sin_port), backlog) < 0)
            perror("stdout");
        status = wait_for_end();
    }
    close(fd);
    return status;
}
