/**
 * @file word.h
 * What several subcommands read from a command line. Inside grader/command only. A word that fits nowhere ends the process with
 * STATUS_USAGE and what would have been right.
 */
#ifndef SOCKLAB_COMMAND_WORD_H
#define SOCKLAB_COMMAND_WORD_H

#include "command/command.h"
#include "labs/labs.h"

/** The long options of all subcommands, as getopt_long(3) returns them. */
enum command_option {
    OPT_ONLY = 256, OPT_FORMAT, OPT_OUTPUT, OPT_SEED, OPT_RUNS, OPT_SANDBOX, OPT_JOBS, OPT_SECONDS, OPT_COMPILER, OPT_HELP,
    OPT_ROSTER, OPT_COURSE, OPT_CANVAS, OPT_MOODLE, OPT_AGAIN, OPT_DRY_RUN, OPT_SIMILARITY,
};

/** The number that @p text is, from @p least to @p most; @p name is the option's. */
long word_number(const char *name, const char *text, long least, long most);
enum sandbox_mode word_sandbox(const char *text);
const struct lab *word_lab(const char *name);
/** The ids of a list with commas, NULL-ended, the caller's; @p list is cut up and must last as long. */
const char **word_checks(const struct lab *lab, char *list);
/**
 * Ends the process where there is no such compiler, as the room looks for it (a path, or below /usr/bin): that would look like a build
 * that fails.
 */
void word_compiler(const char *compiler);
/** Where reference/ and kit/ stand: beside the executable, or where they were installed. The caller frees it. */
char *word_data(void);

#endif
