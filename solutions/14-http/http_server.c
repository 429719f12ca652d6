/**
 * @file http_server.c
 * @brief Lab 14: the files of a directory, served with HTTP/1.1.
 *
 *     http_server PORT DIR
 *
 * Listens on PORT (1 to 65535) of every IPv4 address of this machine, and answers GET and HEAD for
 * the files below DIR, to many clients at once. A directory's page is its index.html. Connections
 * persist, requests may be pipelined. Nothing outside DIR is ever served.
 *
 * SIGTERM ends the server with status 0. No client, and no failure that passes, may end it.
 * Exit status: 1 when it cannot start (one line on stderr names the call and the error),
 * 2 for wrong usage (a usage line on stderr).
 *
 * RFC 9110, "HTTP Semantics", says what requests and answers mean; RFC 9112, "HTTP/1.1", how they
 * are written on a connection. Both are easy to read, and the comments name their sections.
 *
 * How the program is built is up to you: how many files and functions, processes, threads or
 * neither. Take over what you have. The parts below are one way to go, and all that is new is in
 * the first three.
 */

#define _GNU_SOURCE /* for accept4() and O_PATH */

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/**
 * The request. Bytes in, meaning out; nothing here asks the kernel for anything.
 *
 * Lines end with CR LF, LF alone is taken too; an empty line ends the request (RFC 9112, 2). There
 * may be half a request there or three and a half: TCP has no messages. Say what is wrong with
 * the first line as soon as it is there. Whoever speaks no HTTP may wait for your answer, and not
 * send an empty line.
 */
//! [request]
/** The longest request line with its fields. Whoever needs more is told so: 414, 431. */
#define REQUEST_MAX 8192

/** What a method and a field's name are made of (RFC 9110, 5.6.2). */
#define TOKEN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~"

struct request {
    bool is_get, is_head; /**< neither: a method that this server has not */
    bool is_last;         /**< the connection ends after the answer */
    bool is_old;          /**< HTTP/1.0 */
    int hosts;            /**< how many Host fields there are */
    size_t length;        /**< how many bytes it takes up */
    const char *path;     /**< still percent-encoded, without the query */
};

/** Understands `GET /path HTTP/1.1` (RFC 9112, 3). @return 0, or the status to answer with */
static int parse_request_line(char *line, struct request *request)
{
    char *path = line + strspn(line, TOKEN);
    char *version = strrchr(line, ' ');

    if (path == line || *path != ' ' || path == version)
        return 400;
    *path++ = *version++ = '\0';
    if (*path == '\0' || strpbrk(path, " \t") != NULL ||
        fnmatch("HTTP/[0-9].[0-9]", version, 0) != 0)
        return 400;
    if (version[5] != '1')
        return 505;

    /* A client of HTTP/1.0 takes the end of the connection for the end of the answer. */
    request->is_old = request->is_last = version[7] == '0';
    /* Methods are case-sensitive (RFC 9110, 9.1). */
    request->is_get = strcmp(line, "GET") == 0;
    request->is_head = strcmp(line, "HEAD") == 0;
    /* A whole address, http://host/a/b, must be understood too (RFC 9112, 3.2.2). */
    if (strncasecmp(path, "http://", 7) == 0)
        path += 7 + strcspn(path + 7, "/?");
    /* No file's name has a query in it. */
    path[strcspn(path, "?")] = '\0';
    /* Of many slashes leave one: a redirection to //name/ would lead to a host of that name. */
    while (path[0] == '/' && path[1] == '/')
        path++;
    request->path = *path == '\0' ? "/" : path;
    /* Other methods may ask about something else: OPTIONS * */
    return *request->path == '/' || !(request->is_get || request->is_head) ? 0 : 400;
}

/** Understands `Name: value`. @return 0, or the status to answer with */
static int parse_field(char *line, struct request *request)
{
    char *value = line + strspn(line, TOKEN);

    /* A blank before the name or the colon has slipped requests past proxies that read such a line
       otherwise: refuse it (RFC 9112, 5.1 and 5.2). */
    if (value == line || *value != ':')
        return 400;
    *value++ = '\0';
    value += strspn(value, " \t");

    /* Names of fields are not case-sensitive (RFC 9110, 5.1). */
    if (strcasecmp(line, "Host") == 0) {
        request->hosts++;
    } else if (strcasecmp(line, "Connection") == 0) {
        for (char *word; (word = strsep(&value, ", \t")) != NULL;)
            request->is_last |= strcasecmp(word, "close") == 0;
    } else if (strcasecmp(line, "Transfer-Encoding") == 0) {
        /* A body follows, and behind it the next request. This server has no use for a body:
           rather than to read it, it answers and closes, as it may (RFC 9112, 9.3). */
        request->is_last = true;
    } else if (strcasecmp(line, "Content-Length") == 0) {
        size_t digits = strspn(value, "0123456789");

        /* A length that is none: nobody knows where the body ends (RFC 9112, 6.3). */
        if (digits == 0 || value[digits + strspn(value + digits, " \t")] != '\0')
            return 400;
        request->is_last |= strspn(value, "0") < digits;
    }
    return 0;
}

