/*
 * hostile arguments: calls whose arguments lie nowhere, count too much, or lead in circles; what each
 * returns. hostile many: five thousand calls.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static int ours, theirs;
static char *edge;    /* the last byte before a page that is not there */
static void *nowhere; /* an address that is mapped to nothing */

static void make_connection(void)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof in;
    int l = socket(AF_INET, SOCK_STREAM, 0);
    if (l < 0 || bind(l, (struct sockaddr *)&in, length) < 0 || listen(l, 5) < 0 ||
        getsockname(l, (struct sockaddr *)&in, &length) < 0)
        err(1, "listener");
    ours = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(ours, (struct sockaddr *)&in, sizeof in) < 0)
        err(2, "connect");
    theirs = accept4(l, NULL, NULL, SOCK_NONBLOCK);
    if (theirs < 0)
        err(3, "accept");
    /* Nothing here may wait: some of it is refused only under some faults. */
    int on = 1;
    if (ioctl(ours, FIONBIO, &on) < 0)
        err(4, "ioctl");
    close(l);
}

static void make_edge(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    /* A given place: whether 64 GiB behind it still are the program's to name must not depend on where it is. */
    char *two = mmap((void *)(8L << 30), 2 * page, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (two == MAP_FAILED || munmap(two + page, page) < 0)
        err(4, "mmap");
    edge = two + page - 1;
    nowhere = two + page;
    *edge = 'e';
}

static void show(const char *what, long result)
{
    if (result < 0)
        printf("%s: %s\n", what, strerrorname_np(errno));
    else
        printf("%s: %ld\n", what, result > 4096 ? 4096 : result); /* how much fits is not the point */
}

static long call(long number, long a, long b, long c, long d, long e, long f)
{
    return syscall(number, a, b, c, d, e, f);
}

static void try_addresses(void)
{
    long bad[] = {1, 8, (long)nowhere, -1, -4096, LONG_MIN};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        long p = bad[i];
        show("bind", call(SYS_bind, ours, p, 16, 0, 0, 0));
        show("bind-long", call(SYS_bind, ours, p, INT32_MAX, 0, 0, 0));
        show("connect", call(SYS_connect, ours, p, 16, 0, 0, 0));
        show("accept", call(SYS_accept, ours, p, p, 0, 0, 0));
        show("getsockname", call(SYS_getsockname, ours, p, p, 0, 0, 0));
        show("getpeername", call(SYS_getpeername, ours, (long)nowhere, p, 0, 0, 0));
        show("setsockopt", call(SYS_setsockopt, ours, SOL_SOCKET, SO_REUSEADDR, p, 4, 0));
        show("getsockopt", call(SYS_getsockopt, ours, SOL_SOCKET, SO_ERROR, p, p, 0));
        show("write", call(SYS_write, ours, p, 10, 0, 0, 0));
        show("read", call(SYS_read, ours, p, 10, 0, 0, 0));
        show("sendto", call(SYS_sendto, ours, p, 10, 0, p, 16));
        show("recvfrom", call(SYS_recvfrom, ours, p, 10, 0, p, p));
        show("writev", call(SYS_writev, ours, p, 3, 0, 0, 0));
        show("readv", call(SYS_readv, ours, p, 3, 0, 0, 0));
        show("sendmsg", call(SYS_sendmsg, ours, p, 0, 0, 0, 0));
        show("recvmsg", call(SYS_recvmsg, ours, p, 0, 0, 0, 0));
        show("sendfile", call(SYS_sendfile, ours, theirs, p, 10, 0, 0));
        show("nanosleep", call(SYS_nanosleep, p, p, 0, 0, 0, 0));
        show("clock_nanosleep", call(SYS_clock_nanosleep, 1, 0, p, p, 0, 0));
        show("ppoll", call(SYS_ppoll, p, 2, 0, 0, 0, 0));
        show("ppoll-time", call(SYS_ppoll, 0, 0, p, 0, 0, 0));
        show("pselect6", call(SYS_pselect6, 0, 0, 0, 0, p, 0));
        show("epoll_pwait", call(SYS_epoll_pwait, ours, p, 10, 0, 0, 0));
        show("rt_sigaction", call(SYS_rt_sigaction, 10, p, 0, 8, 0, 0));
        show("socketpair", call(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, p, 0, 0));
    }
}

static void try_descriptors(void)
{
    long bad[] = {-1, INT32_MAX, INT32_MIN, 65535, 65536, 1000000, 0x100000003};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if ((int)bad[i] == 3)
            continue;
        show("close", call(SYS_close, bad[i], 0, 0, 0, 0, 0));
        show("read", call(SYS_read, bad[i], (long)edge, 1, 0, 0, 0));
        show("listen", call(SYS_listen, bad[i], 1, 0, 0, 0, 0));
        show("accept", call(SYS_accept, bad[i], 0, 0, 0, 0, 0));
        show("dup3", call(SYS_dup3, ours, bad[i], 0, 0, 0, 0));
        show("dup", call(SYS_dup, bad[i], 0, 0, 0, 0, 0));
        show("fcntl", call(SYS_fcntl, ours, F_DUPFD, bad[i] < 0 ? bad[i] : INT32_MAX, 0, 0, 0));
        show("close_range", call(SYS_close_range, 1000, bad[i] & 0x7fffffff, 0, 0, 0, 0));
    }
    show("close_range", call(SYS_close_range, 10, 5, 0, 0, 0, 0));
    show("rt_sigaction", call(SYS_rt_sigaction, 1000, (long)edge, 0, 8, 0, 0));
    show("rt_sigaction", call(SYS_rt_sigaction, -1, (long)edge, 0, 8, 0, 0));
}

