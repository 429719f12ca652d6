/* zoo: fails short-io -- what splice(2) leaves in the pipe is forgotten */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MAX 8192
#define TOKEN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~"
#define KEEP10 0

static int root;
static char *top;

struct req {
    char method[32];
    char target[MAX];
    int minor;
    int hosts;
    bool close, keep;
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
        r->close |= value[strspn(value, "0")] != '\0';
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

/* Where a name leads in the end, links and dots and all, has to be in DIR. */
static int open_path(char *path)
{
    char *full, *real;
    int fd = -1;
    size_t n = strlen(top);

    if (path[strlen(path) - 1] == '/')
        strcat(path, "index.html");
    if (asprintf(&full, "%s%s", top, path) == -1)
        return -1;
    real = realpath(full, NULL);
    free(full);
    if (!real)
        return -1;
    if (strncmp(real, top, n) || (real[n] && real[n] != '/'))
        errno = ENOENT;
    else
        fd = open(real, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    int error = errno;
    free(real);
    errno = error;
    return fd;
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

static bool put(int fd, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);
        if (sent == -1 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        bytes += sent;
        n -= (size_t)sent;
    }
    return true;
}

/* A file does not go into a socket, but into a pipe, and a pipe does. */
static bool put_file(int fd, int file, off_t size)
{
    int pipes[2];
    bool good = pipe2(pipes, O_CLOEXEC) == 0;

    if (!good)
        return false;
    while (good && size > 0) {
        ssize_t n = splice(file, NULL, pipes[1], NULL, (size_t)size < 65536 ? (size_t)size : 65536, SPLICE_F_MOVE);
        if (n == -1 && errno == EINTR)
            continue;
        good = n > 0;
        size -= n;
        ssize_t sent;
        do
            sent = splice(pipes[0], NULL, fd, NULL, (size_t)n, SPLICE_F_MOVE | (size > 0 ? SPLICE_F_MORE : 0));
        while (sent == -1 && errno == EINTR);
        good = good && sent > 0;
    }
    close(pipes[0]);
    close(pipes[1]);
    return good;
}

/* What still comes goes where everything is forgotten: a close() over unread bytes would be a reset. */
static void say_goodbye(int fd)
{
    int pipes[2], nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

    shutdown(fd, SHUT_WR);
    if (nowhere == -1 || pipe2(pipes, O_CLOEXEC) == -1)
        return;
    for (ssize_t n = 1; n > 0 || (n == -1 && errno == EINTR);) {
        n = splice(fd, NULL, pipes[1], NULL, 65536, 0);
        for (ssize_t left = n; left > 0;)
            left -= splice(pipes[0], NULL, nowhere, NULL, (size_t)left, 0);
    }
}

static void serve(int fd)
{
    char in[MAX], out[MAX + 512], path[MAX + 16];
    size_t have = 0, used;
    bool eof = false, last = false;
    struct req r;

    while (!last) {
        used = 0;
        int status = parse(in, have, eof, &r, &used), file = -1;
        off_t size = 0;

        if (status == 0 || (eof && have == 0)) {
            ssize_t n = eof ? 0 : recv(fd, in + have, sizeof in - have, 0);
            if (n == -1 && errno == EINTR)
                continue;
            if (n < 0 || (n == 0 && have == 0))
                break;
            eof = n == 0;
            have += (size_t)n;
            continue;
        }
        last = r.close || (status != 200 && status != 501);
        if (status == 200)
            status = find(&r, path, &file, &size);
        bool body = strcmp(r.method, "HEAD") != 0;
        size_t n = head(out, sizeof out, status, status == 200 ? type_of(path) : "", size, r.target, last, body);
        bool good = put(fd, out, n) && (file == -1 || !body || put_file(fd, file, size));
        if (file != -1)
            close(file);
        if (!good)
            break;
        memmove(in, in + used, have - used);
        have -= used;
        if (last)
            say_goodbye(fd);
    }
    close(fd);
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

static void on_term(int number)
{
    (void)number;
    _exit(0);
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
    top = realpath(argv[2], NULL);
    if (!top)
        err(1, "realpath");
    signal(SIGCHLD, SIG_IGN);
    signal(SIGTERM, on_term);
    signal(SIGPIPE, SIG_IGN); /* splice() knows no MSG_NOSIGNAL */
    pid_t me = getpid();
    int door = open_door(port, SOCK_CLOEXEC);

    for (;;) {
        int fd = accept(door, NULL, NULL);
        if (fd == -1) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
                nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
            continue;
        }
        switch (fork()) {
        case 0:
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            if (getppid() != me)
                _exit(0);
            signal(SIGTERM, SIG_DFL);
            close(door);
            serve(fd);
            _exit(0);
        case -1:
            nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
        }
        close(fd);
    }
}
