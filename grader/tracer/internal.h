/**
 * @file internal.h
 * What the files of tracer/ share. Nobody else includes it.
 */
#ifndef SOCKLAB_TRACER_INTERNAL_H
#define SOCKLAB_TRACER_INTERNAL_H

#include "tracer/time.h"
#include "tracer/tracer.h"

#include <sys/ptrace.h>
#include <sys/user.h>

/* --- arch.c ----------------------------------------------------------------------------------- */

/** General registers of a stopped task, as PTRACE_GETREGSET(NT_PRSTATUS) gives them. */
struct registers {
    struct user_regs_struct raw;
};

/** 0 or -errno (-ESRCH: the task is dying). */
int arch_get(pid_t tid, struct registers *r);
int arch_set(pid_t tid, const struct registers *r);
uintptr_t arch_pc(const struct registers *r);
uintptr_t arch_sp(const struct registers *r);
/** At a stop in a call: an address in the instruction before the one that makes it. */
uintptr_t arch_before_call(const struct registers *r);
/** Registers of which these two are known, which is enough to unwind what a library's functions put on the stack. */
void arch_place(struct registers *r, uintptr_t pc, uintptr_t sp);
/** At a seccomp stop: the call's number and arguments. */
int arch_call(const struct registers *r, uint64_t argument[6]);
/** At a seccomp stop: the call is not made; it returns @p result. 0 or -errno. */
int arch_skip(pid_t tid, struct registers *r, int64_t result);
/** Argument @p index of the call. */
void arch_set_argument(struct registers *r, int index, uint64_t value);
/**
 * At a seccomp stop: the call is not made now. The program stands before it once more, with the same number and arguments,
 * and makes it when the signals that are pending have been handled. 0 or -errno.
 */
int arch_take_back(pid_t tid, struct registers *r, int number);
/** At a syscall-exit stop: the result that the program sees. */
void arch_set_result(struct registers *r, int64_t result);
/** The registers in DWARF's numbering into @p out; returns how many. */
enum { ARCH_DWARF_REGISTERS = 33 };
size_t arch_dwarf(const struct registers *r, uint64_t out[ARCH_DWARF_REGISTERS]);

/* --- table.c ---------------------------------------------------------------------------------- */

/** What a successful call does to the process's descriptors. */
enum effect {
    EFFECT_NONE,
    EFFECT_SOCKET,  /* result is a new socket */
    EFFECT_PAIR,    /* socketpair */
    EFFECT_ACCEPT,  /* result is a connection */
    EFFECT_LISTEN,
    EFFECT_CONNECT, /* also when it fails with EINPROGRESS or EINTR */
    EFFECT_CLOSE,
    EFFECT_CLOSE_RANGE,
    EFFECT_DUP,     /* result is a copy of fd */
    EFFECT_FCNTL,   /* F_DUPFD and F_SETFD */
    EFFECT_OPTION,  /* SO_RCVTIMEO makes reads end by themselves */
    EFFECT_TIMER,   /* something may end a wait from now on */
    EFFECT_HANDLER, /* rt_sigaction */
    EFFECT_WATCH,   /* EPOLLET: readiness is told once */
};

/** How the arguments are shown. */
enum shape {
    SHAPE_PLAIN,    /* numbers */
    SHAPE_FD,       /* a descriptor only */
    SHAPE_SOCKET,   /* domain, type, protocol */
    SHAPE_ADDRESS_IN,  /* fd, address, length */
    SHAPE_ADDRESS_OUT, /* fd, address, length pointer */
    SHAPE_LISTEN,
    SHAPE_BUFFER,   /* fd, bytes, count */
    SHAPE_SENDTO,   /* fd, bytes, count, flags, address, length */
    SHAPE_VECTOR,   /* fd, iovec, count */
    SHAPE_MESSAGE,  /* fd, msghdr, flags */
    SHAPE_MESSAGES, /* fd, mmsghdr, count, flags */
    SHAPE_COPY,     /* sendfile */
    SHAPE_SPLICE,   /* fd, offset, fd, offset, count, flags */
    SHAPE_OPTION,   /* fd, level, name, value, length */
    SHAPE_SHUTDOWN,
    SHAPE_PATH,     /* a name of a file */
    SHAPE_MODE,     /* permissions */
    SHAPE_SLEEP,    /* nanosleep, clock_nanosleep */
    SHAPE_POLL,
    SHAPE_SELECT,
    SHAPE_EPOLL,
    SHAPE_CLONE,    /* fork(3) of the C library, or a thread */
    SHAPE_WAIT4,    /* waitpid(3) of the C library */
};

