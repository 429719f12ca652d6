/**
 * @file ladder.h
 * The conversation of a failed check as a drawing: two lifelines, and what happened on each of them, one row a moment, in
 * the order of time. Made from a timeline by check/ladder.c, carried up the checker's pipe with the finding (wire.c), drawn by
 * report/. Data only.
 *
 *   ladder.c  making and freeing it
 */
#ifndef SOCKLAB_LADDER_H
#define SOCKLAB_LADDER_H

#include "core/core.h"

enum {
    LADDER_LANES = 2, /**< clients on the left, servers on the right */
    LADDER_ROWS = 48, /**< more than a page of A4 is a conversation that nobody reads */
};

/** What a row is. */
enum ladder_kind {
    LADDER_CALL,   /**< a system call of a program */
    LADDER_ACT,    /**< what a peer of the grader's did or saw, what went into a program's stdin */
    LADDER_NOTE,   /**< what the grader did to a program: bad luck made on purpose */
    LADDER_SIGNAL, /**< a signal delivered to a program */
    LADDER_END,    /**< a process ends */
    LADDER_GAP,    /**< across both lanes: rows that were left out, `text` says how many */
    LADDER_STOP,   /**< across both lanes, the last: nobody can go on, `text` says what is waited for */
    LADDER_KINDS,
};

/** What a row sends to the other side. */
enum ladder_travel {
    TRAVEL_NOTHING,
    TRAVEL_CONNECTION, /**< SYN: taken when the other side accepts */
    TRAVEL_BYTES,
    TRAVEL_END,   /**< FIN: end of file */
    TRAVEL_RESET, /**< RST */
    TRAVEL_KINDS,
};

enum { LADDER_NOWHERE = -1 };

/** One moment. Strings are owned, harmless for a terminal already, and may be NULL but for `text`. */
struct ladder_row {
    int lane; /**< 0 or 1; 0 of what lies across both */
    enum ladder_kind kind;
    char *who;    /**< who acts, where several share the lane; else NULL */
    char *text;   /**< `write(4, "Hello World!\n", 13) = 13`; of a call that only begins here `read(4, ...)` */
    char *file;   /**< the student's */
    int line;     /**< from 1; 0 if unknown */
    char *source; /**< that line */
    int since;    /**< index of the row in which this call was entered; LADDER_NOWHERE: in this one */
    bool injected; /**< result, size or answer was the grader's doing */
    bool waits;    /**< a call that had not returned when the check ended */
    bool kept;     /**< ... because the grader kept the task before it */
    enum ladder_travel travel;
    char *load; /**< what travels: `13 bytes` */
    int to;     /**< index of the row in which the other side takes it; its own: there is no row that shows it;
                     LADDER_NOWHERE: nobody took it */
};

struct ladder {
    char *lane[LADDER_LANES];   /**< who stands there: "client 1", "hello_server"; NULL: the lane is empty */
    bool student[LADDER_LANES]; /**< the student's own program stands there */
    bool stuck;                 /**< everybody waits, and nothing will ever happen */
    struct ladder_row *row;     /**< NULL: there is no ladder */
    size_t rows;
};

/** A new row at the end, zeroed but for `since` and `to`; NULL when LADDER_ROWS are there. Valid until the next one. */
struct ladder_row *ladder_add(struct ladder *l);
/** Frees what it owns and leaves it empty. */
void ladder_free(struct ladder *l);
/**
 * Whether its indexes and enumerations are as described: lanes exist, `since` points back on the same lane, `to` to the row itself or
 * a later one on the other lane. What came from elsewhere is drawn only if so.
 */
bool ladder_is_sound(const struct ladder *l);

/** The words of JSON: "call", "bytes"...; LADDER_KINDS or TRAVEL_KINDS for an unknown one. */
const char *ladder_kind_word(enum ladder_kind kind);
enum ladder_kind ladder_kind_of(const char *word);
const char *ladder_travel_word(enum ladder_travel travel);
enum ladder_travel ladder_travel_of(const char *word);

#endif
