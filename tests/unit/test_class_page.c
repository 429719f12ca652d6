/**
 * @file
 * The page for a class: what it counts, in which order, and that texts stay texts.
 */
#include "report/class_page.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

static const struct class_check checks[] = {
    {"builds", "It builds", 400, false}, {"greets", "It greets", 1050, false}, {"queued", "They wait", 600, true}};
static const enum check_status all[] = {CHECK_PASS, CHECK_PASS, CHECK_PASS}, half[] = {CHECK_PASS, CHECK_FAIL, CHECK_PASS},
                               broken[] = {CHECK_FAIL, CHECK_SKIP, CHECK_SKIP}, troubled[] = {CHECK_PASS, CHECK_FAIL, CHECK_ERROR};

static const struct class_student students[] = {
    {.student = "ada", .name = "Ada & Co <b>", .mark = 10000, .max = 10000, .status = all, .duration = 3000000000, .feedback = "feedback/a b/report.html"},
    {.student = "bob", .mark = 5050, .max = 10000, .status = half, .duration = 9120000000, .feedback = "javascript:alert(1)"},
    {.student = "cyd", .mark = 0, .max = 10000, .status = broken, .late = 90000, .reason = "Late."},
    {.student = "dee", .state = CLASS_PERSON, .mark = -1, .max = 10000, .status = troubled, .remark = "Look <here>."},
    {.student = "eve", .state = CLASS_NOTHING, .mark = 0, .max = 10000},
};
enum { STUDENTS = sizeof students / sizeof students[0] };

static const struct class_summary summary = {.lab = "04-accept", .title = "<title>", .check = checks, .checks = 3,
                                             .student = students, .students = STUDENTS, .version = "1"};

static struct buf render(const struct class_summary *s)
{
    struct buf page = {0};

    class_page_render(&page, s);
    return page;
}

static size_t count(const struct buf *page, const char *what)
{
    size_t found = 0;

    for (const char *at = buf_text(page); (at = strstr(at, what)); at++)
        found++;
    return found;
}

static void test_facts(void)
{
    struct buf page = render(&summary);

    CU_ASSERT_EQUAL(count(&page, "<b>5</b>students"), 1);
    CU_ASSERT_EQUAL(count(&page, "<b>3</b>graded"), 1);
    CU_ASSERT_EQUAL(count(&page, "<b>1</b>for a person"), 1);
    CU_ASSERT_EQUAL(count(&page, "<b>25.25</b>median"), 1); /* of 0, 0, 50.5 and 100: nobody's mark is no zero */
    CU_ASSERT_EQUAL(count(&page, "<b>37.6</b>average"), 1);
    CU_ASSERT_EQUAL(count(&page, "2 from 0 to 9 percent, 1 from 50 to 59 percent, 1 with full marks."), 1);
    buf_free(&page);
}

/* A check that could not be run says nothing about the class. */
static void test_pass_rates(void)
{
    struct buf page = render(&summary);
    const char *text = buf_text(&page);
    const char *greets = strstr(text, "<code>greets</code>"), *builds = strstr(text, "<code>builds</code>"),
               *queued = strstr(text, "<code>queued</code>");

    CU_ASSERT_TRUE_FATAL(greets && builds && queued);
    CU_ASSERT_TRUE(greets < builds && builds < queued); /* 33, 75 and 100 percent */
    CU_ASSERT_PTR_NOT_NULL(strstr(greets, "<span>33 %</span></td><td class=\"number\">1</td><td class=\"number\">2</td>"
                                          "<td class=\"number\">1</td><td class=\"number\">0</td>"));
    CU_ASSERT_PTR_NOT_NULL(strstr(queued, "<span>100 %</span></td><td class=\"number\">2</td><td class=\"number\">0</td>"
                                          "<td class=\"number\">1</td><td class=\"number\">1</td>"));
    CU_ASSERT_EQUAL(count(&page, "students do not see it yet"), 1);
    buf_free(&page);
}

static void test_remarkable(void)
{
    struct buf page = render(&summary);
    const char *slowest = strstr(buf_text(&page), "<ol>");

    CU_ASSERT_EQUAL(count(&page, "<li>dee: <b>for a person</b>. Look &lt;here&gt;.</li>"), 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(slowest);
    CU_ASSERT_PTR_NOT_NULL(strstr(slowest, "<li>bob: 9.12 s</li>\n<li><a href=\"feedback/a%20b/report.html\">Ada"));
    CU_ASSERT_EQUAL(count(&page, "25 h 00 min"), 1);
    CU_ASSERT_EQUAL(count(&page, "javascript:"), 0);
    buf_free(&page);
}

static void test_text_stays_text(void)
{
    struct buf page = render(&summary);

    CU_ASSERT_EQUAL(count(&page, "Ada &amp; Co &lt;b&gt;"), 2);
    CU_ASSERT_EQUAL(count(&page, "<script"), 1);
    CU_ASSERT_EQUAL(count(&page, "script-src 'sha256-"), 1);
    CU_ASSERT_EQUAL(count(&page, "<h1>&lt;title&gt;</h1>"), 1);
    CU_ASSERT_EQUAL(count(&page, "Alike"), 0); /* nobody asked */
    buf_free(&page);
}

static void test_pairs(void)
{
    static const struct class_pair pair = {{0, 1}, 88, "similarity.html#pair-1"};
    struct class_summary s = summary;
    s.compared = true;
    s.threshold = 60;
    struct buf none = render(&s);
    s.pair = &pair;
    s.pairs = 1;
    struct buf one = render(&s);

    CU_ASSERT_EQUAL(count(&none, "There are none."), 1);
    CU_ASSERT_EQUAL(count(&one, "There are none."), 0);
    CU_ASSERT_EQUAL(count(&one, "<td class=\"number\">88 %</td>"), 1);
    CU_ASSERT_EQUAL(count(&one, "<a href=\"similarity.html#pair-1\">"), 1);
    buf_free(&none);
    buf_free(&one);
}

/* No student, no mark: a page all the same. */
static void test_empty(void)
{
    const struct class_summary s = {.lab = "04-accept"};
    struct buf page = render(&s);

    CU_ASSERT_EQUAL(count(&page, "<b>0</b>students"), 1);
    CU_ASSERT_EQUAL(count(&page, "median"), 0);
    CU_ASSERT_EQUAL(count(&page, "<svg"), 0);
    CU_ASSERT_EQUAL(count(&page, "</html>"), 1);
    buf_free(&page);
}

void suite_class_page(void)
{
    unit_test("what it counts", test_facts);
    unit_test("checks by their pass rate", test_pass_rates);
    unit_test("the odd and the slow", test_remarkable);
    unit_test("names and remarks stay text", test_text_stays_text);
    unit_test("pairs that are alike", test_pairs);
    unit_test("a class of nobody", test_empty);
}
