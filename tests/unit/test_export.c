/**
 * @file
 * What leaves the house: grades.csv, grades.json, and the platforms' tables, of which everything but the marks must come back byte for
 * byte.
 */
#include "class/export.h"
#include "labs/labs.h"
#include "unit.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Four students of a course of lab 04: full marks, a fraction and a late one, one for a person, one without anything. */
enum { STUDENTS = 4 };
static struct course course;
static struct mark mark[STUDENTS];
static struct export_row row[STUDENTS];

static void set_mark(size_t i, enum mark_state state, int64_t value, const char *reason)
{
    mark[i] = (struct mark){.state = state, .earned = value, .value = value, .max = 10000, .reason = xstrdup(reason)};
    mark[i].checks = course.lab->checks;
    mark[i].check = xcalloc(mark[i].checks, sizeof(mark[i].check[0]));
    for (size_t k = 0; k < mark[i].checks; k++)
        mark[i].check[k] = (struct mark_check){.id = course.lab->check[k].id,
                                               .status = i == 3 ? CHECK_SKIP : k == 0 || value == 10000 ? CHECK_PASS : CHECK_FAIL,
                                               .earned = value == 10000 ? 100 * course.points[k] : 0,
                                               .max = 100 * course.points[k]};
}

static void begin(void)
{
    char *message;

    CU_ASSERT_EQUAL_FATAL(course_read(NULL, &lab_04_accept, &course, &message), 0);
    set_mark(0, MARK_COUNTS, 10000, "100 of 100 points for the checks.");
    set_mark(1, MARK_COUNTS, 7250, "Late, \"and\" more.");
    set_mark(2, MARK_PERSON, 0, "The grader itself failed.");
    set_mark(3, MARK_COUNTS, 0, "Nothing was handed in.");
    mark[1].late = 90000;
    mark[1].percent = 10;
    row[0] = (struct export_row){"kim", "\uae40\ub098\ub77c", "1001", "kim", "Kim@univ.ac.kr", "handed-in", NULL, 1741964399, &mark[0]};
    row[1] = (struct export_row){"lee", "=Lee", "1002", "lee", "lee@univ.ac.kr", "wrong-name", "It was called a.c.", 0, &mark[1]};
    row[2] = (struct export_row){"1003", "Park, Jin", "1003", NULL, NULL, "handed-in", NULL, 0, &mark[2]};
    row[3] = (struct export_row){"choi", NULL, NULL, "choi", "choi@univ.ac.kr", "nothing", NULL, 0, &mark[3]};
}

static void end(void)
{
    for (size_t i = 0; i < STUDENTS; i++)
        mark_free(&mark[i]);
    course_free(&course);
}

/* --- grades.csv, grades.json ------------------------------------------------------------------------ */

static char *line_of(const char *text, size_t number)
{
    for (; number > 0; number--)
        text = strchr(text, '\n') + 1;
    return xstrndup(text, strcspn(text, "\r\n"));
}

