/* right: divided into files of the student's own; one is included, one is a test with a main() of its own */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "parts.h"

static volatile sig_atomic_t told_to_stop;

struct conn {
    int fd;
    char buf[REQUEST_MAX + 1];
    size_t len;
};

struct request {
    bool head_only;
    bool close;
    bool has_host;
    char path[REQUEST_MAX + 1];
};

static void on_term(int signal)
{
    (void)signal;
    told_to_stop = 1;
}

static int answer(int fd, const struct request *r)
{
    char real[PATH_MAX];
    struct stat st;
    int file = open_path(r->path, &st, real);
    if (file < 0)
        return send_error(fd, 404, r->head_only, r->close);
    int result = send_head(fd, 200, type_of(real), (long long)st.st_size, r->close);
    if (result == 0 && !r->head_only)
        result = send_file(fd, file, (long long)st.st_size);
    close(file);
    return result;
}

#include "hex.c"

/* 0, or -1 for what stands for no name. */
static int decode(const char *from, char *to)
{
    while (*from) {
        if (*from != '%') {
            *to++ = *from++;
            continue;
        }
        int high = hex(from[1]);
        int low = high < 0 ? -1 : hex(from[2]);
        if (low < 0 || high * 16 + low == 0)
            return -1;
        *to++ = (char)(high * 16 + low);
        from += 3;
    }
    *to = '\0';
    return 0;
}

static int parse_line(char *line, struct request *r)
{
    char *target = strchr(line, ' ');
    if (!target)
        return 400;
    *target++ = '\0';
    char *version = strchr(target, ' ');
    if (!version)
        return 400;
    *version++ = '\0';
    if (strncmp(version, "HTTP/", 5) != 0)
        return 400;
    if (strcmp(version, "HTTP/1.1") != 0 && strcmp(version, "HTTP/1.0") != 0)
        return 505;
    if (strcmp(version, "HTTP/1.0") == 0) {
        r->close = true;
        r->has_host = true;
    }
    r->head_only = strcmp(line, "HEAD") == 0;
    if (!r->head_only && strcmp(line, "GET") != 0)
        return 501;
    target[strcspn(target, "?")] = '\0';
    if (*target != '/' || decode(target, r->path) < 0)
        return 400;
    return 0;
}

static int parse_fields(char *at, struct request *r)
{
    while (*at) {
        char *end = strstr(at, "\r\n");
        *end = '\0';
        char *value = strchr(at, ':');
        if (!value)
            return 400;
        *value++ = '\0';
        value += strspn(value, " \t");
        if (strcasecmp(at, "Host") == 0)
            r->has_host = true;
        if (strcasecmp(at, "Connection") == 0 && strncasecmp(value, "close", 5) == 0)
            r->close = true;
        at = end + 2;
    }
    return r->has_host ? 0 : 400;
}

/* The length of the next request's head, 0 at the end, -status. */
static int read_head(struct conn *c)
{
    for (;;) {
        c->buf[c->len] = '\0';
        char *end = memmem(c->buf, c->len, "\r\n\r\n", 4);
        if (end)
            return (int)(end + 4 - c->buf);
        char *line = memchr(c->buf, '\n', c->len);
        if (line && (!memmem(c->buf, (size_t)(line - c->buf), " HTTP/1.", 8) || c->buf[0] == ' '))
            return -400;
        if (c->len == REQUEST_MAX)
            return line ? -431 : -414;
        ssize_t n = read(c->fd, c->buf + c->len, REQUEST_MAX - c->len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0 && c->len > 0 ? -400 : 0;
        c->len += (size_t)n;
    }
}

/* The answer must not be lost to a reset: what still comes is read. */
static void linger(int fd)
{
    char rest[4096];
    shutdown(fd, SHUT_WR);
    while (read(fd, rest, sizeof(rest)) > 0)
        ;
}

static void serve(int fd)
{
    static struct conn c;
    static struct request r;
    c = (struct conn){.fd = fd};
    for (;;) {
        int length = read_head(&c);
        if (length == 0)
            return;
        memset(&r, 0, sizeof(r));
        int status = length < 0 ? -length : 0;
        if (status == 0) {
            c.buf[length - 2] = '\0';
            char *fields = strstr(c.buf, "\r\n");
            *fields = '\0';
            status = parse_line(c.buf, &r);
            if (status == 0)
                status = parse_fields(fields + 2, &r);
        }
        if (status != 0) {
            send_error(fd, status, r.head_only, true);
            linger(fd);
            return;
        }
        if (answer(fd, &r) < 0)
            return;
        if (r.close) {
            linger(fd);
            return;
        }
        memmove(c.buf, c.buf + length, c.len - (size_t)length);
        c.len -= (size_t)length;
    }
}

static int open_door(unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    int on = 1;
    int door = socket(AF_INET, SOCK_STREAM, 0);
    if (door < 0) {
        perror("socket");
        exit(1);
    }
    setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(door, (struct sockaddr *)&address, sizeof(address)) < 0) {
        perror("bind");
        exit(1);
    }
    if (listen(door, 128) < 0) {
        perror("listen");
        exit(1);
    }
    return door;
}

static unsigned parse_port(const char *text)
{
    unsigned long port = 0;
    if (!*text || strspn(text, "0123456789") != strlen(text))
        return 0;
    port = strtoul(text, NULL, 10);
    return port > 65535 ? 0 : (unsigned)port;
}

int main(int argc, char **argv)
{
    unsigned port = argc == 3 ? parse_port(argv[1]) : 0;
    if (port == 0) {
        fprintf(stderr, "usage: http_server PORT DIR\n");
        return 2;
    }
    if (!realpath(argv[2], root)) {
        perror(argv[2]);
        return 1;
    }
    struct sigaction action = {.sa_handler = on_term};
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_IGN);
    int door = open_door(port);
    while (!told_to_stop) {
        int fd = accept(door, NULL, NULL);
        if (fd < 0)
            continue;
        pid_t child = fork();
        if (child == 0) {
            close(door);
            signal(SIGTERM, SIG_DFL);
            serve(fd);
            _exit(0);
        }
        close(fd);
    }
    return 0;
}
