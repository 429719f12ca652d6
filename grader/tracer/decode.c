/**
 * @file decode.c
 * A call as a student would write it: accept(3, {127.0.0.1:51234}) = 4. One function a shape; a
 * shape's entry half fills the event's fields that a judgement reads.
 */
#include "tracer/internal.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>

enum { SHOWN_BYTES = 32, SHOWN_POLLFDS = 4 };

/** A number with a name. */
struct word {
    long value;
    const char *name;
};

#define WORD(x) {x, #x}

static const struct word domain[] = {WORD(AF_UNIX), WORD(AF_INET), WORD(AF_INET6), WORD(AF_NETLINK), {0, 0}};
static const struct word type[] = {WORD(SOCK_STREAM), WORD(SOCK_DGRAM), WORD(SOCK_RAW),
                                   WORD(SOCK_SEQPACKET), {0, 0}};
static const struct word protocol[] = {WORD(IPPROTO_TCP), WORD(IPPROTO_UDP), {0, 0}};
static const struct word level[] = {WORD(SOL_SOCKET), WORD(IPPROTO_TCP), WORD(IPPROTO_IPV6), {0, 0}};
static const struct word socket_option[] = {
    WORD(SO_REUSEADDR), WORD(SO_REUSEPORT), WORD(SO_ERROR), WORD(SO_TYPE), WORD(SO_DOMAIN),
    WORD(SO_PROTOCOL), WORD(SO_LINGER), WORD(SO_RCVTIMEO), WORD(SO_SNDTIMEO), WORD(SO_RCVBUF),
    WORD(SO_SNDBUF), WORD(SO_KEEPALIVE), WORD(SO_BROADCAST), WORD(SO_ACCEPTCONN), {0, 0}};
static const struct word tcp_option[] = {WORD(TCP_NODELAY), WORD(TCP_CORK), WORD(TCP_QUICKACK), {0, 0}};
static const struct word ipv6_option[] = {WORD(IPV6_V6ONLY), {0, 0}};
static const struct word waiting[] = {WORD(WNOHANG), WORD(WUNTRACED), {0, 0}};
static const struct word how[] = {WORD(SHUT_RD), WORD(SHUT_WR), WORD(SHUT_RDWR), {0, 0}};

static void add_word(struct buf *b, const struct word *words, long value)
{
    for (; words->name; words++) {
        if (words->value != value)
            continue;
        buf_puts(b, words->name);
        return;
    }
    buf_printf(b, "%ld", value);
}

/* --- entry: fields for judgements --------------------------------------------------------------- */

static void read_address(struct event *e, const struct task *task, uint64_t at, uint64_t length)
{
    if (length > sizeof(e->addr))
        length = sizeof(e->addr);
    memset(&e->addr, 0, sizeof(e->addr));
    e->addr_length = (socklen_t)memory_read(task->tid, (uintptr_t)at, &e->addr, (size_t)length);
}

/** The first bytes of what is written or was read; @p total how many there are. */
static void read_data(struct event *e, const struct task *task, uint64_t at, uint64_t total)
{
    unsigned char bytes[TIMELINE_DATA_MAX];
    size_t most = total < sizeof(bytes) ? (size_t)total : sizeof(bytes);
    event_data(e, bytes, memory_read(task->tid, (uintptr_t)at, bytes, most), (size_t)total);
}

/** The same through a vector: its first entries, as far as bytes are kept. */
static void read_vector(struct event *e, const struct task *task, uint64_t at, uint64_t count,
                        uint64_t total)
{
    unsigned char bytes[TIMELINE_DATA_MAX];
    size_t have = 0;
    uint64_t sum = 0;
    for (uint64_t i = 0; i < count && i < 64; i++) {
        struct iovec io;
        if (memory_read(task->tid, (uintptr_t)(at + i * sizeof(io)), &io, sizeof(io)) != sizeof(io))
            break;
        sum += io.iov_len;
        size_t n = io.iov_len < sizeof(bytes) - have ? io.iov_len : sizeof(bytes) - have;
        have += memory_read(task->tid, (uintptr_t)io.iov_base, bytes + have, n);
    }
    if (total == UINT64_MAX)
        total = sum;
    event_data(e, bytes, have < total ? have : (size_t)total, (size_t)total);
}

