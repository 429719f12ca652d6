/**
 * @file
 * grader/tracer: the student's line of each call, whichever way the program came to make it.
 */
#include "tracee.h"
#include "unit.h"

#include <string.h>
#include <sys/wait.h>

/** The nth write of exactly these bytes. */
static const struct event *write_of(const struct tracee *t, const char *bytes, int nth)
{
    struct event *e = NULL;
    while ((e = timeline_find(t->timeline, e, EVENT_CALL, -1, NULL))) {
        if (!(tracer_group(e->call) & CALL_WRITE) || e->data_length != strlen(bytes) ||
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
    unit_test("socket calls", test_socket_calls);
}
