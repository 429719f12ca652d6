/**
 * @file check.h
 * What a lab's author writes with. A check is a function that reads like the conversation it
 * judges: start a program, dial, send, expect. Each verb waits for what it needs and, when that
 * will never come, ends the check with a finding that says who waits for what on which source line.
 * So an author handles no error, and nothing here sleeps or guesses.
 *
 *   lab.c      labs and checks as data; finding one by its name
 *   context.c  the check under way: programs, peers, ports; the end of a check
 *   wait.c     the event loop; stuck, spinning, out of time
 *   progress.c who runs and gets nowhere
 *   limit.c    the time of a check, on a machine that has other work too
 *   program.c  programs: start, feed, read, expect their output and their end
 *   options.c  what sanitizers are told about a program
 *   client.c   peers that dial, and what is expected of their conversations
 *   mail.c     datagrams: mailboxes of the grader, servers without a door (check/mail.h)
 *   server.c   doors of the grader, where a student's client knocks
 *   answer.c   a client's request in HTTP and the answer to it (check/http.h)
 *   crowd.c    hundreds of clients of one room at once; ledger.c who has heard what (check/crowd.h)
 *   judge.c    functions from a timeline to a finding
 *   failure.c  from what was seen to a finding: places, words
 *   blocked.c  who waits in what, when nobody can go on
 *   quote.c    what is quoted of a stranger: lines of source, sanitizers' reports
 *   warning.c  what is said of a check that is passed
 *   step.c     the steps that led there
 *   family.c   the processes of a program: who serves whom, zombies; killed, kept from running (check/family.h)
 *   moment.c   the same as moments; travel.c, post.c: what goes from one side to the other; ladder.c, lane.c: the drawing
 *   exit.c     a program that ends by itself: what it leaves open
 *   daemon.c   a program that goes into the background: what it leaves running
 *   common.c   the checks that every lab has, given a lab's conversation
 *   prepare.c  the files of a submission -> programs, in the sandbox
 *   grade.c    the room of a submission: builds, runs checks side by side, collects verdicts (check/grade.h)
 *
 * A lab's build may hold a driver of the kit's (a program whose main() is a kit file): unit tests of
 * functions run in it, away from the judge.
 *
 * A check runs in a process of its own (grade.c), inside the room of the submission; whatever
 * it allocates and opens goes with it.
 */
#ifndef SOCKLAB_CHECK_H
#define SOCKLAB_CHECK_H

#include "build/build.h"
#include "check/family.h"
#include "check/grade.h"
#include "core/core.h"
#include "core/timeline.h"
#include "core/verdict.h"
#include "peer/journal.h"
#include "peer/peer.h"
#include "sandbox/sandbox.h"
#include "tracer/tracer.h"

/* --- labs as data ------------------------------------------------------------------------------- */

struct check;
struct mailbox;

/** What must be built before a check can run: a bit set. The plain programs always are. */
enum check_needs { NEEDS_PLAIN = 0, NEEDS_ASAN = 1 << 0, NEEDS_TSAN = 1 << 1, NEEDS_ASAN_TSAN = NEEDS_ASAN | NEEDS_TSAN };

/** One check of a lab. Strings are N_() message ids, translated when shown. */
struct check_spec {
    const char *id;
    int points;
    const char *title;
    const char *hint; /**< what to look at, without giving the code away */
    const char *why;  /**< one sentence: why it matters */
    const char *handout; /**< its section: "04-accept#lab04-greets" */
    void (*run)(struct check *c); /**< NULL for "builds" and "warnings", which grade.c judges */
    enum check_needs needs;
};

struct lab {
    const char *id;    /**< "04-accept" */
    int number;
    const char *title;
    struct build_spec build;
    const struct check_spec *check;
    size_t checks;
    /** Programs that checks may start as peers: "hello_server", or another lab's: "05-connect/hello_client" (started
     * as "hello_client"); NULL-ended. */
    const char *const *reference;
};

/** Finds "4", "04" or "04-accept" in a NULL-ended table; NULL if there is none. */
const struct lab *lab_find(const struct lab *const *labs, const char *name);
const struct check_spec *lab_check(const struct lab *lab, const char *id);

/* --- the check under way ------------------------------------------------------------------------- */

enum { PROGRAMS_MAX = 64, PEERS_MAX = 600, DOORS_MAX = 8, MAILBOXES_MAX = 256 };

