/**
 * @file stack.c
 * Stacks recorded at a call, for later. Unwinding every call with libdw would cost 50 us each;
 * most lines are never asked for. So a call keeps its registers and the few words of stack between
 * its stack pointer and its caller in the student's code; equal ones (a loop's) are kept once.
 */
#include "tracer/internal.h"

#include <stdlib.h>
#include <string.h>

enum {
    CHUNK = 1024,      /* bytes looked at in a step */
    DEEPEST = 16384,   /* stdio's unbuffered path puts an 8 KiB buffer on the stack */
    BEYOND = 256,      /* bytes kept above the first candidate: it may be a stale word */
    STORE_MAX = 8192,  /* stacks of one check */
    BUCKETS = 1024,
};

struct stack_store {
    struct stack *stack; /* handle - 1 indexes it */
    uint32_t count;
    uint32_t next[STORE_MAX];
    uint32_t bucket[BUCKETS]; /* handle of the first, 0 none */
};

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t size)
{
    const unsigned char *p = bytes; /* FNV-1a */
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ p[i]) * UINT64_C(1099511628211);
    return hash;
}

/** Whether a word of the stack can be a return address into the student's code. */
static bool returns_there(const struct image *image, uintptr_t word)
{
    return word > image->text_from && word <= image->text_to;
}

/** Reads the stack upward until a return address into the student's code was seen. */
static size_t read_stack(pid_t tid, uintptr_t sp, const struct image *image, bool deep,
                         unsigned char *bytes)
{
    size_t have = 0, most = deep ? DEEPEST : CHUNK * 2;
    while (have < most) {
        size_t n = memory_read(tid, sp + have, bytes + have, CHUNK);
        for (size_t at = have; at + sizeof(uintptr_t) <= have + n; at += sizeof(uintptr_t)) {
            uintptr_t word;
            memcpy(&word, bytes + at, sizeof(word));
            if (!returns_there(image, word))
                continue;
            size_t end = at + sizeof(word) + BEYOND;
            if (end > have + n)
                n += memory_read(tid, sp + have + n, bytes + have + n, end - have - n);
            return end < have + n ? end : have + n;
        }
        have += n;
        if (n < CHUNK)
            break;
    }
    return have;
}

uint32_t stack_record(struct tracer *t, pid_t tid, const struct registers *r, struct image *image,
                      bool deep)
{
    if (!image)
        return 0;
    if (!t->stacks)
        t->stacks = xcalloc(1, sizeof(*t->stacks));
    struct stack_store *s = t->stacks;
    unsigned char bytes[DEEPEST + CHUNK + BEYOND + sizeof(uintptr_t)];
    size_t size = read_stack(tid, arch_sp(r), image, deep, bytes);

    uintptr_t pc = arch_pc(r), sp = arch_sp(r);
    /* Equal place and equal stack are enough: argument registers differ from call to call. */
    uint64_t hash = hash_bytes(UINT64_C(14695981039346656037), &pc, sizeof(pc));
    hash = hash_bytes(hash, &sp, sizeof(sp));
    size_t key = size > BEYOND ? size - BEYOND : size;
    hash = hash_bytes(hash, bytes, key);

    uint32_t *bucket = &s->bucket[hash % BUCKETS];
    for (uint32_t handle = *bucket; handle; handle = s->next[handle - 1])
        if (s->stack[handle - 1].hash == hash && s->stack[handle - 1].image == image)
            return handle;
    if (s->count == STORE_MAX)
        return 0;
    s->stack = xrealloc(s->stack, (s->count + 1) * sizeof(s->stack[0]));
    struct stack *new = &s->stack[s->count];
    *new = (struct stack){.registers = *r, .from = sp, .size = size, .hash = hash, .image = image};
    new->bytes = xmalloc(size ? size : 1);
    memcpy(new->bytes, bytes, size);
    s->next[s->count] = *bucket;
    *bucket = ++s->count;
    return s->count;
}

const struct stack *stack_get(const struct tracer *t, uint32_t handle)
{
    if (handle == 0 || !t->stacks || handle > t->stacks->count)
        return NULL;
    return &t->stacks->stack[handle - 1];
}

void stack_free_all(struct tracer *t)
{
    if (!t->stacks)
        return;
    for (uint32_t i = 0; i < t->stacks->count; i++)
        free(t->stacks->stack[i].bytes);
    free(t->stacks->stack);
    free(t->stacks);
}
