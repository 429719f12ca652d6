/**
 * @file io.c
 * @brief Lab 06: reading and writing that keep going.
 *
 * The three functions that io.h promises: readn(), writen() and readline(). Read their contracts
 * there first. Nothing here prints or exits: a function that is used by several programs tells its
 * caller what happened (the return value and errno) and leaves it to the caller what to do about it.
 *
 * @solution
 * One remark for readers of this solution. Each function is one loop with the same three questions
 * after each call: was it interrupted, did it fail, and how much did it do? The order matters. A
 * count is added only when it is known to be one: -1 added to a size_t is a very large number.
 * @endsolution
 */

#include "io.h"

#include <errno.h>
#include <unistd.h>

ssize_t readn(int fd, void *buf, size_t n)
{
    size_t done = 0;

    /*
     * A connection is a stream of bytes: read() hands over what has arrived, which may be half of
     * what the other side wrote at once, or two of its messages together. One call is not enough,
     * so go round until n bytes are here. Each call asks only for what is still missing, and puts
     * it behind what is already there; otherwise it would write past the end of buf, or over the
     * first piece.
     *
     * Three things can come instead of bytes. A signal came first (EINTR): nothing was read and
     * nothing is lost, so ask again. End of file (0): no byte will ever follow, so asking again
     * would go round for ever; say how many came. Any other error: no count would be true.
     */
    //! [readn]
    while (done < n) {
        ssize_t got = read(fd, (char *)buf + done, n - done);

        if (got == -1 && errno == EINTR)
            continue;
        if (got == -1)
            return -1;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    //! [readn]
    /* @skeleton (void)fd, (void)buf, (void)n; // delete this line when the step is written */

    return (ssize_t)done;
}

ssize_t writen(int fd, const void *buf, size_t n)
{
    size_t done = 0;

    /*
     * write() on a connection copies bytes into the kernel's send buffer, and that has an end. A
     * signal in the middle, or a descriptor that does not block, makes it return with a part. Who
     * looks only for -1 then loses the rest without any error. So go round until all is written,
     * each time from the first byte that was not. A signal that came before the first byte (EINTR)
     * is no failure here either.
     */
    //! [writen]
    while (done < n) {
        ssize_t put = write(fd, (const char *)buf + done, n - done);

        if (put == -1 && errno == EINTR)
            continue;
        if (put == -1)
            return -1;
        done += (size_t)put;
    }
    //! [writen]
    /* @skeleton (void)fd, (void)buf, (void)n; // delete this line when the step is written */

    return (ssize_t)done;
}

ssize_t readline(int fd, char *buf, size_t size)
{
    size_t length = 0;

    /*
     * Nobody knows where a line ends before having read its newline, and what was read can't be put
     * back into a descriptor. Whoever reads a whole buffer takes bytes that belong to the next line
     * or to whoever reads this descriptor next. One byte at a time takes none too many. (That is
     * slow: a system call for every byte. Programs that read much keep a buffer between
     * the calls, and then nobody else may read that descriptor; stdio does so.)
     *
     * Stop after the newline, which belongs to the line; at end of file; and when only the place
     * for the NUL is left. Keep buf a string from the start, so that it is one on
     * every way out. Compare bytes only with '\n': a NUL byte in a line is a byte like any other.
     */
    //! [readline]
    buf[0] = '\0';
    while (length + 1 < size) {
        char byte = 0;
        ssize_t got = read(fd, &byte, 1);

        if (got == -1 && errno == EINTR)
            continue;
        if (got == -1)
            return -1;
        if (got == 0)
            break;
        buf[length] = byte;
        length++;
        buf[length] = '\0';
        if (byte == '\n')
            break;
    }
    //! [readline]
    /* @skeleton (void)fd, (void)buf, (void)size; // delete this line when the step is written */

    return (ssize_t)length;
}
