/**
 * @file internal.h
 * What the files of sandbox/ know of each other and nobody else does.
 */
#ifndef SOCKLAB_SANDBOX_INTERNAL_H
#define SOCKLAB_SANDBOX_INTERNAL_H

#include "sandbox/sandbox.h"

/* --- probe.c, diagnose.c -------------------------------------------------------------------- */

/** Adds one line to what is missing; takes @p text over. */
void support_add(struct sandbox_support *support, char *text);
/** The words of SOCKLAB_TEST_REFUSE that name something: one line each. True if there was one. */
bool diagnose_refused(struct sandbox_support *support);
/** Whether a list with commas has this word. */
bool list_has(const char *list, const char *word);
/** Looks for what the kernel refuses, one thing after the other: a line for each. */
void diagnose_kernel(struct sandbox_support *support);

/** The file to execute, or NULL: bubblewrap is not installed. */
const char *bwrap_path(void);
/** The line for something that failed otherwise, with the usual reason added. */
void diagnose_failure(struct sandbox_support *support, const char *words);

/* --- protection.c --------------------------------------------------------------------------- */

/** Fills every row; once the level is known. */
void protection_fill(struct sandbox_support *support);
/** On with a NULL @p reason, else off; copies the text. */
void protection_set(struct sandbox_protection *rows, enum sandbox_protection_name name,
                    const char *reason);

/* --- call.c --------------------------------------------------------------------------------- */

/** What a filter answers to a call: one of these, else an errno. */
enum { CALL_ALLOWED = -1, CALL_IDLE = 0 /**< seems to succeed and does nothing */ };

struct call_group {
    int answer;
    bool tried;      /**< right programs may try these, and go on without */
    bool leak_check; /**< allowed in runs for LeakSanitizer */
    const char *reason;
    const char *const *names; /**< NULL-ended; of all architectures */
};

/** Every call that somebody has decided about. */
const struct call_group *call_groups(size_t *count);

/* --- credential.c --------------------------------------------------------------------------- */

/** Chooses host_uid and host_gid: as root an unprivileged pair of its own, else the caller's. */
void credential_choose(struct sandbox *sandbox);
/** Writes setgroups, uid_map and gid_map of a new user namespace: 0 -> host_uid. 0 or -errno. */
int credential_map(const struct sandbox *sandbox, pid_t child);
/** Becomes @p uid and @p gid for good, without supplementary groups or capabilities of before. 0 or
 * -errno. */
int credential_become(uid_t uid, gid_t gid);
/** Gives up every capability, of a root without another uid too. 0 or -errno. */
int credential_strip(void);
/** In a room of its own: keeps of its root what starting programs takes. 0 or -errno. */
int credential_reduce(void);
/** Processes and threads of this user now. */
unsigned credential_count_processes(void);

/* --- cgroup.c, group_find.c ------------------------------------------------------------------ */

enum { CGROUP_NAME_MAX = 96, CGROUP_PATH_MAX = 512 };

/** Looks where groups may be made, removes what dead graders left there, fills both rows. */
void cgroup_find(struct sandbox_support *support);
/** Puts back what cgroup_find() changed. */
void cgroup_forget(struct sandbox_support *support);
/** The name of a submission's group: whose it is, and the how many-th. */
void cgroup_name(char name[CGROUP_NAME_MAX], unsigned number);
/** In the grader: makes the submission's group, if there are any. 0 or -errno. */
int cgroup_open(const struct sandbox_support *support, struct sandbox *sandbox);
/** In the grader: puts the room's process into it, so that it can put others in. 0 or -errno. */
int cgroup_admit(const struct sandbox *sandbox, pid_t room);
/** In the grader: ends what is left in it, and it. */
void cgroup_close(struct sandbox *sandbox);
/** In the room: the group of a place's programs, with its limits. 0 or -errno. */
int cgroup_make_place(const struct sandbox *sandbox, const char *place);
void cgroup_remove_place(const struct sandbox *sandbox, const char *place);
/** The caller becomes one of them, with all its children. 0 or -errno. */
int cgroup_join(const struct sandbox *sandbox, const char *place);
/** Writes a file of a group. 0 or -errno. */
int cgroup_write(const char *group, const char *file, const char *value);
/** Removes a group and the groups in it. 0 or -errno: something runs there. */
int cgroup_remove(const char *group);

/* --- furniture.c ---------------------------------------------------------------------------- */

/**
 * All in the room's process; each returns NULL, or what it was doing when errno was set.
 */
const char *furniture_mount(void);
const char *furniture_network(void);
const char *furniture_directories(const struct sandbox *sandbox);
const char *furniture_files(const struct sandbox *sandbox, const struct sandbox_file *files,
                            size_t count);
const char *furniture_views(const struct sandbox *sandbox);

/* --- warden.c ------------------------------------------------------------------------------- */

/**
 * Without namespaces: the caller becomes the warden, which never returns, and its child the room.
 * @p grader is the grader's pidfd. Makes the base, says so on @p named and closes it. 0 in the room,
 * or -errno in the caller.
 */
int warden_start(struct sandbox *sandbox, int grader, int named);
/** In the grader, whose own write end is closed: waits for the base. 0 or -errno: there is none. */
int warden_await_base(struct sandbox *sandbox, int named);

/* --- landlock.c ----------------------------------------------------------------------------- */

#define LANDLOCK_HELPER_PATH "etc/confine" /**< below the base; "/etc/confine" in a view */

/** Whether this kernel lets programs be confined; asked once in a process. */
bool landlock_is_here(void);
/** NULL, or why not. */
const char *landlock_why_not(void);
/**
 * What a run may do to files: a ruleset's descriptor, or -errno. In full to be called in the room,
 * without namespaces by the process that becomes the program.
 */
int landlock_make(const struct sandbox *sandbox, const struct sandbox_run *run);
/** Confines the caller, who has no_new_privs, for good. 0 or -errno. */
int landlock_confine(int ruleset);
/** The program that does this where bubblewrap comes before; its bytes are static. */
struct sandbox_file landlock_helper(void);

/* --- launch.c ------------------------------------------------------------------------------- */

/** Makes descriptors[i] descriptor i, -1 standing for /dev/null, and closes all others. 0 or
 * -errno. */
int launch_arrange(const int *descriptors, size_t count);
/** Default signal handling, nothing blocked. */
void launch_reset_signals(void);
/** 0 or -errno. */
int launch_set_limits(const struct sandbox *sandbox, const struct sandbox_limits *limits);
/** Closes everything from 3 on but those in @p keep. */
void launch_close_except(const int *keep, size_t count);

/* --- run.c ---------------------------------------------------------------------------------- */

/** fork(2) into new namespaces: @p flags are CLONE_NEW*. */
pid_t fork_into(unsigned long flags);

#endif
