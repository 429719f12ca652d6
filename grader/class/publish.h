/**
 * @file publish.h
 * Files that appear whole or not at all: written in a folder beside, then renamed. Inside class/ only.
 */
#ifndef SOCKLAB_CLASS_PUBLISH_H
#define SOCKLAB_CLASS_PUBLISH_H

#include "core/core.h"

/** The folder that everything goes to. */
struct publisher {
    char *output;  /**< DIR */
    char *scratch; /**< DIR/.work: what is under way; gone when nothing is */
    mode_t mode;   /**< of new files, as the umask has it */
    int lock;      /**< DIR, held with flock(2): one run at a time. It goes with the process, however that ends */
};

/**
 * Makes DIR if it is not there, holds it, and clears away what an earlier run left under way when it was killed. 0, or -errno
 * with *message (caller frees): -EBUSY when another run is at work there.
 */
int publish_begin(struct publisher *p, const char *output, char **message);
/** Takes the scratch folder away and lets go. Also after a begin that failed. */
void publish_end(struct publisher *p);
/** DIR/NAME has these bytes afterwards; folders in NAME are made. One that has them already stays untouched. 0 or -errno. */
int publish_file(const struct publisher *p, const char *name, const struct buf *bytes);

#endif
