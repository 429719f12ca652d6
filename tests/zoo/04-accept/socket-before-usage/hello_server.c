/* zoo: fails usage -- the socket is opened before the arguments are looked at */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void wait_for(int fd, short events)
{
    struct pollfd entry = { .fd = fd, .events = events };

    while (poll(&entry, 1, -1) == -1 && errno == EINTR)
        ;
}

static void send_greeting(int conn)
{
    static const char greeting[] = "Hello World!\n";
    size_t sent = 0;

    while (sent < sizeof greeting - 1) {
        ssize_t n = send(conn, greeting + sent, sizeof greeting - 1 - sent, MSG_DONTWAIT);

        if (n >= 0)
            sent += (size_t)n;
        else if (errno == EAGAIN || errno == EWOULDBLOCK)
            wait_for(conn, POLLOUT);
        else if (errno != EINTR)
            return;
    }
}

static void take_clients(int listener)
{
    struct sockaddr_in peer;
    socklen_t size = sizeof peer;
    int conn;

    while ((conn = accept4(listener, (struct sockaddr *)&peer, &size, SOCK_NONBLOCK)) != -1) {
        char text[INET_ADDRSTRLEN];

        printf("connection from %s:%u\n", inet_ntop(AF_INET, &peer.sin_addr, text, sizeof text),
               (unsigned)ntohs(peer.sin_port));
        fflush(stdout);
        send_greeting(conn);
        close(conn);
        size = sizeof peer;
    }
    if (errno == EMFILE || errno == ENFILE)
        poll(NULL, 0, 10);
}

static int fatal(const char *call)
{
    fprintf(stderr, "hello_server: %s: %s\n", call, strerror(errno));
    return EXIT_FAILURE;
}

int main(int argc, char *argv[])
{
    struct sockaddr_in address = { 0 };
    char *end;
    long port;
    int listener, on = 1;

    listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener == -1)
        return fatal("socket");
    if (argc != 2 || argv[1][strspn(argv[1], "0123456789")] != '\0')
        port = 0;
    else
        port = strtol(argv[1], &end, 10);
    if (port < 1 || port > 65535) {
        fprintf(stderr, "usage: %s PORT\n", argv[0]);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);

    if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1)
        return fatal("setsockopt");
    address.sin_family = AF_INET;
    address.sin_port = htons((in_port_t)port);
    address.sin_addr.s_addr = htonl(INADDR_ANY);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) == -1)
        return fatal("bind");
    if (listen(listener, 32) == -1)
        return fatal("listen");
    if (fcntl(listener, F_SETFL, O_NONBLOCK) == -1)
        return fatal("fcntl");
    for (;;) {
        wait_for(listener, POLLIN);
        take_clients(listener);
    }
}
