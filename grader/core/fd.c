/**
 * @file fd.c
 * Descriptors and files: everything written, everything read, closed once.
 *
 * EINTR is nobody's failure here: a call that it interrupts is made again.
 */
#include "core/core.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

void fd_close(int *fd)
{
    if (*fd < 0)
        return;
    /* Not again after EINTR: on Linux the descriptor is gone by then (close(2)). */
    close(*fd);
    *fd = -1;
}

int fd_write_all(int fd, const void *bytes, size_t size)
{
    const char *at = bytes;

    while (size > 0) {
        ssize_t n = write(fd, at, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        at += n;
        size -= (size_t)n;
    }
    return 0;
}

int fd_read_all(int fd, struct buf *b)
{
    char chunk[65536];

    /* Past the limit too: whoever writes into a pipe must not block because of us. */
    for (;;) {
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            return 0;
        buf_add(b, chunk, (size_t)n);
    }
}

int fd_read_some(int fd, struct buf *b)
{
    char chunk[65536];

    while (b->dropped == 0) {
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            return 0;
        buf_add(b, chunk, (size_t)n);
    }
    return 0;
}

/* Reads a regular file up to the buffer's limit: a sparse one could be a terabyte long. */
static int read_regular(int fd, off_t size, struct buf *b)
{
    int result = fd_read_some(fd, b);

    if (result != 0 || b->dropped == 0)
        return result;
    off_t at = lseek(fd, 0, SEEK_CUR);
    if (at >= 0 && size > at)
        b->dropped += (size_t)(size - at);
    return 0;
}

int file_read(const char *path, struct buf *b)
{
    struct stat st;
    int result;

    /* O_NONBLOCK: opening a FIFO to read would wait for a writer that never comes. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return -errno;
    if (fstat(fd, &st) != 0)
        result = -errno;
    else if (S_ISDIR(st.st_mode))
        result = -EISDIR;
    else if (!S_ISREG(st.st_mode))
        result = -EINVAL;
    else
        result = read_regular(fd, st.st_size, b);
    fd_close(&fd);
    return result;
}

int file_write(const char *path, const void *bytes, size_t size, mode_t mode)
{
    bool created = true;
    int result = 0;

    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, mode);
    if (fd < 0 && errno == EEXIST) {
        created = false;
        fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, mode);
    }
    if (fd < 0)
        return -errno;
    /* A umask of 077 would hide the sandbox's files from the user who must read them. What was
     * there before keeps its own mode. */
    if (created && fchmod(fd, mode) != 0)
        result = -errno;
    if (result == 0)
        result = fd_write_all(fd, bytes, size);
    /* A full disk or quota may come to light only here (close(2)). */
    if (close(fd) != 0 && errno != EINTR && result == 0)
        result = -errno;
    if (result != 0 && created)
        unlink(path);
    return result;
}

int pipe_make(int ends[2])
{
    return pipe2(ends, O_CLOEXEC) == 0 ? 0 : -errno;
}
