/* grader/build: intake and plans. What compilers say and what sources hide: test_build_message.c. */
#include "unit.h"

#include "build/build.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const char good[] =
    "#include <stdio.h>\nint main(void)\n{\n    return puts(\"x\") < 0;\n}\n";

static const char *const one_file[] = {"hello_server.c", NULL};
static const struct build_program hello = {.name = "hello_server",
                                           .source = {"hello_server.c", NULL}};
static const struct build_spec one = {.hand_in = one_file, .program = &hello, .programs = 1};

static const char *const close_files[] = {"collect_server.c", NULL};
static const char *const io_c[] = {"io.c", NULL};
static const char *const io_h[] = {"io.h", NULL};
static const struct build_program collect = {
    .name = "collect_server", .source = {"collect_server.c", "io.c", NULL}, .threads = true};
static const struct build_spec with_kit = {
    .hand_in = close_files, .optional = io_c, .kit = io_h, .program = &collect, .programs = 1};

/* --- a folder to hand in ---------------------------------------------------------------------- */

static char folder[] = "/tmp/socklab-build-XXXXXX";

static void folder_make(void)
{
    strcpy(folder, "/tmp/socklab-build-XXXXXX");
    if (!mkdtemp(folder))
        die(STATUS_TROUBLE, "mkdtemp: %s", strerror(errno));
}

