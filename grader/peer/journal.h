/**
 * @file journal.h
 * Plays syslogd: a datagram socket that programs find as /dev/log, and what came there. Like all of peer/ it never waits:
 * journal_handle() takes what is there when poll(2) says so.
 *
 * A message is what syslog(3) of glibc sends, RFC 3164 without the host: `<30>Jan  2 03:04:05 name[123]: text`. Programs that
 * write to /dev/log themselves may leave the time out, or name the host before the tag. Strangers' bytes.
 */
#ifndef SOCKLAB_JOURNAL_H
#define SOCKLAB_JOURNAL_H

#include "core/core.h"
#include "core/timeline.h"

enum { JOURNAL_MAX = 256 /**< entries kept; what comes after is only told */ };

struct journal_entry {
    int facility; /**< as in <sys/syslog.h>, shifted down: 3 is daemon; -1: the message names none */
    int severity; /**< 0 to 7, -1 */
    char name[64]; /**< the tag's name, cut to fit; "" if there is none */
    pid_t pid;    /**< the tag's number, 0 if it has none */
    size_t words; /**< where what people read begins in `message`: behind priority and time */
    size_t text;  /**< where the text begins in it: behind the tag */
    char *message; /**< as it came: without NULs, and newlines at its end; the journal's */
    const struct event *event; /**< its coming, in the timeline */
};

struct journal {
    struct timeline *timeline;
    actor_id actor;
    int fd;        /**< -1: not open */
    char path[108]; /**< for sandbox_run.log */
    struct journal_entry entry[JOURNAL_MAX];
    size_t entries;
};

/** Binds @p path, which must not be there yet. 0 or -errno; it stays open as long as its process lives. */
int journal_open(struct journal *j, struct timeline *timeline, const char *path);
/** Takes what has come; true if anything had. */
bool journal_handle(struct journal *j);
/** Splits a message, any string; `message` and `event` are left NULL. */
void journal_parse(const char *message, struct journal_entry *e);

#endif
