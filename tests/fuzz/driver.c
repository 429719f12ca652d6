/**
 * @file driver.c
 * A target without libFuzzer: runs it once on each file named, as a regression test.
 *
 *     build/fuzz/message tests/fuzz/corpus/message/...
 *
 * Prints each file before it is run, so that the last line of a run that crashed names the culprit.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        struct buf bytes = {.limit = 1 << 20};
        printf("%s\n", argv[i]);
        fflush(stdout);
        int error = file_read(argv[i], &bytes);
        if (error < 0)
            die(STATUS_TROUBLE, "%s: %s", argv[i], strerror(-error));
        /* In memory of just that size: a sanitizer sees what reads beyond. */
        void *copy = xmalloc(bytes.length ? bytes.length : 1);
        memcpy(copy, buf_text(&bytes), bytes.length);
        LLVMFuzzerTestOneInput(copy, bytes.length);
        free(copy);
        buf_free(&bytes);
    }
    return 0;
}
