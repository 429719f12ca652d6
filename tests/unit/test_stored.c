/**
 * @file
 * Grades that were stored as JSON and are read again; the HTML page; the drawing in it.
 */
#include "report/report.h"
#include "report/stored.h"
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct report_style plain = {.width = 80};
/* Markup, entities, quotes of both kinds, a closing tag of where it may stand, bytes that are no UTF-8, a terminal's sequence. */
static const char nasty[] = "</title></style></svg><script>alert(1)</script><img src=x onerror=\"alert(2)\"> &amp; 'q' \033[2J \xff";

static void fill_ladder(struct ladder *l)
{
    l->lane[0] = xstrdup(nasty);
    l->lane[1] = xstrdup("echo_server");
    l->student[1] = l->stuck = true;
    struct ladder_row *dials = ladder_add(l);
    *dials = (struct ladder_row){.kind = LADDER_ACT, .since = LADDER_NOWHERE, .to = 2, .travel = TRAVEL_CONNECTION};
    dials->text = xstrdup("client 1 connects");
    dials->load = xstrdup("connects");
    struct ladder_row *enters = ladder_add(l);
    enters->lane = 1;
    enters->text = xstrdup("accept(3, ...)");
    struct ladder_row *accepts = ladder_add(l);
    *accepts = (struct ladder_row){.lane = 1, .since = 1, .to = LADDER_NOWHERE, .line = 41};
    accepts->text = xstrdup(nasty);
    accepts->who = xstrdup(nasty);
    accepts->file = xstrdup(nasty);
    accepts->source = xstrdup(nasty);
    struct ladder_row *sends = ladder_add(l);
    *sends = (struct ladder_row){.since = LADDER_NOWHERE, .to = LADDER_NOWHERE, .travel = TRAVEL_BYTES};
    sends->text = xstrdup(nasty);
    sends->load = xstrdup("5 bytes");
    struct ladder_row *waits = ladder_add(l);
    waits->lane = 1;
    waits->waits = waits->injected = true;
    waits->text = xstrdup("read(4, ...)");
    struct ladder_row *stop = ladder_add(l);
    stop->kind = LADDER_STOP;
    stop->text = xstrdup("Nobody can go on: client 1 waits.");
}

static struct grade make_grade(void)
{
    struct grade g = {.lab = "06-read-write", .title = "Bytes", .sandbox = "partial", .seed = UINT64_MAX, .checks = 3};

    g.directory = xstrdup(nasty);
    g.duration = 1234000000;
    g.check = xcalloc(g.checks, sizeof g.check[0]);
    g.check[0] = (struct check_result){.id = "builds", .title = "It builds", .points = 4, .max = 4, .duration = 5000000};
    g.check[1] = (struct check_result){.id = "echoes", .title = nasty, .hint = nasty, .why = nasty, .handout = "06-read-write#a",
                                       .status = CHECK_FAIL, .max = 7};
    g.check[2] = (struct check_result){.id = "large", .title = "Much", .status = CHECK_ERROR, .max = 9};
    struct finding *f = &g.check[1].finding;
    f->verdict = VERDICT_STUCK;
    f->message = xstrdup(nasty);
    f->expected = xstrdup("");
    f->actual = xstrdup(nasty);
    finding_place(f, nasty, 41, nasty);
    finding_source(f, nasty);
    finding_place(f, NULL, 0, NULL);
    finding_step(f, "%s", nasty);
    finding_output(f, nasty);
    fill_ladder(&f->ladder);
    g.check[1].replay = xstrdup("socklab grade 6 DIR --only echoes");
    g.check[2].finding.verdict = VERDICT_TROUBLE;
    g.check[2].finding.message = xstrdup("The checker ended without a verdict.");
    g.note = xcalloc(1, sizeof g.note[0]);
    g.note[g.notes++] = xstrdup(nasty);
    g.missing = xcalloc(1, sizeof g.missing[0]);
    g.missing[g.missing_count++] = xstrdup(nasty);
    grade_protection(&g, "seccomp", NULL);
    grade_protection(&g, "landlock", "the kernel has none");
    grade_sum(&g);
    return g;
}

