/**
 * @file 10_clients.c
 * Lab 10, what clients leave behind in a daemon that lives for months: nothing that ends it, and no zombies.
 */
#include "labs/10_daemon.h"

#include "check/family.h"

#include <string.h>

/**
 * A client that is gone when its answer is under way: the first write to it is answered by a reset, and the second one, as each is
 * short, fails with EPIPE and raises SIGPIPE.
 */
static void leave_before_answer(struct check *c, unsigned port)
{
    struct fault *hold = check_hold_write(c, -1); /* before the others: the first that matches wins */
    common_short_io(c, 3);
    struct peer *client = client_dial(c, port);
    peer_send(client, LAB10_TEXT, strlen(LAB10_TEXT));
    check_await_held(c, hold);
    peer_close(client);
    peer_await_left(c, client);
    tracer_release(c->tracer, hold);
    check_settle(c);
    while (c->faults > 0)
        check_unfault(c, &c->fault[c->faults - 1]);
}

void lab10_vanished(struct check *c)
{
    unsigned port = check_port(c);
    struct program *p = lab10_start(c, port);
    leave_before_answer(c, port);
    lab10_visit(c, p, port);
    struct peer *client = lab10_client(c, port);
    peer_reset(client);
    peer_await_left(c, client);
    lab10_visit(c, p, port);
    program_expect_alive(p);
}

/** Whoever waits for children only when the next client comes may have one: that of the last. */
static void expect_no_zombies(struct check *c, struct program *p, const char *when)
{
    enum { LAST_ONE = 1 };
    check_settle(c);
    size_t zombies = program_zombies(p);
    if (zombies <= LAST_ONE)
        return;
    struct failure failure = {.verdict = VERDICT_MISMATCH, .expected = _("no zombie"),
                              .actual = check_text(c, _("%zu zombies"), zombies)};
    check_fail(c, &failure, _("%s, and %zu children of the daemon stay as zombies: they have ended, and nobody has waited for them."),
               when, zombies);
}

void lab10_no_zombies(struct check *c)
{
    enum { CLIENTS = 10 };
    struct peer *client[CLIENTS];
    unsigned port = check_port(c);
    struct program *p = lab10_start(c, port);
    for (int i = 0; i < CLIENTS; i++)
        lab10_visit(c, p, port);
    expect_no_zombies(c, p, check_text(c, _("%d clients have come and gone"), CLIENTS));
    check_scene(c);
    for (int i = 0; i < CLIENTS; i++)
        client[i] = client_dial(c, port);
    check_settle(c);
    program_freeze(p, p->daemon); /* of all the signals that its children's ends are, it gets one */
    for (int i = 0; i < CLIENTS; i++)
        peer_close(client[i]);
    check_settle(c);
    program_thaw(p, p->daemon);
    check_settle(c);
    for (int i = 0; i < 2; i++)
        lab10_visit(c, p, port);
    expect_no_zombies(c, p, check_text(c, _("%d clients have left at the same moment, and two more have come and gone"), CLIENTS));
    program_expect_alive(p);
}
