/* right: a pool of threads and a queue of connections; regular expressions; splice */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <regex.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MAX 8192

static int root;

struct req {
    char method[32];
    char target[MAX];
    int minor;
    int hosts;
    bool close, keep;
};

static regex_t line_form, field_form;

static void compile(void)
{
    if (regcomp(&line_form, "^([!#$%&'*+.^_`|~0-9A-Za-z-]{1,30}) ([^[:cntrl:] ]+) HTTP/([0-9])\\.([0-9])$", REG_EXTENDED) ||
        regcomp(&field_form, "^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*)$", REG_EXTENDED))
        errx(1, "regcomp");
}

static int request_line(const char *line, struct req *r)
{
    regmatch_t m[5];

    if (regexec(&line_form, line, 5, m, 0))
        return 400;
    if (line[m[3].rm_so] != '1')
        return 505;
    r->minor = line[m[4].rm_so] - '0';
    memcpy(r->method, line + m[1].rm_so, (size_t)(m[1].rm_eo - m[1].rm_so));
    memcpy(r->target, line + m[2].rm_so, (size_t)(m[2].rm_eo - m[2].rm_so));
    return 0;
}

static int field(const char *line, struct req *r)
{
    regmatch_t m[3];
    size_t n;

    if (regexec(&field_form, line, 3, m, 0))
        return 400;
    n = (size_t)m[1].rm_eo;
    const char *value = line + m[2].rm_so;
    if (n == 4 && !strncasecmp(line, "Host", n))
        r->hosts++;
    if (n == 10 && !strncasecmp(line, "Connection", n)) {
        for (const char *w = value; *w; w += strcspn(w, ", \t"), w += strspn(w, ", \t"))
            r->close |= strcspn(w, ", \t") == 5 && !strncasecmp(w, "close", 5);
    }
    if (n == 17 && !strncasecmp(line, "Transfer-Encoding", n))
        r->close = true;
    if (n == 14 && !strncasecmp(line, "Content-Length", n)) {
        size_t digits = strspn(value, "0123456789");
        if (!digits || value[digits + strspn(value + digits, " \t")])
            return 400;
        r->close |= strspn(value, "0") < digits;
    }
    return 0;
}

/* 0: not all of it is here yet; 200, or the status of an error. */
static int parse(const char *in, size_t len, bool eof, struct req *r, size_t *used)
{
    char line[MAX + 1];
    const char *at = in, *nl;
    int status = 0, lines = 0;

    memset(r, 0, sizeof *r);
    while ((nl = memchr(at, '\n', len - (size_t)(at - in)))) {
        size_t n = (size_t)(nl - at);
        memcpy(line, at, n);
        at = nl + 1;
        n -= n && line[n - 1] == '\r';
        line[n] = '\0';
        if (strlen(line) != n)
            return 400;
        if (n == 0 && lines) {
            *used = (size_t)(at - in);
            if (r->hosts > 1 || (!r->hosts && r->minor))
                return 400;
            r->close |= r->minor == 0;
            return strcmp(r->method, "GET") && strcmp(r->method, "HEAD") ? 501 : 200;
        }
        if (n && (status = lines++ ? field(line, r) : request_line(line, r)))
            return status;
    }
    if (len == MAX)
        return lines ? 431 : 414;
    return eof ? 400 : 0;
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

static bool put_file(int fd, int file, off_t size)
{
    int ends[2];
    bool good = true;

    if (pipe2(ends, O_CLOEXEC) == -1)
        return false;
    while (good && size > 0) {
        ssize_t in = splice(file, NULL, ends[1], NULL, (size_t)size < 65536 ? (size_t)size : 65536, 0);
        good = in > 0;
        size -= good ? in : 0;
        while (good && in > 0) {
            ssize_t out = splice(ends[0], NULL, fd, NULL, (size_t)in, size > 0 ? SPLICE_F_MORE : 0);
            if (out == -1 && errno == EINTR)
                continue;
            good = out > 0;
            in -= out;
        }
    }
    close(ends[0]);
    close(ends[1]);
    return good;
}

/* What still comes is read and forgotten: a close() over unread bytes would be a reset. */
static void say_goodbye(int fd)
{
    char junk[4096];

    shutdown(fd, SHUT_WR);
    for (ssize_t n = 1; n > 0 || (n == -1 && errno == EINTR);)
        n = recv(fd, junk, sizeof junk, 0);
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

enum { WORKERS = 100, QUEUE = 256 };

static int queue[QUEUE];
static unsigned first, count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t filled = PTHREAD_COND_INITIALIZER, emptied = PTHREAD_COND_INITIALIZER;

static void *worker(void *argument)
{
    (void)argument;
    for (;;) {
        pthread_mutex_lock(&lock);
        while (count == 0)
            pthread_cond_wait(&filled, &lock);
        int fd = queue[first++ % QUEUE];
        count--;
        pthread_cond_signal(&emptied);
        pthread_mutex_unlock(&lock);
        serve(fd);
    }
    return NULL;
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
    compile();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTERM, on_term);
    int door = open_door(port, SOCK_CLOEXEC);
    for (int i = 0; i < WORKERS; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, worker, NULL))
            errx(1, "pthread_create");
    }

    for (;;) {
        int fd = accept4(door, NULL, NULL, SOCK_CLOEXEC);
        if (fd == -1) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
                nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
            continue;
        }
        pthread_mutex_lock(&lock);
        while (count == QUEUE)
            pthread_cond_wait(&emptied, &lock);
        queue[(first + count++) % QUEUE] = fd;
        pthread_cond_signal(&filled);
        pthread_mutex_unlock(&lock);
    }
}
