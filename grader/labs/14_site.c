/**
 * @file 14_site.c
 * The files that lab 14's server is given, in DIR, and those beside DIR that it must keep to itself.
 */
#include "labs/14_http.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MARK_EVERY = 61 * 1024, MARK = 16 };

#define ANY_JS "text/javascript\0application/javascript"
#define OCTETS "application/octet-stream\0"

/* Names that students take apart in the wrong place, sizes where counting goes wrong. */
static const struct page pages[] = {
    {"index.html", "/", "text/html\0", "<!doctype html>\n<title>Lab</title>\n<p>The front page.</p>\n", 0},
    {"notes.txt", "/notes.txt", "text/plain\0", "Remember the milk.\nAnd the bread.\n", 0},
    {"style.css", "/style.css", "text/css\0", "body { color: #222; }\n", 0},
    {"script.js", "/script.js", ANY_JS, "console.log('here');\n", 0},
    {"image.png", "/image.png", "image/png\0", NULL, 4099},
    {"photo.jpg", "/photo.jpg", "image/jpeg\0", NULL, 2048},
    {"drawing.svg", "/drawing.svg", "image/svg+xml\0", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>\n", 0},
    {"data.json", "/data.json", "application/json\0", "{\"answer\": 42}\n", 0},
    {"program.bin", "/program.bin", OCTETS, NULL, 65536},
    {"LICENCE", "/LICENCE", OCTETS, "Do what you like.\n", 0},
    {"v1.css/data", "/v1.css/data", OCTETS, "A dot in the name of a folder is none of a file's.\n", 0},
    {"empty.txt", "/empty.txt", "text/plain\0", "", 0},
    {"one.txt", "/one.txt", "text/plain\0", "1", 0},
    {"book.txt", "/book.txt", "text/plain\0", NULL, LAB14_BOOK},
    {"docs/index.html", "/docs/", "text/html\0", "<!doctype html>\n<title>Documents</title>\n", 0},
    {"docs/page.html", "/docs/page.html", "text/html\0", "<!doctype html>\n<title>A page</title>\n", 0},
    {"with space.txt", "/with%20space.txt", "text/plain\0", "There is a space in my name.\n", 0},
    {"100%.txt", "/100%25.txt", "text/plain\0", "There is a percent sign in my name.\n", 0},
    {"a+b.txt", "/a+b.txt", "text/plain\0", "There is a plus sign in my name.\n", 0},
    {"gr\xc3\xbc\xc3\x9f" "e.txt", "/gr%C3%BC%c3%9fe.txt", "text/plain\0", "There are letters beyond ASCII in my name.\n", 0},
    {"q?mark.txt", "/q%3Fmark.txt", "text/plain\0", "There is a question mark in my name.\n", 0},
    {"%41.txt", "/%2541.txt", "text/plain\0", "My name looks as if it were encoded.\n", 0},
    {"A.txt", "/A.txt", "text/plain\0", "My name is a plain letter.\n", 0},
    {"a..b.txt", "/a..b.txt", "text/plain\0", "There are two dots in my name, and I am no parent.\n", 0},
};
enum { PAGES = sizeof(pages) / sizeof(pages[0]) };

const struct page *site_pages(size_t *count)
{
    *count = PAGES;
    return pages;
}

const struct page *site_page(const char *path)
{
    for (size_t i = 0; i < PAGES; i++)
        if (strcmp(pages[i].path, path) == 0)
            return &pages[i];
    BUG("there is no page %s", path);
}

void site_fill(const struct page *page, struct buf *b)
{
    if (page->text) {
        buf_puts(b, page->text);
        return;
    }
    unsigned char *bytes = xcalloc(1, page->size);
    uint64_t seed = (uint64_t)(page - pages) | (strstr(page->type, "text/") == page->type ? PATTERN_TEXT : 0);
    pattern_fill(bytes, page->size, seed, 0);
    bytes[page->size / 2] = '\0'; /* a byte value that a program which takes a file for a string stops at */
    buf_add(b, bytes, page->size);
    free(bytes);
}

/* --- making it ------------------------------------------------------------------------------------------------ */

static void expect_made(struct check *c, const char *path, int result)
{
    if (result < 0)
        check_trouble(c, _("%s cannot be made: %s"), path, strerror(errno));
}

static char *place_path(struct check *c, const char *path)
{
    return check_text(c, "%s/work/%s", c->place, path);
}

static void make_file(struct check *c, const char *path, const void *bytes, size_t size)
{
    int error = file_write(place_path(c, path), bytes, size, 0644);
    errno = -error;
    expect_made(c, path, error);
}

static void make_folder(struct check *c, const char *path)
{
    expect_made(c, path, mkdir(place_path(c, path), 0755));
}

const char *site_outside(struct check *c, const char *path)
{
    if (c->sandbox->level == SANDBOX_LEVEL_FULL)
        return check_text(c, "/lab/work/%s", path);
    return place_path(c, path);
}

static void make_pages(struct check *c)
{
    for (size_t i = 0; i < PAGES; i++) {
        struct buf bytes = {0};
        site_fill(&pages[i], &bytes);
        make_file(c, check_text(c, LAB14_DIR "/%s", pages[i].path), buf_text(&bytes), bytes.length);
        buf_free(&bytes);
    }
}

/** What lies outside of DIR, and links that lead there. */
static void make_secrets(struct check *c)
{
    static const char secret[] = SITE_SECRET "\n";
    make_file(c, "secret.txt", secret, sizeof(secret) - 1);
    make_folder(c, LAB14_DIR "-secret"); /* whoever compares the beginnings of paths takes it for DIR's */
    make_file(c, LAB14_DIR "-secret/key.txt", secret, sizeof(secret) - 1);
    expect_made(c, "link", symlink("../secret.txt", place_path(c, LAB14_DIR "/out.txt")));
    expect_made(c, "link", symlink("..", place_path(c, LAB14_DIR "/up")));
    expect_made(c, "link", symlink(site_outside(c, "secret.txt"), place_path(c, LAB14_DIR "/absolute.txt")));
    expect_made(c, "link", symlink("../out.txt", place_path(c, LAB14_DIR "/docs/chain.txt")));
}

void site_make(struct check *c)
{
    make_folder(c, LAB14_DIR);
    make_folder(c, LAB14_DIR "/docs");
    make_folder(c, LAB14_DIR "/v1.css");
    make_folder(c, LAB14_DIR "/bare");
    make_file(c, LAB14_DIR "/bare/file.txt", "x", 1);
    make_pages(c);
    make_secrets(c);
}

/* --- the large file --------------------------------------------------------------------------------------------- */

/** Marks far apart, each of which says where it is; nothing is stored between them. */
static void make_mark(char mark[MARK + 1], uint64_t number)
{
    snprintf(mark, MARK + 1, "<mark %8u>\n", (unsigned)number);
}

void site_add_large(struct check *c)
{
    const char *path = LAB14_DIR "/large.bin";
    int fd = open(place_path(c, path), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    expect_made(c, path, fd);
    expect_made(c, path, ftruncate(fd, LAB14_LARGE));
    for (uint64_t i = 0; i * MARK_EVERY + MARK <= LAB14_LARGE; i++) {
        char mark[MARK + 1];
        make_mark(mark, i);
        expect_made(c, path, pwrite(fd, mark, MARK, (off_t)(i * MARK_EVERY)) == MARK ? 0 : -1);
    }
    fd_close(&fd);
}

void site_fill_large(void *bytes, size_t size, uint64_t position)
{
    unsigned char *to = bytes;
    uint64_t end = position + size;
    memset(to, 0, size);
    for (uint64_t i = position / MARK_EVERY; i * MARK_EVERY < end; i++) {
        char mark[MARK + 1];
        make_mark(mark, i);
        for (uint64_t k = 0; k < MARK && i * MARK_EVERY + MARK <= LAB14_LARGE; k++) {
            uint64_t at = i * MARK_EVERY + k;
            if (at >= position && at < end)
                to[at - position] = (unsigned char)mark[k];
        }
    }
}
