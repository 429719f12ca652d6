/**
 * @file
 * A chatty echo over loopback TCP: chatty ROUNDS SIZE
 *
 * Forks a server that echoes, then makes ROUNDS round trips of SIZE bytes with it and exits 0. Nothing but socket calls,
 * so that what a tracer costs for each call is what its time shows (`make bench`).
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static char buffer[65536];

static void quit(const char *what)
{
    perror(what);
    exit(1);
}

static int open_listener(struct sockaddr_in *address)
{
    socklen_t size = sizeof(*address);
    int listener = socket(AF_INET, SOCK_STREAM, 0);

    if (listener < 0)
        quit("socket");
    if (bind(listener, (struct sockaddr *)address, size) < 0)
        quit("bind");
    if (listen(listener, 1) < 0)
        quit("listen");
    if (getsockname(listener, (struct sockaddr *)address, &size) < 0)
        quit("getsockname");
    return listener;
}

static void write_all(int fd, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = write(fd, buffer + done, size - done);

        if (n < 0)
            quit("write");
        done += (size_t)n;
    }
}

static void serve(int listener)
{
    int conn = accept(listener, NULL, NULL);
    ssize_t n;

    if (conn < 0)
        quit("accept");
    while ((n = read(conn, buffer, sizeof(buffer))) > 0)
        write_all(conn, (size_t)n);
    if (n < 0)
        quit("read");
}

static void talk(const struct sockaddr_in *address, long rounds, size_t size)
{
    int conn = socket(AF_INET, SOCK_STREAM, 0);

    if (conn < 0 || connect(conn, (const struct sockaddr *)address, sizeof(*address)) < 0)
        quit("connect");
    memset(buffer, 'x', size);
    for (long i = 0; i < rounds; i++) {
        write_all(conn, size);
        for (size_t got = 0; got < size;) {
            ssize_t n = read(conn, buffer, size - got);

            if (n <= 0)
                quit("read");
            got += (size_t)n;
        }
    }
    close(conn);
}

int main(int argc, char **argv)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    long rounds = argc == 3 ? atol(argv[1]) : 0;
    long size = argc == 3 ? atol(argv[2]) : 0;
    int status, listener;
    pid_t server;

    if (rounds < 1 || size < 1 || size > (long)sizeof(buffer)) {
        fprintf(stderr, "usage: chatty ROUNDS SIZE\n");
        return 2;
    }
    listener = open_listener(&address);
    server = fork();
    if (server < 0)
        quit("fork");
    if (server == 0) {
        serve(listener);
        _exit(0);
    }
    close(listener);
    talk(&address, rounds, (size_t)size);
    if (waitpid(server, &status, 0) < 0)
        quit("waitpid");
    return status != 0;
}
