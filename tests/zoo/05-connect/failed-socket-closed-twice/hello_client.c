/* zoo: fails descriptors -- closes a failed socket in two places */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int queue;
static int last_fd = -1;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void until(int fd, uint32_t events)
{
    struct epoll_event e = {.events = events, .data.fd = fd};

    if (epoll_ctl(queue, EPOLL_CTL_ADD, fd, &e) < 0)
        die("epoll_ctl");
    while (epoll_wait(queue, &e, 1, -1) != 1)
        if (errno != EINTR)
            die("epoll_wait");
    if (epoll_ctl(queue, EPOLL_CTL_DEL, fd, NULL) < 0)
        die("epoll_ctl");
}

static int try_address(struct addrinfo *a, const char **call)
{
    socklen_t size = sizeof(int);
    int error = 0;
    int fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);

    *call = "socket";
    if (fd < 0)
        return -1;
    last_fd = fd;
    *call = "connect";
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    if (connect(fd, a->ai_addr, a->ai_addrlen) < 0)
        error = errno;
    if (error == EINPROGRESS || error == EINTR) {
        until(fd, EPOLLOUT);
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    }
    if (error == 0)
        return fd;
    close(fd);
    errno = error;
    return -1;
}

static int try_all(struct addrinfo *all)
{
    const char *call = "connect";
    int error = 0;

    for (int i = 0; i < 5; i++) {
        struct timespec pause = {.tv_nsec = 200000000};

        while (i > 0 && nanosleep(&pause, &pause) == -1)
            continue;
        for (struct addrinfo *a = all; a; a = a->ai_next) {
            int fd = try_address(a, &call);
            if (fd >= 0)
                return fd;
            error = errno;
            close(last_fd);
        }
    }
    fprintf(stderr, "hello_client: %s: %s\n", call, strerror(error));
    exit(1);
}

int main(int argc, char **argv)
{
    struct addrinfo hints, *all;
    char block[1024];
    const char *port = argc == 3 ? argv[2] : "";
    int numeric = strspn(port, "0123456789") == strlen(port);

    if (argc != 3 || (numeric && (atoll(port) < 1 || strlen(port) > 18 || atoll(port) > 65535))) {
        fprintf(stderr, "usage: %s HOST PORT\n", argv[0]);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    memset(&hints, 0, sizeof hints);
    hints.ai_socktype = SOCK_STREAM;
    int rc = port[0] == '+' || port[0] == ' ' ? EAI_SERVICE : getaddrinfo(argv[1], port, &hints, &all);
    if (rc) {
        fprintf(stderr, "hello_client: getaddrinfo: %s\n", gai_strerror(rc));
        return 1;
    }
    queue = epoll_create1(EPOLL_CLOEXEC);
    if (queue < 0)
        die("epoll_create1");
    int fd = try_all(all);
    freeaddrinfo(all);

    for (;;) {
        ssize_t n = read(fd, block, sizeof block);
        if (n == 0)
            break;
        if (n < 0 && errno == EAGAIN)
            until(fd, EPOLLIN | EPOLLRDHUP);
        else if (n < 0 && errno != EINTR)
            die("read");
        if (n > 0 && fwrite(block, 1, (size_t)n, stdout) != (size_t)n)
            die("fwrite");
        if (n > 0 && fflush(stdout) != 0)
            die("fflush");
    }
    close(fd);
    close(queue);
    return 0;
}