/** How a call says that it ends by itself. */
enum timeout {
    TIMEOUT_NONE,
    TIMEOUT_ALWAYS,  /* it always does */
    TIMEOUT_MS,      /* int milliseconds, negative: never */
    TIMEOUT_POINTER, /* a time structure, NULL: never */
};

/** One system call. */
struct call {
    const char *name;
    int number;
    uint8_t arguments;
    uint32_t group;
    int fd;         /* index of the descriptor argument, -1 */
    int count;      /* index of the byte count that a short fault cuts, -1 */
    enum shape shape;
    enum effect effect;
    enum timeout timeout;
    int timeout_at; /* index of the time-out argument */
};

const struct call *table_find(int number);
const struct call *table_find_name(const char *name);

/* --- memory.c --------------------------------------------------------------------------------- */

/** Reads up to @p size bytes; returns how many could be read (0 when none). Never blocks. */
size_t memory_read(pid_t tid, uintptr_t from, void *into, size_t size);
/** Writes, also into read-only pages (PTRACE_POKEDATA); the task is stopped. 0 or -errno. */
int memory_write(pid_t tid, uintptr_t to, const void *from, size_t size);
/** Writes what the kernel would have written for the program: pages that it may not write stay as they are. */
void memory_put(pid_t tid, uintptr_t to, const void *from, size_t size);

/* --- task.c ------------------------------------------------------------------------------------ */

/** One descriptor of a process. */
struct descriptor {
    enum fd_kind kind; /* FD_UNKNOWN: not seen being made */
    int sock;          /* identity of the open socket, 0 none */
    bool close_on_exec;
    int64_t receive_limit; /* ns for which its reads and accepts wait at most (SO_RCVTIMEO); 0: for ever */
    int64_t send_limit;    /* ... its writes and connects (SO_SNDTIMEO) */
    bool edge;         /* watched with EPOLLET */
};

enum { SIGNALS = 65, DESCRIPTORS_MAX = 65536 };

/** What a process does with a signal: sigaction(2). */
struct disposition {
    bool handled;   /* neither SIG_DFL nor SIG_IGN */
    bool restarts;  /* SA_RESTART: the calls that it interrupts are made again */
    bool once;      /* SA_RESETHAND: the default again as soon as the handler runs */
    bool elsewhere; /* SA_ONSTACK: the handler may run on another stack */
    bool nests;     /* SA_NODEFER: the signal is not blocked while the handler runs */
};

/** What is mapped where: for source lines. */
struct image {
    uintptr_t base;               /* lowest mapped address of the program */
    uintptr_t text_from, text_to; /* the student's code */
    int file;                     /* the program's, opened before it ran; -1 if it could not be */
    struct module *module;        /* program and libraries, lowest to highest; read lazily */
    size_t modules;
    bool asked;                   /* a reader was started */
    int reader;                   /* the end of its questions; -1: it is gone, and no line can be had */
};

enum { MODULES_MAX = 64 };
struct module {
    uintptr_t from, to;
    char *path;
};

enum { SCAFFOLD_MAX = 8 };

struct program {
    pid_t root;
    int execs_left;
    actor_id actor;
    enum tracer_mode mode;
    bool spared;
    bool outlives;
    int file; /* the program's, until it is its image's */
    struct image *image;
    bool released; /* let go: no longer traced, only looked at */
    pid_t scaffold[SCAFFOLD_MAX]; /* what runs around the program: bubblewrap, PID 1; known at release */
    int scaffolds;
    pid_t first;   /* the process that executed the program under test; 0 until then */
    bool ended;    /* it has ended, with `status` */
    int status;
    bool alive;    /* root not yet reaped */
    bool own_time; /* time.c */
    int64_t ahead; /* ns by which its clocks are before the machine's */
    int64_t in_vain; /* ns of jumps since it last read or sent something */
    unsigned jumps;  /* since it last read something */
    unsigned readings; /* of clocks since it last read or sent something */
    unsigned busy;   /* calls, likewise */
    uint64_t stirred; /* how often its tasks read, wrote, connected, accepted or closed */
    int execs;
};

