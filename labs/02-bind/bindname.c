/**
 * @file bindname.c
 * @brief Lab 02: a socket gets a name.
 *
 *     bindname ADDR PORT
 *
 * Makes a TCP socket, binds it to the address ADDR and the port PORT, asks the kernel what name the
 * socket has now, and prints it on stdout, an IPv6 address in brackets:
 *
 *     bound 127.0.0.1:4000
 *     bound [::1]:4000
 *
 * ADDR is a numeric IPv4 or IPv6 address, without brackets and without a scope. PORT is a decimal
 * number, 0 to 65535; with 0 the kernel chooses a port.
 *
 * Exit status: 0 when the line has been written; 1 when a call failed or stdout takes no line (one
 * line on stderr names the call and the error); 2 for wrong usage (a usage line on stderr).
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
 * A socket's name: an address and a port, of one family or the other. The calls take a pointer to
 * the first member and a size; `any.sa_family` tells which of the other two is meant. A union, so
 * that a pointer to one kind of structure need not be passed off as a pointer to another.
 */
union name {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/**
 * Reads a port number: digits and nothing else.
 *
 * strtol() would let " 80", "+80" and "80abc" pass, and atoi() cannot say that it failed.
 *
 * @return 0 to 65535, or -1 when the text is no such number
 */
static int parse_port(const char *text)
{
    int port = 0;

    if (*text == '\0')
        return -1;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return -1;
        port = port * 10 + (*text - '0');
        /* Tested at every digit: a long row of them would overflow an int. */
        if (port > 65535)
            return -1;
    }
    return port;
}

/**
 * Makes a name out of the words of the command line.
 *
 * @return its size in bytes, or 0 when `text` is no numeric address
 */
static socklen_t make_name(union name *name, const char *text, int port)
{
    (void)text, (void)port;
    /* Start from zeros: an IPv6 name has more fields than an address and a port, and both kinds
       have bytes that belong to no field. */
    memset(name, 0, sizeof(*name));

    /*
     * First see whether it is an IPv4 address. inet_pton() returns 1 when it has understood all of
     * the text, and 0 when not; the older inet_addr() and inet_aton() also take "127.1" and
     * "0x7f000001", and the first of them can't tell 255.255.255.255 from a failure. What it
     * stores is in network byte order already. The port is an ordinary number until you turn it
     * round: forget that, and on most machines 4000 becomes 40975. Fill in the
     * structure and return its size.
     */
    /* TODO(ipv4): write this step. */

    /*
     * Otherwise it may be an IPv6 address. The fields have other names, and the structure is bigger:
     * bind() turns down an IPv6 name that comes with the size of an IPv4 one (EINVAL).
     */
    /* TODO(ipv6): write this step. */

    return 0;
}

/**
 * Makes a TCP socket that has the name.
 *
 * @return the descriptor, which the caller closes, or -1 when a call failed; a line on stderr then
 *         names the call
 */
static int open_named(const union name *name, socklen_t size)
{
    int fd = -1;
    (void)name, (void)size;

    /*
     * A stream socket of the family that the name belongs to: an IPv4 socket cannot get an IPv6
     * name. Look at the result: EMFILE when the process has no descriptor left, EAFNOSUPPORT on
     * a machine without IPv6.
     */
    /* TODO(socket): write this step. */
    if (fd == -1) fputs("bindname: there is no socket yet\n", stderr);

    /*
     * When a server has closed a connection, the connection stays on its port in TIME_WAIT for a
     * minute. Nobody uses the port, and yet bind() refuses it with EADDRINUSE, unless this
     * option is on. bind() is the call that looks at it: afterwards is too late. It is an option
     * of sockets (level SOL_SOCKET); on another level the same number means something else,
     * and the call may well succeed. Close the socket on the way out when the call fails.
     */
    /* TODO(reuse): write this step. */

    /*
     * Give the socket its name. Here a program meets the world, and the world often says no:
     * another socket listens on the port (EADDRINUSE), the address is none of this machine's
     * (EADDRNOTAVAIL), the port is below 1024 and you are not privileged (EACCES). The errno says
     * which of them it was, and the user needs to know: perror() has the words. There is nothing
     * to try again, and no other name to try: this is the name that was asked for.
     */
    /* TODO(bind): write this step. */

    return fd;
}

/**
 * Prints the name that the kernel has for the socket.
 *
 * @return 0, or -1 when a call failed; a line on stderr then names it
 */
static int print_name(int fd)
{
    union name name;
    char text[INET6_ADDRSTRLEN] = "";
    int written = -1;
    (void)fd;

    memset(&name, 0, sizeof(name));

    /*
     * Ask the kernel for the name. What stands on the command line is a wish: with port 0 only the
     * kernel knows the port that it chose. The length goes in and out: before the call it is the
     * room that there is, after it the size of the name.
     */
    /* TODO(name): write this step. */

    /*
     * Turn the name into text. inet_ntop() needs to know the family, gets a pointer to the address
     * inside the structure, and room for the longest text there can be. The port is in network
     * byte order, and has to be turned round for people. Between the brackets an IPv6 address
     * can't be mixed up with the port: ::1:4000 could be both. What stdio keeps in its buffer has
     * not been written yet: only when fflush() has succeeded too may `written` say so.
     */
    /* TODO(print): write this step. */

    (void)text;
    errno = ENOSYS; // until this step is written
    if (written < 0) {
        perror("bindname: stdout");
        return -1;
    }
    return 0;
}

int main(int argc, char *argv[])
{
    union name name;
    socklen_t size = 0;
    int port = argc == 3 ? parse_port(argv[2]) : -1;

    /* Before any socket is opened: who called the program wrongly learns it at once. */
    if (port != -1)
        size = make_name(&name, argv[1], port);
    if (size == 0) {
        fprintf(stderr, "usage: bindname ADDR PORT    (a numeric address, and 0 to 65535)\n");
        return 2;
    }

    /* When nobody reads our stdout any more, writing to it should fail, so that the status tells;
       without this, SIGPIPE would end the program without a word. */
    signal(SIGPIPE, SIG_IGN);

    int fd = open_named(&name, size);
    if (fd == -1)
        return EXIT_FAILURE;

    int status = print_name(fd) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;

    /*
     * Give the name back together with the descriptor: from now on another socket may have it. No
     * connection was ever made, so nothing stays behind in TIME_WAIT.
     */
    /* TODO(close): write this step. */

    return status;
}
