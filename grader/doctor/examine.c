/**
 * @file examine.c
 * Facts -> findings. A function of the facts alone.
 */
#include "doctor/doctor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    FEW_PROCESSES = 256, /* what a compiler or two and checks side by side may need */
    LITTLE_SPACE = 256,  /* MiB */
};

static bool is_full(const struct doctor_facts *facts)
{
    return strcmp(facts->word, "full") == 0;
}

static struct doctor_finding *add_finding(struct doctor_report *r, const char *id,
                                          const char *title)
{
    struct doctor_finding *f = &r->finding[r->findings++];

    if (r->findings > DOCTOR_FINDINGS)
        BUG("more findings than there is room for");
    *f = (struct doctor_finding){.id = id, .title = title};
    return f;
}

static void set_missing(struct doctor_finding *f, enum doctor_state state, const char *student,
                        const char *instructor)
{
    f->state = state;
    f->student = student;
    f->instructor = instructor;
}

/* --- can anything be graded ----------------------------------------------------------------- */

static const char nobody_can[] = N_("No lab can be graded here.");

static void examine_program(const struct doctor_facts *facts, struct doctor_report *r)
{
    struct doctor_finding *f =
        add_finding(r, "program", _("A program can be started in a sandbox"));

    if (facts->probe == 0 && facts->room == 0)
        return;
    set_missing(f, DOCTOR_BROKEN, _(nobody_can), _(nobody_can));
    f->seen = facts->probe != 0
                  ? xstrdup(facts->last_words ? facts->last_words : strerror(-facts->probe))
                  : xasprintf(_("the room of the trial ended early: %s"), strerror(-facts->room));
}

static void examine_trace(const struct doctor_facts *facts, struct doctor_report *r)
{
    struct doctor_finding *f =
        add_finding(r, "tracing", _("A program can be followed with ptrace"));

    if (facts->trial.trace == 0)
        return;
    set_missing(f, DOCTOR_BROKEN, _(nobody_can), _(nobody_can));
    f->seen = xasprintf(_("the kernel refuses: %s"), strerror(-facts->trial.trace));
    remedy_trace(f, facts);
}

/* --- compilers ------------------------------------------------------------------------------ */

static const struct {
    const char *id, *title, *package;
} compilers[DOCTOR_COMPILERS] = {
    [DOCTOR_GCC] = {"gcc", N_("gcc compiles, with its sanitizers"), "gcc"},
    [DOCTOR_CLANG] = {"clang", N_("clang compiles, with its sanitizers"), "clang"},
};

static bool is_whole(const struct doctor_trial *trial, enum doctor_compiler compiler)
{
    bool whole = trial->present[compiler];

    for (size_t b = 0; b < DOCTOR_BUILDS; b++)
        whole = whole && trial->made[compiler][b].ran;
    return whole;
}

/* What helps against the words of the compiler, or of the program that it made. */
static void remedy_made(struct doctor_finding *f, const struct doctor_facts *facts,
                        enum doctor_compiler compiler, const struct doctor_made *made)
{
    if (made->made && strstr(made->words, "unexpected memory mapping"))
        remedy_add(
            f, _("The sanitizer is older than the kernel's way to spread addresses: sudo sysctl "
                 "vm.mmap_rnd_bits=28"));
    else if (strstr(made->words, "stdio.h") || strstr(made->words, "crt1.o"))
        remedy_package(f, facts, "libc6-dev");
    else if (strstr(made->words, "clang_rt"))
        remedy_add(f,
                   _("Install libclang-rt-VERSION-dev, with clang's version (clang --version)."));
    else if (!made->made)
        remedy_package(f, facts, compilers[compiler].package);
}

static void describe_failure(struct doctor_finding *f, const struct doctor_facts *facts,
                             enum doctor_compiler compiler)
{
    static const char *const what[DOCTOR_BUILDS] = {
        [DOCTOR_PLAIN] = N_("a small program"),
        [DOCTOR_ADDRESS] = N_("a small program with -fsanitize=address,undefined"),
        [DOCTOR_THREAD] = N_("a small program with -fsanitize=thread"),
    };

    for (size_t b = 0; b < DOCTOR_BUILDS; b++) {
        const struct doctor_made *made = &facts->trial.made[compiler][b];
        if (made->ran)
            continue;
        struct buf words = {0};
        buf_plain(&words, made->words, strlen(made->words));
        f->seen = xasprintf(made->made ? _("%s was compiled and did not run: %s")
                                       : _("%s was not compiled: %s"),
                            _(what[b]), buf_text(&words));
        buf_free(&words);
        remedy_made(f, facts, compiler, made);
        return;
    }
}

static void examine_compiler(const struct doctor_facts *facts, struct doctor_report *r,
                             enum doctor_compiler compiler)
{
    enum doctor_compiler other = compiler == DOCTOR_GCC ? DOCTOR_CLANG : DOCTOR_GCC;
    bool spare = is_whole(&facts->trial, other);

