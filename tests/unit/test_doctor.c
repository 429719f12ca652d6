/**
 * @file
 * The doctor's findings: a function of facts, so that a test can be any machine. What the probes see on a
 * real one is tests/doctor.sh's business.
 */
#include "doctor/doctor.h"
#include "unit.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static struct sandbox_protection rows[SANDBOX_PROTECTIONS];

/* A Debian machine on which nothing is missing. */
static struct doctor_facts make_facts(void)
{
    static const char *const ids[SANDBOX_PROTECTIONS] = {
        "user-namespace", "pid-namespace", "mount-namespace", "network-namespace", "ipc-namespace",
        "uts-namespace",  "seccomp",       "landlock",        "cgroup-memory",     "cgroup-pids",
        "rlimits",        "tmpfs-limit",   "no-new-privs",    "unprivileged-user",
    };
    struct doctor_facts facts = {
        .machine = {.systemd = true,
                    .apt = true,
                    .release = "6.1.0-18-amd64",
                    .version = {6, 1},
                    .system = "Debian GNU/Linux 12 (bookworm)",
                    .bubblewrap = true,
                    .profile = "unconfined",
                    .groups = GROUPS_WRITABLE,
                    .unified = true,
                    .userns_clone = 1,
                    .apparmor = -1,
                    .yama = 0,
                    .landlock = 2,
                    .processes = 5000,
                    .temporary = "/tmp",
                    .temporary_free = 9000},
        .word = "full",
        .protection = rows,
        .self = "/opt/socklab/bin/socklab",
        .trial = {.present = {true, true}},
    };

    for (size_t i = 0; i < SANDBOX_PROTECTIONS; i++)
        rows[i] = (struct sandbox_protection){.id = ids[i], .on = true};
    for (size_t c = 0; c < DOCTOR_COMPILERS; c++)
        for (size_t b = 0; b < DOCTOR_BUILDS; b++)
            facts.trial.made[c][b] = (struct doctor_made){.made = true, .ran = true, .words = "ok"};
    return facts;
}

static void switch_off(enum sandbox_protection_name name, const char *reason)
{
    rows[name].on = false;
    snprintf(rows[name].reason, sizeof rows[name].reason, "%s", reason);
}

