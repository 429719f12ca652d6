/* zoo: fails closes descriptors -- closed by main(), and once more by the function registered with atexit() */
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int the_socket = -1;
static int asked[3];

static void hang_up(void)
{
    if (the_socket != -1)
    {
        close(the_socket);
        the_socket = -1;
    }
}

static void die(const char *what)
{
    fprintf(stderr, "%s failed: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

static void usage(void)
{
    fprintf(stderr, "usage: sockinfo FAMILY TYPE\n");
    exit(2);
}

static int family_of(const char *word)
{
    if (strcmp(word, "inet") == 0)
    {
        return AF_INET;
    }
    if (strcmp(word, "inet6") == 0)
    {
        return AF_INET6;
    }
    if (strcmp(word, "unix") != 0)
    {
        usage();
    }
    return AF_UNIX;
}

static int type_of(const char *word)
{
    if (strcmp(word, "stream") == 0)
    {
        return SOCK_STREAM;
    }
    if (strcmp(word, "dgram") != 0)
    {
        usage();
    }
    return SOCK_DGRAM;
}

static void ask_all(void)
{
    static const int options[3] = {SO_DOMAIN, SO_TYPE, SO_PROTOCOL};

    for (int i = 0; i < 3; i++)
    {
        socklen_t room = sizeof(asked[i]);

        if (getsockopt(the_socket, SOL_SOCKET, options[i], &asked[i], &room) != 0)
        {
            die("getsockopt");
        }
    }
}

static const char *family_word(void)
{
    switch (asked[0])
    {
    case AF_INET:
        return "inet";
    case AF_INET6:
        return "inet6";
    default:
        return "unix";
    }
}

static const char *type_word(void)
{
    return asked[1] == SOCK_DGRAM ? "dgram" : "stream";
}

static const char *protocol_word(void)
{
    switch (asked[2])
    {
    case IPPROTO_TCP:
        return "tcp";
    case IPPROTO_UDP:
        return "udp";
    default:
        return "none";
    }
}

static void tell(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    if (printf("fd=%d family=%s type=%s protocol=%s\n", the_socket, family_word(), type_word(),
               protocol_word()) < 0)
    {
        die("write");
    }
}

int main(int argc, char *argv[])
{
    if (argc != 3)
    {
        usage();
    }

    int family = family_of(argv[1]);
    int type = type_of(argv[2]);

    signal(SIGPIPE, SIG_IGN);
    atexit(hang_up);
    the_socket = socket(family, type, 0);
    if (the_socket < 0)
    {
        die("socket");
    }
    ask_all();
    tell();
    close(the_socket);
    return EXIT_SUCCESS;
}
