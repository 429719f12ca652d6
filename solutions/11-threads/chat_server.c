/**
 * @file chat_server.c
 * @brief Lab 11: a room full of people, with a thread for each of them.
 *
 *     chat_server PORT
 *
 * Waits on PORT of every IPv4 address of this machine. Whoever connects is in the room. Each whole
 * line that a client sends, its newline included, goes to every other client and not back to it.
 * The lines of one sender keep their order, and no line is mixed with another. A line has at most
 * 1024 bytes, newline included; a client that sends a longer one is disconnected. What a client
 * sent without a newline before it left is dropped. A client leaves by its end of file: it gets
 * what it is still owed, and its connection is closed. PORT is a decimal number, 1 to 65535.
 *
 * The server runs until it is killed: no client, and no failure that passes, may end it. A client
 * that never reads may hold the room up; lab 12 does better.
 * Exit status: 1 when it cannot start (one line on stderr names the call and the error),
 * 2 for wrong usage (a usage line on stderr).
 *
 * Take over what you have: the way to the first client is your own of lab 04. New is what several
 * threads have to agree on before they may touch the same thing.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/** Clients that the kernel keeps waiting, already connected, until the next accept(). */
#define BACKLOG 64

/** The longest line, its newline included. */
#define LINE_MAX_BYTES 1024

/** Somebody in the room. */
struct client {
    int conn;
    struct client *next; /**< in the room's list; guarded by room.lock */
};

/**
 * The room: everybody who is in it. All threads share this, so there is one rule: whoever looks at
 * the list or writes to a client holds the lock.
 */
