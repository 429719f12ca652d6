/**
 * @file network.c
 * Whether the kernel still carries something that could wake a program. One file that knows what
 * TCP sockets look like from outside (sock_diag(7), inet_diag; proc_net_tcp.txt of the kernel).
 *
 * Loopback delivers within the send, so the answer is nearly always no; the exceptions are what
 * makes it worth asking: a SYN that was dropped, a packet left to ksoftirqd on a busy processor, a
 * segment that Nagle or a cork holds back, a window that has just opened.
 *
 * A running retransmission timer is not the answer. A receiver in the middle of a conversation
 * acknowledges up to 40 ms after it has received, a FIN too; all that time the sender's timer runs
 * (tr 01 and tx_queue > 0 in /proc/net/tcp, while the receiver's line shows no timer), and nothing
 * will ever come of it but the acknowledgement. So both ends are looked at: bytes that were sent
 * for the first time against bytes that the other end has received. The kernel tells that in
 * TCP_INFO, which a netlink dump carries for all sockets at once, those of other processes
 * included, without a privilege.
 *
 * Measured on Linux 6.18 with 262,144 buckets in the table of connections, all of which every
 * reader must visit: /proc/net/tcp and tcp6 1.5 ms each, a dump 0.2 ms a family. A room has 4,096 of
 * its own where the kernel lets it (sandbox/furniture.c).
 */
#include "peer/table.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- reading the kernel's table --------------------------------------------------------------- */

struct in6_addr network_as_ipv6(int family, const __be32 *address)
{
    struct in6_addr result = {0};

    if (family == AF_INET6) {
        memcpy(&result, address, sizeof result);
    } else {
        result.s6_addr[10] = result.s6_addr[11] = 0xff;
        memcpy(&result.s6_addr[12], address, 4);
    }
    return result;
}

static void take_counters(struct end *end, const struct rtattr *attribute)
{
    struct tcp_info info = {0};
    size_t size = (size_t)RTA_PAYLOAD(attribute);

    memcpy(&info, RTA_DATA(attribute), size < sizeof info ? size : sizeof info);
    /* The youngest member that is needed: older kernels send less. */
    end->counted = size >= offsetof(struct tcp_info, tcpi_snd_wnd) + sizeof info.tcpi_snd_wnd;
    end->sent = info.tcpi_bytes_sent - info.tcpi_bytes_retrans;
    end->received = info.tcpi_bytes_received;
    end->unsent = info.tcpi_notsent_bytes;
    end->window = info.tcpi_snd_wnd;
}

/* As poll(2) does for POLLOUT, and the kernel before it wakes a writer (sk_stream_is_writeable). */
static void take_memory(struct end *end, const struct rtattr *attribute)
{
    uint32_t memory[SK_MEMINFO_VARS] = {0};
    size_t size = (size_t)RTA_PAYLOAD(attribute);

    memcpy(memory, RTA_DATA(attribute), size < sizeof memory ? size : sizeof memory);
    int64_t queued = memory[SK_MEMINFO_WMEM_QUEUED];
    end->full = memory[SK_MEMINFO_SNDBUF] - queued < queued / 2;
}

static void take_socket(struct table *table, const struct nlmsghdr *message)
{
    const struct inet_diag_msg *m = NLMSG_DATA(message);
    long left = (long)message->nlmsg_len - (long)NLMSG_LENGTH(sizeof *m);

    if (table->count == table->capacity) {
        table->capacity = table->capacity ? table->capacity * 2 : 64;
        table->end = xrealloc(table->end, table->capacity * sizeof *table->end);
    }
    struct end *end = &table->end[table->count++];
    *end = (struct end){
        .local = network_as_ipv6(m->idiag_family, m->id.idiag_src),
        .remote = network_as_ipv6(m->idiag_family, m->id.idiag_dst),
        .local_port = m->id.idiag_sport,
        .remote_port = m->id.idiag_dport,
        .family = m->idiag_family,
        .state = m->idiag_state,
        .timer = m->idiag_timer,
        .inode = m->idiag_inode,
        .receive_queue = m->idiag_rqueue,
        .send_queue = m->idiag_wqueue,
    };
    for (const struct rtattr *a = (const void *)(m + 1); RTA_OK(a, left); a = RTA_NEXT(a, left)) {
        if (a->rta_type == INET_DIAG_INFO)
            take_counters(end, a);
        if (a->rta_type == INET_DIAG_SKMEMINFO)
            take_memory(end, a);
    }
}

