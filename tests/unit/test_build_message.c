/* grader/build: compilers' messages and hooks; and the kit's leak hook, compiled as planned and run. */
#include "unit.h"

#include "build/build.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static bool holds(const char *text, const char *part)
{
    if (text && strstr(text, part))
        return true;
    printf("#   no \"%s\" in \"%s\"\n", part, text ? text : "(null)");
    return false;
}

/* --- messages --------------------------------------------------------------------------------- */

#define SAMPLES SOCKLAB_ROOT "/tests/data/build/"
static const char *const sample_files[] = {"hello_server.c", NULL};
static const char *const sample_optional[] = {"io.c", "io.h", NULL};
static const struct build_spec sample_spec = {.hand_in = sample_files, .optional = sample_optional};

/* A sample's finding as text: message, places and output, a line each. */
static char *told(const struct finding *f)
{
    struct buf b = {0};
    buf_printf(&b, "%s: %s\n", verdict_word(f->verdict), f->message ? f->message : "-");
    for (size_t i = 0; i < f->places; i++)
        buf_printf(&b, "@%s:%d %s\n", f->place[i].file, f->place[i].line,
                   f->place[i].source ? f->place[i].source : "-");
    for (size_t i = 0; i < f->outputs; i++)
        buf_printf(&b, "|%s\n", f->output[i]);
    return buf_take(&b);
}

static void read_sample(const char *name, const char *compiler, struct build_intake *in,
                        struct buf *said)
{
    char *directory = xasprintf(SAMPLES "%s", name);
    char *text = xasprintf(SAMPLES "%s/%s.txt", name, compiler);
    CU_ASSERT_EQUAL_FATAL(build_intake(&sample_spec, directory, in), 0);
    CU_ASSERT_EQUAL_FATAL(in->finding.verdict, VERDICT_PASS);
    CU_ASSERT_EQUAL_FATAL(file_read(text, said), 0);
    free(directory);
    free(text);
}

static char *tell_sample(const char *name, const char *compiler, enum build_end end)
{
    struct build_intake in;
    struct buf said = {0};
    struct finding f = {0};

    read_sample(name, compiler, &in, &said);
    enum verdict verdict = build_read_messages(&in, buf_text(&said), said.length, end, &f);
    CU_ASSERT_EQUAL(verdict, f.verdict);
    CU_ASSERT(f.outputs <= 41);
    char *text = told(&f);
    CU_ASSERT_PTR_NULL(strstr(text, "SECRET"));
    CU_ASSERT_PTR_NULL(strchr(text, '\x1b'));
    finding_free(&f);
    build_intake_free(&in);
    buf_free(&said);
    return text;
}

