/* zoo: fails readline -- it reads a buffer full and keeps what follows the newline in a static buffer: whoever reads the descriptor next misses it */
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
        if (r == 0)
            break;
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

static char ahead[4096];
static ssize_t have, at;

ssize_t readline(int fd, char *buf, size_t size)
{
    size_t len = 0;

    while (len + 1 < size) {
        if (at == have) {
            at = 0;
            have = read(fd, ahead, sizeof ahead);
            if (have < 0) {
                have = 0;
                if (errno == EINTR)
                    continue;
                return -1;
            }
            if (have == 0)
                break;
        }
        buf[len++] = ahead[at++];
        if (buf[len - 1] == 10)
            break;
    }
    buf[len] = 0;
    return (ssize_t)len;
}
