/**
 * @file 12_poll.c
 * Lab 12, one thread, many clients: poll_server. The room's conversations are in chat.h's files; where the one thread
 * sleeps is in 12_wait.c, whoever does not read in 12_slow.c.
 */
#include "labs/12_poll.h"

#include <string.h>

static void run_many(struct check *c)
{
    chat_run_crowd(c, 500, 10, 5);
}

static void run_ordered(struct check *c)
{
    lab12_pay_in_order(c);
    chat_run_ordered(c);
}

/** Somebody leaves who was owed something; somebody else is owed more than he may be. */
static void leave_debts(struct check *c, struct room *room)
{
    enum { LINES = 400 };
    struct peer_dial how = {.receive_buffer = 4096, .segment = 536};
    struct peer *sleeper = chat_enter_with(room, _("the sleeper"), how);
    peer_set_deaf(sleeper, true);
    chat_forget(room, sleeper);
    struct peer *speaker = chat_enter(room);
    for (int i = 0; i < LINES; i++) {
        char *line = check_text(c, "line %d of %d%0900d\n", i + 1, LINES, 0);
        peer_send(speaker, line, strlen(line));
    }
    check_rest(c);
    peer_reset(sleeper);
    check_rest(c);
}

static void run_memory(struct check *c)
{
    struct room room = chat_open(c, 0, 4);
    chat_talk_under_sanitizer(c, &room);
    leave_debts(c, &room);
    common_expect_clean(c, room.server);
}

static void run_reports_failure(struct check *c)
{
    common_reports_failure_to_listen(c, "poll_server");
}

static void run_in_use(struct check *c)
{
    common_in_use(c, "poll_server");
}

/* --- the table ------------------------------------------------------------------------------------------------ */

#define HANDOUT(id) "12-poll#lab12-" id

