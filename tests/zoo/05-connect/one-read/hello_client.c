/* zoo: fails reads-all broken short-io -- one recv() must be all, it believes */
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct addrinfo want = {.ai_socktype = SOCK_STREAM, .ai_family = AF_UNSPEC};
    struct addrinfo *all = NULL, *one;
    int status = 1, sock = -1, tries, rc, why = 0;
    const char *what = "connect";
    char chunk[2000], *end;
    ssize_t n;

    if (argc != 3 || *argv[2] == '\0')
        goto usage;
    unsigned long num = strtoul(argv[2], &end, 10);
    if (*end == '\0' && strspn(argv[2], "0123456789") == strlen(argv[2]) &&
        (num < 1 || num > 65535))
        goto usage;
    if (strchr("+- \t", argv[2][0]) != NULL) {
        fprintf(stderr, "%s: %s\n", argv[2], gai_strerror(EAI_SERVICE));
        return 1;
    }
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IONBF, 0);

    rc = getaddrinfo(argv[1], argv[2], &want, &all);
    if (rc != 0) {
        fprintf(stderr, "getaddrinfo: %s\n", gai_strerror(rc));
        return 1;
    }
    for (tries = 0; tries < 5; tries++) {
        if (tries > 0) {
            struct timeval nap = {0, 200 * 1000};
            while (select(0, NULL, NULL, NULL, &nap) == -1 && errno == EINTR)
                ; /* Linux leaves what is left in nap */
        }
        for (one = all; one != NULL; one = one->ai_next) {
            sock = socket(one->ai_family, one->ai_socktype, one->ai_protocol);
            if (sock == -1) {
                why = errno;
                what = "socket";
                continue;
            }
            if (connect(sock, one->ai_addr, one->ai_addrlen) == 0)
                goto connected;
            why = errno;
            what = "connect";
            if (why == EINTR) {
                fd_set ready;
                socklen_t len = sizeof why;
                do {
                    FD_ZERO(&ready);
                    FD_SET(sock, &ready);
                } while (select(sock + 1, NULL, &ready, NULL, NULL) == -1 && errno == EINTR);
                getsockopt(sock, SOL_SOCKET, SO_ERROR, &why, &len);
                if (why == 0)
                    goto connected;
            }
            close(sock);
            sock = -1;
        }
    }
    fprintf(stderr, "%s: %s\n", what, strerror(why));
    goto out;

connected:
    for (n = -1; n < 0;) {
        n = recv(sock, chunk, sizeof chunk, 0);
        if (n == 0)
            break;
        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1) {
            perror("recv");
            goto out;
        }
        if (fwrite(chunk, 1, (size_t)n, stdout) != (size_t)n) {
            perror("stdout");
            goto out;
        }
    }
    status = 0;
out:
    if (sock != -1)
        close(sock);
    freeaddrinfo(all);
    return status;

usage:
    fprintf(stderr, "usage: %s HOST PORT\n", argv[0]);
    return 2;
}