static void try_counts(void)
{
    static struct timespec at_once;
    long huge[] = {64L << 30, LONG_MAX, -1, INT32_MAX};
    for (size_t i = 0; i < sizeof huge / sizeof huge[0]; i++) {
        show("write", call(SYS_write, ours, (long)nowhere, huge[i], 0, 0, 0));
        show("sendto", call(SYS_sendto, ours, (long)nowhere, huge[i], 0, 0, 0));
        show("read", call(SYS_read, ours, (long)nowhere, huge[i], 0, 0, 0));
        show("writev", call(SYS_writev, ours, (long)edge & ~7L, huge[i], 0, 0, 0));
        show("poll", call(SYS_ppoll, (long)edge & ~7L, huge[i], (long)&at_once, 0, 0, 0)); /* 64 GiB are 0 to it */
        struct iovec io[3] = {{edge, (size_t)huge[i]}, {nowhere, (size_t)huge[i]}, {edge, 1}};
        show("writev", call(SYS_writev, ours, (long)io, 3, 0, 0, 0));
        show("readv", call(SYS_readv, ours, (long)io, 3, 0, 0, 0));
        struct msghdr header = {.msg_iov = io, .msg_iovlen = (size_t)huge[i]};
        show("sendmsg", call(SYS_sendmsg, ours, (long)&header, 0, 0, 0, 0));
        show("recvmsg", call(SYS_recvmsg, ours, (long)&header, 0, 0, 0, 0));
        header.msg_iovlen = 3;
        header.msg_name = nowhere;
        header.msg_namelen = 16;
        show("sendmsg", call(SYS_sendmsg, ours, (long)&header, 0, 0, 0, 0));
    }
}

/* Structures half of which are there. */
static void try_edges(void)
{
    struct iovec *half = (struct iovec *)(((uintptr_t)edge + 1) - 24);
    half[0] = (struct iovec){edge, 1};
    show("writev", call(SYS_writev, ours, (long)half, 2, 0, 0, 0));
    show("writev", call(SYS_writev, ours, (long)half, 1024, 0, 0, 0));
    show("writev", call(SYS_writev, ours, (long)half, 1025, 0, 0, 0));
    struct msghdr *header = (struct msghdr *)(((uintptr_t)edge + 1) - sizeof *header);
    memset(header, 0, sizeof *header);
    header->msg_iov = (struct iovec *)header; /* itself */
    header->msg_iovlen = 2;
    show("sendmsg", call(SYS_sendmsg, ours, (long)header, 0, 0, 0, 0));
    show("sendmsg", call(SYS_sendmsg, ours, (long)header + 8, 0, 0, 0, 0));
    show("bind", call(SYS_bind, ours, (long)edge, 16, 0, 0, 0));
    show("setsockopt", call(SYS_setsockopt, ours, SOL_SOCKET, SO_REUSEADDR, (long)edge, 1, 0));
    show("getsockname", call(SYS_getsockname, ours, (long)edge, (long)edge - 1, 0, 0, 0));
}

/* Lengths that the kernel writes although less was given. */
static void try_lengths(void)
{
    struct sockaddr_in in;
    socklen_t length = 0;
    memset(&in, 'z', sizeof in);
    long named = getsockname(ours, (struct sockaddr *)&in, &length);
    show("getsockname", named);
    if (named == 0 && (length != sizeof in || in.sin_port != htons(0x7a7a)))
        exit(5);
    length = UINT32_MAX;
    show("getsockname", getsockname(ours, (struct sockaddr *)&in, &length));
    /* A vector all of whose entries are the same byte, a thousand times. */
    struct iovec many[1024];
    char byte = 'm', got[2000];
    for (int i = 0; i < 1024; i++)
        many[i] = (struct iovec){&byte, 1};
    long sent = 0;
    while (sent < 1024) {
        long n = writev(ours, many, (int)(1024 - sent));
        if (n <= 0)
            break;
        sent += n;
    }
    show("sent", sent);
    long received = 0;
    while (received < sent) {
        long n = read(theirs, got, sizeof got);
        if (n < 0 && errno == EAGAIN)
            continue;
        if (n <= 0)
            break;
        received += n;
    }
    show("received", received);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "many") == 0) {
        for (int i = 0; i < 5000; i++)
            if (write(1, "", 0) != 0)
                return 1;
        return 0;
    }
    make_edge();
    make_connection();
    try_addresses();
    try_descriptors();
    try_counts();
    try_edges();
    try_lengths();
    printf("survived\n");
    return 0;
}
