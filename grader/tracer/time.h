/**
 * @file time.h
 * A program's own time (tracer_program.own_time): its clocks, its waits, its timers. Inside tracer/ only.
 */
#ifndef SOCKLAB_TRACER_TIME_H
#define SOCKLAB_TRACER_TIME_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct program;
struct process;
struct task;

enum { TIMERS_MAX = 16 }; /* of a process: what comes beyond takes its real time */

enum timer_kind { TIMER_NONE, TIMER_REAL /* alarm(2), setitimer(2) */, TIMER_POSIX, TIMER_FD };

/** A timer of a process: in the program's own time if it has one, else in the machine's. */
struct timer {
    enum timer_kind kind;
    int id;           /* of timer_create(2), or a descriptor */
    bool armed;
    int64_t deadline; /* ns of the program's time */
    int64_t interval; /* ns; 0: once */
    int64_t length;   /* ns for which it was set; if it repeats, the shorter of the two */
    int signal;
};

/* --- time.c ---------------------------------------------------------------------------------------- */

/** The time of a program by its own clocks: ns, as clock_now() counts. */
int64_t time_now(const struct program *p);
/** A moment by a clock of the program's as a length from now, in ns, at least 1. How far off it is tells which clock. */
int64_t time_until(const struct program *p, int64_t moment);
/** At the stop after an exec: the new program will read its clocks by system calls. */
void time_hide_vdso(pid_t tid);
/** At the exit of a call that tells the time: the answer by the program's own clocks. */
int64_t time_answer(struct task *task, int64_t result);
/** At the exit of any call: whether the program gets on. */
void time_note_progress(struct task *task, int64_t result);
/** At the entry of a call: when it will end by itself. */
void time_begin_wait(struct task *task);
/**
 * At the entry of a call that waits, or sets SO_RCVTIMEO: its end is the tracer's to say, so the kernel is told to
 * wait for ever. A machine that is
 * busy for a second makes no difference then.
 */
void time_stretch(struct task *task);
/** At its exit: the argument is what it was, and of a select(2) that has found something, the time that is left. */
void time_unstretch(struct task *task, int64_t result);
/** So much time has passed in vain that more of it will change nothing. */
bool time_is_hopeless(const struct program *p);

/* --- timer.c --------------------------------------------------------------------------------------- */

/** At the entry: true if the timer is set here and not in the kernel, with the call's *@p result. */
bool timer_takes(struct task *task, int64_t *result);
/** At the exit of a call that the kernel made: timers that came, went, or were set there. */
void timer_note(struct task *task, int64_t result);
/** At the entry of such a call of a program in the machine's time, which makes it: notes what it sets. */
void timer_see(struct task *task);
/**
 * A signal has come to a process in the machine's time: a timer that was due with it is over. Not before: the kernel's own
 * timer begins a moment later than it was noted.
 */
void timer_rang(struct process *p, int signal);
/** For how long the timer that strikes most often was set, in ns; -1 if none runs. */
int64_t timer_length(const struct process *p);
/** When the first armed timer of a process goes off; INT64_MAX: none is. */
int64_t timer_first(const struct process *p);
/** Those that are due go off. True if one did. */
bool timer_fire(struct process *p, int64_t now);

#endif
