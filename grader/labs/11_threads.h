/**
 * @file 11_threads.h
 * What the files of lab 11 share: the checks of 11_client.c and 11_race.c, and what 11_create.c adds to two. The room is chat.h's.
 */
#ifndef SOCKLAB_LABS_11_THREADS_H
#define SOCKLAB_LABS_11_THREADS_H

#include "labs/chat.h"

/** The student's client and the grader's server that it has come to. */
struct guest {
    struct program *client;
    struct peer *server;
};
struct guest lab11_invite(struct check *c, enum input input);
/** What is typed arrives, and what the server says is shown at last; how the client ends is not looked at. */
void lab11_talk_with_guest(struct check *c);

void lab11_run_both_ways(struct check *c);
void lab11_run_server_gone(struct check *c);
void lab11_run_memory(struct check *c);

/** There is no thread for somebody who comes into a room. */
void lab11_meet_failing_create(struct check *c, struct room *room);
/** Both programs, when a thread that they need cannot be made. */
void lab11_report_failing_create(struct check *c);

#endif
