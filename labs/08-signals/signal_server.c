/**
 * @file signal_server.c
 * @brief Lab 08: a server that can be told to stop.
 *
 *     signal_server PORT
 *
 * Waits on PORT of every IPv4 address of this machine. Sends each client its bytes back as they
 * come, until the client closes; then takes the next one. PORT is a decimal number, 1 to 65535.
 *
 * SIGINT or SIGTERM tells it to stop: the listening socket closes at once, a client that is being
 * served is served to its end, then the server prints on stdout
 *
 *     served 3
 *
 * that is the number of clients it has served to their end of file, and ends. SIGUSR1 asks for that
 * line in between; nothing else changes.
 *
 * Exit status: 0 when it was told to stop, 1 when it cannot start (one line on stderr names the
 * call and the error), 2 for wrong usage (a usage line on stderr).
 *
 * Take over what you have: the listener is your own of lab 04, the echo of lab 06. New is that
 * something can happen while the server waits, wherever it waits.
 *
 */

/* ppoll() and accept4() are not in POSIX.1-2008: glibc's headers have them for those who ask. */
#define _GNU_SOURCE

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
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

/** What the server knows of itself. */
struct server {
    int listener;         /**< the door; -1 when it is closed and no client is to come any more */
    unsigned long served; /**< clients that were served to their end of file */
    sigset_t waiting;     /**< the signals that are blocked while the server waits: not the three */
};

/**
 * What the signals have asked for: set by the handlers, read by obey(). volatile: the compiler must
 * look each time, and sig_atomic_t: a handler never finds half of a value (signal-safety(7)).
 */
static volatile sig_atomic_t stop_asked, count_asked;

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
    (void)port; // delete these two lines when the step is written
    fputs("signal_server: there is no listener yet\n", stderr);

    /*
     * Yours of lab 04: take its steps over, from socket() to listen(). Leave in `listener` the
     * descriptor, or -1 after a line on stderr and with nothing left open; main() then ends with
     * status 1.
     *
     * One thing is new. wait_for() will say that a client is there; but by the time of accept()
     * that client may have gone again, and an accept() that then waits for another one would wait
     * where no signal is heard. Make the listener non-blocking: then accept() fails with EAGAIN
     * instead.
     */
    /* TODO(listener): write this step. */

    return listener;
}

/** SIGINT and SIGTERM. */
static void on_stop(int number)
{
    (void)number;
    (void)stop_asked; // delete this line when the step is written

    /*
     * A handler runs in the middle of anything. Whatever the program was doing, it is half done:
     * printf() may hold its lock, malloc() may have its lists open. So a handler does the least
     * that can be done: it leaves a note, and returns.
     */
    /* TODO(on-stop): write this step. */
}

/** SIGUSR1. */
static void on_count(int number)
{
    (void)number;
    (void)count_asked; // delete this line when the step is written

    /* The same, for the other question. Two signals of one kind may be merged: a note is enough. */
    /* TODO(on-count): write this step. */
}

/**
 * Arranges what happens when the signals come. From here on they wait (they are pending) until the
 * server waits in wait_for().
 *
 * @return 0, or -1 when a call failed; a line on stderr then names it
 */
static int arrange_signals(struct server *server)
{
    (void)server, (void)on_stop, (void)on_count; // delete when written

    /*
     * Block the three signals first, and keep the mask as it was: with the three taken out of it
     * (they may be blocked already, a mask is inherited) it is the one for waiting. A signal that
     * comes while it is blocked is not lost: it is pending, and comes when it is let in.
     *
     * Were they let in everywhere, a handler could run between your last look at its note and the
     * call that waits, and that call would wait for ever: this is the race that the handout shows.
     */
    /* TODO(block): write this step. */

    /*
     * Now the handlers, with sigaction(). Start with a structure of zeros: sa_mask and sa_flags
     * have meanings, and a variable on the stack holds what was there before.
     */
    /* TODO(handlers): write this step. */

    /*
     * A client may leave between its question and your answer; writing to its connection then
     * raises SIGPIPE (lab 06). Arrange that the write fails with EPIPE instead.
     */
    /* TODO(sigpipe): write this step. */

    return 0;
}

/** Prints the line that was asked for. A stdout that is gone is no reason to stop serving. */
static void print_count(const struct server *server)
{
    (void)server; // delete this line when the step is written

    /*
     * Whoever asked is waiting for this line: stdout may be a pipe, and there it would stay in
     * stdio's buffer until the server ends.
     */
    /* TODO(print): write this step. */
}