/** A started program. Read the fields; the verbs below change them. */
struct program {
    struct check *check;
    actor_id actor;
    const char *name;   /**< as shown: "hello_server", "reference hello_client" */
    struct sandbox_child child;
    bool reference;
    uint32_t traced;    /**< groups in its filter */
    bool sanitized;
    int in;             /**< write end of its stdin, -1 */
    int out, err;       /**< read ends, -1 after end of file */
    struct buf in_left; /**< stdin not yet written */
    uint64_t pattern_in_left, pattern_in_seed, pattern_in_at;
    bool in_end;        /**< close stdin when all is written */
    struct buf output;  /**< stdout so far (bounded; `output.dropped` says what was cut) */
    struct buf errors;  /**< stderr so far */
    size_t taken;       /**< bytes of output that expectations have consumed */
    bool pattern_out;   /**< compare stdout with a pattern instead of keeping it */
    uint64_t pattern_out_seed, received;
    uint64_t pattern_out_start, pattern_out_size; /**< these bytes of stdout are compared, the others kept */
    uint64_t compared;
    int64_t pattern_out_wrong;
    struct event *pattern_out_event; /**< the step that tells of it */
    bool ended;         /**< the first process has ended */
    int status;         /**< as waitpid(2) gives it */
    bool killed;        /**< by the grader: its end is no fault */
    bool awaited;       /**< its end was asked for, and is judged by who asked */
    bool reported;      /**< a sanitizer's report was found on its stderr */
    unsigned port;      /**< a server that was started by server_start: where it listens */
    bool background;    /**< start.daemon: what it leaves lives on */
    pid_t daemon;       /**< that, from daemon_start() on; then `ended` and `status` are the daemon's. 0: none yet */
    int terminal;       /**< the grader's end of its terminal, -1: it has none */
};

struct check {
    const struct lab *lab;
    const struct check_spec *spec;
    const struct sandbox *sandbox;
    struct timeline *timeline;
    struct tracer *tracer;
    const struct build_intake *intake; /**< the files handed in, for source lines in reports */
    char place[SANDBOX_PATH_MAX];
    uint64_t seed;
    const char *compiler; /**< that built the programs */
    int64_t deadline;   /**< ns, clock_now(): limit.c */
    int64_t limit, most; /**< ns that the check may take on a machine of its own, and on a busy one */
    int64_t patience;   /**< ns spent waiting for timers of the programs that might still strike */
    unsigned port;      /**< this check's own first port */
    unsigned ports;     /**< how many it has handed out */
    const char *variant; /**< "" or ".asan", ".tsan": which build program_start() runs; check_use_build() */
    struct program *program[PROGRAMS_MAX];
    size_t programs;
    struct peer *peer[PEERS_MAX];
    size_t peers;
    struct door *door[DOORS_MAX];
    size_t doors;
    struct mailbox *mailbox[MAILBOXES_MAX];
    size_t mailboxes;
    struct door *awaited; /**< the one at which door_expect() waits */
    struct journal *journal; /**< plays syslogd for programs that are started with start.daemon; NULL: nobody does */
    struct fault fault[16]; /**< storage for check_fault() */
    size_t faults;
    int result;         /**< where the verdict goes */
    int64_t started;
    const char *awaited_in_vain; /**< what was waited for when nobody could go on any more; NULL */
    bool restless; /**< a program did not come to rest, because it spins: check_rest() is shorter from then on */
    uint64_t scene; /**< steps up to this event are not told: check_scene() */
    struct finding warning; /**< something to say that costs nothing */
};

/** Ends the check: passed. Also what returning from check_spec.run means. */
void check_pass(struct check *c) __attribute__((noreturn));
/** Ends the check: the grader's own trouble, never the student's. */
void check_trouble(struct check *c, const char *format, ...)
    __attribute__((noreturn, format(printf, 2, 3)));
/** Ends the check as skipped, with a reason (something this machine cannot do). */
void check_skip(struct check *c, const char *format, ...)
    __attribute__((noreturn, format(printf, 2, 3)));

/** A finding under construction; give it to check_fail(). Steps and source places of blocked programs are added there. */
struct failure {
    enum verdict verdict;
    const char *expected, *actual;   /**< shown as they are; NULL to leave out */
    const struct event *event[4];    /**< calls whose source lines are shown, the most important first */
    bool waits;                      /**< show where the programs are blocked */
};
/** Ends the check: failed, with this sentence. */
void check_fail(struct check *c, const struct failure *failure, const char *format, ...)
    __attribute__((noreturn, format(printf, 3, 4)));

