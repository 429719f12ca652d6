/*
 * moves CALL: moves ten bytes over a connection to itself with one kind of call, again and again until all have
 * moved; prints what each returned. Afterwards its own memory and registers must be as an undisturbed call leaves
 * them: status 0 says so. moves accept N: accepts N connections. moves ask: options and a name. moves tell: reads
 * stdin in ones.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BYTES = 10, UNTOUCHED = 0xAA };

static const char message[BYTES + 1] = "0123456789";
static int ours, theirs;
static int end[2]; /* of a pipe, for splice(2) */

/* One system call, its six argument registers seen to be unchanged behind it (x86-64: all; aarch64: all but the
 * first, which holds the result). */
static long raw(long number, long a, long b, long c, long d, long e, long f)
{
#if defined(__x86_64__)
    long result;
    long di = a, si = b, dx = c;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    __asm__ volatile("syscall"
                     : "=a"(result), "+D"(di), "+S"(si), "+d"(dx), "+r"(r10), "+r"(r8), "+r"(r9)
                     : "0"(number)
                     : "rcx", "r11", "memory");
    if (di != a || si != b || dx != c || r10 != d || r8 != e || r9 != f)
        errx(70, "a register has changed");
#else
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    register long x5 __asm__("x5") = f;
    __asm__ volatile("svc 0"
                     : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5)
                     : "r"(x8)
                     : "memory");
    long result = x0;
    if (x1 != b || x2 != c || x3 != d || x4 != e || x5 != f)
        errx(70, "a register has changed");
#endif
    return result;
}

static int make_listener(struct sockaddr_in *in)
{
    socklen_t length = sizeof *in;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    *in = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (fd < 0 || bind(fd, (struct sockaddr *)in, length) < 0 || listen(fd, 16) < 0 ||
        getsockname(fd, (struct sockaddr *)in, &length) < 0)
        err(71, "listener");
    return fd;
}

static void make_connection(void)
{
    struct sockaddr_in in;
    int l = make_listener(&in);
    ours = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(ours, (struct sockaddr *)&in, sizeof in) < 0)
        err(72, "connect");
    theirs = accept(l, NULL, NULL);
    if (theirs < 0 || pipe(end) < 0)
        err(73, "accept");
}

/* --- the vector of a call: three entries, the middle one empty ---------------------------------- */

static struct iovec vector[3];
static char page[BYTES + 6];

static void cut_vector_at(char *bytes, size_t done)
{
    size_t left = BYTES - done;
    size_t first = left < 3 ? left : 3;
    vector[0] = (struct iovec){bytes + done, first};
    vector[1] = (struct iovec){bytes, 0};
    vector[2] = (struct iovec){bytes + done + first, left - first};
}

static void expect_vector(const struct iovec *was)
{
    if (memcmp(was, vector, sizeof vector) != 0)
        errx(74, "the vector has changed");
}

/* From the connection through the pipe into memory. */
static long splice_in(char *bytes, long size)
{
    long result = raw(SYS_splice, ours, 0, end[1], 0, size, 0);
    if (result > 0 && read(end[0], bytes, (size_t)result) != result)
        err(83, "read from the pipe");
    return result;
}

/* From memory through the pipe to the connection. What did not move stays in the pipe. */
static long splice_out(const char *bytes, long size)
{
    static long waiting;
    if (waiting == 0 && write(end[1], bytes, (size_t)size) == size)
        waiting = size;
    long result = raw(SYS_splice, end[0], 0, ours, 0, waiting, 0);
    waiting -= result > 0 ? result : 0;
    return result;
}

static long move(const char *how, char *bytes, size_t done)
{
    struct iovec was[3];
    struct msghdr header = {.msg_iov = vector, .msg_iovlen = 3}, before;
    long left = (long)(BYTES - done), at = (long)(bytes + done), result;
    cut_vector_at(bytes, done);
    memcpy(was, vector, sizeof was);
    before = header;
    if (strcmp(how, "read") == 0)
        result = raw(SYS_read, ours, at, left, 41, 42, 43);
    else if (strcmp(how, "recvfrom") == 0)
        result = raw(SYS_recvfrom, ours, at, left, 0, 0, 0);
    else if (strcmp(how, "readv") == 0)
        result = raw(SYS_readv, ours, (long)vector, 3, 41, 42, 43);
    else if (strcmp(how, "recvmsg") == 0)
        result = raw(SYS_recvmsg, ours, (long)&header, 0, 41, 42, 43);
    else if (strcmp(how, "write") == 0)
        result = raw(SYS_write, ours, at, left, 41, 42, 43);
    else if (strcmp(how, "sendto") == 0)
        result = raw(SYS_sendto, ours, at, left, 0, 0, 0);
    else if (strcmp(how, "writev") == 0)
        result = raw(SYS_writev, ours, (long)vector, 3, 41, 42, 43);
    else if (strcmp(how, "sendmsg") == 0)
        result = raw(SYS_sendmsg, ours, (long)&header, 0, 41, 42, 43);
    else if (strcmp(how, "receive-splice") == 0)
        result = splice_in(bytes + done, left);
    else if (strcmp(how, "splice") == 0)
        result = splice_out(bytes + done, left);
    else
        errx(99, "no such call: %s", how);
    expect_vector(was);
    if (memcmp(&before, &header, sizeof header) != 0)
        errx(75, "the message header has changed");
    return result;
}

