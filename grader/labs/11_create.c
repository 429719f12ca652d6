/**
 * @file 11_create.c
 * pthread_create that fails: the call that this lab is about, and that nobody ever sees fail. Who lives on without that
 * thread is right if it is whole; so what counts is what it does then.
 */
#include "check/family.h"
#include "labs/11_threads.h"

#include <errno.h>
#include <string.h>

static struct fault *fail_creation(struct check *c, unsigned which)
{
    return check_fault(c, (struct fault){.actor = -1, .group = CALL_FORK, .first = which, .count = 1, .what = FAULT_ERRNO,
                                         .value = EAGAIN});
}

/** The last call that was made to fail; NULL if it was not seen. */
static const struct event *find_creation(const struct check *c, const struct program *p)
{
    const struct event *found = NULL;
    for (const struct event *e = NULL; (e = judge_call(c->timeline, e, p->actor, CALL_FORK));)
        if (e->injected)
            found = e;
    return found;
}

/* --- a client has no thread ------------------------------------------------------------------------------------- */

/** What becomes of that client is the server's business, as long as nothing is left of him when he has gone. */
static void visit_in_vain(struct check *c, struct room *room, unsigned which)
{
    check_scene(c);
    int before = program_descriptors(room->server);
    struct fault *fails = fail_creation(c, which);
    struct peer *unlucky = chat_enter(room);
    chat_forget(room, unlucky);
    check_unfault(c, fails);
    peer_close(unlucky);
    check_rest(c);
    int after = program_descriptors(room->server);
    struct failure failure = {.verdict = VERDICT_LEAK, .event = {find_creation(c, room->server)},
                              .expected = check_text(c, _("%d open descriptors"), before),
                              .actual = check_text(c, _("%d open descriptors"), after)};
    if (after > before)
        check_fail(c, &failure, _("There was no thread for %s, which has left. Nobody has closed its connection."), unlucky->name);
}

void lab11_meet_failing_create(struct check *c, struct room *room)
{
    visit_in_vain(c, room, 1);
    visit_in_vain(c, room, 2); /* the second one of a client that has two */
    struct peer *next = chat_enter(room), *another = chat_enter(room);
    chat_say(room, next, "was there somebody before me?\n");
    chat_say(room, another, "he could not stay\n");
    chat_expect_alive(room);
}

/* --- a program has no thread ------------------------------------------------------------------------------------ */

static const char line[] = "can you hear me?\n";

static struct failure blame_creation(struct check *c, const struct program *p)
{
    return (struct failure){.verdict = VERDICT_MISMATCH, .event = {find_creation(c, p)},
                            .expected = _("status 1 and a line on standard error (or all of its work without that thread)")};
}

/** What the program called: "pthread_create", "thrd_create". */
static const char *creation_name(struct check *c, const struct failure *failure)
{
    char name[FUNCTION_MAX];
    if (failure->event[0] && tracer_function(c->tracer, failure->event[0], name))
        return check_text(c, "%s", name);
    return "pthread_create";
}

/** It ended: with status 1, and it said why. pthread_create leaves errno alone, and thrd_create tells no error's number. */
static void judge_end(struct check *c, struct program *p)
{
    struct failure failure = blame_creation(c, p);
    const char *call = creation_name(c, &failure);
    int status = program_await_end(p);
    failure.actual = status == 1 ? _("nothing on standard error") : check_text(c, _("status %d"), status);
    if (status != 1)
        check_fail(c, &failure, _("%s failed with EAGAIN; %s ended with status %d."), call, p->name, status);
    if (p->errors.length == 0)
        check_fail(c, &failure, _("%s failed with EAGAIN; %s ended and did not say why."), call, p->name);
}

static void judge_whole(struct check *c, const struct program *p, bool whole, const char *instead)
{
    struct failure failure = blame_creation(c, p);
    failure.waits = true;
    failure.actual = instead;
    if (!whole)
        check_fail(c, &failure, _("%s failed with EAGAIN. %s goes on, and only a part of it works."),
                   creation_name(c, &failure), p->name);
}

/** Who makes its threads once and for all makes them before the first client comes. */
static void start_server(struct check *c)
{
    check_scene(c);
    struct fault *fails = fail_creation(c, 1);
    unsigned port = check_port(c);
    struct program *p = program_start(c, &(struct start){.name = "chat_server", .argument = {check_text(c, "%u", port)}});
    p->awaited = true;
    p->port = port;
    check_rest(c);
    bool made = fails->made > 0;
    check_unfault(c, fails);
    if (made && p->ended) {
        judge_end(c, p);
    } else if (made) {
        struct room room = {.check = c, .server = p};
        program_await_listening(p, port);
        struct peer *speaker = chat_enter(&room), *listener = chat_enter(&room);
        peer_send(speaker, line, sizeof(line) - 1);
        check_rest(c);
        judge_whole(c, p, listener->in.length > 0, _("it does not relay"));
    }
    program_kill(p);
}

/** The client, whose thread number @p which cannot be made, if it makes so many. */
static void start_client(struct check *c, unsigned which)
{
    check_scene(c);
    struct fault *fails = fail_creation(c, which);
    unsigned port = check_port(c);
    struct door *door = door_new(c, NULL, &(struct door_options){.port = port});
    struct program *p = program_start(c, &(struct start){.name = "chat_client", .input = INPUT_PIPE,
                                                         .argument = {"127.0.0.1", check_text(c, "%u", port)}});
    p->awaited = true;
    program_send(p, line, sizeof(line) - 1);
    struct peer *server = door_maybe(c, door, NULL);
    if (server)
        peer_send(server, line, sizeof(line) - 1);
    check_rest(c);
    size_t shown = 0;
    program_rest(p, &shown);
    bool made = fails->made > 0, sends = server && server->in.length > 0;
    check_unfault(c, fails);
    if (made && p->ended)
        judge_end(c, p);
    else if (made)
        judge_whole(c, p, sends && shown > 0, sends ? _("it shows nothing") : _("it sends nothing"));
    program_kill(p);
}

void lab11_report_failing_create(struct check *c)
{
    start_server(c);
    start_client(c, 1);
    start_client(c, 2);
}
