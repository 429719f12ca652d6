/**
 * @file peer.c
 * One connection of the grader: how it begins and the ways in which it ends.
 *
 * The ways differ in what the other side's next call meets: close(2) or a half-close is an end of
 * file, a reset is ECONNRESET, a vanished client is EPIPE with SIGPIPE at the very first write.
 */
#include "peer/internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

void peer_init(struct peer *p, struct timeline *timeline, const char *name)
{
    *p = (struct peer){
        .timeline = timeline,
        .fd = -1,
        .pattern_wrong = -1,
        .in.limit = PEER_IN_LIMIT,
    };
    p->actor = timeline_actor(timeline, name);
    p->name = timeline->actor[p->actor];
}

void peer_close(struct peer *p)
{
    if (p->fd >= 0 && p->state == PEER_OPEN)
        event_text(peer_say_flow(p, FLOW_ENDS), _("%s closes the connection"), p->name);
    else if (p->fd >= 0)
        event_text(peer_say(p), _("%s gives up connecting"), p->name);
    fd_close(&p->fd);
    p->state = PEER_CLOSED;
    buf_free(&p->out);
    buf_free(&p->in);
    p->out_at = 0;
    p->pattern_left = 0;
}

int peer_address(const char *text, unsigned port, struct sockaddr_storage *address,
                 socklen_t *length)
{
    struct sockaddr_in *in = (struct sockaddr_in *)address;
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)address;

    if (!text)
        text = "127.0.0.1";
    memset(address, 0, sizeof *address);
    if (port > 65535)
        return -EINVAL;
    if (inet_pton(AF_INET, text, &in->sin_addr) == 1) {
        in->sin_family = AF_INET;
        in->sin_port = htons((uint16_t)port);
        *length = sizeof *in;
        return 0;
    }
    if (inet_pton(AF_INET6, text, &in6->sin6_addr) == 1) {
        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons((uint16_t)port);
        *length = sizeof *in6;
        return 0;
    }
    return -EINVAL;
}

/* --- beginning -------------------------------------------------------------------------------- */

void peer_set_options(int fd)
{
    int one = 1;

    /* Each send is a segment of its own: what Nagle joins is luck. A local pair has none. */
    if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) != 0 && errno != EOPNOTSUPP)
        BUG("TCP_NODELAY: %m");
}

void peer_acknowledge(const struct peer *p)
{
    int one = 1;

    /* Of no consequence where it fails: an acknowledgement then comes 40 ms later. */
    if (p->fd >= 0)
        (void)setsockopt(p->fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof one);
}

static int set_buffers(int fd, int receive_buffer, int send_buffer)
{
    if (receive_buffer &&
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer) != 0)
        return -errno;
    if (send_buffer && setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer) != 0)
        return -errno;
    return 0;
}

static int bind_source(int fd, const struct peer_dial *how, sa_family_t family)
{
    struct sockaddr_storage source;
    socklen_t length;
    int one = 1;
    const char *from = how->from ? how->from : family == AF_INET6 ? "::" : "0.0.0.0";
    int error = peer_address(from, how->from_port, &source, &length);

    if (error)
        return error;
    /* A port that an earlier check's client left in TIME_WAIT can be had again. */
    if (how->from_port && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0)
        return -errno;
    return bind(fd, (struct sockaddr *)&source, length) == 0 ? 0 : -errno;
}

/* The socket that a dial connects, with everything that must be set before; or -errno. */
static int make_socket(const struct peer_dial *how, sa_family_t family)
{
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int error;

    if (fd < 0)
        return -errno;
    peer_set_options(fd);
    error = set_buffers(fd, how->receive_buffer, how->send_buffer);
    if (!error && how->segment && setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &how->segment, sizeof how->segment) != 0)
        error = -errno;
    if (!error && (how->from || how->from_port))
        error = bind_source(fd, how, family);
    if (error) {
        fd_close(&fd);
        return error;
    }
    return fd;
}

static void learn_addresses(struct peer *p)
{
    socklen_t length = sizeof p->local;

    if (getsockname(p->fd, (struct sockaddr *)&p->local, &length) == 0)
        p->address_length = length;
    length = sizeof p->remote;
    /* ENOTCONN before the handshake is over, and after a reset: what was known stays. */
    struct sockaddr_storage remote;
    if (getpeername(p->fd, (struct sockaddr *)&remote, &length) == 0)
        p->remote = remote;
}

int peer_dial(struct peer *p, const struct peer_dial *how)
{
    struct buf to = {0}, from = {0};
    int error;

    if (p->state != PEER_NEW)
        BUG("%s dials twice", p->name);
    error = peer_address(how->address, how->port, &p->remote, &p->address_length);
    if (error)
        return error;
    int fd = make_socket(how, p->remote.ss_family);
    if (fd < 0)
        return fd;

    struct event *e = peer_say_flow(p, FLOW_DIALS);
    address_text(&to, &p->remote, p->address_length);
    event_text(e, _("%s connects to %s"), p->name, buf_text(&to));
    p->fd = fd;
    p->state = PEER_CONNECTING;
    if (connect(fd, (struct sockaddr *)&p->remote, p->address_length) != 0 &&
        errno != EINPROGRESS) {
        error = errno;
        peer_lose(p, error);
        /* The other side's refusal is part of the story, a dial that cannot be made is not. */
        buf_free(&to);
        return error == ECONNREFUSED ? 0 : -error;
    }
    learn_addresses(p);
    e->addr = p->local;
    e->addr_length = p->address_length;
    event_text(e, _("%s connects to %s (from %s)"), p->name, buf_text(&to),
               address_text(&from, &p->local, p->address_length));
    buf_free(&to);
    buf_free(&from);
    peer_await(p, fd);
    return 0;
}