/* NLMSG_OK looks at the header only: what is behind it may be cut. */
static bool holds(const struct nlmsghdr *message, size_t size)
{
    return message->nlmsg_len >= NLMSG_LENGTH(size);
}

/* One datagram of a dump. 1 when it was the last, 0 when more follow, or -errno. */
static int take_messages(struct table *table, const void *bytes, ssize_t size)
{
    for (const struct nlmsghdr *m = bytes; NLMSG_OK(m, size); m = NLMSG_NEXT(m, size)) {
        if (m->nlmsg_type == NLMSG_DONE)
            return 1;
        if (m->nlmsg_type == NLMSG_ERROR) {
            const struct nlmsgerr *e = NLMSG_DATA(m);
            if (!holds(m, sizeof *e))
                return -EPROTO;
            return e->error < 0 ? e->error : -EPROTO;
        }
        if (m->nlmsg_type == SOCK_DIAG_BY_FAMILY && holds(m, sizeof(struct inet_diag_msg)))
            take_socket(table, m);
    }
    return 0;
}

static int dump_family(int netlink, struct table *table, uint8_t family, uint32_t states)
{
    struct {
        struct nlmsghdr head;
        struct inet_diag_req_v2 request;
    } ask = {
        .head = {.nlmsg_len = sizeof ask,
                 .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                 .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
        .request = {.sdiag_family = family,
                    .sdiag_protocol = IPPROTO_TCP,
                    .idiag_ext = 1 << (INET_DIAG_INFO - 1) | 1 << (INET_DIAG_SKMEMINFO - 1),
                    .idiag_states = states},
    };
    char answer[32 * 1024] __attribute__((aligned(NLMSG_ALIGNTO)));
    int last = 0;

    if (send(netlink, &ask, sizeof ask, 0) < 0)
        return -errno;
    while (last == 0) {
        /* Not a wait: the kernel answers within the send and the receive before. */
        ssize_t size = recv(netlink, answer, sizeof answer, MSG_DONTWAIT);
        if (size < 0)
            return -errno;
        if (size == 0)
            return -EPROTO; /* nothing would ever end this dump */
        last = take_messages(table, answer, size);
    }
    return last < 0 ? last : 0;
}

int network_read(struct table *table, uint32_t states)
{
    /* A new socket each time: it belongs to the network namespace in which it is made. */
    int netlink = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    int error;

    if (netlink < 0)
        return -errno;
    error = dump_family(netlink, table, AF_INET, states);
    if (!error)
        error = dump_family(netlink, table, AF_INET6, states);
    fd_close(&netlink);
    return error;
}

/* --- judging ---------------------------------------------------------------------------------- */

const struct end *network_find_other(const struct table *table, const struct end *of)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct end *e = &table->end[i];
        if (e->local_port == of->remote_port && e->remote_port == of->local_port &&
            memcmp(&e->local, &of->remote, sizeof e->local) == 0 &&
            memcmp(&e->remote, &of->local, sizeof e->remote) == 0)
            return e;
    }
    return NULL;
}

static bool has_seen_end(const struct end *e)
{
    return e->state == CLOSE_WAIT || e->state == LAST_ACK || e->state == CLOSING;
}

/* Sent and not acknowledged: does the other end have it all? */
static bool awaits_delivery(const struct end *e, const struct end *other)
{
    if (!other || !e->counted || !other->counted)
        return true; /* a reset will come, or nobody can tell */
    /* A full window met by more: sent again and again, dropped each time until the reader reads. */
    if (e->window == 0 && other->receive_queue > 0)
        return false;
    /* The acknowledgement will let more out, or more in: whoever fills the buffer waits for it. */
    if (e->unsent > 0 || e->full)
        return true;
    if (e->state == ESTABLISHED || e->state == CLOSE_WAIT)
        return other->received < e->sent;
    return !has_seen_end(other);
}

/*
 * Unsent with nothing unacknowledged: rest before a window without room, but a held-back (corked)
 * segment, or one that is larger than the window, goes out when the timer ends. A window that
 * its owner has emptied will be found open by the probe.
 */
static bool awaits_probe(const struct end *e, const struct end *other)
{
    if (!other)
        return true;
    return (e->counted && e->window > 0) || other->receive_queue == 0;
}