    /* gcc is what grading asks for unless it is told otherwise; clang is nobody's need. */
    if (compiler == DOCTOR_CLANG && !facts->trial.present[compiler])
        return;
    struct doctor_finding *f = add_finding(r, compilers[compiler].id, _(compilers[compiler].title));
    if (is_whole(&facts->trial, compiler))
        return;
    if (compiler == DOCTOR_CLANG)
        set_missing(f, DOCTOR_LESS, _("Nothing, unless you grade with --compiler clang."),
                    _("Grade with gcc, the default."));
    else
        set_missing(f, spare ? DOCTOR_LESS : DOCTOR_BROKEN,
                    spare ? _("Grade with --compiler clang.")
                          : _("Labs cannot be graded, or not wholly."),
                    spare ? _("Grade with --compiler clang; its warnings are not gcc's.")
                          : _("Labs cannot be graded, or not wholly: grades would be incomplete."));
    if (facts->trial.present[compiler]) {
        describe_failure(f, facts, compiler);
        return;
    }
    f->seen = xasprintf(_("there is no /usr/bin/%s"), compilers[compiler].id);
    remedy_package(f, facts, compilers[compiler].package);
}

/* --- protections ---------------------------------------------------------------------------- */

/* What goes together: the same reason, the same consequences, the same remedies. */
static const struct wall {
    const char *id, *title, *student, *instructor;
    void (*remedy)(struct doctor_finding *f, const struct doctor_facts *facts);
    enum sandbox_protection_name part[8];
    size_t parts;
} walls[] = {
    {"namespaces",
     N_("Submissions have a system and a network of their own"),
     N_("Your own files are graded all the same. Ports are those of this machine, and the few "
        "checks that need "
        "the sandbox's own network or /etc are left out."),
     N_("Do not grade strangers' files here: a program can read what this user can read, use the "
        "network, and "
        "disturb what is graded beside it. --sandbox require refuses to grade where this is "
        "missing."),
     remedy_namespaces,
     {SANDBOX_USER_NAMESPACE, SANDBOX_MOUNT_NAMESPACE, SANDBOX_PID_NAMESPACE,
      SANDBOX_NETWORK_NAMESPACE, SANDBOX_IPC_NAMESPACE, SANDBOX_UTS_NAMESPACE, SANDBOX_TMPFS_LIMIT},
     7},
    {"control-groups",
     N_("A submission's memory and processes have one limit"),
     N_("Nothing: each process is limited by itself."),
     N_("A submission that fills memory in many processes at once can slow this machine down, and "
        "what is graded "
        "beside it. Grade one submission at a time, or on a machine that is used for nothing "
        "else."),
     remedy_groups,
     {SANDBOX_CGROUP_MEMORY, SANDBOX_CGROUP_PIDS},
     2},
    {"landlock",
     N_("A second wall stands around files"),
     N_("Nothing."),
     N_("The namespaces are the only wall around files: a hole in them would be enough to get out. "
        "Keep the kernel "
        "and bubblewrap up to date."),
     remedy_landlock,
     {SANDBOX_LANDLOCK},
     1},
    {"user",
     N_("Programs never run as root"),
     N_("Nothing."),
     N_("Programs run as the only user that this container knows, without any of its rights. Map "
        "more users, or "
        "grade as an ordinary user."),
     NULL,
     {SANDBOX_UNPRIVILEGED_USER},
     1},
    {"limits",
     N_("Calls are filtered, limits hold, no rights are gained"),
     N_("A program of yours that goes wrong can take this session along."),
     N_("Do not grade strangers' files here."),
     NULL,
     {SANDBOX_SECCOMP, SANDBOX_RLIMITS, SANDBOX_NO_NEW_PRIVS},
     3},
};

static void examine_wall(const struct wall *w, const struct doctor_facts *facts,
                         struct doctor_report *r)
{
    struct doctor_finding *f = add_finding(r, w->id, _(w->title));
    struct buf seen = {0};
    const char *first = facts->protection[w->part[0]].reason;
    bool same = true;

    for (size_t i = 0; i < w->parts; i++)
        same = same && strcmp(facts->protection[w->part[i]].reason, first) == 0;
    for (size_t i = 0; i < w->parts; i++) {
        const struct sandbox_protection *p = &facts->protection[w->part[i]];
        if (!p->on && same && i == 0)
            buf_puts(&seen, p->reason);
        else if (!p->on && !same)
            buf_printf(&seen, "%s%s: %s", seen.length ? "; " : "", p->id, p->reason);
    }
    if (seen.length == 0)
        return;
    set_missing(f, DOCTOR_LESS, _(w->student), _(w->instructor));
    f->seen = buf_take(&seen);
    if (w->remedy)
        w->remedy(f, facts);
}

