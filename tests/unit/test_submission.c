/**
 * @file
 * Names that Canvas and Moodle give, paths, keys, and which of a student's pieces are the lab's files.
 */
#include "class/piece.h"
#include "core/hermit.h"
#include "labs/labs.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct lab *lab_called(const char *name)
{
    const struct lab *lab = lab_find(labs_all, name);
    CU_ASSERT_PTR_NOT_NULL_FATAL(lab);
    return lab;
}

/* --- names ------------------------------------------------------------------------------------------- */

static const char *or_none(const char *text)
{
    return text ? text : "-";
}

/* "name|id|late|rest", or "none". */
static const char *read_canvas(const char *file)
{
    static char text[512];
    struct ident who;
    if (!canvas_name(lab_called("4"), file, &who))
        return "none";
    snprintf(text, sizeof text, "%s|%s|%d|%s", or_none(who.name), or_none(who.id), who.late, or_none(who.rest));
    ident_free(&who);
    return text;
}

static const char *read_moodle(const char *part)
{
    static char text[512];
    struct ident who;
    if (!moodle_name(part, &who))
        return "none";
    snprintf(text, sizeof text, "%s|%s|%s", or_none(who.name), or_none(who.id), or_none(who.rest));
    ident_free(&who);
    return text;
}

static void test_canvas_names(void)
{
    static const struct {
        const char *file, *read;
    } cases[] = {
        {"doejane_1_2_hello_server.c", "doejane|1|0|hello_server.c"},
        {"doejane_LATE_1_2_hello_server-2.c", "doejane|1|1|hello_server-2.c"},
        {"late_1_2_a.c", "late|1|0|a.c"}, /* a name in lower case is a name */
        {"홍길동_1_2_a b.zip", "홍길동|1|0|a b.zip"},
        {"_1_2_a.c", "-|1|0|a.c"}, /* nothing of the name was a letter */
        {"20261234_1_2_a.c", "20261234|1|0|a.c"},
        {"student_5_123_456_hello_server.c", "student_5|123|0|hello_server.c"},
        {"student_5_123_456_hello_server-1.c", "student_5|123|0|hello_server-1.c"},
        {"kim_1_2_3_4_hello_server.c", "kim|1|0|3_4_hello_server.c"}, /* no name has _1_ within */
        {"doejane_1_text.html", "doejane|1|0|text.html"},
        {"doejane_LATE_1_link.html", "doejane|1|1|link.html"},
        {"anon_aB3_2_a.c", "-|anon_aB3|0|a.c"},
        {"LATE_anon_aB3_2_a.c", "-|anon_aB3|1|a.c"},
        {"anon_aB3_text.html", "-|anon_aB3|0|text.html"},
        {"doejane_1_2_", "none"},
        {"doejane_1_hello_server.c", "none"},
        {"hello_server.c", "none"},
        {"doejane/_1_2_a.c", "none"},
        {"", "none"},
        {"_", "none"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CU_ASSERT_STRING_EQUAL(read_canvas(cases[i].file), cases[i].read);
}

static void test_canvas_numbers(void)
{
    static const struct {
        const char *file, *plain;
        unsigned number;
    } cases[] = {
        {"hello_server-2.c", "hello_server.c", 2}, {"lab-12.tar.gz", "lab.tar.gz", 12}, {"a-b-3.c", "a-b.c", 3},
        {"hello_server.c", "-", 0},                {"a-0.c", "-", 0},                   {"-1.c", "-", 0},
        {"a-1b.c", "-", 0},                        {"a-12345.c", "-", 0},               {"a-1", "-", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *plain;
        CU_ASSERT_EQUAL(canvas_number(cases[i].file, &plain), cases[i].number);
        CU_ASSERT_STRING_EQUAL(or_none(plain), cases[i].plain);
        free(plain);
    }
}

static void test_moodle_names(void)
{
    static const struct {
        const char *part, *read;
    } cases[] = {
        {"Jane Doe_11_assignsubmission_file", "Jane Doe|11|"},
        {"Jane Doe_11_assignsubmission_file_", "Jane Doe|11|"},
        {"Jane Doe_11_assignsubmission_file_hello_server.c", "Jane Doe|11|hello_server.c"},
        {"Jane Doe_11_assignsubmission_onlinetext", "Jane Doe|11|"},
        {"Jane Doe_11_file_a.c", "Jane Doe|11|a.c"},
        {"Group A_assignsubmission_file", "Group A|-|"},
        {"Kim_x_assignsubmission_file", "Kim_x|-|"},
        {"_11_assignsubmission_file", "_11|-|"},
        {"my_file.c", "none"},
        {"my_file_2.c", "none"},
        {"_assignsubmission_file", "none"},
        {"a_assignsubmission_filed", "none"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CU_ASSERT_STRING_EQUAL(read_moodle(cases[i].part), cases[i].read);
}

static void test_paths(void)
{
    CU_ASSERT_STRING_EQUAL(path_base("a/b.c"), "b.c");
    CU_ASSERT_STRING_EQUAL(path_base("b.c"), "b.c");
    CU_ASSERT_TRUE(path_is_clutter("a/.git/config"));
    CU_ASSERT_TRUE(path_is_clutter("__MACOSX/a.c"));
    CU_ASSERT_FALSE(path_is_clutter("../a/./b.c"));
    CU_ASSERT_FALSE(path_is_clutter("a/__MACOSX.c"));
    CU_ASSERT_TRUE(path_is_archive("A.TAR.GZ"));
    CU_ASSERT_FALSE(path_is_archive("a.gz"));
    CU_ASSERT_FALSE(path_is_archive(".zip"));
    CU_ASSERT_EQUAL(path_worth(lab_called("4"), "x/hello_server.c"), BUILD_FILE_LIMIT);
    CU_ASSERT_EQUAL(path_worth(lab_called("4"), "x/other.C"), BUILD_FILE_LIMIT);
    CU_ASSERT_EQUAL(path_worth(lab_called("4"), "x/report.pdf"), 0);
}

static void test_keys(void)
{
    static const struct {
        const char *text, *key;
    } cases[] = {
        {"kim", "kim"}, {"홍 길동", "홍 길동"}, {"..", "%2E."}, {"a/b", "a%2Fb"}, {"50%", "50%25"}, {"\xff\n", "%FF%0A"}, {"", "%"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *key = submission_key(cases[i].text);
        CU_ASSERT_STRING_EQUAL(key, cases[i].key);
        free(key);
    }
    char long_name[1000];
    memset(long_name, 'x', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    char *key = submission_key(long_name);
    CU_ASSERT(strlen(key) <= 200);
    free(key);
}

/* --- choosing ------------------------------------------------------------------------------------------ */

static void put(struct pieces *p, const char *path, const char *text)
{
    struct piece piece = {.path = xstrdup(path), .state = PIECE_KEPT};
    buf_puts(&piece.bytes, text);
    pieces_add(p, piece);
}

/* Chooses among "PATH=TEXT" pieces, NULL-ended. Returns "state: name=text name=text". */
static const char *choose(const char *lab, const char *const *pieces, char hash[65])
{
    static char text[1024];
    struct pieces p = {.count = 0};
    struct submission s = {.files = 0};
    for (; *pieces; pieces++) {
        char *path = xstrndup(*pieces, strcspn(*pieces, "="));
        put(&p, path, *pieces + strlen(path) + 1);
        free(path);
    }
    CU_ASSERT_EQUAL(choose_files(lab_called(lab), &p, &s), 0);
    int at = snprintf(text, sizeof text, "%s:", submission_state_word(s.state));
    for (size_t i = 0; i < s.files; i++)
        at += snprintf(text + at, sizeof text - (size_t)at, " %s=%s", s.file[i].name, buf_text(&s.file[i].bytes));
    if (hash)
        memcpy(hash, s.hash, sizeof s.hash);
    pieces_free(&p);
    submission_free(&s);
    return text;
}
#define CHOOSE(lab, ...) choose(lab, (const char *const[]){__VA_ARGS__, NULL}, NULL)

static void test_right_names(void)
{
    CU_ASSERT_STRING_EQUAL(CHOOSE("4", "hello_server.c=a"), "handed-in: hello_server.c=a");
    CU_ASSERT_STRING_EQUAL(CHOOSE("4", "x/hello_server.c=a", "hello_server.c=b"), "handed-in: hello_server.c=b");
    CU_ASSERT_STRING_EQUAL(CHOOSE("4", "x/04-accept/hello_server.c=a", "hello_server.c=b"), "handed-in: hello_server.c=a");
    CU_ASSERT_STRING_EQUAL(CHOOSE("4", "x/hello_server.c=a", "y/hello_server.c=b"), "two-candidates:");
    CU_ASSERT_STRING_EQUAL(CHOOSE("4", "x/hello_server.c=a", "y/hello_server.c=a"), "handed-in: hello_server.c=a");
    CU_ASSERT_STRING_EQUAL(CHOOSE("4", "hello_server.c=a", "hello_server (1).c=b"), "handed-in: hello_server.c=a");
}

static void test_several_files(void)
{
    CU_ASSERT_STRING_EQUAL(CHOOSE("6", "io.c=1", "n/io.c=2", "n/echo_server.c=3", "n/echo_client.c=4"),
                           "handed-in: echo_client.c=4 echo_server.c=3 io.c=2");
    CU_ASSERT_STRING_EQUAL(CHOOSE("6", "a/io.c=1", "b/echo_server.c=3", "echo_client.c=4"),
                           "handed-in: echo_client.c=4 echo_server.c=3 io.c=1");
    CU_ASSERT_STRING_EQUAL(CHOOSE("6", "io.c=1", "Echo-Client.c=4"), "wrong-name: echo_client.c=4 io.c=1");
    CU_ASSERT_STRING_EQUAL(CHOOSE("6", "io.c=1", "x.c=4"), "handed-in: io.c=1");
    /* The kit's own file counts where the hand-in is, and what is elsewhere by that name is no second candidate. */
    CU_ASSERT_STRING_EQUAL(CHOOSE("6", "io.c=1", "echo_server.c=2", "echo_client.c=3", "a/io.h=4", "b/io.h=5"),
                           "handed-in: echo_client.c=3 echo_server.c=2 io.c=1");
}

static void test_near_names(void)
{
    CU_ASSERT_STRING_EQUAL(CHOOSE("4", "Hello Server.C=a"), "wrong-name: hello_server.c=a");
    CU_ASSERT_STRING_EQUAL(CHOOSE("4", "20261234_hello_server.c=a"), "wrong-name: hello_server.c=a");
    CU_ASSERT_STRING_EQUAL(CHOOSE("4", "main.c=a"), "wrong-name: hello_server.c=a");
    CU_ASSERT_STRING_EQUAL(CHOOSE("4", "main.c=a", "test_main.c=b"), "wrong-name: hello_server.c=a");
    CU_ASSERT_STRING_EQUAL(CHOOSE("4", "main.c=a", "other.c=b"), "two-candidates:");
    CU_ASSERT_STRING_EQUAL(CHOOSE("4", "main.c=a", "other.c=a"), "wrong-name: hello_server.c=a");
    CU_ASSERT_STRING_EQUAL(CHOOSE("4", "hello_server1.c=a", "hello_server2.c=b"), "two-candidates:");
    CU_ASSERT_STRING_EQUAL(CHOOSE("4", "hello_server2.c=b", "HELLO_SERVER.c=a"), "wrong-name: hello_server.c=a");
    CU_ASSERT_STRING_EQUAL(CHOOSE("4", "report.pdf="), "other:");
    CU_ASSERT_STRING_EQUAL(choose("4", (const char *const[]){NULL}, NULL), "nothing:");
}

static void test_hash(void)
{
    char one[65], same[65], other[65];
    choose("4", (const char *const[]){"hello_server.c=a", "report.pdf=x", NULL}, one);
    choose("4", (const char *const[]){"src/Hello_Server.c=a", NULL}, same);
    choose("4", (const char *const[]){"hello_server.c=b", NULL}, other);
    CU_ASSERT_EQUAL(strlen(one), 64);
    CU_ASSERT_STRING_EQUAL(one, same);
    CU_ASSERT_STRING_NOT_EQUAL(one, other);
    choose("4", (const char *const[]){"report.pdf=x", NULL}, other);
    CU_ASSERT_STRING_EQUAL(other, "");
}

static void test_bounds(void)
{
    struct pieces p = {.count = 0};
    char path[32];
    for (int i = 0; i < NAMES_MAX + 10; i++) {
        snprintf(path, sizeof path, "%d.txt", i);
        pieces_add(&p, (struct piece){.path = xstrdup(path), .state = PIECE_NAMED});
    }
    CU_ASSERT_EQUAL(p.count, NAMES_MAX);
    CU_ASSERT_PTR_NULL(p.trouble);
    for (int i = 0; i < PIECES_MAX; i++)
        put(&p, "a.c", "");
    CU_ASSERT_EQUAL(p.count, PIECES_MAX);
    CU_ASSERT_PTR_NOT_NULL(p.trouble);
    pieces_free(&p);
}

/* --- walls ------------------------------------------------------------------------------------------------ */

/* What a hermit could do, as the bits of its status; 64: no walls. */
static int try_in_hermit(bool program)
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        int done = 0;
        if (program ? !hermit_enter_program(64 << 20, 5) : !hermit_enter(64 << 20, 5))
            _exit(64);
        int fd = open("/etc/passwd", O_RDONLY);
        done |= fd >= 0 ? 1 : 0;
        done |= socket(AF_UNIX, SOCK_STREAM, 0) >= 0 ? 2 : 0;
        pid_t child = fork();
        if (child == 0)
            _exit(0);
        done |= child > 0 ? 4 : 0;
        done |= kill(getppid(), 0) == 0 ? 8 : 0;
        void *memory = mmap(NULL, 1 << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        done |= memory != MAP_FAILED ? 16 : 0;
        _exit(done);
    }
    CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_hermit(void)
{
    CU_ASSERT_EQUAL(try_in_hermit(false), 0);
    CU_ASSERT_EQUAL(try_in_hermit(true), 1); /* it opens files, and that is all */
}

void suite_submission(void)
{
    unit_test("names of Canvas's zip", test_canvas_names);
    unit_test("numbers of Canvas's", test_canvas_numbers);
    unit_test("names of Moodle's zip", test_moodle_names);
    unit_test("what a path says", test_paths);
    unit_test("keys can be folders", test_keys);
    unit_test("right names, in the right folder", test_right_names);
    unit_test("several files", test_several_files);
    unit_test("names that are nearly right", test_near_names);
    unit_test("the hash is of what is graded, and of nothing else", test_hash);
    unit_test("a hand-in's pieces are bounded", test_bounds);
    unit_test("a process that reads strangers' bytes can do nothing else", test_hermit);
}
