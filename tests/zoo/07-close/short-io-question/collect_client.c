/* zoo: fails short-io -- what one send did not take is lost */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

static char out[10007];
static size_t from, to;
static int sock, stdin_open = 1, sending = 1;

static int complain(const char *what)
{
    fprintf(stderr, "collect_client: %s: %s\n", what, strerror(errno));
    return 1;
}

static int put_all(const char *p, size_t n)
{
    while (n) {
        ssize_t k = write(1, p, n);
        if (k >= 0)
            p += k, n -= (size_t)k;
        else if (errno != EINTR)
            return -1;
    }
    return 0;
}

static int finish_connect(void)
{
    fd_set w;
    int error = 0;
    socklen_t size = sizeof error;

    do {
        FD_ZERO(&w);
        FD_SET(sock, &w);
    } while (select(sock + 1, NULL, &w, NULL, NULL) == -1 && errno == EINTR);
    if (getsockopt(sock, SOL_SOCKET, SO_ERROR, &error, &size) == -1)
        return -1;
    errno = error;
    return error == 0 ? 0 : -1;
}

static int talk(void)
{
    char in[10007];

    if (put_all(">", 1) == -1)
        return complain("stdout");
    for (;;) {
        fd_set r, w;

        FD_ZERO(&r);
        FD_ZERO(&w);
        FD_SET(sock, &r);
        if (from < to)
            FD_SET(sock, &w);
        else if (stdin_open)
            FD_SET(0, &r);
        else if (sending) {
            sending = 0;
            if (shutdown(sock, SHUT_WR) == -1)
                return complain("shutdown");
        }
        if (select(sock + 1, &r, &w, NULL, NULL) == -1) {
            if (errno == EINTR)
                continue;
            return complain("select");
        }
        if (FD_ISSET(sock, &w)) {
            ssize_t n = send(sock, out + from, to - from, MSG_NOSIGNAL);
            if (n > 0)
                from = to;
            else if (errno != EINTR && errno != EAGAIN)
                return complain("send");
        }
        if (stdin_open && FD_ISSET(0, &r)) {
            ssize_t n = read(0, out, sizeof out);
            from = 0;
            to = n > 0 ? (size_t)n : 0;
            if (n == 0)
                stdin_open = 0;
            else if (n < 0 && errno != EINTR)
                return complain("stdin");
        }
        if (FD_ISSET(sock, &r)) {
            ssize_t n = recv(sock, in, sizeof in, 0);
            if (n == 0)
                break;
            if (n < 0 && errno != EINTR && errno != EAGAIN)
                return complain("recv");
            if (n > 0 && put_all(in, (size_t)n) == -1)
                return complain("stdout");
        }
    }
    return put_all("\n", 1) == -1 ? complain("stdout") : 0;
}

int main(int argc, char **argv)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *res, *a;
    int status, error = 0;

    if (argc != 3 || *argv[2] == '\0' ||
        (argv[2][strspn(argv[2], "0123456789")] == '\0' && (atol(argv[2]) < 1 || atol(argv[2]) > 65535))) {
        fputs("usage: collect_client HOST PORT\n", stderr);
        return 2;
    }
    status = getaddrinfo(argv[1], argv[2], &hints, &res);
    if (status) {
        fprintf(stderr, "collect_client: %s\n", gai_strerror(status));
        return 1;
    }
    sock = -1;
    for (a = res; a; a = a->ai_next) {
        if ((sock = socket(a->ai_family, a->ai_socktype, a->ai_protocol)) == -1) {
            error = errno;
            continue;
        }
        if (connect(sock, a->ai_addr, a->ai_addrlen) == 0 ||
            ((errno == EINPROGRESS || errno == EINTR) && finish_connect() == 0))
            break;
        error = errno;
        close(sock);
        sock = -1;
    }
    freeaddrinfo(res);
    if (sock == -1) {
        errno = error;
        return complain("socket, connect");
    }
    status = talk();
    close(sock);
    return status;
}
