/**
 * @file verdict.h
 * What is said of a run: findings, the result of a check, the grade. Data that goes up a pipe from
 * the checker process to the grader (verdict_send, verdict_receive) and from there to the report.
 */
#ifndef SOCKLAB_VERDICT_H
#define SOCKLAB_VERDICT_H

#include "core/core.h"
#include "core/ladder.h"

enum check_status { CHECK_PASS, CHECK_FAIL, CHECK_SKIP, CHECK_ERROR };

/** Why; the JSON word is verdict_word()'s. */
enum verdict {
    VERDICT_PASS,           /* "pass" */
    VERDICT_MISMATCH,       /* "mismatch": did something else than it should */
    VERDICT_STUCK,          /* "stuck": everybody waits, nothing will ever happen */
    VERDICT_SPINNING,       /* "spinning": burns the processor and gets nowhere */
    VERDICT_TIMEOUT,        /* "timeout": still busy at the limit */
    VERDICT_CRASHED,        /* "crashed": killed by a signal */
    VERDICT_EXITED,         /* "exited": ended when it should go on, or with the wrong status */
    VERDICT_SANITIZER,      /* "sanitizer" */
    VERDICT_LEAK,           /* "leak": memory or descriptors */
    VERDICT_NEVER_LISTENED, /* "never-listened" */
    VERDICT_COMPILE,        /* "compile" */
    VERDICT_WARNING,        /* "warning" */
    VERDICT_MISSING,        /* "missing": a file to hand in is not there or not usable */
    VERDICT_NOT_RUN,        /* "not-run": skipped, e.g. because the build failed */
    VERDICT_TROUBLE,        /* "trouble": the grader's own */
    VERDICT_COUNT
};

const char *verdict_word(enum verdict v);
const char *check_status_word(enum check_status s);

/** A place in the student's source, with the call made there. Any member may be NULL / 0. */
struct place {
    char *file; /**< as handed in: "hello_server.c" */
    int line;   /**< from 1; 0 if unknown */
    char *call; /**< `write(4, "Hello World!\n", 13) = 5` */
    char *source; /**< the line itself as handed in, escaped; NULL if unknown */
};

enum { FINDING_PLACES = 8 };

/** What a check found; all strings owned, escaped for a terminal already by whoever made them. */
struct finding {
    enum verdict verdict;
    char *message;  /**< one or two sentences: what happened */
    char *expected; /**< what should have come, as shown to people; NULL if it makes no sense */
    char *actual;   /**< what came */
    struct place place[FINDING_PLACES];
    size_t places;
    char **step;    /**< numbered steps of the conversation up to the failure */
    size_t steps;
    char **output;  /**< lines of a tool to be shown as they are (compiler, sanitizer), escaped */
    size_t outputs;
    struct ladder ladder; /**< the conversation, drawn; no rows: there is none */
};

/** The result of one check. `id`, `title`, `hint`, `why`, `handout` point into the lab's table. */
struct check_result {
    const char *id;
    const char *title;
    const char *hint;    /**< what to look at */
    const char *why;     /**< one sentence: why it matters */
    const char *handout; /**< "04-accept#lab04-greets" */
    enum check_status status;
    int points;          /**< earned */
    int max;
    int64_t duration;    /**< ns */
    struct finding finding; /**< verdict VERDICT_PASS and the rest empty when it passed */
    char *replay;        /**< "socklab grade 4 DIR --only greets" */
};

/** A protection of the machine on which a grade was made. */
struct protection {
    char *id;     /**< "seccomp" */
    bool on;
    char *reason; /**< when off: why; else NULL */
};

/** A whole grade. */
struct grade {
    const char *lab;   /**< "04-accept" */
    const char *title;
    char *directory;   /**< as the user named it */
    struct check_result *check;
    size_t checks;
    int score;
    int max;
    bool complete;       /**< false when a check ended in CHECK_ERROR */
    const char *sandbox; /**< "full", "partial", "off" */
    char **missing;      /**< protections that this machine does not give, in words */
    size_t missing_count;
    struct protection *protection; /**< all there are, on or off */
    size_t protections;
    char **note;         /**< further remarks, e.g. files that were not taken */
    size_t notes;
    uint64_t seed;
    int64_t duration; /**< ns */
};

/** Frees what it owns and leaves it empty; the struct itself is the caller's. */
void finding_free(struct finding *f);
/** Adds a place (beyond FINDING_PLACES it is left out); strings are copied, each may be NULL. */
void finding_place(struct finding *f, const char *file, int line, const char *call);
/** The text of the source line of the place added last, escaped; shown below it. Copied. */
void finding_source(struct finding *f, const char *source);
void finding_step(struct finding *f, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** Adds one line of a tool's output, escaped, without its newline. Copied. */
void finding_output(struct finding *f, const char *line);
/** Adds a protection: on if @p reason is NULL. Both strings are copied. */
void grade_protection(struct grade *g, const char *id, const char *reason);
/** As finding_free(), with the checks, their findings and the array that holds them. */
void grade_free(struct grade *g);
/** Sums the checks' `points` and `max` and sets `complete` from the checks' states. */
void grade_sum(struct grade *g);

/** Writes status, duration and finding to a pipe; 0 or -errno. */
int verdict_send(int fd, const struct check_result *r);
/**
 * Reads back what verdict_send wrote: sets status, duration and finding (freeing an older one),
 * leaves all else alone. 0, or -EBADMSG for anything else than one whole message (a checker that
 * died): @p r is then as it was.
 */
int verdict_receive(const void *bytes, size_t size, struct check_result *r);

#endif
