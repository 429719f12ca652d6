/**
 * @file stack.c
 * Stacks recorded at a call, for later. Unwinding every call with libdw would cost 50 us each;
 * most lines are never asked for. So a call keeps its registers and its stack up to the last word that
 * looks like a return address into the student's code. Which of them is one only the unwinding tells: buffers
 * that a library has not filled yet are full of old ones. Calls with the same such words at the same places (a
 * loop's) are kept once.
 */
#include "tracer/stack.h"

#include <stdlib.h>
#include <string.h>

enum {
    SHALLOW = 2048,    /* bytes looked at: most calls come straight from the student's code */
    STORE_MAX = 8192,  /* stacks of one check */
    STORE_BYTES = 64 << 20,
    BUCKETS = 1024,
};

struct stack_store {
    struct stack *stack; /* handle - 1 indexes it */
    uint32_t count;
    size_t bytes;
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

/** Length of the stack up to its last possible return address; they and their places go into @p hash. */
static size_t measure_stack(const struct image *image, const unsigned char *bytes, size_t size, uint64_t *hash)
{
    size_t end = 0;
    for (size_t at = 0; at + sizeof(uintptr_t) <= size; at += sizeof(uintptr_t)) {
        uintptr_t word;
        memcpy(&word, bytes + at, sizeof(word));
        if (!returns_there(image, word))
            continue;
        end = at + sizeof(word);
        *hash = hash_bytes(*hash, &at, sizeof(at));
        *hash = hash_bytes(*hash, &word, sizeof(word));
    }
    return end;
}

uint32_t stack_record(struct tracer *t, pid_t tid, const struct registers *r, struct image *image,
                      bool deep)
{
    if (!image)
        return 0;
    if (!t->stacks)
        t->stacks = xcalloc(1, sizeof(*t->stacks));
    struct stack_store *s = t->stacks;
    uintptr_t pc = arch_pc(r), sp = arch_sp(r);
    unsigned char bytes[STACK_DEEPEST];
    size_t size = memory_read(tid, sp, bytes, deep ? STACK_DEEPEST : SHALLOW);
    uint64_t hash = hash_bytes(UINT64_C(14695981039346656037), &pc, sizeof(pc));
    hash = hash_bytes(hash, &sp, sizeof(sp));
    size = measure_stack(image, bytes, size, &hash);

    uint32_t *bucket = &s->bucket[hash % BUCKETS];
    for (uint32_t handle = *bucket; handle; handle = s->next[handle - 1])
        if (s->stack[handle - 1].hash == hash && s->stack[handle - 1].image == image)
            return handle;
    if (s->count == STORE_MAX || s->bytes + size > STORE_BYTES)
        return 0;
    s->stack = xrealloc(s->stack, (s->count + 1) * sizeof(s->stack[0]));
    struct stack *new = &s->stack[s->count];
    *new = (struct stack){.registers = *r, .from = sp, .size = size, .hash = hash, .image = image};
    new->bytes = xmalloc(size ? size : 1);
    memcpy(new->bytes, bytes, size);
    s->bytes += size;
    s->next[s->count] = *bucket;
    *bucket = ++s->count;
    return s->count;
}

struct stack *stack_get(const struct tracer *t, uint32_t handle)
{
    if (handle == 0 || !t->stacks || handle > t->stacks->count)
        return NULL;
    return &t->stacks->stack[handle - 1];
}

void stack_free_all(struct tracer *t)
{
    if (!t->stacks)
        return;
    for (uint32_t i = 0; i < t->stacks->count; i++) {
        free(t->stacks->stack[i].bytes);
        free(t->stacks->stack[i].place);
    }
    free(t->stacks->stack);
    free(t->stacks);
}
