/* zoo: fails keep-alive memory -- once a client has said "Connection: close", each client is closed after one answer */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER = 16 * 1024, TARGET = 4096 };

/* Everything a thread needs for its client. */
struct client {
    int sock;
    size_t have; /* bytes in in[] */
    char in[BUFFER];
};

struct wish {
    char method[32];
    char target[TARGET];
    char version[16];
    int hosts;
};

static int dir_fd;
static int leaves; /* one for all clients, and nobody takes it back */

static int put(struct client *cl, const void *data, size_t size, int more)
{
    const char *p = data;
    while (size) {
        ssize_t n = send(cl->sock, p, size, MSG_NOSIGNAL | more);
        if (n < 0) {
            if (errno == EINTR)
                continue;
            return -1;
        }
        p += n;
        size -= n;
    }
    return 0;
}

static const char *mime(const char *name)
{
    const char *table[][2] = {
        {"html", "text/html"}, {"css", "text/css"}, {"js", "application/javascript"}, {"txt", "text/plain"},
        {"png", "image/png"}, {"jpg", "image/jpeg"}, {"svg", "image/svg+xml"}, {"json", "application/json"},
    };
    const char *base = strrchr(name, '/');
    const char *ext = strrchr(base ? base : name, '.');
    if (ext)
        for (int i = 0; i < 8; i++)
            if (!strcmp(ext + 1, table[i][0]))
                return table[i][1];
    return "application/octet-stream";
}

static int put_head(struct client *cl, const char *status, const char *type, off_t size, int last)
{
    char text[600], now[40];
    time_t t = time(0);
    struct tm broken;
    strftime(now, sizeof now, "%a, %d %b %Y %T GMT", gmtime_r(&t, &broken));
    int n = snprintf(text, sizeof text, "HTTP/1.1 %s\r\nServer: toy\r\nDate: %s\r\nConnection: %s\r\nContent-Type: %s\r\nContent-Length: %lld\r\n\r\n",
                     status, now, last ? "close" : "keep-alive", type, (long long)size);
    return put(cl, text, n, 0);
}

static int put_page(struct client *cl, const struct wish *w, const char *status, int last)
{
    char page[200];
    int n = snprintf(page, sizeof page, "<!doctype html><title>%s</title><h1>%s</h1>\n", status, status);
    int head = !strcmp(w->method, "HEAD");
    if (put_head(cl, status, "text/html", n, last))
        return -1;
    return head ? put(cl, "", 0, 0) : put(cl, page, n, 0);
}

static int nibble(int c)
{
    const char *digits = "0123456789abcdef", *at;
    if (c >= 'A' && c <= 'F')
        c += 'a' - 'A';
    return c && (at = strchr(digits, c)) ? at - digits : -1;
}

/* %41 -> A, in place; 0 if it makes sense. */
static int unescape(char *s)
{
    char *to = s;
    for (; *s; s++) {
        if (*s == '%') {
            int a = nibble(s[1]), b = a < 0 ? -1 : nibble(s[2]);
            if (b < 0 || (a == 0 && b == 0))
                return -1;
            *to++ = a * 16 + b;
            s += 2;
        } else {
            *to++ = *s;
        }
    }
    *to = 0;
    return 0;
}

