/**
 * @file io.h
 * @brief Lab 06: reading and writing that keep going. This file is given; do not change it.
 *
 * read() and write() on a connection may do less than they were asked for, and may be interrupted
 * by a signal before they have done anything. These three functions hide both. They take any
 * descriptor that read() and write() take: a socket, a pipe, a terminal, a file.
 *
 * What they have in common:
 * - they block until they have done what they promise, found end of file, or failed;
 * - a signal (EINTR) never ends them: they carry on;
 * - on an error they return -1, and errno is as the failed call left it.
 * - the caller owns the descriptor and the buffer; nothing is allocated, printed or closed.
 */

#ifndef SOCKLAB_IO_H
#define SOCKLAB_IO_H

#include <stddef.h>
#include <sys/types.h>

/**
 * Reads n bytes into buf, or fewer when end of file comes first.
 *
 * @return how many bytes were read: n, or less at end of file (0 when there was nothing before it);
 *         -1 on error, with errno kept
 */
ssize_t readn(int fd, void *buf, size_t n);

/**
 * Writes all n bytes of buf.
 *
 * The caller has arranged for SIGPIPE: a write to a connection whose other side is gone is then an
 * error like any other (EPIPE).
 *
 * @return n; -1 on error, with errno kept (some of the bytes may have been written)
 */
ssize_t writen(int fd, const void *buf, size_t n);

/**
 * Reads one line, up to and including its newline, at most size - 1 bytes, and ends it with a NUL.
 *
 * What follows the newline stays in the descriptor for the next call, and so does the rest of a
 * line that did not fit. A last line without a newline is a line. A line may contain NUL bytes,
 * so trust the length that is returned, not strlen().
 *
 * @param size the size of buf in bytes, at least 1; with 1 nothing is read and 0 is returned
 * @return the length of what was read, without the NUL; 0 at end of file; -1 on error, with errno
 *         kept. buf holds a string in all three cases.
 */
ssize_t readline(int fd, char *buf, size_t size);

#endif
