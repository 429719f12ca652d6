/**
 * @file
 * A course's file: its values, and each thing that can be wrong with it, with its place.
 */
#include "class/course.h"
#include "class/value.h"
#include "labs/labs.h"
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* --- values -------------------------------------------------------------------------------------- */

static void test_lengths(void)
{
    static const struct {
        const char *text;
        int64_t seconds; /* -1: refused */
    } sample[] = {
        {"0", 0}, {"2", 172800}, {"1 day", 86400}, {"3 days", 259200}, {"12 hours", 43200}, {"1 hour", 3600}, {"30 minutes", 1800},
        {"5minutes", 300}, {"", -1}, {"1.5", -1}, {"-1", -1}, {"0x10", -1}, {"2 weeks", -1}, {"days", -1}, {"1 day ", -1}, {"99999999999999999999", -1},
    };

    for (size_t i = 0; i < sizeof(sample) / sizeof(sample[0]); i++) {
        int64_t seconds = -1;
        char *message = NULL;
        int error = value_length(sample[i].text, &seconds, &message);
        CU_ASSERT_EQUAL(error, sample[i].seconds < 0 ? -EINVAL : 0);
        CU_ASSERT_EQUAL(seconds, sample[i].seconds);
        CU_ASSERT_TRUE(error == 0 || strstr(message, sample[i].text));
        free(message);
    }
}

static void test_numbers(void)
{
    static const char *const bad[] = {"", "1.5", "0x10", "+1", "-1", " 1", "1 ", "10001", "4294967297", "abc"};
    int value = 7;
    char *message;

    CU_ASSERT_EQUAL(value_number("007", 0, 10000, &value, &message), 0);
    CU_ASSERT_EQUAL(value, 7);
    CU_ASSERT_EQUAL(value_number("10000", 0, 10000, &value, &message), 0);
    CU_ASSERT_EQUAL(value, 10000);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        CU_ASSERT_EQUAL(value_number(bad[i], 0, 10000, &value, &message), -EINVAL);
        free(message);
    }
    CU_ASSERT_EQUAL(value_percent("10 %", &value, &message), 0);
    CU_ASSERT_EQUAL(value, 10);
    CU_ASSERT_EQUAL(value_percent("100", &value, &message), 0);
    CU_ASSERT_EQUAL(value_percent("101%", &value, &message), -EINVAL);
    free(message);
}

/* Seconds were taken from `date -d ... +%s`. */
static void test_times(void)
{
    static const struct {
        const char *text, *zone;
        int64_t second; /* -1: refused, with the words in `words` */
        const char *words;
    } sample[] = {
        {"2025-03-14 23:59", "Asia/Seoul", 1741964399, "2025-03-14 23:59 KST"},
        {"2025-03-14T23:59:30", "Asia/Seoul", 1741964370, "2025-03-14 23:59 KST"},
        {"2025-03-14", "Asia/Seoul", 1741964399, "2025-03-14 23:59 KST"},
        {"2025-03-14 24:00", "Asia/Seoul", 1741964459, "2025-03-15 00:00 KST"},
        {"2025-03-14 23:59", "UTC", 1741996799, "2025-03-14 23:59 UTC"},
        {"2025-03-14 23:59 +09:00", NULL, 1741964399, "2025-03-14 23:59 +09:00"},
        {"2025-03-14T23:59+0900", "Europe/Berlin", 1741964399, "2025-03-14 23:59 +09:00"},
        {"2025-03-14T14:59:59Z", NULL, 1741964399, "2025-03-14 14:59 UTC"},
        {"2025-03-14 23:59 -03:30", NULL, 1742009399, "2025-03-14 23:59 -03:30"},
        /* Berlin's clocks: forward on 30 March at 2:00, back on 26 October at 3:00. */
        {"2025-03-30 01:59", "Europe/Berlin", 1743296399, "2025-03-30 01:59 CET"},
        {"2025-03-30 02:30", "Europe/Berlin", -1, "clocks go forward"},
        {"2025-03-30 03:00", "Europe/Berlin", 1743296459, "2025-03-30 03:00 CEST"},
        {"2025-10-26 02:30", "Europe/Berlin", 1761442259, "2025-10-26 02:30 CET"},
        {"2025-07-01 12:00", "Europe/Berlin", 1751364059, "2025-07-01 12:00 CEST"},
        {"2024-02-29", "UTC", 1709251199, "2024-02-29 23:59 UTC"},
        {"2025-02-29", "UTC", -1, "a time is wanted"},
        {"2025-13-01", "UTC", -1, "a time is wanted"},
        {"2025-3-1", "UTC", -1, "a time is wanted"},
        {"2025-03-14 24:01", "UTC", -1, "a time is wanted"},
        {"2025-03-14 23:59 KST", "UTC", -1, "a time is wanted"},
        {"2025-03-14 23:59 ", "UTC", 1741996799, "2025-03-14 23:59 UTC"},
        {"14.3.2025", "UTC", -1, "a time is wanted"},
        {"", "UTC", -1, "a time is wanted"},
        {"2025-03-14 23:59", NULL, -1, "time_zone:"},
    };

    for (size_t i = 0; i < sizeof(sample) / sizeof(sample[0]); i++) {
        int64_t second = -1;
        char *words = NULL, *message = NULL;
        int error = value_time(sample[i].text, sample[i].zone, &second, &words, &message);
        CU_ASSERT_EQUAL(second, sample[i].second);
        CU_ASSERT_EQUAL(error, sample[i].second < 0 ? -EINVAL : 0);
        const char *said = error ? message : words;
        CU_ASSERT_PTR_NOT_NULL_FATAL(said);
        CU_ASSERT_PTR_NOT_NULL(strstr(said, sample[i].words));
        free(words);
        free(message);
    }
}

