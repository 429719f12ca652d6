/**
 * @file door.c
 * A listening socket of the grader, the handshake that it can hold up and complete at will, and a
 * port in TIME_WAIT.
 *
 * How a client is made to hang in connect(2) and is then let in (tried on Linux 6.18):
 *
 * A listener whose accept queue is full drops each SYN, so the client stays in SYN_SENT. The queue
 * is filled by the grader's own connections: a backlog of 1 holds two. (0 would not do: the kernel
 * then answers the first SYN with a cookie or not at all, as net.ipv4.tcp_syncookies says. A socket
 * filter would drop as well, but some kernels refuse SO_ATTACH_FILTER to ordinary users.) With
 * the two taken out the next SYN passes; but the waiting client sends its next one only after a
 * second.
 *
 * So the grader sends one: a second socket, bound to the listener's own address, connects to the
 * client. The client in SYN_SENT gets a SYN, answers SYN+ACK, and both ends are connected within
 * the call: TCP simultaneous open. The kernel finds the second socket by its four-tuple before it
 * looks at listeners, so neither the listener nor its queue gets in the way. Both need
 * SO_REUSEPORT, or the second bind meets EADDRINUSE; SO_REUSEADDR alone is not enough beside a
 * socket that listens.
 */
#include "peer/internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DEFAULT_BACKLOG = 16, DROP_BACKLOG = DOOR_FILL - 1 };

static int set_option(int fd, int option, int value)
{
    return setsockopt(fd, SOL_SOCKET, option, &value, sizeof value) == 0 ? 0 : -errno;
}

/* Everything that must be set before bind or listen: accepted connections inherit the buffers. */
static int prepare(int fd, const struct door_options *how)
{
    int error = 0;

    if (!how->no_reuse)
        error = set_option(fd, SO_REUSEADDR, 1);
    if (!error && how->receive_buffer)
        error = set_option(fd, SO_RCVBUF, how->receive_buffer);
    if (!error && how->send_buffer)
        error = set_option(fd, SO_SNDBUF, how->send_buffer);
    if (!error && how->drop_syn)
        error = set_option(fd, SO_REUSEPORT, 1);
    return error;
}

/*
 * Two connections that nobody accepts. Over loopback a handshake is through to the listener when
 * connect(2) returns, so the queue is full from here on. To connect(2) the wildcard address is
 * this host.
 */
static int fill_queue(struct door *d)
{
    for (int i = 0; i < DOOR_FILL; i++) {
        d->fill[i] = socket(d->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (d->fill[i] < 0)
            return -errno;
        if (connect(d->fill[i], (struct sockaddr *)&d->address, d->address_length) != 0)
            return -errno;
    }
    return 0;
}

/* Resets them, so that none leaves the port in TIME_WAIT. */
static void drop_fill(struct door *d)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};

    for (int i = 0; i < DOOR_FILL; i++) {
        if (d->fill[i] < 0)
            continue;
        if (setsockopt(d->fill[i], SOL_SOCKET, SO_LINGER, &now, sizeof now) != 0)
            BUG("SO_LINGER: %m");
        fd_close(&d->fill[i]);
    }
}

static int start_listening(struct door *d, const struct door_options *how)
{
    if (how->bind_only)
        return 0;
    d->backlog = how->backlog ? how->backlog : DEFAULT_BACKLOG;
    if (listen(d->fd, how->drop_syn ? DROP_BACKLOG : d->backlog) != 0)
        return -errno;
    return how->drop_syn ? fill_queue(d) : 0;
}

static void say_open(struct door *d, const struct door_options *how)
{
    const char *format = _("%s listens on %s");
    struct buf address = {0};

    if (how->bind_only)
        format = _("%s holds %s and does not listen");
    else if (how->drop_syn)
        format = _("%s listens on %s and lets no connection request through");
    struct event *e = timeline_add(d->timeline, EVENT_PEER, d->actor);
    e->flow = FLOW_LISTENS;
    event_text(e, format, d->timeline->actor[d->actor],
               address_text(&address, &d->address, d->address_length));
    buf_free(&address);
}

