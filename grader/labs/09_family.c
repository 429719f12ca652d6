/**
 * @file 09_family.c
 * Lab 09: fork_server's processes: who serves whom, what they hold, what they leave behind.
 *
 * One mistake should cost one check. So only `many` comes with more clients than a dozen, only `no-zombies` asks for
 * zombies, and a client that leaves does not wait for the end of its connection, but in `parent-closes`: that it comes is
 * the proof that nobody else keeps the connection open. A server may make its children when it likes, also
 * before their clients come; reap them as it likes, also only when the next client comes; and use one again.
 */
#include "labs/09_fork.h"


static const char text[] = LAB09_TEXT;
enum { TEXT = sizeof(text) - 1 };

/** The first process lives, or the whole program is known to have ended: a run that is not traced tells that a little later. */
static bool is_told(struct check *c, void *argument)
{
    static struct tracer_process process[LAB09_PROCESSES];
    struct program *server = argument;
    size_t n = program_processes(server, process, LAB09_PROCESSES);
    (void)c;
    for (size_t i = 0; i < n; i++)
        if (program_is_first(server, process[i].pid) && !process[i].zombie)
            return true;
    return server->ended;
}

struct program *lab09_start(struct check *c, unsigned port)
{
    struct program *server = server_start(c, NULL, port);
    check_settle(c);
    check_wait(c, is_told, server);
    program_expect_alive(server);
    return server;
}

struct peer *lab09_come(struct check *c, unsigned port)
{
    struct peer *client = client_dial(c, port);
    lab09_talk(c, client);
    return client;
}

void lab09_talk(struct check *c, struct peer *client)
{
    peer_send(client, text, TEXT);
    peer_expect(c, client, text, TEXT);
}

void lab09_visit(struct check *c, struct program *server, unsigned port)
{
    (void)server;
    peer_close(lab09_come(c, port));
}

void lab09_come_together(struct check *c, unsigned port, struct peer **client, size_t count)
{
    for (size_t i = 0; i < count; i++)
        client[i] = lab09_come(c, port);
    check_settle(c);
}

/** The last fork of the program that made a process; NULL if there was none. */
static const struct event *last_fork(const struct check *c, const struct program *p)
{
    const struct event *last = NULL;
    for (const struct event *e = NULL; (e = judge_call(c->timeline, e, p->actor, CALL_FORK));)
        if (e->done && e->result > 0)
            last = e;
    return last;
}

/** The last time that it waited for a child; NULL if it never did. */
static const struct event *last_wait(const struct check *c, const struct program *p)
{
    const struct event *last = NULL;
    for (const struct event *e = NULL; (e = judge_call(c->timeline, e, p->actor, CALL_CHILD));)
        last = e;
    return last;
}

pid_t lab09_child_of(struct check *c, struct program *server, struct peer *client)
{
    pid_t pid = program_process_of(server, client);
    if (pid == 0) { /* nobody: is there still a server, and does it serve this client? */
        program_expect_alive(server);
        lab09_talk(c, client);
        pid = program_process_of(server, client);
    }
    if (pid == 0)
        check_skip(c, _("this kernel does not tell who holds a connection (NETLINK_SOCK_DIAG)"));
    if (!program_is_first(server, pid))
        return pid;
    check_fail(c, &(struct failure){.verdict = VERDICT_MISMATCH, .waits = true},
               _("%s is served by the process that was started, %s itself, and not by a child of it."), client->name,
               server->name);
}

/* --- at the same time -------------------------------------------------------------------------------------- */

void lab09_run_concurrent(struct check *c)
{
    unsigned port = check_port(c);
    struct program *server = lab09_start(c, port);
    struct peer *silent = client_dial(c, port);
    check_settle(c);
    struct peer *second = lab09_come(c, port);
    struct peer *third = lab09_come(c, port);
    lab09_talk(c, second);
    peer_close(second);
    check_settle(c);
    lab09_talk(c, silent);
    lab09_talk(c, third);
    lab09_visit(c, server, port);
    program_expect_alive(server);
}