/* A zone that is asked for leaves the process's own as it was. */
static void test_zones(void)
{
    static const char *const bad[] = {"", "KST/No", "../../etc/passwd", "/etc/localtime", "Asia", "Asia/Seoul\n", "Asia Seoul"};
    char *message = NULL;

    CU_ASSERT_EQUAL(value_zone("Asia/Seoul", &message), 0);
    CU_ASSERT_EQUAL(value_zone("UTC", &message), 0);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        CU_ASSERT_EQUAL(value_zone(bad[i], &message), -EINVAL);
        free(message);
    }
    setenv("TZ", "Europe/Berlin", 1);
    int64_t second;
    CU_ASSERT_EQUAL(value_time("2025-07-01", "Asia/Seoul", &second, NULL, &message), 0);
    CU_ASSERT_STRING_EQUAL(getenv("TZ"), "Europe/Berlin");
    unsetenv("TZ");
    CU_ASSERT_EQUAL(value_time("2025-07-01", "Asia/Seoul", &second, NULL, &message), 0);
    CU_ASSERT_PTR_NULL(getenv("TZ"));
    tzset();
}

/* --- files ------------------------------------------------------------------------------------------ */

static char course_path[] = "/tmp/course-XXXXXX";

static int read_course(const char *text, const struct lab *lab, struct course *c, char **message)
{
    strcpy(course_path, "/tmp/course-XXXXXX");
    int fd = mkstemp(course_path);
    CU_ASSERT_TRUE_FATAL(fd >= 0);
    CU_ASSERT_EQUAL(fd_write_all(fd, text, strlen(text)), 0);
    close(fd);
    int error = course_read(course_path, lab, c, message);
    unlink(course_path);
    return error;
}

static size_t check_index(const struct lab *lab, const char *id)
{
    const struct check_spec *spec = lab_check(lab, id);
    CU_ASSERT_PTR_NOT_NULL_FATAL(spec);
    return (size_t)(spec - lab->check);
}

static void expect_defaults(const struct course *c)
{
    CU_ASSERT_EQUAL(c->total, 100);
    CU_ASSERT_EQUAL(c->out_of, 100);
    CU_ASSERT_EQUAL(c->due, COURSE_NEVER);
    CU_ASSERT_EQUAL(c->late.grace, 0);
    CU_ASSERT_EQUAL(c->late.percent_a_day, 0);
    CU_ASSERT_EQUAL(c->late.cut_off, COURSE_NEVER);
    CU_ASSERT_PTR_NULL(c->due_words);
    CU_ASSERT_FALSE(c->sandbox_said);
    CU_ASSERT_EQUAL(c->seconds, 0);
    CU_ASSERT_PTR_NULL(c->compiler);
    CU_ASSERT_EQUAL(c->extensions, 0);
}

static void test_no_file(void)
{
    struct course c;
    char *message;

    CU_ASSERT_EQUAL(course_read(NULL, &lab_04_accept, &c, &message), 0);
    CU_ASSERT_PTR_NULL(message);
    expect_defaults(&c);
    course_free(&c);
    CU_ASSERT_EQUAL(course_read("/nonexistent/course.yaml", &lab_04_accept, &c, &message), -ENOENT);
    CU_ASSERT_PTR_NOT_NULL_FATAL(message);
    CU_ASSERT_PTR_NOT_NULL(strstr(message, "/nonexistent/course.yaml: "));
    free(message);
}

