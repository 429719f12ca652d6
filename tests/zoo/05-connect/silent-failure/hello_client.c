/* zoo: fails gives-up broken reports-failure -- says nothing when it fails */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum state { RESOLVE, DIAL, NEXT, NAP, COPY, SUCCEED, FAIL } state = RESOLVE;

static char *host, *port;
static struct addrinfo *list, *cursor;
static int fd = -1, round_no = 1, saved;
static char data[30000];
static const char *culprit = "connect";

static void check_arguments(int argc, char **argv)
{
    size_t i, n;

    if (argc != 3 || (n = strlen(argv[2])) == 0) {
    wrong:
        fprintf(stderr, "usage: hello_client HOST PORT\n");
        exit(2);
    }
    host = argv[1];
    port = argv[2];
    for (i = 0; i < n && port[i] >= '0' && port[i] <= '9'; i++)
        ;
    if (i == n) {
        while (*port == '0')
            port++;
        if (*port == '\0' || strlen(port) > 5 || atoi(port) > 65535)
            goto wrong;
    }
}

static void do_resolve(void)
{
    struct addrinfo hints = {0};
    int rc;

    hints.ai_socktype = SOCK_STREAM;
    rc = strspn(port, "+- \t\n\v\f\r") ? EAI_SERVICE : getaddrinfo(host, port, &hints, &list);
    if (rc) {
        fprintf(stderr, "cannot resolve %s %s: %s\n", host, port, gai_strerror(rc));
        exit(1);
    }
    cursor = list;
    state = DIAL;
}

static void do_dial(void)
{
    socklen_t size = sizeof saved;

    culprit = "socket";
    fd = socket(cursor->ai_family, cursor->ai_socktype, cursor->ai_protocol);
    if (fd < 0) {
        saved = errno;
        state = NEXT;
        return;
    }
    culprit = "connect";
    saved = connect(fd, cursor->ai_addr, cursor->ai_addrlen) < 0 ? errno : 0;
    if (saved == EINTR) {
        struct pollfd p = {.fd = fd, .events = POLLOUT};
        while (poll(&p, 1, -1) != 1)
            ;
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &saved, &size);
    }
    if (saved == 0) {
        state = COPY;
        return;
    }
    close(fd);
    fd = -1;
    state = NEXT;
}

static void do_copy(void)
{
    ssize_t n = read(fd, data, sizeof data);

    if (n == 0)
        state = SUCCEED;
    else if (n < 0 && errno != EINTR) {
        culprit = "read";
        saved = errno;
        state = FAIL;
    } else if (n > 0 && (fwrite(data, (size_t)n, 1, stdout) != 1 || fflush(stdout) != 0)) {
        culprit = "writing to stdout";
        saved = errno;
        state = FAIL;
    }
}

int main(int argc, char **argv)
{
    check_arguments(argc, argv);
    signal(SIGPIPE, SIG_IGN);
    for (;;) {
        switch (state) {
        case RESOLVE:
            do_resolve();
            break;
        case DIAL:
            do_dial();
            break;
        case NEXT:
            cursor = cursor->ai_next;
            state = cursor ? DIAL : round_no < 5 ? NAP : FAIL;
            break;
        case NAP:
            usleep(200 * 1000);
            round_no++;
            cursor = list;
            state = DIAL;
            break;
        case COPY:
            do_copy();
            break;
        case SUCCEED:
            close(fd);
            freeaddrinfo(list);
            return 0;
        case FAIL:
            freeaddrinfo(list);
            return 1;
        }
    }
}