static const struct {
    const char *name;
    const char *compiler;
    enum build_end end;
    const char *told; /* begins with this */
} samples[] = {
    {"fine", "gcc", BUILD_SUCCEEDED, "pass: -\n"},
    {"fine", "clang", BUILD_SUCCEEDED, "pass: -\n"},
    {"errors", "gcc", BUILD_FAILED,
     "compile: The compiler refuses hello_server.c, line 6: expected ',' or ';' before 'puts'. It "
     "names 2 errors in "
     "all; begin with the first.\n"
     "@hello_server.c:6     puts(\"a\");\n"
     "@hello_server.c:7     return y;\n"
     "|hello_server.c: In function 'main':\n"
     "|hello_server.c:6:9: error: expected ',' or ';' before 'puts'\n"
     "|    6 |         puts(\"a\");\n"
     "|      |         ^~~~\n"
     "|hello_server.c:7:16: error: 'y' undeclared (first use in this function)\n"
     "|    7 |         return y;\n"
     "|      |                ^\n"
     "|hello_server.c:7:16: note: each undeclared identifier is reported only once for each "
     "function it appears in\n"},
    {"errors", "clang", BUILD_FAILED,
     "compile: The compiler refuses hello_server.c, line 5: expected ';' at end of declaration. It "
     "names 2 errors in "
     "all; begin with the first.\n"
     "@hello_server.c:5     int x = 3\n"
     "@hello_server.c:7     return y;\n"
     "|hello_server.c:5:11: error: expected ';' at end of declaration\n"
     "|        int x = 3\n"
     "|                 ^\n"
     "|                 ;\n"
     "|hello_server.c:7:9: error: use of undeclared identifier 'y'\n"
     "|        return y;\n"
     "|               ^\n"},
    {"warnings", "gcc", BUILD_SUCCEEDED,
     "warning: The compiler warns of hello_server.c, line 8: format '%s' expects argument of type "
     "'char *', but "
     "argument 2 has type 'int' [-Wformat=]. There are 4 warnings in all.\n"
     "@hello_server.c:8     printf(\"%s\\n\", 3);\n"
     "@hello_server.c:9     return (int)strlen(3);\n"
     "@hello_server.c:6     int unused;\n"
     "|hello_server.c: In function 'main':\n"
     "|hello_server.c:8:18: warning: format"},
    {"warnings", "clang", BUILD_SUCCEEDED,
     "warning: The compiler warns of hello_server.c, line 8: format specifies type 'char *' but "
     "the argument has type "
     "'int' [-Wformat]. There are 3 warnings in all.\n"},
    {"no-return", "gcc", BUILD_SUCCEEDED,
     "warning: The compiler warns of hello_server.c, line 3: control reaches end of non-void "
     "function [-Wreturn-type].\n"
     "@hello_server.c:3 }\n"},
    {"undefined", "gcc", BUILD_FAILED,
     "compile: hello_server.c, line 7, uses serve, but no file of this program defines it. Is the "
     "name spelled the same "
     "in both places?\n"
     "@hello_server.c:7     return serve(3);\n"
     "|hello_server.c:7: undefined reference to `serve'\n"},
    {"undefined", "clang", BUILD_FAILED, "compile: hello_server.c, line 7, uses serve, but"},
    {"no-main", "gcc", BUILD_FAILED, "compile: There is no function main in this program's files"},
    {"no-main", "clang", BUILD_FAILED,
     "compile: There is no function main in this program's files"},
    {"twice", "gcc", BUILD_FAILED,
     "compile: readn is defined twice in one program: in hello_server.c, line 4, and in io.c, line "
     "4.\n"
     "@io.c:4 {\n"
     "@hello_server.c:4 {\n"
     "|io.c:4: multiple definition of `readn'; hello_server.c:4: first defined here\n"},
    {"twice", "clang", BUILD_FAILED,
     "compile: readn is defined twice in one program: in hello_server.c, line 4, and in io.c, line "
     "4.\n"},
    {"other-file", "gcc", BUILD_FAILED,
     "compile: The compiler refuses something in a file that is not one of those handed in.\n|(in "
     "another file)\n"},
    {"other-file", "clang", BUILD_FAILED,
     "compile: The compiler refuses something in a file that is not one of those handed in.\n|(in "
     "another file)\n"},
    {"included", "gcc", BUILD_FAILED,
     "compile: The compiler refuses a file that hello_server.c includes in line 2.\n"
     "@hello_server.c:2 #include \"../elsewhere.txt\"\n"},
    {"no-header", "gcc", BUILD_FAILED,
     "compile: The compiler refuses hello_server.c, line 1: nothere.h: No such file or "
     "directory.\n"},
    {"no-header", "clang", BUILD_FAILED,
     "compile: The compiler refuses hello_server.c, line 1: 'nothere.h' file not found.\n"},
    {"unended", "gcc", BUILD_FAILED,
     "compile: The compiler refuses hello_server.c, line 1: unterminated #if.\n"},
    {"unended", "clang", BUILD_FAILED,
     "compile: The compiler refuses hello_server.c, line 1: unterminated conditional"},
    {"controls", "gcc", BUILD_FAILED,
     "compile: The compiler refuses hello_server.c, line 2: #error \"h\xc3\xa9llo "
     "\\xff\\x1b[31mred \\xe2\\x80\\xae\".\n"},
    {"assembler", "gcc", BUILD_FAILED,
     "compile: The compiler refuses hello_server.c, line 3: no such instruction: `foo bar'.\n"},
    {"assembler", "clang", BUILD_FAILED,
     "compile: The compiler refuses hello_server.c, line 3: invalid instruction mnemonic 'foo'.\n"},
    {"too-big", "gcc", BUILD_FAILED,
     "compile: The program's data is too large for it to be linked."},
    {"too-big", "clang", BUILD_FAILED,
     "compile: The program's data is too large for it to be linked."},
    {"many-errors", "gcc", BUILD_FAILED,
     "compile: The compiler refuses hello_server.c, line 1: 'u1' undeclared (first use in this "
     "function); did you mean "
     "'f1'?. It stopped after 20 errors.\n"},
    {"many-errors", "clang", BUILD_FAILED,
     "compile: The compiler refuses hello_server.c, line 1: use of undeclared identifier 'u1'. It "
     "stopped after 20 "
     "errors.\n"},
    {"many-warnings", "gcc", BUILD_SUCCEEDED,
     "warning: The compiler warns of hello_server.c, line 3: unused variable 'u1' "
     "[-Wunused-variable]. There are 30 "
     "warnings in all.\n"},
    {"errors", "gcc", BUILD_TIME_LIMIT, "compile: The compiler did not finish in the time"},
    {"fine", "gcc", BUILD_MEMORY_LIMIT, "compile: The compiler needed more memory"},
    {"many-errors", "gcc", BUILD_OUTPUT_LIMIT, "compile: The compiler wrote more than it may"},
    {"errors", "gcc", BUILD_KILLED, "trouble: The compiler was killed from outside."},
    {"fine", "gcc", BUILD_FAILED, "trouble: The compiler failed without saying"},
};

