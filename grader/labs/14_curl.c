/**
 * @file 14_curl.c
 * Lab 14, others than the grader's own clients: the real curl, and a comparison with the reference server.
 */
#include "labs/14_http.h"

#include <string.h>
#include <strings.h>
#include <unistd.h>

/* --- curl ---------------------------------------------------------------------------------------------------------------- */

#define CURL "/usr/bin/curl"

/** Two files, one after the other; for each a line: status, and how many connections were made for it. */
static const char *curl_config(struct check *c, unsigned port)
{
    return check_text(c, "silent\nshow-error\nwrite-out = \"%%{http_code} %%{num_connects}\\n\"\n"
                         "url = \"http://127.0.0.1:%u/book.txt\"\noutput = \"one\"\n"
                         "url = \"http://127.0.0.1:%u/image.png\"\noutput = \"two\"\n", port, port);
}

static void expect_saved(struct check *c, const char *file, const struct page *page)
{
    struct buf saved = {.limit = 2 * LAB14_BOOK}, bytes = {0};
    int error = check_read_file(c, file, &saved);
    site_fill(page, &bytes);
    bool same = error == 0 && saved.length == bytes.length && (bytes.length == 0 || memcmp(saved.data, bytes.data, bytes.length) == 0);
    struct failure failure = {.verdict = VERDICT_MISMATCH, .expected = check_text(c, _("%zu bytes, as in the file"), bytes.length),
                              .actual = check_text(c, _("%zu bytes"), saved.length)};
    if (!same)
        check_fail(c, &failure, _("What curl has saved of %s is not that file."), page->target);
    buf_free(&saved);
    buf_free(&bytes);
}

void lab14_run_curl(struct check *c)
{
    if (access(CURL, X_OK) != 0)
        check_skip(c, _("%s is not on this machine; ./setup.sh installs it"), CURL);
    struct program *server = lab14_start(c, 0);
    check_write_file(c, "curl.conf", curl_config(c, server->port));
    struct start start = {.name = CURL, .argument = {"--disable", "--config", "curl.conf"}, .reference = true, .installed = true, .label = "curl",
                          .trace = CALL_SOCKET | CALL_CONNECT};
    struct program *curl = program_start(c, &start);
    curl->awaited = true;
    int status = program_await_end(curl);
    struct failure failure = {.verdict = VERDICT_MISMATCH, .expected = check_text(c, _("status %d"), 0), .actual = check_text(c, _("status %d"), status)};
    if (status != 0)
        check_fail(c, &failure, _("curl gave up. It says: %.*s"), (int)strcspn(buf_text(&curl->errors), "\n"), buf_text(&curl->errors));
    size_t size;
    const char *said = program_rest(curl, &size);
    failure.expected = _("\"200 1\" for the first file, \"200 0\" for the second: status, and new connections");
    failure.actual = check_text(c, "%.*s", (int)size, said);
    if (strcmp(said, "200 1\n200 1\n") == 0)
        check_fail(c, &failure, _("curl had to make a new connection for its second file."));
    if (strcmp(said, "200 1\n200 0\n") != 0)
        check_fail(c, &failure, _("curl did not get its two files over one connection."));
    expect_saved(c, "one", site_page("book.txt"));
    expect_saved(c, "two", site_page("image.png"));
}

/* --- reference -------------------------------------------------------------------------------------------------------------- */

static struct program *start_reference(struct check *c)
{
    unsigned port = check_port(c);
    struct start start = lab14_command(c, port);
    start.reference = true;
    return server_start_with(c, &start, port);
}

/** Without its parameters, which are free. */
static bool is_same_type(const struct http_answer *a, const struct http_answer *b)
{
    const char *one = http_value(a, "content-type"), *other = http_value(b, "content-type");
    if (!one || !other)
        return true; /* an answer without a page may go without */
    size_t length = strcspn(one, "; \t");
    return length == strcspn(other, "; \t") && strncasecmp(one, other, length) == 0;
}

static void compare(struct check *c, const struct http_answer *own, const struct http_answer *other, const char *asked)
{
    if (own->status != other->status)
        http_fail(c, own, http_status_line(c, other), NULL, _("%s is answered with status %d; the reference server answers with %d."), asked, own->status,
                  other->status);
    if (other->status != 200)
        return; /* what an error says beside its status is free */
    if (!is_same_type(own, other))
        http_fail(c, own, http_value(other, "content-type"), http_value(own, "content-type"), _("The answer to %s is of another type than the reference server's."),
                  asked);
    if (own->body.length != other->body.length || (own->body.length && memcmp(own->body.data, other->body.data, own->body.length) != 0))
        http_fail(c, own, check_text(c, _("a body of %zu bytes"), other->body.length), check_text(c, _("a body of %zu bytes"), own->body.length),
                  _("The body of the answer to %s is another one than the reference server's."), asked);
}

void lab14_run_reference(struct check *c)
{
    static const struct {
        const char *method, *target;
    } cases[] = {
        {"GET", "/"},           {"GET", "/image.png"},    {"GET", "/LICENCE"},
        {"GET", "/docs/page.html"}, {"GET", "/v1.css/data"}, {"GET", "/book.txt"},
    };
    struct program *server = lab14_start(c, 0), *reference = start_reference(c);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *asked = check_text(c, "%s %s", cases[i].method, cases[i].target);
        struct http_answer *other = lab14_fetch(c, reference, cases[i].method, cases[i].target, "");
        compare(c, lab14_fetch(c, server, cases[i].method, cases[i].target, ""), other, asked);
        check_scene(c);
    }
}
