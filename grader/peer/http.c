/**
 * @file http.c
 * Reads HTTP/1.1 answers, byte by byte, so that pieces make no difference.
 */
#include "peer/http.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { LINE_MAX_CHUNK = 256, TRAILER_MAX = 8 * 1024 };

/* Steps of a chunked body. */
enum { CHUNK_SIZE, CHUNK_EXTENSION, CHUNK_DATA, CHUNK_END, CHUNK_TRAILER };

void http_begin(struct http_answer *a, bool to_head)
{
    *a = (struct http_answer){.to_head = to_head, .head.limit = HTTP_HEAD_MAX, .body.limit = HTTP_BODY_LIMIT};
}

void http_free(struct http_answer *a)
{
    if (!a)
        return;
    buf_free(&a->head);
    buf_free(&a->body);
    free(a->text);
    a->text = NULL;
    a->fields = 0;
}

static void refuse(struct http_answer *a, const char *why)
{
    a->state = HTTP_WRONG;
    a->wrong = why;
}

/* --- the head -------------------------------------------------------------------------------------------- */

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

/* RFC 9110 section 5.6.2. */
static bool is_token(const char *text)
{
    if (*text == '\0')
        return false;
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && !strchr("!#$%&'*+-.^_`|~", *text))
            return false;
    return true;
}

/* HTTP/1.1 200 OK; the reason may be empty: section 4. */
static bool read_status_line(struct http_answer *a, const char *line)
{
    static const char form[] = "HTTP/d.d ddd";

    for (size_t i = 0; form[i]; i++)
        if (form[i] == 'd' ? !isdigit((unsigned char)line[i]) : line[i] != form[i])
            return false;
    a->major = line[5] - '0';
    a->minor = line[7] - '0';
    a->status = atoi(line + 9);
    if (line[12] == '\0')
        a->odd |= HTTP_ODD_NO_SPACE;
    return line[12] == '\0' || line[12] == ' ';
}

static bool read_field(struct http_answer *a, char *line)
{
    char *colon = strchr(line, ':');

    if (!colon || a->fields == HTTP_FIELDS_MAX)
        return false;
    char *end = colon;
    while (end > line && is_blank(end[-1]))
        end--;
    if (end < colon)
        a->odd |= HTTP_ODD_COLON;
    *end = '\0';
    if (!is_token(line))
        a->odd |= HTTP_ODD_NAME;
    char *value = colon + 1;
    while (is_blank(*value))
        value++;
    for (end = value + strlen(value); end > value && is_blank(end[-1]);)
        *--end = '\0';
    a->field[a->fields++] = (struct http_field){line, value};
    return true;
}

/* Cuts the head into lines and joins those that are folded. */
static bool read_lines(struct http_answer *a)
{
    char *line = a->text;
    bool first = true;

    while (*line) {
        char *end = strchr(line, '\n');
        char *next = end + 1;
        if (end > line && end[-1] == '\r')
            end--;
        else
            a->odd |= HTTP_ODD_LINE_END;
        while (!first && end > line && is_blank(*next)) { /* the end of the head is an empty line, not a blank one */
            a->odd |= HTTP_ODD_FOLD;
            memset(end, ' ', (size_t)(next - end));
            end = strchr(next, '\n');
            next = end + 1;
            end -= end[-1] == '\r';
        }
        *end = '\0';
        if (first ? !read_status_line(a, line) : end > line && !read_field(a, line)) {
            refuse(a, first ? N_("does not begin with a status line like \"HTTP/1.1 200 OK\" (RFC 9112 section 4)")
                            : N_("has a line in its head that is no field like \"Name: value\" (RFC 9112 section 5), or too many"));
            return false;
        }
        first = false;
        line = next;
    }
    return true;
}

/* --- where the body ends ------------------------------------------------------------------------------------ */

