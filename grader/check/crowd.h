/**
 * @file crowd.h
 * Many peers at once, in one room: hundreds of clients of one server, in one process, on one event loop. What one of them
 * says, all the others must hear. Every byte is accounted for: which line came from whom, whole, once, in its
 * sender's order.
 *
 *   ledger.c   who has heard what: lines that say whose they are, and a table. Pure
 *   crowd.c    the people: they come, speak in pieces that the seed chooses, and hear
 */
#ifndef SOCKLAB_CHECK_CROWD_H
#define SOCKLAB_CHECK_CROWD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct check;
struct peer;
struct program;

/* --- the ledger ---------------------------------------------------------------------------------------- */

enum { LEDGER_LINE_MAX = 96 }; /**< bytes of a line, its newline included */

/** Who has heard how many lines of whom. */
struct ledger {
    unsigned people;
    uint16_t *said;  /**< by person: lines said */
    uint16_t *heard; /**< by listener, then by speaker: lines heard in their order */
    uint64_t owed;   /**< lines that are still to be heard, of all people together */
};

/** What a line that somebody hears is. */
enum ledger_word {
    LEDGER_RIGHT,
    LEDGER_NOBODYS, /**< nobody has said it: broken, mixed, or of somebody's future */
    LEDGER_OWN,     /**< the listener's own */
    LEDGER_TWICE,   /**< heard before */
    LEDGER_EARLY,   /**< one before it is missing */
};

void ledger_open(struct ledger *l, unsigned people);
void ledger_close(struct ledger *l);
/** The next line of a person into @p line, which all others are to hear from now on; returns its length. */
size_t ledger_say(struct ledger *l, unsigned speaker, char line[LEDGER_LINE_MAX]);
/** A person hears a line, with its newline. @p speaker: whose it is or pretends to be, if it is anybody's. */
enum ledger_word ledger_hear(struct ledger *l, unsigned listener, const void *line, size_t size, unsigned *speaker);
/** A person who has not heard all, and of whom: false if all is heard. */
bool ledger_missing(const struct ledger *l, unsigned *listener, unsigned *speaker);

/* --- one of them (client.c) ------------------------------------------------------------------------------ */

/** One of two texts: bytes that may come in either of two orders. */
void peer_expect_either(struct check *c, struct peer *p, const char *one, const char *other);
/** Nothing has come so far, and the connection is still there. */
void peer_expect_none(struct check *c, struct peer *p);
/** After peer_reset() or peer_vanish(): as peer_await_left(), for programs that may have more to do than to wait. */
void peer_await_gone(struct check *c, struct peer *p);

/* --- the people ------------------------------------------------------------------------------------------ */

struct crowd {
    struct check *check;
    struct program *server;
    struct peer **person; /**< people of them */
    unsigned people;
    struct ledger ledger;
    /* the first thing that somebody heard and should not have */
    enum ledger_word wrong;
    unsigned listener, speaker;
    char *heard;
};

/**
 * How many clients this process can have at the same time, at most @p wanted: descriptors are limited (RLIMIT_NOFILE;
 * the soft limit is raised to the hard one). Where it is fewer, the check says so (check_warn()).
 */
unsigned crowd_size(struct check *c, unsigned wanted);
/**
 * So many clients come, a few at a time: never more than the shortest queue holds that the labs allow. All are in the
 * room, and all is at rest, when this returns. Fails the check if one cannot come in.
 */
struct crowd *crowd_gather(struct program *server, unsigned people);
/**
 * @p speakers of them, whom the seed chooses, say @p lines lines each: some in pieces, cut as the seed wants and interleaved, the
 * rest all at the same time. Returns when
 * everybody has heard everything, and nothing else; else fails the check with the first thing that was wrong.
 */
void crowd_talk(struct crowd *crowd, unsigned speakers, unsigned lines);
/** All of them leave: end of file, and their connections are closed by the server. */
void crowd_leave(struct crowd *crowd);

#endif
