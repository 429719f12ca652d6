/**
 * @file travel.c
 * What goes from one side to the other. A connection has no name that both of its ends know, so they are found by the client's
 * address where the one who accepts asked for it, and else by order: the kernel's queue hands out the connection first that came first.
 */
#include "check/moment.h"

#include "tracer/tracer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* --- connections -------------------------------------------------------------------------------------- */

/** One end: a program's socket, or a peer, which has one connection (sock 0). */
struct end {
    actor_id actor;
    int sock;
};

struct link {
    struct end end[2]; /* who dialled, who accepted */
    const struct event *dial;
    bool accepted;
};

struct links {
    struct link *item;
    size_t count;
};

static bool is_same_end(struct end a, struct end b)
{
    return a.actor == b.actor && a.sock == b.sock;
}

static bool is_dial(const struct event *e)
{
    if (e->kind == EVENT_PEER)
        return e->flow == FLOW_DIALS;
    if (e->kind != EVENT_CALL || !(e->group & CALL_CONNECT) || e->sock == 0)
        return false;
    if (e->fd_kind != FD_SOCKET && e->fd_kind != FD_CONNECTED)
        return false;
    return !e->done || e->result == 0 || e->result == -EINPROGRESS || e->result == -EINTR;
}

static bool is_accept(const struct event *e)
{
    if (e->kind == EVENT_PEER)
        return e->flow == FLOW_ACCEPTS;
    return e->kind == EVENT_CALL && (e->group & CALL_ACCEPT) && e->done && e->result >= 0 && e->new_sock > 0;
}

/** The two addresses are known and equal. */
static bool is_same_address(const struct event *a, const struct event *b)
{
    return a->addr_length > 0 && a->addr_length == b->addr_length && memcmp(&a->addr, &b->addr, a->addr_length) == 0;
}

/** A call's address is the one that it dials; only a peer's event tells its own. */
static bool names_itself(const struct event *dial)
{
    return dial->kind == EVENT_PEER && dial->addr_length > 0;
}

/** The connection that an accept hands out; NULL if nobody is known to have dialled. */
static struct link *find_dialled(const struct links *l, const struct event *accept)
{
    struct link *oldest = NULL;
    for (size_t i = 0; i < l->count; i++) {
        struct link *link = &l->item[i];
        if (link->accepted || link->end[0].actor == accept->actor)
            continue;
        if (names_itself(link->dial) && is_same_address(link->dial, accept))
            return link;
        bool other = names_itself(link->dial) && accept->addr_length > 0;
        if (!oldest && !other)
            oldest = link;
    }
    return oldest;
}

/** An accept counts when it returns: it may have waited for the dial. */
static struct links find_links(const struct moments *all)
{
    struct links l = {xcalloc(all->count + 1, sizeof(l.item[0])), 0};
    for (size_t i = 0; i < all->count; i++) {
        const struct moment *m = &all->item[i];
        const struct event *e = m->event;
        struct end end = {e->actor, is_accept(e) ? e->new_sock : e->sock};
        bool again = l.count > 0 && is_same_end(l.item[l.count - 1].end[0], end); /* connect, interrupted */
        if (is_dial(e) && m->since < 0 && !again)
            l.item[l.count++] = (struct link){.end = {end, {-1, 0}}, .dial = e};
        struct link *link = is_accept(e) && !m->begins ? find_dialled(&l, e) : NULL;
        if (!link)
            continue;
        link->end[1] = end;
        link->accepted = true;
    }
    return l;
}

static void attach(const struct links *l, struct moment *m)
{
    const struct event *e = m->event;
    struct end end = {e->actor, is_accept(e) ? e->new_sock : e->sock};
    for (size_t i = l->count; i-- > 0;) { /* the latest: a peer has one, a socket may be connected anew */
        for (int side = 0; side < 2; side++) {
            bool later = side == 0 && l->item[i].dial->seq > e->seq;
            if (!is_same_end(l->item[i].end[side], end) || later)
                continue;
            m->link = (int)i;
            m->side = side;
            return;
        }
    }
}

/* --- what a moment does ----------------------------------------------------------------------------------- */

/** recv(2) with MSG_PEEK takes nothing. */
static bool only_peeks(const struct event *e)
{
    if (strcmp(e->call, "recvfrom") == 0)
        return e->arg[3] & MSG_PEEK;
    return strcmp(e->call, "recvmsg") == 0 && (e->arg[2] & MSG_PEEK);
}

static void read_call(struct moment *m)
{
    const struct event *e = m->event;
    uint32_t group = e->group;
    bool moves = group & (CALL_READ | CALL_WRITE);
    m->dials = is_dial(e) && (m->begins || m->since < 0);
    m->accepts = is_accept(e) && !m->begins;
    if (m->begins || !e->done || e->sock == 0)
        return;
    uint64_t bytes = moves && e->result > 0 ? (uint64_t)e->result : 0;
    if (group & CALL_READ)
        m->taken = only_peeks(e) ? 0 : bytes;
    else if (group & CALL_WRITE)
        m->sent = bytes;
    m->sees_end = (group & CALL_READ) && e->result == 0 && !e->injected;
    m->is_reset = moves && !e->injected && (e->result == -ECONNRESET || e->result == -EPIPE);
    m->ends = (group & CALL_SHUTDOWN) && e->result == 0 && e->value != SHUT_RD;
    m->closes = group & CALL_CLOSE;
}

