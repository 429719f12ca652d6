/**
 * @file 11_threads.c
 * Lab 11, a room full of people: chat_server and chat_client. The conversations are in chat.h's files, the client's in
 * 11_client.c, what threads do to each other in 11_race.c, those that cannot be made in 11_create.c.
 */
#include "labs/11_threads.h"
#include "check/family.h"

#include <errno.h>
#include <string.h>

/* --- threads ------------------------------------------------------------------------------------------------ */

/** Somebody leaves, in one way or another. */
static void leave(struct check *c, struct peer *person, size_t how)
{
    if (how % 3 == 0)
        peer_half_close(person);
    else if (how % 3 == 1)
        peer_close(person);
    else
        peer_reset(person);
    check_rest(c);
}

static const char *count_threads(struct check *c, size_t threads)
{
    return check_text(c, ngettext("%zu thread", "%zu threads", threads), threads);
}

static void judge_as_before(struct check *c, const struct program *server, size_t before, size_t after, size_t people)
{
    struct failure failure = {.verdict = VERDICT_LEAK, .waits = true,
                              .expected = check_text(c, _("%s, as before they came"), count_threads(c, before)),
                              .actual = count_threads(c, after)};
    if (after > before)
        check_fail(c, &failure, _("%zu clients came and have left again. %s has %s more than before: a thread does not end when "
                                  "its client has left."),
                   people, server->name, count_threads(c, after - before));
}

/** Clients come and leave, one after the other. */
static void visit_in_turn(struct check *c, struct room *room, int visitors)
{
    for (int i = 0; i < visitors && !room->server->ended; i++) {
        struct peer *visitor = chat_enter(room);
        chat_forget(room, visitor);
        room->people--;
        leave(c, visitor, 0);
        peer_close(visitor);
    }
}

/** A thread that has ended is gone only when it is joined, or was detached (pthread_detach(3)). */
static void judge_joined(struct check *c, struct room *room)
{
    enum { FIRST = 8, MORE = 24 }; /* the first ones may fill what the library keeps to be used again */
    check_scene(c);
    visit_in_turn(c, room, FIRST);
    size_t before = program_mappings(room->server);
    visit_in_turn(c, room, MORE);
    size_t after = program_mappings(room->server);
    struct failure failure = {.verdict = VERDICT_LEAK, .event = {judge_call(c->timeline, NULL, room->server->actor, CALL_FORK)}};
    failure.expected = check_text(c, _("%zu mappings in /proc/PID/maps, as before"), before);
    failure.actual = check_text(c, _("%zu mappings in /proc/PID/maps"), after);
    if (after >= before + MORE)
        check_fail(c, &failure, _("%d clients came one after the other and have left again. The stacks of their threads are still there: "
                                  "a thread that ends keeps its stack until it is joined, unless it is detached."), MORE);
}

static void run_threads(struct check *c)
{
    enum { PEOPLE = 6 };
    struct room room = chat_open(c, 0, 1);
    /* What the server makes once and for all, when its first client comes, is no thread of that client's. */
    leave(c, room.person[0], 0);
    room.people = 0;
    size_t before = program_threads(room.server);
    while (room.people < PEOPLE)
        chat_enter(&room);
    size_t during = program_threads(room.server);
    struct failure failure = {.verdict = VERDICT_MISMATCH, .waits = true,
                              .expected = check_text(c, _("at least %d threads"), PEOPLE),
                              .actual = count_threads(c, during)};
    if (room.server->ended)
        program_expect_alive(room.server);
    if (during < PEOPLE)
        check_fail(c, &failure, _("%d clients are in the room, and %s has %s. In this lab each client has a thread of its own."),
                   PEOPLE, room.server->name, count_threads(c, during));
    for (size_t i = 0; i < PEOPLE; i++)
        leave(c, room.person[i], i);
    room.people = 0;
    judge_as_before(c, room.server, before, program_threads(room.server), PEOPLE);
    judge_joined(c, &room);
    lab11_meet_failing_create(c, &room);
}

/* --- ordered ------------------------------------------------------------------------------------------------- */

/**
 * Somebody reads later than the others, who wait for him or not. More than all buffers take is said meanwhile: what one write has not
 * taken is not to be forgotten, and there may be many such writes.
 */