/**
 * Looks for a whole request at the front of what has come.
 *
 * @param bytes     a copy of it, which is cut up; the request's path points into it
 * @param is_whole  the client has said its last: what is not complete now never will be
 * @return 0 while it is not complete, 200, or the status of the error to answer with
 */
static int parse_request(char *bytes, size_t length, bool is_whole, struct request *request)
{
    int lines = 0;

    *request = (struct request){.length = 0};
    for (;;) {
        char *line = bytes + request->length;
        char *newline = memchr(line, '\n', length - request->length);

        if (newline == NULL && length == REQUEST_MAX)
            return lines == 0 ? 414 : 431;
        if (newline == NULL)
            return is_whole ? 400 : 0;
        request->length += (size_t)(newline - line) + 1;
        if (newline > line && newline[-1] == '\r')
            newline--;
        *newline = '\0';
        /* A NUL or a lone CR ends the line earlier for one reader than for the next: no control
           character has a place here (RFC 9110, 5.5). */
        for (const char *at = line; at < newline; at++) {
            if (iscntrl((unsigned char)*at) && *at != '\t')
                return 400;
        }
        /* An empty line ends the request; one before it is skipped (RFC 9112, 2.2). */
        if (line == newline && lines > 0)
            break;
        if (line == newline)
            continue;
        int error = lines++ == 0 ? parse_request_line(line, request) : parse_field(line, request);
        if (error != 0)
            return error;
    }
    /* With HTTP/1.1 every request names its host, once (RFC 9112, 3.2). */
    if (request->hosts > 1 || (request->hosts == 0 && !request->is_old))
        return 400;
    return request->is_get || request->is_head ? 200 : 501;
}
//! [request]

/**
 * The file. From the path of a request to a descriptor, and never out of DIR.
 *
 * Decode %41 first, once, and look for `..` and slashes then: in %2e%2e%2f a check would see
 * neither (RFC 3986, 2.1 and 7.3). There are two more ways out of DIR: symbolic links, and a check
 * of names to which /srv/www-secret looks like a part of /srv/www.
 */
//! [file]
static int root; /**< DIR */

static const char *const types[][2] = {
    {".html", "text/html"},        {".css", "text/css"},    {".js", "text/javascript"},
    {".txt", "text/plain"},        {".png", "image/png"},   {".jpg", "image/jpeg"},
    {".json", "application/json"}, {".jpeg", "image/jpeg"}, {".svg", "image/svg+xml"},
};

/** @return what is in a file, by the end of its name (RFC 9110, 8.3); a directory has a page */
static const char *type_of(const char *path)
{
    const char *dot = strrchr(path, '.');

    for (size_t i = 0; dot != NULL && i < sizeof(types) / sizeof(*types); i++) {
        if (strcasecmp(dot, types[i][0]) == 0)
            return types[i][1];
    }
    return path[strlen(path) - 1] == '/' ? "text/html" : "application/octet-stream";
}

/** Turns %41 into A. @param path  has room for all of `text` @return whether it can be a path */
static bool decode(const char *text, char *path)
{
    for (; *text != '\0'; text++, path++) {
        *path = *text;
        if (*text != '%')
            continue;
        if (!isxdigit((unsigned char)text[1]) || !isxdigit((unsigned char)text[2]))
            return false;
        *path = (char)strtoul((char[]){text[1], text[2], '\0'}, NULL, 16);
        /* A NUL would end the name earlier for the kernel than for whoever checks it. */
        if (*path == '\0')
            return false;
        text += 2;
    }
    *path = '\0';
    return true;
}

/**
 * Opens what a path names below DIR; when it ends in a slash, the index.html there.
 *
 * Goes down one name at a time, each opened in the directory reached so far. O_NOFOLLOW refuses
 * links, and `..` is refused here: there is no way up, and between a check of the whole path and
 * its opening nobody can make one, because there is no such check.
 *
 * @param path  is cut up
 * @return the descriptor, or -1 with errno
 */