static bool starts(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static void test_csv(void)
{
    struct buf out = {0};

    begin();
    export_csv(&out, &course, row, STUDENTS);
    char *headings = line_of(buf_text(&out), 0), *kim = line_of(buf_text(&out), 1), *lee = line_of(buf_text(&out), 2),
         *park = line_of(buf_text(&out), 3), *choi = line_of(buf_text(&out), 4);
    CU_ASSERT_TRUE(starts(headings, "student,name,login,email,lms_id,state,handed_in,mark,out_of,points,late_seconds,percent_off,builds,"));
    CU_ASSERT_PTR_NOT_NULL(strstr(headings, ",greets,"));
    CU_ASSERT_TRUE(starts(kim, "kim,\uae40\ub098\ub77c,kim,Kim@univ.ac.kr,1001,handed-in,2025-03-14T14:59:59Z,100,100,100,0,0,"));
    CU_ASSERT_TRUE(starts(lee, "lee,\"'=Lee\",lee,lee@univ.ac.kr,1002,wrong-name,,72.5,100,72.5,90000,10,"));
    CU_ASSERT_PTR_NOT_NULL(strstr(lee, ",\"Late, \"\"and\"\" more.\",It was called a.c."));
    CU_ASSERT_TRUE(starts(park, "1003,\"Park, Jin\",,,1003,handed-in,,,100,0,0,0,"));
    CU_ASSERT_TRUE(starts(choi, "choi,,choi,choi@univ.ac.kr,,nothing,,0,100,,0,0,,,"));
    CU_ASSERT_PTR_NOT_NULL(strstr(choi, ",Nothing was handed in.,"));
    free(headings);
    free(kim);
    free(lee);
    free(park);
    free(choi);
    buf_free(&out);
    end();
}

static const json_t *student_of(const json_t *root, size_t i)
{
    return json_array_get(json_object_get(root, "students"), i);
}

static void test_json(void)
{
    struct buf out = {0};

    begin();
    row[1].remark = "\x1b[31mred";
    course.due = 1741964399;
    export_json(&out, &course, row, STUDENTS);
    json_t *root = json_loadb(out.data, out.length, 0, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(root);
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(root, "due")), "2025-03-14T14:59:59Z");
    CU_ASSERT_EQUAL(json_array_size(json_object_get(root, "students")), STUDENTS);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(student_of(root, 0), "mark")), 100);
    CU_ASSERT_EQUAL(json_real_value(json_object_get(student_of(root, 1), "mark")), 72.5);
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(student_of(root, 1), "name")), "=Lee");
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(student_of(root, 1), "remark")), "\\x1b[31mred");
    CU_ASSERT_TRUE(json_is_null(json_object_get(student_of(root, 2), "mark")));
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(student_of(root, 2), "status")), "person");
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(student_of(root, 3), "mark")), 0);
    CU_ASSERT_TRUE(json_is_integer(json_object_get(student_of(root, 3), "mark")));
    const json_t *checks = json_object_get(student_of(root, 0), "checks");
    CU_ASSERT_EQUAL(json_object_size(checks), course.lab->checks);
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(json_object_get(checks, "greets"), "status")), "pass");
    json_decref(root);
    buf_free(&out);
    end();
}

/* --- the platforms' tables ------------------------------------------------------------------------------ */

static struct export_said said;
static char *refusal;

/* Runs a table through; its result is compared with `expected`, or NULL: it is refused. */
static void pass_with(enum platform platform, const char *text, const char *expected, size_t rows)
{
    char path[] = "/tmp/table-XXXXXX";
    struct buf out = {0};
    int fd = mkstemp(path);

    CU_ASSERT_TRUE_FATAL(fd >= 0);
    CU_ASSERT_EQUAL(fd_write_all(fd, text, strlen(text)), 0);
    close(fd);
    free(refusal);
    export_said_free(&said);
    int error = export_platform(platform, path, &course, row, rows, &out, &said, &refusal);
    unlink(path);
    CU_ASSERT_EQUAL(error == 0, expected != NULL);
    if (error == 0 && expected && strcmp(buf_text(&out), expected) != 0)
        printf("# got:\n%s\n", buf_text(&out));
    if (expected)
        CU_ASSERT_STRING_EQUAL(buf_text(&out), expected);
    if (error < 0)
        CU_ASSERT_TRUE(refusal && starts(refusal, path));
    buf_free(&out);
}

static void pass(enum platform platform, const char *text, const char *expected)
{
    pass_with(platform, text, expected, STUDENTS);
}

static bool is_said(const char *word)
{
    for (size_t i = 0; i < said.lines; i++)
        if (strstr(said.line[i], word))
            return true;
    printf("# not said: %s\n", word);
    for (size_t i = 0; i < said.lines; i++)
        printf("#   %s\n", said.line[i]);
    return false;
}

static void finish(void)
{
    free(refusal);
    refusal = NULL;
    export_said_free(&said);
    end();
}

