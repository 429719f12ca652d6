/**
 * @file udp_client.c
 * @brief Lab 13: asking where an answer may never come.
 *
 *     udp_client HOST PORT
 *
 * Sends each line of stdin, without its newline, as a datagram to HOST (a name or a numeric
 * address, IPv4 or IPv6) and PORT (a number, 1 to 65535, or the name of a service), and waits one
 * second for the answer: a datagram from that server that equals what was sent. Anything else is
 * ignored. Without an answer the line is sent again, three times in all. Then the answer and a
 * newline are printed, or `no answer`, also for a line that no datagram can carry.
 *
 * Exit status: 0 when every line was answered; 1 when one was not, or a call failed (one line on
 * stderr says which); 2 for wrong usage (a usage line on stderr).
 */

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

/** The most that a datagram over IPv4 can carry: 65,535 less the headers of IP and UDP. */
#define LARGEST 65507

/** How often a line is sent before it counts as unanswered. */
#define SENDINGS 3

/** How long an answer is waited for after each sending, in milliseconds. */
#define WAIT_MS 1000

/** Of how many of a host's addresses use is made. More than SENDINGS would never be asked. */
#define ADDRESSES SENDINGS

/** The sockets that speak to the server, one for each of its addresses; poll() takes them like this. */
struct server {
    struct pollfd socket[ADDRESSES];
    size_t sockets;
};

/** Whether the text can be a port: a number from 1 to 65535, or something that may be a name. */
static int is_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    long number = 0;

    if (text[digits] != '\0')
        return 1; /* not all digits: a name, which getaddrinfo() knows or does not know */
    number = strtol(text, NULL, 10);
    return digits > 0 && number >= 1 && number <= 65535;
}

/**
 * Makes a socket for one address of the server, and ties it to that address.
 *
 * @return its descriptor, or -1 with errno
 */
static int open_socket(const struct addrinfo *address)
{
    int fd = -1;
    /* @skeleton (void)address; // delete these two lines when the step is written */
    /* @skeleton errno = ENOSYS; */

    /*
     * Make a datagram socket of the address's family and connect() it. No packet is sent for that:
     * there is no handshake in UDP. connect() only notes the address. From then on send() goes
     * there, and, what matters more, the kernel hands over nothing but what comes from there.
     * Without it every stranger who finds the port could put an answer into our mouth, and each
     * datagram's sender would have to be compared by hand. It also lets the kernel tell us that
     * nobody listens there (ECONNREFUSED), which an unconnected socket never hears of.
     *
     * Leave nothing open when connect() fails, and keep its errno: close() may change it.
     */
    //! [connect]
    fd = socket(address->ai_family, address->ai_socktype, address->ai_protocol);
    if (fd == -1)
        return -1;
    if (connect(fd, address->ai_addr, address->ai_addrlen) == -1) {
        int error = errno;

        close(fd);
        errno = error;
        return -1;
    }
    //! [connect]

    return fd;
}

/**
 * Finds the host's addresses and makes a socket for each of the first few.
 *
 * @return 0 when there is one at least, or -1 after a line on stderr
 */
static int open_server(struct server *server, const char *host, const char *port)
{
    struct addrinfo *found = NULL;
    /* @skeleton (void)host, (void)port, (void)found, (void)open_socket; // delete these two lines, too */
    /* @skeleton fputs("udp_client: the server's address is not looked up yet\n", stderr); */

    server->sockets = 0;

    /*
     * Yours of lab 05: look HOST and PORT up with getaddrinfo(), this time for datagram sockets.
     * Asked for stream sockets it would not find a service that exists for UDP only.
     *
     * New: nobody can tell which of the addresses has a server, since connect() asks nobody. So
     * keep a socket for each, ADDRESSES at most, in server->socket[i].fd, with POLLIN in its
     * .events; count them in server->sockets. An address that this machine can't reach is left out;
     * when none is left the last error is the one to report.
     */
    //! [addresses]
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM};
    int error = 0;
    int status = getaddrinfo(host, port, &hints, &found);

    if (status != 0) {
        fprintf(stderr, "udp_client: %s, port %s: %s\n", host, port,
                status == EAI_SYSTEM ? strerror(errno) : gai_strerror(status));
        return -1;
    }
    for (const struct addrinfo *a = found; a != NULL && server->sockets < ADDRESSES;
         a = a->ai_next) {
        int fd = open_socket(a);

        if (fd == -1)
            error = errno;
        else
            server->socket[server->sockets++] = (struct pollfd){.fd = fd, .events = POLLIN};
    }
    freeaddrinfo(found);
    if (server->sockets == 0)
        fprintf(stderr, "udp_client: socket for %s, port %s: %s\n", host, port, strerror(error));
    //! [addresses]

    return server->sockets > 0 ? 0 : -1;
}

/** Gives all sockets back. */
static void close_server(struct server *server)
{
    for (size_t i = 0; i < server->sockets; i++)
        close(server->socket[i].fd);
}

/** The time by a clock that nobody sets: not the date, but good for differences. @return ms */
static long long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/** Sends a line as one datagram. That it arrives is nobody's promise, so there is nothing to return. */
static void send_line(int fd, const char *line, size_t length)
{
    /*
     * Send the line in one call: a datagram goes out whole or not at all. A failure may be older
     * than this call: when nobody listened at the server's port, the news (ECONNREFUSED) came some
     * time after an earlier send(), and the next call on the socket reports it, instead of
     * doing what it was called for. Such news is told once, so the second try does send. Whatever
     * else is wrong: it counts as a datagram that got lost.
     */
    //! [send]
    if (send(fd, line, length, 0) == -1 && (errno == ECONNREFUSED || errno == EINTR))
        send(fd, line, length, 0);
    //! [send]
    /* @skeleton (void)fd, (void)line, (void)length; // delete this line when the step is written */
}

