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
#include <limits.h>
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
#define TOKEN                                                                                      \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~"

struct request {
    bool is_get, is_head; /**< neither: a method that this server has not */
    bool is_last;         /**< the connection ends after the answer */
    bool is_old;          /**< HTTP/1.0 */
    int hosts;            /**< how many Host fields there are */
    const char *path;     /**< still percent-encoded, without the query */
};

static bool is_one_token(const char *word)
{
    return *word != '\0' && word[strspn(word, TOKEN)] == '\0';
}

/** Finds the path in a request's target. @return 0, or the status to answer with */
static int parse_target(char *target, struct request *request)
{
    /* A whole address, http://host/a/b, must be understood too (RFC 9112, 3.2.2). */
    if (strncasecmp(target, "http://", 7) == 0)
        target += 7 + strcspn(target + 7, "/?");
    /* No file's name has a query in it. */
    target[strcspn(target, "?")] = '\0';
    /* Of many slashes leave one: a redirection to //name/ would lead to a host of that name. */
    while (target[0] == '/' && target[1] == '/')
        target++;
    request->path = *target == '\0' ? "/" : target;
    return *request->path == '/' ? 0 : 400;
}

/** Understands `GET /path HTTP/1.1` (RFC 9112, 3). @return 0, or the status to answer with */
static int parse_request_line(char *line, struct request *request)
{
    char *target = strchr(line, ' ');
    char *version = strrchr(line, ' ');

    if (target == NULL || target == version)
        return 400;
    *target++ = '\0';
    *version++ = '\0';
    if (!is_one_token(line) || *target == '\0')
        return 400;
    for (const char *at = target; *at != '\0'; at++) {
        if ((unsigned char)*at <= ' ' || *at == 0x7f)
            return 400;
    }
    if (strncmp(version, "HTTP/", 5) != 0 || !isdigit((unsigned char)version[5]) ||
        version[6] != '.' || !isdigit((unsigned char)version[7]) || version[8] != '\0')
        return 400;
    if (version[5] != '1')
        return 505;

    /* A client of HTTP/1.0 takes the end of the connection for the end of the answer. */
    request->is_old = request->is_last = version[7] == '0';
    /* Methods are case-sensitive (RFC 9110, 9.1). */
    request->is_get = strcmp(line, "GET") == 0;
    request->is_head = strcmp(line, "HEAD") == 0;
    return request->is_get || request->is_head ? parse_target(target, request) : 0;
}