static void test_samples(void)
{
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        char *text = tell_sample(samples[i].name, samples[i].compiler, samples[i].end);
        bool same = strncmp(text, samples[i].told, strlen(samples[i].told)) == 0;
        if (!same)
            printf("#   %s %s:\n%s#   instead of:\n%s\n", samples[i].name, samples[i].compiler,
                   text, samples[i].told);
        CU_ASSERT(same);
        free(text);
    }
}

/* The last line says how many were left out, and a failure shows no warnings. */
static void test_cut(void)
{
    char *text = tell_sample("many-warnings", "gcc", BUILD_SUCCEEDED);
    CU_ASSERT(holds(text, "|(20 more messages)\n"));
    free(text);
    text = tell_sample("errors", "gcc", BUILD_FAILED);
    CU_ASSERT_PTR_NULL(strstr(text, "unused variable"));
    free(text);
}

/* A submission of one file, and what a compiler is made to say of it. */
static char *tell(const char *source, const char *said, enum build_end end)
{
    struct build_intake in = {.files = 2,
                              .file = {{.name = "hello_server.c"}, {.name = "io.h", .kit = true}}};
    struct finding f = {0};

    buf_puts(&in.file[0].bytes, source);
    build_read_messages(&in, said, strlen(said), end, &f);
    char *text = told(&f);
    finding_free(&f);
    build_intake_free(&in);
    return text;
}

/* A message's text can hold newlines, and so any line that a compiler could write. */
static void test_forged(void)
{
    char *text = tell("int x;\n",
                      "/etc/shadow:1:2: note: #pragma message: \n"
                      "./hello_server.c:1:1: error: forged\n"
                      "    1 | root:SECRET\n"
                      "      | ^~~~ SECRET\n"
                      "  +++ |+SECRET\n"
                      "  +++ |+#include <SECRET>\n"
                      "    7 | SECRET\n"
                      "    1 | int x;\n"
                      "      | ^~~\n"
                      "SECRET\n"
                      "./hello_server.cc:1:1: error: SECRET\n"
                      "./xhello_server.c:1:1: error: SECRET\n"
                      ".//hello_server.c:1:1: error: SECRET\n"
                      "../hello_server.c:1:1: error: SECRET\n"
                      "/etc/shadow: In function 'SECRET':\n"
                      "In file included from /etc/SECRET:1:\n"
                      "                 from /etc/SECRET:2:\n",
                      BUILD_FAILED);
    CU_ASSERT_STRING_EQUAL(text, "compile: The compiler refuses hello_server.c, line 1: forged.\n"
                                 "@hello_server.c:1 int x;\n"
                                 "|hello_server.c:1:1: error: forged\n"
                                 "|    1 | int x;\n"
                                 "|      | ^~~\n"
                                 "|(in another file)\n");
    free(text);

    /* clang 14 has no gutter: only the line of the message, and a line of marks. */
    text = tell("\tint x;\n",
                "./hello_server.c:1:2: error: a\nSECRET\n      ^\n"
                "./hello_server.c:1:2: error: b\n        int x;\nSECRET\nSECRET\n",
                BUILD_FAILED);
    CU_ASSERT_PTR_NULL(strstr(text, "SECRET"));
    CU_ASSERT(holds(text, "|hello_server.c:1:2: error: b\n|        int x;\n"));
    free(text);
}

