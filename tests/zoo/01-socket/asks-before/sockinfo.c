/* zoo: fails order -- the first question is asked about number 3, before there is a socket */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int pick(const char *word, const char *const *words, const int *numbers)
{
    for (int i = 0; words[i] != NULL; i++) {
        if (strcmp(word, words[i]) == 0)
            return numbers[i];
    }
    return -1;
}

static int ask(int fd, int option)
{
    int answer = -1;
    socklen_t size = sizeof answer;

    if (getsockopt(fd, SOL_SOCKET, option, &answer, &size) == -1) {
        fprintf(stderr, "getsockopt: %s\n", strerror(errno));
        exit(EXIT_FAILURE);
    }
    return answer;
}

int main(int argc, char *argv[])
{
    static const char *const families[] = { "inet", "inet6", "unix", NULL };
    static const int domains[] = { PF_INET, PF_INET6, PF_LOCAL };
    static const char *const types[] = { "stream", "dgram", NULL };
    static const int kinds[] = { SOCK_STREAM, SOCK_DGRAM };
    int family, type, protocol, null, fd;

    if (argc != 3 || (family = pick(argv[1], families, domains)) == -1 ||
        (type = pick(argv[2], types, kinds)) == -1) {
        fprintf(stderr, "usage: %s inet|inet6|unix stream|dgram\n", argc > 0 ? argv[0] : "sockinfo");
        exit(2);
    }
    signal(SIGPIPE, SIG_IGN);

    null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    int early;
    socklen_t size = sizeof early;
    if (getsockopt(3, SOL_SOCKET, SO_TYPE, &early, &size) == 0)
        fprintf(stderr, "sockinfo: 3 is a socket already\n");
    fd = socket(family, type, 0);
    if (fd == -1) {
        fprintf(stderr, "socket: %s\n", strerror(errno));
        exit(EXIT_FAILURE);
    }
    protocol = ask(fd, SO_PROTOCOL);
    type = ask(fd, SO_TYPE);
    family = ask(fd, SO_DOMAIN);
    close(fd);
    if (null != -1)
        close(null);

    printf("fd=%d ", fd);
    printf("family=%s ", family == AF_INET ? "inet" : family == AF_INET6 ? "inet6" : "unix");
    printf("type=%s ", type == SOCK_STREAM ? "stream" : "dgram");
    printf("protocol=%s\n", protocol == IPPROTO_TCP ? "tcp" : protocol == IPPROTO_UDP ? "udp" : "none");
    if (fclose(stdout) == EOF) {
        fprintf(stderr, "stdout: %s\n", strerror(errno));
        exit(EXIT_FAILURE);
    }
    return 0;
}
