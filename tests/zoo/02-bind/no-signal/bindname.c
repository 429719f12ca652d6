/* zoo: fails reports-failure -- nothing is done about SIGPIPE: when nobody reads its stdout, the program dies without a word */
#include <arpa/inet.h>
#include <err.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void usage(void)
{
    fprintf(stderr, "usage: bindname ADDR PORT\n");
    exit(2);
}

int main(int argc, char *argv[])
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
    struct addrinfo *name = NULL;
    struct sockaddr_storage got;
    socklen_t size = sizeof got;
    unsigned char scratch[sizeof(struct in6_addr)];
    char host[NI_MAXHOST], serv[NI_MAXSERV];
    int fd, rc, on = 1;

    /* getaddrinfo() understands more than this lab's addresses and ports are. */
    if (argc != 3)
        usage();
    if (inet_pton(AF_INET, argv[1], scratch) != 1 && inet_pton(AF_INET6, argv[1], scratch) != 1)
        usage();
    if (argv[2][0] == '\0' || argv[2][strspn(argv[2], "0123456789")] != '\0' ||
        strtoul(argv[2], NULL, 10) > 65535)
        usage();
    rc = getaddrinfo(argv[1], argv[2], &hints, &name);
    if (rc != 0)
        errx(1, "getaddrinfo: %s", gai_strerror(rc));

    fd = socket(name->ai_family, name->ai_socktype | SOCK_CLOEXEC, name->ai_protocol);
    if (fd == -1)
        err(1, "socket");
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1)
        err(1, "setsockopt");
    if (bind(fd, name->ai_addr, name->ai_addrlen) == -1)
        err(1, "bind %s port %s", argv[1], argv[2]);
    freeaddrinfo(name);
    if (getsockname(fd, (struct sockaddr *)&got, &size) == -1)
        err(1, "getsockname");
    rc = getnameinfo((struct sockaddr *)&got, size, host, sizeof host, serv, sizeof serv,
                     NI_NUMERICHOST | NI_NUMERICSERV);
    if (rc != 0)
        errx(1, "getnameinfo: %s", gai_strerror(rc));
    printf(got.ss_family == AF_INET6 ? "bound [%s]:%s\n" : "bound %s:%s\n", host, serv);
    if (fflush(stdout) != 0)
        err(1, "stdout");
    close(fd);
    return 0;
}
