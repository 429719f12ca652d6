/**
 * @file tracer.h
 * Watches programs: every call that matters, in order, with arguments, result and source line; makes
 * bad luck on purpose; knows who is blocked where. Its only product is the timeline (core/timeline.h).
 *
 *   arch.c      registers of x86-64 and aarch64; the one file that writes them
 *   table.c     the call table: names, numbers, arguments, groups, effects
 *   memory.c    a tracee's memory, bounded and never blocking
 *   task.c      tasks, processes, descriptors
 *   decode.c    a call as a student would write it
 *   fault.c     the fault plan
 *   sleep.c     sleeps: how long, and what is left behind when they are skipped
 *   time.c      a program's own time; timer.c: its timers
 *   effect.c    what a call did to its process
 *   borrow.c    a descriptor of a tracee's, for the grader
 *   call.c      one call: entered, made to go wrong, left, recorded
 *   handler.c   signal handlers: which are set, which run
 *   restart.c   calls that a signal interrupts: EINTR, or made again
 *   stop.c      what each ptrace stop means
 *   loop.c      attach, wait, resume, detach
 *   look.c      who is blocked, in what
 *   tree.c      the processes of a program, and what they hold
 *   freeze.c    a process that is kept from running
 *   image.c     where the program's code and its libraries lie
 *   reader.c    the process in which debug data is read, with nothing to lose but lines
 *   stack.c     stacks recorded at a call, for later
 *   line.c      stacks -> source lines; the one file that knows libdw
 *
 * One tracer belongs to one thread: ptrace(2) ties tracees to the thread that seized them.
 */
#ifndef SOCKLAB_TRACER_H
#define SOCKLAB_TRACER_H

#include "core/core.h"
#include "core/timeline.h"

#include <sys/types.h>

struct tracer;

/* --- the call table, as far as others speak of it ----------------------------------------------- */

/** Families of calls: faults and judgements name these, never one way to write a thing. */
enum call_group {
    CALL_SOCKET = 1 << 0,
    CALL_BIND = 1 << 1,
    CALL_LISTEN = 1 << 2,
    CALL_ACCEPT = 1 << 3,
    CALL_CONNECT = 1 << 4,
    CALL_READ = 1 << 5,  /**< read, readv, recv, recvfrom, recvmsg... */
    CALL_WRITE = 1 << 6, /**< write, writev, send, sendto, sendmsg, sendfile... */
    CALL_CLOSE = 1 << 7,
    CALL_SHUTDOWN = 1 << 8,
    CALL_OPTION = 1 << 9, /**< setsockopt */
    CALL_NAME = 1 << 10,  /**< getsockname, getpeername, getsockopt */
    CALL_DUP = 1 << 11,
    CALL_WAIT = 1 << 12,  /**< poll, select, epoll_wait: waits for several descriptors */
    CALL_SLEEP = 1 << 13, /**< nanosleep, poll and select without descriptors */
    CALL_CHILD = 1 << 14, /**< wait4, waitid */
    CALL_FORK = 1 << 15,
    CALL_SIGNAL = 1 << 16, /**< rt_sigaction, rt_sigreturn */
    CALL_TIMER = 1 << 17,  /**< alarm, setitimer, timerfd: something may end a wait by itself */
    CALL_EXEC = 1 << 18,
    CALL_WATCH = 1 << 20, /**< epoll_ctl: which descriptors are edge-triggered. Never in the timeline */
    CALL_EXIT = 1 << 19, /**< exit_group: the end of a process that ends by itself. In no set below: it is asked for */
    CALL_CLOCK = 1 << 22, /**< clock_gettime, gettimeofday, time, futex. In no set below: who asks for it gives the program a time
                               of its own (tracer_program.own_time). Never in the timeline */
    CALL_SESSION = 1 << 21, /**< setsid, chdir, umask: what a daemon does to itself. In no set below either */
};

/** Groups that a filter should report. Data calls are left out of runs that move megabytes. */
enum {
    TRACE_CONTROL = CALL_SOCKET | CALL_BIND | CALL_LISTEN | CALL_ACCEPT | CALL_CONNECT | CALL_CLOSE |
                    CALL_SHUTDOWN | CALL_OPTION | CALL_NAME | CALL_DUP | CALL_SLEEP | CALL_SIGNAL |
                    CALL_TIMER | CALL_FORK | CALL_WAIT | CALL_WATCH,
    TRACE_ALL = TRACE_CONTROL | CALL_READ | CALL_WRITE | CALL_CHILD,
};

/** The system call numbers of these groups for sandbox_run.trace; returns how many (<= @p room). */
size_t tracer_numbers(uint32_t groups, int *number, size_t room);
/** The groups of a call by its name, for an event that is made by hand; 0 if unknown. The tracer's own have them in event.group. */
uint32_t tracer_group(const char *call);

