/**
 * @file sandbox.h
 * Where strangers' programs run. Knows nothing of labs, tracers or checks.
 *
 *   probe.c   what this machine gives: chosen once at the start, never lowered later
 *   room.c    the room of one submission: user, mount, pid, network, ipc and uts namespaces, `lo`
 *             up, a size-limited tmpfs, its own /etc; PID 1 of the room is the process that forks checkers
 *   run.c     one program in the room: bubblewrap with a pid namespace of its own, limits, filter
 *   filter.c  the seccomp filter: deny list and trace list in one
 *
 * Full:    room namespaces + bubblewrap for each run. Partial (auto where the kernel or the
 *          container refuses) and off: no namespaces, no bubblewrap; still an unprivileged user when
 *          root, no_new_privs, filter, limits, a process group, a private directory. Ports are
 *          then the host's, so callers pick free ones.
 *
 * Credentials: as root the room is entered with an unprivileged host uid of its own
 * (SANDBOX_UID_FIRST + slot, mapped 0 -> that uid in the room's user namespace); as an ordinary
 * user 0 -> the user. Inside bubblewrap the program sees uid 1000 and has no capability over the room.
 */
#ifndef SOCKLAB_SANDBOX_H
#define SOCKLAB_SANDBOX_H

#include "core/core.h"

enum sandbox_mode { SANDBOX_AUTO, SANDBOX_REQUIRE, SANDBOX_OFF };
enum sandbox_level { SANDBOX_LEVEL_FULL, SANDBOX_LEVEL_PARTIAL, SANDBOX_LEVEL_OFF };

enum { SANDBOX_MISSING_MAX = 8 };

/** What the machine gives; filled by sandbox_probe. */
struct sandbox_support {
    enum sandbox_level level;
    const char *word; /**< "full", "partial", "off" */
    char *missing[SANDBOX_MISSING_MAX]; /**< what is missing, in words with the reason; owned */
    size_t missing_count;
};

/**
 * Tries, in a child, everything that a full sandbox needs (namespaces, lo, tmpfs, proc, bwrap
 * running /bin/true with a filter). Blocks for a few ms. 0; -EPERM when @p mode is REQUIRE and
 * something is missing (support->missing says what). Never leaves anything behind.
 */
int sandbox_probe(enum sandbox_mode mode, struct sandbox_support *support);
void sandbox_support_free(struct sandbox_support *support);

/**
 * The room of one submission. Made by the grader, used in the room's process and the checkers
 * forked from it. All paths are as seen from there.
 */
struct sandbox {
    enum sandbox_level level;
    char base[64];   /**< "/tmp" (the room's tmpfs) or a mkdtemp directory */
    bool own_base;   /**< base must be removed by sandbox_leave() (no tmpfs) */
    uid_t host_uid;  /**< whom the programs run as on the host */
    gid_t host_gid;
    int runs;        /**< private directories made so far */
};

/** A file to be put into the room before it is entered: bytes, since the room sees no host path. */
struct sandbox_file {
    const char *path; /**< below base: "src/hello_server.c", "reference/hello_client" */
    const void *bytes;
    size_t size;
    mode_t mode;
};

/**
 * Forks the room: in the child returns 0 with *room = its pid 0 and @p sandbox ready (lo up,
 * base/{src,bin,run,etc,report} there, the files written, credentials dropped); in the parent
 * returns 0 with *room = the child's pid (PID 1 of the room where there is a pid namespace; when
 * it ends, everything in it ends). Negative: -errno, no child. A child that cannot build the room
 * exits with STATUS_TROUBLE after one line on @p trouble_fd. The room dies with the grader
 * (PR_SET_PDEATHSIG). @p keep_fds: descriptors that the child keeps besides 0..2 and trouble_fd; all others are closed.
 */
int sandbox_enter(const struct sandbox_support *support, struct sandbox *sandbox, pid_t *room,
                  const struct sandbox_file *files, size_t file_count, const int *keep_fds,
                  size_t keep_count, int trouble_fd);
/** In the grader after the room has ended (also after a failure): removes base where it is not a tmpfs. */
void sandbox_leave(struct sandbox *sandbox);

/** Limits of one run; 0 means the default in run.c. */
struct sandbox_limits {
    unsigned cpu_seconds;   /**< RLIMIT_CPU */
    size_t memory;          /**< RLIMIT_AS bytes; SIZE_MAX: none (sanitizers reserve terabytes) */
    unsigned descriptors;   /**< RLIMIT_NOFILE, soft and hard */
    size_t file_size;       /**< RLIMIT_FSIZE bytes */
    unsigned processes;     /**< RLIMIT_NPROC */
};

enum sandbox_kind {
    SANDBOX_PROGRAM,  /**< a program under test: sees /lab/bin (ro), /lab/work (rw, cwd, private) */
    SANDBOX_COMPILER, /**< the compiler: sees /lab/src (ro, cwd), /lab/bin (rw), a private /tmp */
};

/**
 * One run. argv[0] of a PROGRAM is a name below base/bin or base/reference, given as
 * "/lab/bin/hello_server"; in partial mode that prefix is translated to base.
 */
struct sandbox_run {
    enum sandbox_kind kind;
    char *const *argv;
    char *const *env;      /**< NULL: PATH, LANG=C.UTF-8, HOME=/lab/work, TMPDIR=/tmp only */
    int fd[3];             /**< become 0, 1, 2; -1: /dev/null */
    const int *extra_fds;  /**< further descriptors handed over under the same numbers (lab 01) */
    size_t extra_count;
    const int *trace;      /**< system call numbers that the filter reports to the tracer */
    size_t trace_count;    /**< 0: a filter that only denies (compiler, sanitizer runs) */
    bool same_addresses;   /**< address randomisation off (ThreadSanitizer) */
    struct sandbox_limits limits;
};

/** A child that waits to be let go. */
struct sandbox_child {
    pid_t pid;   /**< direct child: bubblewrap, or the program itself without namespaces */
    int go;      /**< write end of the handshake pipe */
    int failed;  /**< read end, CLOEXEC in the child: -errno of a failed start is written here, EOF on exec */
};

/**
 * Forks a child that blocks on the handshake before it execs, so that a tracer can PTRACE_SEIZE
 * it first. 0 or -errno (then there is no child). The caller keeps its own fd[] open and closes them itself.
 */
int sandbox_spawn(struct sandbox *sandbox, const struct sandbox_run *run, struct sandbox_child *child);
/** Lets it go; closes `go`. 0 or -errno. */
int sandbox_go(struct sandbox_child *child);
/**
 * How many execve(2) the tree makes until the program under test runs: 2 with bubblewrap (bwrap
 * itself, then the program), 1 without. The tracer counts them.
 */
int sandbox_execs(const struct sandbox *sandbox);
/** Kills everything of a run (SIGKILL to the direct child, whose death ends the pid namespace). Does not wait. */
void sandbox_kill(struct sandbox_child *child);

/**
 * Writes the BPF program of a filter to an unlinked file and returns its descriptor (offset 0,
 * for bwrap --seccomp), or -errno. Default allow; deny list with errnos; @p trace calls get
 * SECCOMP_RET_TRACE. Exported for tests and bench.
 */
int sandbox_filter(const int *trace, size_t trace_count);

#endif
