/**
 * @file test_io.c
 * @brief Lab 06: tests for the functions of io.c alone. `make unit` runs them; add your own.
 *
 * The descriptors are real: pipes, and pairs of connected sockets. What is not left to chance is
 * bad luck. read() and write() below take the place of the C library's for this program: they hand
 * on to the kernel, but as `luck` says they move fewer bytes than asked for, are interrupted, or
 * fail. So a test goes the same way each time, and in a moment.
 *
 * A test that does not come back within LIMIT seconds has failed: that is a loop that does not end,
 * or a function that waits for bytes that nobody will send. The others are run all the same.
 *
 * To add a test: write a function `static void test_something(void)`, and put it into the table
 * `tests` below. open_pair() gives you `in` to write to and `out` to read from.
 *
 * Exit status: 0 when all tests passed, 1 when not.
 */

#include "io.h"

#include <CUnit/Basic.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/** Seconds that a test may take. All of them need milliseconds. */
#define LIMIT 3

/* ---- Bad luck -------------------------------------------------------------------------------- */

/** What befalls read() and write() on the descriptor fd; a new test begins with none of it. */
static struct {
    int fd;           /**< whose luck this is */
    size_t most;      /**< bytes that one call moves at most; 0: no limit */
    int interrupts;   /**< so many calls fail with EINTR before each one that does something */
    int good_calls;   /**< after so many calls that did something ... */
    int then_fail;    /**< ... every call fails with this errno; 0: none does */
    int interrupted;  /**< used here: EINTRs since the last call that did something */
    int calls;        /**< counted here: calls that did something */
} luck;

/** @return 1 when this call is to fail, with errno set; else 0, with *n cut as luck says */
static int meet_luck(int fd, size_t *n)
{
    if (fd != luck.fd)
        return 0;
    if (luck.interrupted < luck.interrupts) {
        luck.interrupted++;
        errno = EINTR;
        return 1;
    }
    luck.interrupted = 0;
    if (luck.then_fail != 0 && luck.calls >= luck.good_calls) {
        errno = luck.then_fail;
        return 1;
    }
    luck.calls++;
    if (luck.most > 0 && *n > luck.most)
        *n = luck.most;
    return 0;
}

/* The linker takes these before the C library's. */

ssize_t read(int fd, void *buf, size_t n)
{
    return meet_luck(fd, &n) ? -1 : (ssize_t)syscall(SYS_read, fd, buf, n);
}

ssize_t write(int fd, const void *buf, size_t n)
{
    return meet_luck(fd, &n) ? -1 : (ssize_t)syscall(SYS_write, fd, buf, n);
}

/* Who prefers these to read() and write() meets the same luck, where these work at all. */

static int is_socket(int fd)
{
    int type = 0;
    socklen_t size = sizeof(type);

    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
}

ssize_t recv(int fd, void *buf, size_t n, int flags)
{
    if (!is_socket(fd)) /* errno says so already */
        return -1;
    return meet_luck(fd, &n) ? -1 : (ssize_t)syscall(SYS_recvfrom, fd, buf, n, flags, NULL, NULL);
}

ssize_t send(int fd, const void *buf, size_t n, int flags)
{
    if (!is_socket(fd))
        return -1;
    return meet_luck(fd, &n) ? -1 : (ssize_t)syscall(SYS_sendto, fd, buf, n, flags, NULL, 0);
}

ssize_t readv(int fd, const struct iovec *parts, int count)
{
    size_t n = count > 0 ? parts[0].iov_len : 0;

    if (fd != luck.fd)
        return (ssize_t)syscall(SYS_readv, fd, parts, count);
    return meet_luck(fd, &n) ? -1 : (ssize_t)syscall(SYS_read, fd, parts[0].iov_base, n);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    size_t n = count > 0 ? parts[0].iov_len : 0;

    if (fd != luck.fd)
        return (ssize_t)syscall(SYS_writev, fd, parts, count);
    return meet_luck(fd, &n) ? -1 : (ssize_t)syscall(SYS_write, fd, parts[0].iov_base, n);
}

/* ---- What every test uses -------------------------------------------------------------------- */

