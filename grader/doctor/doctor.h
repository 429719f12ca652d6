/**
 * @file doctor.h
 * `socklab doctor`: what this machine gives, what is missing, what that means and how to get it.
 *
 *   trial.c    tries in a real room what a grading needs: tracing, compilers, sanitizers, ::1
 *   examine.c  facts -> findings; a function of the facts alone, so that a test can be any machine
 *   remedy.c   what helps, for each cause that was seen; examine.c asks for it
 *   show.c     findings -> text or JSON
 *   doctor.c   gathers the facts and says it all
 *
 * Nothing is advised that does not answer something seen: a setting, an errno, a file.
 */
#ifndef SOCKLAB_DOCTOR_H
#define SOCKLAB_DOCTOR_H

#include "core/core.h"
#include "sandbox/sandbox.h"
#include "sandbox/survey.h"

/* --- facts ---------------------------------------------------------------------------------- */

enum doctor_build { DOCTOR_PLAIN, DOCTOR_ADDRESS, DOCTOR_THREAD, DOCTOR_BUILDS };
enum doctor_compiler { DOCTOR_GCC, DOCTOR_CLANG, DOCTOR_COMPILERS };
enum { DOCTOR_WORDS = 160 };

/** What came of a small program, compiled in the room and run there. */
struct doctor_made {
    bool made;
    bool ran;
    char words[DOCTOR_WORDS]; /**< the first line that was said when it failed */
};

/** Plain data: it comes up a pipe from the room. */
struct doctor_trial {
    int trace; /**< 0: a program could be traced; or -errno */
    int six;   /**< 0: a socket could be bound to ::1; or -errno */
    bool present[DOCTOR_COMPILERS];
    struct doctor_made made[DOCTOR_COMPILERS][DOCTOR_BUILDS];
};

struct doctor_facts {
    struct sandbox_survey machine;
    int probe;                                   /**< what sandbox_probe() said: 0 or -ENOTSUP */
    const char *word;                            /**< "full", "partial" */
    const struct sandbox_protection *protection; /**< SANDBOX_PROTECTIONS rows */
    char self[256];                              /**< the path of this socklab */
    const char *last_words; /**< the last thing that the probe found missing; NULL: nothing */
    int room;               /**< 0: the trial was made; or -errno, and it says nothing */
    struct doctor_trial trial;
};

/** In a room of its own. 0 or -errno. Blocks while compilers run: one or two seconds. */
int doctor_try(const struct sandbox_support *support, struct doctor_trial *trial);

/* --- findings ------------------------------------------------------------------------------- */

enum doctor_state {
    DOCTOR_FINE,   /**< all there */
    DOCTOR_LESS,   /**< missing, and only protection or convenience is lost */
    DOCTOR_BROKEN, /**< nothing can be graded without it */
};

enum { DOCTOR_REMEDIES = 6, DOCTOR_FINDINGS = 16 };

struct doctor_finding {
    const char *id;
    const char *title;
    enum doctor_state state;
    char *seen;             /**< what was seen, in words; NULL when fine */
    const char *student;    /**< what it means for one who grades his own files */
    const char *instructor; /**< and for one who grades others' */
    char *remedy[DOCTOR_REMEDIES];
    size_t remedies;
};

struct doctor_report {
    struct doctor_finding finding[DOCTOR_FINDINGS];
    size_t findings;
    enum doctor_state state; /**< the worst */
};

/** Pure. The report's strings are its own; doctor_free() frees them. */
void doctor_examine(const struct doctor_facts *facts, struct doctor_report *report);
void doctor_free(struct doctor_report *report);

/** remedy.c: each adds what helps against one thing, for the machine that it was seen on. */
void remedy_add(struct doctor_finding *f, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void remedy_namespaces(struct doctor_finding *f, const struct doctor_facts *facts);
void remedy_groups(struct doctor_finding *f, const struct doctor_facts *facts);
void remedy_landlock(struct doctor_finding *f, const struct doctor_facts *facts);
void remedy_trace(struct doctor_finding *f, const struct doctor_facts *facts);
void remedy_package(struct doctor_finding *f, const struct doctor_facts *facts,
                    const char *package);

/* --- words ---------------------------------------------------------------------------------- */

void doctor_show_text(struct buf *out, const struct doctor_facts *facts,
                      const struct doctor_report *report);
void doctor_show_json(struct buf *out, const struct doctor_facts *facts,
                      const struct doctor_report *report);

/** The whole command, from the probes to standard output. The exit status. */
int doctor_run(bool json);

#endif