int door_open(struct door *d, struct timeline *timeline, const char *name,
              const struct door_options *how)
{
    int error;

    *d = (struct door){.timeline = timeline, .fd = -1, .fill = {-1, -1}};
    d->actor = timeline_actor(timeline, name);
    error = peer_address(how->address, how->port, &d->address, &d->address_length);
    if (error)
        return error;
    d->fd = socket(d->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (d->fd < 0)
        return -errno;
    error = prepare(d->fd, how);
    if (error)
        goto out;
    if (bind(d->fd, (struct sockaddr *)&d->address, d->address_length) != 0 ||
        getsockname(d->fd, (struct sockaddr *)&d->address, &d->address_length) != 0) {
        error = -errno;
        goto out;
    }
    error = start_listening(d, how);
    if (error)
        goto out;
    say_open(d, how);
    return 0;
out:
    drop_fill(d);
    fd_close(&d->fd);
    return error;
}

static unsigned port_of(const struct sockaddr_storage *address)
{
    if (address->ss_family == AF_INET6)
        return ntohs(((const struct sockaddr_in6 *)address)->sin6_port);
    return ntohs(((const struct sockaddr_in *)address)->sin_port);
}

unsigned door_port(const struct door *d)
{
    return port_of(&d->address);
}

short door_events(const struct door *d)
{
    if (d->fd < 0 || d->backlog == 0 || d->fill[0] >= 0)
        return 0;
    return POLLIN;
}

bool door_accept(struct door *d, struct peer *p)
{
    struct sockaddr_storage from = {0};
    socklen_t length = sizeof from;
    struct buf address = {0};
    int fd;

    if (door_events(d) == 0)
        return false;
    fd = accept4(d->fd, (struct sockaddr *)&from, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd < 0)
        return false;
    /* A client that is reset already has no name for getpeername(2): accept's is kept. */
    p->remote = from;
    p->address_length = length;
    struct event *e = peer_say_flow(p, FLOW_ACCEPTS);
    e->addr = from;
    e->addr_length = length;
    event_text(e, _("%s accepts the connection from %s"), p->name,
               address_text(&address, &from, length));
    buf_free(&address);
    peer_adopt(p, fd);
    return true;
}

int door_undrop(struct door *d)
{
    drop_fill(d);
    for (int i = 0; i < DOOR_FILL; i++) {
        /* They came first, so they are taken out first; that they are reset does not keep Linux
         * from handing them out (accept(2)). */
        int fd = accept4(d->fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            return -errno;
        fd_close(&fd);
    }
    if (listen(d->fd, d->backlog) != 0)
        return -errno;
    event_text(timeline_add(d->timeline, EVENT_PEER, d->actor),
               _("%s lets connection requests through from now on"), d->timeline->actor[d->actor]);
    return 0;
}

/* Binds a socket to `own` beside the listener and starts the connect; the socket or -errno. */
static int connect_from(const struct sockaddr_storage *own, const struct sockaddr_storage *client,
                        socklen_t length)
{
    int fd = socket(own->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int error;

    if (fd < 0)
        return -errno;
    peer_set_options(fd);
    error = set_option(fd, SO_REUSEADDR, 1);
    if (!error)
        error = set_option(fd, SO_REUSEPORT, 1);
    if (!error && bind(fd, (const struct sockaddr *)own, length) != 0)
        error = -errno;
    if (!error && connect(fd, (const struct sockaddr *)client, length) != 0 && errno != EINPROGRESS)
        error = -errno;
    if (error) {
        fd_close(&fd);
        return error;
    }
    return fd;
}

int door_meet(struct door *d, struct peer *p, const struct sockaddr *client, socklen_t length)
{
    struct sockaddr_storage waiting, aim;
    struct buf address = {0};
    int error;

    if (p->state != PEER_NEW)
        BUG("%s meets a second client", p->name);
    /* The client aims at one address; that of a door on the wildcard address would be none. */
    error = network_find_waiting(door_port(d), client, &waiting, &aim, &length);
    if (error)
        return error;
    int fd = connect_from(&aim, &waiting, length);
    if (fd < 0)
        return fd;
    p->remote = waiting;
    p->address_length = length;
    struct event *e = peer_say_flow(p, FLOW_ACCEPTS);
    e->addr = waiting;
    e->addr_length = length;
    event_text(e, _("%s takes the connection from %s, which has waited until now"),
               p->name, address_text(&address, &waiting, length));
    buf_free(&address);
    peer_await(p, fd);
    return 0;
}

void door_close(struct door *d)
{
    if (d->fd < 0)
        return;
    drop_fill(d);
    fd_close(&d->fd);
    event_text(timeline_add(d->timeline, EVENT_PEER, d->actor), _("%s closes its port"),
               d->timeline->actor[d->actor]);
}

/* --- TIME_WAIT -------------------------------------------------------------------------------- */

/* Waits for the other end's FIN, which is on its way within this process, and reads it. */
static int read_end(int fd)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    char byte;

    if (poll(&wait, 1, -1) < 0)
        return -errno;
    return read(fd, &byte, 1) == 0 ? 0 : -EPROTO;
}

/*
 * The side that ends first is the one in TIME_WAIT. Each step waits for the segment that it needs:
 * when the second end of file is read, the first side's socket is in TIME_WAIT.
 */
static int end_first(int first, int second)
{
    int error;

    if (shutdown(first, SHUT_WR) != 0)
        return -errno;
    error = read_end(second);
    if (error)
        return error;
    if (shutdown(second, SHUT_WR) != 0)
        return -errno;
    return read_end(first);
}

int peer_make_time_wait(unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int listener = -1, client = -1, served = -1;
    int error;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || client < 0)
        goto failed;
    /* What is in TIME_WAIT inherits the option; without it no bind would succeed beside it. */
    error = set_option(listener, SO_REUSEADDR, 1);
    if (error)
        goto out;
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, 1) != 0 ||
        connect(client, (struct sockaddr *)&address, sizeof address) != 0)
        goto failed;
    served = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (served < 0)
        goto failed;
    error = end_first(served, client);
    goto out;
failed:
    error = -errno;
out:
    fd_close(&served);
    fd_close(&client);
    fd_close(&listener);
    return error;
}