/* What a kernel that refuses user namespaces leaves. */
static void switch_off_namespaces(struct doctor_facts *facts)
{
    static const enum sandbox_protection_name names[] = {
        SANDBOX_USER_NAMESPACE,    SANDBOX_PID_NAMESPACE, SANDBOX_MOUNT_NAMESPACE,
        SANDBOX_NETWORK_NAMESPACE, SANDBOX_IPC_NAMESPACE, SANDBOX_UTS_NAMESPACE,
        SANDBOX_TMPFS_LIMIT,
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        switch_off(names[i], "user namespace: the kernel refuses (Operation not permitted)");
    facts->word = "partial";
}

static const struct doctor_finding *find(const struct doctor_report *r, const char *id)
{
    for (size_t i = 0; i < r->findings; i++) {
        if (strcmp(r->finding[i].id, id) == 0)
            return &r->finding[i];
    }
    return NULL;
}

/* Whether a remedy of this finding has these words. */
static bool is_advised(const struct doctor_finding *f, const char *words)
{
    for (size_t i = 0; f && i < f->remedies; i++) {
        if (strstr(f->remedy[i], words))
            return true;
    }
    return false;
}

/* A machine, the finding that must not be fine, what must be advised and what must not. */
struct expected {
    const char *id;
    enum doctor_state state;
    const char *advised[3];
    const char *not_advised[6];
};

static void expect(const struct doctor_facts *facts, const struct expected *e)
{
    struct doctor_report report;
    struct buf text = {0};

    doctor_examine(facts, &report);
    const struct doctor_finding *f = find(&report, e->id);
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    CU_ASSERT_EQUAL(f->state, e->state);
    CU_ASSERT_TRUE(report.state >= e->state);
    CU_ASSERT_TRUE(f->seen && f->student && f->instructor);
    for (size_t i = 0; i < 3 && e->advised[i]; i++) {
        CU_ASSERT_TRUE(is_advised(f, e->advised[i]));
        if (!is_advised(f, e->advised[i]))
            printf("# %s: not advised: %s\n", e->id, e->advised[i]);
    }
    for (size_t i = 0; i < 6 && e->not_advised[i]; i++) {
        CU_ASSERT_FALSE(is_advised(f, e->not_advised[i]));
        if (is_advised(f, e->not_advised[i]))
            printf("# %s: advised: %s\n", e->id, e->not_advised[i]);
    }
    /* All of it is told. */
    doctor_show_text(&text, facts, &report);
    for (size_t i = 0; i < f->remedies; i++) {
        char *word = xstrndup(f->remedy[i], strcspn(f->remedy[i], " \n"));
        CU_ASSERT_PTR_NOT_NULL(strstr(buf_text(&text), word));
        free(word);
    }
    buf_free(&text);
    doctor_free(&report);
}

static void test_fine(void)
{
    struct doctor_facts facts = make_facts();
    struct doctor_report report;

    doctor_examine(&facts, &report);
    CU_ASSERT_EQUAL(report.state, DOCTOR_FINE);
    CU_ASSERT_TRUE(report.findings >= 12);
    for (size_t i = 0; i < report.findings; i++) {
        CU_ASSERT_EQUAL(report.finding[i].state, DOCTOR_FINE);
        CU_ASSERT_EQUAL(report.finding[i].remedies, 0);
    }
    doctor_free(&report);
}

static void test_namespaces(void)
{
    struct doctor_facts facts = make_facts();

    /* Ubuntu 24.04, an ordinary user. */
    switch_off_namespaces(&facts);
    facts.machine.apparmor = 1;
    expect(&facts,
           &(struct expected){"namespaces",
                              DOCTOR_LESS,
                              {"profile socklab /opt/socklab/bin/socklab flags=(unconfined)",
                               "kernel.apparmor_restrict_unprivileged_userns=0"},
                              {"docker", "unprivileged_userns_clone", "wsl", "max_user"}});
    /* The same machine's root is not held to it: that is not the reason. */
    facts.machine.root = true;
    expect(&facts, &(struct expected){
                       "namespaces", DOCTOR_LESS, {"CONFIG_"}, {"apparmor", "docker", "wsl"}});

    facts = make_facts();
    switch_off_namespaces(&facts);
    facts.machine.userns_clone = 0;
    expect(&facts, &(struct expected){"namespaces",
                                      DOCTOR_LESS,
                                      {"sudo sysctl kernel.unprivileged_userns_clone=1"},
                                      {"apparmor", "docker", "CONFIG_"}});
    facts = make_facts();
    switch_off_namespaces(&facts);
    facts.machine.closed = "user.max_user_namespaces";
    expect(&facts, &(struct expected){"namespaces",
                                      DOCTOR_LESS,
                                      {"sudo sysctl user.max_user_namespaces="},
                                      {"userns_clone", "docker", "CONFIG_"}});
    facts = make_facts();
    switch_off_namespaces(&facts);
    facts.machine.bubblewrap = false;
    expect(&facts, &(struct expected){"namespaces",
                                      DOCTOR_LESS,
                                      {"sudo apt-get install bubblewrap"},
                                      {"sysctl", "docker", "CONFIG_"}});
    facts.machine.apt = false;
    expect(&facts,
           &(struct expected){"namespaces", DOCTOR_LESS, {"Install bubblewrap"}, {"apt-get"}});
}

static void test_containers(void)
{
    struct doctor_facts facts = make_facts();

    switch_off_namespaces(&facts);
    facts.machine.home = HOME_DOCKER;
    facts.machine.root = true;
    facts.machine.filtered = true;
    facts.machine.proc_covered = true;
    snprintf(facts.machine.profile, sizeof facts.machine.profile, "docker-default (enforce)");
    expect(&facts,
           &(struct expected){"namespaces",
                              DOCTOR_LESS,
                              {"docker run --security-opt seccomp=unconfined --security-opt "
                               "apparmor=unconfined --security-opt systempaths=unconfined",
                               "docker run --privileged"},
                              {"podman", "sysctl", "wsl"}});
    /* Each option answers something seen. */
    snprintf(facts.machine.profile, sizeof facts.machine.profile, "unconfined");
    facts.machine.proc_covered = false;
    expect(&facts, &(struct expected){"namespaces",
                                      DOCTOR_LESS,
                                      {"docker run --security-opt seccomp=unconfined ..."},
                                      {"apparmor=unconfined", "systempaths"}});
    facts.machine.home = HOME_PODMAN;
    facts.machine.proc_covered = true;
    expect(&facts,
           &(struct expected){"namespaces",
                              DOCTOR_LESS,
                              {"podman run --security-opt seccomp=unconfined --security-opt "
                               "unmask=ALL"},
                              {"docker", "systempaths"}});
    /* A container cannot change its host's settings. */
    facts.machine.closed = "user.max_net_namespaces";
    expect(&facts,
           &(struct expected){
               "namespaces",
               DOCTOR_LESS,
               {"On the machine outside the container: sudo sysctl user.max_net_namespaces="},
               {"wsl"}});
}

static void test_wsl(void)
{
    struct doctor_facts facts = make_facts();

    facts.machine.home = HOME_WSL2;
    facts.machine.systemd = false;
    switch_off(SANDBOX_CGROUP_MEMORY, "this user may not make control groups here");
    switch_off(SANDBOX_CGROUP_PIDS, "this user may not make control groups here");
    expect(&facts, &(struct expected){"control-groups",
                                      DOCTOR_LESS,
                                      {"/etc/wsl.conf", "wsl --shutdown"},
                                      {"docker", "systemd-run"}});
    facts.machine.landlock = -ENOSYS;
    facts.machine.version[0] = 5;
    facts.machine.version[1] = 10;
    switch_off(SANDBOX_LANDLOCK, "the kernel has none");
    expect(&facts, &(struct expected){"landlock", DOCTOR_LESS, {"5.13", "wsl --update"}, {"lsm="}});
    switch_off_namespaces(&facts);
    facts.machine.home = HOME_WSL1;
    expect(&facts, &(struct expected){
                       "namespaces", DOCTOR_LESS, {"wsl --set-version"}, {"CONFIG_", "docker"}});
}

static void test_landlock(void)
{
    struct doctor_facts facts = make_facts();

    switch_off(SANDBOX_LANDLOCK, "no");
    facts.machine.landlock = -EOPNOTSUPP;
    expect(&facts, &(struct expected){
                       "landlock", DOCTOR_LESS, {"lsm=landlock"}, {"5.13", "CONFIG_", "docker"}});
    facts.machine.landlock = -ENOSYS;
    expect(&facts, &(struct expected){
                       "landlock", DOCTOR_LESS, {"CONFIG_SECURITY_LANDLOCK"}, {"lsm=", "5.13"}});
    facts.machine.version[0] = 4;
    facts.machine.version[1] = 19;
    expect(&facts,
           &(struct expected){"landlock", DOCTOR_LESS, {"5.13"}, {"lsm=", "wsl", "CONFIG_"}});
}

static void test_groups(void)
{
    struct doctor_facts facts = make_facts();

    switch_off(SANDBOX_CGROUP_PIDS, "other processes share the grader's control group");
    expect(&facts, &(struct expected){"control-groups",
                                      DOCTOR_LESS,
                                      {"systemd-run --user --scope -p Delegate=yes"},
                                      {"docker", "unified_cgroup_hierarchy", "wsl"}});
    facts.machine.root = true;
    facts.machine.unified = false;
    expect(&facts, &(struct expected){"control-groups",
                                      DOCTOR_LESS,
                                      {"systemd-run --scope", "systemd.unified_cgroup_hierarchy=1"},
                                      {"--user"}});
    facts.machine.systemd = false;
    expect(&facts, &(struct expected){
                       "control-groups", DOCTOR_LESS, {"No systemd"}, {"systemd-run", "docker"}});
    facts.machine.home = HOME_DOCKER;
    facts.machine.groups = GROUPS_READ_ONLY;
    expect(&facts, &(struct expected){
                       "control-groups",
                       DOCTOR_LESS,
                       {"--cgroupns=private --security-opt writable-cgroups=true", "--privileged"},
                       {"podman", "systemd-run"}});
    facts.machine.home = HOME_PODMAN;
    expect(&facts, &(struct expected){
                       "control-groups", DOCTOR_LESS, {"unmask=/sys/fs/cgroup"}, {"docker"}});
}

static void test_tracing(void)
{
    struct doctor_facts facts = make_facts();

    facts.trial.trace = -EPERM;
    facts.machine.yama = 2;
    expect(&facts,
           &(struct expected){
               "tracing", DOCTOR_BROKEN, {"ptrace_scope=1"}, {"restart", "docker", "strace"}});
    facts.machine.yama = 3;
    expect(&facts, &(struct expected){"tracing", DOCTOR_BROKEN, {"restart"}, {"ptrace_scope=1"}});
    facts.machine.yama = 1;
    facts.machine.traced = true;
    expect(&facts, &(struct expected){"tracing", DOCTOR_BROKEN, {"strace -f"}, {"sysctl"}});
    facts.machine.traced = false;
    facts.machine.home = HOME_DOCKER;
    facts.machine.filtered = true;
    expect(&facts,
           &(struct expected){"tracing", DOCTOR_BROKEN, {"--cap-add SYS_PTRACE"}, {"sysctl"}});
    /* A setting alone is no illness: it worked. */
    facts.trial.trace = 0;
    facts.machine.yama = 2;
    struct doctor_report report;
    doctor_examine(&facts, &report);
    CU_ASSERT_EQUAL(report.state, DOCTOR_FINE);
    doctor_free(&report);
}

static void test_compilers(void)
{
    struct doctor_facts facts = make_facts();
    struct doctor_report report;

    /* Nobody needs clang. */
    facts.trial.present[DOCTOR_CLANG] = false;
    doctor_examine(&facts, &report);
    CU_ASSERT_EQUAL(report.state, DOCTOR_FINE);
    CU_ASSERT_PTR_NULL(find(&report, "clang"));
    doctor_free(&report);
    facts.trial.present[DOCTOR_GCC] = false;
    expect(&facts, &(struct expected){"gcc", DOCTOR_BROKEN, {"apt-get install gcc"}, {"clang-"}});
    facts.trial.present[DOCTOR_CLANG] = true;
    expect(&facts, &(struct expected){"gcc", DOCTOR_LESS, {"apt-get install gcc"}, {"clang-"}});

    facts = make_facts();
    facts.trial.made[DOCTOR_CLANG][DOCTOR_ADDRESS] =
        (struct doctor_made){.words = "/usr/bin/ld: cannot find libclang_rt.asan-x86_64.a"};
    expect(&facts,
           &(struct expected){"clang", DOCTOR_LESS, {"libclang-rt-VERSION-dev"}, {"libc6-dev"}});
    facts = make_facts();
    facts.trial.present[DOCTOR_CLANG] = false;
    facts.trial.made[DOCTOR_GCC][DOCTOR_PLAIN] = (struct doctor_made){
        .words = "trial.c:1:10: fatal error: stdio.h: No such file or directory"};
    expect(&facts, &(struct expected){"gcc", DOCTOR_BROKEN, {"libc6-dev"}, {"mmap_rnd_bits"}});
    facts.trial.made[DOCTOR_GCC][DOCTOR_PLAIN].ran = true;
    facts.trial.made[DOCTOR_GCC][DOCTOR_THREAD] = (struct doctor_made){
        .made = true, .words = "FATAL: ThreadSanitizer: unexpected memory mapping 0x7\033[2J"};
    expect(&facts, &(struct expected){"gcc", DOCTOR_BROKEN, {"vm.mmap_rnd_bits=28"}, {"apt-get"}});
}

static void test_room_to_work(void)
{
    struct doctor_facts facts = make_facts();

    facts.machine.processes = 40;
    expect(&facts, &(struct expected){"processes", DOCTOR_LESS, {"ulimit -u"}, {"df -h"}});
    facts.machine.temporary_error = -ENOSPC;
    expect(&facts, &(struct expected){
                       "temporary-files", DOCTOR_LESS, {"df -h /tmp", "TMPDIR="}, {"ulimit"}});
    facts.machine.temporary_error = -EROFS;
    expect(&facts, &(struct expected){"temporary-files", DOCTOR_LESS, {"TMPDIR="}, {"df -h"}});
    facts.trial.six = -EADDRNOTAVAIL;
    expect(&facts, &(struct expected){
                       "ipv6", DOCTOR_LESS, {"lo.disable_ipv6=0"}, {"ipv6.disable=1", "docker"}});
    facts.trial.six = -EAFNOSUPPORT;
    expect(&facts, &(struct expected){"ipv6", DOCTOR_LESS, {"ipv6.disable=1"}, {"disable_ipv6=0"}});
    facts.word = "partial";
    facts.machine.home = HOME_DOCKER;
    facts.trial.six = -EADDRNOTAVAIL;
    expect(&facts,
           &(struct expected){"ipv6", DOCTOR_LESS, {"docker run --sysctl net.ipv6"}, {"sudo"}});
}

/* Nothing works: what could not be tried is not judged. */
static void test_no_sandbox(void)
{
    struct doctor_facts facts = make_facts();
    struct doctor_report report;

    switch_off_namespaces(&facts);
    facts.probe = -ENOTSUP;
    facts.last_words = "not even a sandbox without namespaces works here: fork: again";
    memset(&facts.trial, 0, sizeof facts.trial);
    expect(&facts, &(struct expected){"program", DOCTOR_BROKEN, {NULL}, {NULL}});
    doctor_examine(&facts, &report);
    CU_ASSERT_PTR_NULL(find(&report, "gcc"));
    CU_ASSERT_PTR_NULL(find(&report, "tracing"));
    doctor_free(&report);
}

static void test_json(void)
{
    struct doctor_facts facts = make_facts();
    struct doctor_report report;
    struct buf out = {0};

    switch_off(SANDBOX_LANDLOCK, "odd \xff\033[2J");
    doctor_examine(&facts, &report);
    doctor_show_json(&out, &facts, &report);
    json_t *root = json_loads(buf_text(&out), JSON_REJECT_DUPLICATES, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(root);
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(root, "state")), "less");
    CU_ASSERT_TRUE(
        json_is_false(json_object_get(json_object_get(root, "protections"), "landlock")));
    CU_ASSERT_TRUE(json_is_true(json_object_get(json_object_get(root, "protections"), "seccomp")));
    CU_ASSERT_STRING_EQUAL(
        json_string_value(json_object_get(json_object_get(root, "unprotected"), "landlock")),
        "odd \\xff\\x1b[2J");
    CU_ASSERT_EQUAL(json_array_size(json_object_get(root, "findings")), report.findings);
    json_decref(root);
    buf_free(&out);
    doctor_free(&report);
}

void suite_doctor(void)
{
    unit_test("a machine that has everything needs nothing", test_fine);
    unit_test("namespaces: Debian, Ubuntu, bubblewrap", test_namespaces);
    unit_test("namespaces: Docker and Podman, only what was seen", test_containers);
    unit_test("WSL: systemd, the kernel, the first generation", test_wsl);
    unit_test("Landlock: switched off, not built, too old", test_landlock);
    unit_test("control groups: delegation, containers", test_groups);
    unit_test("tracing: Yama, another tracer, a container", test_tracing);
    unit_test("compilers and their sanitizers", test_compilers);
    unit_test("processes, temporary files, ::1", test_room_to_work);
    unit_test("without any sandbox only that is said", test_no_sandbox);
    unit_test("JSON", test_json);
}
