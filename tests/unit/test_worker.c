/**
 * @file
 * Workers: whose hand-in is graded, what is believed of a worker, and what a worker cannot reach. The hand-ins do not compile, which is
 * the quickest grade there is. What a worker does wrong, it does in the callback for a check's result, which runs in it.
 */
#include "class/progress.h"
#include "class/publish.h"
#include "class/worker.h"
#include "labs/labs.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HAND_INS = 4 };

/* What came of a run. */
struct seen {
    int results, grades;
    char order[HAND_INS + 1]; /* first letters of the students */
    char trouble[200];        /* of the last one that had any */
    bool well_named;          /* each report calls its folder as it should */
    int stop_with;            /* what `done` answers */
    int raise;                /* a signal to the pool, at the first result */
};

static char folder[64];
static struct submission list[HAND_INS];

static int take(const struct worker_result *r, void *argument)
{
    struct seen *seen = argument;

    seen->order[seen->results++] = r->submission->student[0];
    if (r->json) {
        seen->grades++;
        seen->well_named = seen->well_named && strstr(r->json, "\"directory\": \"labs/01-socket\"") &&
                           strstr(r->json, "grade 1 labs/01-socket --only builds");
        CU_ASSERT_EQUAL(r->size, strlen(r->json));
    }
    if (r->trouble)
        snprintf(seen->trouble, sizeof seen->trouble, "%s", r->trouble);
    if (seen->raise && seen->results == 1)
        raise(seen->raise);
    return seen->stop_with;
}

/* Grades those of anna, berta, carl, dora whose letters are in `wanted`, with two workers. */
static int grade(const char *wanted, struct seen *seen, void (*progress)(const struct check_result *, void *))
{
    static const char *const name[HAND_INS] = {"anna", "berta", "carl", "dora"};
    struct submission_file file[HAND_INS] = {{.name = NULL}};
    bool work[HAND_INS];
    struct worker_pool pool = {.lab = lab_find(labs_all, "1"), .called = "labs/01-socket", .workers = 2, .scratch = folder,
                               .done = take, .argument = seen,
                               .grade = {.seed = 1, .compiler = "gcc", .data = SOCKLAB_BUILD, .progress = progress}};

    strcpy(folder, "/tmp/socklab-pool-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    for (int i = 0; i < HAND_INS; i++) {
        work[i] = strchr(wanted, name[i][0]) != NULL;
        list[i] = (struct submission){.student = (char *)name[i], .name = (char *)name[i], .state = SUBMISSION_HANDED_IN,
                                      .file = &file[i], .files = 1};
        file[i].name = pool.lab->build.hand_in[0];
        buf_puts(&file[i].bytes, "int main(void) { return 0 }\n");
    }
    seen->well_named = true;
    int result = worker_run(&pool, list, HAND_INS, work);
    for (int i = 0; i < HAND_INS; i++)
        buf_free(&file[i].bytes);
    CU_ASSERT_EQUAL(tree_remove(folder), 0);
    return result;
}

static void test_all(void)
{
    struct seen seen = {0};

    CU_ASSERT_EQUAL(grade("abd", &seen, NULL), 0);
    CU_ASSERT_EQUAL(seen.results, 3);
    CU_ASSERT_EQUAL(seen.grades, 3);
    CU_ASSERT_PTR_NULL(strchr(seen.order, 'c'));
    CU_ASSERT_TRUE(seen.well_named);
    seen = (struct seen){0};
    CU_ASSERT_EQUAL(grade("", &seen, NULL), 0);
    CU_ASSERT_EQUAL(seen.results, 0);
}

static void die_here(const struct check_result *r, void *argument)
{
    (void)r;
    (void)argument;
    raise(SIGKILL);
}

/* Each try leaves its folder: a worker that is killed clears nothing away. */
static void test_killed(void)
{
    struct seen seen = {0};

    CU_ASSERT_EQUAL(grade("a", &seen, die_here), 0);
    CU_ASSERT_EQUAL(seen.results, 1);
    CU_ASSERT_EQUAL(seen.grades, 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(seen.trouble, "signal 9"));
}

/* The first try dies; what it left says so to the second. */
static void die_once(const struct check_result *r, void *argument)
{
    char *mark = xasprintf("%s/mark", folder);

    (void)r;
    (void)argument;
    if (access(mark, F_OK) != 0 && file_write(mark, "", 0, 0600) == 0)
        raise(SIGSEGV);
    free(mark);
}

static void test_once_more(void)
{
    struct seen seen = {0};

    signal(SIGSEGV, SIG_DFL);
    CU_ASSERT_EQUAL(grade("a", &seen, die_once), 0);
    CU_ASSERT_EQUAL(seen.grades, 1);
    CU_ASSERT_STRING_EQUAL(seen.trouble, "");
}

static void talk_nonsense(const struct check_result *r, void *argument)
{
    (void)r;
    (void)argument;
    _exit(write(STDERR_FILENO + 1, "?{}", 3) != 3);
}

static void end_early(const struct check_result *r, void *argument)
{
    (void)r;
    (void)argument;
    _exit(0);
}

static void test_nonsense(void)
{
    struct seen seen = {0};

    CU_ASSERT_EQUAL(grade("a", &seen, talk_nonsense), 0);
    CU_ASSERT_EQUAL(seen.grades, 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(seen.trouble, "no result"));
    seen = (struct seen){0};
    CU_ASSERT_EQUAL(grade("a", &seen, end_early), 0);
    CU_ASSERT_EQUAL(seen.grades, 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(seen.trouble, "no result"));
}

