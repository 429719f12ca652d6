/**
 * @file word.c
 * What several subcommands read from a command line.
 */
#include "command/word.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef SOCKLAB_DATADIR
#define SOCKLAB_DATADIR "/usr/local/share/socklab"
#endif

/** Levenshtein distance of two short names. */
static size_t name_distance(const char *a, const char *b)
{
    size_t n = strlen(b), row[64];
    if (n >= 64 || strlen(a) >= 64)
        return 64;
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t cost = corner + (a[i - 1] != b[j - 1]);
            corner = row[j];
            size_t least = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
            row[j] = cost < least ? cost : least;
        }
    }
    return row[n];
}

static void unknown_check(const struct lab *lab, const char *id) __attribute__((noreturn));

static void unknown_check(const struct lab *lab, const char *id)
{
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < lab->checks; i++) {
        size_t d = name_distance(id, lab->check[i].id);
        if (d < least)
            least = d;
    }
    struct buf near = {0}, shown = {0};
    for (size_t i = 0; i < lab->checks; i++)
        if (name_distance(id, lab->check[i].id) == least)
            buf_printf(&near, "%s%s", near.length ? ", " : "", lab->check[i].id);
    buf_quote(&shown, id, strlen(id), 60);
    command_usage(_("lab %s has no check %s; nearest: %s"), lab->id, buf_text(&shown), buf_text(&near));
}

const char **word_checks(const struct lab *lab, char *list)
{
    const char **only = NULL;
    size_t n = 0;
    char *rest = NULL;
    for (char *id = strtok_r(list, ",", &rest); id; id = strtok_r(NULL, ",", &rest)) {
        if (!lab_check(lab, id)) {
            free(only);
            unknown_check(lab, id);
        }
        only = xrealloc(only, (n + 2) * sizeof(only[0]));
        only[n++] = id;
        only[n] = NULL;
    }
    if (n == 0)
        command_usage(_("--only names no check"));
    return only;
}

long word_number(const char *name, const char *text, long least, long most)
{
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno || end == text || *end || value < least || value > most)
        command_usage(_("--%s wants a number from %ld to %ld, not '%s'"), name, least, most, text);
    return value;
}

enum sandbox_mode word_sandbox(const char *word)
{
    if (strcmp(word, "auto") == 0)
        return SANDBOX_AUTO;
    if (strcmp(word, "require") == 0)
        return SANDBOX_REQUIRE;
    if (strcmp(word, "off") == 0)
        return SANDBOX_OFF;
    command_usage(_("--sandbox wants auto, require or off, not '%s'"), word);
}

const struct lab *word_lab(const char *name)
{
    const struct lab *lab = lab_find(labs_all, name);
    if (lab)
        return lab;
    struct buf known = {0}, shown = {0};
    for (size_t i = 0; labs_all[i]; i++)
        buf_printf(&known, "%s%s", i ? ", " : "", labs_all[i]->id);
    buf_quote(&shown, name, strlen(name), 60);
    command_usage(_("there is no lab %s; there are %s"), buf_text(&shown), buf_text(&known));
}

void word_compiler(const char *compiler)
{
    char *path = strchr(compiler, '/') ? xstrdup(compiler) : xasprintf("/usr/bin/%s", compiler);
    if (access(path, X_OK) < 0)
        die(STATUS_TROUBLE, _("the compiler %s: %s"), path, strerror(errno));
    free(path);
}

/** Where reference/ and kit/ stand: beside the executable, or where they were installed. */

char *word_data(void)
{
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
    if (n > 0) {
        path[n] = '\0';
        char *slash = strrchr(path, '/');
        if (slash)
            *slash = '\0';
        char *kit = xasprintf("%s/kit/leak_hook.o", path);
        bool beside = access(kit, R_OK) == 0;
        free(kit);
        if (beside)
            return xstrdup(path);
    }
    return xstrdup(SOCKLAB_DATADIR);
}