/* What the linker says beside -Wall -Wextra is no warning, nor is a warning outside of the files. */
static void test_no_warning(void)
{
    char *text = tell("int x;\n",
                      "/usr/bin/ld: /tmp/x.o: in function `main':\n"
                      "/lab/src/./hello_server.c:1: warning: the `gets' function is dangerous and "
                      "should not be used.\n"
                      "/usr/bin/ld: warning: /tmp/x.o: requires executable stack\n"
                      "/usr/include/x.h:1:1: warning: something\n",
                      BUILD_SUCCEEDED);
    CU_ASSERT_STRING_EQUAL(text, "pass: -\n");
    free(text);
}

/* The kit's own files are named in messages, but are no place in the student's work. */
static void test_kit_named(void)
{
    char *text = tell("int x;\n", "./io.h:3:1: error: unknown type name 'foo'\n", BUILD_FAILED);
    CU_ASSERT_STRING_EQUAL(text,
                           "compile: The compiler refuses io.h, line 3: unknown type name 'foo'.\n"
                           "|io.h:3:1: error: unknown type name 'foo'\n");
    free(text);
}

static void test_tools(void)
{
    static const struct {
        const char *said;
        const char *told;
    } cases[] = {
        {"/usr/bin/ld: cannot find -lasan: No such file or directory\ncollect2: error: ld returned "
         "1 exit status\n",
         "trouble: A part of the compiler or a library"},
        {"/usr/bin/ld: final link failed: No space left on device\n",
         "trouble: There was no space left"},
        {"gcc: error: unrecognized command-line option '-x1'\n",
         "trouble: The compiler here does not know"},
        {"gcc: fatal error: cannot execute 'cc1': execvp: No such file or directory\n",
         "trouble: A part of the"},
        {"cc1: out of memory allocating 65536 bytes after a total of 1 bytes\n",
         "compile: The compiler ran out of memory"},
        {"gcc: fatal error: Killed signal terminated program cc1\ncompilation terminated.\n",
         "compile: The compiler was killed"},
        {"gcc: internal compiler error: Segmentation fault signal terminated program cc1\n",
         "compile: The compiler itself broke"},
        {"gcc: internal compiler error: File size limit exceeded signal terminated program as\n",
         "compile: The program would become"},
        {"clang: error: unable to execute command: Segmentation fault (core dumped)\n",
         "compile: The compiler itself broke"},
        /* With an error in the source, the source is to blame, whatever else was printed. */
        {"./hello_server.c:1:1: error: a\ngcc: error: unrecognized command-line option\n",
         "compile: The compiler refuses"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *text = tell("int x;\n", cases[i].said, BUILD_FAILED);
        bool same = strncmp(text, cases[i].told, strlen(cases[i].told)) == 0;
        if (!same)
            printf("#   %s", text);
        CU_ASSERT(same);
        free(text);
    }
}

/* --- any bytes -------------------------------------------------------------------------------- */

/* Always the same numbers: a failure can be had again (xorshift32). */
static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* Whatever is read, the finding is whole and small, and names nothing that steers a terminal. */
static void assert_bounded(const struct build_intake *in, const char *bytes, size_t size,
                           enum build_end end)
{
    struct finding f = {0};
    enum verdict verdict = build_read_messages(in, bytes, size, end, &f);

    CU_ASSERT_EQUAL(verdict, f.verdict);
    CU_ASSERT((verdict == VERDICT_PASS) == (f.message == NULL));
    CU_ASSERT(f.outputs <= 41);
    CU_ASSERT(f.places <= FINDING_PLACES);
    char *text = told(&f);
    size_t length = strlen(text);
    CU_ASSERT(length < 100000);
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)text[i] < ' ' && text[i] != '\n')
            CU_FAIL("a control character is shown");
    }
    free(text);
    finding_free(&f);
}

