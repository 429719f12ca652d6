/**
 * @file
 * Reports: grades built by hand, rendered and compared with tests/golden/. UPDATE_GOLDEN=1 writes
 * the golden files anew; look at what changed before it is committed.
 */
#include "report/report.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct report_style plain = {.color = false, .width = 80};

/* --- grades ------------------------------------------------------------------------------- */

static const struct {
    const char *id;
    const char *title;
    int max;
} table[] = {
    {"builds", "The files compile and link", 0},
    {"warnings", "No warning under -Wall -Wextra", 4},
    {"usage", "Wrong arguments end in a usage line and status 2", 5},
    {"greets", "A client gets exactly the 13 bytes, then end of file", 10},
    {"peer-address", "The line names the client's address and port", 8},
    {"logs-at-once", "The line is out before the program blocks again", 6},
    {"next-client", "Ten clients, one after the other, are all served", 8},
    {"queued", "Five clients that wait while another is served get their turn", 6},
    {"aborted", "A client that gives up before it is accepted does not end the server", 5},
    {"vanished", "A client that is gone before the write does not end the server", 6},
    {"no-descriptors", "The server outlives a while without free descriptors", 4},
    {"reports-failure", "A call that fails at the start is named, status 1", 6},
    {"memory", "No error of memory and no leak", 6},
    {"descriptors", "Each descriptor is closed exactly once", 6},
    {"order", "socket, bind, listen, accept, in this order", 5},
    {"reference", "The reference client understands the server", 4},
    {"short-io", "Writes cut to a few bytes change nothing", 4},
    {"interrupted", "Interrupted calls change nothing", 4},
    {"in-use", "A port in use is reported, one in TIME_WAIT is taken", 3},
};
enum { CHECKS = sizeof table / sizeof table[0] };

static struct grade make_grade(size_t checks)
{
    struct grade g = {
        .lab = "04-accept",
        .title = "one door, many conversations",
        .directory = xstrdup("labs/04-accept"),
        .checks = checks,
        .sandbox = "full",
        .seed = 1,
        .duration = 312345678,
    };

    g.check = xcalloc(checks, sizeof *g.check);
    for (size_t i = 0; i < checks; i++) {
        g.check[i] = (struct check_result){
            .id = table[i % CHECKS].id,
            .title = table[i % CHECKS].title,
            .hint = "Look at what you write, and how much of it.",
            .why = "The other side can only go by the bytes that arrive.",
            .handout = "04-accept#lab04-greets",
            .points = table[i % CHECKS].max,
            .max = table[i % CHECKS].max,
            .duration = 15 * 1000000,
        };
        g.check[i].replay = xasprintf("socklab grade 4 labs/04-accept --only %s", g.check[i].id);
    }
    grade_protection(&g, "seccomp", NULL);
    return g;
}

static struct check_result *check_of(struct grade *g, const char *id)
{
    for (size_t i = 0; i < g->checks; i++) {
        if (strcmp(g->check[i].id, id) == 0)
            return &g->check[i];
    }
    CU_FAIL_FATAL("no such check");
    return NULL;
}

static struct finding *set(struct grade *g, const char *id, enum check_status status,
                           enum verdict verdict, const char *message)
{
    struct check_result *r = check_of(g, id);

    r->status = status;
    r->points = 0;
    r->finding.verdict = verdict;
    r->finding.message = message ? xstrdup(message) : NULL;
    return &r->finding;
}

static void add_line(char ***list, size_t *count, const char *text)
{
    *list = xrealloc(*list, (*count + 1) * sizeof **list);
    (*list)[(*count)++] = xstrdup(text);
}

static struct grade make_passed(void)
{
    struct grade g = make_grade(CHECKS);

    grade_sum(&g);
    return g;
}

static struct grade make_compile_error(void)
{
    struct grade g = make_grade(CHECKS);
    static const char *const message[] = {
        "hello_server.c: In function 'main':",
        "hello_server.c:58:30: error: expected ';' before 'if'",
        "   58 |     int conn = accept(listener, NULL, NULL)",
        "      |                                            ^",
        "      |                                            ;",
        "   59 |     if (conn < 0)",
        "      |     ~~                                       ",
    };

