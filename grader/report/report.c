/**
 * @file report.c
 * Which format, with or without colour.
 */
#include "report/render.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *name;
    void (*render)(struct buf *out, const struct grade *g, const struct report_style *style);
} formats[] = {
    [REPORT_TEXT] = {"text", render_text},
    [REPORT_JSON] = {"json", render_json},
    [REPORT_JUNIT] = {"junit", render_junit},
    [REPORT_HTML] = {"html", render_html},
};
enum { FORMATS = sizeof formats / sizeof formats[0] };

int report_format_parse(const char *name, enum report_format *format)
{
    for (unsigned i = 0; i < FORMATS; i++) {
        if (strcmp(formats[i].name, name) == 0) {
            *format = i;
            return 0;
        }
    }
    return -EINVAL;
}

bool report_color(int fd)
{
    const char *no_color = getenv("NO_COLOR"); /* https://no-color.org */
    const char *term = getenv("TERM");

    if (no_color && *no_color)
        return false;
    if (!term || !*term || strcmp(term, "dumb") == 0)
        return false;
    return isatty(fd);
}

void report_render(struct buf *out, const struct grade *g, enum report_format format,
                   const struct report_style *style)
{
    if ((unsigned)format >= FORMATS)
        BUG("no format %d", (int)format);
    formats[format].render(out, g, style);
}