static int in = -1;         /**< what is written here ... */
static int out = -1;        /**< ... can be read here */
static sigjmp_buf too_late; /**< where a test that takes too long is left for */

/** Notes the failure of the running test, in a sentence, unless the condition is true. */
__attribute__((format(printf, 3, 4)))
static void check_at(int line, int condition, const char *format, ...)
{
    char text[512];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    CU_assertImplementation(condition ? CU_TRUE : CU_FALSE, (unsigned)line, text, "test_io.c", "",
                            CU_FALSE);
}

#define check(condition, ...) check_at(__LINE__, (condition), __VA_ARGS__)

/** For what a test itself needs and what has nothing to do with io.c. */
static void must(int condition, const char *what)
{
    if (!condition) {
        perror(what);
        exit(EXIT_FAILURE);
    }
}

/** Closes one end, if it is open; the other side then reads end of file, or cannot write. */
static void close_end(int *end)
{
    if (*end != -1)
        close(*end);
    *end = -1;
}

static void open_pair(int sockets)
{
    int ends[2];

    if (sockets) {
        must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "socketpair");
        out = ends[0];
        in = ends[1];
    } else {
        must(pipe(ends) == 0, "pipe");
        out = ends[0];
        in = ends[1];
    }
}

/** Puts bytes into the pair, few enough to fit without anybody reading. */
static void put(const char *bytes, size_t n)
{
    must(syscall(SYS_write, in, bytes, n) == (long)n, "write");
}

/** Puts bytes in and says that no more will come. */
static void put_last(const char *bytes, size_t n)
{
    put(bytes, n);
    close_end(&in);
}

/** What is still in the pair: takes it out, at most size bytes. The other end must be closed. */
static size_t take_rest(char *bytes, size_t size)
{
    size_t have = 0;
    long got = 0;

    do {
        got = syscall(SYS_read, out, bytes + have, size - have);
        must(got >= 0, "read");
        have += (size_t)got;
    } while (got > 0);
    return have;
}

/** Bytes of which none is like the next: what is lost, doubled or moved shows. */
static void fill(char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        bytes[i] = (char)((i * 7 + i / 256) & 0xff);
}

/** Where two arrays begin to differ; n when they don't. */
static size_t first_difference(const char *a, const char *b, size_t n)
{
    size_t i = 0;

    while (i < n && a[i] == b[i])
        i++;
    return i;
}

/* ---- readn ----------------------------------------------------------------------------------- */

static void test_readn_all(void)
{
    char buf[16] = {0};

    open_pair(0);
    put("0123456789", 10);
    ssize_t got = readn(out, buf, 10);
    check(got == 10, "readn(fd, buf, 10) returned %zd; all 10 bytes were there", got);
    check(memcmp(buf, "0123456789", 10) == 0, "buf holds \"%s\", not \"0123456789\"", buf);
}

static void test_readn_pieces(void)
{
    char sent[1000], buf[1000];

    fill(sent, sizeof(sent));
    memset(buf, '#', sizeof(buf));
    open_pair(1);
    put(sent, sizeof(sent));
    luck.fd = out;
    luck.most = 7;
    ssize_t got = readn(out, buf, sizeof(buf));
    check(got == 1000, "readn(fd, buf, 1000) returned %zd; the 1000 bytes came 7 at a time", got);
    size_t same = first_difference(sent, buf, sizeof(buf));
    check(same == 1000, "byte %zu of 1000 is wrong: does each piece go behind the last one?", same);
}

static void test_readn_takes_no_more(void)
{
    char buf[8], rest[8] = {0};

    memset(buf, '#', sizeof(buf));
    open_pair(0);
    put_last("abcdefg", 7);
    luck.fd = out;
    luck.most = 3;
    ssize_t got = readn(out, buf, 4);
    check(got == 4, "readn(fd, buf, 4) returned %zd", got);
    check(buf[4] == '#', "readn(fd, buf, 4) wrote behind the 4 bytes that it was given");
    size_t left = take_rest(rest, sizeof(rest));
    check(left == 3 && memcmp(rest, "efg", 3) == 0,
          "after 4 of 7 bytes were read, \"efg\" must be left to read; \"%.*s\" is", (int)left, rest);
}