static void read_message(struct event *e, const struct task *task, uint64_t at, uint64_t total)
{
    struct msghdr message;
    if (memory_read(task->tid, (uintptr_t)at, &message, sizeof(message)) != sizeof(message))
        return;
    read_vector(e, task, (uint64_t)(uintptr_t)message.msg_iov, message.msg_iovlen, total);
}

/** A name as far as it can be read, and as an event keeps it. */
static void read_path(struct event *e, const struct task *task, uint64_t address)
{
    char path[TIMELINE_DATA_MAX];
    size_t size = strnlen(path, memory_read(task->tid, (uintptr_t)address, path, sizeof(path)));
    event_data(e, path, size, size);
}

void decode_entry(struct event *e, const struct task *task)
{
    const uint64_t *a = task->argument;
    switch (task->call->shape) {
    case SHAPE_ADDRESS_IN:
        read_address(e, task, a[1], a[2]);
        break;
    case SHAPE_LISTEN:
    case SHAPE_SHUTDOWN:
        e->value = (int)a[1];
        break;
    case SHAPE_PATH:
        read_path(e, task, a[0]);
        break;
    case SHAPE_OPTION:
        if (task->call->effect == EFFECT_OPTION) {
            int value = 0;
            if (memory_read(task->tid, (uintptr_t)a[3], &value, sizeof(value)) == sizeof(value))
                e->value = value;
        }
        break;
    case SHAPE_BUFFER:
        if (task->call->group & CALL_WRITE)
            read_data(e, task, a[1], a[2]);
        break;
    case SHAPE_SENDTO:
        if (!(task->call->group & CALL_WRITE))
            break;
        read_data(e, task, a[1], a[2]);
        if (a[4])
            read_address(e, task, a[4], a[5]);
        break;
    case SHAPE_VECTOR:
        if (task->call->group & CALL_WRITE)
            read_vector(e, task, a[1], a[2], UINT64_MAX);
        break;
    case SHAPE_MESSAGE:
        if (task->call->group & CALL_WRITE)
            read_message(e, task, a[1], UINT64_MAX);
        break;
    case SHAPE_SLEEP:
        e->value = sleep_length(task);
        break;
    case SHAPE_POLL:
    case SHAPE_SELECT:
    case SHAPE_EPOLL:
        e->value = sleep_length(task);
        break;
    default:
        break;
    }
}

/* --- exit: the text --------------------------------------------------------------------------------- */

static void add_socket(struct buf *b, const struct task *task)
{
    const uint64_t *a = task->argument;
    add_word(b, domain, (int)a[0]);
    buf_puts(b, ", ");
    add_word(b, type, (int)a[1] & 0xf);
    if (a[1] & SOCK_NONBLOCK)
        buf_puts(b, "|SOCK_NONBLOCK");
    if (a[1] & SOCK_CLOEXEC)
        buf_puts(b, "|SOCK_CLOEXEC");
    buf_puts(b, ", ");
    add_word(b, protocol, (int)a[2]);
}

/** The values of some options have names. */
static void add_value(struct buf *b, int at, int name, int value)
{
    static const struct word plain[] = {{0, 0}};
    bool socket = at == SOL_SOCKET;
    add_word(b, socket && name == SO_DOMAIN ? domain : socket && name == SO_TYPE ? type
                : socket && name == SO_PROTOCOL ? protocol : plain, value);
}

