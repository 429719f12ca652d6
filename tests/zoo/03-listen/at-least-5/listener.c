/* zoo: fails backlog -- a backlog below 5 is raised to 5 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Takes something from stdin: 0 at its end, -1 when that failed. */
static ssize_t take(int null)
{
    char rest[1024];
    ssize_t n = splice(STDIN_FILENO, NULL, null, NULL, 65536, 0);

    if (n == -1 && (errno == EINVAL || errno == EBADF))
        n = read(STDIN_FILENO, rest, sizeof(rest));
    return n;
}

int main(int argc, char *argv[])
{
    struct addrinfo hints = {
        .ai_family = AF_INET,
        .ai_socktype = SOCK_STREAM,
        .ai_flags = AI_PASSIVE | AI_NUMERICSERV,
    };
    struct addrinfo *list = NULL;
    struct sockaddr_storage name;
    socklen_t size = sizeof(name);
    char host[NI_MAXHOST], serv[NI_MAXSERV];
    int fd = -1, null = -1, status = EXIT_FAILURE, error;
    const int on = 1;
    unsigned long backlog;
    ssize_t n;

    if (argc != 3 || strlen(argv[1]) == 0 || strlen(argv[2]) == 0 ||
        argv[1][strspn(argv[1], "0123456789")] != '\0' || argv[2][strspn(argv[2], "0123456789")] != '\0' ||
        strtoul(argv[1], NULL, 10) > 65535 || (backlog = strtoul(argv[2], NULL, 10)) < 1 || backlog > 4096) {
        fprintf(stderr, "usage: listener PORT BACKLOG\n");
        return 2;
    }
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        return EXIT_FAILURE;
    error = getaddrinfo(NULL, argv[1], &hints, &list);
    if (error != 0) {
        fprintf(stderr, "getaddrinfo: %s\n", gai_strerror(error));
        return EXIT_FAILURE;
    }
    null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    fd = socket(list->ai_family, list->ai_socktype, list->ai_protocol);
    if (fd == -1) {
        fprintf(stderr, "socket failed: %m\n");
        goto out;
    }
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1) {
        fprintf(stderr, "setsockopt failed: %m\n");
        goto out;
    }
    if (bind(fd, list->ai_addr, list->ai_addrlen) == -1) {
        fprintf(stderr, "bind failed: %m\n");
        goto out;
    }
    if (listen(fd, backlog < 5 ? 5 : (int)backlog) == -1) {
        fprintf(stderr, "listen failed: %m\n");
        goto out;
    }
    if (getsockname(fd, (struct sockaddr *)&name, &size) == -1) {
        fprintf(stderr, "getsockname failed: %m\n");
        goto out;
    }
    error = getnameinfo((struct sockaddr *)&name, size, host, sizeof(host), serv, sizeof(serv),
                        NI_NUMERICHOST | NI_NUMERICSERV);
    if (error != 0) {
        fprintf(stderr, "getnameinfo: %s\n", gai_strerror(error));
        goto out;
    }
    if (printf("listening on %s:%s backlog %lu\n", host, serv, backlog) < 0 || fflush(stdout) == EOF)
        fprintf(stderr, "stdout: %m\n");
    do {
        n = take(null);
    } while (n > 0 || (n == -1 && errno == EINTR));
    if (n == -1)
        fprintf(stderr, "stdin: %m\n");
    else
        status = EXIT_SUCCESS;
out:
    if (fd != -1)
        close(fd);
    if (null != -1)
        close(null);
    freeaddrinfo(list);
    return status;
}
