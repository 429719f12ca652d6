/**
 * @file internal.h
 * What the files of check/ share. Nobody else includes it.
 */
#ifndef SOCKLAB_CHECK_INTERNAL_H
#define SOCKLAB_CHECK_INTERNAL_H

#include "check/check.h"

/* --- context.c ------------------------------------------------------------------------------------ */

struct check *context_new(const struct lab *lab, const struct check_spec *spec, const struct sandbox *sandbox,
                          const struct build_intake *intake, const struct grade_options *options, int index,
                          int result);
enum { PATIENCE = 6 }; /* times the usual limit: check_be_patient() */
/** How long a check may take. */
int context_seconds(const struct grade_options *options);
/** Runs the check in this process and never returns: the verdict is written, everything ends. */
void context_run(struct check *c, const char *place) __attribute__((noreturn));
/** Writes a result and ends the process. */
void context_end(struct check *c, struct check_result *r) __attribute__((noreturn));

/* --- limit.c --------------------------------------------------------------------------------------- */

/** After c->deadline: is the time of the check really over? If not, the deadline is a later one. Reads procfs. */
bool limit_is_over(struct check *c, int64_t now);

/* --- progress.c ------------------------------------------------------------------------------------ */

/** How far peers and programs got: a program that burns the processor but moves this is at work. */
uint64_t progress_so_far(const struct check *c);
/** Recorded calls, and what else is in the timeline, also beyond what it keeps. */
size_t progress_calls(const struct check *c);

/** Notices programs that run without getting anywhere; cpu -1: nothing is known yet. */
struct watch {
    uint64_t progress;
    int64_t cpu;
    size_t calls;
    uint64_t queued; /* in the kernel's queues, halfway to a verdict: calls that are not traced may empty them */
    bool halfway;
};

/**
 * At each look of a wait: true when the programs run and have got nowhere for too long. @p resting: they are only to come
 * to rest. Reads procfs now and then.
 */
bool progress_is_over(struct check *c, struct watch *watch, const struct look *look, bool resting);

/* --- wait.c ---------------------------------------------------------------------------------------- */

/** Everything that can be done without waiting; true if anything happened. */
bool wait_pump(struct check *c);
/**
 * Gives a program that is about to end the time to do so: a peer sees the end of its connection before anybody can
 * see the end of the process that held it. Returns when one has ended, all is at rest, or they go on making calls.
 */
void wait_for_ends(struct check *c);
/** The same as check_wait(), but WAIT_STUCK is no verdict: it is enough that all is at rest. */
enum wait_end wait_or_rest(struct check *c, condition done, void *argument);

/* --- program.c --------------------------------------------------------------------------------------- */

enum { PROGRAM_FDS = 3 };
/** Moves stdin, stdout and stderr on; true if anything moved. */
bool program_pump(struct program *p);
/** Its descriptors for poll(2) into @p fds (room for PROGRAM_FDS); returns how many. */
struct pollfd;
size_t program_polls(const struct program *p, struct pollfd *fds);

/** Appends `hello_server 80abc` as it would be typed. @p argument is NULL-ended. */
void command_line(struct buf *b, const char *program, const char *const *argument);

/** A condition for check_wait(). */
bool program_has_ended(struct check *c, void *program);

/* --- options.c ----------------------------------------------------------------------------------------- */

struct start;
/** The environment of a sanitized program, NULL-ended; until the next call. */
char *const *sanitizer_options(struct check *c, const struct start *how);

/* --- daemon.c -------------------------------------------------------------------------------------------- */

struct sandbox_run;
#define DAEMON_REPORTS ".sanitizer" /**< in its working directory: a file for each process follows with its number */
/** What a run needs beside the rest: a shell for its parent, a log socket, few descriptors (many programs close them all). */
void daemon_fill_run(const struct program *p, struct sandbox_run *run);
/** A terminal for it, whose other end becomes *@p in, its stdin; where none can be had, a pipe that stays open. */
void daemon_open_terminal(struct program *p, int *in);
/** What sanitizers said in its processes goes to p->errors, as if it had come by stderr. */
void daemon_gather_reports(struct program *p);

