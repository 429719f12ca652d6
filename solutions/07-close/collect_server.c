/**
 * @file collect_server.c
 * @brief Lab 07: a server that listens to the end before it answers.
 *
 *     collect_server PORT
 *
 * Waits on PORT of every IPv4 address of this machine. Reads all that a client sends, until the
 * client has closed its sending half. Then prints on stdout
 *
 *     >the bytes
 *
 * that is `>`, the bytes as they came, and a newline; sends the same bytes back, closes the
 * connection and takes the next client. PORT is a decimal number, 1 to 65535.
 *
 * The server runs until it is killed: no client, and no failure that passes, may end it. A client
 * that breaks off is not answered, and what it had sent is not printed.
 * Exit status: 1 when it cannot start (one line on stderr names the call and the error),
 * 2 for wrong usage (a usage line on stderr).
 *
 * Take over what you have: the way to the first client is your own of lab 04, io.c of lab 06. New is
 * what happens between a client's first byte and the goodbye.
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

/** The room that a client's bytes get first; it doubles whenever it is full. */
#define FIRST_ROOM 4096

/** What one client has sent so far: bytes, not a string. NUL is a byte like any other. */
struct collection {
    char *bytes;   /**< from malloc(); NULL as long as there is no room */
    size_t length; /**< how many bytes are in it */
    size_t room;   /**< how many would fit */
};

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
    /* @skeleton fputs("collect_server: there is no listener yet\n", stderr); */

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

    /*
     * A connection whose server closes first, or is killed in the middle, stays behind in TIME_WAIT
     * or on its way there. Without this option the port could not be bound again for a minute.
     */
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

/**
 * Sees to it that there is room for at least one more byte.
 *
 * @return 0, or -1 with errno when there is no memory; what has been collected is untouched then
 */
static int make_room(struct collection *all)
{
    /*
     * Nobody knows how much a client will send, so the room has to grow as the bytes come. Double it
     * each time: growing by a fixed piece would copy all that is there again and again, and 4 MiB
     * in odd pieces would take long.
     *
     * realloc() may move the block: the old address is worth nothing afterwards. And it may fail:
     * then it returns NULL and the old block is still there, still to be freed. So keep its result
     * in a variable of its own until you know which of the two it was.
     */
    //! [room]
    if (all->length == all->room) {
        size_t room = all->room == 0 ? FIRST_ROOM : 2 * all->room;
        char *bytes = realloc(all->bytes, room);

        if (bytes == NULL)
            return -1;
        all->bytes = bytes;
        all->room = room;
    }
    //! [room]
    /* @skeleton (void)all; // delete this line when the step is written */

    return 0;
}

/**
 * Reads what a client sends, until it says that no more will come.
 *
 * @return 0 at the client's end of file, or -1 after a line on stderr: the rest will never come
 */
static int collect(int conn, struct collection *all)
{
    int result = -1;

    /*
     * Read until read() returns 0. That is the client's FIN: it has closed its sending half. Nothing
     * else says that the client has finished: not a newline, not a read() that brought less than
     * there was room for, not a pause. Whoever stops before the end answers half a question, and
     * closes with bytes unread; the kernel then throws the connection away (RST) and, with it,
     * perhaps the answer.
     *
     * Each piece goes behind the last one; count the bytes, and trust the count only. Text functions
     * (strcpy, strncpy, strcat, strlen) end at the first NUL.
     *
     * A signal (EINTR) is not the end, call again. ECONNRESET is not the end either, it is a
     * failure: the client is gone, and what came is not all of it. A client that closes without a
     * byte is no failure: the collection is empty then, and that is what gets printed.
     */
    //! [collect]
    for (;;) {
        ssize_t got = 0;

        if (make_room(all) == -1) {
            perror("realloc");
            break;
        }
        got = read(conn, all->bytes + all->length, all->room - all->length);
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
        all->length += (size_t)got;
    }
    //! [collect]
    /* @skeleton (void)conn, (void)make_room(all); // delete this line when the step is written */

    return result;
}

/** Serves one client to its end and closes the connection. Whatever goes wrong is this client's. */
static void serve_client(int conn)
{
    struct collection all = {.bytes = NULL, .length = 0, .room = 0};

    if (collect(conn, &all) == -1)
        goto out;

    /*
     * Print `>`, the bytes and a newline. Bytes again: "%s" would print up to the first NUL, and
     * "(null)" or worse for a client that sent none. The line must be in the pipe before this
     * server blocks, and it will block in the next accept(): write it with writen(), or flush
     * stdio's buffer. If stdout cannot be written to, say so and answer all the same: that is not
     * the client's fault.
     */
    //! [print]
    if (writen(STDOUT_FILENO, ">", 1) == -1 ||
        writen(STDOUT_FILENO, all.bytes, all.length) == -1 ||
        writen(STDOUT_FILENO, "\n", 1) == -1)
        perror("write to stdout");
    //! [print]

    /*
     * Send all of it back. The client has closed its sending half only: it can still hear, so this
     * direction of the connection is as good as before. Or it has gone altogether. TCP cannot tell
     * one from the other: both look like end of file from here. If it has gone, its kernel answers
     * the first segment with a RST, and write() fails with EPIPE or ECONNRESET. That ends this
     * conversation and nothing else.
     */
    //! [answer]
    if (writen(conn, all.bytes, all.length) == -1)
        perror("write");
    //! [answer]

out:
    /*
     * Say goodbye. close() sends our FIN behind all the bytes that were written; the kernel delivers
     * them after close() has returned, and the client reads end of file after the last one. This is
     * the whole secret of a close in which nothing is lost: read up to the other's FIN first.
     *
     * It is done on every way out, and once. The memory too: without free() the server would grow
     * with each client. Free what malloc() and realloc() gave, not a pointer that has moved along.
     */
    //! [close]
    if (close(conn) == -1)
        perror("close");
    //! [close]
    free(all.bytes);
}

int main(int argc, char *argv[])
{
    int port = argc == 2 ? parse_port(argv[1]) : -1;

    if (port == -1) {
        fprintf(stderr, "usage: collect_server PORT    (1 to 65535)\n");
        return 2;
    }

    /*
     * A client that has gone altogether after its last byte is found out when the answer is sent.
     * The write then raises SIGPIPE, which ends a process that has made no arrangement. Arrange
     * that it fails with EPIPE instead.
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
