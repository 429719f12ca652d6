/**
 * @file http_server.c
 * @brief Lab 14: the files of a directory, served with HTTP/1.1.
 *
 *     http_server PORT DIR
 *
 * Listens on PORT (1 to 65535) of every IPv4 address of this machine, and answers GET and HEAD for
 * the files below DIR, to many clients at once. A directory's page is its index.html. Connections
 * persist, requests may be pipelined. Nothing outside DIR is ever served.
 *
 * SIGTERM ends the server with status 0. No client, and no failure that passes, may end it.
 * Exit status: 1 when it cannot start (one line on stderr names the call and the error),
 * 2 for wrong usage (a usage line on stderr).
 *
 * RFC 9110, "HTTP Semantics", says what requests and answers mean; RFC 9112, "HTTP/1.1", how they
 * are written on a connection. Both are easy to read, and the comments name their sections.
 *
 * How the program is built is up to you: how many files and functions, processes, threads or
 * neither. Take over what you have. The parts below are one way to go, and all that is new is in
 * the first three.
 */

#define _GNU_SOURCE /* for accept4() and O_PATH */

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/**
 * The request. Bytes in, meaning out; nothing here asks the kernel for anything.
 *
 * Lines end with CR LF, LF alone is taken too; an empty line ends the request (RFC 9112, 2). There
 * may be half a request there or three and a half: TCP has no messages. Say what is wrong with
 * the first line as soon as it is there. Whoever speaks no HTTP may wait for your answer, and not
 * send an empty line.
 */
/* TODO(request): write this step. */

/**
 * The file. From the path of a request to a descriptor, and never out of DIR.
 *
 * Decode %41 first, once, and look for `..` and slashes then: in %2e%2e%2f a check would see
 * neither (RFC 3986, 2.1 and 7.3). There are two more ways out of DIR: symbolic links, and a check
 * of names to which /srv/www-secret looks like a part of /srv/www.
 */
/* TODO(file): write this step. */

/**
 * The answer. A status line, fields, an empty line, a body (RFC 9112, 2.1).
 *
 * Content-Length tells the client where the next answer begins: with one byte more or less both
 * sides lose their place. HEAD gets what GET would get, and no body (RFC 9110, 9.3.2).
 */
/* TODO(answer): write this step. */

/**
 * The connection. What may wait is the server, and no call: as in lab 12.
 *
 * When an answer is out, the next request may be here already: the kernel has given it to you, and
 * will not report it again. After the last answer close your sending half only, and wait for the
 * client's end of file. A close() with bytes that nobody has read is a reset, and a reset takes
 * from the client what it has not read yet of your answer (RFC 9112, 9.6).
 */
/* TODO(connection): write this step. */

/** The server. The door of labs 04 and 12, SIGTERM, and one call that waits for everybody. */
/* TODO(server): write this step. */

/** Reads a port number: digits and nothing else. @return 1 to 65535, or -1 if it is none */
static int parse_port(const char *text)
{
    const long port = text[strspn(text, "0123456789")] == '\0' ? strtol(text, NULL, 10) : 0;

    return port >= 1 && port <= 65535 ? (int)port : -1;
}

int main(int argc, char *argv[])
{
    int port = argc == 3 ? parse_port(argv[1]) : -1;
    int status = EXIT_FAILURE;

    if (port == -1) {
        fprintf(stderr, "usage: http_server PORT DIR    (PORT is 1 to 65535)\n");
        return 2;
    }

    /* Serve the directory argv[2] on the port, until SIGTERM. */
    /* TODO(main): write this step. */
    fputs("http_server: it serves nothing yet\n", stderr); // delete this line

    return status;
}
