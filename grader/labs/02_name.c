/**
 * @file 02_name.c
 * Lab 02: the name that was asked for, the one that the kernel was given, and the one that was printed. Two
 * mistakes can cancel out in what is printed, so the bind call is looked at first.
 */
#include "labs/02_bind.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* An address of this machine (127.0.0.0/8 is) that is another one when its bytes are turned round. */
#define LOCAL "127.1.2.3"

enum { PORT_LAST = 65535 };

/* --- the program and what it did ---------------------------------------------------------------------- */

struct program *name_start(struct check *c, const char *address, const char *port)
{
    struct program *p =
        program_start(c, &(struct start){.name = "bindname", .argument = {address, port}});
    p->awaited = true;
    return p;
}

char *name_port_text(struct check *c, unsigned port)
{
    return check_text(c, "%u", port);
}

/** The call is about a TCP socket: getaddrinfo(3) has sockets of its own. */
static bool is_tcp(const struct event *e)
{
    return TCP_FD >> e->fd_kind & 1;
}

const struct event *name_last_bind(const struct program *p, bool ok)
{
    const struct event *last = NULL;
    for (const struct event *e = NULL;
         (e = judge_call(p->check->timeline, e, p->actor, CALL_BIND));)
        if (is_tcp(e) && e->done && (e->result == 0) == ok)
            last = e;
    return last;
}

const struct event *name_last_asked(const struct program *p, const struct event *bind)
{
    const struct event *last = NULL;
    for (const struct event *e = bind;
         (e = timeline_find(p->check->timeline, e, EVENT_CALL, p->actor, "getsockname"));)
        if (e->sock == bind->sock && e->done && e->result == 0)
            last = e;
    return last;
}

const struct event *name_last_print(const struct program *p)
{
    const struct event *last = NULL;
    for (const struct event *e = NULL;
         (e = judge_call(p->check->timeline, e, p->actor, CALL_WRITE));)
        last = e->fd_kind == FD_STDOUT ? e : last;
    return last;
}

/** The port stands at the same place in the names of both families (ip(7), ipv6(7)). */
unsigned name_port_of(const struct event *e)
{
    return ntohs(((const struct sockaddr_in *)&e->addr)->sin_port);
}

/**
 * Whether @p text is what the socket was bound to. An IPv4 address may be bound through an IPv6 socket, as a
 * mapped address (RFC 4291, section 2.5.5.2), and the wildcard as that of a dual-stack socket (ipv6(7)).
 */
static bool is_bound_to(const struct event *bind, const char *text)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)&bind->addr;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&bind->addr;
    struct in_addr four;
    struct in6_addr six;
    if (inet_pton(AF_INET6, text, &six) == 1)
        return v6->sin6_family == AF_INET6 && memcmp(&six, &v6->sin6_addr, sizeof(six)) == 0;
    if (inet_pton(AF_INET, text, &four) != 1)
        BUG("%s is no address", text);
    if (v4->sin_family == AF_INET)
        return four.s_addr == v4->sin_addr.s_addr;
    if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
        return memcmp(&four, v6->sin6_addr.s6_addr + 12, sizeof(four)) == 0;
    return four.s_addr == htonl(INADDR_ANY) && IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr);
}

/** What the bind call or a name says, for people. */
static char *address_text(struct check *c, const struct event *e)
{
    struct buf b = {0};
    buf_add_address(&b, (const struct sockaddr *)&e->addr, e->addr_length);
    char *text = check_text(c, "%s", buf_text(&b));
    buf_free(&b);
    return text;
}

bool name_has_ipv6(void)
{
    struct sockaddr_in6 loopback = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool has = fd >= 0 && bind(fd, (struct sockaddr *)&loopback, sizeof(loopback)) == 0;
    fd_close(&fd);
    return has;
}

/* --- what it printed ------------------------------------------------------------------------------------- */

/** A name is what follows the last blank: an address, a colon, digits. */
static bool parse_name(struct check *c, const char *text, size_t length, struct printed *out)
{
    char *name = check_text(c, "%.*s", (int)length, text);
    name[strcspn(name, "\n")] = '\0';
    char *blank = strrchr(name, ' ');
    name = blank ? blank + 1 : name;
    char *colon = strrchr(name, ':');
    if (!colon || colon[1] == '\0' || colon[1 + strspn(colon + 1, "0123456789")] != '\0')
        return false;
    *colon = '\0';
    out->port = strtoul(colon + 1, NULL, 10);
    out->brackets = name[0] == '[' && colon > name + 1 && colon[-1] == ']';
    if (out->brackets) {
        colon[-1] = '\0';
        name++;
    }
    out->address = name;
    return true;
}