static const struct check_spec checks[] = {
    {"builds", 3, N_("It compiles and links"),
     N_("Begin with the compiler's first message; those behind it are often its consequences."),
     N_("A program that does not build cannot be run, so nothing else could be graded."),
     HANDOUT("builds"), NULL, NEEDS_PLAIN},
    {"warnings", 2, N_("No warning under -Wall -Wextra"),
     N_("Where a signed count meets an unsigned size, ask what becomes of -1."),
     N_("A warning is the compiler's way of saying that the code may not mean what you think."),
     HANDOUT("warnings"), NULL, NEEDS_PLAIN},
    {"usage", 2, N_("Wrong arguments: a usage line, status 2"),
     N_("Count the arguments, then look at every character of the port and at its range."),
     N_("A program that guesses what its user meant guesses wrong one day."),
     HANDOUT("usage"), chat_run_usage, NEEDS_PLAIN},
    {"reports-failure", 2, N_("A failed call is named, status 1"),
     N_("Look at the result of every call up to listen, and say why before errno changes."),
     N_("What failed and why is known at one place only: where the call was made."),
     HANDOUT("reports-failure"), run_reports_failure, NEEDS_PLAIN},
    {"relays", 8, N_("A line goes to all the others"),
     N_("Follow one line: to whom is it sent, and who is left out?"),
     N_("In a room everybody hears everybody else, and nobody hears an echo."),
     HANDOUT("relays"), chat_run_relays, NEEDS_PLAIN},
    {"pieces", 7, N_("Lines in pieces, and several in one piece"),
     N_("Look at what is kept for each client between two reads, and at what is behind the last newline."),
     N_("Who serves many at once has to remember where each conversation stands."),
     HANDOUT("pieces"), chat_run_pieces, NEEDS_PLAIN},
    {"ordered", 9, N_("50 people, 20 lines each, all whole"),
     N_("Ask where a line goes when a part of an earlier one is still to be sent to the same client."),
     N_("What is kept must stay in its order, and whole, or nobody can make sense of it."),
     HANDOUT("ordered"), run_ordered, NEEDS_PLAIN},
    {"leaves", 8, N_("People leave, in good ways and bad"),
     N_("Ask what your loop still believes of somebody who was removed in the middle of it."),
     N_("One who leaves must take nobody along, and leave nothing behind."),
     HANDOUT("leaves"), chat_run_leaves, NEEDS_PLAIN},
    {"long-line", 5, N_("1024 bytes are a line, 1025 are not"),
     N_("Count the bytes at the limit with your finger, the newline included; then ask what a full buffer means."),
     N_("Without a limit a single client decides how much memory your server uses."),
     HANDOUT("long-line"), chat_run_long_line, NEEDS_PLAIN},
    {"one-thread", 4, N_("No thread and no child"),
     N_("Look for what makes a thread or a process, also in functions that are called for something else."),
     N_("Many conversations in one thread is what this lab is about."),
     HANDOUT("one-thread"), lab12_run_one_thread, NEEDS_PLAIN},
    {"slow-reader", 12, N_("Somebody does not read; nobody else notices"),
     N_("Follow a line that the kernel does not take for one client: where is it kept, for how long, up to what size?"),
     N_("One slow client must cost the others nothing, and the server no more than a limit."),
     HANDOUT("slow-reader"), lab12_run_slow_reader, NEEDS_PLAIN},
    {"would-block", 8, N_("EAGAIN, wherever it can come"),
     N_("Ask of each call but the one that waits: what if it finds nothing to do? Which descriptors are non-blocking?"),
     N_("What poll says is true when it says it, and need not be true any more when you act on it."),
     HANDOUT("would-block"), lab12_run_would_block, NEEDS_PLAIN},
    {"idle", 6, N_("Nothing happens, nothing is done"),
     N_("Look at the time-out, and at each event you wait for: is it one that is always true?"),
     N_("A server that looks around all the time takes the processor from those who have work, and empties batteries."),
     HANDOUT("idle"), lab12_run_idle, NEEDS_PLAIN},
    {"many", 6, N_("500 clients"),
     N_("Look for arrays of a fixed size, for numbers that an fd_set cannot hold, and for the backlog."),
     N_("Thousands of clients are why servers are built in this way."),
     HANDOUT("many"), run_many, NEEDS_PLAIN},
    {"half-closed", 5, N_("Who said goodbye gets what he is owed"),
     N_("Ask what a read of 0 says about the other direction, and what poll says afterwards, each time."),
     N_("End of file from a client says that it sends no more; it may still listen."),
     HANDOUT("half-closed"), lab12_run_half_closed, NEEDS_PLAIN},
    {"no-descriptors", 2, N_("No descriptor is free for a while"),
     N_("Look at what happens after accept failed with EMFILE: the client is still in the queue."),
     N_("A busy machine runs out of descriptors for moments; a server must outlive them."),
     HANDOUT("no-descriptors"), chat_run_no_descriptors, NEEDS_PLAIN},
    {"memory", 3, N_("Clean under AddressSanitizer and UBSan"),
     N_("The report's first line says what happened, the lines below where."),
     N_("Memory of a client that has left is somebody else's by the next line."),
     HANDOUT("memory"), run_memory, NEEDS_ASAN},
    {"descriptors", 2, N_("No descriptor leaks, none is closed twice"),
     N_("Follow each way out of a conversation: the connection must be closed there, once."),
     N_("A server that leaks one descriptor for each client stands still after a thousand of them."),
     HANDOUT("descriptors"), chat_run_descriptors, NEEDS_PLAIN},
    {"order", 1, N_("The calls in their order"),
     N_("Compare your calls with the picture in the handout: which descriptor, which order, which arguments."),
     N_("Each call prepares the next; out of order some of them still seem to work, on your machine, today."),
     HANDOUT("order"), chat_run_order, NEEDS_PLAIN},
    {"reference", 1, N_("Reference clients feel at home"),
     N_("If other checks fail too, mend those first; else compare what is sent byte by byte."),
     N_("Programs of different authors must be able to talk to each other."),
     HANDOUT("reference"), chat_talk_by_reference, NEEDS_PLAIN},
    {"short-io", 1, N_("Each read and write moves a few bytes"),
     N_("Look at what each call returns, and at what becomes of the rest."),
     N_("The kernel may move fewer bytes than it was asked to; what is left over is yours to move."),
     HANDOUT("short-io"), chat_run_short_io, NEEDS_PLAIN},
    {"interrupted", 2, N_("Waiting that a signal interrupts"),
     N_("Look at the call that waits: what does it return after a signal, and what do its results say then?"),
     N_("An interrupted call has neither failed nor come to an end: it has not happened."),
     HANDOUT("interrupted"), chat_run_interrupted, NEEDS_PLAIN},
    {"in-use", 1, N_("The port is taken, or was a moment ago"),
     N_("Look at the result of bind, and at the option that is set before it."),
     N_("Whoever starts the server must learn that somebody else has its port."),
     HANDOUT("in-use"), run_in_use, NEEDS_PLAIN},
};

static const char *const hand_in[] = {"poll_server.c", NULL};
static const char *const reference[] = {"11-threads/chat_client", NULL};
static const struct build_program programs[] = {
    {.name = "poll_server", .source = {"poll_server.c", NULL}},
};

const struct lab lab_12_poll = {
    .id = "12-poll",
    .number = 12,
    .title = N_("One thread, many clients"),
    .build = {.hand_in = hand_in, .program = programs, .programs = sizeof(programs) / sizeof(programs[0])},
    .check = checks,
    .checks = sizeof(checks) / sizeof(checks[0]),
    .reference = reference,
};
