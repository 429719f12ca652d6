/**
 * @file fuzz_stored.c
 * report/stored.c: a grade from a gradebook. What is taken is the same grade when it is stored and read again, and can be shown in every
 * format: no text of its own makes an element of the page. What is refused leaves nothing behind and says why.
 */
#include "fuzz.h"

#include "report/report.h"
#include "report/stored.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct report_style style = {.width = 80};

static void must_be_a_page(const struct buf *page)
{
    const char *text = buf_text(page), *style_end = strstr(text, "</style>");
    MUST(strlen(text) == page->length);
    MUST(style_end && !strstr(style_end + 1, "</style>"));
    MUST(!strstr(text, "<script") && !strstr(text, "<img"));
    MUST(strcmp(text + page->length - strlen("</html>\n"), "</html>\n") == 0);
}

static void must_come_back(const struct grade *g)
{
    struct buf once = {0}, twice = {0};
    struct stored_grade again;
    char *message = NULL;
    report_render(&once, g, REPORT_JSON, &style);
    MUST(stored_read(once.data, once.length, &again, &message) == 0);
    report_render(&twice, &again.grade, REPORT_JSON, &style);
    MUST(once.length == twice.length && memcmp(once.data, twice.data, once.length) == 0);
    stored_free(&again);
    buf_free(&once);
    buf_free(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct stored_grade stored;
    char *message = NULL;
    int result = stored_read(bytes, size, &stored, &message);
    MUST(result == 0 || result == -EBADMSG);
    if (result == 0) {
        MUST(!message && stored.grade.checks > 0 && stored.grade.lab);
        must_come_back(&stored.grade);
        for (int format = REPORT_TEXT; format <= REPORT_HTML; format++) {
            struct buf out = {0};
            report_render(&out, &stored.grade, format, &style);
            if (format == REPORT_HTML)
                must_be_a_page(&out);
            buf_free(&out);
        }
    } else {
        MUST(message && *message);
        MUST(!stored.document && !stored.grade.check);
    }
    stored_free(&stored);
    free(message);
    return 0;
}