static struct buf render(const struct grade *g, enum report_format format, const struct report_style *style)
{
    struct buf out = {0};

    report_render(&out, g, format, style);
    return out;
}

/* --- reading back ------------------------------------------------------------------------------------- */

static void test_comes_back(void)
{
    struct grade g = make_grade();
    struct stored_grade stored, again;
    char *message = NULL;
    struct buf once = render(&g, REPORT_JSON, &plain);

    CU_ASSERT_EQUAL_FATAL(stored_read(once.data, once.length, &stored, &message), 0);
    struct buf twice = render(&stored.grade, REPORT_JSON, &plain);
    CU_ASSERT_STRING_EQUAL(buf_text(&twice), buf_text(&once));
    CU_ASSERT_EQUAL_FATAL(stored_read(twice.data, twice.length, &again, &message), 0);
    for (int format = REPORT_TEXT; format <= REPORT_HTML; format++) {
        struct buf before = render(&stored.grade, format, &plain), after = render(&again.grade, format, &plain);
        CU_ASSERT_TRUE(after.length > 100);
        CU_ASSERT_STRING_EQUAL(buf_text(&after), buf_text(&before));
        buf_free(&before);
        buf_free(&after);
    }
    stored_free(&again);
    buf_free(&twice);
    CU_ASSERT_EQUAL(stored.grade.check[1].finding.ladder.rows, 6);
    CU_ASSERT_EQUAL(stored.grade.seed, UINT64_MAX);
    stored_free(&stored);
    CU_ASSERT_PTR_NULL(stored.document);
    buf_free(&once);
    grade_free(&g);
}

#define CHECK_FIELDS "\"id\":\"a\",\"status\":\"pass\",\"verdict\":\"pass\",\"points\":3,\"max\":3"

/* What another version wrote: fields that are not there are empty, and those that are not known are passed over. */
static void test_other_versions(void)
{
    static const char text[] = "{\"lab\":\"x\",\"newer\":[1],\"checks\":[{" CHECK_FIELDS ",\"newer\":{}}]}";
    struct stored_grade stored;
    char *message = NULL;

    CU_ASSERT_EQUAL_FATAL(stored_read(text, strlen(text), &stored, &message), 0);
    CU_ASSERT_EQUAL(stored.grade.score, 3);
    CU_ASSERT_TRUE(stored.grade.complete);
    CU_ASSERT_PTR_NULL(stored.grade.check[0].finding.message);
    stored_free(&stored);
}