enum { TALLIES = 16 };

/** What one process has met of a fault that each counts for itself. */
struct tally {
    const struct fault *fault; /* NULL: unused */
    unsigned seen, made;
};

struct process {
    pid_t pid;
    struct program *program;
    bool inside;    /* the program under test or a child of it; else scaffold (bwrap) */
    struct image *image; /* for source lines; NULL after it executed something else */
    bool timer;     /* one that is in no table runs: a wait may end by itself, nobody knows when */
    struct timer timers[TIMERS_MAX];
    int tasks;
    struct descriptor *descriptor;
    int descriptors;
    struct disposition disposition[SIGNALS]; /* by signal */
    struct tally tally[TALLIES];             /* a child begins anew */
};

enum { PARKED_MAX = 4, HANDLERS_MAX = 16 };

/** An interrupted call, or one that was taken back, that will be made again. */
struct parked {
    const struct call *call;
    uint64_t argument[6];
    struct event *event;
    struct fault *cut;
    uintptr_t sp;
    int depth;  /* handlers that ran when it was made: those on top of them end first */
    int before; /* FAULT_SIGNAL: the signal for which it was taken back; 0: it was interrupted */
    bool ran;   /* and that signal's handler has begun in this task */
};

/** A signal handler that runs. */
struct handler {
    int signal;
    uintptr_t sp;   /* of what it interrupted */
    bool elsewhere; /* as in struct disposition */
    bool nests;
};

struct task {
    pid_t tid;
    struct process *process; /* NULL while its parent's event is awaited */
    bool held_new;           /* stopped, waiting for its parent's event */
    bool in_call;            /* between entry and exit stop */
    bool wants_exit;         /* an exit stop was asked for */
    const struct call *call;
    uint64_t argument[6];
    uintptr_t sp;            /* stack pointer at the entry */
    struct event *event;     /* the call under way, or the interrupted one; seq 0: not in the timeline */
    int64_t deadline;        /* own time: when the call under way ends by itself; -1: never */
    bool stretched;          /* ... by the program's clock; the kernel was told to wait for ever */
    uint64_t stretched_time; /* the argument in the place of which that stands */
    uint64_t stretched_at;   /* 0, or where in memory those seconds stand */
    bool interrupted;        /* the call waits for its restart or its EINTR */
    int restart_code;        /* the kernel's word on that */
    struct parked parking[PARKED_MAX]; /* calls that come back when their handlers return */
    int parked;
    struct handler handler[HANDLERS_MAX]; /* handlers that run, the innermost last */
    int handlers;
    int deeper; /* and so many more inside */
    struct fault *cut;       /* what is made at its exit, or undone: met again when the call comes back */
    struct fault *fault;     /* made at this entry, to be undone at exit */
    uint64_t undo_argument;
    uintptr_t undo_address;  /* an iovec length to be put back */
    uint64_t undo_length;
    uintptr_t undo_count_address;
    uint64_t undo_count;
    bool undo_vector;
    uint64_t answer_room;    /* bytes that the program had room for */
    int closing;             /* close(2): identity of the socket at the entry; another thread may get the number at once */
    int late_error;          /* errno that this call reports although it is really made */
    bool ask_eintr;          /* tracer_interrupt(): rewrite the result */
    struct fault *hold;
    struct fault *born;      /* FAULT_HOLD_NEW: it is to be kept at its first stop */
    bool ask_expire;         /* tracer_expire(): likewise */
    unsigned idle_rounds;
    unsigned expired;
    unsigned naps;           /* sleeps in a row, with no other recorded call between */
    int64_t napped;          /* ns of them that it really slept */
    unsigned sleeps;         /* in all */
    uint64_t stirred;        /* program.stirred when its last sleep ended */
    bool halted;
    bool freeze;             /* tracer_freeze(): it is to stand still at its next stop for nothing */
    bool frozen;             /* it does */
};

/** A status that waitpid(2) returned. */
struct stop {
    pid_t tid;
    int status;
};

/** A process that has ended. */
struct ended {
    pid_t pid;
    int status;
};

