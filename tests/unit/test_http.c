/* grader/peer/http.c: answers of HTTP servers, right ones in all forms and wrong ones. */
#include "unit.h"

#include "peer/http.h"

#include <stdlib.h>
#include <string.h>

static struct http_answer answer;

/* Feeds in pieces of so many bytes; 0: at once. Returns how many belonged to the answer. */
static size_t feed(const char *text, size_t size, size_t piece, bool to_head)
{
    size_t taken = 0;

    http_free(&answer);
    http_begin(&answer, to_head);
    while (taken < size) {
        size_t n = piece && piece < size - taken ? piece : size - taken;
        size_t used = http_feed(&answer, text + taken, n);
        taken += used;
        if (used < n)
            break;
    }
    return taken;
}

/* In one piece and in many, the answer is whole after `used` bytes (0: all) and has this body. */
static void assert_whole(const char *text, int status, const char *body, size_t used)
{
    static const size_t pieces[] = {0, 1, 2, 3, 7};

    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        CU_ASSERT_EQUAL(feed(text, strlen(text), pieces[i], false), used ? used : strlen(text));
        CU_ASSERT_EQUAL(answer.state, HTTP_DONE);
        CU_ASSERT_EQUAL(answer.status, status);
        CU_ASSERT_STRING_EQUAL(buf_text(&answer.body), body);
        CU_ASSERT_EQUAL(answer.received, strlen(body));
    }
}

static void assert_wrong(const char *text, const char *part)
{
    static const size_t pieces[] = {0, 1};

    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        feed(text, strlen(text), pieces[i], false);
        CU_ASSERT_EQUAL(answer.state, HTTP_WRONG);
        if (!answer.wrong || !strstr(answer.wrong, part))
            printf("#   \"%s\" for %s\n", answer.wrong ? answer.wrong : "nothing", text);
        CU_ASSERT(answer.wrong && strstr(answer.wrong, part));
    }
}

static void test_length(void)
{
    static const char text[] = "HTTP/1.1 200 OK\r\nServer: x\r\ncontent-LENGTH:   5  \r\nX-Empty:\r\n\r\nhelloHTTP/1.1 404";

    assert_whole(text, 200, "hello", strlen(text) - strlen("HTTP/1.1 404"));
    CU_ASSERT_EQUAL(answer.odd, 0);
    CU_ASSERT_EQUAL(answer.framing, HTTP_LENGTH);
    CU_ASSERT_EQUAL(answer.fields, 3);
    CU_ASSERT_STRING_EQUAL(http_value(&answer, "CONTENT-length"), "5");
    CU_ASSERT_STRING_EQUAL(http_value(&answer, "x-empty"), "");
    CU_ASSERT_PTR_NULL(http_value(&answer, "Date"));
    assert_whole("HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n", 404, "", 0);
    assert_whole("HTTP/1.0 200 It is all right: really\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", 200, "x", 0);
}

