/**
 * @file fuzz_decode.c
 * tracer/decode.c: the arguments and the memory of a call. The task is this process itself, whose memory the decoder reads as
 * it would a tracee's. The input: the call's place in the table, its result, six arguments, the memory. An argument's first
 * byte says what it is: a number, or a pointer to so many bytes into the memory, or close to its end.
 */
#include "fuzz.h"
#include "tracer/internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { CALLS_MAX = 512, MEMORY = 8192, TEXT_MOST = 1024 };

/** All calls that the table knows; the numbers are the machine's. */
static size_t list_calls(const struct call *call[CALLS_MAX])
{
    size_t n = 0;
    for (int number = 0; number < CALLS_MAX; number++)
        if (table_find(number))
            call[n++] = table_find(number);
    return n;
}

static uint64_t take_argument(struct fuzz_input *in, uintptr_t memory)
{
    uint8_t kind = input_byte(in);
    switch (kind & 3) {
    case 0: return input_number(in, 1);
    case 1: return input_number(in, 8);
    case 2: return memory + input_number(in, 2) % MEMORY;
    default: return memory + MEMORY - input_number(in, 1);
    }
}

/** The memory holds pointers too: vectors and messages are structures of them. */
static void fill_memory(struct fuzz_input *in, unsigned char *memory)
{
    memset(memory, 0, MEMORY);
    size_t n = in->left < MEMORY ? in->left : MEMORY;
    memcpy(memory, in->at, n);
    for (size_t at = 0; at + 8 <= n; at += 8) {
        uint64_t word;
        memcpy(&word, memory + at, sizeof(word));
        if (word >> 16 != 0x7074) /* "tp": an offset into the memory */
            continue;
        word = (uintptr_t)memory + (word & 0xffff) % MEMORY;
        memcpy(memory + at, &word, sizeof(word));
    }
}

static void try_call(struct timeline *t, actor_id actor, struct task *task, int64_t result, bool done)
{
    struct event *e = timeline_add(t, EVENT_CALL, actor);
    e->call = task->call->name;
    decode_entry(e, task);
    MUST(e->data_length <= TIMELINE_DATA_MAX && e->data_length <= e->data_total);
    decode_exit(e, task); /* while it is under way */
    must_be_shown(e->text, TEXT_MOST);
    e->done = done;
    e->result = result;
    decode_exit(e, task);
    must_be_shown(e->text, TEXT_MOST);
    MUST(e->data_length <= TIMELINE_DATA_MAX && e->data_length <= e->data_total);
    MUST(e->addr_length <= sizeof(e->addr));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const struct call *call[CALLS_MAX];
    static unsigned char *memory;
    static size_t calls;
    if (!memory) {
        /* The page behind is none of the program's: reads end there as they would in a tracee. */
        memory = mmap(NULL, MEMORY + 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        MUST(memory != MAP_FAILED && mprotect(memory, MEMORY, PROT_READ | PROT_WRITE) == 0);
        calls = list_calls(call);
        MUST(calls > 20);
    }
    struct fuzz_input in = {bytes, size};
    struct task task = {.tid = getpid(), .call = call[input_byte(&in) % calls]};
    bool fails = input_byte(&in) & 1, done = input_byte(&in) % 8 != 0;
    uint64_t number = input_number(&in, 4);
    int64_t result = fails ? -(int64_t)(1 + number % 4095) : (int64_t)number; /* MAX_ERRNO; no call moves more than 2 GiB */
    for (int i = 0; i < 6; i++)
        task.argument[i] = take_argument(&in, (uintptr_t)memory);
    fill_memory(&in, memory);
    struct timeline *t = timeline_new(0);
    try_call(t, timeline_actor(t, "program"), &task, result, done);
    timeline_free(t);
    return 0;
}