static void test_readn_end_of_file(void)
{
    char buf[16];

    open_pair(1);
    put_last("abcd", 4);
    ssize_t got = readn(out, buf, sizeof(buf));
    check(got == 4, "4 bytes, then end of file: readn(fd, buf, 16) returned %zd, not 4", got);
    got = readn(out, buf, sizeof(buf));
    check(got == 0, "at end of file readn() returned %zd, not 0", got);
}

static void test_readn_interrupted(void)
{
    char buf[16] = {0};

    open_pair(0);
    put("0123456789", 10);
    luck.fd = out;
    luck.most = 4;
    luck.interrupts = 2;
    ssize_t got = readn(out, buf, 10);
    check(got == 10, "read() was interrupted (EINTR): readn(fd, buf, 10) returned %zd, not 10", got);
    check(memcmp(buf, "0123456789", 10) == 0, "buf holds \"%s\", not \"0123456789\"", buf);
}

static void test_readn_error(void)
{
    char buf[16];

    open_pair(0);
    put_last("abcd", 4);
    luck.fd = out;
    luck.then_fail = ECONNRESET;
    luck.good_calls = 1;
    luck.most = 2;
    errno = 0;
    ssize_t got = readn(out, buf, 10);
    check(got == -1, "read() failed after 2 of 10 bytes: readn() returned %zd, not -1", got);
    check(errno == ECONNRESET, "errno is \"%s\" after that, not read()'s \"%s\"", strerror(errno),
          strerror(ECONNRESET));
}

static void test_readn_nothing(void)
{
    char buf[1] = {'#'};

    open_pair(0);
    ssize_t got = readn(out, buf, 0);
    check(got == 0, "readn(fd, buf, 0) returned %zd, not 0", got);
    check(buf[0] == '#', "readn(fd, buf, 0) wrote into buf");
}

/* ---- writen ---------------------------------------------------------------------------------- */

/** Has writen() write under the luck that is set, and compares what arrived. */
static void check_writen(const char *how)
{
    char sent[1000], buf[2000];

    fill(sent, sizeof(sent));
    ssize_t put_in = writen(in, sent, sizeof(sent));
    check(put_in == 1000, "writen(fd, buf, 1000) returned %zd, not 1000 (%s)", put_in, how);
    close_end(&in);
    size_t arrived = take_rest(buf, sizeof(buf));
    check(arrived == 1000, "%zu bytes arrived, not 1000 (%s)", arrived, how);
    size_t both = arrived < 1000 ? arrived : 1000;
    size_t same = first_difference(sent, buf, both);
    check(same == both, "byte %zu of what arrived is wrong (%s)", same, how);
}

static void test_writen_all(void)
{
    open_pair(0);
    check_writen("nothing came in between");
}

static void test_writen_pieces(void)
{
    open_pair(1);
    luck.fd = in;
    luck.most = 7;
    check_writen("write() took 7 bytes at a time");
}

static void test_writen_interrupted(void)
{
    open_pair(0);
    luck.fd = in;
    luck.most = 300;
    luck.interrupts = 2;
    check_writen("write() was interrupted, EINTR");
}

static void test_writen_error(void)
{
    /* Nobody reads any more: a real EPIPE, because main() ignores SIGPIPE. */
    open_pair(1);
    close_end(&out);
    errno = 0;
    ssize_t got = writen(in, "hello", 5);
    check(got == -1, "nobody reads any more: writen() returned %zd, not -1", got);
    check(errno == EPIPE, "errno is \"%s\" after that, not write()'s \"%s\"", strerror(errno),
          strerror(EPIPE));
}

static void test_writen_late_error(void)
{
    open_pair(0);
    luck.fd = in;
    luck.most = 2;
    luck.good_calls = 1;
    luck.then_fail = ECONNRESET;
    errno = 0;
    ssize_t got = writen(in, "hello", 5);
    check(got == -1, "write() failed after 2 of 5 bytes: writen() returned %zd, not -1", got);
    check(errno == ECONNRESET, "errno is \"%s\" after that, not write()'s \"%s\"", strerror(errno),
          strerror(ECONNRESET));
}