/** Does what the signals that have come ask for. Called where nothing is half done. */
static void obey(struct server *server)
{
    (void)server, (void)print_count; // delete this line when the step is written

    /*
     * Take the note away before you do what it says: a signal that comes later is another question.
     *
     * Told to stop, the door closes at once: from then on new clients are refused by the kernel,
     * and can try somewhere else. This may happen more than once and must close once: the number
     * may belong to somebody else by then. Whoever is being served is not touched.
     */
    /* TODO(obey): write this step. */
}

/**
 * Waits until a descriptor is ready, and obeys the signals that come meanwhile. The only place
 * where this program waits, and the only one where those signals are let in.
 *
 * @param fd      the connection, or the listener
 * @param events  POLLIN or POLLOUT
 * @return 0 when it is ready; -1 when there is nothing to wait for any more: fd was the door, which
 *         is closed now, or the call failed
 */
static int wait_for(struct server *server, int fd, short events)
{
    (void)server, (void)fd, (void)events, (void)obey; // delete when written

    /*
     * Go round: obey, then wait. While you obey, the signals are blocked; ppoll() lets them in and
     * waits in one step, so that none can come in between and find you on the way from the one to
     * the other. It returns EINTR when a handler has run: go round and look at the notes.
     *
     * poll() between two calls of sigprocmask() is not the same: a signal that comes after the
     * first of them and before poll() has been handled by the time poll() starts to wait.
     */
    /* TODO(wait): write this step. */

    return -1;
}

/**
 * Takes the next client. Blocks until there is one, or until the server is told to stop.
 *
 * @return the connection's descriptor, or -1 when no client is to come any more
 */
static int accept_client(struct server *server)
{
    int conn = -1;
    (void)server, (void)wait_for; // delete this line when the step is written

    /*
     * Yours of lab 04, with two things that are new: wait with wait_for() before each accept(), and
     * make the connection non-blocking too (accept4(), or fcntl()). A client that does not read
     * what you send would otherwise keep you in write(), where no signal is heard.
     *
     * EAGAIN is what a client leaves behind that has gone again: nothing has happened to us.
     */
    /* TODO(accept): write this step. */

    return conn;
}

/**
 * Sends all n bytes, however long the client takes to read them.
 *
 * @return 0, or -1 when the connection is broken; a line on stderr then says why
 */
static int send_all(struct server *server, int conn, const char *bytes, size_t n)
{
    (void)server, (void)conn, (void)bytes, (void)n; // delete when written

    /*
     * Your writen() of lab 06, for a descriptor that does not block: when the kernel's buffer is
     * full (EAGAIN), wait until there is room, and obey meanwhile.
     */
    /* TODO(send): write this step. */

    return 0;
}

/** Serves one client to its end and closes the connection. Whatever goes wrong is this client's. */
static void serve_client(struct server *server, int conn)
{
    (void)server, (void)conn, (void)send_all; // delete when written

    /*
     * Yours of lab 06, with wait_for() before each read(): a client that says nothing for an hour
     * must not keep the signals waiting for an hour. A server that was told to stop serves this
     * client to its end all the same.
     *
     * Count it when its end of file has come, and not before: a client that breaks off was not
     * served to its end.
     */
    /* TODO(echo): write this step. */

    /* Say goodbye, as in lab 04: on every way out, and once. */
    /* TODO(close): write this step. */
}

int main(int argc, char *argv[])
{
    struct server server = {.listener = -1};
    int port = argc == 2 ? parse_port(argv[1]) : -1;

    if (port == -1) {
        fprintf(stderr, "usage: signal_server PORT    (1 to 65535)\n");
        return 2;
    }

    /* Before the door opens: who can reach the server may also tell it to stop. */
    if (arrange_signals(&server) == -1)
        return EXIT_FAILURE;

    server.listener = open_listener(port);
    if (server.listener == -1)
        return EXIT_FAILURE;

    for (;;) {
        int conn = accept_client(&server);

        if (conn == -1)
            break;
        serve_client(&server, conn);
    }

    /*
     * Here are two kinds of end. The door is closed: the server was told to stop, has served whom
     * it had, and says how many there were. The door is open: no client can be accepted any more.
     */
    /* TODO(end): write this step. */

    close(server.listener);
    return EXIT_FAILURE;
}
