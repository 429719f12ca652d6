/**
 * @file
 * A run in a sandbox, start to end, for the tests of sandbox/: a process of its own plays the
 * grader.
 */
#ifndef TESTS_TRIAL_H
#define TESTS_TRIAL_H

#include "sandbox/sandbox.h"

/** Who plays the grader: whoever runs the tests, or, when that is root, an ordinary user too. */
enum trial_user { TRIAL_SELF, TRIAL_ORDINARY };

struct trial {
    enum sandbox_level level;
    enum trial_user user;
    const char *words[24];  /**< command; "probe" first means tests/tracees/sandbox_probe */
    struct sandbox_run run; /**< argv, place and fd are filled in */
    const struct sandbox_file *files;
    size_t file_count;
    /** In place of one run: what the room's process does; its value is the trial's. */
    int (*act)(const struct sandbox *sandbox, int out);
    bool end_on_usr1; /**< the grader waits for SIGUSR1 and ends the room then */
    bool groups;      /**< control groups, where the user may make them */
};

enum { TRIAL_TROUBLE = -1 };

/** Plays it. Returns the run's exit status, TRIAL_TROUBLE if there was no run; @p out has all that
 * was printed. Blocks. */
int trial_play(const struct trial *t, struct buf *out);
/**
 * Starts it and returns at once: the grader's pid. *@p out is the read end for what is printed;
 * first of all comes a line with sandbox->base. As trial_play() otherwise.
 */
pid_t trial_start(const struct trial *t, int *out);

/** For act(): one run of these words (NULL-ended), all output to @p out; its exit status or
 * TRIAL_TROUBLE. */
int trial_run(const struct sandbox *sandbox, const struct sandbox_run *run, char *const *words,
              int out);
/** For act(): starts it as trial_run() does, without the wait. 0 or -errno. */
int trial_spawn(const struct sandbox *sandbox, const struct sandbox_run *run, char *const *words,
                int out, struct sandbox_child *child);

/** trial_play() of what must end with 0, where the machine can. */
void trial_pass(struct trial t, struct buf *out);
/** Whether a whole line of the output is this; shows the output if not. */
bool trial_has_line(const struct buf *out, const char *line);
#define ASSERT_LINE(out, line) CU_ASSERT(trial_has_line(out, line))

#define EACH_USER(user) for (enum trial_user user = TRIAL_SELF; user <= trial_last_user(); user++)
#define EACH_LEVEL(level)                                                                          \
    for (enum sandbox_level level = SANDBOX_LEVEL_FULL; level <= SANDBOX_LEVEL_PARTIAL; level++)
/** TRIAL_ORDINARY as root, else the tests' user is one already. */
enum trial_user trial_last_user(void);

/** Whether this machine gives a full sandbox to that user; else says unit_denied(). Asked once for
 * each. */
bool trial_has(enum sandbox_level level, enum trial_user user);
/** Becomes the user (in a child only). */
void trial_become(enum trial_user user);

#endif
