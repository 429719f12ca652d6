/**
 * @file sandbox.h
 * Where strangers' programs run. Knows nothing of labs, tracers or checks.
 *
 *   probe.c      what this machine gives: chosen once at the start, never lowered later
 *   diagnose.c   why it gives less, in words for an instructor
 *   protection.c which walls stand on this machine, one row each, for doctor and report
 *   survey.c     what can be seen of it: settings, versions, limits      (sandbox/survey.h)
 *   room.c       the room of one submission: its namespaces, its credentials, its end
 *   warden.c     the same end for a room without namespaces
 *   furniture.c  what stands in a room: directories, /etc, `lo`, the root of each kind of run
 *   credential.c host uids for rooms, putting root down
 *   run.c        one program in the room: a pid namespace of its own, bubblewrap, the handshake
 *   launch.c     the last steps before execve: descriptors, signals, limits
 *   terminal.c   a pseudoterminal for a run
 *   landlock.c   what a run may do to files, a second time
 *   helper/confine.c  what comes between bubblewrap and the program: Landlock, a shell's part
 *   cgroup.c     what the programs of a check may use together; group_find.c: where that can be had
 *   filter.c     the seccomp filters: what programs may ask of the kernel, what the tracer wants to
 *                see; call.c: which calls, with the reasons
 *
 * Full:    room namespaces + bubblewrap for each run. Partial (auto where the kernel or the
 *          container refuses) and off: no namespaces, no bubblewrap; still an unprivileged user
 *          when root, no_new_privs, filter, limits, a session, a private directory. Ports are then
 *          the host's, so callers pick free ones.
 *
 * Credentials: as root the room is entered with an unprivileged host uid of its own, which its user
 * namespace calls 0; as an ordinary user 0 is that user. Inside bubblewrap the program sees uid
 * 1000 and has no capability over the room.
 *
 * The network namespace is the room's and is shared by all runs of the submission. SysV IPC,
 * processes and, for each place, /tmp are a run's own.
 */
#ifndef SOCKLAB_SANDBOX_H
#define SOCKLAB_SANDBOX_H

#include "core/core.h"

enum sandbox_mode { SANDBOX_AUTO, SANDBOX_REQUIRE, SANDBOX_OFF };
enum sandbox_level { SANDBOX_LEVEL_FULL, SANDBOX_LEVEL_PARTIAL, SANDBOX_LEVEL_OFF };

enum { SANDBOX_MISSING_MAX = 8, SANDBOX_PATH_MAX = 128 };

/* --- what programs find in a full sandbox (furniture.c) ------------------------------------- */

#define SANDBOX_HOSTNAME  "lab"
#define SANDBOX_HOST      "server.lab" /**< 127.0.0.1 */
#define SANDBOX_HOST_SIX  "six.lab"    /**< ::1 */
#define SANDBOX_HOST_MANY "many.lab"   /**< 127.0.0.2, 127.0.0.3, 127.0.0.4 in this order */
#define SANDBOX_HOST_BOTH "both.lab"   /**< ::1, then 127.0.0.1 */
#define SANDBOX_HOST_NONE "nobody.lab" /**< in no file: unknown */
#define SANDBOX_SERVICE   "hello-lab"  /**< tcp and udp; besides echo 7, http 80 and others */
#define SANDBOX_SERVICE_UDP "ask-lab"  /**< udp only: who asks for a service of TCP finds none */
enum { SANDBOX_SERVICE_PORT = 4711, SANDBOX_SERVICE_UDP_PORT = 4712 };

/* --- the walls ------------------------------------------------------------------------------ */

/** The protections there are; ids in protection.c ("user-namespace"). */
enum sandbox_protection_name {
    SANDBOX_USER_NAMESPACE,
    SANDBOX_PID_NAMESPACE,
    SANDBOX_MOUNT_NAMESPACE,
    SANDBOX_NETWORK_NAMESPACE,
    SANDBOX_IPC_NAMESPACE,
    SANDBOX_UTS_NAMESPACE,
    SANDBOX_SECCOMP,
    SANDBOX_LANDLOCK,
    SANDBOX_CGROUP_MEMORY,
    SANDBOX_CGROUP_PIDS,
    SANDBOX_RLIMITS,
    SANDBOX_TMPFS_LIMIT,
    SANDBOX_NO_NEW_PRIVS,
    SANDBOX_UNPRIVILEGED_USER,
    SANDBOX_PROTECTIONS, /**< how many */
};

