/**
 * @file 12_poll.h
 * What the files of lab 12 share: the checks of 12_wait.c and 12_slow.c, and somebody who does not read, of 12_sleeper.c. The
 * room is chat.h's.
 */
#ifndef SOCKLAB_LABS_12_POLL_H
#define SOCKLAB_LABS_12_POLL_H

#include "labs/chat.h"

void lab12_run_one_thread(struct check *c);
void lab12_run_idle(struct check *c);
void lab12_run_would_block(struct check *c);
/** Somebody is owed a line and can be paid, and others say more, in one round of the server's: what is kept goes first. */
void lab12_pay_in_order(struct check *c);

void lab12_run_slow_reader(struct check *c);
void lab12_run_half_closed(struct check *c);

/** What all buffers between the server and a sleeper take together at most; said where this machine does not tell. */
enum { SLEEPER_KERNEL_MAX = 192 * 1024 };

/** Somebody who does not read for a while, and all that he is owed. */
struct sleeper {
    struct peer *person;
    struct buf owed;  /**< from the first byte that he has not read */
    size_t in_kernel; /**< of these, at rest, when last asked for */
    bool told;        /**< this machine tells; else it is not more than in_kernel */
    int sock;         /**< the server's socket for him */
};

/** He comes, and does not read. */
struct sleeper sleeper_let_in(struct room *room);
/**
 * Until the server has to keep so many bytes for him, and a few lines at most on top, or has cut him off. @p speaker says lines which
 * all who listen have received, whole, when this returns.
 */
void sleeper_fill(struct room *room, struct sleeper *s, struct peer *speaker, size_t kept);
/** What the server has to keep for him: what he is owed and the kernel has not taken. */
size_t sleeper_kept(const struct sleeper *s);
/** The server has closed his connection. */
bool sleeper_is_cut_off(const struct room *room, const struct sleeper *s);
/** He reads again, and has missed nothing. */
void sleeper_wake(struct room *room, struct sleeper *s);
/** He says goodbye, and sees the end. */
void sleeper_send_away(struct room *room, struct sleeper *s);

#endif
