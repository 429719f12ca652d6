/* zoo: fails exact-port -- the port of IPv6 is turned round neither on its way in nor on its way out: what is printed looks right */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int turn_on(int fd, int level, int option)
{
    int one = 1;

    return setsockopt(fd, level, option, &one, sizeof(int));
}

static void bytes_of_port(void *field, unsigned port)
{
    unsigned char *b = field;

    b[0] = (unsigned char)(port >> 8);
    b[1] = (unsigned char)port;
}

static unsigned port_of_bytes(const void *field)
{
    const unsigned char *b = field;

    return b[0] * 256u + b[1];
}

int main(int argc, char *argv[])
{
    union { struct sockaddr s; struct sockaddr_in four; struct sockaddr_in6 six; } u;
    struct sigaction act;
    socklen_t len;
    char text[64];
    unsigned port;
    char junk;
    int fd, set = 0, six;

    /* sscanf() skips blanks and takes a sign: only digits may reach it. */
    if (argc != 3 || strlen(argv[2]) == 0 || argv[2][strspn(argv[2], "0123456789")] ||
        strlen(argv[2] + strspn(argv[2], "0")) > 5 || sscanf(argv[2], "%u%c", &port, &junk) != 1 || port > 65535) {
        fprintf(stderr, "usage: bindname ADDR PORT (0..65535)\n");
        return 2;
    }
    memset(&u, 0, sizeof(u));
    six = inet_pton(AF_INET6, argv[1], &u.six.sin6_addr) == 1;
    if (!six && inet_pton(AF_INET, argv[1], &u.four.sin_addr) != 1) {
        fprintf(stderr, "usage: bindname ADDR PORT (numeric ADDR)\n");
        return 2;
    }
    u.s.sa_family = six ? AF_INET6 : AF_INET;
    if (six)
        u.six.sin6_port = (in_port_t)port;
    else
        bytes_of_port(&u.four.sin_port, port);
    len = six ? sizeof(u.six) : sizeof(u.four);

    memset(&act, 0, sizeof(act));
    act.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &act, NULL);

    fd = socket(u.s.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd == -1)
        err(1, "socket");
    if (turn_on(fd, SOL_SOCKET, SO_KEEPALIVE) || turn_on(fd, IPPROTO_TCP, TCP_NODELAY) ||
        turn_on(fd, SOL_SOCKET, SO_REUSEADDR) || (six && turn_on(fd, IPPROTO_IPV6, IPV6_V6ONLY)))
        err(1, "setsockopt");
    socklen_t room = sizeof(set);
    if (getsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &set, &room) || !set)
        err(1, "getsockopt");
    if (bind(fd, &u.s, len))
        err(1, "bind");
    len = sizeof(u);
    if (getsockname(fd, &u.s, &len))
        err(1, "getsockname");
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (six)
        set = printf("bound [%s]:%u\n", inet_ntop(AF_INET6, &u.six.sin6_addr, text, sizeof(text)),
                     (unsigned)u.six.sin6_port);
    else
        set = printf("bound %s:%u\n", inet_ntop(AF_INET, &u.four.sin_addr, text, sizeof(text)),
                     port_of_bytes(&u.four.sin_port));
    if (set < 0)
        err(1, "stdout");
    close(fd);
    return 0;
}
