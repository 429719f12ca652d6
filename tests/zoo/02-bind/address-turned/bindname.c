/* zoo: fails exact-address reference -- the IPv4 address is turned round before it is printed: 127.0.0.1 becomes 1.0.0.127 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int fd = -1;
static struct sockaddr *name;
static char *line;

static void clean_up(void)
{
    free(line);
    free(name);
    if (fd >= 0)
        close(fd);
}

static void must(bool ok, const char *call)
{
    if (ok)
        return;
    fprintf(stderr, "%s: %m\n", call);
    exit(1);
}

static socklen_t wanted_name(const char *address, const char *port)
{
    struct sockaddr_in in = { .sin_family = AF_INET };
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
    int number = 0, digits;

    for (digits = 0; port[digits] >= '0' && port[digits] <= '9' && number <= 65535; digits++)
        number = 10 * number + port[digits] - '0';
    if (digits == 0 || port[digits] != '\0' || number > 65535)
        return 0;
    in.sin_port = in6.sin6_port = htons(number);
    if (inet_pton(AF_INET, address, &in.sin_addr) == 1) {
        must((name = malloc(sizeof in)) != NULL, "malloc");
        memcpy(name, &in, sizeof in);
        return sizeof in;
    }
    if (inet_pton(AF_INET6, address, &in6.sin6_addr) == 1) {
        must((name = malloc(sizeof in6)) != NULL, "malloc");
        memcpy(name, &in6, sizeof in6);
        return sizeof in6;
    }
    return 0;
}

static void actual_name(void)
{
    socklen_t size = 0, again;

    /* No room: the kernel stores nothing and says how long the name is. */
    must(getsockname(fd, name, &size) == 0, "getsockname");
    free(name);
    must((name = malloc(size)) != NULL, "malloc");
    again = size;
    must(getsockname(fd, name, &again) == 0, "getsockname");
}

static char *as_text(void)
{
    char text[INET6_ADDRSTRLEN], *result = NULL;
    int n;

    if (name->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, name, sizeof in);
        in.sin_addr.s_addr = ntohl(in.sin_addr.s_addr);
        n = asprintf(&result, "%s:%d", inet_ntoa(in.sin_addr), ntohs(in.sin_port));
    } else {
        struct sockaddr_in6 in6;
        memcpy(&in6, name, sizeof in6);
        inet_ntop(AF_INET6, &in6.sin6_addr, text, sizeof text);
        n = asprintf(&result, "[%s]:%d", text, ntohs(in6.sin6_port));
    }
    if (n < 0)
        result = NULL;
    must(result != NULL, "asprintf");
    return result;
}

int main(int argc, char *argv[])
{
    int on = 1;
    socklen_t size;

    atexit(clean_up);
    size = argc == 3 ? wanted_name(argv[1], argv[2]) : 0;
    if (size == 0) {
        fputs("usage: bindname ADDR PORT\n", stderr);
        exit(2);
    }
    signal(SIGPIPE, SIG_IGN);
    must((fd = socket(name->sa_family, SOCK_STREAM, 0)) >= 0, "socket");
    must(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0, "setsockopt");
    must(bind(fd, name, size) == 0, "bind");
    actual_name();
    line = as_text();
    must(printf("bound %s\n", line) > 0 && fflush(stdout) == 0, "stdout");
    exit(0);
}
