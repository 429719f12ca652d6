/**
 * @file
 * grader/tracer: the student's line of each call, whichever way the program came to make it.
 */
#include "tracee.h"
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/** The nth write of exactly these bytes. */
static const struct event *write_of(const struct tracee *t, const char *bytes, int nth)
{
    struct event *e = NULL;
    while ((e = timeline_find(t->timeline, e, EVENT_CALL, -1, NULL))) {
        if (!(e->group & CALL_WRITE) || e->data_length != strlen(bytes) ||
            memcmp(e->data, bytes, e->data_length) != 0)
            continue;
        if (--nth == 0)
            return e;
    }
    return NULL;
}

static const struct {
    const char *bytes, *marker;
} writes[] = {
    {"helper", "inline"},
    {"plain", "plain"},
    {"pointer", "plain"},
    {"macro", "macro"},
    {"condition", "condition"},
    {"handler", "handler"},
    {"thread", "thread"},
    {"callback", "callback"},
    {"stderr 1", "stderr"},
    {"perror: No such file or directory\n", "perror"},
    {"line 2\n", "line-buffered"},
    {"puts\n", "puts"},
    {"kept until flushed", "fflush"},
    {"dprintf x", "dprintf"},
    {"litter", "plain"},
    {"after 300", "littered"},
    {"littered 1", "littered-stderr"},
    {"big", "big"},
    {"deep", "deep"},
    {"first", "first"},
    {"other", "other"},
    {"e1", "error-1"},
    {"e2", "error-2"},
    {"child", "child"},
    {"at exit", "atexit"},
};

static void check_lines(struct tracee *t)
{
    for (size_t i = 0; i < sizeof writes / sizeof writes[0]; i++) {
        const struct event *e = write_of(t, writes[i].bytes, 1);
        if (!e)
            fprintf(stderr, "# no write of `%s`\n", writes[i].bytes);
        TRACEE_LINE(t, e, writes[i].marker);
    }
    for (int i = 1; i <= 3; i++)
        TRACEE_LINE(t, write_of(t, "loop", i), "loop");
}