/* A file that the pool holds without FD_CLOEXEC is in none of the worker's descriptors, whatever their numbers. */
static void look_for_secret(const struct check_result *r, void *argument)
{
    char link[64], target[256];

    (void)r;
    (void)argument;
    for (int fd = 0; fd < 1024; fd++) {
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t n = readlink(link, target, sizeof target - 1);
        target[n > 0 ? n : 0] = '\0';
        if (strstr(target, "socklab-secret"))
            raise(SIGKILL);
    }
}

static void test_descriptors(void)
{
    struct seen seen = {0};
    char secret[] = "/tmp/socklab-secret-XXXXXX";
    int low = mkstemp(secret);
    int high = fcntl(low, F_DUPFD, 700);

    CU_ASSERT_TRUE_FATAL(low >= 0 && high >= 700);
    CU_ASSERT_EQUAL(grade("a", &seen, look_for_secret), 0);
    CU_ASSERT_EQUAL(seen.grades, 1);
    close(low);
    close(high);
    unlink(secret);
}

static void test_stopped(void)
{
    struct seen seen = {.stop_with = -ENOSPC};

    CU_ASSERT_EQUAL(grade("abcd", &seen, NULL), -ENOSPC);
    CU_ASSERT_TRUE(seen.results >= 1 && seen.results <= 2);
    seen = (struct seen){.raise = SIGTERM};
    CU_ASSERT_EQUAL(grade("abcd", &seen, NULL), SIGTERM);
    CU_ASSERT_TRUE(seen.results >= 1 && seen.results <= 2);
    CU_ASSERT_STRING_EQUAL(seen.trouble, "");
}

static void expect_words(size_t done, size_t total, double seconds, const char *words)
{
    struct buf b = {0};

    progress_words(&b, done, total, (int64_t)(seconds * 1e9));
    CU_ASSERT_STRING_EQUAL(buf_text(&b), words);
    buf_free(&b);
}

static void test_progress(void)
{
    expect_words(0, 200, 3, "0 of 200 graded");
    expect_words(40, 200, 10, "40 of 200 graded, 4.0 a second, 40 s left");
    expect_words(1, 60, 6, "1 of 60 graded, 10.0 a minute, 6 min left");
    expect_words(1, 3600, 3, "1 of 3600 graded, 20.0 a minute, 2 h 59 min left");
    expect_words(60, 60, 30, "60 of 60 graded, 2.0 a second");
}

static void test_publish(void)
{
    struct publisher p, second;
    struct stat before, after;
    char *message = NULL;
    struct buf bytes = {0};
    char output[] = "/tmp/socklab-out-XXXXXX";

    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(output));
    char *below = xasprintf("%s/new/folder", output);
    char *file = xasprintf("%s/feedback/anna/report.txt", below);
    mode_t mask = umask(027);
    CU_ASSERT_EQUAL_FATAL(publish_begin(&p, below, &message), 0);
    umask(mask);
    CU_ASSERT_EQUAL(publish_begin(&second, below, &message), -EBUSY);
    CU_ASSERT_PTR_NOT_NULL(strstr(message, below));
    publish_end(&second);
    free(message);
    CU_ASSERT_EQUAL(access(p.scratch, F_OK), 0); /* the second did not take it away */
    buf_puts(&bytes, "text\n");
    CU_ASSERT_EQUAL(publish_file(&p, "feedback/anna/report.txt", &bytes), 0);
    CU_ASSERT_EQUAL_FATAL(stat(file, &before), 0);
    CU_ASSERT_EQUAL(before.st_mode & 0777, 0640);
    CU_ASSERT_EQUAL(publish_file(&p, "feedback/anna/report.txt", &bytes), 0);
    CU_ASSERT_EQUAL(stat(file, &after), 0);
    CU_ASSERT_EQUAL(before.st_ino, after.st_ino);
    buf_puts(&bytes, "more\n");
    CU_ASSERT_EQUAL(publish_file(&p, "feedback/anna/report.txt", &bytes), 0);
    CU_ASSERT_EQUAL(stat(file, &after), 0);
    CU_ASSERT_EQUAL(after.st_size, 10);
    CU_ASSERT_EQUAL(publish_file(&p, "feedback/anna/report.txt/under", &bytes), -ENOTDIR);
    publish_end(&p);
    free(file);
    file = xasprintf("%s/.work", below);
    CU_ASSERT_EQUAL(access(file, F_OK), -1);
    free(file);
    free(below);
    buf_free(&bytes);
    CU_ASSERT_EQUAL(tree_remove(output), 0);
}

void suite_worker(void)
{
    unit_test("what is wanted is graded, and nothing else", test_all);
    unit_test("a worker that is killed is the grader's trouble", test_killed);
    unit_test("a worker that dies once is tried once more", test_once_more);
    unit_test("nonsense is no result", test_nonsense);
    unit_test("a worker has none of the pool's descriptors", test_descriptors);
    unit_test("a pool is stopped by an error and by a signal", test_stopped);
    unit_test("how far it is, in words", test_progress);
    unit_test("files appear whole, one run at a time", test_publish);
}
