/* zoo: fails threads -- a thread is neither joined nor detached */
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

#define BACKLOG 64

#define LINE_MAX_BYTES 1024

struct client {
    int conn;
    struct client *next;
};

static struct {
    pthread_mutex_t lock;
    struct client *first;
} room = {.lock = PTHREAD_MUTEX_INITIALIZER, .first = NULL};

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

static int open_listener(int port)
{
    int listener = -1;

    const int on = 1;
    struct sockaddr_in address;
    const char *call = "socket";

    listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener == -1)
        goto failed;

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

    perror(call);
    if (listener != -1)
        close(listener);
    listener = -1;

    return listener;
}

static int accept_client(int listener)
{
    int conn = -1;

    const struct timespec moment = {.tv_sec = 0, .tv_nsec = 100000000};

    for (;;) {
        conn = accept(listener, NULL, NULL);
        if (conn != -1)
            break;

        const int error = errno;

        if (error == EINTR || error == ECONNABORTED)
            continue;
        fprintf(stderr, "accept: %s\n", strerror(error));

        if (error == EBADF || error == EINVAL || error == ENOTSOCK)
            break;

        if (error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM)
            nanosleep(&moment, NULL);
    }

    return conn;
}

static void send_all(int conn, const char *bytes, size_t count)
{
    while (count > 0) {
        ssize_t sent = send(conn, bytes, count, MSG_NOSIGNAL);

        if (sent == -1 && errno == EINTR)
            continue;
        if (sent == -1)
            return;
        bytes += sent;
        count -= (size_t)sent;
    }
}

static void enter_room(struct client *client)
{
    pthread_mutex_lock(&room.lock);
    client->next = room.first;
    room.first = client;
    pthread_mutex_unlock(&room.lock);
}

static void leave_room(struct client *client)
{
    pthread_mutex_lock(&room.lock);
    struct client **link = &room.first;
    while (*link != client)
        link = &(*link)->next;
    *link = client->next;
    pthread_mutex_unlock(&room.lock);
}

static void relay_line(const struct client *sender, const char *line, size_t length)
{
    pthread_mutex_lock(&room.lock);
    for (struct client *client = room.first; client != NULL; client = client->next) {
        if (client != sender)
            send_all(client->conn, line, length);
    }
    pthread_mutex_unlock(&room.lock);
}

static size_t relay_lines(const struct client *sender, char *buffer, size_t length)
{
    size_t left = length;

    char *start = buffer;
    char *newline = NULL;

    while ((newline = memchr(start, '\n', left)) != NULL) {
        size_t line = (size_t)(newline - start) + 1;

        relay_line(sender, start, line);
        start += line;
        left -= line;
    }
    memmove(buffer, start, left);

    return left;
}

static void listen_to(const struct client *client)
{
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
}

static void *serve_client(void *argument)
{
    struct client *client = argument;

    listen_to(client);
    leave_room(client);

    close(client->conn);
    free(client);
    return NULL;
}

static void admit_client(int conn)
{
    struct client *client = malloc(sizeof(*client));
    int error = ENOMEM;

    if (client == NULL)
        goto failed;
    client->conn = conn;

    enter_room(client);

    pthread_t thread;

    error = pthread_create(&thread, NULL, serve_client, client);
    if (error == 0) {
        return;
    }
    leave_room(client);

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
