/**
 * @file
 * Marks: points, lateness, what is for a person, what students see before the due time.
 */
#include "class/policy.h"
#include "labs/labs.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

enum { DUE = 1000000000, HOUR = 3600, DAY = 86400, SOON = DUE - HOUR, AFTER = DUE + 30 * DAY };

/* A course of lab 04 that is due, a grade in which all pass, and the hand-in of it. */
static struct course course;
static struct grade grade;
static struct hand_in hand_in;
static struct mark mark;

static void begin(void)
{
    char *message;

    CU_ASSERT_EQUAL_FATAL(course_read(NULL, &lab_04_accept, &course, &message), 0);
    course.due = DUE;
    course.due_words = xstrdup("2001-09-09 01:46 UTC");
    grade = (struct grade){.lab = course.lab->id, .checks = course.lab->checks, .complete = true};
    grade.check = xcalloc(grade.checks, sizeof(grade.check[0]));
    for (size_t i = 0; i < grade.checks; i++)
        grade.check[i] = (struct check_result){
            .id = course.lab->check[i].id, .status = CHECK_PASS, .points = course.lab->check[i].points, .max = course.lab->check[i].points};
    grade_sum(&grade);
    hand_in = (struct hand_in){.student = "kim", .grade = &grade, .handed_in = SOON};
}

static void end(void)
{
    mark_free(&mark);
    course_free(&course);
    free(grade.check);
}

static size_t find(const char *id)
{
    const struct check_spec *spec = lab_check(course.lab, id);
    CU_ASSERT_PTR_NOT_NULL_FATAL(spec);
    return (size_t)(spec - course.lab->check);
}

static void set(const char *id, enum check_status status)
{
    struct check_result *r = &grade.check[find(id)];
    r->status = status;
    r->points = status == CHECK_PASS ? r->max : 0;
}

static void expect(int64_t now, enum mark_state state, int64_t value, const char *word)
{
    mark_free(&mark);
    policy_mark(&course, &hand_in, now, &mark);
    CU_ASSERT_EQUAL(mark.state, state);
    CU_ASSERT_EQUAL(mark.value, value);
    CU_ASSERT_PTR_NOT_NULL_FATAL(mark.reason);
    CU_ASSERT_PTR_NOT_NULL(strstr(mark.reason, word));
    if (mark.state != state || mark.value != value || !strstr(mark.reason, word))
        printf("# wanted %d %lld '%s', got %d %lld: %s\n", state, (long long)value, word, mark.state, (long long)mark.value, mark.reason);
}

static void test_points(void)
{
    begin();
    expect(AFTER, MARK_COUNTS, 10000, "100 of 100 points for the checks.");
    int greets = course.points[find("greets")];
    set("greets", CHECK_FAIL);
    expect(AFTER, MARK_COUNTS, 10000 - 100 * greets, "points for the checks.");
    CU_ASSERT_EQUAL(mark.check[find("greets")].earned, 0);
    CU_ASSERT_EQUAL(mark.check[find("greets")].max, 100 * greets);
    CU_ASSERT_EQUAL(mark.check[find("queued")].earned, mark.check[find("queued")].max);
    /* The course's points, not the lab's. */
    course.total -= course.points[find("greets")];
    course.points[find("greets")] = 0;
    expect(AFTER, MARK_COUNTS, 10000, "of ");
    end();
}

/* 100 points shown as a mark of 7: halves go up. */
static void test_scale(void)
{
    begin();
    for (size_t i = 0; i < grade.checks; i++)
        course.points[i] = 0;
    course.points[find("greets")] = 2;
    course.points[find("queued")] = 1;
    course.total = 3;
    course.out_of = 10;
    set("queued", CHECK_FAIL);
    expect(AFTER, MARK_COUNTS, 667, "2 of 3 points for the checks, which is 6.67 of 10.");
    CU_ASSERT_EQUAL(mark.max, 1000);
    set("greets", CHECK_FAIL);
    expect(AFTER, MARK_COUNTS, 0, "0 of 3 points");
    end();
}