/**
 * Something to know that costs nothing: said of the check if it passes. The first one counts. Places: the failure's events.
 */
void check_warn(struct check *c, const struct failure *failure, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/**
 * Warns of a call that a signal handler of @p p made through a function that no handler may call: stdio, exit(3)
 * (signal-safety(7)). Wants CALL_WRITE in its trace, and CALL_EXIT for exit.
 */
void check_warn_of_handlers(struct check *c, const struct program *p);

/** From now on this check may take PATIENCE times the usual limit: a right program may be slow in it. */
void check_be_patient(struct check *c);
/**
 * The programs that are started from now on are of this build, one of those that the check needs. A check begins with
 * AddressSanitizer's if it needs that, else with ThreadSanitizer's, else with the plain ones.
 */
void check_use_build(struct check *c, enum check_needs build);
/** A new scene: what came before went well and is not part of the story that a failure tells. */
void check_scene(struct check *c);
/** A port of this check's own: nobody else in the room uses it. Both bytes differ and are not 0. */
unsigned check_port(struct check *c);
/** A short-lived string; freed with the check. */
char *check_text(struct check *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** A reproducible number below @p below from the run's seed and @p salt. */
unsigned check_random(const struct check *c, unsigned salt, unsigned below);

/* --- waiting ------------------------------------------------------------------------------------- */

enum wait_end {
    WAIT_OK,
    WAIT_STUCK,    /**< everybody is blocked, nothing is under way: it will never happen */
    WAIT_SPINNING, /**< a program burns the processor and gets nowhere */
    WAIT_DEADLINE, /**< the check's time is over */
};

typedef bool (*condition)(struct check *c, void *argument);
/** Runs the event loop until @p done says so. */
enum wait_end check_wait(struct check *c, condition done, void *argument);
/**
 * The same, and if it never comes, ends the check with what the programs do instead. @p what goes on with "Nobody can
 * go on: ...; ", e.g. "readn should return 3".
 */
void check_await(struct check *c, condition done, void *argument, const char *what);
/**
 * Runs the event loop until every program is blocked (or gone, or held) and nothing is under way.
 * Fails the check if a program spins or the time is over.
 */
void check_settle(struct check *c);
/** The same, but fails nothing: WAIT_STUCK when all is at rest, else WAIT_SPINNING or WAIT_DEADLINE. */
enum wait_end check_rest(struct check *c);
/**
 * The same with time-outs left alone: who waits for a clock is at rest, too, and goes on waiting. For what needs a connection that a
 * right server may close when nothing comes for a while.
 */
enum wait_end check_pause(struct check *c);

/* --- programs ---------------------------------------------------------------------------------------- */

enum input { INPUT_NOTHING /**< /dev/null */, INPUT_PIPE, INPUT_FD /**< start.in_fd */ };

struct start {
    const char *name;          /**< "hello_server" */
    const char *argument[8];   /**< NULL-ended */
    bool reference;            /**< the kit's own program instead of the student's */
    bool installed;            /**< a program of this machine's, by its path, in place of a reference: `reference` is set, too */
    uint32_t trace;            /**< 0: TRACE_ALL. Leave CALL_READ | CALL_WRITE out where megabytes move */
    enum input input;
    int in_fd;                 /**< INPUT_FD: becomes its stdin; stays the caller's */
    bool output_closed;        /**< its stdout is a pipe that nobody reads any more */
    unsigned taken;            /**< descriptors 3, 4... that are open already; at most TAKEN_MAX */
    int taken_fd;              /**< what they are: stays the caller's. 0: /dev/null */
    bool listens;              /**< a sanitizer build is watched until it listens, not just until it runs */
    bool binds;                /**< the same until it has bound a socket: nobody listens for datagrams */
    const char *label;         /**< name in the steps; NULL: the program's */
    /** It will go into the background: what is left of it when it ends lives on until the check ends. It is started as
     * by a shell: leader of a process group of its own, its stdin the terminal of its session (a pipe on which nothing
     * comes where no terminal can be had: program.terminal), /dev/log answered in a full sandbox. */
    bool daemon;
    struct sandbox_limits limits;
};
enum { TAKEN_MAX = 8 };
/** Starts it; returns when it runs. NULL arguments end the list. */
struct program *program_start(struct check *c, const struct start *how);

/** Waits until listen(2) succeeded on @p port (0: any); fails the check with never-listened, or with what happened. */
void program_await_listening(struct program *p, unsigned port);
/** The lab's first program (or @p name) on a new port, awaited until it listens: the way server checks begin. */
struct program *server_start(struct check *c, const char *name, unsigned port);
struct program *server_start_with(struct check *c, const struct start *how, unsigned port);
/**
 * Waits until a server that has closed the connection of a client who dialled after @p dial is back at its door:
 * in a call that accepts or waits. A server that shows it otherwise, or never comes, is at rest when this returns. Needs
 * CALL_ACCEPT, CALL_WAIT and CALL_CLOSE in its trace. Fails only if it spins: for the rest the next step shows what is wrong.
 */
void server_await_back(struct program *p, const struct event *dial);
/** The event of the timeline so far, for "what happened after". */
const struct event *check_now(const struct check *c);

void program_send(struct program *p, const void *bytes, size_t size);
void program_send_pattern(struct program *p, uint64_t seed, uint64_t size);
/** End of file on its stdin when everything is written. */
void program_end_input(struct program *p);

/** Waits for exactly this line next on stdout (without its newline); fails otherwise. */
void program_expect_line(struct program *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/** Waits for exactly these bytes next on stdout. */
void program_expect_output(struct program *p, const void *bytes, size_t size);
/** From its first byte on, stdout is compared with a pattern (peer.h) and not kept. Call it before anything is printed. */
void program_expect_pattern(struct program *p, uint64_t seed);
/** The same with @p size bytes from number @p start on; those before and behind are kept, for program_expect_output(). */
void program_expect_pattern_at(struct program *p, uint64_t seed, uint64_t start, uint64_t size);
/** Waits for the pattern's first @p size bytes on stdout and nothing after them so far. */
void program_expect_all(struct program *p, uint64_t size);
/** What is on stdout and has not been taken. */
const char *program_rest(const struct program *p, size_t *size);
/** Waits until it ends; fails if it does not, or crashes. @return exit status. */
int program_await_end(struct program *p);
/** As above, and the status must be @p status. Nothing more on stdout than what was taken. */
void program_expect_exit(struct program *p, int status);
/** It must still run and be blocked: fails with what ended it. */
void program_expect_alive(struct program *p);
/** Kills it as a power cut would (SIGKILL to the run) and waits until it is gone. */
void program_kill(struct program *p);
/** Sends a signal to its first process, or to its daemon. */
void program_signal(struct program *p, int signal);
/** The same without a step of its own in the story: one of many. */
void program_signal_again(struct program *p, int signal);
/** Waits until a task of it is blocked (or held) in a call of @p group. */
void program_await_blocked(struct program *p, uint32_t group);
/**
 * Starts a program that ends by itself; returns when all that is left to it is to exit, where it is kept until the next
 * is started so. Fails the check if it never comes so far, or exits with another status.
 */
struct program *program_start_until_exit(struct check *c, const struct start *how, int status);
/** Its lowest open descriptor from @p from on and what that is ("socket:[4711]", "/dev/null"); -1 if there is none. */
int program_descriptor(const struct program *p, int from, const char **what);
/** Its first process, or the daemon that this left; 0 before it was executed. The number stays when it has ended. */
pid_t program_process(const struct program *p);
/** Descriptors open in that process right now. */
int program_descriptors(const struct program *p);
/** stderr holds a line with the error's text (strerror) or its symbol? For reports-failure. */
bool program_says(const struct program *p, const char *text);

/* --- daemons -------------------------------------------------------------------------------------------- */

/**
 * Starts a program with start.daemon and waits until all of it is at rest; from then on the program is its daemon: the process that has
 * no other of the program's above it (the last one made, if there are several). That the command has ended, and how, is
 * for a check that is about it: a server that stays in the foreground is served as it is. Fails the check if nothing is left.
 */
struct program *daemon_start(struct check *c, const struct start *how);
/** Makes a program at rest stand for what it has left, as daemon_start() does. False if nothing is left. */
bool daemon_find(struct program *p);
/** Processes of the program that are there now, and at most @p room of them in @p pid. */
size_t daemon_processes(const struct program *p, pid_t *pid, size_t room);
/** Waits until none is left; fails the check with @p what if that never comes: "... should be gone". */
void daemon_await_gone(struct program *p, const char *what);
/** Its number as it sees itself: /proc/PID/status has one for each pid namespace. 0 if the process is gone. */
pid_t process_own_number(pid_t pid);

/** What /proc says of a process; read at rest. */
struct process_facts {
    pid_t parent, session; /**< as this process sees them */
    int terminal;          /**< tty_nr: 0 is none */
    int mask;              /**< umask; -1: not told (Linux before 4.7) */
    bool at_root;          /**< its working directory is its root */
};
/** False if it is gone. */
bool process_look(pid_t pid, struct process_facts *facts);

/** Which locks are held on a file of the check's place by somebody: a bit set. */
enum file_lock { LOCK_FLOCK = 1, LOCK_RECORD = 2 /**< fcntl or lockf, by process or by open file */ };
/** Tries each kind and gives back what it got. -errno if there is no such file or it cannot be opened. */
int check_locks(const struct check *c, const char *file);
/** A file of the programs' working directory into @p b (bounded, no links followed). 0 or -errno (ENOENT). */
int check_read_file(const struct check *c, const char *file, struct buf *b);
/** Puts one there. */
void check_write_file(struct check *c, const char *file, const char *text);

/* --- bad luck -------------------------------------------------------------------------------------- */

/** Adds a fault for the student's programs (f.actor < 0: all programs that are not references). Copied. */
struct fault *check_fault(struct check *c, struct fault f);
/** Holds a server's next write to a client until check_unfault(). @p actor -1: the student's. */
struct fault *check_hold_write(struct check *c, actor_id actor);
/** Takes the fault that was added last out again; a task that it holds goes on. */
void check_unfault(struct check *c, struct fault *f);
/** Waits until a task is held by @p f; false if everybody is blocked and none is. */
bool check_await_held(struct check *c, const struct fault *f);

/* --- clients that the grader plays -------------------------------------------------------------------- */

/** A new peer that dials 127.0.0.1:@p port and is connected when this returns; fails the check if refused. */
struct peer *client_dial(struct check *c, unsigned port);
/** The same with all options; the name is shown in the steps. */
struct peer *client_dial_with(struct check *c, const char *name, const struct peer_dial *how);
/** Connection refused is what must come. */
void client_expect_refused(struct check *c, unsigned port);
/** A peer without a connection yet, for door_accept or a dial that may fail. */
struct peer *client_new(struct check *c, const char *name);

/** Waits until everything was handed to the kernel; stuck if the program never takes it. */
void peer_await_sent(struct check *c, struct peer *p);
/** Waits for exactly these bytes next; fails on other bytes, end of file, reset, silence. */
void peer_expect(struct check *c, struct peer *p, const void *bytes, size_t size);
/** The pattern's @p size bytes (after peer_expect_pattern). */
void peer_expect_all(struct check *c, struct peer *p, uint64_t size);
/** End of file and nothing before it; a reset is a failure. */
void peer_expect_end(struct check *c, struct peer *p);
/** End of file or reset: the connection is over, bytes before it are not looked at. */
void peer_expect_gone(struct check *c, struct peer *p);
/** At least one byte, then end of file or reset: for checks that are not about which bytes. They are in p->in. */
void peer_expect_some(struct check *c, struct peer *p);
/** After peer_reset() or peer_vanish() while the program is held or blocked: its kernel knows when this returns. */
void peer_await_left(struct check *c, struct peer *p);
/** Nothing comes: waits until the program is blocked, then looks. */
void peer_expect_silence(struct check *c, struct peer *p);

/* --- servers that the grader plays --------------------------------------------------------------------- */

/** Ends the check: a door could not be opened on @p port for @p error (-errno). A port that a program took fails; else it is trouble. */
void door_refused(struct check *c, unsigned port, int error) __attribute__((noreturn));
struct door *door_new(struct check *c, const char *name, const struct door_options *how);
/** Waits for a connection; fails the check if none comes. */
struct peer *door_expect(struct check *c, struct door *d, const char *name);
/** Waits until everything is quiet; NULL if nobody came. */
struct peer *door_maybe(struct check *c, struct door *d, const char *name);

/* --- judgements: from the timeline ------------------------------------------------------------------------ */

/** Next call of @p group after @p after (NULL: from the start) by an actor; NULL if none. Calls under way count. */
const struct event *judge_call(const struct timeline *t, const struct event *after, actor_id actor, uint32_t group);
/** How many calls of @p group on descriptors of @p kinds succeeded. */
size_t judge_count(const struct timeline *t, actor_id actor, uint32_t group, uint32_t kinds);
/** The call that made the open socket @p sock. */
const struct event *judge_maker(const struct timeline *t, int sock);
/** A close of @p sock that succeeded; NULL if none. */
const struct event *judge_close(const struct timeline *t, int sock);
/** The open socket @p sock was let go by whoever wrote to it last: closed after the write, or its process ended. */
bool judge_left(const struct timeline *t, int sock);
/** The accept whose connection nobody ever closed, the first one; NULL if there is none. */
const struct event *judge_unclosed(const struct timeline *t, actor_id actor);
/** The next close after @p after that failed with EBADF; NULL if none. A sweep over many numbers is not one. */
const struct event *judge_double_close(const struct timeline *t, const struct event *after, actor_id actor);

/* --- checks that every lab has ---------------------------------------------------------------------------- */

/** The lab's main conversation with a running server on @p port. */
typedef void (*conversation)(struct check *c, struct program *server, unsigned port);

/** One case of `usage`: arguments that must end in status 2, a usage line, no socket, empty stdout. */
struct usage_case {
    const char *argument[4]; /**< NULL-ended */
};
void common_usage(struct check *c, const char *program, const struct usage_case *cases, size_t count);

/** One case of `reports-failure`: the call that fails and how. */
struct failure_case {
    uint32_t group;      /**< CALL_BIND... */
    const char *call;    /**< of the group only this one: "getsockopt"; NULL: all */
    uint32_t fd_kinds;   /**< 0: TCP_FD */
    int error;           /**< an errno that can really happen there */
    unsigned occurrence; /**< which of these calls; 0: the first */
    unsigned count;      /**< how many of them; 0: every one from there on */
};
/**
 * Starts the program of @p how once for each case, with a port of its own behind its other arguments if
 * @p port_last; the call fails; it must end with status 1 and a line on stderr with the error's text. @p play, if not NULL, does
 * what is needed until the call is made.
 */
void common_reports_failure(struct check *c, const struct start *how, bool port_last, const struct failure_case *cases,
                            size_t count, void (*play)(struct check *c, struct program *p, unsigned port));
/** The same for a server that is started with a port: socket, bind and listen. */
void common_reports_failure_to_listen(struct check *c, const char *server);

/** A port held by another process: status 1 and the error's text; a port in TIME_WAIT: it starts. */
void common_in_use(struct check *c, const char *program);
/** The first half alone: a program that was started on a port which another process holds. */
void common_expect_taken(struct check *c, struct program *p, unsigned taken);
/** The same of a program that needs more: its arguments in @p how follow the port. */
void common_in_use_with(struct check *c, const struct start *how);
/** socket, SO_REUSEADDR before bind, wildcard bind, listen with a backlog of at least 5, accept, in this order on
 * one socket; every accepted connection closed after the last write to it. Judges c->timeline after a conversation. */
void common_order_server(struct check *c, struct program *p, unsigned port);
/** Every write of the student's programs on a TCP connection is cut to @p bytes, every read to twice as many: what one
 * read brought is more than one write takes. */
void common_short_io(struct check *c, int bytes);
/** Blocking calls on sockets, stdin and for waiting fail with EINTR every second time. */
void common_interrupted(struct check *c);
/** Sanitizer build: after the conversation, asks for leaks and judges report and end. */
void common_expect_clean(struct check *c, struct program *p);
/** The same of a program that has ended by itself, and looked for leaks then. */
void common_judge_clean_end(struct check *c, struct program *p);
/** Sanitizer build: the program comes to rest or ends; fails with a report that it has written by then. */
void common_expect_no_report(struct check *c, struct program *p);
/** Descriptors: plays @p talk @p times, compares the number of open descriptors after the 10th and the last. */
void common_judge_descriptors(struct check *c, struct program *p, int before, int after, int from, int to);
/** The same with a server that runs; it is at rest when this returns. Needs what server_await_back() needs in its trace. */
void common_descriptors_running(struct check *c, struct program *server, unsigned port, conversation talk, int times);
/** The same from the start of a server on; it is at rest when this returns, for further conversations. */
struct program *common_descriptors_server(struct check *c, const char *program, conversation talk, int times);

/** No descriptor was closed that was not open any more. */
void common_judge_closed_once(struct check *c, const struct program *p);
/** Of a program that is kept before its exit: what it opened (@p sockets_only: its sockets) is closed, and once. */
void common_judge_closed(struct check *c, const struct program *p, bool sockets_only);

#endif
