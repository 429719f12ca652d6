/* zoo: fails interrupted -- writen of lab 06 gives up when a signal comes */
#include "io.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

ssize_t readn(int fd, void *buf, size_t n)
{
    size_t k = 0;

    while (k < n) {
        ssize_t r = read(fd, (char *)buf + k, n - k);
        if (r == 0)
            break;
        if (r > 0)
            k += (size_t)r;
        else if (errno != EINTR)
            return -1;
    }
    return (ssize_t)k;
}

ssize_t writen(int fd, const void *buf, size_t n)
{
    size_t k = 0;

    while (k < n) {
        ssize_t w = write(fd, (const char *)buf + k, n - k);
        if (w >= 0)
            k += (size_t)w;
        else
            return -1;
    }
    return (ssize_t)n;
}

ssize_t readline(int fd, char *buf, size_t size)
{
    size_t k = 0;

    while (k + 1 < size) {
        ssize_t r = readn(fd, buf + k, 1);
        if (r < 0)
            return -1;
        if (r == 0 || buf[k++] == '\n')
            break;
    }
    buf[k] = '\0';
    return (ssize_t)k;
}

