/* right: an interval timer and sigsuspend() make the pause; the signal is blocked at all other times */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static volatile sig_atomic_t rang;

static void ring(int number)
{
    (void)number;
    rang = 1;
}

static void nap(void)
{
    const struct itimerval once = {.it_value = {.tv_usec = 200000}};
    sigset_t none;

    sigemptyset(&none);
    rang = 0;
    setitimer(ITIMER_REAL, &once, NULL);
    while (!rang)
        sigsuspend(&none);
}

static int dial(const struct addrinfo *a)
{
    struct pollfd p = {.events = POLLOUT};
    int error = 0;
    socklen_t size = sizeof(error);

    p.fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
    if (p.fd == -1 || connect(p.fd, a->ai_addr, a->ai_addrlen) == 0)
        return p.fd;
    error = errno;
    if (error == EINTR) {
        while (poll(&p, 1, -1) != 1)
            continue;
        getsockopt(p.fd, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error == 0)
            return p.fd;
    }
    close(p.fd);
    errno = error;
    return -1;
}

int main(int argc, char *argv[])
{
    size_t digits = argc == 3 ? strspn(argv[2], "0123456789") : 0;

    if (argc != 3 || (argv[2][digits] == '\0' && (digits == 0 || digits > 9 || atoi(argv[2]) < 1 || atoi(argv[2]) > 65535))) {
        fprintf(stderr, "usage: hello_client HOST PORT\n");
        return 2;
    }
    sigset_t alarm_only;
    sigemptyset(&alarm_only);
    sigaddset(&alarm_only, SIGALRM);
    sigprocmask(SIG_BLOCK, &alarm_only, NULL);
    sigaction(SIGALRM, &(struct sigaction){.sa_handler = ring}, NULL);
    signal(SIGPIPE, SIG_IGN);

    struct addrinfo *list, hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    int rc = argv[2][0] == '+' || argv[2][0] == ' ' ? EAI_SERVICE : getaddrinfo(argv[1], argv[2], &hints, &list);
    if (rc != 0) {
        fprintf(stderr, "hello_client: %s\n", gai_strerror(rc));
        return 1;
    }
    int s = -1;
    for (int round = 0; s == -1 && round < 5; round++) {
        if (round > 0)
            nap();
        for (struct addrinfo *a = list; a != NULL && s == -1; a = a->ai_next)
            s = dial(a);
    }
    if (s == -1) {
        perror("hello_client: socket or connect");
        freeaddrinfo(list);
        return 1;
    }
    freeaddrinfo(list);

    char bytes[10000];
    for (;;) {
        ssize_t n = recv(s, bytes, sizeof(bytes), 0);
        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1)
            perror("hello_client: recv");
        if (n <= 0) {
            close(s);
            return n == 0 ? 0 : 1;
        }
        for (char *p = bytes; n > 0;) {
            ssize_t k = write(STDOUT_FILENO, p, (size_t)n);
            if (k == -1 && errno != EINTR) {
                perror("hello_client: write");
                return 1;
            }
            k = k > 0 ? k : 0;
            p += k;
            n -= k;
        }
    }
}
