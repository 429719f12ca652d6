/**
 * @file 05_socket.c
 * Lab 05: what becomes of the client's sockets. What it prints is not looked at here, nor whether it
 * succeeds: each of these checks sees one kind of mistake.
 */
#include "labs/05_connect.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/wait.h>

/** Answers whoever comes, and lets the client do what it will. */
static void answer(struct check *c, struct program *p, struct door *d)
{
    struct peer *server = door_maybe(c, d, NULL);
    if (server) {
        peer_send(server, hello_reply, strlen(hello_reply));
        peer_half_close(server);
    }
    p->awaited = true;
    check_settle(c);
    attempt_need(c, p);
}

/** A conversation at the first attempt. */
static struct program *talk_at_once(struct check *c)
{
    unsigned port = check_port(c);
    struct door *d = door_new(c, NULL, &(struct door_options){.port = port});
    struct program *p = hello_start(c, "127.0.0.1", port);
    answer(c, p, d);
    return p;
}

/** A conversation after two failed attempts; none with a client that does not try so often. */
static struct program *talk_late(struct check *c)
{
    unsigned port = check_port(c);
    struct fault *hold = attempt_hold(c);
    struct program *p = hello_start(c, "127.0.0.1", port);
    bool late = attempt_await(c, p, hold, LATE);
    struct door *d = late ? door_new(c, NULL, &(struct door_options){.port = port}) : NULL;
    check_unfault(c, hold);
    p->awaited = true;
    if (d)
        answer(c, p, d);
    else
        attempt_need(c, p);
    return p;
}

static bool succeeded(const struct program *p)
{
    return p->ended && WIFEXITED(p->status) && WEXITSTATUS(p->status) == 0;
}

/** An earlier attempt with the same socket, NULL if there is none. */
static const struct attempt *find_earlier(const struct attempt *list, size_t i)
{
    for (size_t j = i; j-- > 0;)
        if (list[j].sock == list[i].sock)
            return &list[j];
    return NULL;
}

void socket_run_fresh(struct check *c)
{
    struct program *p = talk_late(c);
    struct attempt list[ATTEMPTS_MAX];
    size_t n = attempt_list(c, p, list);
    for (size_t i = 0; i < n; i++) {
        const struct attempt *earlier = find_earlier(list, i);
        if (!earlier || !earlier->failed)
            continue;
        struct failure failure = {.verdict = VERDICT_MISMATCH,
                                  .event = {list[i].connect, earlier->result}};
        check_fail(
            c, &failure,
            _("%s calls connect again on a socket whose connect has failed. POSIX leaves open what "
              "state that socket is in."),
            p->name);
    }
    for (size_t i = 0; i < n && succeeded(p); i++) {
        if (!list[i].failed || judge_close(c->timeline, list[i].sock))
            continue;
        struct failure failure = {
            .verdict = VERDICT_LEAK,
            .event = {list[i].connect, judge_maker(c->timeline, list[i].sock)}};
        check_fail(c, &failure,
                   _("The connect on this socket failed, and %s never closed the socket."),
                   p->name);
    }
}

void socket_run_order(struct check *c)
{
    struct program *p = talk_at_once(c);
    for (const struct event *e = NULL;
         (e = judge_call(c->timeline, e, p->actor, CALL_READ | CALL_WRITE));) {
        if (e->fd_kind != FD_SOCKET)
            continue;
        struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {e}};
        check_fail(c, &failure, _("%s calls %s on a socket that is not connected yet."), p->name,
                   e->call);
    }
    struct attempt list[ATTEMPTS_MAX];
    size_t n = attempt_list(c, p, list);
    for (size_t i = 0; i < n; i++) {
        const struct attempt *earlier = find_earlier(list, i);
        if (!earlier || !earlier->connected)
            continue;
        struct failure failure = {.verdict = VERDICT_MISMATCH,
                                  .event = {list[i].connect, earlier->connect}};
        check_fail(c, &failure, _("%s calls connect on a socket that is connected already."),
                   p->name);
    }
}

void socket_run_no_bind(struct check *c)
{
    struct program *p = talk_at_once(c);
    for (const struct event *e = NULL; (e = judge_call(c->timeline, e, p->actor, CALL_BIND));) {
        in_port_t port = 0; /* the place is the same in both families (ip(7), ipv6(7)) */
        if (e->addr.ss_family == AF_INET || e->addr.ss_family == AF_INET6)
            port = ((const struct sockaddr_in *)&e->addr)->sin_port;
        if (!attempt_is_tcp(e) || port == 0)
            continue;
        struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {e}};
        check_fail(c, &failure,
                   _("%s binds its own side to port %u. A second client on this machine would find "
                     "that port "
                     "taken."),
                   p->name, ntohs(port));
    }
}

static void judge_closing(struct check *c, struct program *p)
{
    const struct event *twice = judge_double_close(c->timeline, NULL, p->actor);
    if (twice)
        check_fail(c, &(struct failure){.verdict = VERDICT_MISMATCH, .event = {twice}},
                   _("%s closes a descriptor that is not open (EBADF): it was closed before. In a "
                     "larger program the number "
                     "may be somebody else's by then."),
                   p->name);
    /* On a failure's way out, exit may close what is open. */
    for (const struct event *e = NULL;
         succeeded(p) && (e = judge_call(c->timeline, e, p->actor, CALL_SOCKET));) {
        int domain = (int)e->arg[0], type = (int)e->arg[1] & 0xf;
        bool tcp = (domain == AF_INET || domain == AF_INET6) && type == SOCK_STREAM;
        if (!tcp || !e->new_sock || judge_close(c->timeline, e->new_sock))
            continue;
        struct failure failure = {.verdict = VERDICT_LEAK, .event = {e}};
        check_fail(c, &failure, _("%s ended with status 0 and never closed this socket."), p->name);
    }
}

void socket_run_descriptors(struct check *c)
{
    judge_closing(c, talk_at_once(c));
    check_scene(c);
    judge_closing(c, talk_late(c));
}
