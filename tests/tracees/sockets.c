/*
 * sockets: every call of the lessons once or more, each on a line of its own with a comment that names it.
 * sockets kinds [after FD...]: descriptors copied, closed and inherited.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

static const struct sockaddr_in loopback = {.sin_family = AF_INET};

static struct sockaddr_in at_loopback(void)
{
    struct sockaddr_in in = loopback;
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return in;
}

static void expect(long result, long should, const char *what)
{
    if (result != should)
        err(60, "%s: %ld, not %ld", what, result, should);
}

static void talk_tcp(void)
{
    struct sockaddr_in in = at_loopback(), who;
    socklen_t length = sizeof in;
    int on = 1, value = 0;
    socklen_t value_length = sizeof value;
    char bytes[64];

    int l = socket(AF_INET, SOCK_STREAM, 0); /* socket */
    expect(setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), 0, "reuse"); /* reuse */
    expect(bind(l, (struct sockaddr *)&in, sizeof in), 0, "bind"); /* bind */
    expect(listen(l, 5), 0, "listen"); /* listen */
    expect(getsockname(l, (struct sockaddr *)&in, &length), 0, "name"); /* getsockname */

    int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP); /* socket-2 */
    expect(connect(client, (struct sockaddr *)&in, sizeof in), 0, "connect"); /* connect */
    length = sizeof who;
    int conn = accept(l, (struct sockaddr *)&who, &length); /* accept */
    expect(setsockopt(conn, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), 0, "nodelay"); /* nodelay */
    length = sizeof who;
    expect(getpeername(conn, (struct sockaddr *)&who, &length), 0, "peer"); /* getpeername */

    expect(write(client, "Hello\n", 6), 6, "write"); /* write */
    expect(read(conn, bytes, sizeof bytes), 6, "read"); /* read */
    expect(send(conn, "a\0b", 3, MSG_NOSIGNAL), 3, "send"); /* send */
    expect(recv(client, bytes, sizeof bytes, 0), 3, "recv"); /* recv */
    struct iovec out[2] = {{(char *)"one ", 4}, {(char *)"two", 3}};
    expect(writev(client, out, 2), 7, "writev"); /* writev */
    struct iovec in_vector[2] = {{bytes, 2}, {bytes + 10, 20}};
    expect(readv(conn, in_vector, 2), 7, "readv"); /* readv */
    struct msghdr header = {.msg_iov = out, .msg_iovlen = 2};
    expect(sendmsg(conn, &header, 0), 7, "sendmsg"); /* sendmsg */
    header.msg_iov = in_vector;
    expect(recvmsg(client, &header, 0), 7, "recvmsg"); /* recvmsg */
    int file = open("/proc/self/exe", O_RDONLY);
    off_t at = 0;
    expect(sendfile(client, file, &at, 4), 4, "sendfile"); /* sendfile */
    expect(recv(conn, bytes, 4, MSG_WAITALL), 4, "recv"); /* recv-2 */

    expect(shutdown(client, SHUT_WR), 0, "shutdown"); /* shutdown */
    expect(read(conn, bytes, sizeof bytes), 0, "eof"); /* eof */
    expect(getsockopt(conn, SOL_SOCKET, SO_ERROR, &value, &value_length), 0, "so_error"); /* getsockopt */
    expect(accept(client, NULL, NULL), -1, "accept on a connection"); /* accept-wrong */
    expect(read(l, bytes, 1), -1, "read on a listener"); /* read-wrong */
    expect(listen(l, SOMAXCONN), 0, "again"); /* listen-2 */
    expect(close(conn), 0, "close"); /* close */
    expect(close(conn), -1, "twice"); /* close-twice */
    expect(close(client), 0, "close");
    expect(close(file), 0, "close");

    int second = socket(AF_INET, SOCK_STREAM, 0); /* second */
    expect(bind(second, (struct sockaddr *)&in, sizeof in), -1, "in use"); /* bind-in-use */
    expect(close(l), 0, "close");
    expect(connect(second, (struct sockaddr *)&in, sizeof in), -1, "refused"); /* refused */
    expect(close(second), 0, "close");
}

static void talk_more(void)
{
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
    struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "x"};
    int off = 0, v6 = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0); /* v6 */
    if (v6 >= 0) {
        setsockopt(v6, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off); /* v6only */
        in6.sin6_port = htons(1);
        bind(v6, (struct sockaddr *)&in6, 3); /* bind-short */
        close(v6);
    }
    int local = socket(AF_UNIX, SOCK_STREAM, 0);
    un.sun_path[0] = '\0';
    un.sun_path[1] = 'n';
    expect(connect(local, (struct sockaddr *)&un, 20), -1, "connect"); /* connect-unix */
    close(local);

    struct sockaddr_in in = at_loopback();
    socklen_t length = sizeof in;
    char bytes[600];
    memset(bytes, 'x', sizeof bytes);
    int udp = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP); /* udp */
    expect(bind(udp, (struct sockaddr *)&in, sizeof in), 0, "bind");
    expect(getsockname(udp, (struct sockaddr *)&in, &length), 0, "name");
    expect(sendto(udp, bytes, sizeof bytes, 0, (struct sockaddr *)&in, length), sizeof bytes, "sendto"); /* sendto */
    expect(recvfrom(udp, bytes, 4, 0, (struct sockaddr *)&in, &length), 4, "recvfrom"); /* recvfrom */
    expect(recv(udp, bytes, 4, MSG_DONTWAIT), -1, "nothing there"); /* again */
    close(udp);
    expect(socket(AF_INET, 77, 0), -1, "socket"); /* socket-wrong */
}

