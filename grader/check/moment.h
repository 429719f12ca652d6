/**
 * @file moment.h
 * A conversation as moments: what a ladder is drawn from. Inside grader/check only. A function of the timeline alone: no process, no
 * source line, no words.
 *
 * A call that may block is two moments, its entry and its return; any other event is one. What travels over a connection is known from both of its ends: the nth byte that one side sent is the nth that the other takes.
 *
 *   moment.c  timeline -> moments
 *   travel.c  which connection a moment is about, what it sends, and who takes it
 *   post.c    the same of datagrams, which have no connection
 */
#ifndef SOCKLAB_CHECK_MOMENT_H
#define SOCKLAB_CHECK_MOMENT_H

#include "core/ladder.h"
#include "core/timeline.h"

struct moment {
    const struct event *event;
    int64_t time;
    bool begins;  /**< the entry of a call whose return is a moment of its own */
    int since;    /**< index of that entry; -1: none */

    /* travel.c */
    int link;           /**< connection, -1: none is known */
    int side;           /**< 0 dialled, 1 accepted */
    uint64_t sent_from, sent;   /**< bytes of this direction's stream */
    uint64_t taken_from, taken;
    bool dials, accepts;
    bool ends;          /**< end of file goes out for certain */
    bool closes;        /**< ... perhaps: another process may hold the socket open */
    bool resets;
    bool sees_end, is_reset;

    /* post.c */
    bool posts;         /**< sends a datagram */
    int collected;      /**< the moment in which that is taken; LADDER_NOWHERE: never */
};

struct moments {
    struct moment *item;
    size_t count;
};

/** All moments of a timeline, in the order of time. Free `item`. */
struct moments moments_collect(const struct timeline *t);
/** travel.c: fills in what each moment does to which connection. */
void moments_connect(struct moments *all);

/** post.c: finds who takes which datagram. */
void moments_deliver(struct moments *all);

/** Where what a moment sends is taken. */
struct taker {
    enum ladder_travel travel;
    uint64_t bytes; /**< TRAVEL_BYTES */
    int at;         /**< index of the moment; the sender's own: at once, or nobody saw when; LADDER_NOWHERE: never */
};

/** @p blind: not everything that the programs took was watched, so that nothing can be said to be never taken. */
struct taker moments_find_taker(const struct moments *all, int at, bool blind);

#endif