static void test_late(void)
{
    static const struct {
        int64_t late, value;
        const char *word;
    } sample[] = {
        {-1, 10000, "100 of 100 points for the checks."},
        {0, 10000, "100 of 100 points for the checks."},
        {1, 10000, "Handed in 1 s after the due time (2001-09-09 01:46 UTC). The first 1 d 12 h cost nothing."},
        {36 * HOUR, 10000, "cost nothing."},
        {36 * HOUR + 1, 9000, "each day begun after that costs 10 % of the points: 10 %. That leaves 90 of 100."},
        {60 * HOUR, 9000, "Handed in 2 d 12 h after"},
        {60 * HOUR + 1, 8000, ": 20 %."},
        {7 * DAY, 4000, ": 60 %."},
        {7 * DAY + 1, 0, "What comes more than 7 d late counts nothing. That leaves 0 of 100."},
    };

    begin();
    course.late = (struct late_policy){.grace = 36 * HOUR, .percent_a_day = 10, .cut_off = 7 * DAY};
    for (size_t i = 0; i < sizeof(sample) / sizeof(sample[0]); i++) {
        hand_in.handed_in = DUE + sample[i].late;
        expect(AFTER, MARK_COUNTS, sample[i].value, sample[i].word);
        CU_ASSERT_EQUAL(mark.late, sample[i].late > 0 ? sample[i].late : 0);
        CU_ASSERT_EQUAL(mark.earned, 10000);
    }
    end();
}

static void test_late_without_mercy(void)
{
    begin();
    hand_in.handed_in = DUE + 3 * DAY;
    expect(AFTER, MARK_COUNTS, 10000, "That costs nothing.");
    course.late.percent_a_day = 40;
    expect(AFTER, MARK_COUNTS, 0, "Each day begun costs 40 % of the points: 100 %.");
    hand_in.handed_in = DUE + 1;
    expect(AFTER, MARK_COUNTS, 6000, ": 40 %.");
    /* A third of a mark, and a half of a hundredth. */
    course.out_of = 1;
    course.late.percent_a_day = 50;
    set("greets", CHECK_FAIL);
    int64_t earned = ((100 - course.points[find("greets")]) * 100 + 50) / 100;
    expect(AFTER, MARK_COUNTS, (earned * 50 + 50) / 100, "points");
    /* A time that nobody knows is in time. */
    hand_in.handed_in = 0;
    expect(AFTER, MARK_COUNTS, earned, "points");
    CU_ASSERT_EQUAL(mark.late, 0);
    end();
}

static void test_late_mark(void)
{
    begin();
    hand_in.handed_in = 0;
    hand_in.late_mark = true;
    expect(AFTER, MARK_COUNTS, 10000, "points");
    course.late.percent_a_day = 10;
    expect(DUE + 1, MARK_PERSON, 0, "not by how much");
    /* Not due yet, by this course or for this student: then the platform has another time. */
    expect(DUE, MARK_COUNTS, 10000, "points");
    course.due = COURSE_NEVER;
    expect(AFTER, MARK_COUNTS, 10000, "points");
    course.due = DUE;
    hand_in.handed_in = DUE - 5;
    expect(AFTER, MARK_COUNTS, 10000, "points");
    end();
}

static void test_extension(void)
{
    begin();
    course.extension = xcalloc(1, sizeof(course.extension[0]));
    course.extension[0] = (struct extension){.student = xstrdup("1234"), .due = DUE + 2 * DAY};
    course.extensions = 1;
    course.late.percent_a_day = 10;
    hand_in.handed_in = DUE + DAY;
    expect(AFTER, MARK_COUNTS, 9000, "after the due time");
    hand_in.lms_id = "1234";
    expect(AFTER, MARK_COUNTS, 10000, "100 of 100 points for the checks.");
    hand_in.handed_in = DUE + 2 * DAY + 60;
    expect(AFTER, MARK_COUNTS, 9000, "Handed in 1 min after your own due time, which was extended.");
    /* Nothing yet, and more time than the others. */
    hand_in.grade = NULL;
    expect(DUE + DAY, MARK_PENDING, 0, "Nothing has been handed in yet.");
    expect(DUE + 3 * DAY, MARK_COUNTS, 0, "Nothing was handed in.");
    end();
}

static void test_nothing(void)
{
    begin();
    hand_in.grade = NULL;
    hand_in.handed_in = 0;
    expect(DUE, MARK_PENDING, 0, "It is due 2001-09-09 01:46 UTC.");
    expect(DUE + 1, MARK_COUNTS, 0, "Nothing was handed in.");
    course.due = COURSE_NEVER;
    expect(AFTER, MARK_COUNTS, 0, "Nothing was handed in.");
    CU_ASSERT_EQUAL(mark.checks, course.lab->checks);
    CU_ASSERT_EQUAL(mark.check[0].status, CHECK_SKIP);
    hand_in.trouble = "Two files could be hello_server.c.";
    expect(AFTER, MARK_PERSON, 0, "Two files could be hello_server.c.");
    end();
}

