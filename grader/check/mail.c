/**
 * @file mail.c
 * Conversations in datagrams.
 */
#include "check/mail.h"

#include "check/internal.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>

enum { SHOWN = 60 };

/* --- mailboxes -------------------------------------------------------------------------------------------- */

static struct mailbox *new_mailbox(struct check *c, const char **name)
{
    if (c->mailboxes == MAILBOXES_MAX)
        BUG("check %s has too many mailboxes", c->spec->id);
    if (!*name)
        *name = check_text(c, _("client %zu"), c->mailboxes + 1);
    return xcalloc(1, sizeof(struct mailbox));
}

struct mailbox *mail_open(struct check *c, const char *name, const struct mailbox_options *how)
{
    struct mailbox *m = new_mailbox(c, &name);
    int error = mailbox_open(m, c->timeline, name, how);
    if (error < 0)
        door_refused(c, how->port, error);
    c->mailbox[c->mailboxes++] = m;
    return m;
}

struct mailbox *mail_open_at(struct check *c, const char *name, const char *address, unsigned port)
{
    struct mailbox_options how = {.address = address, .port = port, .serves = true};
    struct mailbox *m = new_mailbox(c, &name);
    int error = mailbox_open(m, c->timeline, name, &how);
    if (error == -EADDRNOTAVAIL || error == -EAFNOSUPPORT)
        check_skip(c, _("this machine does not have the address %s"), address);
    if (error == -EADDRINUSE && c->sandbox->level != SANDBOX_LEVEL_FULL)
        check_skip(c, _("port %u belongs to another server of this machine"), port);
    if (error < 0)
        door_refused(c, port, error);
    c->mailbox[c->mailboxes++] = m;
    return m;
}

static void send_to(struct check *c, struct mailbox *m, const struct sockaddr_storage *to, socklen_t length,
                    const void *bytes, size_t size)
{
    int error = mailbox_send(m, to, length, bytes, size);
    if (error < 0)
        check_trouble(c, _("%s cannot send a datagram: %s"), m->name, strerror(-error));
}

void mail_send(struct check *c, struct mailbox *m, unsigned port, const void *bytes, size_t size)
{
    struct sockaddr_storage to;
    socklen_t length;
    if (peer_address(NULL, port, &to, &length) < 0)
        BUG("port %u", port);
    send_to(c, m, &to, length, bytes, size);
}

void mail_answer(struct check *c, struct mailbox *m, const struct datagram *to, const void *bytes, size_t size)
{
    send_to(c, m, &to->from, to->from_length, bytes, size);
}

void mail_echo(struct check *c, struct mailbox *m, const struct datagram *to)
{
    mail_answer(c, m, to, to->bytes, to->size);
}

static bool has_mail(struct check *c, void *argument)
{
    (void)c;
    const struct mailbox *m = argument;
    return m->taken < m->came;
}

const struct datagram *mail_next(struct check *c, struct mailbox *m)
{
    enum wait_end end = check_wait(c, has_mail, m);
    if (end == WAIT_SPINNING || end == WAIT_DEADLINE)
        failure_of_wait(c, end, check_text(c, _("%s waits for a datagram"), m->name), NULL);
    return end == WAIT_OK ? &m->in[m->taken++] : NULL;
}

const char *mail_quote(const void *bytes, size_t size)
{
    struct buf b = {0};
    if (size == 0)
        return _("an empty datagram");
    buf_printf(&b, ngettext("%zu byte: ", "%zu bytes: ", size), size);
    buf_quote(&b, bytes, size, SHOWN);
    return buf_take(&b);
}

const struct event *mail_last_call(const struct check *c, const struct program *p, uint32_t group)
{
    const struct event *last = NULL;
    for (const struct event *e = NULL; (e = judge_call(c->timeline, e, p->actor, group));)
        last = e->fd_kind == FD_DATAGRAM ? e : last;
    return last;
}

/** The last datagram that a student's program sent. */
static const struct event *last_sending(const struct check *c)
{
    const struct event *last = NULL;
    for (size_t i = 0; i < c->programs; i++) {
        const struct event *e = c->program[i]->reference ? NULL : mail_last_call(c, c->program[i], CALL_WRITE);
        if (e && (!last || e->seq > last->seq))
            last = e;
    }
    return last;
}

static bool is_done(struct check *c, void *argument)
{
    (void)c;
    return ((const struct event *)argument)->done;
}

