/**
 * @file echo_server.c
 * @brief Lab 06: a server that sends every byte back.
 *
 *     echo_server PORT
 *
 * Waits on PORT of every IPv4 address of this machine. Sends each client its bytes back as they
 * come, until the client closes; then takes the next one. It prints nothing on stdout. PORT is a
 * decimal number, 1 to 65535.
 *
 * The server runs until it is killed: no client, and no failure that passes, may end it.
 * Exit status: 1 when it cannot start (one line on stderr names the call and the error),
 * 2 for wrong usage (a usage line on stderr).
 *
 * Take over what you have: the way to the first client is your own of lab 04. New is what happens
 * with a client.
 */

#include "io.h"

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

/** How many bytes are taken at once. Any number is right: a stream has no messages to be cut. */
#define CHUNK 16384

/**
 * Reads a port number: digits and nothing else.
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
        if (port > 65535)
            return -1;
    }
    return port == 0 ? -1 : port;
}

/**
 * Makes the door: a TCP socket that listens on the port, on every IPv4 address (lab 04).
 *
 * @return the listening descriptor, or -1 when a call failed; a line on stderr then names the call
 */
static int open_listener(int port)
{
    int listener = -1;
    /* @skeleton (void)port; // delete these two lines when the step is written */
    /* @skeleton fputs("echo_server: there is no listener yet\n", stderr); */

    /*
     * Yours of lab 04: take its steps over, from socket() to listen(). Leave in `listener` the
     * descriptor, or -1 after a line on stderr and with nothing left open; main() then ends with
     * status 1.
     */
    //! [listener]
    const int on = 1;
    struct sockaddr_in address;
    const char *call = "socket";

    listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener == -1)
        goto failed;

    call = "setsockopt";
    if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1)
        goto failed;

    memset(&address, 0, sizeof(address));
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_ANY);
    address.sin_port = htons((in_port_t)port);
    call = "bind";
    if (bind(listener, (const struct sockaddr *)&address, sizeof(address)) == -1)
        goto failed;

    call = "listen";
    if (listen(listener, BACKLOG) == 0)
        return listener;

failed:
    /* Said before close(), which may change errno. */
    perror(call);
    if (listener != -1)
        close(listener);
    listener = -1;
    //! [listener]

    return listener;
}

/**
 * Takes the next client (lab 04). Blocks until there is one.
 *
 * @return the connection's descriptor, or -1 when no client can ever be accepted any more
 */
static int accept_client(int listener)
{
    int conn = -1;
    /* @skeleton (void)listener; // delete this line when the step is written */

    /*
     * Yours of lab 04: take over how it accepts a client, and what it does when that has failed.
     * Nobody asks here who the client is. Go round until there is one in `conn`; leave -1 there
     * only when no later call would do better.
     */
    //! [accept]
    const struct timespec moment = {.tv_sec = 0, .tv_nsec = 100000000};

    for (;;) {
        conn = accept(listener, NULL, NULL);
        if (conn != -1)
            break;

        const int error = errno;

        /* A signal, or a client that went away while it waited: nothing has happened to us. */
        if (error == EINTR || error == ECONNABORTED)
            continue;
        fprintf(stderr, "accept: %s\n", strerror(error));
        /* The listening descriptor itself is wrong: no later call would do better. */
        if (error == EBADF || error == EINVAL || error == ENOTSOCK)
            break;
        /* Nothing is free to serve it with; it stays in the queue. Do not spin meanwhile. */
        if (error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM)
            nanosleep(&moment, NULL);
    }
    //! [accept]

    return conn;
}

/** Serves one client to its end and closes the connection. Whatever goes wrong is this client's. */
static void serve_client(int conn)
{
    /* @skeleton (void)conn; // delete this line when the steps are written */

    /*
     * Send back what comes, until the client has closed its side (read() returns 0).
     *
     * Take read() here and not readn(): readn() waits until its buffer is full, and a client that
     * sent five bytes and waits for five would wait for ever. What read() has brought, however
     * little it is, is to be sent back now, and all of it: that is what writen() is for. Send as
     * many bytes as came, not as many as strlen() counts: there may be NUL bytes among them.
     *
     * A signal (EINTR) is no reason to give a client up. A client that is reset or gone
     * (ECONNRESET from read(), ECONNRESET or EPIPE from write()) ends its own conversation only:
     * say so on stderr and let the server go on.
     */
    //! [echo]
    char bytes[CHUNK];

    for (;;) {
        ssize_t got = read(conn, bytes, sizeof(bytes));

        if (got == -1 && errno == EINTR)
            continue;
        if (got == -1) {
            perror("read");
            break;
        }
        if (got == 0)
            break;
        if (writen(conn, bytes, (size_t)got) == -1) {
            perror("write");
            break;
        }
    }
    //! [echo]

    /*
     * Say goodbye, as in lab 04: on every way out, and once. Each client left open would cost the
     * server a descriptor.
     */
    //! [close]
    if (close(conn) == -1)
        perror("close");
    //! [close]
}

int main(int argc, char *argv[])
{
    int port = argc == 2 ? parse_port(argv[1]) : -1;

    if (port == -1) {
        fprintf(stderr, "usage: echo_server PORT    (1 to 65535)\n");
        return 2;
    }

    /*
     * A client may leave between its question and your answer. Writing to its connection then
     * raises SIGPIPE, which ends a process that has made no arrangement: the server would die of
     * one impatient client. Arrange that the write fails with EPIPE instead.
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
        int conn = accept_client(listener);

        if (conn == -1)
            break;
        serve_client(conn);
    }

    close(listener);
    return EXIT_FAILURE;
}
