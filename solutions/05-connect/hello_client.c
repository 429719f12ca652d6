/**
 * @file hello_client.c
 * @brief Lab 05: the other side of the door.
 *
 *     hello_client HOST PORT
 *
 * Connects to HOST, a name or a numeric IPv4 or IPv6 address, at PORT, a number 1 to 65535 or the
 * name of a service, and copies what the server sends to stdout until the server closes.
 *
 * A name can have several addresses: each is tried in turn, with a socket of its own. When none
 * of them can be connected to, the client waits 200 ms and goes round again, five rounds in all.
 *
 * Exit status: 0 when everything up to the server's end of file has been written; 1 when a call
 * failed, HOST or PORT is not known, or the connection broke (one line on stderr says which);
 * 2 for wrong usage (a usage line on stderr).
 */

#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/** How often all of a name's addresses are tried before the client gives up. */
#define ROUNDS 5

/** The wait between two rounds, in milliseconds. */
#define PAUSE_MS 200

/** What is known of the last attempt that failed, so that it can be told when all have failed. */
struct attempt {
    const struct addrinfo *address; /**< the address that was tried */
    const char *call;               /**< the call that failed */
    int error;                      /**< the errno that it failed with */
};

/**
 * Tells what can never be a port from what may be one.
 *
 * Digits and nothing else are a number, and a number has to be 1 to 65535. getaddrinfo() does not
 * look: it would take 70000 for 4464, which is what 16 bits keep of it. Anything else is a
 * service's name; whether it is known is for getaddrinfo() to find out.
 *
 * @return 1 for a possible port, 0 for wrong usage
 */
static int is_possible_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");

    if (text[digits] != '\0')
        return 1;

    /* strtol() answers LONG_MAX when a row of digits is too long for it: out of range as well. */
    long number = strtol(text, NULL, 10);
    return digits > 0 && number >= 1 && number <= 65535;
}

/**
 * Finds the addresses of a host and the number of a service.
 *
 * @return a list of at least one address, which the caller gives back with freeaddrinfo(), or NULL
 *         when there is none; a line on stderr then says why
 */
static struct addrinfo *resolve(const char *host, const char *port)
{
    struct addrinfo *list = NULL;
    struct addrinfo hints;
    int error = 0;
    /* @skeleton error = EAI_SYSTEM; // with errno, until you have written the resolve step */
    /* @skeleton errno = ENOSYS; */

    /*
     * Say what kind of addresses is wanted: those of either family, for stream sockets. The
     * structure must be all zeros where nothing is wanted. Without a socket type each address comes
     * three times, for TCP, for UDP and for raw sockets. With AF_INET a host that
     * has only an IPv6 address would be unknown.
     */
    memset(&hints, 0, sizeof(hints));
    //! [hints]
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    //! [hints]

    /*
     * Look both names up, in /etc/hosts, /etc/services and the domain name system, whatever this
     * machine is set up for. Numbers pass through the same call. What comes back is a list of
     * addresses ready for use, the one to be tried first at its head. The result says whether
     * that worked, and it is not an errno: keep it in `error`. Without it the program would walk
     * along a list that was never made.
     *
     * What begins like no name is not asked for at all: inside getaddrinfo() is strtoul(), which
     * takes "+80" and " 80" for numbers, and a service's name begins with a letter or a digit
     * (RFC 6335, section 5.1).
     */
    if (!isalnum((unsigned char)port[0])) {
        error = EAI_SERVICE;
    } else {
        //! [resolve]
        error = getaddrinfo(host, port, &hints, &list);
        //! [resolve]
    }

    /* getaddrinfo() has error numbers of its own, and gai_strerror() has the words for them.
       EAI_SYSTEM alone means: the reason is in errno, as usual. */
    if (error != 0) {
        const char *reason = error == EAI_SYSTEM ? strerror(errno) : gai_strerror(error);
        fprintf(stderr, "hello_client: %s, port %s: %s\n", host, port, reason);
        return NULL;
    }
    return list;
}

