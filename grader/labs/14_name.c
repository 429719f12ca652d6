/**
 * @file 14_name.c
 * Lab 14, from a target to a file's name: what stands behind percent signs, and the ways out of DIR.
 */
#include "labs/14_http.h"

#include <string.h>

/* --- escapes --------------------------------------------------------------------------------------------------------- */

/** Every page can be asked for by these targets, too. */
static void expect_pages(struct check *c, struct program *server)
{
    static const struct {
        const char *target, *path;
    } cases[] = {
        {"/with%20space.txt", "with space.txt"},
        {"/100%25.txt", "100%.txt"},
        {"/a+b.txt", "a+b.txt"},
        {"/a%2Bb.txt", "a+b.txt"},
        {"/a%2bb.txt", "a+b.txt"},
        {"/gr%C3%BC%c3%9Fe.txt", "gr\xc3\xbc\xc3\x9f" "e.txt"},
        {"/%6e%6Ftes.txt", "notes.txt"},
        {"/docs%2Fpage.html", "docs/page.html"},
        {"/q%3Fmark.txt", "q?mark.txt"},
        {"/%2541.txt", "%41.txt"},
        {"/%41.txt", "A.txt"},
        {"/notes.txt?", "notes.txt"},
        {"/notes.txt?name=value&other=a%20b", "notes.txt"},
        {"/notes.txt?where=/style.css?and=more", "notes.txt"},
        {"/?page=2", "index.html"},
        {"/docs/page.html?C=M;O=A", "docs/page.html"},
        {"/with%20space.txt?a+b", "with space.txt"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        /* An encoded slash may be refused: what it means is left to the server (RFC 3986 section 2.2). */
        bool slash = strstr(cases[i].target, "%2F") != NULL;
        struct http_answer *a = lab14_fetch(c, server, "GET", cases[i].target, "");
        const char *asked = check_text(c, "GET %s", cases[i].target);
        if (!slash || a->status == 200)
            lab14_expect_page(c, a, asked, site_page(cases[i].path));
        check_scene(c);
    }
}

void lab14_run_escapes(struct check *c)
{
    static const int refused[] = {400, 404, 403, 414, 0};
    static const char *const wrong[] = {"/notes.txt%00.html", "/notes.txt%00", "/%00", "/%", "/%2", "/notes%zz.txt", "/notes.txt%", "/%4g.txt"};
    struct program *server = lab14_start(c, 0);
    expect_pages(c, server);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct http_answer *a = lab14_fetch(c, server, "GET", wrong[i], "");
        lab14_expect_status(c, a, check_text(c, "GET %s", wrong[i]), refused, _("no file has this name: RFC 3986 section 2.1"));
        check_scene(c);
    }
    lab14_expect_service(c, server);
}

/* --- traversal -------------------------------------------------------------------------------------------------------- */

/** What comes to a client that asks for something outside: as far as it comes, without judging whether it is HTTP. */
static void expect_nothing_secret(struct check *c, struct program *server, const char *target)
{
    struct http_answer a;
    struct peer *client = client_dial(c, server->port);
    http_begin(&a, false);
    lab14_ask(c, client, "GET", target, "");
    http_read(c, client, &a);
    if (memmem(buf_text(&a.body), a.body.length, SITE_SECRET, strlen(SITE_SECRET)) == NULL) {
        http_free(&a);
        peer_close(client);
        check_scene(c);
        return;
    }
    http_fail(c, &a, _("403 or 404, or 400"), check_text(c, _("the bytes of a file that lies outside: \"%s\""), SITE_SECRET),
              _("GET %s leads out of DIR."), target);
}

/** The names of the secret, in the ways in which they can be written. */
static void try_ways_out(struct check *c, struct program *server)
{
    static const char *const target[] = {
        "/../secret.txt",
        "/docs/../../secret.txt",
        "/./../secret.txt",
        "/docs/.././../secret.txt",
        "//..//secret.txt",
        "/docs//..//..//secret.txt",
        "../secret.txt",
        "/..",
        "/%2e%2e/secret.txt",
        "/%2E%2E/secret.txt",
        "/.%2e/secret.txt",
        "/%2e./secret.txt",
        "/..%2fsecret.txt",
        "/..%2Fsecret.txt",
        "/%2e%2e%2fsecret.txt",
        "/docs/%2e%2e/%2e%2e/secret.txt",
        "/docs%2f..%2f..%2fsecret.txt",
        "/%252e%252e/secret.txt",
        "/..%252fsecret.txt",
        "/%252e%252e%252fsecret.txt",
        "/..%5csecret.txt",
        "/..\\secret.txt",
        "/..?/secret.txt",
        "/....//secret.txt",
        "/..././secret.txt",
        "/.../...//secret.txt",
        "/notes.txt/../../secret.txt",
        "/../" LAB14_DIR "-secret/key.txt",
        "/%2e%2e/" LAB14_DIR "-secret/key.txt",
        "/missing/../../secret.txt",
        "/docs/page.html%00/../../../secret.txt",
        "/../" LAB14_DIR "/../secret.txt",
        "/out.txt",
        "/up/secret.txt",
        "/up/" LAB14_DIR "-secret/key.txt",
        "/absolute.txt",
        "/docs/chain.txt",
        "/docs/../up/secret.txt",
    };
    for (size_t i = 0; i < sizeof(target) / sizeof(target[0]); i++)
        expect_nothing_secret(c, server, target[i]);
    const char *absolute = site_outside(c, "secret.txt");
    expect_nothing_secret(c, server, check_text(c, "/%s", absolute));
    expect_nothing_secret(c, server, check_text(c, "/%%2f%s", absolute));
    expect_nothing_secret(c, server, check_text(c, "/../../../../../../../../../../../..%s", absolute));
    expect_nothing_secret(c, server, check_text(c, "/..%s", absolute));
}

void lab14_run_traversal(struct check *c)
{
    struct program *server = lab14_start(c, 0);
    try_ways_out(c, server);
    lab14_expect_service(c, server);
    struct http_answer *a = lab14_fetch(c, server, "GET", "/a..b.txt", "");
    if (a->status != 200)
        check_warn(c, &(struct failure){.waits = false}, _("GET /a..b.txt is answered with status %d. Two dots within a name lead nowhere: only a whole "
                                                         "part of a path that is \"..\" does. This costs no points."), a->status);
    /* The same when DIR is given otherwise. */
    program_kill(server);
    check_scene(c);
    unsigned port = check_port(c);
    struct start start = lab14_command(c, port);
    start.argument[1] = "./" LAB14_DIR "/";
    server = server_start_with(c, &start, port);
    expect_nothing_secret(c, server, "/../secret.txt");
    expect_nothing_secret(c, server, "/../" LAB14_DIR "-secret/key.txt");
    expect_nothing_secret(c, server, "/out.txt");
    lab14_expect_service(c, server);
}