/** Understands `Name: value`. @return 0, or the status to answer with */
static int parse_field(char *line, struct request *request)
{
    char *value = strchr(line, ':');

    /* A blank before the name or the colon has been used to slip requests past a proxy that reads
       such a line otherwise: refuse it (RFC 9112, 5.1 and 5.2). The same goes for a lone CR. */
    if (value == NULL || strchr(line, '\r') != NULL)
        return 400;
    *value++ = '\0';
    if (!is_one_token(line))
        return 400;
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
 * @param used      for the number of bytes that the request takes up
 * @return 0 while it is not complete, 200, or the status of the error to answer with
 */
static int parse_request(char *bytes, size_t length, bool is_whole, struct request *request,
                         size_t *used)
{
    int lines = 0;

    *request = (struct request){.hosts = 0};
    for (size_t at = 0;;) {
        char *line = bytes + at;
        char *newline = memchr(line, '\n', length - at);

        if (newline == NULL && length == REQUEST_MAX)
            return lines == 0 ? 414 : 431;
        if (newline == NULL)
            return is_whole ? 400 : 0;
        at += (size_t)(newline - line) + 1;
        *newline = '\0';
        if (newline > line && newline[-1] == '\r')
            *--newline = '\0';
        /* A NUL would end the line for strchr() earlier than for the client. */
        if (strlen(line) != (size_t)(newline - line))
            return 400;
        /* An empty line ends the request; one before it is skipped (RFC 9112, 2.2). */
        if (*line == '\0' && lines > 0) {
            *used = at;
            break;
        }
        if (*line == '\0')
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
    const char *name = strrchr(path, '/');
    const char *dot = strrchr(path, '.');

    for (size_t i = 0; dot != NULL && dot > name && i < sizeof(types) / sizeof(*types); i++) {
        if (strcasecmp(dot, types[i][0]) == 0)
            return types[i][1];
    }
    return name != NULL && name[1] == '\0' ? "text/html" : "application/octet-stream";
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
 * @return the descriptor, or -1 with errno
 */
static int open_below(const char *path)
{
    for (int directory = root;;) {
        char name[NAME_MAX + 1] = "index.html";

        path += strspn(path, "/");
        const size_t length = strcspn(path, "/");
        const bool is_last = path[length] == '\0';
        /* O_NONBLOCK: to open a FIFO would wait until somebody writes, and everybody with it. */
        const int flags = is_last ? O_RDONLY | O_NONBLOCK | O_NOCTTY : O_PATH | O_DIRECTORY;
        int next = -1;

        if (length > 0 && length <= NAME_MAX)
            snprintf(name, sizeof(name), "%.*s", (int)length, path);
        errno = ENOENT;
        if (length <= NAME_MAX && strcmp(name, "..") != 0)
            next = openat(directory, name, flags | O_NOFOLLOW | O_CLOEXEC);

        const int error = errno;

        if (directory != root)
            close(directory);
        errno = error;
        if (next == -1 || is_last)
            return next;
        directory = next;
        path += length;
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

static const struct {
    int status;
    const char *reason;
} reasons[] = {
    {200, "OK"},          {301, "Moved Permanently"},   {400, "Bad Request"},
    {403, "Forbidden"},   {404, "Not Found"},           {414, "URI Too Long"},
    {501, "Not Implemented"},                           {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},                {431, "Request Header Fields Too Large"},
};

static const char *reason_of(int status)
{
    for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++) {
        if (reasons[i].status == status)
            return reasons[i].reason;
    }
    return "Internal Server Error";
}

/** Writes the head of an answer. @param place  the path to go to instead, or NULL */
static void write_head(struct conn *conn, int status, const char *type, off_t length,
                       const char *place)
{
    const time_t now = time(NULL);
    struct tm greenwich;
    char date[64];

    /* In Greenwich time and in English (RFC 9110, 5.6.7): so it is unless setlocale() is called. */
    strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &greenwich));
    conn->out_sent = 0;
    conn->out_length = (size_t)snprintf(
        conn->out, sizeof(conn->out),
        "HTTP/1.1 %d %s\r\nDate: %s\r\nContent-Type: %s\r\nContent-Length: %jd\r\n%s%s%s%s\r\n",
        status, reason_of(status), date, type, (intmax_t)length,
        place == NULL ? "" : "Location: ", place == NULL ? "" : place,
        place == NULL ? "" : "/\r\n", conn->is_last ? "Connection: close\r\n" : "");
}

/** Answers with a line of text: an error, or a redirection. */
static void answer_text(struct conn *conn, const struct request *request, int status)
{
    char text[64];
    const int length = snprintf(text, sizeof(text), "%d %s\n", status, reason_of(status));

    write_head(conn, status, "text/plain", length, status == 301 ? request->path : NULL);
    if (!request->is_head) {
        memcpy(conn->out + conn->out_length, text, (size_t)length);
        conn->out_length += (size_t)length;
    }
}

/** @return the status for a path that could not be opened */
static int status_of(int error)
{
    /* It passes: the client may come again. */
    if (error == EMFILE || error == ENFILE || error == ENOMEM)
        return 503;
    if (error == EACCES)
        return 403;
    /* ELOOP and ENOTDIR are what O_NOFOLLOW says to a link; ENXIO is a socket. */
    return error == ENOENT || error == ENOTDIR || error == ELOOP || error == ENXIO ? 404 : 500;
}

/** Answers GET or HEAD for a path. The file of a body stays open in the connection. */
static void answer_path(struct conn *conn, const struct request *request)
{
    char path[REQUEST_MAX];
    struct stat info;

    if (!decode(request->path, path)) {
        answer_text(conn, request, 400);
        return;
    }
    /* Open it first, and look at what was opened: a name may mean something else a moment later. */
    int file = open_below(path);

    if (file == -1 || fstat(file, &info) == -1) {
        answer_text(conn, request, status_of(errno));
    } else if (S_ISDIR(info.st_mode)) {
        /* Without the slash, the links in the directory's page would lead astray. */
        answer_text(conn, request, 301);
    } else if (!S_ISREG(info.st_mode)) {
        answer_text(conn, request, 404);
    } else {
        write_head(conn, 200, type_of(path), info.st_size, NULL);
        if (request->is_get && info.st_size > 0) {
            conn->file = file;
            conn->file_sent = 0;
            conn->file_length = info.st_size;
            return;
        }
    }
    if (file != -1)
        close(file);
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
                    conn->file == -1 ? 0 : MSG_MORE);
        if (sent > 0)
            conn->out_sent += (size_t)sent;
    }
    if (conn->file != -1 && sent > 0) {
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
    size_t used = 0;

    memcpy(copy, conn->in, conn->in_length);
    int status = parse_request(copy, conn->in_length, is_whole, &request, &used);

    if (status == 0)
        return false;
    /* After an error in the language nobody knows where the next request begins. */
    conn->is_last = request.is_last || (status != 200 && status != 501);
    if (status == 200)
        answer_path(conn, &request);
    else
        answer_text(conn, &request, status);
    memmove(conn->in, conn->in + used, conn->in_length - used);
    conn->in_length -= used;
    conn->phase = SENDING;
    return true;
}

/** Goes on with a conversation, as far as that goes without waiting. */
static void serve(struct conn *conn)
{
    bool is_whole = false;

    if (conn->phase != SENDING)
        is_whole = receive(conn);
    while (conn->phase == SENDING || (conn->phase == READING && take_request(conn, is_whole))) {
        send_answer(conn);
        if (conn->phase == SENDING)
            return;
    }
}
//! [connection]

/**
 * The server. The door of labs 04 and 12, SIGTERM, and one call that waits for everybody.
 */
//! [server]
/** So many clients may be in the queue at the door. */
#define BACKLOG 511

/** How long the door is left alone when no descriptor is free, in milliseconds. */
#define DOOR_REST 100

/** As many descriptors as this server opens: so many clients, and no more memory than for these. */
#define DESCRIPTORS 1024

/** The clients, each at the number of its descriptor. */
static struct conn conns[DESCRIPTORS];

static int listener, terminated, epoll;
static bool is_door_shut;

/** Has epoll_wait() report an event of a descriptor. @return 0, or -1 with errno */
static int watch(int operation, int fd, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.fd = fd};

    return epoll_ctl(epoll, operation, fd, &event);
}

