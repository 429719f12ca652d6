/**
 * @file room.h
 * The process that builds a submission and runs its checks, and the wire to the grader.
 */
#ifndef SOCKLAB_CHECK_ROOM_H
#define SOCKLAB_CHECK_ROOM_H

#include "check/internal.h"

/** What the room's process works with. */
struct room {
    const struct lab *lab;
    const struct grade_options *options;
    const struct sandbox *sandbox;
    const struct build_intake *intake;
    const bool *wanted; /**< by check index */
    int out;            /**< results go here, one frame each */
};

/** A frame: a check's index and the bytes of verdict_send(). */
struct frame {
    uint32_t index;
    uint32_t size;
};

enum { FRAME_MAX = 1 << 20 }; /**< bytes of one verdict that are believed */

/**
 * What a compiler's run came to: `said` may be cut (its `dropped`), `status` is waitpid's, `stopped` is the limit for which it
 * was killed, or BUILD_FAILED. Fills an empty finding and returns its verdict, as build_read_messages() does. (prepare.c)
 */
enum verdict compiler_judge(const struct build_intake *intake, const struct buf *said, int status,
                            enum build_end stopped, struct finding *finding);

/** Builds, checks, sends; returns the room's exit status. */
int room_run(const struct room *room);

#endif
