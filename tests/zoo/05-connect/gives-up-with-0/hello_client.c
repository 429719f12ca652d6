/* zoo: fails gives-up reports-failure -- reports the failure but returns 0 */
#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { TRIES = 5 };

static int dial(struct addrinfo *ai)
{
    int s, err;

again:
    s = socket(ai->ai_family, ai->ai_socktype, ai->ai_protocol);
    if (s == -1)
        return -1;
    if (connect(s, ai->ai_addr, ai->ai_addrlen) == 0)
        return s;
    err = errno;
    close(s);
    if (err == EINTR)
        goto again;
    errno = err;
    return -1;
}

static void pause_200ms(void)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += 200000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
        ;
}

static int bad_port(const char *p)
{
    const char *q = p;
    long v;

    while (isdigit((unsigned char)*q))
        q++;
    if (*q != '\0')
        return 0;
    if (q == p)
        return 1;
    errno = 0;
    v = strtol(p, NULL, 10);
    return errno != 0 || v < 1 || v > 65535;
}

int main(int argc, char *argv[])
{
    struct addrinfo hints, *res, *ai;
    int rc, s = -1, try;
    char buf[8192];

    if (argc != 3 || bad_port(argv[2])) {
        fprintf(stderr, "usage: %s host port\n", argc > 0 ? argv[0] : "hello_client");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    memset(&hints, 0, sizeof hints);
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_protocol = IPPROTO_TCP;
    if (isalnum((unsigned char)argv[2][0]))
        rc = getaddrinfo(argv[1], argv[2], &hints, &res);
    else
        rc = EAI_SERVICE;
    if (rc != 0) {
        fprintf(stderr, "%s: %s\n", argv[1], gai_strerror(rc));
        return 1;
    }
    for (try = 1; try <= TRIES && s == -1; try++) {
        if (try > 1)
            pause_200ms();
        for (ai = res; ai != NULL && s == -1; ai = ai->ai_next)
            s = dial(ai);
    }
    if (s == -1) {
        perror("socket or connect");
        freeaddrinfo(res);
        return 0;
    }
    freeaddrinfo(res);

    while (1) {
        ssize_t got = recv(s, buf, sizeof buf, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            perror("recv");
            return 1;
        }
        if (got == 0)
            break;
        for (ssize_t off = 0; off < got;) {
            ssize_t put = write(STDOUT_FILENO, buf + off, (size_t)(got - off));
            if (put < 0 && errno == EINTR)
                continue;
            if (put < 0) {
                perror("write");
                return 1;
            }
            off += put;
        }
    }
    close(s);
    return 0;
}
