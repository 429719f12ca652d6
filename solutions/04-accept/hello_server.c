/**
 * @file hello_server.c
 * @brief Lab 04: one door, many conversations.
 *
 *     hello_server PORT
 *
 * Waits on PORT of every IPv4 address of this machine. For each client in turn it prints
 *
 *     connection from 127.0.0.1:51234
 *
 * on stdout, sends the 13 bytes "Hello World!\n", closes the connection and takes the next one.
 * PORT is a decimal number, 1 to 65535.
 *
 * The server runs until it is killed: no client, and no failure that passes, may end it.
 * Exit status: 1 when it cannot start (one line on stderr names the call and the error),
 * 2 for wrong usage (a usage line on stderr).
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/** Clients that the kernel keeps waiting, already connected, while another one is served. */
#define BACKLOG 16

/**
 * Reads a port number: digits and nothing else.
 *
 * strtol() would let " 80", "+80" and "80abc" pass, and atoi() cannot say that it failed.
 *
 * @return 1 to 65535, or -1 when the text is no such number
 */
static int parse_port(const char *text)
{
    int port = 0;

    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return -1;
        port = port * 10 + (*text - '0');
        /* Tested at every digit: a long row of them would overflow an int. */
        if (port > 65535)
            return -1;
    }
    return port == 0 ? -1 : port;
}

/**
 * Makes the door: a TCP socket that listens on the port, on every IPv4 address.
 *
 * @return the listening descriptor, or -1 when a call failed; a line on stderr then names the call
 */
static int open_listener(int port)
{
    int listener = -1;

    /*
     * Ask the kernel for a TCP socket over IPv4. It can fail: a process may have only so many
     * descriptors (EMFILE), and so may the machine (ENFILE). Going on with -1 would make bind()
     * fail for a reason that is not the real one.
     */
    //! [socket]
    listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener == -1) {
        perror("socket");
        return -1;
    }
    //! [socket]

    /*
     * This server closes first, so its side of every conversation stays in TIME_WAIT for a minute.
     * Without SO_REUSEADDR a restart within that minute fails with EADDRINUSE. The option must be
     * on before bind(): bind() is the call that looks at it. It does not let two servers
     * listen on one port.
     */
    //! [reuse]
    const int on = 1;
    if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1) {
        perror("setsockopt");
        close(listener);
        return -1;
    }
    //! [reuse]

    /*
     * Give the socket its name: the wildcard address, so that clients can come in by any interface,
     * and the port. Both are kept in network byte order; forgetting that opens another port
     * on most machines (4000 becomes 40975). Start from a structure of zeros: it has padding. This
     * is the call that fails in daily life: EADDRINUSE when the port is taken, EACCES below 1024.
     */
    //! [bind]
    struct sockaddr_in address;
    memset(&address, 0, sizeof(address));
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_ANY);
    address.sin_port = htons((in_port_t)port);
    if (bind(listener, (const struct sockaddr *)&address, sizeof(address)) == -1) {
        perror("bind");
        close(listener);
        return -1;
    }
    //! [bind]

    /*
     * Open the door. From here on the kernel finishes handshakes by itself and keeps the finished
     * connections in a queue. Clients beyond its length are made to wait: they send
     * their SYN again a second later, and later still.
     */
    //! [listen]
    if (listen(listener, BACKLOG) == -1) {
        perror("listen");
        close(listener);
        return -1;
    }
    //! [listen]

    /* For you, not for a program: stdout belongs to the connections. */
    fprintf(stderr, "hello_server: port %d, listening descriptor %d\n", port, listener);
    return listener;
}

/*
 * Sending all of the bytes, in a function of its own. A stream socket may take fewer bytes than it
 * is offered, and a signal may come before it took any (EINTR). A single call would lose
 * the rest of the greeting on the day when either happens. Tell the caller whether all were taken.
 */
//! [send-all]
static int send_all(int conn, const char *bytes, size_t count)
{
    size_t sent = 0;

    while (sent < count) {
        ssize_t n = write(conn, bytes + sent, count - sent);

        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1)
            return -1;
        sent += (size_t)n;
    }
    return 0;
}
//! [send-all]

