/**
 * @file chat.h
 * The room of labs 11 and 12, which is one room served in two ways: the conversations that both servers must hold, once.
 * The server is the lab's first program.
 *
 *   chat.c         a room and its people; what one says and the others hear
 *   chat_talk.c    relays, pieces, long-line
 *   chat_leave.c   leaves
 *   chat_crowd.c   ordered; many
 *   chat_common.c  the checks that every lab has, for a room
 */
#ifndef SOCKLAB_LABS_CHAT_H
#define SOCKLAB_LABS_CHAT_H

#include "check/crowd.h"
#include "labs/labs.h"

enum { CHAT_LINE = 1024 /**< bytes of the longest line, its newline included */, CHAT_PEOPLE = 10 };

/** A server and those who are in its room. Somebody who has left stays in the table, as NULL. */
struct room {
    struct check *check;
    struct program *server;
    struct peer *person[CHAT_PEOPLE];
    size_t people;
};

/** A server on a port of its own, and so many people in its room. @p trace as in struct start. */
struct room chat_open(struct check *c, uint32_t trace, size_t people);
/** One more comes; is in the room when this returns. */
struct peer *chat_enter(struct room *room);
/** One more, with a name and options of its own. */
struct peer *chat_enter_with(struct room *room, const char *name, struct peer_dial how);
/** Exactly these bytes come to everybody but @p speaker. */
void chat_expect(struct room *room, const struct peer *speaker, const void *bytes, size_t size);
/** A person says these bytes, and all the others receive them. */
void chat_say(struct room *room, struct peer *speaker, const char *text);
/** Nothing has come to this person, who is still in the room. */
void chat_expect_nothing(struct room *room, struct peer *person);
/** The same of everybody in the room. */
void chat_expect_silence(struct room *room);
/** The server still runs. Unlike program_expect_alive() it need not sleep. */
void chat_expect_alive(struct room *room);
/** A person is no longer in the room: its connection is over for the grader, too. */
void chat_forget(struct room *room, const struct peer *person);
/** The server is not needed any more, nor are those in its room; what comes next is another story. */
void chat_close(struct room *room);

/**
 * Two are gone when a line is about to be sent: the server meets EPIPE, and SIGPIPE if it has not provided against it. All is at
 * rest when this returns; the line, which the others were to hear.
 */
const char *chat_vanish_before_line(struct room *room, struct peer *const gone[2], struct peer *speaker);

void chat_run_relays(struct check *c);
void chat_run_pieces(struct check *c);
void chat_run_ordered(struct check *c);
void chat_run_leaves(struct check *c);
void chat_run_long_line(struct check *c);
/** So many at once, of whom some say so many lines. */
void chat_run_crowd(struct check *c, unsigned people, unsigned speakers, unsigned lines);

void chat_run_usage(struct check *c);
void chat_run_descriptors(struct check *c);
void chat_run_order(struct check *c);
void chat_run_short_io(struct check *c);
void chat_run_interrupted(struct check *c);
void chat_run_no_descriptors(struct check *c);
/** The room's conversation under a sanitizer: nothing is judged but that the server goes through with it. */
void chat_talk_under_sanitizer(struct check *c, struct room *room);
/** Reference clients in the student's room: each shows what the other was told on its stdin. */
void chat_talk_by_reference(struct check *c);

#endif