static void mutate(char *bytes, size_t size, uint32_t *state)
{
    static const char marks[] = ":|'`\n\r\t ./0123456789\0\x1b\xff^~+";
    uint32_t changes = next_random(state) % 20;

    for (uint32_t i = 0; size && i < changes; i++) {
        size_t at = next_random(state) % size;
        size_t from = next_random(state) % size;
        size_t length = next_random(state) % 40;
        if (next_random(state) % 2 && at + length <= size && from + length <= size)
            memmove(bytes + at, bytes + from, length);
        else
            bytes[at] = marks[next_random(state) % (sizeof marks - 1)];
    }
}

static void test_mutated(void)
{
    uint32_t state = 20240607;

    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        struct build_intake in;
        struct buf said = {0};
        read_sample(samples[i].name, samples[i].compiler, &in, &said);
        for (int round = 0; round < 40 && said.length; round++) {
            /* Cut and copied to its exact size: a read behind its end is seen under ASan. */
            size_t size = next_random(&state) % said.length + 1;
            char *copy = xmalloc(size);
            memcpy(copy, said.data, size);
            mutate(copy, size, &state);
            assert_bounded(&in, copy, size,
                           next_random(&state) % 2 ? BUILD_FAILED : BUILD_SUCCEEDED);
            free(copy);
        }
        build_intake_free(&in);
        buf_free(&said);
    }
}

static void test_random(void)
{
    static const char letters[] =
        "./hello_server.c:12: error: undefined reference to `|\n \n^0\xff\x1b";
    struct build_intake in;
    struct buf said = {0};
    uint32_t state = 1;

    read_sample("errors", "gcc", &in, &said);
    for (int round = 0; round < 300; round++) {
        size_t size = next_random(&state) % 2000;
        char *bytes = xmalloc(size + 1);
        for (size_t i = 0; i < size; i++)
            bytes[i] = round % 2 ? (char)next_random(&state)
                                 : letters[next_random(&state) % sizeof letters];
        assert_bounded(&in, bytes, size, BUILD_FAILED);
        free(bytes);
    }
    assert_bounded(&in, NULL, 0, BUILD_FAILED);
    build_intake_free(&in);
    buf_free(&said);
}

/* A megabyte in one line, and a megabyte of quoted lines of a file that is one long line. */
static void test_large(void)
{
    struct build_intake in = {.files = 1, .file = {{.name = "hello_server.c"}}};
    struct buf said = {0};

    while (in.file[0].bytes.length < BUILD_FILE_LIMIT)
        buf_puts(&in.file[0].bytes, "a:1:");
    assert_bounded(&in, in.file[0].bytes.data, in.file[0].bytes.length, BUILD_FAILED);
    buf_puts(&said, "./hello_server.c:1:1: error: x\n");
    while (said.length < BUILD_FILE_LIMIT)
        buf_puts(&said, "    1 | b\n");
    assert_bounded(&in, said.data, said.length, BUILD_FAILED);
    build_intake_free(&in);
    buf_free(&said);
}

/* --- hooks ------------------------------------------------------------------------------------ */

