/* zoo: fails echoes -- it sends as many bytes as strlen counts */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BACKLOG 128

#define CHUNK 16384

static int parse_port(const char *text)
{
    int port = 0;

    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return -1;
        port = port * 10 + (*text - '0');
        if (port > 65535)
            return -1;
    }
    return port == 0 ? -1 : port;
}

static int open_listener(int port)
{
    int listener = -1;

    const int on = 1;
    struct sockaddr_in address;
    const char *call = "socket";

    listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener == -1)
        goto failed;

    call = "setsockopt";
    if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1)
        goto failed;

    memset(&address, 0, sizeof(address));
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_ANY);
    address.sin_port = htons((in_port_t)port);
    call = "bind";
    if (bind(listener, (const struct sockaddr *)&address, sizeof(address)) == -1)
        goto failed;

    call = "listen";
    if (listen(listener, BACKLOG) == 0)
        return listener;

failed:
    perror(call);
    if (listener != -1)
        close(listener);
    listener = -1;

    return listener;
}

static int accept_client(int listener)
{
    int conn = -1;

    const struct timespec moment = {.tv_sec = 0, .tv_nsec = 100000000};

    for (;;) {
        conn = accept(listener, NULL, NULL);
        if (conn != -1)
            break;

        const int error = errno;

        if (error == EINTR || error == ECONNABORTED)
            continue;
        fprintf(stderr, "accept: %s\n", strerror(error));
        if (error == EBADF || error == EINVAL || error == ENOTSOCK)
            break;
        if (error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM)
            nanosleep(&moment, NULL);
    }

    return conn;
}

static void echo(int conn)
{

    char bytes[CHUNK + 1];

    for (;;) {
        ssize_t got = read(conn, bytes, CHUNK);

        if (got == -1 && errno == EINTR)
            continue;
        if (got == -1)
            perror("read");
        if (got <= 0)
            return;
        bytes[got] = '\0';
        got = (ssize_t)strlen(bytes);
        for (ssize_t sent = 0; sent < got;) {
            ssize_t n = write(conn, bytes + sent, (size_t)(got - sent));

            if (n == -1 && errno == EINTR)
                continue;
            if (n == -1) {
                perror("write");
                return;
            }
            sent += n;
        }
    }
}

static void reap_children(int signal)
{
    const int error = errno;

    (void)signal;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        continue;
    errno = error;
}

static int arrange_reaping(void)
{
    struct sigaction action;

    memset(&action, 0, sizeof(action));
    action.sa_handler = reap_children;
    action.sa_flags = SA_RESTART | SA_NOCLDSTOP;
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGCHLD, &action, NULL) == -1) {
        perror("sigaction");
        return -1;
    }

    return 0;
}

static void hand_over(int listener, int conn)
{
    pid_t child = -1;

    child = fork();
    if (child == -1)
        perror("fork");

    if (child == 0) {
        close(listener);
        echo(conn);
        close(conn);
        _exit(EXIT_SUCCESS);
    }

    close(conn);
}

int main(int argc, char *argv[])
{
    int port = argc == 2 ? parse_port(argv[1]) : -1;

    if (port == -1) {
        fprintf(stderr, "usage: fork_server PORT    (1 to 65535)\n");
        return 2;
    }

    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR) {
        perror("signal");
        return EXIT_FAILURE;
    }

    if (arrange_reaping() == -1)
        return EXIT_FAILURE;

    int listener = open_listener(port);
    if (listener == -1)
        return EXIT_FAILURE;

    for (;;) {
        int conn = accept_client(listener);

        if (conn == -1)
            break;
        hand_over(listener, conn);
    }

    close(listener);
    return EXIT_FAILURE;
}
