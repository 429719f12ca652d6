/* zoo: fails ordered -- poll says that there is room, and only a short line is kept: a new one is sent at once, before it */
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

#define BACKLOG 128

#define LINE_MAX_BYTES 1024

#define OWED_MAX (1024 * 1024)

#define DOOR_PAUSE 100

struct client {
    int conn;
    char line[LINE_MAX_BYTES];
    size_t length;
    char *owed;
    size_t owed_length;
    size_t owed_room;
    bool leaves;
    bool gone;
    bool writable;
};

static struct client **room;
static size_t people;

static struct pollfd *watched;
static size_t places;

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

static int make_nonblocking(int fd)
{
    int result = 0;

    int flags = fcntl(fd, F_GETFL);

    result = flags == -1 ? -1 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);

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

    call = "fcntl";
    if (make_nonblocking(listener) == -1)
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

    return listener;
}

static void keep(struct client *client, const char *bytes, size_t count)
{
    size_t all = client->owed_length + count;

    if (all > OWED_MAX) {
        client->gone = true;
        return;
    }
    if (all > client->owed_room) {
        size_t more = 2 * client->owed_room > all ? 2 * client->owed_room : all;
        char *larger = realloc(client->owed, more);

        if (larger == NULL) {
            client->gone = true;
            return;
        }
        client->owed = larger;
        client->owed_room = more;
    }
    memcpy(client->owed + client->owed_length, bytes, count);
    client->owed_length = all;
}

/**
 * Sends what the kernel takes now; never waits.
 *
 * @return how many bytes it took; 0 also when the client is gone, which it then says
 */
static size_t send_some(struct client *client, const char *bytes, size_t count)
{
    size_t done = 0;

    ssize_t sent = send(client->conn, bytes, count, MSG_NOSIGNAL);

    if (sent >= 0)
        done = (size_t)sent;
    else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
        client->gone = true;

    return done;
}

static void pay(struct client *client)
{
    size_t done = send_some(client, client->owed, client->owed_length);

    client->owed_length -= done;
    memmove(client->owed, client->owed + done, client->owed_length);
    if (client->owed_length > 0)
        return;
    free(client->owed);
    client->owed = NULL;
    client->owed_room = 0;
    if (client->leaves)
        client->gone = true;
}

static void relay_line(const struct client *sender, const char *line, size_t length)
{
    for (size_t i = 0; i < people; i++) {
        struct client *client = room[i];
        size_t done = 0;

        if (client == sender || client->leaves || client->gone)
            continue;
        if (client->owed_length == 0 || (client->writable && client->owed_length < 16))
            done = send_some(client, line, length);
        if (done < length && !client->gone)
            keep(client, line + done, length - done);
    }
}

static void relay_lines(struct client *client)
{
    char *start = client->line;
    size_t left = client->length;
    char *newline = NULL;

    while ((newline = memchr(start, '\n', left)) != NULL) {
        size_t line = (size_t)(newline - start) + 1;

        relay_line(client, start, line);
        start += line;
        left -= line;
    }
    memmove(client->line, start, left);
    client->length = left;
}

static void listen_to(struct client *client)
{
    ssize_t got = recv(client->conn, client->line + client->length,
                       sizeof(client->line) - client->length, 0);

    if (got == -1) {
        client->gone = errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR;
        return;
    }
    if (got == 0) {
        client->leaves = true;
        client->gone = client->owed_length == 0;
        return;
    }
    client->length += (size_t)got;
    relay_lines(client);
    if (client->length == sizeof(client->line))
        client->gone = true;
}

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

static void answer_door(int listener)
{
    int conn = accept(listener, NULL, NULL);

    if (conn != -1) {
        admit(conn);
        return;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR || errno == ECONNABORTED)
        return;
    perror("accept");
    door_rests = true;
}

static void clear_room(void)
{
    for (size_t i = 0; i < people;) {
        struct client *client = room[i];

        if (!client->gone) {
            i++;
            continue;
        }
        close(client->conn);
        free(client->owed);
        free(client);
        room[i] = room[--people];
    }
}

static short wanted_events(const struct client *client)
{
    short events = 0;

    if (!client->leaves)
        events |= POLLIN;
    if (client->owed_length > 0)
        events |= POLLOUT;

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

    watched[0] = (struct pollfd){.fd = door_rests ? -1 : listener, .events = POLLIN};
    for (size_t i = 0; i < people; i++)
        watched[i + 1] = (struct pollfd){.fd = room[i]->conn, .events = wanted_events(room[i])};
    int ready = poll(watched, people + 1, door_rests ? DOOR_PAUSE : -1);

    door_rests = false;
    if (ready == -1 && errno != EINTR) {
        perror("poll");
        result = -1;
    }
    for (size_t i = 0; ready == -1 && i <= people; i++)
        watched[i].revents = 0;

    return result;
}

static void serve_all(int listener)
{
    const size_t waited_for = people;

    for (size_t i = 0; i < waited_for; i++)
        room[i]->writable = watched[i + 1].revents & POLLOUT;
    for (size_t i = 0; i < waited_for; i++) {
        struct client *client = room[i];
        const short happened = watched[i + 1].revents;

        if (!client->gone && (happened & POLLOUT))
            pay(client);
        client->writable = false;
        if (client->gone || !(happened & (POLLIN | POLLERR | POLLHUP)))
            continue;
        if (client->leaves)
            pay(client);
        else
            listen_to(client);
    }
    if (watched[0].revents != 0)
        answer_door(listener);
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