int main(int argc, char *argv[])
{
    int port = argc == 2 ? parse_port(argv[1]) : -1;

    /* Before any socket is opened: who called the program wrongly learns it at once. */
    if (port == -1) {
        fprintf(stderr, "usage: hello_server PORT    (1 to 65535)\n");
        return 2;
    }

    /*
     * Writing to a connection whose client has gone raises SIGPIPE, and SIGPIPE ends a process that
     * has made no arrangement: one impatient client would end the service for all. Arrange
     * that the write fails with EPIPE instead. The same holds for a stdout that nobody reads.
     */
    //! [sigpipe]
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR) {
        perror("signal");
        return EXIT_FAILURE;
    }
    //! [sigpipe]

    int listener = open_listener(port);
    if (listener == -1)
        return EXIT_FAILURE;

    for (;;) {
        int conn = -1;

        /*
         * Take the next connection out of the queue, or sleep until there is one. The listening
         * socket stays what it is; the conversation gets a descriptor of its own. The kernel fills
         * in the client's address, and reads first how much room it has for it: the length goes
         * in and out, so it is set anew each time round.
         */
        //! [accept]
        struct sockaddr_in peer;
        socklen_t peer_size = sizeof(peer);
        conn = accept(listener, (struct sockaddr *)&peer, &peer_size);
        //! [accept]

        if (conn == -1) {
            /*
             * A failed accept() is almost never the server's end. A signal came (EINTR), a client
             * went away while it was queued (ECONNABORTED), the network had an error that Linux
             * hands on here (accept(2), "Error handling"): try again. No descriptor or no memory
             * is free (EMFILE, ENFILE, ENOBUFS, ENOMEM): the client stays in the queue, so trying
             * again at once would only spin; let a moment pass first. Only when the listening
             * descriptor itself is wrong (EBADF, EINVAL, ENOTSOCK) will no later call do better.
             */
            //! [survive]
            const struct timespec moment = {.tv_sec = 0, .tv_nsec = 100000000};
            const int error = errno;

            fprintf(stderr, "accept: %s\n", strerror(error));
            if (error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM)
                nanosleep(&moment, NULL);
            if (error != EBADF && error != EINVAL && error != ENOTSOCK)
                continue;
            //! [survive]
            break;
        }

        /*
         * Say who came: address and port are in network byte order, as on the wire. stdout may be
         * a pipe, and then stdio keeps the line in its buffer until 4096 bytes have gathered: hand
         * it over now, before the program blocks again. When nobody can take the line the
         * client is served all the same.
         */
        //! [log]
        char text[INET_ADDRSTRLEN];

        inet_ntop(AF_INET, &peer.sin_addr, text, sizeof(text));
        printf("connection from %s:%d\n", text, ntohs(peer.sin_port));
        if (fflush(stdout) == EOF)
            perror("stdout");
        //! [log]

        /*
         * The greeting is 13 bytes. In C the array that holds it is one longer: the NUL at its end
         * is C's affair and does not go on the wire. A client that has gone (EPIPE, ECONNRESET) has
         * itself to thank: note it and go on.
         */
        //! [greet]
        static const char greeting[] = "Hello World!\n";

        if (send_all(conn, greeting, sizeof(greeting) - 1) == -1)
            perror("write");
        //! [greet]

        /*
         * Close the conversation, also when the greeting could not be sent. It does two things: the
         * client reads end of file after the last byte, and the descriptor is free again. A server
         * that forgets it keeps every client waiting and runs out of descriptors. Once, and never
         * again: by the second time the number may belong to somebody else. That is so
         * even when close() is interrupted; Linux has freed the number by then (close(2), NOTES).
         */
        //! [close]
        if (close(conn) == -1)
            perror("close");
        //! [close]
    }

    fprintf(stderr, "hello_server: no client can be accepted any more\n");
    return EXIT_FAILURE;
}