static int open_below(char *path)
{
    for (int directory = root;;) {
        const char *name = strsep(&path, "/");
        const bool is_last = path == NULL;

        if (*name == '\0' && !is_last)
            continue;
        /* O_NONBLOCK: to open a FIFO would wait until somebody writes, and everybody with it. */
        const int flags = is_last ? O_RDONLY | O_NONBLOCK | O_NOCTTY : O_PATH | O_DIRECTORY;
        int next = -1;

        errno = ENOENT;
        if (strcmp(name, "..") != 0)
            next = openat(directory, *name == '\0' ? "index.html" : name,
                          flags | O_NOFOLLOW | O_CLOEXEC);
        const int error = errno;
        if (directory != root)
            close(directory);
        errno = error;
        if (next == -1 || is_last)
            return next;
        directory = next;
    }
}
//! [file]

/**
 * The answer. A status line, fields, an empty line, a body (RFC 9112, 2.1).
 *
 * Content-Length tells the client where the next answer begins: with one byte more or less both
 * sides lose their place. HEAD gets what GET would get, and no body (RFC 9110, 9.3.2).
 */
//! [answer]
/** Where a conversation stands. */
enum phase {
    READING,   /**< waits for a whole request */
    SENDING,   /**< an answer is on its way; nothing is read meanwhile */
    LINGERING, /**< all is said; waits for the client's end of file */
    GONE,      /**< to be closed */
};

/** A client: two fixed buffers, however long its requests and however large the files. */
struct conn {
    int fd;
    enum phase phase;
    uint32_t watched; /**< the event that is waited for */
    bool is_last;     /**< the answer on its way is the last one */
    char in[REQUEST_MAX];
    size_t in_length;
    char out[REQUEST_MAX + 512]; /**< the head, perhaps with a path; a body that is no file */
    size_t out_length, out_sent;
    int file; /**< what follows, or -1 */
    off_t file_sent, file_length;
};

static const char *const reasons[] = {
    [200] = "OK",                         [301] = "Moved Permanently",
    [400] = "Bad Request",                [403] = "Forbidden",
    [404] = "Not Found",                  [414] = "URI Too Long",
    [501] = "Not Implemented",            [503] = "Service Unavailable",
    [505] = "HTTP Version Not Supported", [431] = "Request Header Fields Too Large",
};

/** Opens what is asked for; it stays open until the answer is out. @return the answer's status */
static int open_file(struct conn *conn, const struct request *request, const char **type)
{
    char path[REQUEST_MAX];
    struct stat info;

    if (!decode(request->path, path))
        return 400;
    *type = type_of(path);
    /* Open it first, and look at what was opened: a name may mean something else a moment later. */
    conn->file = open_below(path);
    if (conn->file == -1 || fstat(conn->file, &info) == -1) {
        /* To a link O_NOFOLLOW says ELOOP or ENOTDIR; ENXIO is a socket. */
        if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == ENXIO ||
            errno == ENAMETOOLONG)
            return 404;
        /* Others pass, as EMFILE does: the client may come again. */
        return errno == EACCES ? 403 : 503;
    }
    /* Without the slash, the links in the directory's page would lead astray. */
    if (S_ISDIR(info.st_mode))
        return 301;
    conn->file_sent = 0;
    conn->file_length = info.st_size;
    return S_ISREG(info.st_mode) ? 200 : 404;
}

/** Answers with a file if all is well so far; with a line of text if not. */
static void answer(struct conn *conn, const struct request *request, int status)
{
    const time_t now = time(NULL);
    const char *type = NULL;
    struct tm greenwich;
    char date[64], text[64];

    if (status == 200)
        status = open_file(conn, request, &type);

    const bool is_file = status == 200, is_moved = status == 301;
    const int length = snprintf(text, sizeof(text), "%d %s\n", status, reasons[status]);

    /* In Greenwich time and in English (RFC 9110, 5.6.7): so it is unless setlocale() is called. */
    strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &greenwich));
    conn->out_sent = 0;
    conn->out_length = (size_t)snprintf(
        conn->out, sizeof(conn->out),
        "HTTP/1.1 %d %s\r\nDate: %s\r\nContent-Type: %s\r\nContent-Length: %jd\r\n"
        "%s%s%s%s\r\n%s",
        status, reasons[status], date, is_file ? type : "text/plain",
        (intmax_t)(is_file ? conn->file_length : length), is_moved ? "Location: " : "",
        is_moved ? request->path : "", is_moved ? "/\r\n" : "",
        conn->is_last ? "Connection: close\r\n" : "", is_file || request->is_head ? "" : text);
    if (!is_file || request->is_head)
        conn->file_length = conn->file_sent; /* no more of it is to be sent */
}
//! [answer]