static void test_refused(void)
{
    static const char *const bad[] = {
        "",
        "[]",
        "{\"lab\":\"x\"",
        "{\"lab\":\"x\",\"lab\":\"y\",\"checks\":[{" CHECK_FIELDS "}]}",
        "{\"lab\":\"x\",\"checks\":[]}",
        "{\"checks\":[{" CHECK_FIELDS "}]}",
        "{\"lab\":7,\"checks\":[{" CHECK_FIELDS "}]}",
        "{\"lab\":\"x\",\"score\":4,\"checks\":[{" CHECK_FIELDS "}]}",
        "{\"lab\":\"x\",\"complete\":false,\"checks\":[{" CHECK_FIELDS "}]}",
        "{\"lab\":\"x\",\"seconds\":-1,\"checks\":[{" CHECK_FIELDS "}]}",
        "{\"lab\":\"x\",\"checks\":[{\"id\":\"a\",\"status\":\"won\",\"verdict\":\"pass\"}]}",
        "{\"lab\":\"x\",\"checks\":[{\"id\":\"a\",\"status\":\"pass\",\"verdict\":\"fine\"}]}",
        "{\"lab\":\"x\",\"checks\":[{\"status\":\"pass\",\"verdict\":\"pass\"}]}",
        "{\"lab\":\"x\",\"checks\":[{" CHECK_FIELDS ",\"steps\":[1]}]}",
        "{\"lab\":\"x\",\"checks\":[{" CHECK_FIELDS ",\"message\":\"a\\u0000b\"}]}",
        "{\"lab\":\"x\",\"checks\":[{" CHECK_FIELDS ",\"ladder\":{\"rows\":[{\"lane\":2,\"kind\":\"call\",\"text\":\"t\"}]}}]}",
        "{\"lab\":\"x\",\"checks\":[{" CHECK_FIELDS ",\"ladder\":{\"rows\":[{\"lane\":0,\"kind\":\"song\",\"text\":\"t\"}]}}]}",
        "{\"lab\":\"x\",\"checks\":[{" CHECK_FIELDS ",\"ladder\":{\"rows\":[{\"lane\":0,\"kind\":\"call\"}]}}]}",
        "{\"lab\":\"x\",\"checks\":[{" CHECK_FIELDS
        ",\"ladder\":{\"rows\":[{\"lane\":0,\"kind\":\"act\",\"text\":\"t\",\"travel\":\"bytes\",\"to\":9}]}}]}",
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct stored_grade stored;
        char *message = NULL;
        CU_ASSERT_EQUAL(stored_read(bad[i], strlen(bad[i]), &stored, &message), -EBADMSG);
        CU_ASSERT_TRUE(message && *message);
        CU_ASSERT_PTR_NULL(stored.grade.check);
        free(message);
    }
}

/* --- the page --------------------------------------------------------------------------------------------- */

static size_t count(const struct buf *page, const char *what)
{
    size_t found = 0;

    for (const char *at = buf_text(page); (at = strstr(at, what)); at++)
        found++;
    return found;
}

static void test_text_stays_text(void)
{
    struct grade g = make_grade();
    const struct report_about about = {.student = nasty, .mark = nasty, .reason = nasty, .remark = nasty, .hidden = 2};
    const struct report_style style = {.width = 80, .about = &about};
    struct buf page = render(&g, REPORT_HTML, &style);

    CU_ASSERT_EQUAL(count(&page, "<script"), 0);
    CU_ASSERT_EQUAL(count(&page, "<img"), 0);
    CU_ASSERT_EQUAL(count(&page, "onerror=\""), 0);
    CU_ASSERT_EQUAL(count(&page, "</style>"), 1);
    CU_ASSERT_EQUAL(count(&page, "<svg "), count(&page, "</svg>"));
    CU_ASSERT_TRUE(count(&page, "&lt;script&gt;alert(1)") >= 15);
    CU_ASSERT_EQUAL(count(&page, "\033"), 0);
    CU_ASSERT_TRUE(count(&page, "2 more checks are shown after the due date.") == 1);
    buf_free(&page);
    grade_free(&g);
}

static void test_nothing_from_elsewhere(void)
{
    struct grade g = make_grade();
    struct buf page = render(&g, REPORT_HTML, &plain);

    CU_ASSERT_EQUAL(count(&page, "default-src 'none'"), 1);
    CU_ASSERT_EQUAL(count(&page, "script-src"), 0);
    CU_ASSERT_EQUAL(count(&page, "http://www.w3.org/2000/svg"), count(&page, "http:"));
    CU_ASSERT_EQUAL(count(&page, "https:"), 0);
    CU_ASSERT_EQUAL(count(&page, "url("), 0);
    CU_ASSERT_EQUAL(count(&page, "@import"), 0);
    buf_free(&page);
    grade_free(&g);
}