struct tracer {
    struct timeline *timeline;
    const char *const *source;
    int signal_fd;
    struct program **program;
    size_t programs;
    struct task **task; /* sorted by nothing; a check has few */
    size_t tasks;
    struct fault **fault;
    size_t faults;
    int last_sock;
    uint64_t received; /* by reads that are traced */
    struct wait *look;
    struct stop *stop; /* what one round of a step handles */
    size_t stops, stop_room;
    struct ended *ended; /* whatever is past the timeline's limit: in their order */
    size_t ends;
    struct stack_store *stacks;
};

struct task *task_find(struct tracer *t, pid_t tid);
struct task *task_add(struct tracer *t, pid_t tid);
/** Joins a new task to its parent's process, or to a process of its own when it is a fork. */
void task_join(struct tracer *t, struct task *task, const struct process *parent);
void task_remove(struct tracer *t, struct task *task);
/** At an exec: the call in which it was never returns, and what was changed for it is gone with the
 * old program's memory. */
void task_forget_call(struct tracer *t, struct task *task);
struct process *process_new(struct program *program, pid_t pid);
/** The slot of @p fd, grown if needed; NULL for a number that is none. */
struct descriptor *process_descriptor(struct process *p, int fd);
void process_after_exec(struct process *p);

/* --- tree.c -------------------------------------------------------------------------------------- */

/** The children of all threads of a process, zombies included; returns how many fitted. */
size_t tree_children(pid_t pid, pid_t *child, size_t room);
/** Whether a process of a program that was let go is what runs around it. */
bool tree_is_scaffold(const struct program *program, pid_t pid);

/* --- freeze.c ------------------------------------------------------------------------------------ */

/** At the stop that PTRACE_INTERRUPT makes: true if the task stands still from now on. */
bool freeze_keeps(struct task *task);

/* --- image.c ------------------------------------------------------------------------------------ */

/** What a process has just executed: where its own code lies. NULL if /proc does not say. */
struct image *image_open(pid_t pid);
/** Reads the other mapped code of @p pid, once: libraries are mapped when the first call is recorded. */
void image_read_modules(struct image *image, pid_t pid);
void image_free(struct image *image);

/* --- decode.c ---------------------------------------------------------------------------------- */

/** Fills the event's fields that are known at entry. */
/**
 * The call's name as a program writes it, where the C library makes another call of it: recv(2) is a recvfrom(2) without an address, and
 * waitpid(2), fork(2) and pselect(2) have system calls of other names. For people; the table and event::call know the kernel's.
 */
const char *decode_name(const struct call *call, const uint64_t argument[6]);
void decode_entry(struct event *e, const struct task *task);
/** Fills what is known at exit and writes the text. */
void decode_exit(struct event *e, const struct task *task);

/* --- fault.c ------------------------------------------------------------------------------------ */

/** The fault that hits this entry, or NULL; counts occurrences. */
struct fault *fault_match(struct tracer *t, const struct task *task, enum fd_kind kind);
/** Makes it at the seccomp stop. Returns true when the call is skipped (no exit stop follows). */
bool fault_make(struct tracer *t, struct task *task, struct fault *f, struct registers *r);
/** Puts back at the exit stop what a short fault changed. */
void fault_undo(struct task *task);
/** At the exit stop of a call that succeeded: changes what it handed out. False if there is nothing to change. */
bool fault_answer(const struct task *task, const struct fault_answer *answer);

/* --- sleep.c --------------------------------------------------------------------------------------- */

/** How long the call waits at most, in ns: -1 if it has no such limit or the kernel refuses it. */
int64_t sleep_length(const struct task *task);
/** The same of any task that this process may read, by the machine's clocks. */
int64_t sleep_timeout(pid_t tid, const struct call *call, const uint64_t argument[6]);
/** At the entry of a setsockopt(2) with SO_RCVTIMEO or SO_SNDTIMEO: the time-out that it sets, in ns; 0: none. */
int64_t sleep_option(const struct task *task);
/** How long a call of these groups waits at most on @p d (NULL: none), in ns; -1: for ever. */
int64_t sleep_limit(const struct descriptor *d, uint32_t group);
/** Whether the call does nothing but pass time. */
bool sleep_is(const struct task *task);
/**
 * At the entry of a sleep: whether it is left to pass, as its program may be waiting for a clock, or has a thread that does
 * nothing but sleep and look.
 */