/**
 * The connection. What may wait is the server, and no call: as in lab 12.
 *
 * When an answer is out, the next request may be here already: the kernel has given it to you, and
 * will not report it again. After the last answer close your sending half only, and wait for the
 * client's end of file. A close() with bytes that nobody has read is a reset, and a reset takes
 * from the client what it has not read yet of your answer (RFC 9112, 9.6).
 */
//! [connection]
/** So much of a file one client gets before the others have their turn. */
#define TURN_MAX (1024 * 1024)

/** Sends what the kernel takes of the answer now, and says in `phase` how it goes on. */
static void send_answer(struct conn *conn)
{
    ssize_t sent = 1;

    while (conn->out_sent < conn->out_length && sent > 0) {
        /* MSG_MORE: a file follows, its beginning can travel in the same segment. */
        sent = send(conn->fd, conn->out + conn->out_sent, conn->out_length - conn->out_sent,
                    conn->file_sent < conn->file_length ? MSG_MORE : 0);
        if (sent > 0)
            conn->out_sent += (size_t)sent;
    }
    if (conn->file_sent < conn->file_length && sent > 0) {
        const off_t left = conn->file_length - conn->file_sent;

        sent = sendfile(conn->fd, conn->file, &conn->file_sent,
                        (size_t)(left < TURN_MAX ? left : TURN_MAX));
        if (sent > 0 && conn->file_sent < conn->file_length)
            return;
    }
    if (sent == -1 && (errno == EAGAIN || errno == EINTR))
        return;

    if (conn->file != -1)
        close(conn->file);
    conn->file = -1;
    conn->phase = conn->is_last ? LINGERING : READING;
    /* 0 of a file: it has become shorter than was promised. To break off is the only honest way. */
    if (sent <= 0 || (conn->is_last && shutdown(conn->fd, SHUT_WR) == -1))
        conn->phase = GONE;
}

/** Takes what has come. @return whether it is the client's end of file */
static bool receive(struct conn *conn)
{
    /* After the last answer nothing is kept. Else there is room: a full buffer gets an answer. */
    const size_t kept = conn->phase == LINGERING ? 0 : conn->in_length;
    const ssize_t got = recv(conn->fd, conn->in + kept, sizeof(conn->in) - kept, 0);

    if (got > 0)
        conn->in_length = kept + (size_t)got;
    if ((got == 0 && kept == 0) || (got == -1 && errno != EAGAIN && errno != EINTR))
        conn->phase = GONE;
    return got == 0;
}

/** Takes the next request out of what has come. @return whether there is one, and now an answer */
static bool take_request(struct conn *conn, bool is_whole)
{
    char copy[REQUEST_MAX];
    struct request request;

    memcpy(copy, conn->in, conn->in_length);
    int status = parse_request(copy, conn->in_length, is_whole, &request);

    if (status == 0)
        return false;
    /* After an error in the language nobody knows where the next request begins. */
    conn->is_last = request.is_last || (status != 200 && status != 501);
    answer(conn, &request, status);
    conn->in_length -= request.length;
    memmove(conn->in, conn->in + request.length, conn->in_length);
    conn->phase = SENDING;
    return true;
}

/** Goes on with a conversation, as far as that goes without waiting. */
static void serve(struct conn *conn)
{
    const bool is_whole = conn->phase != SENDING && receive(conn);

    while (conn->phase == SENDING || (conn->phase == READING && take_request(conn, is_whole))) {
        send_answer(conn);
        if (conn->phase == SENDING)
            return;
    }
}
//! [connection]

/** The server. The door of labs 04 and 12, SIGTERM, and one call that waits for everybody. */
//! [server]
enum {
    BACKLOG = 511,      /**< so many clients may be in the queue at the door */
    DOOR_REST = 100,    /**< how long the door is left alone without descriptors, in milliseconds */
    DESCRIPTORS = 1024, /**< so many are opened: so many clients, and memory for these */
};

/** The clients, each at the number of its descriptor. */
static struct conn conns[DESCRIPTORS];

static int listener, terminated, epoll;
static bool is_door_shut;

/** Says so if a call has failed. */
static bool failed(int result, const char *call)
{
    if (result == -1)
        perror(call);
    return result == -1;
}

/** Has epoll_wait() report an event of a descriptor. @return 0; when it is added, perhaps -1 */
static int watch(int operation, int fd, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.fd = fd};

    return epoll_ctl(epoll, operation, fd, &event);
}

