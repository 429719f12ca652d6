/**
 * @file
 * sandbox/: what a program finds inside and what it may not do. Each thing is tried with and
 * without namespaces, as whoever runs the tests and, when that is root, as an ordinary user too.
 */
#include "sandbox/internal.h"
#include "trial.h"
#include "unit.h"

#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

/* --- inside --------------------------------------------------------------------------------- */

static void test_identity(void)
{
    struct buf out = {0};

    EACH_USER(user) EACH_LEVEL(level)
    {
        struct trial t = {.level = level,
                          .user = user,
                          .words = {"probe", "id", "--", "signals", "--", "descriptors"}};
        if (!trial_has(level, user))
            continue;
        signal(SIGPIPE, SIG_IGN); /* as the grader has it */
        trial_pass(t, &out);
        signal(SIGPIPE, SIG_DFL);
        if (level == SANDBOX_LEVEL_FULL)
            ASSERT_LINE(&out, "uid: 1000");
        CU_ASSERT_PTR_NULL(strstr(buf_text(&out), "uid: 0\n"));
        ASSERT_LINE(&out, "CapEff:\t0000000000000000");
        ASSERT_LINE(&out, "CapPrm:\t0000000000000000");
        ASSERT_LINE(&out, "CapAmb:\t0000000000000000");
        if (level == SANDBOX_LEVEL_FULL)
            ASSERT_LINE(&out, "CapBnd:\t0000000000000000");
        ASSERT_LINE(&out, "NoNewPrivs:\t1");
        ASSERT_LINE(&out, "Seccomp:\t2");
        ASSERT_LINE(&out, "dumpable: 1");
        ASSERT_LINE(&out, "signals: 0 ignored, 0 blocked");
        ASSERT_LINE(&out, "descriptors: 0 1 2");
    }
    buf_free(&out);
}

static void test_limits(void)
{
    struct buf out = {0};

    EACH_LEVEL(level)
    {
        struct trial t = {.level = level, .words = {"probe", "limits"}};
        if (!trial_has(level, TRIAL_SELF))
            continue;
        t.run.limits = (struct sandbox_limits){.cpu_seconds = 3,
                                               .memory = 1 << 28,
                                               .descriptors = 64,
                                               .file_size = 12345,
                                               .processes = 77};
        trial_pass(t, &out);
        ASSERT_LINE(&out, "cpu: 3 3");
        ASSERT_LINE(&out, "data: 268435456 268435456");
        ASSERT_LINE(&out, "files: 64 64");
        ASSERT_LINE(&out, "fsize: 12345 12345");
        ASSERT_LINE(&out, "core: 0 0");
        if (level == SANDBOX_LEVEL_FULL)
            ASSERT_LINE(&out, "nproc: 77 77");
        t.run.limits = (struct sandbox_limits){.memory = SIZE_MAX};
        trial_pass(t, &out);
        ASSERT_LINE(&out, "data: -1 -1");
    }
    buf_free(&out);
}

static void test_extra_descriptors(void)
{
    struct buf out = {0};
    const int extra[] = {-1, -1, -1};

    EACH_LEVEL(level)
    {
        struct trial t = {.level = level, .words = {"probe", "descriptors"}};
        t.run.extra_fds = extra;
        t.run.extra_count = 3;
        if (!trial_has(level, TRIAL_SELF))
            continue;
        trial_pass(t, &out);
        ASSERT_LINE(&out, "descriptors: 0 1 2 3 4 5");
        /* What starts the program must not need more than the program may have. */
        t.run.limits.descriptors = 16;
        trial_pass(t, &out);
        ASSERT_LINE(&out, "descriptors: 0 1 2 3 4 5");
    }
    buf_free(&out);
}