/* Canvas's own rows stay, and strange cells of other columns too. */
static void test_canvas(void)
{
    begin();
    pass(PLATFORM_CANVAS,
         "\xef\xbb\xbfStudent,ID,SIS User ID,SIS Login ID,Section,Lab 4 (778),Current Score,Final Score\r\n"
         ",,,,,Manual Posting,(read only),(read only)\r\n"
         "    Points Possible,,,,,100.00,(read only),(read only)\r\n"
         "\"Kim, Na\",1001,20250001,kim,\"Net, A\",,=1+1,\r\n"
         "\"Lee\",1002,20250002,lee,\"Net, A\",\"50\",,\r\n"
         "\"Park, Jin\",1003,20250003,park,Net,77,,\r\n"
         "\"Choi\",1004,20250004,choi,Net,,,\r\n"
         "\"Student, Test\",1999,,9f8e7d,Net,,,\r\n",
         "\xef\xbb\xbfStudent,ID,SIS User ID,SIS Login ID,Section,Lab 4 (778),Current Score,Final Score\r\n"
         ",,,,,Manual Posting,(read only),(read only)\r\n"
         "    Points Possible,,,,,100.00,(read only),(read only)\r\n"
         "\"Kim, Na\",1001,20250001,kim,\"Net, A\",100,=1+1,\r\n"
         "\"Lee\",1002,20250002,lee,\"Net, A\",\"72.5\",,\r\n"
         "\"Park, Jin\",1003,20250003,park,Net,77,,\r\n"
         "\"Choi\",1004,20250004,choi,Net,0,,\r\n"
         "\"Student, Test\",1999,,9f8e7d,Net,,,\r\n");
    CU_ASSERT_STRING_EQUAL(said.column, "Lab 4 (778)");
    CU_ASSERT_EQUAL(said.filled, 3);
    CU_ASSERT_EQUAL(said.waiting, 1);
    CU_ASSERT_TRUE(is_said("1 student has no mark yet; the cell was left as it was."));
    CU_ASSERT_TRUE(is_said("line 8 (\"Student, Test\", \"1999\") is in the table and not in the class."));
    CU_ASSERT_EQUAL(said.lines, 2);
    finish();
}

/* Headings of another language, semicolons, decimal commas; other points than the course's; somebody missing. */
static void test_canvas_korean(void)
{
    begin();
    pass(PLATFORM_CANVAS,
         "\ud559\uc0dd;ID;SIS \uc0ac\uc6a9\uc790 ID;SIS \ub85c\uadf8\uc778 ID;\ubd84\ubc18;\uacfc\uc81c 4 (12);\ud604\uc7ac \uc810\uc218\n"
         "    \uac00\ub2a5\ud55c \uc810\uc218;;;;;50,00;\n"
         "\uae40\ub098\ub77c;1001;a1;kim@x;1;;90,5\n"
         "\uc774\uc218;1002;a2;lee@x;1;;\n",
         "\ud559\uc0dd;ID;SIS \uc0ac\uc6a9\uc790 ID;SIS \ub85c\uadf8\uc778 ID;\ubd84\ubc18;\uacfc\uc81c 4 (12);\ud604\uc7ac \uc810\uc218\n"
         "    \uac00\ub2a5\ud55c \uc810\uc218;;;;;50,00;\n"
         "\uae40\ub098\ub77c;1001;a1;kim@x;1;100;90,5\n"
         "\uc774\uc218;1002;a2;lee@x;1;72,5;\n");
    CU_ASSERT_TRUE(is_said("The platform gives 50 points for this, and the marks are out of 100"));
    CU_ASSERT_TRUE(is_said("choi is in the class and not in the table."));
    CU_ASSERT_TRUE(is_said("1003 (Park, Jin) is in the class and not in the table."));
    CU_ASSERT_EQUAL(said.lines, 3);
    finish();
}

#define HEAD "Student,ID,SIS Login ID,Section,"

