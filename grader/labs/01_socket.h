/**
 * @file 01_socket.h
 * What the files of lab 01 share: how sockinfo is started, and what its calls and its line tell.
 */
#ifndef SOCKLAB_LABS_01_SOCKET_H
#define SOCKLAB_LABS_01_SOCKET_H

#include "check/check.h"

/* --- 01_socket.c --------------------------------------------------------------------------------- */

/** What may be asked for, and what comes of it. */
struct pair {
    const char *family, *type, *protocol;
    int domain, kind;
};
enum { PAIRS = 6 };
/** inet stream first; the two types of a family stand together. */
extern const struct pair sockinfo_pairs[PAIRS];

/** `sockinfo FAMILY TYPE` */
struct start sockinfo_start(const struct pair *pair);
/** The call that made its socket (the first that worked, if there are several); fails the check if there was none. */
const struct event *sockinfo_socket(struct check *c, const struct program *p);
/** The write that printed the line; NULL if there is none. */
const struct event *sockinfo_print(const struct check *c, const struct program *p);
/** The word behind "type=" in the output; NULL if there is none. */
const char *sockinfo_word(struct check *c, const struct program *p, const char *name);
/** All that it has printed, quoted. */
const char *sockinfo_output(struct check *c, const struct program *p);

/* --- 01_kernel.c --------------------------------------------------------------------------------- */

void kernel_run_asks_kernel(struct check *c);
void kernel_run_order(struct check *c);
void kernel_run_reports_failure(struct check *c);

#endif
