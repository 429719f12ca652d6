/**
 * @file listener.c
 * @brief Lab 03: a socket becomes a door.
 *
 *     listener PORT BACKLOG
 *
 * Listens on PORT of every IPv4 address of this machine, with a queue for BACKLOG clients, and says
 * so in one line on stdout, with the port that it really has:
 *
 *     listening on 0.0.0.0:4000 backlog 5
 *
 * Then it waits until its stdin ends, whatever is written there before, closes the door and ends.
 * It never accepts a client. PORT is a decimal number, 0 to 65535; with 0 the kernel chooses a
 * port. BACKLOG is 1 to 4096.
 *
 * Exit status: 0 after the end of stdin; 1 when a call failed (one line on stderr names the call and
 * the error); 2 for wrong usage (a usage line on stderr). A stdout that nobody reads does not end
 * it: the door is open all the same.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/**
 * Reads a number: digits and nothing else.
 *
 * strtol() would let " 80", "+80" and "80abc" pass, and atoi() cannot say that it failed.
 *
 * @return the number, or -1 when the text is no number from `least` to `most`
 */
static int parse_number(const char *text, int least, int most)
{
    int number = 0;

    if (*text == '\0')
        return -1;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return -1;
        number = number * 10 + (*text - '0');
        /* Tested at every digit: a long row of them would overflow an int. */
        if (number > most)
            return -1;
    }
    return number < least ? -1 : number;
}

/**
 * Makes a TCP socket that is bound to the port, on every IPv4 address.
 *
 * @return the descriptor, which the caller closes, or -1 when a call failed; a line on stderr then
 *         names the call
 */
static int open_bound(int port)
{
    int fd = -1;
    /* @skeleton (void)port; */

    /*
     * Ask the kernel for a TCP socket over IPv4, as in lab 01, and look at the result: without it
     * every later call would fail for a reason that is not the real one.
     */
    //! [socket]
    fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd == -1) {
        perror("listener: socket");
        return -1;
    }
    //! [socket]
    /* @skeleton if (fd == -1) fputs("listener: there is no socket yet\n", stderr); */

    /*
     * Old connections in TIME_WAIT must not keep a server from its port: SO_REUSEADDR, and before
     * bind(), as in lab 02. It does not let two sockets listen on one port.
     */
    //! [reuse]
    const int on = 1;

    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1) {
        perror("listener: setsockopt");
        close(fd);
        return -1;
    }
    //! [reuse]

    /*
     * The name is the wildcard address and the port. A server does not know by which of the
     * machine's addresses its clients will come, and one that is bound to 127.0.0.1 is deaf to all
     * other machines. Both parts are in network byte order. This is the call that fails in daily
     * life: EADDRINUSE when somebody else listens there, EACCES below 1024.
     */
    //! [bind]
    struct sockaddr_in name;

    memset(&name, 0, sizeof(name));
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_ANY);
    name.sin_port = htons((in_port_t)port);
    if (bind(fd, (const struct sockaddr *)&name, sizeof(name)) == -1) {
        perror("listener: bind");
        close(fd);
        return -1;
    }
    //! [bind]

    return fd;
}

/**
 * Opens the door.
 *
 * @return 0, or -1 when the call failed; a line on stderr then names it
 */
static int open_door(int listener, int backlog)
{
    int result = -1;
    /* @skeleton (void)listener, (void)backlog; */

    /*
     * From here on the kernel answers clients by itself: it finishes their handshakes, and keeps the
     * finished connections in a queue until somebody accepts them. Up to this call a client
     * was refused. The backlog says how long the queue may get; the kernel cuts a greater
     * number to net.core.somaxconn without a word. The call can fail although bind() succeeded:
     * two sockets with SO_REUSEADDR may both be bound to one port, as long as none of them
     * listens; the second one that wants to gets EADDRINUSE here. Set `result` to 0 when the door
     * is open.
     */
    //! [listen]
    result = listen(listener, backlog);
    if (result == -1)
        perror("listener: listen");
    //! [listen]

    return result;
}