/** A client is at the door, or was. */
static void answer_door(void)
{
    const int on = 1;
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd == -1) {
        if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
            return;
        /* No descriptor is left. The client stays in the queue: without a rest it would be
           reported again at once, and again. */
        perror("accept4");
        is_door_shut = watch(EPOLL_CTL_MOD, listener, 0) == 0;
        return;
    }
    /* The answers to pipelined requests must not wait for each other (tcp(7)). A matter of speed,
       so a failure is none. */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));

    struct conn *conn = &conns[fd];

    conn->fd = fd;
    conn->phase = READING;
    conn->watched = EPOLLIN;
    conn->in_length = 0;
    conn->file = -1;
    if (watch(EPOLL_CTL_ADD, fd, EPOLLIN) == -1) {
        perror("epoll_ctl");
        close(fd);
    }
}

/** Something has happened on a connection. */
static void answer_client(struct conn *conn)
{
    serve(conn);

    /* Wait for one thing only. Writable a connection is nearly always, readable it is for ever once
       the client has said its last: with the wrong one epoll_wait() would never sleep. */
    const uint32_t wanted = conn->phase == SENDING ? EPOLLOUT : EPOLLIN;

    if (conn->phase != GONE && wanted != conn->watched &&
        watch(EPOLL_CTL_MOD, conn->fd, wanted) == -1)
        conn->phase = GONE;
    conn->watched = wanted;
    if (conn->phase != GONE)
        return;
    if (conn->file != -1)
        close(conn->file);
    close(conn->fd); /* and epoll forgets it: there is no other descriptor for it */
}

