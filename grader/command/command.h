/**
 * @file command.h
 * The command line: one function for each subcommand, which reads its options, does the work and returns the exit status
 * (core/core.h). What can't be gone on with ends the process here, by die(). Everything that grades is in check/ and class/, everything
 * that shows is in report/.
 *
 *   help.c   socklab --help; the end of standard output
 *   word.c   what several subcommands read: numbers, labs, modes, names that nearly fit
 *   grade.c  socklab grade
 *   all.c    ... of all labs
 *   runs.c   ... with many seeds
 *   class.c  socklab class
 *   list.c   socklab checks, socklab doctor
 */
#ifndef SOCKLAB_COMMAND_H
#define SOCKLAB_COMMAND_H

#include "core/core.h"

#define SOCKLAB_VERSION "0.1"

/** Subcommands; argv[0] is the subcommand's name. */
int command_grade(int argc, char **argv);
int command_class(int argc, char **argv);
int command_checks(int argc, char **argv);
int command_doctor(int argc, char **argv);

void command_help(FILE *out);
/** Everything printed has arrived: STATUS_FULL, or the end of the process with STATUS_TROUBLE. */
int command_end_output(void);
/** Ends the process with STATUS_USAGE, after a message that points at --help. */
void command_usage(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

#endif
