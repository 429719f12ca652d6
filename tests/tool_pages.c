/**
 * @file
 * Pages for the browser's tests:
 *
 *     build/tool/pages class FILE          a class of 60 with every state, and names that would be markup
 *     build/tool/pages report JSON FILE    the HTML report of a stored grade
 *
 * Status 0; 1 with a line on stderr.
 */
#include "report/class_page.h"
#include "report/report.h"
#include "report/stored.h"

#include <stdlib.h>
#include <string.h>

enum { STUDENTS = 60, CHECKS = 12 };

/* What a browser would run, load or take for its own, if it were not text. */
static const char *const hostile[] = {
    "<script>document.title='owned'</script>",
    "<img src=http://192.0.2.1/x onerror=document.title='owned'>",
    "\"onmouseover=\"document.title='owned'",
    "</td></tr></table><style>body{display:none}</style>",
    "=cmd|'/C calc'!A0 \xe2\x80\xae gnp",
    "&lt;b&gt; & &amp; &#60;",
    "javascript:document.title='owned'",
    "\xea\xb9\x80\xeb\xaf\xbc\xec\xa4\x80",
};
enum { HOSTILE = sizeof hostile / sizeof hostile[0] };

static const struct class_check check[CHECKS] = {
    {"builds", "It compiles and links", 400, false},     {"warnings", "No warning under -Wall -Wextra", 200, false},
    {"usage", "Wrong arguments end in status 2", 500, false}, {"greets", "Thirteen bytes, then end of file", 1000, false},
    {"next-client", "Ten clients, one after the other", 800, false}, {"queued", "Clients that wait", 650, false},
    {"aborted", "A client that goes away in the queue", 600, true}, {"vanished", "<b>A client</b> that is gone", 700, true},
    {"memory", "Clean under AddressSanitizer", 500, false}, {"descriptors", "No descriptor leaks", 500, false},
    {"order", "The calls in their order", 500, false},   {"in-use", "A port that is taken", 300, false},
};

static void fill_student(struct class_student *student, int i, char *key, enum check_status *status)
{
    static const enum class_state state[] = {CLASS_NOTHING, CLASS_PENDING, CLASS_PERSON, CLASS_UNGRADED};

    *student = (struct class_student){.student = key, .name = i < HOSTILE ? hostile[i] : NULL, .max = 10000, .mark = -1};
    student->state = i % 13 == 12 ? state[i / 13 % 4] : CLASS_GRADED;
    student->feedback = i == 6 ? hostile[6] : i % 2 ? "feedback/a b/report.html" : NULL;
    if (student->state == CLASS_PERSON)
        student->remark = "Two files could be hello_server.c: server.c and <hello>.c.";
    if (student->state == CLASS_NOTHING)
        student->mark = 0;
    if (student->state != CLASS_GRADED)
        return;
    student->mark = 10000 - i * 137 % 7000;
    student->duration = (int64_t)(i * 53 % 61 + 1) * 100000000;
    student->handed_in = 1763000000 + i * 3600;
    student->late = i % 7 == 3 ? i * 3000 : 0;
    student->reason = student->late ? "Late: 10 percent off." : NULL;
    student->odd = i == 5;
    student->remark = i == 5 ? hostile[1] : NULL;
    student->status = status;
    for (int c = 0; c < CHECKS; c++)
        status[c] = i * (c + 3) % 11 < c ? CHECK_FAIL : c > 5 && i % 17 == 0 ? CHECK_SKIP : CHECK_PASS;
}

static void make_class(struct buf *out)
{
    static struct class_student student[STUDENTS];
    static enum check_status status[STUDENTS][CHECKS];
    static const struct class_pair pair[] = {{{3, 9}, 97, "similarity.html#pair-1"}, {{0, 1}, 71, "javascript:alert(1)"}};
    const struct class_summary summary = {
        .lab = "04-accept", .title = "One door, many conversations", .course = "Networks <2025>", .due = "2025-03-14 23:59 KST",
        .version = "1.0", .sandbox = "", .made = 1763700000, .seed = 1, .check = check, .checks = CHECKS, .student = student,
        .students = STUDENTS, .pair = pair, .pairs = 2, .compared = true, .threshold = 60, .note = hostile, .notes = 2,
    };

    for (int i = 0; i < STUDENTS; i++)
        fill_student(&student[i], i, xasprintf("student%02d", i), status[i]);
    class_page_render(out, &summary);
}

static void make_report(struct buf *out, const char *path)
{
    const struct report_about about = {.student = hostile[0], .mark = "85.5 of 100", .reason = hostile[1], .remark = hostile[3], .hidden = 2};
    const struct report_style style = {.width = 80, .about = &about};
    struct stored_grade stored;
    struct buf json = {0};
    char *message = NULL;

    if (file_read(path, &json) != 0)
        die(1, "%s cannot be read", path);
    if (stored_read(buf_text(&json), json.length, &stored, &message) != 0)
        die(1, "%s: %s", path, message);
    report_render(out, &stored.grade, REPORT_HTML, &style);
    stored_free(&stored);
    buf_free(&json);
}

int main(int argc, char **argv)
{
    struct buf page = {0};

    if (argc == 3 && strcmp(argv[1], "class") == 0)
        make_class(&page);
    else if (argc == 4 && strcmp(argv[1], "report") == 0)
        make_report(&page, argv[2]);
    else
        die(1, "usage: pages class FILE | pages report JSON FILE");
    if (file_write(argv[argc - 1], buf_text(&page), page.length, 0644) != 0)
        die(1, "%s cannot be written", argv[argc - 1]);
    buf_free(&page);
    return 0;
}
