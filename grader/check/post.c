/**
 * @file post.c
 * Which datagram is taken where. There is no connection to count bytes on: a datagram is known by its bytes, and of
 * several that are alike
 * the one that was sent first is taken first. One that nobody takes is drawn as lost, which it may be.
 */
#include "check/moment.h"

#include "tracer/tracer.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/** A mailbox's event; of the flows of connections none names an address. */
static bool is_mail(const struct event *e, enum event_flow flow)
{
    return e->kind == EVENT_PEER && e->flow == flow && e->addr_length > 0;
}

static bool moves_datagram(const struct moment *m, uint32_t group)
{
    const struct event *e = m->event;
    return e->kind == EVENT_CALL && e->fd_kind == FD_DATAGRAM && (e->group & group) && e->done && e->result >= 0 &&
           !m->begins;
}

/** recv(2) with MSG_PEEK takes nothing. */
static bool only_peeks(const struct event *e)
{
    return strcmp(e->call, "recvfrom") == 0 && (e->arg[3] & MSG_PEEK);
}

static bool is_sending(const struct moment *m)
{
    return is_mail(m->event, FLOW_SENDS) || moves_datagram(m, CALL_WRITE);
}

static bool is_taking(const struct moment *m)
{
    return is_mail(m->event, FLOW_RECEIVES) || (moves_datagram(m, CALL_READ) && !only_peeks(m->event));
}

/** What was taken is what was sent, or what was left of it in a buffer too small. */
static bool is_same(const struct event *sent, const struct event *taken)
{
    size_t known = sent->data_length < taken->data_length ? sent->data_length : taken->data_length;
    if (taken->data_total != sent->data_total && (taken->data_total == 0 || taken->data_total > sent->data_total))
        return false;
    return known == 0 || memcmp(sent->data, taken->data, known) == 0;
}

/** Several datagrams in one call, of which only the first bytes of the first are known, if any. */
static bool moves_batches(const struct moments *all)
{
    for (size_t i = 0; i < all->count; i++) {
        const char *call = all->item[i].event->call;
        if (all->item[i].event->kind == EVENT_CALL && (strcmp(call, "recvmmsg") == 0 || strcmp(call, "sendmmsg") == 0))
            return true;
    }
    return false;
}

void moments_deliver(struct moments *all)
{
    bool batches = moves_batches(all);
    bool *claimed = xcalloc(all->count + 1, sizeof(claimed[0]));
    for (size_t i = 0; i < all->count; i++) {
        struct moment *m = &all->item[i];
        m->posts = is_sending(m);
        if (!m->posts)
            continue;
        m->collected = batches ? (int)i : LADDER_NOWHERE;
        for (size_t k = i + 1; k < all->count && !batches; k++) {
            const struct moment *other = &all->item[k];
            if (claimed[k] || other->event->actor == m->event->actor || !is_taking(other) || !is_same(m->event, other->event))
                continue;
            claimed[k] = true;
            m->collected = (int)k;
            break;
        }
    }
    free(claimed);
}