/* --- failure.c ---------------------------------------------------------------------------------------- */

/** A wait ended otherwise than it should: says why in the order of what explains most (sanitizer, crash, exit,
 * spin, stuck). @p what continues "…", e.g. "client 1 waits for 13 bytes". */
void failure_of_wait(struct check *c, enum wait_end end, const char *what, const struct failure *more)
    __attribute__((noreturn));
/**
 * What a wait was for is the grader's to bring about: if it did not come because a student's program has used the check's time up
 * (@p end), or spins, ends the check with that. Else it is for the caller to say what kind of trouble it is. @p what: as above.
 */
void failure_of_time(struct check *c, enum wait_end end, const char *what);
/**
 * A connection broke off, or cannot be made: if that is because a student's program crashed (@p exits_too: or ended), ends
 * the check with that. Waits for programs that are about to end.
 */
void failure_of_end(struct check *c, bool exits_too, const char *what);
/** client.c: adds the last writes of the student's programs on connections: who sent what is wrong. */
void failure_blame_writes(struct check *c, struct failure *failure);
/** If a sanitizer has spoken, ends the check with its report. */
void failure_of_sanitizer(struct check *c);
/** step.c: the steps of the conversation so far. */
void failure_add_steps(struct check *c, struct finding *f);
/** An event other than a call in words: what a peer did or saw, what a program printed, how it ended. */
void step_describe(const struct check *c, struct buf *b, const struct event *e);
/** Whether it is worth a row: not a sanitizer's words, not what went down with its program. */
bool step_is_told(const struct check *c, const struct event *e);
/** A program tries to connect; what libc asks for itself uses other sockets. */
bool step_is_dial(const struct event *e);
/** A call's place in the student's source, with the line's text. */
void failure_add_place(struct check *c, struct finding *f, const struct event *e);
/** The same of a line that is known already; @p where NULL: of a call whose line is not. */
void failure_add_line(struct check *c, struct finding *f, const struct source_line *where, const char *text);

/* --- blocked.c -------------------------------------------------------------------------------------------- */

/** Where the student's programs are blocked, as places. */
void blocked_add_places(struct check *c, struct finding *f);
/** "echo_server is blocked in read(4, ...)" for the programs that still run, three waits at most. */
char *blocked_describe(struct check *c);

/* --- family.c --------------------------------------------------------------------------------------------- */

/** Whether it is another process of a program than the one that was started. */
bool family_is_child(const struct check *c, actor_id actor, pid_t pid);
/** Whether this is a program of the kit's, not of the student's. */
bool family_is_reference(const struct check *c, actor_id actor);
/** Whether the end of a child was made by program_kill_child(). */
bool family_was_killed(const struct check *c, const struct event *end);

/* --- ladder.c -------------------------------------------------------------------------------------------- */

/** Draws the conversation so far into a finding without a ladder. Empty where nothing happened on either side. */
void ladder_draw(struct check *c, struct finding *f);

/* --- quote.c ---------------------------------------------------------------------------------------------- */

/** The text of a line of a handed-in or kit file, to be shown as it is; NULL if there is none. The caller frees it. */
char *quote_source(const struct build_intake *in, const char *file, int number);
/**
 * Looks for a sanitizer's report in what a program wrote to stderr: any bytes. True if there is one: the empty finding gets
 * VERDICT_LEAK or VERDICT_SANITIZER, the report's first lines, and the places that they name in handed-in files.
 */
bool quote_report(const struct build_intake *in, const char *said, size_t size, struct finding *f);

/* --- prepare.c ------------------------------------------------------------------------------------------- */

struct sandbox_file;
/** What goes into the room: sources, kit, reference programs; read outside. */
struct luggage {
    struct sandbox_file *file;
    struct buf *bytes;
    char **path;
    size_t files;
};
/** Reads it all; 0 or -errno with *message. Kit files are added to @p intake. */
int luggage_pack(struct luggage *l, const struct lab *lab, const struct grade_options *options,
                 struct build_intake *intake, char **message);
void luggage_free(struct luggage *l);

#endif
