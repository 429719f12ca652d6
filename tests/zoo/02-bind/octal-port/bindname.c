/* zoo: fails exact-port -- strtoul() is asked to guess the base: a port that begins with 0 is taken for octal */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct family
{
    int number;
    socklen_t size;
    size_t address;
    size_t port;
    const char *format;
};

static const struct family families[] =
{
    {AF_INET6, sizeof(struct sockaddr_in6), offsetof(struct sockaddr_in6, sin6_addr),
     offsetof(struct sockaddr_in6, sin6_port), "bound [%s]:%u\n"},
    {AF_INET, sizeof(struct sockaddr_in), offsetof(struct sockaddr_in, sin_addr),
     offsetof(struct sockaddr_in, sin_port), "bound %s:%u\n"},
};

static void quit(const char *what)
{
    fprintf(stderr, "bindname: %s failed: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

static _Noreturn void usage(void)
{
    fprintf(stderr, "usage: bindname ADDR PORT\n");
    exit(2);
}

static uint16_t to_port(const char *text)
{
    unsigned long value;

    if (strlen(text) == 0 || strspn(text, "0123456789") != strlen(text))
    {
        usage();
    }
    errno = 0;
    value = strtoul(text, NULL, 0);
    if (errno != 0 || value > UINT16_MAX)
    {
        usage();
    }
    return (uint16_t)value;
}

static const struct family *to_name(const char *text, char *name)
{
    for (size_t i = 0; i < 2; i++)
    {
        memset(name, 0, sizeof(struct sockaddr_storage));
        if (inet_pton(families[i].number, text, name + families[i].address) == 1)
        {
            ((struct sockaddr_storage *)(void *)name)->ss_family = (sa_family_t)families[i].number;
            return &families[i];
        }
    }
    usage();
}

static void show(const struct family *family, const char *name)
{
    char text[INET6_ADDRSTRLEN];
    uint16_t port;

    memcpy(&port, name + family->port, sizeof(port));
    if (inet_ntop(family->number, name + family->address, text, sizeof(text)) == NULL)
    {
        quit("inet_ntop");
    }
    if (printf(family->format, text, (unsigned)ntohs(port)) < 0 || fflush(stdout) == EOF)
    {
        quit("writing to stdout");
    }
}

int main(int argc, char *argv[])
{
    struct sockaddr_storage storage;
    char *name = (char *)&storage;

    if (argc != 3)
    {
        usage();
    }

    const struct family *family = to_name(argv[1], name);
    const uint16_t port = htons(to_port(argv[2]));
    memcpy(name + family->port, &port, sizeof(port));

    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
    {
        quit("signal");
    }

    const int fd = socket(family->number, SOCK_STREAM, 0);
    const int on = 1;
    socklen_t size = family->size;

    if (fd < 0)
    {
        quit("socket");
    }
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0)
    {
        quit("setsockopt");
    }
    if (bind(fd, (struct sockaddr *)&storage, size) != 0)
    {
        quit("bind");
    }
    if (getsockname(fd, (struct sockaddr *)&storage, &size) != 0)
    {
        quit("getsockname");
    }
    show(family, name);
    if (close(fd) != 0)
    {
        quit("close");
    }
    return EXIT_SUCCESS;
}