/* Nobody loses points for what the grader or the machine could not do. */
static void test_person(void)
{
    begin();
    set("queued", CHECK_ERROR);
    set("greets", CHECK_FAIL);
    expect(AFTER, MARK_PERSON, 0, "failed at: queued.");
    set("queued", CHECK_SKIP);
    expect(AFTER, MARK_PERSON, 0, "could not be run: queued.");
    course.total -= course.points[find("queued")];
    course.points[find("queued")] = 0;
    expect(AFTER, MARK_COUNTS, 10000 * (course.total - course.points[find("greets")]) / course.total * course.out_of / 100, "points");
    end();
}

/* A grade of an older version, or of a few checks only, says nothing of the others. */
static void test_missing_check(void)
{
    begin();
    grade.checks--;
    expect(AFTER, MARK_PERSON, 0, course.lab->check[grade.checks].id);
    end();
}

static void test_does_not_build(void)
{
    begin();
    for (size_t i = 0; i < grade.checks; i++)
        set(course.lab->check[i].id, strcmp(course.lab->check[i].id, "builds") == 0 ? CHECK_FAIL : CHECK_SKIP);
    expect(AFTER, MARK_COUNTS, 0, "0 of 100 points for the checks.");
    end();
}

static void test_hidden(void)
{
    struct grade view;

    begin();
    course.hidden[find("greets")] = course.hidden[find("queued")] = true;
    set("greets", CHECK_FAIL);
    expect(DUE, MARK_COUNTS, 10000 - 100 * course.points[find("greets")], "The mark is shown after the due time.");
    CU_ASSERT_EQUAL(mark.hidden, 2);
    CU_ASSERT_TRUE(mark.check[find("greets")].hidden);
    CU_ASSERT_PTR_NULL(strstr(mark.reason, "of 100"));
    CU_ASSERT_EQUAL(policy_view(&course, &hand_in, DUE, &grade, &view), 2);
    CU_ASSERT_EQUAL(view.checks, grade.checks - 2);
    CU_ASSERT_EQUAL(view.score, view.max);
    CU_ASSERT_EQUAL(view.max, 100 - grade.check[find("greets")].max - grade.check[find("queued")].max);
    for (size_t i = 0; i < view.checks; i++)
        CU_ASSERT_TRUE(strcmp(view.check[i].id, "greets") != 0 && strcmp(view.check[i].id, "queued") != 0);
    policy_view_free(&view);
    /* All of them, with the course's points. */
    course.points[find("builds")] += 7;
    CU_ASSERT_EQUAL(policy_view(&course, &hand_in, DUE + 1, &grade, &view), 0);
    CU_ASSERT_EQUAL(view.checks, grade.checks);
    CU_ASSERT_EQUAL(view.max, 107);
    CU_ASSERT_EQUAL(view.score, 107 - grade.check[find("greets")].max);
    policy_view_free(&view);
    course.points[find("builds")] -= 7;
    expect(DUE + 1, MARK_COUNTS, 10000 - 100 * course.points[find("greets")], "points for the checks.");
    CU_ASSERT_EQUAL(mark.hidden, 0);
    end();
}

static void test_text(void)
{
    static const struct {
        int64_t hundredths;
        const char *text;
    } sample[] = {{0, "0"}, {5, "0.05"}, {50, "0.5"}, {7250, "72.5"}, {7205, "72.05"}, {10000, "100"}, {1234567, "12345.67"}};
    char text[24];

    for (size_t i = 0; i < sizeof(sample) / sizeof(sample[0]); i++)
        CU_ASSERT_STRING_EQUAL(mark_text(sample[i].hundredths, text, sizeof(text)), sample[i].text);
}

void suite_policy(void)
{
    unit_test("the course's points are what counts", test_points);
    unit_test("a mark out of another number", test_scale);
    unit_test("grace, days begun, the cut-off", test_late);
    unit_test("no grace, no cut-off, no policy", test_late_without_mercy);
    unit_test("late by nobody knows how much", test_late_mark);
    unit_test("an extension", test_extension);
    unit_test("nothing handed in, or nothing to grade", test_nothing);
    unit_test("what could not be judged is no zero", test_person);
    unit_test("a grade that lacks a check", test_missing_check);
    unit_test("what does not build earns nothing", test_does_not_build);
    unit_test("hidden checks, and no sum that tells them", test_hidden);
    unit_test("marks as text", test_text);
}