static struct {
    pthread_mutex_t lock;
    struct client *first;
} room = {.lock = PTHREAD_MUTEX_INITIALIZER, .first = NULL};

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
    /* @skeleton fputs("chat_server: there is no listener yet\n", stderr); */

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

    /* A server that was killed leaves its connections behind; without this the port is theirs. */
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
     * Go round until there is one in `conn`; leave -1 there only when no later call would do
     * better.
     */
    //! [accept]
    const struct timespec moment = {.tv_sec = 0, .tv_nsec = 100000000};

    for (;;) {
        conn = accept(listener, NULL, NULL);
        if (conn != -1)
            break;

        const int error = errno;

        /* A signal, or a client that went away while it waited: nothing has happened to us. */
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

/** Sends all the bytes to one client (lab 06). A client that is gone gets nothing, and that is all. */
static void send_all(int conn, const char *bytes, size_t count)
{
    /*
     * Yours of lab 06, with two differences. A send that fails ends nothing but this sending: the
     * client is gone, and the thread that reads from it will find that out for itself and see to
     * the rest. And SIGPIPE would kill all threads at once, the whole room: ask for EPIPE instead.
     */
    //! [send]
    while (count > 0) {
        ssize_t sent = send(conn, bytes, count, MSG_NOSIGNAL);

        if (sent == -1 && errno == EINTR)
            continue;
        if (sent == -1)
            return;
        bytes += sent;
        count -= (size_t)sent;
    }
    //! [send]
    /* @skeleton (void)conn, (void)bytes, (void)count; // delete this line when the step is written */
}

/** Puts a client into the room. */
static void enter_room(struct client *client)
{
    /*
     * Put the client into the list. Other threads walk along it at this very moment, and one may
     * be taking a neighbour out: without the lock a pointer is written while another thread reads
     * it, and that a pointer is written "in one go" helps nobody when it takes two to make a link.
     */
    //! [enter]
    pthread_mutex_lock(&room.lock);
    client->next = room.first;
    room.first = client;
    pthread_mutex_unlock(&room.lock);
    //! [enter]
    /* @skeleton (void)client, (void)room; // delete this line when the step is written */
}

/** Takes a client out of the room. When this returns, no thread uses its connection any more. */
static void leave_room(struct client *client)
{
    /*
     * Take the client out of the list, under the lock. A thread that is sending to it has the lock
     * until it has finished, so the client gets what it is owed; and no thread can find it here
     * afterwards. Only then may its descriptor be closed. Closed any earlier, its number would be
     * given to the next client that is accepted, and a line would go to somebody else.
     */
    //! [leave]
    pthread_mutex_lock(&room.lock);
    struct client **link = &room.first;
    while (*link != client)
        link = &(*link)->next;
    *link = client->next;
    pthread_mutex_unlock(&room.lock);
    //! [leave]
    /* @skeleton (void)client; // delete this line when the step is written */
}

/** Sends one whole line to everybody in the room but its sender. */
static void relay_line(const struct client *sender, const char *line, size_t length)
{
    /*
     * Send the line to each client in the list but the sender. Hold the lock from the first client
     * to the last. It guards the list, and it does more: send_all() may need several calls for one
     * line, and between two of them the thread of another client must not begin with its own line.
     *
     * The price is plain: while one client's buffers are full, everybody waits. That is allowed
     * in this lab.
     */
    //! [relay]
    pthread_mutex_lock(&room.lock);
    for (struct client *client = room.first; client != NULL; client = client->next) {
        if (client != sender)
            send_all(client->conn, line, length);
    }
    pthread_mutex_unlock(&room.lock);
    //! [relay]
    /* @skeleton (void)sender, (void)line, (void)length, (void)send_all; // delete this line when the step is written */
}

/**
 * Relays the whole lines in the buffer, and moves what is left over to its front.
 *
 * @param length how many bytes are in the buffer
 * @return how many are left over: the beginning of a line whose end has not come yet
 */
static size_t relay_lines(const struct client *sender, char *buffer, size_t length)
{
    size_t left = length;

    /*
     * TCP keeps no boundaries: there may be half a line here, or three lines and a half. Look for a
     * newline as long as there is one, and relay up to it. What is behind the last one is the
     * beginning of the next line: it waits for the rest. memchr() takes a length; strchr() would
     * look for a NUL that nobody has put there.
     */
    //! [lines]
    char *start = buffer;
    char *newline = NULL;

    while ((newline = memchr(start, '\n', left)) != NULL) {
        size_t line = (size_t)(newline - start) + 1;

        relay_line(sender, start, line);
        start += line;
        left -= line;
    }
    memmove(buffer, start, left);
    //! [lines]
    /* @skeleton (void)sender, (void)buffer, (void)relay_line; // delete this line when the step is written */

    return left;
}

/** Reads what one client sends until it leaves, and relays it line by line. */
static void listen_to(const struct client *client)
{
    /* @skeleton (void)client, (void)relay_lines; // delete this line when the step is written */
    /*
     * This buffer is a variable of this function, so each thread has one of its own, and nobody
     * needs a lock for it. `static` would make it one for all threads.
     *
     * Read behind what is left over from before, as much as there is room for. End of file and an
     * error both mean that the client has left; the beginning of a line that is still here is
     * dropped. A full buffer without a newline is a line that is too long: this client is
     * disconnected, and nobody else notices.
     */
    //! [listen]
    char buffer[LINE_MAX_BYTES];
    size_t length = 0;

    while (length < sizeof(buffer)) {
        ssize_t got = recv(client->conn, buffer + length, sizeof(buffer) - length, 0);

        if (got == -1 && errno == EINTR)
            continue;
        if (got <= 0)
            return;
        length = relay_lines(client, buffer, length + (size_t)got);
    }
    //! [listen]
}

/** What a thread does: one client, from its first byte to its last. */
static void *serve_client(void *argument)
{
    struct client *client = argument;

    listen_to(client);
    leave_room(client);

    /*
     * Nobody else knows this client any more. Give back what it had: its descriptor and its memory.
     * Without that the server stands still after a thousand clients.
     */
    //! [goodbye]
    close(client->conn);
    free(client);
    //! [goodbye]
    return NULL;
}

/** Lets a client in: it is in the room, and has a thread of its own. */
static void admit_client(int conn)
{
    struct client *client = malloc(sizeof(*client));
    int error = ENOMEM;

    if (client == NULL)
        goto failed;
    client->conn = conn;

    /* Before its thread is there: what others say from now on is for this client, too. */
    enter_room(client);

    /*
     * Start a thread that runs serve_client() with this client. What it gets must stay where it is
     * for as long as the thread runs, and must be nobody else's: a pointer to a variable of main()
     * would show the *next* client to a thread that is a little late. Detach the thread, because
     * nobody waits for it with pthread_join(): a thread that is neither joined nor detached keeps
     * its stack when it has ended.
     *
     * pthread_create() returns the error's number and leaves errno alone. When it fails (EAGAIN:
     * there are too many), the server goes on, without this client.
     */
    //! [thread]
    pthread_t thread;

    error = pthread_create(&thread, NULL, serve_client, client);
    if (error == 0) {
        pthread_detach(thread);
        return;
    }
    leave_room(client);
    //! [thread]
    /* @skeleton (void)serve_client; // delete this line when the step is written */

failed:
    fprintf(stderr, "pthread_create: %s\n", strerror(error));
    close(conn);
    free(client);
}

int main(int argc, char *argv[])
{
    int port = argc == 2 ? parse_port(argv[1]) : -1;

    if (port == -1) {
        fprintf(stderr, "usage: chat_server PORT    (1 to 65535)\n");
        return 2;
    }

    int listener = open_listener(port);
    if (listener == -1)
        return EXIT_FAILURE;

    for (;;) {
        int conn = accept_client(listener);

        if (conn == -1)
            break;
        admit_client(conn);
    }

    close(listener);
    return EXIT_FAILURE;
}
