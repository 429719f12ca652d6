/* zoo: fails gives-up -- the 200 stands in the field for seconds */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static void quit(const char *what, int error)
{
    fprintf(stderr, "%s failed: %s\n", what, strerror(error));
    exit(EXIT_FAILURE);
}

static void usage(void)
{
    fprintf(stderr, "usage: hello_client HOST PORT\n");
    exit(2);
}

static int all_digits(const char *s)
{
    return s[strspn(s, "0123456789")] == '\0';
}

static void check_port(const char *s)
{
    if (all_digits(s) && (strtoul(s, NULL, 10) < 1 || strtoul(s, NULL, 10) > 65535))
    {
        usage();
    }
}

static struct addrinfo *lookup(const char *host, const char *port)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    int error = EAI_SERVICE;

    if (port[0] != '+' && port[0] != '-' && port[0] != ' ')
    {
        error = getaddrinfo(host, port, &hints, &list);
    }
    if (error != 0)
    {
        fprintf(stderr, "getaddrinfo failed: %s\n", gai_strerror(error));
        exit(EXIT_FAILURE);
    }
    return list;
}

static int handshake_result(int fd)
{
    int error = 0;
    socklen_t size = sizeof(error);
    struct pollfd p = {.fd = fd, .events = POLLOUT};

    while (poll(&p, 1, -1) == -1)
    {
        if (errno != EINTR)
        {
            quit("poll", errno);
        }
    }
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == -1)
    {
        quit("getsockopt", errno);
    }
    return error;
}

static int connected(int fd, const struct addrinfo *a, int *error)
{
    *error = connect(fd, a->ai_addr, a->ai_addrlen) == 0 ? 0 : errno;
    if (*error == EINTR)
    {
        *error = handshake_result(fd);
    }
    return *error == 0;
}

/* The first address of the list that answers, or -1. */
static int first_of(const struct addrinfo *a, int *error)
{
    if (a == NULL)
    {
        return -1;
    }
    int fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
    if (fd == -1)
    {
        *error = errno;
        return first_of(a->ai_next, error);
    }
    if (connected(fd, a, error))
    {
        return fd;
    }
    close(fd);
    return first_of(a->ai_next, error);
}

static void nap(void)
{
    struct timespec t = {200, 0};

    while (nanosleep(&t, &t) == -1)
    {
    }
}

static int rounds(const struct addrinfo *list, int left)
{
    int error = 0;
    int fd = first_of(list, &error);

    if (fd != -1)
    {
        return fd;
    }
    if (left == 1)
    {
        quit("connect", error);
    }
    nap();
    return rounds(list, left - 1);
}

static ssize_t receive(int fd, char *to, size_t room)
{
    struct iovec part = {.iov_base = to, .iov_len = room};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

    return recvmsg(fd, &message, 0);
}

static void print(const char *from, size_t count)
{
    while (count > 0)
    {
        ssize_t n = write(STDOUT_FILENO, from, count);

        if (n == -1 && errno != EINTR)
        {
            quit("write", errno);
        }
        if (n > 0)
        {
            from += n;
            count -= (size_t)n;
        }
    }
}

static void copy(int fd)
{
    char bytes[5000];

    for (;;)
    {
        ssize_t n = receive(fd, bytes, sizeof(bytes));

        if (n == 0)
        {
            return;
        }
        if (n == -1 && errno != EINTR)
        {
            quit("recvmsg", errno);
        }
        if (n > 0)
        {
            print(bytes, (size_t)n);
        }
    }
}

int main(int argc, char *argv[])
{
    if (argc != 3)
    {
        usage();
    }
    check_port(argv[2]);
    signal(SIGPIPE, SIG_IGN);

    struct addrinfo *list = lookup(argv[1], argv[2]);
    int fd = rounds(list, 5);

    freeaddrinfo(list);
    copy(fd);
    close(fd);
    return EXIT_SUCCESS;
}