struct sandbox_protection {
    const char *id; /**< fixed, for reports that programs read */
    bool on;
    char reason[256]; /**< when off: why, in words; else "" */
};

enum { SANDBOX_CGROUP_MAX = 320 };

/** Directories of control groups, "" where there are none; the same twice in version 2. */
struct sandbox_cgroup {
    char memory[SANDBOX_CGROUP_MAX], pids[SANDBOX_CGROUP_MAX];
    char left[SANDBOX_CGROUP_MAX]; /**< the grader's own, which it has left to make it usable */
    bool unified;                  /**< version 2 */
};

/* --- what this machine gives ---------------------------------------------------------------- */

/** What the machine gives; filled by sandbox_probe. */
struct sandbox_support {
    enum sandbox_level level;
    const char *word;                   /**< "full", "partial", "off" */
    char *missing[SANDBOX_MISSING_MAX]; /**< what is missing, in words with the reason; owned */
    size_t missing_count;
    struct sandbox_protection protection[SANDBOX_PROTECTIONS]; /**< sandbox_support_protections() */
    struct sandbox_cgroup cgroup; /**< where submissions' groups are made */
};

/**
 * Tries, in a child, everything that a full sandbox needs (namespaces, lo, tmpfs, proc, bwrap
 * running /bin/true with a filter). Blocks for about 15 ms. 0; -EPERM when @p mode is REQUIRE and
 * something is missing; -ENOTSUP when not even a partial sandbox works (support->missing says what,
 * both times). Never leaves anything behind.
 *
 * For tests, SOCKLAB_TEST_REFUSE in the environment names what shall seem refused (userns, net,
 * mount, pid, ipc, uts, bwrap; cgroup and landlock, which no level needs; commas between). It can
 * only lower what `auto` gives, as a container would; `require` then refuses.
 */
int sandbox_probe(enum sandbox_mode mode, struct sandbox_support *support);
void sandbox_support_free(struct sandbox_support *support);

/**
 * Which protections runs on this machine have, and which this sandbox has: SANDBOX_PROTECTIONS
 * rows, indexed by enum sandbox_protection_name. Theirs, and filled from sandbox_probe() on.
 */
struct sandbox;
const struct sandbox_protection *sandbox_support_protections(const struct sandbox_support *support);
const struct sandbox_protection *sandbox_protections(const struct sandbox *sandbox);

/* --- the room of one submission ------------------------------------------------------------- */

/**
 * Made by the grader, used in the room's process and the checkers forked from it. All paths are as
 * seen from there. Nothing in it changes after sandbox_enter, so that forked copies agree.
 */
struct sandbox {
    enum sandbox_level level;
    char base[64];  /**< "/tmp" (the room's tmpfs) or a mkdtemp directory */
    bool own_base;  /**< base must be removed by sandbox_leave() (no tmpfs) */
    uid_t host_uid; /**< whom the programs run as on the host */
    gid_t host_gid;
    bool drop; /**< without namespaces, as root: each run changes to host_uid itself */
    /** Without namespaces, as a user: that user's processes outside, which RLIMIT_NPROC counts. */
    unsigned others;
    struct sandbox_protection protection[SANDBOX_PROTECTIONS]; /**< sandbox_protections() */
    struct sandbox_cgroup cgroup; /**< the submission's */
};

/** A file to be put into the room before it is entered: bytes, since the room sees no host path. */
struct sandbox_file {
    /** Below base: "src/hello_server.c", "reference/hello_client", "kit/io.h"; no "..". */
    const char *path;
    const void *bytes;
    size_t size;
    mode_t mode;
};

