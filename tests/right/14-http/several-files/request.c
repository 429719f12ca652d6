#include "request.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#define TOKEN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~"
#define KEEP10 0
#define req request

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

int request_read(struct input *in, struct request *r)
{
    for (;;) {
        size_t used = 0;
        int status = in->have || !in->eof ? parse(in->bytes, in->have, in->eof, r, &used) : 0;
        if (status) {
            memmove(in->bytes, in->bytes + used, in->have - used);
            in->have -= used;
            r->close |= status != 200 && status != 501;
            return status;
        }
        ssize_t n = recv(in->fd, in->bytes + in->have, sizeof in->bytes - in->have, 0);
        if (n == -1 && errno == EINTR)
            continue;
        if (n < 0 || (n == 0 && in->have == 0))
            return 0;
        in->eof = n == 0;
        in->have += (size_t)n;
    }
}