/* Bound to the address at which the SYN aims, or to a wildcard address. */
static bool takes_address(const struct end *listener, const struct end *syn)
{
    static const struct in6_addr any = IN6ADDR_ANY_INIT;
    struct in6_addr any_ipv4 = network_as_ipv6(AF_INET, &(__be32){0});

    return memcmp(&listener->local, &syn->remote, sizeof any) == 0 ||
           memcmp(&listener->local, &any, sizeof any) == 0 ||
           memcmp(&listener->local, &any_ipv4, sizeof any) == 0;
}

/*
 * A listener whose queue is full drops each SYN, however often it is sent, until somebody accepts:
 * this is rest. With room in the queue the next SYN gets through, a second later or more.
 */
static bool awaits_answer(const struct table *table, const struct end *syn)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct end *e = &table->end[i];
        if (e->state == LISTENING && e->local_port == syn->remote_port && takes_address(e, syn) &&
            e->receive_queue > e->send_queue)
            return false;
    }
    return true;
}

static bool end_in_flight(const struct table *table, const struct end *e)
{
    if (e->state == LISTENING)
        return false;
    if (e->state == SYN_SENT)
        return awaits_answer(table, e);
    if (e->state == SYN_RECEIVED || e->state == NEW_SYN_RECEIVED)
        return true;
    if (e->timer == TIMER_RETRANSMIT)
        return awaits_delivery(e, network_find_other(table, e));
    if (e->timer == TIMER_PROBE)
        return awaits_probe(e, network_find_other(table, e));
    /* Something to send and no timer: the kernel is about to. */
    return e->send_queue > 0;
}

/* --- the processors' backlogs ----------------------------------------------------------------- */

static char *next_line(char *line)
{
    char *end = strchr(line, '\n');

    return end ? end + 1 : line + strlen(line);
}

/* The column of that number, from 0, in hexadecimal; 0 where a kernel has fewer. */
static unsigned long hex_column(char *line, int column)
{
    char *end = strchr(line, '\n');

    for (int i = 0; i < column; i++) {
        line += strspn(line, " ");
        line += strcspn(line, " \n");
    }
    return end && line < end ? strtoul(line, NULL, 16) : 0;
}

/* One line a processor; column 11 is the length of its backlog (Linux 5.10 and later). */
static bool backlog_waits(void)
{
    struct buf text = {.limit = 1 << 20};
    bool waits = false;

    /* Without procfs there is nothing to look at; sockets tell all but the last microseconds. */
    if (file_read("/proc/net/softnet_stat", &text) == 0 && text.length) {
        for (char *line = text.data; *line && !waits; line = next_line(line))
            waits = hex_column(line, 11) > 0;
    }
    buf_free(&text);
    return waits;
}

/* --- the questions ---------------------------------------------------------------------------- */

int network_sockets_in_flight(void)
{
    struct table table = {0};
    int result = network_read(&table, ALL_STATES);

    for (size_t i = 0; i < table.count && result == 0; i++)
        result = end_in_flight(&table, &table.end[i]);
    free(table.end);
    return result;
}

bool network_in_flight(void)
{
    if (backlog_waits())
        return true;
    int flight = network_sockets_in_flight();
    return flight < 0 ? network_in_flight_procfs() : flight > 0;
}

uint64_t network_queued(void)
{
    struct table table = {0};
    uint64_t sum = 0;

    if (network_read(&table, ALL_STATES & ~(1 << LISTENING)) == 0) {
        for (size_t i = 0; i < table.count; i++)
            sum += (uint64_t)table.end[i].receive_queue + table.end[i].send_queue;
    }
    free(table.end);
    return sum;
}

/* "sl local remote st tx:rx tr:when ..."; in the heading both columns are words, and read as 0. */
static bool line_in_flight(char *line)
{
    unsigned long state = hex_column(line, 3), timer = hex_column(line, 5);

    return state == SYN_SENT || state == SYN_RECEIVED || timer == TIMER_RETRANSMIT;
}

static bool file_in_flight(const char *path)
{
    struct buf text = {.limit = 16 << 20};
    bool flight = false;

    if (file_read(path, &text) == 0 && text.length) {
        for (char *line = text.data; *line && !flight; line = next_line(line))
            flight = line_in_flight(line);
    }
    buf_free(&text);
    return flight;
}

bool network_in_flight_procfs(void)
{
    return backlog_waits() || file_in_flight("/proc/net/tcp") || file_in_flight("/proc/net/tcp6");
}