void lab09_run_many(struct check *c)
{
    enum { CLIENTS = 100 };
    struct peer *client[CLIENTS];
    unsigned port = check_port(c);
    check_be_patient(c);
    /* Who moves byte after byte is slow and right: these calls are not looked at. */
    struct start start = {.name = "fork_server", .argument = {check_text(c, "%u", port)}, .trace = TRACE_CONTROL};
    struct program *server = server_start_with(c, &start, port);
    program_expect_alive(server);
    for (int i = 0; i < CLIENTS; i++)
        client[i] = lab09_come(c, port);
    for (int i = CLIENTS; i-- > 0;)
        lab09_talk(c, client[i]);
    program_expect_alive(server);
}

/* --- a process for each ------------------------------------------------------------------------------------------- */

void lab09_run_processes(struct check *c)
{
    enum { CLIENTS = 6 };
    struct peer *client[CLIENTS];
    pid_t pid[CLIENTS];
    unsigned port = check_port(c);
    struct program *server = lab09_start(c, port);
    lab09_come_together(c, port, client, CLIENTS);
    for (int i = 0; i < CLIENTS; i++) {
        pid[i] = lab09_child_of(c, server, client[i]);
        for (int k = 0; k < i; k++)
            if (pid[k] == pid[i])
                check_fail(c, &(struct failure){.verdict = VERDICT_MISMATCH, .waits = true},
                           _("%s and %s are both served by the same process of %s."), client[k]->name,
                           client[i]->name, server->name);
    }
}

/** After that many clients more, one after the other, so many processes live. Every second one breaks off. */
static size_t living_after(struct check *c, struct program *server, int clients)
{
    for (int i = 0; i < clients; i++) {
        struct peer *client = lab09_come(c, server->port);
        check_settle(c);
        if (i % 2)
            peer_reset(client);
        else
            peer_close(client);
        check_settle(c);
    }
    return program_living(server);
}

void lab09_run_children_end(struct check *c)
{
    enum { FIRST = 2, MORE = 8, SPARE = 2 };
    unsigned port = check_port(c);
    struct program *server = lab09_start(c, port);
    lab09_child_of(c, server, lab09_come(c, port));
    size_t before = living_after(c, server, FIRST), after = living_after(c, server, MORE);
    if (after <= before + SPARE)
        return;
    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {last_fork(c, server)}, .waits = true,
                              .expected = check_text(c, _("%zu processes"), before),
                              .actual = check_text(c, _("%zu processes"), after)};
    check_fail(c, &failure, _("%d clients have come and gone, and %s has %zu processes more: a child does not end when its client "
                              "has left."), MORE, server->name, after - before);
}

/* --- zombies ---------------------------------------------------------------------------------------------------------- */

/**
 * A server may wait for its children only when the next client comes: so one zombie, that of the last client, may be there.
 */
static void expect_no_zombies(struct check *c, struct program *server, const char *when)
{
    enum { LAST_ONE = 1 };
    check_settle(c);
    size_t zombies = program_zombies(server);
    if (zombies <= LAST_ONE)
        return;
    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {last_wait(c, server), last_fork(c, server)},
                              .expected = _("no zombie"), .actual = check_text(c, _("%zu zombies"), zombies)};
    check_fail(c, &failure, _("%s, and %zu children of %s stay as zombies: they have ended, and nobody has waited for them."),
               when, zombies, server->name);
}

/** Those that are to be told of the ends of these clients' children: their parents, as far as they are the server's. */
static size_t find_parents(struct program *server, struct peer *const *client, size_t clients, pid_t *parent)
{
    static struct tracer_process process[LAB09_PROCESSES];
    size_t n = program_processes(server, process, LAB09_PROCESSES), parents = 0;
    for (size_t i = 0; i < clients; i++) {
        pid_t child = program_process_of(server, client[i]), of = 0;
        for (size_t k = 0; k < n; k++)
            of = process[k].pid == child ? process[k].parent : of;
        bool known = false, own = false;
        for (size_t k = 0; k < parents; k++)
            known |= parent[k] == of;
        for (size_t k = 0; k < n; k++)
            own |= process[k].pid == of;
        if (own && !known)
            parent[parents++] = of;
    }
    return parents;
}