static void test_canvas_columns(void)
{
    begin();
    /* Several assignments: the one that names the lab. */
    pass(PLATFORM_CANVAS, HEAD "Lab 3 (1),04-accept: greet (2),Lab 5 (3)\nK,1001,kim,S,1,2,3\n",
         HEAD "Lab 3 (1),04-accept: greet (2),Lab 5 (3)\nK,1001,kim,S,1,100,3\n");
    /* None does: which one is asked, with their names. */
    pass(PLATFORM_CANVAS, HEAD "Lab 3 (1),Lab 4 (2)\nK,1001,kim,S,1,2\n", NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(refusal, ":1: which column is for 04-accept? There are \"Lab 3 (1)\", \"Lab 4 (2)\"."));
    course.canvas_column = xstrdup("Lab 4");
    pass(PLATFORM_CANVAS, HEAD "Lab 3 (1),Lab 4 (2),Lab 44 (3)\nK,1001,kim,S,1,2,3\n", HEAD "Lab 3 (1),Lab 4 (2),Lab 44 (3)\nK,1001,kim,S,1,100,3\n");
    pass(PLATFORM_CANVAS, HEAD "Lab 4 (1),Lab 4 (2)\nK,1001,kim,S,1,2\n", NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(refusal, "not just one"));
    free(course.canvas_column);
    course.canvas_column = xstrdup("Lab 4 (2)");
    pass(PLATFORM_CANVAS, HEAD "Lab 4 (1),Lab 4 (2)\nK,1001,kim,S,1,2\n", HEAD "Lab 4 (1),Lab 4 (2)\nK,1001,kim,S,1,100\n");
    pass(PLATFORM_CANVAS, HEAD "Current Score\nK,1001,kim,S,1\n", NULL);
    pass(PLATFORM_CANVAS, "", NULL);
    pass(PLATFORM_CANVAS, "Student,\"ID\nK,1001\n", NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(refusal, ":1: a quote is opened here"));
    finish();
}

/* An id that is also a mark, a section or a login must not lead astray; a row for two, two rows for one. */
static void test_canvas_rows(void)
{
    begin();
    row[2].lms_id = "7";
    row[2].student = "7";
    pass(PLATFORM_CANVAS, HEAD "Lab 3 (1),Lab 4: 04-accept (2)\nK,1001,kim,7,7,\nL,1002,lee,7,7,\nX,9,x,7,7,\n",
         HEAD "Lab 3 (1),Lab 4: 04-accept (2)\nK,1001,kim,7,7,100\nL,1002,lee,7,7,72.5\nX,9,x,7,7,\n");
    CU_ASSERT_TRUE(is_said("line 4 (\"X\", \"9\") is in the table and not in the class."));
    pass(PLATFORM_CANVAS, HEAD "Lab 4 (2)\nK,1001,lee,S,5\nL,1002,lee,S,\n", HEAD "Lab 4 (2)\nK,1001,lee,S,5\nL,1002,lee,S,72.5\n");
    CU_ASSERT_TRUE(is_said("line 2 (\"K\", \"1001\") names two students"));
    pass(PLATFORM_CANVAS, HEAD "Lab 4 (2)\nK,1001,kim,S,5\nK,1001,kim,T,\nL,1002,lee,S,\n", HEAD "Lab 4 (2)\nK,1001,kim,S,5\nK,1001,kim,T,\nL,1002,lee,S,72.5\n");
    CU_ASSERT_TRUE(is_said("line 3 (\"K\", \"1001\") is one of several rows for kim"));
    pass(PLATFORM_CANVAS, HEAD "Lab 4 (2)\nK,5001,x,S,5\n", HEAD "Lab 4 (2)\nK,5001,x,S,5\n");
    CU_ASSERT_TRUE(is_said("Nobody of the class is in the table"));
    CU_ASSERT_EQUAL(said.filled, 0);
    /* Just looked at: nothing is filled in or said. */
    pass_with(PLATFORM_CANVAS, HEAD "Lab 4 (2)\nK,1001,kim,S,5\n", HEAD "Lab 4 (2)\nK,1001,kim,S,5\n", 0);
    CU_ASSERT_EQUAL(said.lines, 0);
    finish();
}

#define MOODLE "Identifier,\"Full name\",\"Email address\",Status,Grade,\"Maximum Grade\",\"Grade can be changed\",\"Last modified (submission)\",\"Last modified (grade)\",\"Feedback comments\""