/* Goes down from DIR, part by part; ".." and links are no parts. */
static int walk(char *path)
{
    int at = dup(dir_fd);
    char *save;
    for (char *part = strtok_r(path, "/", &save); part && at >= 0; part = strtok_r(0, "/", &save)) {
        int next = -1;
        if (!strcmp(part, "."))
            continue;
        if (strcmp(part, ".."))
            next = openat(at, part, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
        close(at);
        at = next;
    }
    return at;
}

static int give(struct client *cl, const struct wish *w)
{
    char path[TARGET], name[TARGET + 12];
    struct stat st;
    strcpy(path, w->target);
    path[strcspn(path, "?")] = 0;
    if (path[0] != '/' || unescape(path))
        return put_page(cl, w, "400 Bad Request", 1), -1;
    strcpy(name, path);
    int file = walk(path);
    if (file >= 0 && !fstat(file, &st) && S_ISDIR(st.st_mode)) {
        int index = openat(file, "index.html", O_RDONLY | O_NOFOLLOW);
        close(file);
        file = index;
        strcpy(name, "index.html");
    }
    if (file < 0)
        return put_page(cl, w, "404 Not Found", leaves);
    if (fstat(file, &st) || !S_ISREG(st.st_mode)) {
        close(file);
        return put_page(cl, w, "403 Forbidden", leaves);
    }
    int bad = put_head(cl, "200 OK", mime(name), st.st_size, leaves);
    if (!bad && !strcmp(w->method, "HEAD"))
        bad = put(cl, "", 0, 0);
    off_t at = 0;
    while (!bad && strcmp(w->method, "HEAD") && at < st.st_size) {
        ssize_t n = sendfile(cl->sock, file, &at, st.st_size - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            bad = 1;
    }
    close(file);
    return bad ? -1 : 0;
}

/* Where the empty line ends, 0 if it has not come. */
static size_t find_end(const struct client *cl)
{
    for (size_t i = 3; i < cl->have; i++)
        if (!memcmp(cl->in + i - 3, "\r\n\r\n", 4))
            return i + 1;
    return 0;
}

static const char *understand(char *text, struct wish *w)
{
    char *line = strsep(&text, "\n");
    if (sscanf(line, "%31s %4095s %15s", w->method, w->target, w->version) != 3)
        return "400 Bad Request";
    if (!strcmp(w->version, "HTTP/1.0"))
        leaves = w->hosts = 1;
    else if (strcmp(w->version, "HTTP/1.1"))
        return strncmp(w->version, "HTTP/", 5) ? "400 Bad Request" : "505 HTTP Version Not Supported";
    while ((line = strsep(&text, "\n")) && *line && *line != '\r') {
        char *value = strchr(line, ':');
        if (!value)
            return "400 Bad Request";
        *value++ = 0;
        if (!strcasecmp(line, "host"))
            w->hosts++;
        if (!strcasecmp(line, "connection") && strcasestr(value, "close"))
            leaves = 1;
    }
    if (w->hosts != 1)
        return "400 Bad Request";
    if (strcmp(w->method, "GET") && strcmp(w->method, "HEAD"))
        return "501 Not Implemented";
    return 0;
}

static const char *too_early(const struct client *cl)
{
    const char *end = memchr(cl->in, '\n', cl->have);
    if (!end)
        return cl->have == BUFFER ? "414 URI Too Long" : 0;
    if (end - cl->in >= TARGET)
        return "414 URI Too Long";
    if (!memmem(cl->in, end - cl->in, " HTTP/", 6))
        return "400 Bad Request";
    return cl->have == BUFFER ? "431 Request Header Fields Too Large" : 0;
}

static void finish(struct client *cl)
{
    char rest[2048];
    shutdown(cl->sock, SHUT_WR);
    while (recv(cl->sock, rest, sizeof rest, 0) > 0)
        ;
}

static void *attend(void *argument)
{
    struct client *cl = argument;
    for (;;) {
        struct wish w = {0};
        size_t end = find_end(cl);
        const char *wrong = too_early(cl);
        if (end || wrong) {
            char text[BUFFER + 1];
            if (!wrong || end) {
                memcpy(text, cl->in, end);
                text[end] = 0;
                const char *other = understand(text, &w);
                wrong = wrong && strncmp(wrong, "431", 3) ? wrong : other;
            }
            if (wrong) {
                put_page(cl, &w, wrong, 1);
                finish(cl);
                break;
            }
            if (give(cl, &w))
                break;
            if (leaves) {
                finish(cl);
                break;
            }
            cl->have -= end;
            memmove(cl->in, cl->in + end, cl->have);
            continue;
        }
        ssize_t n = recv(cl->sock, cl->in + cl->have, BUFFER - cl->have, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0 && cl->have > 0) {
            put_page(cl, &w, "400 Bad Request", 1);
            break;
        }
        if (n <= 0)
            break;
        cl->have += n;
    }
    close(cl->sock);
    free(cl);
    return 0;
}

int main(int argc, char **argv)
{
    char *end;
    long port = argc == 3 ? strtol(argv[1], &end, 10) : 0;
    if (argc != 3 || argv[1][0] < '0' || argv[1][0] > '9' || *end || port < 1 || port > 65535) {
        fprintf(stderr, "usage: %s PORT DIR\n", argv[0]);
        exit(2);
    }
    if ((dir_fd = open(argv[2], O_RDONLY | O_DIRECTORY)) < 0)
        err(1, "%s", argv[2]);
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, 0);
    signal(SIGPIPE, SIG_IGN);
    int sig = signalfd(-1, &term, 0), one = 1;
    int door = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (door < 0)
        err(1, "socket");
    setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (bind(door, (void *)&here, sizeof here))
        err(1, "bind");
    if (listen(door, SOMAXCONN))
        err(1, "listen");
    for (;;) {
        struct pollfd p[2] = {{door, POLLIN, 0}, {sig, POLLIN, 0}};
        if (poll(p, 2, -1) < 0)
            continue;
        if (p[1].revents)
            return 0;
        int sock = accept(door, 0, 0);
        if (sock < 0)
            continue;
        struct client *cl = calloc(1, sizeof *cl);
        pthread_t thread;
        if (!cl || (cl->sock = sock, pthread_create(&thread, 0, attend, cl))) {
            close(sock);
            free(cl);
            continue;
        }
        pthread_detach(thread);
    }
}
