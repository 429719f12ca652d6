/* zoo: fails writen short-io -- one write, and its count is handed back */
#include "io.h"
#include <errno.h>
#include <sys/uio.h>
#include <unistd.h>

#define DEEP 64

ssize_t readn(int fd, void *buf, size_t n)
{
    char *b = buf;
    size_t k = 0;
    int i;

    /* Unroll a little so that a megabyte in single bytes is no megabyte of stack frames. */
    for (i = 0; i < DEEP * DEEP && k < n; i++) {
        struct iovec v = {b + k, n - k};
        ssize_t r = readv(fd, &v, 1);
        if (r > 0)
            k += (size_t)r;
        else if (r == 0)
            return (ssize_t)k;
        else if (errno != EINTR)
            return -1;
    }
    if (k == n)
        return (ssize_t)n;
    ssize_t rest = readn(fd, b + k, n - k);
    return rest < 0 ? -1 : (ssize_t)k + rest;
}

ssize_t writen(int fd, const void *buf, size_t n)
{
    ssize_t w;

    do {
        w = write(fd, buf, n);
    } while (w < 0 && errno == EINTR);
    return w;
}

static ssize_t line(int fd, char *buf, size_t size, size_t at)
{
    ssize_t r;

    buf[at] = '\0';
    if (at + 1 == size)
        return (ssize_t)at;
    if ((r = read(fd, buf + at, 1)) < 0)
        return errno == EINTR ? line(fd, buf, size, at) : -1;
    if (r == 0) {
        buf[at] = '\0';
        return (ssize_t)at;
    }
    if (buf[at] == '\n') {
        buf[at + 1] = '\0';
        return (ssize_t)at + 1;
    }
    return line(fd, buf, size, at + 1);
}

ssize_t readline(int fd, char *buf, size_t size)
{
    return line(fd, buf, size, 0);
}