/* --- life -------------------------------------------------------------------------------------- */

/**
 * Blocks SIGCHLD in this process and opens a signalfd for it. @p source: NULL-ended names of
 * the student's files; source lines elsewhere are not reported (NULL: all are). Never NULL.
 */
struct tracer *tracer_new(struct timeline *timeline, const char *const *source);
/** Kills what still runs, reaps it, frees. */
void tracer_free(struct tracer *t);
/** Readable (POLLIN) when tracer_step() may have something to do. */
int tracer_fd(const struct tracer *t);

enum tracer_mode {
    TRACE_FILTER,      /**< stops where the seccomp filter says */
    TRACE_UNTIL_READY, /**< stops at every call until listen(2) succeeded, then lets go (LeakSanitizer) */
    TRACE_UNTIL_BOUND, /**< the same until bind(2) succeeded: where datagrams come to, nobody listens */
    TRACE_UNTIL_EXEC,  /**< lets go as soon as the program is executed */
};

struct tracer_program {
    pid_t pid;         /**< our child, blocked before its first exec */
    int execs;         /**< how many execs until the program under test runs (sandbox_execs) */
    actor_id actor;
    enum tracer_mode mode;
    bool spared;       /**< faults for "any program" do not hit it */
    bool outlives;     /**< what it leaves lives on: when nothing of it is left, its scaffold says nothing */
    /** Its clocks are the tracer's to answer (CALL_CLOCK is in its filter), its sleeps are not skipped at once: time passes
     * when nothing else can happen, by tracer_pass_time(). Not with the modes that let it go. */
    bool own_time;
    const char *image; /**< path of the program's file as this process sees it; for source lines */
};

/** Seizes. 0 or -errno (-EPERM: the kernel refuses ptrace). */
int tracer_attach(struct tracer *t, const struct tracer_program *program);

/**
 * Handles every stop and death that is pending; never blocks. Returns how many there were, or
 * -errno for the tracer's own trouble.
 */
int tracer_step(struct tracer *t);

/* --- the fault plan ------------------------------------------------------------------------------ */

enum fault_what {
    FAULT_ERRNO,  /**< the call is not made and fails with errno `value` */
    FAULT_SHORT,  /**< the byte count is cut to `value`: the kernel really moves less. Never on an edge-triggered
                       descriptor: there a short count says that no more is there (epoll(7), questions and answers) */
    FAULT_HOLD,   /**< the task is kept before the call until tracer_release() */
    FAULT_HOLD_AFTER, /**< the call is made; if it succeeds the task is kept then, before it can do anything else */
    FAULT_HOLD_NEW, /**< the call makes a task (CALL_FORK), which is kept before its first instruction; its maker goes on */
    FAULT_ANSWER, /**< the call is made; what it hands out is changed as `answer` says if it succeeds */
    /**
     * Signal `value` is sent to the process just before the call: after whatever the program did to get here, and
     * before the kernel hears of the call, which is where no program can look. A handler that is set and not blocked in this
     * task runs to its end; then the call is made, for the first time as the kernel sees it, so it is not interrupted. A
     * signal that is blocked is pending when the call begins: ppoll(2) and its like take it with their mask. In the
     * timeline it is one call, between two notes.
     */
    FAULT_SIGNAL,
};

enum { ANY_FD = (1 << FD_KIND_COUNT) - 1 };
enum { TCP_FD = 1 << FD_SOCKET | 1 << FD_LISTENER | 1 << FD_ACCEPTED | 1 << FD_CONNECTED };
enum { STREAM_FD = 1 << FD_ACCEPTED | 1 << FD_CONNECTED };

/** An argument that a call must have, as an int; numbered from 0, as in event.arg. */
struct fault_argument {
    int number;
    int is;
};

/** What a call hands out instead, and where: the option behind getsockopt, the port in getsockname's address. */
struct fault_answer {
    int at;        /**< the argument that points to it */
    int length;    /**< the one that points to its socklen_t: what had no room stays as it is. 0: it has none */
    size_t offset; /**< bytes from its start */
    size_t size;   /**< how many are changed */
    unsigned char bytes[16];
};

