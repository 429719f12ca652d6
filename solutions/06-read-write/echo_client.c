/**
 * @file echo_client.c
 * @brief Lab 06: sends what it reads, prints what comes back.
 *
 *     echo_client HOST PORT
 *
 * Connects to HOST (a name or a numeric address, IPv4 or IPv6) and PORT (a number, 1 to 65535, or
 * the name of a service). Sends all of stdin and prints every byte that comes back on stdout.
 *
 * Exit status: 0 when stdin has ended and everything that was sent has come back; 1 when a call
 * failed or the server closed while it still owed bytes (one line on stderr says which);
 * 2 for wrong usage (a usage line on stderr).
 *
 * Take over what you have: the way to the server is your own of lab 05. New is the conversation.
 */

#include "io.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/** How many bytes are under way at most. See exchange() for why it must not be large. */
#define CHUNK 16384

/** Whether the text can be a port: a number from 1 to 65535, or something that may be a name. */
static int is_port(const char *text)
{
    const char *digit = text;
    long port = 0;

    for (; *digit >= '0' && *digit <= '9'; digit++) {
        if (port <= 65535)
            port = port * 10 + (*digit - '0');
    }
    if (*digit != '\0')
        return 1; /* not all digits: a name, which getaddrinfo() knows or does not know */
    return port >= 1 && port <= 65535;
}

/*
 * Yours of lab 05: what open_connection() below calls has its place here. Take the functions over
 * that look a host up and try its addresses.
 */
//! [connect]
/**
 * Connects, also when a signal comes in between (lab 05): an interrupted connect() goes on in the
 * kernel, so it is waited for, not called again.
 *
 * @return 0, or -1 with errno
 */
static int connect_socket(int conn, const struct addrinfo *address)
{
    struct pollfd done = {.fd = conn, .events = POLLOUT};
    int error = 0;
    socklen_t size = sizeof(error);

    if (connect(conn, address->ai_addr, address->ai_addrlen) == 0)
        return 0;
    if (errno != EINTR)
        return -1;
    while (poll(&done, 1, -1) == -1) {
        if (errno != EINTR)
            return -1;
    }
    if (getsockopt(conn, SOL_SOCKET, SO_ERROR, &error, &size) == -1)
        return -1;
    if (error != 0) {
        errno = error;
        return -1;
    }
    return 0;
}
//! [connect]

/**
 * Opens a connection to the first of the host's addresses that answers (lab 05).
 *
 * @return its descriptor, or -1; a line on stderr then says why the last attempt failed
 */
static int open_connection(const char *host, const char *port)
{
    int conn = -1;
    /* @skeleton (void)host, (void)port; // delete these two lines when the step is written */
    /* @skeleton fputs("echo_client: there is no connection yet\n", stderr); */

    /*
     * Yours of lab 05: take it over, for one round only. Who calls this program has started the
     * server, and is told at once when it is not there. Leave the connected descriptor in `conn`,
     * or -1 after a line on stderr and with nothing left open; main() then ends with status 1.
     */
    //! [connection]
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *addresses = NULL;
    const char *call = "";
    int error = 0;

    int status = getaddrinfo(host, port, &hints, &addresses);
    if (status != 0) {
        fprintf(stderr, "echo_client: %s, port %s: %s\n", host, port,
                status == EAI_SYSTEM ? strerror(errno) : gai_strerror(status));
        return -1;
    }

    for (struct addrinfo *next = addresses; next != NULL; next = next->ai_next) {
        call = "socket";
        conn = socket(next->ai_family, next->ai_socktype, next->ai_protocol);
        if (conn == -1) {
            error = errno;
            continue;
        }
        call = "connect";
        if (connect_socket(conn, next) == 0)
            break;
        error = errno;
        close(conn);
        conn = -1;
    }
    freeaddrinfo(addresses);

    if (conn == -1)
        fprintf(stderr, "%s: %s\n", call, strerror(error));
    //! [connection]

    return conn;
}

/**
 * Sends a chunk, waits until all of it has come back, and prints that.
 *
 * @return 0, or -1 after a line on stderr
 */
