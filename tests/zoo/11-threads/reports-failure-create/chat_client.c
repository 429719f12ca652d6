/* zoo: fails reports-failure -- a thread that cannot be made is reported, and the client goes on without it */
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

#define CHUNK 4096

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

/**
 * Connects, also when a signal comes in between (lab 05): an interrupted connect() goes on in the
 * kernel, so it is waited for, not called again.
 *
 * @return 0, or -1 with errno
 */
static int connect_socket(int conn, const struct addrinfo *address)
{
    struct pollfd done = {.fd = conn, .events = POLLOUT};
    int error = 0;
    socklen_t size = sizeof(error);

    if (connect(conn, address->ai_addr, address->ai_addrlen) == 0)
        return 0;
    if (errno != EINTR)
        return -1;
    while (poll(&done, 1, -1) == -1) {
        if (errno != EINTR)
            return -1;
    }
    if (getsockopt(conn, SOL_SOCKET, SO_ERROR, &error, &size) == -1)
        return -1;
    if (error != 0) {
        errno = error;
        return -1;
    }
    return 0;
}

/**
 * Opens a connection to the first of the host's addresses that answers (lab 05).
 *
 * @return its descriptor, or -1; a line on stderr then says why the last attempt failed
 */
static int open_connection(const char *host, const char *port)
{
    int conn = -1;

    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *addresses = NULL;
    const char *call = "";
    int error = 0;

    int status = getaddrinfo(host, port, &hints, &addresses);
    if (status != 0) {
        fprintf(stderr, "chat_client: %s, port %s: %s\n", host, port,
                status == EAI_SYSTEM ? strerror(errno) : gai_strerror(status));
        return -1;
    }

    for (struct addrinfo *next = addresses; next != NULL; next = next->ai_next) {
        call = "socket";
        conn = socket(next->ai_family, next->ai_socktype, next->ai_protocol);
        if (conn == -1) {
            error = errno;
            continue;
        }
        call = "connect";
        if (connect_socket(conn, next) == 0)
            break;
        error = errno;
        close(conn);
        conn = -1;
    }
    freeaddrinfo(addresses);

    if (conn == -1)
        fprintf(stderr, "%s: %s\n", call, strerror(error));

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

    do {
        got = read(fd, bytes, CHUNK);
    } while (got == -1 && errno == EINTR);
    return got;
}

static int write_all(int fd, const char *bytes, size_t count)
{
    int result = -1;

    while (count > 0) {
        ssize_t written = write(fd, bytes, count);

        if (written == -1 && errno == EINTR)
            continue;
        if (written == -1)
            return -1;
        bytes += written;
        count -= (size_t)written;
    }
    result = 0;

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

static void *send_stdin(void *argument)
{
    const int conn = *(const int *)argument;

    char bytes[CHUNK];
    ssize_t got = 0;

    while ((got = read_piece(STDIN_FILENO, bytes)) > 0) {
        if (write_all(conn, bytes, (size_t)got) == -1)
            give_up("write");
    }
    if (got == -1)
        give_up("read from stdin");
    if (shutdown(conn, SHUT_WR) == -1 && errno != ENOTCONN)
        give_up("shutdown");
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

    char bytes[CHUNK];

    for (;;) {
        ssize_t got = read_piece(conn, bytes);

        if (got == -1) {
            perror("read");
            break;
        }
        if (got == 0) {
            result = 0;
            break;
        }
        if (write_all(STDOUT_FILENO, bytes, (size_t)got) == -1) {
            perror("write to stdout");
            break;
        }
    }

    return result;
}

static int start_sending(int *conn)
{
    int error = 0;

    pthread_t thread;

    error = pthread_create(&thread, NULL, send_stdin, conn);
    if (error == 0)
        pthread_detach(thread);
    else
        fprintf(stderr, "pthread_create: %s\n", strerror(error));

    return 0;
}

int main(int argc, char *argv[])
{
    int status = EXIT_FAILURE;

    if (argc != 3 || !is_port(argv[2])) {
        fprintf(stderr, "usage: chat_client HOST PORT    (1 to 65535, or a service's name)\n");
        return 2;
    }

    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR) {
        perror("signal");
        return EXIT_FAILURE;
    }

    int conn = open_connection(argv[1], argv[2]);
    if (conn == -1)
        return EXIT_FAILURE;

    if (start_sending(&conn) == 0 && show(conn) == 0)
        status = EXIT_SUCCESS;

    return status;
}
