/* zoo: fails interrupted -- a write that was interrupted counts as a client that is gone */
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    static const char hello[13] = { 'H', 'e', 'l', 'l', 'o', ' ', 'W', 'o', 'r', 'l', 'd', '!', '\n' };
    const struct addrinfo hints = {
        .ai_family = AF_INET,
        .ai_socktype = SOCK_STREAM,
        .ai_flags = AI_PASSIVE | AI_NUMERICSERV,
    };
    struct addrinfo *list = NULL;
    struct sigaction ignore = { .sa_handler = SIG_IGN };
    int listener = -1, status = EXIT_FAILURE, on = 1, rc;
    size_t i;
    long number = 0;

    if (argc != 2)
        goto usage;
    for (i = 0; argv[1][i] != '\0'; i++) {
        if (strchr("0123456789", argv[1][i]) == NULL || number > 65535)
            goto usage;
        number = 10 * number + argv[1][i] - '0';
    }
    if (number < 1 || number > 65535)
        goto usage;

    rc = getaddrinfo(NULL, argv[1], &hints, &list);
    if (rc != 0) {
        fprintf(stderr, "getaddrinfo: %s\n", gai_strerror(rc));
        goto out;
    }
    listener = socket(list->ai_family, list->ai_socktype, list->ai_protocol);
    if (listener == -1) {
        fprintf(stderr, "socket failed: %m\n");
        goto out;
    }
    if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1) {
        fprintf(stderr, "setsockopt failed: %m\n");
        goto out;
    }
    if (bind(listener, list->ai_addr, list->ai_addrlen) == -1) {
        fprintf(stderr, "bind failed: %m\n");
        goto out;
    }
    if (listen(listener, 8) == -1) {
        fprintf(stderr, "listen failed: %m\n");
        goto out;
    }
    sigaction(SIGPIPE, &ignore, NULL);

    for (;;) {
        struct sockaddr_storage peer;
        socklen_t peer_size = sizeof peer;
        char host[64], port[16];
        size_t sent = 0;
        int conn = accept(listener, (struct sockaddr *)&peer, &peer_size);

        if (conn == -1 && errno != EBADF)
            continue;
        if (conn == -1)
            goto out;
        rc = getnameinfo((struct sockaddr *)&peer, peer_size, host, sizeof host, port, sizeof port,
                         NI_NUMERICHOST | NI_NUMERICSERV);
        if (rc != 0)
            fprintf(stderr, "getnameinfo: %s\n", gai_strerror(rc));
        else if (printf("connection from %s:%s\n", host, port) < 0 || fflush(stdout) != 0)
            fprintf(stderr, "stdout: %m\n");
        do {
            ssize_t n = send(conn, hello + sent, sizeof hello - sent, 0);

            if (n == -1)
                break;
            if (n > 0)
                sent += (size_t)n;
        } while (sent < sizeof hello);
        close(conn);
    }

usage:
    fprintf(stderr, "usage: %s PORT\n", argc > 0 ? argv[0] : "hello_server");
    return 2;
out:
    if (listener != -1)
        close(listener);
    if (list != NULL)
        freeaddrinfo(list);
    return status;
}