/**
 * Forks the room: in the child returns 0 with *room = 0 and @p sandbox ready (lo up,
 * base/{src,bin,reference,kit,run,report,etc} there, the files written, credentials dropped); in
 * the parent returns 0 with *room = the child's pid (PID 1 of the room where there is a pid
 * namespace; when it ends, everything in it ends). Negative: -errno, no child. A child that cannot
 * build the room exits with STATUS_TROUBLE after one line on @p trouble_fd. The room dies with the
 * grader (PR_SET_PDEATHSIG: with the thread that called). @p keep_fds: descriptors that the child
 * keeps besides 0..2 and trouble_fd; all others are closed.
 *
 * Without namespaces *room is the pid of a warden between the two, which ends with the room's
 * status (128 + n after signal n) once nothing is left of it.
 *
 * As PID 1 the room's process inherits orphans: it waits with waitpid(-1, ...) and ignores pids
 * that it does not know. Full: it is uid 0 in its own user namespace only. Without namespaces it
 * keeps the grader's user (root stays root, so that a program, which runs as host_uid, can neither
 * signal nor read it).
 */
int sandbox_enter(const struct sandbox_support *support, struct sandbox *sandbox, pid_t *room,
                  const struct sandbox_file *files, size_t file_count, const int *keep_fds,
                  size_t keep_count, int trouble_fd);
/**
 * Ends a room and all in it early. Does not wait: the room's pid becomes waitable. Without
 * namespaces SIGKILL to that pid would leave orphans; this does not.
 */
void sandbox_end(const struct sandbox *sandbox, pid_t room);
/** In the grader after the room has ended, or failed: removes base where it is not a tmpfs. */
void sandbox_leave(struct sandbox *sandbox);

/**
 * A private directory for the runs of one check, with "work" (its /lab/work) and "tmp" (its /tmp)
 * in it: a tmpfs of SANDBOX_PLACE_SIZE, so that a program that fills it harms no other check.
 * @p path receives its name. 0 or -errno. Runs may share one (a PIDFILE that two daemons see).
 */
int sandbox_make_place(const struct sandbox *sandbox, char path[SANDBOX_PATH_MAX]);
/** Takes it away with everything in it. Its runs must have ended. 0 or -errno. */
int sandbox_remove_place(const struct sandbox *sandbox, const char *path);
/**
 * Whether the kernel has killed programs of this place for want of memory. Known only where groups
 * are, else false; only before the place is removed.
 */
bool sandbox_ran_out_of_memory(const struct sandbox *sandbox, const char *place);
#define SANDBOX_PLACE_SIZE "192m"

/* --- one run -------------------------------------------------------------------------------- */

/** Limits of one run; 0 means the default (launch.c). */
struct sandbox_limits {
    unsigned cpu_seconds; /**< RLIMIT_CPU; default 20 */
    /** RLIMIT_DATA in bytes: what can be filled, not the arenas that threads reserve; default
     * 2 GiB; SIZE_MAX: none (sanitizers reserve terabytes). */
    size_t memory;
    unsigned descriptors; /**< RLIMIT_NOFILE, soft and hard; default 1024; in full at least 16 */
    size_t file_size;     /**< RLIMIT_FSIZE in bytes; default 64 MiB */
    unsigned processes; /**< RLIMIT_NPROC: processes and threads of the whole room; default 1024 */
};

enum sandbox_kind {
    /** A program under test: sees /lab/bin (ro), /lab/work (rw, cwd), /tmp. */
    SANDBOX_PROGRAM,
    /** A reference program: the same, and /lab/reference, which no other kind sees. */
    SANDBOX_REFERENCE,
    /** The compiler: sees /lab/src (ro, cwd), /lab/kit (ro), /lab/bin (rw), /lab/work, /tmp. */
    SANDBOX_COMPILER,
};

/**
 * One run. argv[0] is a path as the program sees it ("/lab/bin/hello_server", "/usr/bin/curl").
 * Without namespaces "/lab/..." in argv and env is translated to where those directories are.
 */
