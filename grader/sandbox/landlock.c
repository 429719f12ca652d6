/**
 * @file landlock.c
 * The second wall around files: Landlock (landlock(7)), where the kernel has it.
 *
 * A run reads and executes beneath what the sandbox shows and writes beneath its /lab/work and /tmp
 * (the compiler beneath /lab/bin too), whatever the mounts allow. Linux 6.12 and later also keep its
 * signals and its abstract sockets to itself. Every version keeps it from tracing anything outside,
 * /proc/PID/mem of the grader included (landlock(7), "Ptrace restrictions").
 *
 * Without namespaces it is the only wall around files, and the run puts it up itself. In full the
 * mounts are the first wall, and Landlock must not come before them: whom it confines may not mount.
 * bubblewrap therefore executes a small static program, which puts it up and executes the program
 * (helper/confine.c). The ruleset is made before, in the room:
 * its rules are tied to directories and not to names, and what bubblewrap binds are the same
 * directories.
 *
 * In full one rule, for the root that was prepared, stands for all that is read: what leads out of
 * it, however a program gets there, is beneath no rule.
 */
#include "sandbox/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* struct landlock_ruleset_attr of Linux 6.12; older kernels take it when what they lack is 0. */
struct ruleset {
    uint64_t files;
    uint64_t ports; /* left alone: the sandbox's network is a loopback, or checks take free ports */
    uint64_t scopes;
};

/* Newer than the oldest headers that this is built with. */
#define NEW_ACCESS_REFER     (1ULL << 13) /* ABI 2, Linux 5.19 */
#define NEW_ACCESS_TRUNCATE  (1ULL << 14) /* ABI 3, Linux 6.2 */
#define NEW_ACCESS_IOCTL_DEV (1ULL << 15) /* ABI 5, Linux 6.10 */
#define NEW_SCOPE_ABSTRACT   (1ULL << 0)  /* ABI 6, Linux 6.12 */
#define NEW_SCOPE_SIGNAL     (1ULL << 1)

#define READS                                                                                      \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITES_FILES (LANDLOCK_ACCESS_FS_WRITE_FILE | NEW_ACCESS_TRUNCATE | NEW_ACCESS_IOCTL_DEV)
#define WRITES                                                                                     \
    (WRITES_FILES | NEW_ACCESS_REFER | LANDLOCK_ACCESS_FS_REMOVE_DIR |                             \
     LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |  \
     LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_SYM)
#define FILE_RIGHTS                                                                                \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | WRITES_FILES)
/* Handled, and allowed nowhere. */
#define NEVER (LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK)

static long ask_version(void)
{
    const char *refuse = getenv("SOCKLAB_TEST_REFUSE");
    long version;

    if (refuse && list_has(refuse, "landlock"))
        return -EPERM;
    version = syscall(SYS_landlock_create_ruleset, NULL, 0UL, LANDLOCK_CREATE_RULESET_VERSION);
    return version > 0 ? version : -errno;
}

/* Asked once in a process: the kernel does not change. */
static long version_here(void)
{
    static long version;

    if (version == 0)
        version = ask_version();
    return version;
}

bool landlock_is_here(void)
{
    return version_here() > 0;
}

const char *landlock_why_not(void)
{
    if (landlock_is_here())
        return NULL;
    if (version_here() == -ENOSYS)
        return _("this kernel has no Landlock (it came with Linux 5.13)");
    if (version_here() == -EOPNOTSUPP)
        return _("Landlock is switched off: add `landlock` to lsm= on the kernel's command line");
    return _("something around the grader, a container's filter perhaps, refuses Landlock's calls");
}

/* What this kernel can be asked to watch over. */
static uint64_t handled(long version)
{
    uint64_t files = READS | WRITES | NEVER;

    if (version < 2)
        files &= ~NEW_ACCESS_REFER; /* then nothing moves between directories at all */
    if (version < 3)
        files &= ~NEW_ACCESS_TRUNCATE;
    if (version < 5)
        files &= ~NEW_ACCESS_IOCTL_DEV;
    return files;
}

/* What is not there needs no rule; what is in nobody's way needs none either. */
static int allow(int ruleset, const char *path, uint64_t rights)
{
    struct landlock_path_beneath_attr rule = {
        .allowed_access = rights & handled(version_here()),
        .parent_fd = open(path, O_PATH | O_CLOEXEC),
    };
    int error = 0;

    if (rule.parent_fd < 0)
        return errno == ENOENT || errno == ENOTDIR || errno == EACCES ? 0 : -errno;
    if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
        error = -errno;
    /* Some rights are a directory's only, and this is none. */
    if (error == -EINVAL) {
        rule.allowed_access &= FILE_RIGHTS;
        error = 0;
        if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
            error = -errno;
    }
    close(rule.parent_fd);
    return error;
}