/**
 * Says where the door is.
 *
 * @return 0, or -1 when the kernel does not tell; a line on stderr then names the call
 */
static int announce(int listener, int backlog)
{
    struct sockaddr_in name;
    char text[INET_ADDRSTRLEN] = "";
    int written = -1;
    /* @skeleton (void)listener, (void)backlog; */

    memset(&name, 0, sizeof(name));

    /*
     * Ask for the name that the socket really has: with port 0 on the command line, only the kernel
     * knows the port. The length goes in and out.
     */
    //! [name]
    socklen_t size = sizeof(name);

    if (getsockname(listener, (struct sockaddr *)&name, &size) == -1) {
        perror("listener: getsockname");
        return -1;
    }
    //! [name]

    /*
     * Print the line and hand it over at once. Into a pipe stdio collects 4096 bytes before it
     * writes any, and this program is about to sleep: whoever waits for the line to learn the
     * port would wait until the door is closed again. Let `written` be negative when stdout
     * did not take it, after printf() or after fflush().
     */
    //! [print]
    inet_ntop(AF_INET, &name.sin_addr, text, sizeof(text));
    written = printf("listening on %s:%d backlog %d\n", text, ntohs(name.sin_port), backlog);
    if (fflush(stdout) == EOF)
        written = -1;
    //! [print]

    /* @skeleton (void)text; */
    /* @skeleton errno = ENOSYS; // until this step is written */
    /* A server lives on when nobody reads what it prints: its clients are not to blame. */
    if (written < 0)
        perror("listener: stdout");
    return 0;
}

/**
 * Waits until stdin ends.
 *
 * @return 0 at end of file, or -1 when stdin cannot be read; a line on stderr then says why
 */
static int await_end_of_input(void)
{
    char bytes[4096];
    ssize_t got = 0;

    /*
     * Sleep in read() until there is something, throw it away, and sleep again: only 0 is the end
     * of file. A line is not the end, nor is a NUL or a byte 255. What is not read stays there, and
     * a program that only looks whether there is something would find it again and again, and
     * burn the processor. A signal may interrupt the sleep (EINTR): that is not the end
     * either. Any other error is: leave the loop with `got` at -1 and errno as it is.
     */
    //! [wait]
    do {
        got = read(STDIN_FILENO, bytes, sizeof(bytes));
    } while (got > 0 || (got == -1 && errno == EINTR));
    //! [wait]

    /* @skeleton (void)bytes; */
    if (got == -1) {
        perror("listener: read");
        return -1;
    }
    return 0;
}

int main(int argc, char *argv[])
{
    int port = argc == 3 ? parse_number(argv[1], 0, 65535) : -1;
    int backlog = argc == 3 ? parse_number(argv[2], 1, 4096) : -1;

    /* Before any socket is opened: who called the program wrongly learns it at once. */
    if (port == -1 || backlog == -1) {
        fprintf(stderr, "usage: listener PORT BACKLOG    (0 to 65535, 1 to 4096)\n");
        return 2;
    }

    /* When nobody reads our stdout any more, writing to it should fail and no more; without this,
       SIGPIPE would end the program and close the door. */
    signal(SIGPIPE, SIG_IGN);

    int listener = open_bound(port);
    if (listener == -1)
        return EXIT_FAILURE;

    int status = EXIT_FAILURE;

    if (open_door(listener, backlog) == 0 && announce(listener, backlog) == 0 &&
        await_end_of_input() == 0)
        status = EXIT_SUCCESS;

    /*
     * Close the door. New clients are refused from here on, and those in the queue, whose handshakes
     * the kernel had finished, get a reset: nobody will ever answer them.
     */
    //! [close]
    if (close(listener) == -1) {
        perror("listener: close");
        status = EXIT_FAILURE;
    }
    //! [close]

    return status;
}
