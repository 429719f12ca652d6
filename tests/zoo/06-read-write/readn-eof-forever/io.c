/* zoo: fails readn early-close -- end of file is no end for it */
#include "io.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

ssize_t readn(int fd, void *buf, size_t n)
{
    char *p = buf, *end = p + n;

    while (p != end) {
        ssize_t r = recv(fd, p, (size_t)(end - p), MSG_WAITALL);
        if (r == -1 && errno == ENOTSOCK)
            r = read(fd, p, (size_t)(end - p));
        if (r == -1) {
            if (errno == EINTR)
                continue;
            return -1;
        }
        p += r;
    }
    return p - (char *)buf;
}

ssize_t writen(int fd, const void *buf, size_t n)
{
    const char *p = buf, *end = p + n;

    while (p != end) {
        ssize_t w = send(fd, p, (size_t)(end - p), MSG_NOSIGNAL);
        if (w == -1 && errno == ENOTSOCK)
            w = write(fd, p, (size_t)(end - p));
        if (w >= 0)
            p += w;
        else if (errno != EINTR)
            return -1;
    }
    return (ssize_t)n;
}

ssize_t readline(int fd, char *buf, size_t size)
{
    size_t have = 0;
    int last = 0;

    buf[0] = '\0';
    while (!last && have < size - 1) {
        size_t room = size - 1 - have, take;
        char *nl;
        ssize_t r = recv(fd, buf + have, room, MSG_PEEK);

        if (r == -1 && errno == EINTR)
            continue;
        if (r == -1 && errno == ENOTSOCK) {
            r = read(fd, buf + have, 1);
            if (r == 1) {
                last = buf[have++] == '\n';
                continue;
            }
            if (r == -1 && errno == EINTR)
                continue;
        }
        if (r == -1)
            return -1;
        if (r == 0)
            break;
        nl = memchr(buf + have, '\n', (size_t)r);
        take = nl ? (size_t)(nl - (buf + have)) + 1 : (size_t)r;
        r = readn(fd, buf + have, take);
        if (r == -1)
            return -1;
        have += (size_t)r;
        last = nl != NULL;
    }
    buf[have] = '\0';
    return (ssize_t)have;
}