/** "The 2nd and every 3rd accept on a listener fails with EMFILE, 5 times." */
struct fault {
    actor_id actor;      /**< -1: any program that is not spared */
    uint32_t group;      /**< calls, by family */
    uint32_t fd_kinds;   /**< bit set of 1 << enum fd_kind; 0 means ANY_FD. socket(2) counts as what it makes */
    const char *call;    /**< of the group only this one: "getsockopt"; NULL: all */
    bool blocking;       /**< only where the call may wait: neither O_NONBLOCK nor MSG_DONTWAIT keeps it from that */
    struct fault_argument with[2]; /**< `withs` of them: "whose argument 2 is SO_TYPE" */
    size_t withs;
    unsigned first;      /**< first occurrence that is hit, from 1; 0 means 1 */
    unsigned every;      /**< then every so many; 0 means 1 */
    unsigned count;      /**< how many are hit; 0: without end */
    bool each_process;   /**< each process counts its own occurrences: whose turn it is among several is in nobody's hand */
    enum fault_what what;
    int value;
    struct fault_answer answer; /**< FAULT_ANSWER */

    /* kept by the tracer, for all processes together */
    unsigned seen; /**< occurrences so far */
    unsigned made; /**< hits so far */
    pid_t held;    /**< a FAULT_HOLD of any kind: the task that is kept (the last, if there are several), 0 if none */
};

/** Adds a fault; the caller owns it and keeps it alive as long as the tracer. First match wins. */
void tracer_fault(struct tracer *t, struct fault *f);
/** Takes it out again (a held task is released). */
void tracer_unfault(struct tracer *t, struct fault *f);
/** Lets every task that it holds make its call, or go on behind it. */
void tracer_release(struct tracer *t, struct fault *f);
/**
 * Makes the call in which @p tid is blocked return EINTR, as an interruption by a handler without
 * SA_RESTART would. 0, or -ESRCH if it is not blocked in a call that can be interrupted.
 */
int tracer_interrupt(struct tracer *t, pid_t tid);

/**
 * Makes the wait in which @p tid is blocked end now as it would at its time-out: poll(2) and its like return 0, a
 * read or accept under SO_RCVTIMEO EAGAIN. 0, or -ESRCH if it is not in such a call.
 */
int tracer_expire(struct tracer *t, pid_t tid);

/**
 * Nothing can happen any more but that a wait ends by itself: in each program with a time of its own, time passes until
 * the first wait or timer ends. True if one did. False also when so much time has passed in vain that nothing will come of it.
 */
bool tracer_pass_time(struct tracer *t);
/** How much time has passed so for a program with a time of its own, in ns: by it, its clocks are before the machine's. */
int64_t tracer_time_passed(const struct tracer *t, actor_id actor);

/* --- who is blocked, in what -------------------------------------------------------------------- */

enum task_state {
    TASK_RUNNING, /**< on a processor, or ready to be, or stopped by the tracer with work pending */
    TASK_BLOCKED, /**< in a call that only somebody else can end */
    TASK_TIMED,   /**< in a call that ends by itself */
    TASK_HELD,    /**< by a FAULT_HOLD of any kind */
    TASK_HALTED,  /**< stopped by a job control signal */
};

struct wait {
    pid_t pid, tid;
    actor_id actor;
    enum task_state state;
    const char *call;    /**< "read", as the kernel calls it; NULL if unknown */
    const char *name;    /**< ... as a program writes it: "recv" for "recvfrom" */
    bool after;          /**< TASK_HELD: this call has been made */
    uint32_t group;
    int fd;              /**< -1 if none */
    enum fd_kind fd_kind;
    struct event *event; /**< the call; NULL if it is not recorded. Past the timeline's limit its seq is 0
                              and it is valid until the next step. */
    unsigned idle_rounds; /**< timed waits in a row that ended by themselves without anything happening */
    unsigned expired;     /**< the same, ended by tracer_expire() */
    bool own_time;        /**< of a program with a time of its own: tracer_pass_time() ends it */
    bool hopeless;        /**< ... and so much has passed in vain that it counts as waiting for ever */
    int64_t length;      /**< ns that it lasts at most, from its beginning: by its own time-out, its socket's (SO_RCVTIMEO,
                              SO_SNDTIMEO) or a timer; of a wait until a moment, from now; -1: not known */
    bool personal;       /**< it ends by itself, and nobody else can end it but the other ends of connections */
    uint64_t switches;   /**< how often it was ever switched to: unchanged means it did not run */
    uintptr_t sp, pc;    /**< of one that sleeps in a call; 0 if not known */
};

enum { LOOK_MAX = 2048 };

struct look {
    struct wait *task; /**< owned by the tracer, valid until the next look */
    size_t tasks;
    size_t running, blocked, timed, held, halted;
    uint64_t switches; /**< sum */
    int64_t cpu;       /**< ns of processor time of the programs so far */
    int64_t delay;     /**< ns for which their tasks could have run and had no processor (0 where the kernel does not count) */
};

/** Looks at all tasks of the programs (not at the scaffold around them). Reads procfs; never blocks. */
void tracer_look(struct tracer *t, struct look *look);
/** The call in which a task waits, which is known: `read(4, ...)`. Appends. */
void tracer_describe_call(const struct wait *w, struct buf *out);
/** A task's wait in words: `blocked in read(4, ...)`. Appends. */
void tracer_describe(const struct wait *w, struct buf *out);

