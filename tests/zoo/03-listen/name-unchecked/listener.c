/* zoo: fails reports-failure -- nobody looks at what getsockname() returned */
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    const char *call = "socket", *c;
    long values[2] = { 0, 0 };
    struct sockaddr_in me;
    socklen_t me_size = sizeof(me);
    char line[80], byte;
    int fd, i, on = 1, status = 1;
    sigset_t set;
    fd_set readable;
    ssize_t n;

    if (argc != 3)
        goto usage;
    for (i = 0; i < 2; i++) {
        c = argv[i + 1];
        if (*c == '\0')
            goto usage;
        while (*c != '\0') {
            if (*c < '0' || *c > '9' || values[i] > 65535)
                goto usage;
            values[i] = values[i] * 10 + *c++ - '0';
        }
    }
    if (values[0] > 65535 || values[1] < 1 || values[1] > 4096)
        goto usage;

    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    sigprocmask(SIG_BLOCK, &set, NULL);

    if ((fd = socket(AF_INET, SOCK_STREAM, 0)) == -1)
        goto failed;
    call = "setsockopt";
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1)
        goto failed;
    call = "bind";
    memset(&me, 0, sizeof(me));
    me.sin_family = AF_INET;
    me.sin_port = htons((unsigned short)values[0]);
    if (bind(fd, (struct sockaddr *)&me, sizeof(me)) == -1)
        goto failed;
    /* Asked before listen: the kernel has chosen the port by now. */
    getsockname(fd, (struct sockaddr *)&me, &me_size);
    call = "listen";
    if (listen(fd, (int)values[1]) == -1)
        goto failed;
    n = snprintf(line, sizeof(line), "listening on 0.0.0.0:%d backlog %ld\n", ntohs(me.sin_port), values[1]);
    if (write(STDOUT_FILENO, line, (size_t)n) != n)
        perror("write");

    for (;;) {
        FD_ZERO(&readable);
        FD_SET(STDIN_FILENO, &readable);
        if (select(STDIN_FILENO + 1, &readable, NULL, NULL, NULL) == -1 && errno != EINTR) {
            call = "select";
            goto failed;
        }
        if (!FD_ISSET(STDIN_FILENO, &readable))
            continue;
        n = read(STDIN_FILENO, &byte, 1);
        if (n == 0)
            break;
        if (n == -1 && errno != EINTR) {
            call = "read";
            goto failed;
        }
    }
    status = 0;
    goto out;
usage:
    fprintf(stderr, "usage: listener PORT BACKLOG\n");
    return 2;
failed:
    perror(call);
out:
    if (fd != -1)
        close(fd);
    return status;
}
