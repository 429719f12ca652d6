/**
 * @file markup.c
 * Escaping, and what a page begins and ends with. Style and script are files beside this one, carried inside the grader.
 */
#include "report/markup.h"

#include <ctype.h>
#include <string.h>

__asm__(".pushsection .rodata\n"
        "markup_style_start: .incbin \"" SOCKLAB_REPORT "/page.css\"\n .byte 0\n"
        "markup_script_start: .incbin \"" SOCKLAB_REPORT "/class_page.js\"\n .byte 0\n"
        ".popsection\n");
extern const char markup_style_start[], markup_script_start[];

/* SHA-256 of class_page.js, as a Content Security Policy wants it; tests/pages.sh compares. */
#define SCRIPT_HASH "sha256-JfiV7Rulstavnf3DuYN/ZZbdpQopLAqtVue+I+U7ZVE="

static const char *entity_of(char c)
{
    switch (c) {
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '&':
        return "&amp;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void markup_text(struct buf *out, const char *text)
{
    struct buf clean = {0};

    buf_plain(&clean, text ? text : "", text ? strlen(text) : 0);
    for (size_t i = 0; i < clean.length; i++) {
        const char *entity = entity_of(clean.data[i]);
        if (entity)
            buf_puts(out, entity);
        else
            buf_add(out, &clean.data[i], 1);
    }
    buf_free(&clean);
}

void markup_element(struct buf *out, const char *element, const char *class, const char *text)
{
    buf_printf(out, "<%s", element);
    if (class)
        markup_attribute(out, "class", class);
    buf_puts(out, ">");
    markup_text(out, text);
    buf_printf(out, "</%s>", element);
}

void markup_attribute(struct buf *out, const char *name, const char *value)
{
    buf_printf(out, " %s=\"", name);
    markup_text(out, value);
    buf_puts(out, "\"");
}

void markup_id(struct buf *out, const char *text)
{
    for (; text && *text; text++) {
        if (isalnum((unsigned char)*text) || *text == '-')
            buf_add(out, text, 1);
    }
}

/* A relative path or a fragment: no scheme, no other machine. */
static bool is_near(const char *address)
{
    size_t segment = strcspn(address, "/?#");

    return *address && *address != '/' && *address != '\\' && !memchr(address, ':', segment);
}

void markup_link(struct buf *out, const char *address, const char *text)
{
    if (!address || !is_near(address)) {
        markup_text(out, text);
        return;
    }
    buf_puts(out, "<a href=\"");
    for (const char *at = address; *at; at++) { /* RFC 3986: whatever is not unreserved, a slash or a fragment's sign */
        bool fragment = *at == '#' && !strpbrk(at, "./"); /* else it stands in the name of a folder */
        if (isalnum((unsigned char)*at) || strchr("-._~/", *at) || fragment)
            buf_add(out, at, 1);
        else
            buf_printf(out, "%%%02X", (unsigned char)*at);
    }
    buf_puts(out, "\">");
    markup_text(out, text);
    buf_puts(out, "</a>");
}

void markup_begin(struct buf *out, const char *title, enum markup_script script)
{
    buf_puts(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                  "<meta name=\"referrer\" content=\"no-referrer\">\n"
                  "<meta name=\"color-scheme\" content=\"light dark\">\n");
    buf_printf(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'%s; "
                    "base-uri 'none'; form-action 'none'\">\n",
               script == MARKUP_TABLE ? "; script-src '" SCRIPT_HASH "'" : "");
    markup_element(out, "title", NULL, title);
    buf_puts(out, "\n<style>\n");
    buf_puts(out, markup_style_start);
    buf_puts(out, "</style>\n</head>\n<body>\n<main>\n");
}

void markup_end(struct buf *out, enum markup_script script)
{
    buf_puts(out, "</main>\n");
    if (script == MARKUP_TABLE) {
        buf_puts(out, "<script>");
        buf_puts(out, markup_script_start);
        buf_puts(out, "</script>\n");
    }
    buf_puts(out, "</body>\n</html>\n");
}