/* --- source lines ---------------------------------------------------------------------------------- */

struct source_line {
    char file[64]; /**< "" if unknown */
    int line;
};
/** The student's line that made this call or met this signal. Opens the program's debug data at
 * the first use (about 5 ms). False if unknown. */
bool tracer_where(struct tracer *t, const struct event *e, struct source_line *out);
/**
 * The student's line in which a task waits, also in a call that is not recorded (a lock's, or one that was left out of the
 * trace). @p w is of a look since which nothing ran. False if unknown.
 */
bool tracer_where_waits(struct tracer *t, const struct wait *w, struct source_line *out);

/**
 * The library function that the student's line called on its way to this call: "printf" for a write(2) that stdio made,
 * "write" for one's own. "" if it is not known. @return whether it is
 */
enum { FUNCTION_MAX = 64 };
bool tracer_function(struct tracer *t, const struct event *e, char out[FUNCTION_MAX]);

/* --- processes ----------------------------------------------------------------------------------------- */

/** The program's first process: 0 until it was executed; its number stays after it has ended. */
pid_t tracer_process(const struct tracer *t, actor_id actor);
/** Whether the first process has ended, and @p status as waitpid(2) gives it. A program that never
 * came to run (the scaffold failed) has ended too, with its scaffold's status. */
bool tracer_ended(const struct tracer *t, actor_id actor, int *status);
/** Whether a process of a traced program, any of them, has ended, and @p status as waitpid(2) gives it. */
bool tracer_process_ended(struct tracer *t, pid_t pid, int *status);
/** Kills all processes of a program that are traced. Does not wait. */
void tracer_kill(struct tracer *t, actor_id actor);
/** Bytes that the programs got by the reads that are traced, from the beginning on; datagrams apart, which may be their own. */
uint64_t tracer_received(const struct tracer *t);
/** Open descriptors of a process (readdir of /proc/PID/fd), or -errno. */
int tracer_descriptors(pid_t pid);
/**
 * A descriptor of the caller's own for what @p fd is in a process of the program's (pidfd_getfd(2), Linux 5.6), so that
 * what lies in one of its sockets can be taken before it looks, or be asked about. -errno: -EPERM where a container forbids it.
 */
int tracer_borrow(pid_t pid, int fd);
/** The lowest open descriptor of a process from @p from on; -ENOENT if there is none, or -errno. */
int tracer_descriptor(pid_t pid, int from);

/* --- process trees --------------------------------------------------------------------------------------- */

/** A process of a program, as it is at the moment. */
struct tracer_process {
    pid_t pid;
    pid_t parent; /**< may be none of the program's: an orphan's is the scaffold's, which waits for it */
    bool zombie;  /**< it has ended, and its parent, which is one of the program's, has not waited for it (wait(2), NOTES) */
};
/**
 * The processes of a program, however they came to be its descendants; returns how many of them fitted. At rest (nobody
 * runs, tracer_step() has nothing to do) a zombie stays one until somebody else does something. Reads procfs; never blocks.
 */
size_t tracer_processes(const struct tracer *t, actor_id actor, struct tracer_process *process, size_t room);

/**
 * The thread by which /proc/PID tells of a whole process (fd, maps, memory): the first one, or if that has ended
 * (pthread_exit(3) in main) another one that lives. @p pid itself if none does.
 */
pid_t tracer_living_task(pid_t pid);

/** A descriptor of a process. */
struct tracer_holding {
    pid_t pid;
    int fd;
};
/**
 * Who has the socket with this inode open, by the kernel's word: inherited over fork(2), duplicated, passed over a unix socket.
 * Close-on-exec makes no difference, as nobody executes anything. Returns how many descriptors of @p actor's fitted.
 */
size_t tracer_holdings(const struct tracer *t, actor_id actor, uint64_t inode, struct tracer_holding *holding,
                       size_t room);

/**
 * Keeps all tasks of a process from running, wherever they are, until tracer_thaw(): what happens to it meanwhile
 * happens at once for it, and signals of one kind become one (signal(7)). Calls in which it is blocked go on afterwards as
 * after any stop (they are interrupted only if a signal is then delivered). Returns at once; the process stands still
 * when tracer_is_frozen(). -ESRCH for a process that is not traced.
 */
int tracer_freeze(struct tracer *t, pid_t pid);
/** Whether all its tasks stand still; a process that has ended does. */
bool tracer_is_frozen(const struct tracer *t, pid_t pid);
/** Lets it go on. Nothing happens to one that is gone. */
void tracer_thaw(struct tracer *t, pid_t pid);

#endif
