/**
 * @file
 * The gradebook: which hand-ins want grading, which grade counts, and what can never happen to a grading.
 */
#include "class/gradebook.h"
#include "unit.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];
static char path[96];

static void begin_test(void)
{
    strcpy(folder, "/tmp/socklab-book-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/gradebook.db", folder);
}

static void end_test(void)
{
    CU_ASSERT_EQUAL(tree_remove(folder), 0);
}

static struct gradebook *open_book(void)
{
    struct gradebook *book = NULL;
    char *message = NULL;

    CU_ASSERT_EQUAL_FATAL(gradebook_open(path, "04-accept", GRADEBOOK_WRITE, &book, &message), 0);
    return book;
}

static struct gradebook *begin_run(bool again, const char *version)
{
    struct gradebook *book = open_book();
    struct book_run run = {.source = "class.zip", .version = version, .compiler = "gcc", .sandbox = "auto", .seed = 1, .again = again};

    CU_ASSERT_EQUAL_FATAL(gradebook_begin(book, &run), 0);
    return book;
}

/* One student's hand-in; `hash` NULL: nothing came. */
static struct submission hand_in(const char *student, const char *hash)
{
    struct submission s = {.student = (char *)student, .name = (char *)student, .state = SUBMISSION_NOTHING};

    if (hash) {
        s.state = SUBMISSION_HANDED_IN;
        s.files = 1;
        s.handed_in = 1000 + hash[0];
        snprintf(s.hash, sizeof s.hash, "%s", hash);
    }
    return s;
}

/* Receives one hand-in; whether it wants grading. */
static bool wants(struct gradebook *book, const char *student, const char *hash)
{
    struct submission s = hand_in(student, hash);
    bool work = false;

    CU_ASSERT_EQUAL_FATAL(gradebook_receive(book, &s, 1, &work), 0);
    return work;
}

static void add(struct gradebook *book, const char *result, bool complete, const char *trouble)
{
    struct book_grading g = {.result = result, .complete = complete, .score = 7, .max = 10, .sandbox = "full",
                             .protections = "{}", .trouble = trouble, .started = 5, .seconds = 0.25};

    CU_ASSERT_EQUAL_FATAL(gradebook_add(book, "anna", &g), 0);
}

/* A whole run of one student in which `result` came; then all is closed. */
static void one_run(const char *hash, const char *result)
{
    struct gradebook *book = begin_run(false, "1");

    CU_ASSERT_TRUE(wants(book, "anna", hash));
    add(book, result, true, NULL);
    CU_ASSERT_EQUAL(gradebook_end(book), 0);
    gradebook_close(book);
}