    struct finding *f = set(&g, "builds", CHECK_FAIL, VERDICT_COMPILE,
                            "gcc could not compile hello_server.c: expected ';' before 'if'.");
    finding_place(f, "hello_server.c", 58, NULL);
    finding_source(f, "\tint conn = accept(listener, NULL, NULL)");
    for (size_t i = 0; i < sizeof message / sizeof message[0]; i++)
        finding_output(f, message[i]);
    for (size_t i = 1; i < g.checks; i++)
        set(&g, g.check[i].id, CHECK_SKIP, VERDICT_NOT_RUN, "The program does not compile yet.");
    grade_sum(&g);
    return g;
}

static void fail_greets(struct grade *g)
{
    struct finding *f = set(g, "greets", CHECK_FAIL, VERDICT_MISMATCH,
                            "The server sent 14 bytes. A NUL follows the newline.");

    f->expected = xstrdup("\"Hello World!\\n\", then end of file");
    f->actual = xstrdup("\"Hello World!\\n\\0\", then end of file");
    finding_step(f, "server: listens on 0.0.0.0:4000");
    finding_step(f, "client 1: connects from 127.0.0.1:51234");
    finding_step(f, "server: accept(3, {127.0.0.1:51234}) = 4");
    finding_step(f, "server: write(4, \"Hello World!\\n\\0\", 14) = 14");
    finding_step(f, "client 1: reads 14 bytes, then end of file");
    finding_place(f, "hello_server.c", 42, "write(4, \"Hello World!\\n\\0\", 14) = 14");
    finding_source(f, "        write(conn, greeting, sizeof greeting);");
    struct check_result *r = check_of(g, "greets");
    r->why = "A client that compares what it got with what was promised finds a byte that nobody "
             "promised, and the next message begins one byte too late.";
    r->hint = "sizeof a string counts the NUL at its end; strlen does not.";
}

static void fail_next_client(struct grade *g)
{
    struct finding *f =
        set(g, "next-client", CHECK_FAIL, VERDICT_STUCK,
            "Everybody waits: the server is blocked in read(4) at hello_server.c:47, and client 1 "
            "waits for end of file. Nothing will ever happen.");

    finding_step(f, "client 1: connects from 127.0.0.1:51236");
    finding_step(f, "client 1: has read the 13 bytes and waits for end of file");
    finding_place(f, "hello_server.c", 47, "read(4, ...) is still waiting");
    finding_source(f, "        while (read(conn, buffer, sizeof buffer) > 0)");
    finding_place(f, "hello_server.c", 1031, "accept(3, {127.0.0.1:51236}) = 4");
    set(g, "queued", CHECK_FAIL, VERDICT_STUCK, f->message);
    struct finding *same = &check_of(g, "queued")->finding;
    finding_place(same, "hello_server.c", 47, "read(4, ...) is still waiting");
}

static void fail_memory(struct grade *g)
{
    struct finding *f = set(g, "memory", CHECK_FAIL, VERDICT_SANITIZER,
                            "AddressSanitizer: heap-buffer-overflow, a write of 1 byte.");

    finding_place(f, "hello_server.c", 33, "format_peer");
    finding_output(f,
                   "==2==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000018");
    for (int i = 0; i < 44; i++) {
        char *line = xasprintf("    #%d 0x4012ab in format_peer hello_server.c:33", i);
        finding_output(f, line);
        free(line);
    }
}

static struct grade make_mixed(void)
{
    struct grade g = make_grade(CHECKS);

    fail_greets(&g);
    fail_next_client(&g);
    fail_memory(&g);
    struct finding *f = set(&g, "vanished", CHECK_FAIL, VERDICT_CRASHED,
                            "SIGPIPE killed the server when it wrote to a client that was gone.");
    finding_place(f, "hello_server.c", 42, "write(4, \"Hello World!\\n\\0\", 14) = -1 EPIPE");
    f = set(&g, "short-io", CHECK_ERROR, VERDICT_TROUBLE,
            "The checker ended without a verdict (killed by SIGKILL), twice.");
    finding_output(f, "checker: 2 of 5 steps done");
    set(&g, "reference", CHECK_SKIP, VERDICT_NOT_RUN,
        "The reference client is not installed on this machine.");
    g.sandbox = "partial";
    grade_protection(&g, "network-namespace", "the kernel refuses (Operation not permitted)");
    add_line(&g.missing, &g.missing_count,
             "a network namespace: ports are shared with this machine's other programs, and free "
             "ones were taken instead of 4000");
    add_line(&g.missing, &g.missing_count, "cgroups: memory is limited for each process only");
    add_line(&g.note, &g.notes, "Makefile was not taken: the kit's own build is used.");
    grade_sum(&g);
    return g;
}

