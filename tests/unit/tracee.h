/**
 * @file
 * A tracee under the tracer, as the tests of grader/tracer use it: without a sandbox, with the filter that
 * tracer_numbers() asks for. tests/tracees/NAME.c marks the lines that matter with a comment, which a test names
 * instead of a number.
 *
 *     struct tracee t;
 *     tracee_start(&t, NULL, "tasks", "fork", NULL);
 *     CU_ASSERT_EQUAL(tracee_finish(&t), 0);
 *     TRACEE_LINE(&t, tracee_call(&t, "clone", 1), "fork");
 *     tracee_free(&t);
 *
 * Everything that waits is guarded by one alarm(2): a tracer that loses a task ends the test program, loudly.
 */
#ifndef TESTS_TRACEE_H
#define TESTS_TRACEE_H

#include "tracer/tracer.h"

struct tracee {
    struct timeline *timeline;
    struct tracer *tracer;
    actor_id actor;
    pid_t pid;       /* our child; the tracee itself, or what executes it */
    int in;          /* its standard input, for us to write; -1 once closed */
    int out;         /* its standard output and standard error; -1 after end of file */
    struct buf said; /* what came out of it */
    const char *name;
    struct look look; /* the last one */
};

/** How a test's tracee is run, where it differs from most. */
struct tracee_how {
    uint32_t groups;           /**< of calls to be reported; 0 means TRACE_ALL */
    enum tracer_mode mode;
    bool own_time;             /**< groups has CALL_CLOCK then */
    size_t limit;              /**< of the timeline; 0 none */
    const char *const *source; /**< as for tracer_new() */
    const char *const *before; /**< NULL-ended words that execute the tracee ("env"); counts as an exec */
    const char *file;          /**< executed instead of the tracee NAME */
};

/** Starts tests/tracees/NAME with these arguments (NULL-ended). The tracee is held only by its own actions. */
void tracee_start(struct tracee *t, const struct tracee_how *how, const char *name, ...)
    __attribute__((sentinel));
/** Kills what is left, frees. */
void tracee_free(struct tracee *t);

/** Waits until something happens to the tracee, at most @p ms (-1: without end), and handles it. */
void tracee_wait(struct tracee *t, int ms);
/** Until the tracee's first process has ended and its output is at its end; its status, as waitpid(2). */
int tracee_finish(struct tracee *t);
/** Until it has printed @p text. */
void tracee_until_said(struct tracee *t, const char *text);
/**
 * Until a task is in @p state, in @p call (NULL: any), and every other one waits too (for whatever). Nobody
 * tells when a task falls asleep, so this looks again and again. The task's wait: valid until the next look.
 */
const struct wait *tracee_until(struct tracee *t, enum task_state state, const char *call);
/** Writes @p text to its standard input. */
void tracee_say(struct tracee *t, const char *text);
void tracee_hang_up(struct tracee *t);

/** The same program, not traced, its standard input empty; its status. */
int tracee_run_plain(const char *name, const char *mode, struct buf *said);

/** The @p nth call of this name from 1, or NULL. */
struct event *tracee_call(const struct tracee *t, const char *call, int nth);
/** How many events of this kind, for calls of this name (NULL: any). */
int tracee_count(const struct tracee *t, enum event_kind kind, const char *call);
/** The line in tests/tracees/NAME.c that bears the comment @p marker; 0 if none. */
int tracee_marked_line(const char *name, const char *marker);

/** Asserts what a call looks like; says what it looked like instead. */
#define TRACEE_TEXT(event, ...) tracee_check_text(__FILE__, __LINE__, event, __VA_ARGS__)
/** Asserts that an event's source line is the one with this marker. */
#define TRACEE_LINE(t, event, marker) tracee_check_line(__FILE__, __LINE__, t, event, marker)
/** Asserts a number; says what it was instead. */
#define TRACEE_NUMBER(is, should) tracee_check_number(__FILE__, __LINE__, #is, is, should)
/** Asserts that the tracee has printed this. */
#define TRACEE_SAID(t, ...) tracee_check_said(__FILE__, __LINE__, t, __VA_ARGS__)

void tracee_check_text(const char *file, int line, const struct event *e, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void tracee_check_line(const char *file, int line, struct tracee *t, const struct event *e,
                       const char *marker);
void tracee_check_said(const char *file, int line, const struct tracee *t, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void tracee_check_number(const char *file, int line, const char *what, long long is, long long should);

#endif
