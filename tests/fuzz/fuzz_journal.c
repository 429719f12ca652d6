/**
 * @file fuzz_journal.c
 * peer/journal.c: what a program sends to /dev/log.
 */
#include "fuzz.h"
#include "peer/journal.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fuzz_input in = {bytes, size};
    char *message = input_string(&in, SIZE_MAX);
    struct journal_entry e;
    journal_parse(message, &e);
    MUST(e.facility >= -1 && e.facility <= 23 && e.severity >= -1 && e.severity <= 7);
    MUST((e.facility < 0) == (e.severity < 0));
    MUST(e.words <= e.text && e.text <= strlen(message));
    MUST(e.pid >= 0 && strlen(e.name) < sizeof(e.name));
    MUST(e.pid == 0 || e.text > e.words);
    free(message);
    return 0;
}
