/* zoo: fails descriptors -- never closes its sockets */
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

#define LARGEST 65507

#define SENDINGS 3

#define WAIT_MS 1000

#define ADDRESSES SENDINGS

struct server {
    struct pollfd socket[ADDRESSES];
    size_t sockets;
};

static int is_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    long number = 0;

    if (text[digits] != '\0')
        return 1;
    number = strtol(text, NULL, 10);
    return digits > 0 && number >= 1 && number <= 65535;
}

static int open_socket(const struct addrinfo *address)
{
    int fd = -1;

    fd = socket(address->ai_family, address->ai_socktype, address->ai_protocol);
    if (fd == -1)
        return -1;
    if (connect(fd, address->ai_addr, address->ai_addrlen) == -1) {
        int error = errno;

        close(fd);
        errno = error;
        return -1;
    }

    return fd;
}

static int open_server(struct server *server, const char *host, const char *port)
{
    struct addrinfo *addresses = NULL;

    server->sockets = 0;

    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM};
    int error = 0;
    int status = getaddrinfo(host, port, &hints, &addresses);

    if (status != 0) {
        fprintf(stderr, "udp_client: %s, port %s: %s\n", host, port,
                status == EAI_SYSTEM ? strerror(errno) : gai_strerror(status));
        return -1;
    }
    for (const struct addrinfo *a = addresses; a != NULL && server->sockets < ADDRESSES;
         a = a->ai_next) {
        int fd = open_socket(a);

        if (fd == -1)
            error = errno;
        else
            server->socket[server->sockets++] = (struct pollfd){.fd = fd, .events = POLLIN};
    }
    freeaddrinfo(addresses);
    if (server->sockets == 0)
        fprintf(stderr, "udp_client: socket for %s, port %s: %s\n", host, port, strerror(error));

    return server->sockets > 0 ? 0 : -1;
}

static void close_server(struct server *server)
{
    for (size_t i = 0; i < server->sockets; i++)
        close(server->socket[i].fd);
}

static long long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void send_line(int fd, const char *line, size_t length)
{
    if (send(fd, line, length, 0) == -1 && (errno == ECONNREFUSED || errno == EINTR))
        send(fd, line, length, 0);
}

static int is_answered(int fd, const char *line, size_t length)
{
    static char answer[LARGEST + 1];
    ssize_t got = -1;

    got = recv(fd, answer, sizeof(answer), MSG_DONTWAIT);
    if (got == (ssize_t)length && memcmp(answer, line, length) == 0)
        return 1;

    return 0;
}

static int await_answer(struct server *server, const char *line, size_t length)
{
    long long deadline = now_ms() + WAIT_MS;
    long long left = WAIT_MS;

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

    return 0;
}

static int ask(struct server *server, const char *line, size_t length)
{
    if (length > LARGEST)
        return 0;

    for (size_t i = 0; i < SENDINGS; i++) {
        send_line(server->socket[i % server->sockets].fd, line, length);
        if (await_answer(server, line, length))
            return 1;
    }

    return 0;
}

static int ask_all(struct server *server)
{
    char *line = NULL;
    size_t room = 0;
    int status = EXIT_SUCCESS;
    ssize_t length = 0;

    while ((length = getline(&line, &room, stdin)) != -1) {
        if (length > 0 && line[length - 1] == '\n')
            length--;

        if (ask(server, line, (size_t)length)) {
            fwrite(line, 1, (size_t)length, stdout);
        } else {
            fputs("no answer", stdout);
            status = EXIT_FAILURE;
        }
        putchar('\n');
        if (fflush(stdout) == EOF) {
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
    (void)close_server;

    if (argc != 3 || !is_port(argv[2])) {
        fprintf(stderr, "usage: udp_client HOST PORT    (1 to 65535, or a service's name)\n");
        return 2;
    }

    signal(SIGPIPE, SIG_IGN);

    if (open_server(&server, argv[1], argv[2]) == -1)
        return EXIT_FAILURE;
    int status = ask_all(&server);
    return status;
}
