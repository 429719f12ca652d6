/* zoo: fails interrupted -- an interrupted connect() is made again at once, but it has used up a round */
#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 5

#define PAUSE_MS 200

struct attempt {
    const struct addrinfo *address;     const char *call;                   int error;                      };

static int is_possible_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");

    if (text[digits] != '\0')
        return 1;

    long number = strtol(text, NULL, 10);
    return digits > 0 && number >= 1 && number <= 65535;
}

static struct addrinfo *resolve(const char *host, const char *port)
{
    struct addrinfo *list = NULL;
    struct addrinfo hints;
    int error = 0;

    memset(&hints, 0, sizeof(hints));
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;

    if (!isalnum((unsigned char)port[0])) {
        error = EAI_SERVICE;
    } else {
        error = getaddrinfo(host, port, &hints, &list);
    }

    if (error != 0) {
        const char *reason = error == EAI_SYSTEM ? strerror(errno) : gai_strerror(error);
        fprintf(stderr, "hello_client: %s, port %s: %s\n", host, port, reason);
        return NULL;
    }
    return list;
}

static int connect_address(const struct addrinfo *address, struct attempt *last)
{
    int fd = -1;
    int error = 0;

    fd = socket(address->ai_family, address->ai_socktype, address->ai_protocol);
    if (fd == -1) {
        *last = (struct attempt){.address = address, .call = "socket", .error = errno};
        return -1;
    }

    error = connect(fd, address->ai_addr, address->ai_addrlen) == -1 ? errno : 0;

    if (error == 0)
        return fd;

    close(fd);
    *last = (struct attempt){.address = address, .call = "connect", .error = error};
    return -1;
}

static int connect_round(const struct addrinfo *list, struct attempt *last)
{
    int fd = connect_address(list, last);

    for (list = list->ai_next; fd == -1 && list != NULL; list = list->ai_next)
        fd = connect_address(list, last);

    return fd;
}

static int connect_any(const struct addrinfo *list)
{
    struct attempt last = {.address = list, .call = "connect", .error = 0};
    int fd = connect_round(list, &last);

    for (int round = 2; fd == -1 && round <= ROUNDS; round++) {
        struct timespec left = {.tv_sec = 0, .tv_nsec = PAUSE_MS * 1000000L};

        while (last.error != EINTR && nanosleep(&left, &left) == -1 && errno == EINTR)
            continue;
        fd = connect_round(list, &last);
    }

    if (fd == -1) {
        char host[NI_MAXHOST] = "?";
        char port[NI_MAXSERV] = "?";

        getnameinfo(last.address->ai_addr, last.address->ai_addrlen, host, sizeof(host), port,
                    sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV);
        fprintf(stderr, "hello_client: %s: %s port %s: %s\n", last.call, host, port,
                strerror(last.error));
    }
    return fd;
}

static int write_all(const char *bytes, size_t count)
{
    const char *end = bytes + count;

    while (bytes < end) {
        ssize_t put = -1;

        put = write(STDOUT_FILENO, bytes, (size_t)(end - bytes));
        if (put == -1 && errno == EINTR)
            continue;

        if (put == -1)
            return -1;
        bytes += put;
    }
    return 0;
}

static int copy_reply(int fd)
{
    char bytes[4096];

    for (;;) {
        ssize_t got = -1;

        got = read(fd, bytes, sizeof(bytes));
        if (got == -1 && errno == EINTR)
            continue;

        if (got == 0)
            return 0;
        if (got == -1) {
            perror("hello_client: read");
            return -1;
        }
        if (write_all(bytes, (size_t)got) == -1) {
            perror("hello_client: write");
            return -1;
        }
    }
}

int main(int argc, char *argv[])
{
    if (argc != 3 || !is_possible_port(argv[2])) {
        fprintf(stderr, "usage: hello_client HOST PORT    (1 to 65535, or a service's name)\n");
        return 2;
    }

    signal(SIGPIPE, SIG_IGN);

    struct addrinfo *list = resolve(argv[1], argv[2]);
    if (list == NULL)
        return EXIT_FAILURE;

    int fd = connect_any(list);
    freeaddrinfo(list);
    if (fd == -1)
        return EXIT_FAILURE;

    int copied = copy_reply(fd);

    close(fd);

    return copied == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