/* Everything that a hostile hand-in could bring into a text. */
static struct grade make_hostile(void)
{
    static const char nasty[] = "\033]0;owned\a\033[2J100/100 <b>&\"' \xff\xc3 \x7f \xc2\x9b"
                                "31m ]]> \xe2\x80\xae=cmd|'/C calc'!A0";
    struct grade g = make_grade(2);
    struct finding *f = set(&g, "warnings", CHECK_FAIL, VERDICT_MISMATCH, nasty);

    free(g.directory);
    g.directory = xstrdup(nasty);
    f->expected = xstrdup(nasty);
    f->actual = xstrdup("first line\nsecond line\r\n\n100/100  all passed");
    finding_place(f, nasty, 7, nasty);
    finding_source(f, nasty);
    finding_place(f, NULL, 0, "read(3, ...)");
    finding_step(f, "%s", nasty);
    finding_output(f, nasty);
    free(g.check[1].replay);
    g.check[1].replay = xstrdup(nasty);
    add_line(&g.note, &g.notes, nasty);
    add_line(&g.missing, &g.missing_count, nasty);
    g.sandbox = "off";
    grade_protection(&g, "landlock", nasty);
    g.seed = UINT64_MAX;
    grade_sum(&g);
    return g;
}

/* Letters of two columns, and words longer than a line. */
static struct grade make_wide(void)
{
    struct grade g = make_grade(4);
    struct buf digits = {0};

    for (int i = 0; i < 30; i++)
        buf_printf(&digits, "%010d", i);
    struct finding *f =
        set(&g, "greets", CHECK_FAIL, VERDICT_MISMATCH,
            "서버가 인사말 뒤에 널 문자를 하나 더 보냈습니다. 클라이언트는 정확히 13바이트를 "
            "기다립니다.");
    f->expected = xasprintf("\"%s\"", buf_text(&digits));
    f->actual = xstrdup("\"가나다라마바사아자차카타파하가나다라마바사아자차카타파하가나다라마바\"");
    finding_place(f, "hello_server.c", 42, NULL);
    finding_source(f,
                   "write(conn, \"가나다라마바사아자차카타파하가나다라마바사아자차카타파하\", 5);");
    grade_sum(&g);
    buf_free(&digits);
    return g;
}

/* --- golden files ------------------------------------------------------------------------- */

/* Shows how the rendering differs, as TAP comments. */
static void show_difference(const char *golden, const struct buf *actual)
{
    char path[] = "/tmp/socklab-golden.XXXXXX";
    char line[512];
    int fd = mkstemp(path);

    CU_ASSERT_FATAL(fd >= 0);
    CU_ASSERT_EQUAL(fd_write_all(fd, buf_text(actual), actual->length), 0);
    close(fd);
    char *command = xasprintf("diff -u '%s' '%s'", golden, path);
    FILE *diff = popen(command, "r");
    while (diff && fgets(line, sizeof line, diff))
        printf("# %s", line);
    if (diff)
        pclose(diff);
    free(command);
    unlink(path);
}

static void compare(const char *name, const struct buf *actual)
{
    char *path = xasprintf(SOCKLAB_ROOT "/tests/golden/%s", name);
    struct buf golden = {0};

    if (getenv("UPDATE_GOLDEN")) {
        CU_ASSERT_EQUAL(file_write(path, buf_text(actual), actual->length, 0644), 0);
    } else {
        bool same = file_read(path, &golden) == 0 && golden.length == actual->length &&
                    memcmp(buf_text(&golden), buf_text(actual), golden.length) == 0;
        if (!same)
            show_difference(path, actual);
        CU_ASSERT_TRUE(same);
    }
    buf_free(&golden);
    free(path);
}

static void render_and_compare(struct grade (*make)(void), const char *name,
                               enum report_format format, const struct report_style *style)
{
    struct grade g = make();
    struct buf out = {0};

    report_render(&out, &g, format, style);
    compare(name, &out);
    buf_free(&out);
    grade_free(&g);
}

static void test_text(void)
{
    render_and_compare(make_passed, "passed.txt", REPORT_TEXT, &plain);
    render_and_compare(make_mixed, "mixed.txt", REPORT_TEXT, &plain);
    render_and_compare(make_compile_error, "compile.txt", REPORT_TEXT, &plain);
    render_and_compare(make_hostile, "hostile.txt", REPORT_TEXT, &plain);
    render_and_compare(make_wide, "wide.txt", REPORT_TEXT, &plain);
}