/* --- descriptors ------------------------------------------------------------------------------------ */

static void knock(int fd)
{
    int value;
    socklen_t length = sizeof value;
    getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &length); /* recorded with what the tracer knows of fd */
}

static void show_kinds(char *self)
{
    struct sockaddr_in in = at_loopback();
    socklen_t length = sizeof in;
    int l = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    knock(l); /* 1: socket, sock 1 */
    expect(bind(l, (struct sockaddr *)&in, length), 0, "bind");
    expect(listen(l, 5), 0, "listen");
    knock(l); /* 2: listener, 1 */
    expect(getsockname(l, (struct sockaddr *)&in, &length), 0, "name");
    int client = socket(AF_INET, SOCK_STREAM, 0);
    expect(connect(client, (struct sockaddr *)&in, length), 0, "connect");
    knock(client); /* 3: connected, 2 */
    int conn = accept4(l, NULL, NULL, SOCK_CLOEXEC);
    knock(conn); /* 4: accepted, 3 */

    int copy = dup(conn);
    knock(copy); /* 5: accepted, 3 */
    expect(close(conn), 0, "close");
    knock(copy); /* 6: accepted, 3 */
    expect(dup2(client, conn), conn, "dup2");
    knock(conn); /* 7: connected, 2 */
    expect(dup2(conn, conn), conn, "dup2");
    knock(conn); /* 8: connected, 2 */
    int high = fcntl(l, F_DUPFD, 100);
    knock(high); /* 9: listener, 1 */
    int cloexec = fcntl(copy, F_DUPFD_CLOEXEC, 101);
    knock(cloexec); /* 10: accepted, 3 */
    expect(dup3(copy, 120, O_CLOEXEC), 120, "dup3");
    expect(dup3(copy, 121, 0), 121, "dup3");
    expect(fcntl(copy, F_DUPFD, 122), 122, "dup");
    expect(fcntl(122, F_SETFD, FD_CLOEXEC), 0, "setfd");
    expect(fcntl(high, F_SETFD, FD_CLOEXEC), 0, "setfd");
    expect(fcntl(high, F_SETFD, 0), 0, "setfd");
    for (int fd = 130; fd < 135; fd++)
        expect(dup2(client, fd), fd, "dup2");
    expect(syscall(SYS_close_range, 131, 132, 0), 0, "close_range");
    knock(130); /* 11: connected, 2 */
    knock(133); /* 12: connected, 2 */
    expect(syscall(SYS_close_range, 133, ~0U, 4 /* CLOSE_RANGE_CLOEXEC */), 0, "close_range");
    knock(134); /* 13: connected, 2: still open */
    int fresh = socket(AF_INET, SOCK_DGRAM, 0);
    knock(fresh); /* 14: datagram, 4 */
    expect(close(fresh), 0, "close");
    int file = open("/dev/null", O_RDWR);
    expect(file, fresh, "the same number");
    expect(write(file, "x", 1), 1, "write"); /* not a socket any more: not recorded */
    expect(dup2(client, 1), 1, "dup2");
    knock(1); /* 15: connected, 2 */
    execl(self, self, "after", (char *)NULL);
    err(61, "exec");
}

/* After the exec: 3 is close-on-exec, 4 the client, 5 its copy, 6 the accepted; 100 the listener... */
static void show_after(void)
{
    int closed[] = {3, 101, 120, 122, 133, 134}, open_ones[] = {4, 5, 6, 100, 121, 130, 1};
    for (size_t i = 0; i < sizeof closed / sizeof closed[0]; i++)
        expect(fcntl(closed[i], F_GETFD), -1, "closed");
    for (size_t i = 0; i < sizeof open_ones / sizeof open_ones[0]; i++)
        knock(open_ones[i]);
    /* Numbers that were sockets before the exec are files now. */
    int fd;
    do
        expect(write(fd = open("/dev/null", O_WRONLY), "x", 1), 1, "write");
    while (fd < 134);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "kinds") == 0) {
        show_kinds(argv[0]);
    } else if (argc > 1 && strcmp(argv[1], "after") == 0) {
        show_after();
    } else {
        talk_tcp();
        talk_more();
    }
    return 0;
}
