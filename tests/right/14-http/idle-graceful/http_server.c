/* right: poll with a time limit for idle clients; bodies of requests are read and forgotten; SIGTERM lets answers that are on their way finish */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
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

#define MAX 8192
#define TOKEN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~"
#define KEEP10 0

static int root;

struct req {
    char method[32];
    char target[MAX];
    int minor;
    int hosts;
    bool close, keep;
    unsigned long long body;
};

struct conn {
    int fd, file;
    bool eof, last, lingers, gone;
    unsigned long long skip; /* of a body that nobody wants */
    time_t since;
    char in[MAX];
    size_t have;
    char out[MAX + 512];
    size_t length, sent;
    off_t at, size;
};

static int request_line(char *line, struct req *r)
{
    char *target = strchr(line, ' '), *version = target ? strchr(target + 1, ' ') : NULL;

    if (!version)
        return 400;
    *target++ = *version++ = '\0';
    if (!*line || strlen(line) >= sizeof r->method || line[strspn(line, TOKEN)])
        return 400;
    for (char *p = target; *p; p++)
        if ((unsigned char)*p < 33 || *p == 127)
            return 400;
    if (strlen(version) != 8 || strncmp(version, "HTTP/", 5) || !isdigit((unsigned char)version[5]) || version[6] != '.' ||
        !isdigit((unsigned char)version[7]))
        return 400;
    if (version[5] != '1')
        return 505;
    r->minor = version[7] - '0';
    strcpy(r->method, line);
    strcpy(r->target, target);
    return *target ? 0 : 400;
}

static int field(char *line, struct req *r)
{
    char *value = strchr(line, ':'), *end;

    if (!value)
        return 400;
    *value++ = '\0';
    if (!*line || line[strspn(line, TOKEN)])
        return 400;
    value += strspn(value, " \t");
    for (end = value + strlen(value); end > value && (end[-1] == ' ' || end[-1] == '\t'); end--)
        end[-1] = '\0';
    if (!strcasecmp(line, "host"))
        r->hosts++;
    if (!strcasecmp(line, "connection"))
        for (char *save, *word = strtok_r(value, ", \t", &save); word; word = strtok_r(NULL, ", \t", &save)) {
            r->close |= !strcasecmp(word, "close");
            r->keep |= !strcasecmp(word, "keep-alive");
        }
    if (!strcasecmp(line, "transfer-encoding"))
        r->close = true;
    if (!strcasecmp(line, "content-length")) {
        if (!*value || value[strspn(value, "0123456789")])
            return 400;
        r->body = strtoull(value, NULL, 10);
    }
    return 0;
}

/* 0: not all of it is here yet; 200, or the status of an error. */
static int parse(const char *in, size_t len, bool eof, struct req *r, size_t *used)
{
    char line[MAX + 1];
    int lines = 0;

    memset(r, 0, sizeof *r);
    for (size_t at = 0;;) {
        const char *nl = memchr(in + at, '\n', len - at);
        size_t n = nl ? (size_t)(nl - in) - at : 0;
        int error;

        if (!nl && len == MAX)
            return lines ? 431 : 414;
        if (!nl)
            return eof ? 400 : 0;
        memcpy(line, in + at, n);
        at += n + 1;
        if (n && line[n - 1] == '\r')
            n--;
        line[n] = '\0';
        if (strlen(line) != n || strchr(line, '\r'))
            return 400;
        if (!n && !lines)
            continue;
        if (!n) {
            *used = at;
            break;
        }
        error = lines++ ? field(line, r) : request_line(line, r);
        if (error)
            return error;
    }
    if (r->hosts > 1 || (!r->hosts && r->minor))
        return 400;
    if (r->minor == 0)
        r->close = !KEEP10 || !r->keep || r->close;
    return strcmp(r->method, "GET") && strcmp(r->method, "HEAD") ? 501 : 200;
}

static const char *type_of(const char *path)
{
    static const char *const table[][2] = {
        {"html", "text/html"}, {"css", "text/css"}, {"js", "text/javascript"}, {"txt", "text/plain"}, {"png", "image/png"},
        {"jpg", "image/jpeg"}, {"svg", "image/svg+xml"}, {"json", "application/json"},
    };
    const char *dot = strrchr(path, '.');

    for (size_t i = 0; dot && i < sizeof table / sizeof *table; i++)
        if (strcasecmp(dot + 1, table[i][0]) == 0)
            return table[i][1];
    return "application/octet-stream";
}

static const char *reason(int status)
{
    switch (status) {
    case 200: return "OK";
    case 301: return "Moved Permanently";
    case 400: return "Bad Request";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 414: return "URI Too Long";
    case 431: return "Request Header Fields Too Large";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    }
    return "Internal Server Error";
}

