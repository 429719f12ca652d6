/* right: a thread receives all the time; main waits for it with pthread_cond_timedwait(3) */
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LARGEST 65507

static int fd;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t come = PTHREAD_COND_INITIALIZER;
static const char *wanted; /* NULL: nothing is */
static size_t wanted_size;
static int answered;

static void *receive(void *unused)
{
    static char bytes[LARGEST + 1];
    for (;;) {
        ssize_t n = recv(fd, bytes, sizeof bytes, 0);
        pthread_mutex_lock(&lock);
        if (n >= 0 && wanted != NULL && (size_t)n == wanted_size && memcmp(bytes, wanted, wanted_size) == 0) {
            answered = 1;
            pthread_cond_signal(&come);
        }
        pthread_mutex_unlock(&lock);
    }
    return unused;
}

static int ask(const char *line, size_t size)
{
    int got = 0;
    pthread_mutex_lock(&lock);
    wanted = line;
    wanted_size = size;
    answered = 0;
    for (int i = 0; i < 3 && !answered; i++) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec++;
        send(fd, line, size, 0);
        while (!answered && pthread_cond_timedwait(&come, &lock, &until) != ETIMEDOUT)
            ;
    }
    got = answered;
    wanted = NULL;
    pthread_mutex_unlock(&lock);
    return got;
}

int main(int argc, char *argv[])
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM}, *list;
    pthread_t receiver;
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    int status = 0, error;

    if (argc != 3 || argv[2][0] == '\0' ||
        (strspn(argv[2], "0123456789") == strlen(argv[2]) && (strtol(argv[2], NULL, 10) < 1 || strtol(argv[2], NULL, 10) > 65535))) {
        fprintf(stderr, "usage: udp_client HOST PORT\n");
        return 2;
    }
    error = getaddrinfo(argv[1], argv[2], &hints, &list);
    if (error != 0) {
        fprintf(stderr, "udp_client: %s: %s\n", argv[1], gai_strerror(error));
        return 1;
    }
    fd = socket(list->ai_family, list->ai_socktype, list->ai_protocol);
    if (fd == -1 || connect(fd, list->ai_addr, list->ai_addrlen) == -1) {
        perror("udp_client: socket");
        return 1;
    }
    freeaddrinfo(list);
    error = pthread_create(&receiver, NULL, receive, NULL);
    if (error != 0) {
        fprintf(stderr, "udp_client: pthread_create: %s\n", strerror(error));
        return 1;
    }
    while ((n = getline(&line, &room, stdin)) != -1) {
        if (line[n - 1] == '\n')
            n--;
        int ok = n <= LARGEST && ask(line, (size_t)n);
        if (ok)
            fwrite(line, 1, (size_t)n, stdout);
        puts(ok ? "" : "no answer");
        if (fflush(stdout) != 0) {
            perror("udp_client: stdout");
            return 1;
        }
        status |= !ok;
    }
    free(line);
    pthread_cancel(receiver);
    pthread_join(receiver, NULL);
    close(fd);
    return status;
}
