/**
 * @file
 * Buffers, making bytes visible, descriptors, files, trees, giving up.
 */
#include "core/core.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64]; /* a fresh one for the running test */

static void make_folder(void)
{
    strcpy(folder, "/tmp/socklab-test.XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
}

static const char *in_folder(const char *name)
{
    static char path[256];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void remove_folder(void)
{
    CU_ASSERT_EQUAL(tree_remove(folder), 0);
    CU_ASSERT_EQUAL(access(folder, F_OK), -1);
}

static void test_buf_grows(void)
{
    struct buf b = {0};

    CU_ASSERT_STRING_EQUAL(buf_text(&b), "");
    for (int i = 0; i < 1000; i++)
        buf_printf(&b, "%03d,", i);
    CU_ASSERT_EQUAL(b.length, 4000);
    CU_ASSERT_EQUAL(b.dropped, 0);
    CU_ASSERT_EQUAL(strlen(b.data), 4000);
    CU_ASSERT_NSTRING_EQUAL(b.data + 3996, "999,", 4);
    buf_consume(&b, 3992);
    CU_ASSERT_STRING_EQUAL(buf_text(&b), "998,999,");
    buf_consume(&b, 0);
    buf_consume(&b, 8);
    CU_ASSERT_STRING_EQUAL(buf_text(&b), "");
    buf_free(&b);
    CU_ASSERT_PTR_NULL(b.data);
}

static void test_buf_keeps_nul_bytes(void)
{
    struct buf b = {0};

    buf_add(&b, "a\0b", 3);
    CU_ASSERT_EQUAL(b.length, 3);
    CU_ASSERT_EQUAL(memcmp(b.data, "a\0b", 4), 0);
    buf_free(&b);
}

static void test_buf_limit(void)
{
    struct buf b = {.limit = 10};

    buf_puts(&b, "1234567");
    buf_puts(&b, "8901234");
    CU_ASSERT_STRING_EQUAL(buf_text(&b), "1234567890");
    CU_ASSERT_EQUAL(b.dropped, 4);
    buf_puts(&b, "x");
    CU_ASSERT_EQUAL(b.dropped, 5);
    buf_consume(&b, 5);
    buf_puts(&b, "abcdefg");
    CU_ASSERT_STRING_EQUAL(buf_text(&b), "67890abcde");
    CU_ASSERT_EQUAL(b.dropped, 7);
    buf_clear(&b);
    CU_ASSERT_EQUAL(b.length + b.dropped, 0);
    CU_ASSERT_EQUAL(b.limit, 10);
    buf_free(&b);
}

static void test_buf_take(void)
{
    struct buf b = {0};

    char *empty = buf_take(&b);
    CU_ASSERT_STRING_EQUAL(empty, "");
    buf_puts(&b, "text");
    char *text = buf_take(&b);
    CU_ASSERT_STRING_EQUAL(text, "text");
    CU_ASSERT_EQUAL(b.length, 0);
    CU_ASSERT_STRING_EQUAL(buf_text(&b), "");
    free(empty);
    free(text);
}

static const struct sample {
    const char *bytes;
    size_t size;
    size_t most;
    const char *quoted;
} samples[] = {
    {"Hello World!\n", 14, 99, "\"Hello World!\\n\\0\""},
    {"", 0, 99, "\"\""},
    {"a\tb\r\a\b\v\f", 8, 99, "\"a\\tb\\r\\a\\b\\v\\f\""},
    {"\"\\", 2, 99, "\"\\\"\\\\\""},
    {"\033[31m", 5, 99, "\"\\x1b[31m\""},
    {"\0"
     "1",
     2, 99, "\"\\x001\""}, /* \01 would be another byte */
    {"\0x", 2, 99, "\"\\0x\""},
    {"한글 ü €", 13, 99, "\"한글 ü €\""},
    {"\x7f\x80\xff", 3, 99, "\"\\x7f\\x80\\xff\""},
    {"\xc2\x9b"
     "31m",
     5, 99, "\"\\xc2\\x9b31m\""}, /* CSI as C1 control */
    {"\xe2\x80\xae"
     "x",
     4, 99, "\"\\xe2\\x80\\xaex\""},                         /* right-to-left override */
    {"\xc0\xaf", 2, 99, "\"\\xc0\\xaf\""},                   /* overlong */
    {"\xed\xa0\x80", 3, 99, "\"\\xed\\xa0\\x80\""},          /* surrogate */
    {"\xf4\x90\x80\x80", 4, 99, "\"\\xf4\\x90\\x80\\x80\""}, /* past the end of Unicode */
    {"\xea\xb8", 2, 99, "\"\\xea\\xb8\""},                   /* cut by whoever read it */
    {"한글", 6, 5, "\"한\"..."},                             /* never half a letter */
    {"abcdef", 6, 3, "\"abc\"..."},
    {"abc", 3, 3, "\"abc\""},
};

static void test_quote(void)
{
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        struct buf b = {0};
        buf_quote(&b, samples[i].bytes, samples[i].size, samples[i].most);
        if (strcmp(buf_text(&b), samples[i].quoted) != 0)
            printf("# %s instead of %s\n", buf_text(&b), samples[i].quoted);
        CU_ASSERT_STRING_EQUAL(buf_text(&b), samples[i].quoted);
        buf_free(&b);
    }
}

/* Every one- and two-byte input: no control character survives, and what comes out is UTF-8. */
static void test_escape_is_harmless(void)
{
    size_t bad = 0;

    for (unsigned value = 0; value < 0x10000; value++) {
        unsigned char bytes[2] = {value >> 8, value & 0xff};
        struct buf b[2] = {{0}, {0}};
        buf_escape(&b[0], bytes, 2, 2);
        buf_plain(&b[1], bytes, 2);
        for (int i = 0; i < 2; i++) {
            for (size_t at = 0; at < b[i].length;) {
                uint32_t code = 0;
                size_t length = utf8_decode(b[i].data + at, b[i].length - at, &code);
                bad += length == 0 || (!utf8_printable(code) && !(i == 1 && code == '\n'));
                at += length ? length : 1;
            }
            buf_free(&b[i]);
        }
    }
    CU_ASSERT_EQUAL(bad, 0);
}

static void test_plain(void)
{
    static const char text[] = "a\tb \"x\\n\" \033[0m\r\n\t한\tx";
    struct buf once = {0}, twice = {0};

    buf_plain(&once, text, sizeof text - 1);
    CU_ASSERT_STRING_EQUAL(buf_text(&once), "a       b \"x\\n\" \\x1b[0m\\x0d\n        한      x");
    buf_plain(&twice, once.data, once.length);
    CU_ASSERT_STRING_EQUAL(buf_text(&twice), buf_text(&once));
    buf_free(&once);
    buf_free(&twice);
}

static void test_utf8_width(void)
{
    CU_ASSERT_EQUAL(utf8_width('a'), 1);
    CU_ASSERT_EQUAL(utf8_width(0xe9), 1);
    CU_ASSERT_EQUAL(utf8_width(0xd55c), 2);
    CU_ASSERT_EQUAL(utf8_width(0x4e2d), 2);
    CU_ASSERT_EQUAL(utf8_width(0x301), 0);
}

static void test_fd_close(void)
{
    int ends[2] = {-1, -1};

    CU_ASSERT_EQUAL_FATAL(pipe_make(ends), 0);
    CU_ASSERT_TRUE(fcntl(ends[0], F_GETFD) & FD_CLOEXEC);
    int number = ends[0];
    fd_close(&ends[0]);
    CU_ASSERT_EQUAL(ends[0], -1);
    CU_ASSERT_EQUAL(fcntl(number, F_GETFD), -1);
    fd_close(&ends[0]);
    CU_ASSERT_EQUAL(ends[0], -1);
    fd_close(&ends[1]);
}

/* More than a pipe holds, so that both sides meet short counts. */
static void test_fd_write_and_read_all(void)
{
    enum { SIZE = 300000 };
    static unsigned char bytes[SIZE];
    struct buf b = {.limit = SIZE - 1000};
    int ends[2], status;

    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = (unsigned char)(i * 7 + i / 256);
    CU_ASSERT_EQUAL_FATAL(pipe_make(ends), 0);
    pid_t child = fork();
    CU_ASSERT_FATAL(child >= 0);
    if (child == 0)
        _exit(fd_write_all(ends[1], bytes, SIZE) != 0);
    fd_close(&ends[1]);
    CU_ASSERT_EQUAL(fd_read_all(ends[0], &b), 0);
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT_EQUAL(status, 0);
    CU_ASSERT_EQUAL(b.length, SIZE - 1000);
    CU_ASSERT_EQUAL(b.dropped, 1000);
    CU_ASSERT_EQUAL(memcmp(b.data, bytes, b.length), 0);
    buf_free(&b);
    fd_close(&ends[0]);
    CU_ASSERT_EQUAL(fd_read_all(-1, &b), -EBADF);
    CU_ASSERT_EQUAL(fd_write_all(-1, "x", 1), -EBADF);
}

static void test_files(void)
{
    struct buf b = {0};
    struct stat st;

    make_folder();
    mode_t mask = umask(077);
    CU_ASSERT_EQUAL(file_write(in_folder("hosts"), "one two", 7, 0644), 0);
    umask(mask);
    CU_ASSERT_EQUAL(stat(in_folder("hosts"), &st), 0);
    CU_ASSERT_EQUAL(st.st_mode & 0777, 0644);
    CU_ASSERT_EQUAL(chmod(in_folder("hosts"), 0600), 0);
    CU_ASSERT_EQUAL(file_write(in_folder("hosts"), "new", 3, 0644), 0);
    CU_ASSERT_EQUAL(stat(in_folder("hosts"), &st), 0);
    CU_ASSERT_EQUAL(st.st_mode & 0777, 0600);
    CU_ASSERT_EQUAL(file_read(in_folder("hosts"), &b), 0);
    CU_ASSERT_STRING_EQUAL(buf_text(&b), "new");
    buf_clear(&b);
    CU_ASSERT_EQUAL(file_read(in_folder("none"), &b), -ENOENT);
    CU_ASSERT_EQUAL(file_read(folder, &b), -EISDIR);
    CU_ASSERT_EQUAL(file_write(in_folder("no/such"), "x", 1, 0644), -ENOENT);
    CU_ASSERT_EQUAL(file_write(folder, "x", 1, 0644), -EISDIR);
    /* Nobody writes into it: a reader that waited would wait for ever. */
    CU_ASSERT_EQUAL(mkfifo(in_folder("fifo"), 0600), 0);
    CU_ASSERT_EQUAL(file_read(in_folder("fifo"), &b), -EINVAL);
    CU_ASSERT_EQUAL(b.length, 0);
    buf_free(&b);
    remove_folder();
}

/* A sparse terabyte is counted, not read. */
static void test_file_limit(void)
{
    struct buf b = {.limit = 100};

    make_folder();
    CU_ASSERT_EQUAL(file_write(in_folder("big"), "start", 5, 0600), 0);
    CU_ASSERT_EQUAL(truncate(in_folder("big"), (off_t)1 << 40), 0);
    CU_ASSERT_EQUAL(file_read(in_folder("big"), &b), 0);
    CU_ASSERT_EQUAL(b.length, 100);
    CU_ASSERT_EQUAL(b.dropped, ((size_t)1 << 40) - 100);
    buf_free(&b);
    remove_folder();
}

static void test_file_write_leaves_nothing(void)
{
    struct stat st;

    CU_ASSERT_EQUAL(file_write("/dev/full", "x", 1, 0644), -ENOSPC);
    CU_ASSERT_EQUAL(stat("/dev/full", &st), 0);
    CU_ASSERT_TRUE(S_ISCHR(st.st_mode));
}

/* Deeper than any path may be long, with directories that nobody may enter. */
static void test_tree_deep(void)
{
    enum { DEPTH = 3000 };

    make_folder();
    int fd = open(folder, O_RDONLY | O_DIRECTORY);
    for (int i = 0; i < DEPTH && fd >= 0; i++) {
        CU_ASSERT_EQUAL_FATAL(mkdirat(fd, "deeper", 0700), 0);
        CU_ASSERT_EQUAL_FATAL(mkdirat(fd, ".moved-1", 0), 0);
        int next = openat(fd, "deeper", O_RDONLY | O_DIRECTORY);
        if (i % 100 == 0)
            CU_ASSERT_EQUAL(fchmod(fd, 0), 0);
        close(fd);
        fd = next;
    }
    CU_ASSERT_FATAL(fd >= 0);
    close(fd);
    remove_folder();
}

static void test_tree_follows_no_link(void)
{
    char outside[80];

    make_folder();
    strcpy(outside, folder);
    CU_ASSERT_EQUAL(file_write(in_folder("kept"), "x", 1, 0600), 0);
    make_folder();
    CU_ASSERT_EQUAL(symlink(outside, in_folder("link")), 0);
    CU_ASSERT_EQUAL(mkdir(in_folder("sub"), 0700), 0);
    CU_ASSERT_EQUAL(symlink(outside, in_folder("sub/link")), 0);
    CU_ASSERT_EQUAL(tree_remove(in_folder("link")), -ENOTDIR);
    remove_folder();
    strcpy(folder, outside);
    CU_ASSERT_EQUAL(access(in_folder("kept"), F_OK), 0);
    remove_folder();
    CU_ASSERT_EQUAL(tree_remove(folder), -ENOENT);
}

static void test_clock(void)
{
    int64_t first = clock_now();

    CU_ASSERT_TRUE(first > 0);
    CU_ASSERT_TRUE(clock_now() >= first);
}

/* What a child prints on stderr while it gives up, and how it ends. */
static int end_of_child(void (*give_up)(void), struct buf *said)
{
    int ends[2], status = -1;

    CU_ASSERT_EQUAL_FATAL(pipe_make(ends), 0);
    fflush(stdout);
    pid_t child = fork();
    CU_ASSERT_FATAL(child >= 0);
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        give_up();
        _exit(99);
    }
    fd_close(&ends[1]);
    CU_ASSERT_EQUAL(fd_read_all(ends[0], said), 0);
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    fd_close(&ends[0]);
    return status;
}

