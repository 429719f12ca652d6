/**
 * @file fuzz_line.c
 * tracer/reader.c and line.c: a program's ELF and DWARF. The input: registers and 64 words of a stack, then the file. libdw may
 * crash, loop or ask for all memory; that must cost the line, in bounded time, and leave no process behind. So this
 * goes through the reader's process, which is slow: some hundred runs a second.
 */
#include "fuzz.h"
#include "tracer/stack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BASE = 0x400000, WORDS = 64 };

static int make_file(struct fuzz_input *in)
{
    size_t size;
    void *bytes = input_bytes(in, SIZE_MAX, &size);
    int fd = memfd_create("program", MFD_CLOEXEC);
    MUST(fd >= 0);
    MUST(fd_write_all(fd, bytes, size) == 0);
    free(bytes);
    return fd;
}

/** Words are small numbers, from the program's base: its code is there. */
static uint64_t take_word(struct fuzz_input *in)
{
    return BASE + input_number(in, 2);
}

static void set_registers(struct registers *r, struct fuzz_input *in)
{
    uint64_t *word = (uint64_t *)(void *)&r->raw;
    uint64_t pc = take_word(in);
    memset(r, 0, sizeof(*r));
    for (size_t i = 0; i < sizeof(r->raw) / sizeof(*word); i++)
        word[i] = pc;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char *const source[] = {"line.c", NULL};
    struct fuzz_input in = {bytes, size};
    uint64_t words[WORDS];
    struct stack stack = {.bytes = (unsigned char *)words, .size = sizeof(words)};
    set_registers(&stack.registers, &in);
    for (size_t i = 0; i < WORDS; i++)
        words[i] = take_word(&in);
    stack.from = arch_sp(&stack.registers);

    struct module module = {.from = BASE, .to = BASE + 0x10000, .path = "program"};
    struct image image = {.base = BASE, .text_from = BASE, .text_to = BASE + 0x10000, .file = make_file(&in),
                          .module = &module, .modules = 1, .reader = -1};
    struct tracer t = {.source = source};
    stack.image = &image;
    const struct stack_place *place = reader_ask(&t, &stack);
    MUST(!place || (place->where.line > 0 && strcmp(place->where.file, source[0]) == 0));
    MUST(!place || memchr(place->function, '\0', sizeof(place->function)));
    free(stack.place);
    fd_close(&image.file);
    fd_close(&image.reader);
    int status;
    while (waitpid(-1, &status, 0) > 0 || errno == EINTR) /* the reader ends when its questions do */
        continue;
    return 0;
}