static void test_lines(void)
{
    struct tracee t;
    tracee_start(&t, NULL, "lines", NULL);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    check_lines(&t);
    TRACEE_LINE(&t, tracee_call(&t, "clone", 1), "pthread_create"); /* glibc's unwinding information ends before this call */
    struct source_line where;
    const struct event *several = write_of(&t, "several", 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(several);
    CU_ASSERT_TRUE(tracer_where(t.tracer, several, &where));
    int first = tracee_marked_line("lines", "several lines: the call's own is any of these");
    CU_ASSERT_TRUE(where.line >= first && where.line <= first + 2);
    /* A loop's calls have one stack, once nothing older shows through. */
    CU_ASSERT_EQUAL(write_of(&t, "loop", 2)->stack, write_of(&t, "loop", 3)->stack);
    tracee_free(&t);
}

/** The same when the program's directory is of no importance and the student's files are named. */
static void test_named_files(void)
{
    static const char *const own[] = {"other.c", "lines.c", NULL};
    static const char *const foreign[] = {"other.c", NULL};
    const struct tracee_how how = {.source = own}, none = {.source = foreign};
    struct tracee t;
    tracee_start(&t, &how, "lines", NULL);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    check_lines(&t);
    tracee_free(&t);
    tracee_start(&t, &none, "lines", NULL);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    for (struct event *e = NULL; (e = timeline_find(t.timeline, e, EVENT_CALL, -1, NULL));) {
        struct source_line where;
        CU_ASSERT_FALSE(tracer_where(t.tracer, e, &where));
        CU_ASSERT_STRING_EQUAL(where.file, "");
    }
    tracee_free(&t);
}

/** A program without debug data, seen only as machine code: no line, no harm. */
static void test_no_debug_data(void)
{
    const struct tracee_how how = {.file = "/bin/echo"};
    struct tracee t;
    tracee_start(&t, &how, "lines", "hello", NULL);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    CU_ASSERT_STRING_EQUAL(buf_text(&t.said), "hello\n");
    const struct event *e = write_of(&t, "hello\n", 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(e);
    struct source_line where;
    CU_ASSERT_FALSE(tracer_where(t.tracer, e, &where));
    tracee_free(&t);
}

/** The file was opened before the program ran: whatever stands in its place later is not read. */
static void test_replaced_file(void)
{
    char path[] = "/tmp/socklab-test-line.XXXXXX";
    struct buf program = {0};
    CU_ASSERT_EQUAL_FATAL(file_read(SOCKLAB_BUILD "/tracees/lines", &program), 0);
    int fd = mkstemp(path);
    CU_ASSERT_TRUE_FATAL(fd >= 0);
    close(fd);
    unlink(path);
    CU_ASSERT_EQUAL_FATAL(file_write(path, program.data, program.length, 0755), 0);
    const struct tracee_how how = {.file = path};
    struct tracee t;
    tracee_start(&t, &how, "lines", NULL);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    unlink(path);
    CU_ASSERT_EQUAL(file_write(path, "no program", 10, 0755), 0);
    TRACEE_LINE(&t, write_of(&t, "plain", 1), "plain");
    tracee_free(&t);
    unlink(path);
    buf_free(&program);
}

/** This process's only child, when its tracee has ended: the reader. 0 if there is none. */
static pid_t reader_of_lines(void)
{
    char path[64];
    struct buf list = {0};
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    CU_ASSERT_EQUAL(file_read(path, &list), 0);
    pid_t pid = (pid_t)strtol(buf_text(&list), NULL, 10);
    buf_free(&list);
    return pid;
}

/** Descriptors of a process that are pipes or sockets. */
static int channels_of(pid_t pid)
{
    char path[64], what[64];
    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    DIR *dir = opendir(path);
    CU_ASSERT_PTR_NOT_NULL_FATAL(dir);
    int channels = 0;
    for (struct dirent *entry; (entry = readdir(dir));) {
        ssize_t n = readlinkat(dirfd(dir), entry->d_name, what, sizeof what - 1);
        what[n > 0 ? n : 0] = '\0';
        channels += strncmp(what, "pipe:", 5) == 0 || strncmp(what, "socket:", 7) == 0;
    }
    closedir(dir);
    return channels;
}

/** Whether /proc/PID/status has this line. */
static bool has_status(pid_t pid, const char *line)
{
    char path[64];
    struct buf status = {0};
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    CU_ASSERT_EQUAL(file_read(path, &status), 0);
    bool found = strstr(buf_text(&status), line) != NULL;
    buf_free(&status);
    return found;
}

/** libdw works behind walls, and what brings it down costs lines and nothing else. */
static void test_lost_reader(void)
{
    struct tracee t;
    tracee_start(&t, NULL, "lines", NULL);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    CU_ASSERT_EQUAL(reader_of_lines(), 0);
    TRACEE_LINE(&t, write_of(&t, "plain", 1), "plain");
    pid_t reader = reader_of_lines();
    CU_ASSERT_TRUE_FATAL(reader > 0);
    CU_ASSERT_EQUAL(channels_of(reader), 1); /* its questions: no verdict's pipe, no peer's socket */
    CU_ASSERT_TRUE(has_status(reader, "\nSeccomp:\t2\n"));
    CU_ASSERT_TRUE(has_status(reader, "\nNoNewPrivs:\t1\n"));
    CU_ASSERT_EQUAL(kill(reader, SIGKILL), 0);
    struct source_line where;
    CU_ASSERT_FALSE(tracer_where(t.tracer, write_of(&t, "macro", 1), &where));
    CU_ASSERT_FALSE(tracer_where(t.tracer, write_of(&t, "big", 1), &where));
    TRACEE_LINE(&t, write_of(&t, "plain", 1), "plain"); /* what is known stays known */
    CU_ASSERT_TRUE(tracer_step(t.tracer) >= 0);
    tracee_free(&t);
    CU_ASSERT_EQUAL(waitpid(-1, NULL, WNOHANG), -1);
    CU_ASSERT_EQUAL(errno, ECHILD);
}

static const char *const socket_lines[][2] = {
    {"socket", "socket"},         {"setsockopt", "reuse"},     {"bind", "bind"},
    {"listen", "listen"},         {"getsockname", "getsockname"}, {"connect", "connect"},
    {"accept", "accept"},         {"getpeername", "getpeername"}, {"write", "write"},
    {"read", "read"},             {"sendto", "send"},          {"recvfrom", "recv"},
    {"writev", "writev"},         {"readv", "readv"},          {"sendmsg", "sendmsg"},
    {"recvmsg", "recvmsg"},       {"sendfile", "sendfile"},    {"shutdown", "shutdown"},
    {"getsockopt", "getsockopt"}, {"close", "close"},
};

static void test_socket_calls(void)
{
    struct tracee t;
    tracee_start(&t, NULL, "sockets", NULL);
    TRACEE_NUMBER(tracee_finish(&t), 0);
    for (size_t i = 0; i < sizeof socket_lines / sizeof socket_lines[0]; i++)
        TRACEE_LINE(&t, tracee_call(&t, socket_lines[i][0], 1), socket_lines[i][1]);
    TRACEE_LINE(&t, tracee_call(&t, "close", 2), "close-twice"); /* known only to have failed */
    tracee_free(&t);
}

void suite_line(void)
{
    unit_test("each way to make a call", test_lines);
    unit_test("only the files that are named", test_named_files);
    unit_test("a program without debug data", test_no_debug_data);
    unit_test("a file that is replaced", test_replaced_file);
    unit_test("what becomes of the reader costs lines only", test_lost_reader);
    unit_test("socket calls", test_socket_calls);
}
