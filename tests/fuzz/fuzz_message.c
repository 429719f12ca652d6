/**
 * @file fuzz_message.c
 * build/message.c, reading.c and line.c: what a compiler and a linker said. The input is how the compiler ended (a byte), a
 * source up to a NUL, and its messages.
 */
#include "build/build.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char *const files[] = {"hello_server.c", "io.h", "io.c", NULL};
    struct fuzz_input in = {bytes, size};
    enum build_end end = input_byte(&in) % (BUILD_KILLED + 1);
    char *source = input_string(&in, 4096);
    size_t length;
    char *said = input_bytes(&in, SIZE_MAX, &length);
    struct build_intake intake = {.files = 3, .file = {{.name = files[0]}, {.name = files[1], .kit = true},
                                                       {.name = files[2], .object = true}}};
    buf_puts(&intake.file[0].bytes, source);
    buf_puts(&intake.file[1].bytes, "ssize_t readn(int, void *, size_t);\n");

    struct finding f = {0};
    enum verdict verdict = build_read_messages(&intake, said, length, end, &f);
    MUST(verdict == f.verdict);
    if (verdict == VERDICT_PASS) {
        MUST(end == BUILD_SUCCEEDED && !f.message && f.places == 0 && f.outputs == 0);
    } else {
        MUST(verdict == VERDICT_WARNING || verdict == VERDICT_COMPILE || verdict == VERDICT_TROUBLE);
        MUST((verdict == VERDICT_WARNING) == (end == BUILD_SUCCEEDED));
        MUST(f.message && f.message[0]);
    }
    must_be_finding(&f, files);
    for (size_t i = 0; i < f.places; i++) { /* only lines of the files themselves are quoted */
        MUST(f.place[i].file != files[1] && strcmp(f.place[i].file, files[1]) != 0);
        MUST(!f.place[i].source || strcmp(f.place[i].file, files[0]) == 0);
    }
    finding_free(&f);
    build_intake_free(&intake);
    free(source);
    free(said);
    return 0;
}
