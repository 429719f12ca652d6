/**
 * @file junit.c
 * JUnit XML, as continuous integration reads it: one <testsuite>, one <testcase> a check. A check
 * that was not passed is a <failure>, one that the grader could not do an <error>.
 *
 * The document is well-formed whatever the texts hold: buf_plain() leaves no character that XML 1.0
 * forbids (section 2.2), and the rest is escaped.
 */
#include "report/render.h"
#include "report/story.h"

#include <stdlib.h>
#include <string.h>

static void add_escaped(struct buf *out, const char *text)
{
    struct buf clean = {0};

    buf_plain(&clean, text, strlen(text));
    for (size_t i = 0; i < clean.length; i++) {
        switch (clean.data[i]) {
        case '<':
            buf_puts(out, "&lt;");
            break;
        case '>':
            buf_puts(out, "&gt;");
            break;
        case '&':
            buf_puts(out, "&amp;");
            break;
        case '"':
            buf_puts(out, "&quot;");
            break;
        default:
            buf_add(out, &clean.data[i], 1);
        }
    }
    buf_free(&clean);
}

/* In an attribute a newline would be read as a space (section 3.3.3). */
static void add_attribute(struct buf *out, const char *name, const char *value)
{
    buf_printf(out, " %s=\"", name);
    for (const char *at = value ? value : ""; *at;) {
        size_t size = strcspn(at, "\n");
        char *line = xstrndup(at, size);
        add_escaped(out, line);
        free(line);
        at += size;
        if (*at == '\n') {
            buf_puts(out, "&#10;");
            at++;
        }
    }
    buf_puts(out, "\"");
}

/* Not with %f: a German locale would write a comma. */
static void add_time(struct buf *out, int64_t ns)
{
    long long ms = ns / 1000000;

    buf_printf(out, " time=\"%lld.%03lld\"", ms / 1000, ms % 1000);
}

static void add_property(struct buf *out, const char *name, const char *value)
{
    buf_puts(out, "      <property");
    add_attribute(out, "name", name);
    add_attribute(out, "value", value);
    buf_puts(out, "/>\n");
}

static void add_number(struct buf *out, const char *name, long long value)
{
    char digits[24];

    snprintf(digits, sizeof digits, "%lld", value);
    add_property(out, name, digits);
}

static void add_outcome(struct buf *out, const struct check_result *r)
{
    static const char *const element[] = {
        [CHECK_FAIL] = "failure",
        [CHECK_SKIP] = "skipped",
        [CHECK_ERROR] = "error",
    };
    const struct report_style plain = {.color = false, .width = 80};
    struct buf detail = {0};

    buf_printf(out, "      <%s", element[r->status]);
    add_attribute(out, "message", r->finding.message);
    /* JUnit's schemas know no type of a skipped test, nor text in it. */
    if (r->status == CHECK_SKIP) {
        buf_puts(out, "/>\n");
        return;
    }
    add_attribute(out, "type", verdict_word(r->finding.verdict));
    buf_puts(out, ">\n");
    render_detail(&detail, r, &plain);
    add_escaped(out, buf_text(&detail));
    buf_free(&detail);
    buf_printf(out, "</%s>\n", element[r->status]);
}

static void add_check(struct buf *out, const struct grade *g, const struct check_result *r)
{
    buf_puts(out, "    <testcase");
    add_attribute(out, "classname", g->lab);
    add_attribute(out, "name", r->id);
    add_time(out, r->duration);
    if (r->status == CHECK_PASS && !story_told(r)) {
        buf_puts(out, "/>\n");
        return;
    }
    buf_puts(out, ">\n");
    if (r->status == CHECK_PASS) {
        buf_puts(out, "      <system-out>");
        add_escaped(out, r->finding.message);
        buf_puts(out, "</system-out>\n");
    } else {
        add_outcome(out, r);
    }
    buf_puts(out, "    </testcase>\n");
}

static void add_protection(struct buf *out, const struct protection *p)
{
    char *name = xasprintf("protection.%s", p->id);
    char *value = p->on ? xstrdup("on") : xasprintf("off: %s", p->reason);

    add_property(out, name, value);
    free(name);
    free(value);
}

static void add_properties(struct buf *out, const struct grade *g)
{
    char seed[24];

    snprintf(seed, sizeof seed, "%llu", (unsigned long long)g->seed);
    buf_puts(out, "    <properties>\n");
    add_number(out, "score", g->score);
    add_number(out, "max", g->max);
    add_property(out, "complete", g->complete ? "true" : "false");
    add_property(out, "sandbox", g->sandbox);
    for (size_t i = 0; i < g->protections; i++)
        add_protection(out, &g->protection[i]);
    for (size_t i = 0; i < g->missing_count; i++)
        add_property(out, "missing", g->missing[i]);
    for (size_t i = 0; i < g->notes; i++)
        add_property(out, "note", g->note[i]);
    add_property(out, "seed", seed);
    add_property(out, "directory", g->directory);
    buf_puts(out, "    </properties>\n");
}

void render_junit(struct buf *out, const struct grade *g, const struct report_style *style)
{
    size_t count[CHECK_ERROR + 1] = {0};

    (void)style;
    for (size_t i = 0; i < g->checks; i++)
        count[g->check[i].status]++;
    buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite");
    add_attribute(out, "name", g->lab);
    buf_printf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\"", g->checks,
               count[CHECK_FAIL], count[CHECK_ERROR], count[CHECK_SKIP]);
    add_time(out, g->duration);
    buf_puts(out, ">\n");
    add_properties(out, g);
    for (size_t i = 0; i < g->checks; i++)
        add_check(out, g, &g->check[i]);
    buf_puts(out, "  </testsuite>\n</testsuites>\n");
}