/* --- what each level shows ------------------------------------------------------------------ */

struct row {
    const char *path;
    uint64_t rights;
};

/* The host's, where nothing hides the rest: what programs and compilers need, and no /home. */
static const struct row host_rows[] = {
    {"/usr", READS},
    {"/bin", READS},
    {"/sbin", READS},
    {"/lib", READS},
    {"/lib32", READS},
    {"/lib64", READS},
    {"/libx32", READS},
    {"/etc", READS},
    {"/run/systemd/resolve", READS}, /* where /etc/resolv.conf may lead */
    {"/proc", READS},
    {"/dev/null", READS | WRITES_FILES},
    {"/dev/zero", READS | WRITES_FILES},
    {"/dev/full", READS | WRITES_FILES},
    {"/dev/tty", READS | WRITES_FILES},
    {"/dev/random", READS},
    {"/dev/urandom", READS},
    /* Its own: pthread_setname_np(3) writes there. The directory is this process's, which will be
     * the program; its children's are closed. */
    {"/proc/self", READS | WRITES_FILES},
};

/* Below the room's base; the kinds that see it. */
static const struct base_row {
    const char *path;
    uint64_t rights;
    unsigned kinds;
} base_rows[] = {
    {"bin", READS, 1 << SANDBOX_PROGRAM | 1 << SANDBOX_REFERENCE},
    {"reference", READS, 1 << SANDBOX_REFERENCE},
    {"src", READS, 1 << SANDBOX_COMPILER},
    {"kit", READS, 1 << SANDBOX_COMPILER},
    {"bin", READS | WRITES, 1 << SANDBOX_COMPILER},
    {"dev", READS | WRITES_FILES, ~0U},
};

static const char *const view_names[] = {
    [SANDBOX_PROGRAM] = "view/program",
    [SANDBOX_REFERENCE] = "view/reference",
    [SANDBOX_COMPILER] = "view/compiler",
};

static int allow_below(int ruleset, const char *directory, const char *name, uint64_t rights)
{
    char *path = xasprintf("%s/%s", directory, name);
    int error = allow(ruleset, path, rights);

    free(path);
    return error;
}

static int fill(int ruleset, const struct sandbox *sandbox, const struct sandbox_run *run)
{
    bool full = sandbox->level == SANDBOX_LEVEL_FULL;
    int error = 0;

    if (full)
        error = allow_below(ruleset, sandbox->base, view_names[run->kind], READS);
    for (size_t i = 0; !error && !full && i < sizeof host_rows / sizeof *host_rows; i++)
        error = allow(ruleset, host_rows[i].path, host_rows[i].rights);
    for (size_t i = 0; !error && i < sizeof base_rows / sizeof *base_rows; i++) {
        if (base_rows[i].kinds & 1U << run->kind)
            error = allow_below(ruleset, sandbox->base, base_rows[i].path, base_rows[i].rights);
    }
    if (!error)
        error = allow_below(ruleset, run->place, "work", READS | WRITES);
    if (!error)
        error = allow_below(ruleset, run->place, "tmp", READS | WRITES);
    return error;
}

int landlock_make(const struct sandbox *sandbox, const struct sandbox_run *run)
{
    struct ruleset wanted = {.files = handled(version_here())};
    int ruleset, error;

    if (version_here() >= 6)
        wanted.scopes = NEW_SCOPE_ABSTRACT | NEW_SCOPE_SIGNAL;
    ruleset = (int)syscall(SYS_landlock_create_ruleset, &wanted, sizeof wanted, 0);
    if (ruleset < 0)
        return -errno;
    error = fill(ruleset, sandbox, run);
    if (!error)
        return ruleset;
    close(ruleset);
    return error;
}

int landlock_confine(int ruleset)
{
    return syscall(SYS_landlock_restrict_self, ruleset, 0) == 0 ? 0 : -errno;
}

/* --- the helper ----------------------------------------------------------------------------- */

/* The program's bytes: the room sees no file of the grader's. */
__asm__(".pushsection .rodata\n"
        "landlock_helper_start: .incbin \"" SOCKLAB_CONFINE "\"\n"
        "landlock_helper_end: .byte 0\n"
        ".popsection\n");
extern const char landlock_helper_start[], landlock_helper_end[];

struct sandbox_file landlock_helper(void)
{
    return (struct sandbox_file){LANDLOCK_HELPER_PATH, landlock_helper_start,
                                 (size_t)(landlock_helper_end - landlock_helper_start), 0755};
}