static void remove_parents_things(void)
{
    dprintf(STDERR_FILENO, "cleanup");
}

/* A child after fork must not run what its parent has left for its own exit. */
static void die_with_handler(void)
{
    atexit(remove_parents_things);
    die(STATUS_TROUBLE, "no %s", "luck");
}

static void meet_a_bug(void)
{
    BUG("impossible: %d", 7);
}

static void test_giving_up(void)
{
    struct buf said = {0};

    int status = end_of_child(die_with_handler, &said);
    CU_ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == STATUS_TROUBLE);
    CU_ASSERT_STRING_EQUAL(buf_text(&said), "socklab: no luck\n");
    buf_clear(&said);
    status = end_of_child(meet_a_bug, &said);
    CU_ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    CU_ASSERT_PTR_NOT_NULL(strstr(buf_text(&said), "test_core.c:"));
    CU_ASSERT_PTR_NOT_NULL(strstr(buf_text(&said), "impossible: 7\n"));
    buf_free(&said);
}

/* build/unit --first: as process 1 of a namespace, as in a container. */
int core_die_below_first(void)
{
    int status = 0;

    if (getpid() != 1)
        _exit(99);
    atexit(remove_parents_things);
    pid_t child = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | CLONE_NEWPID | SIGCHLD, 0L, 0L, 0L, 0L);
    if (child == 0)
        die(getpid() == 1 ? STATUS_TROUBLE : STATUS_USAGE, "no %s", "luck");
    if (child < 0 || waitpid(child, &status, 0) != child)
        _exit(98);
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 97);
}

