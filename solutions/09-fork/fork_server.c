/**
 * @file fork_server.c
 * @brief Lab 09: a process for each client.
 *
 *     fork_server PORT
 *
 * Waits on PORT of every IPv4 address of this machine. Sends each client its bytes back as they
 * come, until the client closes; any number of clients at the same time, each served by a child
 * process of its own. It prints nothing on stdout. PORT is a decimal number, 1 to 65535.
 *
 * The server runs until it is killed: no client, no child, and no failure that passes, may end it.
 * Exit status: 1 when it cannot start (one line on stderr names the call and the error),
 * 2 for wrong usage (a usage line on stderr).
 *
 * Take over what you have: the way to a client is your own of lab 04, the echo your own of
 * lab 06. New is that the server does not wait until a client has finished.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/** Clients that the kernel keeps waiting, already connected, while the server makes a child. */
#define BACKLOG 128

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
    /* @skeleton fputs("fork_server: there is no listener yet\n", stderr); */

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
     * Two things are new. EINTR is daily bread now: it comes whenever a child ends while the
     * server waits here, if a handler is set for that. And when no descriptor is free (EMFILE),
     * others that are served go on meanwhile; do not spin, the processor is theirs.
     */
    //! [accept]
    const struct timespec moment = {.tv_sec = 0, .tv_nsec = 100000000};

    for (;;) {
        conn = accept(listener, NULL, NULL);
        if (conn != -1)
            break;

        const int error = errno;

        /* A child ended, or a client went away while it waited: nothing has happened to us. */
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
 * Sends back what comes until the client has closed its side, or is gone (lab 06). Runs in the
 * child: it may block as long as the client likes, nobody else waits for it.
 */
static void echo(int conn)
{
    /* @skeleton (void)conn; // delete this line when the step is written */

    /*
     * Yours of lab 06: take over the loop that reads what has come and writes all of it back, with
     * its answers to short counts, EINTR, end of file, and a client that is gone.
     */
    //! [echo]
    char bytes[CHUNK];

    for (;;) {
        ssize_t got = read(conn, bytes, sizeof(bytes));

        if (got == -1 && errno == EINTR)
            continue;
        if (got == -1)
            perror("read");
        if (got <= 0)
            return;
        for (ssize_t sent = 0; sent < got;) {
            ssize_t n = write(conn, bytes + sent, (size_t)(got - sent));

            if (n == -1 && errno == EINTR)
                continue;
            if (n == -1) {
                perror("write");
                return;
            }
            sent += n;
        }
    }
    //! [echo]
}

/*
 * What is to happen when a child has ended. Until its parent has asked how (waitpid), the kernel
 * keeps an entry in the table of processes: a zombie. A server that never asks fills that table,
 * and then fork() fails for everybody.
 *
 * Signals do not queue: while one SIGCHLD waits to be delivered, further ones are lost in it. Fifty
 * children may end for one notice, so ask again until there is nobody left who has ended. And do
 * not wait for those who still live: they may take hours.
 *
 * A handler runs between two instructions of the program. What it changes and the program does not
 * expect to change, it must put back: waitpid() sets errno, and the program may just be
 * about to read it.
 */
//! [reap]
static void reap_children(int signal)
{
    const int error = errno;

    (void)signal;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        continue;
    errno = error;
}
//! [reap]

/**
 * Arranges that no child stays as a zombie.
 *
 * @return 0, or -1 after a line on stderr
 */
static int arrange_reaping(void)
{
    /*
     * Set this up before the first child can end. You have three choices: a handler for SIGCHLD, as
     * above; to ignore SIGCHLD; or the flag SA_NOCLDWAIT. The last two tell the kernel that nobody
     * will ask, so that nothing is kept (wait(2), NOTES). A handler interrupts accept() each time;
     * the flag SA_RESTART makes the kernel go on with the call by itself. Children
     * that stop (Ctrl-Z) are no news for a server: SA_NOCLDSTOP.
     */
    //! [arrange]
    struct sigaction action;

    memset(&action, 0, sizeof(action));
    action.sa_handler = reap_children;
    action.sa_flags = SA_RESTART | SA_NOCLDSTOP;
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGCHLD, &action, NULL) == -1) {
        perror("sigaction");
        return -1;
    }
    //! [arrange]

    return 0;
}

/** Gives a client to a child of its own. The server's copy of the connection is closed when it returns. */
static void hand_over(int listener, int conn)
{
    /* @skeleton (void)listener; // delete these two lines when the steps are written */
    /* @skeleton (void)conn; */
    pid_t child = -1;

    /*
     * Make the child. From here on there are two processes, both with all descriptors. fork() can
     * fail, for a while or for this user's limit (EAGAIN, ENOMEM): that is bad luck for this one
     * client, who is let go, and no reason for the server to end. Taking the -1 for a process id
     * would be worse: kill(-1, ...) means everybody.
     */
    //! [fork]
    child = fork();
    if (child == -1)
        perror("fork");
    //! [fork]

    if (child == 0) {
        /*
         * The child. The door is the parent's: close it here. A child that keeps it keeps the port
         * taken when the server has ended, and the new server cannot start. Serve the
         * client, close, and end. Do not fall back into the parent's loop: there would be one more
         * server for each client. Use _exit(): exit() would run what the parent has registered with
         * atexit(), and write out once more what lay unwritten in its stdio buffers.
         */
        //! [child]
        close(listener);
        echo(conn);
        close(conn);
        _exit(EXIT_SUCCESS);
        //! [child]
    }

    /*
     * The parent. The conversation is the child's; close the connection here. While the parent has
     * it open, the client never sees the end, for a connection ends with its last descriptor; and
     * the parent runs out of descriptors after a thousand clients. When there is no child, the
     * close is the goodbye.
     */
    //! [parent]
    close(conn);
    //! [parent]
}

int main(int argc, char *argv[])
{
    int port = argc == 2 ? parse_port(argv[1]) : -1;

    if (port == -1) {
        fprintf(stderr, "usage: fork_server PORT    (1 to 65535)\n");
        return 2;
    }

    /*
     * As in lab 04: a client that is gone makes write() raise SIGPIPE. It would end only the child
     * that serves it; still, let the write fail with EPIPE, so that the child can say why it ends.
     * A child inherits this.
     */
    //! [sigpipe]
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR) {
        perror("signal");
        return EXIT_FAILURE;
    }
    //! [sigpipe]

    if (arrange_reaping() == -1)
        return EXIT_FAILURE;

    int listener = open_listener(port);
    if (listener == -1)
        return EXIT_FAILURE;

    for (;;) {
        int conn = accept_client(listener);

        if (conn == -1)
            break;
        hand_over(listener, conn);
    }

    close(listener);
    return EXIT_FAILURE;
}