/* Digits; the same number twice is one (RFC 9110 section 8.6). */
static bool read_length(struct http_answer *a, const char *text)
{
    uint64_t number = 0;

    /* A field has a value, if an empty one, which clang-tidy cannot see. NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
    for (const char *at = text; *at || at == text; at++) {
        if (!isdigit((unsigned char)*at) || number > UINT64_MAX / 100)
            return false;
        number = number * 10 + (uint64_t)(*at - '0');
    }
    if (a->has_length && a->length != number)
        return false;
    a->has_length = true;
    a->length = number;
    return true;
}

/* The words of a list, one after the other: RFC 9110 section 5.6.1. */
static size_t next_word(const char **at, const char **word)
{
    *at += strspn(*at, ", \t");
    *word = *at;
    size_t length = strcspn(*at, ",");
    *at += length;
    while (length > 0 && is_blank((*word)[length - 1]))
        length--;
    return length;
}

const char *http_value(const struct http_answer *a, const char *name)
{
    for (size_t i = 0; i < a->fields; i++)
        if (strcasecmp(a->field[i].name, name) == 0)
            return a->field[i].value;
    return NULL;
}

bool http_lists(const struct http_answer *a, const char *name, const char *word)
{
    for (size_t i = 0; i < a->fields; i++) {
        const char *at = a->field[i].value, *found;
        if (strcasecmp(a->field[i].name, name) != 0)
            continue;
        for (size_t length; (length = next_word(&at, &found)) > 0;)
            if (length == strlen(word) && strncasecmp(found, word, length) == 0)
                return true;
    }
    return false;
}

/* Whether chunked is the last coding: only then is the end known. */
static bool ends_chunked(const struct http_answer *a)
{
    bool chunked = false;

    for (size_t i = 0; i < a->fields; i++) {
        const char *at = a->field[i].value, *word;
        if (strcasecmp(a->field[i].name, "transfer-encoding") != 0)
            continue;
        for (size_t length; (length = next_word(&at, &word)) > 0;)
            chunked = length == 7 && strncasecmp(word, "chunked", length) == 0;
    }
    return chunked;
}

static bool has_any_body(const struct http_answer *a)
{
    return !a->to_head && a->status != 204 && a->status != 304;
}

static void find_framing(struct http_answer *a)
{
    bool coded = http_value(a, "transfer-encoding") != NULL;

    for (size_t i = 0; i < a->fields; i++) {
        if (strcasecmp(a->field[i].name, "content-length") == 0 && !read_length(a, a->field[i].value)) {
            refuse(a, N_("has a Content-Length that is no number, or several that differ (RFC 9112 section 6.3)"));
            return;
        }
    }
    if (coded && a->has_length)
        a->odd |= HTTP_ODD_BOTH;
    a->framing = !has_any_body(a) ? HTTP_NO_BODY : coded && ends_chunked(a) ? HTTP_CHUNKED : coded || !a->has_length ? HTTP_UNTIL_CLOSE : HTTP_LENGTH;
    bool over = a->framing == HTTP_NO_BODY || (a->framing == HTTP_LENGTH && a->length == 0);
    a->state = over ? HTTP_DONE : HTTP_BODY;
}

static void read_head(struct http_answer *a)
{
    a->text = xstrndup(buf_text(&a->head), a->head.length);
    if (strlen(a->text) != a->head.length) {
        refuse(a, N_("has a NUL byte in its head"));
        return;
    }
    if (!read_lines(a))
        return;
    if (a->status < 200 || a->status > 599) {
        refuse(a, a->status >= 100 && a->status < 200 ? N_("is an interim one (1xx), which nobody asked for (RFC 9110 section 15.2)")
                                                      : N_("has a status code that there is not (RFC 9110 section 15)"));
        return;
    }
    find_framing(a);
}

/* One byte of the head. It is over with an empty line. */
static void feed_head(struct http_answer *a, char byte)
{
    static const char start[] = "HTTP/";
    size_t at = a->head.length;

    if (at < sizeof start - 1 && byte != start[at]) {
        refuse(a, N_("does not begin with a status line like \"HTTP/1.1 200 OK\" (RFC 9112 section 4)"));
        return;
    }
    if (at == HTTP_HEAD_MAX) {
        refuse(a, N_("has a head of more than 64 KiB"));
        return;
    }
    buf_add(&a->head, &byte, 1);
    if (byte != '\n') {
        a->line += byte != '\r';
        return;
    }
    if (a->line == 0)
        read_head(a);
    a->line = 0;
}

/* --- the body ---------------------------------------------------------------------------------------------- */

static void take_body(struct http_answer *a, const void *bytes, size_t size)
{
    a->received += size;
    if (a->take)
        a->take(a->argument, bytes, size);
    else
        buf_add(&a->body, bytes, size);
}

/* Bytes of the body up to its end, or that of the chunk. */
static size_t feed_counted(struct http_answer *a, const char *bytes, size_t size, uint64_t left)
{
    size_t n = left < size ? (size_t)left : size;
    take_body(a, bytes, n);
    return n;
}

static void end_size_line(struct http_answer *a)
{
    if (a->line == 0) {
        refuse(a, N_("has a chunk without a size (RFC 9112 section 7.1)"));
        return;
    }
    a->step = a->chunk > 0 ? CHUNK_DATA : CHUNK_TRAILER;
    a->line = 0;
}

/* One byte of a chunk's frame. */
static void feed_frame(struct http_answer *a, char byte)
{
    static const char digits[] = "0123456789abcdef";
    const char *digit = byte ? strchr(digits, tolower((unsigned char)byte)) : NULL;

    if (a->step == CHUNK_SIZE && digit) {
        if (++a->line > 15)
            refuse(a, N_("has a chunk whose size is too large (RFC 9112 section 7.1)"));
        a->chunk = a->chunk * 16 + (uint64_t)(digit - digits);
    } else if (a->step == CHUNK_SIZE && byte != '\r' && byte != '\n') {
        a->step = CHUNK_EXTENSION;
        if (a->line == 0 || (byte != ';' && !is_blank(byte)))
            refuse(a, N_("has a chunk whose size is no hexadecimal number (RFC 9112 section 7.1)"));
    } else if (a->step == CHUNK_SIZE || a->step == CHUNK_EXTENSION) {
        if (byte == '\n')
            end_size_line(a);
        else if (a->step == CHUNK_EXTENSION && ++a->line > LINE_MAX_CHUNK)
            refuse(a, N_("has a chunk whose first line never ends (RFC 9112 section 7.1)"));
    } else if (a->step == CHUNK_END) {
        if (byte == '\n')
            a->step = CHUNK_SIZE;
        else if (byte != '\r')
            refuse(a, N_("has a chunk that is longer than its size says (RFC 9112 section 7.1)"));
    } else if (byte == '\n') { /* of a trailer's line */
        if (a->line == 0)
            a->state = HTTP_DONE;
        a->line = 0;
    } else if (byte != '\r' && ++a->line > TRAILER_MAX) {
        refuse(a, N_("has a trailer that never ends (RFC 9112 section 7.1.2)"));
    }
}

static size_t feed_chunked(struct http_answer *a, const char *bytes, size_t size)
{
    if (a->step != CHUNK_DATA) {
        feed_frame(a, *bytes);
        return 1;
    }
    size_t n = feed_counted(a, bytes, size, a->chunk);
    a->chunk -= n;
    if (a->chunk == 0)
        a->step = CHUNK_END;
    return n;
}

static size_t feed_body(struct http_answer *a, const char *bytes, size_t size)
{
    if (a->framing == HTTP_CHUNKED)
        return feed_chunked(a, bytes, size);
    if (a->framing == HTTP_UNTIL_CLOSE)
        return feed_counted(a, bytes, size, UINT64_MAX);
    size_t n = feed_counted(a, bytes, size, a->length - a->received);
    if (a->received == a->length)
        a->state = HTTP_DONE;
    return n;
}

size_t http_feed(struct http_answer *a, const void *bytes, size_t size)
{
    const char *from = bytes;
    size_t at = 0;

    while (at < size && (a->state == HTTP_HEAD || a->state == HTTP_BODY)) {
        if (a->state == HTTP_HEAD)
            feed_head(a, from[at++]);
        else
            at += feed_body(a, from + at, size - at);
    }
    return at;
}

void http_end(struct http_answer *a)
{
    if (a->state == HTTP_BODY && a->framing == HTTP_UNTIL_CLOSE)
        a->state = HTTP_DONE;
}

/* --- dates -------------------------------------------------------------------------------------------------- */

bool http_date(const char *text, int64_t *seconds)
{
    static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    static const char form[] = "aaa, dd aaa dddd dd:dd:dd GMT";
    struct tm tm = {.tm_isdst = 0};
    char day[4], month[4];

    for (size_t i = 0; i < sizeof form; i++) /* its end included */
        if (form[i] == 'd' ? !isdigit((unsigned char)text[i]) : form[i] == 'a' ? !isalpha((unsigned char)text[i]) : text[i] != form[i])
            return false;
    sscanf(text, "%3s, %d %3s %d %d:%d:%d", day, &tm.tm_mday, month, &tm.tm_year, &tm.tm_hour, &tm.tm_min, &tm.tm_sec);
    const char *d = strstr(days, day), *m = strstr(months, month);
    if (!d || !m || (d - days) % 3 != 0 || (m - months) % 3 != 0)
        return false;
    tm.tm_year -= 1900;
    tm.tm_mon = (int)(m - months) / 3;
    bool leap = tm.tm_sec == 60; /* a leap second, which no other clock here knows */
    tm.tm_sec -= leap;
    struct tm given = tm;
    *seconds = timegm(&tm); /* which puts a date in order that there is not, and finds its day */
    return tm.tm_mday == given.tm_mday && tm.tm_hour == given.tm_hour && tm.tm_min == given.tm_min &&
           tm.tm_wday == (d - days) / 3;
}