static void test_files(void)
{
    struct buf out = {0};

    EACH_USER(user)
    {
        struct trial t = {.user = user,
                          .words = {"probe",       "write",     "/x",         "/usr/x",
                                    "/etc/x",      "/dev/x",    "/lab/bin/x", "/lab/x",
                                    "/lab/work/x", "/tmp/x",    "/dev/shm/y", "--",
                                    "see",         "/root",     "/home",      "/lab/reference",
                                    "/lab/src",    "/dev/null", "--",         "list",
                                    "/tmp"}};
        if (!trial_has(t.level, user))
            continue;
        trial_pass(t, &out);
        ASSERT_LINE(&out, "write /x: EROFS");
        ASSERT_LINE(&out, "write /usr/x: EROFS");
        ASSERT_LINE(&out, "write /etc/x: EROFS");
        ASSERT_LINE(&out, "write /dev/x: EROFS");
        ASSERT_LINE(&out, "write /lab/bin/x: EROFS");
        ASSERT_LINE(&out, "write /lab/x: EROFS");
        ASSERT_LINE(&out, "write /lab/work/x: ok");
        ASSERT_LINE(&out, "write /tmp/x: ok");
        ASSERT_LINE(&out, "write /dev/shm/y: ok");
        ASSERT_LINE(&out, "see /root: ENOENT");
        ASSERT_LINE(&out, "see /home: ENOENT");
        ASSERT_LINE(&out, "see /lab/reference: ENOENT");
        ASSERT_LINE(&out, "see /lab/src: ENOENT");
        ASSERT_LINE(&out, "see /dev/null: ok");
        ASSERT_LINE(&out, "entries /tmp: 2");
    }
    buf_free(&out);
}

static void test_reference(void)
{
    struct buf out = {0};
    struct trial t = {
        .words = {"probe", "see", "/lab/reference", "/lab/bin/sandbox_probe", "--", "size", "/tmp"},
        .run = {.kind = SANDBOX_REFERENCE}};

    if (!trial_has(t.level, t.user))
        return;
    trial_pass(t, &out);
    ASSERT_LINE(&out, "see /lab/reference: ok");
    ASSERT_LINE(&out, "see /lab/bin/sandbox_probe: ok");
    ASSERT_LINE(&out, "size /tmp: 201326592"); /* SANDBOX_PLACE_SIZE */
    buf_free(&out);
}

static void test_network(void)
{
    bool six = access("/proc/net/if_inet6", F_OK) == 0;
    struct buf out = {0};

    EACH_USER(user)
    {
        struct trial t = {.user = user,
                          .words = {"probe", "network", "--", "names", SANDBOX_HOST,
                                    SANDBOX_HOST_SIX, SANDBOX_HOST_MANY, SANDBOX_HOST_BOTH,
                                    SANDBOX_HOST_NONE, "localhost"}};
        if (!trial_has(t.level, user))
            continue;
        trial_pass(t, &out);
        ASSERT_LINE(&out, "interface: lo");
        CU_ASSERT_PTR_NULL(strstr(strstr(buf_text(&out), "interface:") + 1, "interface:"));
        ASSERT_LINE(&out, "outside: ENETUNREACH");
        ASSERT_LINE(&out, "loopback: ok");
        if (six)
            ASSERT_LINE(&out, "loopback6: ok");
        ASSERT_LINE(&out, "port 80: EACCES");
        ASSERT_LINE(&out, "lo: up");
        ASSERT_LINE(&out, "lo down: EPERM");
        ASSERT_LINE(&out, "hostname: EPERM");
        ASSERT_LINE(&out, "name server.lab: 127.0.0.1/4711");
        if (six)
            ASSERT_LINE(&out, "name six.lab: ::1/4711");
        ASSERT_LINE(&out, "name many.lab: 127.0.0.2/4711 127.0.0.3/4711 127.0.0.4/4711");
        if (six)
            ASSERT_LINE(&out, "name both.lab: ::1/4711 127.0.0.1/4711");
        ASSERT_LINE(&out, "name nobody.lab: Name or service not known");
        if (six)
            ASSERT_LINE(&out, "name localhost: ::1/4711 127.0.0.1/4711");
    }
    buf_free(&out);
}

/* --- refused -------------------------------------------------------------------------------- */

static const char *const refused_calls[] = {
    "ptrace: EPERM",
    "process_vm_readv: EPERM",
    "process_vm_writev: EPERM",
    "bpf: EPERM",
    "perf_event_open: EPERM",
    "io_uring_setup: ENOSYS",
    "io_setup: ENOSYS",
    "userfaultfd: EPERM",
    "memfd_secret: ENOSYS",
    "keyctl: EPERM",
    "add_key: EPERM",
    "mount: EPERM",
    "umount2: EPERM",
    "pivot_root: EPERM",
    "chroot: EPERM",
    "fsopen: EPERM",
    "unshare: EPERM",
    "setns: EPERM",
    "clone3: ENOSYS",
    "seccomp: EPERM",
    "open_by_handle_at: EPERM",
    "pidfd_getfd: EPERM",
    "kcmp: EPERM",
    "clock_settime: EPERM",
    "syslog: EPERM",
    "shmget: ENOSYS",
    "semget: ENOSYS",
    "msgget: ENOSYS",
    "mq_open: ENOSYS",
    "sethostname: EPERM",
    "setxattr: EOPNOTSUPP",
    "move_pages: ENOSYS",
    "fanotify_init: EPERM",
    "quotactl: EPERM",
    "kexec_load: EPERM",
    "finit_module: EPERM",
    "sync: ok",
    "a call that nobody decided about: ENOSYS",
    "a call of tomorrow: ENOSYS",
    "clone user: EPERM",
    "clone net: EPERM",
    "clone untraced: EPERM",
    "clone plain: ok",
    "prctl seccomp: EPERM",
    "prctl dumpable: ok",
    "still dumpable: 1",
    "prctl merge: EPERM",
    "prctl name: ok",
    "personality asked: ok",
    "personality set: EPERM",
    "ioctl TIOCSTI: EPERM",
    "ioctl TIOCSTI with rubbish above: EPERM",
    "ioctl TIOCSETD: EPERM",
    "int 0x80: shut",
    "x32: shut",
};