const struct datagram *mail_expect(struct check *c, struct mailbox *m, const void *bytes, size_t size, const char *what)
{
    enum wait_end end = check_wait(c, has_mail, m);
    struct failure failure = {.verdict = VERDICT_MISMATCH, .expected = mail_quote(bytes, size)};
    if (end != WAIT_OK) {
        failure.actual = _("nothing");
        failure_of_wait(c, end, check_text(c, _("%s waits for %s"), m->name, what), &failure);
    }
    const struct datagram *d = &m->in[m->taken++];
    if (d->size == size && memcmp(d->bytes, bytes, size) == 0)
        return d;
    failure.actual = mail_quote(d->bytes, d->size);
    failure.event[0] = last_sending(c);
    if (failure.event[0])
        check_wait(c, is_done, (void *)failure.event[0]); /* it arrives before the call has returned */
    check_fail(c, &failure, _("%s waits for %s, and what came is something else."), m->name, what);
}

void mail_expect_silence(struct check *c, struct mailbox *m, const char *sentence)
{
    check_rest(c);
    if (m->taken == m->came)
        return;
    const struct datagram *d = &m->in[m->taken];
    struct failure failure = {.verdict = VERDICT_MISMATCH, .expected = _("nothing more"), .event = {last_sending(c)}};
    failure.actual = mail_quote(d->bytes, d->size);
    check_fail(c, &failure, "%s", sentence);
}

bool mail_is_from(const struct datagram *d, const struct sockaddr_storage *address, socklen_t length)
{
    return d->from_length == length && memcmp(&d->from, address, length) == 0;
}

/* --- programs ---------------------------------------------------------------------------------------------- */

/** The port in an address; 0 if it has none. */
static unsigned port_of(const struct event *bind)
{
    const struct sockaddr_in *in = (const struct sockaddr_in *)&bind->addr; /* at the same place in both families */
    bool internet = bind->addr.ss_family == AF_INET || bind->addr.ss_family == AF_INET6;
    return internet ? ntohs(in->sin_port) : 0;
}

/** A bind that gave a datagram socket this port; or, of a program that was let go, any bind that succeeded. */
static const struct event *find_bind(const struct check *c, const struct program *p)
{
    for (const struct event *e = NULL; (e = judge_call(c->timeline, e, p->actor, CALL_BIND));)
        if (e->done && e->result == 0 && e->fd_kind == FD_DATAGRAM && (p->sanitized || port_of(e) == p->port))
            return e;
    return NULL;
}

static bool is_bound_or_ended(struct check *c, void *argument)
{
    const struct program *p = argument;
    return find_bind(c, p) || p->ended;
}

static void fail_unbound(struct program *p, enum wait_end end) __attribute__((noreturn));

static void fail_unbound(struct program *p, enum wait_end end)
{
    struct check *c = p->check;
    const struct event *bind = judge_call(c->timeline, NULL, p->actor, CALL_BIND);
    struct failure failure = {.verdict = VERDICT_NEVER_LISTENED, .event = {bind}, .waits = !p->ended};
    failure_of_sanitizer(c);
    unsigned other = bind && bind->fd_kind == FD_DATAGRAM ? port_of(bind) : 0;
    bool swapped = other == ntohs((in_port_t)p->port);
    if (bind && bind->fd_kind != FD_DATAGRAM)
        check_fail(c, &failure, _("%s binds a TCP socket: no datagram ever comes there."), p->name);
    if (other != 0 && other != p->port)
        check_fail(c, &failure, _("%s binds its socket to port %u, but it was told to use port %u%s."), p->name, other, p->port,
                   swapped ? _(": these are the same two bytes, the other way round") : "");
    if (p->ended || end == WAIT_SPINNING || end == WAIT_DEADLINE)
        failure_of_wait(c, end == WAIT_OK ? WAIT_STUCK : end,
                        check_text(c, _("it should wait for datagrams on port %u"), p->port), &failure);
    check_fail(c, &failure, _("%s has bound no socket to port %u, so no datagram can reach it."), p->name, p->port);
}

struct program *mail_serve(struct check *c, const struct start *how, unsigned port)
{
    struct start start = *how;
    start.binds = true;
    start.trace = how->trace ? how->trace : MAIL_TRACE;
    struct program *p = program_start(c, &start);
    p->port = port;
    enum wait_end end = check_wait(c, is_bound_or_ended, p);
    if (!find_bind(c, p))
        fail_unbound(p, end);
    return p;
}