/** Serves until SIGTERM. @return the exit status */
static int run(void)
{
    for (;;) {
        struct epoll_event events[64];
        const int ready = epoll_wait(epoll, events, 64, is_door_shut ? DOOR_REST : -1);

        if (ready == -1 && errno != EINTR) {
            perror("epoll_wait");
            return EXIT_FAILURE;
        }
        if (is_door_shut)
            is_door_shut = watch(EPOLL_CTL_MOD, listener, EPOLLIN) == -1;
        /* A connection has one event in a round: none is about what an earlier one has closed. */
        for (int i = 0; i < ready; i++) {
            if (events[i].data.fd == terminated)
                return EXIT_SUCCESS;
            if (events[i].data.fd == listener)
                answer_door();
            else
                answer_client(&conns[events[i].data.fd]);
        }
    }
}

/** Makes the door (lab 04), non-blocking (lab 12). @return 0, or -1 with a line on stderr */
static int open_door(int port)
{
    const int on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((in_port_t)port)};

    address.sin_addr.s_addr = htonl(INADDR_ANY);
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener == -1)
        perror("socket");
    else if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1)
        perror("setsockopt");
    else if (bind(listener, (const struct sockaddr *)&address, sizeof(address)) == -1)
        perror("bind");
    else if (listen(listener, BACKLOG) == -1)
        perror("listen");
    else
        return 0;
    return -1;
}

/**
 * Arranges for signals and limits, before there is a door: who sees it open may send SIGTERM.
 *
 * A client that is gone must not end the server by SIGPIPE. SIGTERM is blocked and read from a
 * descriptor, signalfd(2). A handler and epoll_pwait() would do, but that call lets a signal in
 * only when it has to sleep: under full load it never has to.
 *
 * @return 0, or -1 with a line on stderr
 */
static int arrange_surroundings(void)
{
    struct rlimit allowed;
    sigset_t stop;

    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    if (getrlimit(RLIMIT_NOFILE, &allowed) == 0 && allowed.rlim_cur > DESCRIPTORS)
        allowed.rlim_cur = DESCRIPTORS;
    if (setrlimit(RLIMIT_NOFILE, &allowed) == -1)
        perror("setrlimit");
    else if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        perror("signal");
    else if (sigprocmask(SIG_BLOCK, &stop, NULL) == -1)
        perror("sigprocmask");
    else if ((terminated = signalfd(-1, &stop, SFD_NONBLOCK | SFD_CLOEXEC)) == -1)
        perror("signalfd");
    else
        return 0;
    return -1;
}

/** Opens DIR and the door, and serves. @return the exit status; exit() closes what is open */
static int serve_directory(int port, const char *directory)
{
    root = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root == -1) {
        fprintf(stderr, "open %s: %s\n", directory, strerror(errno));
        return EXIT_FAILURE;
    }
    if (arrange_surroundings() == -1 || open_door(port) == -1)
        return EXIT_FAILURE;
    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll == -1)
        perror("epoll_create1");
    else if (watch(EPOLL_CTL_ADD, terminated, EPOLLIN) == -1 ||
             watch(EPOLL_CTL_ADD, listener, EPOLLIN) == -1)
        perror("epoll_ctl");
    else
        return run();
    return EXIT_FAILURE;
}
//! [server]

/**
 * Reads a port number: digits and nothing else.
 *
 * @return 1 to 65535, or -1 when the text is no such number
 */
static int parse_port(const char *text)
{
    int port = 0;

    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return -1;
        port = port * 10 + (*text - '0');
        if (port > 65535)
            return -1;
    }
    return port == 0 ? -1 : port;
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
