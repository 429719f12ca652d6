/**
 * @file hermit.h
 * A process for reading what strangers wrote: when the library that parses it crashes, loops, asks for all memory or is
 * led to do something else, it costs what was being read and nothing else. Forked by the caller; each of these is called in the child, which
 * ends with _exit(2).
 */
#ifndef SOCKLAB_HERMIT_H
#define SOCKLAB_HERMIT_H

#include "core/core.h"

/** Closes all descriptors but two (the same twice for one): others' ends must be seen when their owners close them. */
void hermit_close_all_but(int one, int other);

/**
 * From here on nothing can be opened, sent, signalled, started or mapped as code; @p memory bytes more than now may be
 * used, @p seconds of the processor, no core is left. The process goes when its parent does.
 * @return false if one of the walls cannot be put up; then nothing may be read
 */
bool hermit_enter(size_t memory, unsigned seconds);

/**
 * The same for what comes after an execve(2): a program that may open files, but starts no process and opens no socket, whatever
 * a configuration tells it; @p seconds of real time too, since a file may be a pipe that nobody writes to.
 */
bool hermit_enter_program(size_t memory, unsigned seconds);

#endif