static void hear_late(struct check *c)
{
    enum { LINES = 250 };
    struct room room = chat_open(c, TRACE_CONTROL, 2);
    struct peer_dial how = {.receive_buffer = 4096, .segment = 536};
    struct peer *late = chat_enter_with(&room, _("the one who is late"), how);
    struct buf all = {0};
    for (int i = 0; i < LINES; i++)
        buf_printf(&all, "line %d of %d%0900d\n", i + 1, LINES, 0);
    peer_set_deaf(late, true);
    peer_send(room.person[0], all.data, all.length);
    check_rest(c);
    peer_set_deaf(late, false);
    chat_expect(&room, room.person[0], all.data, all.length);
    buf_free(&all);
    chat_close(&room);
}

static void run_ordered(struct check *c)
{
    hear_late(c);
    chat_run_ordered(c);
}

/* --- what every lab has ------------------------------------------------------------------------------------- */

static void run_usage(struct check *c)
{
    static const struct usage_case client[] = {
        {{NULL}}, {{"127.0.0.1"}}, {{"127.0.0.1", "4000", "4001"}}, {{"127.0.0.1", ""}}, {{"127.0.0.1", "70000"}},
        {{"127.0.0.1", "0"}},
    };
    check_be_patient(c);
    common_usage(c, "chat_client", client, sizeof(client) / sizeof(client[0]));
    chat_run_usage(c);
}

/** What a client needs in order to come to the call that fails. */
static void entertain(struct check *c, struct program *client, unsigned port)
{
    static const char line[] = "hello\n";
    (void)port;
    program_send(client, line, sizeof(line) - 1);
    struct peer *server = door_maybe(c, c->door[0], NULL);
    if (server)
        peer_send(server, line, sizeof(line) - 1);
}

/** Nobody reads what is shown any more: EPIPE, and SIGPIPE if the client has not provided against it. */
static void show_to_nobody(struct check *c)
{
    static const char line[] = "is anybody there?\n";
    check_scene(c);
    unsigned port = check_port(c);
    struct door *door = door_new(c, NULL, &(struct door_options){.port = port});
    struct program *client = program_start(c, &(struct start){.name = "chat_client", .input = INPUT_PIPE, .output_closed = true,
                                                              .argument = {"127.0.0.1", check_text(c, "%u", port)}});
    client->awaited = true;
    struct peer *server = door_expect(c, door, NULL);
    program_send(client, line, sizeof(line) - 1);
    peer_send(server, line, sizeof(line) - 1);
    program_expect_exit(client, 1);
}

static void run_reports_failure(struct check *c)
{
    /* Not a write to the server: that it is gone may just as well be left to whoever reads from it. */
    static const struct failure_case client[] = {
        {.group = CALL_SOCKET, .error = EMFILE},
        {.group = CALL_CONNECT, .error = ECONNREFUSED},
        {.group = CALL_READ, .fd_kinds = 1 << FD_CONNECTED, .error = ECONNRESET},
        {.group = CALL_READ, .fd_kinds = 1 << FD_STDIN, .error = EIO},
        {.group = CALL_WRITE, .fd_kinds = 1 << FD_STDOUT, .error = ENOSPC},
    };
    common_reports_failure_to_listen(c, "chat_server");
    check_scene(c);
    unsigned port = check_port(c);
    door_new(c, NULL, &(struct door_options){.port = port});
    struct start start = {.name = "chat_client", .argument = {"127.0.0.1", check_text(c, "%u", port)},
                          .input = INPUT_PIPE};
    common_reports_failure(c, &start, false, client, sizeof(client) / sizeof(client[0]), entertain);
    show_to_nobody(c);
    lab11_report_failing_create(c);
}

static void type_and_show(struct program *from, struct program *to, const char *line)
{
    program_send(from, line, strlen(line));
    program_expect_output(to, line, strlen(line));
}

/** The student's clients, in the reference server's room. */
static void visit_reference(struct check *c)
{
    unsigned port = check_port(c);
    const char *number = check_text(c, "%u", port);
    server_start_with(c, &(struct start){.name = "chat_server", .argument = {number}, .reference = true}, port);
    struct program *client[2];
    for (int i = 0; i < 2; i++) {
        struct start start = {.name = "chat_client", .argument = {"127.0.0.1", number}, .input = INPUT_PIPE,
                              .label = check_text(c, _("chat_client %d"), i + 1)};
        client[i] = program_start(c, &start);
        check_rest(c);
    }
    type_and_show(client[0], client[1], "hello from the first\n");
    type_and_show(client[1], client[0], "and from the second\n");
}

