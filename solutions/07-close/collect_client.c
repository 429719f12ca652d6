/**
 * @file collect_client.c
 * @brief Lab 07: says all it has to say, says that this was all, and listens to the answer.
 *
 *     collect_client HOST PORT
 *
 * Connects to HOST (a name or a numeric address, IPv4 or IPv6) and PORT (a number, 1 to 65535, or
 * the name of a service). Sends all of stdin, closes its sending half, reads the answer up to end
 * of file, and prints on stdout
 *
 *     >the answer
 *
 * that is `>`, the bytes as they came, and a newline.
 *
 * Exit status: 0 when the answer has come to its end; 1 when a call failed or the answer broke off
 * (one line on stderr says which); 2 for wrong usage (a usage line on stderr).
 *
 * Take over what you have: the way to the server is your own of lab 05, io.c of lab 06. New are the
 * three steps of the conversation, and the last one.
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

/** How many bytes are taken at once. Any number is right. */
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
    /* @skeleton fputs("collect_client: there is no connection yet\n", stderr); */

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
        fprintf(stderr, "collect_client: %s, port %s: %s\n", host, port,
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
 * Sends all of stdin.
 *
 * This server reads everything before it writes anything, so here it is safe to send everything
 * before reading anything. With lab 06's server it was not: each side would have waited for the
 * other to read.
 *
 * @return 0 when stdin has ended and all of it is on its way, or -1 after a line on stderr
 */
static int send_stdin(int conn)
{
    int result = -1;

    /*
     * A chunk from stdin, all of it to the server, the next one, until stdin ends. Bytes, not lines
     * and not words: blanks, newlines and NUL bytes belong to what is sent, a last line may have
     * no newline, and stdin may be empty. A signal (EINTR) while it waits for stdin is not the end
     * of stdin. A write that fails (EPIPE, ECONNRESET) says that the server has gone.
     */
    //! [send]
    for (;;) {
        char bytes[CHUNK];
        ssize_t got = read(STDIN_FILENO, bytes, sizeof(bytes));

        if (got == -1 && errno == EINTR)
            continue;
        if (got == -1) {
            perror("read from stdin");
            break;
        }
        if (got == 0) {
            result = 0;
            break;
        }
        if (writen(conn, bytes, (size_t)got) == -1) {
            perror("write");
            break;
        }
    }
    //! [send]
    /* @skeleton (void)conn; // delete this line when the step is written */

    return result;
}

/**
 * Tells the server that no more will come.
 *
 * @return 0, or -1 after a line on stderr
 */
static int end_sending(int conn)
{
    int result = -1;

    /*
     * The server waits for our end of file, and we are about to wait for its answer. Without this
     * step both would wait for ever. close() would send the FIN as well, but it gives the
     * descriptor away: there would be nothing left to read the answer from. Close one half, the
     * sending one, and keep the other. This is done for an empty stdin too: "nothing" is a message
     * only together with "that was all".
     *
     * It fails with ENOTCONN when the connection has been reset in the meantime.
     */
    //! [half-close]
    result = shutdown(conn, SHUT_WR);
    if (result == -1)
        perror("shutdown");
    //! [half-close]
    /* @skeleton (void)conn; // delete this line when the step is written */

    return result;
}

/** Prints bytes on stdout, at once. @return 0, or -1 after a line on stderr */
static int print_bytes(const char *bytes, size_t count)
{
    int result = -1;
    /* @skeleton (void)bytes, (void)count; // delete this line when the step is written */

    /*
     * Yours of lab 06: print them byte for byte, and look whether that has worked. stdout can fail
     * too: the disk is full, or nobody reads the pipe any more.
     */
    //! [print]
    if (writen(STDOUT_FILENO, bytes, count) == -1)
        perror("write to stdout");
    else
        result = 0;
    //! [print]

    return result;
}

/**
 * Prints `>`, what the server sends until its end of file, and a newline.
 *
 * @return 0, or -1 after a line on stderr: the answer broke off, or stdout cannot be written to
 */
static int print_answer(int conn)
{
    int result = -1;

    if (print_bytes(">", 1) == -1)
        return -1;

    /*
     * Copy what comes to stdout, piece by piece, as many bytes as came. The end of the answer is the
     * server's end of file and nothing else. A connection that is reset (ECONNRESET) is not the
     * end: the answer broke off, and only the exit status can tell the user. A loop that goes on
     * while read() brings something must look afterwards at why it ended.
     */
    //! [answer]
    for (;;) {
        char bytes[CHUNK];
        ssize_t got = read(conn, bytes, sizeof(bytes));

        if (got == -1 && errno == EINTR)
            continue;
        if (got == -1) {
            perror("read");
            break;
        }
        if (got == 0) {
            result = 0;
            break;
        }
        if (print_bytes(bytes, (size_t)got) == -1)
            break;
    }
    //! [answer]
    /* @skeleton (void)conn; // delete this line when the step is written */

    if (result == -1)
        return -1;
    return print_bytes("\n", 1);
}

int main(int argc, char *argv[])
{
    int status = EXIT_FAILURE;

    if (argc != 3 || !is_port(argv[2])) {
        fprintf(stderr, "usage: collect_client HOST PORT    (1 to 65535, or a service's name)\n");
        return 2;
    }

    /*
     * The server may have gone while bytes are on their way to it, and stdout may be a pipe that
     * nobody reads any more. Writing to either raises SIGPIPE, and the program would die without a
     * word. Arrange that the write fails with EPIPE instead.
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

    if (send_stdin(conn) == 0 && end_sending(conn) == 0 && print_answer(conn) == 0)
        status = EXIT_SUCCESS;

    /*
     * shutdown() ended one direction of the conversation; the descriptor is still there, and only
     * close() gives it back. The answer has been read up to its end: a close() that fails could
     * not change that.
     */
    //! [close]
    if (close(conn) == -1)
        perror("close");
    //! [close]

    return status;
}