bool sleep_passes(struct task *task);
/** Whether the task is such a thread: one of several, and asleep most of the time. Its sleeps are waits like others. */
bool sleep_is_habit(const struct task *task);
/** A sleep has ended, early (tracer_expire()) or by itself. */
void sleep_count(struct task *task, bool expired);
/** What the kernel would write when the sleep is over. */
void sleep_end(const struct task *task);

/* --- effect.c ----------------------------------------------------------------------------------- */

/** What socket(2) makes of these arguments. */
enum fd_kind effect_kind(const uint64_t argument[6]);
/** What a finished call did to the descriptors of its process. @p result >= 0 or -errno. */
void effect_apply(struct tracer *t, struct task *task, int64_t result);

/* --- call.c --------------------------------------------------------------------------------------- */

struct ptrace_syscall_info;

/** At the seccomp stop. */
void call_enter(struct tracer *t, struct task *task);
/** At the exit stop. */
void call_leave(struct tracer *t, struct task *task, const struct ptrace_syscall_info *info);
/** Keeps a task where it stands: before a call or behind it, or a new one before all; goes on with it. */
void call_keep(struct tracer *t, struct task *task, struct fault *f);
void call_continue(struct tracer *t, struct task *task, const struct fault *f);
/** A new event for the call that @p task makes. */
struct event *call_record(struct tracer *t, struct task *task, enum fd_kind kind);
void call_record_stack(struct tracer *t, struct task *task, struct event *e, struct registers *r);
/** Whether the call under way has a time-out that tracer_expire() can bring forward. */
bool call_ends_by_itself(const struct task *task);
/** The call under way ended with @p result. */
void call_finish(struct task *task, int64_t result, bool injected);
/** The call under way will never return. */
void call_forget(struct task *task);

/* --- awaited.c ---------------------------------------------------------------------------------- */

/** Whether the call under way, which waits, waits for nobody but the other ends of connections. epoll(7) does not say. */
bool awaited_is_connection(const struct task *task);

/* --- handler.c ---------------------------------------------------------------------------------- */

/** Notes what an rt_sigaction arranges, at its entry. */
void handler_set(struct task *task);
/** At a true signal-delivery-stop: if the process has a handler, it begins. @p sp: of what it interrupts. */
void handler_begin(struct task *task, int signal, uintptr_t sp);
/** At the entry of rt_sigreturn: the innermost is over. */
void handler_end(struct task *task);
/** At the entry of any other call: forgets handlers that were left by a jump (siglongjmp(3)). */
void handler_look(struct task *task, uintptr_t sp);
/** How many run. */
int handler_depth(const struct task *task);
/** The signal of the innermost; 0 if none runs. */
int handler_signal(const struct task *task);

/* --- restart.c ---------------------------------------------------------------------------------- */

/** Whether an exit's result is the kernel's note that the call was interrupted. */
bool restart_is_code(int64_t result);
/** The call was left with that code. */
void restart_interrupted(struct task *task, int64_t code);
/** A signal is about to be delivered: its handler decides what becomes of the interrupted call. */
void restart_settle(struct task *task, int signal);
/**
 * At an entry: whether an interrupted call comes back, or one that was taken back. It is then task->call again, with its
 * event, and *back says what is known of it.
 */
bool restart_find(struct task *task, int number, const uint64_t argument[6], uintptr_t sp, struct parked *back);
/**
 * The call at whose entry the task stands is taken back for @p signal: restart_find() will say so when it is made. False if
 * too many are under way.
 */
bool restart_take_back(struct task *task, int signal);
/** None of the interrupted calls will come back. */
void restart_forget(struct task *task);

/* --- stop.c -------------------------------------------------------------------------------------- */

/** One status that waitpid(2) returned. 0 or -errno. */
int stop_handle(struct tracer *t, pid_t tid, int status);
/** Lets a stopped task run on to its next stop, with @p signal. */
void stop_go_on(const struct task *task, int signal);

/** At the exit of a select(2) whose time is over: its sets are empty. */
void sleep_clear_sets(const struct task *task);

#endif
