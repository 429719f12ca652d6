/**
 * @file fuzz.h
 * What the targets share. A target fuzz_NAME.c defines LLVMFuzzerTestOneInput() for one parser at the border:
 * whatever a stranger's program writes, the parser must keep what its header promises, which the target asserts.
 *
 * `make fuzz` links it with libFuzzer; `make check` links it with driver.c, which runs it on tests/fuzz/corpus/NAME.
 * A parser is called through its public function. Where it asks the kernel, the target answers in the kernel's place
 * (the linker's --wrap; see FUZZ_WRAP in tools/instructors.mk).
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include "core/core.h"
#include "core/verdict.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/** Ends the process, loudly, unless @p condition holds. */
#define MUST(condition)                                                                                                \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            fuzz_fail(__FILE__, __LINE__, #condition);                                                                 \
    } while (0)
void fuzz_fail(const char *file, int line, const char *condition) __attribute__((noreturn));

/** An input that is taken apart from the front; past its end it gives zeros. */
struct fuzz_input {
    const uint8_t *at;
    size_t left;
};

uint8_t input_byte(struct fuzz_input *in);
uint64_t input_number(struct fuzz_input *in, size_t bytes);
/** Up to @p most bytes, in memory of just that size, so that a sanitizer sees a read beyond. The caller frees. */
void *input_bytes(struct fuzz_input *in, size_t most, size_t *size);
/** The same up to a NUL or the end, as a string. The caller frees. */
char *input_string(struct fuzz_input *in, size_t most);

/** Asserts that text can be shown anywhere: UTF-8 of printable letters only, and at most @p most bytes of them. */
void must_be_shown(const char *text, size_t most);
/** The same of all that a finding says; its places lie in files of these names. NULL-ended. */
void must_be_finding(const struct finding *f, const char *const *files);

#endif