void peer_await(struct peer *p, int fd)
{
    p->fd = fd;
    p->state = PEER_CONNECTING;
    learn_addresses(p);
    /* On loopback the handshake is mostly over by now, and one event has said it all. */
    peer_take_connect(p, false);
}

void peer_adopt(struct peer *p, int fd)
{
    if (p->state != PEER_NEW)
        BUG("%s adopts a second connection", p->name);
    p->fd = fd;
    p->state = PEER_OPEN;
    peer_set_options(fd);
    learn_addresses(p);
    peer_acknowledge(p);
}

static bool connect_is_over(const struct peer *p)
{
    struct pollfd wait = {.fd = p->fd, .events = POLLOUT};

    return poll(&wait, 1, 0) == 1;
}

bool peer_take_connect(struct peer *p, bool late)
{
    socklen_t length = sizeof(int);
    int error = 0;

    if (!connect_is_over(p))
        return false;
    if (getsockopt(p->fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0)
        error = errno;
    /* A refusal in the handshake is always ECONNREFUSED: this one was connected, served perhaps, and reset. */
    bool reset = error == ECONNRESET || error == EPIPE;
    if (error && !reset) {
        peer_lose(p, error);
        return true;
    }
    p->state = PEER_OPEN;
    learn_addresses(p);
    if (reset) {
        peer_lose_after_reading(p, error);
        return true;
    }
    if (late)
        event_text(peer_say(p), _("%s is connected"), p->name);
    peer_acknowledge(p);
    peer_flush(p);
    peer_go_leaving(p);
    return true;
}

/* --- ending ----------------------------------------------------------------------------------- */

void peer_lose(struct peer *p, int error)
{
    const char *format = _("%s loses the connection (%s)");
    bool reset = p->state != PEER_CONNECTING && (error == ECONNRESET || error == EPIPE);

    if (p->state == PEER_CONNECTING)
        format = error == ECONNREFUSED ? _("%s is refused (%s)") : _("%s cannot connect (%s)");
    else if (reset)
        format = _("%s is reset by the other side (%s)");
    event_text(peer_say_flow(p, reset ? FLOW_IS_RESET : FLOW_NONE), format, p->name, errno_name(error));
    fd_close(&p->fd);
    p->state = PEER_CLOSED;
    p->error = error;
    p->end_time = clock_now();
}

void peer_half_close(struct peer *p)
{
    if (p->state == PEER_CLOSED)
        return;
    p->shut_after = true;
    peer_flush(p);
}

/* close(2) with SO_LINGER on and no time to linger: RST instead of FIN (socket(7)). */
static void close_with_reset(struct peer *p)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};

    if (setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now) != 0)
        BUG("SO_LINGER: %m");
    fd_close(&p->fd);
    p->state = PEER_CLOSED;
    p->leaving = PEER_STAYS;
}

/*
 * Whether the FIN is sent and has not arrived. A busy receiver acknowledges it up to 40 ms late, so
 * FIN_WAIT_1 alone does not tell. One that cannot be sent before a full window is not waited for.
 */
static bool fin_in_flight(const struct peer *p)
{
    struct tcp_info info = {0};
    socklen_t length = sizeof info;
    int unsent = 0;

    if (getsockopt(p->fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0)
        return false;
    if (ioctl(p->fd, SIOCOUTQNSD, &unsent) != 0)
        return false;
    if (info.tcpi_state != TCP_FIN_WAIT1 || unsent > 0)
        return false;
    return !network_end_arrived(&p->local, &p->remote);
}

bool peer_go_leaving(struct peer *p)
{
    if (p->leaving == PEER_STAYS || p->state != PEER_OPEN)
        return false;
    if (p->leaving == PEER_RESETS) {
        close_with_reset(p);
        event_text(peer_say_flow(p, FLOW_RESETS), _("%s resets the connection (RST)"), p->name);
        return true;
    }
    if (!p->shut) {
        /* ENOTCONN: the other side was quicker; there is nobody to vanish from. */
        (void)shutdown(p->fd, SHUT_WR);
        p->shut = p->shut_after = true;
    }
    if (fin_in_flight(p))
        return false;
    close_with_reset(p);
    event_text(peer_say_flow(p, FLOW_RESETS), _("%s vanishes (FIN, then RST)"), p->name);
    return true;
}

static void leave(struct peer *p, enum peer_leave how)
{
    if (p->state == PEER_CLOSED)
        return;
    if (p->state == PEER_NEW)
        BUG("%s leaves before it came", p->name);
    p->leaving = how;
    peer_go_leaving(p);
}

void peer_reset(struct peer *p)
{
    leave(p, PEER_RESETS);
}

void peer_vanish(struct peer *p)
{
    leave(p, PEER_VANISHES);
}
