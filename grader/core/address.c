/**
 * @file address.c
 * Socket addresses as a student writes them. They come out of a stranger's memory: any length, any
 * alignment, any family.
 */
#include "core/timeline.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

static void add_ipv4(struct buf *b, const struct sockaddr_in *in)
{
    char text[INET_ADDRSTRLEN];

    inet_ntop(AF_INET, &in->sin_addr, text, sizeof text);
    buf_printf(b, "%s:%u", text, ntohs(in->sin_port));
}

static void add_ipv6(struct buf *b, const struct sockaddr_in6 *in6)
{
    char text[INET6_ADDRSTRLEN];

    inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof text);
    buf_printf(b, "[%s", text);
    if (in6->sin6_scope_id)
        buf_printf(b, "%%%u", in6->sin6_scope_id);
    buf_printf(b, "]:%u", ntohs(in6->sin6_port));
}

/* unix(7): no path at all, a path that need not end in NUL, or an abstract name behind a NUL. */
static void add_unix(struct buf *b, const struct sockaddr_un *un, size_t length)
{
    size_t size = length - offsetof(struct sockaddr_un, sun_path);

    buf_puts(b, "unix");
    if (size == 0)
        return;
    bool abstract = un->sun_path[0] == '\0';
    buf_puts(b, abstract ? ":@" : ":");
    if (abstract)
        buf_escape(b, un->sun_path + 1, size - 1, size - 1);
    else
        buf_escape(b, un->sun_path, strnlen(un->sun_path, size), size);
}

void buf_add_address(struct buf *b, const struct sockaddr *addr, socklen_t length)
{
    union {
        sa_family_t family;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
        struct sockaddr_un un;
    } a = {0};

    if (!addr || length < sizeof a.family) {
        buf_puts(b, _("no address"));
        return;
    }
    memcpy(&a, addr, length < sizeof a ? length : sizeof a);
    if (a.family == AF_INET && length >= sizeof a.in)
        add_ipv4(b, &a.in);
    else if (a.family == AF_INET6 && length >= offsetof(struct sockaddr_in6, sin6_scope_id))
        add_ipv6(b, &a.in6);
    else if (a.family == AF_UNIX)
        add_unix(b, &a.un, length < sizeof a.un ? length : sizeof a.un);
    else if (a.family == AF_INET || a.family == AF_INET6)
        buf_printf(b, _("family %u, cut to %u bytes"), a.family, (unsigned)length);
    else
        buf_printf(b, _("family %u"), a.family);
}
