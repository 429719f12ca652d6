/* zoo: fails port-zero -- for port 0 it makes up a port by itself, which may be taken */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int door = -1;
static struct sockaddr_in name;

static void quit(const char *call)
{
    fprintf(stderr, "%s: %s\n", call, strerror(errno));
    exit(1);
}

static void usage(void)
{
    fprintf(stderr, "usage: listener PORT BACKLOG\n");
    exit(2);
}

static int number(const char *text, int most)
{
    int n = 0;

    if (!*text)
        usage();
    for (; *text; text++)
    {
        if (strchr("0123456789", *text) == NULL)
            usage();
        n = n * 10 + *text - '0';
        if (n > most)
            usage();
    }
    return n;
}

static void make(void)
{
    int yes = 1;

    door = socket(AF_INET, SOCK_STREAM, 0);
    if (door < 0)
        quit("socket");
    if (setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) < 0)
        quit("setsockopt");
}

static void give_name(int port)
{
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_ANY);
    name.sin_port = htons(port != 0 ? port : 40000 + getpid() % 10000);
    if (bind(door, (struct sockaddr *)&name, sizeof name) < 0)
        quit("bind");
}

static void ask_name(void)
{
    socklen_t size = sizeof name;

    if (getsockname(door, (struct sockaddr *)&name, &size) < 0)
        quit("getsockname");
}

static void open_it(int backlog)
{
    if (listen(door, backlog) < 0)
        quit("listen");
}

static void tell(int backlog)
{
    setlinebuf(stdout);
    if (printf("listening on %s:%hu backlog %d\n", inet_ntoa(name.sin_addr), ntohs(name.sin_port), backlog) < 0)
        fprintf(stderr, "stdout: %s\n", strerror(errno));
}

static void sleep_until_the_end(void)
{
    for (;;)
    {
        errno = 0;
        if (getchar() != EOF)
            continue;
        if (feof(stdin))
            return;
        if (errno != EINTR)
            quit("getchar");
        clearerr(stdin);
    }
}

int main(int argc, char *argv[])
{
    if (argc != 3)
        usage();

    int port = number(argv[1], 65535);
    int backlog = number(argv[2], 4096);

    if (backlog == 0)
        usage();
    signal(SIGPIPE, SIG_IGN);
    make();
    give_name(port);
    open_it(backlog);
    ask_name();
    tell(backlog);
    sleep_until_the_end();
    close(door);
    return 0;
}
