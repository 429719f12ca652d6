/**
 * @file words.c
 * The command line and the environment of a run: bubblewrap's, which end in the program's, or the program's own.
 */
#include "sandbox/launch.h"

#include <stdlib.h>
#include <string.h>

static char *const default_env[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8",
                                    "HOME=/lab/work", "TMPDIR=/tmp", NULL};

struct words {
    char **at; /* NULL-ended, each malloc'ed */
    size_t count;
};

static void add_word(struct words *words, char *text)
{
    words->at = xrealloc(words->at, (words->count + 2) * sizeof *words->at);
    words->at[words->count++] = text;
    words->at[words->count] = NULL;
}

static void add_words(struct words *words, const char *const *texts)
{
    for (; *texts; texts++)
        add_word(words, xstrdup(*texts));
}

void launch_free_words(char **words)
{
    for (char **word = words; word && *word; word++)
        free(*word);
    free(words);
}

/* Replaces every "/lab/..." by the directory meant, where nothing is bound; the caller frees. */
static char *translate_word(const struct launch *l, const char *word)
{
    struct buf out = {0};
    const char *at = word, *found;

    /* A private /tmp is a directory here. */
    if (strcmp(word, "TMPDIR=/tmp") == 0)
        return xasprintf("TMPDIR=%s/tmp", l->run->place);

    while ((found = strstr(at, "/lab/"))) {
        buf_add(&out, at, (size_t)(found - at));
        bool work = strncmp(found, "/lab/work", strlen("/lab/work")) == 0;
        buf_printf(&out, "%s/", work ? l->run->place : l->sandbox->base);
        at = found + strlen("/lab/");
    }
    buf_puts(&out, at);
    return buf_take(&out);
}

static char **translate_words(const struct launch *l, char *const *from, bool translate)
{
    struct words words = {0};

    for (; *from; from++)
        add_word(&words, translate ? translate_word(l, *from) : xstrdup(*from));
    return words.at;
}

/* --- where descriptors stand ----------------------------------------------------------------- */

/* In the order in which launch_arrange() will put them: 0, 1, 2, the run's extras, then these. */
int launch_slot_failed(const struct launch *l)
{
    return 3 + (int)l->run->extra_count;
}

int launch_slot_go(const struct launch *l)
{
    return launch_slot_failed(l) + 1;
}

int launch_slot_filter(const struct launch *l, size_t i)
{
    return launch_slot_failed(l) + 2 + (int)i;
}

static int slot_ruleset(const struct launch *l)
{
    return launch_slot_filter(l, l->filter_count);
}

int launch_slot_terminal(const struct launch *l)
{
    return slot_ruleset(l) + (l->ruleset >= 0);
}

bool launch_has_terminal(const struct sandbox_run *run)
{
    return run->shell && run->terminal >= 0;
}

/* --- the whole -------------------------------------------------------------------------------- */

/* bubblewrap's command line; measured: four binds and no --dev cost 1 ms less than mounting all
 * here. */
static char **bwrap_words(const struct launch *l)
{
    static const char *const view_names[] = {"program", "reference", "compiler"};
    static const char *const first[] = {
        "--unshare-user", "--uid",      "1000", "--gid",         "1000",       "--unshare-pid",
        "--unshare-ipc",  "--cap-drop", "ALL",  "--new-session", "--dev-bind", NULL,
    };
    const struct sandbox_run *run = l->run;
    bool compiler = run->kind == SANDBOX_COMPILER;
    struct words words = {0};

    add_word(&words, xstrdup(bwrap_path()));
    add_words(&words, first);
    add_word(&words, xasprintf("%s/view/%s", l->sandbox->base, view_names[run->kind]));
    add_words(&words, (const char *const[]){"/", "--proc", "/proc", "--bind", NULL});
    add_word(&words, xasprintf("%s/tmp", run->place));
    add_words(&words, (const char *const[]){"/tmp", "--bind", NULL});
    add_word(&words, xasprintf("%s/work", run->place));
    add_words(&words, (const char *const[]){"/lab/work", "--chdir",
                                            compiler ? "/lab/src" : "/lab/work", NULL});
    if (run->log) {
        add_words(&words, (const char *const[]){"--bind", run->log, "/dev/log", NULL});
    }
    for (size_t i = 0; i < l->filter_count; i++) {
        add_word(&words, xstrdup("--add-seccomp-fd"));
        add_word(&words, xasprintf("%d", launch_slot_filter(l, i)));
    }
    add_word(&words, xstrdup("--"));
    add_word(&words, xstrdup("/" LANDLOCK_HELPER_PATH));
    add_word(&words, l->ruleset >= 0 ? xasprintf("%d", slot_ruleset(l)) : xstrdup("-"));
    if (launch_has_terminal(run))
        add_word(&words, xasprintf("%d", launch_slot_terminal(l)));
    else
        add_word(&words, xstrdup(run->shell ? "shell" : "-"));
    for (char *const *word = run->argv; *word; word++)
        add_word(&words, xstrdup(*word));
    return words.at;
}

void launch_make_words(struct launch *l, bool full)
{
    const struct sandbox_run *run = l->run;

    l->argv = full ? bwrap_words(l) : translate_words(l, run->argv, true);
    l->env = translate_words(l, run->env ? run->env : default_env, !full);
}
