/* zoo: fails vanished -- nothing is arranged for SIGPIPE, and a client that is gone ends the server */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static bool read_port(const char *arg, uint16_t *port)
{
    uint32_t value = 0;

    if (arg[0] == '\0')
        return false;
    for (const char *p = arg; *p; p++) {
        if (*p < '0' || *p > '9')
            return false;
        value = value * 10u + (uint32_t)(*p - '0');
        if (value > UINT16_MAX)
            return false;
    }
    *port = (uint16_t)value;
    return value != 0;
}

static void print_peer(const struct sockaddr_in6 *peer)
{
    char text[INET6_ADDRSTRLEN];

    if (IN6_IS_ADDR_V4MAPPED(&peer->sin6_addr))
        inet_ntop(AF_INET, &peer->sin6_addr.s6_addr[12], text, sizeof text);
    else
        inet_ntop(AF_INET6, &peer->sin6_addr, text, sizeof text);
    printf("connection from %s:%u\n", text, (unsigned)ntohs(peer->sin6_port));
    fflush(stdout);
}

static void greet(int fd)
{
    const char *text = "Hello World!\n";
    size_t left = strlen(text);

    while (left > 0) {
        ssize_t n = write(fd, text, left);
        if (n < 0) {
            if (errno == EINTR)
                continue;
            return;
        }
        text += n;
        left -= (size_t)n;
    }
}

static int die(const char *what)
{
    perror(what);
    return 1;
}

int main(int argc, char *argv[])
{
    struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_ANY_INIT };
    int off = 0, on = 1;
    uint16_t port;

    if (argc != 2 || !read_port(argv[1], &port)) {
        fputs("usage: hello_server PORT\n", stderr);
        return 2;
    }

    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    if (fd < 0)
        return die("socket");
    if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) < 0)
        return die("IPV6_V6ONLY");
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
        return die("SO_REUSEADDR");
    any.sin6_port = htons(port);
    if (bind(fd, (struct sockaddr *)&any, sizeof any) < 0)
        return die("bind");
    if (listen(fd, 5) < 0)
        return die("listen");

    for (;;) {
        struct sockaddr_in6 peer;
        socklen_t size = sizeof peer;
        int conn = accept(fd, (struct sockaddr *)&peer, &size);

        if (conn < 0)
            continue;
        print_peer(&peer);
        greet(conn);
        close(conn);
    }
}