static void add_option(struct buf *b, const struct event *e, const struct task *task)
{
    const uint64_t *a = task->argument;
    int at = (int)a[1], name = (int)a[2];
    buf_printf(b, "%d, ", (int)a[0]);
    add_word(b, level, at);
    buf_puts(b, ", ");
    add_word(b, at == SOL_SOCKET ? socket_option : at == IPPROTO_TCP ? tcp_option : ipv6_option, name);
    if (!e->done || e->result != 0)
        return;
    buf_puts(b, ", ");
    add_value(b, at, name, (int)e->value);
}

static void add_pollfds(struct buf *b, const struct task *task)
{
    const uint64_t *a = task->argument;
    struct pollfd fd[SHOWN_POLLFDS];
    size_t n = a[1] < SHOWN_POLLFDS ? (size_t)a[1] : SHOWN_POLLFDS;
    n = memory_read(task->tid, (uintptr_t)a[0], fd, n * sizeof(fd[0])) / sizeof(fd[0]);
    buf_puts(b, "{");
    for (size_t i = 0; i < n; i++)
        buf_printf(b, "%s%d%s%s", i ? ", " : "", fd[i].fd, fd[i].events & POLLIN ? " POLLIN" : "",
                   fd[i].events & POLLOUT ? " POLLOUT" : "");
    buf_printf(b, "%s}, %llu", a[1] > n ? ", ..." : "", (unsigned long long)a[1]);
    if (task->call->timeout == TIMEOUT_MS)
        buf_printf(b, ", %d", (int)a[2]);
}

static void add_bytes(struct buf *b, const struct event *e)
{
    bool unknown = (!e->done || e->result < 0) && (e->group & CALL_READ);
    if (unknown || (e->data_length == 0 && e->data_total > 0)) {
        buf_puts(b, "...");
        return;
    }
    buf_quote(b, e->data, e->data_length, SHOWN_BYTES);
    if (e->data_total > e->data_length && e->data_length <= SHOWN_BYTES)
        buf_puts(b, "...");
}

/** The C library's fork(3) is a clone(2) that shares nothing. */
static bool is_fork(const struct call *call, const uint64_t argument[6])
{
    return call->shape == SHAPE_CLONE && (argument[0] & 0xff) == SIGCHLD &&
           !(argument[0] & (CLONE_VM | CLONE_FILES | CLONE_THREAD));
}

static void add_arguments(struct buf *b, const struct event *e, const struct task *task)
{
    const uint64_t *a = task->argument;
    switch (task->call->shape) {
    case SHAPE_SOCKET:
        add_socket(b, task);
        return;
    case SHAPE_FD:
        buf_printf(b, "%d", (int)a[0]);
        return;
    case SHAPE_ADDRESS_IN:
    case SHAPE_ADDRESS_OUT:
        buf_printf(b, "%d, ", (int)a[0]);
        if (e->addr_length == 0) {
            buf_puts(b, a[1] ? "..." : "NULL");
            return;
        }
        buf_puts(b, "{");
        buf_add_address(b, (const struct sockaddr *)&e->addr, e->addr_length);
        buf_puts(b, "}");
        return;
    case SHAPE_LISTEN:
        buf_printf(b, "%d, %d", (int)a[0], (int)a[1]);
        return;
    case SHAPE_SHUTDOWN:
        buf_printf(b, "%d, ", (int)a[0]);
        add_word(b, how, (int)a[1]);
        return;
    case SHAPE_PATH:
        add_bytes(b, e);
        return;
    case SHAPE_MODE:
        buf_printf(b, "%04o", (unsigned)a[0] & 07777);
        return;
    case SHAPE_BUFFER:
    case SHAPE_SENDTO:
        buf_printf(b, "%d, ", (int)a[0]);
        add_bytes(b, e);
        buf_printf(b, ", %llu", (unsigned long long)a[2]);
        return;
    case SHAPE_VECTOR:
    case SHAPE_MESSAGE:
        buf_printf(b, "%d, [", (int)a[0]);
        add_bytes(b, e);
        buf_puts(b, "]");
        return;
    case SHAPE_MESSAGES:
        buf_printf(b, "%d, ..., %u", (int)a[0], (unsigned)a[2]);
        return;
    case SHAPE_COPY:
        buf_printf(b, "%d, %d, ..., %llu", (int)a[0], (int)a[1], (unsigned long long)a[3]);
        return;
    case SHAPE_SPLICE:
        buf_printf(b, "%d, %d, %llu", (int)a[0], (int)a[2], (unsigned long long)a[4]);
        return;
    case SHAPE_OPTION:
        add_option(b, e, task);
        return;
    case SHAPE_SLEEP:
        if (e->value < 0)
            buf_puts(b, "...");
        else
            buf_printf(b, "%.3f s", (double)e->value / 1e9);
        return;
    case SHAPE_POLL:
        add_pollfds(b, task);
        return;
    case SHAPE_SELECT:
    case SHAPE_EPOLL:
        buf_printf(b, "%d, ...", (int)a[0]);
        return;
    case SHAPE_CLONE:
        if (!is_fork(task->call, a))
            buf_puts(b, (a[0] & CLONE_THREAD) ? "CLONE_THREAD..." : "...");
        return;
    case SHAPE_WAIT4:
        buf_printf(b, "%d, %s, ", (int)a[0], a[1] ? "..." : "NULL");
        add_word(b, waiting, (int)a[2]);
        return;
    case SHAPE_PLAIN:
        for (int i = 0; i < task->call->arguments; i++)
            buf_printf(b, "%s%ld", i ? ", " : "", (long)a[i]);
        return;
    }
}