/**
 * Tries one address, with a socket made for it.
 *
 * @param last filled in when the attempt fails
 * @return the connected descriptor, or -1
 */
static int connect_address(const struct addrinfo *address, struct attempt *last)
{
    int fd = -1;
    int error = 0;
    /* @skeleton error = ENOSYS; // until you have written the connect step */
    /* @skeleton errno = ENOSYS; // until you have written the socket step */

    /*
     * Make a socket of the kind that this address needs: an IPv6 address can't be reached through
     * an IPv4 socket. This may fail for one address and not for the next: a machine without IPv6
     * answers EAFNOSUPPORT for the one and knows the other. So it counts as a failed attempt.
     */
    //! [socket]
    fd = socket(address->ai_family, address->ai_socktype, address->ai_protocol);
    //! [socket]
    if (fd == -1) {
        *last = (struct attempt){.address = address, .call = "socket", .error = errno};
        return -1;
    }

    /*
     * Make the connection: the call sends a SYN and sleeps until the handshake is over. The kernel
     * picks a port for this side, so there is nothing to bind. Keep in `error` what became of it:
     * 0, or the errno. Another call might change errno before anybody looks.
     */
    //! [connect]
    error = connect(fd, address->ai_addr, address->ai_addrlen) == -1 ? errno : 0;
    //! [connect]

    /*
     * A signal may have interrupted the sleep (EINTR). That is no failure: the handshake goes on
     * without us. POSIX does not let connect() be called for it a second time. Wait instead until
     * the socket can be written to, which is when the handshake is over, well or badly; then ask
     * the socket how it went, and keep the answer in `error`. The wait can be interrupted too.
     */
    //! [interrupted]
    if (error == EINTR) {
        struct pollfd handshake = {.fd = fd, .events = POLLOUT};
        socklen_t size = sizeof(error);
        int ready = 0;

        do {
            ready = poll(&handshake, 1, -1);
        } while (ready == -1 && errno == EINTR);
        if (ready == -1 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == -1)
            error = errno;
    }
    //! [interrupted]

    if (error == 0)
        return fd;

    /*
     * Give the socket back. POSIX leaves open what state a failed connect() leaves it in, and on
     * many systems every later connect() on it fails: the next attempt needs a new one. Who forgets
     * this loses a descriptor with every attempt.
     */
    //! [discard]
    close(fd);
    //! [discard]
    *last = (struct attempt){.address = address, .call = "connect", .error = error};
    return -1;
}

/**
 * Goes once through the list, until an address answers.
 *
 * @return the connected descriptor, or -1 when no address answered
 */
static int connect_round(const struct addrinfo *list, struct attempt *last)
{
    int fd = connect_address(list, last);

    /*
     * The first address is only the likeliest one. The host may not be reachable over IPv6 from
     * here, or one of its machines may be down, and another address still answers. Try the
     * others one by one, without waiting, and stop at the first that does: who goes on after that
     * holds two connections.
     */
    //! [next-address]
    for (list = list->ai_next; fd == -1 && list != NULL; list = list->ai_next)
        fd = connect_address(list, last);
    //! [next-address]

    return fd;
}

/**
 * Connects to one of the addresses, in as many rounds as it may take.
 *
 * @return the connected descriptor, or -1 when all rounds failed; a line on stderr then tells of
 *         the last attempt
 */
