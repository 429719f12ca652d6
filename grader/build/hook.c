/**
 * @file hook.c
 * Sources that would switch the sanitizers off, or behave otherwise when they are on.
 *
 * This is the part that can be seen in a source; names that macros paste together can't. A second
 * look, at the symbols that a linked program defines, is check/prepare.c's to take.
 */
#include "build/part.h"

#include <string.h>

/* Words that no program of these labs needs. */
static const struct {
    const char *word;
    enum { BEGINS, HOLDS, EQUALS } how;
} reserved[] = {
    {"__asan_", BEGINS},
    {"__lsan_", BEGINS},
    {"__ubsan_", BEGINS},
    {"__tsan_", BEGINS},
    {"__msan_", BEGINS},
    {"__hwasan_", BEGINS},
    {"__sanitizer_", BEGINS},
    {"__interceptor_", BEGINS},
    {"__SANITIZE_", BEGINS},
    {"no_sanitize", HOLDS},
    {"NO_SANITIZE", HOLDS},
    {"no_address_safety_analysis", HOLDS},
    {"__has_feature", EQUALS},
    {"address_sanitizer", EQUALS},
    {"thread_sanitizer", EQUALS},
    {"memory_sanitizer", EQUALS},
    {"undefined_behavior_sanitizer", EQUALS},
    {"leak_sanitizer", EQUALS},
    {"disable_sanitizer_instrumentation", HOLDS},
};

/* Words after which a string can name a symbol. */
static const char *const symbol_makers[] = {
    "asm",         "__asm", "__asm__",   "alias",  "__alias__",  "weakref",
    "__weakref__", "ifunc", "__ifunc__", "symver", "__symver__", NULL,
};

/* A file with one of these words has its strings searched too. */
static bool makes_symbols(const struct build_file *file)
{
    struct source s = source_open(file->bytes.data, file->bytes.length);
    enum source_kind kind;
    bool found = false;

    while (!found && (kind = source_next(&s)) != SOURCE_END)
        found = kind == SOURCE_WORD && build_listed(symbol_makers, buf_text(&s.text));
    source_close(&s);
    return found;
}

/* The reserved word in a word, or NULL. */
static const char *find_reserved(const char *word)
{
    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++) {
        const char *name = reserved[i].word;
        switch (reserved[i].how) {
        case BEGINS:
            if (strncmp(word, name, strlen(name)) == 0)
                return name;
            break;
        case HOLDS:
            if (strstr(word, name))
                return name;
            break;
        case EQUALS:
            if (strcmp(word, name) == 0)
                return name;
            break;
        }
    }
    return NULL;
}

static const char *find_in_string(const char *text)
{
    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++) {
        if (strstr(text, reserved[i].word))
            return reserved[i].word;
    }
    return NULL;
}

static void report_hook(const struct build_file *file, int line, const char *what,
                        struct finding *finding)
{
    if (!finding->message) {
        struct buf shown = {0};
        buf_escape(&shown, what, strlen(what), 80);
        finding->verdict = VERDICT_SANITIZER;
        finding->message = xasprintf(
            _("%s, line %d, uses `%s`, which switches the memory checks off or lets a program "
              "notice "
              "them. Take it out: the checks must see the same program that is handed in."),
            file->name, line, buf_text(&shown));
        buf_free(&shown);
    }
    /* Two words of one attribute are one place. */
    if (finding->places && finding->place[finding->places - 1].line == line &&
        strcmp(finding->place[finding->places - 1].file, file->name) == 0)
        return;
    finding_place(finding, file->name, line, NULL);
}

static void find_in_file(const struct build_file *file, struct finding *finding)
{
    struct source s = source_open(file->bytes.data, file->bytes.length);
    bool strings = makes_symbols(file);
    bool include = false; /* the last word was `include` */
    enum source_kind kind;

    while ((kind = source_next(&s)) != SOURCE_END) {
        const char *text = buf_text(&s.text);
        if (kind == SOURCE_WORD && find_reserved(text))
            report_hook(file, s.token_line, text, finding);
        else if (kind == SOURCE_STRING && strings && find_in_string(text))
            report_hook(file, s.token_line, find_in_string(text), finding);
        else if (include && (source_is(&s, "sanitizer") || strncmp(text, "sanitizer/", 10) == 0))
            report_hook(file, s.token_line, "sanitizer/", finding);
        if (kind != SOURCE_MARK) /* the < of #include <sanitizer/... */
            include = kind == SOURCE_WORD && source_is(&s, "include");
    }
    source_close(&s);
}

bool build_find_hooks(const struct build_intake *in, struct finding *finding)
{
    for (size_t i = 0; i < in->files; i++) {
        if (!in->file[i].kit)
            find_in_file(&in->file[i], finding);
    }
    return finding->verdict != VERDICT_PASS;
}
