/* zoo: fails warnings -- a function that nobody calls is left over */
#include <errno.h>
#include <netdb.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LARGEST 65507
#define TRIES 3

static char reply[LARGEST + 64];

static int is_answer(ssize_t n, const char *line, size_t size)
{
    return n == (ssize_t)size && memcmp(reply, line, size) == 0;
}

static sigjmp_buf out;

static void jump(int signal)
{
    siglongjmp(out, signal);
}

static int wait_answer(int fd, const char *line, size_t size)
{
    if (sigsetjmp(out, 1) != 0)
        return 0;
    alarm(1);
    while (!is_answer(recv(fd, reply, sizeof reply, 0), line, size))
        ;
    alarm(0);
    return 1;
}

static int ask_twice(int fd, const char *line, size_t size)
{
    return send(fd, line, size, 0) != -1 && send(fd, line, size, 0) != -1;
}

static int ask(int fd, const char *line, size_t size)
{
    if (size > LARGEST)
        return 0;
    for (int i = 0; i < TRIES; i++) {
        if (send(fd, line, size, 0) == -1)
            (void)!send(fd, line, size, 0);
        if (wait_answer(fd, line, size))
            return 1;
    }
    return 0;
}

static int resolve(const char *host, const char *port)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM}, *list = NULL;
    int fd = -1, error = getaddrinfo(host, port, &hints, &list);
    if (error) {
        fprintf(stderr, "udp_client: %s\n", gai_strerror(error));
        return -1;
    }
    for (struct addrinfo *a = list; a; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
        if (fd == -1)
            continue;
        if (connect(fd, a->ai_addr, a->ai_addrlen) == 0)
            break;
        close(fd);
        fd = -1;
    }
    if (fd == -1)
        perror("udp_client: socket or connect");
    freeaddrinfo(list);
    return fd;
}

static int is_port(const char *text)
{
    char *end;
    long n = strtol(text, &end, 10);
    if (text[strspn(text, "0123456789")] != '\0')
        return 1;
    return end != text && n > 0 && n < 65536;
}

int main(int argc, char *argv[])
{
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    int status = 0;

    if (argc != 3 || !is_port(argv[2])) {
        fprintf(stderr, "usage: udp_client HOST PORT\n");
        return 2;
    }
    int fd = resolve(argv[1], argv[2]);
    if (fd == -1)
        return 1;
    signal(SIGALRM, jump);
    while ((n = getline(&line, &room, stdin)) != -1) {
        if (line[n - 1] == '\n')
            n--;
        if (ask(fd, line, (size_t)n)) {
            fwrite(line, 1, (size_t)n, stdout);
            putchar('\n');
        } else {
            puts("no answer");
            status = 1;
        }
        if (fflush(stdout) == EOF) {
            perror("udp_client: stdout");
            return 1;
        }
    }
    free(line);
    close(fd);
    return status;
}