static void test_writen_nothing(void)
{
    open_pair(0);
    ssize_t got = writen(in, "", 0);
    check(got == 0, "writen(fd, buf, 0) returned %zd, not 0", got);
}

/* ---- readline -------------------------------------------------------------------------------- */

/** Writes bytes into text as C would write them: "a\0b\n". @return text */
static const char *show(char text[static 256], const char *bytes, size_t n)
{
    size_t used = 0;

    for (size_t i = 0; i < n && used < 250; i++) {
        if (bytes[i] == '\n' || bytes[i] == '\0') {
            text[used++] = '\\';
            text[used++] = bytes[i] == '\n' ? 'n' : '0';
        } else {
            text[used++] = bytes[i];
        }
    }
    text[used] = '\0';
    return text;
}

/** Calls readline() with a buffer of size bytes and compares what it gives with expected. */
static void check_line_at(int line, size_t size, const char *expected, size_t length)
{
    char buf[64], want[256], have[256];

    memset(buf, '#', sizeof(buf));
    show(want, expected, length);
    ssize_t got = readline(out, buf, size);
    check_at(line, got == (ssize_t)length, "readline(fd, buf, %zu) returned %zd, not %zu: \"%s\"",
             size, got, length, want);
    if (got != (ssize_t)length)
        return;
    check_at(line, memcmp(buf, expected, length) == 0, "the line must be \"%s\", it is \"%s\"", want,
             show(have, buf, length));
    check_at(line, buf[length] == '\0', "no NUL follows the line \"%s\"", want);
    check_at(line, buf[size] == '#', "readline(fd, buf, %zu) wrote behind its %zu bytes", size, size);
}

#define check_line(size, expected) check_line_at(__LINE__, size, expected, sizeof(expected) - 1)

static void test_readline_lines(void)
{
    open_pair(0);
    put_last("first\n\nthird\n", 13);
    check_line(32, "first\n");
    check_line(32, "\n");
    check_line(32, "third\n");
    check_line(32, "");
}

static void test_readline_last_line(void)
{
    open_pair(1);
    put_last("one\ntwo", 7);
    check_line(32, "one\n");
    check_line(32, "two");
    check_line(32, "");
}

static void test_readline_does_not_wait(void)
{
    /* The other end stays open: whoever asks for more than the line waits for ever. */
    open_pair(1);
    put("now\n", 4);
    check_line(32, "now\n");
}

static void test_readline_takes_no_more(void)
{
    char rest[32];

    open_pair(0);
    put_last("head\nbody", 9);
    check_line(32, "head\n");
    size_t left = take_rest(rest, sizeof(rest));
    check(left == 4 && memcmp(rest, "body", 4) == 0,
          "what follows the newline must still be in the descriptor: \"body\", not \"%.*s\"",
          (int)left, rest);
}

static void test_readline_long_line(void)
{
    open_pair(0);
    put_last("abcdefghij\nk\n", 13);
    check_line(5, "abcd");
    check_line(5, "efgh");
    check_line(5, "ij\n");
    check_line(5, "k\n");
}

static void test_readline_exact_fit(void)
{
    open_pair(0);
    put_last("abc\nabcd\n", 9);
    check_line(5, "abc\n");
    check_line(5, "abcd");
    check_line(5, "\n");
}

static void test_readline_size_1(void)
{
    open_pair(0);
    put_last("x\n", 2);
    check_line(1, "");
    check_line(8, "x\n");
}

static void test_readline_nul_bytes(void)
{
    open_pair(0);
    put_last("a\0b\0\n\0\n", 7);
    check_line(32, "a\0b\0\n");
    check_line(32, "\0\n");
}

static void test_readline_interrupted(void)
{
    open_pair(1);
    put_last("one\ntwo\n", 8);
    luck.fd = out;
    luck.most = 1;
    luck.interrupts = 2;
    check_line(32, "one\n");
    check_line(32, "two\n");
    check_line(32, "");
}

