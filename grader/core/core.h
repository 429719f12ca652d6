/**
 * @file core.h
 * The ground floor: what every other folder may lean on, and nothing above it.
 *
 *   buf.c       a growing, bounded byte buffer; printing bytes so that NUL and newline are seen
 *   utf8.c      letters and their columns, without a locale
 *   fail.c      die() and BUG(): the two ways in which the grader itself gives up
 *   fd.c        descriptors: write everything, read a file with a limit, close once
 *   tree.c      removing a directory tree that a stranger filled
 *   hermit.c    walls around a process that parses strangers' bytes     (core/hermit.h)
 *   clock.c     the one clock
 *   timeline.c  what happened: calls, peers, output, in one order         (core/timeline.h)
 *   address.c   socket addresses as a student writes them           (core/timeline.h)
 *   name.c      errno and signals by their names                    (core/timeline.h)
 *   verdict.c   what is said about it: findings, check and grade results  (core/verdict.h)
 *   csv.c       tables of spreadsheets, changed without touching the rest  (core/csv.h)
 *   ladder.c    a conversation as a drawing: two lifelines, rows     (core/ladder.h)
 *   wire.c      how a check's result travels up its pipe             (core/verdict.h)
 */
#ifndef SOCKLAB_CORE_H
#define SOCKLAB_CORE_H

#include <libintl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* --- words for people ------------------------------------------------------------------- */

/** Translates a message at run time; N_() marks one in a table, which _() translates later. */
#define _(message) gettext(message)
#define N_(message) message

/* --- giving up ---------------------------------------------------------------------------- */

/** Exit statuses of every subcommand (socklab(1)). */
enum exit_status {
    STATUS_FULL = 0,  /**< full marks, or the command did what it was told */
    STATUS_LESS = 1,  /**< graded, but not full marks */
    STATUS_USAGE = 2, /**< the command line is wrong */
    STATUS_TROUBLE = 3, /**< the grader could not grade: its own trouble, never a student's zero */
};

/** Prints "socklab: MESSAGE" and exits with @p status. For main() and for a child after fork. */
void die(enum exit_status status, const char *format, ...)
    __attribute__((noreturn, format(printf, 2, 3)));

/** Something that cannot be: prints file and line, aborts. Never for bad input. */
#define BUG(...) bug_at(__FILE__, __LINE__, __VA_ARGS__)
void bug_at(const char *file, int line, const char *format, ...)
    __attribute__((noreturn, format(printf, 3, 4)));

/** Memory or death: an allocation that fails is the grader's trouble (STATUS_TROUBLE). */
void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *old, size_t size);
char *xstrdup(const char *text);
char *xstrndup(const char *text, size_t size);
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* --- bytes ---------------------------------------------------------------------------------- */

/**
 * A growing byte buffer that is always NUL-terminated behind its length. Zero-initialise it
 * (`struct buf b = {0};`); `limit` 0 means none. What does not fit under the limit is counted in
 * `dropped`, never kept: that is how the grader's memory stays bounded whatever a program writes.
 */
struct buf {
    char *data; /**< NULL while nothing was ever added */
    size_t length;
    size_t capacity;
    size_t limit;
    size_t dropped;
};

void buf_add(struct buf *b, const void *bytes, size_t size);
void buf_puts(struct buf *b, const char *text);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *format, va_list args);
/** Removes the first @p size bytes. */
void buf_consume(struct buf *b, size_t size);
void buf_clear(struct buf *b);
void buf_free(struct buf *b);
/** The text, "" for an empty buffer; owned by the buffer. */
const char *buf_text(const struct buf *b);
/** Hands the text over (never NULL); the buffer is empty afterwards. Caller frees. */
char *buf_take(struct buf *b);

/**
 * Appends @p size bytes as a C string literal's inside (\\n, \\0, \\t, \\x1b, \\", \\\\), valid UTF-8
 * letters kept; at most @p most input bytes are shown, then `"...` is up to the caller.
 * Nothing that a terminal or a spreadsheet could take for a command survives.
 */
void buf_escape(struct buf *b, const void *bytes, size_t size, size_t most);
/** Appends `"…"` with buf_escape inside, followed by `...` when it was cut. */
void buf_quote(struct buf *b, const void *bytes, size_t size, size_t most);
/**
 * Appends text that is to be read as it is (a tool's message, a line of source): quotes, backslashes
 * and newlines stay, tabs become spaces, and whatever could steer a terminal or is not UTF-8 is
 * shown as \\x1b. Doing it twice changes nothing.
 */
void buf_plain(struct buf *b, const void *bytes, size_t size);

/** One character of UTF-8: its length in bytes and its code point; 0 if it is not valid (RFC 3629). */
size_t utf8_decode(const void *bytes, size_t size, uint32_t *code);
/** False for what steers a terminal: controls, direction marks, invisible and private ones. */
bool utf8_printable(uint32_t code);
/** Columns in a terminal: 0 for a mark on the letter before, 2 for a wide letter, else 1. */
int utf8_width(uint32_t code);

/** Appends a word as a shell takes it: in single quotes where it must be. */
void buf_shell(struct buf *b, const char *word);

/* --- descriptors ---------------------------------------------------------------------------- */

/** Closes *fd if it is one and makes it -1, so that nothing is closed twice. */
void fd_close(int *fd);
/** Writes all; 0 or -errno. Blocks as write(2) does. */
int fd_write_all(int fd, const void *bytes, size_t size);
/** Reads until end of file into @p b (its limit holds); 0 or -errno. Blocks. */
int fd_read_all(int fd, struct buf *b);
/** The same, but stops at the first bytes that the buffer's limit drops: what lies behind them is not read. */
int fd_read_some(int fd, struct buf *b);
/** A whole file into @p b; 0 or -errno. */
int file_read(const char *path, struct buf *b);
/** Creates or replaces a file with these bytes; 0 or -errno. */
int file_write(const char *path, const void *bytes, size_t size, mode_t mode);
/** Removes a directory tree without following links; 0 or -errno of the first failure. */
int tree_remove(const char *path);
/** pipe2(O_CLOEXEC); 0 or -errno. */
int pipe_make(int ends[2]);

/* --- time ------------------------------------------------------------------------------------- */

/** CLOCK_MONOTONIC in nanoseconds: the one clock of timelines and limits. */
int64_t clock_now(void);

#endif