struct sandbox_run {
    enum sandbox_kind kind;
    char *const *argv;
    char *const *env;  /**< NULL: PATH, LANG=C.UTF-8, HOME=/lab/work, TMPDIR=/tmp only */
    const char *place; /**< from sandbox_make_place(); never NULL */
    const char *log;   /**< a bound unix socket (room's path) that appears as /dev/log; full only */
    int fd[3];         /**< become 0, 1, 2; -1: /dev/null */
    const int *extra_fds; /**< become 3, 4, 5... in this order (lab 01); -1: /dev/null */
    size_t extra_count;
    const int *trace;    /**< system call numbers that the filter reports to the tracer */
    size_t trace_count;  /**< 0: a filter that only denies (compiler, sanitizer runs) */
    bool leak_check;     /**< lets ptrace through: LeakSanitizer stops the program with it */
    bool same_addresses; /**< address randomisation off (ThreadSanitizer) */
    bool outlives;       /**< what the program leaves lives on until sandbox_kill() (a daemon) */
    /** The program's parent is to it what a shell is to a command: it leads a process group of its own in
     * a session that somebody else leads, and its parent is not PID 1. With `outlives` only. */
    bool shell;
    int terminal; /**< with `shell`: the slave of a pseudoterminal, which becomes the session's; -1: none */
    struct sandbox_limits limits;
};

/** Makes a pseudoterminal for sandbox_run.terminal; both ends are the caller's. 0 or -errno (Linux 4.13). */
int sandbox_terminal(int *master, int *slave);

/** A child that waits to be let go. */
struct sandbox_child {
    /**
     * Direct child: PID 1 of the run's namespace, which forks bubblewrap; without namespaces the
     * program itself. Ends with the program's status (in full 128 + n after signal n), with
     * `outlives` not before everything has ended.
     */
    pid_t pid;
    int go; /**< write end of the handshake pipe */
    /** Read end: an int, -errno, comes when the start fails; EOF when execve(2) has succeeded. */
    int failed;
    bool group; /**< without namespaces: pid is a process group too */
};

/**
 * Forks a child that blocks on the handshake before it execs, so that a tracer can PTRACE_SEIZE it
 * first. 0 or -errno (then there is no child). The caller keeps its own fd[] and closes them
 * itself, as well as child->failed.
 */
int sandbox_spawn(const struct sandbox *sandbox, const struct sandbox_run *run,
                  struct sandbox_child *child);
/** Lets it go; closes `go`. 0 or -errno. */
int sandbox_go(struct sandbox_child *child);
/**
 * How many execve(2) succeed in the tree until the program under test runs: in full 3 (bubblewrap, its
 * helper, the program); 1 without. The tracer counts
 * them: a tree that ends before has met the grader's own trouble (bubblewrap or the helper says what
 * on the run's stderr, "bwrap: ...", "confine: ...").
 */
int sandbox_execs(const struct sandbox *sandbox);
/**
 * Kills everything of a run: SIGKILL to the direct child, whose death ends its pid namespace;
 * without namespaces to its process group (a daemon that left it is the tracer's to kill). Does not
 * wait. Not after the child was reaped.
 */
void sandbox_kill(const struct sandbox_child *child);

/* --- filters -------------------------------------------------------------------------------- */

/**
 * BPF programs, each in an unlinked file at offset 0, for bwrap --add-seccomp-fd; or -errno. Built
 * once in a process, then copied. Exported for tests and bench.
 *
 * calls: allows what call.c allows. arguments: refuses some uses of those (filter.c has the table);
 * to be loaded last, it denies loading further ones. With  leak_check LeakSanitizer can do its
 * work. Both kill calls by way of another architecture.
 *
 * For tests, SOCKLAB_TEST_CALLS=kill in the environment makes them kill where they would refuse.
 */
int sandbox_filter_calls(bool leak_check);
int sandbox_filter_arguments(bool leak_check);
/**
 * One that says SECCOMP_RET_TRACE (data 0) for these calls and allows the rest. What
 * another filter refuses stays refused (the kernel prefers ERRNO to TRACE).
 */
int sandbox_filter_trace(const int *trace, size_t trace_count);

#endif
