#include "answer.h"
#include "file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

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
    for (off_t at = 0; at < size;) {
        ssize_t n = sendfile(fd, file, &at, (size_t)(size - at));
        if (n == -1 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
    }
    return true;
}

bool answer_send(int fd, const struct request *r, int status)
{
    char out[MAX + 512];
    const char *type = "";
    int file = -1;
    off_t size = 0;

    if (status == 200)
        status = file_find(r->target, &file, &size, &type);
    bool body = strcmp(r->method, "HEAD") != 0;
    size_t n = head(out, sizeof out, status, type, size, r->target, r->close, body);
    bool good = put(fd, out, n) && (file == -1 || !body || put_file(fd, file, size));
    if (file != -1)
        close(file);
    return good;
}