/** What only the exit tells: an address that came back, bytes that were read. */
static void read_results(struct event *e, const struct task *task)
{
    const uint64_t *a = task->argument;
    if (e->result < 0 || (e->injected && e->result <= 0))
        return;
    uint64_t count = (uint64_t)e->result;
    switch (task->call->shape) {
    case SHAPE_ADDRESS_OUT: {
        socklen_t length = 0;
        if (a[2] && memory_read(task->tid, (uintptr_t)a[2], &length, sizeof(length)) == sizeof(length))
            read_address(e, task, a[1], length);
        break;
    }
    case SHAPE_OPTION:
        if (task->call->effect != EFFECT_OPTION) {
            int value = 0;
            if (memory_read(task->tid, (uintptr_t)a[3], &value, sizeof(value)) == sizeof(value))
                e->value = value;
        }
        break;
    case SHAPE_BUFFER:
    case SHAPE_SENDTO:
        if (task->call->group & CALL_READ)
            read_data(e, task, a[1], count);
        break;
    case SHAPE_VECTOR:
        if (task->call->group & CALL_READ)
            read_vector(e, task, a[1], a[2], count);
        break;
    case SHAPE_MESSAGE:
        if (task->call->group & CALL_READ)
            read_message(e, task, a[1], count);
        break;
    default:
        break;
    }
}

const char *decode_name(const struct call *call, const uint64_t argument[6])
{
    if (is_fork(call, argument))
        return "fork";
    if (call->shape == SHAPE_WAIT4 && argument[3] == 0)
        return "waitpid";
    if (call->shape == SHAPE_SENDTO && argument[4] == 0)
        return call->group & CALL_READ ? "recv" : "send";
    if (call->shape == SHAPE_SPLICE)
        return "splice";
    return strcmp(call->name, "pselect6") == 0 ? "pselect" : call->name;
}

void decode_exit(struct event *e, const struct task *task)
{
    if (e->done)
        read_results(e, task);
    struct buf b = {0};
    buf_printf(&b, "%s(", decode_name(task->call, task->argument));
    add_arguments(&b, e, task);
    buf_puts(&b, ")");
    if (e->done && e->result < 0)
        buf_printf(&b, " = -1 %s (%s)", errno_name((int)-e->result), strerror((int)-e->result));
    else if (e->done)
        buf_printf(&b, " = %lld", (long long)e->result);
    event_text(e, "%s", buf_text(&b));
    buf_free(&b);
}
