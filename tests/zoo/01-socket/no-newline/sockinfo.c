/* zoo: fails tcp udp ipv6 unix reference -- the line has no newline */
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct pair { const char *name; int value; };

static struct pair
    f[] = {{"unix", AF_UNIX}, {"inet6", AF_INET6}, {"inet", AF_INET}},
    t[] = {{"dgram", SOCK_DGRAM}, {"stream", SOCK_STREAM}},
    p[] = {{"none", 0}, {"udp", IPPROTO_UDP}, {"tcp", IPPROTO_TCP}};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static struct pair *by_name(struct pair *table, size_t n, const char *name)
{
    while (n-- > 0)
        if (strcmp(table[n].name, name) == 0)
            return &table[n];
    return NULL;
}

static const char *by_value(struct pair *table, size_t n, int fd, int option)
{
    int value = 0;
    socklen_t len = sizeof value;

    if (getsockopt(fd, SOL_SOCKET, option, &value, &len) < 0) {
        perror("getsockopt");
        exit(1);
    }
    while (n-- > 0)
        if (table[n].value == value)
            return table[n].name;
    return "unknown";
}

int main(int argc, char *argv[])
{
    struct pair *family, *type;
    char line[128];
    ssize_t n;
    size_t len, off = 0;
    FILE *stream;
    int fd;

    if (argc != 3
        || (family = by_name(f, COUNT(f), argv[1])) == NULL
        || (type = by_name(t, COUNT(t), argv[2])) == NULL) {
        fprintf(stderr, "Usage: sockinfo <inet|inet6|unix> <stream|dgram>\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    fd = socket(family->value, type->value, 0);
    if (fd < 0) {
        perror("socket");
        return 1;
    }
    stream = fdopen(fd, "r+");
    if (stream == NULL) {
        perror("fdopen");
        close(fd);
        return 1;
    }
    len = (size_t)snprintf(line, sizeof line, "fd=%d family=%s type=%s protocol=%s", fileno(stream),
                           by_value(f, COUNT(f), fd, SO_DOMAIN), by_value(t, COUNT(t), fd, SO_TYPE),
                           by_value(p, COUNT(p), fd, SO_PROTOCOL));
    fclose(stream);
    while (off < len) {
        n = write(1, line + off, len - off);
        if (n < 0) {
            perror("write");
            return 1;
        }
        off += (size_t)n;
    }
    return 0;
}