static void test_styles(void)
{
    const struct report_style color = {.color = true, .width = 80};
    const struct report_style narrow = {.color = false, .width = 50};

    render_and_compare(make_mixed, "color.txt", REPORT_TEXT, &color);
    render_and_compare(make_mixed, "narrow.txt", REPORT_TEXT, &narrow);
}

static void test_json(void)
{
    render_and_compare(make_passed, "passed.json", REPORT_JSON, &plain);
    render_and_compare(make_mixed, "mixed.json", REPORT_JSON, &plain);
    render_and_compare(make_hostile, "hostile.json", REPORT_JSON, &plain);
}

static void test_junit(void)
{
    render_and_compare(make_passed, "passed.xml", REPORT_JUNIT, &plain);
    render_and_compare(make_mixed, "mixed.xml", REPORT_JUNIT, &plain);
    render_and_compare(make_hostile, "hostile.xml", REPORT_JUNIT, &plain);
}

/* --- what must hold for every report ---------------------------------------------------------- */

static struct grade (*const makers[])(void) = {make_passed, make_compile_error, make_mixed,
                                               make_hostile, make_wide};
enum { MAKERS = sizeof makers / sizeof makers[0] };

static size_t count_unprintable(const struct buf *out)
{
    size_t bad = 0;

    for (size_t at = 0; at < out->length;) {
        uint32_t code = 0;
        size_t length = utf8_decode(out->data + at, out->length - at, &code);
        bad += length == 0 || (code != '\n' && !utf8_printable(code));
        at += length ? length : 1;
    }
    return bad;
}

static void test_nothing_steers_the_terminal(void)
{
    for (size_t i = 0; i < MAKERS; i++) {
        for (int format = REPORT_TEXT; format <= REPORT_HTML; format++) {
            struct grade g = makers[i]();
            struct buf out = {0};
            report_render(&out, &g, format, &plain);
            CU_ASSERT_TRUE(out.length > 0);
            CU_ASSERT_EQUAL(count_unprintable(&out), 0);
            buf_free(&out);
            grade_free(&g);
        }
    }
}

/* With colour the same text stands there, and every sequence is one of ours, closed on its line
 * or wrapped around whole words. */
static void test_color_changes_no_text(void)
{
    const struct report_style color = {.color = true, .width = 80};

    for (size_t i = 0; i < MAKERS; i++) {
        struct grade g = makers[i]();
        struct buf without = {0}, with = {0}, stripped = {0};
        size_t depth = 0, wrong = 0;
        report_render(&without, &g, REPORT_TEXT, &plain);
        report_render(&with, &g, REPORT_TEXT, &color);
        for (const char *at = buf_text(&with); *at;) {
            if (*at != '\033') {
                buf_add(&stripped, at++, 1);
                continue;
            }
            bool reset = strncmp(at, "\033[0m", 4) == 0;
            wrong += reset ? depth != 1 : depth != 0;
            depth = reset ? 0 : 1;
            at += strcspn(at, "m") + 1;
        }
        CU_ASSERT_EQUAL(wrong + depth, 0);
        CU_ASSERT_TRUE(with.length > without.length);
        CU_ASSERT_STRING_EQUAL(buf_text(&stripped), buf_text(&without));
        buf_free(&without);
        buf_free(&with);
        buf_free(&stripped);
        grade_free(&g);
    }
}

static int widest_line(const char *text)
{
    int widest = 0, column = 0;

    while (*text) {
        uint32_t code = 0;
        size_t length = utf8_decode(text, strlen(text), &code);
        column = code == '\n' ? 0 : column + utf8_width(code);
        widest = column > widest ? column : widest;
        text += length ? length : 1;
    }
    return widest;
}

static void test_width(void)
{
    for (int width = 40; width <= 100; width += 3) {
        const struct report_style style = {.color = false, .width = width};
        struct grade g = make_wide();
        struct buf out = {0};
        for (size_t i = 0; i < g.checks; i++) { /* what is to be copied is never wrapped */
            free(g.check[i].replay);
            g.check[i].replay = NULL;
        }
        report_render(&out, &g, REPORT_TEXT, &style);
        CU_ASSERT_TRUE(widest_line(buf_text(&out)) <= width);
        buf_free(&out);
        grade_free(&g);
    }
}