/** All leave while the parent cannot run: of fifty SIGCHLDs one arrives (signal(7)). */
static void leave_at_once(struct check *c, struct program *server, struct peer **client, size_t clients)
{
    pid_t parent[64];
    size_t parents = find_parents(server, client, clients, parent);
    for (size_t i = 0; i < parents; i++)
        program_freeze(server, parent[i]);
    for (size_t i = 0; i < clients; i++)
        peer_close(client[i]);
    check_settle(c);
    for (size_t i = 0; i < parents; i++)
        program_thaw(server, parent[i]);
    check_settle(c);
}

void lab09_run_no_zombies(struct check *c)
{
    enum { IN_TURN = 3, AT_ONCE = 50 };
    struct peer *client[AT_ONCE];
    unsigned port = check_port(c);
    check_be_patient(c);
    struct program *server = lab09_start(c, port);
    lab09_child_of(c, server, lab09_come(c, port));
    for (int i = 0; i < IN_TURN; i++) {
        lab09_visit(c, server, port);
        check_settle(c);
    }
    expect_no_zombies(c, server, check_text(c, _("%d clients have come and gone"), IN_TURN));
    check_scene(c);
    lab09_come_together(c, port, client, AT_ONCE);
    leave_at_once(c, server, client, AT_ONCE);
    for (int i = 0; i < 2; i++) { /* who reaps when the next one comes has had the occasion */
        lab09_visit(c, server, port);
        check_settle(c);
    }
    expect_no_zombies(c, server, check_text(c, _("%d clients have left at the same moment, and two more have come and gone"),
                                            AT_ONCE));
    program_expect_alive(server);
}

/* --- who holds what ---------------------------------------------------------------------------------------------------- */

void lab09_run_parent_closes(struct check *c)
{
    enum { CLIENTS = 3 };
    struct peer *client[CLIENTS];
    unsigned port = check_port(c);
    struct program *server = lab09_start(c, port);
    lab09_come_together(c, port, client, CLIENTS);
    for (int i = 0; i < CLIENTS; i++) {
        struct tracer_holding holding[LAB09_HOLDINGS];
        pid_t child = lab09_child_of(c, server, client[i]);
        size_t n = program_holdings(server, network_other_end(client[i]), holding, LAB09_HOLDINGS);
        for (size_t k = 0; k < n; k++) {
            if (holding[k].pid == child)
                continue;
            struct failure failure = {.verdict = VERDICT_LEAK,
                                      .event = {program_maker_of(server, &holding[k]), last_fork(c, server)}};
            check_fail(c, &failure, _("%s is served by a child, and %s still has its connection open, as descriptor %d. While it "
                                      "is open there, the client never sees the end, even when the child has closed it."),
                       client[i]->name,
                       program_is_first(server, holding[k].pid) ? _("the parent") : _("another process"), holding[k].fd);
        }
    }
    peer_half_close(client[0]);
    peer_expect_end(c, client[0]);
}

/** Fails if the child that serves this client has a listening socket open. */
static void expect_no_listener(struct check *c, struct program *server, struct peer *client)
{
    enum { LISTENERS_MAX = 8 };
    uint64_t inode[LISTENERS_MAX];
    pid_t child = lab09_child_of(c, server, client);
    size_t listeners = network_listeners(server->port, inode, LISTENERS_MAX);
    for (size_t i = 0; i < listeners; i++) {
        struct tracer_holding holding[LAB09_HOLDINGS];
        size_t n = program_holdings(server, inode[i], holding, LAB09_HOLDINGS);
        for (size_t k = 0; k < n; k++) {
            if (holding[k].pid != child)
                continue;
            struct failure failure = {.verdict = VERDICT_LEAK,
                                      .event = {program_maker_of(server, &holding[k]), last_fork(c, server)}};
            check_fail(c, &failure, _("The child that serves %s has the listening socket open, as descriptor %d. As long as it "
                                      "lives, the port is taken, even when the server has ended."),
                       client->name, holding[k].fd);
        }
    }
}

void lab09_run_child_closes(struct check *c)
{
    enum { CLIENTS = 2 };
    struct peer *client[CLIENTS];
    unsigned port = check_port(c);
    struct program *server = lab09_start(c, port);
    lab09_come_together(c, port, client, CLIENTS);
    for (int i = 0; i < CLIENTS; i++)
        expect_no_listener(c, server, client[i]);
}
