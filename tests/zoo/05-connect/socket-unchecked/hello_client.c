/* zoo: fails reports-failure -- does not look at what socket() returned: the failure is blamed on connect() */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int sd = -1;
static struct addrinfo *addresses;

static void clean_up(void)
{
    if (sd != -1)
        close(sd);
    if (addresses != NULL)
        freeaddrinfo(addresses);
}

static int finish(void)
{
    int e;
    socklen_t l = sizeof e;
    struct pollfd p = {sd, POLLOUT, 0};

    while (ppoll(&p, 1, NULL, NULL) == -1 && errno == EINTR)
        ;
    return getsockopt(sd, SOL_SOCKET, SO_ERROR, &e, &l) == -1 ? errno : e;
}

static int open_connection(void)
{
    int e = ECONNREFUSED;

    for (const struct addrinfo *a = addresses; a; a = a->ai_next) {
        sd = socket(a->ai_family, SOCK_STREAM, 0);
        if (connect(sd, a->ai_addr, a->ai_addrlen) == 0)
            return 0;
        if ((e = errno) == EINTR && (e = finish()) == 0)
            return 0;
        close(sd);
        sd = -1;
    }
    return e;
}

int main(int argc, char **argv)
{
    char text[64];
    ssize_t n;
    int e, i;

    if (argc == 3 && argv[2][strspn(argv[2], "0123456789")] == '\0') {
        unsigned long long p = strtoull(argv[2], NULL, 10);
        if (p == 0 || p > 65535)
            argc = 0;
    }
    if (argc != 3) {
        fputs("usage: hello_client HOST PORT\n", stderr);
        return 2;
    }
    atexit(clean_up);
    sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);

    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    if (argv[2][0] == '+')
        errx(1, "%s: unknown service", argv[2]);
    if ((e = getaddrinfo(argv[1], argv[2], &hints, &addresses)) != 0)
        errx(1, "%s: %s", argv[1], gai_strerror(e));

    for (i = 1; (e = open_connection()) != 0; i++) {
        if (i == 5)
            errx(1, "socket or connect to %s: %s", argv[1], strerror(e));
        struct timespec t = {0, 200 * 1000 * 1000};
        while (clock_nanosleep(CLOCK_REALTIME, 0, &t, &t) == EINTR)
            ;
    }
    if (shutdown(sd, SHUT_WR) == -1)
        err(1, "shutdown");

    while ((n = recvfrom(sd, text, sizeof text, 0, NULL, NULL)) != 0) {
        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1)
            err(1, "recvfrom");
        for (ssize_t done = 0, k; done < n; done += k)
            if ((k = write(1, text + done, (size_t)(n - done))) == -1) {
                if (errno != EINTR)
                    err(1, "write");
                k = 0;
            }
    }
    exit(0);
}
