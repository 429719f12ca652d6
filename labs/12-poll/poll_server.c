/**
 * @file poll_server.c
 * @brief Lab 12: the room of lab 11, with one thread that waits for everybody at once.
 *
 *     poll_server PORT
 *
 * Waits on PORT of every IPv4 address of this machine. Whoever connects is in the room. Each whole
 * line that a client sends, its newline included, goes to every other client and not back to it.
 * A line has at most 1024 bytes, newline included; a client that sends a longer one is
 * disconnected. What a client sent without a newline before it left is dropped. A client leaves by
 * its end of file: it gets what it is still owed, and its connection is closed.
 *
 * A client that does not read is not waited for. What the kernel does not take is kept here, up to
 * 1 MiB for each client; whoever is owed more is disconnected. PORT is a decimal number, 1 to 65535.
 *
 * The server runs until it is killed: no client, and no failure that passes, may end it.
 * Exit status: 1 when it cannot start (one line on stderr names the call and the error),
 * 2 for wrong usage (a usage line on stderr).
 *
 * Take over what you have: the way to the door is your own of lab 04. New is that no call may wait,
 * but for one.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/** Clients that the kernel keeps waiting, already connected, until the next accept(). */
#define BACKLOG 128

/** The longest line, its newline included. */
#define LINE_MAX_BYTES 1024

/** What one client may be owed; with a line on top, it is too much. */
#define OWED_MAX (1024 * 1024)

/** Milliseconds without the door when there is no descriptor for another client. */
#define DOOR_PAUSE 100

/** Somebody in the room: the connection, and where this conversation stands. */
struct client {
    int conn;
    char line[LINE_MAX_BYTES]; /**< the beginning of a line whose end has not come yet */
    size_t length;             /**< how much of it there is */
    char *owed;                /**< what the kernel did not take yet; NULL if there was never anything */
    size_t owed_length;
    size_t owed_room; /**< how much `owed` has room for */
    bool leaves;      /**< its end of file has come: it is owed the rest, and nothing new */
    bool gone;        /**< to be removed at the end of this round */
};

/** The room. One thread, so nobody needs a lock. */
static struct client **room;
static size_t people;

/** What poll() watches: the door first, then the people, in the order of the room. */
static struct pollfd *watched;
static size_t places; /**< how many both arrays have room for, the door not counted */

/** No descriptor was left for the next client: leave the door alone for a moment. */
static bool door_rests;

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

/** Makes a descriptor non-blocking: its calls fail with EAGAIN where they would wait. @return 0 or -1 */
static int make_nonblocking(int fd)
{
    int result = 0;

    /*
     * O_NONBLOCK is one flag among others: read them (F_GETFL), add it, write them back (F_SETFL).
     * It belongs to the open socket. A connection that accept() returns does not inherit it from
     * the listening socket, on Linux.
     */
    /* TODO(nonblocking): write this step. */
    (void)fd; // delete this line when the step is written

    return result;
}

/**
 * Makes the door: a TCP socket that listens on the port, on every IPv4 address (lab 04).
 *
 * @return the listening descriptor, or -1 when a call failed; a line on stderr then names the call
 */
static int open_listener(int port)
{
    int listener = -1;
    (void)port, (void)make_nonblocking; // delete these two lines when the step is written
    fputs("poll_server: there is no listener yet\n", stderr);

    /*
     * Yours of lab 04: take its steps over, from socket() to listen(). Leave in `listener` the
     * descriptor, or -1 after a line on stderr and with nothing left open.
     *
     * New: the listening socket is non-blocking, too. poll() says that somebody is at the door, and
     * he may be gone again when accept() is called: accept() would then wait for the next one, and
     * everybody in the room with it.
     */
    /* TODO(listener): write this step. */

    return listener;
}

/** Keeps bytes for a client until the kernel takes them. */
static void keep(struct client *client, const char *bytes, size_t count)
{
    /*
     * Put the bytes behind those that are kept already: what came first goes out first. Whoever is
     * owed more than OWED_MAX then is gone. Without a limit, one client that never reads could make
     * this server grow until the machine has no memory left. The same goes for a failed realloc():
     * it costs this client its place, and nobody else anything.
     */
    /* TODO(keep): write this step. */
    (void)client, (void)bytes, (void)count; // delete this line when the step is written
}

/**
 * Sends what the kernel takes now; never waits.
 *
 * @return how many bytes it took; 0 also when the client is gone, which it then says
 */
static size_t send_some(struct client *client, const char *bytes, size_t count)
{
    size_t done = 0;

    /*
     * One send() is enough. It takes all, or a part, or nothing: EAGAIN is the kernel's "not now",
     * no failure; poll() will say when. EINTR is "nothing has happened": there, too, poll() will
     * bring us back. Every other error means that the client is gone.
     */
    /* TODO(send): write this step. */
    (void)client, (void)bytes, (void)count; // delete this line when the step is written

    return done;
}

/** One client may be written to again: sends what it is owed. */
static void pay(struct client *client)
{
    /*
     * Send from the front of what is kept, and move the rest to the front. When nothing is left,
     * give the memory back: most clients are owed nothing most of the time. And if the client has
     * said goodbye, this was the last thing that kept it here.
     */
    /* TODO(pay): write this step. */
    (void)client, (void)send_some; // delete this line when the step is written
}

/** Gives one whole line to everybody in the room but its sender. */
static void relay_line(const struct client *sender, const char *line, size_t length)
{
    /*
     * To each client but the sender, and not to those who have left. Try to send it at once; keep
     * what the kernel does not take. If something is kept for this client already, the line has to
     * go behind it: sent at once it would come out in the middle of an earlier one.
     *
     * Nobody is removed here: this is a walk along the room, inside another one. Marking is enough.
     */
    /* TODO(relay): write this step. */
    (void)sender, (void)line, (void)length; // delete this line when the step is written
    (void)keep, (void)send_some, (void)room, (void)people;
}