static void test_calls(void)
{
    struct buf out = {0};

    EACH_LEVEL(level)
    {
        struct trial t = {.level = level, .words = {"probe", "calls"}};
        if (!trial_has(level, TRIAL_SELF))
            continue;
        trial_pass(t, &out);
        for (size_t i = 0; i < sizeof refused_calls / sizeof *refused_calls; i++)
            ASSERT_LINE(&out, refused_calls[i]);
        t.run.leak_check = true;
        trial_pass(t, &out);
        ASSERT_LINE(&out, "ptrace: ESRCH");
        ASSERT_LINE(&out, "clone untraced: ok");
        ASSERT_LINE(&out, "process_vm_writev: EPERM");
    }
    buf_free(&out);
}

static void test_sockets(void)
{
    static const int trace[] = {SYS_socket, SYS_ptrace, SYS_socket};
    struct buf out = {0};

    EACH_LEVEL(level)
    {
        struct trial t = {.level = level, .words = {"probe", "sockets", "--", "calls"}};
        if (!trial_has(level, TRIAL_SELF))
            continue;
        trial_pass(t, &out);
        ASSERT_LINE(&out, "socket unix: ok");
        ASSERT_LINE(&out, "socket inet: ok");
        ASSERT_LINE(&out, "socket inet6: ok");
        ASSERT_LINE(&out, "socket route: ok");
        ASSERT_LINE(&out, "socket packet: EAFNOSUPPORT");
        ASSERT_LINE(&out, "socket vsock: EAFNOSUPPORT");
        ASSERT_LINE(&out, "socket alg: EAFNOSUPPORT");
        ASSERT_LINE(&out, "socket audit: EAFNOSUPPORT");
        ASSERT_LINE(&out, "socket raw: EPERM");
        ASSERT_LINE(&out, "socket old packet: EPERM");
        ASSERT_LINE(&out, "socket sctp: EPROTONOSUPPORT");
        ASSERT_LINE(&out, "socket dccp: EPROTONOSUPPORT");
        ASSERT_LINE(&out, "socketpair tipc: EAFNOSUPPORT");
        ASSERT_LINE(&out, "attach a filter: EPERM");
        /* What no kernel has: the kernel says so itself. */
        ASSERT_LINE(&out, "socket no type: EINVAL");
        ASSERT_LINE(&out, "socket no family: EAFNOSUPPORT");
        /* In several filters: what is denied stays denied, the rest asks a tracer, and there is none:
         * ENOSYS. */
        t.run.trace = trace;
        t.run.trace_count = sizeof trace / sizeof *trace;
        trial_pass(t, &out);
        ASSERT_LINE(&out, "socket inet: ENOSYS");
        ASSERT_LINE(&out, "socket packet: EAFNOSUPPORT");
        ASSERT_LINE(&out, "socket raw: EPERM");
        ASSERT_LINE(&out, "ptrace: EPERM");
        ASSERT_LINE(&out, "chroot: EPERM");
    }
    buf_free(&out);
}

/* --- Landlock ------------------------------------------------------------------------------- */

static bool has_landlock(void)
{
    if (!landlock_is_here())
        unit_skip(landlock_why_not());
    return landlock_is_here();
}

