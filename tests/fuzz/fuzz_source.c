/**
 * @file fuzz_source.c
 * build/intake.c, folder.c, further.c, language.c, source.c and hook.c: the files handed in and the names beside them. The input is a few
 * names up to a NUL each, and a file's bytes.
 */
#include "build/part.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

static const char *const hand_in[] = {"hello_server.c", NULL};
static const struct build_spec spec = {.hand_in = hand_in};
static const struct build_spec divided = {.hand_in = hand_in, .further = true};

static void try_names(struct fuzz_input *in)
{
    struct folder f = {.count = 0};
    struct buf b = {0};
    size_t bytes = 0;
    for (int names = input_byte(in) % 16; names > 0; names--) {
        char *name = input_string(in, 255); /* NAME_MAX */
        f.regular[f.count] = true;
        bytes += strlen(name);
        if (build_may_take(&divided, name))
            must_be_shown(name, 100);
        f.name[f.count++] = name;
    }
    folder_describe(&f, &b);
    must_be_shown(buf_text(&b), 5 * bytes + 512);
    buf_clear(&b);
    MUST(folder_left(&f, &spec, &b) <= f.count);
    must_be_shown(buf_text(&b), 5 * bytes + 512);
    const char *nearest = folder_nearest(&f, &spec, hand_in[0]);
    for (size_t i = 0; nearest && i < f.count; i++)
        if (nearest == f.name[i])
            nearest = NULL;
    MUST(!nearest); /* one of them, or none */
    folder_free(&f);
    buf_free(&b);
}

static int count_lines(const char *bytes, size_t size)
{
    int lines = 1;
    for (size_t i = 0; i < size; i++)
        lines += bytes[i] == '\n';
    return lines;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fuzz_input in = {bytes, size};
    try_names(&in);
    size_t length;
    char *source = input_bytes(&in, SIZE_MAX, &length);
    int lines = count_lines(source, length), line = -1;
    const char *refusal = language_refuse(source, length, &line);
    MUST(line >= 0 && line <= lines);
    if (refusal)
        must_be_shown(refusal, 200);

    struct build_intake intake = {.files = 1, .file = {{.name = hand_in[0]}}};
    buf_add(&intake.file[0].bytes, source, length);
    struct finding f = {0};
    bool found = build_find_hooks(&intake, &f);
    MUST(found == (f.verdict == VERDICT_SANITIZER) && found == (f.message != NULL) && found == (f.places > 0));
    must_be_finding(&f, hand_in);
    for (size_t i = 0; i < f.places; i++)
        MUST(f.place[i].line >= 1 && f.place[i].line <= lines);
    finding_free(&f);

    struct buf spare = {0};
    intake.file[1] = (struct build_file){.name = "further.c", .own = xstrdup("further.c")};
    buf_add(&intake.file[1].bytes, source, length);
    intake.files = 2;
    further_link(&divided, &intake, &spare);
    MUST(!intake.file[0].linked && (spare.length == 0 || !intake.file[1].linked));
    buf_free(&spare);
    build_intake_free(&intake);
    free(source);
    return 0;
}