struct printed name_expect_printed(struct program *p, const char *asked)
{
    struct check *c = p->check;
    int status = program_await_end(p);
    struct failure failure = {.verdict = VERDICT_EXITED, .event = {name_last_bind(p, false)}};
    size_t length;
    const char *text = program_rest(p, &length);
    struct buf shown = {0};
    if (status != 0) {
        buf_quote(&shown, buf_text(&p->errors), p->errors.length, 160);
        failure.expected = check_text(c, _("status 0 and a line with %s"), asked);
        failure.actual = p->errors.length ? check_text(c, _("status %d, and on standard error %s"),
                                                       status, buf_text(&shown))
                                          : check_text(c, _("status %d"), status);
        check_fail(c, &failure, _("%s should have bound %s, but ended with status %d."), p->name,
                   asked, status);
    }
    struct printed printed = {0};
    buf_quote(&shown, text, length, 100);
    printed.line = length ? buf_take(&shown) : check_text(c, _("nothing"));
    if (!parse_name(c, text, length, &printed)) {
        failure = (struct failure){.verdict = VERDICT_MISMATCH, .event = {name_last_print(p)}};
        failure.expected = check_text(c, _("a line that ends with %s"), asked);
        failure.actual = printed.line;
        check_fail(c, &failure,
                   _("%s ended with status 0, but there is no address and port in what it "
                     "printed."),
                   p->name);
    }
    return printed;
}

const struct event *name_expect_bind(struct program *p)
{
    const struct event *bind = name_last_bind(p, true);
    if (!bind)
        check_fail(
            p->check,
            &(struct failure){.verdict = VERDICT_MISMATCH, .event = {name_last_bind(p, false)}},
            _("%s ended with status 0, but bind has not succeeded on a TCP socket."), p->name);
    return bind;
}

/** " That is 8721 with its two bytes the other way round.", or nothing. */
static const char *turned_round(struct check *c, unsigned long got, unsigned port)
{
    if (got != ((port & 0xff) << 8 | port >> 8))
        return "";
    return check_text(c, _(" %lu is %u with its two bytes the other way round."), got, port);
}

/* --- the name that was asked for ---------------------------------------------------------------------------- */

static void judge_port(struct program *p, const struct printed *printed, unsigned port)
{
    struct check *c = p->check;
    const struct event *bind = name_expect_bind(p);
    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {bind}};
    failure.expected = check_text(c, _("port %u"), port);
    if (name_port_of(bind) != port) {
        failure.actual = check_text(c, _("port %u"), name_port_of(bind));
        check_fail(c, &failure, _("The port asked for was %u, and the kernel was given %u.%s"),
                   port, name_port_of(bind), turned_round(c, name_port_of(bind), port));
    }
    if (printed->port == port)
        return;
    failure.event[0] = name_last_print(p);
    failure.actual = printed->line;
    check_fail(c, &failure, _("Port %u was bound, and %lu was printed.%s"), port, printed->port,
               turned_round(c, printed->port, port));
}

static void judge_address(struct program *p, const struct printed *printed, const char *address)
{
    struct check *c = p->check;
    const struct event *bind = name_expect_bind(p);
    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {bind}};
    failure.expected = check_text(c, _("address %s"), address);
    if (!is_bound_to(bind, address)) {
        failure.actual = address_text(c, bind);
        check_fail(c, &failure, _("The address asked for was %s, and the kernel was given %s."),
                   address, failure.actual);
    }
    if (strcmp(printed->address, address) == 0)
        return;
    failure.event[0] = name_last_print(p);
    failure.actual = printed->line;
    check_fail(c, &failure, _("The address asked for was %s, and %s was printed."), address,
               printed->address);
}

static void try_port(struct check *c, const char *text, unsigned port)
{
    check_scene(c);
    struct program *p = name_start(c, "127.0.0.1", text);
    struct printed printed = name_expect_printed(p, check_text(c, "127.0.0.1:%u", port));
    judge_port(p, &printed, port);
}

