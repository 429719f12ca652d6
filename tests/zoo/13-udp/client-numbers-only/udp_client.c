/* zoo: fails by-name -- takes numeric addresses only */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST 65507

static struct addrinfo *server;
static volatile sig_atomic_t over;
static int fd;

static void on_alarm(int signal)
{
    over = signal;
}

static int from_server(const struct sockaddr_storage *from)
{
    if (from->ss_family != server->ai_family)
        return 0;
    if (from->ss_family == AF_INET) {
        const struct sockaddr_in *a = (const void *)from, *b = (const void *)server->ai_addr;
        return a->sin_port == b->sin_port && a->sin_addr.s_addr == b->sin_addr.s_addr;
    }
    const struct sockaddr_in6 *a = (const void *)from, *b = (const void *)server->ai_addr;
    return a->sin6_port == b->sin6_port && memcmp(&a->sin6_addr, &b->sin6_addr, sizeof a->sin6_addr) == 0;
}

static int asked(const char *line, size_t size)
{
    static char got[MOST + 2];
    for (int turn = 1; turn <= 3; turn++) {
        over = 0;
        sendto(fd, line, size, 0, server->ai_addr, server->ai_addrlen);
        alarm(1);
        while (!over) {
            struct sockaddr_storage from;
            socklen_t length = sizeof from;
            ssize_t n = recvfrom(fd, got, sizeof got, 0, (struct sockaddr *)&from, &length);
            if (n == (ssize_t)size && from_server(&from) && memcmp(got, line, size) == 0) {
                alarm(0);
                return 1;
            }
        }
    }
    return 0;
}

int main(int argc, char *argv[])
{
    struct addrinfo hints;
    struct sigaction action;
    char *end, *line = NULL;
    size_t room = 0;
    ssize_t n;
    int status = 0, unanswered;

    if (argc != 3)
        goto usage;
    long port = strtol(argv[2], &end, 10);
    if (*end == 0 && (end == argv[2] || port <= 0 || port >= 65536))
        goto usage;
    memset(&hints, 0, sizeof hints);
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_DGRAM;
    hints.ai_flags = AI_NUMERICHOST;
    int error = getaddrinfo(argv[1], argv[2], &hints, &server);
    if (error) {
        fprintf(stderr, "getaddrinfo: %s\n", gai_strerror(error));
        return 1;
    }
    fd = socket(server->ai_family, SOCK_DGRAM, 0);
    if (fd == -1) {
        perror("socket");
        return 1;
    }
    memset(&action, 0, sizeof action);
    action.sa_handler = on_alarm;
    sigaction(SIGALRM, &action, NULL);
    while ((n = getline(&line, &room, stdin)) != -1) {
        if (n > 0 && line[n - 1] == '\n')
            n--;
        unanswered = n > MOST || !asked(line, (size_t)n);
        status |= unanswered;
        if (unanswered)
            puts("no answer");
        else if (fwrite(line, 1, (size_t)n, stdout) == (size_t)n)
            putchar('\n');
        fflush(stdout);
        if (ferror(stdout)) {
            perror("stdout");
            return 1;
        }
    }
    free(line);
    freeaddrinfo(server);
    close(fd);
    return status;
usage:
    fprintf(stderr, "usage: udp_client HOST PORT\n");
    return 2;
}