static void test_moodle(void)
{
    begin();
    pass(PLATFORM_MOODLE,
         MOODLE "\n"
                "\"Participant 1001\",\"Kim Na\",kim@univ.ac.kr,\"Submitted for grading - \",,100.00,Yes,\"Friday, 14 March 2025\",-,\n"
                "\"Participant 1002\",Lee,lee@univ.ac.kr,\"Submitted\",\"5.00\",100.00,Yes,-,-,\"<p>=hello,\n\"\"you\"\"</p>\"\n"
                "\"Participant 1003\",Park,park@univ.ac.kr,\"Submitted\",,100.00,Yes,-,-,\n"
                "\"Participant 1004\",Choi,CHOI@univ.ac.kr,\"No submission\",,100.00,Yes,-,-,",
         MOODLE "\n"
                "\"Participant 1001\",\"Kim Na\",kim@univ.ac.kr,\"Submitted for grading - \",100,100.00,Yes,\"Friday, 14 March 2025\",-,\n"
                "\"Participant 1002\",Lee,lee@univ.ac.kr,\"Submitted\",\"72.5\",100.00,Yes,-,-,\"<p>=hello,\n\"\"you\"\"</p>\"\n"
                "\"Participant 1003\",Park,park@univ.ac.kr,\"Submitted\",,100.00,Yes,-,-,\n"
                "\"Participant 1004\",Choi,CHOI@univ.ac.kr,\"No submission\",0,100.00,Yes,-,-,");
    CU_ASSERT_STRING_EQUAL(said.column, "Grade");
    CU_ASSERT_EQUAL(said.filled, 3);
    CU_ASSERT_EQUAL(said.waiting, 1);
    CU_ASSERT_EQUAL(said.lines, 1);
    /* All have the same grade already; another most than the marks'; blind, with nothing but the number. */
    pass(PLATFORM_MOODLE, "\uc2dd\ubcc4\uc790,\uc0c1\ud0dc,\uc131\uc801,\ucd5c\uace0 \uc131\uc801,x\n\ucc38\uc5ec\uc790 1001,a,\"20,00\",\"20,00\",\uc608\n\ucc38\uc5ec\uc790 1002,a,\"20,00\",\"20,00\",\uc608\n",
         "\uc2dd\ubcc4\uc790,\uc0c1\ud0dc,\uc131\uc801,\ucd5c\uace0 \uc131\uc801,x\n\ucc38\uc5ec\uc790 1001,a,\"100\",\"20,00\",\uc608\n\ucc38\uc5ec\uc790 1002,a,\"72,5\",\"20,00\",\uc608\n");
    CU_ASSERT_TRUE(is_said("The platform gives 20 points"));
    finish();
}

/* One student, whose number in the university stands there as in each row; and the gradebook, which has no number of Moodle's. */
static void test_moodle_columns(void)
{
    begin();
    pass(PLATFORM_MOODLE, "Identifier,Full name,ID number,Email address,Status,Grade,Maximum Grade,Grade can be changed\nParticipant 1001,Kim,20250001,,x,,100.00,Yes\n",
         "Identifier,Full name,ID number,Email address,Status,Grade,Maximum Grade,Grade can be changed\nParticipant 1001,Kim,20250001,,x,100,100.00,Yes\n");
    pass(PLATFORM_MOODLE, "First name,Last name,Email address,Assignment: 04-accept (Real),Quiz: 1 (Real)\nNa,Kim,kim@univ.ac.kr,-,-\n",
         "First name,Last name,Email address,Assignment: 04-accept (Real),Quiz: 1 (Real)\nNa,Kim,kim@univ.ac.kr,100,-\n");
    pass(PLATFORM_MOODLE, "Name,Email,Labor 4,Labor 5\nNa,kim@univ.ac.kr,-,-\n", NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(refusal, "labs: 04-accept: moodle: HEADING"));
    course.moodle_column = xstrdup("Labor 4");
    pass(PLATFORM_MOODLE, "Name,Email,Labor 4,Labor 5\nNa,kim@univ.ac.kr,-,-\n", "Name,Email,Labor 4,Labor 5\nNa,kim@univ.ac.kr,100,-\n");
    finish();
}

void suite_export(void)
{
    unit_test("grades.csv", test_csv);
    unit_test("grades.json", test_json);
    unit_test("Canvas's table: marks in, all else as it was", test_canvas);
    unit_test("Canvas's table in Korean", test_canvas_korean);
    unit_test("Canvas's table: which column", test_canvas_columns);
    unit_test("Canvas's table: which row", test_canvas_rows);
    unit_test("Moodle's worksheet", test_moodle);
    unit_test("Moodle's tables: which column", test_moodle_columns);
}