static int connect_any(const struct addrinfo *list)
{
    struct attempt last = {.address = list, .call = "connect", .error = 0};
    int fd = connect_round(list, &last);

    /*
     * The server may be just about to start. Give it time: as long as nothing has answered, wait
     * PAUSE_MS and try all addresses once more, until ROUNDS rounds have been made, the first one
     * counted. Wait between rounds only: a wait after the last one keeps the user waiting for
     * nothing. A signal can cut a sleep short (EINTR); sleep for what is left of it.
     */
    //! [rounds]
    for (int round = 2; fd == -1 && round <= ROUNDS; round++) {
        struct timespec left = {.tv_sec = 0, .tv_nsec = PAUSE_MS * 1000000L};

        while (nanosleep(&left, &left) == -1 && errno == EINTR)
            continue;
        fd = connect_round(list, &last);
    }
    //! [rounds]

    if (fd == -1) {
        char host[NI_MAXHOST] = "?";
        char port[NI_MAXSERV] = "?";

        /* getnameinfo() goes the way back: from the address to words, here in digits. */
        getnameinfo(last.address->ai_addr, last.address->ai_addrlen, host, sizeof(host), port,
                    sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV);
        fprintf(stderr, "hello_client: %s: %s port %s: %s\n", last.call, host, port,
                strerror(last.error));
    }
    return fd;
}

/**
 * Writes all of the bytes to stdout.
 *
 * @return 0, or -1 with errno set
 */
static int write_all(const char *bytes, size_t count)
{
    int result = -1;
    /* @skeleton (void)bytes, (void)count; */
    /* @skeleton errno = ENOSYS; // until this step is written */

    /*
     * write(2) goes straight to the descriptor: nothing stays behind in a buffer while the program
     * waits for the server, and a NUL is a byte like any other. A pipe may take fewer bytes than it
     * was offered, or none yet when a signal comes: as in lab 04, go on with the rest. Put 0 into
     * `result` when nothing is left.
     */
    //! [write]
    const char *end = bytes + count;

    while (bytes < end) {
        ssize_t put = write(STDOUT_FILENO, bytes, (size_t)(end - bytes));

        if (put == -1 && errno == EINTR)
            continue;
        if (put == -1)
            break;
        bytes += put;
    }
    if (bytes == end)
        result = 0;
    //! [write]

    return result;
}

/**
 * Copies what the server sends to stdout, until the server closes.
 *
 * @return 0 at end of file, or -1 when a call failed; a line on stderr then names it
 */
static int copy_reply(int fd)
{
    char bytes[4096];

    for (;;) {
        ssize_t got = -1;
        /* @skeleton (void)fd; */
        /* @skeleton errno = ENOSYS; // until this step is written */

        /*
         * Take what has arrived, as much of it as there is room for. A stream has no messages: one
         * answer of the server may come in many reads. So a short read says nothing about the
         * end, only 0 does: end of file. -1 is something else: the connection broke, and what has
         * come is not all. A signal that came before any byte (EINTR) is neither: ask again.
         */
        //! [read]
        got = read(fd, bytes, sizeof(bytes));
        if (got == -1 && errno == EINTR)
            continue;
        //! [read]

        if (got == 0)
            return 0;
        if (got == -1) {
            perror("hello_client: read");
            return -1;
        }
        if (write_all(bytes, (size_t)got) == -1) {
            perror("hello_client: write");
            return -1;
        }
    }
}

int main(int argc, char *argv[])
{
    if (argc != 3 || !is_possible_port(argv[2])) {
        fprintf(stderr, "usage: hello_client HOST PORT    (1 to 65535, or a service's name)\n");
        return 2;
    }

    /* When nobody reads our stdout any more, write() should fail, so that the status tells; without
       this, SIGPIPE would end the program without a word. */
    signal(SIGPIPE, SIG_IGN);

    struct addrinfo *list = resolve(argv[1], argv[2]);
    if (list == NULL)
        return EXIT_FAILURE;

    /* The list is on the heap, and connected sockets don't need it: give it back here, once. */
    int fd = connect_any(list);
    freeaddrinfo(list);
    if (fd == -1)
        return EXIT_FAILURE;

    int copied = copy_reply(fd);

    /*
     * Say goodbye, whether the copy succeeded or not: the server learns that we are gone. Nothing
     * was sent on this connection, so close() has no failed delivery to report.
     */
    //! [close]
    close(fd);
    //! [close]

    return copied == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