static void expect_current(struct gradebook *book, const char *result, bool outdated, bool trouble)
{
    struct book_grade grade;

    CU_ASSERT_EQUAL_FATAL(gradebook_current(book, "anna", &grade), 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(grade.result);
    CU_ASSERT_STRING_EQUAL(grade.result, result);
    CU_ASSERT_EQUAL(grade.outdated, outdated);
    CU_ASSERT_EQUAL(grade.trouble != NULL, trouble);
    book_grade_free(&grade);
}

static void test_once(void)
{
    begin_test();
    one_run("a", "first");
    struct gradebook *book = begin_run(false, "1");
    CU_ASSERT_FALSE(gradebook_goes_on(book));
    CU_ASSERT_FALSE(wants(book, "anna", "a"));
    expect_current(book, "first", false, false);
    gradebook_close(book);
    book = begin_run(false, "1");
    CU_ASSERT_TRUE(gradebook_goes_on(book));
    CU_ASSERT_TRUE(wants(book, "anna", "b"));
    CU_ASSERT_FALSE(wants(book, "berta", NULL));
    gradebook_close(book);
    end_test();
}

static void test_again_goes_on(void)
{
    begin_test();
    one_run("a", "first");
    struct gradebook *book = begin_run(true, "1");
    CU_ASSERT_TRUE(wants(book, "anna", "a"));
    add(book, "second", true, NULL);
    gradebook_close(book); /* killed before its end */
    book = begin_run(true, "1");
    CU_ASSERT_FALSE(wants(book, "anna", "a"));
    expect_current(book, "second", false, false);
    CU_ASSERT_EQUAL(gradebook_end(book), 0);
    gradebook_close(book);
    book = begin_run(true, "1");
    CU_ASSERT_TRUE(wants(book, "anna", "a"));
    gradebook_close(book);
    end_test();
}

static void test_trouble(void)
{
    begin_test();
    one_run("a", "first");
    struct gradebook *book = begin_run(true, "1");
    CU_ASSERT_TRUE(wants(book, "anna", "a"));
    add(book, NULL, false, "The disk was full.");
    expect_current(book, "first", false, true);
    add(book, "half", false, NULL);
    expect_current(book, "first", false, true);
    gradebook_close(book);
    book = begin_run(false, "1");
    CU_ASSERT_TRUE(wants(book, "anna", "b"));
    expect_current(book, "first", true, false);
    add(book, "half of b", false, NULL);
    expect_current(book, "first", true, true);
    add(book, "all of b", true, NULL);
    expect_current(book, "all of b", false, false);
    gradebook_close(book);
    book = begin_run(false, "1");
    CU_ASSERT_FALSE(wants(book, "anna", "a")); /* back to the first: known */
    expect_current(book, "first", false, false);
    CU_ASSERT_FALSE(wants(book, "berta", NULL));
    gradebook_close(book);
    end_test();
}

static void test_only_incomplete(void)
{
    begin_test();
    struct gradebook *book = begin_run(false, "1");
    CU_ASSERT_TRUE(wants(book, "anna", "a"));
    struct book_grade grade;
    CU_ASSERT_EQUAL_FATAL(gradebook_current(book, "anna", &grade), 0);
    CU_ASSERT_TRUE(!grade.result && !grade.incomplete && !grade.trouble);
    add(book, "half", false, NULL);
    CU_ASSERT_EQUAL_FATAL(gradebook_current(book, "anna", &grade), 0);
    CU_ASSERT_PTR_NULL(grade.result);
    CU_ASSERT_PTR_NOT_NULL_FATAL(grade.incomplete);
    CU_ASSERT_STRING_EQUAL(grade.incomplete, "half");
    CU_ASSERT_PTR_NOT_NULL(grade.trouble);
    book_grade_free(&grade);
    gradebook_close(book);
    book = begin_run(false, "1");
    CU_ASSERT_TRUE(wants(book, "anna", "a"));
    gradebook_close(book);
    end_test();
}

static void test_earlier_hand_in(void)
{
    begin_test();
    one_run("a", "first");
    struct gradebook *book = begin_run(false, "2");
    CU_ASSERT_FALSE(wants(book, "anna", NULL));
    struct book_grade grade;
    CU_ASSERT_EQUAL_FATAL(gradebook_current(book, "anna", &grade), 0);
    CU_ASSERT_TRUE(grade.outdated);
    CU_ASSERT_TRUE(grade.other_conditions);
    CU_ASSERT_EQUAL(grade.handed_in, 1000 + 'a');
    CU_ASSERT_DOUBLE_EQUAL(grade.seconds, 0.25, 1e-9);
    book_grade_free(&grade);
    gradebook_close(book);
    end_test();
}

static void test_plan_changes_nothing(void)
{
    struct submission s[] = {hand_in("anna", "a"), hand_in("berta", "b"), hand_in("carl", NULL)};
    bool work[3];
    struct gradebook *book = NULL;
    char *message = NULL;

    begin_test();
    CU_ASSERT_TRUE(gradebook_open(path, "04-accept", GRADEBOOK_LOOK, &book, &message) < 0);
    free(message);
    CU_ASSERT_EQUAL(access(path, F_OK), -1);
    one_run("a", "first");
    CU_ASSERT_EQUAL_FATAL(gradebook_open(path, "04-accept", GRADEBOOK_LOOK, &book, &message), 0);
    CU_ASSERT_EQUAL(gradebook_plan(book, false, s, 3, work), 0);
    CU_ASSERT_TRUE(!work[0] && work[1] && !work[2]);
    CU_ASSERT_EQUAL(gradebook_plan(book, true, s, 3, work), 0);
    CU_ASSERT_TRUE(work[0] && work[1] && !work[2]);
    CU_ASSERT_TRUE(gradebook_receive(book, s, 3, work) < 0);
    gradebook_close(book);
    end_test();
}

/* What somebody with a database browser may try. */
static void test_gradings_are_kept(void)
{
    sqlite3 *db;

    begin_test();
    one_run("a", "first");
    CU_ASSERT_EQUAL_FATAL(sqlite3_open(path, &db), SQLITE_OK);
    CU_ASSERT_EQUAL(sqlite3_exec(db, "UPDATE grading SET score = 10", NULL, NULL, NULL), SQLITE_CONSTRAINT);
    CU_ASSERT_STRING_EQUAL(sqlite3_errmsg(db), "a grading is never changed");
    CU_ASSERT_EQUAL(sqlite3_exec(db, "DELETE FROM grading", NULL, NULL, NULL), SQLITE_CONSTRAINT);
    CU_ASSERT_EQUAL(sqlite3_exec(db, "PRAGMA foreign_keys = ON; DELETE FROM student", NULL, NULL, NULL), SQLITE_CONSTRAINT);
    CU_ASSERT_EQUAL(sqlite3_exec(db, "INSERT INTO grading (submission, run, started, seconds, complete) VALUES (1, 1, 1, 1, 1)", NULL,
                                 NULL, NULL), SQLITE_CONSTRAINT);
    sqlite3_close(db);
    end_test();
}

static void refused(const char *lab, int error, const char *word)
{
    struct gradebook *book = NULL;
    char *message = NULL;

    CU_ASSERT_EQUAL(gradebook_open(path, lab, GRADEBOOK_WRITE, &book, &message), error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(message);
    CU_ASSERT_PTR_NOT_NULL(strstr(message, path));
    CU_ASSERT_PTR_NOT_NULL(strstr(message, word));
    free(message);
}

static void test_other_files(void)
{
    sqlite3 *db;

    begin_test();
    one_run("a", "first");
    refused("05-connect", -EXDEV, "04-accept");
    CU_ASSERT_EQUAL_FATAL(sqlite3_open(path, &db), SQLITE_OK);
    CU_ASSERT_EQUAL(sqlite3_exec(db, "PRAGMA user_version = 99", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    refused("04-accept", -EBADMSG, "99");
    CU_ASSERT_EQUAL(unlink(path), 0);
    CU_ASSERT_EQUAL_FATAL(sqlite3_open(path, &db), SQLITE_OK);
    CU_ASSERT_EQUAL(sqlite3_exec(db, "CREATE TABLE theirs (x)", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    refused("04-accept", -EBADMSG, "no gradebook");
    CU_ASSERT_EQUAL(file_write(path, "no database at all, but a text that is long enough to be one, as far as its length goes", 87, 0600), 0);
    refused("04-accept", -EBADMSG, "not a database");
    CU_ASSERT_EQUAL(unlink(path), 0);
    CU_ASSERT_EQUAL(mkdir(path, 0700), 0);
    refused("04-accept", -EACCES, "unable to open");
    end_test();
}

void suite_gradebook(void)
{
    unit_test("what is graded is not graded again", test_once);
    unit_test("--again goes on where it was ended", test_again_goes_on);
    unit_test("the grader's trouble replaces no grade", test_trouble);
    unit_test("a grading that is not whole is no grade", test_only_incomplete);
    unit_test("an earlier hand-in's grade is said to be one", test_earlier_hand_in);
    unit_test("looking changes nothing", test_plan_changes_nothing);
    unit_test("a grading can be neither changed nor removed", test_gradings_are_kept);
    unit_test("what is no book of this lab is left alone", test_other_files);
}