/* The path of a target, decoded; false when it is none. */
static bool decode(const char *t, char *path)
{
    if (!strncasecmp(t, "http://", 7)) {
        t += 7;
        t += strcspn(t, "/");
        t = *t ? t : "/";
    }
    if (*t != '/')
        return false;
    for (; *t && *t != '?'; t++) {
        unsigned byte = (unsigned char)*t;
        if (byte == '%') {
            if (!isxdigit((unsigned char)t[1]) || !isxdigit((unsigned char)t[2]))
                return false;
            byte = (unsigned)strtoul((char[]){t[1], t[2], '\0'}, NULL, 16);
            t += 2;
        }
        if (byte == 0)
            return false;
        *path++ = (char)byte;
    }
    *path = '\0';
    return true;
}

/* One name at a time, no links, no dots: there is no way up. */
static int open_path(char *path)
{
    int at = dup(root);
    char copy[MAX + 16], *save = NULL;

    if (path[strlen(path) - 1] == '/')
        strcat(path, "index.html");
    strcpy(copy, path);
    for (char *name = strtok_r(copy, "/", &save); name && at != -1; ) {
        char *next = strtok_r(NULL, "/", &save);
        int fd = -1;

        if (strcmp(name, ".."))
            fd = openat(at, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | (next ? O_DIRECTORY : 0));
        else
            errno = ENOENT;
        int error = errno;
        close(at);
        errno = error;
        at = fd;
        name = next;
    }
    return at;
}

/* Opens what is asked for. 200 with *fd and *size, or the status of an error. */
static int find(const struct req *r, char *path, int *fd, off_t *size)
{
    struct stat info;

    *fd = -1;
    if (!decode(r->target, path))
        return 400;
    *fd = open_path(path);
    if (*fd == -1)
        return errno == EMFILE || errno == ENFILE ? 503 : errno == EACCES ? 403 : 404;
    if (fstat(*fd, &info) == 0 && S_ISREG(info.st_mode)) {
        *size = info.st_size;
        return 200;
    }
    int moved = S_ISDIR(info.st_mode);
    close(*fd);
    *fd = -1;
    return moved ? 301 : 404;
}

/* The head of an answer, and what an error says, if anything. */
static size_t head(char *out, size_t room, int status, const char *type, off_t size, const char *place, bool last, bool body)
{
    char date[64], text[64] = "";
    time_t now = time(NULL);
    struct tm tm;

    strftime(date, sizeof date, "%a, %d %b %Y %T GMT", gmtime_r(&now, &tm));
    if (status != 200) {
        size = snprintf(text, sizeof text, "<h1>%d</h1>\n", status);
        type = "text/html; charset=us-ascii";
    }
    int n = snprintf(out, room, "HTTP/1.1 %d %s\r\nDate: %s\r\nServer: right\r\nContent-Type: %s\r\nContent-Length: %lld\r\n", status,
                     reason(status), date, type, (long long)size);
    if (status == 301)
        n += snprintf(out + n, room - (size_t)n, "Location: %s/\r\n", place + strspn(place, "/") - 1);
    return (size_t)(n + snprintf(out + n, room - (size_t)n, "%s\r\n%s", last ? "Connection: close\r\n" : "", body ? text : ""));
}

/* The next answer, if a whole request is here. */
static bool prepare(struct conn *c)
{
    char path[MAX + 16];
    struct req r;

    if (c->skip && c->have) {
        size_t n = c->skip < c->have ? (size_t)c->skip : c->have;
        memmove(c->in, c->in + n, c->have - n);
        c->have -= n;
        c->skip -= n;
    }
    if (c->skip)
        return false;
    size_t used = 0;
    int status = c->have || !c->eof ? parse(c->in, c->have, c->eof, &r, &used) : 0;

    if (!status)
        return false;
    c->last = r.close || (status != 200 && status != 501);
    c->skip = c->last ? 0 : r.body;
    c->size = c->at = 0;
    if (status == 200)
        status = find(&r, path, &c->file, &c->size);
    bool body = strcmp(r.method, "HEAD") != 0;
    c->length = head(c->out, sizeof c->out, status, status == 200 ? type_of(path) : "", c->size, r.target, c->last, body);
    c->sent = 0;
    if (c->file != -1 && (!body || c->size == 0)) {
        close(c->file);
        c->file = -1;
    }
    memmove(c->in, c->in + used, c->have - used);
    c->have -= used;
    return true;
}

/* What comes; false when there is no more for now. */
static bool receive(struct conn *c)
{
    ssize_t n = c->lingers ? recv(c->fd, c->in, sizeof c->in, 0) : recv(c->fd, c->in + c->have, sizeof c->in - c->have, 0);

    if (n == -1) {
        c->gone = errno != EAGAIN && errno != EINTR;
        return errno == EINTR;
    }
    if (n == 0) {
        c->eof = true;
        c->gone = c->lingers || c->have == 0;
        return false;
    }
    if (!c->lingers)
        c->have += (size_t)n;
    return true;
}