/* Whatever the drawing says is said in words too: what was taken and what was not, and where somebody waits. */
static void test_drawing(void)
{
    struct grade g = make_grade();
    struct buf page = render(&g, REPORT_HTML, &plain);

    CU_ASSERT_EQUAL(count(&page, "<svg "), 1);
    CU_ASSERT_EQUAL(count(&page, "echo_server (yours)"), 1);
    CU_ASSERT_EQUAL(count(&page, "class=\"head\""), 1);
    CU_ASSERT_EQUAL(count(&page, "5 bytes, never read"), 2);
    CU_ASSERT_EQUAL(count(&page, "stuck here"), 2);
    CU_ASSERT_EQUAL(count(&page, "(taken in 3)"), 1);
    CU_ASSERT_EQUAL(count(&page, "(entered in 2)"), 1);
    CU_ASSERT_EQUAL(count(&page, "aria-labelledby=\"ladder-echoes-title-0 ladder-echoes-desc-0\""), 1);
    buf_free(&page);
    /* Nobody is stuck where the grader keeps it. */
    struct ladder *l = &g.check[1].finding.ladder;
    for (size_t i = 0; i < l->rows; i++)
        l->row[i].kept = l->row[i].waits;
    page = render(&g, REPORT_HTML, &plain);
    CU_ASSERT_EQUAL(count(&page, "stuck here"), 0);
    CU_ASSERT_EQUAL(count(&page, "kept by the grader"), 2);
    buf_free(&page);
    grade_free(&g);
}

/* A long conversation stands on several sheets, each with all that crosses it. */
static void test_sheets(void)
{
    struct grade g = make_grade();
    struct ladder *l = &g.check[1].finding.ladder;

    ladder_free(l);
    l->lane[0] = xstrdup("a");
    l->lane[1] = xstrdup("b");
    for (int i = 0; i < LADDER_ROWS; i++) {
        struct ladder_row *row = ladder_add(l);
        row->lane = i % 2;
        row->text = xasprintf("row %d", i);
    }
    l->row[0].travel = TRAVEL_BYTES;
    l->row[0].to = LADDER_ROWS - 1;
    CU_ASSERT_PTR_NULL(ladder_add(l));
    CU_ASSERT_TRUE(ladder_is_sound(l));
    struct buf page = render(&g, REPORT_HTML, &plain);
    size_t sheets = count(&page, "<svg ");
    CU_ASSERT_TRUE(sheets >= 2);
    CU_ASSERT_EQUAL(count(&page, "class=\"head\""), sheets);
    CU_ASSERT_EQUAL(count(&page, ">row 47<"), 2); /* once drawn, once in the table */
    buf_free(&page);
    grade_free(&g);
}

static void test_feedback_in_text(void)
{
    struct grade g = make_grade();
    const struct report_about about = {.student = "Kim", .mark = "8.5 of 10", .reason = "One day late: 15 percent off.", .hidden = 1};
    const struct report_style style = {.width = 80, .about = &about};
    struct buf text = render(&g, REPORT_TEXT, &style), without = render(&g, REPORT_TEXT, &plain);

    CU_ASSERT_EQUAL(count(&text, "8.5 of 10"), 1);
    CU_ASSERT_EQUAL(count(&text, "One day late: 15 percent off."), 1);
    CU_ASSERT_EQUAL(count(&text, "1 more check is shown after the due date."), 1);
    CU_ASSERT_EQUAL(count(&without, "Kim"), 0);
    buf_free(&text);
    buf_free(&without);
    grade_free(&g);
}

void suite_stored(void)
{
    unit_test("a grade comes back from its JSON, in every format", test_comes_back);
    unit_test("fields that are missing or unknown", test_other_versions);
    unit_test("what is no grade is refused, with a reason", test_refused);
    unit_test("in the page a stranger's text stays text", test_text_stays_text);
    unit_test("the page asks for nothing elsewhere", test_nothing_from_elsewhere);
    unit_test("the drawing says everything in words too", test_drawing);
    unit_test("a long conversation stands on several sheets", test_sheets);
    unit_test("a student's feedback begins with the mark", test_feedback_in_text);
}
