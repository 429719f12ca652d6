/* zoo: fails usage -- 65536 is taken for a port: it becomes 0 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <sys/resource.h>
#include <sys/uio.h>

static int port_of(const char *s)
{
    long n = 0;
    if (*s == '\0' || s[strspn(s, "0123456789")] != '\0')
        return 0;
    for (; *s; s++)
        if ((n = n * 10 + *s - '0') > 65536)
            return 0;
    return (int)n;
}

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void grim_reaper(int s)
{
    int e = errno;
    while (wait3(NULL, WNOHANG, NULL) > 0)
        ;
    errno = e;
    (void)s;
}

static void serve(int c)
{
    char a[700], b[300];
    for (;;) {
        struct iovec v[2] = {{a, sizeof a}, {b, sizeof b}};
        ssize_t n = readv(c, v, 2);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        while (n > 0) {
            struct iovec o[2];
            size_t first = v[0].iov_len < (size_t)n ? v[0].iov_len : (size_t)n;
            o[0] = (struct iovec){v[0].iov_base, first};
            o[1] = (struct iovec){v[1].iov_base, (size_t)n - first};
            ssize_t m = writev(c, o, 2);
            if (m < 0 && errno == EINTR)
                continue;
            if (m < 0)
                return;
            n -= m;
            for (int i = 0; i < 2; i++) {
                size_t take = (size_t)m < v[i].iov_len ? (size_t)m : v[i].iov_len;
                v[i].iov_base = (char *)v[i].iov_base + take;
                v[i].iov_len -= take;
                m -= (ssize_t)take;
            }
        }
    }
}

int main(int argc, char *argv[])
{
    int port = argc == 2 ? port_of(argv[1]) : 0;
    if (port == 0) {
        fprintf(stderr, "usage: %s PORT\n", argv[0]);
        return 2;
    }

    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, grim_reaper);
    struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_port = htons((in_port_t)port), .sin6_addr = in6addr_any};
    int on = 1, off = 0, s = socket(AF_INET6, SOCK_STREAM, 0);
    if (s < 0)
        die("socket");
    if (setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) || setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off))
        die("setsockopt");
    if (bind(s, (struct sockaddr *)&a, sizeof a))
        die("bind");
    if (listen(s, 100))
        die("listen");
    for (;;) {
        struct sockaddr_storage who;
        socklen_t length = sizeof who;
        int c = accept(s, (struct sockaddr *)&who, &length);
        if (c < 0)
            continue;
        pid_t p = fork();
        if (!p) {
            close(s);
            serve(c);
            close(c);
            _exit(0);
        }
        close(c);
    }
}