static void run_reference(struct check *c)
{
    chat_talk_by_reference(c);
    program_kill(c->program[0]);
    check_scene(c);
    visit_reference(c);
}

/** The server with bad luck, then the client. */
static void meet(struct check *c, void (*server)(struct check *), void (*bad_luck)(struct check *))
{
    server(c);
    while (c->faults > 0)
        check_unfault(c, &c->fault[c->faults - 1]);
    program_kill(c->program[0]);
    check_scene(c);
    bad_luck(c);
    lab11_talk_with_guest(c);
}

static void cut_short(struct check *c)
{
    common_short_io(c, 3);
}

static void run_short_io(struct check *c)
{
    meet(c, chat_run_short_io, cut_short);
}

static void run_interrupted(struct check *c)
{
    meet(c, chat_run_interrupted, common_interrupted);
}

static void run_in_use(struct check *c)
{
    common_in_use(c, "chat_server");
}

/* --- the table ------------------------------------------------------------------------------------------------ */

#define HANDOUT(id) "11-threads#lab11-" id

static const struct check_spec checks[] = {
    {"builds", 3, N_("It compiles and links"),
     N_("Begin with the compiler's first message; those behind it are often its consequences."),
     N_("A program that does not build cannot be run, so nothing else could be graded."),
     HANDOUT("builds"), NULL, NEEDS_PLAIN},
    {"warnings", 2, N_("No warning under -Wall -Wextra"),
     N_("Look at what is handed to pthread_create: a number that is cast to a pointer loses bits or meaning."),
     N_("A warning is the compiler's way of saying that the code may not mean what you think."),
     HANDOUT("warnings"), NULL, NEEDS_PLAIN},
    {"usage", 2, N_("Wrong arguments: a usage line, status 2"),
     N_("Count the arguments, then look at every character of the port and at its range."),
     N_("A program that guesses what its user meant guesses wrong one day."),
     HANDOUT("usage"), run_usage, NEEDS_PLAIN},
    {"reports-failure", 3, N_("A failed call is named, status 1"),
     N_("Look at the result of every call; in the client, ask which thread learns of a failure and who ends the program."),
     N_("A thread that fails alone leaves a program that looks alive and does only half of its work."),
     HANDOUT("reports-failure"), run_reports_failure, NEEDS_PLAIN},
    {"relays", 8, N_("A line goes to all the others"),
     N_("Follow one line: to whom is it sent, and who is left out? When is somebody who has just come in the list?"),
     N_("In a room everybody hears everybody else, and nobody hears an echo."),
     HANDOUT("relays"), chat_run_relays, NEEDS_PLAIN},
    {"pieces", 6, N_("Lines in pieces, and several in one piece"),
     N_("Look at what your program does with a read that brings half a line, and with one that brings three and a half."),
     N_("TCP delivers bytes; where a line ends is for your program to find out."),
     HANDOUT("pieces"), chat_run_pieces, NEEDS_PLAIN},
    {"ordered", 9, N_("50 people, 20 lines each, all whole"),
     N_("Ask what happens between two writes of one line, and between two lines of one sender, when another thread runs."),
     N_("Threads are interrupted anywhere; what must stay together needs a lock around it."),
     HANDOUT("ordered"), run_ordered, NEEDS_PLAIN},
    {"leaves", 9, N_("People leave, in good ways and bad"),
     N_("Follow each way to leave: end of file, reset, a send that fails, at the door already. What is closed when, and who may "
        "be using it then?"),
     N_("One who leaves must take nobody along, and leave nothing behind."),
     HANDOUT("leaves"), chat_run_leaves, NEEDS_PLAIN},
    {"long-line", 5, N_("1024 bytes are a line, 1025 are not"),
     N_("Count the bytes at the limit with your finger, the newline included; then ask what a full buffer means."),
     N_("Without a limit a single client decides how much memory your server uses."),
     HANDOUT("long-line"), chat_run_long_line, NEEDS_PLAIN},
    {"threads", 6, N_("A thread for each, and none left over"),
     N_("Ask for each thread: who starts it, what makes it end, and what happens when it cannot be started?"),
     N_("A thread that never ends keeps its stack and its client's memory, and a server has many clients."),
     HANDOUT("threads"), run_threads, NEEDS_PLAIN},
    {"both-ways", 7, N_("The client shows and sends at once"),
     N_("Ask where the client sleeps, and what can wake it there. Is what it shows out before it sleeps again?"),
     N_("Nobody knows who will speak next: the user or the server."),
     HANDOUT("both-ways"), lab11_run_both_ways, NEEDS_PLAIN},
    {"server-gone", 4, N_("The client ends with the server"),
     N_("Look at what the client does at the server's end of file, and at a reset, while it waits for its user."),
     N_("A client without a server is of no use, and its user should learn that at once."),
     HANDOUT("server-gone"), lab11_run_server_gone, NEEDS_PLAIN},
    {"no-descriptors", 2, N_("No descriptor is free for a while"),
     N_("Look at what happens after accept failed with EMFILE: the client is still in the queue."),
     N_("A busy machine runs out of descriptors for moments; a server must outlive them."),
     HANDOUT("no-descriptors"), chat_run_no_descriptors, NEEDS_PLAIN},
    {"memory", 15, N_("Clean under ASan, UBSan, ThreadSanitizer"),
     N_("The report's first line says what happened, the lines below where. In a race look at both places: which lock?"),
     N_("A race goes well on your machine, nearly always, and then it does not."),
     HANDOUT("memory"), lab11_run_memory, NEEDS_ASAN_TSAN},
    {"descriptors", 11, N_("No descriptor leaks, none is closed twice"),
     N_("Follow each way out of a conversation: the connection must be closed there, once, by one thread."),
     N_("With threads, a number that is closed too often is somebody else's by then."),
     HANDOUT("descriptors"), chat_run_descriptors, NEEDS_PLAIN},
    {"order", 2, N_("The calls in their order"),
     N_("Compare your calls with the picture in the handout: which descriptor, which order, which arguments."),
     N_("Each call prepares the next; out of order some of them still seem to work, on your machine, today."),
     HANDOUT("order"), chat_run_order, NEEDS_PLAIN},
    {"reference", 1, N_("They work with the reference programs"),
     N_("If other checks fail too, mend those first; else compare what is sent byte by byte."),
     N_("Programs of different authors must be able to talk to each other."),
     HANDOUT("reference"), run_reference, NEEDS_PLAIN},
    {"short-io", 2, N_("Each write moves three bytes at most"),
     N_("Look at what each call returns, and at what is read or written next."),
     N_("The kernel may move fewer bytes than it was asked to; what is left over is yours to move."),
     HANDOUT("short-io"), run_short_io, NEEDS_PLAIN},
    {"interrupted", 2, N_("Calls that a signal interrupts"),
     N_("Look at each call that can wait, in every thread: what does it do after EINTR?"),
     N_("An interrupted call has neither failed nor come to an end: it has not happened."),
     HANDOUT("interrupted"), run_interrupted, NEEDS_PLAIN},
    {"in-use", 1, N_("The port is taken, or was a moment ago"),
     N_("Look at the result of bind, and at the option that is set before it."),
     N_("Whoever starts the server must learn that somebody else has its port."),
     HANDOUT("in-use"), run_in_use, NEEDS_PLAIN},
};

static const char *const hand_in[] = {"chat_server.c", "chat_client.c", NULL};
static const char *const reference[] = {"chat_server", "chat_client", NULL};
static const struct build_program programs[] = {
    {.name = "chat_server", .source = {"chat_server.c", NULL}, .threads = true},
    {.name = "chat_client", .source = {"chat_client.c", NULL}, .threads = true},
};

const struct lab lab_11_threads = {
    .id = "11-threads",
    .number = 11,
    .title = N_("A room full of people"),
    .build = {.hand_in = hand_in, .program = programs, .programs = sizeof(programs) / sizeof(programs[0])},
    .check = checks,
    .checks = sizeof(checks) / sizeof(checks[0]),
    .reference = reference,
};