/* All of an answer is out. */
static void finish(struct conn *c)
{
    if (c->file != -1)
        close(c->file);
    c->file = -1;
    c->length = c->sent = 0;
    if (c->last) {
        c->lingers = true;
        c->have = 0;
        shutdown(c->fd, SHUT_WR);
    }
}

static void transmit(struct conn *c)
{
    char chunk[32768];

    for (;;) {
        ssize_t n;
        if (c->sent < c->length) {
            n = send(c->fd, c->out + c->sent, c->length - c->sent, MSG_NOSIGNAL);
            c->sent += n > 0 ? (size_t)n : 0;
        } else if (c->file != -1 && c->at < c->size) {
            n = pread(c->file, chunk, (size_t)(c->size - c->at) < sizeof chunk ? (size_t)(c->size - c->at) : sizeof chunk, c->at);
            if (n > 0)
                n = send(c->fd, chunk, (size_t)n, MSG_NOSIGNAL);
            else
                errno = EIO;
            n = n == 0 ? -1 : n;
            c->at += n > 0 ? n : 0;
        } else {
            finish(c);
            return;
        }
        if (n == -1 && errno != EINTR) {
            c->gone = errno != EAGAIN;
            return;
        }
    }
}

static void step(struct conn *c, bool readable)
{
    if (readable && c->length == 0)
        receive(c);
    do {
        if (c->length)
            transmit(c);
    } while (!c->gone && !c->lingers && c->length == 0 && prepare(c));
    c->since = time(NULL);
}

static int term_pipe[2];

static void on_term(int number)
{
    int error = errno;

    (void)number;
    if (write(term_pipe[1], "", 1) == -1)
        error = EPIPE;
    errno = error;
}

static int open_door(int port, int flags)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((in_port_t)port)};
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | flags, 0);

    if (fd == -1)
        err(1, "socket");
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1)
        err(1, "setsockopt");
    if (bind(fd, (struct sockaddr *)&a, sizeof a) == -1)
        err(1, "bind");
    if (listen(fd, 128) == -1)
        err(1, "listen");
    return fd;
}

static int port_of(const char *s)
{
    int port = 0;

    if (!*s)
        return 0;
    for (; *s; s++) {
        if (!isdigit((unsigned char)*s) || (port = port * 10 + (*s - '0')) > 65535)
            return 0;
    }
    return port;
}

enum { CLIENTS = 900, IDLE_SECONDS = 60 };

static struct conn *conn[CLIENTS];
static struct pollfd p[CLIENTS + 2];

static void drop(struct conn *c)
{
    if (c->file != -1)
        close(c->file);
    close(c->fd);
    free(c);
}

int main(int argc, char **argv)
{
    int port = argc == 3 ? port_of(argv[1]) : 0;

    if (!port) {
        fputs("usage: http_server PORT DIR\n", stderr);
        return 2;
    }
    root = open(argv[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root == -1)
        err(1, "%s", argv[2]);
    size_t count = 0;
    bool ends = false;

    if (pipe2(term_pipe, O_NONBLOCK | O_CLOEXEC) == -1)
        err(1, "pipe");
    signal(SIGTERM, on_term);
    int door = open_door(port, SOCK_CLOEXEC | SOCK_NONBLOCK);

    while (!ends || count > 0) {
        p[0] = (struct pollfd){.fd = ends ? -1 : term_pipe[0], .events = POLLIN};
        p[1] = (struct pollfd){.fd = ends || count == CLIENTS ? -1 : door, .events = POLLIN};
        for (size_t i = 0; i < count; i++)
            p[i + 2] = (struct pollfd){.fd = conn[i]->fd, .events = conn[i]->length ? POLLOUT : POLLIN};
        int n = poll(p, (nfds_t)count + 2, count ? IDLE_SECONDS * 1000 : -1);
        if (n == -1)
            continue;
        if (p[0].revents) {
            ends = true;
            close(door);
        }
        size_t kept = 0, old = count;
        time_t now = time(NULL);
        int fd = p[1].revents && !ends ? accept4(door, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC) : -1;
        if (p[1].revents && !ends && fd == -1 && (errno == EMFILE || errno == ENFILE))
            nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
        for (size_t i = 0; i < old; i++) {
            if (p[i + 2].revents)
                step(conn[i], p[i + 2].revents & (POLLIN | POLLHUP | POLLERR));
            bool idle = conn[i]->length == 0;
            if (conn[i]->gone || (ends && idle) || now - conn[i]->since >= IDLE_SECONDS)
                drop(conn[i]);
            else
                conn[kept++] = conn[i];
        }
        count = kept;
        if (fd != -1) {
            conn[count] = calloc(1, sizeof **conn);
            if (!conn[count])
                err(1, "calloc");
            conn[count]->fd = fd;
            conn[count]->since = now;
            conn[count++]->file = -1;
        }
    }
    return 0;
}