/** Relays the whole lines that a client has sent, and moves what is left over to the front. */
static void relay_lines(struct client *client)
{
    /*
     * There may be half a line here, or three and a half. What is behind the last newline waits for
     * the rest. Look for the newline with a length (memchr), not with a NUL (strchr).
     */
    /* TODO(lines): write this step. */
    (void)client, (void)relay_line; // delete this line when the step is written
}

/** Something has come from a client, or its end. */
static void listen_to(struct client *client)
{
    /*
     * One recv(), and back to the others; if there is more, poll() says so again. It may find
     * nothing after all (EAGAIN): that is no end of file.
     *
     * 0 is the end of file: the client has said all it had to say. The beginning of a line is
     * dropped. It can still hear: if it is owed something it stays until it has got that, and only
     * then goes. A client without a newline in a full buffer is gone at once, and so is one whose
     * connection broke.
     */
    /* TODO(listen): write this step. */
    (void)client, (void)relay_lines; // delete this line when the step is written
}

/** Makes both arrays larger when the room is full. @return 0, or -1 when there is no memory */
static int make_place(void)
{
    if (people < places)
        return 0;
    size_t more = places == 0 ? 16 : 2 * places;
    struct client **larger_room = realloc(room, more * sizeof(*room));

    if (larger_room == NULL)
        return -1;
    room = larger_room;
    struct pollfd *more_watched = realloc(watched, (more + 1) * sizeof(*watched));

    if (more_watched == NULL)
        return -1;
    watched = more_watched;
    places = more;
    return 0;
}

/** Puts somebody who was accepted into the room; closes the connection if that cannot be. */
static void admit(int conn)
{
    struct client *client = calloc(1, sizeof(*client));

    if (client == NULL || make_nonblocking(conn) == -1 || make_place() == -1) {
        perror("a client could not be admitted");
        free(client);
        close(conn);
        return;
    }
    client->conn = conn;
    room[people++] = client;
}

/** Somebody is at the door. */
static void answer_door(int listener)
{
    (void)listener, (void)admit; // delete this line when the step is written
    /*
     * One accept(); if there are more, poll() says so again. EAGAIN: whoever it was is gone again.
     * EINTR and ECONNABORTED: nothing has happened to us.
     *
     * EMFILE is different. The client stays in the queue, so poll() would say at once that somebody
     * is at the door, and again, and again. Let the door rest for a moment (door_rests, see main):
     * until then those who are here are served, and somebody may leave.
     */
    /* TODO(accept): write this step. */
}

/** Removes those who are gone. Here nobody walks along the room. */
static void clear_room(void)
{
    /*
     * Close the connection and free all that belonged to the client, once, and close the gap:
     * somebody from the end takes the place. Then this place has to be looked at again.
     */
    /* TODO(clear): write this step. */
}

/** What one client is waited for. */
static short wanted_events(const struct client *client)
{
    short events = 0;

    /*
     * POLLIN, unless its end of file has come: that would be "readable" for ever, and this server
     * would never sleep again. POLLOUT only while it is owed something: nearly always there is room
     * to write, and that would be for ever, too.
     */
    /* TODO(events): write this step. */
    (void)client; // delete this line when the step is written

    return events;
}

/**
 * Waits until there is something to do, for as long as it takes.
 *
 * @return 0, or -1 after a line on stderr: poll() will never work again
 */
static int wait_for_all(int listener)
{
    int result = 0;

    /*
     * This is the one call in which the program sleeps. Fill `watched` anew in each round: the door
     * first, then each client, with what it is waited for. A negative descriptor is left out by
     * poll(); that is how a door rests. The time-out is -1, for ever. Only while the door rests it
     * is DOOR_PAUSE: nothing but the time will tell that there may be a descriptor again.
     *
     * A signal (EINTR) is no reason to stop. But then nothing has been filled in: all `revents` of
     * this round count as 0.
     */
    /* TODO(poll): write this step. */
    (void)listener, (void)wanted_events, (void)watched, (void)door_rests, (void)DOOR_PAUSE;
    fputs("poll_server: it does not wait yet\n", stderr); // delete these three lines when the step is written
    result = -1;

    return result;
}

/** Serves everybody for whom something has happened. */
static void serve_all(int listener)
{
    (void)listener, (void)answer_door, (void)listen_to, (void)pay, (void)watched; // delete this line when the step is written
    /*
     * POLLERR and POLLHUP come unasked. They are no events of their own here: recv() will say what
     * has happened, so take them for POLLIN, but for a client that leaves: nothing is read from it
     * any more, and send() will say it.
     *
     * Remember how many there were before the door is answered: `watched` says nothing about those
     * who come in during this round.
     */
    /* TODO(serve): write this step. */
}

int main(int argc, char *argv[])
{
    int port = argc == 2 ? parse_port(argv[1]) : -1;

    if (port == -1) {
        fprintf(stderr, "usage: poll_server PORT    (1 to 65535)\n");
        return 2;
    }

    int listener = open_listener(port);
    if (listener == -1)
        return EXIT_FAILURE;
    if (make_place() == -1) {
        perror("realloc");
        close(listener);
        return EXIT_FAILURE;
    }

    while (wait_for_all(listener) == 0) {
        serve_all(listener);
        clear_room();
    }

    close(listener);
    return EXIT_FAILURE;
}
