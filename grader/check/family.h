/**
 * @file family.h
 * The processes of a program, for checks of programs that fork. Of all of them, however they came to be: children, children's
 * children, orphans. They are asked for at rest (check_rest() or check_settle() before), when the answers
 * stay true until something is done. What the tracer knows of them: tracer.h, "process trees".
 */
#ifndef SOCKLAB_CHECK_FAMILY_H
#define SOCKLAB_CHECK_FAMILY_H

#include "core/timeline.h"
#include "peer/peer.h"
#include "tracer/tracer.h"

struct program;

/** Them all, zombies included; returns how many fitted. */
size_t program_processes(const struct program *p, struct tracer_process *process, size_t room);
/** How many of them live. */
size_t program_living(const struct program *p);
/** Threads of its first process, that of main() included. */
size_t program_threads(const struct program *p);
/** Mappings of its first process (proc_pid_maps(5)): a thread that has ended and is neither joined nor detached keeps its stack's. */
size_t program_mappings(const struct program *p);
/** How many have ended and were not waited for by a parent that is a process of the program, too. */
size_t program_zombies(const struct program *p);
/**
 * Who serves a connected peer: the process that holds the other end of its connection; of several the one that read or
 * wrote there last, or else not the first process. 0 if nobody holds it, or the kernel does not tell.
 */
pid_t program_process_of(const struct program *p, const struct peer *peer);
/** Whether this is the process that was started. */
bool program_is_first(const struct program *p, pid_t pid);
/** Who has a socket open (network_other_end(), network_listeners()); returns how many descriptors fitted. 0 for inode 0. */
size_t program_holdings(const struct program *p, uint64_t inode, struct tracer_holding *holding, size_t room);
/**
 * Bytes that the program has sent to a peer and that the peer has not read: what the kernel has taken, at rest. -1 if this
 * machine does not tell.
 */
int64_t program_sent_unread(const struct program *p, const struct peer *peer);
/** Memory of a process that is its own (RssAnon of proc_pid_status(5)), in bytes; 0 if it has ended. */
uint64_t process_memory(pid_t pid);
/** Memory of its first process that is its own (RssAnon of proc_pid_status(5)), in bytes; 0 if it has ended. */
uint64_t program_memory(const struct program *p);
/** The call that made this descriptor, in that process or in one from which it was inherited; NULL if it was not seen. */
const struct event *program_maker_of(const struct program *p, const struct tracer_holding *holding);
/** Kills a process other than the first, and waits until it is gone and all is at rest. @p who: for the steps. */
void program_kill_child(struct program *p, pid_t pid, int signal, const char *who);
/** Keeps a process from running until program_thaw(): what happens to it meanwhile meets it all at once. It stands still then. */
void program_freeze(struct program *p, pid_t pid);
void program_thaw(struct program *p, pid_t pid);

#endif
