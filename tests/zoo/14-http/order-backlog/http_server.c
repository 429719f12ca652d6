/* zoo: fails order -- a backlog of 4 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define IN_SIZE 8192
#define OUT_SIZE 32768

/* A connection: what has come, what goes out, and the file behind it. */
struct conn {
    int sock;
    int file;           /* -1: none */
    off_t left;         /* bytes of it that are not in out[] yet */
    size_t in_used;
    size_t out_used, out_sent;
    bool closing;       /* after what is in out[] and file */
    bool draining;      /* all is said; reads until the client goes */
    char in[IN_SIZE];
    char out[OUT_SIZE];
};

static struct conn **conns;
static size_t count;
static char *base;
static int wake[2];

static void on_term(int signal)
{
    int saved = errno;
    (void)signal;
    if (write(wake[1], "", 1) < 0)
        errno = saved;
    errno = saved;
}

static void fatal(const char *what)
{
    fprintf(stderr, "http_server: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

/* --- what is said ------------------------------------------------------- */

static const char *const endings[] = {"html", "text/html", "css", "text/css", "js", "text/javascript", "txt", "text/plain",
                                      "png", "image/png", "jpg", "image/jpeg", "svg", "image/svg+xml", "json", "application/json", NULL};

static const char *content_type(const char *path)
{
    const char *name = strrchr(path, '/') + 1;
    const char *dot = strrchr(name, '.');
    for (int i = 0; dot && endings[i]; i += 2)
        if (strcmp(dot + 1, endings[i]) == 0)
            return endings[i + 1];
    return "application/octet-stream";
}

static void say_head(struct conn *c, int status, const char *phrase, const char *type, intmax_t size)
{
    char date[32];
    time_t now = time(NULL);
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime(&now));
    c->out_used += (size_t)sprintf(c->out + c->out_used, "HTTP/1.1 %d %s\r\nDate: %s\r\nContent-Length: %jd\r\nContent-Type: %s\r\n%s\r\n",
                                   status, phrase, date, size, type, c->closing ? "Connection: close\r\n" : "");
}

static void say_status(struct conn *c, int status, const char *phrase, bool head)
{
    char body[100];
    int size = sprintf(body, "%d %s\r\n", status, phrase);
    say_head(c, status, phrase, "text/plain", size);
    if (!head) {
        memcpy(c->out + c->out_used, body, (size_t)size);
        c->out_used += (size_t)size;
    }
}

/* --- which file --------------------------------------------------------- */

static int digit(int c)
{
    if ('0' <= c && c <= '9')
        return c - '0';
    c |= 32;
    return 'a' <= c && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool decode(char *text)
{
    char *out = text;
    while (*text) {
        int byte = (unsigned char)*text++;
        if (byte == '%') {
            if (digit(text[0]) < 0 || digit(text[1]) < 0)
                return false;
            byte = digit(text[0]) << 4 | digit(text[1]);
            text += 2;
            if (byte == 0)
                return false;
        }
        *out++ = (char)byte;
    }
    *out = '\0';
    return true;
}

/* Takes "." and ".." out of a path; false if it leads above its root. */
static bool normalise(char *path)
{
    char *out = path, *at = path;
    while (*at) {
        while (*at == '/')
            at++;
        size_t n = strcspn(at, "/");
        bool dot = n == 1 && at[0] == '.', dots = n == 2 && at[0] == '.' && at[1] == '.';
        if (dots) {
            if (out == path)
                return false;
            do
                out--;
            while (*out != '/');
        } else if (n > 0 && !dot) {
            *out++ = '/';
            memmove(out, at, n);
            out += n;
        }
        at += n;
    }
    *out = '\0';
    return true;
}

static bool is_inside(const char *name)
{
    char real[PATH_MAX];
    size_t n = strlen(base);
    return realpath(name, real) && strncmp(real, base, n) == 0 && (real[n] == '/' || real[n] == '\0');
}

static void serve_path(struct conn *c, char *target, bool head)
{
    char name[PATH_MAX + IN_SIZE];
    struct stat st;
    target[strcspn(target, "?")] = '\0';
    if (target[0] != '/' || !decode(target)) {
        c->closing = true;
        say_status(c, 400, "Bad Request", head);
        return;
    }
    if (!normalise(target)) {
        say_status(c, 404, "Not Found", head);
        return;
    }
    sprintf(name, "%s%s", base, target);
    if (stat(name, &st) == 0 && S_ISDIR(st.st_mode))
        strcat(name, "/index.html");
    c->file = is_inside(name) ? open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1;
    if (c->file < 0 || fstat(c->file, &st) < 0 || !S_ISREG(st.st_mode)) {
        if (c->file >= 0)
            close(c->file);
        c->file = -1;
        say_status(c, 404, "Not Found", head);
        return;
    }
    say_head(c, 200, "OK", content_type(name), st.st_size);
    c->left = st.st_size;
    if (head) {
        close(c->file);
        c->file = -1;
        c->left = 0;
    }
}

/* --- what was asked ------------------------------------------------------ */

static void refuse(struct conn *c, int status, const char *phrase)
{
    c->closing = true;
    c->in_used = 0;
    say_status(c, status, phrase, false);
}

static bool is_request_line(const char *line, size_t size)
{
    const char *a = memchr(line, ' ', size);
    const char *b = a ? memchr(a + 1, ' ', size - (size_t)(a + 1 - line)) : NULL;
    return a && a > line && b && size - (size_t)(b - line) >= 9 && memcmp(b + 1, "HTTP/", 5) == 0;
}

static char *field(char *fields, const char *name)
{
    size_t n = strlen(name);
    for (char *line = fields; line && *line; line = strstr(line, "\r\n"), line = line ? line + 2 : NULL)
        if (strncasecmp(line, name, n) == 0 && line[n] == ':')
            return line + n + 1 + strspn(line + n + 1, " \t");
    return NULL;
}

/* One request, if it is there as a whole. */
static bool take_request(struct conn *c)
{
    char *newline = memchr(c->in, '\n', c->in_used);
    if (newline && !is_request_line(c->in, (size_t)(newline - c->in))) {
        refuse(c, 400, "Bad Request");
        return true;
    }
    char *end = memmem(c->in, c->in_used, "\r\n\r\n", 4);
    if (!end) {
        if (c->in_used < IN_SIZE)
            return false;
        refuse(c, newline ? 431 : 414, newline ? "Request Header Fields Too Large" : "URI Too Long");
        return true;
    }
    end[2] = '\0';
    size_t size = (size_t)(end + 4 - c->in);
    char *method = c->in, *target = strchr(method, ' ') + 1, *version = strchr(target, ' ') + 1;
    char *fields = strstr(version, "\r\n") + 2;
    target[-1] = version[-1] = fields[-2] = '\0';
    bool old = strcmp(version, "HTTP/1.0") == 0, head = strcmp(method, "HEAD") == 0;
    char *connection = field(fields, "Connection");
    c->closing = old || (connection && strncasecmp(connection, "close", 5) == 0);
    if (!old && strcmp(version, "HTTP/1.1") != 0) {
        refuse(c, 505, "HTTP Version Not Supported");
        return true;
    }
    if (!old && !field(fields, "Host")) {
        refuse(c, 400, "Bad Request");
        return true;
    }
    if (!head && strcmp(method, "GET") != 0) {
        refuse(c, 501, "Not Implemented");
        return true;
    }
    serve_path(c, target, head);
    c->in_used -= size;
    memmove(c->in, c->in + size, c->in_used);
    return true;
}

/* --- connections ----------------------------------------------------------- */

static bool has_output(const struct conn *c)
{
    return c->out_sent < c->out_used || c->file >= 0;
}

/* Fills out[] from the file when all before is sent. */
static bool refill(struct conn *c)
{
    if (c->out_sent < c->out_used || c->file < 0)
        return true;
    c->out_sent = c->out_used = 0;
    size_t want = c->left < OUT_SIZE ? (size_t)c->left : OUT_SIZE;
    ssize_t n = want > 0 ? read(c->file, c->out, want) : 0;
    if (n < 0 || (n == 0 && want > 0))
        return false;
    c->out_used = (size_t)n;
    c->left -= n;
    if (c->left == 0) {
        close(c->file);
        c->file = -1;
    }
    return true;
}

/* False when the connection is over. */
static bool write_some(struct conn *c)
{
    while (has_output(c)) {
        if (!refill(c))
            return false;
        if (c->out_sent == c->out_used)
            continue;
        ssize_t n = send(c->sock, c->out + c->out_sent, c->out_used - c->out_sent, MSG_NOSIGNAL);
        if (n < 0)
            return errno == EAGAIN || errno == EINTR;
        c->out_sent += (size_t)n;
    }
    c->out_sent = c->out_used = 0;
    if (c->closing && !c->draining) {
        c->draining = true;
        shutdown(c->sock, SHUT_WR);
    }
    return true;
}

static bool read_some(struct conn *c)
{
    if (c->draining)
        c->in_used = 0;
    ssize_t n = recv(c->sock, c->in + c->in_used, IN_SIZE - c->in_used, 0);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    if (n == 0) {
        if (c->draining || c->in_used == 0)
            return false;
        refuse(c, 400, "Bad Request");
        return true;
    }
    c->in_used += (size_t)n;
    return true;
}

static bool go_on(struct conn *c, short events)
{
    if (events & (POLLIN | POLLHUP | POLLERR) && !has_output(c) && !read_some(c))
        return false;
    do {
        if (!write_some(c))
            return false;
    } while (!has_output(c) && !c->closing && c->in_used > 0 && take_request(c));
    return true;
}

static void add_conn(int door)
{
    int sock = accept4(door, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (sock < 0)
        return;
    struct conn *c = malloc(sizeof *c);
    struct conn **more = realloc(conns, (count + 1) * sizeof *conns);
    if (more)
        conns = more;
    if (!c || !more) {
        free(c);
        close(sock);
        return;
    }
    memset(c, 0, sizeof *c);
    c->sock = sock;
    c->file = -1;
    conns[count++] = c;
}

static void remove_conn(size_t i)
{
    struct conn *c = conns[i];
    close(c->sock);
    if (c->file >= 0)
        close(c->file);
    free(c);
    conns[i] = conns[--count];
}

static void loop(int door)
{
    struct pollfd *p = NULL;
    for (;;) {
        p = realloc(p, (count + 2) * sizeof *p);
        if (!p)
            fatal("realloc");
        p[0] = (struct pollfd){.fd = wake[0], .events = POLLIN};
        p[1] = (struct pollfd){.fd = door, .events = POLLIN};
        size_t watched = count;
        for (size_t i = 0; i < watched; i++)
            p[i + 2] = (struct pollfd){.fd = conns[i]->sock, .events = has_output(conns[i]) ? POLLOUT : POLLIN};
        if (poll(p, watched + 2, -1) < 0)
            continue;
        if (p[0].revents)
            break;
        for (size_t i = watched; i-- > 0;)
            if (p[i + 2].revents && !go_on(conns[i], p[i + 2].revents))
                remove_conn(i);
        if (p[1].revents)
            add_conn(door);
    }
    while (count > 0)
        remove_conn(count - 1);
    free(conns);
    free(p);
    free(base);
}

int main(int argc, char *argv[])
{
    int yes = 1, port = 0;
    if (argc == 3 && argv[1][0] != '\0' && strspn(argv[1], "0123456789") == strlen(argv[1]) && strlen(argv[1]) < 9)
        port = atoi(argv[1]);
    if (port < 1 || port > 65535) {
        fputs("usage: http_server PORT DIR\n", stderr);
        return 2;
    }
    base = realpath(argv[2], NULL);
    if (!base)
        fatal(argv[2]);
    if (pipe2(wake, O_CLOEXEC | O_NONBLOCK) < 0)
        fatal("pipe");
    signal(SIGTERM, on_term);
    int door = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (door < 0)
        fatal("socket");
    setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    struct sockaddr_in all = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    if (bind(door, (struct sockaddr *)&all, sizeof all) < 0)
        fatal("bind");
    if (listen(door, 4) < 0)
        fatal("listen");
    loop(door);
    return 0;
}