/* Without namespaces it is the only wall around files, and around whoever started the run. */
static void test_landlock_alone(void)
{
    struct buf out = {0};

    if (!has_landlock())
        return;
    EACH_USER(user)
    {
        struct trial t = {.level = SANDBOX_LEVEL_PARTIAL,
                          .user = user,
                          .words = {"probe", "read", "/etc/passwd", "/usr", "/proc/self/status",
                                    "/lab/bin/sandbox_probe", "/lab/src", "/lab/reference", "/tmp",
                                    "/home", "/", "--", "write", "/lab/work/x", "/lab/bin/x",
                                    "/lab/x", "/tmp/sandbox_probe", "--", "upwards"}};
        char line[128], base[64] = "";

        trial_pass(t, &out);
        sscanf(buf_text(&out), "%63s", base);
        ASSERT_LINE(&out, "read /etc/passwd: ok");
        ASSERT_LINE(&out, "read /usr: ok");
        ASSERT_LINE(&out, "read /proc/self/status: ok");
        CU_ASSERT_PTR_NOT_NULL(strstr(buf_text(&out), "/bin/sandbox_probe: ok\n"));
        /* The source, the reference programs, other submissions' folders, everything else. */
        snprintf(line, sizeof line, "read %s/src: EACCES", base);
        ASSERT_LINE(&out, line);
        snprintf(line, sizeof line, "read %s/reference: EACCES", base);
        ASSERT_LINE(&out, line);
        ASSERT_LINE(&out, "read /tmp: EACCES");
        ASSERT_LINE(&out, "read /home: EACCES");
        ASSERT_LINE(&out, "read /: EACCES");
        CU_ASSERT_PTR_NOT_NULL(strstr(buf_text(&out), "/work/x: ok\n"));
        snprintf(line, sizeof line, "write %s/bin/x: EACCES", base);
        ASSERT_LINE(&out, line);
        snprintf(line, sizeof line, "write %s/x: EACCES", base);
        ASSERT_LINE(&out, line);
        ASSERT_LINE(&out, "write /tmp/sandbox_probe: EACCES");
        CU_ASSERT_PTR_NULL(strstr(buf_text(&out), "upwards: ok"));
    }
    buf_free(&out);
}

/* In the room: the first wall has a hole, and everything beneath the programs' root can be written
 * to. */
static int open_a_hole(const struct sandbox *sandbox, int out)
{
    char *words[] = {(char *)"probe",       (char *)"write", (char *)"/x", (char *)"/lab/x",
                     (char *)"/lab/work/x", (char *)"/tmp/x", (char *)"--",
                     (char *)"descriptors", NULL};
    struct sandbox_run run = {.kind = SANDBOX_PROGRAM};
    char view[SANDBOX_PATH_MAX];

    snprintf(view, sizeof view, "%s/view/program", sandbox->base);
    if (mount("none", view, NULL, MS_BIND | MS_REMOUNT | MS_NOSUID | MS_NODEV, NULL) != 0)
        return 10;
    return trial_run(sandbox, &run, words, out);
}

static void test_landlock_behind_mounts(void)
{
    struct buf out = {0};

    if (!has_landlock())
        return;
    EACH_USER(user)
    {
        if (!trial_has(SANDBOX_LEVEL_FULL, user))
            continue;
        trial_pass((struct trial){.user = user, .act = open_a_hole}, &out);
        ASSERT_LINE(&out, "write /x: EACCES");
        ASSERT_LINE(&out, "write /lab/x: EACCES");
        ASSERT_LINE(&out, "write /lab/work/x: ok");
        ASSERT_LINE(&out, "write /tmp/x: ok");
        ASSERT_LINE(&out, "descriptors: 0 1 2");
    }
    buf_free(&out);
}

/* --- the compiler, files -------------------------------------------------------------------- */

static const char hello_source[] =
    "#include <stdio.h>\n#include \"kit.h\"\nint main(void) { puts(KIT); return 7; }\n";
static const char kit_source[] = "#define KIT \"compiled\"\n";

static int compile_and_run(const struct sandbox *sandbox, int out)
{
    char *compile[] = {(char *)"/usr/bin/gcc",   (char *)"-I/lab/kit", (char *)"-o",
                       (char *)"/lab/bin/hello", (char *)"./hello.c",  NULL};
    char *clang[] = {(char *)"/usr/bin/clang", (char *)"-I/lab/kit", (char *)"-o",
                     (char *)"/lab/bin/hello", (char *)"./hello.c",  NULL};
    char *hello[] = {(char *)"/lab/bin/hello", NULL};
    struct sandbox_run compiler = {.kind = SANDBOX_COMPILER}, program = {.kind = SANDBOX_PROGRAM};

    if (trial_run(sandbox, &compiler, compile, out) != 0)
        return 10;
    if (trial_run(sandbox, &program, hello, out) != 7)
        return 11;
    if (access("/usr/bin/clang", X_OK) == 0 && trial_run(sandbox, &compiler, clang, out) != 0)
        return 12;
    return trial_run(sandbox, &program, hello, out) == 7 ? 0 : 13;
}