static void report(long result)
{
    if (result < 0)
        printf("%s ", strerrorname_np((int)-result));
    else
        printf("%ld ", result);
}

/* Receives what the other end has sent as a whole. */
static int receive(const char *how)
{
    char *bytes = page + 3;
    memset(page, UNTOUCHED, sizeof page);
    if (send(theirs, message, BYTES, 0) != BYTES)
        err(76, "send");
    for (size_t done = 0; done < BYTES;) {
        long n = move(how, bytes, done);
        report(n);
        if (n == 0)
            return 1;
        if (n > 0)
            done += (size_t)n;
        for (size_t i = done; i < BYTES + 3; i++)
            if ((unsigned char)bytes[i] != UNTOUCHED)
                errx(77, "byte %zu was written to", i);
    }
    for (int i = 0; i < 3; i++)
        if ((unsigned char)page[i] != UNTOUCHED)
            errx(78, "the byte before was written to");
    return memcmp(bytes, message, BYTES) != 0;
}

static int transmit(const char *how)
{
    char sent[BYTES + 1], got[BYTES + 1] = "";
    memcpy(sent, message, sizeof sent);
    for (size_t done = 0; done < BYTES;) {
        long n = move(how, sent, done);
        report(n);
        if (n > 0)
            done += (size_t)n;
        if (memcmp(sent, message, sizeof sent) != 0)
            errx(79, "what was sent has changed");
    }
    if (shutdown(ours, SHUT_WR) < 0)
        err(80, "shutdown");
    if (recv(theirs, got, sizeof got, MSG_WAITALL) != BYTES) /* no more, no less */
        return 1;
    return memcmp(got, message, BYTES) != 0;
}

/* A vector that lies in memory which the program itself may not write. */
static int transmit_constant(void)
{
    static const struct iovec constant[2] = {{(char *)message, 4}, {(char *)message + 4, 6}};
    report(raw(SYS_writev, ours, (long)constant, 2, 41, 42, 43));
    return constant[0].iov_len != 4 || constant[1].iov_len != 6;
}

static int accept_all(int connections)
{
    struct sockaddr_in in;
    int l = make_listener(&in), accepted = 0;
    for (int i = 0; i < connections; i++) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(fd, (struct sockaddr *)&in, sizeof in) < 0)
            err(81, "connect");
    }
    while (accepted < connections) {
        struct sockaddr_in who = {0};
        socklen_t length = sizeof who;
        int fd = accept(l, (struct sockaddr *)&who, &length); /* accept */
        if (fd < 0) {
            printf("%s ", strerrorname_np(errno));
            if (length != sizeof who || who.sin_port != 0)
                return 1; /* a call that was never made has written */
            continue;
        }
        printf("ok ");
        accepted++;
    }
    return 0;
}

