/* zoo: fails reference -- the line has another word than was asked for */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    struct sockaddr_storage ss = { .ss_family = AF_INET };
    struct sockaddr_in *in = (struct sockaddr_in *)&ss;
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&ss;
    socklen_t size = sizeof(*in);
    char address[INET6_ADDRSTRLEN], line[100];
    const char *call = NULL, *c;
    unsigned port = 0;
    int fd = -1, status = 1, on = 1, length, done;
    sigset_t set;

    if (argc != 3)
        goto usage;
    c = argv[2];
    do {
        if (*c < '0' || *c > '9')
            goto usage;
        port = port * 10 + (unsigned)(*c - '0');
        if (port > 0xffff)
            goto usage;
    } while (*++c != '\0');
    if (strchr(argv[1], ':') != NULL) {
        size = sizeof(*in6);
        ss.ss_family = AF_INET6;
        if (inet_pton(AF_INET6, argv[1], &in6->sin6_addr) != 1)
            goto usage;
        in6->sin6_port = htons((uint16_t)port);
    } else {
        if (inet_pton(AF_INET, argv[1], &in->sin_addr) != 1)
            goto usage;
        in->sin_port = htons((uint16_t)port);
    }

    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    sigprocmask(SIG_BLOCK, &set, NULL);

    call = "socket";
    fd = socket(ss.ss_family, SOCK_STREAM, IPPROTO_TCP);
    if (fd == -1)
        goto fail;
    call = "setsockopt";
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1)
        goto fail;
    call = "bind";
    if (bind(fd, (struct sockaddr *)&ss, size) == -1)
        goto fail;
    call = "getsockname";
    if (getsockname(fd, (struct sockaddr *)&ss, &size) == -1)
        goto fail;
    close(fd);
    fd = -1;
    if (ss.ss_family == AF_INET)
        length = sprintf(line, "bound to %s:%d\n", inet_ntop(AF_INET, &in->sin_addr, address, sizeof(address)),
                         ntohs(in->sin_port));
    else
        length = sprintf(line, "bound to [%s]:%d\n", inet_ntop(AF_INET6, &in6->sin6_addr, address, sizeof(address)),
                         ntohs(in6->sin6_port));
    call = "write";
    for (done = 0; done < length;) {
        ssize_t n = write(STDOUT_FILENO, line + done, (size_t)(length - done));

        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1)
            goto fail;
        done += (int)n;
    }
    status = 0;
    goto out;

usage:
    fprintf(stderr, "usage: bindname ADDR PORT\n");
    return 2;
fail:
    fprintf(stderr, "%s: %s\n", call, strerror(errno));
out:
    if (fd != -1)
        close(fd);
    return status;
}
