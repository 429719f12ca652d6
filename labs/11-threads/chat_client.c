/**
 * @file chat_client.c
 * @brief Lab 11: listens and talks at the same time.
 *
 *     chat_client HOST PORT
 *
 * Connects to HOST (a name or a numeric address, IPv4 or IPv6) and PORT (a number, 1 to 65535, or
 * the name of a service). Sends stdin's lines to the server and shows on stdout what arrives, each
 * without waiting for the other. When stdin ends, a last line without a newline included, it closes
 * its sending half and goes on showing until the server closes.
 *
 * Exit status: 0 when the server has closed the connection; 1 when a call failed or the connection
 * broke (one line on stderr says which); 2 for wrong usage (a usage line on stderr).
 *
 * Take over what you have: the way to the server is your own of lab 05. New is that two things are
 * waited for at once.
 */

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/** How many bytes are taken at once. Any number is right. */
#define CHUNK 4096

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
/* TODO(connect): write this step. */

/**
 * Opens a connection to the first of the host's addresses that answers (lab 05).
 *
 * @return its descriptor, or -1; a line on stderr then says why the last attempt failed
 */
static int open_connection(const char *host, const char *port)
{
    int conn = -1;
    (void)host, (void)port; // delete these two lines when the step is written
    fputs("chat_client: there is no connection yet\n", stderr);

    /*
     * Yours of lab 05: take it over, for one round only. Leave the connected descriptor in `conn`,
     * or -1 after a line on stderr and with nothing left open; main() then ends with status 1.
     */
    /* TODO(connection): write this step. */

    return conn;
}

/**
 * Reads a piece of what comes next.
 *
 * @return how many bytes; 0 at end of file; -1 on error, with errno kept
 */
static ssize_t read_piece(int fd, char bytes[CHUNK])
{
    ssize_t got = 0;
    (void)fd, (void)bytes; // delete this line when the step is written

    /* A signal may come before anything else does: nothing has been read then, and nothing is lost. Yours of lab 06: take it over. */
    /* TODO(read): write this step. */
    return got;
}

/** Writes all the bytes (lab 06). @return 0, or -1 with errno */
static int write_all(int fd, const char *bytes, size_t count)
{
    int result = -1;
    (void)fd, (void)bytes, (void)count; // delete these two lines when the step is written
    errno = ENOSYS;

    /*
     * Yours of lab 06: a loop, because one call may take only a part, and a signal (EINTR) is no
     * failure.
     */
    /* TODO(write): write this step. */

    return result;
}

/**
 * Ends the program from whichever thread it is that met the failure.
 *
 * _exit() and not exit(): the other thread may be in the middle of anything, and exit() would run
 * handlers and flush stdio under its feet. Nothing is lost: all output here goes out by write().
 */
static void give_up(const char *what)
{
    perror(what);
    _exit(EXIT_FAILURE);
}

/** What the second thread does: sends all of stdin, then says that this was all. */
static void *send_stdin(void *argument)
{
    const int conn = *(const int *)argument;
    (void)conn, (void)read_piece, (void)write_all, (void)give_up; // delete this line when the step is written

    /*
     * Bytes from stdin to the server, until stdin ends; then close the sending half, and only that
     * half: the other thread goes on reading. A last line without a newline is sent as it is.
     *
     * A failure here has to end the whole program, and the other thread is blocked in a read that
     * may never return. Nobody but this thread knows that there is a reason to stop.
     */
    /* TODO(talk): write this step. */
    return NULL;
}

/**
 * Shows what the server sends, until its end of file.
 *
 * @return 0, or -1 after a line on stderr: the connection broke, or stdout cannot be written to
 */
static int show(int conn)
{
    int result = -1;

    /*
     * Copy what comes to stdout at once: whoever looks at the screen, or at a pipe, waits for it.
     * End of file is how a server says goodbye. An error is not: the connection broke.
     */
    /* TODO(show): write this step. */
    (void)conn; // delete this line when the step is written

    return result;
}

/** Starts the thread that sends. @return 0, or -1 after a line on stderr */
static int start_sending(int *conn)
{
    int error = 0;

    /*
     * One thread waits for the user, the other for the server. Neither read can be told to return
     * when something comes on the *other* descriptor; so each has a thread that may sleep in it.
     * (There is another way, with one thread that sleeps in poll(): lab 12.)
     *
     * Let the new thread do the sending: when the server closes, main() has to end the program
     * even though nothing was typed, and returning from main() ends all threads. The new thread
     * reads `conn` of main() through this pointer, which is all right here: main() outlives it.
     */
    /* TODO(thread): write this step. */
    (void)conn, (void)send_stdin; // delete this line when the step is written

    return error == 0 ? 0 : -1;
}

int main(int argc, char *argv[])
{
    int status = EXIT_FAILURE;

    if (argc != 3 || !is_port(argv[2])) {
        fprintf(stderr, "usage: chat_client HOST PORT    (1 to 65535, or a service's name)\n");
        return 2;
    }

    /*
     * The server may be gone while a line is on its way to it, and stdout may be a pipe that nobody
     * reads any more. Arrange that writing to either fails with EPIPE, and does not kill the
     * program without a word.
     */
    /* TODO(sigpipe): write this step. */

    int conn = open_connection(argv[1], argv[2]);
    if (conn == -1)
        return EXIT_FAILURE;

    if (start_sending(&conn) == 0 && show(conn) == 0)
        status = EXIT_SUCCESS;

    /*
     * The connection is not closed here: the other thread may still be about to use its number.
     * The process ends now, and the kernel closes what it has.
     */
    return status;
}