/* Everything that can be told to fail, each once; then it works. */
static int fail_all(void)
{
    struct sockaddr_in in, bound;
    socklen_t length = sizeof bound;
    int l = make_listener(&in), fd, on = 1;
    while ((fd = socket(AF_INET, SOCK_STREAM, 0)) < 0)
        printf("socket %s\n", strerrorname_np(errno));
    while (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
        printf("setsockopt %s\n", strerrorname_np(errno));
    while (connect(fd, (struct sockaddr *)&in, sizeof in) < 0)
        printf("connect %s\n", strerrorname_np(errno));
    while (getpeername(fd, (struct sockaddr *)&bound, &length) < 0)
        printf("getpeername %s\n", strerrorname_np(errno));
    int conn = accept(l, NULL, NULL);
    while (write(fd, "x", 1) < 0)
        printf("write %s\n", strerrorname_np(errno));
    char byte = '?';
    while (read(conn, &byte, 1) < 0)
        printf("read %s\n", strerrorname_np(errno));
    while (shutdown(fd, SHUT_WR) < 0)
        printf("shutdown %s\n", strerrorname_np(errno));
    while (read(conn, &byte, 1) != 0)
        continue;
    pid_t pid;
    while ((pid = fork()) < 0)
        printf("fork %s\n", strerrorname_np(errno));
    if (pid == 0)
        _exit(0);
    while (waitpid(pid, NULL, 0) < 0)
        printf("wait %s\n", strerrorname_np(errno));
    /* close(2): whatever it says, the descriptor is gone. */
    if (close(fd) < 0)
        printf("close %s\n", strerrorname_np(errno));
    if (close(fd) == 0 || errno != EBADF)
        return 1;
    return byte != 'x';
}

/* What a call handed out into room for `size` bytes; nothing else may have been written to. */
static int answer(const unsigned char *bytes, size_t room)
{
    int value = 0;
    for (size_t i = 0; i < 32; i++)
        if ((i < 8 || i >= 8 + room) && bytes[i] != UNTOUCHED)
            errx(82, "byte %zu was written to", i);
    memcpy(&value, bytes + 8, room < sizeof value ? room : sizeof value);
    return value;
}

/* Asks for options, with room for the answer, for half of it, for none; for a name; and what is no socket. */
static int ask_all(void)
{
    static const struct { int option; socklen_t room; } question[] = {
        {SO_TYPE, 4}, {SO_DOMAIN, 4}, {SO_TYPE, 2}, {SO_TYPE, 0}, {SO_TYPE, 16}};
    unsigned char bytes[32];
    struct sockaddr_in in;
    int l = make_listener(&in);
    for (size_t i = 0; i < sizeof question / sizeof question[0]; i++) {
        socklen_t room = question[i].room;
        memset(bytes, UNTOUCHED, sizeof bytes);
        if (raw(SYS_getsockopt, l, SOL_SOCKET, question[i].option, (long)(bytes + 8), (long)&room, 42) != 0)
            return 1;
        printf("%d/%d ", answer(bytes, room), (int)room);
    }
    for (socklen_t room = 4; room >= 3; room--) {
        socklen_t length = room;
        memset(bytes, UNTOUCHED, sizeof bytes);
        if (raw(SYS_getsockname, l, (long)(bytes + 8), (long)&length, 41, 42, 43) != 0 || length != sizeof in)
            return 1;
        answer(bytes, room);
        printf("%02x ", bytes[10]);
        printf(room == 4 ? "%02x " : "- ", bytes[11]);
    }
    socklen_t room = 4;
    memset(bytes, UNTOUCHED, sizeof bytes);
    report(raw(SYS_getsockopt, 0, SOL_SOCKET, SO_TYPE, (long)(bytes + 8), (long)&room, 42));
    report(raw(SYS_getsockopt, l, SOL_SOCKET, SO_TYPE, 0, (long)&room, 42));
    answer(bytes, 0);
    return room != 4;
}

/* What comes in on stdin, a byte a call; "e" ends it. */
static int tell(void)
{
    char byte;
    for (;;) {
        ssize_t n = read(0, &byte, 1); /* tell */
        if (n < 0)
            printf("%s\n", strerrorname_np(errno));
        else if (n == 0 || byte == 'e')
            return 0;
        else
            printf("%c\n", byte);
        fflush(stdout);
    }
}

static void *tell_thread(void *unused)
{
    tell();
    return unused;
}

/* Two threads that both read stdin. */
static int tell_twice(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, tell_thread, NULL) != 0)
        return 1;
    tell();
    return pthread_join(thread, NULL);
}

int main(int argc, char **argv)
{
    int status;
    if (argc < 2)
        errx(99, "usage: moves CALL");
    const char *how = argv[1];
    if (strcmp(how, "accept") == 0)
        status = accept_all(argc > 2 ? atoi(argv[2]) : 1);
    else if (strcmp(how, "fail") == 0)
        status = fail_all();
    else if (strcmp(how, "tell") == 0)
        status = tell();
    else if (strcmp(how, "tell-twice") == 0)
        status = tell_twice();
    else if (strcmp(how, "ask") == 0)
        status = ask_all();
    else {
        make_connection();
        if (strcmp(how, "constant") == 0)
            status = transmit_constant();
        else if (strncmp(how, "re", 2) == 0)
            status = receive(how);
        else
            status = transmit(how);
    }
    printf("\n");
    return status;
}
