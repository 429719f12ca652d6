/**
 * @file 12_poll.h
 * What the files of lab 12 share: the checks of 12_wait.c and 12_slow.c. The room is chat.h's.
 */
#ifndef SOCKLAB_LABS_12_POLL_H
#define SOCKLAB_LABS_12_POLL_H

#include "labs/chat.h"

void lab12_run_one_thread(struct check *c);
void lab12_run_idle(struct check *c);
void lab12_run_would_block(struct check *c);

void lab12_run_slow_reader(struct check *c);
void lab12_run_half_closed(struct check *c);

#endif