static const struct {
    const char *source;
    int line; /* 0: nothing is found */
} hooks[] = {
    {"int __lsan_is_turned_off(void) { return 1; }\n", 1},
    {"\n\nconst char *__asan_default_options(void)\n{ return \"detect_leaks=0\"; }\n", 3},
    {"\n__attribute__((no_sanitize(\"address\"))) int f(void) { return 1; }\n", 2},
    {"__attribute__((__no_sanitize_address__)) int f;\n", 1},
    {"#ifdef __SANITIZE_ADDRESS__\n#endif\n", 1},
    {"#if __has_feature(address_sanitizer)\n#endif\n", 1},
    {"#include <sanitizer/lsan_interface.h>\n", 1},
    {"# include \"sanitizer/lsan_interface.h\"\n", 1},
    {"/* x\n */ void f(void)\n{\n    __lsan_dis\\\nable();\n}\n", 4},
    {"int f(void) __asm__(\"__lsan_is_turned_off\");\n", 1},
    {"int g(void);\nint f(void) __attribute__((alias(\"__lsan_is_turned_off\")));\n", 2},
    {"char c = '\"'; int __lsan_is_turned_off;\n", 1},
    {"char *s = \"\\\\\"; int __lsan_is_turned_off; char *t = \"\";\n", 1},
    {"// \\\n__lsan_is_turned_off in a comment that goes on\nint x;\n", 0},
    {"// __lsan_is_turned_off\n/* no_sanitize\n __asan_default_options */\n", 0},
    {"#include <stdio.h>\n#include \"sanitizer.h\"\nint main(void) { puts(\"no_sanitize "
     "__lsan_disable\"); }\n",
     0},
    {"int my__lsan_ok, sanitize, include; int sanitizer = 1;\n", 0},
    {"int a = 1 / 2 * 3; /* / * */ int b;\n", 0},
};

static void test_hooks(void)
{
    for (size_t i = 0; i < sizeof hooks / sizeof hooks[0]; i++) {
        struct build_intake in = {.files = 1, .file = {{.name = "hello_server.c"}}};
        struct finding f = {0};
        buf_puts(&in.file[0].bytes, hooks[i].source);
        bool found = build_find_hooks(&in, &f);
        if (found != (hooks[i].line > 0))
            printf("#   %s", hooks[i].source);
        CU_ASSERT_EQUAL(found, hooks[i].line > 0);
        CU_ASSERT_EQUAL(f.verdict, found ? VERDICT_SANITIZER : VERDICT_PASS);
        if (found) {
            CU_ASSERT_EQUAL(f.places, 1);
            CU_ASSERT_EQUAL(f.place[0].line, hooks[i].line);
            CU_ASSERT_STRING_EQUAL(f.place[0].file, "hello_server.c");
        }
        finding_free(&f);
        /* The kit may. */
        in.file[0].kit = true;
        CU_ASSERT_FALSE(build_find_hooks(&in, &f));
        build_intake_free(&in);
    }
}

/* --- the leak hook ---------------------------------------------------------------------------- */

/* A program that takes "conversations" like a server: one line of stdin each, one allocation each;
   it answers each with a line. At the end of stdin it exits. */
static const char talker[] = "#include <signal.h>\n"
                             "#include <stdlib.h>\n"
                             "#include <string.h>\n"
                             "#include <unistd.h>\n"
                             "static char *volatile kept;\n"
                             "static void stop(int n) { (void)n; }\n"
                             "int main(int argc, char **argv)\n"
                             "{\n"
                             "    char line[2];\n"
                             "    char *once = malloc(100);\n"
                             "    struct sigaction action = {.sa_handler = stop};\n"
                             "    if (!once)\n"
                             "        return 1;\n"
                             "    strcpy(once, argv[argc - 1]);\n"
                             "    sigaction(SIGTERM, &action, NULL);\n"
                             "    sigaction(SIGUSR1, &action, NULL);\n"
                             "    signal(SIGPIPE, SIG_IGN);\n"
                             "    while (read(0, line, 2) == 2) {\n"
                             "        char *copy = malloc(77);\n"
                             "        if (copy)\n"
                             "            memcpy(copy, line, 2);\n"
                             "        kept = copy;\n"
                             "        if (*once != 'l')\n"
                             "            free(copy);\n"
                             "        if (write(1, line, 2) != 2)\n"
                             "            return 1;\n"
                             "    }\n"
                             "    if (*once != 'l')\n"
                             "        free(once);\n"
                             "    return 0;\n"
                             "}\n";

/* Runs a command in a directory to its end; its wait status. */
static int run_in(const char *directory, char **argv)
{
    int status = -1;
    pid_t pid = fork();
    CU_ASSERT_FATAL(pid >= 0);
    if (pid == 0) {
        if (chdir(directory) != 0)
            _exit(126);
        execvp(argv[0], argv);
        _exit(127);
    }
    CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
    return status;
}

