/* zoo: fails readn -- end of file before n bytes is an error for it */
#include "io.h"
#include <errno.h>
#include <unistd.h>

ssize_t readn(int fd, void *buf, size_t n)
{
    char *b = buf;
    size_t done = 0;

    while (done < n) {
        ssize_t r = read(fd, b + done, n - done);
        if (r == -1 && errno == EINTR)
            continue;
        if (r == -1)
            return -1;
        if (r == 0) {
            errno = EPIPE;
            return -1;
        }
        done += (size_t)r;
    }
    return (ssize_t)done;
}

ssize_t writen(int fd, const void *buf, size_t n)
{
    const char *b = buf;
    size_t done = 0;

    while (done < n) {
        ssize_t w = write(fd, b + done, n - done);
        if (w == -1 && errno == EINTR)
            continue;
        if (w == -1)
            return -1;
        done += (size_t)w;
    }
    return (ssize_t)done;
}

ssize_t readline(int fd, char *buf, size_t size)
{
    size_t len = 0;
    char c;
    ssize_t r;

    while (len + 1 < size) {
        r = read(fd, &c, 1);
        if (r == -1 && errno == EINTR)
            continue;
        if (r == -1)
            return -1;
        if (r == 0)
            break;
        if ((buf[len++] = c) == '\n')
            break;
    }
    buf[len] = 0;
    return (ssize_t)len;
}
