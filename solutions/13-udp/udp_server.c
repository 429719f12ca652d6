/**
 * @file udp_server.c
 * @brief Lab 13: messages without a connection.
 *
 *     udp_server PORT
 *
 * Sends each datagram that arrives at PORT, on any IPv4 address of this machine, back to where it
 * came from, byte for byte. PORT is a decimal number, 1 to 65535.
 *
 * There is no listen(), no accept() and no connection: one socket is all, for every client. The
 * server keeps nothing between two datagrams, so it has nothing to clean up, and no client can hold
 * it up.
 *
 * The server runs until it is killed: no datagram, and no failure that passes, may end it.
 * Exit status: 1 when it cannot start (one line on stderr names the call and the error), 2 for
 * wrong usage (a usage line on stderr).
 */

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/**
 * The most that a datagram over IPv4 can carry: the length in the IP header counts up to 65,535,
 * and 20 bytes of IP header and 8 of UDP header are part of it (RFC 768, RFC 791).
 */
#define LARGEST 65507

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
 * Makes the socket at which the datagrams arrive.
 *
 * @return its descriptor, or -1 when a call failed; a line on stderr then names the call
 */
static int open_socket(int port)
{
    int fd = -1;
    /* @skeleton (void)port; // delete these two lines when the steps are written */
    /* @skeleton fputs("udp_server: there is no socket yet\n", stderr); */

    /*
     * Ask for a socket that carries datagrams. SOCK_STREAM would give a TCP socket here, at which
     * nothing ever arrives: the port numbers of TCP and of UDP have nothing to do with each other.
     */
    //! [socket]
    fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (fd == -1) {
        perror("socket");
        return -1;
    }
    //! [socket]

    /*
     * Give it its name, as in lab 04: every IPv4 address of this machine, and the port, in network
     * byte order. That is all: from here on the kernel puts what comes into the socket's
     * queue. There is no TIME_WAIT without a connection, so nothing has to be said about reuse. With
     * SO_REUSEADDR a second server could bind the same UDP port, and take all datagrams away
     * from the first one without either of them noticing.
     */
    //! [bind]
    struct sockaddr_in address;

    memset(&address, 0, sizeof(address));
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_ANY);
    address.sin_port = htons((in_port_t)port);
    if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) == -1) {
        perror("bind");
        close(fd);
        return -1;
    }
    //! [bind]

    return fd;
}

/**
 * Takes one datagram out of the queue and sends it back.
 */
static void answer_one(int fd)
{
    static char datagram[LARGEST];
    struct sockaddr_storage client;
    socklen_t client_size = 0;
    ssize_t length = -1;
    /* @skeleton (void)fd, (void)datagram, (void)client, (void)client_size, (void)length; */
    /* @skeleton fputs("udp_server: it does not receive yet\n", stderr); */
    /* @skeleton exit(EXIT_FAILURE); // delete these three lines when the steps are written */

    /*
     * Take the next datagram, whole, and the address that it came from. One call takes one
     * datagram, never two and never a part: a datagram keeps its edges. What does not fit into
     * the buffer is thrown away without a word, so the buffer is as large as a datagram can be. The
     * size of the address goes in and comes out: without its room in it the kernel would write no
     * address, or the last one's length would cut this one.
     *
     * 0 is no end of file here: it is a datagram without bytes, a message like any other. A failure
     * costs this datagram and no more. A signal may have come (EINTR), memory may be short
     * for a moment (ENOMEM): say so if it is worth a word, and let the caller come again.
     */
    //! [receive]
    client_size = sizeof(client);
    length = recvfrom(fd, datagram, sizeof(datagram), 0, (struct sockaddr *)&client, &client_size);
    if (length == -1) {
        if (errno != EINTR)
            perror("recvfrom");
        return;
    }
    //! [receive]

    /*
     * Send it back, as many bytes as came, to the address that it came from: the next one may be
     * from somebody else. sendto() takes a datagram whole or not at all, so there is no rest to look
     * after. It fails when there is no way to that client or no room in the queues. The client will
     * ask again when no answer comes: that is its side of the bargain. So report it and go on. A
     * server that ends here can be switched off by any client with a bad address.
     */
    //! [send]
    while (sendto(fd, datagram, (size_t)length, 0, (const struct sockaddr *)&client,
                  client_size) == -1) {
        if (errno == EINTR)
            continue;
        perror("sendto");
        break;
    }
    //! [send]
}

int main(int argc, char *argv[])
{
    int port = argc == 2 ? parse_port(argv[1]) : -1;

    if (port == -1) {
        fprintf(stderr, "usage: udp_server PORT    (1 to 65535)\n");
        return 2;
    }

    int fd = open_socket(port);
    if (fd == -1)
        return EXIT_FAILURE;

    for (;;)
        answer_one(fd);
}