static const char *path_of(const char *name)
{
    static char path[100]; /* fits a socket address too */
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void put(const char *name, const void *bytes, size_t size)
{
    CU_ASSERT_EQUAL(file_write(path_of(name), bytes, size, 0644), 0);
}

static void put_text(const char *name, const char *text)
{
    put(name, text, strlen(text));
}

static bool holds(const char *text, const char *part)
{
    if (text && strstr(text, part))
        return true;
    printf("#   no \"%s\" in \"%s\"\n", part, text ? text : "(null)");
    return false;
}

static bool notes_hold(const struct build_intake *in, const char *part)
{
    for (size_t i = 0; i < in->notes; i++) {
        if (strstr(in->note[i], part))
            return true;
    }
    return false;
}

/* Takes the folder in and removes it. */
static struct build_intake take(const struct build_spec *spec)
{
    struct build_intake in;
    CU_ASSERT_EQUAL(build_intake(spec, folder, &in), 0);
    CU_ASSERT_EQUAL(tree_remove(folder), 0);
    return in;
}

/* The folder is refused with this sentence in the message. */
static void assert_refused(const char *part)
{
    struct build_intake in = take(&one);
    CU_ASSERT_EQUAL(in.finding.verdict, VERDICT_MISSING);
    CU_ASSERT_EQUAL(in.files, 0);
    CU_ASSERT(holds(in.finding.message, part));
    build_intake_free(&in);
}

/* --- intake ----------------------------------------------------------------------------------- */

static void test_takes(void)
{
    folder_make();
    put_text("hello_server.c", good);
    struct build_intake in = take(&one);
    CU_ASSERT_EQUAL(in.finding.verdict, VERDICT_PASS);
    CU_ASSERT_PTR_NULL(in.finding.message);
    CU_ASSERT_EQUAL(in.notes, 0);
    CU_ASSERT_EQUAL_FATAL(in.files, 1);
    CU_ASSERT_STRING_EQUAL(in.file[0].name, "hello_server.c");
    CU_ASSERT_STRING_EQUAL(buf_text(&in.file[0].bytes), good);
    CU_ASSERT_FALSE(in.file[0].kit);
    build_intake_free(&in);
}

static void test_no_folder(void)
{
    struct build_intake in;
    CU_ASSERT_EQUAL(build_intake(&one, "/nonexistent/folder", &in), -ENOENT);
    build_intake_free(&in);
    CU_ASSERT_EQUAL(build_intake(&one, "/dev/null", &in), -ENOTDIR);
    build_intake_free(&in);
}

/* What lies under hello_server.c's name, and what is said of it. Sizes: these hold NUL bytes. */
static const struct {
    const char *bytes;
    size_t size;
    const char *part;
} bad_bytes[] = {
    {"", 0, "hello_server.c is empty."},
    {" \n\t\r\n", 5, "hello_server.c holds nothing but blanks."},
    {"\xef\xbb\xbf\n", 4, "nothing but blanks"},
    {"int main(void)\n{\0}\n", 19, "holds NUL bytes, so it is no plain text. See line 2."},
    {"\177ELF\2\1\1\0", 8, "is a compiled program"},
    {"\xff\xfei\0n\0t\0", 8, "is UTF-16 text"},
    {"PK\3\4xx\0", 7, "is a ZIP archive"},
    {"#!/bin/sh\necho 1;\n", 18, "is a script"},
    {"\n<!DOCTYPE html>\n<p>int main(void) {}</p>;", 41, "is HTML"},
    {"```c\nint main(void) {}\n```\n", 27, "Markdown"},
#define TEXT(t) t, sizeof(t) - 1
    {TEXT("import socket\n\ns = socket.socket()  # don't\nd = {1: 2}\n"),
     "is a Python program, not C. See line 1."},
    {TEXT("\"\"\"A server.\"\"\"\nfrom socket import *\nx = {}\n"),
     "is a Python program, not C. See line 2."},
    {TEXT("def main():\n    d = {}\n"), "is a Python program"},
    {TEXT("import java.net.*;\npublic class A { }\n"), "is a Java program"},
    {TEXT("// a server\n#include <iostream>\nint main() { std::cout << 1; }\n"),
     "is a C++ program: this course is in C. See line 2."},
    {TEXT("#include <stdio.h>\nusing namespace std;\nint main() { }\n"), "is a C++ program"},
    {TEXT("package main\n\nfunc main() { x := 1; }\n"), "is a Go program"},
    {TEXT("use std::net;\nfn main() {\n}\n"), "is a Rust program"},
    {TEXT("Dear teacher,\nI could not finish this week.\n"), "there is not one statement in it"},
};

static void test_refuses_bytes(void)
{
    for (size_t i = 0; i < sizeof bad_bytes / sizeof bad_bytes[0]; i++) {
        folder_make();
        put("hello_server.c", bad_bytes[i].bytes, bad_bytes[i].size);
        assert_refused(bad_bytes[i].part);
    }
}

/* Right C that looks a little like something else. */
static const char *const odd_but_c[] = {
    "\xef\xbb\xbfint main(void) { return 0; }\n",
    "/* import socket\ndef main():\n*/\nint main(void) { return 0; }\n",
    "const char *p = \"#include <iostream>\\n\"\n\"using namespace std;\";\nint main(void) { "
    "return 0; }\n",
    "#if 0\n#include <iostream>\nusing namespace std;\n#endif\nint main(void) { return 0; }\n",
    "#ifdef __cplusplus\n#include <cstdio>\n#else\n#include <stdio.h>\n#endif\nint main(void) { "
    "return 0; }\n",
    "typedef int import;\nimport x;\nint main(void) { return x; }\n",
    "typedef int from;\nfrom main(void) { return 0; }\n",
    "int main(void) { __asm__ volatile(\"nop\" : : \"r\"(0)); return 0; }\n",
    "%:include <stdio.h>\nint main(void) <% return 0; %>\n",
    "// nothing yet\n",
    "#include \"other.h\"\n",
    "int main(void) { int class = 1, template = 2, public = 3; return class + template + public; "
    "}\n",
    "ma\\\nin(void) { return 0; }",
};

static void test_takes_odd_c(void)
{
    for (size_t i = 0; i < sizeof odd_but_c / sizeof odd_but_c[0]; i++) {
        folder_make();
        put_text("hello_server.c", odd_but_c[i]);
        struct build_intake in = take(&one);
        if (in.finding.message)
            printf("#   %zu: %s\n", i, in.finding.message);
        CU_ASSERT_EQUAL(in.finding.verdict, VERDICT_PASS);
        CU_ASSERT_EQUAL(in.files, 1);
        build_intake_free(&in);
    }
}

static void test_refuses_kinds(void)
{
    folder_make();
    CU_ASSERT_EQUAL(mkdir(path_of("hello_server.c"), 0755), 0);
    assert_refused("hello_server.c is a folder, not a file.");

    folder_make();
    CU_ASSERT_EQUAL(symlink("/etc/hostname", path_of("hello_server.c")), 0);
    assert_refused("hello_server.c is a symbolic link");

    /* Nobody writes to it: an intake that waits would never come back. */
    folder_make();
    CU_ASSERT_EQUAL(mkfifo(path_of("hello_server.c"), 0644), 0);
    assert_refused("hello_server.c is a named pipe");

    folder_make();
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    snprintf(name.sun_path, sizeof name.sun_path, "%s", path_of("hello_server.c"));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CU_ASSERT_EQUAL(bind(fd, (struct sockaddr *)&name, sizeof name), 0);
    assert_refused("hello_server.c is a socket");
    fd_close(&fd);
}

static void test_refuses_huge(void)
{
    folder_make();
    put_text("hello_server.c", good);
    CU_ASSERT_EQUAL(truncate(path_of("hello_server.c"), (off_t)1 << 40), 0);
    assert_refused("has 1099511627776 bytes; at most 1048576 are taken.");

    folder_make();
    struct buf b = {0};
    buf_puts(&b, good);
    while (b.length < BUILD_FILE_LIMIT)
        buf_puts(&b, "\n");
    put("hello_server.c", b.data, b.length);
    struct build_intake in = take(&one);
    CU_ASSERT_EQUAL(in.finding.verdict, VERDICT_PASS);
    build_intake_free(&in);
    buf_free(&b);
}

static void test_refuses_unreadable(void)
{
    if (geteuid() == 0) {
        unit_skip("root can read every file");
        return;
    }
    folder_make();
    put_text("hello_server.c", good);
    CU_ASSERT_EQUAL(chmod(path_of("hello_server.c"), 0), 0);
    assert_refused("cannot be read: its permissions forbid it");
}

static void test_missing(void)
{
    static const struct {
        const char *there;
        const char *part;
    } near[] = {
        {"hello-server.c",
         "There is hello-server.c: if that is the one, rename it to hello_server.c."},
        {"Hello_Server.C", "There is Hello_Server.C: if"},
        {"hello_server (1).c", "There is \"hello_server (1).c\": if"},
        {"hello_server.c.txt", "There is hello_server.c.txt: if"},
        {"hello_server.cpp", "There is hello_server.cpp: if"},
        {"helo_server.c", "There is helo_server.c: if"},
        {"task4.c", "There is task4.c: if"},
        {"hello\n\x1b[31m.c", "\"hello\\n\\x1b[31m.c\""},
    };

    for (size_t i = 0; i < sizeof near / sizeof near[0]; i++) {
        folder_make();
        put_text(near[i].there, good);
        assert_refused(near[i].part);
    }
    folder_make();
    assert_refused("hello_server.c is missing. The folder is empty.");

    folder_make();
    CU_ASSERT_EQUAL(mkdir(path_of("lab04"), 0755), 0);
    put_text("lab04/hello_server.c", good);
    assert_refused("There is one in the folder lab04: hand in that folder.");

    /* The program that make built is not what was meant. */
    folder_make();
    put_text("hello_server", "\177ELF");
    put_text("hello_server.o", "\177ELF");
    put_text("notes.txt", "x");
    struct build_intake in = take(&one);
    CU_ASSERT(holds(
        in.finding.message,
        "hello_server.c is missing. The folder holds hello_server, hello_server.o and notes.txt."));
    CU_ASSERT_EQUAL(in.finding.places, 0);
    build_intake_free(&in);
}

static void test_missing_many_names(void)
{
    folder_make();
    for (int i = 0; i < 600; i++) {
        char name[32];
        snprintf(name, sizeof name, "f%03d.txt", i);
        put_text(name, "x");
    }
    assert_refused(" and 592 more.");
}

static void test_all_named(void)
{
    static const char *const files[] = {"io.c", "echo_server.c", "echo_client.c", NULL};
    static const struct build_spec echo = {.hand_in = files};

    folder_make();
    put_text("io.c", "");
    put_text("echo_client.c", good);
    put_text("main.c", good);
    struct build_intake in = take(&echo);
    CU_ASSERT_EQUAL(in.finding.verdict, VERDICT_MISSING);
    CU_ASSERT(holds(in.finding.message, "io.c is empty. echo_server.c is missing."));
    CU_ASSERT_EQUAL(in.files, 1);
    CU_ASSERT_EQUAL_FATAL(in.finding.places, 1);
    CU_ASSERT_STRING_EQUAL(in.finding.place[0].file, "io.c");
    CU_ASSERT(
        notes_hold(&in, "Not taken: main.c. This lab takes io.c, echo_server.c, echo_client.c."));
    build_intake_free(&in);
}

static void test_line_ends(void)
{
    folder_make();
    put_text("hello_server.c", "int main(void)\r\n{\r\n    return 0;\r\n}\r\n");
    struct build_intake in = take(&one);
    CU_ASSERT_EQUAL(in.finding.verdict, VERDICT_PASS);
    CU_ASSERT(notes_hold(&in, "hello_server.c has Windows line ends"));
    build_intake_free(&in);
}

static const struct build_file *file_named(const struct build_intake *in, const char *name)
{
    for (size_t i = 0; i < in->files; i++) {
        if (strcmp(in->file[i].name, name) == 0)
            return &in->file[i];
    }
    return NULL;
}

static void test_kit_absent(void)
{
    folder_make();
    put_text("collect_server.c", good);
    struct build_intake in = take(&with_kit);
    build_intake_kit(&with_kit, &in, "io.h", "int a;\n", 7);
    CU_ASSERT_TRUE(build_intake_object(&in, "io.c"));
    CU_ASSERT_EQUAL(in.finding.verdict, VERDICT_PASS);
    CU_ASSERT_EQUAL(in.files, 3);
    CU_ASSERT_EQUAL(in.notes, 0);
    const struct build_file *io = file_named(&in, "io.c");
    CU_ASSERT_PTR_NOT_NULL_FATAL(io);
    CU_ASSERT(io->kit);
    CU_ASSERT(io->object);
    build_intake_free(&in);
}

static void test_kit_beside_own(void)
{
    folder_make();
    put_text("collect_server.c", good);
    put_text("io.c", "int mine;\n");
    put_text("io.h", "int a;\n");
    struct build_intake in = take(&with_kit);
    build_intake_kit(&with_kit, &in, "io.h", "int a;\n", 7);
    CU_ASSERT_FALSE(build_intake_object(&in, "io.c"));
    CU_ASSERT_EQUAL(in.files, 3);
    CU_ASSERT_FALSE(file_named(&in, "io.c")->object);
    CU_ASSERT_EQUAL(in.notes, 0); /* a copy of the kit's io.h is what everybody has */
    CU_ASSERT_STRING_EQUAL(buf_text(&file_named(&in, "io.c")->bytes), "int mine;\n");
    build_intake_free(&in);

    folder_make();
    put_text("collect_server.c", good);
    put_text("io.h", "int changed;\n");
    in = take(&with_kit);
    build_intake_kit(&with_kit, &in, "io.h", "int a;\n", 7);
    CU_ASSERT(notes_hold(&in, "Your io.h is not taken"));
    CU_ASSERT_STRING_EQUAL(buf_text(&file_named(&in, "io.h")->bytes), "int a;\n");
    build_intake_free(&in);
}

/* An own io.c that is no use is said to be so, not silently replaced. */
static void test_optional_bad(void)
{
    folder_make();
    put_text("collect_server.c", good);
    put_text("io.c", "");
    CU_ASSERT_EQUAL(mkfifo(path_of("io.h"), 0644), 0);
    struct build_intake in = take(&with_kit);
    CU_ASSERT_EQUAL(in.finding.verdict, VERDICT_MISSING);
    CU_ASSERT(holds(in.finding.message, "io.c is empty."));
    build_intake_free(&in);
}

/* --- plan ------------------------------------------------------------------------------------- */

static const struct build_intake nothing = {.files = 0};

static char *joined(char **argv)
{
    struct buf b = {0};
    for (; *argv; argv++)
        buf_printf(&b, "%s%s", b.length ? " " : "", *argv);
    return buf_take(&b);
}

static size_t plan(const struct build_spec *spec, const struct build_intake *in,
                   enum build_variant variant, const char *compiler, struct build_job **jobs)
{
    const struct build_tools tools = {.compiler = compiler, .bin = "/lab/bin", .kit = "/lab/kit"};
    return build_plan(spec, in, variant, &tools, jobs);
}

static void assert_plan(const struct build_intake *in, enum build_variant variant,
                        const char *compiler, const char *output, const char *expected)
{
    struct build_job *jobs;
    size_t count = plan(&with_kit, in, variant, compiler, &jobs);
    CU_ASSERT_EQUAL_FATAL(count, 1);
    char *command = joined(jobs[0].argv);
    if (strcmp(command, expected) != 0)
        printf("#   %s\n", command);
    CU_ASSERT_STRING_EQUAL(command, expected);
    CU_ASSERT_STRING_EQUAL(jobs[0].output, output);
    CU_ASSERT_EQUAL(jobs[0].variant, variant);
    CU_ASSERT_PTR_EQUAL(jobs[0].program, &collect);
    free(command);
    build_jobs_free(jobs, count);
}

static void test_plan(void)
{
    static const struct build_intake own = {.file = {{.name = "io.c"}}, .files = 1};

    assert_plan(&own, BUILD_PLAIN, "gcc", "collect_server",
                "gcc -std=gnu11 -g -O0 -fno-omit-frame-pointer -fno-pie -no-pie -pipe -Wl,-z,now "
                "-fdiagnostics-color=never -fmax-errors=20 -Wall -Wextra -pthread "
                "-o /lab/bin/collect_server -x c ./collect_server.c ./io.c");
    assert_plan(&own, BUILD_ASAN, "/usr/bin/clang-14", "collect_server.asan",
                "/usr/bin/clang-14 -std=gnu11 -g -O0 -fno-omit-frame-pointer -fno-pie -no-pie "
                "-pipe -Wl,-z,now "
                "-fno-color-diagnostics -ferror-limit=20 -w -fsanitize=address,undefined "
                "-fno-sanitize-recover=undefined -U__SANITIZE_ADDRESS__ -pthread -o "
                "/lab/bin/collect_server.asan "
                "-x c ./collect_server.c ./io.c -x none /lab/kit/leak_hook.o");
    assert_plan(
        &own, BUILD_TSAN, "gcc-13", "collect_server.tsan",
        "gcc-13 -std=gnu11 -g -O0 -fno-omit-frame-pointer -fno-pie -no-pie -pipe -Wl,-z,now "
        "-fdiagnostics-color=never -fmax-errors=20 -w -fsanitize=thread -U__SANITIZE_THREAD__ "
        "-pthread "
        "-o /lab/bin/collect_server.tsan -x c ./collect_server.c ./io.c -x none /lab/kit/leak_hook.o "
        "-x none /lab/kit/thread_hook.o");
}

static void test_plan_object(void)
{
    static const struct build_intake kits = {
        .file = {{.name = "io.c", .kit = true, .object = true}}, .files = 1};

    assert_plan(&kits, BUILD_PLAIN, "gcc", "collect_server",
                "gcc -std=gnu11 -g -O0 -fno-omit-frame-pointer -fno-pie -no-pie -pipe -Wl,-z,now "
                "-fdiagnostics-color=never -fmax-errors=20 -Wall -Wextra -pthread "
                "-o /lab/bin/collect_server -x c ./collect_server.c -x none /lab/kit/io.o");
    assert_plan(&kits, BUILD_ASAN, "gcc", "collect_server.asan",
                "gcc -std=gnu11 -g -O0 -fno-omit-frame-pointer -fno-pie -no-pie -pipe -Wl,-z,now "
                "-fdiagnostics-color=never -fmax-errors=20 -w -fsanitize=address,undefined "
                "-fno-sanitize-recover=undefined -U__SANITIZE_ADDRESS__ -pthread "
                "-o /lab/bin/collect_server.asan -x c ./collect_server.c -x none /lab/kit/leak_hook.o "
                "-x none /lab/kit/io.asan.o");
    char *name = build_object("io.c", BUILD_TSAN);
    CU_ASSERT_STRING_EQUAL(name, "io.tsan.o");
    free(name);
}

static void test_plan_threads(void)
{
    struct build_job *jobs;
    size_t count = plan(&one, &nothing, BUILD_TSAN, "gcc", &jobs);
    CU_ASSERT_EQUAL(count, 0);
    build_jobs_free(jobs, count);
    count = plan(&one, &nothing, BUILD_PLAIN, "gcc", &jobs);
    CU_ASSERT_EQUAL_FATAL(count, 1);
    char *command = joined(jobs[0].argv);
    CU_ASSERT_PTR_NULL(strstr(command, "-pthread"));
    free(command);
    build_jobs_free(jobs, count);
}

static void test_plan_driver(void)
{
    static const struct build_program programs[] = {
        {.name = "echo_server", .source = {"echo_server.c", "io.c", NULL}},
        {.name = "io_driver", .source = {"io_driver.c", "io.c", NULL}, .driver = true}};
    static const struct build_spec spec = {.program = programs, .programs = 2};
    struct build_job *jobs;
    size_t count = plan(&spec, &nothing, BUILD_PLAIN, "gcc", &jobs);
    CU_ASSERT_EQUAL_FATAL(count, 2);
    CU_ASSERT_STRING_EQUAL(jobs[1].output, "io_driver");
    build_jobs_free(jobs, count);
    count = plan(&spec, &nothing, BUILD_ASAN, "gcc", &jobs);
    CU_ASSERT_EQUAL_FATAL(count, 1);
    CU_ASSERT_STRING_EQUAL(jobs[0].output, "echo_server.asan");
    build_jobs_free(jobs, count);
}

void suite_build(void)
{
    unit_test("a good file is taken", test_takes);
    unit_test("a folder that isn't there", test_no_folder);
    unit_test("bytes that are no C are refused by name", test_refuses_bytes);
    unit_test("odd but right C is taken", test_takes_odd_c);
    unit_test("links, pipes, sockets and folders are refused, without waiting", test_refuses_kinds);
    unit_test("an enormous file is refused, the largest is taken", test_refuses_huge);
    unit_test("a file without read permission", test_refuses_unreadable);
    unit_test("a missing file: near names, what is there", test_missing);
    unit_test("a folder of many names", test_missing_many_names);
    unit_test("every bad file is named", test_all_named);
    unit_test("Windows line ends are taken with a note", test_line_ends);
    unit_test("the kit's files stand in", test_kit_absent);
    unit_test("the kit's files beside the student's", test_kit_beside_own);
    unit_test("an optional file that is bad", test_optional_bad);
    unit_test("the compile commands, word by word", test_plan);
    unit_test("only programs with threads are built for TSan", test_plan_threads);
    unit_test("the kit's object in place of a source", test_plan_object);
    unit_test("a driver of the kit is built plainly and no other way", test_plan_driver);
}