/* Three conversations, then `number` (0: the end of stdin); the program's wait status. */
static int talk(const char *program, const char *mode, int number)
{
    int in[2];
    int out[2];
    int status = -1;
    char line[2];

    CU_ASSERT_FATAL(pipe_make(in) == 0 && pipe_make(out) == 0);
    pid_t pid = fork();
    CU_ASSERT_FATAL(pid >= 0);
    if (pid == 0) {
        char *options = xasprintf("ASAN_OPTIONS=log_path=%s.log:exitcode=99", program);
        char *envp[] = {options, NULL};
        char *argv[] = {(char *)program, (char *)mode, NULL};
        if (dup2(in[0], 0) != 0 || dup2(out[1], 1) != 1)
            _exit(126);
        execve(program, argv, envp);
        _exit(127);
    }
    fd_close(&in[0]);
    fd_close(&out[1]);
    for (int i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(write(in[1], "a\n", 2), 2);
        CU_ASSERT_EQUAL(read(out[0], line, 2), 2);
    }
    /* Its answer came after its last malloc(): it is in read(2), or will be before it allocates. */
    if (number)
        kill(pid, number);
    else
        fd_close(&in[1]);
    CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
    fd_close(&in[1]);
    fd_close(&out[0]);
    return status;
}

static void test_leak_hook_with(const char *compiler)
{
    static const char *const files[] = {"talker.c", NULL};
    static const struct build_program program = {.name = "talker", .source = {"talker.c", NULL}};
    static const struct build_spec spec = {.hand_in = files, .program = &program, .programs = 1};
    static const struct build_intake in = {.files = 0};
    char directory[] = "/tmp/socklab-hook-XXXXXX";
    struct build_job *jobs;

    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(directory));
    char *source = xasprintf("%s/talker.c", directory);
    char *built = xasprintf("%s/talker.asan", directory);
    CU_ASSERT_EQUAL(file_write(source, talker, strlen(talker), 0644), 0);
    const struct build_tools tools = {
        .compiler = compiler, .bin = directory, .kit = SOCKLAB_BUILD "/kit"};
    size_t count = build_plan(&spec, &in, BUILD_ASAN, &tools, &jobs);
    CU_ASSERT_EQUAL_FATAL(count, 1);
    int status = run_in(directory, jobs[0].argv);
    CU_ASSERT(WIFEXITED(status));

    if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
        unit_skip("this compiler is not installed");
    } else if (talk(built, "clean", 0) != 0) {
        unit_skip("LeakSanitizer cannot work here");
    } else {
        status = talk(built, "clean", BUILD_LEAK_SIGNAL);
        CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == BUILD_LEAKS_NONE);
        status = talk(built, "leak", BUILD_LEAK_SIGNAL);
        CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == BUILD_LEAKS_FOUND);
        status = talk(built, "leak", 0);
        CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 99);
    }
    build_jobs_free(jobs, count);
    CU_ASSERT_EQUAL(tree_remove(directory), 0);
    free(source);
    free(built);
}

static void test_leak_hook_gcc(void)
{
    test_leak_hook_with("gcc");
}

static void test_leak_hook_clang(void)
{
    test_leak_hook_with("clang");
}

void suite_build_message(void)
{
    unit_test("what gcc and clang say, as findings", test_samples);
    unit_test("long output is cut, and says so", test_cut);
    unit_test("forged lines show nothing of other files", test_forged);
    unit_test("what is no warning of -Wall -Wextra", test_no_warning);
    unit_test("the kit's files in messages", test_kit_named);
    unit_test("the source's fault or the machine's", test_tools);
    unit_test("mutated output", test_mutated);
    unit_test("random output", test_random);
    unit_test("a megabyte", test_large);
    unit_test("hooks into the sanitizers are seen, and nothing else", test_hooks);
    unit_test("the leak hook, compiled by gcc", test_leak_hook_gcc);
    unit_test("the leak hook, compiled by clang", test_leak_hook_clang);
}
