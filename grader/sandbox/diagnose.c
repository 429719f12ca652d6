/**
 * @file diagnose.c
 * Why a machine gives less than a full sandbox, in words for the person who could change it.
 *
 * Runs only after the real thing has failed: the kernel answers one EPERM for six namespaces, so
 * each is tried alone.
 */
#include "sandbox/internal.h"
#include "sandbox/survey.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a full sandbox needs. `word` is for SOCKLAB_TEST_REFUSE. */
static const struct need {
    const char *word;
    const char *title;
    unsigned long flags; /* tried in a new user namespace; 0: not by itself */
} needs[] = {
    {"userns", N_("user namespace"), CLONE_NEWUSER},
    {"net", N_("network namespace"), CLONE_NEWUSER | CLONE_NEWNET},
    {"mount", N_("mount namespace"), CLONE_NEWUSER | CLONE_NEWNS},
    {"pid", N_("process namespace"), CLONE_NEWUSER | CLONE_NEWPID},
    {"ipc", N_("IPC namespace"), CLONE_NEWUSER | CLONE_NEWIPC},
    {"uts", N_("host name namespace"), CLONE_NEWUSER | CLONE_NEWUTS},
    {"bwrap", N_("bubblewrap"), 0},
};

const char *bwrap_path(void)
{
    static const char *const places[] = {"/usr/bin/bwrap", "/usr/local/bin/bwrap", "/bin/bwrap"};

    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (access(places[i], X_OK) == 0)
            return places[i];
    }
    return NULL;
}

void support_add(struct sandbox_support *support, char *text)
{
    if (support->missing_count < SANDBOX_MISSING_MAX)
        support->missing[support->missing_count++] = text;
    else
        free(text);
}

bool list_has(const char *list, const char *word)
{
    size_t length = strlen(word);

    for (const char *at = list; (at = strstr(at, word)); at += length) {
        bool starts = at == list || at[-1] == ',';
        if (starts && (at[length] == ',' || at[length] == '\0'))
            return true;
    }
    return false;
}

bool diagnose_refused(struct sandbox_support *support)
{
    const char *refuse = getenv("SOCKLAB_TEST_REFUSE");
    bool any = false;

    for (size_t i = 0; refuse && i < sizeof needs / sizeof *needs; i++) {
        if (!list_has(refuse, needs[i].word))
            continue;
        support_add(support, xasprintf(_("%s: refused by SOCKLAB_TEST_REFUSE, as a test wanted"),
                                       _(needs[i].title)));
        any = true;
    }
    return any;
}

/* The reason that can be seen, NULL if there is none; the caller frees. What helps is the doctor's
 * business. */
static char *find_cause(void)
{
    struct sandbox_survey seen;

    sandbox_survey(&seen);
    if (seen.closed)
        return xasprintf(_("they are switched off: sysctl %s is 0"), seen.closed);
    if (seen.userns_clone == 0 && !seen.root)
        return xstrdup(_("they are switched off: sysctl kernel.unprivileged_userns_clone is 0"));
    if (seen.apparmor == 1 && !seen.root)
        return xstrdup(_("AppArmor keeps them from ordinary users: sysctl "
                         "kernel.apparmor_restrict_unprivileged_userns is 1"));
    if (seen.home != HOME_MACHINE && (seen.filtered || seen.proc_covered))
        return xstrdup(_("this container is not allowed to make them"));
    return NULL;
}

static void add_refusal(struct sandbox_support *support, const char *what, int error)
{
    char *cause = find_cause();

    support_add(support,
                cause
                    ? xasprintf(_("%s: the kernel refuses (%s); %s"), what, strerror(error), cause)
                    : xasprintf(_("%s: the kernel refuses (%s)"), what, strerror(error)));
    free(cause);
}

/* Whether a child can be had in these namespaces: 0 or -errno. */
static int try_namespaces(unsigned long flags)
{
    pid_t child = fork_into(flags);

    if (child < 0)
        return -errno;
    if (child == 0)
        _exit(0);
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
        continue;
    return 0;
}

void diagnose_kernel(struct sandbox_support *support)
{
    if (!bwrap_path())
        support_add(support, xstrdup(_("bubblewrap: not installed (apt-get install bubblewrap)")));
    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++) {
        int error = needs[i].flags ? try_namespaces(needs[i].flags) : 0;
        if (!error)
            continue;
        add_refusal(support, _(needs[i].title), -error);
        /* Without the first none of the others can be had: one line says it. */
        if (needs[i].flags == CLONE_NEWUSER)
            return;
    }
}

void diagnose_failure(struct sandbox_support *support, const char *words)
{
    char *cause = find_cause();

    support_add(support, cause ? xasprintf(_("%s; %s"), words, cause) : xstrdup(words));
    free(cause);
}