/** An IPv6 name has a port field of its own. Whether it can be bound at all is what `ipv6` is about. */
static void try_port_ipv6(struct check *c, unsigned port)
{
    check_scene(c);
    struct program *p = name_start(c, "::1", name_port_text(c, port));
    check_settle(c);
    if (!p->ended || p->status != 0 || !name_last_bind(p, true))
        return;
    struct printed printed = name_expect_printed(p, check_text(c, "[::1]:%u", port));
    judge_port(p, &printed, port);
}

void name_run_exact_port(struct check *c)
{
    unsigned port = check_port(c);
    try_port(c, name_port_text(c, port), port);
    if (name_has_ipv6())
        try_port_ipv6(c, check_port(c));
    /* In C a number that begins with 0 is octal; a port is decimal all the same. */
    port = check_port(c);
    try_port(c, check_text(c, "00%u", port), port);
    /* Outside a room it may be somebody's. */
    if (c->sandbox->level == SANDBOX_LEVEL_FULL)
        try_port(c, name_port_text(c, PORT_LAST), PORT_LAST);
}

void name_run_exact_address(struct check *c)
{
    static const char *const addresses[] = {"127.0.0.1", LOCAL, "0.0.0.0"};
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        check_scene(c);
        unsigned port = check_port(c);
        struct program *p = name_start(c, addresses[i], name_port_text(c, port));
        struct printed printed = name_expect_printed(p, check_text(c, "%s:%u", addresses[i], port));
        judge_address(p, &printed, addresses[i]);
    }
}

/** What it printed, when the kernel was to choose. False if that port is the same in either byte order and proves little. */
static bool try_ephemeral(struct check *c)
{
    check_scene(c);
    struct program *p = name_start(c, "127.0.0.1", "0");
    struct printed printed =
        name_expect_printed(p, _("127.0.0.1 and the port that the kernel chose"));
    const struct event *bind = name_expect_bind(p);
    const struct event *name = name_last_asked(p, bind);
    struct failure failure = {.verdict = VERDICT_MISMATCH, .event = {bind}};
    if (name_port_of(bind) != 0)
        check_fail(c, &failure, _("With port 0 the kernel chooses; %s has chosen port %u itself."),
                   p->name, name_port_of(bind));
    failure.event[0] = name_last_print(p);
    failure.actual = printed.line;
    failure.expected = _("the port that the kernel chose");
    if (!name)
        check_fail(
            c, &failure,
            _("%s prints port %lu. Only the kernel knows which port it chose, and after bind "
              "nobody asked it."),
            p->name, printed.port);
    unsigned port = name_port_of(name);
    failure.expected = check_text(c, _("port %u"), port);
    if (printed.port == 0)
        check_fail(c, &failure,
                   _("The kernel chose port %u, and 0 was printed: that only asks it to choose, no "
                     "socket has it."),
                   port);
    if (printed.port != port)
        check_fail(c, &failure, _("The kernel chose port %u, and %lu was printed.%s"), port,
                   printed.port, turned_round(c, printed.port, port));
    return (port & 0xff) != port >> 8;
}

void name_run_ephemeral(struct check *c)
{
    /* One port in 256 has two equal bytes; four in a row have not. */
    enum { TURNS = 4 };
    for (int turn = 0; turn < TURNS && !try_ephemeral(c); turn++)
        ;
}

void name_run_ipv6(struct check *c)
{
    if (!name_has_ipv6())
        check_skip(c, _("this machine does not have the address %s"), "::1");
    static const char *const addresses[] = {"::1", "::"};
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        check_scene(c);
        unsigned port = check_port(c);
        const char *asked = check_text(c, "[%s]:%u", addresses[i], port);
        struct program *p = name_start(c, addresses[i], name_port_text(c, port));
        struct printed printed = name_expect_printed(p, asked);
        judge_address(p, &printed, addresses[i]);
        if (printed.brackets)
            continue;
        struct failure failure = {.verdict = VERDICT_MISMATCH,
                                  .event = {name_last_print(p)},
                                  .expected = asked,
                                  .actual = printed.line};
        check_fail(
            c, &failure,
            _("An IPv6 address has colons of its own: without brackets nobody can tell where it "
              "ends and the port begins."));
    }
}
