/* zoo: fails tcp ipv6 reference -- a typing error in the word for TCP */
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    int fd = -1, status = 1, got[2][3] = {{0}}, round, i;
    const int option[3] = { SO_DOMAIN, SO_TYPE, SO_PROTOCOL };
    char word[3][8] = { "", "", "none" };
    const char *call;
    sigset_t mask;
    socklen_t size;
    int family = -1, type = -1;

    if (argc == 3) {
        family = strcmp(argv[1], "inet") == 0 ? AF_INET
               : strcmp(argv[1], "inet6") == 0 ? AF_INET6
               : strcmp(argv[1], "unix") == 0 ? AF_UNIX : -1;
        type = strcmp(argv[2], "stream") == 0 ? SOCK_STREAM
             : strcmp(argv[2], "dgram") == 0 ? SOCK_DGRAM : -1;
    }
    if (family == -1 || type == -1) {
        fprintf(stderr, "usage: sockinfo FAMILY TYPE\n");
        status = 2;
        goto out;
    }
    sigemptyset(&mask);
    sigaddset(&mask, SIGPIPE);
    sigprocmask(SIG_BLOCK, &mask, NULL);

    call = "socket";
    fd = socket(family, type, 0);
    if (fd == -1)
        goto failed;
    call = "getsockopt";
    for (round = 0; round < 2; round++) {
        for (i = 0; i < 3; i++) {
            size = sizeof(int);
            if (getsockopt(fd, SOL_SOCKET, option[i], &got[round][i], &size) == -1)
                goto failed;
        }
    }
    if (memcmp(got[0], got[1], sizeof(got[0])) != 0) {
        fprintf(stderr, "sockinfo: the kernel has changed its mind\n");
        goto out;
    }
    strcpy(word[0], got[1][0] == AF_INET ? "inet" : got[1][0] == AF_INET6 ? "inet6" : "unix");
    strcpy(word[1], got[1][1] == SOCK_STREAM ? "stream" : "dgram");
    if (got[1][2] == IPPROTO_TCP)
        strcpy(word[2], "tpc");
    else if (got[1][2] == IPPROTO_UDP)
        strcpy(word[2], "udp");
    call = "stdout";
    printf("fd=%d family=%s type=%s protocol=%s\n", fd, word[0], word[1], word[2]);
    fflush(stdout);
    if (ferror(stdout))
        goto failed;
    status = 0;
    goto out;
failed:
    perror(call);
out:
    if (fd != -1)
        close(fd);
    return status;
}