/* --- room to work --------------------------------------------------------------------------- */

static void examine_temporary(const struct doctor_facts *facts, struct doctor_report *r)
{
    const struct sandbox_survey *m = &facts->machine;
    struct doctor_finding *f =
        add_finding(r, "temporary-files", _("There is room for temporary files"));
    bool full_disk = m->temporary_error == -ENOSPC || m->temporary_error == -EDQUOT;

    if (m->temporary_error == 0 && (m->temporary_free < 0 || m->temporary_free >= LITTLE_SPACE))
        return;
    /* A full sandbox has its own, in memory. */
    set_missing(f, DOCTOR_LESS,
                is_full(facts) ? _("--sandbox off may fail. In the sandbox nothing is lost.")
                               : _("Checks that write files may end as the grader's trouble."),
                is_full(facts) ? _("In the sandbox nothing is lost.")
                               : _("Grades may be incomplete: no student loses points by it."));
    if (m->temporary_error != 0)
        f->seen = xasprintf(_("a file of 1 MiB cannot be written in %s: %s"), m->temporary,
                            strerror(-m->temporary_error));
    else
        f->seen = xasprintf(_("%ld MiB are free in %s"), m->temporary_free, m->temporary);
    if (m->temporary_error == 0 || full_disk)
        remedy_add(f, _("Make room: df -h %s and df -i %s say what is used up"), m->temporary,
                   m->temporary);
    remedy_add(f, _("Or name another folder: TMPDIR=/var/tmp socklab grade ..."));
}

static void examine_processes(const struct doctor_facts *facts, struct doctor_report *r)
{
    struct doctor_finding *f = add_finding(r, "processes", _("Enough processes may be started"));
    long left = facts->machine.processes;

    if (left < 0 || left >= FEW_PROCESSES)
        return;
    set_missing(f, DOCTOR_LESS,
                _("Checks may end as the grader's trouble. --jobs 1 needs the fewest processes."),
                _("Grades may be incomplete: no student loses points by it."));
    f->seen = xasprintf(_("this user may start only %ld more (RLIMIT_NPROC)"), left);
    remedy_add(f, _("ulimit -u 4096, or, where that is refused, as root a line in "
                    "/etc/security/limits.conf: USER "
                    "- nproc 4096; then log in again"));
}

static void examine_six(const struct doctor_facts *facts, struct doctor_report *r)
{
    struct doctor_finding *f = add_finding(r, "ipv6", _("The loopback device has ::1"));

    if (facts->trial.six == 0)
        return;
    set_missing(f, DOCTOR_LESS, _("Checks of IPv6 are left out or end as the grader's trouble."),
                _("Labs 02 and 05 cannot be graded wholly here."));
    f->seen = xasprintf(_("a socket cannot be bound to ::1: %s"), strerror(-facts->trial.six));
    if (facts->trial.six == -EAFNOSUPPORT)
        remedy_add(f,
                   _("The kernel runs without IPv6: take ipv6.disable=1 off its command line (cat "
                     "/proc/cmdline) and restart"));
    else if (facts->trial.six == -EADDRNOTAVAIL && facts->machine.home == HOME_DOCKER &&
             !is_full(facts))
        remedy_add(f, _("Start the container with: docker run --sysctl "
                        "net.ipv6.conf.all.disable_ipv6=0 ..."));
    else if (facts->trial.six == -EADDRNOTAVAIL)
        remedy_add(
            f,
            _("sudo sysctl net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.default.disable_ipv6=0 "
              "net.ipv6.conf.lo.disable_ipv6=0"));
}

/* --- for doctor.c --------------------------------------------------------------------------- */

void doctor_examine(const struct doctor_facts *facts, struct doctor_report *report)
{
    memset(report, 0, sizeof *report);
    examine_program(facts, report);
    /* Without a room nothing of it is known. */
    if (facts->probe == 0 && facts->room == 0) {
        examine_trace(facts, report);
        for (enum doctor_compiler c = 0; c < DOCTOR_COMPILERS; c++)
            examine_compiler(facts, report, c);
    }
    for (size_t i = 0; i < sizeof walls / sizeof *walls; i++)
        examine_wall(&walls[i], facts, report);
    examine_temporary(facts, report);
    examine_processes(facts, report);
    if (facts->probe == 0 && facts->room == 0)
        examine_six(facts, report);
    for (size_t i = 0; i < report->findings; i++) {
        if (report->finding[i].state > report->state)
            report->state = report->finding[i].state;
    }
}

void doctor_free(struct doctor_report *report)
{
    for (size_t i = 0; i < report->findings; i++) {
        free(report->finding[i].seen);
        for (size_t k = 0; k < report->finding[i].remedies; k++)
            free(report->finding[i].remedy[k]);
    }
    memset(report, 0, sizeof *report);
}