static void test_little(void)
{
    static const char *const text[] = {"", "# nothing\n", "---\n", "{}\n", "labs: {}\n", "labs:\n  04-accept: {}\n", "course: ''\n"};

    for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
        struct course c;
        char *message = NULL;
        CU_ASSERT_EQUAL(read_course(text[i], &lab_04_accept, &c, &message), 0);
        CU_ASSERT_PTR_NULL(message);
        if (message)
            printf("# %s\n", message);
        free(message);
        expect_defaults(&c);
        course_free(&c);
    }
}

static void test_example(void)
{
    struct course c;
    char *message;

    CU_ASSERT_EQUAL_FATAL(course_read(SOCKLAB_ROOT "/course.example.yaml", &lab_04_accept, &c, &message), 0);
    CU_ASSERT_STRING_EQUAL(c.name, "Network programming");
    CU_ASSERT_EQUAL(c.due, 1741964399);
    CU_ASSERT_STRING_EQUAL(c.due_words, "2025-03-14 23:59 KST");
    CU_ASSERT_EQUAL(c.points[check_index(c.lab, "greets")], 20);
    CU_ASSERT_EQUAL(c.points[check_index(c.lab, "aborted")], 0);
    CU_ASSERT_EQUAL(c.points[check_index(c.lab, "queued")], lab_check(c.lab, "queued")->points);
    CU_ASSERT_EQUAL(c.out_of, 20);
    CU_ASSERT_TRUE(c.hidden[check_index(c.lab, "vanished")]);
    CU_ASSERT_TRUE(c.hidden[check_index(c.lab, "no-descriptors")]);
    CU_ASSERT_FALSE(c.hidden[check_index(c.lab, "greets")]);
    CU_ASSERT_EQUAL(c.late.grace, 86400);
    CU_ASSERT_EQUAL(c.late.percent_a_day, 10);
    CU_ASSERT_EQUAL(c.late.cut_off, 7 * 86400);
    CU_ASSERT_EQUAL(c.seconds, 10);
    CU_ASSERT_STRING_EQUAL(c.compiler, "gcc");
    CU_ASSERT_TRUE(c.sandbox_said && c.sandbox == SANDBOX_REQUIRE);
    CU_ASSERT_STRING_EQUAL(c.canvas_column, "Lab 4");
    CU_ASSERT_STRING_EQUAL(c.moodle_column, "Grade");
    CU_ASSERT_EQUAL(course_due(&c, (const char *const[]){NULL, "17", "kim"}, 3), 1741964399 + 4 * 86400);
    CU_ASSERT_EQUAL(course_due(&c, (const char *const[]){NULL, "17", "lee"}, 3), c.due);
    course_free(&c);

    CU_ASSERT_EQUAL_FATAL(course_read(SOCKLAB_ROOT "/course.example.yaml", &lab_05_connect, &c, &message), 0);
    CU_ASSERT_EQUAL(c.late.grace, 86400);
    CU_ASSERT_EQUAL(c.late.cut_off, COURSE_NEVER);
    CU_ASSERT_EQUAL(c.total, 100);
    course_free(&c);
}

#define ZONE "time_zone: UTC\n"
#define LAB "labs:\n  04-accept:\n"

