/**
 * @file similar_runs.h
 * For similarity.c alone: sim_c, started and read.
 */
#ifndef SOCKLAB_CLASS_SIMILAR_RUNS_H
#define SOCKLAB_CLASS_SIMILAR_RUNS_H

#include "class/similarity.h"

enum { SIM_FILES_NAME = 32 };

/** A file's name for sim_c, "s12f0.c": whose and which it is. `student` SIZE_MAX: the skeleton's. */
struct sim_file {
    size_t student, file;
};

/** One run of tokens that two files have in common. */
struct sim_run {
    struct sim_file file[2];
    int first[2], last[2]; /**< lines */
    int tokens;
};

/** What is done with each thing that sim_c says. */
struct sim_reader {
    void (*file)(void *argument, struct sim_file file, int tokens);
    void (*run)(void *argument, const struct sim_run *run);
    void *argument;
};

/** The name of a file for sim_c, into @p name. */
void sim_name(struct sim_file file, char name[SIM_FILES_NAME]);

/**
 * Runs `sim_c OPTIONS` in @p directory over the names in the file @p list there, and hands on what it says, line after line.
 * @return 0; -ENOENT when there is no sim_c, -EIO when it failed, or -errno
 */
int sim_read(const char *directory, const char *list, const char *const *options, const struct sim_reader *reader);

#endif