static void write_map(const char *path, const char *map)
{
    if (file_write(path, map, strlen(map), 0600) != 0)
        _exit(96);
}

static void be_first(void)
{
    char map[32];
    unsigned uid = geteuid(), gid = getegid();

    pid_t first = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | CLONE_NEWPID | SIGCHLD, 0L, 0L, 0L, 0L);
    if (first == 0) {
        write_map("/proc/self/setgroups", "deny");
        snprintf(map, sizeof map, "0 %u 1", uid);
        write_map("/proc/self/uid_map", map);
        snprintf(map, sizeof map, "0 %u 1", gid);
        write_map("/proc/self/gid_map", map);
        execl("/proc/self/exe", "unit", "--first", (char *)NULL);
        _exit(95);
    }
    int status = 0;
    if (first < 0 || waitpid(first, &status, 0) != first)
        _exit(94);
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 93);
}

/* The first process of a room has the number of a grader that is the first of its container. */
static void test_giving_up_as_first(void)
{
    struct buf said = {0};

    int status = end_of_child(be_first, &said);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 94) {
        unit_denied("no user namespaces");
    } else {
        CU_ASSERT_EQUAL(status, STATUS_TROUBLE << 8);
        CU_ASSERT_STRING_EQUAL(buf_text(&said), "socklab: no luck\n");
    }
    buf_free(&said);
}

void suite_core(void)
{
    unit_test("a buffer grows and is consumed", test_buf_grows);
    unit_test("a buffer keeps NUL bytes", test_buf_keeps_nul_bytes);
    unit_test("a buffer's limit holds and counts", test_buf_limit);
    unit_test("a buffer's text can be taken", test_buf_take);
    unit_test("bytes are quoted so that they can be seen", test_quote);
    unit_test("no escaped byte steers a terminal", test_escape_is_harmless);
    unit_test("a tool's text stays readable", test_plain);
    unit_test("letters have widths", test_utf8_width);
    unit_test("a descriptor is closed once", test_fd_close);
    unit_test("everything is written and read", test_fd_write_and_read_all);
    unit_test("files are written, read and refused", test_files);
    unit_test("a file beyond the limit is not read", test_file_limit);
    unit_test("a device keeps its place when it is full", test_file_write_leaves_nothing);
    unit_test("a very deep tree is removed", test_tree_deep);
    unit_test("removing a tree follows no link", test_tree_follows_no_link);
    unit_test("the clock does not go back", test_clock);
    unit_test("die and BUG say why", test_giving_up);
    unit_test("die in a process 1 below process 1 runs no cleanup", test_giving_up_as_first);
}
