/**
 * @file journal.c
 * Plays syslogd: a datagram socket that programs find as /dev/log.
 */
#include "peer/journal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { FACILITY_SHIFT = 3, PRIORITY_MAX = 191 /* local7.debug: RFC 3164, section 4.1.1 */ };

/** "Jan  2 03:04:05 ", as ctime(3) and glibc write it. */
static bool is_time(const char *text)
{
    static const char shape[] = "Aaa _9 99:99:99 ";
    for (size_t i = 0; shape[i]; i++) {
        char c = text[i];
        bool digit = c >= '0' && c <= '9';
        bool fits = shape[i] == '9'   ? digit
                    : shape[i] == '_' ? digit || c == ' '
                    : shape[i] == 'A' ? c >= 'A' && c <= 'Z'
                    : shape[i] == 'a' ? c >= 'a' && c <= 'z'
                                      : c == shape[i];
        if (!fits)
            return false;
    }
    return true;
}

/** The number between < and > at the start; -1 if there is none. @p text goes behind it. */
static int take_priority(const char **text)
{
    const char *at = *text;
    int priority = 0;
    if (*at++ != '<' || *at == '>')
        return -1;
    for (; *at >= '0' && *at <= '9' && priority <= PRIORITY_MAX; at++)
        priority = priority * 10 + (*at - '0');
    if (*at != '>' || priority > PRIORITY_MAX)
        return -1;
    *text = at + 1;
    return priority;
}

/** "[123]:" at @p at: the number, else 0. */
static pid_t number_in_brackets(const char *at)
{
    char *end;
    if (at[0] != '[' || at[1] < '0' || at[1] > '9')
        return 0;
    long number = strtol(at + 1, &end, 10);
    return strncmp(end, "]:", 2) == 0 && number > 0 && number < INT32_MAX ? (pid_t)number : 0;
}

/** The tag, "name[123]:" or "name:", which a host's name may precede; @p text goes behind it. */
static void take_tag(const char **text, struct journal_entry *e)
{
    const char *at = *text, *word = at;
    for (; *at && *at != ':' && !(e->pid = number_in_brackets(at)); at++)
        if (*at == ' ')
            word = at + 1;
    if (!*at)
        return;
    size_t length = (size_t)(at - word);
    snprintf(e->name, sizeof(e->name), "%.*s", (int)(length < sizeof(e->name) ? length : sizeof(e->name) - 1), word);
    at = strchr(at, ':') + 1;
    *text = *at == ' ' ? at + 1 : at;
}

void journal_parse(const char *message, struct journal_entry *e)
{
    const char *at = message;
    *e = (struct journal_entry){.facility = -1, .severity = -1};
    int priority = take_priority(&at);
    if (priority >= 0) {
        e->facility = priority >> FACILITY_SHIFT;
        e->severity = priority & ((1 << FACILITY_SHIFT) - 1);
    }
    if (is_time(at))
        at += strlen("Jan  2 03:04:05 ");
    e->words = (size_t)(at - message);
    take_tag(&at, e);
    e->text = (size_t)(at - message);
}

int journal_open(struct journal *j, struct timeline *timeline, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    *j = (struct journal){.timeline = timeline, .fd = -1};
    if (snprintf(address.sun_path, sizeof(address.sun_path), "%s", path) >= (int)sizeof(address.sun_path))
        return -ENAMETOOLONG;
    j->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (j->fd < 0 || bind(j->fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        int error = -errno;
        fd_close(&j->fd);
        return error;
    }
    j->actor = timeline_actor(timeline, "/dev/log");
    snprintf(j->path, sizeof(j->path), "%s", path);
    return 0;
}

static void keep(struct journal *j, char *bytes, size_t size)
{
    while (size > 0 && (bytes[size - 1] == '\n' || bytes[size - 1] == '\0')) /* syslog(3) users' habits */
        size--;
    for (size_t i = 0; i < size; i++) /* a string from here on */
        bytes[i] = bytes[i] == '\0' ? ' ' : bytes[i];
    bytes[size] = '\0';
    struct journal_entry e;
    journal_parse(bytes, &e);
    struct buf shown = {0};
    buf_quote(&shown, bytes + e.words, size - e.words, TIMELINE_DATA_MAX);
    struct event *event = timeline_add(j->timeline, EVENT_PEER, j->actor);
    event_text(event, _("/dev/log receives %s"), buf_text(&shown));
    buf_free(&shown);
    if (j->entries == JOURNAL_MAX)
        return;
    e.event = event;
    e.message = xstrdup(bytes);
    j->entry[j->entries++] = e;
}

bool journal_handle(struct journal *j)
{
    enum { MESSAGE = 2048, TURN = 64 }; /* RFC 3164 stops at 1024 bytes; a bounded turn for who floods */
    char bytes[MESSAGE + 1];
    bool moved = false;
    for (int i = 0; i < TURN; i++) {
        ssize_t n = recv(j->fd, bytes, MESSAGE, 0);
        if (n < 0)
            break;
        keep(j, bytes, (size_t)n);
        moved = true;
    }
    return moved;
}