static int count_lines(const char *text)
{
    int lines = 0;

    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

/* A passed lab is one screen, however many checks it has. */
static void test_passed_fits_a_screen(void)
{
    for (size_t checks = 1; checks <= 60; checks++) {
        struct grade g = make_grade(checks);
        struct buf out = {0};
        grade_sum(&g);
        report_render(&out, &g, REPORT_TEXT, &plain);
        CU_ASSERT_TRUE(count_lines(buf_text(&out)) <= 24);
        CU_ASSERT_PTR_NOT_NULL(strstr(buf_text(&out), g.check[checks - 1].id));
        buf_free(&out);
        grade_free(&g);
    }
}

static void expect_json(json_t *object, const char *key, json_type type)
{
    json_t *value = json_object_get(object, key);

    if (!value || json_typeof(value) != type)
        printf("# field %s is missing or of another type\n", key);
    CU_ASSERT_TRUE(value && json_typeof(value) == type);
}

/* The fields that DESIGN promises, with their types, whatever the grade. */
static void test_json_fields(void)
{
    static const char *const texts[] = {"id",      "title", "status",  "verdict",
                                        "message", "hint",  "handout", "replay"};

    for (size_t i = 0; i < MAKERS; i++) {
        struct grade g = makers[i]();
        struct buf out = {0};
        json_t *check, *place, *walls, *holes;
        size_t index, k;
        report_render(&out, &g, REPORT_JSON, &plain);
        json_t *root = json_loadb(buf_text(&out), out.length, JSON_REJECT_DUPLICATES, NULL);
        CU_ASSERT_PTR_NOT_NULL_FATAL(root);
        expect_json(root, "lab", JSON_STRING);
        expect_json(root, "score", JSON_INTEGER);
        expect_json(root, "max", JSON_INTEGER);
        expect_json(root, "complete", g.complete ? JSON_TRUE : JSON_FALSE);
        expect_json(root, "sandbox", JSON_STRING);
        walls = json_object_get(root, "protections");
        holes = json_object_get(root, "unprotected");
        CU_ASSERT_EQUAL(json_object_size(walls), g.protections);
        for (k = 0; k < g.protections; k++) {
            const struct protection *p = &g.protection[k];
            expect_json(walls, p->id, p->on ? JSON_TRUE : JSON_FALSE);
            CU_ASSERT_EQUAL(!json_object_get(holes, p->id), p->on);
        }
        expect_json(root, "seed", g.seed > INT64_MAX ? JSON_STRING : JSON_INTEGER);
        expect_json(root, "seconds", JSON_REAL);
        CU_ASSERT_EQUAL(json_array_size(json_object_get(root, "checks")), g.checks);
        json_array_foreach(json_object_get(root, "checks"), index, check)
        {
            for (k = 0; k < sizeof texts / sizeof texts[0]; k++)
                expect_json(check, texts[k], JSON_STRING);
            expect_json(check, "points", JSON_INTEGER);
            expect_json(check, "max", JSON_INTEGER);
            expect_json(check, "steps", JSON_ARRAY);
            expect_json(check, "where", JSON_ARRAY);
            CU_ASSERT_EQUAL(json_array_size(json_object_get(check, "steps")),
                            g.check[index].finding.steps);
            json_array_foreach(json_object_get(check, "where"), k, place)
                CU_ASSERT_PTR_NOT_NULL(json_object_get(place, "file"));
        }
        json_decref(root);
        buf_free(&out);
        grade_free(&g);
    }
}

/* Tags open and close in pairs, attributes are quoted, nothing else holds a '<' or a bare '&'. */
static bool is_well_formed(const char *at)
{
    char open[8][32];
    int depth = 0;

    if (strncmp(at, "<?xml", 5) != 0)
        return false;
    at = strstr(at, "?>") + 2;
    while (*at) {
        if (*at == '&' && strspn(at + 1, "abcdefghijklmnopqrstuvwxyz#0123456789") == 0)
            return false;
        if (*at == '&' && at[1 + strspn(at + 1, "abcdefghijklmnopqrstuvwxyz#0123456789")] != ';')
            return false;
        if (*at == '>' || (*at != '<' && depth == 0 && *at != '\n'))
            return false;
        if (*at++ != '<')
            continue;
        bool closing = *at == '/';
        at += closing;
        size_t name = strspn(at, "abcdefghijklmnopqrstuvwxyz");
        if (name == 0 || name >= sizeof open[0] || depth == 8)
            return false;
        if (closing) {
            if (depth == 0 || strlen(open[depth - 1]) != name ||
                strncmp(open[depth - 1], at, name) != 0)
                return false;
            depth--;
            at += name;
        } else {
            snprintf(open[depth++], sizeof open[0], "%.*s", (int)name, at);
            at += name;
            while (*at == ' ') {
                at += strcspn(at, "=\"<>");
                if (*at++ != '=' || *at++ != '"')
                    return false;
                at += strcspn(at, "\"<>\n");
                if (*at++ != '"')
                    return false;
            }
            if (*at == '/') {
                depth--;
                at++;
            }
        }
        if (*at++ != '>')
            return false;
    }
    return depth == 0;
}

static void test_junit_is_well_formed(void)
{
    CU_ASSERT_FALSE(is_well_formed("<?xml?>\n<a><b></a></b>"));
    CU_ASSERT_FALSE(is_well_formed("<?xml?>\n<a b=\"<\"></a>"));
    CU_ASSERT_FALSE(is_well_formed("<?xml?>\n<a>&</a>"));
    for (size_t i = 0; i < MAKERS; i++) {
        struct grade g = makers[i]();
        struct buf out = {0};
        report_render(&out, &g, REPORT_JUNIT, &plain);
        CU_ASSERT_TRUE(is_well_formed(buf_text(&out)));
        buf_free(&out);
        grade_free(&g);
    }
}

static void test_formats(void)
{
    enum report_format format;

    CU_ASSERT_EQUAL(report_format_parse("junit", &format), 0);
    CU_ASSERT_EQUAL(format, REPORT_JUNIT);
    CU_ASSERT_EQUAL(report_format_parse("json", &format), 0);
    CU_ASSERT_EQUAL(format, REPORT_JSON);
    CU_ASSERT_EQUAL(report_format_parse("html", &format), 0);
    CU_ASSERT_EQUAL(format, REPORT_HTML);
    CU_ASSERT_EQUAL(report_format_parse("text", &format), 0);
    CU_ASSERT_EQUAL(format, REPORT_TEXT);
    CU_ASSERT_EQUAL(report_format_parse("xml", &format), -EINVAL);
    CU_ASSERT_EQUAL(report_format_parse("", &format), -EINVAL);
}

static void put_environment(const char *name, const char *value)
{
    if (value)
        setenv(name, value, 1);
    else
        unsetenv(name);
}

static void test_color_is_asked_for(void)
{
    char *term = getenv("TERM") ? xstrdup(getenv("TERM")) : NULL;
    char *no_color = getenv("NO_COLOR") ? xstrdup(getenv("NO_COLOR")) : NULL;
    int ends[2];
    int terminal = posix_openpt(O_RDWR | O_NOCTTY);

    CU_ASSERT_EQUAL_FATAL(pipe_make(ends), 0);
    setenv("TERM", "xterm", 1);
    unsetenv("NO_COLOR");
    CU_ASSERT_FALSE(report_color(ends[1]));
    if (terminal >= 0 && isatty(terminal)) {
        CU_ASSERT_TRUE(report_color(terminal));
        setenv("NO_COLOR", "", 1);
        CU_ASSERT_TRUE(report_color(terminal));
        setenv("NO_COLOR", "1", 1);
        CU_ASSERT_FALSE(report_color(terminal));
        unsetenv("NO_COLOR");
        setenv("TERM", "dumb", 1);
        CU_ASSERT_FALSE(report_color(terminal));
    }
    put_environment("TERM", term);
    put_environment("NO_COLOR", no_color);
    free(term);
    free(no_color);
    fd_close(&terminal);
    fd_close(&ends[0]);
    fd_close(&ends[1]);
}

void suite_report(void)
{
    unit_test("texts look as they must", test_text);
    unit_test("narrow and coloured texts look as they must", test_styles);
    unit_test("JSON looks as it must", test_json);
    unit_test("JUnit XML looks as it must", test_junit);
    unit_test("no text steers the terminal", test_nothing_steers_the_terminal);
    unit_test("colour changes no text", test_color_changes_no_text);
    unit_test("no line is wider than it may be", test_width);
    unit_test("a passed lab fits a screen", test_passed_fits_a_screen);
    unit_test("JSON has every promised field", test_json_fields);
    unit_test("JUnit XML is well-formed", test_junit_is_well_formed);
    unit_test("formats have names", test_formats);
    unit_test("colour only where it is wanted", test_color_is_asked_for);
}
