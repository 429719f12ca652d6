/**
 * @file
 * Several grades in one report (report/all.c), and a folder with several labs in it (command/all.c).
 */
#include "command/all.h"
#include "report/report.h"
#include "unit.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const struct report_style plain = {.color = false, .width = 60};

enum { CHECKS = 3, GRADES = 4 };

/* Three checks of 30 points each, of which the last and the middle one may fail. */
static struct grade make_grade(const char *lab, enum check_status middle, enum check_status last)
{
    static const char *const id[CHECKS] = {"builds", "tcp", "echoes"};
    static const char *const title[CHECKS] = {"It compiles", "A stream", "Text comes back, whatever its length and its form may be"};
    const enum check_status status[CHECKS] = {CHECK_PASS, middle, last};
    struct grade g = {.lab = lab, .title = "a lab", .directory = xstrdup("somewhere"), .sandbox = "full", .checks = CHECKS};

    g.check = xcalloc(CHECKS, sizeof *g.check);
    for (size_t i = 0; i < CHECKS; i++)
        g.check[i] = (struct check_result){.id = id[i], .title = title[i], .handout = "h", .status = status[i], .max = 30,
                                           .points = status[i] == CHECK_PASS ? 30 : 0,
                                           .finding = {.message = xstrdup("It is so.")}};
    grade_sum(&g);
    return g;
}

static struct grade make_absent(void)
{
    struct grade g = {.lab = "14-http", .title = "a lab", .directory = xstrdup("x/14-http"), .complete = true, .sandbox = "full",
                      .max = 90};

    g.note = xcalloc(1, sizeof g.note[0]);
    g.note[g.notes++] = xstrdup("there is no folder of this name");
    return g;
}

static void make_grades(struct grade g[GRADES])
{
    g[0] = make_grade("01-socket", CHECK_PASS, CHECK_PASS);
    g[1] = make_grade("06-read-write", CHECK_SKIP, CHECK_FAIL);
    g[2] = make_grade("08-signals", CHECK_PASS, CHECK_ERROR);
    g[3] = make_absent();
}

static void free_grades(struct grade g[GRADES])
{
    for (size_t i = 0; i < GRADES; i++)
        grade_free(&g[i]);
}

/* The table is the last that is said: the points in a column, what failed before what was left out, nothing too wide. */
static void test_table(void)
{
    static const char table[] = "lab             points  look first at\n"
                                "01-socket        90/90\n"
                                "06-read-write    30/90  echoes: Text comes back, whatever...\n"
                                "08-signals       60/90  echoes: the grader had trouble\n"
                                "14-http           0/90  there is no folder of this name\n"
                                "all            180/360  1 of 4 labs with full marks\n";
    struct grade g[GRADES];
    struct buf out = {0};

    make_grades(g);
    report_render_all(&out, g, GRADES, REPORT_TEXT, &plain);
    const char *text = buf_text(&out);
    CU_ASSERT_FATAL(out.length > sizeof table);
    CU_ASSERT_STRING_EQUAL(text + out.length - (sizeof table - 1), table);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "06-read-write: a lab"));
    CU_ASSERT_PTR_NULL(strstr(text, "14-http: a lab"));
    buf_free(&out);
    free_grades(g);
}

static void test_json(void)
{
    struct grade g[GRADES];
    struct buf all = {0};

    make_grades(g);
    report_render_all(&all, g, GRADES, REPORT_JSON, &plain);
    json_t *list = json_loads(buf_text(&all), 0, NULL);
    CU_ASSERT_EQUAL_FATAL(json_array_size(list), GRADES);
    for (size_t i = 0; i < GRADES; i++) {
        struct buf one = {0};
        report_render(&one, &g[i], REPORT_JSON, &plain);
        json_t *alone = json_loads(buf_text(&one), 0, NULL);
        CU_ASSERT_PTR_NOT_NULL(alone);
        CU_ASSERT(json_equal(alone, json_array_get(list, i)));
        json_decref(alone);
        buf_free(&one);
    }
    json_decref(list);
    buf_free(&all);
    free_grades(g);
}

static void test_formats(void)
{
    CU_ASSERT(report_knows_all(REPORT_TEXT));
    CU_ASSERT(report_knows_all(REPORT_JSON));
    CU_ASSERT_FALSE(report_knows_all(REPORT_HTML));
    CU_ASSERT_FALSE(report_knows_all(REPORT_JUNIT));
}

static void test_no_folder(void)
{
    static const struct check_spec check[] = {{.id = "builds", .title = "It compiles", .points = 100}};
    static const struct lab lab = {.number = 1, .id = "01-none", .title = "none", .check = check, .checks = 1};
    static const struct lab *const labs[] = {&lab, NULL};
    const struct grade_options options = {.seed = 1};
    struct grade *grades;
    size_t count;
    char *message = NULL;

    CU_ASSERT_EQUAL(all_grade(labs, "/nowhere", &options, 1, &grades, &count, &message), -ENOENT);
    CU_ASSERT_EQUAL(count, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(message);
    CU_ASSERT_PTR_NOT_NULL(strstr(message, "/nowhere"));
    free(message);
}

void suite_all(void)
{
    unit_test("a table of several grades", test_table);
    unit_test("several grades as JSON", test_json);
    unit_test("text and JSON know several grades", test_formats);
    unit_test("no lab's folder is an error", test_no_folder);
}
