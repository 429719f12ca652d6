/**
 * @file stack.h
 * From a call to the student's line: stacks as they were recorded, and what is read out of them later, in a process of its own.
 * Inside tracer/ only.
 */
#ifndef SOCKLAB_TRACER_STACK_H
#define SOCKLAB_TRACER_STACK_H

#include "tracer/internal.h"

/* --- stack.c --------------------------------------------------------------------------------------- */

/** What a stack tells. */
struct stack_place {
    struct source_line where;    /* the student's line; line 0 if it is not known */
    char function[FUNCTION_MAX]; /* the library's function that it called; "" if it is not known */
};

/** A recorded stack. */
struct stack {
    struct registers registers;
    uintptr_t from;      /* address of bytes[0] */
    unsigned char *bytes;
    size_t size;
    uint64_t hash;
    struct image *image;
    bool asked;               /* where it was is known, or that nobody can tell */
    struct stack_place *place; /* NULL: nobody can tell */
};

enum { STACK_DEEPEST = 16384 }; /* bytes; stdio's unbuffered path puts an 8 KiB buffer on the stack */

/** Records the stack of a stopped task; equal ones are stored once. A handle, 0 if none. */
uint32_t stack_record(struct tracer *t, pid_t tid, const struct registers *r, struct image *image,
                      bool deep);
struct stack *stack_get(const struct tracer *t, uint32_t handle);
void stack_free_all(struct tracer *t);

/* --- line.c ---------------------------------------------------------------------------------------- */

/** An open program: @p fd are its modules' files, -1 for those that have none. NULL: libdw cannot. In the reader only. */
struct line_cache *line_open(const struct image *image, const int *fd);
bool line_find(struct line_cache *cache, const struct stack *stack, const char *const *source, struct stack_place *out);
/** Whether @p name is in the NULL-ended list; any is in none. */
bool line_is_student_file(const char *const *source, const char *name);

/* --- reader.c -------------------------------------------------------------------------------------- */

/** A program's file for source lines; -1 if there is none. To be called before the program runs. */
int reader_open_program(const char *path);
/** What a recorded stack tells; NULL if its line is not known, whatever became of who should know it. */
const struct stack_place *reader_ask(struct tracer *t, struct stack *stack);

#endif
