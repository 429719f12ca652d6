/* zoo: fails greets reference -- SO_LINGER with time 0: the close is a reset, and the client meets an error instead of end of file */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void talk(FILE *client)
{
    const char *next = "Hello World!\n";

    setvbuf(client, NULL, _IONBF, 0);
    while (*next != '\0') {
        errno = 0;
        if (putc(*next, client) != EOF) {
            next++;
            continue;
        }
        if (errno != EINTR)
            break;
        clearerr(client);
    }
    setsockopt(fileno(client), SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
    fclose(client);
}

int main(int argc, char *argv[])
{
    struct sockaddr_storage peer;
    struct sockaddr_in name;
    const int one = 1;
    char extra;
    unsigned port;
    int door;

    if (argc != 2 || strspn(argv[1], "0123456789") != strlen(argv[1]) || strlen(argv[1]) > 9
        || sscanf(argv[1], "%u%c", &port, &extra) != 1 || port < 1 || port > 65535) {
        fprintf(stderr, "usage: %s PORT\n", argv[0]);
        return 2;
    }
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR || (door = socket(AF_INET, SOCK_STREAM, 0)) == -1) {
        perror("socket");
        return 1;
    }
    setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    memset(&name, 0, sizeof name);
    name.sin_family = AF_INET;
    name.sin_port = htons((in_port_t)port);
    if (bind(door, (struct sockaddr *)&name, sizeof name) == -1) {
        perror("bind");
        return 1;
    }
    if (listen(door, 10) == -1) {
        perror("listen");
        return 1;
    }
    for (;;) {
        char host[NI_MAXHOST], service[NI_MAXSERV];
        socklen_t size = sizeof peer;
        int fd = accept(door, (struct sockaddr *)&peer, &size);
        FILE *client;

        if (fd == -1)
            continue;
        if (getnameinfo((struct sockaddr *)&peer, size, host, sizeof host, service, sizeof service,
                        NI_NUMERICHOST | NI_NUMERICSERV) == 0) {
            printf("connection from %s:%s\n", host, service);
            fflush(stdout);
        }
        client = fdopen(fd, "w");
        if (client == NULL)
            close(fd);
        else
            talk(client);
    }
}