static void test_refused(void)
{
    static const struct {
        const char *text, *place, *word;
    } sample[] = {
        {"grace: 1\n", "1:1", "grace"},
        {"late:\n  grase: 1\n", "2:3", "grase"},
        {"late:\n  percent_a_day: 1.5\n", "2:18", "'1.5'"},
        {"late: {percent_a_day: 101}\n", "1:23", "'101'"},
        {"late:\n  grace: two days\n", "2:10", "'two days'"},
        {"late:\n  grace: 2 days\n  cut_off: 1 day\n", "3:12", "cut-off"},
        {"late:\n  cut_off: 1 day\n" LAB "    late:\n      grace: 3\n", "6:14", "cut-off"},
        {"late: soon\n", "1:7", "MAPPING"},
        {"course: a\nlimits:\n  seconds: 5\nlate: soon\n", "4:7", "MAPPING"},
        {"late:\n  grace: 1\n  percent_a_day: 1\n  grase: 1\n", "4:3", "grase"},
        {"time_zone: KST9\n", "1:12", "'KST9'"},
        {"limits:\n  seconds: 0\n", "2:12", "'0'"},
        {"limits:\n  sandbox: maybe\n", "2:12", "'maybe'"},
        {"limits:\n  compiler: ''\n", "2:13", "compiler"},
        {"labs:\n  04-acept: {}\n", "2:3", "04-acept"},
        {LAB "    points:\n      greets: 5\n      gretes: 5\n", "5:7", "gretes"},
        {LAB "    points:\n      greets: -5\n", "4:15", "'-5'"},
        {LAB "    points:\n      greets: 0x10\n", "4:15", "'0x10'"},
        {LAB "    out_of: 0\n", "3:13", "'0'"},
        {LAB "    due: tomorrow\n", "3:10", "'tomorrow'"},
        {LAB "    due: 2025-03-14\n", "3:10", "time_zone:"},
        {ZONE LAB "    due: 2025-03-14\n    hidden_until_due: [greets, vanish]\n", "5:32", "vanish"},
        {LAB "    hidden_until_due: [greets]\n", "3:23", "due:"},
        {ZONE LAB "    due: 2025-03-14\n    extensions:\n    - student: kim\n", "6:7", "due:"},
        {ZONE LAB "    due: 2025-03-14\n    extensions:\n    - {student: kim, due: 2025-04-31}\n", "6:27", "'2025-04-31'"},
        {ZONE LAB "    due: 2025-03-14\n    extensions:\n    - {student: kim, due: 2025-04-01}\n    - {student: kim, due: 2025-04-02}\n", "7:17", "'kim'"},
        {LAB "    extensions:\n    - {student: kim, due: 2025-04-01}\n", "4:5", "due:"},
        /* another lab than the one that is graded */
        {"labs:\n  05-connect:\n    due: 5\n", "3:10", "'5'"},
        /* no YAML, or more than one course */
        {"course: a\n bad: [\n", "2:5", "mapping values"},
        {"course: [a\n", "2:1", ""},
        {"course: a\nlate: {}\ncourse: b\n", "3:1", "\"course\""},
        {LAB "    points: {greets: 1, queued: 1, greets: 2}\n", "3:36", "\"greets\""},
        {"course: a\n---\ncourse: b\n", "2:1", "second"},
        {"- course\n", "1:1", "MAPPING"},
        {"course: a\nlate: *none\n", "2:7", ""},
        {"course: a\nx: \xff\n", "2:4", ""},
        {"course: [a]\n", "1:9", "STRING"},
    };

    for (size_t i = 0; i < sizeof(sample) / sizeof(sample[0]); i++) {
        struct course c;
        char *message = NULL;
        CU_ASSERT_EQUAL(read_course(sample[i].text, &lab_04_accept, &c, &message), -EBADMSG);
        CU_ASSERT_PTR_NOT_NULL_FATAL(message);
        char *place = xasprintf("%s:%s: ", course_path, sample[i].place);
        bool placed = strncmp(message, place, strlen(place)) == 0, named = strstr(message, sample[i].word);
        if (!placed || !named)
            printf("# sample %zu wants %s %s: %s\n", i, sample[i].place, sample[i].word, message);
        CU_ASSERT_TRUE(placed);
        CU_ASSERT_TRUE(named);
        free(place);
        free(message);
    }
}

static void test_no_points(void)
{
    struct buf text = {0};
    struct course c;
    char *message = NULL;

    buf_puts(&text, LAB "    points:\n");
    for (size_t i = 0; i < lab_04_accept.checks; i++)
        buf_printf(&text, "      %s: 0\n", lab_04_accept.check[i].id);
    CU_ASSERT_EQUAL(read_course(buf_text(&text), &lab_04_accept, &c, &message), -EBADMSG);
    CU_ASSERT_PTR_NOT_NULL_FATAL(message);
    CU_ASSERT_PTR_NOT_NULL(strstr(message, ":4:7: "));
    free(message);
    buf_free(&text);
}

static void test_alias(void)
{
    struct course c;
    char *message = NULL;

    CU_ASSERT_EQUAL_FATAL(read_course("late: &l {grace: 2}\nlabs:\n  04-accept:\n    late: *l\n", &lab_04_accept, &c, &message), 0);
    CU_ASSERT_EQUAL(c.late.grace, 2 * 86400);
    course_free(&c);
}

void suite_course(void)
{
    unit_test("lengths of time", test_lengths);
    unit_test("numbers are digits and nothing else", test_numbers);
    unit_test("times, zones, days, clocks that go forward and back", test_times);
    unit_test("time zones are known or refused", test_zones);
    unit_test("without a file the lab's own points hold", test_no_file);
    unit_test("a file that says little changes little", test_little);
    unit_test("course.example.yaml is a course", test_example);
    unit_test("what is wrong is said with line and column", test_refused);
    unit_test("a lab without any points is refused", test_no_points);
    unit_test("an alias is what it stands for", test_alias);
}
