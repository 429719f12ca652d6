/**
 * @file 09_mishap.c
 * Lab 09: what befalls fork_server: no process to be had, no descriptor, a child that is killed.
 */
#include "labs/09_fork.h"

#include <errno.h>
#include <signal.h>

enum { TEXT = sizeof(LAB09_TEXT) - 1 };

/** Served, or let go. */
static bool has_answer(struct check *c, void *argument)
{
    (void)c;
    const struct peer *p = argument;
    return p->in.length >= TEXT || p->end || p->state == PEER_CLOSED;
}

/** Somebody keeps the connection of a client open that another process serves: the matter of `parent-closes`. */
static bool is_kept(struct check *c, struct program *server, struct peer *client)
{
    struct tracer_holding holding[LAB09_HOLDINGS];
    check_settle(c);
    pid_t child = program_process_of(server, client);
    size_t n = program_holdings(server, network_other_end(client), holding, LAB09_HOLDINGS);
    for (size_t i = 0; i < n; i++)
        if (holding[i].pid != child)
            return true;
    return false;
}

/** Clients come until forks have failed so often: who makes children beforehand meets it later. */
static void come_until_made(struct check *c, unsigned port, const struct fault *fault, unsigned failures, bool kept)
{
    enum { CLIENTS = 12 };
    for (int i = 0; i < CLIENTS && fault->made < failures; i++) {
        struct peer *client = client_dial(c, port);
        peer_send(client, LAB09_TEXT, TEXT);
        if (kept) /* no connection ever ends here */
            check_settle(c);
        else
            check_await(c, has_answer, client, check_text(c, _("%s waits to be served, or to be let go"), client->name));
        peer_close(client);
    }
}

void lab09_run_fork_fails(struct check *c)
{
    static const unsigned failures[] = {1, 3};
    unsigned port = check_port(c);
    struct program *server = lab09_start(c, port);
    struct peer *before = lab09_come(c, port);
    bool kept = is_kept(c, server, before);
    for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
        struct fault *fault = check_fault(c, (struct fault){.actor = -1, .group = CALL_FORK, .count = failures[i],
                                                            .what = FAULT_ERRNO, .value = EAGAIN});
        come_until_made(c, port, fault, failures[i], kept);
        if (fault->made == 0)
            check_fail(c, &(struct failure){.verdict = VERDICT_MISMATCH, .waits = true},
                       _("%s never called fork, so its failure could not be shown."), server->name);
        check_unfault(c, fault);
        lab09_talk(c, before);
        lab09_visit(c, server, port);
    }
    program_expect_alive(server);
}

/** The failed accept that ends the longest row without a sleep, or a wait that took its time, in between. */
static const struct event *longest_row(const struct check *c, const struct program *server, unsigned *longest)
{
    const struct event *found = NULL;
    uint32_t groups = CALL_ACCEPT | CALL_SLEEP | CALL_WAIT;
    unsigned row = 0;
    *longest = 0;
    for (const struct event *e = NULL; (e = judge_call(c->timeline, e, server->actor, groups));) {
        bool fails = (e->group & CALL_ACCEPT) && e->injected;
        bool at_once = (e->group & CALL_WAIT) && e->done && e->result > 0;
        row = fails ? row + 1 : at_once ? row : 0;
        if (row > *longest) {
            *longest = row;
            found = e;
        }
    }
    return found;
}

/** A server that calls accept again and again while it fails lives, and serves when it can: it costs nothing, but it is said. */
static void warn_of_spinning(struct check *c, const struct program *server, unsigned failures)
{
    unsigned row;
    const struct event *e = longest_row(c, server, &row);
    if (row == failures)
        check_warn(c, &(struct failure){.verdict = VERDICT_SPINNING, .event = {e}},
                   _("accept failed %u times with EMFILE, and %s called it again at once each time. While that lasts it keeps a "
                     "processor busy that its children could use."),
                   row, server->name);
}

void lab09_run_no_descriptors(struct check *c)
{
    enum { FAILURES = 12 };
    unsigned port = check_port(c);
    struct program *server = lab09_start(c, port);
    struct peer *served = lab09_come(c, port);
    check_settle(c);
    check_fault(c, (struct fault){.actor = -1, .group = CALL_ACCEPT, .fd_kinds = 1 << FD_LISTENER, .count = FAILURES,
                                  .what = FAULT_ERRNO, .value = EMFILE});
    struct peer *last = lab09_come(c, port); /* a server that is in accept takes this one; then it begins */
    struct peer *waiting = client_dial(c, port);
    lab09_talk(c, served);
    lab09_talk(c, waiting);
    lab09_talk(c, last);
    lab09_visit(c, server, port);
    program_expect_alive(server);
    warn_of_spinning(c, server, FAILURES);
}

/** This client's child gets a signal that it cannot survive; everybody else goes on. */
static void crash_child(struct check *c, struct program *server, struct peer **client, int victim, int clients, int signal)
{
    pid_t child = lab09_child_of(c, server, client[victim]);
    program_kill_child(server, child, signal, check_text(c, _("the child that serves %s"), client[victim]->name));
    for (int i = 0; i < clients; i++)
        if (i != victim)
            lab09_talk(c, client[i]);
    peer_close(client[victim]);
    client[victim] = lab09_come(c, server->port);
    check_settle(c);
}

void lab09_run_child_crash(struct check *c)
{
    enum { CLIENTS = 3 };
    struct peer *client[CLIENTS];
    unsigned port = check_port(c);
    struct program *server = lab09_start(c, port);
    lab09_come_together(c, port, client, CLIENTS);
    crash_child(c, server, client, 1, CLIENTS, SIGKILL);
    crash_child(c, server, client, 0, CLIENTS, SIGSEGV);
    crash_child(c, server, client, 2, CLIENTS, SIGTERM);
    program_expect_alive(server);
}