static void test_compiler(void)
{
    const struct sandbox_file files[] = {
        {"src/hello.c", hello_source, sizeof hello_source - 1, 0644},
        {"kit/kit.h", kit_source, sizeof kit_source - 1, 0644}};
    struct buf out = {0};

    EACH_USER(user) EACH_LEVEL(level)
    {
        if (!trial_has(level, user))
            continue;
        trial_pass((struct trial){.level = level,
                                  .user = user,
                                  .files = files,
                                  .file_count = 2,
                                  .act = compile_and_run},
                   &out);
        ASSERT_LINE(&out, "compiled");
    }
    buf_free(&out);
}

static const char leak_source[] = "#include <stdlib.h>\n"
                                  "char *volatile kept;\n"
                                  "int main(void) { kept = malloc(99); kept = 0; return 0; }\n";

/* In the room: sanitizers find what they are there for. */
static int sanitize(const struct sandbox *sandbox, int out)
{
    char *compile[] = {(char *)"/usr/bin/gcc",  (char *)"-fsanitize=address", (char *)"-o",
                       (char *)"/lab/bin/leak", (char *)"./leak.c",           NULL};
    char *thread[] = {(char *)"/usr/bin/gcc",    (char *)"-fsanitize=thread", (char *)"-o",
                      (char *)"/lab/bin/thread", (char *)"./leak.c",          NULL};
    char *leak[] = {(char *)"/lab/bin/leak", NULL},
         *run_thread[] = {(char *)"/lab/bin/thread", NULL};
    struct sandbox_run compiler = {.kind = SANDBOX_COMPILER};
    struct sandbox_run program = {.leak_check = true, .limits = {.memory = SIZE_MAX}};

    if (trial_run(sandbox, &compiler, compile, out) != 0 ||
        trial_run(sandbox, &compiler, thread, out) != 0)
        return 10;
    if (trial_run(sandbox, &program, leak, out) != 1) /* a leak was found */
        return 11;
    program.leak_check = false;
    program.same_addresses = true;
    return trial_run(sandbox, &program, run_thread, out) == 0 ? 0 : 12;
}

static void test_sanitizers(void)
{
    const struct sandbox_file file = {"src/leak.c", leak_source, sizeof leak_source - 1, 0644};
    struct buf out = {0};

    EACH_LEVEL(level)
    {
        if (!trial_has(level, TRIAL_SELF))
            continue;
        trial_pass((struct trial){.level = level, .files = &file, .file_count = 1, .act = sanitize},
                   &out);
        CU_ASSERT_PTR_NOT_NULL(strstr(buf_text(&out), "99 byte(s) leaked in 1 allocation(s)"));
    }
    buf_free(&out);
}

static void test_bad_path(void)
{
    static const char *const paths[] = {"../x", "/etc/x", "src/../../x"};
    struct buf out = {0};

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct sandbox_file file = {paths[i], "x", 1, 0644};
        struct trial t = {.level = SANDBOX_LEVEL_PARTIAL,
                          .words = {"/bin/true"},
                          .files = &file,
                          .file_count = 1};
        CU_ASSERT_EQUAL(trial_play(&t, &out), STATUS_TROUBLE);
        CU_ASSERT_PTR_NOT_NULL(
            strstr(buf_text(&out), "writing a file into the room: Invalid argument"));
    }
    buf_free(&out);
}

void suite_sandbox(void)
{
    unit_test("a program is nobody: no uid 0, no capability, nothing inherited", test_identity);
    unit_test("limits are the run's", test_limits);
    unit_test("extra descriptors follow the first three", test_extra_descriptors);
    unit_test("only /lab/work and /tmp can be written", test_files);
    unit_test("reference programs are seen by reference programs only", test_reference);
    unit_test("the network is a loopback with the lab's names", test_network);
    unit_test("denied calls are denied", test_calls);
    unit_test("denied sockets are denied, whether traced or not", test_sockets);
    unit_test("without namespaces Landlock shuts off files and the grader", test_landlock_alone);
    unit_test("behind a hole in the mounts Landlock stands", test_landlock_behind_mounts);
    unit_test("compilers compile, and what they made runs", test_compiler);
    unit_test("sanitizers work", test_sanitizers);
    unit_test("a file's name cannot climb out of the room", test_bad_path);
}
