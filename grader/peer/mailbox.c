/**
 * @file mailbox.c
 * A scripted peer of datagrams.
 */
#include "peer/mailbox.h"

#include "peer/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
    SHOWN_BYTES = 64,      /* of a quoted datagram */
    SHOWN_UPTO = 4096,     /* a longer one is only counted */
    ROOM = 4 * 1024 * 1024, /* of its queue, as far as the machine lets it: a datagram that finds no room is lost */
};

/** One datagram as a step. @p verb has the mailbox's name, the datagram, the other side's address. */
static struct event *say(struct mailbox *m, const char *format, enum event_flow flow, const struct sockaddr_storage *other,
                         socklen_t length, const void *bytes, size_t size)
{
    struct event *e = timeline_add(m->timeline, EVENT_PEER, m->actor);
    struct buf what = {0}, where = {0};
    if (size == 0)
        buf_puts(&what, _("an empty datagram"));
    else
        buf_printf(&what, ngettext("a datagram of %zu byte", "a datagram of %zu bytes", size), size);
    buf_add_address(&where, (const struct sockaddr *)other, length);
    struct buf quoted = {0};
    if (size > 0 && size <= SHOWN_UPTO) {
        buf_puts(&quoted, ": ");
        buf_quote(&quoted, bytes, size, SHOWN_BYTES);
    }
    event_text(e, format, m->name, buf_text(&what), buf_text(&where), buf_text(&quoted));
    event_data(e, bytes, size < TIMELINE_DATA_MAX ? size : TIMELINE_DATA_MAX, size);
    e->flow = flow;
    e->addr = *other;
    e->addr_length = length;
    buf_free(&quoted);
    buf_free(&where);
    buf_free(&what);
    return e;
}

static void say_open(struct mailbox *m)
{
    struct buf address = {0};
    struct event *e = timeline_add(m->timeline, EVENT_PEER, m->actor);
    e->flow = FLOW_LISTENS;
    event_text(e, _("%s waits for datagrams on %s"), m->name, address_text(&address, &m->address, m->address_length));
    buf_free(&address);
}

int mailbox_open(struct mailbox *m, struct timeline *timeline, const char *name, const struct mailbox_options *how)
{
    const int room = ROOM;
    *m = (struct mailbox){.timeline = timeline, .fd = -1};
    int error = peer_address(how->address, how->port, &m->address, &m->address_length);
    if (error)
        return error;
    m->fd = socket(m->address.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (m->fd < 0)
        return -errno;
    (void)setsockopt(m->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)); /* more than the machine allows is its most */
    (void)setsockopt(m->fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
    if (bind(m->fd, (struct sockaddr *)&m->address, m->address_length) != 0 ||
        getsockname(m->fd, (struct sockaddr *)&m->address, &m->address_length) != 0) {
        error = -errno;
        fd_close(&m->fd);
        return error;
    }
    m->in = xcalloc(MAILBOX_KEEPS, sizeof(m->in[0]));
    m->actor = timeline_actor(timeline, name);
    m->name = timeline->actor[m->actor];
    if (how->serves)
        say_open(m);
    return 0;
}

void mailbox_close(struct mailbox *m)
{
    fd_close(&m->fd);
    for (size_t i = 0; i < m->came; i++)
        free(m->in[i].bytes);
    free(m->in);
    m->in = NULL;
    m->came = m->taken = 0;
}

static void keep(struct mailbox *m, const struct datagram *d)
{
    if (m->came == MAILBOX_KEEPS) {
        m->dropped++;
        return;
    }
    struct datagram *own = &m->in[m->came++];
    *own = *d;
    own->bytes = xmalloc(d->size + 1);
    memcpy(own->bytes, d->bytes, d->size);
    own->event = say(m, _("%s receives %s from %s%s"), FLOW_RECEIVES, &d->from, d->from_length, d->bytes, d->size);
}

bool mailbox_handle(struct mailbox *m)
{
    enum { TURN = 64 }; /* a program that floods must not keep the loop from everybody else */
    static unsigned char bytes[1 << 16];
    bool moved = false;
    for (int i = 0; i < TURN; i++) {
        struct datagram d = {.from_length = sizeof(d.from), .bytes = bytes};
        ssize_t n = recvfrom(m->fd, bytes, sizeof(bytes), 0, (struct sockaddr *)&d.from, &d.from_length);
        if (n < 0)
            break;
        d.size = (size_t)n;
        keep(m, &d);
        moved = true;
    }
    return moved;
}

int mailbox_send(struct mailbox *m, const struct sockaddr_storage *to, socklen_t length, const void *bytes, size_t size)
{
    struct event *e = say(m, _("%s sends %s to %s%s"), FLOW_SENDS, to, length, bytes, size);
    if (sendto(m->fd, bytes, size, 0, (const struct sockaddr *)to, length) == (ssize_t)size)
        return 0;
    int error = -errno;
    event_text(e, _("%s cannot send a datagram: %s"), m->name, strerror(-error));
    e->flow = FLOW_NONE;
    return error;
}