static void test_readline_error(void)
{
    char buf[32];

    open_pair(0);
    put_last("abcd", 4);
    luck.fd = out;
    luck.most = 1;
    luck.good_calls = 2;
    luck.then_fail = ECONNRESET;
    errno = 0;
    ssize_t got = readline(out, buf, sizeof(buf));
    check(got == -1, "read() failed after 2 bytes: readline() returned %zd, not -1", got);
    check(errno == ECONNRESET, "errno is \"%s\" after that, not read()'s \"%s\"", strerror(errno),
          strerror(ECONNRESET));
}

/* ---- The table, and the one that runs it ----------------------------------------------------- */

static const struct test {
    const char *suite;
    const char *name;
    void (*run)(void);
} tests[] = {
    {"readn", "all at once", test_readn_all},
    {"readn", "in pieces", test_readn_pieces},
    {"readn", "takes no more than n", test_readn_takes_no_more},
    {"readn", "end of file", test_readn_end_of_file},
    {"readn", "interrupted", test_readn_interrupted},
    {"readn", "an error", test_readn_error},
    {"readn", "no bytes at all", test_readn_nothing},
    {"writen", "all at once", test_writen_all},
    {"writen", "in pieces", test_writen_pieces},
    {"writen", "interrupted", test_writen_interrupted},
    {"writen", "nobody reads", test_writen_error},
    {"writen", "an error in the middle", test_writen_late_error},
    {"writen", "no bytes at all", test_writen_nothing},
    {"readline", "line after line", test_readline_lines},
    {"readline", "a last line without newline", test_readline_last_line},
    {"readline", "does not wait for more than the line", test_readline_does_not_wait},
    {"readline", "takes nothing past the newline", test_readline_takes_no_more},
    {"readline", "a line longer than the buffer", test_readline_long_line},
    {"readline", "a line that just fits", test_readline_exact_fit},
    {"readline", "size 1", test_readline_size_1},
    {"readline", "NUL bytes", test_readline_nul_bytes},
    {"readline", "interrupted", test_readline_interrupted},
    {"readline", "an error", test_readline_error},
};

/** CUnit calls tests without an argument; this is the next one in the table. */
static const struct test *current = tests;

static void leave_test(int signal_number)
{
    (void)signal_number;
    siglongjmp(too_late, 1);
}

/** Runs the current test: with no bad luck at first, a time limit, and all closed at the end. */
static void run_current(void)
{
    /* Not a local variable: those may be lost when a test is left by siglongjmp(). */
    static const struct test *test;

    test = current++;
    memset(&luck, 0, sizeof(luck));
    luck.fd = -1;

    if (sigsetjmp(too_late, 1) == 0) {
        alarm(LIMIT);
        test->run();
    } else {
        check(0, "%s did not return within %d seconds: it waits for bytes that nobody sends, or goes "
                 "round for ever", test->suite, LIMIT);
    }
    alarm(0);
    close_end(&in);
    close_end(&out);
}

int main(void)
{
    struct sigaction action = {.sa_handler = leave_test};
    CU_pSuite suite = NULL;
    const char *suite_name = "";

    sigemptyset(&action.sa_mask);
    must(sigaction(SIGALRM, &action, NULL) == 0, "sigaction");
    must(signal(SIGPIPE, SIG_IGN) != SIG_ERR, "signal");

    /* Unbuffered: when a function under test crashes, what was said before is seen. */
    setvbuf(stdout, NULL, _IONBF, 0);

    if (CU_initialize_registry() != CUE_SUCCESS) {
        fprintf(stderr, "test_io: %s\n", CU_get_error_msg());
        return EXIT_FAILURE;
    }
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        if (strcmp(suite_name, tests[i].suite) != 0) {
            suite_name = tests[i].suite;
            suite = CU_add_suite(suite_name, NULL, NULL);
        }
        if (suite == NULL || CU_add_test(suite, tests[i].name, run_current) == NULL) {
            fprintf(stderr, "test_io: %s\n", CU_get_error_msg());
            return EXIT_FAILURE;
        }
    }

    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    unsigned failed = CU_get_number_of_failures();
    CU_cleanup_registry();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