static void test_chunked(void)
{
    static const char text[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n00A;name=\"value\"\r\n, world!!!\r\n0\r\nTrailer: x\r\n\r\nmore";

    assert_whole(text, 200, "hello, world!!!", strlen(text) - 4);
    CU_ASSERT_EQUAL(answer.framing, HTTP_CHUNKED);
    assert_whole("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip , CHUNKED\r\n\r\n0\r\n\r\n", 200, "", 0);
    assert_wrong("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n", "no hexadecimal");
    assert_wrong("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n", "without a size");
    assert_wrong("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n", "longer than its size");
    assert_wrong("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", "too large");
}

static void test_until_close(void)
{
    static const char text[] = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end";

    feed(text, strlen(text), 4, false);
    CU_ASSERT_EQUAL(answer.state, HTTP_BODY);
    CU_ASSERT_EQUAL(answer.framing, HTTP_UNTIL_CLOSE);
    http_end(&answer);
    CU_ASSERT_EQUAL(answer.state, HTTP_DONE);
    CU_ASSERT_STRING_EQUAL(buf_text(&answer.body), "to the end");
    /* An end that comes too early is none. */
    feed("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", 41, 0, false);
    http_end(&answer);
    CU_ASSERT_EQUAL(answer.state, HTTP_BODY);
    feed("HTTP/1.1 200 OK\r\nConte", 22, 0, false);
    http_end(&answer);
    CU_ASSERT_EQUAL(answer.state, HTTP_HEAD);
}

static void test_no_body(void)
{
    static const char text[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

    CU_ASSERT_EQUAL(feed(text, strlen(text), 0, true), strlen(text) - 5);
    CU_ASSERT_EQUAL(answer.state, HTTP_DONE);
    CU_ASSERT(answer.has_length && answer.length == 5 && answer.received == 0);
    feed("HTTP/1.1 304 Not Modified\r\n\r\n", 29, 0, false);
    CU_ASSERT_EQUAL(answer.state, HTTP_DONE);
}

/* What can be understood and must not be. */
static void test_odd(void)
{
    static const struct {
        const char *text;
        unsigned odd;
    } sample[] = {
        {"HTTP/1.1 200 OK\nContent-Length: 1\n\nx", HTTP_ODD_LINE_END},
        {"HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx", HTTP_ODD_NO_SPACE},
        {"HTTP/1.1 200 OK\r\nContent-Length : 1\r\n\r\nx", HTTP_ODD_COLON},
        {"HTTP/1.1 200 OK\r\nX-A: b\r\n\tc\r\nContent-Length: 1\r\n\r\nx", HTTP_ODD_FOLD},
        {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", HTTP_ODD_BOTH},
        {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nX Y: z\r\n\r\nx", HTTP_ODD_NAME},
    };

    for (size_t i = 0; i < sizeof sample / sizeof sample[0]; i++) {
        assert_whole(sample[i].text, 200, "x", strlen(sample[i].text));
        CU_ASSERT_EQUAL(answer.odd, sample[i].odd);
    }
    feed(sample[3].text, strlen(sample[3].text), 0, false);
    CU_ASSERT_STRING_EQUAL(http_value(&answer, "x-a"), "b  \tc");
}

static void test_wrong(void)
{
    assert_wrong("<html>", "status line");
    assert_wrong("HTTP/1.1 OK\r\n\r\n", "status line");
    assert_wrong("HTTP/1.1  200 OK\r\n\r\n", "status line");
    assert_wrong("\r\nHTTP/1.1 200 OK\r\n\r\n", "status line");
    assert_wrong("HTTP/1.1 200 OK\r\nno field\r\n\r\n", "no field");
    assert_wrong("HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\n", "no number");
    assert_wrong("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "no number");
    assert_wrong("HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n", "no number");
    assert_wrong("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n", "no number");
    assert_wrong("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "no number");
    assert_wrong("HTTP/1.1 100 Continue\r\n\r\n", "interim");
    assert_wrong("HTTP/1.1 999 Much\r\n\r\n", "there is not");
    feed("HTTP/1.1 200 OK\r\nA: \0\r\n\r\n", 26, 0, false);
    CU_ASSERT_EQUAL(answer.state, HTTP_WRONG);
}

static void test_bounded(void)
{
    char *text = xcalloc(1, 3 * HTTP_HEAD_MAX);
    strcpy(text, "HTTP/1.1 200 OK\r\nX: ");
    memset(text + strlen(text), 'x', 2 * HTTP_HEAD_MAX);
    assert_wrong(text, "64 KiB");
    strcpy(text, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i <= HTTP_FIELDS_MAX; i++)
        strcat(text, "X: y\r\n");
    strcat(text, "\r\n");
    assert_wrong(text, "too many");
    free(text);
}

static void test_lists(void)
{
    static const char text[] = "HTTP/1.1 200 OK\r\nConnection: keep-alive, Upgrade\r\nContent-Length: 0\r\nconnection: ,close\t,\r\n\r\n";

    feed(text, strlen(text), 0, false);
    CU_ASSERT(http_lists(&answer, "Connection", "close"));
    CU_ASSERT(http_lists(&answer, "Connection", "upgrade"));
    CU_ASSERT_FALSE(http_lists(&answer, "Connection", "clos"));
    CU_ASSERT_FALSE(http_lists(&answer, "Content-Type", "close"));
}

static void test_dates(void)
{
    static const char *const wrong[] = {"", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 6 Nov 1994 08:49:37 GMT",
                                        "Mon, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37 GMT ",
                                        "Sun, 06 Nov 1994 24:49:37 GMT", "Thu, 30 Feb 2023 08:49:37 GMT", "sun, 06 Nov 1994 08:49:37 GMT"};
    int64_t seconds = 0;

    CU_ASSERT(http_date("Sun, 06 Nov 1994 08:49:37 GMT", &seconds)); /* RFC 9110's own example */
    CU_ASSERT_EQUAL(seconds, 784111777);
    CU_ASSERT(http_date("Thu, 29 Feb 2024 23:59:60 GMT", &seconds)); /* a leap second */
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        CU_ASSERT_FALSE(http_date(wrong[i], &seconds));
}

void suite_http(void)
{
    unit_test("a body with a length", test_length);
    unit_test("a body in chunks", test_chunked);
    unit_test("a body up to the end of the connection", test_until_close);
    unit_test("answers without a body", test_no_body);
    unit_test("what can be understood, and is noted", test_odd);
    unit_test("what cannot be understood", test_wrong);
    unit_test("how much is kept", test_bounded);
    unit_test("lists of words", test_lists);
    unit_test("dates", test_dates);
}