/**
 * Looks at one datagram of those that have come to a socket.
 *
 * @return 1 when it is the answer to this line, 0 when it is anything else
 */
static int is_answered(int fd, const char *line, size_t length)
{
    static char answer[LARGEST + 1];
    ssize_t got = -1;
    /* @skeleton (void)fd, (void)line, (void)length, (void)answer, (void)got; // delete this line, too */

    /*
     * Take one datagram, and compare it with the line, its length first. What came can be late: an
     * answer to an earlier line, or the second answer to this one because it was sent twice. It can
     * be cut or changed. The buffer has room for one byte more than any line of ours,
     * so an answer that is longer than the line can't be cut until it looks equal. memcmp(), as a
     * line may have NUL bytes; an empty line has an empty answer, of length 0.
     *
     * MSG_DONTWAIT: poll() said that something is there, but the kernel may find a wrong checksum
     * in it and throw it away when it is asked for (select(2), BUGS). Then recv() would wait, for as
     * long as it takes. Every failure means: no answer here. ECONNREFUSED, too: nobody listens at
     * the moment, and somebody may when the line is sent again.
     */
    //! [compare]
    got = recv(fd, answer, sizeof(answer), MSG_DONTWAIT);
    if (got == (ssize_t)length && memcmp(answer, line, length) == 0)
        return 1;
    //! [compare]

    return 0;
}

/**
 * Waits for the answer to a line that was sent.
 *
 * @return 1 when it has come, 0 when the time is over
 */
static int await_answer(struct server *server, const char *line, size_t length)
{
    long long deadline = now_ms() + WAIT_MS;
    long long left = WAIT_MS;

    /*
     * Wait until something comes, but not longer than what is left of the second. Work with a
     * deadline: if every wait began anew at a full second, somebody who sends us rubbish twice a
     * second could keep us here for ever. A signal (EINTR) is no answer and no time-out either: the
     * deadline says how much is left. When poll() returns 0 the time is over.
     *
     * Ask each socket that poll() marks. POLLERR is a mark as well: there is an error to be fetched.
     * Return 1 as soon as one has the answer.
     */
    //! [wait]
    while (left > 0) {
        int ready = poll(server->socket, server->sockets, (int)left);

        if (ready == 0)
            return 0;
        for (size_t i = 0; ready > 0 && i < server->sockets; i++) {
            if (server->socket[i].revents != 0 && is_answered(server->socket[i].fd, line, length))
                return 1;
        }
        left = deadline - now_ms();
    }
    //! [wait]
    /* @skeleton (void)server, (void)line, (void)length, (void)left, (void)deadline; */
    /* @skeleton (void)is_answered; // delete these two lines when the step is written */

    return 0;
}

/**
 * Sends a line, up to SENDINGS times, until it is answered.
 *
 * @return 1 when it was, 0 when it was not or no datagram can carry it
 */
static int ask(struct server *server, const char *line, size_t length)
{
    if (length > LARGEST)
        return 0;

    /*
     * A datagram can get lost on its way, and so can its answer; from here both look alike. So send
     * again, and wait again, SENDINGS times in all and not for ever: a server that does not answer
     * three times will not answer the fourth time. Ask another of the server's addresses each
     * time, if it has several: nobody knows at which one it listens.
     */
    //! [resend]
    for (size_t i = 0; i < SENDINGS; i++) {
        send_line(server->socket[i % server->sockets].fd, line, length);
        if (await_answer(server, line, length))
            return 1;
    }
    //! [resend]
    /* @skeleton (void)server, (void)line, (void)send_line, (void)await_answer; // delete this line, too */

    return 0;
}

/**
 * Asks line after line until stdin ends.
 *
 * @return EXIT_SUCCESS when every line was answered, else EXIT_FAILURE
 */
static int ask_all(struct server *server)
{
    char *line = NULL;
    size_t room = 0;
    int status = EXIT_SUCCESS;
    ssize_t length = 0;

    while ((length = getline(&line, &room, stdin)) != -1) {
        /* The last line may come without its newline. */
        if (length > 0 && line[length - 1] == '\n')
            length--;

        /*
         * What was asked and answered is printed at once: who reads our output through a pipe may
         * be waiting for it before the next line is typed. fwrite(), as printf("%s") would stop at a
         * NUL byte. When nobody can take the output, go no further: `no answer` would be wrong
         * as well.
         */
        if (ask(server, line, (size_t)length)) {
            fwrite(line, 1, (size_t)length, stdout); /* the answer equals it */
        } else {
            fputs("no answer", stdout);
            status = EXIT_FAILURE;
        }
        putchar('\n');
        if (fflush(stdout) != 0) {
            perror("udp_client: stdout");
            status = EXIT_FAILURE;
            break;
        }
    }
    if (ferror(stdin)) {
        perror("udp_client: stdin");
        status = EXIT_FAILURE;
    }
    free(line);
    return status;
}

int main(int argc, char *argv[])
{
    struct server server;

    if (argc != 3 || !is_port(argv[2])) {
        fprintf(stderr, "usage: udp_client HOST PORT    (1 to 65535, or a service's name)\n");
        return 2;
    }

    /* When nobody reads our stdout any more, printing should fail, so that the status tells. */
    signal(SIGPIPE, SIG_IGN);

    if (open_server(&server, argv[1], argv[2]) == -1)
        return EXIT_FAILURE;
    int status = ask_all(&server);
    close_server(&server);
    return status;
}
