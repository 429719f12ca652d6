/* zoo: fails readline -- it returns strlen of the line: a NUL byte hides what follows */
#define _GNU_SOURCE
#include "io.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define PIECE 100
#define MIN(a, b) ((a) < (b) ? (a) : (b))

ssize_t readn(int fd, void *buf, size_t n)
{
    unsigned char *to = (unsigned char *)buf;
    size_t todo = n;
    ssize_t r = 1;

    for (; todo > 0 && r > 0; todo -= (size_t)r, to += r) {
        r = TEMP_FAILURE_RETRY(read(fd, to, MIN(todo, PIECE)));
        if (r < 0)
            return -1;
    }
    return (ssize_t)(n - todo);
}

ssize_t writen(int fd, const void *buf, size_t n)
{
    const unsigned char *from = (const unsigned char *)buf;
    size_t todo = n;

    while (todo) {
        ssize_t w = TEMP_FAILURE_RETRY(write(fd, from, MIN(todo, PIECE * 500)));
        if (w < 0)
            return w;
        from += w;
        todo -= (size_t)w;
    }
    return (ssize_t)n;
}

ssize_t readline(int fd, char *buf, size_t size)
{
    char *p = buf;
    ssize_t r = 1;

    while (size > 1 && r == 1 && (p == buf || p[-1] != '\n') && (size_t)(p - buf) < size - 1)
        if ((r = readn(fd, p, 1)) == 1)
            p++;
    *p = 0;
    return r < 0 ? -1 : (ssize_t)strlen(buf);
}
