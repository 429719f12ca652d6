/**
 * @file
 * Something on the host that hostile submissions would like to reach; nobody may:
 *
 *     build/tool/canary FILE
 *
 * Listens on a TCP port of 127.0.0.1 and on the abstract socket @hostile-canary-PID, has a System V segment, and waits.
 * FILE, which appears when all is ready, gets
 *
 *     pid PID port PORT name hostile-canary-PID key KEY
 *
 * and a line `touched HOW` for whatever reached it: a connection, a signal, a change in the segment. SIGTERM ends it.
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void quit(const char *what) __attribute__((noreturn));
static void quit(const char *what)
{
    fprintf(stderr, "canary: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int open_port(int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) != 0 || listen(fd, 16) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        quit("the port");
    *port = ntohs(address.sin_port);
    return fd;
}

static int open_name(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    size_t length = strlen(name);

    memcpy(address.sun_path + 1, name, length);
    length += offsetof(struct sockaddr_un, sun_path) + 1;
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, (socklen_t)length) != 0 || listen(fd, 16) != 0)
        quit("the abstract socket");
    return fd;
}

/* All signals but the one that ends it; SIGSTOP and SIGKILL show as what they do. */
static int watch_signals(void)
{
    sigset_t all;

    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    return signalfd(-1, &all, SFD_CLOEXEC);
}

int main(int argc, char *argv[])
{
    static const char secret[] = "as it was";
    char name[64], fresh[4096];
    struct signalfd_siginfo signal_info;
    int port = 0;

    if (argc != 2 || snprintf(fresh, sizeof fresh, "%s.new", argv[1]) >= (int)sizeof fresh) {
        fprintf(stderr, "usage: canary FILE\n");
        return 2;
    }
    snprintf(name, sizeof name, "hostile-canary-%d", (int)getpid());
    key_t key = 0x50c00000 + (getpid() & 0xfffff);
    struct pollfd fds[] = {
        {.fd = open_port(&port), .events = POLLIN},
        {.fd = open_name(name), .events = POLLIN},
        {.fd = watch_signals(), .events = POLLIN},
    };
    int segment = shmget(key, 4096, IPC_CREAT | IPC_EXCL | 0666);
    char *memory = segment < 0 ? (void *)-1 : shmat(segment, NULL, 0);
    if (memory == (void *)-1)
        quit("the segment");
    memcpy(memory, secret, sizeof secret);

    FILE *file = fopen(fresh, "we");
    if (!file)
        quit(fresh);
    setvbuf(file, NULL, _IOLBF, 0);
    fprintf(file, "pid %d port %d name %s key %d\n", (int)getpid(), port, name, (int)key);
    if (rename(fresh, argv[1]) != 0)
        quit(argv[1]);
    fclose(stdout); /* whoever waits for the end of this pipe waits for the file */
    for (;;) {
        if (poll(fds, 3, -1) < 0)
            quit("poll");
        for (int i = 0; i < 2; i++) {
            if (fds[i].revents == 0)
                continue;
            fprintf(file, "touched %s\n", i == 0 ? "by a TCP connection" : "through the abstract socket");
            close(accept(fds[i].fd, NULL, NULL));
        }
        if (fds[2].revents && read(fds[2].fd, &signal_info, sizeof signal_info) > 0) {
            if (signal_info.ssi_signo == SIGTERM && signal_info.ssi_pid != 0)
                break;
            fprintf(file, "touched by signal %u\n", signal_info.ssi_signo);
        }
    }
    if (memcmp(memory, secret, sizeof secret) != 0)
        fprintf(file, "touched in its segment\n");
    return shmctl(segment, IPC_RMID, NULL) == 0 ? 0 : 1;
}
