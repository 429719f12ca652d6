/* zoo: fails early-close -- after the server has closed it looks only at stdin, and so never ends */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char out[32768], back[32768];

static int dial(const char *host, const char *port)
{
    struct addrinfo want, *list, *ai;
    int s = -1, e, last = 0;

    memset(&want, 0, sizeof want);
    want.ai_socktype = SOCK_STREAM;
    if ((e = getaddrinfo(host, port, &want, &list)) != 0) {
        fprintf(stderr, "getaddrinfo: %s\n", e == EAI_SYSTEM ? strerror(errno) : gai_strerror(e));
        return -1;
    }
    for (ai = list; ai; ai = ai->ai_next) {
    again:
        s = socket(ai->ai_family, ai->ai_socktype, ai->ai_protocol);
        if (s < 0) {
            last = errno;
            continue;
        }
        if (connect(s, ai->ai_addr, ai->ai_addrlen) == 0)
            break;
        last = errno;
        close(s);
        s = -1;
        if (last == EINTR)
            goto again;
    }
    freeaddrinfo(list);
    if (s < 0)
        fprintf(stderr, "socket or connect: %s\n", strerror(last));
    return s;
}

static int show(const char *p, ssize_t n)
{
    while (n > 0) {
        ssize_t w = write(STDOUT_FILENO, p, (size_t)n);
        if (w < 0 && errno != EINTR)
            return -1;
        if (w > 0) {
            p += w;
            n -= w;
        }
    }
    return 0;
}

static int talk(int s)
{
    size_t have = 0, at = 0;
    unsigned long long sent = 0, returned = 0;
    int open = 1, shut = 0;

    while (open || have || returned < sent) {
        struct pollfd p[2] = {{.fd = (open && !have) ? STDIN_FILENO : -1, .events = POLLIN},
                              {.fd = shut ? -1 : s, .events = POLLIN}};
        if (have)
            p[1].events |= POLLOUT;
        if (poll(p, 2, -1) < 0) {
            if (errno == EINTR)
                continue;
            perror("poll");
            return 1;
        }
        if (p[0].revents) {
            ssize_t n = read(STDIN_FILENO, out, sizeof out);
            if (n < 0 && errno != EINTR) {
                perror("read stdin");
                return 1;
            }
            if (n == 0)
                open = 0;
            if (n > 0) {
                have = (size_t)n;
                at = 0;
            }
        }
        if (p[1].revents & POLLOUT) {
            ssize_t n = send(s, out + at, have, MSG_NOSIGNAL | MSG_DONTWAIT);
            if (n < 0 && errno != EINTR && errno != EAGAIN) {
                perror("send (write)");
                return 1;
            }
            if (n > 0) {
                at += (size_t)n;
                have -= (size_t)n;
                sent += (unsigned long long)n;
            }
        }
        if (p[1].revents & (POLLIN | POLLHUP | POLLERR)) {
            ssize_t n = recv(s, back, sizeof back, MSG_DONTWAIT);
            if (n < 0 && errno != EINTR && errno != EAGAIN) {
                perror("recv (read)");
                return 1;
            }
            if (n == 0) {
                if (!open && !have && returned == sent)
                    return 0;
                shut = 1;
            }
            if (n > 0) {
                returned += (unsigned long long)n;
                if (show(back, n) < 0) {
                    perror("write stdout");
                    return 1;
                }
            }
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 3 || argv[2][0] == '\0' ||
        (argv[2][strspn(argv[2], "0123456789")] == '\0' &&
         (strtoull(argv[2], NULL, 10) < 1 || strtoull(argv[2], NULL, 10) > 65535))) {
        fputs("usage: echo_client HOST PORT\n", stderr);
        return 2;
    }
    int s = dial(argv[1], argv[2]);
    if (s < 0)
        return 1;
    int rc = talk(s);
    close(s);
    return rc;
}