static void read_peer(struct moment *m)
{
    const struct event *e = m->event;
    m->dials = e->flow == FLOW_DIALS;
    m->accepts = e->flow == FLOW_ACCEPTS;
    m->sent = e->flow == FLOW_SENDS ? e->data_total : e->flow == FLOW_ECHOES ? (uint64_t)e->value : 0;
    m->taken = e->flow == FLOW_RECEIVES || e->flow == FLOW_ECHOES ? e->data_total : 0;
    m->ends = e->flow == FLOW_ENDS;
    m->resets = e->flow == FLOW_RESETS;
    m->sees_end = e->flow == FLOW_SEES_END;
    m->is_reset = e->flow == FLOW_IS_RESET;
}

void moments_connect(struct moments *all)
{
    struct links l = find_links(all);
    uint64_t (*moved)[2][2] = xcalloc(l.count + 1, sizeof(moved[0])); /* by side: sent, taken */
    for (size_t i = 0; i < all->count; i++) {
        struct moment *m = &all->item[i];
        if (m->event->kind == EVENT_CALL)
            read_call(m);
        else if (m->event->kind == EVENT_PEER)
            read_peer(m);
        attach(&l, m);
        if (m->link < 0)
            continue;
        m->sent_from = moved[m->link][m->side][0];
        m->taken_from = moved[m->link][m->side][1];
        moved[m->link][m->side][0] += m->sent;
        moved[m->link][m->side][1] += m->taken;
    }
    free(moved);
    free(l.item);
    moments_deliver(all);
}

/* --- who takes it -------------------------------------------------------------------------------------------- */

static bool is_other_side(const struct moment *a, const struct moment *b)
{
    return a->link >= 0 && a->link == b->link && a->side != b->side;
}

static int find_bytes(const struct moments *all, const struct moment *sender)
{
    for (size_t i = 0; i < all->count; i++) {
        const struct moment *m = &all->item[i];
        if (is_other_side(m, sender) && m->taken > 0 && sender->sent_from >= m->taken_from &&
            sender->sent_from < m->taken_from + m->taken)
            return (int)i;
    }
    return LADDER_NOWHERE;
}

static int find_accept(const struct moments *all, const struct moment *dial)
{
    for (size_t i = 0; i < all->count; i++)
        if (is_other_side(&all->item[i], dial) && all->item[i].accepts)
            return (int)i;
    return LADDER_NOWHERE;
}

/** The next moment in which the other side sees the end, however it came. */
static int find_end(const struct moments *all, int at)
{
    const struct moment *sender = &all->item[at];
    for (size_t i = (size_t)at + 1; i < all->count; i++) {
        const struct moment *m = &all->item[i];
        if (is_other_side(m, sender) && (m->sees_end || m->is_reset))
            return (int)i;
    }
    return LADDER_NOWHERE;
}

/** Another close, an earlier shutdown, or the end of another process is what the other side saw at @p seen. */
static bool is_not_what_was_seen(const struct moments *all, int at, int seen)
{
    const struct moment *closer = &all->item[at];
    for (int i = 0; i < seen; i++) {
        const struct moment *m = &all->item[i];
        const struct event *e = m->event;
        if (i > at && e->kind == EVENT_END && e->actor == closer->event->actor && e->pid != closer->event->pid)
            return true;
        if (i == at || m->link != closer->link || m->side != closer->side)
            continue;
        if (m->ends || (m->closes && i > at))
            return true;
    }
    return false;
}

/** The other side has closed its end already: there is nobody to see this one. */
static bool is_alone(const struct moments *all, int at)
{
    for (int i = 0; i < at; i++) {
        const struct moment *m = &all->item[i];
        if (is_other_side(m, &all->item[at]) && (m->closes || m->resets))
            return true;
    }
    return false;
}

static struct taker find_taker_of_end(const struct moments *all, int at)
{
    const struct moment *m = &all->item[at];
    int seen = find_end(all, at);
    bool known = (m->ends || m->resets) && !(seen == LADDER_NOWHERE && is_alone(all, at));
    /* A close sends nothing while another process holds the socket; so it is believed only if the end was seen. */
    if (!known && (seen == LADDER_NOWHERE || is_not_what_was_seen(all, at, seen)))
        return (struct taker){TRAVEL_NOTHING, 0, LADDER_NOWHERE};
    bool reset = m->resets || (seen != LADDER_NOWHERE && m->closes && all->item[seen].is_reset);
    return (struct taker){reset ? TRAVEL_RESET : TRAVEL_END, 0, seen};
}

struct taker moments_find_taker(const struct moments *all, int at, bool blind)
{
    const struct moment *m = &all->item[at];
    struct taker taker = {TRAVEL_NOTHING, 0, LADDER_NOWHERE};
    if (m->posts)
        taker = (struct taker){TRAVEL_BYTES, m->event->data_total, m->collected};
    else if (m->link < 0)
        return taker;
    else if (m->dials)
        taker = (struct taker){TRAVEL_CONNECTION, 0, find_accept(all, m)};
    else if (m->sent > 0)
        taker = (struct taker){TRAVEL_BYTES, m->sent, find_bytes(all, m)};
    else if (m->ends || m->closes || m->resets)
        taker = find_taker_of_end(all, at);
    /* A transfer is told where it begins: what went into it later is told earlier. */
    if (taker.travel != TRAVEL_NOTHING && taker.at != LADDER_NOWHERE && taker.at < at)
        taker.at = at;
    if (taker.travel != TRAVEL_NOTHING && taker.at == LADDER_NOWHERE && blind)
        taker.at = at;
    return taker;
}
