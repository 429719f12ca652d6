/**
 * @file fuzz_report.c
 * check/quote.c: a sanitizer's report among what a program wrote to stderr. The input is a source up to a NUL, and those bytes.
 */
#include "check/internal.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

static int count_lines(const char *text)
{
    int lines = 0;
    for (; *text; lines++)
        text += strcspn(text, "\n") + (text[strcspn(text, "\n")] == '\n');
    return lines;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char *const files[] = {"hello_server.c", "io.h", NULL};
    struct fuzz_input in = {bytes, size};
    char *source = input_string(&in, 4096);
    size_t length;
    char *said = input_bytes(&in, SIZE_MAX, &length);
    struct build_intake intake = {.files = 2, .file = {{.name = files[0]}, {.name = files[1], .kit = true}}};
    buf_puts(&intake.file[0].bytes, source);

    struct finding f = {0};
    bool found = quote_report(&intake, said, length, &f);
    MUST(found == (f.verdict != VERDICT_PASS));
    MUST(!found || f.verdict == VERDICT_LEAK || f.verdict == VERDICT_SANITIZER);
    MUST(found == (f.outputs > 0));
    must_be_finding(&f, files);
    for (size_t i = 0; i < f.places; i++) {
        MUST(strcmp(f.place[i].file, files[0]) == 0);
        MUST(f.place[i].line >= 1 && f.place[i].line <= count_lines(source));
    }
    finding_free(&f);
    build_intake_free(&intake);
    free(source);
    free(said);
    return 0;
}
