/* grader/build: files beyond a lab's table, where the lab leaves them to the student. */
#include "unit.h"

#include "build/build.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAIN "int main(void)\n{\n    return 0;\n}\n"

static const char *const files[] = {"server.c", NULL};
static const struct build_program server = {.name = "server", .source = {"server.c", NULL}};
static const struct build_spec divided = {.hand_in = files, .program = &server, .programs = 1, .further = true};

static char folder[] = "/tmp/socklab-further-XXXXXX";

static const char *path_of(const char *name)
{
    static char path[400];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void put(const char *name, const char *text)
{
    CU_ASSERT_EQUAL(file_write(path_of(name), text, strlen(text), 0644), 0);
}

static void folder_make(void)
{
    strcpy(folder, "/tmp/socklab-further-XXXXXX");
    if (!mkdtemp(folder))
        die(STATUS_TROUBLE, "mkdtemp: %s", strerror(errno));
    put("server.c", MAIN);
}

static struct build_intake take(void)
{
    struct build_intake in;
    CU_ASSERT_EQUAL(build_intake(&divided, folder, &in), 0);
    CU_ASSERT_EQUAL(tree_remove(folder), 0);
    return in;
}

static const struct build_file *find(const struct build_intake *in, const char *name)
{
    for (size_t i = 0; i < in->files; i++)
        if (strcmp(in->file[i].name, name) == 0)
            return &in->file[i];
    return NULL;
}

/* What is compiled, as the compiler is told. */
static void assert_compiled(const struct build_intake *in, enum build_variant variant, const char *expected)
{
    const struct build_tools tools = {.compiler = "gcc", .bin = "/lab/bin", .kit = "/lab/kit"};
    struct build_job *jobs;
    struct buf words = {0};

    CU_ASSERT_EQUAL_FATAL(build_plan(&divided, in, variant, &tools, &jobs), 1);
    bool sources = false;
    for (char **word = jobs[0].argv; *word; word++) {
        if (sources)
            buf_printf(&words, "%s%s", words.length ? " " : "", *word);
        sources = sources || strcmp(*word, "c") == 0;
    }
    CU_ASSERT_STRING_EQUAL(buf_text(&words), expected);
    buf_free(&words);
    build_jobs_free(jobs, 1);
}

static void assert_noted(const struct build_intake *in, const char *part)
{
    for (size_t i = 0; i < in->notes; i++)
        if (strstr(in->note[i], part))
            return;
    printf("#   no note \"%s\"\n", part);
    CU_FAIL("no such note");
}

static void test_taken(void)
{
    folder_make();
    put("parse.c", "int parse(void);\nint parse(void)\n{\n    return 1;\n}\n");
    put("parse.h", "int parse(void);\n");
    put("empty.h", "\n");
    put("notes.txt", "no C at all");
    struct build_intake in = take();
    CU_ASSERT_EQUAL(in.finding.verdict, VERDICT_PASS);
    CU_ASSERT_EQUAL(in.files, 4);
    CU_ASSERT_EQUAL(in.notes, 0);
    CU_ASSERT_PTR_NOT_NULL(find(&in, "parse.h"));
    CU_ASSERT_PTR_NOT_NULL(find(&in, "empty.h"));
    assert_compiled(&in, BUILD_PLAIN, "./server.c ./parse.c");
    assert_compiled(&in, BUILD_ASAN, "./server.c ./parse.c -x none /lab/kit/leak_hook.o");
    build_intake_free(&in);
}

static void test_names(void)
{
    static const struct {
        const char *name;
        bool taken;
    } sample[] = {
        {"a.c", true},      {"-o.c", true},     {"@list.c", true},  {"my file.c", true}, {"gr\xc3\xb6\xc3\x9f" "e.h", true},
        {"b.C", false},     {"c.cc", false},    {"d.txt", false},   {".hidden.c", false}, {"test_a.c", false},
        {"x:3.c", false},   {"q\".h", false},   {"n\n.c", false},   {"\xff.c", false},   {".c", false},
    };

    folder_make();
    for (size_t i = 0; i < sizeof sample / sizeof sample[0]; i++)
        put(sample[i].name, "int x;\n");
    struct build_intake in = take();
    CU_ASSERT_EQUAL(in.finding.verdict, VERDICT_PASS);
    for (size_t i = 0; i < sizeof sample / sizeof sample[0]; i++) {
        if ((find(&in, sample[i].name) != NULL) != sample[i].taken)
            printf("#   %s\n", sample[i].name);
        CU_ASSERT_EQUAL(find(&in, sample[i].name) != NULL, sample[i].taken);
    }
    assert_noted(&in, "This lab takes server.c and further .c and .h files.");
    assert_compiled(&in, BUILD_PLAIN, "./server.c ./-o.c ./@list.c ./a.c ./my file.c");
    build_intake_free(&in);
}

/* A second program in the folder must not cost the first one its link. */
static void test_other_mains(void)
{
    folder_make();
    put("client.c", "#include <stdio.h>\n" MAIN);
    put("parse.c", "int parse;\n#ifdef TEST\n" MAIN "#endif\n");
    put("word.c", "static int domain(int main) { return main; }\n/* int main(void) */ int word(void) { return domain(1); }\n");
    struct build_intake in = take();
    CU_ASSERT_EQUAL(in.finding.verdict, VERDICT_PASS);
    assert_noted(&in, "Not linked, because of a main() of its own: client.c.");
    assert_compiled(&in, BUILD_PLAIN, "./server.c ./parse.c ./word.c");
    build_intake_free(&in);

    folder_make();
    put("server.c", "int serve(void);\nint serve(void)\n{\n    return 0;\n}\n");
    put("start.c", MAIN);
    in = take();
    CU_ASSERT_EQUAL(in.notes, 0);
    assert_compiled(&in, BUILD_PLAIN, "./server.c ./start.c");
    build_intake_free(&in);
}

static void test_included(void)
{
    folder_make();
    put("server.c", "#include \"parse.c\"\n  #  include \"./more.c\"\n// #include \"own.c\"\n" MAIN);
    put("parse.c", "static int a;\n");
    put("more.c", "static int b;\n");
    put("own.c", "int c;\n");
    struct build_intake in = take();
    CU_ASSERT_EQUAL(in.files, 4);
    assert_compiled(&in, BUILD_PLAIN, "./server.c ./own.c");
    build_intake_free(&in);
}

static void assert_refused(const char *part)
{
    struct build_intake in = take();
    CU_ASSERT_EQUAL(in.finding.verdict, VERDICT_MISSING);
    if (!in.finding.message || !strstr(in.finding.message, part))
        printf("#   no \"%s\" in \"%s\"\n", part, in.finding.message ? in.finding.message : "");
    CU_ASSERT(in.finding.message && strstr(in.finding.message, part));
    build_intake_free(&in);
}

static void test_hostile(void)
{
    folder_make();
    CU_ASSERT_EQUAL(symlink("/etc/shadow", path_of("key.c")), 0);
    assert_refused("key.c is a symbolic link");

    folder_make();
    CU_ASSERT_EQUAL(mkfifo(path_of("pipe.h"), 0600), 0);
    assert_refused("pipe.h is a named pipe");

    folder_make();
    put("other.c", "import os\nprint('x')\n");
    assert_refused("other.c is a Python program");

    folder_make();
    put("huge.c", "");
    CU_ASSERT_EQUAL(truncate(path_of("huge.c"), BUILD_FILE_LIMIT + 1), 0);
    assert_refused("huge.c has 1048577 bytes");

    folder_make();
    CU_ASSERT_EQUAL(mkdir(path_of("sub.c"), 0700), 0);
    struct build_intake in = take();
    CU_ASSERT_EQUAL(in.files, 1);
    build_intake_free(&in);
}

static void test_bounded(void)
{
    char name[20];

    folder_make();
    for (int i = 0; i < BUILD_SOURCES_MAX; i++) {
        snprintf(name, sizeof name, "m%03d.h", i);
        put(name, "/**/\n");
    }
    assert_refused("is too much: 64 files of 4194304 bytes in all are taken");

    folder_make();
    char *large = xcalloc(BUILD_FILE_LIMIT + 1, 1);
    memset(large, ' ', BUILD_FILE_LIMIT);
    memcpy(large, "int x;", 6);
    for (int i = 0; i < 6; i++) {
        snprintf(name, sizeof name, "m%03d.h", i);
        put(name, large);
    }
    free(large);
    assert_refused("m005.h is too much");

    folder_make();
    for (int i = 0; i < 520; i++) {
        snprintf(name, sizeof name, "m%03d.txt", i);
        put(name, "");
    }
    assert_refused("server.c lies among more than 512 files");
}

/* A table that leaves nothing open takes what it names and nothing else. */
static void test_closed(void)
{
    static const struct build_spec closed = {.hand_in = files, .program = &server, .programs = 1};
    struct build_intake in;

    folder_make();
    put("parse.c", "int a;\n");
    CU_ASSERT_EQUAL(build_intake(&closed, folder, &in), 0);
    CU_ASSERT_EQUAL(tree_remove(folder), 0);
    CU_ASSERT_EQUAL(in.files, 1);
    assert_noted(&in, "Not taken: parse.c. This lab takes server.c.");
    CU_ASSERT_FALSE(build_may_take(&closed, "parse.c"));
    CU_ASSERT(build_may_take(&divided, "parse.c"));
    CU_ASSERT_FALSE(build_may_take(&divided, "server.c"));
    build_intake_free(&in);
}

void suite_build_further(void)
{
    unit_test("further files are taken and linked", test_taken);
    unit_test("which names can be theirs", test_names);
    unit_test("what has a main() of its own is not linked", test_other_mains);
    unit_test("what another file includes is not linked", test_included);
    unit_test("links, pipes and other languages are refused", test_hostile);
    unit_test("how many there may be", test_bounded);
    unit_test("not where the lab does not say so", test_closed);
}
