/* zoo: fails warnings -- compares a signed count with an unsigned length */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX = 65507, TRIES = 3 };

static int wait_for(int fd, const char *line, size_t length)
{
    static char reply[MAX + 1];
    struct timeval left = {.tv_sec = 1};
    for (;;) {
        fd_set readable;
        FD_ZERO(&readable);
        FD_SET(fd, &readable);
        int n = select(fd + 1, &readable, NULL, NULL, &left);
        if (n == 0)
            return 0;
        if (n < 0)
            continue;
        ssize_t size = recv(fd, reply, sizeof(reply), 0);
        if (size == length && !memcmp(reply, line, length))
            return 1;
    }
}

static int question(int fd, const char *line, size_t length)
{
    if (length > MAX)
        return 0;
    for (int i = 0; i < TRIES; i++) {
        while (send(fd, line, length, 0) == -1 && errno == EINTR)
            ;
        if (wait_for(fd, line, length))
            return 1;
    }
    return 0;
}

static char *text;
static size_t have, room;
static int ended;

static char *next_line(size_t *length, char **whole)
{
    for (;;) {
        char *newline = have ? memchr(text, '\n', have) : NULL;
        if (newline || (ended && have)) {
            *length = newline ? (size_t)(newline - text) : have;
            *whole = malloc(*length + 1);
            memcpy(*whole, text, *length);
            size_t gone = *length + (newline != NULL);
            memmove(text, text + gone, have - gone);
            have -= gone;
            return *whole;
        }
        if (ended)
            return NULL;
        if (have == room)
            text = realloc(text, room = room ? 2 * room : 4096);
        ssize_t n = read(0, text + have, room - have);
        if (n > 0)
            have += (size_t)n;
        else if (n == 0 || errno != EINTR)
            ended = 1;
    }
}

static int print(const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t n = write(1, bytes, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        bytes += n;
        size -= (size_t)n;
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct addrinfo *found, want = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM, .ai_protocol = IPPROTO_UDP};
    if (argc != 3 || argv[2][0] == '\0' ||
        (strspn(argv[2], "0123456789") == strlen(argv[2]) && (strlen(argv[2]) > 9 || atoi(argv[2]) > 65535 || atoi(argv[2]) == 0))) {
        dprintf(2, "usage: udp_client HOST PORT\n");
        return 2;
    }
    int problem = getaddrinfo(argv[1], argv[2], &want, &found);
    if (problem) {
        dprintf(2, "%s %s: %s\n", argv[1], argv[2], gai_strerror(problem));
        return 1;
    }
    int fd = -1;
    for (struct addrinfo *a = found; a && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
        if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) < 0) {
            close(fd);
            fd = -1;
        }
    }
    if (fd < 0) {
        perror("udp_client");
        return 1;
    }
    freeaddrinfo(found);
    int all = 1;
    size_t length;
    for (char *line; next_line(&length, &line);) {
        int ok = question(fd, line, length);
        if ((ok ? print(line, length) : print("no answer", 9)) < 0 || print("\n", 1) < 0) {
            perror("write");
            return 1;
        }
        all &= ok;
        free(line);
    }
    free(text);
    close(fd);
    return all ? 0 : 1;
}