static int echo_chunk(int conn, const char *bytes, size_t count)
{
    char back[CHUNK];
    ssize_t got = 0;

    /*
     * Send the whole chunk, whatever a single write() would take. EPIPE or ECONNRESET here: the
     * server has gone, and what was still to be sent would never come back.
     */
    //! [send]
    if (writen(conn, bytes, count) == -1) {
        perror("write");
        return -1;
    }
    //! [send]

    /*
     * Collect what is owed: exactly as many bytes as were sent, in however many pieces they come.
     * Less would leave the rest to be taken for the answer to the next chunk; more would wait for
     * ever.
     */
    //! [collect]
    got = readn(conn, back, count);
    if (got == -1) {
        perror("read");
        return -1;
    }
    //! [collect]

    /*
     * Print what came, byte for byte: no printf("%s"), which ends at the first NUL, and no puts(),
     * which adds a newline. Do it before anything is said about what did not come: these bytes are
     * the user's. stdout can fail too: the disk is full, or nobody reads the pipe any more.
     */
    //! [print]
    if (writen(STDOUT_FILENO, back, (size_t)got) == -1) {
        perror("write to stdout");
        return -1;
    }
    //! [print]

    /* @skeleton (void)conn, (void)bytes, (void)back; // delete this line when the steps are written */

    /* Fewer bytes than were asked for: that is how readn() says end of file. */
    if (got < (ssize_t)count) {
        fprintf(stderr, "echo_client: the server closed too early: %zd of %zu bytes came back\n",
                got, count);
        return -1;
    }
    return 0;
}

/**
 * Sends stdin to the server and prints what comes back.
 *
 * Two sides that both write and do not read stop each other: when all the buffers between them are
 * full, the server waits until the client reads, and the client waits until the server reads. A
 * client that sends all of a large stdin before it reads anything does just that. The simplest way
 * out is to take turns, as here: a chunk goes out, the same chunk comes back, then the next. A
 * chunk of 16 KiB always finds room in the buffers, so nobody waits for the other.
 *
 * @return 0 when stdin has ended and all of it has come back, or -1 after a line on stderr
 */
static int exchange(int conn)
{
    char bytes[CHUNK];

    for (;;) {
        ssize_t got = -1;

        /*
         * Take what stdin has, at most a buffer full: perhaps one line from a terminal, perhaps
         * less than a line from a pipe, at the end perhaps a line without a newline. All of that
         * is fine, these are bytes, and only their number counts. Waiting for a full buffer
         * (readn) would make a person at a terminal wait for an answer that was never asked for.
         * A signal (EINTR) is not the end of stdin: ask again.
         */
        //! [read-stdin]
        do {
            got = read(STDIN_FILENO, bytes, sizeof(bytes));
        } while (got == -1 && errno == EINTR);
        if (got == -1)
            perror("read from stdin");
        //! [read-stdin]

        if (got == -1)
            return -1;
        if (got == 0)
            return 0;
        if (echo_chunk(conn, bytes, (size_t)got) == -1)
            return -1;
    }
}

int main(int argc, char *argv[])
{
    if (argc != 3 || !is_port(argv[2])) {
        fprintf(stderr, "usage: echo_client HOST PORT    (1 to 65535, or a service's name)\n");
        return 2;
    }

    /*
     * The server may close while bytes are on their way to it, and stdout may be a pipe that nobody
     * reads any more. A write to either raises SIGPIPE, and the program would die without a word.
     * Arrange that the write fails with EPIPE instead: then it can say what happened and
     * end with status 1.
     */
    //! [sigpipe]
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR) {
        perror("signal");
        return EXIT_FAILURE;
    }
    //! [sigpipe]

    int conn = open_connection(argv[1], argv[2]);
    if (conn == -1)
        return EXIT_FAILURE;

    int result = exchange(conn);

    /*
     * Say goodbye, whether the exchange succeeded or not. What was owed has come back or never
     * will: a close() that fails could not change that.
     */
    //! [close]
    if (close(conn) == -1)
        perror("close");
    //! [close]
    return result == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