/** A client is at the door, or was. */
static void answer_door(void)
{
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd == -1) {
        if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
            return;
        /* No descriptor is left. The client stays in the queue: without a rest it would be
           reported again at once, and again. */
        perror("accept4");
        watch(EPOLL_CTL_MOD, listener, 0);
        is_door_shut = true;
        return;
    }

    struct conn *conn = &conns[fd];
    conn->fd = fd;
    conn->phase = READING;
    conn->watched = EPOLLIN;
    conn->in_length = 0;
    conn->file = -1;
    if (failed(watch(EPOLL_CTL_ADD, fd, EPOLLIN), "epoll_ctl"))
        close(fd);
}

/** Something has happened on a connection. */
static void answer_client(struct conn *conn)
{
    serve(conn);

    /* Wait for one thing only. Writable a connection is nearly always, readable it is for ever once
       the client has said its last: with the wrong one epoll_wait() would never sleep. */
    const uint32_t wanted = conn->phase == SENDING ? EPOLLOUT : EPOLLIN;

    if (conn->phase == GONE)
        close(conn->fd); /* and epoll forgets it: there is no other descriptor for it */
    else if (wanted != conn->watched)
        watch(EPOLL_CTL_MOD, conn->fd, conn->watched = wanted);
}

/** Serves until SIGTERM. */
static void run(void)
{
    for (;;) {
        struct epoll_event events[64];
        const int ready = epoll_wait(epoll, events, 64, is_door_shut ? DOOR_REST : -1);

        if (is_door_shut)
            watch(EPOLL_CTL_MOD, listener, EPOLLIN);
        is_door_shut = false;
        /* A connection has one event in a round: none is about what an earlier one has closed. When
           the wait was interrupted there are -1, and it is made again. */
        for (int i = 0; i < ready; i++) {
            if (events[i].data.fd == terminated)
                return;
            if (events[i].data.fd == listener)
                answer_door();
            else
                answer_client(&conns[events[i].data.fd]);
        }
    }
}

/** Makes the door (lab 04), non-blocking (lab 12). @return whether it is open */
static bool open_door(int port)
{
    const int on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((in_port_t)port)};

    address.sin_addr.s_addr = htonl(INADDR_ANY);
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    /* Connections inherit TCP_NODELAY: answers to pipelined requests must not wait (tcp(7)). */
    return !failed(listener, "socket") &&
           !failed(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)), "setsockopt") &&
           !failed(setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)), "setsockopt") &&
           !failed(bind(listener, (const struct sockaddr *)&address, sizeof(address)), "bind") &&
           !failed(listen(listener, BACKLOG), "listen");
}

/** Opens DIR and the door, and serves. @return the exit status; exit() closes what is open */
static int serve_directory(int port, const char *directory)
{
    const struct rlimit allowed = {DESCRIPTORS, DESCRIPTORS};
    sigset_t stop;

    /* Fails where fewer are allowed already. */
    (void)setrlimit(RLIMIT_NOFILE, &allowed);
    /* A client that is gone must not end the server. */
    signal(SIGPIPE, SIG_IGN);
    /* SIGTERM is blocked and read from a descriptor. A handler and epoll_pwait() would do, but that
       call lets a signal in only when it has to sleep: under full load it never has to. And all
       this before there is a door: who sees it open may send SIGTERM. */
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigprocmask(SIG_BLOCK, &stop, NULL);
    if (failed(root = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC), directory) ||
        failed(terminated = signalfd(-1, &stop, SFD_NONBLOCK | SFD_CLOEXEC), "signalfd") ||
        !open_door(port) || failed(epoll = epoll_create1(EPOLL_CLOEXEC), "epoll_create1") ||
        failed(watch(EPOLL_CTL_ADD, terminated, EPOLLIN), "epoll_ctl") ||
        failed(watch(EPOLL_CTL_ADD, listener, EPOLLIN), "epoll_ctl"))
        return EXIT_FAILURE;
    run();
    return EXIT_SUCCESS;
}
//! [server]

/** Reads a port number: digits and nothing else. @return 1 to 65535, or -1 if it is none */
static int parse_port(const char *text)
{
    const long port = text[strspn(text, "0123456789")] == '\0' ? strtol(text, NULL, 10) : 0;

    return port >= 1 && port <= 65535 ? (int)port : -1;
}

int main(int argc, char *argv[])
{
    int port = argc == 3 ? parse_port(argv[1]) : -1;
    int status = EXIT_FAILURE;

    if (port == -1) {
        fprintf(stderr, "usage: http_server PORT DIR    (PORT is 1 to 65535)\n");
        return 2;
    }

    /* Serve the directory argv[2] on the port, until SIGTERM. */
    //! [main]
    status = serve_directory(port, argv[2]);
    //! [main]
    /* @skeleton fputs("http_server: it serves nothing yet\n", stderr); // delete this line */

    return status;
}
